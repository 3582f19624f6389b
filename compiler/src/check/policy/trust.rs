//! Trust in what is no single workload.

use fleetnet_lang::Diagnostic;

use crate::check::Scope;
use crate::codes::policy as codes;
use crate::model::{Direction, TargetKind, Verb};
use crate::plan::{Peer, Plan, Rule};

pub(super) fn check(plan: &Plan, scope: Scope<'_>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let is_looked_at = |rule: &&Rule| rule.direction == Direction::Ingress && scope.is_new(rule.source);
    for rule in plan.rules.rows().iter().filter(is_looked_at) {
        let said = plan.model.rules[rule.source].span;
        if found.last().is_none_or(|last| last.span != said) {
            let trust = || match rule.verb {
                Verb::Allow => coarse(plan, rule),
                Verb::Deny => None,
            };
            found.extend(apiserver(plan, rule).or_else(trust));
        }
    }
    found
}

fn coarse(plan: &Plan, rule: &Rule) -> Option<Diagnostic> {
    let everywhere = "those of every cluster of the mesh alike";
    let here = "whatever runs there";
    let (name, scope) = rule.peers.iter().find_map(|peer| match peer {
        Peer::Host => Some(("host", here)),
        Peer::RemoteNodes => Some(("remote-nodes", everywhere)),
        Peer::Gateways => Some(("gateways", everywhere)),
        Peer::Foreign { .. } => Some(("foreign", here)),
        Peer::Pods { .. }
        | Peer::ForeignPods { .. }
        | Peer::World
        | Peer::Cidr(_)
        | Peer::Dns(_)
        | Peer::KubeApiserver
        | Peer::ClusterDns
        | Peer::CloudMetadata => None,
    })?;
    Some(
        Diagnostic::new(
            codes::COARSE_TRUST,
            plan.model.rules[rule.source].span,
            format!("`{name}` is no workload: this trusts {scope}"),
        )
        .help("name identities where they are known; else keep the ports few and `waive FN0738` with the reason"),
    )
}

/// On a managed fleet the API server is tunnelled through a node: no allow and no deny of it matches what arrives.
fn apiserver(plan: &Plan, rule: &Rule) -> Option<Diagnostic> {
    if !rule.peers.contains(&Peer::KubeApiserver) {
        return None;
    }
    let managed = |set: &crate::model::PodSet| {
        set.clusters.iter().find(|cluster| plan.enforcers[*cluster] == Some(TargetKind::AzureFleet))
    };
    let cluster = rule.subjects.iter().find_map(managed)?;
    let name = &plan.model.clusters[cluster].name.value;
    Some(
        Diagnostic::new(
            codes::APISERVER_IS_NODE,
            plan.model.rules[rule.source].span,
            format!("the API server of `{name}` arrives as a node"),
        )
        .help("write `host, remote-nodes` instead"),
    )
}
