//! Labels and selectors over them, with Kubernetes' meaning.

use std::collections::BTreeMap;

use super::Name;

/// Labels of an object; values are always text.
pub type Labels = BTreeMap<Name, Name>;

/// Requirements that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// In the order of the source.
    pub requirements: Vec<Requirement>,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: Name,
    /// What must hold of it.
    pub condition: Condition,
}

/// A condition on a label. Lists are sorted and without repetition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The label is there with one of these values (`=`, `in`).
    In(Vec<Name>),
    /// The label is missing, or has none of these values (`!=`, `not in`).
    NotIn(Vec<Name>),
    /// The label is there (`has`).
    Exists,
    /// The label is missing (`not has`).
    Missing,
}

impl Selector {
    /// Whether an object with these labels is selected.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// Whether the condition holds of these labels.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match &self.condition {
            Condition::In(values) => value.is_some_and(|value| values.contains(value)),
            Condition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Condition::Exists => value.is_some(),
            Condition::Missing => value.is_none(),
        }
    }
}
