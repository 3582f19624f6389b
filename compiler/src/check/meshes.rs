//! Meshes that cannot be formed as written, or that do nothing.

use fleetnet_lang::{Diagnostic, Sources, Span};

use super::{cluster_names, fixes};
use crate::codes::clusters as codes;
use crate::model::{ClusterSet, Encryption, Mesh, MeshId, Model, Name, TargetKind};

pub(super) fn check(model: &Model, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = two_meshes(model);
    for (id, mesh) in model.meshes.iter() {
        found.extend(lone_member(model, mesh));
        found.extend(forgetting(model, sources, mesh));
        found.extend(encryption(model, mesh));
        found.extend(exporters(model, id, mesh));
        found.extend(consumers(model, id, mesh));
    }
    found
}

fn two_meshes(model: &Model) -> Vec<Diagnostic> {
    let mut meshes: Vec<&Mesh> = model.meshes.rows().iter().collect();
    meshes.sort_by_key(|mesh| mesh.name.span);
    let mut found = Vec::new();
    for (place, later) in meshes.iter().enumerate() {
        let shared = |earlier: &Mesh| earlier.members & later.members;
        let Some(earlier) = meshes.iter().take(place).find(|earlier| !shared(earlier).is_empty()) else { continue };
        let clusters = cluster_names(model, shared(earlier));
        let message =
            format!("mesh `{}` has members that are in mesh `{}`: {clusters}", later.name.value, earlier.name.value);
        found.push(
            Diagnostic::new(codes::TWO_MESHES, later.written.span(), message)
                .related(earlier.written.span(), "the other mesh")
                .help("a cluster is in at most one mesh: take it out of one of them"),
        );
    }
    found
}

fn lone_member(model: &Model, mesh: &Mesh) -> Option<Diagnostic> {
    let member = mesh.members.iter().next().filter(|_| mesh.members.len() == 1)?;
    let message = format!("mesh `{}` has one member, `{}`", mesh.name.value, model.clusters[member].name.value);
    Some(
        Diagnostic::new(codes::LONE_MEMBER, mesh.written.span(), message)
            .help("a mesh joins clusters: add a member, or remove the mesh"),
    )
}

fn members_of(model: &Model, mesh: &Mesh, kind: TargetKind) -> ClusterSet {
    mesh.members.iter().filter(|id| model.fleet.target_on(kind, *id).is_some()).collect()
}

fn forgetting(model: &Model, sources: &Sources, mesh: &Mesh) -> Option<Diagnostic> {
    let managed = members_of(model, mesh, TargetKind::AzureFleet);
    let ours = members_of(model, mesh, TargetKind::Cilium).less(managed);
    let name = &mesh.name.value;
    match mesh.forget_lost_after {
        Some(after) if !managed.is_empty() => {
            let message = format!("`forget-lost-after` of mesh `{name}` cannot be set on an Azure fleet");
            let help =
                "remove it: members of the fleet keep the backends of a lost cluster until it is taken out of the mesh";
            let found = Diagnostic::new(codes::FORGET_ON_MANAGED, after.span, message).help(help);
            let (span, text) = fixes::removal(sources, with_keyword(sources, after.span));
            Some(found.fix(span, text))
        }
        // To the data path a time of nothing is no time at all.
        Some(after) if after.value.is_zero() && !ours.is_empty() => Some(never_forgets(name, after.span)),
        None if !ours.is_empty() => Some(never_forgets(name, mesh.name.span)),
        Some(_) | None => None,
    }
}

/// The setting whose value stands there.
fn with_keyword(sources: &Sources, value: Span) -> Span {
    let before = sources.text(Span::new(value.file, 0, value.start));
    let keyword = before.trim_end().strip_suffix("forget-lost-after");
    let start = keyword.and_then(|before| u32::try_from(before.len()).ok());
    Span::new(value.file, start.unwrap_or(value.start), value.end)
}

fn never_forgets(name: &Name, span: Span) -> Diagnostic {
    let message = format!("mesh `{name}` keeps sending to a lost cluster for ever");
    let help = "write `forget-lost-after 5m`, or another time after which the backends of a silent cluster are dropped";
    Diagnostic::new(codes::NEVER_FORGETS, span, message).help(help)
}

/// On clusters whose data path we install, we set the encryption ourselves; elsewhere only a look at the clusters can tell.
fn encryption(model: &Model, mesh: &Mesh) -> Option<Diagnostic> {
    let encryption = mesh.encryption?;
    let wanted = match encryption.value {
        Encryption::None => return None,
        Encryption::Wireguard => "wireguard",
        Encryption::Ipsec => "ipsec",
    };
    let managed = members_of(model, mesh, TargetKind::AzureFleet);
    let set = members_of(model, mesh, TargetKind::Cilium).less(managed);
    let open = mesh.members.less(set);
    if open.is_empty() {
        return None;
    }
    let message = format!("nothing confirms that {} encrypt with {wanted}", cluster_names(model, open));
    Some(
        Diagnostic::new(codes::UNCONFIRMED_ENCRYPTION, encryption.span, message)
            .help("no target sets it there: make sure of it yourself and `waive FN0324 \"REASON\"` in the mesh"),
    )
}

fn exporters(model: &Model, id: MeshId, mesh: &Mesh) -> Option<Diagnostic> {
    let span = mesh.publish_span?;
    let exports = model.exports.iter().filter(|export| export.mesh.value == id);
    let exporters = exports.fold(ClusterSet::EMPTY, |all, export| all | export.from);
    if !(mesh.publish & exporters).is_empty() {
        return None;
    }
    let message = format!("no cluster that may export into mesh `{}` does", mesh.name.value);
    let help = format!("export a service that runs in {}, or remove `publish`", cluster_names(model, mesh.publish));
    Some(Diagnostic::new(codes::NO_EXPORTER, span, message).help(help))
}

fn consumers(model: &Model, id: MeshId, mesh: &Mesh) -> Option<Diagnostic> {
    let span = mesh.consume_span?;
    let exports = model.exports.iter().filter(|export| export.mesh.value == id);
    let consumers = exports.fold(ClusterSet::EMPTY, |all, export| all | export.consume);
    if !(mesh.consume & consumers).is_empty() {
        return None;
    }
    let message = format!("no cluster gets a service from mesh `{}`", mesh.name.value);
    let help = format!("let an export be consumed in {}, or remove `consume`", cluster_names(model, mesh.consume));
    Some(Diagnostic::new(codes::NO_CONSUMER, span, message).help(help))
}
