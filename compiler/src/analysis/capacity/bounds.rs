//! What the entries of policy maps can be at the most, from rules alone.

use std::collections::BTreeSet;

use fleetnet_abi::policy::l4::{L4, Protocol as Number};

use crate::image::content::{Population, prefixes};
use crate::model::{Cidr, ClusterId, ClusterSet, Id, IdentityId, PodSets, PortRange, Table, Verb};
use crate::plan::{Locality, Peer, PerSet, Plan, Ports, Rule, RuleIndex};

/// Entries that no rule is behind: what stands for any peer in both directions, the pod's own node and look-ups.
const BUILT_IN: usize = 16;
/// Numbers that stand for the world beside prefixes, on whichever release.
const WORLD: usize = 4;
/// Numbers that a peer stands for which is no pod and no address.
const RESERVED: usize = 3;
/// Bits of a port.
const PORT_BITS: usize = 16;

/// Bounds of identities and clusters.
pub struct Bounds<'a> {
    plan: &'a Plan,
    population: &'a Population,
    /// Clusters whose pods may know each other.
    groups: Vec<ClusterSet>,
    group_of: Table<ClusterId, usize>,
    pods: PerSet<Pods>,
    /// Pods that the fleet does not govern and that stand for others, where the most of them are known.
    foreign: usize,
    /// Prefixes that rules speak of, once one speaks of any.
    prefixes: Option<BTreeSet<Cidr>>,
    /// What each rule comes to where it comes to most, once that is asked.
    rules: Table<RuleIndex, Option<usize>>,
}

/// How many pods of a set there are.
struct Pods {
    by_cluster: Vec<usize>,
    by_group: Vec<usize>,
}

impl Pods {
    fn at(&self, locality: Locality, place: Option<(ClusterId, usize)>) -> usize {
        let (counts, place) = match locality {
            Locality::SubjectCluster => (&self.by_cluster, place.map(|(cluster, _)| cluster.index())),
            Locality::Anywhere => (&self.by_group, place.map(|(_, group)| group)),
        };
        place.map_or_else(|| counts.iter().max(), |place| counts.get(place)).copied().unwrap_or_default()
    }
}

impl<'a> Bounds<'a> {
    /// Bounds of a plan, none of which is worked out yet.
    pub fn new(plan: &'a Plan, population: &'a Population) -> Self {
        let model = &plan.model;
        let mut groups: Vec<ClusterSet> = Vec::new();
        let group_of = model.clusters.ids().map(|cluster| {
            let around = model.around(cluster);
            groups.iter().position(|group| *group == around).unwrap_or_else(|| {
                groups.push(around);
                groups.len() - 1
            })
        });
        let group_of = group_of.collect::<Vec<_>>().into();
        let foreign = model.clusters.ids().map(|cluster| {
            let known = plan.knowledge.foreign_known_in(model, cluster);
            known.iter().map(|other| population.others(other).len()).sum()
        });
        let foreign = foreign.max().unwrap_or_default();
        let rules = vec![None; plan.rules.len()].into();
        Self { plan, population, groups, group_of, pods: PerSet::default(), foreign, prefixes: None, rules }
    }

    /// The most that an identity can take in any cluster.
    pub fn of_identity(&mut self, id: IdentityId) -> usize {
        let plan = self.plan;
        let all = plan.rules_of[id].iter().fold(BUILT_IN, |sum, index| {
            let known = self.rules[*index];
            let most = known.unwrap_or_else(|| self.of_rule(&plan.rules[*index], None));
            self.rules[*index] = Some(most);
            sum.saturating_add(most)
        });
        all.saturating_add(self.of_cuts(id, None))
    }

    /// The most that each identity can take in any cluster: rules are looked at as they lie in memory.
    pub fn of_each(&mut self) -> Table<IdentityId, usize> {
        let plan = self.plan;
        let mut each: Table<IdentityId, usize> = vec![BUILT_IN; plan.model.identities.len()].into();
        let mut cut = BTreeSet::new();
        for rule in plan.rules.rows() {
            let most = self.of_rule(rule, None);
            for set in rule.subjects.iter() {
                each[set.identity] = each[set.identity].saturating_add(most);
            }
            if is_cut(rule) {
                cut.extend(rule.subjects.iter().map(|set| set.identity));
            }
        }
        for id in cut {
            each[id] = each[id].saturating_add(self.of_cuts(id, None));
        }
        each
    }

    /// The most that an identity can take in one cluster.
    pub fn of_identity_in(&mut self, id: IdentityId, cluster: ClusterId) -> usize {
        let plan = self.plan;
        let counts = |rule: &&Rule| {
            let is_idle =
                || rule.verb == Verb::Allow && plan.default_of(id, cluster, rule.direction).value == Verb::Allow;
            rule.is_about(id, cluster) && !is_idle()
        };
        let rules = plan.rules_of[id].iter().map(|index| &plan.rules[*index]).filter(counts);
        let all = rules.fold(BUILT_IN, |sum, rule| sum.saturating_add(self.of_rule(rule, Some(cluster))));
        all.saturating_add(self.of_cuts(id, Some(cluster)))
    }

    /// What rules with requests take more, where other rules cut their ports: one peer's ports are told apart wherever a range begins or ends,
    /// and a block that is cut in two becomes one block more for each bit of its size at the most.
    fn of_cuts(&mut self, id: IdentityId, place: Option<ClusterId>) -> usize {
        let plan = self.plan;
        let about = || plan.rules_of[id].iter().map(|index| &plan.rules[*index]);
        if !about().any(is_cut) {
            return 0;
        }
        let edges = |range: &PortRange| [u32::from(range.first), u32::from(range.last) + 1];
        let cuts: BTreeSet<u32> = about().flat_map(|rule| ranges(&rule.ports)).flat_map(edges).collect();
        let place = place.map(|cluster| (cluster, self.group_of[cluster]));
        about().filter(|rule| is_cut(rule)).fold(0_usize, |sum, rule| {
            let inside = |range: &PortRange| {
                let (first, last) = (u32::from(range.first), u32::from(range.last));
                if first < last { cuts.range(first + 1..=last).count() } else { 0 }
            };
            let cut: usize = ranges(&rule.ports).map(inside).sum();
            sum.saturating_add(self.of_peers(rule, place).saturating_mul(cut.saturating_mul(PORT_BITS)))
        })
    }

    fn of_rule(&mut self, rule: &Rule, place: Option<ClusterId>) -> usize {
        let place = place.map(|cluster| (cluster, self.group_of[cluster]));
        self.of_peers(rule, place).saturating_mul(port_entries(&rule.ports))
    }

    fn of_peers(&mut self, rule: &Rule, place: Option<(ClusterId, usize)>) -> usize {
        rule.peers.iter().fold(0_usize, |sum, peer| sum.saturating_add(self.of_peer(peer, place)))
    }

    fn of_peer(&mut self, peer: &Peer, place: Option<(ClusterId, usize)>) -> usize {
        match peer {
            Peer::Pods { pods, locality } => self.of_pods(pods).at(*locality, place),
            Peer::Foreign { .. } | Peer::ForeignPods { .. } | Peer::ClusterDns => self.foreign,
            Peer::World => self.prefixes().len().saturating_add(WORLD),
            Peer::Cidr(block) => {
                let inside = self.prefixes().range(block.cidr..).take_while(|prefix| block.cidr.contains(*prefix));
                inside.count().saturating_add(1)
            }
            Peer::Dns(_) => 0,
            Peer::Host | Peer::RemoteNodes | Peer::KubeApiserver | Peer::Gateways | Peer::CloudMetadata => RESERVED,
        }
    }

    fn prefixes(&mut self) -> &BTreeSet<Cidr> {
        let plan = self.plan;
        self.prefixes.get_or_insert_with(|| prefixes(plan).rows().iter().flatten().copied().collect())
    }

    fn of_pods(&mut self, pods: &PodSets) -> &Pods {
        let (groups, group_of, population) = (self.groups.len(), &self.group_of, self.population);
        self.pods.get(pods, |pods| {
            let mut by_cluster = vec![0_usize; group_of.len()];
            let mut by_group = vec![0_usize; groups];
            for (identity, cluster) in
                pods.iter().flat_map(|set| set.clusters.iter().map(|place| (set.identity, place)))
            {
                let numbers = population.label_sets(identity, cluster);
                by_cluster.get_mut(cluster.index()).into_iter().for_each(|count| *count += numbers);
                by_group.get_mut(group_of[cluster]).into_iter().for_each(|count| *count += numbers);
            }
            Pods { by_cluster, by_group }
        })
    }
}

/// Whether other rules may cut a rule's ports.
fn is_cut(rule: &Rule) -> bool {
    !rule.requests.is_empty() && ranges(&rule.ports).any(|range| range.first < range.last)
}

fn ranges(ports: &Ports) -> impl Iterator<Item = &PortRange> {
    let ranges = match ports {
        Ports::Any => &[][..],
        Ports::Ranges(ranges) => ranges.as_slice(),
    };
    ranges.iter()
}

fn port_entries(ports: &Ports) -> usize {
    let Ports::Ranges(ranges) = ports else { return 1 };
    let entries = |range: &PortRange| {
        if *range == PortRange::all(range.protocol) {
            1
        } else {
            L4::cover(Number::TCP, range.first, range.last).count()
        }
    };
    ranges.iter().map(entries).sum()
}
