//! Proofs against brute force: every end, cluster and boundary port of small random fleets, judged one by one.
//!
//! What an assertion speaks of is written down here a second time, from the language's page and without the code under test.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::super::cel::{FlowField, FlowRecord, Program};
use super::super::mentions::Mentions;
use super::super::partners::Partners;
use super::super::ports::PROTOCOLS;
use super::super::proof::{Promise, Proof};
use super::super::reach::{self, Reach};
use super::super::universe::{self, Class};
use super::super::{invariants, proof};
use super::fleets;
use crate::model::{
    Assertion, BuiltIn, Cidr, ClusterId, ClusterSet, Given, Labels, Model, Peer, PeerEnd, Place, PortExpr, PortRange,
    Protocol, Test, Transport,
};
use crate::plan::Plan;
use crate::semantics::{ApiServer, End, Flow, ForeignPod, WorldEnd, decide};
use crate::workers::Alone;

const FLEETS: u64 = 24;
/// Fleets that are judged flow by flow: some hundred thousand flows each.
const JUDGED: u64 = 16;

#[test]
fn proofs_equal_brute_force() {
    let mut outcomes = [0; 3];
    for seed in 0..JUDGED {
        let text = fleets::fleet(seed);
        let plan = plan(&text);
        let proof = proof(&plan, &Alone);
        let broken = |promise: Promise| proof.failures.iter().any(|failure| failure.promise == promise);
        let ends = ends(&plan);
        for (index, test) in plan.model.tests.iter().enumerate() {
            let assertion = &test.assertions[0];
            let promise = Promise::Assertion(index, 0);
            let unasked = proof.unasked.contains(&promise);
            assert_eq!(unasked, proof.invalid.iter().any(|found| within(found.span, assertion.span)));
            let expected = judge(&plan, test, &assertion.value, &ends);
            let found = if unasked { Outcome::Nobody } else { Outcome::of(broken(promise)) };
            assert_eq!(found, expected, "seed {seed}, test {index}\n{text}\n{:?}", proof.failures);
            outcomes[expected as usize] += 1;
        }
        let mut unreadable = Proof::default();
        let requirements = invariants::compile(&plan.model, &mut unreadable);
        assert!(unreadable.invalid.is_empty(), "{unreadable:?}");
        for (index, requirement) in requirements.iter().enumerate() {
            let expected = breaks(&plan, &requirement.program, &ends);
            let found = broken(Promise::Requirement(index, 0));
            assert_eq!(found, expected.is_some(), "seed {seed}, invariant {index}: {expected:?}\n{text}");
            outcomes[Outcome::of(found) as usize] += 1;
        }
    }
    assert!(outcomes.iter().all(|count| *count > 5), "too little variety: {outcomes:?}");
}

#[test]
fn verdicts_for_all_ports_equal_the_reference() {
    for seed in 0..FLEETS {
        let text = fleets::fleet(seed);
        let plan = plan(&text);
        let reach = Reach::new(&plan, &[], vec![8080]);
        let universe = universe::universe(&plan, &Mentions::of(&plan, &[])).unwrap();
        let partners = Partners::new(&plan, &universe.iter().map(|class| &class.end).collect::<Vec<_>>());
        for (source, destination) in
            universe.iter().flat_map(|source| universe.iter().map(move |other| (source, other)))
        {
            let Some(passing) = reach.passing(&source.end, &destination.end) else { continue };
            let listed = partners.of(&source.end).into_iter().filter_map(|place| universe.get(place));
            assert!(
                passing.is_empty() || listed.into_iter().any(|listed| listed.end == destination.end),
                "seed {seed}: {source:?} {destination:?}\n{text}"
            );
            let passing: BTreeSet<PortRange> = reach.ports.of(&passing).collect();
            for class in reach.ports.iter() {
                for port in [class.first, class.last] {
                    let flow = flow(&source.end, &destination.end, class.protocol, port);
                    assert_eq!(
                        decide(&plan, &flow).passes(),
                        passing.contains(&class),
                        "seed {seed}: {flow:?}\n{text}"
                    );
                }
            }
        }
    }
}

/// What comes of an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Kept,
    Broken,
    Nobody,
}

impl Outcome {
    fn of(broken: bool) -> Self {
        if broken { Self::Broken } else { Self::Kept }
    }
}

/// The plan of a text; its rules may be pointless, which is no concern here.
pub fn plan(text: &str) -> Plan {
    let file = fleetnet_lang::FileId(0);
    let parse = fleetnet_lang::parse(file, text);
    assert!(parse.diagnostics.is_empty(), "{:?}\n{text}", parse.diagnostics);
    let (model, found) = crate::resolve::resolve(&[(file, parse)], &[]);
    let errors: Vec<_> = found.iter().filter(|found| found.severity == fleetnet_lang::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    crate::plan::build(model.unwrap(), &crate::workers::Alone).0
}

fn within(span: fleetnet_lang::Span, outer: fleetnet_lang::Span) -> bool {
    outer.start <= span.start && span.end <= outer.end
}

fn flow(source: &End, destination: &End, protocol: Protocol, port: u16) -> Flow {
    Flow { source: source.clone(), destination: destination.clone(), protocol, port, request: None }
}

/// Ports at and beside every number that the texts contain.
fn ports() -> impl Iterator<Item = (Protocol, u16)> {
    const NUMBERS: [u16; 22] =
        [1, 8, 52, 53, 54, 79, 80, 81, 89, 90, 91, 99, 100, 101, 200, 201, 255, 443, 444, 8080, 8081, 65_535];
    PROTOCOLS.into_iter().flat_map(|protocol| {
        let transport = matches!(protocol, Protocol::Transport(_));
        NUMBERS.into_iter().filter(move |port| transport || *port <= 255).map(move |port| (protocol, port))
    })
}

/// The first address of every block, and the first after it.
fn addresses() -> Vec<IpAddr> {
    let blocks = [
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.2.0.0/16",
        "10.3.0.0/16",
        "10.4.0.0/16",
        "10.2.128.0/17",
        "10.1.0.0/17",
        "10.101.0.0/24",
        "10.102.0.0/24",
        "10.103.0.0/24",
        "10.104.0.0/24",
        "203.0.113.0/24",
        "203.0.113.128/25",
        "169.254.169.254/32",
        "168.63.129.16/32",
    ];
    let mut found: Vec<IpAddr> = vec!["2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap()];
    for block in blocks {
        let Cidr::V4(block) = block.parse().unwrap() else { panic!("IPv4 blocks only") };
        let (first, last) = (u32::from(block.network()), u32::from(block.broadcast()));
        found.extend([first, last + 1].map(|address| IpAddr::V4(Ipv4Addr::from(address))));
    }
    found.sort();
    found.dedup();
    found
}

/// Every end, in every cluster, at every address of interest.
pub fn ends(plan: &Plan) -> Vec<End> {
    let model = &plan.model;
    let addresses = addresses();
    let inside = |cidrs: &[crate::model::Spanned<Cidr>]| {
        let found = addresses.iter().filter(|address| cidrs.iter().any(|cidr| cidr.value.contains(*address)));
        found.copied().map(Some).collect::<Vec<_>>()
    };
    let mut ends = Vec::new();
    for (cluster, declared) in model.clusters.iter() {
        let pods = inside(&declared.pods);
        for (identity, _) in model.identities.iter().filter(|(_, identity)| identity.clusters.contains(cluster)) {
            ends.extend(pods.iter().map(|address| End::Pod { identity, cluster, address: *address }));
        }
        for pod in foreign(model, cluster) {
            ends.extend(pods.iter().map(|address| End::Foreign { cluster, pod: pod.clone(), address: *address }));
        }
        ends.extend(pods.iter().map(|address| End::ClusterDns { cluster, address: *address }));
        ends.extend(inside(&declared.nodes).into_iter().map(|address| End::RemoteNode { cluster, address }));
        ends.push(End::Host { cluster });
        ends.push(End::KubeApiserver { cluster, server: ApiServer::Managed });
        ends.push(End::Gateway { cluster });
    }
    let own = |address: &IpAddr| {
        model
            .clusters
            .rows()
            .iter()
            .any(|cluster| cluster.pods.iter().chain(&cluster.nodes).any(|cidr| cidr.value.contains(address)))
    };
    ends.extend(
        addresses.iter().filter(|address| !own(address)).map(|address| End::World(WorldEnd::Address(*address))),
    );
    let names = ["api.example.com", "www.example.com", "example.com", "a.b.example.com"];
    ends.extend(names.into_iter().map(|name| End::World(WorldEnd::Name(name.into()))));
    ends
}

fn foreign(model: &Model, cluster: ClusterId) -> Vec<ForeignPod> {
    let labels =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect::<Labels>();
    let of = |namespace: &str, labels: Labels| ForeignPod { namespace: Some(namespace.into()), labels };
    let mut pods = vec![ForeignPod { namespace: None, labels: Labels::new() }, of("old", Labels::new())];
    pods.extend(["x", "y"].map(|app| of("old", labels(&[("app", app)]))));
    pods.extend(["front", "back", "other"].map(|tier| of("old", labels(&[("tier", tier)]))));
    pods.push(of("old", labels(&[("tier", "front"), ("app", "x")])));
    for namespace in model.namespaces.rows().iter().filter(|namespace| !namespace.clusters.contains(cluster)) {
        pods.push(of(namespace.name.value.as_str(), Labels::new()));
    }
    pods
}

pub fn is_flow(source: &End, destination: &End) -> bool {
    let node_of = |node: &End, other: &End| match node {
        End::Host { cluster } => other.cluster() == Some(*cluster),
        _ => true,
    };
    !matches!(source, End::World(WorldEnd::Name(_))) && node_of(source, destination) && node_of(destination, source)
}

fn governed(plan: &Plan, end: &End) -> bool {
    match end {
        End::Pod { .. } => true,
        End::Foreign { cluster, pod, .. } => {
            let named = |name: &crate::model::Name| Some(name) == pod.namespace.as_ref();
            plan.model
                .namespaces
                .iter()
                .any(|(id, namespace)| named(&namespace.name.value) && plan.stubs[id].contains(*cluster))
        }
        _ => false,
    }
}

/// A flow that passes and breaks a condition.
fn breaks(plan: &Plan, program: &Program<FlowField>, ends: &[End]) -> Option<Flow> {
    let classes: Vec<Class> =
        ends.iter().map(|end| Class { record: universe::record_of(&plan.model, end), end: end.clone() }).collect();
    for (source, destination) in classes.iter().flat_map(|source| classes.iter().map(move |other| (source, other))) {
        let (from, to) = (&source.end, &destination.end);
        if !is_flow(from, to) || !(governed(plan, from) || governed(plan, to)) {
            continue;
        }
        let known = reach::is_known(plan, from, to);
        for (protocol, port) in ports() {
            let record = FlowRecord { source: &source.record, destination: &destination.record, port, protocol, known };
            let flow = flow(from, to, protocol, port);
            if !program.holds(&record) && decide(plan, &flow).passes() {
                return Some(flow);
            }
        }
    }
    None
}

fn judge(plan: &Plan, test: &Test, assertion: &Assertion, ends: &[End]) -> Outcome {
    let (can, reach) = match assertion {
        Assertion::Can(reach) => (true, reach),
        Assertion::Cannot(reach) => (false, reach),
        Assertion::Serves { .. } | Assertion::Share { .. } => panic!("the generator writes none"),
    };
    let lost = test.givens.iter().fold(ClusterSet::EMPTY, |lost, given| match given.value {
        Given::Lost(clusters) => lost | clusters,
        Given::Down(..) | Given::Step(..) => lost,
    });
    let ends: Vec<&End> =
        ends.iter().filter(|end| end.cluster().is_none_or(|cluster| !lost.contains(cluster))).collect();
    let (mut any, mut broken) = (false, false);
    for (source, destination) in ends.iter().flat_map(|source| ends.iter().map(move |other| (*source, *other))) {
        let flows = is_flow(source, destination)
            && (governed(plan, source) || governed(plan, destination))
            && speaks_of(plan, can, &reach.from[0], source, destination)
            && speaks_of(plan, can, &reach.to[0], destination, source);
        if !flows {
            continue;
        }
        any = true;
        for (protocol, port) in ports().filter(|(protocol, port)| asked(&reach.ports, *protocol, *port)) {
            broken |= decide(plan, &flow(source, destination, protocol, port)).passes() != can;
        }
    }
    if any { Outcome::of(broken) } else { Outcome::Nobody }
}

fn asked(ports: &crate::model::PortExprs, protocol: Protocol, port: u16) -> bool {
    ports.is_empty()
        || ports.iter().any(|expr| match &expr.value {
            PortExpr::Any => true,
            PortExpr::Range(range) => range.contains(protocol, port),
            PortExpr::Icmp { ranges, .. } => ranges.iter().any(|range| range.contains(protocol, port)),
            PortExpr::Named(_) => protocol == Protocol::Transport(Transport::Tcp) && port == 80,
        })
}

/// Whether a written end speaks of an end, as § 3, § 4 and § 7 of the language say it.
fn speaks_of(plan: &Plan, can: bool, peer: &Peer, end: &End, other: &End) -> bool {
    let model = &plan.model;
    let placed = match peer.place {
        Place::Everywhere => true,
        Place::Local(_) => other.cluster().is_none() || end.cluster() == other.cluster(),
        Place::In(clusters, _) => end.cluster().is_some_and(|cluster| clusters.contains(cluster)),
    };
    let near = end.cluster().is_some() && end.cluster() == other.cluster();
    let mesh = |cluster: ClusterId| model.mesh_of(cluster);
    let same_mesh = match (end.cluster(), other.cluster()) {
        (Some(one), Some(two)) => one == two || (mesh(one).is_some() && mesh(one) == mesh(two)),
        _ => false,
    };
    let known = reach::is_known_to(plan, other, end);
    let addressed = |block: &crate::model::CidrBlock| match end {
        End::World(WorldEnd::Address(address)) => block.contains(*address),
        End::Pod { address: Some(address), .. }
        | End::Foreign { address: Some(address), .. }
        | End::ClusterDns { address: Some(address), .. }
        | End::RemoteNode { address: Some(address), .. } => !can && !known && block.contains(*address),
        _ => false,
    };
    let metadata = |address: &IpAddr| {
        ["169.254.169.254", "168.63.129.16"].map(|text| text.parse::<IpAddr>().unwrap()).contains(address)
    };
    let pod = matches!(other, End::Pod { .. });
    placed
        && match &peer.end {
            PeerEnd::Identity(wanted) => matches!(end, End::Pod { identity, .. } if identity == wanted),
            PeerEnd::Namespace(wanted) => {
                matches!(end, End::Pod { identity, .. } if model.identities[*identity].namespace == *wanted)
            }
            PeerEnd::Group(group) => {
                matches!(end, End::Pod { identity, .. } if model.groups[*group].members.contains(identity))
            }
            PeerEnd::All => matches!(end, End::Pod { .. }),
            PeerEnd::Cidr(block) => pod && addressed(block),
            PeerEnd::Dns(pattern) => {
                pod && matches!(end, End::World(WorldEnd::Name(name)) if pattern.matches(name.as_str()))
            }
            PeerEnd::External(external) => {
                let external = &model.externals[*external];
                pod && (external.cidrs.iter().any(|block| addressed(&block.value))
                    || external.names.iter().any(|pattern| matches!(end, End::World(WorldEnd::Name(name)) if pattern.value.matches(name.as_str())))
                    || external.pods.iter().any(|pods| {
                        known && matches!(end, End::Foreign { pod, .. } if pod.namespace.as_ref() == Some(&pods.value.namespace) && pods.value.selector.matches(&pod.labels))
                    }))
            }
            PeerEnd::BuiltIn(built_in) => {
                pod && match (built_in, end) {
                    (BuiltIn::World, End::World(WorldEnd::Address(address))) => !can || !metadata(address),
                    (BuiltIn::World, End::World(WorldEnd::Name(_))) => !can,
                    (
                        BuiltIn::World,
                        End::Pod { .. } | End::Foreign { .. } | End::ClusterDns { .. } | End::RemoteNode { .. },
                    ) => !can && !known,
                    (BuiltIn::CloudMetadata, End::World(WorldEnd::Address(address))) => metadata(address),
                    (BuiltIn::Foreign, End::Foreign { .. }) => known,
                    (BuiltIn::Host, End::Host { .. })
                    | (BuiltIn::KubeApiserver, End::KubeApiserver { .. })
                    | (BuiltIn::ClusterDns, End::ClusterDns { .. }) => near,
                    (BuiltIn::RemoteNodes, End::RemoteNode { .. }) | (BuiltIn::Gateways, End::Gateway { .. }) => {
                        same_mesh
                    }
                    _ => false,
                }
            }
        }
}

/// A class of ports that brute force never tries would not be compared.
#[test]
fn boundary_ports_cover_the_classes() {
    for seed in 0..FLEETS {
        let plan = plan(&fleets::fleet(seed));
        let reach = Reach::new(&plan, &[], vec![80, 90, 8080]);
        for class in reach.ports.iter() {
            let tried = ports().any(|(protocol, port)| class.contains(protocol, port));
            assert!(tried, "seed {seed}: no port of {class:?} is tried");
        }
    }
}
