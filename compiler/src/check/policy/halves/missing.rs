//! What the other side of a rule does not let pass.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ClusterSet, Direction, IdentityId, PodSet, PodSets};
use crate::plan::{Locality, Plan};

/// Whether an end is one identity or may be many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Many,
}

/// An end as written that is pods of the fleet.
#[derive(Clone)]
pub(super) struct Written {
    /// Its place in the list.
    pub place: usize,
    pub width: Width,
    pub pods: PodSets,
    pub locality: Locality,
}

/// A subject and a peer of a rule, as written.
pub(super) struct Pair<'a> {
    /// The rule's.
    pub direction: Direction,
    pub subject: &'a Written,
    pub peer: &'a Written,
}

impl Pair<'_> {
    /// The direction of the half that is asked for.
    pub(super) fn opposite(&self) -> Direction {
        match self.direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        }
    }

    /// The ends as far as the rule is about them: if the peer is `in local`, in clusters that both run in.
    pub(super) fn near(&self) -> (Written, Written) {
        let clusters = |end: &Written| end.pods.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
        let within = |end: &Written, here: ClusterSet| {
            let parts = end.pods.iter().map(|set| PodSet { clusters: set.clusters & here, ..*set });
            let pods = parts.filter(|set| !set.clusters.is_empty()).collect::<Vec<_>>().into();
            Written { pods, ..end.clone() }
        };
        match self.peer.locality {
            Locality::Anywhere => (self.subject.clone(), self.peer.clone()),
            Locality::SubjectCluster => {
                (within(self.subject, clusters(self.peer)), within(self.peer, clusters(self.subject)))
            }
        }
    }

    /// Where the subject may be looked for from the peer: only in the same cluster, if that is what is written or all that others know.
    pub(super) fn locality(&self, plan: &Plan, own: &[PodSet], other: &[PodSet]) -> Locality {
        let there = other.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
        let is_known = |set: &PodSet| {
            let namespace = plan.model.identities[set.identity].namespace;
            set.clusters.iter().all(|here| there.is_within(plan.observers(namespace, here)))
        };
        if own.iter().all(is_known) { self.peer.locality } else { Locality::SubjectCluster }
    }
}

/// Pods by the end that they were written as, and where.
pub(super) type Ends = BTreeMap<(Locality, usize, IdentityId), ClusterSet>;

/// What the other sides of a rule do not let pass.
pub(super) struct Missing {
    /// The rule's direction.
    pub direction: Direction,
    /// Whom the rule is about, as far as something is closed for them.
    pub subjects: Ends,
    /// The other ends with something closed.
    pub peers: Ends,
    /// The places of the ports that are closed; none where no ports are written.
    pub ports: BTreeSet<usize>,
    /// Each end of the subjects, by its place.
    pub subject_ends: BTreeMap<usize, Written>,
    /// Each of the other ends, by its place.
    pub peer_ends: BTreeMap<usize, Written>,
}

impl Missing {
    pub(super) fn new(direction: Direction) -> Self {
        let (subjects, peers) = (Ends::new(), Ends::new());
        let (subject_ends, peer_ends) = (BTreeMap::new(), BTreeMap::new());
        Self { direction, subjects, peers, ports: BTreeSet::new(), subject_ends, peer_ends }
    }

    pub(super) fn add(&mut self, pair: &Pair<'_>, locality: Locality, own: &[PodSet], other: &[PodSet]) {
        join(&mut self.subjects, locality, pair.subject.place, own);
        join(&mut self.peers, locality, pair.peer.place, other);
        self.subject_ends.entry(pair.subject.place).or_insert_with(|| pair.subject.clone());
        self.peer_ends.entry(pair.peer.place).or_insert_with(|| pair.peer.clone());
    }
}

fn join(ends: &mut Ends, locality: Locality, place: usize, sets: &[PodSet]) {
    for set in sets {
        let clusters = ends.entry((locality, place, set.identity)).or_default();
        *clusters = *clusters | set.clusters;
    }
}
