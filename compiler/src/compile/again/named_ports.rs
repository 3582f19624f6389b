//! Rules that name ports to which an edit of identities or services gives another meaning.

use std::collections::BTreeSet;

use super::edits::{Edits, matters};
use super::{Again, is_in};
use crate::model::{
    ClusterSet, Direction, Id, Identity, IdentityId, Model, Name, NamedPort, Paths, PodSets, PortExpr, RuleId, Service,
    ServiceId, ServicePort, Table, Transport,
};
use crate::plan::{Peer, Plan, Rule, Written};

/// Most rules that are lowered again for their port names.
const MOST_RULES: usize = 256;
/// Most files whose rules are looked at again: each is an edit of the plan for itself.
const MOST_FILES: usize = 8;

impl Again {
    /// Has the rules looked at again to which a port name means something else now, with edited identities and other services. Nothing if that
    /// matters to more than can be told, or they are so many that a whole compilation is no slower.
    pub(super) fn lower_named_again(&self, paths: Option<&Paths>, edits: &mut Vec<Edits>) -> Option<()> {
        let model = &self.plan.model;
        let services = paths.map(|paths| differing(names(&model.services), names(&paths.services)));
        let edited = edits.iter().flat_map(|edits| &edits.identities);
        let own = edited.flat_map(|edited| {
            differing(own_names(edited.id, &model.identities[edited.id]), own_names(edited.id, &edited.identity))
        });
        let changed = services.into_iter().flatten().chain(own).collect();
        let rules = rules(&self.plan, &changed);
        if rules.is_empty() {
            return Some(());
        }
        if rules.len() > MOST_RULES {
            return None;
        }
        for id in rules {
            let rule = &model.rules[id];
            // It may be said again, or not.
            if self.resolved.iter().chain(&self.planned).any(|found| is_in(&[rule.span], found.span)) {
                return None;
            }
            let matters = matters(model, rule)?;
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
            edits.matters = edits.matters.max(matters);
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

/// The port names that an identity gives.
fn own_names(id: IdentityId, identity: &Identity) -> Vec<Meaning<'_>> {
    let meaning = |port: &NamedPort| (identity.clusters, port.number, port.transport);
    identity.ports.iter().map(|port| ((id, &port.name.value), meaning(port))).collect()
}

/// The port names that services give.
fn names(services: &Table<ServiceId, Service>) -> Vec<Meaning<'_>> {
    let variants = services.rows().iter().flat_map(|service| &service.variants);
    let names = variants.flat_map(|(clusters, spec)| {
        let meaning = |port: &ServicePort| (*clusters, port.target, port.transport);
        spec.ports.iter().map(move |port| ((spec.pods.value, &port.name.value), meaning(port)))
    });
    names.collect()
}

/// The names that mean something else in one of two lists; none where both are alike, as they mostly are.
fn differing<'a>(then: Vec<Meaning<'a>>, now: Vec<Meaning<'a>>) -> BTreeSet<(IdentityId, &'a Name)> {
    if then == now {
        return BTreeSet::new();
    }
    let (then, now): (BTreeSet<_>, BTreeSet<_>) = (then.into_iter().collect(), now.into_iter().collect());
    then.symmetric_difference(&now).map(|(name, _)| *name).collect()
}

/// The written rules that name one of these ports, for pods of its identity.
fn rules(plan: &Plan, changed: &BTreeSet<(IdentityId, &Name)>) -> Vec<RuleId> {
    if changed.is_empty() {
        return Vec::new();
    }
    let is_changed = |pods: &PodSets, name: &Name| pods.iter().any(|set| changed.contains(&(set.identity, name)));
    // A name is one of the destination's.
    let speaks_of = |rule: &Rule, name: &Name| match rule.direction {
        Direction::Ingress => is_changed(&rule.subjects, name),
        Direction::Egress => rule.peers.iter().filter_map(Peer::pods).any(|pods| is_changed(pods, name)),
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
