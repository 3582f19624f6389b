//! Ways out that are wider than meant, and names that can't be looked up.

use std::collections::BTreeMap;
use std::net::IpAddr;

use fleetnet_lang::{Diagnostic, Span};

use super::cover::{Extent, Wanted, cover};
use super::index::{Index, closed, clusters_of, counting};
use super::witness;
use crate::check::{cluster_names, listed};
use crate::codes::policy as codes;
use crate::model::{
    CLOUD_METADATA, ClusterSet, Direction, DnsAccess, IdentityId, PodSelection, PodSet, Protocol, Transport, Verb,
};
use crate::plan::{Peer, Plan, Ports, Rule};

pub(super) fn check(index: &Index<'_>) -> Vec<Diagnostic> {
    let plan = index.plan;
    let mut found: Vec<Diagnostic> = Vec::new();
    let ways_out =
        plan.rules.rows().iter().filter(|rule| rule.verb == Verb::Allow && rule.direction == Direction::Egress);
    for rule in ways_out {
        let said = plan.model.rules[rule.source].span;
        if found.last().is_none_or(|last| last.span != said) {
            found.extend(metadata(plan, rule));
        }
    }
    found.extend(metadata_by_default(plan));
    found.extend(look_ups(plan));
    found
}

/// An allow of more than the metadata addresses that holds them too.
fn metadata(plan: &Plan, rule: &Rule) -> Option<Diagnostic> {
    let holds = |address: IpAddr| {
        rule.peers.iter().any(|peer| match peer {
            Peer::World => true,
            Peer::Cidr(block) => block.cidr.prefix_len() < block.cidr.max_prefix_len() && block.contains(address),
            Peer::Pods { .. }
            | Peer::Foreign { .. }
            | Peer::ForeignPods { .. }
            | Peer::Dns(_)
            | Peer::Host
            | Peer::RemoteNodes
            | Peer::KubeApiserver
            | Peer::Gateways
            | Peer::ClusterDns
            | Peer::CloudMetadata => false,
        })
    };
    let reached: Vec<Peer> = CLOUD_METADATA
        .into_iter()
        .zip(witness::cloud_metadata())
        .filter(|(address, _)| holds((*address).into()))
        .map(|(_, block)| Peer::Cidr(block))
        .collect();
    if reached.is_empty() {
        return None;
    }
    let open = counting(plan, rule).iter().find_map(|set| {
        let unsaid = PodSet { clusters: set.clusters.less(said(plan, set.identity)), ..*set };
        undenied(plan, unsaid, &reached, &rule.ports)
    })?;
    let span = plan.model.rules[rule.source].span;
    let message = format!("this lets {} reach the cloud's metadata, credentials included", place(plan, open));
    let help = "add `deny to cloud-metadata`, or `allow to cloud-metadata` with its ports if that is meant";
    Some(Diagnostic::new(codes::METADATA_OPEN, span, message).help(help))
}

/// Pods that a namespace or policy leaves open. Where the fleet does, nothing is closed yet, and this is no surprise in it.
fn metadata_by_default(plan: &Plan) -> Vec<Diagnostic> {
    if plan.model.fleet.default.of(Direction::Egress).is_none_or(|default| default.value == Verb::Allow) {
        return Vec::new();
    }
    let reached = witness::cloud_metadata().map(Peer::Cidr);
    let mut open: BTreeMap<Span, Vec<String>> = BTreeMap::new();
    for (identity, declared) in plan.model.identities.iter() {
        let clusters = declared.clusters.less(closed(plan, identity, Direction::Egress));
        if let Some(set) = undenied(plan, PodSet { identity, clusters }, &reached, &Ports::Any)
            && let Some(cluster) = set.clusters.iter().next()
        {
            let default = plan.default_of(identity, cluster, Direction::Egress);
            open.entry(default.span).or_default().push(plan.model.identity_name(identity));
        }
    }
    let finding = |(span, who): (Span, Vec<String>)| {
        let who = listed(who.iter(), "nobody");
        let message = format!("this default lets {who} reach the cloud's metadata, credentials included");
        Diagnostic::new(codes::METADATA_OPEN, span, message).help("add `deny to cloud-metadata` to a policy for them")
    };
    open.into_iter().map(finding).collect()
}

/// Where an allow says of an identity that the cloud's metadata is meant.
fn said(plan: &Plan, identity: IdentityId) -> ClusterSet {
    let rules = plan.rules_of[identity].iter().map(|index| &plan.rules[*index]);
    let says = |rule: &&Rule| {
        rule.verb == Verb::Allow && rule.direction == Direction::Egress && rule.peers.contains(&Peer::CloudMetadata)
    };
    rules.filter(says).fold(ClusterSet::EMPTY, |all, rule| all | clusters_of(&rule.subjects, identity))
}

/// The pods of an identity that no deny keeps from all of some addresses and ports.
fn undenied(plan: &Plan, set: PodSet, peers: &[Peer], ports: &Ports) -> Option<PodSet> {
    let mut rules = plan.rules_of[set.identity].clone();
    rules.retain(|index| plan.rules[*index].verb == Verb::Deny);
    let denied = |clusters: ClusterSet| {
        let subjects = [PodSet { clusters, ..set }];
        let wanted = Wanted { direction: Direction::Egress, subjects: &subjects, peers, ports, extent: Extent::Every };
        cover(plan, wanted, |_| rules.clone()).is_some()
    };
    if denied(set.clusters) {
        return None;
    }
    let clusters = set.clusters.iter().filter(|cluster| !denied(ClusterSet::of(*cluster))).collect();
    Some(PodSet { clusters, ..set })
}

/// Pods as part of a sentence, with their clusters where those are not all.
fn place(plan: &Plan, set: PodSet) -> String {
    let who = plan.model.identity_name(set.identity);
    if set.clusters == plan.model.identities[set.identity].clusters {
        format!("`{who}`")
    } else {
        format!("`{who}` in {}", cluster_names(&plan.model, set.clusters))
    }
}

fn look_ups(plan: &Plan) -> Vec<Diagnostic> {
    if plan.model.fleet.dns == DnsAccess::BuiltIn {
        return Vec::new();
    }
    let listed = plan.model.identities.iter().filter(|(_, identity)| identity.pods != PodSelection::Unlisted);
    listed
        .filter_map(|(id, identity)| {
            let (allowed, denied) = (speaking_of_dns(plan, id, Verb::Allow), speaking_of_dns(plan, id, Verb::Deny));
            let open = identity.clusters.less(closed(plan, id, Direction::Egress));
            let shut = identity.clusters.less((open | allowed.0).less(denied.0));
            if shut.is_empty() {
                return None;
            }
            let who = place(plan, PodSet { identity: id, clusters: shut });
            let found = Diagnostic::new(codes::NO_LOOK_UPS, identity.name.span, format!("{who} cannot look up names"));
            Some(match denied.1.filter(|_| !(denied.0 & shut).is_empty()) {
                Some(deny) => found.related(deny, "the deny").help("leave `cluster-dns` out of the deny on 53/udp"),
                None => found.help(format!("add `allow to cluster-dns on 53/udp, 53/tcp` to a policy for {who}")),
            })
        })
        .collect()
}

/// Where rules speak of an identity's look-ups, and the first of them.
fn speaking_of_dns(plan: &Plan, identity: IdentityId, verb: Verb) -> (ClusterSet, Option<Span>) {
    let rules = plan.rules_of[identity].iter().map(|index| &plan.rules[*index]);
    let speaking = rules.filter(|rule| {
        rule.verb == verb
            && rule.direction == Direction::Egress
            && rule.peers.contains(&Peer::ClusterDns)
            && rule.ports.contains(Protocol::Transport(Transport::Udp), 53)
    });
    speaking.fold((ClusterSet::EMPTY, None), |(clusters, first), rule| {
        (clusters | clusters_of(&rule.subjects, identity), first.or(Some(plan.model.rules[rule.source].span)))
    })
}
