//! The rules that an edit of others matters to.

use std::collections::BTreeSet;

use super::index::{Naming, sets_overlap};
use crate::model::{PodSets, RuleId};
use crate::plan::{Peer, Plan, Rule, RuleIndex};

/// The rules of a plan that may speak of flows of another rule: those about the same pods and peers, and their other halves.
pub fn beside(plan: &Plan, naming: &Naming, rule: &Rule, found: &mut BTreeSet<RuleId>) {
    let names =
        |other: &Rule, pods: &PodSets| other.peers.iter().filter_map(Peer::pods).any(|own| sets_overlap(own, pods));
    let peers: Vec<&PodSets> = rule.peers.iter().filter_map(Peer::pods).collect();
    let is_alike = |index: &RuleIndex| {
        let other = &plan.rules[*index];
        let is_alike = (is_outside(rule) && is_outside(other)) || peers.iter().any(|pods| names(other, pods));
        other.direction == rule.direction && is_alike
    };
    let about = rule.subjects.iter().flat_map(|set| &plan.rules_of[set.identity]).copied();
    let is_half = |index: &RuleIndex| {
        let other = &plan.rules[*index];
        other.direction != rule.direction
            && peers.iter().any(|pods| sets_overlap(pods, &other.subjects))
            && names(other, &rule.subjects)
    };
    let halves = naming.of(&rule.subjects).filter(is_half);
    found.extend(about.filter(is_alike).chain(halves).map(|index| plan.rules[index].source));
}

/// Whether a rule names anybody but pods of the fleet.
fn is_outside(rule: &Rule) -> bool {
    rule.peers.iter().any(|peer| peer.pods().is_none())
}
