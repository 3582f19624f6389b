//! Entries: a weight for each backend, divided by the weights of its service's exports, and rounded up.
//!
//! An endpoint gets `ceil(B · w / Σ w)`, where `B` is the backend's weight and `w` the export's, all of them 0 to 1000 (Azure/fleet-networking,
//! the Traffic Manager backend controller). So the parts are exact if and only if every `B · w` is a multiple of `Σ w`. An export has one weight for
//! all entries over its service; it is found from the first of them.

use super::ratio::{Ratio, distance, is_less, reduced, rounded};
use super::{Share, asked, serving};
use crate::model::{ClusterId, Entry, Model, ServiceId};

/// Largest weight of a backend, of an export, and so of an endpoint.
const LARGEST: u64 = 1000;

/// What divides an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWeights {
    /// Its backends, in order.
    pub backends: Vec<BackendWeights>,
    /// The parts of its clusters, over all backends; in order of cluster.
    pub shares: Vec<Share>,
}

impl EntryWeights {
    /// Every endpoint: one for each backend and cluster that it runs in.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint> + '_ {
        self.backends.iter().flat_map(BackendWeights::endpoints)
    }
}

/// What is written for a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendWeights {
    /// Its service.
    pub service: ServiceId,
    /// Its own weight, 0 to 1000.
    pub weight: u32,
    /// The weight of the service's export in each cluster that runs it, 0 to 1000.
    pub exports: Vec<(ClusterId, u32)>,
}

impl BackendWeights {
    /// What comes of the numbers.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint> + '_ {
        let exports: Vec<u64> = self.exports.iter().map(|(_, weight)| u64::from(*weight)).collect();
        let weights = rounded_up(self.weight.into(), &exports);
        let clusters = self.exports.iter().map(|(cluster, _)| *cluster);
        clusters.zip(weights).map(|(cluster, weight)| Endpoint { service: self.service, cluster, weight })
    }
}

/// A service in a cluster, as an entry weighs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The service.
    pub service: ServiceId,
    /// The cluster.
    pub cluster: ClusterId,
    /// Its weight among all endpoints of the entry.
    pub weight: u64,
}

/// The numbers of an entry.
#[must_use]
pub fn entry_weights(model: &Model, entry: &Entry) -> EntryWeights {
    let wanted = wanted(model, entry);
    let services: Vec<ServiceId> = entry.backends.iter().map(|backend| backend.service.value).collect();
    let exports: Vec<Vec<u64>> = services.iter().map(|service| export_weights(model, *service)).collect();
    let asked: Vec<Vec<u64>> =
        wanted.iter().map(|backend| backend.iter().map(|(_, weight)| *weight).collect()).collect();
    let weights = backend_weights(&asked, &exports);
    let small = |weight: u64| u32::try_from(weight).unwrap_or(u32::MAX);
    let backends = services.into_iter().zip(exports).zip(weights).map(|((service, exports), weight)| BackendWeights {
        service,
        weight: small(weight),
        exports: serving::runs(model, service).iter().zip(exports.into_iter().map(small)).collect(),
    });
    let backends: Vec<BackendWeights> = backends.collect();
    EntryWeights { shares: shares(&wanted, &backends), backends }
}

/// What an entry asks of its backends: ratios on one scale.
fn wanted(model: &Model, entry: &Entry) -> Vec<Vec<(ClusterId, u64)>> {
    let asked = entry.backends.iter().map(|backend| {
        let serving = serving::runs(model, backend.service.value);
        asked(backend.weights.as_ref(), serving)
    });
    let asked: Vec<Vec<(ClusterId, u64)>> = asked.collect();
    let flat = reduced(&asked.iter().flatten().map(|(_, weight)| *weight).collect::<Vec<u64>>());
    let mut flat = flat.into_iter();
    let scaled = asked
        .iter()
        .map(|backend| backend.iter().zip(flat.by_ref()).map(|((cluster, _), weight)| (*cluster, weight)).collect());
    scaled.collect()
}

/// The one weight of each of a service's exports, from the first entry over it that leaves it any traffic.
fn export_weights(model: &Model, service: ServiceId) -> Vec<u64> {
    let backends = model.entries.iter().flat_map(|entry| &entry.backends);
    let serving = serving::runs(model, service);
    let mut ratios = backends.filter(|backend| backend.service.value == service).map(|backend| {
        let asked = asked(backend.weights.as_ref(), serving);
        reduced(&asked.iter().map(|(_, weight)| *weight).collect::<Vec<u64>>())
    });
    let ratio = ratios.find(|ratio| ratio.iter().any(|weight| *weight > 0));
    // A backend without traffic must not lose its exports: other paths need them.
    within(&ratio.unwrap_or_else(|| vec![1; serving.len()]))
}

/// The nearest numbers whose sum is within the range, so that a backend of that weight realises them as they are.
fn within(ratio: &[u64]) -> Vec<u64> {
    let sum: u64 = ratio.iter().sum();
    if sum <= LARGEST {
        return ratio.to_vec();
    }
    let candidates = (1..=LARGEST).rev().map(|total| apportioned(ratio, sum, total));
    nearest(ratio, candidates).unwrap_or_else(|| ratio.iter().map(|weight| (*weight).min(1)).collect())
}

/// Whole numbers near the ratios whose sum is about `total`; nobody who is to have something gets nothing.
fn apportioned(ratio: &[u64], sum: u64, total: u64) -> Vec<u64> {
    ratio.iter().map(|weight| rounded(*weight, total, sum).min(LARGEST)).collect()
}

/// The backends' weights by which the endpoints come nearest to what is wanted; of equally near ones the largest, as they lose least when an
/// export is gone.
fn backend_weights(wanted: &[Vec<u64>], exports: &[Vec<u64>]) -> Vec<u64> {
    let asked: Vec<u64> = wanted.iter().flatten().copied().collect();
    let sums: Vec<u64> = wanted.iter().map(|backend| backend.iter().sum()).collect();
    let largest = sums.iter().copied().max().unwrap_or(0);
    let mut best: Option<(Vec<u64>, (u128, u128))> = None;
    for scale in (1..=LARGEST).rev() {
        let weights: Vec<u64> = sums.iter().map(|sum| rounded(*sum, scale, largest)).collect();
        let apart = distance(&asked, &endpoints(&weights, exports));
        let exact = apart.0 == 0;
        if best.as_ref().is_none_or(|(_, least)| is_less(apart, *least)) {
            best = Some((weights, apart));
        }
        if exact {
            break;
        }
    }
    best.map_or_else(Vec::new, |(weights, _)| weights)
}

fn endpoints(weights: &[u64], exports: &[Vec<u64>]) -> Vec<u64> {
    weights.iter().zip(exports).flat_map(|(weight, exports)| rounded_up(*weight, exports)).collect()
}

/// What the endpoints of a backend get.
fn rounded_up(backend: u64, exports: &[u64]) -> Vec<u64> {
    let sum = exports.iter().sum::<u64>().max(1);
    exports.iter().map(|export| (backend * export).div_ceil(sum)).collect()
}

fn nearest(ratio: &[u64], candidates: impl Iterator<Item = Vec<u64>>) -> Option<Vec<u64>> {
    let mut best: Option<(Vec<u64>, (u128, u128))> = None;
    for candidate in candidates {
        let sum: u64 = candidate.iter().sum();
        let apart = distance(ratio, &candidate);
        if sum <= LARGEST && best.as_ref().is_none_or(|(_, least)| is_less(apart, *least)) {
            best = Some((candidate, apart));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// The parts of each cluster over all backends.
fn shares(wanted: &[Vec<(ClusterId, u64)>], backends: &[BackendWeights]) -> Vec<Share> {
    let mut clusters: std::collections::BTreeMap<ClusterId, (u64, u64)> = std::collections::BTreeMap::new();
    for (cluster, weight) in wanted.iter().flatten() {
        clusters.entry(*cluster).or_default().0 += weight;
    }
    for endpoint in backends.iter().flat_map(BackendWeights::endpoints) {
        clusters.entry(endpoint.cluster).or_default().1 += endpoint.weight;
    }
    let (asked, realised) = clusters.values().fold((0, 0), |sums, parts| (sums.0 + parts.0, sums.1 + parts.1));
    let share = |(cluster, parts): (&ClusterId, &(u64, u64))| Share {
        cluster: *cluster,
        asked: Ratio { part: parts.0, whole: asked },
        realised: Ratio { part: parts.1, whole: realised },
    };
    clusters.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::{backend_weights, endpoints, rounded_up, within};

    #[test]
    fn endpoints_get_what_the_controller_gives_them() {
        assert_eq!(rounded_up(500, &[100, 200]), [167, 334]);
        assert_eq!(rounded_up(1, &[40, 60]), [1, 1]);
        assert_eq!(rounded_up(100, &[1, 1, 1]), [34, 34, 34]);
        assert_eq!(rounded_up(0, &[1, 1]), [0, 0]);
    }

    /// What comes of ratios that one service is asked for.
    fn realised(ratio: &[u64]) -> Vec<u64> {
        let exports = [within(ratio)];
        endpoints(&backend_weights(&[ratio.to_vec()], &exports), &exports)
    }

    #[test]
    fn ratios_within_the_range_are_exact() {
        assert_eq!(realised(&[3, 1]), [750, 250]);
        // Each a third rounded up is a third of what comes of it.
        assert_eq!(realised(&[1, 1, 1]), [334, 334, 334]);
        assert_eq!(realised(&[0, 1]), [0, 1000]);
        assert_eq!(realised(&[999, 1]), [999, 1]);
        assert_eq!(realised(&[0, 0]), [0, 0]);
    }

    #[test]
    fn others_come_as_near_as_they_can() {
        assert_eq!(realised(&[7499, 2501]), [750, 250]);
        assert_eq!(realised(&[1234, 567, 1]), [684, 314, 1]);
        assert_eq!(realised(&[100_000, 1]), [999, 1]);
    }

    #[test]
    fn several_backends_share_one_scale() {
        // Nine parts in two clusters of one service, one part of another.
        let exports = [vec![2, 1], vec![1]];
        let weights = backend_weights(&[vec![6, 3], vec![1]], &exports);
        let endpoints = endpoints(&weights, &exports);
        assert_eq!(endpoints, [666, 333, 111]);
        // One of them drained: its exports stay.
        assert_eq!(backend_weights(&[vec![0, 0], vec![1]], &exports), [0, 1000]);
    }
}
