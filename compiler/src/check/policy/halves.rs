//! Flows of which one direction is allowed and the other one is closed by default.

use fleetnet_lang::Diagnostic;

use super::cover::{ports_overlap, reaches_elsewhere};
use crate::codes::policy as codes;
use crate::model::{ClusterId, Direction, IdentityId, RuleEnds, Verb};
use crate::plan::{Locality, Peer, Plan, Ports, Rule, RuleIndex, contains};

/// How many pairs of pods of one rule are looked at. A rule that says the same of more than these is nearly always right or wrong for all.
const PAIRS: usize = 4096;

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (_, rule) in plan.rules.iter() {
        let written = &plan.model.rules[rule.source];
        let one_ended = matches!(written.ends, RuleEnds::OneEnded { .. });
        if rule.verb != Verb::Allow || !one_ended || found.last().is_some_and(|last| last.span == written.span) {
            continue;
        }
        found.extend(missing(plan, rule).map(|missing| diagnostic(plan, rule, &missing)));
    }
    found
}

/// A pod whose own side of an allowed flow is closed.
struct Missing {
    subject: IdentityId,
    peer: IdentityId,
    cluster: ClusterId,
}

fn missing(plan: &Plan, rule: &Rule) -> Option<Missing> {
    let mut looked_at = 0;
    for peer in &rule.peers {
        let Peer::Pods { pods, locality } = peer else { continue };
        for set in pods.iter() {
            let candidates: Vec<RuleIndex> = opposite(plan, rule, set.identity).collect();
            for subject in rule.subjects.iter() {
                looked_at += 1;
                if looked_at > PAIRS {
                    return None;
                }
                let clusters =
                    if reaches_elsewhere(*locality) { set.clusters } else { set.clusters & subject.clusters };
                let Some(cluster) = clusters.iter().find(|cluster| closed(plan, rule, *cluster, set.identity)) else {
                    continue;
                };
                let from = if reaches_elsewhere(*locality) { subject.clusters.iter().next()? } else { cluster };
                let open = candidates
                    .iter()
                    .any(|index| opens(&plan.rules[*index], (set.identity, cluster), (subject.identity, from)));
                if !open {
                    return Some(Missing { subject: subject.identity, peer: set.identity, cluster });
                }
            }
        }
    }
    None
}

/// Allows of the peer's own side whose ports meet the rule's.
fn opposite<'a>(plan: &'a Plan, rule: &'a Rule, peer: IdentityId) -> impl Iterator<Item = RuleIndex> + 'a {
    plan.rules_of[peer].iter().copied().filter(move |index| {
        let other = &plan.rules[*index];
        other.verb == Verb::Allow && other.direction != rule.direction && ports_overlap(&other.ports, &rule.ports)
    })
}

fn closed(plan: &Plan, rule: &Rule, cluster: ClusterId, peer: IdentityId) -> bool {
    let other = match rule.direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    };
    plan.default_of(peer, cluster, other).value == Verb::Deny
}

fn opens(rule: &Rule, own: (IdentityId, ClusterId), other: (IdentityId, ClusterId)) -> bool {
    let admits = |locality: Locality| locality.admits(own.1, other.1);
    rule.is_about(own.0, own.1)
        && rule.peers.iter().any(|peer| matches!(peer, Peer::Pods { pods, locality } if contains(pods, other.0, other.1) && admits(*locality)))
}

fn diagnostic(plan: &Plan, rule: &Rule, missing: &Missing) -> Diagnostic {
    let model = &plan.model;
    let (subject, peer) = (model.identity_name(missing.subject), model.identity_name(missing.peer));
    let place = &model.clusters[missing.cluster].name.value;
    let (word, keyword) = match rule.direction {
        Direction::Egress => ("receive", "from"),
        Direction::Ingress => ("send", "to"),
    };
    let ports = match &rule.ports {
        Ports::Any => "",
        Ports::Ranges(_) => " on the same ports",
    };
    let written = &model.rules[rule.source];
    Diagnostic::new(
        codes::HALF_OPEN,
        written.span,
        format!("only half of this flow is allowed: `{peer}` in `{place}` may not {word} it"),
    )
    .labelled(format!("`{subject}`'s side"))
    .help(format!("add `allow {keyword} {subject}`{ports} to a policy for `{peer}`, or write one rule with `->`"))
}
