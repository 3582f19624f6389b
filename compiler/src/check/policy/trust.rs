//! Trust in what is no single workload, and ways out that are wider than meant.

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::{Direction, DnsAccess, IdentityId, PodSelection, Protocol, TargetKind, Transport, Verb};
use crate::plan::{Peer, Plan, Rule, RuleIndex};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (_, rule) in plan.rules.iter().filter(|(_, rule)| rule.verb == Verb::Allow) {
        let said = plan.model.rules[rule.source].span;
        if found.last().is_some_and(|last| last.span == said) {
            continue;
        }
        match rule.direction {
            Direction::Ingress => found.extend(apiserver(plan, rule).or_else(|| coarse(plan, rule))),
            Direction::Egress => found.extend(metadata(plan, rule)),
        }
    }
    found.extend(look_ups(plan));
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

/// On a managed fleet the API server is tunnelled through a node.
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

fn metadata(plan: &Plan, rule: &Rule) -> Option<Diagnostic> {
    if !rule.peers.contains(&Peer::World) {
        return None;
    }
    let speaks = |index: &RuleIndex| {
        let other = &plan.rules[*index];
        other.direction == Direction::Egress && other.peers.contains(&Peer::CloudMetadata)
    };
    let open = rule.subjects.iter().find(|set| !plan.rules_of[set.identity].iter().any(speaks))?;
    let who = plan.model.identity_name(open.identity);
    Some(
        Diagnostic::new(
            codes::METADATA_OPEN,
            plan.model.rules[rule.source].span,
            format!("this lets `{who}` reach the cloud's metadata, credentials included"),
        )
        .help("add `deny to cloud-metadata`, or `allow to cloud-metadata` if that is meant"),
    )
}

fn look_ups(plan: &Plan) -> Vec<Diagnostic> {
    if plan.model.fleet.dns == DnsAccess::BuiltIn {
        return Vec::new();
    }
    let closed = plan
        .model
        .identities
        .iter()
        .filter(|(id, identity)| identity.pods != PodSelection::Unlisted && !resolves(plan, *id));
    closed
        .map(|(id, identity)| {
            let who = plan.model.identity_name(id);
            Diagnostic::new(codes::NO_LOOK_UPS, identity.name.span, format!("`{who}` cannot look up names"))
                .help(format!("add `allow to cluster-dns on 53/udp, 53/tcp` to a policy for `{who}`"))
        })
        .collect()
}

fn resolves(plan: &Plan, identity: IdentityId) -> bool {
    let open = |cluster| plan.default_of(identity, cluster, Direction::Egress).value == Verb::Allow;
    let allowed = |cluster| {
        plan.rules_of[identity].iter().any(|index| {
            let rule = &plan.rules[*index];
            rule.verb == Verb::Allow
                && rule.direction == Direction::Egress
                && rule.peers.contains(&Peer::ClusterDns)
                && rule.is_about(identity, cluster)
                && rule.ports.contains(Protocol::Transport(Transport::Udp), 53)
        })
    };
    plan.model.identities[identity].clusters.iter().all(|cluster| open(cluster) || allowed(cluster))
}
