//! Services that releases of Cilium join otherwise than they are declared.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use crate::codes::services::SHARED_TARGET;
use crate::codes::targets::STUB;
use crate::model::{ClusterId, ClusterSet, Export, Model, Namespace, ServicePort, ServiceSpec, Version};
use crate::plan::Plan;

/// The first release of which every patch keeps backends apart by the names of their ports.
const KEEPS_PORT_NAMES: Version = Version { major: 1, minor: 20, patch: 0 };

/// A consumer keeps one port for each address that another cluster offers: of two ports with one target the backends of one are lost.
pub fn shared_target(model: &Model, export: &Export) -> Option<Diagnostic> {
    let service = &model.services[export.service.value];
    let joined = export.consume & model.fleet.joined();
    let (cluster, version) = joined.iter().find_map(|cluster| {
        let version = model.clusters[cluster].cilium.filter(|version| version.value < KEEPS_PORT_NAMES)?;
        (!export.from.less(ClusterSet::of(cluster)).is_empty()).then_some((cluster, version))
    })?;
    let offered = service.variants.iter().filter(|(clusters, _)| !(*clusters & export.from).is_empty());
    let (first, second) = offered.map(|(_, spec)| spec).find_map(twins)?;
    let (name, cluster) = (model.service_name(export.service.value), &model.clusters[cluster].name.value);
    let message = format!(
        "ports `{}` and `{}` of `{name}` lead to one target, of which `{cluster}` may keep only one",
        first.name.value, second.name.value
    );
    Some(
        Diagnostic::new(SHARED_TARGET, second.name.span, message)
            .related(first.name.span, "the other port")
            .related(version.span, format!("releases before {KEEPS_PORT_NAMES} can lose the backends of one"))
            .help("export one of the two ports, or let the pods listen on two"),
    )
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
