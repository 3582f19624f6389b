//! What today's tools accept and what then fails silently, or late, on live clusters. One file or folder a family.

mod clusters;
mod meshes;
mod namespaces;
mod ownership;
mod policy;
mod weights;

use fleetnet_lang::{Diagnostic, Sources};

use crate::model::{ClusterSet, Model};
use crate::plan::Plan;

/// Every finding about a plan. The sources tell in which file a declaration stands.
#[must_use]
pub fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = clusters::check(&plan.model);
    found.extend(meshes::check(&plan.model));
    found.extend(namespaces::check(plan));
    found.extend(ownership::check(&plan.model, sources));
    found.extend(policy::check(plan));
    found.extend(weights::check(plan));
    found
}

/// Most names that a sentence lists.
const LISTED: usize = 5;

/// The clusters as part of a sentence: their names, or the first of many.
fn cluster_names(model: &Model, clusters: ClusterSet) -> String {
    let mut names: Vec<String> =
        clusters.iter().take(LISTED).map(|id| format!("`{}`", model.clusters[id].name.value)).collect();
    if clusters.len() > LISTED {
        names.push(format!("{} more", clusters.len() - LISTED));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "no cluster".to_owned(),
    }
}
