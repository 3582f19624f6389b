//! The Gateway API: listeners, and routes whose weights divide traffic among clusters.
//!
//! A gateway stands in each of its clusters with all its routes. What a route cannot say here is an error at the route; weights are those of
//! the plan, in the units of the API.

mod backends;
mod grants;
mod listeners;
mod objects;
mod route_checks;
mod routes;

use fleetnet_lang::Diagnostic;

use crate::model::{ClusterId, Gateway, Model, Route, TargetKind};
use crate::plan::{Plan, weights};
use crate::targets::kubernetes::{Body, Declaration, Object, ObjectMeta, Output, Package, Place, Step};

use self::backends::Backends;
use self::objects::{BackendRef, HttpRoute};
use self::routes::{Group, RouteKind};

/// Reports what gateways ask that the Gateway API cannot do.
pub fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let clusters = model.fleet.clusters_of(TargetKind::GatewayApi);
    for gateway in model.gateways.iter().filter(|gateway| !(gateway.clusters & clusters).is_empty()) {
        listeners::check(gateway, diagnostics);
        route_checks::check(model, gateway, diagnostics);
        backends::check(model, gateway, diagnostics);
    }
}

/// Writes gateways, routes, grants and the services that routes divide traffic by. For a package that [`check`] has nothing to say about.
pub fn emit(plan: &Plan, package: Package<'_>, output: &mut Output) {
    let model = &plan.model;
    let clusters = model.fleet.clusters_of(TargetKind::GatewayApi);
    let divided = backends::divided(model, clusters);
    for cluster in model.clusters.ids() {
        for service in backends::services(model, package, &divided, cluster) {
            output.object(model, Place::Cluster(cluster), Step::Services, &service.object, service.span);
        }
        if !clusters.contains(cluster) {
            continue;
        }
        for (place, gateway) in model.gateways.iter().enumerate() {
            if gateway.clusters.contains(cluster) {
                Emission { plan, package, gateway, place, cluster, output }.gateway();
            }
        }
        for grant in grants::grants(model, package, cluster) {
            output.object(model, Place::Cluster(cluster), Step::Entries, &grant.object, grant.span);
        }
    }
}

/// One gateway in one cluster.
struct Emission<'a, 'o> {
    plan: &'a Plan,
    package: Package<'a>,
    gateway: &'a Gateway,
    /// Its place in the model.
    place: usize,
    cluster: ClusterId,
    output: &'o mut Output,
}

impl Emission<'_, '_> {
    fn gateway(&mut self) {
        let Some(spec) = listeners::spec(self.gateway) else { return };
        let name = self.gateway.name.value.to_string();
        self.put(name, objects::Gateway { spec }, Marks::Declared);
        for group in routes::groups(self.gateway) {
            match group.kind {
                RouteKind::Http => self.http(&group),
                RouteKind::Tls => {
                    if let Some(spec) = self.stream(&group) {
                        self.put(group.name.clone(), objects::TlsRoute { spec }, Marks::Plain);
                    }
                }
                RouteKind::Tcp => {
                    if let Some(spec) = self.stream(&group) {
                        self.put(group.name.clone(), objects::TcpRoute { spec }, Marks::Plain);
                    }
                }
            }
        }
    }

    fn http(&mut self, group: &Group<'_>) {
        let rules = group.routes.iter().filter_map(|place| {
            let route = self.gateway.routes.get(*place)?;
            Some(routes::http_rule(route, self.backend_refs(route, *place)))
        });
        let rules: Vec<_> = rules.collect();
        for (name, spec) in routes::http(self.gateway, group, &rules) {
            self.put(name, HttpRoute { spec }, Marks::Plain);
        }
    }

    /// A group that isn't about requests has one statement; more of them are refused.
    fn stream(&self, group: &Group<'_>) -> Option<objects::RouteSpec<objects::StreamRule>> {
        let place = group.routes.first()?;
        let route = self.gateway.routes.get(*place)?;
        Some(routes::stream(self.gateway, group, self.backend_refs(route, *place)))
    }

    fn backend_refs(&self, route: &Route, place: usize) -> Vec<BackendRef> {
        let model = &self.plan.model;
        let service = &model.services[route.service.value];
        let namespace = &model.namespaces[service.namespace].name.value;
        let namespace = (service.namespace != self.gateway.namespace).then(|| namespace.to_string());
        let backend = |name: String, home: ClusterId, weight: u32| {
            let port = route_checks::port(route, service.at(home)?)?.port;
            Some(BackendRef { kind: "Service", name, namespace: namespace.clone(), port, weight })
        };
        match backends::backends(model, route, self.cluster) {
            Backends::Service => {
                let home = weights::reached_from(model, route.service.value, self.cluster).iter().next();
                let home = home.unwrap_or(self.cluster);
                backend(service.name.value.to_string(), home, 1).into_iter().collect()
            }
            Backends::Divided(_) => {
                let weights = self.plan.route_weights(self.place, place, self.cluster);
                let numbers = weights.into_iter().flat_map(|weights| weights.numbers);
                let named = numbers.filter_map(|(home, weight)| {
                    backend(backends::service_name(model, route.service.value, home), home, weight)
                });
                named.collect()
            }
        }
    }

    fn put<B: Body>(&mut self, name: String, body: B, marks: Marks) {
        let (model, gateway) = (&self.plan.model, self.gateway);
        let namespace = &model.namespaces[gateway.namespace].name.value;
        let declared = Declaration {
            keyword: "gateway",
            name: format!("{namespace}/{}", gateway.name.value),
            span: gateway.name.span,
            doc: gateway.doc.as_ref(),
        };
        let metadata = ObjectMeta::new(self.package, name, &declared).within(namespace);
        let metadata = match marks {
            Marks::Declared => metadata.labelled(&gateway.labels).annotated(&gateway.annotations),
            Marks::Plain => metadata,
        };
        let object = Object::new(metadata, body);
        self.output.object(model, Place::Cluster(self.cluster), Step::Entries, &object, gateway.name.span);
    }
}

/// Whether an object is the declared one itself, with its labels and annotations, or one that comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    Declared,
    Plain,
}
