//! What a plan puts into the maps of each cluster.
//!
//! This is computed from the plan alone, never from manifests, so that the manifests' own meaning can be compared with it.

mod build;
mod engine;
mod entries;
mod inhabitants;
mod placeholder;
mod policy_map;
mod population;
mod requests;
mod select;
mod universe;
mod unnamed;

pub use build::{ClusterImage, images};
pub use engine::{Engine, engine, is_cilium, with_known_engine};
pub use entries::{MapEntry, entries, first_like, rules_behind};
pub use placeholder::{Placeholder, PlaceholderKind, placeholders};
pub use policy_map::{Certainty, PolicyMap};
pub use population::Population;
pub use universe::{IdentityRows, Universe, Unnumbered, prefixes, wanted};
pub use unnamed::Unnamed;

use crate::model::{ClusterSet, PodSet, Verb};
use crate::plan::{Plan, Rule};

/// The clusters into whose maps a rule puts anything: an allow does nothing where the default allows.
fn emitted_in(plan: &Plan, rule: &Rule) -> ClusterSet {
    let closed = |set: &PodSet| {
        let defaults = plan.defaults[set.identity].iter();
        let closed = defaults.filter(|default| default.direction == rule.direction && default.verb.value == Verb::Deny);
        closed.fold(ClusterSet::EMPTY, |all, default| all | default.clusters) & set.clusters
    };
    let of = |set: &PodSet| match rule.verb {
        Verb::Deny => set.clusters,
        Verb::Allow => closed(set),
    };
    rule.subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | of(set))
}
