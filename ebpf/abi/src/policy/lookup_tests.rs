//! The lookup order of the three releases, case by case, and the candidate search against the plain definition of a longest prefix.

use core::num::NonZeroU16;
use std::vec::Vec;

use super::key::{Direction, PacketKey, PolicyKey};
use super::l4::{L4, Protocol};
use super::lookup::{Decision, DropReason, Lookup, Packet, PolicyMap, Transport, Verdict};
use super::value::{Action, Auth, AuthMethod, AuthSource, ListenerPriority, PolicyValue, Rank};
use crate::abi::Abi;
use crate::identity::Identity;

const PEER: u32 = 0x0001_0100;
const OWN: u8 = 1;
const TCP: L4 = L4::Protocol(Protocol::TCP);

type Entries = [(PolicyKey, PolicyValue)];

fn entry(abi: Abi, identity: u32, l4: L4, action: Action) -> (PolicyKey, PolicyValue) {
    at_level(abi, 0, identity, l4, action)
}

fn at_level(abi: Abi, level: u32, identity: u32, l4: L4, action: Action) -> (PolicyKey, PolicyValue) {
    let key = PolicyKey { direction: Direction::Ingress, identity: Identity(identity), l4 };
    let rank = match action {
        Action::Allow => Rank::allow(abi),
        Action::Deny => Rank::deny(abi),
        Action::Redirect(_) => Rank::redirect(abi, ListenerPriority::HTTP),
    };
    (key, PolicyValue::new(&key, action, Auth::NONE, rank.at_level(level)))
}

fn tcp(port: u16) -> L4 {
    L4::port(Protocol::TCP, port)
}

fn ask(abi: Abi, map: &Entries, remote: u32, transport: Transport) -> Decision<usize> {
    let packet = Packet { direction: Direction::Ingress, remote: Identity(remote), transport };
    Lookup { abi, cluster: OWN }.decide(map, packet)
}

fn ask_port(abi: Abi, map: &Entries, remote: u32, port: u16) -> Decision<usize> {
    ask(abi, map, remote, Transport::Port { protocol: Protocol::TCP, port })
}

/// Checks verdict and place of the deciding entry.
fn check(abi: Abi, map: &Entries, remote: u32, port: u16, verdict: Verdict, place: Option<usize>) {
    let decision = ask_port(abi, map, remote, port);
    assert_eq!((decision.verdict, decision.entry.map(|(_, place)| place)), (verdict, place), "{abi}");
}

const DENIED: Verdict = Verdict::Drop(DropReason::Denied);
const DEFAULT: Verdict = Verdict::Drop(DropReason::NoMatch);

#[test]
fn an_empty_map_drops_by_default() {
    for abi in Abi::ALL {
        check(abi, &[], PEER, 80, DEFAULT, None);
        let fragment = ask(abi, &[], PEER, Transport::Fragment { protocol: Protocol::UDP });
        assert_eq!(fragment.verdict, Verdict::Drop(DropReason::UntrackedFragment));
    }
    assert_eq!(DropReason::NoMatch.code(), -133);
}

#[test]
fn fragmentation_needed_passes_without_an_entry() {
    for abi in Abi::ALL {
        let everything_denied = [entry(abi, 0, L4::Any, Action::Deny)];
        let needed = ask(abi, &everything_denied, PEER, Transport::Icmp { kind: 3, code: 4 });
        assert_eq!(needed, Decision { verdict: Verdict::Allow, entry: None });
        let other = ask(abi, &everything_denied, PEER, Transport::Icmp { kind: 3, code: 3 });
        assert_eq!(other.verdict, DENIED);
    }
}

#[test]
fn icmp_types_stand_for_ports() {
    for abi in Abi::ALL {
        let map = [
            entry(abi, 0, L4::port(Protocol::ICMP, 8), Action::Allow),
            entry(abi, 0, L4::port(Protocol::ICMPV6, 128), Action::Allow),
        ];
        assert_eq!(ask(abi, &map, PEER, Transport::Icmp { kind: 8, code: 0 }).verdict, Verdict::Allow);
        assert_eq!(ask(abi, &map, PEER, Transport::Icmp { kind: 0, code: 0 }).verdict, DEFAULT);
        assert_eq!(ask(abi, &map, PEER, Transport::Icmpv6 { kind: 128 }).verdict, Verdict::Allow);
        assert_eq!(ask(abi, &map, PEER, Transport::Icmpv6 { kind: 129 }).verdict, DEFAULT);
    }
}

#[test]
fn within_one_identity_only_the_longest_prefix_answers() {
    for abi in Abi::ALL {
        let map = [entry(abi, PEER, L4::Any, Action::Deny), entry(abi, PEER, tcp(80), Action::Allow)];
        check(abi, &map, PEER, 80, Verdict::Allow, Some(1));
        check(abi, &map, PEER, 81, DENIED, Some(0));
    }
}

#[test]
fn a_deny_of_any_peer_wins_over_an_allow_of_one() {
    for abi in [Abi::Cilium118, Abi::Cilium119] {
        let map = [entry(abi, PEER, tcp(80), Action::Allow), entry(abi, 0, L4::Any, Action::Deny)];
        check(abi, &map, PEER, 80, DENIED, Some(1));
    }
}

#[test]
fn a_deny_of_one_peer_ends_the_search() {
    for abi in Abi::ALL {
        let map = [entry(abi, PEER, TCP, Action::Deny), entry(abi, 0, tcp(80), Action::Allow)];
        check(abi, &map, PEER, 80, DENIED, Some(0));
    }
}

#[test]
fn of_equal_ranks_the_longer_prefix_wins_and_then_the_specific_peer() {
    for abi in [Abi::Cilium118, Abi::Cilium119] {
        let longer = [entry(abi, PEER, TCP, Action::Allow), entry(abi, 0, tcp(80), Action::Allow)];
        check(abi, &longer, PEER, 80, Verdict::Allow, Some(1));
        let equal = [entry(abi, 0, tcp(80), Action::Allow), entry(abi, PEER, tcp(80), Action::Allow)];
        check(abi, &equal, PEER, 80, Verdict::Allow, Some(1));
    }
}

#[test]
fn a_redirect_wins_over_a_plain_allow_of_the_other_lookup() {
    let proxy = NonZeroU16::new(14001).expect("not 0");
    for abi in [Abi::Cilium118, Abi::Cilium119] {
        let map = [entry(abi, PEER, tcp(80), Action::Redirect(proxy)), entry(abi, 0, tcp(80), Action::Allow)];
        check(abi, &map, PEER, 80, Verdict::Redirect(proxy), Some(0));
        check(abi, &map, PEER + 1, 80, Verdict::Allow, Some(1));
        let wide = [entry(abi, PEER, tcp(80), Action::Allow), entry(abi, 0, TCP, Action::Redirect(proxy))];
        check(abi, &wide, PEER, 80, Verdict::Redirect(proxy), Some(1));
    }
}

#[test]
fn aggregates_answer_in_1_20_and_any_peer_only_where_nothing_else_does() {
    let abi = Abi::Cilium120;
    let any_only = [entry(abi, 0, tcp(80), Action::Allow)];
    check(abi, &any_only, PEER, 80, Verdict::Allow, Some(0));
    check(abi, &any_only, 1, 80, Verdict::Allow, Some(0));
    let with_specific = [entry(abi, 0, L4::Any, Action::Deny), entry(abi, PEER, tcp(80), Action::Allow)];
    check(abi, &with_specific, PEER, 80, Verdict::Allow, Some(1));
    let with_aggregate = [entry(abi, 11, tcp(80), Action::Allow), entry(abi, 0, L4::Any, Action::Deny)];
    check(abi, &with_aggregate, PEER, 80, Verdict::Allow, Some(0));
    check(abi, &with_aggregate, PEER | 0x20000, 80, DENIED, Some(1));
    let worlds = [entry(abi, 13, tcp(443), Action::Allow), entry(abi, 14, tcp(4240), Action::Allow)];
    check(abi, &worlds, 0x0100_0007, 443, Verdict::Allow, Some(0));
    check(abi, &worlds, 0x0200_0007, 4240, Verdict::Allow, Some(1));
    check(abi, &worlds, 0x0200_0007, 443, DEFAULT, None);
}

#[test]
fn a_stronger_level_of_the_aggregate_wins_over_a_deny_of_the_peer() {
    let abi = Abi::Cilium120;
    let map = [at_level(abi, 10, PEER, tcp(80), Action::Deny), at_level(abi, 0, 11, L4::Any, Action::Allow)];
    check(abi, &map, PEER, 80, Verdict::Allow, Some(1));
    let same = [at_level(abi, 10, PEER, tcp(80), Action::Deny), at_level(abi, 10, 11, L4::Any, Action::Deny)];
    check(abi, &same, PEER, 80, DENIED, Some(0));
}

#[test]
fn authentication_is_lent_by_the_less_specific_entry() {
    let required = |abi, level, source| {
        let mut map = [entry(abi, PEER, tcp(80), Action::Allow), at_level(abi, level, 0, TCP, Action::Allow)];
        map[0].1.auth.source = source;
        map[1].1.auth = Auth { method: AuthMethod::Spire, source: AuthSource::Explicit };
        ask_port(abi, &map, PEER, 80).verdict
    };
    let asked = Verdict::Drop(DropReason::AuthRequired(AuthMethod::Spire));
    assert_eq!(required(Abi::Cilium118, 0, AuthSource::Derived), asked);
    assert_eq!(required(Abi::Cilium119, 0, AuthSource::Derived), asked);
    assert_eq!(required(Abi::Cilium119, 1, AuthSource::Derived), Verdict::Allow);
    assert_eq!(required(Abi::Cilium118, 0, AuthSource::Explicit), Verdict::Allow);
}

/// Looks up by the list of candidate keys, as sorted containers do.
struct ByCandidates<'a>(&'a Entries);

impl PolicyMap for ByCandidates<'_> {
    type Mark = usize;

    fn longest_match(&self, packet: PacketKey) -> Option<(PolicyValue, usize)> {
        packet.candidates().find_map(|key| {
            let place = self.0.iter().position(|(own, _)| *own == key)?;
            Some((self.0[place].1, place))
        })
    }
}

#[test]
fn candidates_find_the_longest_prefix() {
    // xorshift: the sequence is the same on every run.
    let mut state = 0x9E37_u16;
    let mut random = move |below: u16| {
        state ^= state << 7;
        state ^= state >> 9;
        state ^= state << 8;
        state % below
    };
    let mut hits = 0;
    for _ in 0..300 {
        let mut map: Vec<(PolicyKey, PolicyValue)> = Vec::new();
        for _ in 0..12 {
            let (first, width) = (random(8) * 4, random(16));
            let l4 = match random(8) {
                0 => L4::Any,
                1 => TCP,
                _ => L4::cover(Protocol::TCP, first, first + width).next().expect("not empty"),
            };
            let (key, value) = entry(Abi::Cilium118, random(2).into(), l4, Action::Allow);
            if map.iter().all(|(other, _)| *other != key) {
                map.push((key, value));
            }
        }
        for _ in 0..50 {
            let protocol = if random(4) == 0 { 17 } else { 6 };
            let (identity, port) = (Identity(random(2).into()), random(48));
            let packet = PacketKey { direction: Direction::Ingress, identity, protocol, port };
            let naive = map.longest_match(packet);
            assert_eq!(ByCandidates(&map).longest_match(packet), naive);
            hits += usize::from(naive.is_some());
        }
    }
    assert!(hits > 1000, "only {hits} of 15000 probes hit an entry");
}
