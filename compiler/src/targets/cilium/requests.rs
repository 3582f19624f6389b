//! HTTP requests: disjoint cells of peers and ports, each with the requests that all its rules together admit.
//!
//! A peer that some rule lets through without a list is in no cell, so that its traffic is not sent through a proxy for nothing. A cell is as
//! wide as its own peer's rules make it: what is said of other peers cuts none of its ports.

use std::collections::{BTreeMap, BTreeSet};

use super::apart::{Apart, Atom};
use super::crd::HttpRule;
use super::peers::Peers;
use super::view::View;
use crate::model::{ClusterSet, PortRange, Protocol, Request, Transport};
use crate::plan::{Ports, Rule};

/// Peers that may send the same requests on the same ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The ports; neither overlap nor touch.
    pub ports: Vec<PortRange>,
    /// What may be asked; sorted, none covered by another.
    pub requests: Vec<Request>,
    /// By whom, or of whom.
    pub peers: Peers,
}

/// The cells of one direction of a pod that is closed by default but for its rules and what is built in.
pub fn cells(view: &View<'_>, allows: &[&Rule], built_in: Option<&(Ports, Peers)>) -> Vec<Cell> {
    if allows.iter().all(|rule| rule.requests.is_empty()) {
        return Vec::new();
    }
    let built_in = built_in.map(|(ports, peers)| Seen { peers: peers.clone(), ports, requests: &[] });
    let rules: Vec<Seen<'_>> = allows.iter().map(|rule| Seen::new(view, rule)).chain(built_in).collect();
    let apart = Apart::new(view, rules.iter().map(|seen| &seen.peers));
    let mut by_peer: BTreeMap<(Atom, BTreeSet<&Request>), Vec<PortRange>> = BTreeMap::new();
    for segment in segments(&rules) {
        let here = || rules.iter().filter(|seen| seen.is_about(segment));
        let mut listed: BTreeMap<Atom, BTreeSet<&Request>> = BTreeMap::new();
        for seen in here().filter(|seen| !seen.requests.is_empty()) {
            for atom in apart.atoms(&seen.peers) {
                listed.entry(atom).or_default().extend(seen.requests);
            }
        }
        for seen in here().filter(|seen| seen.requests.is_empty()) {
            for atom in apart.atoms(&seen.peers) {
                listed.remove(&atom);
            }
        }
        for cell in listed {
            by_peer.entry(cell).or_default().push(segment);
        }
    }
    group(by_peer)
}

/// Joins peers with the same requests on the same ports.
fn group(by_peer: BTreeMap<(Atom, BTreeSet<&Request>), Vec<PortRange>>) -> Vec<Cell> {
    let mut cells: BTreeMap<(Vec<Request>, Ports), Peers> = BTreeMap::new();
    for ((atom, requests), segments) in by_peer {
        let peers = cells.entry((least(&requests), Ports::of(segments))).or_default();
        match atom {
            Atom::Pods(pods, cluster) => peers.place(pods, ClusterSet::of(cluster)),
            Atom::Fixed(fixed) => peers.fix(fixed),
        }
    }
    let cell = |((requests, ports), peers): ((Vec<Request>, Ports), Peers)| match ports {
        Ports::Any => None,
        Ports::Ranges(ports) => Some(Cell { ports: ports.into_vec(), requests, peers }),
    };
    cells.into_iter().filter_map(cell).collect()
}

/// An allow as the view's cluster sees it.
struct Seen<'a> {
    peers: Peers,
    ports: &'a Ports,
    requests: &'a [Request],
}

impl<'a> Seen<'a> {
    fn new(view: &View<'_>, rule: &'a Rule) -> Self {
        let mut peers = Peers::default();
        rule.peers.iter().for_each(|peer| peers.add(view, peer));
        Self { peers, ports: &rule.ports, requests: &rule.requests }
    }

    fn is_about(&self, segment: PortRange) -> bool {
        self.ports.contains(segment.protocol, segment.first)
    }
}

/// Ranges of TCP ports that some rule with requests is about, cut wherever any rule starts or ends.
fn segments(rules: &[Seen<'_>]) -> Vec<PortRange> {
    let tcp = Protocol::Transport(Transport::Tcp);
    let ranges = |seen: &Seen<'_>| match seen.ports {
        Ports::Any => vec![PortRange::all(tcp)],
        Ports::Ranges(ranges) => ranges.iter().filter(|range| range.protocol == tcp).copied().collect(),
    };
    let mut starts = BTreeSet::new();
    for range in rules.iter().flat_map(ranges) {
        starts.insert(u32::from(range.first));
        starts.insert(u32::from(range.last) + 1);
    }
    let starts: Vec<u32> = starts.into_iter().collect();
    let between = starts.iter().zip(starts.iter().skip(1));
    let segment = |(first, next): (&u32, &u32)| {
        Some(PortRange { protocol: tcp, first: u16::try_from(*first).ok()?, last: u16::try_from(next - 1).ok()? })
    };
    let judged = |segment: &PortRange| rules.iter().any(|seen| !seen.requests.is_empty() && seen.is_about(*segment));
    between.filter_map(segment).filter(judged).collect()
}

/// Requests without those that others of them cover.
fn least(requests: &BTreeSet<&Request>) -> Vec<Request> {
    let covers = |wide: &Request, narrow: &Request| {
        wide != narrow
            && (wide.method == narrow.method || wide.method.as_str() == "*")
            && (wide.path == narrow.path || wide.path.as_str() == "**")
    };
    let needed = |request: &&&Request| !requests.iter().any(|wide| covers(wide, request));
    requests.iter().filter(needed).map(|request| (*request).clone()).collect()
}

/// A request as the proxy reads it.
pub fn lower(request: &Request) -> HttpRule {
    let method = (request.method.as_str() != "*").then(|| request.method.to_string());
    let path = (request.path.as_str() != "**").then(|| expression(request.path.as_str()));
    HttpRule { method, path }
}

/// An anchored expression for a path pattern. The proxy compares the query too, which a pattern doesn't speak of.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let taken = if rest.starts_with("**") {
            expression.push_str("[^?]*");
            2
        } else {
            match next {
                '*' => expression.push_str("[^/?]+"),
                '\\' | '.' | '+' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                    expression.push('\\');
                    expression.push(next);
                }
                _ => expression.push(next),
            }
            next.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    expression.push_str("(\\?.*)?$");
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_anchored_and_tolerate_a_query() {
        assert_eq!(expression("/v1/*"), r"^/v1/[^/?]+(\?.*)?$");
        assert_eq!(expression("/v1/**/a.b"), r"^/v1/[^?]*/a\.b(\?.*)?$");
        assert_eq!(expression("/é(+)"), r"^/é\(\+\)(\?.*)?$");
    }

    #[test]
    fn any_request_needs_no_expression() {
        let request = Request { method: "*".into(), path: "**".into() };
        assert_eq!(lower(&request), HttpRule { method: None, path: None });
    }
}
