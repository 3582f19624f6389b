//! What today's tools accept and what then fails silently, or late, on live clusters. One file or folder a family.

mod capacity;
mod clusters;
pub(crate) mod fixes;
mod meshes;
mod namespaces;
mod ownership;
mod policy;
mod promises;
mod services;
mod weights;

use std::collections::BTreeSet;
use std::fmt::Display;

use fleetnet_lang::{Diagnostic, Sources, Span};

use crate::codes;
use crate::inventory::Inventory;
use crate::model::{ClusterSet, Model};
use crate::plan::Plan;
use crate::workers::{self, Workers};

/// Every finding about a plan, whose clusters may be listed. The sources tell in which file a declaration stands.
#[must_use]
pub fn check(plan: &Plan, inventory: &Inventory, sources: &Sources, workers: &dyn Workers) -> Vec<Diagnostic> {
    let model = &plan.model;
    let found: [&Finder<'_>; 9] = [
        &|| policy::check(plan, sources, workers),
        &|| capacity::check(plan, inventory),
        &|| clusters::check(model),
        &|| meshes::check(model, sources),
        &|| namespaces::check(plan, sources),
        &|| ownership::check(model, sources),
        &|| services::check(plan),
        &|| promises::check(model),
        &|| weights::check(plan),
    ];
    without_repetition(side_by_side(workers, &found))
}

/// Finds what is wrong in one way.
type Finder<'a> = dyn Fn() -> Vec<Diagnostic> + Sync + 'a;

fn side_by_side(workers: &dyn Workers, finders: &[&Finder<'_>]) -> Vec<Diagnostic> {
    workers::map(workers, finders, |find| find()).into_iter().flatten().collect()
}

/// What follows from another finding about the same rule: an end that isn't known there says more than what the rest of the rule comes to, and a
/// rule that does nothing needs no other half and trusts nobody.
///
/// While a cluster is in two meshes, who is known to whom is unknown.
fn without_repetition(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    use codes::clusters::{LONE_MEMBER, TWO_MESHES};
    use codes::namespaces::SUBJECT_NOT_GLOBAL;
    use codes::policy::{BEATEN_ALLOW, COARSE_TRUST, HALF_OPEN, IDLE_ALLOW, REPEATED_RULE, UNKNOWN_PEER};
    if found.iter().any(|found| found.code == TWO_MESHES) {
        found.retain(|found| ![LONE_MEMBER, UNKNOWN_PEER, SUBJECT_NOT_GLOBAL].contains(&found.code));
    }
    let pointless = [BEATEN_ALLOW, IDLE_ALLOW, REPEATED_RULE];
    let in_vain = found.iter().filter(|found| found.code == UNKNOWN_PEER).map(|found| found.span);
    let in_vain: BTreeSet<Span> = in_vain.collect();
    let idle = found.iter().filter(|found| pointless.contains(&found.code)).map(|found| found.span);
    let idle: BTreeSet<Span> = idle.collect();
    let follows = [SUBJECT_NOT_GLOBAL, HALF_OPEN, BEATEN_ALLOW];
    found.retain(|found| {
        let inside = in_vain.range(Span::new(found.span.file, found.span.start, found.span.start)..);
        let holds = |inner: &Span| inner.file == found.span.file && inner.start < found.span.end;
        let is_in_vain = follows.contains(&found.code) && inside.take(1).any(holds);
        let is_pointless = [HALF_OPEN, COARSE_TRUST].contains(&found.code) && idle.contains(&found.span);
        !is_in_vain && !is_pointless
    });
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
    enumerated(names.map(|name| format!("`{name}`")), none)
}

/// Phrases as part of a sentence: all of them, or the first of many.
fn enumerated(phrases: impl ExactSizeIterator<Item = String>, none: &str) -> String {
    let more = phrases.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = phrases.take(LISTED).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => none.to_owned(),
    }
}
