//! Which clusters serve a path.

use crate::model::{ClusterId, ClusterSet, Entry, Export, Gateway, Model, RolloutPath, Route, ServiceId};

/// The clusters that have pods of a service.
#[must_use]
pub fn runs(model: &Model, service: ServiceId) -> ClusterSet {
    let variants = model.services[service].variants.iter();
    variants.fold(ClusterSet::EMPTY, |runs, (clusters, spec)| {
        runs | (*clusters & model.identities[spec.pods.value].clusters)
    })
}

/// The export by which a cluster gets a service from others, if it does.
#[must_use]
pub fn export_to(model: &Model, service: ServiceId, cluster: ClusterId) -> Option<&Export> {
    let mesh = model.mesh_of(cluster)?;
    model.exports_of(service).find(|export| export.mesh.value == mesh && export.consume.contains(cluster))
}

/// The clusters that connections to a service from one cluster can be sent to.
#[must_use]
pub fn reached_from(model: &Model, service: ServiceId, cluster: ClusterId) -> ClusterSet {
    let runs = runs(model, service);
    let own = runs & ClusterSet::of(cluster);
    export_to(model, service, cluster).map_or(own, |export| own | (export.from & runs))
}

/// The clusters that serve an entry, over all its backends.
#[must_use]
pub fn serving_entry(model: &Model, entry: &Entry) -> ClusterSet {
    let backends = entry.backends.iter();
    backends.fold(ClusterSet::EMPTY, |serving, backend| serving | runs(model, backend.service.value))
}

/// The clusters that serve a route, from anywhere that its gateway stands.
#[must_use]
pub fn serving_route(model: &Model, gateway: &Gateway, route: &Route) -> ClusterSet {
    let clusters = gateway.clusters.iter();
    clusters.fold(ClusterSet::EMPTY, |serving, cluster| serving | reached_from(model, route.service.value, cluster))
}

/// The clusters that serve a path, over all backends or routes that it names.
#[must_use]
pub fn serving_path(model: &Model, path: RolloutPath) -> ClusterSet {
    let all = |sets: &mut dyn Iterator<Item = ClusterSet>| sets.fold(ClusterSet::EMPTY, |all, set| all | set);
    match path {
        RolloutPath::Entry(index, service) => {
            let backends = model.entries.get(index).into_iter().flat_map(|entry| &entry.backends);
            let services = backends.map(|backend| backend.service.value);
            all(&mut services.filter(|own| service.is_none_or(|service| *own == service)).map(|own| runs(model, own)))
        }
        RolloutPath::Gateway(index, service) => {
            let gateway = model.gateways.get(index);
            let routes =
                gateway.into_iter().flat_map(|gateway| gateway.routes.iter().map(move |route| (gateway, route)));
            let named = routes.filter(|(_, route)| service.is_none_or(|service| route.service.value == service));
            all(&mut named.map(|(gateway, route)| serving_route(model, gateway, route)))
        }
        RolloutPath::Export(index) => {
            let exports = model.exports.get(index).into_iter();
            all(&mut exports.map(|export| export.from & runs(model, export.service.value)))
        }
    }
}
