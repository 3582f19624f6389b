//! Cards into boxes, boxes into rows: lines should mostly lead downwards, and not far.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::{Bundle, Bundled};
use super::{Stop, namespace};
use crate::analysis::graph::{Graph, Node, node_name};
use crate::model::{Model, NamespaceId};

/// Measures, in units of the drawing.
pub const CARD_HEIGHT: i32 = 42;
pub const CARD_GAP: i32 = 12;
pub const BOX_PADDING: i32 = 12;
pub const BOX_GAP: i32 = 22;
/// Between two lines that end at one box.
pub const PORT_GAP: i32 = 14;

/// Cards in one line of a box; the box goes on in the next row.
const CARDS_IN_ROW: usize = 4;

/// Rows of boxes, from top to bottom.
#[derive(Debug, Default)]
pub struct Arranged {
    pub rows: Vec<Vec<Area>>,
    pub card_width: i32,
}

/// A box of cards, or cards without one.
#[derive(Clone, Debug)]
pub struct Area {
    pub frame: Frame,
    /// Places of nodes in the graph.
    pub cards: Vec<usize>,
    /// Lines that end at the box itself.
    pub ports: usize,
    /// Width of the part at the left where its name stands, so that no line has to cross it.
    pub title: i32,
}

/// What is drawn around cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Nothing: these are outside of the fleet.
    Outside,
    /// A namespace.
    Namespace(NamespaceId),
    /// More of a namespace whose box is above.
    More(NamespaceId),
}

pub fn arrange(model: &Model, graph: &Graph, bundled: &Bundled) -> Arranged {
    let mut boxes: BTreeMap<NamespaceId, Vec<usize>> = BTreeMap::new();
    let mut outside = Vec::new();
    for place in &bundled.cards {
        match graph.nodes.get(*place).and_then(|node| namespace(model, node)) {
            Some(namespace) => boxes.entry(namespace).or_default().push(*place),
            None => outside.push(*place),
        }
    }
    let order = order(model, graph, &bundled.lines, boxes.keys().copied().collect());
    let (above, below): (Vec<usize>, Vec<usize>) =
        outside.into_iter().partition(|card| is_source(&bundled.lines, *card));
    let mut rows: Vec<Vec<Area>> = Vec::new();
    rows.extend(outside_rows(&above));
    for namespace in order {
        let ports = bundled.lines.iter().flat_map(|line| [line.from, line.to]);
        let ports = ports.filter(|stop| *stop == Stop::Box(namespace)).count();
        let cards = boxes.remove(&namespace).unwrap_or_default();
        let title = title_width(model.namespaces[namespace].name.value.as_str());
        for (turn, cards) in cards.chunks(CARDS_IN_ROW).enumerate() {
            let (frame, ports) =
                if turn == 0 { (Frame::Namespace(namespace), ports) } else { (Frame::More(namespace), 0) };
            place_area(&mut rows, &bundled.lines, Area { frame, cards: cards.to_vec(), ports, title });
        }
    }
    rows.extend(outside_rows(&below));
    Arranged { rows, card_width: card_width(model, graph, &bundled.cards) }
}

fn outside_rows(cards: &[usize]) -> Vec<Vec<Area>> {
    let area = |cards: &[usize]| vec![Area { frame: Frame::Outside, cards: cards.to_vec(), ports: 0, title: 0 }];
    cards.chunks(CARDS_IN_ROW).map(area).collect()
}

/// Small boxes that have nothing to do with each other share a row.
fn place_area(rows: &mut Vec<Vec<Area>>, lines: &[Bundle], area: Area) {
    let stops = stops(&area);
    let apart = |other: &Area| {
        let others = self::stops(other);
        !lines.iter().any(|line| {
            (stops.contains(&line.from) && others.contains(&line.to))
                || (stops.contains(&line.to) && others.contains(&line.from))
        })
    };
    let fits = |row: &Vec<Area>| {
        let cards: usize = row.iter().map(|area| area.cards.len()).sum();
        let inside = row.iter().all(|area| area.frame != Frame::Outside);
        inside && cards + area.cards.len() <= CARDS_IN_ROW && row.iter().all(apart)
    };
    match rows.last_mut() {
        Some(row) if fits(row) => row.push(area),
        Some(_) | None => rows.push(vec![area]),
    }
}

fn stops(area: &Area) -> BTreeSet<Stop> {
    let own = match area.frame {
        Frame::Namespace(namespace) => Some(Stop::Box(namespace)),
        Frame::Outside | Frame::More(_) => None,
    };
    area.cards.iter().map(|card| Stop::Card(*card)).chain(own).collect()
}

fn is_source(lines: &[Bundle], card: usize) -> bool {
    let count = |of: fn(&Bundle) -> Stop| lines.iter().filter(|line| of(line) == Stop::Card(card)).count();
    count(|line| line.from) >= count(|line| line.to)
}

/// Namespaces in the order that costs least: upward lines count most, then how far lines lead.
fn order(model: &Model, graph: &Graph, lines: &[Bundle], mut order: Vec<NamespaceId>) -> Vec<NamespaceId> {
    let of_stop = |stop: Stop| match stop {
        Stop::Card(place) => graph.nodes.get(place).and_then(|node| namespace(model, node)),
        Stop::Box(namespace) => Some(namespace),
    };
    let pairs: Vec<(Option<NamespaceId>, Option<NamespaceId>)> =
        lines.iter().map(|line| (of_stop(line.from), of_stop(line.to))).collect();
    let cost = |order: &[NamespaceId]| -> usize {
        let place = |namespace: NamespaceId| order.iter().position(|other| *other == namespace).unwrap_or(0) + 1;
        let last = order.len() + 1;
        let costs = pairs.iter().map(|(from, to)| {
            let (from, to) = (from.map_or(0, place), to.map_or(last, place));
            from.abs_diff(to) + if to < from { 2 } else { 0 }
        });
        costs.sum()
    };
    let mut best = cost(&order);
    // Each round costs the square of a few dozen; a local optimum is all that is wanted.
    for _ in 0..order.len() {
        let before = best;
        for place in 1..order.len() {
            order.swap(place - 1, place);
            let now = cost(&order);
            if now < best {
                best = now;
            } else {
                order.swap(place - 1, place);
            }
        }
        if best == before {
            break;
        }
    }
    order
}

fn card_width(model: &Model, graph: &Graph, cards: &BTreeSet<usize>) -> i32 {
    let names = cards.iter().filter_map(|place| graph.nodes.get(*place)).map(|node| shown_name(model, node));
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
    (i32::try_from(longest).unwrap_or(0) * 15 / 2 + 26).clamp(128, 176)
}

fn title_width(name: &str) -> i32 {
    (i32::try_from(name.chars().count()).unwrap_or(0) * 15 / 2 + 28).clamp(64, 130)
}

/// The name on a card: in its box an identity needs no namespace.
pub fn shown_name(model: &Model, node: &Node) -> String {
    match node {
        Node::Identity(identity) => model.identities[*identity].name.value.to_string(),
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => node_name(model, node),
    }
}

impl Area {
    /// Width of the area, its box included.
    pub fn width(&self, card_width: i32) -> i32 {
        let cards = i32::try_from(self.cards.len()).unwrap_or(0);
        let inner = cards * (card_width + CARD_GAP) - CARD_GAP;
        match self.frame {
            Frame::Outside => inner,
            Frame::Namespace(_) | Frame::More(_) => self.title + inner + BOX_PADDING + self.zone(),
        }
    }

    /// Width of the part at the right where lines end at the box itself.
    pub fn zone(&self) -> i32 {
        let ports = i32::try_from(self.ports).unwrap_or(0);
        if ports == 0 { 0 } else { ports * PORT_GAP + 6 }
    }

    /// Height of the area, its box included.
    pub fn height(&self) -> i32 {
        match self.frame {
            Frame::Outside => CARD_HEIGHT,
            Frame::Namespace(_) | Frame::More(_) => CARD_HEIGHT + 2 * BOX_PADDING,
        }
    }
}
