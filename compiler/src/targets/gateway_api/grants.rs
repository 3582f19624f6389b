//! Grants: what a service's `routes-from` becomes, in the namespace that grants it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ClusterId, Gateway, Model, Route, ServiceId};
use crate::targets::cilium::global::Declared;
use crate::targets::kubernetes::{Body, Declaration, Object, ObjectMeta, Package};

use super::backends::{self, Backends};
use super::objects::{
    GRANTED, GROUP, GrantFrom, GrantTo, HttpRoute, ReferenceGrant, ReferenceGrantSpec, TcpRoute, TlsRoute,
};
use super::routes::{self, RouteKind};

/// What the gateways of a cluster use of another namespace's service: kinds and namespaces of routes, and names of Services.
#[derive(Clone, Debug, Default)]
struct Grant {
    from: BTreeSet<GrantFrom>,
    to: BTreeSet<GrantTo>,
}

/// The grants that the gateways of a cluster need, in order of service.
pub fn grants(model: &Model, package: Package<'_>, cluster: ClusterId) -> Vec<Declared<ReferenceGrant>> {
    let mut needed: BTreeMap<ServiceId, Grant> = BTreeMap::new();
    for gateway in model.gateways.iter().filter(|gateway| gateway.clusters.contains(cluster)) {
        for route in &gateway.routes {
            if model.services[route.service.value].namespace != gateway.namespace {
                add(model, gateway, route, cluster, needed.entry(route.service.value).or_default());
            }
        }
    }
    needed.into_iter().flat_map(|(service, grant)| objects(package, service, &grant)).collect()
}

fn add(model: &Model, gateway: &Gateway, route: &Route, cluster: ClusterId, grant: &mut Grant) {
    let namespace = &model.namespaces[gateway.namespace].name.value;
    let kinds = routes::listeners_of(gateway, route).into_iter().map(|listener| match RouteKind::of(listener) {
        RouteKind::Http => HttpRoute::KIND,
        RouteKind::Tls => TlsRoute::KIND,
        RouteKind::Tcp => TcpRoute::KIND,
    });
    grant.from.extend(kinds.map(|kind| GrantFrom { group: GROUP, kind, namespace: namespace.to_string() }));
    let service = route.service.value;
    let names = match backends::backends(model, route, cluster) {
        Backends::Service => vec![model.services[service].name.value.to_string()],
        Backends::Divided(serving) => serving.iter().map(|home| backends::service_name(model, service, home)).collect(),
    };
    grant.to.extend(names.into_iter().map(|name| GrantTo { group: "", kind: "Service", name }));
}

/// A list of a grant is bounded: one that is longer becomes several grants, each a part of both lists.
fn objects(package: Package<'_>, id: ServiceId, grant: &Grant) -> Vec<Declared<ReferenceGrant>> {
    let model = package.model;
    let service = &model.services[id];
    let span = service.name.span;
    let from: Vec<GrantFrom> = grant.from.iter().cloned().collect();
    let to: Vec<GrantTo> = grant.to.iter().cloned().collect();
    let parts = from.chunks(GRANTED).flat_map(|from| to.chunks(GRANTED).map(move |to| (from, to)));
    let objects = parts.zip(1_usize..).map(|((from, to), number)| {
        let declared =
            Declaration { keyword: "service", name: model.service_name(id), span, doc: service.doc.as_ref() };
        let name = &service.name.value;
        let name = if number == 1 { name.to_string() } else { format!("{name}.{number}") };
        let metadata = ObjectMeta::new(package, name, &declared);
        let metadata = metadata.within(&model.namespaces[service.namespace].name.value);
        let spec = ReferenceGrantSpec { from: from.to_vec(), to: to.to_vec() };
        Declared { object: Object::new(metadata, ReferenceGrant { spec }), span }
    });
    objects.collect()
}
