//! What can be wrong with a single rule, whatever else the fleet says.

use fleetnet_lang::{Diagnostic, Span};

use super::ends::Ends;
use super::{Locality, Peer, Ports};
use crate::codes::policy as codes;
use crate::model::{ClusterSet, Direction, PodSets, PortExpr, PortRange, Protocol, Rule, Spanned, Transport, Verb};

/// Ports and requests that a data path would read as something else than is written.
pub(super) fn shape(rule: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.extend(rule.ports.iter().filter_map(widening));
    if let (Verb::Deny, Some(request)) = (rule.verb, rule.requests.first()) {
        diagnostics.push(
            Diagnostic::new(codes::REQUESTS_IN_DENY, request.span, "a deny has no requests: it closes the whole port")
                .help("allow the requests that are wanted instead"),
        );
    }
}

fn widening(port: &Spanned<PortExpr>) -> Option<Diagnostic> {
    let widens = |range: &PortRange| match range.protocol {
        Protocol::Transport(_) => range.first == 0 && range.last != u16::MAX,
        Protocol::IcmpV4 | Protocol::IcmpV6 => range.first == 0 && range.last == 0,
    };
    match &port.value {
        PortExpr::Any | PortExpr::Named(_) => None,
        PortExpr::Range(range) if range.first > range.last => Some(
            Diagnostic::new(codes::WIDENING_PORTS, port.span, "the range ends before it starts")
                .help("write the smaller port first"),
        ),
        PortExpr::Range(range) => widens(range).then(|| {
            Diagnostic::new(codes::WIDENING_PORTS, port.span, "a data path reads port 0 as every port")
                .help("start at port 1, or write the protocol alone for all its ports")
        }),
        PortExpr::Icmp { ranges, .. } => ranges.iter().any(widens).then(|| {
            Diagnostic::new(codes::WIDENING_PORTS, port.span, "a data path reads ICMP type 0 as every type")
                .help("replies pass without a rule; for every type write `icmp` alone")
        }),
    }
}

/// DNS names are only seen where a pod looks them up.
pub(super) fn names(rule: &Rule, direction: Direction, ends: &Ends, diagnostics: &mut Vec<Diagnostic>) {
    let Some(named) = ends.others.iter().find(|other| matches!(other.peer, Peer::Dns(_))) else { return };
    let message = match (direction, rule.verb) {
        (Direction::Ingress, _) => "a DNS name says nothing about who connects",
        (Direction::Egress, Verb::Deny) => "a deny cannot speak of DNS names: what has been looked up decides",
        (Direction::Egress, Verb::Allow) => match rule.ports.iter().find(|port| is_range(&port.value)) {
            Some(range) => {
                diagnostics.push(
                    Diagnostic::new(codes::NAMES_OUT_OF_PLACE, range.span, "a port range cannot go with DNS names")
                        .related(named.span, "the names")
                        .help("list the ports one by one"),
                );
                return;
            }
            None => return,
        },
    };
    diagnostics
        .push(Diagnostic::new(codes::NAMES_OUT_OF_PLACE, named.span, message).help("name addresses instead: `cidr …`"));
}

fn is_range(port: &PortExpr) -> bool {
    match port {
        PortExpr::Range(range) => range.first != range.last && *range != PortRange::all(range.protocol),
        PortExpr::Any | PortExpr::Named(_) | PortExpr::Icmp { .. } => false,
    }
}

/// `in local` peers that run in no cluster of any subject.
pub(super) fn local(subjects: &PodSets, ends: &Ends, diagnostics: &mut Vec<Diagnostic>) {
    let here = subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
    for pods in ends.pods.iter().filter(|pods| pods.locality == Locality::SubjectCluster) {
        let there = pods.pods.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
        if (here & there).is_empty() && !here.is_empty() {
            diagnostics.push(
                Diagnostic::new(codes::ABSENT_PEER, pods.span, "this runs in no cluster of the subject's")
                    .help("leave `in local` out, or name clusters"),
            );
        }
    }
}

/// Requests are seen on TCP ports that are known one by one.
pub(super) fn requests(rule: &Rule, ports: &Ports, diagnostics: &mut Vec<Diagnostic>) {
    let Some(request) = rule.requests.first() else { return };
    let judged = |range: &PortRange| {
        range.protocol == Protocol::Transport(Transport::Tcp) && *range != PortRange::all(range.protocol)
    };
    let fits = match ports {
        Ports::Any => false,
        Ports::Ranges(ranges) => ranges.iter().all(judged),
    };
    if fits || diagnostics.iter().any(|known| known.code == codes::REQUESTS_WITHOUT_TCP && known.span == request.span) {
        return;
    }
    let whole: Span = request.span;
    diagnostics.push(
        Diagnostic::new(codes::REQUESTS_WITHOUT_TCP, whole, "HTTP requests need tcp ports that are named or numbered")
            .help("say on which: `on http { … }` or `on 8080/tcp { … }`"),
    );
}
