//! Edges into lines: what holds of every card of a box is one line to the box.

use std::collections::{BTreeMap, BTreeSet};

use super::{MOST_CARDS, MOST_LINES, Stop, namespace};
use crate::analysis::graph::{Edge, Graph, Ground, Node};
use crate::model::{BuiltIn, Direction, Model, NamespaceId, PodSelection, PortRange, Verb};
use crate::plan::Plan;

/// The lines of a picture, and the nodes that have cards.
#[derive(Debug, Default)]
pub struct Bundled {
    pub lines: Vec<Bundle>,
    /// Places of nodes in the graph.
    pub cards: BTreeSet<usize>,
    /// What is left out, in words.
    pub omitted: Vec<String>,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub from: Stop,
    pub to: Stop,
    pub ports: Vec<PortRange>,
    pub stroke: Stroke,
    pub edges: Vec<usize>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stroke {
    /// A rule allows it.
    Rule,
    /// Nothing but a default does.
    Default,
}

pub fn bundle(plan: &Plan, graph: &Graph) -> Bundled {
    let model = &plan.model;
    let mut omitted = Vec::new();
    let mut drawn: Vec<usize> = (0..graph.edges.len()).filter(|place| is_drawn(model, graph, *place)).collect();
    if drawn.len() < graph.edges.len() {
        omitted.push(
            "What nodes, API servers, gateways and pods of no identity may do by default is not drawn.".to_owned(),
        );
    }
    if graph.within_world {
        omitted.push("What `world` may, externals and addresses in it may too; that is not drawn again.".to_owned());
    }
    let cards = cards(model, graph, &drawn);
    let unused = declared(model, graph).filter(|place| !cards.contains(place)).count() + graph.left_out;
    if unused > 0 {
        omitted.push(format!("{unused} identities are not drawn: the picture has room for {MOST_CARDS} ends."));
    }
    drawn.retain(|place| graph.edges.get(*place).is_some_and(|edge| both(edge, |end| cards.contains(&end))));
    let mut lines = joined(model, graph, &cards, &drawn);
    lines.sort_by_key(|line| (line.stroke, std::cmp::Reverse(line.edges.len()), line.edges.first().copied()));
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        omitted.push(format!("{more} lines are not drawn: the picture has room for {MOST_LINES}."));
        lines.truncate(MOST_LINES);
    }
    lines.sort_by_key(|line| line.edges.first().copied());
    omitted.extend(built_in(plan));
    Bundled { lines, cards, omitted }
}

/// What passes everywhere and is therefore no line.
fn built_in(plan: &Plan) -> Option<String> {
    let mut defaults = plan.defaults.rows().iter().flatten();
    let closed = defaults.any(|default| default.verb.value == Verb::Deny && default.direction == Direction::Ingress);
    closed.then(|| {
        "A pod's own node reaches it (probes), and pods look names up at their cluster's DNS: built in, not drawn."
            .to_owned()
    })
}

fn both(edge: &Edge, holds: impl Fn(usize) -> bool) -> bool {
    holds(edge.from) && holds(edge.to)
}

/// By default alone, only what passes between declared identities and the world is worth a line.
fn is_drawn(model: &Model, graph: &Graph, place: usize) -> bool {
    let Some(edge) = graph.edges.get(place) else { return false };
    let plain = |end: usize| {
        let node = graph.nodes.get(end);
        node == Some(&Node::BuiltIn(BuiltIn::World)) || node.is_some_and(|node| is_declared(model, node))
    };
    stroke(edge) == Stroke::Rule || both(edge, plain)
}

fn stroke(edge: &Edge) -> Stroke {
    let rule = |ground: &Ground| match ground {
        Ground::Rule(_) => true,
        Ground::Default(_) => false,
    };
    if edge.by.iter().any(rule) { Stroke::Rule } else { Stroke::Default }
}

fn declared<'g>(model: &'g Model, graph: &'g Graph) -> impl Iterator<Item = usize> + 'g {
    graph.nodes.iter().enumerate().filter(|(_, node)| is_declared(model, node)).map(|(place, _)| place)
}

fn is_declared(model: &Model, node: &Node) -> bool {
    match node {
        Node::Identity(identity) => match model.identities[*identity].pods {
            PodSelection::Declared { .. } => true,
            PodSelection::Unlisted => false,
        },
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => false,
    }
}

/// The nodes with an edge by a rule, and the declared ones; where they are too many, those with the most edges.
fn cards(model: &Model, graph: &Graph, drawn: &[usize]) -> BTreeSet<usize> {
    let mut weight: BTreeMap<usize, usize> = declared(model, graph).map(|place| (place, 1)).collect();
    for edge in drawn.iter().filter_map(|place| graph.edges.get(*place)) {
        let of_rule = stroke(edge) == Stroke::Rule;
        for (end, other) in [(edge.from, edge.to), (edge.to, edge.from)] {
            // What only defaults reach, and that is no identity, is worth a card where the fleet is open to it.
            let world = graph.nodes.get(end) == Some(&Node::BuiltIn(BuiltIn::World));
            let known = graph.nodes.get(other).is_some_and(|node| is_declared(model, node));
            if of_rule || (world && known) {
                *weight.entry(end).or_default() += 1;
            }
        }
    }
    let mut places: Vec<(usize, usize)> = weight.into_iter().collect();
    places.sort_by_key(|(place, weight)| (std::cmp::Reverse(*weight), *place));
    places.into_iter().take(MOST_CARDS).map(|(place, _)| place).collect()
}

/// What edges must share to be one line.
type Kind<'g> = (&'g [PortRange], &'g [Ground]);

fn joined(model: &Model, graph: &Graph, cards: &BTreeSet<usize>, drawn: &[usize]) -> Vec<Bundle> {
    let mut members: BTreeMap<NamespaceId, BTreeSet<usize>> = BTreeMap::new();
    for place in cards {
        if let Some(namespace) = graph.nodes.get(*place).and_then(|node| namespace(model, node)) {
            members.entry(namespace).or_default().insert(*place);
        }
    }
    let mut kinds: BTreeMap<Kind<'_>, Vec<usize>> = BTreeMap::new();
    for place in drawn {
        if let Some(edge) = graph.edges.get(*place) {
            kinds.entry((&edge.ports, &edge.by)).or_default().push(*place);
        }
    }
    let mut lines = Vec::new();
    for places in kinds.into_values() {
        let edges = places.iter().filter_map(|place| Some((*place, graph.edges.get(*place)?)));
        let single = edges.map(|(place, edge)| ((Stop::Card(edge.from), Stop::Card(edge.to)), vec![place]));
        let by_source = boxed(&members, model, graph, single.collect(), End::To);
        let by_both = boxed(&members, model, graph, by_source, End::From);
        lines.extend(by_both.into_iter().filter_map(|((from, to), mut edges)| {
            edges.sort_unstable();
            let edge = graph.edges.get(*edges.first()?)?;
            Some(Bundle { from, to, ports: edge.ports.clone(), stroke: stroke(edge), edges })
        }));
    }
    lines
}

type Lines = BTreeMap<(Stop, Stop), Vec<usize>>;

/// Which end of a line is looked at.
#[derive(Clone, Copy)]
enum End {
    From,
    To,
}

impl End {
    fn split(self, (from, to): (Stop, Stop)) -> (Stop, Stop) {
        match self {
            Self::From => (from, to),
            Self::To => (to, from),
        }
    }

    fn join(self, own: Stop, other: Stop) -> (Stop, Stop) {
        match self {
            Self::From => (own, other),
            Self::To => (other, own),
        }
    }
}

/// Joins lines that have one end in common and every card of a box at the other.
fn boxed(
    members: &BTreeMap<NamespaceId, BTreeSet<usize>>,
    model: &Model,
    graph: &Graph,
    lines: Lines,
    end: End,
) -> Lines {
    /// The common end, and the namespace of the other ends.
    type Group = (Stop, Option<NamespaceId>);
    let mut groups: BTreeMap<Group, Vec<(Stop, Vec<usize>)>> = BTreeMap::new();
    for (ends, edges) in lines {
        let (own, other) = end.split(ends);
        let namespace = match own {
            Stop::Card(place) => graph.nodes.get(place).and_then(|node| namespace(model, node)),
            Stop::Box(_) => None,
        };
        groups.entry((other, namespace)).or_default().push((own, edges));
    }
    let mut joined = Lines::new();
    for ((other, namespace), lines) in groups {
        let of_box = namespace.and_then(|namespace| Some((namespace, members.get(&namespace)?)));
        let whole = of_box.filter(|(_, members)| members.len() > 1 && members.len() == lines.len());
        for (own, edges) in lines {
            let own = whole.map_or(own, |(namespace, _)| Stop::Box(namespace));
            joined.entry(end.join(own, other)).or_default().extend(edges);
        }
    }
    joined
}
