//! Entries: a Traffic Manager profile on the hub, a backend for each service, and an export from each cluster that serves it.

use crate::model::{Backend, Entry, Model, ServiceId};
use crate::targets::kubernetes::{Declaration, Object, ObjectMeta, Package};

use super::objects::{
    BackendSpec, ObjectName, ProfileSpec, ServiceExport, TrafficManagerBackend, TrafficManagerProfile, WEIGHT,
};
use super::probe;
use super::settings::Settings;

/// No name of the language has a period, so that no two pairs have one name.
pub fn backend_name(model: &Model, entry: &Entry, backend: &Backend) -> String {
    format!("{}.{}", entry.name.value, model.services[backend.service.value].name.value)
}

/// What offers a service to the entries of its namespace. Its weight is the service's in that cluster, whatever the entry.
#[must_use]
pub fn export(package: Package<'_>, id: ServiceId, weight: u32) -> Object<ServiceExport> {
    let service = &package.model.services[id];
    let declared = Declaration {
        keyword: "service",
        name: package.model.service_name(id),
        span: service.name.span,
        doc: service.doc.as_ref(),
    };
    let metadata = ObjectMeta::new(package, service.name.value.to_string(), &declared);
    let metadata = metadata.within(&package.model.namespaces[service.namespace].name.value);
    Object::new(metadata.with(WEIGHT, weight.to_string()), ServiceExport {})
}

/// The profile of an entry.
#[must_use]
pub fn profile(package: Package<'_>, settings: &Settings<'_>, entry: &Entry) -> Object<TrafficManagerProfile> {
    let own = entry.resource_group.as_ref().map(|group| group.value.as_str());
    // Reported by `check`, which runs before.
    let monitor_config = probe::monitor(package.model, entry, &mut Vec::new());
    let resource_group = own.unwrap_or(settings.resource_group).to_owned();
    let metadata = metadata(package, entry, entry.name.value.to_string());
    let metadata = metadata.labelled(&entry.labels).annotated(&entry.annotations);
    Object::new(metadata, TrafficManagerProfile { spec: ProfileSpec { resource_group, monitor_config } })
}

/// One backend of an entry, with its weight among the entry's.
#[must_use]
pub fn backend(package: Package<'_>, entry: &Entry, backend: &Backend, weight: u32) -> Object<TrafficManagerBackend> {
    let service = &package.model.services[backend.service.value];
    let spec = BackendSpec {
        profile: ObjectName { name: entry.name.value.to_string() },
        backend: ObjectName { name: service.name.value.to_string() },
        weight,
    };
    let name = backend_name(package.model, entry, backend);
    Object::new(metadata(package, entry, name), TrafficManagerBackend { spec })
}

fn metadata(package: Package<'_>, entry: &Entry, name: String) -> ObjectMeta {
    let namespace = &package.model.namespaces[entry.namespace].name.value;
    let declared = Declaration {
        keyword: "entry",
        name: format!("{namespace}/{}", entry.name.value),
        span: entry.name.span,
        doc: entry.doc.as_ref(),
    };
    ObjectMeta::new(package, name, &declared).within(namespace)
}
