//! The fleet while a step of a rollout lasts.
//!
//! Rollouts run one after the other, in order of name. While one is under way, those before it have arrived and those after it stand at their
//! first step, so that no path ever goes back on the way.

use super::serving;
use crate::model::{Backend, ClusterId, Entry, Gateway, Model, RolloutPath, ServiceId, Share, Spanned, Table, Weights};

/// Largest number that the weights of a step are multiplied by to be divided among backends.
const LARGEST_SCALE: u64 = 1_000_000;

/// The model while a step of a rollout lasts, without policies and rules: they are the same at every step, and most of a model. An unknown step
/// changes no weights.
#[must_use]
pub fn at_step(model: &Model, rollout: usize, step: usize) -> Model {
    let mut at_step = without_rules(model);
    for (index, declared) in model.rollouts.iter().enumerate().skip(rollout) {
        let place = if index == rollout { step } else { 0 };
        if let Some(step) = declared.steps.get(place) {
            weigh(model, declared.path, &step.weights, &mut at_step);
        }
    }
    at_step
}

fn without_rules(model: &Model) -> Model {
    Model {
        fleet: model.fleet.clone(),
        clusters: model.clusters.clone(),
        sets: model.sets.clone(),
        meshes: model.meshes.clone(),
        namespaces: model.namespaces.clone(),
        identities: model.identities.clone(),
        groups: model.groups.clone(),
        externals: model.externals.clone(),
        services: model.services.clone(),
        exports: model.exports.clone(),
        entries: model.entries.clone(),
        balances: model.balances.clone(),
        gateways: model.gateways.clone(),
        policies: Table::default(),
        rules: Table::default(),
        tests: model.tests.clone(),
        invariants: model.invariants.clone(),
        rollouts: model.rollouts.clone(),
        guard: model.guard.clone(),
        waives: model.waives.clone(),
        uses: model.uses.clone(),
    }
}

/// Gives a path other weights.
fn weigh(model: &Model, path: RolloutPath, weights: &Weights, weighed: &mut Model) {
    match path {
        RolloutPath::Entry(index, service) => {
            if let Some(entry) = weighed.entries.get_mut(index) {
                weigh_entry(model, entry, service, weights);
            }
        }
        RolloutPath::Gateway(index, service) => {
            if let Some(gateway) = weighed.gateways.get_mut(index) {
                weigh_gateway(model, gateway, service, weights);
            }
        }
        RolloutPath::Export(index) => {
            if let Some(export) = weighed.exports.get_mut(index) {
                export.weights = Some(weights.clone());
            }
        }
    }
}

/// Weights of an entry are those of its clusters over all its backends: a cluster's is divided evenly among those that it serves.
fn weigh_entry(model: &Model, entry: &mut Entry, service: Option<ServiceId>, weights: &Weights) {
    let moved = |backend: &Backend| service.is_none_or(|service| backend.service.value == service);
    let serving = |backend: &Backend| serving::runs(model, backend.service.value);
    let sets: Vec<_> = entry.backends.iter().filter(|backend| moved(backend)).map(serving).collect();
    let sharing = |cluster: ClusterId| sets.iter().map(|set| u64::from(set.contains(cluster))).sum::<u64>().max(1);
    let scale = weights.shares.iter().map(|share| sharing(share.cluster.value)).fold(1, common_multiple);
    for backend in entry.backends.iter_mut().filter(|backend| moved(backend)) {
        let own = serving(backend);
        let part = |share: &Share| {
            let weight = share.weight.value.saturating_mul(scale) / sharing(share.cluster.value);
            Share { weight: Spanned::new(weight, share.weight.span), ..share.clone() }
        };
        let shares = weights.shares.iter().filter(|share| own.contains(share.cluster.value)).map(part);
        backend.weights = Some(Weights { shares: shares.collect(), span: weights.span });
    }
}

/// Each route divides its own requests among the clusters that it reaches.
fn weigh_gateway(model: &Model, gateway: &mut Gateway, service: Option<ServiceId>, weights: &Weights) {
    let serving: Vec<_> = gateway.routes.iter().map(|route| serving::serving_route(model, gateway, route)).collect();
    for (route, own) in gateway.routes.iter_mut().zip(serving) {
        if !own.is_empty() && service.is_none_or(|service| route.service.value == service) {
            let shares = weights.shares.iter().filter(|share| own.contains(share.cluster.value));
            route.weights = Some(Weights { shares: shares.cloned().collect(), span: weights.span });
        }
    }
}

/// The least common multiple of two numbers, or one so large that what it rounds away is nothing.
fn common_multiple(left: u64, right: u64) -> u64 {
    let (mut divisor, mut rest) = (left.max(1), right);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (left / divisor).saturating_mul(right).min(LARGEST_SCALE)
}

#[cfg(test)]
mod tests {
    use super::{LARGEST_SCALE, common_multiple};

    #[test]
    fn every_count_divides_their_common_multiple() {
        assert_eq!((1..=10).fold(1, common_multiple), 2520);
        assert_eq!(common_multiple(1, 4), 4);
        assert_eq!(common_multiple(6, 4), 12);
        assert_eq!((1..=60).fold(1, common_multiple), LARGEST_SCALE);
    }
}
