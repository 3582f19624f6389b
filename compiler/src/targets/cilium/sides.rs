//! One direction of one identity: everything that its rules, the built-in allows and its default say, as rules of the engine.
//!
//! Rules with the same ports are joined, so that neither the order of the source nor moving a declaration changes what is emitted.

use std::collections::{BTreeMap, BTreeSet};

use super::crd::{FqdnSelector, L7Rules, Ports as PortList, Rule as Emitted, Side};
use super::peers::{Fixed, Peers};
use super::view::View;
use super::{ports, requests};
use crate::model::{Direction, DnsAccess, IdentityId, PortRange, Protocol, Transport, Verb};
use crate::plan::{Peer, Ports, Rule};

/// One direction of an identity in the view's cluster.
pub fn side(view: &View<'_>, identity: IdentityId, direction: Direction) -> Side {
    let rules = view.plan.rules_of[identity].iter().map(|index| &view.plan.rules[*index]);
    let rules: Vec<&Rule> =
        rules.filter(|rule| rule.direction == direction && rule.is_about(identity, view.cluster)).collect();
    let of = |verb: Verb| rules.iter().copied().filter(move |rule| rule.verb == verb);
    let deny = emit(view, by_ports(view, of(Verb::Deny)));
    match view.plan.default_of(identity, view.cluster, direction).value {
        Verb::Allow => Side::open(deny),
        Verb::Deny => Side::closed(allow(view, direction, &of(Verb::Allow).collect::<Vec<_>>()), deny),
    }
}

fn allow(view: &View<'_>, direction: Direction, allows: &[&Rule]) -> Vec<Emitted> {
    let built_in = built_in(view, direction);
    let plain = allows.iter().copied().filter(|rule| rule.requests.is_empty());
    let mut by_ports = by_ports(view, plain);
    if let Some((ports, peers)) = &built_in {
        let known = by_ports.entry(ports.clone()).or_default();
        peers.fixed.iter().for_each(|peer| known.fix(peer.clone()));
    }
    let mut emitted = look_ups(view, allows, &mut by_ports);
    emitted.extend(emit(view, by_ports));
    for cell in requests::cells(view, allows, built_in.as_ref()) {
        let list = L7Rules::Http(cell.requests.iter().map(requests::lower).collect());
        let ports = ports::judged(&cell.ports, &list);
        emitted.extend(cell.peers.lower(view).into_iter().map(|peers| Emitted::Some(peers, ports.clone())));
    }
    emitted
}

fn by_ports<'a>(view: &View<'_>, rules: impl Iterator<Item = &'a Rule>) -> BTreeMap<Ports, Peers> {
    let mut by_ports: BTreeMap<Ports, Peers> = BTreeMap::new();
    for rule in rules {
        let peers = by_ports.entry(rule.ports.clone()).or_default();
        rule.peers.iter().for_each(|peer| peers.add(view, peer));
    }
    by_ports
}

fn emit(view: &View<'_>, by_ports: BTreeMap<Ports, Peers>) -> Vec<Emitted> {
    let mut emitted = Vec::new();
    for (ports, peers) in by_ports {
        let ports = ports::lower(&ports);
        for peers in peers.lower(view) {
            emitted.extend(ports.iter().map(|ports| Emitted::Some(peers.clone(), ports.clone())));
        }
    }
    emitted
}

/// What the language allows without a rule; some releases would let nodes in by themselves, none of them looks up names.
fn built_in(view: &View<'_>, direction: Direction) -> Option<(Ports, Peers)> {
    let (ports, peer) = match (direction, view.model().fleet.dns) {
        (Direction::Ingress, _) => (Ports::Any, Fixed::Host),
        (Direction::Egress, DnsAccess::BuiltIn) => (Ports::of(dns_ports().to_vec()), Fixed::ClusterDns),
        (Direction::Egress, DnsAccess::Strict) => return None,
    };
    let mut peers = Peers::default();
    peers.fix(peer);
    Some((ports, peers))
}

fn dns_ports() -> [PortRange; 2] {
    let port = |transport| PortRange { protocol: Protocol::Transport(transport), first: 53, last: 53 };
    [port(Transport::Tcp), port(Transport::Udp)]
}

/// Where names are allowed, the engine learns their addresses from the look-ups that pass through it: all of them, since any narrower
/// pattern would also refuse look-ups that are allowed.
fn look_ups(view: &View<'_>, allows: &[&Rule], by_ports: &mut BTreeMap<Ports, Peers>) -> Vec<Emitted> {
    let named = allows.iter().flat_map(|rule| &rule.peers).any(|peer| matches!(peer, Peer::Dns(_)));
    if !named {
        return Vec::new();
    }
    let open = |port: &PortRange| {
        by_ports
            .iter()
            .any(|(ports, peers)| peers.fixed.contains(&Fixed::ClusterDns) && ports.contains(port.protocol, port.first))
    };
    let seen: Vec<PortRange> = dns_ports().into_iter().filter(open).collect();
    if seen.is_empty() {
        return Vec::new();
    }
    let covered: BTreeSet<PortRange> = seen.iter().copied().collect();
    for (ports, peers) in by_ports.iter_mut() {
        let is_covered = match ports {
            Ports::Any => false,
            Ports::Ranges(ranges) => ranges.iter().all(|range| covered.contains(range)),
        };
        if is_covered {
            peers.fixed.remove(&Fixed::ClusterDns);
        }
    }
    let mut dns = Peers::default();
    dns.fix(Fixed::ClusterDns);
    let list: PortList = ports::judged(&seen, &L7Rules::Dns(vec![FqdnSelector::MatchPattern("*".to_owned())]));
    dns.lower(view).into_iter().map(|peers| Emitted::Some(peers, list.clone())).collect()
}
