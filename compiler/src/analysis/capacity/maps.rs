//! Policy maps, counted as the engine fills them.
//!
//! Filling maps takes long. It is only done where rules could come near the limit at all, and of those only as far as a check may take.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bounds;
use super::fill;
use crate::image::content::{Universe, Unnamed, entries};
use crate::model::{ClusterId, ClusterSet, IdentityId, RuleId, TargetKind, Version};
use crate::plan::Plan;

/// The first release that fills policy maps in another way than is computed here.
const OTHERWISE: Version = Version { major: 1, minor: 20, patch: 0 };
/// Entries that one check computes at the most.
const MOST: usize = 4_000_000;
/// Entries of one map that are computed at the most: many times what any map holds.
const MOST_OF_ONE: usize = 1_000_000;

/// The policy map of an identity's pods in one cluster, at least nearly full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMap {
    /// Whose.
    pub identity: IdentityId,
    /// Where.
    pub cluster: ClusterId,
    /// Its entries; of a map far over every limit, at least so many.
    pub entries: usize,
    /// Rules and the entries that are theirs alone, the dearest first.
    pub costs: Vec<(RuleId, usize)>,
}

/// What came of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The maps that are nearly full or over, one for each identity: the fullest, in order of identity.
    pub full: Vec<PolicyMap>,
    /// Identities that could have such a map and were too many to count.
    pub left: BTreeSet<IdentityId>,
}

/// A map that could be nearly full.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    bound: usize,
    identity: IdentityId,
    cluster: ClusterId,
}

/// The fullest policy map of each of some identities, however full, in order of identity. Of those whose maps take long to fill, as `most`
/// entries have it, there is none.
#[must_use]
pub fn fullest_maps(plan: &Plan, identities: &BTreeSet<IdentityId>, most: usize) -> Vec<PolicyMap> {
    let mut candidates = candidates(plan, identities.iter().copied(), |_| true);
    let mut budget = most;
    candidates.retain(|candidate| {
        let fits = candidate.bound <= budget;
        budget = budget.saturating_sub(if fits { candidate.bound } else { 0 });
        fits
    });
    fullest(plan, candidates, |_| true)
}

/// The policy maps of the fleet that are nearly full or over.
#[must_use]
pub fn policy_maps(plan: &Plan) -> Counted {
    policy_maps_within(plan, MOST)
}

/// As [`policy_maps`], with another number of entries that may be computed.
pub(crate) fn policy_maps_within(plan: &Plan, most: usize) -> Counted {
    let limit = plan.model.fleet.policy_map as usize;
    let is_near = |entries: usize| fill(entries, limit).is_some();
    let candidates = candidates(plan, plan.model.identities.ids(), is_near);
    let mut counted = Counted::default();
    if candidates.is_empty() {
        return counted;
    }
    let mut budget = most;
    let (now, left): (Vec<Candidate>, Vec<Candidate>) = candidates.into_iter().partition(|candidate| {
        let work = candidate.bound.min(MOST_OF_ONE);
        let fits = work <= budget;
        // Whoever comes after somebody who is left is left as well: the fullest come first.
        budget = if fits { budget - work } else { 0 };
        fits
    });
    counted.full = fullest(plan, now, is_near);
    let found: BTreeSet<IdentityId> = counted.full.iter().map(|map| map.identity).collect();
    counted.left = left.iter().map(|candidate| candidate.identity).filter(|id| !found.contains(id)).collect();
    counted
}

/// The maps of some identities that could have as many entries as are looked for, those that could be fullest first.
fn candidates(
    plan: &Plan,
    identities: impl Iterator<Item = IdentityId>,
    is_wanted: impl Fn(usize) -> bool,
) -> Vec<Candidate> {
    let clusters: ClusterSet = plan.model.clusters.ids().filter(|cluster| is_counted(plan, *cluster)).collect();
    if clusters.is_empty() {
        return Vec::new();
    }
    let mut bounds = Bounds::new(plan);
    let mut candidates = Vec::new();
    for identity in identities.filter(|identity| is_wanted(bounds.of_identity(*identity))).collect::<Vec<_>>() {
        for cluster in (plan.model.identities[identity].clusters & clusters).iter() {
            let bound = bounds.of_identity_in(identity, cluster);
            if is_wanted(bound) {
                candidates.push(Candidate { bound, identity, cluster });
            }
        }
    }
    candidates.sort_by_key(|candidate| (Reverse(candidate.bound), candidate.identity, candidate.cluster));
    candidates
}

fn fullest(plan: &Plan, mut candidates: Vec<Candidate>, is_wanted: impl Fn(usize) -> bool) -> Vec<PolicyMap> {
    candidates.sort_by_key(|candidate| (candidate.cluster, candidate.identity));
    let everybody = Unnamed::new(plan);
    let mut fullest: BTreeMap<IdentityId, PolicyMap> = BTreeMap::new();
    for here in candidates.chunk_by(|a, b| a.cluster == b.cluster) {
        let Some(universe) = here.first().map(|candidate| everybody.universe(candidate.cluster)) else { continue };
        for candidate in here {
            let known = fullest.get(&candidate.identity).map_or(0, |map| map.entries);
            if candidate.bound <= known {
                continue;
            }
            let map = match candidate.bound.div_ceil(MOST_OF_ONE) {
                0 | 1 => policy_map(plan, &universe, candidate.identity),
                // Entries about one peer do not depend on the others, so that some of the peers give some of the entries.
                parts => policy_map(plan, &universe.part(parts), candidate.identity),
            };
            if map.entries > known && is_wanted(map.entries) {
                fullest.insert(candidate.identity, map);
            }
        }
    }
    fullest.into_values().collect()
}

fn policy_map(plan: &Plan, universe: &Universe, identity: IdentityId) -> PolicyMap {
    let entries = entries(plan, universe, identity);
    let mut costs: BTreeMap<RuleId, usize> = BTreeMap::new();
    for rule in entries.iter().filter_map(|entry| entry.rule) {
        *costs.entry(rule).or_default() += 1;
    }
    let mut costs: Vec<(RuleId, usize)> = costs.into_iter().collect();
    costs.sort_by_key(|(rule, cost)| (Reverse(*cost), *rule));
    PolicyMap { identity, cluster: universe.cluster, entries: entries.len(), costs }
}

/// Whether the cluster's release fills its maps as is computed.
fn is_counted(plan: &Plan, cluster: ClusterId) -> bool {
    let enforced = matches!(plan.enforcers[cluster], Some(TargetKind::AzureFleet | TargetKind::Cilium));
    enforced && plan.model.clusters[cluster].cilium.is_some_and(|version| version.value < OTHERWISE)
}
