//! How full the maps of each cluster become, as far as the source tells.
//!
//! Pods and nodes are known only at run time: without an inventory that lists them every number is the least that there will be. Addresses of
//! names come on top in any case.

mod bounds;
mod maps;

pub use maps::{Counted, fullest_maps, policy_maps};

pub use crate::image::content::{Certainty, PolicyMap};

pub(super) use bounds::Bounds;
#[cfg(test)]
pub(super) use maps::policy_maps_within;

use std::borrow::Cow;
use std::collections::BTreeMap;

use fleetnet_abi::map::IPCACHE_MAX;

use crate::image::content::{Population, prefixes, with_known_engine};
use crate::inventory::{Inventory, Pods};
use crate::lock;
use crate::model::{ClusterId, Families, IdentityId, Model, Name, ServiceAddress, ServiceType, Table};
use crate::plan::{Plan, weights};

/// Frontends and backends in a map of services, unless the agents are told otherwise.
pub const SERVICES: usize = 65_536;

/// Nodes that a node knows.
pub const NODES: usize = 16_384;

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

/// How full a policy map is, as far as that is sure. How a release fills its maps that is not known is estimated: this may be near a limit, and is
/// never said to be over.
#[must_use]
pub fn fill_of(plan: &Plan, map: &PolicyMap) -> Option<Fill> {
    let fill = fill(map.entries, plan.model.fleet.policy_map as usize)?;
    Some(match map.certainty {
        Certainty::Exact | Certainty::AtLeast => fill,
        Certainty::Estimated => Fill::Nearly,
    })
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
    /// The map of nodes, those of the whole mesh.
    Nodes,
}

impl Room {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Identities, Self::Services, Self::Addresses, Self::Nodes];

    /// How many there is room for.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Identities => lock::NUMBERS.len(),
            Self::Services => SERVICES,
            Self::Addresses => IPCACHE_MAX as usize,
            Self::Nodes => NODES,
        }
    }
}

/// How much is needed of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// How many.
    pub count: usize,
    /// How well that is known.
    pub certainty: Certainty,
}

/// Who runs where, and how that is known.
#[derive(Clone, Debug)]
pub struct People<'a> {
    inventory: &'a Inventory,
    population: Cow<'a, Population>,
}

impl<'a> People<'a> {
    /// Those that an inventory lists, and those that are assumed in the clusters that it doesn't.
    #[must_use]
    pub fn of(plan: &Plan, inventory: &'a Inventory) -> Self {
        Self { inventory, population: Cow::Owned(Population::of(&plan.model, inventory)) }
    }

    /// As [`People::of`], with as many as there can be, or more: the [population](Population::at_most) of the inventory.
    #[must_use]
    pub fn at_most(inventory: &'a Inventory, population: &'a Population) -> Self {
        Self { inventory, population: Cow::Borrowed(population) }
    }
}

/// Whether every map but that of services is far from its limit with as many [people](People::at_most) as there can be: for most fleets, and this
/// tells soon.
#[must_use]
pub fn has_room(plan: &Plan, most: &People<'_>) -> bool {
    let is_filled =
        |room: Room| needed(plan, room, most).rows().iter().any(|it| fill(it.count, room.limit()).is_some());
    let limit = plan.model.fleet.policy_map as usize;
    let is_long = |most: &usize| fill(*most, limit).is_some();
    // Services are counted for themselves.
    let mut rooms = Room::ALL.into_iter().filter(|room| *room != Room::Services);
    !Bounds::new(plan, &most.population).of_each().rows().iter().any(is_long) && !rooms.any(is_filled)
}

/// Whether no policy map of some identities is near its limit, with so many pods at the most.
#[must_use]
pub fn are_short(plan: &Plan, population: &Population, mut identities: impl Iterator<Item = IdentityId>) -> bool {
    if with_known_engine(plan).is_empty() {
        return true;
    }
    let limit = plan.model.fleet.policy_map as usize;
    let mut bounds = Bounds::new(plan, population);
    !identities.any(|id| fill(bounds.of_identity(id), limit).is_some())
}

/// What each cluster needs of one kind.
#[must_use]
pub fn needed(plan: &Plan, room: Room, people: &People<'_>) -> Table<ClusterId, Needed> {
    let People { inventory, population } = people;
    let model = &plan.model;
    let is_listed = |cluster: ClusterId| inventory.of(cluster).is_some();
    let exact = |is_known: bool| if is_known { Certainty::Exact } else { Certainty::AtLeast };
    let counts: Vec<Needed> = match room {
        Room::Identities => {
            let of = |id| Needed { count: population.numbers(id), certainty: exact(is_listed(id)) };
            model.clusters.ids().map(of).collect()
        }
        Room::Services => return services(model, population),
        Room::Addresses => {
            let prefixes = prefixes(plan);
            // A node has more addresses than its own, which its agent chooses.
            let of = |id| Needed {
                count: prefixes[id].len().saturating_add(addresses(plan, inventory, id)),
                certainty: Certainty::AtLeast,
            };
            model.clusters.ids().map(of).collect()
        }
        Room::Nodes => {
            let of = |id| {
                let nodes = model.around(id).iter().filter_map(|place| Some(inventory.of(place)?.nodes));
                Needed { count: nodes.sum(), certainty: exact(model.around(id).iter().all(is_listed)) }
            };
            model.clusters.ids().map(of).collect()
        }
    };
    counts.into()
}

/// The addresses of the nodes and pods that are known in a cluster, as far as they are listed.
fn addresses(plan: &Plan, inventory: &Inventory, cluster: ClusterId) -> usize {
    let model = &plan.model;
    let of_cluster = |runs_in: ClusterId| {
        let Some(listed) = inventory.of(runs_in) else { return 0 };
        let foreign = plan.knowledge.foreign_observers(model, runs_in).contains(cluster);
        let namespaces = model.namespaces.iter().filter(|(_, namespace)| namespace.clusters.contains(runs_in));
        let known: BTreeMap<&Name, bool> = namespaces
            .map(|(id, namespace)| (&namespace.name.value, plan.observers(id, runs_in).contains(cluster)))
            .collect();
        let is_known = |pods: &&Pods| known.get(&pods.namespace).copied().unwrap_or(foreign);
        let pods: usize = listed.pods.iter().filter(is_known).map(|pods| pods.count).sum();
        let families = match model.clusters[runs_in].families() {
            Families::V4 | Families::V6 => 1,
            Families::Both => 2,
        };
        listed.nodes.saturating_add(pods.saturating_mul(families))
    };
    model.around(cluster).iter().map(of_cluster).sum()
}

/// What each cluster needs of [`Room::Services`]: a frontend for every port and way in, and behind the address in the cluster the pods that are
/// listed there. Of the other ways in a node has its own pods alone.
#[must_use]
pub fn services(model: &Model, population: &Population) -> Table<ClusterId, Needed> {
    let mut needed: Table<ClusterId, usize> = vec![0; model.clusters.len()].into();
    for (id, service) in model.services.iter() {
        let runs = weights::runs(model, id);
        for (clusters, spec) in service.variants.iter().filter(|(_, spec)| spec.address == ServiceAddress::Own) {
            let ways_in = match spec.kind {
                ServiceType::ClusterIp => 1,
                ServiceType::NodePort => 2,
                ServiceType::LoadBalancer => 3,
            };
            for cluster in (*clusters & runs).iter() {
                let backends = population.listed(spec.pods.value, cluster);
                needed[cluster] += spec.ports.len().saturating_mul(backends.saturating_add(ways_in));
            }
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
    let at_least = |count: &usize| Needed { count: *count, certainty: Certainty::AtLeast };
    needed.rows().iter().map(at_least).collect::<Vec<_>>().into()
}
