//! CIDRs over addresses that are not what they seem.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::policy as codes;
use crate::model::{Cidr, CidrBlock, ClusterId, ClusterSet, Direction, PolicyId};
use crate::plan::{Peer, Plan, Rule};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<(PolicyId, Direction), Vec<(CidrBlock, Span)>> = BTreeMap::new();
    let mut said: Vec<Span> = Vec::new();
    let mut families: BTreeSet<Span> = BTreeSet::new();
    for (_, rule) in plan.rules.iter() {
        let written = &plan.model.rules[rule.source];
        for block in blocks(rule) {
            if !families.contains(&written.span)
                && let Some(diagnostic) = foreign_family(plan, rule, block)
            {
                families.insert(written.span);
                found.push(diagnostic);
            }
            if said.last() != Some(&written.span)
                && let Some(diagnostic) = own_addresses(plan, rule, block)
            {
                said.push(written.span);
                found.push(diagnostic);
            }
            let known = seen.entry((written.policy, rule.direction)).or_default();
            if known.iter().any(|(other, span)| other == block && *span == written.span) {
                continue;
            }
            found.extend(known.iter().find_map(|(other, span)| nested(block, written.span, other, *span)));
            known.push((block.clone(), written.span));
        }
    }
    found
}

/// A CIDR of IPv6 is nothing to a cluster whose pods have IPv4 alone, and where they are not said it cannot be told.
fn foreign_family(plan: &Plan, rule: &Rule, block: &CidrBlock) -> Option<Diagnostic> {
    let clusters = rule.subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
    let without = clusters.iter().find(|id| !plan.model.clusters[*id].families().have(&block.cidr))?;
    let (cluster, span) = (&plan.model.clusters[without], plan.model.rules[rule.source].span);
    let (cidr, name) = (block.cidr, &cluster.name.value);
    Some(if cluster.pods.is_empty() {
        Diagnostic::new(
            codes::UNKNOWN_FAMILY,
            span,
            format!("it is not said whether pods of `{name}` have addresses like `{cidr}`"),
        )
        .related(cluster.name.span, "no `pods` yet")
        .help("write the `pods` CIDRs of the cluster, one for each family that it has")
    } else {
        Diagnostic::new(
            codes::FOREIGN_FAMILY,
            span,
            format!("no pod of `{name}` has an address of the family of `{cidr}`"),
        )
        .related(cluster.name.span, "its `pods` are of the other family")
        .help("nothing is emitted for it there; leave it out, or name the clusters that the rule is for")
    })
}

fn blocks(rule: &Rule) -> impl Iterator<Item = &CidrBlock> {
    rule.peers.iter().filter_map(|peer| match peer {
        Peer::Cidr(block) => Some(block),
        _ => None,
    })
}

/// A CIDR matches no pod or node that is known, and does match those that aren't.
fn own_addresses(plan: &Plan, rule: &Rule, block: &CidrBlock) -> Option<Diagnostic> {
    let subjects = rule.subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for (id, cluster) in plan.model.clusters.iter() {
        let own = cluster.pods.iter().chain(&cluster.nodes);
        if !own.clone().any(|range| meets(block, range.value)) {
            continue;
        }
        let name = format!("`{}`", cluster.name.value);
        if is_known(plan, id, subjects) { known.push(name) } else { unknown.push(name) }
    }
    if known.is_empty() && unknown.is_empty() {
        return None;
    }
    let written = &plan.model.rules[rule.source];
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Some(
        Diagnostic::new(codes::OWN_ADDRESSES, written.span, format!("`{}` holds pods or nodes of the fleet", block.cidr))
            .help(format!(
                "known here, so never matched: {}; not known, so matched: {}. Name identities, or leave these addresses out with `except`",
                list(&known),
                list(&unknown)
            )),
    )
}

fn meets(block: &CidrBlock, range: Cidr) -> bool {
    let overlap = block.cidr.contains(&range) || range.contains(&block.cidr);
    overlap && !block.except.iter().any(|except| except.contains(&range))
}

/// Whether every cluster of the subjects knows every pod of a cluster.
fn is_known(plan: &Plan, cluster: ClusterId, subjects: ClusterSet) -> bool {
    let mut namespaces = plan.model.namespaces.iter().filter(|(_, namespace)| namespace.clusters.contains(cluster));
    namespaces.all(|(id, _)| subjects.is_within(plan.observers(id, cluster)))
}

fn nested(one: &CidrBlock, one_span: Span, other: &CidrBlock, other_span: Span) -> Option<Diagnostic> {
    let (inner, outer) = if other.cidr.contains(&one.cidr) && one.cidr != other.cidr {
        (one, other)
    } else if one.cidr.contains(&other.cidr) && one.cidr != other.cidr {
        (other, one)
    } else {
        return None;
    };
    let mut found = Diagnostic::new(
        codes::NESTED_CIDRS,
        one_span,
        format!("`{}` lies inside `{}`: each port of the wider one takes an entry for both", inner.cidr, outer.cidr),
    )
    .help("leave the narrower one out if the wider one is meant, or make them disjoint");
    if one_span != other_span {
        found = found.related(other_span, "the other CIDR");
    }
    Some(found)
}
