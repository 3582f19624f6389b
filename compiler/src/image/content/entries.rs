//! The policy map of one identity, as Cilium's engine computes it (`insertWithChanges` in its `pkg/policy/mapstate.go`).
//!
//! Of policies as they are built here 1.18 and 1.19 make the same keys. From 1.20 on a wildcard stands under five numbers, and what the rules
//! say of the world as a whole is not repeated for a prefix in it.
//!
//! The engine inserts entries one by one and prunes as it goes. The result does not depend on the order, and is computed here at once: a deny
//! stays unless a wider deny of the same peer covers it; an allow stays unless a deny, or an allow that is sent to a proxy with a higher
//! priority, covers it; of two allows with one key the one with the higher priority stays.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::{Identity, Scope};
use fleetnet_abi::policy::key::{self, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol as Number};
use fleetnet_abi::policy::value::{ListenerPriority, PolicyValue};

use super::requests::redirected;
use super::select;
use super::universe::Universe;
use crate::model::{ClusterId, Direction, DnsAccess, IdentityId, PortRange, Protocol, RuleId, Transport, Verb};
use crate::plan::{Peer, Plan, Ports, Rule};

/// The proxy ports that an agent would choose at run time, fixed so that contents can be compared.
const HTTP_INGRESS: u16 = 14001;
const HTTP_EGRESS: u16 = 14002;
const DNS: u16 = 14003;
/// The port of look-ups.
const DOMAIN: u16 = 53;

/// One entry, with the rule behind it; none behind a default or what is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// The key.
    pub key: PolicyKey,
    /// The value.
    pub value: PolicyValue,
    /// The rule.
    pub rule: Option<RuleId>,
}

/// The entries that 1.18 has for an identity's pods in the universe's cluster, in no particular order.
#[must_use]
pub fn entries(plan: &Plan, universe: &Universe, identity: IdentityId) -> Vec<MapEntry> {
    let side = |direction| Side { plan, universe, identity, direction, release: Abi::Cilium118 };
    let entries = |side: Side<'_>| side.wants().map(|(peer, want)| side.entry(peer, want)).collect::<Vec<_>>();
    Direction::ALL.into_iter().map(side).flat_map(entries).collect()
}

/// The oldest of the releases that make the same keys as this one.
#[must_use]
pub const fn first_like(release: Abi) -> Abi {
    match release {
        Abi::Cilium118 | Abi::Cilium119 => Abi::Cilium118,
        Abi::Cilium120 => Abi::Cilium120,
    }
}

/// The rule behind each entry that a release has for an identity's pods in the universe's cluster, in no particular order.
#[must_use]
pub fn rules_behind(plan: &Plan, universe: &Universe, identity: IdentityId, release: Abi) -> Vec<Option<RuleId>> {
    let side = |direction| Side { plan, universe, identity, direction, release };
    let label_sets = |peer: Identity| universe.label_sets.get(&peer).copied().unwrap_or(1);
    let behind = |(peer, want): (Identity, Want)| std::iter::repeat_n(want.rule, label_sets(peer));
    let rules = |side: Side<'_>| side.wants().flat_map(behind).collect::<Vec<_>>();
    Direction::ALL.into_iter().map(side).flat_map(rules).collect()
}

/// One direction of one identity.
struct Side<'a> {
    plan: &'a Plan,
    universe: &'a Universe,
    identity: IdentityId,
    direction: Direction,
    release: Abi,
}

/// What an entry does, ordered by how much it prunes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// Lets pass.
    Allow,
    /// Lets pass what the DNS proxy answers.
    Dns,
    /// Lets pass what the HTTP proxy admits.
    Http,
    /// Drops.
    Deny,
}

/// What the rules want of one peer.
#[derive(Clone, Copy, Debug)]
struct Want {
    l4: L4,
    action: Action,
    rule: Option<RuleId>,
    of: Whose,
}

/// Under whose number a want is written. Of two that want the same, the wider number's is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// Under the number that stands for the peer and others.
    Aggregate,
    /// Under the peer's own.
    Own,
}

impl Side<'_> {
    fn wants(&self) -> impl Iterator<Item = (Identity, Want)> {
        let mut peers: BTreeMap<Identity, Vec<Want>> = BTreeMap::new();
        match self.default() {
            Verb::Deny => self.allows(&mut peers),
            Verb::Allow => self.allow_all(&mut peers),
        }
        for rule in self.rules().filter(|rule| rule.verb == Verb::Deny) {
            self.add(&mut peers, rule, Action::Deny);
        }
        let world = match self.release {
            Abi::Cilium118 | Abi::Cilium119 => None,
            Abi::Cilium120 => peers.get(&Identity::AGGREGATE_WORLD),
        };
        let world = world.into_iter().flatten().map(|want| Want { of: Whose::Aggregate, ..*want });
        let world: Vec<Want> = world.collect();
        peers.into_iter().flat_map(move |(peer, mut wants)| {
            if peer.scope() == Scope::Cidr {
                wants.extend(&world);
            }
            prune(wants).into_iter().map(move |want| (peer, want))
        })
    }

    /// What a direction without a default deny starts from.
    fn allow_all(&self, peers: &mut BTreeMap<Identity, Vec<Want>>) {
        for any in self.release.any_peer_identities() {
            peers.entry(*any).or_default().push(Want::built_in(L4::Any));
        }
        match (self.direction, self.release) {
            (Direction::Ingress, Abi::Cilium118 | Abi::Cilium119) => Self::localhost(peers),
            (Direction::Ingress, Abi::Cilium120) | (Direction::Egress, _) => {}
        }
    }

    /// The engine's own localhost rule, whatever the policy says.
    fn localhost(peers: &mut BTreeMap<Identity, Vec<Want>>) {
        peers.entry(Identity::HOST).or_default().push(Want::built_in(L4::Any));
    }

    fn cluster(&self) -> ClusterId {
        self.universe.cluster
    }

    fn default(&self) -> Verb {
        self.plan.default_of(self.identity, self.cluster(), self.direction).value
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        let rules = self.plan.rules_of[self.identity].iter().map(|index| &self.plan.rules[*index]);
        rules.filter(|rule| rule.direction == self.direction && rule.is_about(self.identity, self.cluster()))
    }

    fn allows(&self, peers: &mut BTreeMap<Identity, Vec<Want>>) {
        for rule in self.rules().filter(|rule| rule.verb == Verb::Allow && rule.requests.is_empty()) {
            self.add(peers, rule, Action::Allow);
        }
        match self.direction {
            Direction::Ingress => Self::localhost(peers),
            Direction::Egress => self.look_ups(peers),
        }
        for (peer, rules) in self.with_requests() {
            let plain = peers.get(&peer).map_or(&[][..], Vec::as_slice);
            let plain: Vec<L4> = plain.iter().map(|want| want.l4).collect();
            let cells = redirected(&rules, &plain);
            let wants = cells.into_iter().flat_map(|cell| {
                L4::cover(Number::TCP, cell.first, cell.last).map(move |l4| Want {
                    l4,
                    action: Action::Http,
                    rule: Some(cell.rule),
                    of: Whose::Own,
                })
            });
            peers.entry(peer).or_default().extend(wants);
        }
    }

    /// Look-ups are built in; where names are allowed they go through the proxy that learns their addresses.
    fn look_ups(&self, peers: &mut BTreeMap<Identity, Vec<Want>>) {
        let named = self
            .rules()
            .find(|rule| rule.verb == Verb::Allow && rule.peers.iter().any(|peer| matches!(peer, Peer::Dns(_))));
        for peer in select::dns(self.universe) {
            let wants = peers.entry(peer).or_default();
            for protocol in [Number::UDP, Number::TCP] {
                let l4 = L4::port(protocol, DOMAIN);
                if self.plan.model.fleet.dns == DnsAccess::BuiltIn {
                    wants.push(Want::built_in(l4));
                }
                let open = wants.iter().any(|want| covers(want.l4, l4));
                if let (Some(rule), true) = (named, open) {
                    wants.push(Want { l4, action: Action::Dns, rule: Some(rule.source), of: Whose::Own });
                }
            }
        }
    }

    /// The rules that admit only some requests, for each peer.
    fn with_requests(&self) -> BTreeMap<Identity, Vec<&Rule>> {
        let mut peers: BTreeMap<Identity, Vec<&Rule>> = BTreeMap::new();
        for rule in self.rules().filter(|rule| rule.verb == Verb::Allow && !rule.requests.is_empty()) {
            let mut numbers: Vec<Identity> = rule.peers.iter().flat_map(|peer| self.numbers(peer)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            for number in numbers {
                peers.entry(number).or_default().push(rule);
            }
        }
        peers
    }

    fn numbers(&self, peer: &Peer) -> Vec<Identity> {
        select::numbers(self.plan, self.universe, peer, self.release)
    }

    fn add(&self, peers: &mut BTreeMap<Identity, Vec<Want>>, rule: &Rule, action: Action) {
        let l4s: Vec<L4> = match &rule.ports {
            Ports::Any => vec![L4::Any],
            Ports::Ranges(ranges) => ranges.iter().flat_map(|range| range_entries(*range)).collect(),
        };
        for number in rule.peers.iter().flat_map(|peer| self.numbers(peer)) {
            let wants = l4s.iter().map(|l4| Want { l4: *l4, action, rule: Some(rule.source), of: Whose::Own });
            peers.entry(number).or_default().extend(wants);
        }
    }

    fn entry(&self, peer: Identity, want: Want) -> MapEntry {
        let direction = match self.direction {
            Direction::Ingress => key::Direction::Ingress,
            Direction::Egress => key::Direction::Egress,
        };
        let key = PolicyKey { direction, identity: peer, l4: want.l4 };
        let http = match self.direction {
            Direction::Ingress => HTTP_INGRESS,
            Direction::Egress => HTTP_EGRESS,
        };
        let redirect = |port: u16, listener| {
            let port = NonZeroU16::new(port).unwrap_or(NonZeroU16::MIN);
            PolicyValue::redirect(Abi::Cilium118, &key, port, listener)
        };
        let value = match want.action {
            Action::Allow => PolicyValue::allow(Abi::Cilium118, &key),
            Action::Deny => PolicyValue::deny(Abi::Cilium118, &key),
            Action::Http => redirect(http, ListenerPriority::HTTP),
            Action::Dns => redirect(DNS, ListenerPriority::DNS),
        };
        MapEntry { key, value, rule: want.rule }
    }
}

impl Want {
    fn built_in(l4: L4) -> Self {
        Self { l4, action: Action::Allow, rule: None, of: Whose::Own }
    }
}

/// What the engine keeps of the wants about one peer under the peer's own number.
fn prune(mut wants: Vec<Want>) -> Vec<Want> {
    // Widest first, and of one key the strongest first, of equals the first rule.
    wants.sort_by_key(|want| (want.l4.bits(), want.l4, std::cmp::Reverse(want.action), want.of, want.rule));
    let mut kept: Vec<Want> = Vec::with_capacity(wants.len());
    let strongest = wants.iter().map(|want| want.action).max();
    let mut strong: BTreeMap<L4, Action> = BTreeMap::new();
    for want in wants {
        if kept.last().is_some_and(|last| last.l4 == want.l4) {
            continue;
        }
        let beaten = |action: Action| match want.action {
            Action::Deny => action == Action::Deny,
            Action::Allow | Action::Dns | Action::Http => action > want.action,
        };
        if strongest > Some(Action::Allow)
            && ancestors(want.l4).any(|wider| strong.get(&wider).copied().is_some_and(beaten))
        {
            continue;
        }
        if want.action > Action::Allow {
            strong.insert(want.l4, want.action);
        }
        kept.push(want);
    }
    kept.retain(|want| want.of == Whose::Own);
    kept
}

/// Every wider entry that a key of one peer can have above it.
fn ancestors(l4: L4) -> impl Iterator<Item = L4> {
    let (first, _) = l4.port_range();
    let protocol = l4.protocol().filter(|_| l4.bits() > 8);
    let prefixes = (1..l4.bits().saturating_sub(8)).filter_map(move |bits| {
        let mask = u16::MAX.checked_shl(u32::from(16 - bits.min(16))).unwrap_or(u16::MAX);
        Some(L4::Ports(protocol?, fleetnet_abi::policy::l4::PortPrefix::new(first & mask, bits)?))
    });
    let any = (l4.bits() > 0).then_some(L4::Any);
    any.into_iter().chain(protocol.map(L4::Protocol)).chain(prefixes)
}

/// Whether every packet that `inner` speaks of is one that `outer` does.
fn covers(outer: L4, inner: L4) -> bool {
    let (outer_first, outer_last) = outer.port_range();
    let (inner_first, inner_last) = inner.port_range();
    let protocol = outer.protocol().is_none_or(|protocol| inner.protocol() == Some(protocol));
    protocol && outer_first <= inner_first && inner_last <= outer_last
}

/// The entries of a range. Every type of ICMP, as every port of a transport, is the protocol itself.
fn range_entries(range: PortRange) -> Vec<L4> {
    let number = match range.protocol {
        Protocol::Transport(Transport::Tcp) => Number::TCP,
        Protocol::Transport(Transport::Udp) => Number::UDP,
        Protocol::Transport(Transport::Sctp) => Number::SCTP,
        Protocol::IcmpV4 => Number::ICMP,
        Protocol::IcmpV6 => Number::ICMPV6,
    };
    if range == PortRange::all(range.protocol) {
        return vec![L4::Protocol(number)];
    }
    L4::cover(number, range.first, range.last).collect()
}
