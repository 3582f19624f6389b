//! The parts that weights come to, as the numbers that are written realise them.

use std::collections::BTreeSet;

use fleetnet_compiler::model::{Backend, ClusterId, Entry, Gateway, Model, Route, ServiceId, Weights};
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::plan::weights::{EntryWeights, Ratio, entry_weights, route_weights};
use fleetnet_lang::Span;

/// What the weight of one cluster comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The cluster and its weight, in the text that was compiled.
    pub span: Span,
    /// The cluster.
    pub cluster: String,
    /// What is asked for, as a percentage of all of the path; nothing where several backends share the cluster.
    pub asked: Option<String>,
    /// What comes of it; several where a gateway gives other parts in other clusters.
    pub realised: Vec<String>,
}

/// A path, and how it is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divided {
    /// The path, as it is declared: `entry NS/NAME` or `gateway NS/NAME`.
    pub path: String,
    /// Each cluster with its part of the path.
    pub parts: Vec<(String, String)>,
}

/// The shares of all weights that are written, in no order of place.
#[must_use]
pub fn shares(plan: &Plan) -> Vec<Share> {
    let model = &plan.model;
    let mut shares = Vec::new();
    for entry in &model.entries {
        let weights = entry_weights(model, entry);
        for backend in &entry.backends {
            shares.extend(of_backend(model, entry, &weights, backend));
        }
    }
    for gateway in &model.gateways {
        shares.extend(gateway.routes.iter().flat_map(|route| of_route(model, gateway, route)));
    }
    shares
}

/// How the entries over a service, and the gateways whose routes lead to it, are divided among clusters.
#[must_use]
pub fn of_service(plan: &Plan, service: ServiceId) -> Vec<Divided> {
    let model = &plan.model;
    let name = |namespace, name: &str| format!("{}/{name}", model.namespaces[namespace].name.value);
    let cluster = |id: ClusterId| model.clusters[id].name.value.to_string();
    let entries = model.entries.iter().filter(|entry| entry.backends.iter().any(|it| it.service.value == service));
    let entries = entries.map(|entry| Divided {
        path: format!("entry {}", name(entry.namespace, entry.name.value.as_str())),
        parts: entry_weights(model, entry)
            .shares
            .iter()
            .map(|share| (cluster(share.cluster), share.realised.to_string()))
            .collect(),
    });
    let routed = model.gateways.iter().flat_map(|gateway| {
        let routes = gateway.routes.iter().filter(|route| route.service.value == service && route.weights.is_some());
        routes.map(move |route| (gateway, route))
    });
    let routed = routed.map(|(gateway, route)| Divided {
        path: format!("gateway {}", name(gateway.namespace, gateway.name.value.as_str())),
        parts: of_route(model, gateway, route)
            .into_iter()
            .map(|share| (share.cluster, share.realised.join(" or ")))
            .collect(),
    });
    entries.chain(routed).collect()
}

fn of_backend(model: &Model, entry: &Entry, weights: &EntryWeights, backend: &Backend) -> Vec<Share> {
    let whole: u64 = weights.endpoints().map(|endpoint| endpoint.weight).sum();
    let part = |cluster: ClusterId| {
        let own = weights.endpoints().find(|point| point.service == backend.service.value && point.cluster == cluster);
        let realised = own.map(|own| Ratio { part: own.weight, whole }.to_string());
        let alone = entry.backends.len() == 1;
        let asked = weights.shares.iter().find(|share| alone && share.cluster == cluster);
        (asked.map(|share| share.asked.to_string()), realised.into_iter().collect())
    };
    written(model, backend.weights.as_ref(), part)
}

fn of_route(model: &Model, gateway: &Gateway, route: &Route) -> Vec<Share> {
    let divided: Vec<_> = gateway.clusters.iter().map(|cluster| route_weights(model, route, cluster)).collect();
    let part = |cluster: ClusterId| {
        let shares = || divided.iter().flat_map(|weights| &weights.shares).filter(|share| share.cluster == cluster);
        let parts: BTreeSet<(u64, String)> =
            shares().map(|share| (share.realised.hundredths(), share.realised.to_string())).collect();
        let asked = shares().next().map(|share| share.asked.to_string());
        (asked, parts.into_iter().map(|(_, text)| text).collect())
    };
    written(model, route.weights.as_ref(), part)
}

/// What each weight comes to that is written; nothing where the cluster gets none of the path.
fn written(
    model: &Model,
    weights: Option<&Weights>,
    part: impl Fn(ClusterId) -> (Option<String>, Vec<String>),
) -> Vec<Share> {
    let shares = weights.into_iter().flat_map(|weights| &weights.shares).map(|share| {
        let (asked, realised) = part(share.cluster.value);
        let cluster = model.clusters[share.cluster.value].name.value.to_string();
        Share { span: share.cluster.span.to(share.weight.span), cluster, asked, realised }
    });
    shares.filter(|share| !share.realised.is_empty()).collect()
}
