//! Whether rules say together all that is asked for.
//!
//! A rule matches every combination of its subjects, peers and ports. What is asked for is such a product too; it is cut at each subject's
//! cluster, at the ports where a rule begins or ends, and at each peer, and every piece must be matched by some rule. Pieces that the same rules
//! are about are looked at once.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{clusters_of, only_pod};
use super::ranges::{self, AddressRange};
use crate::model::{
    CLOUD_METADATA, ClusterId, ClusterSet, Direction, ForeignPods, IdentityId, PodSet, PodSets, PortRange, Verb,
};
use crate::plan::{Locality, Peer, Plan, Ports, Rule, RuleIndex};

/// Flows of which it is asked whether rules match them.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub direction: Direction,
    pub subjects: &'a [PodSet],
    pub peers: &'a [Peer],
    pub ports: &'a Ports,
    pub extent: Extent,
}

/// How many of the ports must be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Each of them.
    Every,
    /// Any of them: they were written wide on purpose.
    Some,
}

/// Rules that match all that is wanted, if the candidates for each subject do; of several that match the same, the first.
pub(super) fn cover(
    plan: &Plan,
    wanted: Wanted<'_>,
    candidates: impl Fn(IdentityId) -> Vec<RuleIndex>,
) -> Option<BTreeSet<RuleIndex>> {
    let mut cover = Cover { plan, wanted, judged: BTreeMap::new(), used: BTreeSet::new() };
    let mut subjects = wanted.subjects.iter();
    subjects.all(|set| cover.subject(set, &candidates(set.identity))).then_some(cover.used)
}

struct Cover<'a> {
    plan: &'a Plan,
    wanted: Wanted<'a>,
    /// What came of rules that are all about one subject, in a cluster if that matters.
    judged: BTreeMap<(Vec<RuleIndex>, Option<ClusterId>), bool>,
    /// Rules that matched something first.
    used: BTreeSet<RuleIndex>,
}

impl<'a> Cover<'a> {
    fn subject(&mut self, set: &PodSet, candidates: &[RuleIndex]) -> bool {
        let about = |index: &RuleIndex| {
            let rule = &self.plan.rules[*index];
            if rule.direction != self.wanted.direction || !may_name(rule, self.wanted.peers) {
                return None;
            }
            let clusters = clusters_of(&rule.subjects, set.identity) & set.clusters;
            (!clusters.is_empty() && ports_overlap(&rule.ports, self.wanted.ports)).then_some((*index, clusters))
        };
        let about: Vec<(RuleIndex, ClusterSet)> = candidates.iter().filter_map(about).collect();
        if about.is_empty() {
            return set.clusters.is_empty();
        }
        if about.iter().all(|(_, clusters)| *clusters == set.clusters) {
            let rules: Vec<RuleIndex> = about.into_iter().map(|(index, _)| index).collect();
            return self.group(&rules, set.clusters);
        }
        let mut groups: BTreeMap<Vec<RuleIndex>, ClusterSet> = BTreeMap::new();
        for cluster in set.clusters.iter() {
            let here = about.iter().filter(|(_, clusters)| clusters.contains(cluster));
            groups.entry(here.map(|(index, _)| *index).collect()).or_default().insert(cluster);
        }
        groups.into_iter().all(|(rules, clusters)| self.group(&rules, clusters))
    }

    /// Whether rules that are about a subject in each of some clusters match what is wanted there.
    fn group(&mut self, rules: &[RuleIndex], clusters: ClusterSet) -> bool {
        let peers = rules.iter().flat_map(|index| &self.plan.rules[*index].peers);
        let is_local = self.wanted.peers.iter().chain(peers).any(is_local);
        clusters.iter().take(if is_local { usize::MAX } else { 1 }).all(|cluster| {
            let key = (rules.to_vec(), is_local.then_some(cluster));
            if let Some(known) = self.judged.get(&key) {
                return *known;
            }
            let holds = self.pieces(rules).iter().all(|here| self.peers(here, cluster));
            self.judged.insert(key, holds);
            holds
        })
    }

    /// For each piece of the wanted ports, the rules that are about it.
    fn pieces(&self, rules: &[RuleIndex]) -> Vec<Vec<(RuleIndex, &'a Rule)>> {
        let plan = self.plan;
        let all = rules.iter().map(|index| (*index, &plan.rules[*index]));
        match (self.wanted.extent, self.wanted.ports) {
            (Extent::Some, _) => vec![all.collect()],
            (Extent::Every, Ports::Any) => vec![all.filter(|(_, rule)| rule.ports == Ports::Any).collect()],
            (Extent::Every, Ports::Ranges(ranges)) => {
                let all: Vec<_> = all.collect();
                let firsts = ranges.iter().flat_map(|range| starts(*range, &all));
                let about = |first: PortRange| {
                    let here = all.iter().filter(|(_, rule)| rule.ports.contains(first.protocol, first.first));
                    here.copied().collect()
                };
                firsts.map(about).collect()
            }
        }
    }

    fn peers(&mut self, here: &[(RuleIndex, &'a Rule)], cluster: ClusterId) -> bool {
        self.wanted.peers.iter().all(|peer| self.peer(peer, here, cluster))
    }

    fn peer(&mut self, wanted: &Peer, here: &[(RuleIndex, &'a Rule)], cluster: ClusterId) -> bool {
        match wanted {
            Peer::Pods { pods, locality } => self.pods(pods, *locality, here, cluster),
            Peer::Foreign { clusters, locality } => {
                let wanted = near(*locality, *clusters, cluster);
                self.clusters(wanted, here, |peer| foreign(peer, cluster))
            }
            Peer::ForeignPods { pods, clusters, locality } => {
                let wanted = near(*locality, *clusters, cluster);
                self.clusters(wanted, here, |peer| foreign(peer, cluster) | same_pods(pods, peer, cluster))
            }
            Peer::Cidr(block) => {
                self.any(here, |_, peer| *peer == Peer::World) || self.addresses(&ranges::left(block), here)
            }
            // An allow that names them says that they are meant, whatever else holds them.
            Peer::CloudMetadata => {
                self.any(here, |rule, peer| {
                    *peer == Peer::CloudMetadata || (*peer == Peer::World && rule.verb == Verb::Deny)
                }) || (here.iter().all(|(_, rule)| rule.verb == Verb::Deny)
                    && self.addresses(&CLOUD_METADATA.map(AddressRange::only), here))
            }
            Peer::Dns(_) => self.any(here, |_, peer| peer == wanted || *peer == Peer::World),
            Peer::World | Peer::Host | Peer::RemoteNodes | Peer::KubeApiserver | Peer::Gateways | Peer::ClusterDns => {
                self.any(here, |_, peer| peer == wanted)
            }
        }
    }

    /// Whether one rule has a peer that fits.
    fn any(&mut self, here: &[(RuleIndex, &Rule)], fits: impl Fn(&Rule, &Peer) -> bool) -> bool {
        let found = here.iter().find(|(_, rule)| rule.peers.iter().any(|peer| fits(rule, peer)));
        self.used.extend(found.map(|(index, _)| *index));
        found.is_some()
    }

    /// Whether peers together hold some clusters.
    fn clusters(
        &mut self,
        wanted: ClusterSet,
        here: &[(RuleIndex, &Rule)],
        holds: impl Fn(&Peer) -> ClusterSet,
    ) -> bool {
        let mut left = wanted;
        for (index, peer) in peers_of(here) {
            let held = holds(peer) & left;
            if !held.is_empty() {
                left = left.less(held);
                self.used.insert(index);
            }
        }
        left.is_empty()
    }

    fn pods(
        &mut self,
        wanted: &PodSets,
        locality: Locality,
        here: &[(RuleIndex, &'a Rule)],
        cluster: ClusterId,
    ) -> bool {
        let named = peers_of(here).filter_map(|(index, peer)| {
            let Peer::Pods { pods, locality } = peer else { return None };
            Some((index, pods, *locality))
        });
        let named: Vec<(RuleIndex, &PodSets, Locality)> = named.collect();
        if let Some((index, ..)) = named.iter().find(|(_, pods, own)| *pods == wanted && *own <= locality) {
            self.used.insert(*index);
            return true;
        }
        wanted.iter().all(|set| {
            let mut left = near(locality, set.clusters, cluster);
            for (index, pods, own) in &named {
                let held = near(*own, clusters_of(pods, set.identity), cluster) & left;
                if !held.is_empty() {
                    left = left.less(held);
                    self.used.insert(*index);
                }
            }
            left.is_empty()
        })
    }

    fn addresses(&mut self, wanted: &[AddressRange], here: &[(RuleIndex, &Rule)]) -> bool {
        let mut held = Vec::new();
        for (index, peer) in peers_of(here) {
            let ranges = ranges::joined(addresses_of(peer));
            if wanted.iter().any(|wanted| ranges::meet(&ranges, *wanted)) {
                held.extend(ranges);
                self.used.insert(index);
            }
        }
        let held = ranges::joined(held);
        wanted.iter().all(|wanted| ranges::hold(&held, *wanted))
    }
}

/// Whether a rule can be about some peers. Only where one identity is wanted is this looked at: most rules are about others.
pub(super) fn may_name(rule: &Rule, wanted: &[Peer]) -> bool {
    let Some(only) = only_pod(wanted) else { return true };
    let has = |pods: &PodSets| !(clusters_of(pods, only.identity) & only.clusters).is_empty();
    rule.peers.iter().filter_map(Peer::pods).any(has)
}

fn peers_of<'r>(here: &[(RuleIndex, &'r Rule)]) -> impl Iterator<Item = (RuleIndex, &'r Peer)> {
    here.iter().flat_map(|(index, rule)| rule.peers.iter().map(|peer| (*index, peer)))
}

/// Whether what a peer stands for depends on the subject's cluster.
fn is_local(peer: &Peer) -> bool {
    match peer {
        Peer::Pods { locality, .. } | Peer::Foreign { locality, .. } | Peer::ForeignPods { locality, .. } => {
            *locality == Locality::SubjectCluster
        }
        Peer::World
        | Peer::Cidr(_)
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns
        | Peer::CloudMetadata => false,
    }
}

/// Where peers count for a subject in a cluster.
pub(super) fn near(locality: Locality, clusters: ClusterSet, subject: ClusterId) -> ClusterSet {
    match locality {
        Locality::Anywhere => clusters,
        Locality::SubjectCluster => clusters & ClusterSet::of(subject),
    }
}

/// Where `foreign` pods are peers of a subject in a cluster, if this peer names them.
fn foreign(peer: &Peer, subject: ClusterId) -> ClusterSet {
    let Peer::Foreign { clusters, locality } = peer else { return ClusterSet::EMPTY };
    near(*locality, *clusters, subject)
}

fn same_pods(wanted: &ForeignPods, peer: &Peer, subject: ClusterId) -> ClusterSet {
    let Peer::ForeignPods { pods, clusters, locality } = peer else { return ClusterSet::EMPTY };
    if pods == wanted { near(*locality, *clusters, subject) } else { ClusterSet::EMPTY }
}

/// The addresses that a peer is written as.
fn addresses_of(peer: &Peer) -> Vec<AddressRange> {
    match peer {
        Peer::Cidr(block) => ranges::left(block),
        Peer::CloudMetadata => CLOUD_METADATA.map(AddressRange::only).to_vec(),
        Peer::Pods { .. }
        | Peer::Foreign { .. }
        | Peer::ForeignPods { .. }
        | Peer::World
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns => Vec::new(),
    }
}

/// The first port of each piece of a range: where it starts, and where a rule starts or has just ended inside of it.
fn starts(range: PortRange, rules: &[(RuleIndex, &Rule)]) -> BTreeSet<PortRange> {
    let mut firsts = BTreeSet::from([range.first]);
    for (_, rule) in rules {
        let Ports::Ranges(own) = &rule.ports else { continue };
        for own in own.iter().filter(|own| own.protocol == range.protocol) {
            let cuts = [Some(own.first), own.last.checked_add(1)].into_iter().flatten();
            firsts.extend(cuts.filter(|cut| (range.first..=range.last).contains(cut)));
        }
    }
    firsts.into_iter().map(|first| PortRange { first, ..range }).collect()
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
