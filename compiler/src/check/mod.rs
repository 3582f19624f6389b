//! What today's tools accept and what then fails silently, or late, on live clusters. One file or folder a family.

mod clusters;
mod meshes;
mod namespaces;
mod ownership;
mod policy;
mod weights;

use std::fmt::Display;

use fleetnet_lang::{Diagnostic, Sources, Span};

use crate::codes;
use crate::model::{ClusterSet, Model};
use crate::plan::Plan;

/// Every finding about a plan. The sources tell in which file a declaration stands.
#[must_use]
pub fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = clusters::check(&plan.model);
    found.extend(meshes::check(&plan.model));
    found.extend(namespaces::check(plan));
    found.extend(ownership::check(&plan.model, sources));
    found.extend(policy::check(plan, sources));
    found.extend(weights::check(plan));
    without_repetition(found)
}

/// A peer that is not known where a rule looks for it says more than that one of the ends isn't global, or lacks its half of the flow.
fn without_repetition(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let in_vain = found.iter().filter(|found| found.code == codes::policy::UNKNOWN_PEER).map(|found| found.span);
    let in_vain: Vec<Span> = in_vain.collect();
    let repeats = |found: &Diagnostic| {
        let holds = |inner: &Span| {
            found.span.file == inner.file && found.span.start <= inner.start && inner.end <= found.span.end
        };
        let follows = [codes::namespaces::SUBJECT_NOT_GLOBAL, codes::policy::HALF_OPEN].contains(&found.code);
        follows && in_vain.iter().any(holds)
    };
    found.retain(|found| !repeats(found));
    found
}

/// Most names that a sentence lists.
const LISTED: usize = 5;

/// The clusters as part of a sentence.
fn cluster_names(model: &Model, clusters: ClusterSet) -> String {
    listed(clusters.iter().map(|id| &model.clusters[id].name.value), "no cluster")
}

/// Names as part of a sentence: all of them, or the first of many.
fn listed(names: impl ExactSizeIterator<Item = impl Display>, none: &str) -> String {
    let more = names.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = names.take(LISTED).map(|name| format!("`{name}`")).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => none.to_owned(),
    }
}
