//! Who can be at the other end of a flow that passes: few for most ends, found from the rules instead of by asking every pair.
//!
//! What is listed may still not pass, which [`Reach`](super::reach::Reach) decides; what isn't listed does not pass on any port. Where both
//! directions of an end are closed by default, the list is as long as what its own rules name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::{
    CLOUD_METADATA, Cidr, CidrBlock, ClusterId, ClusterSet, Direction, DnsPattern, IdentityId, Name, PodSets, Table,
    Verb,
};
use crate::plan::{Locality, Peer, Plan, Rule};
use crate::semantics::{End, Seen, WorldEnd, is_cloud_metadata, seen, stub};

/// Ends by what rules can say of them. Places are those in the list that it is made of.
pub struct Partners<'p> {
    plan: &'p Plan,
    pods: Table<IdentityId, Vec<(ClusterId, usize)>>,
    clusters: Table<ClusterId, Local>,
    world: Vec<usize>,
    by_address: BTreeMap<IpAddr, Vec<usize>>,
    /// For each pattern of a rule, the names that match it.
    by_pattern: BTreeMap<&'p DnsPattern, Vec<usize>>,
    /// The places of each set of pods that rules about ways out name, wherever they run. By the address of the set: sets are shared, and the plan holds them all.
    sets: BTreeMap<usize, Vec<usize>>,
    /// Clusters that may know each other's ends: the meshes, and each cluster outside of them.
    scopes: Vec<MeshScope>,
    /// The addresses that rules about ways in name.
    blocks: BTreeSet<&'p CidrBlock>,
    /// For each identity, the pods with a rule that lets it in; only filled where somebody's ways out are not named one by one.
    letting_in: Table<IdentityId, Vec<usize>>,
}

/// The ends in one cluster.
#[derive(Clone, Debug, Default)]
struct Local {
    pods: Vec<usize>,
    /// Those that the fleet doesn't govern.
    others: Vec<usize>,
    /// Pods that let in everybody but whom they deny.
    open: Vec<usize>,
    /// Pods that let in some addresses.
    open_to_addresses: Vec<usize>,
    /// Pods that let in ends which are neither pods of the fleet nor seen as addresses.
    open_to_others: Vec<usize>,
}

/// Clusters outside of which nothing of theirs is known.
#[derive(Clone, Debug)]
struct MeshScope {
    members: ClusterSet,
    /// Their pods that let in some addresses, or everybody.
    open_to_addresses: Vec<usize>,
}

/// What has been asked on behalf of other ends that are seen as nothing but an address. `K` is what the question can tell of an end beyond that.
#[derive(Debug)]
pub struct Covered<K>(BTreeSet<(Observers, AddressKind, K)>);

impl<K: Ord> Default for Covered<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

/// Who sees an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Observers {
    MeshScope(usize),
    Cluster(ClusterId),
}

/// What ways in can tell of an address: the blocks that it is in, by their place among all that rules name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct AddressKind {
    /// Whether it is outside of every cluster, where there is nothing to be known of it.
    is_world: bool,
    is_metadata: bool,
    inside: Vec<usize>,
}

impl<'p> Partners<'p> {
    /// Sorts ends by what rules can say of them.
    #[must_use]
    pub fn new(plan: &'p Plan, ends: &[&End]) -> Self {
        let mut partners = Self {
            plan,
            pods: vec![Vec::new(); plan.model.identities.len()].into(),
            clusters: vec![Local::default(); plan.model.clusters.len()].into(),
            world: Vec::new(),
            by_address: BTreeMap::new(),
            by_pattern: names(plan, ends),
            sets: BTreeMap::new(),
            scopes: Vec::new(),
            blocks: blocks(plan),
            letting_in: vec![Vec::new(); plan.model.identities.len()].into(),
        };
        let unnamed = goes_anywhere(plan);
        for (place, end) in ends.iter().enumerate().filter(|(_, end)| !is_shut(plan, end)) {
            if let Some(address) = address_of(end) {
                partners.by_address.entry(address).or_default().push(place);
            }
            match (end, end.cluster()) {
                (End::Pod { identity, cluster, .. }, _) => {
                    partners.pods[*identity].push((*cluster, place));
                    partners.clusters[*cluster].pods.push(place);
                    partners.add_gate(*identity, *cluster, place, unnamed);
                }
                (_, Some(cluster)) => partners.clusters[cluster].others.push(place),
                (_, None) => partners.world.push(place),
            }
        }
        partners.scopes = partners.scopes();
        partners.sets = partners.sets();
        partners
    }

    fn sets(&self) -> BTreeMap<usize, Vec<usize>> {
        let ways_out = self
            .plan
            .rules
            .rows()
            .iter()
            .filter(|rule| rule.verb == Verb::Allow && rule.direction == Direction::Egress);
        let mut sets = BTreeMap::new();
        for pods in ways_out.flat_map(|rule| &rule.peers).filter_map(Peer::pods) {
            sets.entry(pods.as_ptr().addr()).or_insert_with(|| self.pods(pods).collect());
        }
        sets
    }

    fn scopes(&self) -> Vec<MeshScope> {
        let mut left = self.plan.model.all_clusters();
        let mut scopes = Vec::new();
        while let Some(first) = left.iter().next() {
            let members = self.plan.model.around(first);
            left = left.less(members);
            let open = members.iter().flat_map(|member| self.clusters[member].to_addresses()).collect();
            scopes.push(MeshScope { members, open_to_addresses: open });
        }
        scopes
    }

    /// Whom a pod lets in.
    fn add_gate(&mut self, identity: IdentityId, cluster: ClusterId, place: usize, unnamed: Unnamed) {
        if self.plan.default_of(identity, cluster, Direction::Ingress).value == Verb::Allow {
            self.clusters[cluster].open.push(place);
            return;
        }
        let (mut addresses, mut others) = (false, false);
        for peer in allows(self.plan, identity, cluster, Direction::Ingress).flat_map(|rule| &rule.peers) {
            match peer {
                Peer::Pods { pods, .. } => match unnamed {
                    Unnamed::Some => pods.iter().for_each(|set| self.letting_in[set.identity].push(place)),
                    Unnamed::None => {}
                },
                Peer::World | Peer::Cidr(_) | Peer::CloudMetadata => addresses = true,
                Peer::Foreign { .. }
                | Peer::ForeignPods { .. }
                | Peer::Dns(_)
                | Peer::Host
                | Peer::RemoteNodes
                | Peer::KubeApiserver
                | Peer::Gateways
                | Peer::ClusterDns => others = true,
            }
        }
        if addresses {
            self.clusters[cluster].open_to_addresses.push(place);
        }
        if others {
            self.clusters[cluster].open_to_others.push(place);
        }
    }

    /// The places of some pods of the fleet.
    pub fn pods<'a>(&'a self, pods: &'a PodSets) -> impl Iterator<Item = usize> + 'a {
        pods.iter().flat_map(|set| {
            let there = self.pods[set.identity].iter().filter(|(runs_in, _)| set.clusters.contains(*runs_in));
            there.map(|(_, place)| *place)
        })
    }

    /// The places of all ends that a source can possibly reach, in order.
    #[must_use]
    pub fn of(&self, source: &End) -> Vec<usize> {
        self.unasked(source, &(), &mut Covered::default())
    }

    /// As [`Partners::of`], without those that have been asked for another end from which they can't tell this one, and of which the same is
    /// `told`.
    #[must_use]
    pub fn unasked<K: Ord + Clone>(&self, source: &End, told: &K, asked: &mut Covered<K>) -> Vec<usize> {
        let mut found = match source {
            End::Pod { identity, cluster, .. } => self.of_pod(*identity, *cluster),
            // A name is only ever a destination.
            End::World(WorldEnd::Name(_)) => Vec::new(),
            End::Foreign { .. } if is_shut(self.plan, source) => Vec::new(),
            End::Host { cluster } => self.clusters[*cluster].pods.clone(),
            End::Foreign { .. }
            | End::ClusterDns { .. }
            | End::RemoteNode { .. }
            | End::KubeApiserver { .. }
            | End::Gateway { .. }
            | End::World(WorldEnd::Address(_)) => self.of_other(source, told, asked),
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    fn kind(&self, source: &End) -> AddressKind {
        let address = address_of(source);
        let is_inside = |block: &&CidrBlock| address.is_some_and(|address| block.contains(address));
        AddressKind {
            is_world: matches!(source, End::World(_)),
            is_metadata: address.is_some_and(is_cloud_metadata),
            inside: (0..).zip(&self.blocks).filter(|(_, block)| is_inside(block)).map(|(place, _)| place).collect(),
        }
    }

    fn of_pod(&self, identity: IdentityId, cluster: ClusterId) -> Vec<usize> {
        let mut found = Vec::new();
        if self.plan.default_of(identity, cluster, Direction::Egress).value == Verb::Allow {
            self.add_anybody(identity, &mut found);
            return found;
        }
        // Look-ups are built in.
        found.extend(&self.clusters[cluster].others);
        for peer in allows(self.plan, identity, cluster, Direction::Egress).flat_map(|rule| &rule.peers) {
            match peer {
                Peer::Pods { pods, locality: Locality::Anywhere } => {
                    found.extend(self.sets.get(&pods.as_ptr().addr()).into_iter().flatten());
                }
                Peer::Pods { pods, locality: Locality::SubjectCluster } => {
                    for set in pods.iter().filter(|set| set.clusters.contains(cluster)) {
                        let here = self.pods[set.identity].iter().filter(|(runs_in, _)| *runs_in == cluster);
                        found.extend(here.map(|(_, place)| place));
                    }
                }
                Peer::World => self.add_anybody(identity, &mut found),
                Peer::Cidr(block) => self.add_addresses(block.cidr, &mut found),
                Peer::CloudMetadata => {
                    for address in CLOUD_METADATA {
                        self.add_addresses(IpAddr::from(address).into(), &mut found);
                    }
                }
                Peer::Dns(pattern) => found.extend(self.by_pattern.get(pattern).into_iter().flatten()),
                Peer::Foreign { .. }
                | Peer::ForeignPods { .. }
                | Peer::Host
                | Peer::RemoteNodes
                | Peer::KubeApiserver
                | Peer::Gateways
                | Peer::ClusterDns => {
                    self.plan.model.around(cluster).iter().for_each(|near| found.extend(&self.clusters[near].others));
                }
            }
        }
        found
    }

    /// Everybody who doesn't turn an identity away.
    fn add_anybody(&self, identity: IdentityId, found: &mut Vec<usize>) {
        found.extend(self.letting_in[identity].iter());
        found.extend(self.scopes.iter().flat_map(|scope| &scope.open_to_addresses));
        found.extend(self.clusters.rows().iter().flat_map(|local| &local.others).chain(&self.world));
    }

    fn add_addresses(&self, cidr: Cidr, found: &mut Vec<usize>) {
        let inside = self.by_address.range(cidr.network()..=cidr.broadcast());
        found.extend(inside.flat_map(|(_, places)| places));
    }

    /// Whom an end reaches that the fleet doesn't govern: only pods decide such flows.
    fn of_other<K: Ord + Clone>(&self, source: &End, told: &K, asked: &mut Covered<K>) -> Vec<usize> {
        let kind = self.kind(source);
        let mut is_new = |observers| asked.0.insert((observers, kind.clone(), told.clone()));
        let mut found = Vec::new();
        for (place, scope) in self.scopes.iter().enumerate() {
            if !source.cluster().is_some_and(|cluster| scope.members.contains(cluster)) {
                if is_new(Observers::MeshScope(place)) {
                    found.extend(&scope.open_to_addresses);
                }
                continue;
            }
            for observer in scope.members.iter() {
                let local = &self.clusters[observer];
                if matches!(seen(self.plan, observer, source), Seen::Known(_)) {
                    found.extend(local.open.iter().chain(&local.open_to_others));
                } else if is_new(Observers::Cluster(observer)) {
                    found.extend(local.to_addresses());
                }
            }
        }
        found
    }
}

impl Local {
    fn to_addresses(&self) -> impl Iterator<Item = usize> {
        self.open.iter().chain(&self.open_to_addresses).copied()
    }
}

/// The places of the names that match each pattern of a rule.
fn names<'p>(plan: &'p Plan, ends: &[&End]) -> BTreeMap<&'p DnsPattern, Vec<usize>> {
    let name = |(place, end): (usize, &&End)| match end {
        End::World(WorldEnd::Name(name)) => Some((place, name.clone())),
        End::World(WorldEnd::Address(_))
        | End::Pod { .. }
        | End::Foreign { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. } => None,
    };
    let names: Vec<(usize, Name)> = ends.iter().enumerate().filter_map(name).collect();
    let matched = |pattern: &DnsPattern| {
        let matching = names.iter().filter(|(_, name)| pattern.matches(name.as_str()));
        matching.map(|(place, _)| *place).collect()
    };
    let mut by_pattern = BTreeMap::new();
    for peer in plan.rules.rows().iter().flat_map(|rule| &rule.peers) {
        if let Peer::Dns(pattern) = peer {
            by_pattern.entry(pattern).or_insert_with(|| matched(pattern));
        }
    }
    by_pattern
}

/// Whether the fleet lets an end neither send nor receive anything: it stands where its namespace is only for its services.
fn is_shut(plan: &Plan, end: &End) -> bool {
    matches!(end, End::Foreign { cluster, pod, .. } if stub(plan, *cluster, pod).is_some())
}

/// The addresses that rules about ingress name.
fn blocks(plan: &Plan) -> BTreeSet<&CidrBlock> {
    let rules = plan.rules.rows().iter().filter(|rule| rule.direction == Direction::Ingress);
    let mut blocks = BTreeSet::new();
    for peer in rules.flat_map(|rule| &rule.peers) {
        if let Peer::Cidr(block) = peer {
            blocks.insert(block);
        }
    }
    blocks
}

/// Whether somebody can send where no rule names the receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unnamed {
    Some,
    None,
}

fn goes_anywhere(plan: &Plan) -> Unnamed {
    let mut defaults = plan.defaults.rows().iter().flatten();
    let open = defaults.any(|default| default.direction == Direction::Egress && default.verb.value == Verb::Allow);
    let to_world = |rule: &Rule| rule.direction == Direction::Egress && rule.peers.contains(&Peer::World);
    if open || plan.rules.rows().iter().any(to_world) { Unnamed::Some } else { Unnamed::None }
}

fn allows(plan: &Plan, identity: IdentityId, cluster: ClusterId, direction: Direction) -> impl Iterator<Item = &Rule> {
    let rules = plan.rules_of[identity].iter().map(|index| &plan.rules[*index]);
    rules
        .filter(move |rule| rule.verb == Verb::Allow && rule.direction == direction && rule.is_about(identity, cluster))
}

/// The address of an end, where it has one that rules can look at.
#[must_use]
pub fn address_of(end: &End) -> Option<IpAddr> {
    match end {
        End::Pod { address, .. }
        | End::Foreign { address, .. }
        | End::ClusterDns { address, .. }
        | End::RemoteNode { address, .. } => *address,
        End::World(WorldEnd::Address(address)) => Some(*address),
        End::Host { .. } | End::KubeApiserver { .. } | End::Gateway { .. } | End::World(WorldEnd::Name(_)) => None,
    }
}
