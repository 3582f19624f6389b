//! Backends of routes: a cluster's part of the traffic needs a Service of its own.
//!
//! A Service stands for all its clusters, and no gateway can divide what it sends to one name. So a route over several clusters goes to one
//! Service for each: global, with pods only there, and stubs of it wherever a gateway sends to it.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::Diagnostic;

use crate::codes::traffic::{GATEWAY_ROUTE, GENERATED_NAME};
use crate::model::{Affinity, ClusterId, ClusterSet, Gateway, Model, Route, ServiceId};
use crate::plan::weights;
use crate::targets::cilium::global::{self, Declared, Offer};
use crate::targets::kubernetes::{self, Object, Package};

use super::objects::BACKENDS;

/// Longest name of a Service.
const SERVICE_NAME: usize = 63;

/// Where a gateway of one cluster sends what a route takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backends {
    /// To the service as every client there knows it.
    Service,
    /// To each of these clusters, divided by weights.
    Divided(ClusterSet),
}

/// Where a route's traffic goes from a gateway in `cluster`. A route without weights leaves the choice to the export's affinity, if it has one.
#[must_use]
pub fn backends(model: &Model, route: &Route, cluster: ClusterId) -> Backends {
    let service = route.service.value;
    let serving = weights::reached_from(model, service, cluster);
    let affinity = global::export_at(model, service, cluster).map_or(Affinity::None, |export| export.affinity);
    let chosen_before = route.weights.is_none() && affinity != Affinity::None;
    if serving.len() < 2 || chosen_before { Backends::Service } else { Backends::Divided(serving) }
}

/// Name of the Service for a service's pods in one cluster.
#[must_use]
pub fn service_name(model: &Model, service: ServiceId, cluster: ClusterId) -> String {
    format!("{}-{}", model.services[service].name.value, model.clusters[cluster].name.value)
}

/// For each Service of one cluster's pods, the gateways' clusters that send to it.
pub type Divided = BTreeMap<(ServiceId, ClusterId), ClusterSet>;

/// The Services that the routes of all gateways on `clusters` need.
#[must_use]
pub fn divided(model: &Model, clusters: ClusterSet) -> Divided {
    let mut divided = Divided::new();
    for gateway in &model.gateways {
        for cluster in (gateway.clusters & clusters).iter() {
            for route in &gateway.routes {
                let Backends::Divided(serving) = backends(model, route, cluster) else { continue };
                for backend in serving.iter() {
                    divided.entry((route.service.value, backend)).or_default().insert(cluster);
                }
            }
        }
    }
    divided
}

/// The Services for single clusters' pods that stand in `cluster`: its own, and stubs of others'.
#[must_use]
pub fn services(
    model: &Model,
    package: Package<'_>,
    divided: &Divided,
    cluster: ClusterId,
) -> Vec<Declared<kubernetes::Service>> {
    let placed = divided.iter().filter_map(|(&(service, home), gateways)| {
        if home != cluster && !gateways.contains(cluster) {
            return None;
        }
        let spec = model.services[service].at(home)?;
        let body = if home == cluster {
            let inside = crate::model::ServiceSpec { kind: crate::model::ServiceType::ClusterIp, ..spec.clone() };
            kubernetes::Service::new(&inside, global::selector(model, spec).unwrap_or_default())
        } else {
            global::without_pods(spec)
        };
        let mut metadata = global::metadata(model, package, service);
        metadata.name = service_name(model, service, home);
        let offer = if home == cluster { Offer::Shared } else { Offer::Kept };
        let span = model.services[service].name.span;
        Some(Declared { object: Object::new(global::shared(metadata, offer), body), span })
    });
    placed.collect()
}

/// Reports Services of single clusters that can't be had, and routes that no target of the fleet carries to where they go.
pub fn check(model: &Model, gateway: &Gateway, diagnostics: &mut Vec<Diagnostic>) {
    for route in &gateway.routes {
        let divided = gateway.clusters.iter().map(|cluster| (cluster, backends(model, route, cluster)));
        let divided = divided.filter_map(|(cluster, backends)| match backends {
            Backends::Service => None,
            Backends::Divided(serving) => Some((cluster, serving)),
        });
        let divided: Vec<(ClusterId, ClusterSet)> = divided.collect();
        check_count(route, &divided, diagnostics);
        check_link(model, route, &divided, diagnostics);
        let homes = divided.iter().flat_map(|(_, serving)| serving.iter()).collect::<BTreeSet<_>>();
        check_names(model, route, &homes, diagnostics);
    }
}

fn check_count(route: &Route, divided: &[(ClusterId, ClusterSet)], diagnostics: &mut Vec<Diagnostic>) {
    if divided.iter().any(|(_, serving)| serving.len() > BACKENDS) {
        let message = format!("a route is divided among {BACKENDS} clusters at most");
        let found = Diagnostic::new(GATEWAY_ROUTE, route.service.span, message);
        diagnostics.push(
            found.help(
                "export the service `from` fewer clusters, or give the export an affinity and the route no weights",
            ),
        );
    }
}

/// Only a mesh of Cilium's leads from a gateway to the pods of another cluster.
fn check_link(model: &Model, route: &Route, divided: &[(ClusterId, ClusterSet)], diagnostics: &mut Vec<Diagnostic>) {
    let needed = divided.iter().fold(ClusterSet::EMPTY, |all, (at, serving)| all | *serving | ClusterSet::of(*at));
    if let Some(cluster) = needed.less(model.fleet.joined()).iter().next() {
        let name = &model.clusters[cluster].name.value;
        let message = format!("nothing carries this route between `{name}` and the other clusters that serve it");
        let found = Diagnostic::new(GATEWAY_ROUTE, route.service.span, message);
        diagnostics.push(found.help("add `target cilium` or `target azure-fleet` for these clusters"));
    }
}

fn check_names(model: &Model, route: &Route, homes: &BTreeSet<ClusterId>, diagnostics: &mut Vec<Diagnostic>) {
    let service = &model.services[route.service.value];
    for home in homes {
        let name = service_name(model, route.service.value, *home);
        let taken = model
            .services
            .rows()
            .iter()
            .find(|other| other.namespace == service.namespace && other.name.value.as_str() == name);
        let message = match taken {
            Some(_) => format!("this route needs a service `{name}`, and that name is taken"),
            None if name.len() > SERVICE_NAME => format!("this route needs a service `{name}`, which is too long"),
            None => continue,
        };
        let mut found = Diagnostic::new(GENERATED_NAME, route.service.span, message);
        if let Some(taken) = taken {
            found = found.related(taken.name.span, "has the name");
        }
        let help = format!(
            "each serving cluster has a service SERVICE-CLUSTER, of {SERVICE_NAME} characters at most: rename one"
        );
        diagnostics.push(found.help(help));
    }
}
