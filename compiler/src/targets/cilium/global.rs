//! Namespaces and services on the clusters of a Cilium mesh, whoever runs its Cilium.
//!
//! A service is global where its namespace *and* it say so, on every cluster that offers or gets it: both annotations are written together, on
//! both sides, and nothing about it is left to a default. A cluster that only gets a service has it without pods, or its name would not resolve.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::SERVICE_SELECTOR;
use crate::model::satisfy::{self, AllConjunctions, Conjunction};
use crate::model::{
    Affinity, ClusterId, ClusterSet, Condition, Export, IdentityId, Model, Name, NamespaceId, PodSelection,
    Requirement, ServiceId, ServiceSpec, ServiceType, Table,
};
use crate::plan::{Plan, weights};
use crate::targets::kubernetes::{self, Declaration, Namespace, Object, ObjectMeta, Package};

/// On a Namespace: whether its services and pods are known to the mesh.
pub const GLOBAL_NAMESPACE: &str = "clustermesh.cilium.io/global";
/// On a Service: whether backends of other clusters are its own as well.
pub const GLOBAL: &str = "service.cilium.io/global";
/// On a Service: whether its backends are other clusters' as well.
pub const SHARED: &str = "service.cilium.io/shared";
/// On a Service: which backends come first. `none` is never written: releases before 1.20 then drop the remote ones.
pub const AFFINITY: &str = "service.cilium.io/affinity";

/// An object and the name that declared it.
#[derive(Clone, Debug)]
pub struct Declared<B> {
    /// The object.
    pub object: Object<B>,
    /// Where it was declared.
    pub span: Span,
}

/// The namespaces of a cluster, in order of name: those that live there and the stubs.
#[must_use]
pub fn namespaces(plan: &Plan, package: Package<'_>, cluster: ClusterId) -> Vec<Declared<Namespace>> {
    let here = plan
        .model
        .namespaces
        .iter()
        .filter(|(id, namespace)| namespace.clusters.contains(cluster) || plan.stubs[*id].contains(cluster));
    here.map(|(id, _)| namespace(plan, package, id, cluster)).collect()
}

fn namespace(plan: &Plan, package: Package<'_>, id: NamespaceId, cluster: ClusterId) -> Declared<Namespace> {
    let namespace = &plan.model.namespaces[id];
    let name = namespace.name.value.to_string();
    let span = namespace.name.span;
    let declared = Declaration { keyword: "namespace", name: name.clone(), span, doc: namespace.doc.as_ref() };
    let metadata = ObjectMeta::new(package, name, &declared);
    let metadata = metadata.labelled(&namespace.labels).annotated(&namespace.annotations);
    let metadata = match plan.model.mesh_of(cluster) {
        Some(mesh) => {
            let global = namespace.global_in.iter().any(|known| known.value == mesh);
            metadata.with(GLOBAL_NAMESPACE, if global { "true" } else { "false" })
        }
        None => metadata,
    };
    Declared { object: Object::new(metadata, Namespace {}), span }
}

/// The services of each cluster: those whose pods run there, and those that it only gets.
#[derive(Debug)]
pub struct ServicesByCluster<'a>(Table<ClusterId, Vec<(ServiceId, Option<&'a Export>)>>);

impl<'a> ServicesByCluster<'a> {
    /// Looks through services and exports once, for all clusters.
    #[must_use]
    pub fn new(model: &'a Model) -> Self {
        let mut exports: BTreeMap<ServiceId, Vec<&Export>> = BTreeMap::new();
        for export in &model.exports {
            exports.entry(export.service.value).or_default().push(export);
        }
        let mut placed: Table<ClusterId, Vec<_>> = vec![Vec::new(); model.clusters.len()].into();
        for id in model.services.ids() {
            let exports = exports.get(&id).map_or(&[][..], Vec::as_slice);
            let given = |export: &Export| (export.from | export.consume) & model.meshes[export.mesh.value].members;
            let clusters = exports.iter().fold(weights::runs(model, id), |all, export| all | given(export));
            for cluster in clusters.iter() {
                let here = exports.iter().copied().find(|export| is_at(model, export, cluster));
                placed[cluster].push((id, here));
            }
        }
        Self(placed)
    }

    /// The services of a cluster, in order of namespace and name.
    pub fn services(
        &self,
        model: &Model,
        package: Package<'_>,
        cluster: ClusterId,
    ) -> impl Iterator<Item = (ServiceId, Declared<kubernetes::Service>)> {
        self.0[cluster].iter().filter_map(move |(id, export)| {
            let service = &model.services[*id];
            let body = match service.at(cluster) {
                Some(spec) if weights::runs(model, *id).contains(cluster) => {
                    kubernetes::Service::new(spec, selector(model, spec).unwrap_or_default())
                }
                Some(_) | None => without_pods(service.at(export.as_ref()?.from.iter().next()?)?),
            };
            let metadata = metadata(model, package, *id);
            let metadata = match export {
                Some(export) => exported(metadata, export, cluster),
                None => metadata,
            };
            Some((*id, Declared { object: Object::new(metadata, body), span: service.name.span }))
        })
    }
}

/// A service as it stands in a cluster that has none of its pods: no selector, and nothing outside the cluster leads to it.
#[must_use]
pub fn without_pods(spec: &ServiceSpec) -> kubernetes::Service {
    kubernetes::Service::new(&ServiceSpec { kind: ServiceType::ClusterIp, ..spec.clone() }, BTreeMap::new())
}

/// Name, labels and annotations of a service, as it is anywhere: with what all of its exports say of themselves.
#[must_use]
pub fn metadata(model: &Model, package: Package<'_>, id: ServiceId) -> ObjectMeta {
    let service = &model.services[id];
    let namespace = &model.namespaces[service.namespace].name.value;
    let (name, span) = (model.service_name(id), service.name.span);
    let declared = Declaration { keyword: "service", name, span, doc: service.doc.as_ref() };
    let metadata = ObjectMeta::new(package, service.name.value.to_string(), &declared).within(namespace);
    let said = model.exports_of(id).filter_map(|export| {
        let mesh = &model.meshes[export.mesh.value].name.value;
        Some((format!("export to {mesh}"), export.doc.as_ref()?))
    });
    metadata.explained(said).labelled(&service.labels).annotated(&service.annotations)
}

/// The export that a cluster offers or gets a service by.
#[must_use]
pub fn export_at(model: &Model, service: ServiceId, cluster: ClusterId) -> Option<&Export> {
    model.exports_of(service).find(|export| is_at(model, export, cluster))
}

fn is_at(model: &Model, export: &Export, cluster: ClusterId) -> bool {
    Some(export.mesh.value) == model.mesh_of(cluster) && (export.from | export.consume).contains(cluster)
}

fn exported(metadata: ObjectMeta, export: &Export, cluster: ClusterId) -> ObjectMeta {
    let offer = if export.from.contains(cluster) { Offer::Shared } else { Offer::Kept };
    let metadata = shared(metadata, offer);
    match export.affinity {
        Affinity::None => metadata,
        Affinity::Local => metadata.with(AFFINITY, "local"),
        Affinity::Remote => metadata.with(AFFINITY, "remote"),
    }
}

/// Whether a cluster's pods of a global service are offered to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// They are.
    Shared,
    /// Only its own clients use them.
    Kept,
}

/// Makes a service global.
#[must_use]
pub fn shared(metadata: ObjectMeta, offer: Offer) -> ObjectMeta {
    let shared = match offer {
        Offer::Shared => "true",
        Offer::Kept => "false",
    };
    metadata.with(GLOBAL, "true").with(SHARED, shared)
}

/// Reports services whose labels are also those of another identity, from which only the account tells their pods apart.
fn check_accounts(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let pods = AllConjunctions::new(model);
    for (id, service) in model.services.iter() {
        let mut variants = service.variants.iter();
        let also = variants
            .find_map(|(clusters, spec)| Some((spec, also_selected(model, &pods, *clusters, spec.pods.value)?)));
        let Some((spec, other)) = also else { continue };
        let (service, other_name) = (model.service_name(id), model.identity_name(other));
        let message = format!("service `{service}` would also send to the pods of `{other_name}`");
        let found = Diagnostic::new(SERVICE_SELECTOR, spec.pods.span, message);
        let found = found.related(model.identities[other].name.span, "only its account is another one");
        diagnostics.push(found.help("a Service knows no accounts: let the identities `match` different labels"));
    }
}

/// Another identity with pods that have the labels of one, beside it in some clusters. Without an account the labels are all that an identity
/// is known by, and no pod is of two.
fn also_selected(
    model: &Model,
    pods: &AllConjunctions<'_>,
    clusters: ClusterSet,
    own: IdentityId,
) -> Option<IdentityId> {
    let identity = &model.identities[own];
    let PodSelection::Declared { matches, account: Some(_) } = &identity.pods else { return None };
    let labels = Conjunction::of_selector(matches.first()?)?;
    let here = clusters & identity.clusters;
    let others = satisfy::identities_of(model, identity.namespace).filter(|other| *other != own);
    let mut beside = others.filter(|other| !(model.identities[*other].clusters & here).is_empty());
    beside.find(|other| pods.of(*other).iter().any(|pods| !pods.is_apart_from(&labels)))
}

/// Labels that a Service selects exactly the pods of its identity by, account aside; nothing, if there are none.
#[must_use]
pub fn selector(model: &Model, spec: &ServiceSpec) -> Option<BTreeMap<String, String>> {
    let labels = selected(model, spec)?;
    Some(labels.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
}

/// Those labels, in the order of the text.
fn selected<'m>(model: &'m Model, spec: &ServiceSpec) -> Option<Vec<(&'m Name, &'m Name)>> {
    let PodSelection::Declared { matches, .. } = &model.identities[spec.pods.value].pods else { return None };
    let [selector] = matches.as_slice() else { return None };
    let label = |requirement: &'m Requirement| match &requirement.condition {
        Condition::In(values) => match values.as_slice() {
            [value] => Some((&requirement.key, value)),
            _ => None,
        },
        Condition::NotIn(_) | Condition::Exists | Condition::Missing => None,
    };
    let labels = selector.requirements.iter().map(label).collect::<Option<Vec<_>>>()?;
    (!labels.is_empty()).then_some(labels)
}

/// Reports services of pods that a Service cannot select: it knows labels and values, all of them together, and nothing else.
#[must_use]
pub fn check_selectors(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    check_accounts(model, &mut diagnostics);
    for (id, service) in model.services.iter() {
        let unable = service.variants.iter().find(|(_, spec)| selected(model, spec).is_none());
        let Some((_, spec)) = unable else { continue };
        let (service, pods) = (model.service_name(id), model.identity_name(spec.pods.value));
        let message = format!("service `{service}` cannot select exactly the pods of `{pods}`");
        let identity = &model.identities[spec.pods.value];
        let found = Diagnostic::new(SERVICE_SELECTOR, spec.pods.span, message);
        let found = found.related(identity.name.span, "the identity");
        let help =
            "a Service selects by labels that all have one value: give the pods one in common and `match` it alone";
        diagnostics.push(found.help(help));
    }
    diagnostics
}
