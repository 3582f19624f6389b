//! Azure Kubernetes Fleet Manager: meshes through Azure Resource Manager, entries through Traffic Manager, objects member by member or
//! through the hub.
//!
//! Policies and global services are Cilium's, as on any cluster whose data path it is; here is what Azure adds.

mod arm;
mod commands;
mod dns_label;
mod entries;
mod entry_checks;
mod mesh;
mod objects;
mod placement;
mod probe;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::Diagnostic;

use crate::compile::{Artifact, Origin, Phase};
use crate::model::{ClusterId, ClusterSet, Model, NamespaceId, ServiceId};
use crate::plan::Plan;
use crate::plan::weights::BackendWeights;
use crate::targets::kubernetes::{Declaration, Namespace, Object, ObjectMeta, Output, Package, Place, Step};

use self::settings::{Delivery, Settings};

/// Reports what is asked of Azure that it cannot do.
pub fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let Some(settings) = settings::settings(model, diagnostics) else { return };
    mesh::members(model, settings.clusters, diagnostics);
    mesh::meshes(model, &settings, diagnostics);
    dns_label::check(model, settings.clusters, diagnostics);
    entry_checks::check(model, &settings, diagnostics);
}

/// Annotations that Azure reads on the services of the fleet's members.
#[must_use]
pub fn service_annotations(model: &Model) -> BTreeMap<(ServiceId, ClusterId), (&'static str, String)> {
    let Some(settings) = settings::settings(model, &mut Vec::new()) else { return BTreeMap::new() };
    let labels = dns_label::labels(model, settings.clusters).into_iter();
    labels.map(|(place, label)| (place, (dns_label::ANNOTATION, label))).collect()
}

/// Writes what Azure is told, the entries on the hub and the exports behind them. For a package that [`check`] has nothing to say about.
pub fn emit(plan: &Plan, package: Package<'_>, output: &mut Output) {
    let Some(settings) = settings::settings(package.model, &mut Vec::new()) else { return };
    azure(package.model, &settings, output);
    if settings.delivery == Delivery::Direct {
        hub_namespaces(package, output);
    }
    let mut exported = BTreeSet::new();
    for (place, entry) in package.model.entries.iter().enumerate() {
        let Some(weights) = plan.entry_weights(place) else { continue };
        let span = entry.name.span;
        output.object(package.model, Place::Hub, Step::Entries, &entries::profile(package, &settings, entry), span);
        for (backend, weights) in entry.backends.iter().zip(weights.backends) {
            let object = entries::backend(package, entry, backend, weights.weight);
            output.object(package.model, Place::Hub, Step::Entries, &object, backend.service.span);
            // The one weight of an export is the same for every entry over its service.
            if exported.insert(weights.service) {
                exports(package, &weights, output);
            }
        }
    }
}

fn exports(package: Package<'_>, weights: &BackendWeights, output: &mut Output) {
    let span = package.model.services[weights.service].name.span;
    for (cluster, weight) in &weights.exports {
        let export = entries::export(package, weights.service, *weight);
        output.object(package.model, Place::Cluster(*cluster), Step::Exports, &export, span);
    }
}

/// The members whose objects travel through the hub.
#[must_use]
pub fn delivered(model: &Model) -> ClusterSet {
    let settings = settings::settings(model, &mut Vec::new());
    let placed = settings.filter(|settings| settings.delivery == Delivery::Placement);
    placed.map_or(ClusterSet::EMPTY, |settings| settings.clusters)
}

/// Moves the objects of [`delivered`] members to the hub; the last thing done to an output that keeps them.
pub fn deliver(model: &Model, output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    if !delivered(model).is_empty() {
        placement::deliver(model, output, diagnostics);
    }
}

fn azure(model: &Model, settings: &Settings<'_>, output: &mut Output) {
    let meshes = mesh::meshes(model, settings, &mut Vec::new());
    if meshes.is_empty() {
        return;
    }
    let members = mesh::members(model, settings.clusters, &mut Vec::new());
    let template = arm::template(settings.fleet, model.fleet.doc.as_ref(), &members, &meshes);
    let origin = |kind: &str, name: &str, span| Origin {
        api_version: arm::API_VERSION.to_owned(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
        span,
    };
    let labelled = members.iter().filter(|member| !member.labels.is_empty());
    let labelled = labelled.map(|member| origin(arm::MEMBER, member.name, member.span));
    let formed = meshes.iter().map(|mesh| origin(arm::MESH_PROFILE, mesh.name, mesh.span));
    let names: Vec<&str> = meshes.iter().map(|mesh| mesh.name).collect();
    let artifact = |path: &str, bytes, objects| Artifact {
        path: format!("azure/{path}"),
        bytes,
        cluster: None,
        phase: Phase::Link,
        objects,
    };
    output.file(artifact(commands::TEMPLATE, arm::json(&template), labelled.chain(formed).collect()));
    output.file(artifact("commands.txt", commands::commands(settings, &names).into_bytes(), Vec::new()));
}

/// Entries and imports live in namespaces of the hub, which nobody else makes.
fn hub_namespaces(package: Package<'_>, output: &mut Output) {
    let model = package.model;
    let needed: BTreeSet<NamespaceId> = model.entries.iter().map(|entry| entry.namespace).collect();
    for id in needed {
        let namespace = &model.namespaces[id];
        let (name, span) = (namespace.name.value.to_string(), namespace.name.span);
        let declared = Declaration { keyword: "namespace", name: name.clone(), span, doc: namespace.doc.as_ref() };
        let metadata = ObjectMeta::new(package, name, &declared);
        let metadata = metadata.labelled(&namespace.labels).annotated(&namespace.annotations);
        output.object(model, Place::Hub, Step::Namespaces, &Object::new(metadata, Namespace {}), span);
    }
}
