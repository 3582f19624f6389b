//! Externals over the pods that `cluster-dns` stands for.
//!
//! Those are a peer of their own, whatever else their labels are, so that look-ups can be told from the rest of their namespace.

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::satisfy::Conjunction;
use crate::model::{
    CLUSTER_DNS_LABEL, CLUSTER_DNS_NAMESPACE, Condition, External, ForeignPods, Model, Requirement, Selector, Spanned,
};

pub(super) fn check(model: &Model) -> Vec<Diagnostic> {
    let (key, value) = CLUSTER_DNS_LABEL;
    let requirement = Requirement { key: key.into(), condition: Condition::In(vec![value.into()]) };
    let Some(dns) = Conjunction::of_selector(&Selector { requirements: vec![requirement] }) else { return Vec::new() };
    let can_be = |pods: &ForeignPods| {
        let selected = Conjunction::of_selector(&pods.selector);
        pods.namespace.as_str() == CLUSTER_DNS_NAMESPACE
            && selected.is_some_and(|selected| selected.and(&dns).is_some())
    };
    let each = |external: &External| {
        external.pods.iter().filter(|pods| can_be(&pods.value)).map(diagnostic).collect::<Vec<_>>()
    };
    model.externals.rows().iter().flat_map(each).collect()
}

fn diagnostic(pods: &Spanned<ForeignPods>) -> Diagnostic {
    let (key, value) = CLUSTER_DNS_LABEL;
    let and = if pods.value.selector.requirements.is_empty() { "where" } else { "and" };
    Diagnostic::new(codes::DNS_PODS, pods.span, "these pods can be those of `cluster-dns`, which is a peer of its own")
        .help(format!("add `{and} {key} != {value}`, and name `cluster-dns` where it is meant"))
}
