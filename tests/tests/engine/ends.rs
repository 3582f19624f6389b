//! What the numbers of a cluster's data path stand for, as ends of flows.

use std::collections::BTreeMap;
use std::net::IpAddr;

use fleetnet_abi::identity::Identity;
use fleetnet_compiler::image::content::PlaceholderKind;
use fleetnet_compiler::model::{Cidr, ClusterId, Families};
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::semantics::{ApiServer, End, ForeignPod, WorldEnd};

use super::fleet::Cluster;

/// Every end that the plan can judge, with the number that the cluster's data path gives it. A number that no packet of the cluster carries,
/// such as `world` where each family has its own, is none; nor are those that match no peer (`health`, `init`, `unmanaged`).
pub fn ends(plan: &Plan, cluster: &Cluster) -> Vec<(Identity, End)> {
    let universe = &cluster.universe;
    let mut ends: Vec<(Identity, End)> = vec![
        (Identity::HOST, End::Host { cluster: cluster.id }),
        (Identity::REMOTE_NODE, End::RemoteNode { cluster: cluster.id, address: None }),
        (Identity::KUBE_APISERVER, End::KubeApiserver { cluster: cluster.id, server: ApiServer::OnNode }),
        (Identity::INGRESS, End::Gateway { cluster: cluster.id }),
    ];
    let pods = universe.pods.iter();
    ends.extend(pods.map(|((identity, runs_in), number)| {
        (*number, End::Pod { identity: *identity, cluster: *runs_in, address: None })
    }));
    ends.extend(
        universe
            .placeholders
            .iter()
            .map(|(runs_in, placeholder, number)| (*number, foreign(*runs_in, &placeholder.kind, None))),
    );
    let mut worlds = vec![(
        "0.0.0.0/0",
        if plan.model.clusters[cluster.id].families() == Families::Both {
            Identity::WORLD_IPV4
        } else {
            Identity::WORLD
        },
    )];
    if plan.model.clusters[cluster.id].families() == Families::Both {
        worlds.push(("::/0", Identity::WORLD_IPV6));
    }
    let everything = worlds.into_iter().map(|(family, number)| (family.parse().expect("a CIDR"), number));
    for (prefix, number) in everything.chain(universe.cidrs.iter().map(|(prefix, number)| (*prefix, *number))) {
        let address = outside(&prefix, universe.cidrs.keys());
        ends.extend(address.map(|address| (number, End::World(WorldEnd::Address(address)))));
    }
    ends.extend(strangers(plan, cluster));
    ends
}

fn foreign(cluster: ClusterId, kind: &PlaceholderKind, address: Option<IpAddr>) -> End {
    match kind {
        PlaceholderKind::ClusterDns => End::ClusterDns { cluster, address },
        PlaceholderKind::Foreign { namespace, labels } => {
            let pod = ForeignPod { namespace: Some(namespace.clone()), labels: labels.clone() };
            End::Foreign { cluster, pod, address }
        }
    }
}

/// Pods and nodes of clusters that this one doesn't know: nothing but addresses.
fn strangers(plan: &Plan, cluster: &Cluster) -> Vec<(Identity, End)> {
    let model = &plan.model;
    let mut found = Vec::new();
    for (other, row) in model.clusters.iter().filter(|(other, _)| *other != cluster.id) {
        let v4 = |ranges: &[fleetnet_compiler::model::Spanned<Cidr>]| {
            ranges
                .iter()
                .map(|range| range.value)
                .find(|range| matches!(range, Cidr::V4(_)))
                .map(|range| range.network())
        };
        if let Some(address) = v4(&row.pods) {
            let number = number_of(plan, cluster, address);
            for (identity, declared) in
                model.identities.iter().filter(|(_, identity)| identity.clusters.contains(other))
            {
                if !plan.observers(declared.namespace, other).contains(cluster.id) {
                    found.push((number, End::Pod { identity, cluster: other, address: Some(address) }));
                }
            }
            if !plan.knowledge.foreign_observers(model, other).contains(cluster.id) {
                found.push((number, End::ClusterDns { cluster: other, address: Some(address) }));
            }
        }
        let in_mesh = model.mesh_of(other).is_some() && model.mesh_of(other) == model.mesh_of(cluster.id);
        if let (Some(address), false) = (v4(&row.nodes), in_mesh) {
            let number = number_of(plan, cluster, address);
            found.push((number, End::RemoteNode { cluster: other, address: Some(address) }));
        }
    }
    found
}

/// The number of an address that belongs to nobody known.
fn number_of(plan: &Plan, cluster: &Cluster, address: IpAddr) -> Identity {
    let holding: BTreeMap<u8, Identity> = cluster
        .universe
        .cidrs
        .iter()
        .filter(|(prefix, _)| prefix.contains(&address))
        .map(|(prefix, number)| (prefix.prefix_len(), *number))
        .collect();
    let world = match (plan.model.clusters[cluster.id].families() == Families::Both, address) {
        (false, _) => Identity::WORLD,
        (true, IpAddr::V4(_)) => Identity::WORLD_IPV4,
        (true, IpAddr::V6(_)) => Identity::WORLD_IPV6,
    };
    holding.into_values().next_back().unwrap_or(world)
}

/// An address of the prefix that lies in no narrower one of the cluster's, if there is one: then the first of the prefix is one, or the first
/// behind a narrower one.
fn outside<'a>(prefix: &Cidr, prefixes: impl Iterator<Item = &'a Cidr>) -> Option<IpAddr> {
    let narrower: Vec<&Cidr> = prefixes.filter(|other| *other != prefix && prefix.contains(*other)).collect();
    let behind = narrower.iter().filter_map(|other| next(other.broadcast()));
    let free = |address: &IpAddr| prefix.contains(address) && !narrower.iter().any(|other| other.contains(address));
    std::iter::once(prefix.network()).chain(behind).find(free)
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    }
}
