//! Proofs over classes of flows say what asking every flow says, on generated fleets.
//!
//! Brute force needs no class: it takes every pod of every end, in every cluster, every address next to an edge of a block, and every port
//! next to an edge of a range, and asks `semantics::decide`.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]
#![allow(clippy::print_stdout, reason = "how much was proven, for who asks with `--nocapture`")]
#![allow(clippy::similar_names, reason = "a text and what it tests")]

use std::collections::BTreeSet;
use std::net::IpAddr;

use fleetnet_compiler::analysis::{Promise, proof};
use fleetnet_compiler::compile::Goal;
use fleetnet_compiler::model::{
    Assertion, BuiltIn, Cidr, ClusterId, Id as _, Model, PeerEnd, Place, PortExpr, PortRange, Protocol, Reach,
    Transport,
};
use fleetnet_compiler::plan::{Peer, Plan, Ports};
use fleetnet_compiler::semantics::{End, Flow, WorldEnd, decide};
use fleetnet_tests::generate::{self, Random};
use fleetnet_tests::package::{Package, errors};
use fleetnet_threads::Threads;

/// How many generated fleets are proven.
const FLEETS: u64 = 120;
/// How many assertions each of them makes.
const ASSERTIONS: usize = 12;

#[test]
fn proofs_are_what_asking_every_flow_gives() {
    let (mut kept, mut broken, mut invariants) = (0, 0, [0, 0]);
    for seed in 0..FLEETS {
        let source = generate::small(seed).to_string();
        let compiled = Package::of_text(&source).compile(Goal::Check);
        if !errors(&compiled).is_empty() {
            continue;
        }
        let model = &compiled.plan.expect("a fleet without errors has a plan").model;
        let mut draw = Random::new(seed);
        let lines: Vec<String> = (0..ASSERTIONS).map(|_| assertion(&mut draw, model)).collect();
        let (holds, cel) = condition(&mut draw, model);
        let text = format!("{source}test \"t\" {{\n  {}\n}}\ninvariant i {{ require `{cel}` }}\n", lines.join("\n  "));
        let promising = Package::of_text(&text).compile(Goal::Check);
        let plan = promising.plan.as_ref().unwrap_or_else(|| panic!("seed {seed}: {:?}\n{text}", errors(&promising)));
        let proof = proof(plan, &Threads::new(3));
        assert!(proof.invalid.is_empty(), "seed {seed}: {:?}\n{text}", proof.invalid);
        let test = plan.model.tests.first().expect("one was written");
        for (place, (line, assertion)) in lines.iter().zip(&test.assertions).enumerate() {
            let fails = proof.failures.iter().any(|failure| failure.promise == Promise::Assertion(0, place));
            let counterexample = broken_by(plan, &assertion.value);
            assert_eq!(
                fails,
                counterexample.is_some(),
                "seed {seed}: the proof of `{line}` fails: {fails}; brute force finds {counterexample:?}\n{text}"
            );
            *(if fails { &mut broken } else { &mut kept }) += 1;
        }
        let fails = proof.failures.iter().any(|failure| failure.promise == Promise::Requirement(0, 0));
        let counterexample = pods_that_break(plan, &holds);
        assert_eq!(
            fails,
            counterexample.is_some(),
            "seed {seed}: the proof of `{cel}` fails: {fails}; brute force finds {counterexample:?}\n{text}"
        );
        invariants[usize::from(fails)] += 1;
    }
    println!("{kept} assertions kept, {broken} broken; invariants kept and broken: {invariants:?}");
    assert!(kept > 100 && broken > 100 && invariants.iter().all(|count| *count > 10), "both outcomes were compared");
}

/// `can A -> B on P` or `cannot A -> B [on P]`.
fn assertion(random: &mut Random, model: &Model) -> String {
    let ports = ["443/tcp", "8080/tcp", "8000-8999/tcp", "53/udp", "9000/tcp, 9000/udp", "tcp", "udp", "icmp"];
    let ports = random.word(&ports);
    let (from, to) = (pods(random, model), pods(random, model));
    if random.percent(50) {
        let on = if random.percent(60) { format!(" on {ports}") } else { String::new() };
        return format!("cannot {from} -> {to}{on}");
    }
    match random.below(6) {
        0 => format!("can world -> {to} on {ports}"),
        1 => format!("can {from} -> world on {ports}"),
        _ => format!("can {from} -> {to} on {ports}"),
    }
}

/// Pods that some cluster has, now and then those of one.
fn pods(random: &mut Random, model: &Model) -> String {
    let identities: Vec<_> = model.identities.ids().filter(|id| !model.identities[*id].clusters.is_empty()).collect();
    let Some(identity) = random.pick(&identities).copied() else { return "all".to_owned() };
    let (name, row) = (model.identity_name(identity), &model.identities[identity]);
    match random.below(8) {
        0 => "all".to_owned(),
        1 => format!("{}/*", model.namespaces[row.namespace].name.value),
        2 => random.pick(model.groups.rows()).map_or(name, |group| group.name.value.to_string()),
        3 | 4 => {
            let clusters: Vec<ClusterId> = row.clusters.iter().collect();
            let cluster = random.pick(&clusters).copied().unwrap_or(ClusterId::at(0));
            format!("{name} in {}", model.clusters[cluster].name.value)
        }
        _ => name,
    }
}

/// The flow that shows that an assertion does not hold.
fn broken_by(plan: &Plan, assertion: &Assertion) -> Option<Flow> {
    let (reach, passes) = match assertion {
        Assertion::Can(reach) => (reach, true),
        Assertion::Cannot(reach) => (reach, false),
        Assertion::Serves { .. } | Assertion::Share { .. } => panic!("none was written"),
    };
    let ports: Vec<(Protocol, u16)> =
        edges(plan, reach).into_iter().filter(|(protocol, port)| asks(reach, *protocol, *port)).collect();
    let sources = reach.from.iter().flat_map(|peer| ends(plan, peer));
    let destinations: Vec<End> = reach.to.iter().flat_map(|peer| ends(plan, peer)).collect();
    sources
        .flat_map(|source| destinations.iter().map(move |destination| (source.clone(), destination.clone())))
        .find_map(|(source, destination)| {
            let flow = |(protocol, port): &(Protocol, u16)| Flow {
                source: source.clone(),
                destination: destination.clone(),
                protocol: *protocol,
                port: *port,
                request: None,
            };
            ports.iter().map(flow).find(|flow| decide(plan, flow).passes() != passes)
        })
}

fn asks(reach: &Reach, protocol: Protocol, port: u16) -> bool {
    let written = reach.ports.iter().any(|expression| match &expression.value {
        PortExpr::Any => true,
        PortExpr::Range(range) => range.contains(protocol, port),
        PortExpr::Icmp { ranges, .. } => ranges.iter().any(|range| range.contains(protocol, port)),
        PortExpr::Named(_) => panic!("none was written"),
    });
    reach.ports.is_empty() || written
}

/// Every port beside an edge of a range of the plan or the assertion, and the first and last of each protocol.
fn edges(plan: &Plan, reach: &Reach) -> BTreeSet<(Protocol, u16)> {
    let protocols = [Transport::Tcp, Transport::Udp, Transport::Sctp].map(Protocol::Transport);
    let mut ranges: Vec<PortRange> =
        protocols.into_iter().chain([Protocol::IcmpV4, Protocol::IcmpV6]).map(PortRange::all).collect();
    let dns = protocols.map(|protocol| PortRange { protocol, first: 53, last: 53 });
    ranges.extend(dns);
    ranges.extend(plan.rules.rows().iter().flat_map(|rule| match &rule.ports {
        Ports::Any => &[][..],
        Ports::Ranges(ranges) => ranges.as_slice(),
    }));
    ranges.extend(reach.ports.iter().filter_map(|expression| match &expression.value {
        PortExpr::Range(range) => Some(*range),
        PortExpr::Any | PortExpr::Named(_) | PortExpr::Icmp { .. } => None,
    }));
    let edges = |range: &PortRange| {
        let all = PortRange::all(range.protocol);
        let near = [range.first.saturating_sub(1), range.first, range.last, range.last.saturating_add(1)];
        let (protocol, last) = (range.protocol, all.last);
        near.map(move |port| (protocol, port.min(last)))
    };
    // No packet has port 0; type 0 is a reply.
    ranges.iter().flat_map(edges).filter(|(_, port)| *port > 0).collect()
}

fn ends(plan: &Plan, peer: &fleetnet_compiler::model::Peer) -> Vec<End> {
    let model = &plan.model;
    let within = match peer.place {
        Place::Everywhere => model.all_clusters(),
        Place::In(clusters, _) => clusters,
        Place::Local(_) => panic!("none was written"),
    };
    let identities: Vec<_> = match &peer.end {
        PeerEnd::Identity(identity) => vec![*identity],
        PeerEnd::Namespace(namespace) => {
            model.identities.iter().filter(|(_, row)| row.namespace == *namespace).map(|(id, _)| id).collect()
        }
        PeerEnd::Group(group) => model.groups[*group].members.clone(),
        PeerEnd::All => model.identities.ids().collect(),
        PeerEnd::BuiltIn(BuiltIn::World) => {
            return addresses(plan).into_iter().map(|address| End::World(WorldEnd::Address(address))).collect();
        }
        PeerEnd::External(_) | PeerEnd::Cidr(_) | PeerEnd::Dns(_) | PeerEnd::BuiltIn(_) => panic!("none was written"),
    };
    let places = identities.iter().flat_map(|identity| {
        let clusters = (model.identities[*identity].clusters & within).iter();
        clusters.map(|cluster| End::Pod { identity: *identity, cluster, address: None })
    });
    places.collect()
}

/// Every address beside an edge of a block that a rule speaks of, that lies outside of the fleet and is no metadata service.
fn addresses(plan: &Plan) -> BTreeSet<IpAddr> {
    let blocks = plan.rules.rows().iter().flat_map(|rule| &rule.peers).filter_map(|peer| match peer {
        Peer::Cidr(block) => Some(std::iter::once(block.cidr).chain(block.except.iter().copied())),
        _ => None,
    });
    let mut prefixes: Vec<Cidr> = blocks.flatten().collect();
    prefixes.extend(["203.0.113.7/32", "2001:db8:ffff::7/128"].map(|prefix| prefix.parse::<Cidr>().expect("a CIDR")));
    let near = |prefix: &Cidr| {
        let (first, last) = (prefix.network(), prefix.broadcast());
        [before(first), Some(first), Some(last), after(last)].into_iter().flatten().collect::<Vec<_>>()
    };
    let clusters = plan.model.clusters.rows().iter();
    let own: Vec<Cidr> = clusters
        .flat_map(|cluster| cluster.pods.iter().chain(&cluster.nodes).chain(&cluster.services).map(|range| range.value))
        .collect();
    let metadata = ["169.254.169.254", "168.63.129.16"].map(|address| address.parse::<IpAddr>().expect("an address"));
    let dual_stack = own.iter().any(|prefix| matches!(prefix, Cidr::V6(_)));
    let outside = |address: &IpAddr| {
        (address.is_ipv4() || dual_stack)
            && !metadata.contains(address)
            && !own.iter().any(|prefix| prefix.contains(address))
    };
    prefixes.iter().flat_map(near).filter(outside).collect()
}

fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_sub(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(address) => address.to_bits().checked_sub(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

/// A condition on flows between pods, as Rust and as CEL.
type Condition = Box<dyn Fn(&Model, (Pod, Pod), (Protocol, u16)) -> bool>;
/// An identity in a cluster.
type Pod = (fleetnet_compiler::model::IdentityId, ClusterId);

fn condition(random: &mut Random, model: &Model) -> (Condition, String) {
    let between_pods = |rest: &str| format!("flow.src.kind != \"pod\" || flow.dst.kind != \"pod\" || {rest}");
    let cluster = ClusterId::at(random.below(model.clusters.len()));
    let name = model.clusters[cluster].name.value.to_string();
    let tcp = Protocol::Transport(Transport::Tcp);
    match random.below(4) {
        0 => (
            Box::new(|_, (source, destination), _| source.1 == destination.1),
            between_pods("flow.src.cluster == flow.dst.cluster"),
        ),
        1 => (
            Box::new(move |_, (source, _), (protocol, port)| source.1 != cluster || protocol != tcp || port != 443),
            between_pods(&format!("flow.src.cluster != \"{name}\" || flow.protocol != \"tcp\" || flow.port != 443")),
        ),
        2 => (
            Box::new(move |model, (source, destination), (protocol, port)| {
                let namespace = |pod: Pod| model.identities[pod.0].namespace;
                namespace(source) == namespace(destination) || protocol != tcp || port < 8500
            }),
            between_pods("flow.src.namespace == flow.dst.namespace || flow.protocol != \"tcp\" || flow.port < 8500"),
        ),
        _ => (
            Box::new(move |model, (source, destination), _| {
                let pci =
                    |pod: Pod| model.identities[pod.0].labels.get("pci").is_some_and(|value| value.as_str() == "true");
                !pci(destination) || pci(source)
            }),
            between_pods("flow.dst.labels.pci != \"true\" || flow.src.labels.pci == \"true\""),
        ),
    }
}

/// A flow between pods that passes and that a condition forbids.
fn pods_that_break(plan: &Plan, condition: &Condition) -> Option<Flow> {
    let model = &plan.model;
    let pods: Vec<Pod> =
        model.identities.iter().flat_map(|(id, row)| row.clusters.iter().map(move |cluster| (id, cluster))).collect();
    let constants = [442, 443, 444, 8499, 8500, 8501].map(|port| (Protocol::Transport(Transport::Tcp), port));
    let none = Reach { from: Vec::new(), to: Vec::new(), ports: Vec::new(), request: None };
    let ports: BTreeSet<(Protocol, u16)> = edges(plan, &none).into_iter().chain(constants).collect();
    for source in &pods {
        for destination in &pods {
            for (protocol, port) in &ports {
                if condition(model, (*source, *destination), (*protocol, *port)) {
                    continue;
                }
                let end = |(identity, cluster): Pod| End::Pod { identity, cluster, address: None };
                let flow = Flow {
                    source: end(*source),
                    destination: end(*destination),
                    protocol: *protocol,
                    port: *port,
                    request: None,
                };
                if decide(plan, &flow).passes() {
                    return Some(flow);
                }
            }
        }
    }
    None
}
