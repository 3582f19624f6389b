//! What weights become: the numbers to write, and the shares that come of them.
//!
//! Weights are ratios. Those of an entry are one scale over all its backends, those of a route are its own. Each kind of path has its range
//! of numbers; where the ratios don't fit it, the nearest that do are chosen, and the difference can be read off [`Share`].

mod entry;
mod ratio;
mod route;
mod serving;
mod steps;

pub use entry::{BackendWeights, Endpoint, EntryWeights, entry_weights};
pub use ratio::Ratio;
pub use route::{RouteWeights, route_weights};
pub use serving::{export_to, reached_from, runs, serving_entry, serving_path, serving_route};
pub use steps::at_step;

use super::Plan;
use crate::model::{ClusterId, ClusterSet, Model, Weights};

/// A cluster's part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The cluster.
    pub cluster: ClusterId,
    /// What is asked for.
    pub asked: Ratio,
    /// What the written numbers give.
    pub realised: Ratio,
}

impl Plan {
    /// The numbers of an entry, by its place in the model.
    #[must_use]
    pub fn entry_weights(&self, entry: usize) -> Option<EntryWeights> {
        self.model.entries.get(entry).map(|entry| entry_weights(&self.model, entry))
    }

    /// The numbers of a gateway's route in one of the gateway's clusters, both by their place.
    #[must_use]
    pub fn route_weights(&self, gateway: usize, route: usize, cluster: ClusterId) -> Option<RouteWeights> {
        let route = self.model.gateways.get(gateway)?.routes.get(route)?;
        Some(route_weights(&self.model, route, cluster))
    }

    /// The plan as it is while a step of a rollout lasts, see [`at_step`]. Only weights differ: who may talk to whom is the same at every step.
    #[must_use]
    pub fn at_step(&self, rollout: usize, step: usize) -> Self {
        let mut plan = self.clone();
        let Model { policies, rules, .. } = plan.model;
        plan.model = Model { policies, rules, ..at_step(&self.model, rollout, step) };
        plan
    }
}

/// The ratios of clusters on a path: as written, or equal where nothing is. A cluster that isn't listed has none.
#[must_use]
pub fn asked(weights: Option<&Weights>, serving: ClusterSet) -> Vec<(ClusterId, u64)> {
    let weight = |cluster: ClusterId| match weights {
        None => 1,
        Some(weights) => {
            let mut listed = weights.shares.iter().filter(|share| share.cluster.value == cluster);
            listed.next().map_or(0, |share| share.weight.value)
        }
    };
    serving.iter().map(|cluster| (cluster, weight(cluster))).collect()
}
