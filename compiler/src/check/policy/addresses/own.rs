//! CIDRs over the fleet's own pods and nodes.
//!
//! A CIDR matches no pod or node that is known, and does match those that aren't. Nodes are known in all of their mesh; pods where their
//! namespace is; pods that the fleet doesn't govern in their own cluster, if that can keep them to itself.

use fleetnet_lang::Diagnostic;

use super::super::ranges::{self, AddressRange};
use super::{Source, SourceId, Sources};
use crate::check::{enumerated, listed};
use crate::codes::policy as codes;
use crate::model::{Cidr, Cluster, ClusterId, ClusterSet, Spanned, Table};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let mut here: Table<SourceId, ClusterSet> = vec![ClusterSet::EMPTY; sources.all.len()].into();
    for (rule, named) in &sources.of {
        let subjects = plan.rules[*rule].subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters);
        for source in named {
            here[*source] = here[*source] | subjects;
        }
    }
    let own = plan.model.clusters.rows().iter().flat_map(|cluster| cluster.pods.iter().chain(&cluster.nodes));
    let own = ranges::joined(own.map(|range| AddressRange::from(&range.value)).collect());
    sources.all.iter().filter_map(|(id, source)| finding(plan, &own, source, here[id])).collect()
}

fn finding(plan: &Plan, own: &[AddressRange], source: &Source<'_>, here: ClusterSet) -> Option<Diagnostic> {
    let left = |block| ranges::left(block).into_iter().filter(|range| ranges::meet(own, *range));
    let mut over = source.blocks.iter().filter(|(_, block)| left(block).next().is_some());
    let (span, first) = over.next()?;
    let touched = ranges::joined(source.blocks.iter().flat_map(|(_, block)| left(block)).collect());
    let mut lists = Lists::default();
    for (id, cluster) in plan.model.clusters.iter() {
        lists.add(plan, &touched, (id, cluster), here);
    }
    let message = format!("`{}` holds pods or nodes of the fleet", first.cidr);
    let help = format!(
        "known here, so never matched: {}; not known, so matched: {}. Name identities, or leave these addresses out with `except`",
        enumerated(lists.known.into_iter(), "none"),
        enumerated(lists.unknown.into_iter(), "none")
    );
    let found = Diagnostic::new(codes::OWN_ADDRESSES, *span, message).help(help);
    Some(over.fold(found, |found, (span, _)| found.related(*span, "so does this")))
}

/// Who is in a CIDR, by whether all subjects know them.
#[derive(Default)]
struct Lists {
    known: Vec<String>,
    unknown: Vec<String>,
}

impl Lists {
    fn add(&mut self, plan: &Plan, touched: &[AddressRange], (id, cluster): (ClusterId, &Cluster), here: ClusterSet) {
        let name = &cluster.name.value;
        let meets = |own: &[Spanned<Cidr>]| own.iter().any(|range| ranges::meet(touched, (&range.value).into()));
        if meets(&cluster.nodes) {
            let list = if here.is_within(plan.model.around(id)) { &mut self.known } else { &mut self.unknown };
            list.push(format!("nodes of `{name}`"));
        }
        if !meets(&cluster.pods) {
            return;
        }
        if here.is_within(plan.knowledge.foreign_observers(&plan.model, id)) {
            self.known.push(format!("pods of `{name}`"));
            return;
        }
        let known = plan.model.namespaces.iter().filter(|(namespace, declared)| {
            declared.clusters.contains(id) && here.is_within(plan.observers(*namespace, id))
        });
        let known: Vec<_> = known.map(|(_, declared)| &declared.name.value).collect();
        if known.is_empty() {
            self.unknown.push(format!("pods of `{name}`"));
        } else {
            self.known.push(format!("pods of {} in `{name}`", listed(known.iter(), "none")));
            self.unknown.push(format!("other pods of `{name}`"));
        }
    }
}
