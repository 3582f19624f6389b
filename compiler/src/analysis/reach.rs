//! On which ports a flow between two ends passes, for all ports at once.
//!
//! The same verdicts as [`decide`](crate::semantics::decide)'s, found for every class of ports together: a rule is a mask of classes, and a verdict a
//! few operations on masks. Tests compare the two.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleetnet_lang::Span;

use super::ports::{PortClasses, PortMask};
use crate::model::{Direction, IdentityId, PortRange, Protocol, Table, Transport, Verb};
use crate::plan::{Peer, Plan, Ports, Rule, RuleIndex};
use crate::semantics::{End, Seen, Subject, is_peer, seen, stub};

/// What lets flows pass at one of their ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// An allow.
    Rule(RuleIndex),
    /// The default written here.
    Default(Span),
    /// A pod's own node, or look-ups.
    BuiltIn,
}

/// The verdicts of a plan.
pub struct Reach<'p> {
    plan: &'p Plan,
    /// The ports that are told apart.
    pub ports: PortClasses,
    masks: Table<RuleIndex, Arc<PortMask>>,
    /// For each identity, its rules about pods of the fleet, and those about anybody else.
    about_pods: Table<IdentityId, Vec<RuleIndex>>,
    about_others: Table<IdentityId, Vec<RuleIndex>>,
    every: PortMask,
    look_ups: PortMask,
}

impl<'p> Reach<'p> {
    /// The verdicts of a plan, for ports that are cut wherever its rules, `asked` ports or constants begin or end.
    #[must_use]
    pub fn new(plan: &'p Plan, asked: &[&Ports], constants: Vec<i64>) -> Self {
        let dns = [Transport::Udp, Transport::Tcp].map(|transport| PortRange {
            protocol: Protocol::Transport(transport),
            first: 53,
            last: 53,
        });
        let dns = Ports::of(dns.to_vec());
        let mut mentioned: Vec<&Ports> = plan.rules.rows().iter().map(|rule| &rule.ports).collect();
        mentioned.extend(asked);
        mentioned.push(&dns);
        let ports = PortClasses::new(mentioned, constants);
        let mut known: BTreeMap<&Ports, Arc<PortMask>> = BTreeMap::new();
        let of_rule =
            |rule: &'p Rule| known.entry(&rule.ports).or_insert_with(|| Arc::new(ports.mask(&rule.ports))).clone();
        let masks: Vec<Arc<PortMask>> = plan.rules.rows().iter().map(of_rule).collect();
        let is_pods = |peer: &Peer| peer.pods().is_some();
        let about = |wanted: &dyn Fn(&Peer) -> bool| {
            let of_one = |rules: &Vec<RuleIndex>| {
                rules.iter().copied().filter(|index| plan.rules[*index].peers.iter().any(wanted)).collect::<Vec<_>>()
            };
            plan.rules_of.rows().iter().map(of_one).collect::<Vec<_>>().into()
        };
        Self {
            plan,
            every: ports.mask(&Ports::Any),
            look_ups: ports.mask(&dns),
            masks: masks.into(),
            about_pods: about(&is_pods),
            about_others: about(&|peer| !is_pods(peer)),
            ports,
        }
    }

    /// The ports on which a flow passes; nothing where it is none of the fleet's, or no flow at all.
    #[must_use]
    pub fn passing(&self, source: &End, destination: &End) -> Option<PortMask> {
        if !is_flow(source, destination) {
            return None;
        }
        let egress = self.side(Direction::Egress, source, destination);
        // Most pairs end here.
        if egress.as_ref().is_some_and(PortMask::is_empty) {
            return egress;
        }
        match (egress, self.side(Direction::Ingress, destination, source)) {
            (Some(mut egress), Some(ingress)) => {
                egress.keep(&ingress);
                Some(egress)
            }
            (egress, ingress) => egress.or(ingress),
        }
    }

    /// What lets flows pass at both ends together, each with its part of the ports. `passing` are ports on which they do.
    #[must_use]
    pub fn grants(&self, source: &End, destination: &End, passing: &PortMask) -> Vec<(Grant, PortMask)> {
        let mut grants = Vec::new();
        let sides = [(Direction::Egress, source, destination), (Direction::Ingress, destination, source)];
        for (direction, own, other) in sides {
            let End::Pod { identity, cluster, .. } = own else { continue };
            let subject = Subject { identity: *identity, cluster: *cluster };
            let default = self.plan.default_of(*identity, *cluster, direction);
            if default.value == Verb::Allow {
                grants.push((Grant::Default(default.span), self.every.clone()));
                continue;
            }
            let peer = seen(self.plan, *cluster, other);
            grants.push((Grant::BuiltIn, self.built_in(direction, subject, &peer)));
            grants.extend(self.allows(direction, subject, &peer));
        }
        for (_, mask) in &mut grants {
            mask.keep(passing);
        }
        grants.retain(|(_, mask)| !mask.is_empty());
        grants
    }

    fn allows<'s>(
        &'s self,
        direction: Direction,
        subject: Subject,
        peer: &'s Seen<'_>,
    ) -> impl Iterator<Item = (Grant, PortMask)> + 's {
        let rules = self.plan.rules_of[subject.identity].iter().copied().filter(move |index| {
            let rule = &self.plan.rules[*index];
            rule.verb == Verb::Allow
                && rule.direction == direction
                && rule.is_about(subject.identity, subject.cluster)
                && rule.peers.iter().any(|written| is_peer(self.plan, subject, written, peer))
        });
        rules.map(|index| (Grant::Rule(index), PortMask::clone(&self.masks[index])))
    }

    /// The ports that one end lets pass, if the fleet governs it.
    fn side(&self, direction: Direction, own: &End, other: &End) -> Option<PortMask> {
        match own {
            End::Pod { identity, cluster, .. } => {
                Some(self.governed(direction, Subject { identity: *identity, cluster: *cluster }, other))
            }
            End::Foreign { cluster, pod, .. } => stub(self.plan, *cluster, pod).map(|_| self.ports.none()),
            End::ClusterDns { .. }
            | End::Host { .. }
            | End::RemoteNode { .. }
            | End::KubeApiserver { .. }
            | End::Gateway { .. }
            | End::World(_) => None,
        }
    }

    fn governed(&self, direction: Direction, subject: Subject, other: &End) -> PortMask {
        let peer = seen(self.plan, subject.cluster, other);
        let default = self.plan.default_of(subject.identity, subject.cluster, direction).value;
        // Only a deny matters where the rest is allowed.
        let mut passing = match default {
            Verb::Allow => self.every.clone(),
            Verb::Deny => self.built_in(direction, subject, &peer),
        };
        let mut denied = self.ports.none();
        // Only as a known pod is anybody a pod to a rule.
        let rules = match peer {
            Seen::Known(End::Pod { .. }) => &self.about_pods,
            Seen::Known(_) | Seen::Address(_) | Seen::Name(_) => &self.about_others,
        };
        for index in &rules[subject.identity] {
            let rule = &self.plan.rules[*index];
            let idle = rule.verb == Verb::Allow && default == Verb::Allow;
            if rule.direction != direction || idle || !rule.is_about(subject.identity, subject.cluster) {
                continue;
            }
            if rule.peers.iter().any(|written| is_peer(self.plan, subject, written, &peer)) {
                let mask = if rule.verb == Verb::Allow { &mut passing } else { &mut denied };
                mask.add(&self.masks[*index]);
            }
        }
        passing.remove(&denied);
        passing
    }

    fn built_in(&self, direction: Direction, subject: Subject, peer: &Seen<'_>) -> PortMask {
        match (direction, peer) {
            (Direction::Ingress, Seen::Known(End::Host { cluster })) if *cluster == subject.cluster => {
                self.every.clone()
            }
            (Direction::Egress, Seen::Known(End::ClusterDns { cluster, .. }))
                if *cluster == subject.cluster && self.plan.model.fleet.dns == crate::model::DnsAccess::BuiltIn =>
            {
                self.look_ups.clone()
            }
            (Direction::Ingress | Direction::Egress, Seen::Known(_) | Seen::Address(_) | Seen::Name(_)) => {
                self.ports.none()
            }
        }
    }
}

/// Whether there can be a flow between two ends: a host is the node of the other end's pod, and a name only ever a destination.
#[must_use]
pub fn is_flow(source: &End, destination: &End) -> bool {
    let beside = |one: &End, other: &End| match one {
        End::Host { cluster } => other.cluster() == Some(*cluster),
        End::Pod { .. }
        | End::Foreign { .. }
        | End::ClusterDns { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => true,
    };
    let name = matches!(source, End::World(crate::semantics::WorldEnd::Name(_)));
    !name && beside(source, destination) && beside(destination, source)
}

/// Whether each end sees the other as what it is.
#[must_use]
pub fn is_known(plan: &Plan, one: &End, other: &End) -> bool {
    is_known_to(plan, one, other) && is_known_to(plan, other, one)
}

/// Whether an observer sees an end as what it is. What is in no cluster is always seen as that, and sees no difference.
#[must_use]
pub fn is_known_to(plan: &Plan, observer: &End, end: &End) -> bool {
    match (observer.cluster(), end) {
        (None, _) | (_, End::World(_)) => true,
        (Some(cluster), end) => matches!(seen(plan, cluster, end), Seen::Known(_)),
    }
}
