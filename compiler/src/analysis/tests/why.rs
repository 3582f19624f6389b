//! Answers against the reference evaluator, flow by flow.

use std::collections::BTreeSet;

use super::brute::plan;
use super::fleets::fleet;
use crate::analysis::why::{Answer, MOST_FLOWS, why};
use crate::model::{BuiltIn, Peer, PeerEnd, Place, PortRange, Protocol, Reach, Transport};
use crate::plan::Plan;
use crate::semantics::{Flow, decide};

/// Ports on both sides of whatever the fleets mention.
const PORTS: [u16; 8] = [1, 53, 79, 80, 85, 90, 91, 150];

/// A question about everything between two ends.
fn everything(from: PeerEnd, to: PeerEnd) -> Reach {
    let span = fleetnet_lang::Span::new(fleetnet_lang::FileId(0), 0, 0);
    let peer = |end| vec![Peer { end, place: Place::Everywhere, span }];
    Reach { from: peer(from), to: peer(to), ports: Vec::new(), request: None }
}

fn agrees(plan: &Plan, answers: &[Answer]) -> usize {
    let mut seen = BTreeSet::new();
    let mut asked = 0;
    for answer in answers {
        for (source, destination) in &answer.pairs {
            for range in &answer.ports {
                assert!(seen.insert((source, destination, *range)), "said twice");
                for port in PORTS.into_iter().filter(|port| range.contains(range.protocol, *port)) {
                    let flow = Flow {
                        source: source.clone(),
                        destination: destination.clone(),
                        protocol: range.protocol,
                        port,
                        request: None,
                    };
                    assert_eq!(decide(plan, &flow), answer.verdict, "{flow:?}");
                    asked += 1;
                }
            }
        }
    }
    asked
}

#[test]
fn answers_say_of_every_flow_what_the_reference_says() {
    let ends = [
        PeerEnd::All,
        PeerEnd::BuiltIn(BuiltIn::World),
        PeerEnd::BuiltIn(BuiltIn::Foreign),
        PeerEnd::BuiltIn(BuiltIn::Host),
    ];
    let mut asked = 0;
    for seed in 0..20 {
        let plan = plan(&fleet(seed));
        for other in &ends {
            let answers = why(&plan, &everything(other.clone(), PeerEnd::All)).expect("it can be asked");
            asked += agrees(&plan, &answers);
        }
    }
    assert!(asked > 10_000, "{asked}");
}

#[test]
fn every_port_of_every_pair_has_an_answer() {
    let plan = plan(&fleet(7));
    let answers = why(&plan, &everything(PeerEnd::All, PeerEnd::All)).expect("it can be asked");
    let pairs: BTreeSet<_> = answers.iter().flat_map(|answer| &answer.pairs).collect();
    assert!(pairs.len() < MOST_FLOWS);
    let tcp = Protocol::Transport(Transport::Tcp);
    for pair in pairs {
        let of_pair = answers.iter().filter(|answer| answer.pairs.contains(pair));
        let ports = of_pair.flat_map(|answer| &answer.ports).filter(|range| range.protocol == tcp);
        let count: u32 = ports.map(|PortRange { first, last, .. }| u32::from(last - first) + 1).sum();
        assert_eq!(count, 65_535, "{pair:?}");
    }
}
