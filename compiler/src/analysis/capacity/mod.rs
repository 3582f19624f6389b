//! How full the maps of each cluster become, as far as the source tells.
//!
//! Pods, nodes and addresses of names are known only at run time and come on top: every number is the least that there will be.

mod bounds;
mod maps;

pub use maps::{Counted, fullest_maps, policy_maps};

pub use crate::image::content::PolicyMap;

#[cfg(test)]
pub(super) use bounds::Bounds;
#[cfg(test)]
pub(super) use maps::policy_maps_within;

use fleetnet_abi::map::IPCACHE_MAX;

use crate::image::content::{placeholders, prefixes};
use crate::lock;
use crate::model::{ClusterId, Model, ServiceAddress, ServiceType, Table};
use crate::plan::{Plan, weights};

/// Frontends and backends in a map of services, unless the agents are told otherwise.
pub const SERVICES: usize = 65_536;

/// From this part of a map on, in percent, it is nearly full.
const NEARLY: usize = 80;

/// How full something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fill {
    /// More is needed than there is room for.
    Over,
    /// It is nearly full.
    Nearly,
}

/// How full a map is that takes `needed` at the least; nothing where there is room.
#[must_use]
pub fn fill(needed: usize, limit: usize) -> Option<Fill> {
    if needed > limit {
        Some(Fill::Over)
    } else {
        (needed.saturating_mul(100) >= limit.saturating_mul(NEARLY)).then_some(Fill::Nearly)
    }
}

/// What a whole cluster has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Numbers of identities, as the lock gives them.
    Identities,
    /// The map of services.
    Services,
    /// The map of addresses: prefixes that a node knows, pods and nodes among them.
    Addresses,
}

impl Room {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Identities, Self::Services, Self::Addresses];

    /// How many there is room for.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Identities => lock::NUMBERS.len(),
            Self::Services => SERVICES,
            Self::Addresses => IPCACHE_MAX as usize,
        }
    }
}

/// What each cluster needs of one kind at the least.
#[must_use]
pub fn needed(plan: &Plan, room: Room) -> Table<ClusterId, usize> {
    let model = &plan.model;
    match room {
        Room::Identities => {
            let mut needed: Table<ClusterId, usize> = vec![placeholders(model).len(); model.clusters.len()].into();
            for identity in model.identities.rows() {
                identity.clusters.iter().for_each(|cluster| needed[cluster] += 1);
            }
            needed
        }
        Room::Services => services(model),
        // A prefix for everything that the cluster's rules tell apart.
        Room::Addresses => prefixes(plan).rows().iter().map(std::collections::BTreeSet::len).collect::<Vec<_>>().into(),
    }
}

/// A frontend for every port and way in. Backends are as many as there are pods, which only the cluster knows.
fn services(model: &Model) -> Table<ClusterId, usize> {
    let mut needed: Table<ClusterId, usize> = vec![0; model.clusters.len()].into();
    for (id, service) in model.services.iter() {
        let runs = weights::runs(model, id);
        for (clusters, spec) in service.variants.iter().filter(|(_, spec)| spec.address == ServiceAddress::Own) {
            let ways_in = match spec.kind {
                ServiceType::ClusterIp => 1,
                ServiceType::NodePort => 2,
                ServiceType::LoadBalancer => 3,
            };
            (*clusters & runs).iter().for_each(|cluster| needed[cluster] += spec.ports.len() * ways_in);
        }
    }
    // Who only gets a service has an address of its own for it.
    for export in &model.exports {
        let service = &model.services[export.service.value];
        let offered = export.from.iter().next().and_then(|first| service.at(first));
        let ports = offered.filter(|spec| spec.address == ServiceAddress::Own).map_or(0, |spec| spec.ports.len());
        let elsewhere = export.consume.less(weights::runs(model, export.service.value));
        elsewhere.iter().for_each(|cluster| needed[cluster] += ports);
    }
    needed
}
