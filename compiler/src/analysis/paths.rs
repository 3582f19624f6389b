//! Where connections to services are sent, and in which shares: `serves` and `share`.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use super::given::Assumptions;
use super::proof::Evidence;
use crate::codes::proof as codes;
use crate::model::{
    Affinity, Assertion, ClusterId, ClusterSet, Entry, Gateway, Model, Peer, RolloutPath, Route, ServiceId, Share,
    Spanned,
};
use crate::plan::Expander;
use crate::plan::weights::{self, Ratio};

/// The clusters that connections to a service from one cluster are sent to.
#[must_use]
pub fn sent_to(model: &Model, given: &Assumptions, service: ServiceId, client: ClusterId) -> ClusterSet {
    let export = weights::export_to(model, service, client);
    let ready = |cluster: &ClusterId| given.is_ready(model, service, *cluster);
    let stays = |cluster: &ClusterId| !given.is_forgotten(model, *cluster);
    let reached = weights::reached_from(model, service, client);
    let reached: ClusterSet = reached.iter().filter(ready).filter(stays).collect();
    let (own, others) = (reached & ClusterSet::of(client), reached.less(ClusterSet::of(client)));
    let preferred = |first: ClusterSet, second: ClusterSet| if first.is_empty() { second } else { first };
    let chosen = match export.map(|export| export.affinity) {
        Some(Affinity::Local) => preferred(own, others),
        Some(Affinity::Remote) => preferred(others, own),
        Some(Affinity::None) | None => reached,
    };
    let drained = |cluster: &ClusterId| {
        let weights = export.and_then(|export| export.weights.as_ref());
        let mut shares = weights.into_iter().flat_map(|weights| &weights.shares);
        shares.any(|share| share.cluster.value == *cluster && share.weight.value == 0)
    };
    chosen.iter().filter(|cluster| !drained(cluster)).collect()
}

/// What shows that connections are not sent as a test says, if it says so of any.
pub fn ask(
    model: &Model,
    given: &Assumptions,
    assertion: &Spanned<Assertion>,
    invalid: &mut Vec<Diagnostic>,
) -> Option<Evidence> {
    let model = given.model(model);
    match &assertion.value {
        Assertion::Can(_) | Assertion::Cannot(_) => None,
        Assertion::Serves { service, client, clusters } => serves(model, given, (*service, client, *clusters), invalid),
        Assertion::Share { path, shares } => {
            share(model, given, *path, &Spanned::new(shares.as_slice(), assertion.span), invalid)
        }
    }
}

/// The first cluster of a client's from which connections are sent elsewhere than is promised.
fn serves(
    model: &Model,
    given: &Assumptions,
    (service, client, promised): (ServiceId, &Peer, ClusterSet),
    invalid: &mut Vec<Diagnostic>,
) -> Option<Evidence> {
    let before = invalid.len();
    let ends = Expander::new(model).ends(std::slice::from_ref(client), invalid);
    let runs =
        ends.pods.iter().flat_map(|pods| pods.pods.iter()).fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
    let clients = runs.less(given.lost);
    if clients.is_empty() {
        if invalid.len() == before {
            let found = Diagnostic::new(codes::NOBODY_LEFT, client.span, "nobody is left to connect");
            invalid.push(found.help("name pods of the fleet that run somewhere under these assumptions"));
        }
        return None;
    }
    clients.iter().find_map(|client| {
        let to = sent_to(model, given, service, client);
        (to != promised).then_some(Evidence::Sent { service, client, to, promised })
    })
}

/// The first cluster whose share of a path is not what is promised.
fn share(
    model: &Model,
    given: &Assumptions,
    path: RolloutPath,
    promised: &Spanned<&[Share]>,
    invalid: &mut Vec<Diagnostic>,
) -> Option<Evidence> {
    let divisions = divisions(model, given, path);
    let listed: ClusterSet = promised.value.iter().map(|share| share.cluster.value).collect();
    for division in &divisions {
        let serving: ClusterSet = division.parts.keys().copied().collect();
        let missing = serving.less(listed);
        if !missing.is_empty() {
            let names: Vec<String> =
                missing.iter().map(|cluster| format!("`{}`", model.clusters[cluster].name.value)).collect();
            let message = format!("{} of the path's clusters not in this share: {}", missing.len(), names.join(", "));
            let found = Diagnostic::new(codes::SHARE_INCOMPLETE, promised.span, message);
            invalid.push(found.help("list every cluster that serves the path; 0% is a share, too"));
            return None;
        }
    }
    if divisions.iter().all(|division| division.parts.values().all(|part| *part == 0)) {
        let found = Diagnostic::new(codes::NOBODY_LEFT, promised.span, "nobody is left to have a share");
        invalid.push(found.help("assume less, or assert `serves … from nobody`"));
        return None;
    }
    divisions.iter().find_map(|division| differs(model, division, promised.value))
}

fn differs(model: &Model, division: &Division, promised: &[Share]) -> Option<Evidence> {
    let whole = division.parts.values().sum();
    let promised_whole = promised.iter().map(|share| share.weight.value).fold(0, u64::saturating_add);
    promised.iter().find_map(|share| {
        let cluster = share.cluster.value;
        let realised = Ratio { part: division.parts.get(&cluster).copied().unwrap_or(0), whole };
        let promised = Ratio { part: share.weight.value, whole: promised_whole };
        realised.differs_by_more(promised, model.fleet.weight_error).then_some(Evidence::Share {
            cluster,
            gateway: division.gateway,
            realised,
            promised,
        })
    })
}

/// What is divided at one place, and how.
struct Division {
    gateway: Option<ClusterId>,
    parts: BTreeMap<ClusterId, u64>,
}

fn divisions(model: &Model, given: &Assumptions, path: RolloutPath) -> Vec<Division> {
    match path {
        RolloutPath::Entry(index, service) => {
            model.entries.get(index).map(|entry| of_entry(model, given, entry, service)).into_iter().collect()
        }
        RolloutPath::Gateway(index, service) => {
            model.gateways.get(index).map(|gateway| of_gateway(model, given, gateway, service)).unwrap_or_default()
        }
        RolloutPath::Export(index) => {
            model.exports.get(index).map(|export| of_export(model, given, export)).into_iter().collect()
        }
    }
}

/// An entry asks every endpoint for its health: who is lost has no share.
fn of_entry(model: &Model, given: &Assumptions, entry: &Entry, service: Option<ServiceId>) -> Division {
    let mut parts = BTreeMap::new();
    for endpoint in weights::entry_weights(model, entry).endpoints() {
        let wanted = service.is_none_or(|service| service == endpoint.service);
        let healthy =
            given.is_ready(model, endpoint.service, endpoint.cluster) && !given.lost.contains(endpoint.cluster);
        if wanted && healthy {
            *parts.entry(endpoint.cluster).or_default() += endpoint.weight;
        }
    }
    Division { gateway: None, parts }
}

/// Every route, at every place where its gateway is left.
fn of_gateway(model: &Model, given: &Assumptions, gateway: &Gateway, service: Option<ServiceId>) -> Vec<Division> {
    let routes = gateway.routes.iter().filter(|route| service.is_none_or(|service| service == route.service.value));
    let places = gateway.clusters.less(given.lost);
    routes
        .flat_map(|route| places.iter().map(|place| of_route(model, given, route, place)).collect::<Vec<_>>())
        .collect()
}

fn of_route(model: &Model, given: &Assumptions, route: &Route, place: ClusterId) -> Division {
    let service = route.service.value;
    let left = |cluster: ClusterId| given.is_ready(model, service, cluster) && !given.is_forgotten(model, cluster);
    // Without weights the export's affinity chooses, and clusters share equally.
    let chosen = if route.weights.is_some() {
        weights::reached_from(model, service, place)
    } else {
        sent_to(model, given, service, place)
    };
    let numbers = weights::route_weights(model, route, place).numbers.into_iter();
    let parts = numbers.filter(|(cluster, _)| chosen.contains(*cluster) && left(*cluster));
    Division { gateway: Some(place), parts: parts.map(|(cluster, number)| (cluster, u64::from(number))).collect() }
}

fn of_export(model: &Model, given: &Assumptions, export: &crate::model::Export) -> Division {
    let service = export.service.value;
    let serving = export.from & weights::runs(model, service);
    let asked = weights::asked(export.weights.as_ref(), serving).into_iter();
    let left = |cluster: ClusterId| given.is_ready(model, service, cluster) && !given.is_forgotten(model, cluster);
    Division { gateway: None, parts: asked.filter(|(cluster, _)| left(*cluster)).collect() }
}
