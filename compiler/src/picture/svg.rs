//! The drawing as SVG: readable by itself in light and dark, and by a page's own colours.

use std::fmt::Write as _;

use super::arrange::{Arranged, Frame, shown_name};
use super::bundle::{Bundle, Bundled, Stroke};
use super::clusters::strip;
use super::route::{Anchor, Rect, Routed, Way};
use super::write::{Svg, cut, ports_label};
use super::{Stop, line_id};
use crate::analysis::graph::{self, Graph, Node, node_name, node_note};
use crate::model::{Model, PodSelection};

/// Colours and letters. A page leaves it out and has its own.
const STYLE: &str = include_str!("picture.css");

const MARGIN: i32 = 16;
const CORNER: i32 = 7;
/// Height of a line that says what is not drawn.
const NOTE: i32 = 16;
/// The least width, so that a few clusters have room.
const LEAST_WIDTH: i32 = 420;

pub fn svg(model: &Model, graph: &Graph, arranged: &Arranged, routed: &Routed, bundled: &Bundled) -> String {
    let Bundled { lines, omitted, .. } = bundled;
    let mut svg = Svg::default();
    let width = routed.width.max(LEAST_WIDTH);
    let mut above = Svg::default();
    let top = strip(&mut above, model, width);
    let notes: Vec<String> = omitted.iter().flat_map(|note| wrapped(note, width)).collect();
    let height = top + routed.height + NOTE * i32::try_from(notes.len()).unwrap_or(0);
    let all = format!("{} {} {} {}", -MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN);
    let (w, h) = ((width + 2 * MARGIN).to_string(), (height + 2 * MARGIN).to_string());
    let name = format!("The network of {}", model.fleet.name.value);
    let root = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("class", "fleetnet-map"),
        ("viewBox", &*all),
        ("width", &*w),
        ("height", &*h),
        ("role", "group"),
        ("aria-label", &*name),
    ];
    svg.open("svg", &root);
    svg.open("style", &[]);
    svg.raw(STYLE);
    svg.close("style");
    svg.raw(&above.into_text());
    let middle = (width - routed.width) / 2;
    svg.open("g", &[("transform", &format!("translate({middle} {top})"))]);
    for (frame, title, rect) in &routed.boxes {
        draw_box(&mut svg, model, *frame, *title, *rect);
    }
    for (place, (line, way)) in lines.iter().zip(&routed.ways).enumerate() {
        draw_line(&mut svg, model, graph, (&line_id(place), line), way);
    }
    for (node, rect) in &routed.cards {
        if let Some(known) = graph.nodes.get(*node) {
            draw_card(&mut svg, model, (*node, known), *rect);
        }
    }
    if arranged.rows.is_empty() {
        svg.text("text", &[("class", "note"), ("y", "16")], "No identity is declared.");
    }
    svg.close("g");
    for (line, note) in (1..).zip(&notes) {
        let y = (top + routed.height + NOTE * line).to_string();
        svg.text("text", &[("class", "note"), ("y", &y)], note);
    }
    svg.close("svg");
    svg.into_text()
}

/// A text as lines of a width.
fn wrapped(text: &str, width: i32) -> Vec<String> {
    let most = usize::try_from(width / 6).unwrap_or(0);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn draw_rect(svg: &mut Svg, class: &str, rect: Rect, radius: i32) {
    let [x, y, width, height, rx] = [rect.x, rect.y, rect.width, rect.height, radius].map(|number| number.to_string());
    svg.empty("rect", &[("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", &rx)]);
}

fn draw_box(svg: &mut Svg, model: &Model, frame: Frame, title: i32, rect: Rect) {
    let (namespace, more) = match frame {
        Frame::Outside => return,
        Frame::Namespace(namespace) => (namespace, ""),
        Frame::More(namespace) => (namespace, " …"),
    };
    let name = model.namespaces[namespace].name.value.as_str();
    let letters = usize::try_from((title - 20) * 2 / 15).unwrap_or(0);
    svg.open("g", &[("class", "namespace")]);
    svg.text("title", &[], &format!("namespace {name}"));
    draw_rect(svg, "frame", rect, 10);
    let (x, y) = ((rect.x + 12).to_string(), (rect.y + rect.height / 2 + 4).to_string());
    svg.text("text", &[("class", "title"), ("x", &x), ("y", &y)], &format!("{}{more}", cut(name, letters)));
    svg.close("g");
}

fn draw_card(svg: &mut Svg, model: &Model, (place, node): (usize, &Node), rect: Rect) {
    let below = match node {
        Node::Identity(identity) => {
            let clusters = model.identities[*identity].clusters;
            let names: Vec<&str> = clusters.iter().map(|cluster| model.clusters[cluster].name.value.as_str()).collect();
            joined(&names, usize::try_from((rect.width - 20) / 6).unwrap_or(0))
        }
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => node_note(model, node),
    };
    let (id, label) = (format!("n{place}"), node_name(model, node));
    let class = format!("card {}", class(model, node));
    let group = [("class", &*class), ("data-id", &*id), ("tabindex", "0"), ("role", "button"), ("aria-label", &*label)];
    svg.open("g", &group);
    svg.text("title", &[], &format!("{label}: {below}"));
    draw_rect(svg, "plate", rect, 8);
    let letters = usize::try_from((rect.width - 18) / 7).unwrap_or(0);
    let x = (rect.x + 10).to_string();
    let name = cut(&shown_name(model, node), letters);
    svg.text("text", &[("class", "name"), ("x", &x), ("y", &(rect.y + 18).to_string())], &name);
    let below = cut(&below, usize::try_from((rect.width - 18) * 10 / 57).unwrap_or(0));
    svg.text("text", &[("class", "note"), ("x", &x), ("y", &(rect.y + 33).to_string())], &below);
    svg.close("g");
}

/// As many names as fit, and how many more there are.
fn joined(names: &[&str], letters: usize) -> String {
    let all = names.join(", ");
    match names {
        [first, rest @ ..] if all.chars().count() > letters && !rest.is_empty() => format!("{first} +{}", rest.len()),
        _ => all,
    }
}

fn class(model: &Model, node: &Node) -> &'static str {
    match node {
        Node::Identity(identity) => match model.identities[*identity].pods {
            PodSelection::Declared { .. } => "identity",
            PodSelection::Unlisted => "unlisted",
        },
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => "outside",
    }
}

fn draw_line(svg: &mut Svg, model: &Model, graph: &Graph, (id, line): (&str, &Bundle), way: &Way) {
    let class = match line.stroke {
        Stroke::Rule => "line",
        Stroke::Default => "line by-default",
    };
    let ports = ports_label(&line.ports);
    let (from, to) = (stop_name(model, graph, line.from), stop_name(model, graph, line.to));
    let label = format!("{from} to {to} on {}", graph::ports(&line.ports).join(", "));
    let group = [("class", class), ("data-id", id), ("tabindex", "0"), ("role", "button"), ("aria-label", &*label)];
    svg.open("g", &group);
    svg.text("title", &[], &label);
    let path = rounded(&way.points);
    svg.empty("path", &[("class", "hit"), ("d", &path)]);
    svg.empty("path", &[("class", "stroke"), ("d", &path)]);
    if let [.., (_, before), (x, y)] = way.points.as_slice() {
        let back = if before < y { -6 } else { 6 };
        let head = format!("M{x} {y}l-4 {back}h8z");
        svg.empty("path", &[("class", "head"), ("d", &head)]);
    }
    let anchor = match way.label.anchor {
        Anchor::Start => "start",
        Anchor::End => "end",
    };
    let (x, y) = (way.label.x.to_string(), way.label.y.to_string());
    svg.text("text", &[("class", "ports"), ("x", &x), ("y", &y), ("text-anchor", anchor)], &ports);
    svg.close("g");
}

fn stop_name(model: &Model, graph: &Graph, stop: Stop) -> String {
    match stop {
        Stop::Card(place) => graph.nodes.get(place).map(|node| node_name(model, node)).unwrap_or_default(),
        Stop::Box(namespace) => format!("the identities of {}", model.namespaces[namespace].name.value),
    }
}

/// A way of straight parts, its corners rounded as far as the parts are long.
fn rounded(points: &[(i32, i32)]) -> String {
    let mut points: Vec<(i32, i32)> = points.to_vec();
    points.dedup();
    let [first, rest @ ..] = points.as_slice() else { return String::new() };
    let mut path = format!("M{} {}", first.0, first.1);
    let mut before = *first;
    for (turn, at) in rest.iter().enumerate() {
        let Some(next) = rest.get(turn + 1) else {
            let _ = write!(path, "L{} {}", at.0, at.1);
            break;
        };
        let (into, out) = (toward(*at, before), toward(*at, *next));
        let _ = write!(path, "L{} {}Q{} {} {} {}", into.0, into.1, at.0, at.1, out.0, out.1);
        before = *at;
    }
    path
}

/// A little way from one point towards another, at most half of it.
fn toward(from: (i32, i32), to: (i32, i32)) -> (i32, i32) {
    let step = |from: i32, to: i32| {
        let half = (to - from) / 2;
        half.clamp(-CORNER, CORNER)
    };
    (from.0 + step(from.0, to.0), from.1 + step(from.1, to.1))
}
