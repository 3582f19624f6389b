//! Policy maps, counted as the engine fills them.
//!
//! Filling maps takes long. It is only done where rules could come near the limit at all, and of those only as far as a check may take.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::abi::Abi;

use super::bounds::Bounds;
use super::{Fill, People, fill, fill_of};
use crate::image::content::{Certainty, Engine, PolicyMap, Universe, Unnamed, engine, first_like, with_known_engine};
use crate::inventory::Inventory;
use crate::model::{ClusterId, ClusterSet, IdentityId, Table};
use crate::plan::{Peer, Plan, Rule};

/// Entries that one check computes at the most.
const MOST: usize = 4_000_000;
/// Entries of one map that are computed at the most: many times what any map holds.
const MOST_OF_ONE: usize = 1_000_000;

/// What came of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The maps that are nearly full or over, one for each identity: the fullest, in order of identity.
    pub full: Vec<PolicyMap>,
    /// Identities that could have such a map and were too many to count.
    pub left: BTreeSet<IdentityId>,
    /// Clusters where a map is nearly full or over on one of the releases that are known, and nobody can say how full it is: the release is not said
    /// and these differ, or it is none of them.
    pub unsure: ClusterSet,
}

/// A map that could be nearly full.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    bound: usize,
    /// Entries that counting it computes at the most, on every release that the cluster's may be.
    work: usize,
    identity: IdentityId,
    cluster: ClusterId,
}

/// The fullest policy map of each of some identities, however full, in order of identity. Of those whose maps take long to fill, as `most`
/// entries have it, there is none.
#[must_use]
pub fn fullest_maps(plan: &Plan, identities: &BTreeSet<IdentityId>, most: usize) -> Vec<PolicyMap> {
    let inventory = Inventory::default();
    let people = &People::of(plan, &inventory);
    let mut candidates = candidates(plan, people, identities.iter().copied(), |_| true);
    let mut budget = most;
    candidates.retain(|candidate| {
        let fits = candidate.work <= budget;
        budget = budget.saturating_sub(if fits { candidate.work } else { 0 });
        fits
    });
    fullest(plan, people, candidates, |_| true).0
}

/// The policy maps of the fleet that are nearly full or over.
#[must_use]
pub fn policy_maps(plan: &Plan, people: &People<'_>) -> Counted {
    policy_maps_within(plan, people, MOST)
}

/// As [`policy_maps`], with another number of entries that may be computed.
pub(crate) fn policy_maps_within(plan: &Plan, people: &People<'_>, most: usize) -> Counted {
    let limit = plan.model.fleet.policy_map as usize;
    let is_near = |entries: usize| fill(entries, limit).is_some();
    let candidates = candidates(plan, people, plan.model.identities.ids(), is_near);
    let mut counted = Counted::default();
    if candidates.is_empty() {
        return counted;
    }
    let mut budget = most;
    let (now, left): (Vec<Candidate>, Vec<Candidate>) = candidates.into_iter().partition(|candidate| {
        let fits = candidate.work <= budget;
        // Whoever comes after somebody who is left is left as well: the fullest come first.
        budget = if fits { budget - candidate.work } else { 0 };
        fits
    });
    (counted.full, counted.unsure) = fullest(plan, people, now, is_near);
    let found: BTreeSet<IdentityId> = counted.full.iter().map(|map| map.identity).collect();
    counted.left = left.iter().map(|candidate| candidate.identity).filter(|id| !found.contains(id)).collect();
    counted
}

/// The maps of some identities that could have as many entries as are looked for, those that could be fullest first.
fn candidates(
    plan: &Plan,
    people: &People<'_>,
    identities: impl Iterator<Item = IdentityId>,
    is_wanted: impl Fn(usize) -> bool,
) -> Vec<Candidate> {
    let clusters = with_known_engine(plan);
    if clusters.is_empty() {
        return Vec::new();
    }
    let mut bounds = Bounds::new(plan, &people.population);
    let ways: Table<ClusterId, usize> =
        plan.model.clusters.ids().map(|cluster| releases(engine(plan, cluster)).len()).collect::<Vec<_>>().into();
    let mut candidates = Vec::new();
    for identity in identities.filter(|identity| is_wanted(bounds.of_identity(*identity))).collect::<Vec<_>>() {
        for cluster in (plan.model.identities[identity].clusters & clusters).iter() {
            let bound = bounds.of_identity_in(identity, cluster);
            if is_wanted(bound) {
                let work = bound.min(MOST_OF_ONE).saturating_mul(ways[cluster]);
                candidates.push(Candidate { bound, work, identity, cluster });
            }
        }
    }
    candidates.sort_by_key(|candidate| (Reverse(candidate.bound), candidate.identity, candidate.cluster));
    candidates
}

/// The fullest map of each identity, and the clusters of unknown release where a map would be such on some release.
fn fullest(
    plan: &Plan,
    people: &People<'_>,
    mut candidates: Vec<Candidate>,
    is_wanted: impl Fn(usize) -> bool,
) -> (Vec<PolicyMap>, ClusterSet) {
    candidates.sort_by_key(|candidate| (candidate.cluster, candidate.identity));
    let everybody = Unnamed::new(plan, &people.population);
    let mut fullest: BTreeMap<IdentityId, PolicyMap> = BTreeMap::new();
    let mut unsure = ClusterSet::EMPTY;
    for here in candidates.chunk_by(|a, b| a.cluster == b.cluster) {
        let Some(cluster) = here.first().map(|candidate| candidate.cluster) else { continue };
        let universe = everybody.universe(cluster);
        let filled_by = engine(plan, cluster);
        let releases = releases(filled_by);
        for candidate in here {
            let known = fullest.get(&candidate.identity);
            let is_asked = releases.len() > 1 && !unsure.contains(cluster);
            if !is_asked && known.is_some_and(|known| says_more(plan, known, candidate.bound)) {
                continue;
            }
            let maps = maps_by(plan, &universe, candidate, &releases);
            if maps.iter().any(|map| is_wanted(map.entries)) && is_unsure(filled_by, &maps) {
                unsure.insert(cluster);
            }
            let Some(mut map) = maps.into_iter().min_by_key(|map| map.entries) else { continue };
            map.certainty = certainty(plan, people.inventory, filled_by, candidate);
            if is_wanted(map.entries) && known.is_none_or(|known| rank(plan, &map) > rank(plan, known)) {
                fullest.insert(candidate.identity, map);
            }
        }
    }
    (fullest.into_values().collect(), unsure)
}

/// The releases that a cluster's may be; one of those that fill their maps alike.
fn releases(engine: Engine) -> Vec<Abi> {
    let unlike: BTreeSet<Abi> = engine.releases().into_iter().map(first_like).collect();
    unlike.into_iter().collect()
}

/// Whether the count of a map depends on what the cluster's release is.
fn is_unsure(engine: Engine, by_release: &[PolicyMap]) -> bool {
    let counts = || by_release.iter().map(|map| map.entries);
    match engine {
        Engine::Known(..) | Engine::Other => false,
        Engine::Unsaid => counts().min() != counts().max(),
        Engine::Unknown(_) => true,
    }
}

/// What is said first of an identity's maps: one that is surely over, then one with more entries.
fn rank(plan: &Plan, map: &PolicyMap) -> (bool, usize) {
    (fill_of(plan, map) == Some(Fill::Over), map.entries)
}

/// Whether no map of at most so many entries is said before this one.
fn says_more(plan: &Plan, map: &PolicyMap, bound: usize) -> bool {
    let may_be_over = fill(bound, plan.model.fleet.policy_map as usize) == Some(Fill::Over);
    rank(plan, map) >= (may_be_over, bound)
}

/// How well the count of a map is known that is filled as the release does, of those which it may be, that puts the least into it.
fn certainty(plan: &Plan, inventory: &Inventory, engine: Engine, candidate: &Candidate) -> Certainty {
    match engine {
        Engine::Known(..) if is_exact(plan, inventory, candidate) => Certainty::Exact,
        Engine::Known(..) | Engine::Unsaid | Engine::Other => Certainty::AtLeast,
        Engine::Unknown(_) => Certainty::Estimated,
    }
}

/// Whether all is known of who and what is in a map: addresses of names are learned at run time.
fn is_exact(plan: &Plan, inventory: &Inventory, candidate: &Candidate) -> bool {
    let mut around = plan.model.around(candidate.cluster).iter();
    let about = plan.rules_of[candidate.identity].iter().map(|index| &plan.rules[*index]);
    let mut here = about.filter(|rule| rule.is_about(candidate.identity, candidate.cluster));
    let has_names = |rule: &Rule| rule.peers.iter().any(|peer| matches!(peer, Peer::Dns(_)));
    candidate.bound <= MOST_OF_ONE && around.all(|cluster| inventory.of(cluster).is_some()) && !here.any(has_names)
}

/// A map as each of some releases fills it.
fn maps_by(plan: &Plan, universe: &Universe, candidate: &Candidate, releases: &[Abi]) -> Vec<PolicyMap> {
    // Entries about one peer do not depend on the others, so that some of the peers give some of the entries.
    let part = match candidate.bound.div_ceil(MOST_OF_ONE) {
        0 | 1 => None,
        parts => Some(universe.part(parts)),
    };
    let universe = part.as_ref().unwrap_or(universe);
    releases.iter().map(|release| PolicyMap::of(plan, universe, candidate.identity, *release)).collect()
}
