//! Pods that rules speak of and that the fleet does not govern: what stands for them in images until an inventory lists them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::satisfy::Conjunction;
use crate::model::{Condition, ExternalId, ForeignPods, Labels, Model, Name};

/// One representative of pods that no declaration lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// What the lock calls it.
    pub name: Name,
    /// What it stands for.
    pub kind: PlaceholderKind,
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceholderKind {
    /// The cluster's DNS pods.
    ClusterDns,
    /// A pod that the fleet does not govern.
    Foreign {
        /// Its namespace.
        namespace: Name,
        /// Its labels.
        labels: Labels,
    },
}

/// The placeholders of every cluster of a model: the DNS pods, a pod of a namespace that nothing mentions, and one pod for each external's
/// `pods`.
#[must_use]
pub fn placeholders(model: &Model) -> Vec<Placeholder> {
    let mut all = vec![
        Placeholder { name: "cluster-dns".into(), kind: PlaceholderKind::ClusterDns },
        Placeholder {
            name: "foreign".into(),
            kind: PlaceholderKind::Foreign { namespace: unmentioned(model), labels: Labels::new() },
        },
    ];
    let mentioned: BTreeSet<&ForeignPods> = mentioned(model).collect();
    all.extend(mentioned.into_iter().filter_map(|pods| {
        let example = Conjunction::of_selector(&pods.selector)?.example();
        let kind = PlaceholderKind::Foreign { namespace: pods.namespace.clone(), labels: example.labels };
        Some(Placeholder { name: name(pods), kind })
    }));
    all
}

fn mentioned(model: &Model) -> impl Iterator<Item = &ForeignPods> {
    let ids: Vec<ExternalId> = model.externals.ids().collect();
    ids.into_iter().flat_map(|id| model.externals[id].pods.iter().map(|pods| &pods.value))
}

/// A namespace that is neither declared nor spoken of.
fn unmentioned(model: &Model) -> Name {
    let taken = |name: &str| {
        model.namespaces.rows().iter().any(|namespace| namespace.name.value.as_str() == name)
            || mentioned(model).any(|pods| pods.namespace.as_str() == name)
    };
    let mut name = "elsewhere".to_owned();
    while taken(&name) {
        name.push_str("-x");
    }
    name.into()
}

/// `foreign NAMESPACE SELECTOR`, the requirements as they are written in the language.
fn name(pods: &ForeignPods) -> Name {
    let mut text = format!("foreign {}", pods.namespace);
    for requirement in &pods.selector.requirements {
        let key = &requirement.key;
        let list = |values: &[Name]| values.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let written = match &requirement.condition {
            Condition::In(values) => write!(text, " {key} in ({})", list(values)),
            Condition::NotIn(values) => write!(text, " {key} not in ({})", list(values)),
            Condition::Exists => write!(text, " has {key}"),
            Condition::Missing => write!(text, " not has {key}"),
        };
        // Writing into a string cannot fail.
        written.unwrap_or_default();
    }
    text.into()
}
