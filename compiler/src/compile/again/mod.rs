//! What is found after rules, the labels and ports of identities, or services and the paths to them were edited, without looking at all of a package
//! again.
//!
//! Whatever was found before stays as it was, but for what is about the rules that were edited, and about those that have to do with the same
//! flows. The answer is that of a whole compilation, or there is none: where anything else has changed, or may matter, nobody is told less than is
//! known.
//!
//! ```text
//! texts ─difference→ declarations and words ─edits→ what was edited ─put→ an edited plan ─look→ findings ─moved→ at their places of now
//! ```
//!
//! With a mistake in what was edited, as there is in nearly everything that is half written, there is no plan to look at: whatever was found before
//! the package had one is all that is told, with the mistakes.

mod difference;
mod edits;
mod look;
mod moved;
mod named_ports;
mod relabelled;
mod unfinished;

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, FileId, Parse, Sources, Span};

use super::stages::{Compilation, has_errors};
use super::texts::Texts;
use super::{Goal, World};
use crate::check::{Looked, Matters, Naming};
use crate::image::content::Population;
use crate::model::{Identity, IdentityId, Name, Waive};
use crate::plan::{Edit, Plan};
use crate::resolve::again::{Offer, Read, Reread};
use crate::resolve::{Used, waive};
use crate::targets::Unsayable;
use crate::workers::Workers;
use edits::{Changes, Edits, Later};
use look::Part;
use moved::Changed;

/// A package that was compiled, ready to be edited.
#[derive(Debug)]
pub struct Again {
    sources: Sources,
    texts: Texts,
    parses: Vec<(FileId, Parse)>,
    waives: Vec<Waive>,
    reread: Reread,
    plan: Plan,
    naming: Naming,
    population: Population,
    /// What was found before there was a plan, but for what was found of paths.
    resolved: Vec<Diagnostic>,
    /// What was found after that, before the plan was looked at.
    planned: Vec<Diagnostic>,
    /// What services, paths and tests came to; nothing where that could not be told from what else was found.
    offer: Option<Offered>,
    looked: Looked,
    unsayable: Unsayable,
}

/// What services, paths and tests came to.
#[derive(Debug)]
struct Offered {
    /// What was found of them.
    found: Vec<Diagnostic>,
    /// What they used.
    used: Used,
    /// The parameters that they used.
    params: BTreeSet<Name>,
}

impl Again {
    /// Keeps what came of a compilation up to its promises, which takes as much memory as its plan; nothing of a package whose plan was not looked
    /// at.
    #[must_use]
    pub fn new(world: &dyn World, compilation: &mut Compilation) -> Option<Self> {
        let kept = compilation.kept.take()?;
        let plan = compilation.plan.as_ref()?.clone();
        let (sources, texts) = (compilation.sources.clone(), compilation.texts.clone());
        let parses = texts.parse(&sources, world, &mut Vec::new());
        if world.workers().is_given_up() {
            return None;
        }
        let reread = Reread::new(kept.names, &plan.model);
        let resolved = compilation.found.get(..kept.resolved)?;
        let planned = compilation.found.get(kept.resolved..kept.before)?.to_vec();
        let trees = parses.iter().map(|(file, parse)| (*file, parse));
        let read = reread.paths(&plan.model.meshes, trees, world.workers());
        let known = read.and_then(|Read { value: Offer { params, .. }, found, used }| {
            Some((without(resolved, &found)?, Offered { found, used, params }))
        });
        let (resolved, offer) = known.map_or((resolved.to_vec(), None), |(rest, offer)| (rest, Some(offer)));
        Some(Self {
            parses,
            waives: compilation.waives.clone(),
            reread,
            naming: Naming::new(&plan),
            population: Population::at_most(&plan.model, &kept.inventory),
            resolved,
            planned,
            offer,
            unsayable: kept.unsayable,
            looked: kept.looked,
            sources,
            texts,
            plan,
        })
    }

    /// What is found in the package as it is now, but for its promises and what a build finds. Nothing where that takes a whole compilation.
    #[must_use]
    pub fn findings(&mut self, world: &dyn World) -> Option<Vec<Diagnostic>> {
        let later = self.later(world)?;
        let workers = world.workers();
        let found = self.found_in_plan(&later, workers).or_else(|| self.found_without_plan(&later, workers));
        found.filter(|_| !workers.is_given_up())
    }

    /// What is found if nothing is wrong with how the package is written.
    fn found_in_plan(&mut self, later: &Later, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        let Changes { changed, edits, paths } = self.changed(later, workers)?;
        let put = self.put(edits, paths);
        let found = self.found(&put, &later.sources, workers);
        let uses = put.paths.as_ref().map(|paths| paths.value.uses.clone()).unwrap_or_default();
        self.take_back(put);
        let mut found = found?;
        self.plan.model.uses.show(&mut found);
        uses.show(&mut found);
        self.told(moved::findings(found, &changed, &later.sources)?, &changed, later)
    }

    /// Findings at their places of now as they are told: without what is waived, in order.
    fn told(&self, found: Vec<Diagnostic>, changed: &[Changed], later: &Later) -> Option<Vec<Diagnostic>> {
        let mut found = waive::apply(&moved::waives(&self.waives, changed)?, found, Goal::Check, &later.now);
        found.sort_by(Diagnostic::order);
        Some(found)
    }

    /// Puts what was edited into the plan.
    fn put(&mut self, mut edits: Vec<Edits>, mut paths: Option<Read<Offer>>) -> Put {
        if let Some(paths) = &mut paths {
            self.plan.exchange(&mut paths.value.paths);
        }
        let mut put = Put { paths, ..Put::default() };
        // Rules may name their ports.
        for relabelled in edits.iter_mut().flat_map(|edits| edits.identities.drain(..)) {
            put.declared.push(relabelled.place);
            put.found.extend(relabelled.found.iter().cloned());
            put.identities.push(relabelled.put(&mut self.plan.model));
        }
        // From the last file to the first: rules of the others stay where they are.
        for edits in edits.into_iter().rev() {
            let is_of_no_rules = edits.are_of_no_rules();
            let Edits { file: _, at, policies, rules, found, regions, identities: _, matters, used: _ } = edits;
            if is_of_no_rules {
                continue;
            }
            put.regions.extend(regions);
            put.matters = put.matters.max(matters);
            let edit = self.plan.edit(at, policies, rules);
            self.naming.edit(&edit.replaced.lowered);
            put.found.extend(found);
            put.found.extend(edit.found.iter().cloned());
            put.edits.push(edit);
        }
        put
    }

    /// Takes it out again.
    fn take_back(&mut self, put: Put) {
        let Put { mut edits, identities, paths, .. } = put;
        while let Some(edit) = edits.pop() {
            let back = self.plan.restore(edit.replaced);
            self.naming.edit(&back);
        }
        self.naming.forget_idle();
        relabelled::restore(&mut self.plan.model.identities, identities);
        if let Some(mut paths) = paths {
            self.plan.exchange(&mut paths.value.paths);
        }
    }

    /// What is found while it is there, at places of then and of now.
    fn found(&self, put: &Put, sources: &Sources, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        let Put { edits, matters, identities, paths, regions, declared, found } = put;
        if !relabelled::are_apart(&self.reread, &self.plan.model, identities) {
            return None;
        }
        let is_left = |found: &&Diagnostic| !is_in(regions, found.span) && !is_in(declared, found.span);
        let mut before: Vec<Diagnostic> = self.resolved.iter().chain(&self.planned).filter(is_left).cloned().collect();
        let of_paths = paths.as_ref().map(|paths| &paths.found).or(self.offer.as_ref().map(|offer| &offer.found));
        before.extend(of_paths.into_iter().flatten().cloned());
        before.extend(found.iter().cloned());
        if has_errors(&before) {
            // With an error in the plan nobody looks at it.
            return Some(before);
        }
        let part = Part { sources, regions, edits, matters: *matters, has_other_paths: paths.is_some() };
        let found = self.looked_again(&part, before, workers)?;
        Some(if identities.is_empty() { found } else { self.with_labels(found) })
    }
}

/// What was put into a plan.
#[derive(Default)]
struct Put {
    /// Rules and policies, from the last file to the first.
    edits: Vec<Edit>,
    /// Where those rules matter that were there or are.
    matters: Matters,
    /// What identities were.
    identities: Vec<(IdentityId, Identity)>,
    /// What services, paths and tests were, if there are others now.
    paths: Option<Read<Offer>>,
    /// Where rules and policies were.
    regions: Vec<Span>,
    /// Where identities were.
    declared: Vec<Span>,
    /// What is wrong with rules, policies and identities.
    found: Vec<Diagnostic>,
}

/// Findings without some of them, which are in order; nothing if one of those is not there.
fn without(found: &[Diagnostic], those: &[Diagnostic]) -> Option<Vec<Diagnostic>> {
    let is_one = |found: &&Diagnostic| {
        let first = those.partition_point(|other| other.sort_key() < found.sort_key());
        let alike = those.iter().skip(first).take_while(|other| other.sort_key() == found.sort_key());
        alike.into_iter().any(|other| other == *found)
    };
    let rest: Vec<Diagnostic> = found.iter().filter(|found| !is_one(found)).cloned().collect();
    (rest.len() + those.len() == found.len()).then_some(rest)
}

fn is_in(regions: &[Span], span: Span) -> bool {
    regions.iter().any(|region| region.file == span.file && region.start <= span.start && span.end <= region.end)
}
