//! What a default deny nearly allowed.

use crate::model::{ClusterId, Direction, IdentityId, Verb};
use crate::plan::{Locality, Peer, Plan, Rule, RuleIndex, contains};
use crate::semantics::{End, Flow, Seen, Subject, is_peer, seen};

/// An allow of the same direction that one thing keeps from matching.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// By what it misses.
    pub miss: Miss,
    /// The allow.
    pub rule: RuleIndex,
}

/// The one thing by which an allow misses a flow; what is nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Miss {
    /// It names the other end, which is only an address where the rule looks.
    Unknown,
    /// It names the other end in the subject's own cluster.
    OtherCluster,
    /// It names the other end in other clusters.
    PeerPlace,
    /// It is about these pods in other clusters.
    SubjectPlace,
    /// It is about other ports.
    Ports,
    /// It names somebody else.
    Peer,
}

/// The allows that one thing keeps from matching a flow, the nearest first, then in order.
pub(super) fn near(plan: &Plan, direction: Direction, subject: Subject, other: &End, flow: &Flow) -> Vec<Near> {
    let peer = seen(plan, subject.cluster, other);
    let rules = plan.rules_of[subject.identity].iter().copied();
    let mut near: Vec<Near> = rules
        .filter_map(|index| {
            let rule = &plan.rules[index];
            let opens = rule.verb == Verb::Allow && rule.direction == direction;
            let miss = opens.then(|| only_miss(plan, rule, subject, (other, &peer), flow))??;
            Some(Near { miss, rule: index })
        })
        .collect();
    near.sort();
    near
}

fn only_miss(
    plan: &Plan,
    rule: &Rule,
    subject: Subject,
    (other, peer): (&End, &Seen<'_>),
    flow: &Flow,
) -> Option<Miss> {
    let about = rule.is_about(subject.identity, subject.cluster);
    let ports = rule.ports.contains(flow.protocol, flow.port);
    let meant = rule.peers.iter().any(|written| is_peer(plan, subject, written, peer));
    match (about, ports, meant) {
        (false, true, true) => Some(Miss::SubjectPlace),
        (true, false, true) => Some(Miss::Ports),
        (true, true, false) => Some(whom(rule, subject, other, peer)),
        _ => None,
    }
}

/// How a rule that does not mean an end misses it.
fn whom(rule: &Rule, subject: Subject, other: &End, peer: &Seen<'_>) -> Miss {
    let End::Pod { identity, cluster, .. } = other else { return Miss::Peer };
    let misses = rule.peers.iter().filter_map(|written| {
        let Peer::Pods { pods, locality } = written else { return None };
        let names = |identity: IdentityId| pods.iter().any(|set| set.identity == identity);
        if contains(pods, *identity, *cluster) {
            return Some(beside(*locality, subject.cluster, *cluster, peer));
        }
        names(*identity).then_some(Miss::PeerPlace)
    });
    misses.min().unwrap_or(Miss::Peer)
}

fn beside(locality: Locality, own: ClusterId, other: ClusterId, peer: &Seen<'_>) -> Miss {
    match peer {
        Seen::Known(_) if !locality.admits(own, other) => Miss::OtherCluster,
        Seen::Known(_) | Seen::Address(_) | Seen::Name(_) => Miss::Unknown,
    }
}
