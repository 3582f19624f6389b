//! Flows between the pods of two identities, as the two sides judge them.

use super::super::cover::{Extent, Wanted, cover, near};
use super::super::index::Index;
use super::missing::Pair;
use crate::model::{ClusterId, ClusterSet, PodSet, Verb};
use crate::plan::{Locality, Peer, Ports};

/// Flows between two identities on the same ports.
pub(super) struct Flows<'f> {
    pub index: &'f Index<'f>,
    pub pair: &'f Pair<'f>,
    pub ports: &'f Ports,
    pub extent: Extent,
}

impl Flows<'_> {
    /// Whether the peer's own side speaks of all of them.
    pub(super) fn are_answered(&self, subject: PodSet, peer: PodSet) -> bool {
        let peers = [Peer::Pods { pods: [subject].into(), locality: self.pair.peer.locality }];
        let (direction, ports, extent) = (self.pair.opposite(), self.ports, self.extent);
        let wanted = Wanted { direction, subjects: &[peer], peers: &peers, ports, extent };
        cover(self.index.plan, wanted, |identity| self.index.between(identity, &peers).collect()).is_some()
    }

    /// Whether the subject's own side denies all of them.
    fn are_denied(&self, subject: PodSet, peer: PodSet) -> bool {
        let peers = [Peer::Pods { pods: [peer].into(), locality: Locality::Anywhere }];
        let (direction, ports, extent) = (self.pair.direction, self.ports, Extent::Every);
        let wanted = Wanted { direction, subjects: &[subject], peers: &peers, ports, extent };
        let denies = |identity| {
            let between = self.index.between(identity, &peers);
            between.filter(|rule| self.index.outline(*rule).verb == Verb::Deny).collect()
        };
        cover(self.index.plan, wanted, denies).is_some()
    }

    /// The pods of both ends between which something is missing that could be said: between clusters that know the subject's pods.
    pub(super) fn unanswered(&self, subject: PodSet, peer: PodSet) -> Vec<(PodSet, PodSet)> {
        let plan = self.index.plan;
        let namespace = plan.model.identities[subject.identity].namespace;
        let known = |here: ClusterId, there: ClusterId| plan.observers(namespace, here).contains(there);
        let mut missing = Vec::new();
        for there in peer.clusters.iter() {
            let from = near(self.pair.peer.locality, subject.clusters, there);
            for here in from.iter().filter(|here| known(*here, there)) {
                let own = PodSet { clusters: ClusterSet::of(here), ..subject };
                let other = PodSet { clusters: ClusterSet::of(there), ..peer };
                if !self.are_answered(own, other) && !self.are_denied(own, other) {
                    missing.push((own, other));
                }
            }
        }
        missing
    }
}
