//! A picture of the network: clusters by mesh, identities by namespace, lines for what may flow.
//!
//! Pure and without chance: the same plan gives the same bytes. Flows of one rule to (or from) all identities of a
//! namespace are one line to its box. What a picture can't hold it leaves out and says so.
//!
//! ```text
//! Graph ─bundle→ lines between cards and boxes ─arrange→ rows ─route→ tracks and lanes ─svg→ text
//! ```

mod arrange;
mod bundle;
mod clusters;
mod route;
mod svg;
mod write;

use crate::analysis::graph::{Graph, Node};
use crate::model::{Model, NamespaceId};
use crate::plan::Plan;

/// Cards beyond which ends are left out, those with the fewest lines first.
const MOST_CARDS: usize = 72;

/// Lines beyond which the rest is left out.
const MOST_LINES: usize = 160;

/// A drawing and what its parts stand for.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The drawing. Every card has `data-id="n` and the place of its node in the graph, every line `data-id` as in
    /// [`Line`], every cluster `data-cluster`.
    pub svg: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// What is not in the drawing.
    pub omitted: Vec<String>,
}

/// A line of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its `data-id`.
    pub id: String,
    /// The places of its edges in the graph.
    pub edges: Vec<usize>,
}

/// Draws a graph of a plan.
#[must_use]
pub fn draw(plan: &Plan, graph: &Graph) -> Picture {
    let model = &plan.model;
    let bundled = bundle::bundle(plan, graph);
    let arranged = arrange::arrange(model, graph, &bundled);
    let routed = route::route(&arranged, &bundled.lines);
    let lines = bundled.lines.iter().enumerate();
    Picture {
        svg: svg::svg(model, graph, &arranged, &routed, &bundled),
        lines: lines.map(|(place, line)| Line { id: line_id(place), edges: line.edges.clone() }).collect(),
        omitted: bundled.omitted,
    }
}

fn line_id(place: usize) -> String {
    format!("l{place}")
}

/// The namespace that a node's box is of; nothing for what is outside.
fn namespace(model: &Model, node: &Node) -> Option<NamespaceId> {
    match node {
        Node::Identity(identity) => Some(model.identities[*identity].namespace),
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => None,
    }
}

/// Where a line begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    /// The card of a node, by the node's place in the graph.
    Card(usize),
    /// The box of a namespace: every card in it.
    Box(NamespaceId),
}
