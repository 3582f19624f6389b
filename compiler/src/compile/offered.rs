//! What other services and paths of a package come to for its rules.

use std::collections::BTreeSet;

use crate::model::{
    ClusterSet, IdentityId, Model, Name, Paths, PodSets, PortExpr, RuleId, Service, ServiceId, ServicePort, Table,
    Transport,
};
use crate::plan::{Peer, Plan, Rule};

/// A port name of an identity, and what it stands for in front of some of its pods.
type Meaning<'a> = ((IdentityId, &'a Name), (ClusterSet, u16, Transport));

/// The port names that services give.
fn names(services: &Table<ServiceId, Service>) -> impl Iterator<Item = Meaning<'_>> {
    let variants = services.rows().iter().flat_map(|service| &service.variants);
    variants.flat_map(|(clusters, spec)| {
        let meaning = |port: &ServicePort| (*clusters, port.target, port.transport);
        spec.ports.iter().map(move |port| ((spec.pods.value, &port.name.value), meaning(port)))
    })
}

/// The written rules to which a port name means something else once a package offers other services.
pub(super) fn rules(plan: &Plan, now: &Paths) -> Vec<RuleId> {
    let then = &plan.model.services;
    // Mostly something else was edited.
    if names(then).eq(names(&now.services)) {
        return Vec::new();
    }
    let (then, now): (BTreeSet<_>, BTreeSet<_>) = (names(then).collect(), names(&now.services).collect());
    let changed: BTreeSet<_> = then.symmetric_difference(&now).map(|(name, _)| *name).collect();
    let is_changed = |pods: &PodSets, name: &Name| pods.iter().any(|set| changed.contains(&(set.identity, name)));
    let speaks_of = |rule: &Rule, name: &Name| {
        is_changed(&rule.subjects, name)
            || rule.peers.iter().any(|peer| match peer {
                Peer::Pods { pods, .. } => is_changed(pods, name),
                Peer::Foreign { .. }
                | Peer::ForeignPods { .. }
                | Peer::World
                | Peer::Cidr(_)
                | Peer::Dns(_)
                | Peer::Host
                | Peer::RemoteNodes
                | Peer::KubeApiserver
                | Peer::Gateways
                | Peer::ClusterDns
                | Peer::CloudMetadata => false,
            })
    };
    let named = |rule: &Rule| named_ports(&plan.model, rule.source).any(|name| speaks_of(rule, name));
    let mut rules: Vec<RuleId> = plan.rules.rows().iter().filter(|rule| named(rule)).map(|rule| rule.source).collect();
    rules.dedup();
    rules
}

fn named_ports(model: &Model, rule: RuleId) -> impl Iterator<Item = &Name> {
    model.rules[rule].ports.iter().filter_map(|port| match &port.value {
        PortExpr::Named(name) => Some(name),
        PortExpr::Any | PortExpr::Range(_) | PortExpr::Icmp { .. } => None,
    })
}
