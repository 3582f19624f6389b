//! CIDRs in each other.
//!
//! A data path keeps one entry for each CIDR and port, and what is said of a wider CIDR must be said again of each narrower one. That counts
//! for pods that have rules about both.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Span};

use super::super::index::clusters_of;
use super::super::ranges::{self, AddressRange};
use super::{SourceId, Sources};
use crate::codes::policy as codes;
use crate::model::{CidrBlock, ClusterSet, Direction, IdentityId};
use crate::plan::Plan;

/// The sources of one direction of some pods, and where.
type Named = BTreeMap<(Direction, SourceId), ClusterSet>;

pub(super) fn check(plan: &Plan, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let mut seen: BTreeSet<Named> = BTreeSet::new();
    let mut pairs: BTreeMap<(SourceId, SourceId), Pairs<'_>> = BTreeMap::new();
    for identity in plan.model.identities.ids() {
        let named = named(plan, sources, identity);
        if named.is_empty() || !seen.insert(named.clone()) {
            continue;
        }
        for direction in Direction::ALL {
            let entries = named.iter().filter(|((own, _), _)| *own == direction);
            nest(sources, entries.map(|((_, source), clusters)| (*source, *clusters)), &mut pairs);
        }
    }
    pairs.values().filter_map(finding).collect()
}

fn named(plan: &Plan, sources: &Sources<'_>, identity: IdentityId) -> Named {
    let mut named = Named::new();
    for index in &plan.rules_of[identity] {
        let rule = &plan.rules[*index];
        for source in sources.of.get(index).into_iter().flatten() {
            let clusters = named.entry((rule.direction, *source)).or_default();
            *clusters = *clusters | clusters_of(&rule.subjects, identity);
        }
    }
    named
}

/// A CIDR of a rule.
#[derive(Clone)]
struct Entry<'a> {
    whole: AddressRange,
    left: Vec<AddressRange>,
    source: SourceId,
    clusters: ClusterSet,
    block: &'a CidrBlock,
    span: Span,
}

impl Entry<'_> {
    /// Whether what is left of a block is partly in what is left of this one, which is wider.
    fn holds(&self, inner: &Self) -> bool {
        self.whole.last >= inner.whole.last
            && self.block.cidr != inner.block.cidr
            && !(self.clusters & inner.clusters).is_empty()
            && inner.left.iter().any(|range| ranges::meet(&self.left, *range))
    }
}

/// CIDRs by their places, each with the place of one that holds it, and that one.
type Pairs<'a> = BTreeMap<Span, (&'a CidrBlock, Span, &'a CidrBlock)>;

/// Each CIDR with the narrowest that holds it: those that begin before it and have not ended are kept, the narrowest last.
fn nest<'a>(
    sources: &Sources<'a>,
    named: impl Iterator<Item = (SourceId, ClusterSet)>,
    pairs: &mut BTreeMap<(SourceId, SourceId), Pairs<'a>>,
) {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (source, clusters) in named {
        entries.extend(sources.all[source].blocks.iter().map(|(span, block)| Entry {
            whole: (&block.cidr).into(),
            left: ranges::left(block),
            source,
            clusters,
            block,
            span: *span,
        }));
    }
    entries.sort_by_key(|entry| (entry.whole.first, std::cmp::Reverse(entry.whole.last), entry.span));
    let mut open: Vec<&Entry<'a>> = Vec::new();
    for entry in &entries {
        while open.pop_if(|last| last.whole.last < entry.whole.first).is_some() {}
        if let Some(outer) = open.iter().rev().find(|outer| outer.holds(entry)) {
            let known = pairs.entry((entry.source, outer.source)).or_default();
            known.entry(entry.span).or_insert((entry.block, outer.span, outer.block));
        }
        open.push(entry);
    }
}

/// What is said once of all CIDRs of one source that lie in those of another.
fn finding(pairs: &Pairs<'_>) -> Option<Diagnostic> {
    let (inner_span, (inner, outer_span, outer)) = pairs.first_key_value()?;
    let lie = match pairs.len() {
        1 => "lies".to_owned(),
        all => format!("and {} more lie", all - 1),
    };
    let message =
        format!("`{}` {lie} inside `{}`: each port of the wider one takes an entry for both", inner.cidr, outer.cidr);
    // Of two parties the later one is named.
    let (later, earlier) = (inner_span.max(outer_span), inner_span.min(outer_span));
    Some(
        Diagnostic::new(codes::NESTED_CIDRS, *later, message)
            .related(*earlier, "the other CIDR")
            .help("leave the narrower one out if the wider one is meant, or make them disjoint with `except`"),
    )
}
