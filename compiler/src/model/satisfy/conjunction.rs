//! Conditions on several keys that must all hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::constraint::{Constraint, Key, unmentioned, written};
use crate::model::{Condition, Labels, Name, Selector};

/// Conditions that must all hold, one for each key. There is always a pod that satisfies them: what cannot be is no conjunction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conjunction {
    constraints: BTreeMap<Key, Constraint>,
}

impl Conjunction {
    /// The conjunction of a selector, or nothing where no labels satisfy it.
    #[must_use]
    pub fn of_selector(selector: &Selector) -> Option<Self> {
        selector.requirements.iter().try_fold(Self::default(), |all, requirement| {
            all.with(Key::Label(requirement.key.clone()), &Constraint::of(&requirement.condition)?)
        })
    }

    /// Pods with this service account, or all pods.
    #[must_use]
    pub fn of_account(account: Option<&Name>) -> Self {
        let constraint = account.map(|account| (Key::Account, Constraint::In(vec![account.clone()])));
        Self { constraints: constraint.into_iter().collect() }
    }

    /// What satisfies this and one more condition, or nothing where nothing does.
    #[must_use]
    pub fn with(mut self, key: Key, constraint: &Constraint) -> Option<Self> {
        let own = match self.constraints.get(&key) {
            Some(own) => own.and(constraint)?,
            None => constraint.clone(),
        };
        // Every pod has an account.
        let own = match (&key, own) {
            (Key::Account, Constraint::Missing) => return None,
            (Key::Account, Constraint::Present(values)) => Constraint::NotIn(values),
            (Key::Account | Key::Label(_), own) => own,
        };
        if own.conditions().is_empty() {
            self.constraints.remove(&key);
        } else {
            self.constraints.insert(key, own);
        }
        Some(self)
    }

    /// What satisfies both, or nothing where nothing does.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        other.constraints.iter().try_fold(self.clone(), |all, (key, constraint)| all.with(key.clone(), constraint))
    }

    /// Whether nothing satisfies both; cheaper than [`Self::and`].
    #[must_use]
    pub fn is_apart_from(&self, other: &Self) -> bool {
        let (few, many) = if self.constraints.len() <= other.constraints.len() { (self, other) } else { (other, self) };
        few.constraints.iter().any(|(key, left)| many.get(key).is_some_and(|right| left.and(right).is_none()))
    }

    /// Whether a pod satisfies it.
    #[must_use]
    pub fn matches(&self, pod: &Pod) -> bool {
        self.constraints.iter().all(|(key, constraint)| match key {
            Key::Label(name) => constraint.admits(pod.labels.get(name)),
            Key::Account => constraint.admits(Some(&pod.account)),
        })
    }

    /// The condition on a key, if there is one.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Constraint> {
        self.constraints.get(key)
    }

    /// The conditions, in order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Constraint)> {
        self.constraints.iter()
    }

    /// Conjunctions that are together satisfied by the same pods, but fewer: those that differ in what they ask of one key become one, as often
    /// as that goes.
    #[must_use]
    pub fn joined(conjunctions: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut left: BTreeSet<Self> = conjunctions.into_iter().collect();
        loop {
            let before = left.len();
            let keys: BTreeSet<Key> = left.iter().flat_map(|one| one.constraints.keys()).cloned().collect();
            for key in keys {
                left = joined_by(&key, left);
            }
            if left.len() == before {
                return left.into_iter().collect();
            }
        }
    }

    /// As conditions of Kubernetes, in order of their keys; a key may have two.
    #[must_use]
    pub fn conditions(&self) -> Vec<(Key, Condition)> {
        let each = |(key, constraint): (&Key, &Constraint)| {
            let key = key.clone();
            constraint.conditions().into_iter().map(move |condition| (key.clone(), condition)).collect::<Vec<_>>()
        };
        self.constraints.iter().flat_map(each).collect()
    }

    /// Whether every pod satisfies it.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.constraints.is_empty()
    }

    /// A pod that satisfies it, always the same one, with as few labels as it can have.
    #[must_use]
    pub fn example(&self) -> Pod {
        let account = match self.get(&Key::Account) {
            Some(Constraint::NotIn(values)) => unmentioned(values, Pod::DEFAULT_ACCOUNT),
            Some(constraint) => constraint.example(Pod::DEFAULT_ACCOUNT).unwrap_or_else(|| Pod::DEFAULT_ACCOUNT.into()),
            None => Pod::DEFAULT_ACCOUNT.into(),
        };
        let labels = self.constraints.iter().filter_map(|(key, constraint)| match key {
            Key::Label(name) => Some((name.clone(), constraint.example("other")?)),
            Key::Account => None,
        });
        Pod { labels: labels.collect(), account }
    }

    /// Leaves out the condition on a key.
    pub(super) fn without(&self, key: &Key) -> Self {
        let mut rest = self.clone();
        rest.constraints.remove(key);
        rest
    }
}

fn joined_by(key: &Key, conjunctions: BTreeSet<Conjunction>) -> BTreeSet<Conjunction> {
    let mut by_rest: BTreeMap<Conjunction, Vec<Constraint>> = BTreeMap::new();
    for mut rest in conjunctions {
        let mut constraint = rest.constraints.remove(key).unwrap_or(Constraint::ANYTHING);
        let known = by_rest.entry(rest).or_default();
        // There is one more at most: what is missing and some values can't be said in one.
        known.retain(|other| match constraint.or(other) {
            Some(both) => {
                constraint = both;
                false
            }
            None => true,
        });
        known.push(constraint);
    }
    let each = |(rest, constraints): (Conjunction, Vec<Constraint>)| {
        constraints.into_iter().map(move |constraint| {
            let mut joined = rest.clone();
            if constraint != Constraint::ANYTHING {
                joined.constraints.insert(key.clone(), constraint);
            }
            joined
        })
    };
    by_rest.into_iter().flat_map(each).collect()
}

impl fmt::Display for Conjunction {
    /// As a selector of the language, or `anything`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("anything");
        }
        let conditions = self.conditions();
        let parts: Vec<String> = conditions.iter().map(|(key, condition)| written(key, condition)).collect();
        f.write_str(&parts.join(" and "))
    }
}

/// What tells `other` apart from each of `all` if it is added to it, on labels alone. Nothing if that would take more than the negation of one
/// condition of each, as where every pod of `other` is one of theirs.
#[must_use]
pub fn difference(all: &[Conjunction], other: &Conjunction) -> Option<Conjunction> {
    // Those that leave the least choice come first.
    let mut in_order: Vec<&Conjunction> = all.iter().collect();
    in_order.sort_by_key(|one| one.constraints.len());
    in_order.into_iter().try_fold(Conjunction::default(), |added, one| {
        let so_far = other.and(&added)?;
        if so_far.is_apart_from(one) {
            return Some(added);
        }
        let implied = |key: &Key, condition: &Condition| match (so_far.get(key), Constraint::of(condition)) {
            (Some(own), Some(constraint)) => own.and(&constraint).as_ref() == Some(own),
            (None, _) | (_, None) => false,
        };
        let with_negated = |(key, condition): (Key, Condition)| {
            if key == Key::Account || implied(&key, &condition) {
                return None;
            }
            let added = added.clone().with(key, &Constraint::of(&negated(condition))?)?;
            other.and(&added).map(|_| added)
        };
        one.conditions().into_iter().find_map(with_negated)
    })
}

fn negated(condition: Condition) -> Condition {
    match condition {
        Condition::In(values) => Condition::NotIn(values),
        Condition::NotIn(values) => Condition::In(values),
        Condition::Exists => Condition::Missing,
        Condition::Missing => Condition::Exists,
    }
}

/// What selectors can see of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pod {
    /// Its labels.
    pub labels: Labels,
    /// Its service account.
    pub account: Name,
}

impl Pod {
    /// The service account of a pod that names none.
    pub const DEFAULT_ACCOUNT: &'static str = "default";
}

impl fmt::Display for Pod {
    /// Labels and account as words of a sentence: `app = web and account web`, or `no labels`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.labels.iter();
        let mut parts: Vec<String> =
            labels.map(|(key, value)| written(&Key::Label(key.clone()), &Condition::In(vec![value.clone()]))).collect();
        if parts.is_empty() {
            parts.push("no labels".to_owned());
        }
        if self.account.as_str() != Self::DEFAULT_ACCOUNT {
            parts.push(format!("account {}", self.account));
        }
        f.write_str(&parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::universe::{Universe, conjunction, conjunctions};
    use super::*;

    #[test]
    fn conjunctions_agree_with_every_pod_of_small_universes() {
        let mut universe = Universe::new(3);
        for _ in 0..5_000 {
            let (one, other) = (universe.some_conjunction(), universe.some_conjunction());
            let both = one.and(&other);
            assert_eq!(both.is_none(), one.is_apart_from(&other));
            for pod in universe.pods() {
                let expected = one.matches(pod) && other.matches(pod);
                assert_eq!(both.as_ref().is_some_and(|both| both.matches(pod)), expected, "{pod}: {one} / {other}");
            }
            if let Some(both) = both {
                assert!(both.matches(&both.example()), "{both}: {}", both.example());
            }
        }
    }

    #[test]
    fn joined_conjunctions_are_satisfied_by_the_same_pods_and_stay_so() {
        let mut universe = Universe::new(4);
        for count in (1..6).cycle().take(2_000) {
            let some: Vec<Conjunction> = (0..count).map(|_| universe.some_conjunction()).collect();
            let joined = Conjunction::joined(some.clone());
            assert!(joined.len() <= some.len());
            assert_eq!(Conjunction::joined(joined.clone()), joined);
            for pod in universe.pods() {
                let expected = some.iter().any(|one| one.matches(pod));
                assert_eq!(joined.iter().any(|one| one.matches(pod)), expected, "{pod}: {some:?} became {joined:?}");
            }
        }
    }

    #[test]
    fn what_is_listed_and_the_rest_of_it_are_one() {
        let all =
            ["app=cart", "app=web tier=front account=web", "app=web tier!=front", "app=web tier=front account!=web"];
        let joined = Conjunction::joined(conjunctions(&all));
        assert_eq!(joined.iter().map(ToString::to_string).collect::<Vec<_>>(), ["app in (cart, web)"]);
    }

    #[test]
    fn selectors_that_nothing_satisfies() {
        let unsatisfiable = [
            "app=web app=cart",
            "app=web app!=web",
            "has:app missing:app",
            "app=web missing:app",
            "account=a account=b",
        ];
        for selector in unsatisfiable {
            assert_eq!(conjunctions(&[selector]), [], "{selector}");
        }
    }

    #[test]
    fn a_difference_is_apart_from_all_and_leaves_some_pod() {
        let mut universe = Universe::new(5);
        let mut told = 0;
        for count in (1..4).cycle().take(5_000) {
            let all: Vec<Conjunction> = (0..count).map(|_| universe.some_conjunction()).collect();
            let other = universe.some_conjunction();
            let Some(added) = difference(&all, &other) else { continue };
            let left = other.and(&added).unwrap();
            assert!(all.iter().all(|one| left.is_apart_from(one)), "{other} and {added}: {all:?}");
            told += u32::from(!added.is_all());
        }
        assert!(told > 500, "{told}");
    }

    #[track_caller]
    fn check(one: &str, other: &str, expected: Option<&str>) {
        let all = conjunctions(&one.split(" | ").collect::<Vec<_>>());
        let added = difference(&all, &conjunction(other).unwrap());
        assert_eq!(added.map(|added| added.to_string()).as_deref(), expected);
    }

    #[test]
    fn differences() {
        check("app=web", "tier=front", Some("app != web"));
        check("app=web", "app=web tier=front", None);
        check("app=web tier=front", "app=web", Some("tier != front"));
        check("has:app", "tier=front", Some("not has app"));
        check("app!=web", "tier=front", Some("app = web"));
        check("account=web", "tier=front", None);
        check("has:app app!=web", "has:app", Some("app = web"));
        check("app=web | app=cart", "tier=front", Some("app not in (cart, web)"));
        check("app=web | tier=front", "ring=one", Some("app != web and tier != front"));
        check("app=web | app!=web tier=back", "tier=front", Some("app != web"));
        check("app=web | app!=web", "tier=front", None);
        check("app=web tier=front | app!=web", "has:tier", Some("app = web and tier != front"));
    }
}
