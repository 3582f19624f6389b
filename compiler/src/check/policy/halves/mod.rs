//! Flows of which one direction is allowed and the other one is closed by default.
//!
//! Between two identities that a rule names, every flow must be let pass by the other side as well, on each port that is written by name or
//! number. What is written wide is meant as far as the other side agrees: of `any` or a whole protocol some port must be open there, and of
//! `all`, `NS/*` or a group some member must answer. Whom a deny refuses is refused on purpose.

mod fix;
mod flows;
mod missing;

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, Sources};

use self::flows::Flows;
use self::missing::{Missing, Pair, Width, Written};
use super::cover::{Extent, ports_overlap};
use super::index::{Index, closed, clusters_of, sets_overlap};
use crate::check::{Scope, cluster_names, listed};
use crate::codes::policy as codes;
use crate::model::{
    self, ClusterSet, Direction, IdentityId, PeerEnd, PodSet, PodSets, PortExpr, PortExprs, PortRange, RuleEnds,
    RuleId, Verb,
};
use crate::plan::{Expander, Locality, Peer, Plan, PortNames, Ports, Rule, RuleIndex};

pub(super) fn check(index: &Index<'_>, sources: &Sources, scope: Scope<'_>) -> Vec<Diagnostic> {
    let plan = index.plan;
    let mut finder = Finder { plan, index, expander: Expander::new(&plan.model), names: PortNames::new(&plan.model) };
    let mut found = Vec::new();
    for id in scope.beside(&plan.model) {
        let rule = &plan.model.rules[id];
        let missing = match &rule.ends {
            RuleEnds::OneEnded { direction, peers } if rule.verb == Verb::Allow => {
                finder.missing(rule, *direction, peers)
            }
            RuleEnds::OneEnded { .. } | RuleEnds::TwoEnded { .. } => None,
        };
        found.extend(missing.map(|missing| diagnostic(plan, sources, id, &missing)));
    }
    found
}

fn diagnostic(plan: &Plan, sources: &Sources, rule: RuleId, missing: &Missing) -> Diagnostic {
    let model = &plan.model;
    let who: BTreeSet<IdentityId> = missing.peers.keys().map(|(_, _, peer)| *peer).collect();
    let peers = listed(who.iter().map(|peer| model.identity_name(*peer)), "nobody");
    let places = missing.peers.values().fold(ClusterSet::EMPTY, |all, clusters| all | *clusters);
    let word = match missing.direction {
        Direction::Egress => "receive",
        Direction::Ingress => "send",
    };
    let message =
        format!("only half of this flow is allowed: {peers} in {} may not {word} it", cluster_names(model, places));
    let mut found = Diagnostic::new(codes::HALF_OPEN, model.rules[rule].span, message);
    if let Some((_, _, subject)) = missing.subjects.keys().next() {
        found = found.labelled(format!("`{}`'s side", model.identity_name(*subject)));
    }
    let half = fix::Half::new(plan, sources, &model.rules[rule], missing);
    let found = found.help(half.help());
    match half.fix() {
        Some((span, text)) => found.suggest(span, text),
        None => found,
    }
}

struct Finder<'a> {
    plan: &'a Plan,
    index: &'a Index<'a>,
    expander: Expander<'a>,
    names: PortNames<'a>,
}

/// A port as written, with what it is for destinations on which it means the same.
struct Port {
    /// Its place in the list; none if there is no list.
    place: Option<usize>,
    ports: Ports,
    extent: Extent,
    destinations: PodSets,
}

impl Finder<'_> {
    fn missing(&mut self, rule: &model::Rule, direction: Direction, peers: &[model::Peer]) -> Option<Missing> {
        let subjects = self.plan.model.policies[rule.policy].subject.as_deref().unwrap_or_default();
        let subjects = self.pods(subjects);
        let mut missing = Missing::new(direction);
        for peer in self.pods(peers) {
            for subject in &subjects {
                let pair = Pair { direction, subject, peer: &peer };
                match (subject.width, peer.width) {
                    (Width::One, Width::One) => self.each_flow(&pair, &rule.ports, &mut missing),
                    (Width::Many, _) | (_, Width::Many) => self.any_flow(&pair, &rule.ports, &mut missing),
                }
            }
        }
        (!missing.peers.is_empty()).then_some(missing)
    }

    /// The ends that are pods of the fleet.
    fn pods(&mut self, written: &[model::Peer]) -> Vec<Written> {
        let mut all = Vec::new();
        for (place, peer) in written.iter().enumerate() {
            let width = match peer.end {
                PeerEnd::Identity(_) => Width::One,
                PeerEnd::Namespace(_) | PeerEnd::Group(_) | PeerEnd::All => Width::Many,
                PeerEnd::External(_) | PeerEnd::Cidr(_) | PeerEnd::Dns(_) | PeerEnd::BuiltIn(_) => continue,
            };
            // What is wrong with the ends themselves was said when the plan was made.
            let ends = self.expander.ends(std::slice::from_ref(peer), &mut Vec::new());
            let found = ends.pods.into_iter();
            all.extend(found.map(|found| Written { place, width, pods: found.pods, locality: found.locality }));
        }
        all
    }

    fn ports(&self, written: &PortExprs, pair: &Pair<'_>) -> Vec<Port> {
        let destinations = match pair.direction {
            Direction::Egress => &pair.peer.pods,
            Direction::Ingress => &pair.subject.pods,
        };
        if written.is_empty() {
            let (ports, extent, destinations) = (Ports::Any, Extent::Some, destinations.clone());
            return vec![Port { place: None, ports, extent, destinations }];
        }
        let mut all = Vec::new();
        for (place, port) in written.iter().enumerate() {
            let resolved = self.names.resolve(&vec![port.clone()], destinations, &mut Vec::new()).into_iter();
            let extent = extent(&port.value);
            all.extend(resolved.map(|(ports, destinations)| Port { place: Some(place), ports, extent, destinations }));
        }
        all
    }

    /// Flows between two identities that the other side does not let pass.
    fn each_flow(&self, pair: &Pair<'_>, written: &PortExprs, missing: &mut Missing) {
        let (Some(subject), Some(peer)) = (pair.subject.pods.first(), pair.peer.pods.first()) else { return };
        let own = subject.clusters & closed(self.plan, subject.identity, pair.direction);
        let other = peer.clusters & closed(self.plan, peer.identity, pair.opposite());
        if own.is_empty() || other.is_empty() {
            return;
        }
        for port in self.ports(written, pair) {
            let (own, other) = match pair.direction {
                Direction::Egress => (own, other & clusters_of(&port.destinations, peer.identity)),
                Direction::Ingress => (own & clusters_of(&port.destinations, subject.identity), other),
            };
            let (own, other) = (PodSet { clusters: own, ..*subject }, PodSet { clusters: other, ..*peer });
            let flows = Flows { index: self.index, pair, ports: &port.ports, extent: port.extent };
            if own.clusters.is_empty() || other.clusters.is_empty() || flows.are_answered(own, other) {
                continue;
            }
            let locality = pair.locality(self.plan, &[own], &[other]);
            for (own, other) in flows.unanswered(own, other) {
                missing.ports.extend(port.place);
                // What is missing between clusters that know each other can't be said together with what is missing within one.
                let locality = if own.clusters == other.clusters { locality } else { pair.peer.locality };
                missing.add(pair, locality, &[own], &[other]);
            }
        }
    }

    /// Flows between many, if the other side lets none of them pass.
    fn any_flow(&self, pair: &Pair<'_>, written: &PortExprs, missing: &mut Missing) {
        let plan = self.plan;
        // Who is not near does not answer for those who are, and its ports mean nothing here.
        let (subject, peer) = pair.near();
        let ports = self.ports(written, &Pair { subject: &subject, peer: &peer, ..*pair });
        let (own, other) = (&subject.pods, &peer.pods);
        let names = |rule: &Rule| {
            rule.peers.iter().any(|peer| matches!(peer, Peer::Pods { pods, .. } if sets_overlap(pods, own)))
        };
        let answers = |index: RuleIndex| {
            let rule = &plan.rules[index];
            rule.verb == Verb::Allow
                && rule.direction == pair.opposite()
                && ports.iter().any(|port| ports_overlap(&port.ports, &rule.ports))
                && sets_overlap(&rule.subjects, other)
                && names(rule)
        };
        if ports.is_empty() || self.index.naming.of(own).any(answers) {
            return;
        }
        let shut = |sets: &PodSets, direction: Direction| -> Vec<PodSet> {
            let within = |set: &PodSet| set.clusters & closed(plan, set.identity, direction);
            let shut = sets.iter().map(|set| PodSet { clusters: within(set), ..*set });
            shut.filter(|set| !set.clusters.is_empty()).collect()
        };
        let (own, mut other) = (shut(own, pair.direction), shut(other, pair.opposite()));
        let locality = pair.locality(plan, &own, &other);
        if locality == Locality::SubjectCluster {
            let here = own.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
            for set in &mut other {
                set.clusters = set.clusters & here;
            }
            other.retain(|set| !set.clusters.is_empty());
        }
        if !own.is_empty() && !other.is_empty() {
            missing.ports.extend(ports.iter().filter_map(|port| port.place));
            missing.add(pair, locality, &own, &other);
        }
    }
}

/// How much of a written port the other side has to open.
fn extent(port: &PortExpr) -> Extent {
    match port {
        PortExpr::Any | PortExpr::Icmp { name: None, .. } => Extent::Some,
        PortExpr::Range(range) if *range == PortRange::all(range.protocol) => Extent::Some,
        PortExpr::Range(_) | PortExpr::Named(_) | PortExpr::Icmp { name: Some(_), .. } => Extent::Every,
    }
}
