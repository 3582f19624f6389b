//! CIDRs of a family that pods don't have.

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::policy as codes;
use crate::model::{CidrBlock, ClusterSet};
use crate::plan::{Peer, Plan, Rule};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut said: BTreeSet<Span> = BTreeSet::new();
    let mut found = Vec::new();
    for rule in plan.rules.rows() {
        let written = plan.model.rules[rule.source].span;
        if !said.contains(&written)
            && let Some(diagnostic) = blocks(rule).find_map(|block| foreign_family(plan, rule, block))
        {
            said.insert(written);
            found.push(diagnostic);
        }
    }
    found
}

fn blocks(rule: &Rule) -> impl Iterator<Item = &CidrBlock> {
    rule.peers.iter().filter_map(|peer| {
        let Peer::Cidr(block) = peer else { return None };
        Some(block)
    })
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
