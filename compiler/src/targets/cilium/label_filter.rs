//! Which labels of pods Cilium makes identities of.
//!
//! The filter is the agent's own list (`pkg/labelsfilter/filter.go`, the same in 1.18 to 1.20), to which a chart adds keys. Every entry is
//! matched at the start of a key; an ignored key counts again only by a longer match of an entry that includes it.

/// Keys by which the engine itself tells pods apart: it writes them, whatever a pod says.
const ENGINE: [&str; 4] = [
    "io.kubernetes.pod.namespace",
    "io.cilium.k8s.namespace.labels",
    "io.cilium.k8s.policy.cluster",
    "io.cilium.k8s.policy.serviceaccount",
];
/// What is included beside the engine's own.
const INCLUDED: &str = "app.kubernetes.io";
/// What is ignored, each from the start of a key.
const IGNORED: [&str; 13] = [
    "io.kubernetes",
    "kubernetes.io",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/controller-uid",
    "k8s.io",
    "pod-template-generation",
    "pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "annotation",
    "etcd_node",
];
/// Ignored up to its last occurrence in a key.
const BETA: &str = "beta.kubernetes.io";

/// Who lists the keys that make identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The agent's defaults.
    Default,
    /// The defaults, and every key that the fleet uses.
    Listed,
}

/// What becomes of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is part of the pod's identity.
    Kept,
    /// It is left out, so that a selector of it matches nothing.
    Dropped,
    /// The engine writes it itself.
    Overwritten,
}

/// What becomes of a pod's label.
#[must_use]
pub fn fate(key: &str, filter: Filter) -> Fate {
    if ENGINE.iter().any(|own| key.starts_with(own)) {
        return Fate::Overwritten;
    }
    let ignored = IGNORED.iter().filter(|ignored| key.starts_with(**ignored)).map(|ignored| ignored.len());
    let ignored = ignored.chain(key.rfind(BETA).map(|start| start + BETA.len())).min();
    let by_default = if key.starts_with(INCLUDED) { INCLUDED.len() } else { 0 };
    let included = match filter {
        Filter::Default => by_default,
        Filter::Listed => key.len(),
    };
    match ignored {
        Some(ignored) if included <= ignored => Fate::Dropped,
        Some(_) | None => Fate::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, Filter, fate};

    #[test]
    fn labels_that_controllers_write_make_no_identity() {
        for (key, default, listed) in [
            ("app", Fate::Kept, Fate::Kept),
            ("app.kubernetes.io/name", Fate::Kept, Fate::Kept),
            ("example.com/team", Fate::Kept, Fate::Kept),
            ("topology.kubernetes.io/zone", Fate::Kept, Fate::Kept),
            ("kubernetes.io/name", Fate::Dropped, Fate::Kept),
            ("k8s.io/name", Fate::Dropped, Fate::Kept),
            ("pod-template-hash", Fate::Dropped, Fate::Dropped),
            ("statefulset.kubernetes.io/pod-name", Fate::Dropped, Fate::Dropped),
            ("node.beta.kubernetes.io/x", Fate::Dropped, Fate::Kept),
            ("annotations-of-mine", Fate::Dropped, Fate::Kept),
            ("io.cilium.k8s.policy.cluster", Fate::Overwritten, Fate::Overwritten),
            ("io.kubernetes.pod.namespace", Fate::Overwritten, Fate::Overwritten),
        ] {
            assert_eq!((fate(key, Filter::Default), fate(key, Filter::Listed)), (default, listed), "{key}");
        }
    }
}
