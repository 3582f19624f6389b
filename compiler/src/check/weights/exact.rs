//! Weights near those that are asked for, which are realised exactly.

use crate::model::{ClusterId, Entry, Model, ServiceId, Share, Spanned, Weights};
use crate::plan::weights::{self, EntryWeights};

/// The sums that are tried for a backend's weights, the finest first.
const SUMS: [u64; 8] = [1000, 500, 200, 100, 50, 20, 10, 5];

/// The weights of one backend.
type Backend = (ServiceId, Vec<(ClusterId, u64)>);

/// What to write for a route: the numbers that come of it are its own.
pub(super) fn of_route(model: &Model, shares: &[weights::Share]) -> String {
    written(model, shares.iter().map(|share| (share.cluster, share.realised.part)))
}

/// What to write for each backend of an entry; nothing where no such numbers were found.
pub(super) fn of_entry(model: &Model, entry: &Entry) -> Option<String> {
    let realised = endpoints(&weights::entry_weights(model, entry));
    let exact = SUMS.iter().map(|most| scaled(&realised, *most)).find(|backends| is_exact(model, entry, backends))?;
    let each = exact.iter().map(|(service, weights)| {
        let weights = written(model, weights.iter().copied());
        if exact.len() == 1 { weights } else { format!("{weights} for `{}`", model.service_name(*service)) }
    });
    Some(each.collect::<Vec<_>>().join(" with "))
}

fn written(model: &Model, weights: impl Iterator<Item = (ClusterId, u64)>) -> String {
    let weights = weights.map(|(cluster, weight)| format!("{} = {weight}", model.clusters[cluster].name.value));
    format!("`weight {}`", weights.collect::<Vec<_>>().join(", "))
}

/// What each endpoint would get.
fn endpoints(entry: &EntryWeights) -> Vec<Backend> {
    let backends = entry.backends.iter().map(|backend| {
        (backend.service, backend.endpoints().map(|endpoint| (endpoint.cluster, endpoint.weight)).collect())
    });
    backends.collect()
}

/// The same ratios with no backend's sum above `most`; nobody who gets something gets nothing.
fn scaled(backends: &[Backend], most: u64) -> Vec<Backend> {
    let sum = |(_, weights): &Backend| weights.iter().map(|(_, weight)| weight).sum::<u64>();
    let largest = backends.iter().map(sum).max().unwrap_or(0).max(most);
    let scale = |weight: u64| (weight * most / largest).max(weight.min(1));
    let scaled = backends.iter().map(|(service, weights)| {
        (*service, weights.iter().map(|(cluster, weight)| (*cluster, scale(*weight))).collect())
    });
    scaled.collect()
}

/// Whether an entry with these weights gives every cluster just what it asks for.
fn is_exact(model: &Model, entry: &Entry, backends: &[Backend]) -> bool {
    let mut asking = entry.clone();
    for (backend, (_, weights)) in asking.backends.iter_mut().zip(backends) {
        let span = backend.service.span;
        let share = |(cluster, weight): &(ClusterId, u64)| Share {
            cluster: Spanned::new(*cluster, span),
            weight: Spanned::new(*weight, span),
        };
        backend.weights = Some(Weights { shares: weights.iter().map(share).collect(), span });
    }
    let model = Model { entries: vec![asking.clone()], ..model.clone() };
    let shares = weights::entry_weights(&model, &asking).shares;
    shares.iter().all(|share| !share.asked.differs_by_more(share.realised, 0))
}
