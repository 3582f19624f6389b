//! Pods that would be known where they are not, or not where they must be.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Sources, Span};

use super::{Scope, cluster_names, fixes};
use crate::codes::namespaces as codes;
use crate::model::{
    ClusterSet, Export, Mesh, MeshId, Model, Name, Namespace, NamespaceId, PodSets, Routing, RuleEnds, RuleId, Spanned,
};
use crate::plan::{Locality, Peer, PerSet, Plan, Rule};

pub(super) fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let model = &plan.model;
    let mut found = Vec::new();
    for namespace in model.namespaces.rows() {
        found.extend(namespace.global_in.iter().filter_map(|mesh| elsewhere(model, namespace, *mesh)));
        found.extend(model.meshes.iter().filter_map(|(id, mesh)| tunnelled(model, sources, namespace, (id, mesh))));
    }
    found.extend(subjects(plan, Scope::Everything));
    found
}

/// Exports of namespaces that are not known in their meshes.
pub(super) fn check_exports(model: &Model, sources: &Sources) -> Vec<Diagnostic> {
    model.exports.iter().filter_map(|export| not_global(model, sources, export)).collect()
}

/// Whether a namespace is global in a mesh.
fn is_global(namespace: &Namespace, mesh: MeshId) -> bool {
    namespace.global_in.iter().any(|global| global.value == mesh)
}

fn elsewhere(model: &Model, namespace: &Namespace, global: Spanned<MeshId>) -> Option<Diagnostic> {
    let mesh = &model.meshes[global.value];
    // A mesh without members was reported as such.
    if mesh.members.is_empty() || !(mesh.members & namespace.clusters).is_empty() {
        return None;
    }
    let message = format!(
        "namespace `{}` is global in mesh `{}`, and in none of its clusters",
        namespace.name.value, mesh.name.value
    );
    let help = format!("the mesh has {}: put the namespace there, or remove this", cluster_names(model, mesh.members));
    let found = Diagnostic::new(codes::GLOBAL_ELSEWHERE, global.span, message);
    Some(found.related(mesh.written.span(), "the mesh's members").help(help))
}

/// In a tunnelled mesh a packet of a pod that is not known has no way to or from another cluster.
fn tunnelled(
    model: &Model,
    sources: &Sources,
    namespace: &Namespace,
    (id, mesh): (MeshId, &Mesh),
) -> Option<Diagnostic> {
    let inside = mesh.members & namespace.clusters;
    if mesh.routing != Routing::Tunnel || inside.is_empty() || is_global(namespace, id) {
        return None;
    }
    let (name, mesh_name) = (&namespace.name.value, &mesh.name.value);
    let message = format!("namespace `{name}` is not global in `{mesh_name}`, whose packets travel in a tunnel");
    let found = Diagnostic::new(codes::TUNNEL_NEEDS_GLOBAL, namespace.name.span, message);
    let help = format!(
        "write `global in {mesh_name}` in the namespace: its pods in {} cannot be reached otherwise",
        cluster_names(model, inside)
    );
    Some(made_global(sources, namespace, mesh_name, found.related(mesh.name.span, "the tunnelled mesh").help(help)))
}

fn not_global(model: &Model, sources: &Sources, export: &Export) -> Option<Diagnostic> {
    let service = &model.services[export.service.value];
    let namespace = &model.namespaces[service.namespace];
    if is_global(namespace, export.mesh.value) {
        return None;
    }
    let mesh = &model.meshes[export.mesh.value].name.value;
    let name = &namespace.name.value;
    let message =
        format!("`{}` is exported to `{mesh}`, where `{name}` is not global", model.service_name(export.service.value));
    let found = Diagnostic::new(codes::EXPORT_NOT_GLOBAL, export.service.span, message);
    let help = format!("write `global in {mesh}` in namespace `{name}`: to other clusters its pods would be `world`");
    Some(made_global(sources, namespace, mesh, found.related(namespace.name.span, "the namespace").help(help)))
}

/// A namespace that is global in another mesh already needs a word in that list, for which there is no one place.
fn made_global(sources: &Sources, namespace: &Namespace, mesh: &Name, found: Diagnostic) -> Diagnostic {
    if !namespace.global_in.is_empty() {
        return found;
    }
    let (span, text) = fixes::addition(sources, namespace.name.span, &format!("global in {mesh}"));
    found.fix(span, text)
}

/// Rules between clusters whose subject is not known on the other side: there it is an address, and no rule about it matches.
pub(super) fn subjects(plan: &Plan, scope: Scope<'_>) -> Vec<Diagnostic> {
    let mut clusters = PerSet::default();
    let mut reported: BTreeSet<(RuleId, NamespaceId)> = BTreeSet::new();
    let mut found = Vec::new();
    // Each end of a two-ended rule is a peer of the other, where it was looked for already.
    let one_ended = |rule: &Rule| {
        scope.is_new(rule.source) && matches!(plan.model.rules[rule.source].ends, RuleEnds::OneEnded { .. })
    };
    for rule in plan.rules.rows().iter().filter(|rule| one_ended(rule)) {
        let peers = peer_clusters(&mut clusters, plan, rule);
        if peers.is_empty() {
            continue;
        }
        for (namespace, own) in clusters.get(&rule.subjects, |pods| by_namespace(plan, pods)).clone() {
            let Some((from, to)) = blind(plan, namespace, own, peers) else { continue };
            if reported.insert((rule.source, namespace)) {
                found.push(unknown_subject(plan, rule, namespace, from, to));
            }
        }
    }
    found
}

/// The clusters in which peers of a rule may run other than the subject's.
fn peer_clusters(clusters: &mut PerSet<ByNamespace>, plan: &Plan, rule: &Rule) -> ClusterSet {
    let each = |peer: &Peer| match peer {
        Peer::Pods { pods, locality: Locality::Anywhere } => {
            clusters.get(pods, |pods| by_namespace(plan, pods)).values().fold(ClusterSet::EMPTY, |all, own| all | *own)
        }
        Peer::Pods { locality: Locality::SubjectCluster, .. }
        | Peer::Foreign { .. }
        | Peer::ForeignPods { .. }
        | Peer::World
        | Peer::Cidr(_)
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns
        | Peer::CloudMetadata => ClusterSet::EMPTY,
    };
    rule.peers.iter().map(each).fold(ClusterSet::EMPTY, |all, own| all | own)
}

/// The clusters of some pods by namespace.
type ByNamespace = BTreeMap<NamespaceId, ClusterSet>;

fn by_namespace(plan: &Plan, pods: &PodSets) -> ByNamespace {
    let mut found = ByNamespace::new();
    for set in pods.iter() {
        let clusters = found.entry(plan.model.identities[set.identity].namespace).or_default();
        *clusters = *clusters | set.clusters;
    }
    found
}

/// A cluster of the subject and one of its mesh that has peers and does not know the subject.
fn blind(plan: &Plan, namespace: NamespaceId, own: ClusterSet, peers: ClusterSet) -> Option<(ClusterSet, ClusterSet)> {
    own.iter().find_map(|cluster| {
        let mesh = plan.model.mesh_of(cluster)?;
        let others = peers & plan.model.meshes[mesh].members;
        let blind = others.less(plan.observers(namespace, cluster));
        (!blind.is_empty()).then(|| (ClusterSet::of(cluster), blind))
    })
}

fn unknown_subject(plan: &Plan, rule: &Rule, namespace: NamespaceId, from: ClusterSet, to: ClusterSet) -> Diagnostic {
    let model = &plan.model;
    let namespace = &model.namespaces[namespace];
    let name = &namespace.name.value;
    let span: Span = model.rules[rule.source].span;
    let message = format!(
        "pods of `{name}` in {} are only addresses to {}, and this rule is between them",
        cluster_names(model, from),
        cluster_names(model, to)
    );
    let mesh = from.iter().next().and_then(|cluster| model.mesh_of(cluster));
    let help = match mesh {
        Some(mesh) => format!(
            "write `global in {}` in namespace `{name}`, or say `in local` behind the peers",
            model.meshes[mesh].name.value
        ),
        None => "say `in local` behind the peers".to_owned(),
    };
    Diagnostic::new(codes::SUBJECT_NOT_GLOBAL, span, message).related(namespace.name.span, "the namespace").help(help)
}
