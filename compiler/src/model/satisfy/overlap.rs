//! Pods that two identities could both match.

use std::collections::{BTreeMap, BTreeSet};

use super::conjunction::{Conjunction, Pod};
use super::constraint::{Constraint, Key};
use crate::model::{ClusterSet, Name};

/// Some of the pods of one of the parties that must not overlap.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The party; its own candidates may overlap.
    pub party: usize,
    /// Where its pods run.
    pub clusters: ClusterSet,
    /// Which they are.
    pub pods: Conjunction,
}

/// Two parties that one pod could belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overlap {
    /// The candidates, the lower index first.
    pub candidates: (usize, usize),
    /// The pod.
    pub pod: Pod,
}

/// All overlaps of different parties that run in a common cluster, in order of the candidates.
///
/// Candidates that name different values of a key with `=` are never compared with each other, so that the usual namespace (every identity
/// has its own `app`) takes no quadratic time.
#[must_use]
pub fn overlaps(candidates: &[Candidate]) -> Vec<Overlap> {
    let mut search = Search { candidates, found: BTreeSet::new() };
    search.among((0..candidates.len()).collect());
    search.found.into_iter().collect()
}

/// Up to this many are compared with each other as they are.
const FEW: usize = 8;

struct Search<'a> {
    candidates: &'a [Candidate],
    found: BTreeSet<Overlap>,
}

impl Search<'_> {
    /// Overlaps among some of the candidates. Open groups are kept on a stack, each with the keys that it is already split by.
    fn among(&mut self, all: Vec<usize>) {
        let mut open = vec![(all, BTreeSet::new())];
        while let Some((group, split)) = open.pop() {
            let key = if group.len() > FEW { self.best_key(&group, &split) } else { None };
            let Some(key) = key else {
                self.pairwise(&group);
                continue;
            };
            let mut by_value: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
            let mut rest = Vec::new();
            for index in group {
                match self.candidates.get(index).and_then(|candidate| pinned(candidate, &key)) {
                    Some(value) => by_value.entry(value).or_default().push(index),
                    None => rest.push(index),
                }
            }
            for one in &rest {
                for other in by_value.values().flatten() {
                    self.compare(*one, *other);
                }
            }
            let mut split = split;
            split.insert(key);
            open.extend(by_value.into_values().map(|same| (same, split.clone())));
            open.push((rest, split));
        }
    }

    /// The key that most of the group name one value of; none if hardly any does.
    fn best_key(&self, group: &[usize], split: &BTreeSet<Key>) -> Option<Key> {
        let mut uses: BTreeMap<&Key, usize> = BTreeMap::new();
        for candidate in group.iter().filter_map(|index| self.candidates.get(*index)) {
            for (key, _) in candidate.pods.iter().filter(|(key, _)| pinned(candidate, key).is_some()) {
                *uses.entry(key).or_default() += 1;
            }
        }
        let (key, count) = uses.into_iter().rev().filter(|(key, _)| !split.contains(*key)).max_by_key(|(_, n)| *n)?;
        (count > 1).then(|| key.clone())
    }

    fn pairwise(&mut self, group: &[usize]) {
        for (place, one) in group.iter().enumerate() {
            for other in group.iter().skip(place + 1) {
                self.compare(*one, *other);
            }
        }
    }

    fn compare(&mut self, one: usize, other: usize) {
        let (first, second) = (one.min(other), one.max(other));
        let (Some(left), Some(right)) = (self.candidates.get(first), self.candidates.get(second)) else { return };
        if left.party == right.party
            || (left.clusters & right.clusters).is_empty()
            || left.pods.is_apart_from(&right.pods)
        {
            return;
        }
        if let Some(both) = left.pods.and(&right.pods) {
            self.found.insert(Overlap { candidates: (first, second), pod: both.example() });
        }
    }
}

/// The one value of the key that the candidate's pods have.
fn pinned<'a>(candidate: &'a Candidate, key: &Key) -> Option<&'a Name> {
    match candidate.pods.get(key)? {
        Constraint::In(values) => match values.as_slice() {
            [value] => Some(value),
            _ => None,
        },
        Constraint::Present(_) | Constraint::NotIn(_) | Constraint::Missing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::universe::{Universe, conjunctions};
    use super::*;
    use crate::model::ClusterId;

    #[test]
    fn agrees_with_comparing_all_pairs() {
        let mut universe = Universe::new(11);
        for _ in 0..300 {
            let candidate = |number: usize, universe: &mut Universe| Candidate {
                party: number / 2,
                clusters: universe.some_clusters(),
                pods: universe.some_conjunction(),
            };
            let candidates: Vec<Candidate> = (0..30).map(|number| candidate(number, &mut universe)).collect();
            let found = overlaps(&candidates);
            for (first, one) in candidates.iter().enumerate() {
                for (second, other) in candidates.iter().enumerate().skip(first + 1) {
                    let overlap = found.iter().find(|overlap| overlap.candidates == (first, second));
                    let shared = universe.pods().iter().any(|pod| one.pods.matches(pod) && other.pods.matches(pod));
                    let expected = one.party != other.party && !(one.clusters & other.clusters).is_empty() && shared;
                    assert_eq!(overlap.is_some(), expected, "{one:?} {other:?}");
                    if let Some(overlap) = overlap {
                        assert!(one.pods.matches(&overlap.pod) && other.pods.matches(&overlap.pod));
                    }
                }
            }
        }
    }

    #[test]
    fn ten_thousand_identities_of_a_namespace_are_not_compared_pairwise() {
        let selectors: Vec<String> = (0..10_000).map(|number| format!("team=a app=app{number}")).collect();
        let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
        let clusters = ClusterSet::of(ClusterId(0));
        let candidates: Vec<Candidate> = conjunctions(&selectors)
            .into_iter()
            .enumerate()
            .map(|(party, pods)| Candidate { party, clusters, pods })
            .collect();
        assert_eq!(overlaps(&candidates), []);
    }
}
