//! Services that releases of Cilium join otherwise than they are declared.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use super::helm;
use crate::codes::services::{DIFFERING_PORTS, SHARED_TARGET};
use crate::codes::targets::STUB;
use crate::model::{ClusterId, ClusterSet, Export, Model, Namespace, ServicePort, ServiceSpec, Version};
use crate::plan::Plan;

/// Each series of releases that loses port names, by the first patch that keeps them.
const KEEPS_PORT_NAMES: [Version; 2] =
    [Version { major: 1, minor: 18, patch: 10 }, Version { major: 1, minor: 19, patch: 4 }];

/// The patch that keeps port names, where a release of its series loses them.
fn mended(version: Version) -> Option<Version> {
    let series = |fixed: &Version| (fixed.major, fixed.minor) == (version.major, version.minor);
    KEEPS_PORT_NAMES.into_iter().find(series).filter(|fixed| version < *fixed)
}

/// A consumer keeps one port for each address that another cluster offers: of two ports with one target the backends of one are lost.
pub fn shared_target(model: &Model, export: &Export) -> Option<Diagnostic> {
    let service = &model.services[export.service.value];
    let joined = export.consume & model.fleet.joined();
    let (cluster, version, fixed) = joined.iter().find_map(|cluster| {
        let version = model.clusters[cluster].cilium?;
        let fixed = mended(version.value)?;
        (!export.from.less(ClusterSet::of(cluster)).is_empty()).then_some((cluster, version, fixed))
    })?;
    let offered = service.variants.iter().filter(|(clusters, _)| !(*clusters & export.from).is_empty());
    let (first, second) = offered.map(|(_, spec)| spec).find_map(twins)?;
    let (name, cluster) = (model.service_name(export.service.value), &model.clusters[cluster].name.value);
    let message = format!(
        "ports `{}` and `{}` of `{name}` lead to one target, of which `{cluster}` keeps only one",
        first.name.value, second.name.value
    );
    Some(
        Diagnostic::new(SHARED_TARGET, second.name.span, message)
            .related(first.name.span, "the other port")
            .related(version.span, format!("this release loses the backends of one; {fixed} keeps them"))
            .help(format!("let the pods listen on two ports, export one of the two, or install {fixed} first")),
    )
}

/// Backends are found by the name and protocol of a port; the Multi-Cluster Services API also wants one number for a name.
pub fn differing_ports(model: &Model, export: &Export) -> Option<Diagnostic> {
    let service = &model.services[export.service.value];
    let offering = export.from & model.fleet.joined();
    let mut offers = offering.iter().filter_map(|cluster| Some((cluster, service.at(cluster)?)));
    let (first, own) = offers.next()?;
    let difference = |(cluster, spec): (ClusterId, &'_ ServiceSpec)| {
        let numbers = helm::has_mcs(model, cluster) && helm::has_mcs(model, first);
        only_in(own, spec, numbers)
            .map(|port| (port.clone(), first, cluster))
            .or_else(|| only_in(spec, own, numbers).map(|port| (port.clone(), cluster, first)))
    };
    let (port, has, lacks) = offers.find_map(difference)?;
    let name = model.service_name(export.service.value);
    let cluster = |id: ClusterId| &model.clusters[id].name.value;
    let (has, lacks) = (cluster(has), cluster(lacks));
    let message = format!(
        "port `{} {}/{}` of `{name}` is offered by `{has}` and not by `{lacks}`",
        port.name.value,
        port.port,
        port.transport.keyword()
    );
    Some(
        Diagnostic::new(DIFFERING_PORTS, port.name.span, message)
            .related(export.service.span, "exported here")
            .help("give the service ports of the same names, numbers and protocols in every cluster that offers it"),
    )
}

/// A port of one variant that another does not have.
fn only_in<'a>(spec: &'a ServiceSpec, other: &ServiceSpec, numbers: bool) -> Option<&'a ServicePort> {
    spec.ports.iter().find(|port| {
        let like = |other: &ServicePort| {
            other.name.value == port.name.value
                && other.transport == port.transport
                && (!numbers || other.port == port.port)
        };
        !other.ports.iter().any(like)
    })
}

fn twins(spec: &ServiceSpec) -> Option<(&ServicePort, &ServicePort)> {
    let mut targets = BTreeMap::new();
    spec.ports.iter().find_map(|port| {
        let first = *targets.entry((port.target, port.transport)).or_insert(port);
        (first.name.span != port.name.span).then_some((first, port))
    })
}

/// The namespaces that are made where they are not declared, since a name resolves only where its Service is.
pub fn stubs(plan: &Plan) -> Vec<Diagnostic> {
    let joined = plan.model.fleet.joined();
    let stub = |namespace: &Namespace, clusters: ClusterSet| {
        let name = &namespace.name.value;
        let places: Vec<String> = clusters
            .iter()
            .map(|cluster: ClusterId| format!("`{}`", plan.model.clusters[cluster].name.value))
            .collect();
        let message = format!("`{name}` is made in {} too, for the services that they get", places.join(", "));
        Diagnostic::new(STUB, namespace.name.span, message)
            .help("nothing to do: there it holds Services without pods, and a policy that denies every pod")
    };
    let stubs = plan.stubs.iter().map(|(id, clusters)| (&plan.model.namespaces[id], *clusters & joined));
    stubs.filter(|(_, clusters)| !clusters.is_empty()).map(|(namespace, clusters)| stub(namespace, clusters)).collect()
}
