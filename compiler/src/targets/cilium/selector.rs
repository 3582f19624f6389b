//! Selectors of pods, with every key that could be guessed written out.

use super::crd::{Expression, LabelSelector, Operator};
use crate::model::satisfy::{Conjunction, Key};
use crate::model::{Cidr, Condition};

/// The label with a pod's namespace.
const NAMESPACE: &str = "k8s:io.kubernetes.pod.namespace";
/// The label with the data path's name of a pod's cluster.
const CLUSTER: &str = "k8s:io.cilium.k8s.policy.cluster";
/// The label with a pod's service account.
const ACCOUNT: &str = "k8s:io.cilium.k8s.policy.serviceaccount";

impl LabelSelector {
    /// Pods that satisfy conditions, in whatever namespace and cluster.
    #[must_use]
    pub fn of(conditions: &Conjunction) -> Self {
        conditions.conditions().iter().fold(Self::default(), |selector, (key, condition)| selector.with(key, condition))
    }

    /// Adds a condition on a label or the account.
    #[must_use]
    pub fn with(mut self, key: &Key, condition: &Condition) -> Self {
        let key = match key {
            // The source is written out: without it a label named like one of the engine's own sources would be read as that.
            Key::Label(name) => format!("k8s:{name}"),
            Key::Account => ACCOUNT.to_owned(),
        };
        let texts = |values: &[crate::model::Name]| values.iter().map(ToString::to_string).collect();
        match condition {
            Condition::In(values) => self.one_of(&key, texts(values)),
            Condition::NotIn(values) => self.expression(&key, Operator::NotIn, texts(values)),
            Condition::Exists => self.expression(&key, Operator::Exists, Vec::new()),
            Condition::Missing => self.expression(&key, Operator::DoesNotExist, Vec::new()),
        }
        self
    }

    /// Only pods of these namespaces.
    #[must_use]
    pub fn in_namespaces(mut self, names: Vec<String>) -> Self {
        self.one_of(NAMESPACE, names);
        self
    }

    /// Only pods of namespaces that are none of these. Nodes and addresses have no namespace: that there is one keeps them out.
    #[must_use]
    pub fn outside_namespaces(mut self, mut names: Vec<String>) -> Self {
        names.sort_unstable();
        self.expression(NAMESPACE, Operator::Exists, Vec::new());
        if !names.is_empty() {
            self.expression(NAMESPACE, Operator::NotIn, names);
        }
        self
    }

    /// Only pods of these clusters, by the data path's names.
    #[must_use]
    pub fn in_clusters(mut self, names: Vec<String>) -> Self {
        self.one_of(CLUSTER, names);
        self
    }

    /// Peers with a label of the data path's own.
    #[must_use]
    pub fn reserved(label: &str) -> Self {
        let mut selector = Self::default();
        selector.expression(&format!("reserved:{label}"), Operator::Exists, Vec::new());
        selector
    }

    /// Only addresses outside these prefixes. All addresses of a family have no label of their own, and can't be left out.
    #[must_use]
    pub fn outside(mut self, prefixes: &[Cidr]) -> Self {
        for prefix in prefixes.iter().filter(|prefix| prefix.prefix_len() > 0) {
            // The label writes the colons of an address as dashes, and none of them at an end.
            let address = prefix.network().to_string().replace(':', "-");
            let first = if address.starts_with('-') { "0" } else { "" };
            let last = if address.ends_with('-') { "0" } else { "" };
            let key = format!("cidr:{first}{address}{last}/{}", prefix.prefix_len());
            self.expression(&key, Operator::DoesNotExist, Vec::new());
        }
        self
    }

    fn one_of(&mut self, key: &str, mut values: Vec<String>) {
        values.sort_unstable();
        if let [value] = values.as_slice() {
            self.match_labels.insert(key.to_owned(), value.clone());
        } else {
            self.expression(key, Operator::In, values);
        }
    }

    fn expression(&mut self, key: &str, operator: Operator, values: Vec<String>) {
        self.match_expressions.push(Expression { key: key.to_owned(), operator, values });
        self.match_expressions.sort_unstable();
    }
}
