//! The policy map of one identity, as Cilium 1.18's engine computes it (`insertWithChanges` in its `pkg/policy/mapstate.go`).
//!
//! The engine inserts entries one by one and prunes as it goes. The result does not depend on the order, and is computed here at once: a deny
//! stays unless a wider deny of the same peer covers it; an allow stays unless a deny, or an allow that is sent to a proxy with a higher
//! priority, covers it; of two allows with one key the one with the higher priority stays.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
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

/// The entries of an identity's pods in the universe's cluster, in no particular order.
#[must_use]
pub fn entries(plan: &Plan, universe: &Universe, identity: IdentityId) -> Vec<MapEntry> {
    Direction::ALL.into_iter().flat_map(|direction| Side { plan, universe, identity, direction }.entries()).collect()
}

/// One direction of one identity.
struct Side<'a> {
    plan: &'a Plan,
    universe: &'a Universe,
    identity: IdentityId,
    direction: Direction,
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
}

impl Side<'_> {
    fn entries(&self) -> Vec<MapEntry> {
        let mut peers: BTreeMap<Identity, Vec<Want>> = BTreeMap::new();
        match self.default() {
            Verb::Deny => self.allows(&mut peers),
            Verb::Allow => peers.entry(Identity::ANY).or_default().push(Want::built_in(L4::Any)),
        }
        if self.direction == Direction::Ingress {
            // The engine's own localhost rule, whatever the policy says.
            peers.entry(Identity::HOST).or_default().push(Want::built_in(L4::Any));
        }
        for rule in self.rules().filter(|rule| rule.verb == Verb::Deny) {
            self.add(&mut peers, rule, Action::Deny);
        }
        peers
            .into_iter()
            .flat_map(|(peer, wants)| prune(wants).into_iter().map(move |want| (peer, want)))
            .map(|(peer, want)| self.entry(peer, want))
            .collect()
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
            Direction::Ingress => peers.entry(Identity::HOST).or_default().push(Want::built_in(L4::Any)),
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
                    wants.push(Want { l4, action: Action::Dns, rule: Some(rule.source) });
                }
            }
        }
    }

    /// The rules that admit only some requests, for each peer.
    fn with_requests(&self) -> BTreeMap<Identity, Vec<&Rule>> {
        let mut peers: BTreeMap<Identity, Vec<&Rule>> = BTreeMap::new();
        for rule in self.rules().filter(|rule| rule.verb == Verb::Allow && !rule.requests.is_empty()) {
            let mut numbers: Vec<Identity> =
                rule.peers.iter().flat_map(|peer| select::numbers(self.plan, self.universe, peer)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            for number in numbers {
                peers.entry(number).or_default().push(rule);
            }
        }
        peers
    }

    fn add(&self, peers: &mut BTreeMap<Identity, Vec<Want>>, rule: &Rule, action: Action) {
        let l4s: Vec<L4> = match &rule.ports {
            Ports::Any => vec![L4::Any],
            Ports::Ranges(ranges) => ranges.iter().flat_map(|range| range_entries(*range)).collect(),
        };
        for number in rule.peers.iter().flat_map(|peer| select::numbers(self.plan, self.universe, peer)) {
            let wants = l4s.iter().map(|l4| Want { l4: *l4, action, rule: Some(rule.source) });
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
        Self { l4, action: Action::Allow, rule: None }
    }
}

/// What the engine keeps of the wants about one peer.
fn prune(mut wants: Vec<Want>) -> Vec<Want> {
    // Widest first, and of one key the strongest first, of equals the first rule.
    wants.sort_by_key(|want| (want.l4.bits(), want.l4, std::cmp::Reverse(want.action), want.rule));
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
