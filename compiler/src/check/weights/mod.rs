//! Weights: who is listed, what has an effect, and how near what is realised comes.

mod exact;
mod steps;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::weights as codes;
use crate::image::content::is_cilium;
use crate::model::{ClusterId, ClusterSet, Entry, Export, Gateway, Model, TargetKind, Weights};
use crate::plan::Plan;
use crate::plan::weights::{self, Ratio, Share};

/// Findings about the declared weights and those of every step of a rollout.
#[must_use]
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut diagnostics = of_model(&plan.model);
    diagnostics.extend(steps::check(&plan.model, &diagnostics));
    // A step of several backends or routes says the same of each.
    let mut seen = Vec::new();
    diagnostics.retain(|found| {
        let key = (found.span, found.message.clone());
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    diagnostics
}

fn of_model(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for export in &model.exports {
        check_export(model, export, &mut diagnostics);
    }
    for entry in &model.entries {
        check_entry(model, entry, &mut diagnostics);
    }
    for gateway in &model.gateways {
        check_gateway(model, gateway, &mut diagnostics);
    }
    let mut disagreements = disagreements(model);
    // Whoever has another's weights can't have what it asks for.
    let follows = |found: &Diagnostic| disagreements.iter().any(|cause| cause.span == found.span);
    diagnostics.retain(|found| found.code != codes::INEXACT_WEIGHTS || !follows(found));
    // What is not said of all that serve can't be compared.
    let is_partial = |weights: Span| {
        let is_inside = |found: &Diagnostic| {
            weights.file == found.span.file && weights.start <= found.span.start && found.span.end <= weights.end
        };
        let incomplete = [codes::UNLISTED_CLUSTER, codes::NOT_SERVING];
        diagnostics.iter().any(|found| incomplete.contains(&found.code) && is_inside(found))
    };
    disagreements.retain(|found| !is_partial(found.span) && !found.related.iter().any(|other| is_partial(other.span)));
    diagnostics.extend(disagreements);
    diagnostics
}

fn check_export(model: &Model, export: &Export, diagnostics: &mut Vec<Diagnostic>) {
    let Some(weights) = &export.weights else { return };
    if let Some(found) = without_effect(model, export, weights.span) {
        diagnostics.push(found);
        return;
    }
    let serving = export.from & weights::runs(model, export.service.value);
    check_listed(model, weights, serving, diagnostics);
    check_zero(weights, diagnostics);
}

/// Only some data paths divide what is sent to a global service.
fn without_effect(model: &Model, export: &Export, span: Span) -> Option<Diagnostic> {
    let consumers = export.consume;
    let divides = model.fleet.targets.iter().any(|target| {
        let own = match target.kind.value {
            TargetKind::Istio | TargetKind::Linkerd => true,
            // Images of another target's maps hold what that target programs, and it knows no weights.
            TargetKind::Bpf => !model.fleet.targets.iter().any(|other| is_cilium(other.kind.value)),
            TargetKind::AzureFleet
            | TargetKind::Cilium
            | TargetKind::Mcs
            | TargetKind::GatewayApi
            | TargetKind::NetworkPolicy
            | TargetKind::AzureNetwork => false,
        };
        own && !(target.clusters & consumers).is_empty()
    });
    if divides {
        return None;
    }
    let service = model.service_name(export.service.value);
    let message = format!("no target of this fleet divides connections to `{service}` by weight");
    let help = "weigh a `backend` of an `entry` (azure-fleet) or a `route` of a `gateway` (gateway-api); exports have weights with the \
                targets istio, linkerd and, without Cilium, bpf";
    Some(Diagnostic::new(codes::WEIGHTS_WITHOUT_EFFECT, span, message).help(help))
}

fn check_entry(model: &Model, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    let before = diagnostics.len();
    for backend in &entry.backends {
        if let Some(weights) = &backend.weights {
            check_listed(model, weights, weights::runs(model, backend.service.value), diagnostics);
        }
    }
    let weighted: Vec<&Weights> = entry.backends.iter().filter_map(|backend| backend.weights.as_ref()).collect();
    // Weights of one entry are one scale, so the last ones stand for all of them.
    if let Some(weights) = weighted.last() {
        if let Some(bare) = entry.backends.iter().find(|backend| backend.weights.is_none()) {
            let service = model.service_name(bare.service.value);
            let message = format!("`{service}` has no weights beside a backend that has");
            let found = Diagnostic::new(codes::MIXED_WEIGHTS, bare.service.span, message);
            let found = found.related(weights.span, "the other backend's, on the same scale");
            diagnostics.push(found.help("give every backend of the entry weights, or none"));
        } else if weighted.iter().flat_map(|weights| &weights.shares).all(|share| share.weight.value == 0) {
            diagnostics.push(all_zero(weights));
        }
    }
    check_closed(model, entry, diagnostics);
    // What the shares come to is of no interest while somebody is missing from them.
    if let (Some(weights), true) = (weighted.last(), diagnostics.len() == before) {
        let shares = weights::entry_weights(model, entry).shares;
        diagnostics.extend(inexact(model, weights, &shares, || exact::of_entry(model, entry)));
    }
}

/// A weight of zero takes the export away, also from a balancer over the same service.
fn check_closed(model: &Model, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    for backend in &entry.backends {
        let Some(balance) = model.balances.iter().find(|balance| balance.service.value == backend.service.value) else {
            continue;
        };
        let weights = backend.weights.as_ref();
        let shares = || weights.into_iter().flat_map(|weights| &weights.shares);
        // A backend that is drained as a whole keeps its exports.
        if shares().all(|share| share.weight.value == 0) {
            continue;
        }
        for share in shares().filter(|share| share.weight.value == 0) {
            let cluster = &model.clusters[share.cluster.value].name.value;
            let message = format!("a zero takes `{cluster}` from the balancer of this service, too");
            let found = Diagnostic::new(codes::ZERO_ELSEWHERE, share.weight.span, message);
            let found = found.related(balance.service.span, "this balancer needs the export");
            diagnostics.push(found.help("drain a second service over the same pods, or give up the balancer first"));
        }
    }
}

fn check_gateway(model: &Model, gateway: &Gateway, diagnostics: &mut Vec<Diagnostic>) {
    for route in &gateway.routes {
        let Some(weights) = &route.weights else { continue };
        let before = diagnostics.len();
        check_listed(model, weights, weights::serving_route(model, gateway, route), diagnostics);
        check_zero(weights, diagnostics);
        if diagnostics.len() > before {
            continue;
        }
        for cluster in gateway.clusters.iter() {
            let reached = weights::reached_from(model, route.service.value, cluster);
            let wanted = weights.shares.iter().filter(|share| share.weight.value > 0).map(|share| share.cluster);
            if let Some(missed) = wanted.clone().find(|wanted| !reached.contains(wanted.value)) {
                diagnostics.push(out_of_reach(model, missed.value, missed.span, cluster));
            }
        }
        let widest = gateway
            .clusters
            .iter()
            .max_by_key(|cluster| weights::reached_from(model, route.service.value, *cluster).len());
        if let Some(cluster) = widest {
            let shares = weights::route_weights(model, route, cluster).shares;
            diagnostics.extend(inexact(model, weights, &shares, || Some(exact::of_route(model, &shares))));
        }
    }
}

fn out_of_reach(model: &Model, missed: ClusterId, span: Span, gateway: ClusterId) -> Diagnostic {
    let (missed, gateway) = (&model.clusters[missed].name.value, &model.clusters[gateway].name.value);
    let message = format!("the gateway in `{gateway}` can't send anything to `{missed}`");
    Diagnostic::new(codes::NOT_SERVING, span, message)
        .help("export the service into a mesh of both, or say `in …` where the gateway stands")
}

fn check_listed(model: &Model, weights: &Weights, serving: ClusterSet, diagnostics: &mut Vec<Diagnostic>) {
    let listed: ClusterSet = weights.shares.iter().map(|share| share.cluster.value).collect();
    for share in weights.shares.iter().filter(|share| !serving.contains(share.cluster.value)) {
        let name = &model.clusters[share.cluster.value].name.value;
        let message = format!("`{name}` does not serve this path");
        let found = Diagnostic::new(codes::NOT_SERVING, share.cluster.span, message);
        diagnostics.push(found.help(format!("those that do are {}", names(model, serving))));
    }
    let missing = serving.less(listed);
    if !missing.is_empty() {
        let verb = if missing.len() == 1 { "serves this path and has" } else { "serve this path and have" };
        let message = format!("{} {verb} no weight", names(model, missing));
        let found = Diagnostic::new(codes::UNLISTED_CLUSTER, weights.span, message);
        diagnostics.push(found.help("list every serving cluster; 0 drains one"));
    }
}

fn names(model: &Model, clusters: ClusterSet) -> String {
    if clusters.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<String> =
        clusters.iter().map(|cluster| format!("`{}`", model.clusters[cluster].name.value)).collect();
    names.join(", ")
}

fn check_zero(weights: &Weights, diagnostics: &mut Vec<Diagnostic>) {
    if weights.shares.iter().all(|share| share.weight.value == 0) {
        diagnostics.push(all_zero(weights));
    }
}

fn all_zero(weights: &Weights) -> Diagnostic {
    Diagnostic::new(codes::ALL_ZERO, weights.span, "these weights leave no cluster")
        .help("give at least one cluster a weight above 0")
}

/// A share that is further from what is asked than the fleet tolerates, with weights that would be exact.
fn inexact(
    model: &Model,
    weights: &Weights,
    shares: &[Share],
    exact: impl FnOnce() -> Option<String>,
) -> Option<Diagnostic> {
    let limit = model.fleet.weight_error;
    let worst = shares.iter().find(|share| share.asked.differs_by_more(share.realised, limit))?;
    let cluster = &model.clusters[worst.cluster].name.value;
    let (asked, realised) = (worst.asked.to_string(), worst.realised.to_string());
    let message = if asked == realised {
        let parts = |ratio: Ratio| format!("{} of {}", ratio.part, ratio.whole);
        format!("`{cluster}` is to get {} and would get {}", parts(worst.asked), parts(worst.realised))
    } else {
        format!("`{cluster}` is to get {asked} and would get {realised}")
    };
    let tolerated = Ratio { part: limit.into(), whole: 10_000 };
    let help = match exact() {
        Some(exact) => format!("{exact} is exact; or raise `weight-error`"),
        None => "ask for shares with fewer digits, or raise `weight-error`".to_owned(),
    };
    let label = format!("further apart than {tolerated}");
    Some(Diagnostic::new(codes::INEXACT_WEIGHTS, weights.span, message).labelled(label).help(help))
}

/// An export has one weight, whichever entry leads to it.
fn disagreements(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let backends: Vec<_> = model
        .entries
        .iter()
        .flat_map(|entry| &entry.backends)
        .filter(|backend| {
            backend.weights.as_ref().is_none_or(|weights| weights.shares.iter().any(|share| share.weight.value > 0))
        })
        .collect();
    for (index, backend) in backends.iter().enumerate() {
        let mut earlier = backends.iter().take(index).filter(|earlier| earlier.service.value == backend.service.value);
        let Some(first) = earlier.next() else { continue };
        let serving = weights::runs(model, backend.service.value);
        let (own, others) = (ratios(backend.weights.as_ref(), serving), ratios(first.weights.as_ref(), serving));
        if own.iter().zip(&others).all(|(own, other)| !own.differs_by_more(*other, 0)) {
            continue;
        }
        let span = |backend: &crate::model::Backend| {
            backend.weights.as_ref().map_or(backend.service.span, |weights| weights.span)
        };
        let message = format!("two entries divide `{}` differently", model.service_name(backend.service.value));
        let found = Diagnostic::new(codes::ENTRIES_DISAGREE, span(backend), message);
        let found = found.related(span(first), "the other entry's shares");
        diagnostics.push(
            found.help("an export has one weight for all entries: give both the same ratio, or use a second service"),
        );
    }
    diagnostics
}

fn ratios(weights: Option<&Weights>, serving: ClusterSet) -> Vec<Ratio> {
    let asked = weights::asked(weights, serving);
    let whole = asked.iter().map(|(_, weight)| *weight).fold(0, u64::saturating_add);
    asked.into_iter().map(|(_, part)| Ratio { part, whole }).collect()
}
