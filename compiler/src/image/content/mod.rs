//! What a plan puts into the maps of each cluster.
//!
//! This is computed from the plan alone, never from manifests, so that the manifests' own meaning can be compared with it.

mod build;
mod entries;
mod placeholder;
mod requests;
mod select;
mod universe;

pub use build::{ClusterImage, images};
pub use entries::{MapEntry, entries};
pub use placeholder::{Placeholder, PlaceholderKind, placeholders};
pub use universe::{Universe, Unnumbered, wanted};

use crate::model::{ClusterId, Verb};
use crate::plan::{Plan, Rule};

/// Whether a rule puts anything into the maps of a cluster: an allow does nothing where the default allows.
fn is_emitted(plan: &Plan, rule: &Rule, cluster: ClusterId) -> bool {
    let mut here = rule.subjects.iter().filter(|set| set.clusters.contains(cluster));
    match rule.verb {
        Verb::Deny => here.next().is_some(),
        Verb::Allow => here.any(|set| plan.default_of(set.identity, cluster, rule.direction).value == Verb::Deny),
    }
}
