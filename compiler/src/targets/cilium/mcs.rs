//! Exports by the Multi-Cluster Services API, where the mesh has it on: the same services under a second name, `NAME.NS.svc.clusterset.local`.

use fleetnet_lang::Span;
use serde::Serialize;

use super::helm;
use crate::model::{ClusterId, Model};
use crate::targets::kubernetes::{Body, Declaration, Object, ObjectMeta, Package};

/// Offers the Service of its name. The version is the oldest that is served: a mesh may have members of several releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceExport {}

impl Body for ServiceExport {
    const API_VERSION: &'static str = "multicluster.x-k8s.io/v1alpha1";
    const KIND: &'static str = "ServiceExport";
}

/// The exports of a cluster, with where they were declared.
pub fn exports(model: &Model, package: Package<'_>, cluster: ClusterId) -> Vec<(Object<ServiceExport>, Span)> {
    if !helm::has_mcs(model, cluster) {
        return Vec::new();
    }
    let offered = model.exports.iter().filter(|export| export.from.contains(cluster));
    let object = |export: &crate::model::Export| {
        let service = &model.services[export.service.value];
        let (name, span) = (model.service_name(export.service.value), export.service.span);
        let declared = Declaration { keyword: "export", name, span, doc: export.doc.as_ref() };
        let meta = ObjectMeta::new(package, service.name.value.to_string(), &declared);
        let namespace = &model.namespaces[service.namespace].name.value;
        let meta = meta.within(namespace).labelled(&export.labels).annotated(&export.annotations);
        (Object::new(meta, ServiceExport {}), span)
    };
    offered.map(object).collect()
}
