//! One flow of the many that a rule matches.

use crate::model::{CLOUD_METADATA, Cidr, CidrBlock, ClusterId, ClusterSet, PodSet, PortRange};
use crate::plan::{Peer, Ports};

use super::cover::near;
use super::ranges::{self, AddressRange};

/// One end of those that a peer stands for, seen from a cluster.
pub(super) fn peer(peer: &Peer, subject: ClusterId) -> Option<Peer> {
    let one = |clusters: ClusterSet| clusters.iter().next().map(ClusterSet::of);
    Some(match peer {
        Peer::Pods { pods, locality } => {
            let near = |set: &PodSet| Some(PodSet { clusters: one(near(*locality, set.clusters, subject))?, ..*set });
            Peer::Pods { pods: [pods.iter().find_map(near)?].into(), locality: *locality }
        }
        Peer::Foreign { clusters, locality } => {
            Peer::Foreign { clusters: one(near(*locality, *clusters, subject))?, locality: *locality }
        }
        Peer::ForeignPods { pods, clusters, locality } => Peer::ForeignPods {
            pods: pods.clone(),
            clusters: one(near(*locality, *clusters, subject))?,
            locality: *locality,
        },
        Peer::Cidr(block) => Peer::Cidr(address(*ranges::left(block).first()?)),
        Peer::World
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns
        | Peer::CloudMetadata => peer.clone(),
    })
}

/// The first port of a list.
pub(super) fn port(ports: &Ports) -> Ports {
    match ports {
        Ports::Any => Ports::Any,
        Ports::Ranges(ranges) => {
            Ports::Ranges(ranges.iter().take(1).map(|range| PortRange { last: range.first, ..*range }).collect())
        }
    }
}

/// The addresses that are the cloud's metadata, one by one.
pub(super) fn cloud_metadata() -> [CidrBlock; 2] {
    CLOUD_METADATA.map(AddressRange::only).map(address)
}

/// The block of the first address of a range.
fn address(range: AddressRange) -> CidrBlock {
    CidrBlock { cidr: Cidr::from(range.first), except: Vec::new() }
}
