//! Routes: any ratio of numbers up to a million.

use super::ratio::{Ratio, reduced, rounded};
use super::{Share, asked, serving};
use crate::model::{ClusterId, ClusterSet, Model, Route};

/// Largest weight of a backend.
const LARGEST: u64 = 1_000_000;

/// What divides a route at one gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteWeights {
    /// The number of each serving cluster, 0 to 1 000 000.
    pub numbers: Vec<(ClusterId, u32)>,
    /// The clusters' parts, in the same order.
    pub shares: Vec<Share>,
}

/// The numbers of a route at the gateway of one cluster.
#[must_use]
pub fn route_weights(model: &Model, route: &Route, cluster: ClusterId) -> RouteWeights {
    divide(route, serving::reached_from(model, route.service.value, cluster))
}

/// The numbers of a route whose service is reached in some clusters.
pub(super) fn divide(route: &Route, serving: ClusterSet) -> RouteWeights {
    let asked = asked(route.weights.as_ref(), serving);
    let weights = reduced(&asked.iter().map(|(_, weight)| *weight).collect::<Vec<u64>>());
    let largest = weights.iter().copied().max().unwrap_or(0);
    let fit = |weight: u64| if largest <= LARGEST { weight } else { rounded(weight, LARGEST, largest) };
    let numbers: Vec<u64> = weights.iter().map(|weight| fit(*weight)).collect();
    let (wanted, whole) = (weights.iter().sum(), numbers.iter().sum());
    let shares = asked.iter().zip(weights.iter().zip(&numbers)).map(|((cluster, _), (weight, number))| Share {
        cluster: *cluster,
        asked: Ratio { part: *weight, whole: wanted },
        realised: Ratio { part: *number, whole },
    });
    RouteWeights {
        shares: shares.collect(),
        numbers: asked
            .iter()
            .zip(&numbers)
            .map(|((cluster, _), number)| (*cluster, u32::try_from(*number).unwrap_or(u32::MAX)))
            .collect(),
    }
}
