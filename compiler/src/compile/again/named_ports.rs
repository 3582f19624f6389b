//! Rules that name ports which other services give another meaning.

use std::collections::BTreeSet;

use super::edits::{Edits, ends};
use super::{Again, is_in};
use crate::model::{
    ClusterSet, Id, IdentityId, Model, Name, Paths, PodSets, PortExpr, RuleId, Service, ServiceId, ServicePort, Table,
    Transport,
};
use crate::plan::{Peer, Plan, Rule, Written};

/// Most rules that are lowered again for their port names.
const MOST_RULES: usize = 256;
/// Most files whose rules are looked at again: each is an edit of the plan for itself.
const MOST_FILES: usize = 8;

impl Again {
    /// Has the rules looked at again to which a port name means something else now. Nothing if that matters to more than rules, or they are so many
    /// that a whole compilation is no slower.
    pub(super) fn lower_named_again(&self, now: &Paths, edits: &mut Vec<Edits>) -> Option<()> {
        let rules = rules(&self.plan, now);
        if rules.len() > MOST_RULES {
            return None;
        }
        for id in rules {
            let rule = &self.plan.model.rules[id];
            let is_said_before = self.before.iter().any(|found| is_in(&[rule.span], found.span));
            if is_said_before {
                return None;
            }
            let named = ends(&self.plan.model, rule)?;
            let file = rule.span.file;
            let place = match edits.binary_search_by_key(&file, |edits| edits.file) {
                Ok(place) => place,
                Err(place) => {
                    let at = self.rules_of(file);
                    let rules = at.clone().map(RuleId::at).map(Written::Kept).collect();
                    edits.insert(place, Edits { at, rules, ..Edits::of(file) });
                    place
                }
            };
            let edits = edits.get_mut(place)?;
            edits.ends = edits.ends.max(named);
            // What was edited as well is new in any case.
            if let Some(written) =
                edits.rules.iter_mut().find(|written| matches!(written, Written::Kept(kept) if *kept == id))
            {
                edits.regions.push(rule.span);
                *written = Written::New(rule.clone());
            }
        }
        (edits.len() <= MOST_FILES).then_some(())
    }
}

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
fn rules(plan: &Plan, now: &Paths) -> Vec<RuleId> {
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
