//! The map of the network: a picture, and what a click on its parts tells.

use std::collections::BTreeMap;

use fleetnet_compiler::analysis::graph::{self, Edge, Graph, Ground, Node};
use fleetnet_compiler::model::ClusterSet;
use fleetnet_compiler::picture;
use fleetnet_compiler::plan::Plan;
use fleetnet_lang::Sources;
use serde::Serialize;

use crate::findings::Place;

/// A drawn map.
#[derive(Debug, Serialize)]
pub struct Map {
    svg: String,
    nodes: Vec<End>,
    edges: Vec<Flow>,
}

/// An end, by its `data-id` in the drawing.
#[derive(Debug, Serialize)]
struct End {
    id: String,
    name: String,
    clusters: Vec<String>,
    note: String,
}

/// Flows from one end to another, by the line that they are drawn in.
#[derive(Debug, Serialize)]
struct Flow {
    from: String,
    to: String,
    line: Option<String>,
    ports: Vec<String>,
    /// From which clusters to which, where it is not everywhere.
    places: Vec<String>,
    reasons: Vec<Reason>,
}

/// What lets them pass.
#[derive(Debug, Serialize)]
struct Reason {
    text: &'static str,
    source: String,
    #[serde(flatten)]
    place: Option<Place>,
}

impl Map {
    /// Draws the map of a plan; an error says why it can't be known.
    pub fn of(plan: &Plan, sources: &Sources) -> Result<Self, String> {
        let graph = graph::graph(plan).map_err(|found| found.message)?;
        let picture = picture::draw(plan, &graph);
        let lines = picture.lines.iter().flat_map(|line| line.edges.iter().map(|edge| (*edge, line.id.clone())));
        let lines: BTreeMap<usize, String> = lines.collect();
        let nodes = graph.nodes.iter().enumerate().map(|(place, node)| end(plan, place, node));
        let edges = graph.edges.iter().enumerate();
        Ok(Self {
            nodes: nodes.collect(),
            edges: edges.map(|(place, edge)| flow(plan, sources, &graph, edge, lines.get(&place))).collect(),
            svg: picture.svg,
        })
    }
}

fn end(plan: &Plan, place: usize, node: &Node) -> End {
    let model = &plan.model;
    let clusters = match node {
        Node::Identity(identity) => model.identities[*identity].clusters,
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => ClusterSet::EMPTY,
    };
    let names = clusters.iter().map(|cluster| model.clusters[cluster].name.value.to_string());
    End {
        id: node_id(place),
        name: graph::node_name(model, node),
        clusters: names.collect(),
        note: graph::node_note(model, node),
    }
}

fn node_id(place: usize) -> String {
    format!("n{place}")
}

fn flow(plan: &Plan, sources: &Sources, graph: &Graph, edge: &Edge, line: Option<&String>) -> Flow {
    Flow {
        from: node_id(edge.from),
        to: node_id(edge.to),
        line: line.cloned(),
        ports: graph::ports(&edge.ports),
        places: graph::places(&plan.model, graph, edge),
        reasons: edge.by.iter().map(|ground| reason(plan, sources, *ground)).collect(),
    }
}

fn reason(plan: &Plan, sources: &Sources, ground: Ground) -> Reason {
    let (span, text) = match ground {
        Ground::Rule(rule) => (plan.model.rules[rule].span, ""),
        Ground::Default(span) => (span, "no rule speaks of it, and the default allows it"),
    };
    let source = sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    Reason { text, source, place: Place::of(span, sources) }
}
