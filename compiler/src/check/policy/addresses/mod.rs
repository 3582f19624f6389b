//! CIDRs over addresses that are not what they seem.

mod families;
mod nested;
mod own;

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use super::ranges;
use crate::codes::policy as codes;
use crate::model::{CidrBlock, Direction, ExternalId, Id, Peer, PeerEnd, RuleEnds, Table};
use crate::plan::{Plan, RuleIndex};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let sources = Sources::new(plan);
    let mut found = empty(plan, &sources);
    found.extend(families::check(plan));
    found.extend(own::check(plan, &sources));
    found.extend(nested::check(plan, &sources));
    found
}

/// CIDRs as they were written together: a peer, or an external that many rules name.
struct Source<'a> {
    blocks: Vec<(Span, &'a CidrBlock)>,
}

/// A place in the list of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SourceId(u32);

impl Id for SourceId {
    fn index(self) -> usize {
        self.0 as usize
    }

    fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// Where a plan's CIDRs come from.
struct Sources<'a> {
    all: Table<SourceId, Source<'a>>,
    /// The sources of each rule that has some.
    of: BTreeMap<RuleIndex, Vec<SourceId>>,
}

impl<'a> Sources<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut sources = Self { all: Table::default(), of: BTreeMap::new() };
        let mut inline: BTreeMap<Span, SourceId> = BTreeMap::new();
        let mut externals: BTreeMap<ExternalId, SourceId> = BTreeMap::new();
        for (index, rule) in plan.rules.iter() {
            for peer in peers(&plan.model.rules[rule.source].ends, rule.direction) {
                let source = match &peer.end {
                    PeerEnd::Cidr(block) => *inline
                        .entry(peer.span)
                        .or_insert_with(|| sources.all.push(Source { blocks: vec![(peer.span, block)] })),
                    PeerEnd::External(id) if !plan.model.externals[*id].cidrs.is_empty() => {
                        *externals.entry(*id).or_insert_with(|| {
                            let cidrs = &plan.model.externals[*id].cidrs;
                            let blocks = cidrs.iter().map(|block| (block.span, &block.value)).collect();
                            sources.all.push(Source { blocks })
                        })
                    }
                    PeerEnd::External(_)
                    | PeerEnd::Identity(_)
                    | PeerEnd::Namespace(_)
                    | PeerEnd::Group(_)
                    | PeerEnd::All
                    | PeerEnd::Dns(_)
                    | PeerEnd::BuiltIn(_) => continue,
                };
                sources.of.entry(index).or_default().push(source);
            }
        }
        sources
    }
}

/// The peers of one direction of a rule.
fn peers(ends: &RuleEnds, direction: Direction) -> &[Peer] {
    match (ends, direction) {
        (RuleEnds::OneEnded { peers, .. }, _)
        | (RuleEnds::TwoEnded { from: peers, .. }, Direction::Ingress)
        | (RuleEnds::TwoEnded { to: peers, .. }, Direction::Egress) => peers,
    }
}

/// Blocks of which nothing is left.
fn empty(plan: &Plan, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let named = sources.all.rows().iter().flat_map(|source| source.blocks.iter().copied());
    let declared = plan.model.externals.rows().iter().flat_map(|external| &external.cidrs);
    let all: BTreeMap<Span, &CidrBlock> = named.chain(declared.map(|block| (block.span, &block.value))).collect();
    let without = all.into_iter().filter(|(_, block)| ranges::left(block).is_empty());
    let finding = |(span, block): (Span, &CidrBlock)| {
        let message = format!("what is left out of `{}` leaves nothing of it", block.cidr);
        Diagnostic::new(codes::EMPTY_CIDR, span, message).help("leave out less, or remove the CIDR")
    };
    without.map(finding).collect()
}
