//! From the peers of a rule to numbers.

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;

use super::placeholder::PlaceholderKind;
use super::universe::Universe;
use crate::model::{CLOUD_METADATA, Cidr, CidrBlock, ClusterId, ClusterSet, Families};
use crate::plan::{Locality, Peer, Plan};

/// Every number that stands for the world outside, whatever families the cluster has.
const WORLD: [Identity; 3] = [Identity::WORLD, Identity::WORLD_IPV4, Identity::WORLD_IPV6];

/// The numbers that a peer of a rule of the cluster's pods stands for. Names stand for none: their addresses are learned at run time.
pub(super) fn numbers(plan: &Plan, universe: &Universe, peer: &Peer, release: Abi) -> Vec<Identity> {
    let here = universe.cluster;
    match peer {
        Peer::Pods { pods, locality } => {
            let near = match locality {
                Locality::Anywhere => universe.around,
                Locality::SubjectCluster => ClusterSet::of(here),
            };
            let places =
                pods.iter().flat_map(|set| (set.clusters & near).iter().map(|cluster| (set.identity, cluster)));
            places.filter_map(|pod| universe.pods.get(&pod).copied()).collect()
        }
        Peer::Foreign { clusters, locality } => foreign(universe, *clusters, *locality, |_, _| true),
        Peer::ForeignPods { pods, clusters, locality } => {
            foreign(universe, *clusters, *locality, |namespace, labels| {
                *namespace == pods.namespace && pods.selector.matches(labels)
            })
        }
        Peer::World => {
            let all = WORLD.into_iter().chain(universe.cidrs.values().copied());
            all.chain(aggregate(release, Identity::AGGREGATE_WORLD)).collect()
        }
        Peer::Cidr(block) => addresses(plan, universe, block),
        Peer::CloudMetadata => {
            let prefixes = CLOUD_METADATA.iter().map(|address| Cidr::from(std::net::IpAddr::from(*address)));
            prefixes.filter_map(|prefix| universe.cidrs.get(&prefix).copied()).collect()
        }
        Peer::ClusterDns => dns(universe),
        Peer::Host => vec![Identity::HOST],
        // An API server on a node is a node as well.
        Peer::RemoteNodes => {
            let all = [Identity::REMOTE_NODE, Identity::KUBE_APISERVER].into_iter();
            all.chain(aggregate(release, Identity::AGGREGATE_REMOTE_NODE)).collect()
        }
        Peer::KubeApiserver => vec![Identity::KUBE_APISERVER],
        Peer::Gateways => vec![Identity::INGRESS],
        Peer::Dns(_) => Vec::new(),
    }
}

/// A number that stands for others, where the release has such.
fn aggregate(release: Abi, number: Identity) -> Option<Identity> {
    release.any_peer_identities().contains(&number).then_some(number)
}

/// The DNS pods of the cluster.
pub(super) fn dns(universe: &Universe) -> Vec<Identity> {
    let own = universe.placeholders.iter().filter(|(cluster, placeholder, _)| {
        *cluster == universe.cluster && placeholder.kind == PlaceholderKind::ClusterDns
    });
    own.map(|(_, _, number)| *number).collect()
}

fn foreign(
    universe: &Universe,
    clusters: ClusterSet,
    locality: Locality,
    wanted: impl Fn(&crate::model::Name, &crate::model::Labels) -> bool,
) -> Vec<Identity> {
    let near = |cluster: ClusterId| clusters.contains(cluster) && locality.admits(universe.cluster, cluster);
    let found = universe.placeholders.iter().filter(|(cluster, placeholder, _)| {
        near(*cluster)
            && match &placeholder.kind {
                PlaceholderKind::ClusterDns => false,
                PlaceholderKind::Foreign { namespace, labels } => wanted(namespace, labels),
            }
    });
    found.map(|(_, _, number)| *number).collect()
}

/// Prefixes inside the block and outside its exceptions. All addresses of a family that the cluster has are that family's part of the world.
fn addresses(plan: &Plan, universe: &Universe, block: &CidrBlock) -> Vec<Identity> {
    let inside =
        |prefix: &Cidr| block.cidr.contains(prefix) && !block.except.iter().any(|except| except.contains(prefix));
    let prefixes = universe.cidrs.iter().filter(|(prefix, _)| inside(prefix)).map(|(_, number)| *number);
    let everything = match (plan.model.clusters[universe.cluster].families(), block.cidr) {
        (Families::Both, Cidr::V4(_)) => Some(Identity::WORLD_IPV4),
        (Families::Both, Cidr::V6(_)) => Some(Identity::WORLD_IPV6),
        (Families::V4, Cidr::V4(_)) | (Families::V6, Cidr::V6(_)) => Some(Identity::WORLD),
        // The engine would take it for the whole world, so no policy says it.
        (Families::V4, Cidr::V6(_)) | (Families::V6, Cidr::V4(_)) => None,
    };
    prefixes.chain(everything.filter(|_| block.cidr.prefix_len() == 0)).collect()
}
