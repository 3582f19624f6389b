//! Flows of which one direction is allowed and the other one is closed by default.

mod fix;

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Sources};

use super::cover::ports_overlap;
use super::index::clusters_of;
use crate::check::{cluster_names, listed};
use crate::codes::policy as codes;
use crate::model::{ClusterId, ClusterSet, Direction, IdentityId, PodSet, RuleEnds, Verb};
use crate::plan::{Locality, Peer, Plan, Rule};

pub(super) fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // One written rule is several of the plan's where a port name means different numbers.
    for rules in plan.rules.rows().chunk_by(|one, other| one.source == other.source) {
        let Some(first) = rules.first() else { continue };
        let one_ended = matches!(plan.model.rules[first.source].ends, RuleEnds::OneEnded { .. });
        if first.verb == Verb::Allow && one_ended {
            let missing = Missing::of(plan, rules);
            found.extend(missing.map(|missing| diagnostic(plan, sources, first, &missing)));
        }
    }
    found
}

/// What the other ends of a rule do not let pass.
struct Missing {
    /// A pod that the rule is about and that one of them is closed for.
    subject: IdentityId,
    /// The other ends with something closed, and where.
    peers: BTreeMap<IdentityId, ClusterSet>,
}

impl Missing {
    fn of(plan: &Plan, rules: &[Rule]) -> Option<Self> {
        let mut subject = None;
        let mut peers: BTreeMap<IdentityId, ClusterSet> = BTreeMap::new();
        for rule in rules {
            for peer in &rule.peers {
                let Peer::Pods { pods, locality } = peer else { continue };
                for set in pods.iter() {
                    for (cluster, closed_for) in closed(plan, rule, set, *locality) {
                        subject.get_or_insert(closed_for);
                        peers.entry(set.identity).or_default().insert(cluster);
                    }
                }
            }
        }
        Some(Self { subject: subject?, peers })
    }
}

/// The clusters where a peer's own side is closed for a subject of the rule, with one such subject.
fn closed(plan: &Plan, rule: &Rule, peer: &PodSet, locality: Locality) -> Vec<(ClusterId, IdentityId)> {
    let opposite = match rule.direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    };
    let answers: Vec<&Rule> = plan.rules_of[peer.identity]
        .iter()
        .map(|index| &plan.rules[*index])
        .filter(|rule| rule.verb == Verb::Allow && rule.direction == opposite)
        .filter(|answer| ports_overlap(&answer.ports, &rule.ports))
        .collect();
    let denies = |cluster: &ClusterId| plan.default_of(peer.identity, *cluster, opposite).value == Verb::Deny;
    peer.clusters
        .iter()
        .filter(denies)
        .filter_map(|cluster| {
            let answers = answers.iter().copied().filter(|answer| answer.is_about(peer.identity, cluster));
            Some((cluster, unanswered(rule, locality, cluster, answers)?))
        })
        .collect()
}

/// The first subject of the rule that no allow of the peer's side is about, seen from the peer's cluster.
fn unanswered<'a>(
    rule: &Rule,
    locality: Locality,
    cluster: ClusterId,
    answers: impl Iterator<Item = &'a Rule>,
) -> Option<IdentityId> {
    let here = ClusterSet::of(cluster);
    let within = |locality: Locality, clusters: ClusterSet| match locality {
        Locality::Anywhere => clusters,
        Locality::SubjectCluster => clusters & here,
    };
    let peers: Vec<_> = answers
        .flat_map(|answer| &answer.peers)
        .filter_map(|peer| {
            let Peer::Pods { pods, locality } = peer else { return None };
            Some((pods, *locality))
        })
        .collect();
    let lets_in = |subject: &PodSet| {
        peers.iter().fold(ClusterSet::EMPTY, |open, (pods, locality)| {
            open | within(*locality, clusters_of(pods, subject.identity))
        })
    };
    let shut_out = |subject: &&PodSet| !within(locality, subject.clusters).is_within(lets_in(subject));
    rule.subjects.iter().find(shut_out).map(|subject| subject.identity)
}

fn diagnostic(plan: &Plan, sources: &Sources, rule: &Rule, missing: &Missing) -> Diagnostic {
    let model = &plan.model;
    let peers = listed(missing.peers.keys().map(|peer| model.identity_name(*peer)), "nobody");
    let places = missing.peers.values().fold(ClusterSet::EMPTY, |all, clusters| all | *clusters);
    let word = match rule.direction {
        Direction::Egress => "receive",
        Direction::Ingress => "send",
    };
    let written = &model.rules[rule.source];
    let message =
        format!("only half of this flow is allowed: {peers} in {} may not {word} it", cluster_names(model, places));
    let found = Diagnostic::new(codes::HALF_OPEN, written.span, message)
        .labelled(format!("`{}`'s side", model.identity_name(missing.subject)));
    let half = fix::Half::new(plan, sources, rule, missing);
    let found = found.help(half.help());
    match half.fix() {
        Some((span, text)) => found.fix(span, text),
        None => found,
    }
}
