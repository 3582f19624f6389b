//! The graph of a network: what passes is an edge, what doesn't is none.

use std::collections::BTreeSet;

use fleetnet_lang::{FileId, Sources};

use super::fleets::fleet;
use super::plan as plan_of_files;
use crate::analysis::graph::{Graph, Ground, Node, around, graph, node_name, places, ports};
use crate::analysis::reach::is_known;
use crate::model::{ClusterId, IdentityId};
use crate::picture;
use crate::plan::{self, Plan};
use crate::resolve;
use crate::semantics::{End, Flow, decide};

/// How many generated fleets are compared.
const FLEETS: u64 = 24;

const SHOP: &str = r#"
fleet f {
  target azure-fleet { subscription "0" ; resource-group "rg" ; fleet "f" }
  default deny
}
cluster c1 { id 1 ; cilium-name "c1" ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.19.4" }
cluster c2 { id 2 ; cilium-name "c2" ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium "1.19.4" }
mesh m { members all }
namespace a { in all ; global in m }
identity a/x { match app = x }
identity a/y { match app = y }
external office { cidr 203.0.113.0/24 }
"#;

/// The edges of a fleet with some policies, a line each.
fn edges(policies: &str) -> Vec<String> {
    let (sources, plan) = plan_of_files(&[("f.fleetnet", &format!("{SHOP}{policies}"))]);
    lines(&sources, &plan)
}

fn lines(sources: &Sources, plan: &Plan) -> Vec<String> {
    let graph = graph(plan).expect("few classes");
    let name = |place: usize| node_name(&plan.model, &graph.nodes[place]);
    let by = |ground: &Ground| match ground {
        Ground::Rule(rule) => sources.text(plan.model.rules[*rule].span).to_owned(),
        Ground::Default(span) => format!("by default at {}", span.start),
    };
    let line = |edge: &crate::analysis::graph::Edge| {
        let by: Vec<String> = edge.by.iter().map(by).collect();
        let mut at = places(&plan.model, &graph, edge).join(" ; ");
        at = if at.is_empty() { at } else { format!(" {at}") };
        let (from, to) = (name(edge.from), name(edge.to));
        format!("{from} -> {to} on {}{at}: {}", ports(&edge.ports).join(", "), by.join(" | "))
    };
    graph.edges.iter().map(line).collect()
}

#[test]
fn an_edge_is_what_both_ends_let_pass() {
    assert_eq!(edges("policy p for a/x { allow to a/y on 80/tcp }"), Vec::<String>::new());
    assert_eq!(
        edges(
            "policy p for a/x { allow to a/y on 80/tcp }\npolicy q for a/y { allow from a/* on tcp ; deny from a/x in c2 on 80/tcp }"
        ),
        ["a/x -> a/y on 80/tcp from `c1` to `c1`, `c2`: allow to a/y on 80/tcp | allow from a/* on tcp"]
    );
    assert_eq!(
        edges("policy p { allow a/x -> a/y in local on 80/tcp }"),
        ["a/x -> a/y on 80/tcp within `c1`, `c2`: allow a/x -> a/y in local on 80/tcp"]
    );
}

#[test]
fn two_ends_have_an_edge_for_each_way_to_be_allowed() {
    let policies = "policy p { allow a/x -> a/y on 80/tcp ; allow a/x -> a/y on 90/tcp }";
    assert_eq!(
        edges(policies),
        ["a/x -> a/y on 80/tcp: allow a/x -> a/y on 80/tcp", "a/x -> a/y on 90/tcp: allow a/x -> a/y on 90/tcp"]
    );
}

#[test]
fn a_part_of_the_world_is_named_where_it_may_more() {
    let world = "policy p for a/x { allow from world on 443/tcp";
    assert_eq!(edges(&format!("{world} }}")), ["world -> a/x on 443/tcp: allow from world on 443/tcp"]);
    assert_eq!(
        edges(&format!("{world} ; allow from office on 22/tcp }}")),
        [
            "office -> a/x on 22/tcp: allow from office on 22/tcp",
            "world -> a/x on 443/tcp: allow from world on 443/tcp"
        ]
    );
}

/// Between pods that know each other, against asking for every flow by itself.
#[test]
fn edges_are_what_asking_every_flow_gives() {
    let mut passing = 0;
    for seed in 0..FLEETS {
        let plan = plan_of(seed);
        let Ok(graph) = graph(&plan) else { continue };
        let identity = |place: usize| match graph.nodes[place] {
            Node::Identity(identity) => Some(identity),
            Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => None,
        };
        let mut drawn = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (identity(edge.from), identity(edge.to)) else { continue };
            for (source, destination) in &edge.places {
                let (source, destination) = (source.unwrap(), destination.unwrap());
                drawn.insert((from, source, to, destination));
                let passes = edge.ports.iter().any(|range| {
                    decide(&plan, &flow((from, source), (to, destination), range.protocol, range.first)).passes()
                });
                assert!(passes || edge.places.len() > 1, "seed {seed}: {edge:?}");
            }
        }
        for (from, to) in pairs(&plan) {
            let pod = |(identity, cluster)| End::Pod { identity, cluster, address: None };
            if !is_known(&plan, &pod(from), &pod(to)) {
                continue;
            }
            let asked = graph.edges.iter().flat_map(|edge| &edge.ports);
            if asked.clone().any(|range| decide(&plan, &flow(from, to, range.protocol, range.first)).passes()) {
                wanted.insert((from.0, from.1, to.0, to.1));
            }
        }
        let missing: Vec<_> = wanted.difference(&drawn).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
        passing += wanted.len();
    }
    assert!(passing > 300, "{passing} pairs pass");
}

/// Around some identities the graph is what the whole is there.
#[test]
fn a_part_of_a_graph_has_the_edges_of_the_whole() {
    let mut found = 0;
    for seed in 0..FLEETS {
        let plan = plan_of(seed);
        let Ok(whole) = graph(&plan) else { continue };
        for identity in plan.model.identities.ids() {
            let part = around(&plan, &BTreeSet::from([identity])).expect("as few classes");
            let edges = |graph: &Graph| {
                let node = |place: usize| graph.nodes[place].clone();
                let edges = graph
                    .edges
                    .iter()
                    .map(|edge| (node(edge.from), node(edge.to), edge.ports.clone(), edge.by.clone()));
                let own = Node::Identity(identity);
                edges.filter(|(from, to, ..)| *from == own || *to == own).collect::<Vec<_>>()
            };
            assert_eq!(edges(&part), edges(&whole), "seed {seed}: {}", plan.model.identity_name(identity));
            assert_eq!(edges(&part).len(), part.edges.len());
            found += part.edges.len();
        }
    }
    assert!(found > 300, "{found} edges");
}

/// A generated fleet. Some of its tests may speak of nobody, which is no concern of its network.
fn plan_of(seed: u64) -> Plan {
    let parse = fleetnet_lang::parse(FileId(0), &fleet(seed));
    let (model, _) = resolve::resolve(&[(FileId(0), parse)], &[]);
    plan::build(model.expect("a package"), &crate::workers::Alone).0
}

type Place = (IdentityId, ClusterId);

fn flow(from: Place, to: Place, protocol: crate::model::Protocol, port: u16) -> Flow {
    let pod = |(identity, cluster)| End::Pod { identity, cluster, address: None };
    Flow { source: pod(from), destination: pod(to), protocol, port, request: None }
}

fn pairs(plan: &Plan) -> Vec<(Place, Place)> {
    let identities = plan.model.identities.iter();
    let pods: Vec<Place> =
        identities.flat_map(|(id, identity)| identity.clusters.iter().map(move |cluster| (id, cluster))).collect();
    pods.iter().flat_map(|from| pods.iter().map(move |to| (*from, *to))).collect()
}

/// Of any fleet there is a picture, the same every time, that stands for every edge at most once.
#[test]
fn pictures_are_the_same_every_time() {
    for seed in 0..FLEETS {
        let plan = plan_of(seed);
        let Ok(graph) = graph(&plan) else { continue };
        let picture = picture::draw(&plan, &graph);
        assert_eq!(picture.svg, picture::draw(&plan, &graph).svg);
        let edges: Vec<usize> = picture.lines.iter().flat_map(|line| line.edges.iter().copied()).collect();
        let once: BTreeSet<usize> = edges.iter().copied().collect();
        assert_eq!(edges.len(), once.len());
        for line in &picture.lines {
            assert!(picture.svg.contains(&format!("data-id=\"{}\"", line.id)), "seed {seed}: {}", line.id);
        }
        assert!(!picture.svg.contains("NaN") && picture.svg.ends_with("</svg>"));
    }
}

#[test]
fn a_large_fleet_has_a_picture_that_says_what_it_leaves_out() {
    use std::fmt::Write as _;
    let mut policies = String::new();
    for number in 0..400 {
        writeln!(policies, "identity a/n{number} {{ match app = n{number} }}").unwrap();
        writeln!(policies, "policy p{number} {{ allow a/n{number} -> a/x on 80/tcp }}").unwrap();
    }
    let (_, plan) = plan_of_files(&[("f.fleetnet", &format!("{SHOP}{policies}"))]);
    let graph = graph(&plan).unwrap();
    let picture = picture::draw(&plan, &graph);
    assert!(picture.omitted.iter().any(|said| said.contains("identities are not drawn")), "{:?}", picture.omitted);
    assert!(picture.svg.len() < 400_000, "{} bytes", picture.svg.len());
}
