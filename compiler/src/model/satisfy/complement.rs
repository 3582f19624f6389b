//! The pods that no conjunction matches.

use std::collections::{BTreeMap, BTreeSet};

use super::conjunction::Conjunction;
use super::constraint::{Constraint, Key};
use crate::model::Name;

/// A complement that is too large to write down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooIrregular;

/// Most conjunctions of a complement: a policy object for unlisted pods selects them all.
const MAX_LEAVES: usize = 256;
/// Most conjunctions looked at on the way, over all branches.
const MAX_WORK: usize = 2_000_000;

/// The pods that match none of the conjunctions, as disjoint conjunctions that together match exactly these pods.
///
/// A decision tree: each node decides on the key that most of the remaining conjunctions speak of, one branch for each set of values that
/// leaves the same conjunctions. Where all share a key with `=`, the root alone has the answer: one `not in`.
///
/// # Errors
/// If there would be more than 256 of them, or finding them out takes too long.
pub fn complement(conjunctions: &[Conjunction]) -> Result<Vec<Conjunction>, TooIrregular> {
    let remaining: BTreeSet<Conjunction> = conjunctions.iter().cloned().collect();
    let mut tree = Tree { leaves: Vec::new(), work: 0 };
    let mut open = vec![Branch { path: Conjunction::default(), remaining }];
    // A stack of branches, not recursion: selectors may have any number of keys.
    while let Some(branch) = open.pop() {
        open.extend(tree.grow(branch)?);
    }
    tree.leaves.sort_unstable();
    Ok(tree.leaves)
}

/// Whether the complement is something that can be written down, told at a glance: all share the key that is decided on first, each with values
/// of its own, so that pods with any other value are left, and every value leads to one conjunction only. If not, [`complement`] tells.
pub fn leaves_something_plain(conjunctions: &[Conjunction]) -> bool {
    let Some(key) = most_common_key(conjunctions) else { return false };
    let mut taken = BTreeSet::new();
    let mut leaves = 1_usize;
    for conjunction in conjunctions {
        let Some(Constraint::In(values)) = conjunction.get(&key) else { return false };
        if !values.iter().all(|value| taken.insert(value)) {
            return false;
        }
        // Each further key can fail in two ways: by another value, and by being missing.
        let others = conjunction.iter().count().saturating_sub(1);
        leaves = leaves.saturating_add(others.saturating_mul(2));
    }
    leaves <= MAX_LEAVES
}

struct Tree {
    leaves: Vec<Conjunction>,
    work: usize,
}

/// Pods that match `path`; `remaining` is what is left to ask of them.
struct Branch {
    path: Conjunction,
    remaining: BTreeSet<Conjunction>,
}

impl Tree {
    fn grow(&mut self, branch: Branch) -> Result<Vec<Branch>, TooIrregular> {
        if branch.remaining.iter().any(Conjunction::is_all) {
            return Ok(Vec::new());
        }
        let Some(key) = most_common_key(&branch.remaining) else {
            if self.leaves.len() >= MAX_LEAVES {
                return Err(TooIrregular);
            }
            self.leaves.push(branch.path);
            return Ok(Vec::new());
        };
        let cells = Cells::of(&key, &branch.remaining);
        let mut next: BTreeMap<BTreeSet<Conjunction>, Vec<&Cell>> = BTreeMap::new();
        for cell in cells.pinned.keys() {
            let left = cells.survivors(&key, cell);
            self.work = self.work.saturating_add(left.len() + 1);
            if self.work > MAX_WORK {
                return Err(TooIrregular);
            }
            next.entry(left).or_default().push(cell);
        }
        let mut branches = Vec::with_capacity(next.len());
        for (remaining, same) in next {
            let paths = cells.constraints(&same);
            let paths = paths.iter().filter_map(|constraint| branch.path.clone().with(key.clone(), constraint));
            branches.extend(paths.map(|path| Branch { path, remaining: remaining.clone() }));
        }
        Ok(branches)
    }
}

fn most_common_key<'c>(remaining: impl IntoIterator<Item = &'c Conjunction>) -> Option<Key> {
    let mut uses: BTreeMap<&Key, usize> = BTreeMap::new();
    for (key, _) in remaining.into_iter().flat_map(Conjunction::iter) {
        *uses.entry(key).or_default() += 1;
    }
    // Of equally common keys the first by name.
    uses.into_iter().rev().max_by_key(|(_, count)| *count).map(|(key, _)| key.clone())
}

/// Values of one key that its conditions do not tell apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Missing,
    Value(Name),
    Others,
}

/// The cells of one key.
struct Cells<'a> {
    /// Each cell with the conjunctions that name its value with `=` or `in`.
    pinned: BTreeMap<Cell, Vec<&'a Conjunction>>,
    /// The other conjunctions. Kept apart, so that ten thousand conjunctions with a value each are not looked through for each value.
    unpinned: Vec<&'a Conjunction>,
}

impl<'a> Cells<'a> {
    fn of(key: &Key, remaining: &'a BTreeSet<Conjunction>) -> Self {
        let mut pinned = BTreeMap::from([(Cell::Others, Vec::new())]);
        if *key != Key::Account {
            pinned.insert(Cell::Missing, Vec::new());
        }
        let mut unpinned = Vec::new();
        for conjunction in remaining {
            let constraint = conjunction.get(key);
            let mentioned = constraint.map(Constraint::mentioned).unwrap_or_default();
            let names_value = matches!(constraint, Some(Constraint::In(_)));
            for value in mentioned {
                let named = pinned.entry(Cell::Value(value.clone())).or_default();
                named.extend(names_value.then_some(conjunction));
            }
            unpinned.extend((!names_value).then_some(conjunction));
        }
        Self { pinned, unpinned }
    }

    /// What is left to ask once the key's cell is known.
    fn survivors(&self, key: &Key, cell: &Cell) -> BTreeSet<Conjunction> {
        let admits = |constraint: &Constraint| match cell {
            Cell::Missing => constraint.admits(None),
            Cell::Value(value) => constraint.admits(Some(value)),
            Cell::Others => constraint.admits_others(),
        };
        let unpinned = self.unpinned.iter().filter(|conjunction| conjunction.get(key).is_none_or(admits));
        let pinned = self.pinned.get(cell).into_iter().flatten();
        unpinned.chain(pinned).map(|conjunction| conjunction.without(key)).collect()
    }

    /// Some of the cells as constraints: one, or two where a missing key goes with some values but not with all others.
    fn constraints(&self, same: &[&Cell]) -> Vec<Constraint> {
        let named = |cell: &Cell| match cell {
            Cell::Value(value) => Some(value.clone()),
            Cell::Missing | Cell::Others => None,
        };
        let values: Vec<Name> = same.iter().filter_map(|cell| named(cell)).collect();
        let excluded = || {
            let values: BTreeSet<&Name> = values.iter().collect();
            self.pinned.keys().filter_map(named).filter(|value| !values.contains(value)).collect()
        };
        match (same.contains(&&Cell::Missing), same.contains(&&Cell::Others)) {
            (true, true) => vec![Constraint::NotIn(excluded())],
            (false, true) => vec![Constraint::Present(excluded())],
            (true, false) if values.is_empty() => vec![Constraint::Missing],
            (true, false) => vec![Constraint::Missing, Constraint::In(values)],
            (false, false) => vec![Constraint::In(values)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::universe::{Universe, conjunctions};
    use super::*;

    #[track_caller]
    fn check(selectors: &[&str], expected: &[&str]) {
        let complement = complement(&conjunctions(selectors)).unwrap();
        let written: Vec<String> = complement.iter().map(ToString::to_string).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn a_shared_key_gives_one_not_in() {
        check(&["app=web", "app=cart"], &["app not in (cart, web)"]);
        check(
            &["app=web account=web", "app=cart account=cart"],
            &["app = cart and account != cart", "app = web and account != web", "app not in (cart, web)"],
        );
        check(&["account=web", "account=cart"], &["account not in (cart, web)"]);
    }

    #[test]
    fn the_rest_of_a_selector_is_asked_where_its_key_is_found() {
        check(
            &["app=web tier=front", "app=web tier=back", "app=cart"],
            &["app = web and tier not in (back, front)", "app not in (cart, web)"],
        );
        check(&["app=web has:tier"], &["app = web and not has tier", "app != web"]);
    }

    #[test]
    fn everything_listed_leaves_nothing() {
        check(&[""], &[]);
        check(&["has:app", "missing:app"], &[]);
        check(&["app=web", "app!=web"], &[]);
        check(&[], &["anything"]);
    }

    #[test]
    fn a_missing_key_is_no_value() {
        check(&["app!=web"], &["app = web"]);
        check(&["has:app app!=web"], &["app = web", "not has app"]);
    }

    #[test]
    fn ten_thousand_identities_with_a_shared_key_are_no_work() {
        let selectors: Vec<String> = (0..10_000).map(|number| format!("app=a{number} account=a{number}")).collect();
        let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
        assert_eq!(complement(&conjunctions(&selectors)), Err(TooIrregular));
        let selectors: Vec<String> = (0..10_000).map(|number| format!("app=a{number}")).collect();
        let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
        assert_eq!(complement(&conjunctions(&selectors)).map(|leaves| leaves.len()), Ok(1));
    }

    #[test]
    fn what_is_plain_is_never_irregular() {
        for count in [1, 100, 127, 128, 129, 200, 300] {
            let selectors: Vec<String> = (0..count).map(|number| format!("app=a{number} tier=a{number}")).collect();
            let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
            let conjunctions = conjunctions(&selectors);
            let plain = leaves_something_plain(&conjunctions);
            assert_eq!(plain, count < 128, "{count}");
            assert!(!plain || complement(&conjunctions).is_ok_and(|leaves| !leaves.is_empty()), "{count}");
        }
        // Two at one value are looked at closely.
        assert!(!leaves_something_plain(&conjunctions(&["app=web tier=a", "app=web tier=b"])));
    }

    #[test]
    fn the_limit_is_met_in_time() {
        let selectors: Vec<String> = (0..40).map(|number| format!("a{number}=x b{number}=x")).collect();
        let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
        assert_eq!(complement(&conjunctions(&selectors)), Err(TooIrregular));
    }

    #[test]
    fn agrees_with_every_pod_of_small_universes() {
        let mut universe = Universe::new(7);
        let mut plain = 0;
        for _ in 0..2_000 {
            let conjunctions = universe.some_conjunctions();
            let complement = complement(&conjunctions).unwrap();
            plain += usize::from(leaves_something_plain(&conjunctions));
            assert!(!leaves_something_plain(&conjunctions) || !complement.is_empty(), "{conjunctions:?}");
            for pod in universe.pods() {
                let listed = conjunctions.iter().any(|conjunction| conjunction.matches(pod));
                let unlisted = complement.iter().filter(|conjunction| conjunction.matches(pod)).count();
                assert_eq!(unlisted, usize::from(!listed), "{pod} with {conjunctions:?}: {complement:?}");
            }
        }
        assert!(plain > 20, "{plain} are plain");
    }
}
