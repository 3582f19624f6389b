//! Whether one rule says all that another does, or part of it.

use crate::model::{CidrBlock, ClusterSet, IdentityId, PodSet, PodSets};
use crate::plan::{Peer, Ports, Rule};

/// Whether every flow that `inner` matches is matched by `outer`; verbs and requests aside.
pub(super) fn covers(outer: &Rule, inner: &Rule) -> bool {
    outer.direction == inner.direction
        && ports_cover(&outer.ports, &inner.ports)
        && sets_cover(&[&outer.subjects], &inner.subjects)
        && inner.peers.iter().all(|peer| peers_cover(&outer.peers, peer))
}

/// Whether some flow is matched by both; verbs and requests aside.
pub(super) fn overlaps(one: &Rule, other: &Rule) -> bool {
    one.direction == other.direction
        && ports_overlap(&one.ports, &other.ports)
        && sets_overlap(&one.subjects, &other.subjects)
        && one.peers.iter().any(|a| other.peers.iter().any(|b| peer_overlaps(a, b)))
}

/// Whether all ports of `inner` are ports of `outer`.
pub(super) fn ports_cover(outer: &Ports, inner: &Ports) -> bool {
    match (outer, inner) {
        (Ports::Any, _) => true,
        (Ports::Ranges(_), Ports::Any) => false,
        (Ports::Ranges(outer), Ports::Ranges(inner)) => inner.iter().all(|range| {
            outer
                .iter()
                .any(|wide| wide.protocol == range.protocol && wide.first <= range.first && range.last <= wide.last)
        }),
    }
}

/// Whether the two have a port in common.
pub(super) fn ports_overlap(one: &Ports, other: &Ports) -> bool {
    match (one, other) {
        (Ports::Any, _) | (_, Ports::Any) => true,
        (Ports::Ranges(one), Ports::Ranges(other)) => {
            one.iter().any(|a| other.iter().any(|b| a.protocol == b.protocol && a.first <= b.last && b.first <= a.last))
        }
    }
}

/// Whether the union of `outer` holds all of `inner`.
pub(super) fn sets_cover(outer: &[&PodSets], inner: &[PodSet]) -> bool {
    inner.iter().all(|set| {
        let clusters = outer.iter().fold(ClusterSet::EMPTY, |all, sets| all | clusters_of(sets, set.identity));
        set.clusters.is_within(clusters)
    })
}

/// Whether the two have a pod in common.
pub(super) fn sets_overlap(one: &PodSets, other: &PodSets) -> bool {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    few.iter().any(|set| !(clusters_of(many, set.identity) & set.clusters).is_empty())
}

/// Where the pods of an identity are among the sets.
pub(super) fn clusters_of(sets: &PodSets, identity: IdentityId) -> ClusterSet {
    let found = sets.binary_search_by_key(&identity, |set| set.identity).ok();
    found.and_then(|index| sets.get(index)).map_or(ClusterSet::EMPTY, |set| set.clusters)
}

fn peers_cover(outer: &[Peer], inner: &Peer) -> bool {
    if let Peer::Pods { pods: wanted, locality: wanted_locality } = inner {
        let fitting = outer.iter().filter_map(|peer| match peer {
            Peer::Pods { pods, locality } if locality <= wanted_locality => Some(pods),
            _ => None,
        });
        return sets_cover(&fitting.collect::<Vec<_>>(), wanted);
    }
    outer.iter().any(|peer| peer_covers(peer, inner))
}

fn peer_covers(outer: &Peer, inner: &Peer) -> bool {
    match (outer, inner) {
        (Peer::World, Peer::World | Peer::Cidr(_) | Peer::Dns(_) | Peer::CloudMetadata) => true,
        (Peer::Cidr(outer), Peer::Cidr(inner)) => block_covers(outer, inner),
        (
            Peer::Foreign { clusters, locality },
            Peer::ForeignPods { clusters: wanted, locality: wanted_locality, .. }
            | Peer::Foreign { clusters: wanted, locality: wanted_locality },
        ) => wanted.is_within(*clusters) && locality <= wanted_locality,
        (one, other) => one == other,
    }
}

fn block_covers(outer: &CidrBlock, inner: &CidrBlock) -> bool {
    let left_out = |except: &ipnet::IpNet| inner.except.iter().any(|own| own.contains(except));
    let misses =
        |except: &ipnet::IpNet| except.contains(&inner.cidr) || (inner.cidr.contains(except) && !left_out(except));
    outer.cidr.contains(&inner.cidr) && !outer.except.iter().any(misses)
}

fn peer_overlaps(one: &Peer, other: &Peer) -> bool {
    match (one, other) {
        (Peer::Pods { pods, .. }, Peer::Pods { pods: others, .. }) => sets_overlap(pods, others),
        (Peer::Cidr(one), Peer::Cidr(other)) => one.cidr.contains(&other.cidr) || other.cidr.contains(&one.cidr),
        (one, other) => peer_covers(one, other) || peer_covers(other, one),
    }
}
