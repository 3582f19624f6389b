//! From what is declared to what it means.

use fleetnet_lang::Diagnostic;

use super::rules::Rules;
use super::{Default, Knowledge, Plan, enforcers};
use crate::codes::policy as codes;
use crate::model::{
    ClusterId, ClusterSet, Direction, Model, NamespaceId, PodSets, PolicyId, Spanned, Table, TargetKind, Verb, Version,
};
use crate::workers::Workers;

/// The first release whose clusters can keep a namespace's pods to themselves.
const KEEPS_NAMESPACES_LOCAL: Version = Version { major: 1, minor: 19, patch: 0 };

/// The plan of a model, with what is wrong with its policies. A plan is always complete; it is only to be used if no error was found.
#[must_use]
pub fn build(model: Model, workers: &dyn Workers) -> (Plan, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let enforcers = enforcers::choose(&model, &mut diagnostics);
    let knowledge = knowledge(&model, &enforcers, &mut diagnostics);
    let Rules { rules, rules_of, subjects } = super::rules::lower(&model, &mut diagnostics, workers);
    let defaults = defaults(&model, &subjects, &mut diagnostics);
    let stubs = stubs(&model);
    (Plan { model, enforcers, knowledge, rules, rules_of, defaults, stubs }, diagnostics)
}

fn knowledge(
    model: &Model,
    enforcers: &Table<ClusterId, Option<TargetKind>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Knowledge {
    let mut exposes_all = ClusterSet::EMPTY;
    for (id, cluster) in model.clusters.iter() {
        let Some(mesh) = model.mesh_of(id) else { continue };
        if enforcers[id] != Some(TargetKind::Cilium) {
            continue;
        }
        let Some(version) = cluster.cilium else {
            let message = format!(
                "the Cilium release of `{}` is not said, and {KEEPS_NAMESPACES_LOCAL} or later is assumed",
                cluster.name.value
            );
            let found = Diagnostic::new(codes::UNKNOWN_RELEASE, cluster.name.span, message);
            diagnostics.push(found.help(format!("write `cilium \"{KEEPS_NAMESPACES_LOCAL}\"` with the version that runs there: earlier ones make every pod known in the mesh")));
            continue;
        };
        if version.value >= KEEPS_NAMESPACES_LOCAL {
            continue;
        }
        exposes_all.insert(id);
        let local = |namespace: &crate::model::Namespace| {
            namespace.clusters.contains(id) && !namespace.global_in.iter().any(|global| global.value == mesh)
        };
        if let Some(namespace) = model.namespaces.rows().iter().find(|namespace| local(namespace)) {
            let (name, mesh) = (&cluster.name.value, &model.meshes[mesh].name.value);
            let message =
                format!("every pod of `{name}` is known in mesh `{mesh}`, also those of `{}`", namespace.name.value);
            diagnostics.push(
                Diagnostic::new(codes::ALL_PODS_KNOWN, version.span, message)
                    .related(namespace.name.span, "not global in that mesh")
                    .help(format!("a cluster can keep a namespace to itself from {KEEPS_NAMESPACES_LOCAL} on")),
            );
        }
    }
    Knowledge { exposes_all }
}

pub(super) fn stubs(model: &Model) -> Table<NamespaceId, ClusterSet> {
    let mut stubs: Table<NamespaceId, ClusterSet> = vec![ClusterSet::EMPTY; model.namespaces.len()].into();
    for export in &model.exports {
        let namespace = model.services[export.service.value].namespace;
        stubs[namespace] = stubs[namespace] | export.consume;
    }
    for gateway in &model.gateways {
        for route in &gateway.routes {
            let namespace = model.services[route.service.value].namespace;
            stubs[namespace] = stubs[namespace] | gateway.clusters;
        }
    }
    for (id, namespace) in model.namespaces.iter() {
        stubs[id] = stubs[id].less(namespace.clusters);
    }
    stubs
}

/// The default of each identity: its policies', else its namespace's, else the fleet's, else allow.
fn defaults(
    model: &Model,
    subjects: &Table<PolicyId, PodSets>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Table<crate::model::IdentityId, Vec<Default>> {
    let mut table: Table<_, Vec<Default>> = vec![Vec::new(); model.identities.len()].into();
    let mut policies: Vec<PolicyId> = model.policies.ids().collect();
    policies.sort_by_key(|id| model.policies[*id].name.span);
    for policy in policies {
        for direction in Direction::ALL {
            let Some(verb) = model.policies[policy].default.of(direction) else { continue };
            let mut disagreement = None;
            for set in subjects[policy].iter() {
                let found = &mut table[set.identity];
                let earlier = found.iter().find(|default| {
                    default.direction == direction
                        && default.verb.value != verb.value
                        && !(default.clusters & set.clusters).is_empty()
                });
                disagreement = disagreement.or_else(|| earlier.map(|earlier| (earlier.verb, set.identity)));
                let taken = found.iter().filter(|default| default.direction == direction);
                let clusters = taken.fold(set.clusters, |left, default| left.less(default.clusters));
                if !clusters.is_empty() {
                    found.push(Default { clusters, direction, verb });
                }
            }
            // One statement can disagree in both directions.
            let said = |found: &Diagnostic| found.code == codes::DEFAULTS_DISAGREE && found.span == verb.span;
            if let Some((earlier, identity)) = disagreement
                && !diagnostics.last().is_some_and(said)
            {
                diagnostics.push(disagree(model, verb, earlier, identity));
            }
        }
    }
    for (id, identity) in model.identities.iter() {
        for direction in Direction::ALL {
            let namespace = &model.namespaces[identity.namespace];
            let unsaid = Spanned::new(Verb::Allow, model.fleet.name.span);
            let verb = namespace.default.of(direction).or(model.fleet.default.of(direction)).unwrap_or(unsaid);
            let taken = table[id].iter().filter(|default| default.direction == direction);
            let clusters = taken.fold(identity.clusters, |left, default| left.less(default.clusters));
            if !clusters.is_empty() {
                table[id].push(Default { clusters, direction, verb });
            }
        }
    }
    table
}

fn disagree(
    model: &Model,
    verb: Spanned<Verb>,
    earlier: Spanned<Verb>,
    identity: crate::model::IdentityId,
) -> Diagnostic {
    let message = format!("this default disagrees with another policy's for `{}`", model.identity_name(identity));
    Diagnostic::new(codes::DEFAULTS_DISAGREE, verb.span, message)
        .related(earlier.span, "the other default")
        .help("give both policies the same default, or take the identity out of one of them")
}
