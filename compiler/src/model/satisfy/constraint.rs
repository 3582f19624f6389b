//! Conditions on one key.

use std::fmt;

use crate::model::{Condition, Name};

/// What a condition on a pod is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A label.
    Label(Name),
    /// The service account, which every pod has.
    Account,
}

/// The values that a key may have: a set of texts, with or without the possibility that the key is missing.
///
/// These four forms are closed under intersection. Lists are sorted and without repetition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constraint {
    /// There, with one of these values; never empty.
    In(Vec<Name>),
    /// There, with none of these values.
    Present(Vec<Name>),
    /// Missing, or with none of these values.
    NotIn(Vec<Name>),
    /// Missing.
    Missing,
}

impl Constraint {
    /// What every key satisfies, whether it is there or not.
    pub const ANYTHING: Self = Self::NotIn(Vec::new());

    /// The constraint of one condition, or nothing where no value satisfies it.
    #[must_use]
    pub fn of(condition: &Condition) -> Option<Self> {
        match condition {
            Condition::In(values) if values.is_empty() => None,
            Condition::In(values) => Some(Self::In(sorted(values.clone()))),
            Condition::NotIn(values) => Some(Self::NotIn(sorted(values.clone()))),
            Condition::Exists => Some(Self::Present(Vec::new())),
            Condition::Missing => Some(Self::Missing),
        }
    }

    /// What satisfies both, or nothing where nothing does.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::In(values), rest) | (rest, Self::In(values)) => {
                let kept: Vec<Name> = values.iter().filter(|value| rest.admits(Some(value))).cloned().collect();
                if kept.is_empty() { None } else { Some(Self::In(kept)) }
            }
            (Self::Missing, rest) | (rest, Self::Missing) => rest.admits(None).then_some(Self::Missing),
            (Self::Present(left), Self::Present(right) | Self::NotIn(right))
            | (Self::NotIn(right), Self::Present(left)) => Some(Self::Present(union(left, right))),
            (Self::NotIn(left), Self::NotIn(right)) => Some(Self::NotIn(union(left, right))),
        }
    }

    /// What satisfies one of the two at least; nothing where no constraint says that.
    #[must_use]
    pub fn or(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::In(left), Self::In(right)) => Self::In(union(left, right)),
            (Self::In(values), Self::Present(not)) | (Self::Present(not), Self::In(values)) => {
                Self::Present(less(not, values))
            }
            (Self::In(values), Self::NotIn(not)) | (Self::NotIn(not), Self::In(values)) => {
                Self::NotIn(less(not, values))
            }
            (Self::In(_), Self::Missing) | (Self::Missing, Self::In(_)) => return None,
            (Self::Present(left), Self::Present(right)) => Self::Present(both(left, right)),
            (Self::Present(left), Self::NotIn(right))
            | (Self::NotIn(left), Self::Present(right) | Self::NotIn(right)) => Self::NotIn(both(left, right)),
            (Self::Present(not) | Self::NotIn(not), Self::Missing)
            | (Self::Missing, Self::Present(not) | Self::NotIn(not)) => Self::NotIn(not.clone()),
            (Self::Missing, Self::Missing) => Self::Missing,
        })
    }

    /// Whether a key with this value, or a missing one, satisfies it.
    #[must_use]
    pub fn admits(&self, value: Option<&Name>) -> bool {
        match (self, value) {
            (Self::In(values), Some(value)) => values.binary_search(value).is_ok(),
            (Self::Present(values) | Self::NotIn(values), Some(value)) => values.binary_search(value).is_err(),
            (Self::Missing, Some(_)) | (Self::In(_) | Self::Present(_), None) => false,
            (Self::NotIn(_) | Self::Missing, None) => true,
        }
    }

    /// Whether it admits some value that nothing mentions.
    #[must_use]
    pub fn admits_others(&self) -> bool {
        match self {
            Self::Present(_) | Self::NotIn(_) => true,
            Self::In(_) | Self::Missing => false,
        }
    }

    /// The values that it mentions.
    #[must_use]
    pub fn mentioned(&self) -> &[Name] {
        match self {
            Self::In(values) | Self::Present(values) | Self::NotIn(values) => values,
            Self::Missing => &[],
        }
    }

    /// As conditions of Kubernetes that must all hold.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        match self {
            Self::In(values) => vec![Condition::In(values.clone())],
            Self::Present(values) if values.is_empty() => vec![Condition::Exists],
            Self::Present(values) => vec![Condition::Exists, Condition::NotIn(values.clone())],
            Self::NotIn(values) if values.is_empty() => Vec::new(),
            Self::NotIn(values) => vec![Condition::NotIn(values.clone())],
            Self::Missing => vec![Condition::Missing],
        }
    }

    /// Some value that satisfies it, always the same one; nothing where the key may be missing. `usual` is taken where it can be.
    #[must_use]
    pub fn example(&self, usual: &str) -> Option<Name> {
        match self {
            Self::In(values) => values.first().cloned(),
            Self::Present(values) => Some(unmentioned(values, usual)),
            Self::NotIn(_) | Self::Missing => None,
        }
    }
}

fn less(values: &[Name], others: &[Name]) -> Vec<Name> {
    values.iter().filter(|value| others.binary_search(value).is_err()).cloned().collect()
}

fn both(left: &[Name], right: &[Name]) -> Vec<Name> {
    left.iter().filter(|value| right.binary_search(value).is_ok()).cloned().collect()
}

/// `usual`, or the first of its numbered variants that is not among `values`.
pub(super) fn unmentioned(values: &[Name], usual: &str) -> Name {
    let variants = (1..=values.len()).map(|number| Name::from(format!("{usual}-{number}")));
    let mut names = std::iter::once(Name::from(usual)).chain(variants);
    names.find(|name| values.binary_search(name).is_err()).unwrap_or_else(|| usual.into())
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(name) => word(name).fmt(f),
            Self::Account => f.write_str("account"),
        }
    }
}

/// A condition as it is written in the language.
pub(super) fn written(key: &Key, condition: &Condition) -> String {
    let list = |values: &[Name]| values.iter().map(word).collect::<Vec<_>>().join(", ");
    match condition {
        Condition::In(values) if values.len() == 1 => format!("{key} = {}", list(values)),
        Condition::In(values) => format!("{key} in ({})", list(values)),
        Condition::NotIn(values) if values.len() == 1 => format!("{key} != {}", list(values)),
        Condition::NotIn(values) => format!("{key} not in ({})", list(values)),
        Condition::Exists => format!("has {key}"),
        Condition::Missing => format!("not has {key}"),
    }
}

/// A key or value as it is written: what isn't a word is quoted.
fn word(name: &Name) -> String {
    let text = name.as_str();
    let is_word = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._/".contains(letter));
    if is_word && !text.is_empty() { text.to_owned() } else { format!("{text:?}") }
}

fn sorted(mut values: Vec<Name>) -> Vec<Name> {
    values.sort_unstable();
    values.dedup();
    values
}

fn union(left: &[Name], right: &[Name]) -> Vec<Name> {
    sorted(left.iter().chain(right).cloned().collect())
}
