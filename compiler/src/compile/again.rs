//! What is found after rules, the labels of identities, or services and the paths to them were edited, without looking at all of a package again.
//!
//! Whatever was found before stays as it was, but for what is about the rules that were edited, and about those that have to do with the same
//! flows. The answer is that of a whole compilation, or there is none: where anything else has changed, or may matter, nobody is told less than is
//! known.

use std::collections::BTreeSet;
use std::ops::Range;

use fleetnet_lang::{Code, Diagnostic, FileId, Parse, Sources, Span, ast};

use super::difference::{Change, Difference, EditedPolicy, Version};
use super::moved::{self, Changed};
use super::offered;
use super::relabelled::{self, Relabelled};
use super::stages::{Compilation, has_errors};
use super::texts::Texts;
use super::{Goal, World};
use crate::analysis::capacity;
use crate::check::{self, IDLE, Looked, Naming};
use crate::codes;
use crate::image::content::Population;
use crate::model::{
    BuiltIn, Direction, Id, IdentityId, Model, Paths, Peer, PeerEnd, Policy, PolicyId, Rule, RuleEnds, RuleId, Waive,
};
use crate::plan::{self, Edit, Plan, Written};
use crate::resolve::again::{Offer, Read, Reread};
use crate::resolve::{Used, waive};
use crate::targets::{self, Unsayable};
use crate::workers::{self, Workers};

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
    /// What was found before the plan was looked at, but for what is wrong with what the package offers, if that is known.
    before: Vec<Diagnostic>,
    offered: Option<Read<Offer>>,
    looked: Looked,
    /// What targets found.
    behind: Unsayable,
}

/// What is said of a policy map that is full, or may be.
const MAPS: [Code; 4] = [
    codes::image::MAP_FULL,
    codes::capacity::NEARLY_FULL,
    codes::capacity::UNCOUNTED_MAPS,
    codes::capacity::UNSURE_MAPS,
];

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
        let before = compilation.found.get(..kept.before)?;
        let offered =
            reread.paths(&plan.model.meshes, parses.iter().map(|(file, parse)| (*file, parse)), world.workers());
        let offered = offered.and_then(|offered| Some((without(before, &offered.found)?, offered)));
        let (before, offered) = offered.map_or((before.to_vec(), None), |(rest, offered)| (rest, Some(offered)));
        Some(Self {
            parses,
            waives: compilation.waives.clone(),
            reread,
            naming: Naming::new(&plan),
            population: Population::at_most(&plan.model, &kept.inventory),
            before,
            offered,
            behind: kept.behind,
            looked: kept.looked,
            sources,
            texts,
            plan,
        })
    }

    /// What is found in the package as it is now, but for its promises and what a build finds. Nothing where that takes a whole compilation.
    #[must_use]
    pub fn findings(&mut self, world: &dyn World) -> Option<Vec<Diagnostic>> {
        let Changes { now: later, sources, parses, changed, mut edits, has_other_paths } = self.changed(world)?;
        let (mut then, mut now) = (Used::default(), Used::default());
        let mut offered = None;
        if has_other_paths {
            let (before, after) = (self.offered.as_ref()?, self.offered(&parses, world.workers())?);
            if !before.value.uses_params_of(&after.value) {
                return None;
            }
            then.join(&before.used);
            now.join(&after.used);
            self.name_ports_anew(&after.value.paths, &mut edits)?;
            offered = Some(after);
        }
        for edits in &edits {
            then.join(&edits.used.0);
            now.join(&edits.used.1);
        }
        if !self.reread.are_used_alike(&then, &now) {
            return None;
        }
        let (mut regions, mut declared, mut relabelled, mut new) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        if let Some(offered) = &mut offered {
            self.plan.exchange(&mut offered.value.paths);
        }
        let mut done = Vec::new();
        // From the last file to the first: rules of the others stay where they are.
        for edits in edits.into_iter().rev() {
            let Edits { file: _, at, policies, rules, found, regions: of_file, identities, used: _ } = edits;
            regions.extend(of_file);
            for identity in &identities {
                declared.push(identity.place);
                new.extend(identity.found.iter().cloned());
            }
            relabelled.extend(identities);
            let edit = self.plan.edit(at, policies, rules);
            self.naming.edit(&edit.replaced.lowered);
            new.extend(found);
            new.extend(edit.found.iter().cloned());
            done.push(edit);
        }
        let is_left = |found: &&Diagnostic| !is_in(&regions, found.span) && !is_in(&declared, found.span);
        let mut before: Vec<Diagnostic> = self.before.iter().filter(is_left).cloned().collect();
        before.extend(
            offered.as_ref().or(self.offered.as_ref()).iter().flat_map(|offered| offered.found.iter().cloned()),
        );
        before.extend(new);
        let identities = relabelled::put(&mut self.plan.model, relabelled);
        let found = if !relabelled::are_apart(&self.reread, &self.plan.model, &identities) {
            None
        } else if has_errors(&before) {
            // With an error in the plan nobody looks at it.
            Some(before)
        } else {
            let part = Part { sources: &sources, regions: &regions, edits: &done, has_other_paths };
            let found = self.looked_again(&part, before, world.workers());
            found.map(|found| if identities.is_empty() { found } else { self.with_labels(found) })
        };
        relabelled::restore(&mut self.plan.model.identities, identities);
        while let Some(edit) = done.pop() {
            let back = self.plan.restore(edit.replaced);
            self.naming.edit(&back);
        }
        self.naming.forget_idle();
        if let Some(offered) = &mut offered {
            self.plan.exchange(&mut offered.value.paths);
        }
        let mut found = found.filter(|_| !world.workers().is_given_up())?;
        self.plan.model.uses.show(&mut found);
        if let Some(offered) = &offered {
            offered.value.uses.show(&mut found);
        }
        let found = moved::findings(found, &changed, &sources)?;
        let mut found = waive::apply(&moved::waives(&self.waives, &changed)?, found, Goal::Check, &later);
        found.sort_by(Diagnostic::order);
        Some(found)
    }

    /// What has changed; nothing if that is more than texts of the package's own files.
    fn changed(&self, world: &dyn World) -> Option<Changes> {
        let (now, texts) = Texts::of(world, None);
        if texts != self.texts || now.iter().count() != self.sources.iter().count() {
            return None;
        }
        let mut sources = self.sources.clone();
        let (mut parses, mut changed, mut edits) = (Vec::new(), Vec::new(), Vec::new());
        let mut has_other_paths = false;
        for ((id, then), (_, file)) in self.sources.iter().zip(now.iter()) {
            if then.path != file.path {
                return None;
            }
            if then.text == file.text {
                continue;
            }
            let (_, parse) = self.parses.get(self.parses.binary_search_by_key(&id, |(file, _)| *file).ok()?)?;
            let then = Version { text: &then.text, parse };
            let parse = world.parsed(id, file).unwrap_or_else(|| fleetnet_lang::parse(id, &file.text));
            let difference = Difference::between(then, Version { text: &file.text, parse: &parse })?;
            let Difference { policies, identities, has_other_paths: others, words } = difference;
            has_other_paths |= others;
            let of_file = Changed { file: id, later: sources.add_later(id, file.clone()), words };
            let mut edited = self.edits(&of_file, &policies)?;
            // Which listed pods are whose is a matter of all labels.
            if !identities.is_empty() && self.texts.inventory.is_some() {
                return None;
            }
            let groups = || relabelled::selecting_groups(&self.reread, &self.parses);
            let groups = if identities.is_empty() { Vec::new() } else { groups()? };
            for identity in &identities {
                if world.workers().is_given_up() {
                    return None;
                }
                let read = Relabelled::read(&self.reread, &self.plan.model, &groups, &of_file, identity)?;
                edited.used.0.join(&read.used.0);
                edited.used.1.join(&read.used.1);
                edited.identities.push(read);
            }
            edits.push(edited);
            changed.push(of_file);
            parses.push((id, parse));
        }
        Some(Changes { now, sources, parses, changed, edits, has_other_paths })
    }

    /// The policies of a file as they were and as they are; nothing if they matter to more than rules.
    fn edits(&self, changed: &Changed, policies: &[EditedPolicy<'_>]) -> Option<Edits> {
        let at = self.rules_of(changed.file);
        let mut left = (at.start..at.end).map(RuleId::at).peekable();
        let mut edits = Edits { at, ..Edits::of(changed.file) };
        for EditedPolicy { then, now, change } in policies {
            let id = self.policy(then)?;
            let own = std::iter::from_fn(|| left.next_if(|rule| self.plan.model.rules[*rule].policy == id));
            let own: Vec<RuleId> = own.collect();
            match change {
                Change::Rules { before, then, now } => {
                    let behind = own.get(before + then.len()..)?;
                    edits.rules.extend(own.get(..*before)?.iter().copied().map(Written::Kept));
                    self.rules(changed, id, (then, now), &mut edits)?;
                    edits.rules.extend(behind.iter().copied().map(Written::Kept));
                }
                Change::Whole => self.whole(changed, id, (then, now), &mut edits)?,
            }
        }
        left.next().is_none().then_some(edits)
    }

    /// Where the rules of a file are among all.
    fn rules_of(&self, file: FileId) -> Range<usize> {
        let written = self.plan.model.rules.rows();
        written.partition_point(|rule| rule.span.file < file)..written.partition_point(|rule| rule.span.file <= file)
    }

    /// What the package offers now.
    fn offered(&self, later: &[(FileId, Parse)], workers: &dyn Workers) -> Option<Read<Offer>> {
        let parses = self.parses.iter().map(|(file, parse)| {
            let now = later.iter().find(|(later, _)| later == file);
            now.map_or((*file, parse), |(file, parse)| (file.later(), parse))
        });
        self.reread.paths(&self.plan.model.meshes, parses, workers)
    }

    /// Has the rules looked at to which a port name means something else now; nothing if that matters to more than rules.
    fn name_ports_anew(&self, now: &Paths, edits: &mut Vec<Edits>) -> Option<()> {
        for id in offered::rules(&self.plan, now) {
            let rule = &self.plan.model.rules[id];
            let is_said_before = self.before.iter().any(|found| is_in(&[rule.span], found.span));
            if is_said_before || !is_among_rules(&self.plan.model, rule) {
                return None;
            }
            let file = rule.span.file;
            let place = match edits.binary_search_by_key(&file, |edits| edits.file) {
                Ok(place) => place,
                Err(place) => {
                    let at = self.rules_of(file);
                    let rules = at.clone().map(RuleId::at).map(Written::Kept).collect();
                    edits.insert(place, Edits { at, rules, ..Edits::of(file) });
                    place
                }
            };
            let edits = edits.get_mut(place)?;
            // What was edited as well is new in any case.
            if let Some(written) =
                edits.rules.iter_mut().find(|written| matches!(written, Written::Kept(kept) if *kept == id))
            {
                edits.regions.push(rule.span);
                *written = Written::New(rule.clone());
            }
        }
        Some(())
    }

    fn rules(
        &self,
        changed: &Changed,
        policy: PolicyId,
        (then, now): (&[ast::Rule<'_>], &[ast::Rule<'_>]),
        edits: &mut Edits,
    ) -> Option<()> {
        let read = |file, rules: &[ast::Rule<'_>]| {
            rules.iter().map(|rule| self.reread.rule(policy, file, rule)).collect::<Option<Vec<_>>>()
        };
        let (then, now) = (read(changed.file, then)?, read(changed.later, now)?);
        for rule in &then {
            edits.used.0.join(&rule.used);
        }
        for rule in &now {
            edits.used.1.join(&rule.used);
        }
        if !then.iter().chain(&now).all(|rule| is_among_rules(&self.plan.model, &rule.value)) {
            return None;
        }
        edits.regions.extend(then.iter().map(|rule| rule.value.span));
        for Read { value, found, .. } in now {
            edits.rules.push(Written::New(value));
            edits.found.extend(found);
        }
        Some(())
    }

    fn whole(
        &self,
        changed: &Changed,
        id: PolicyId,
        (then, now): (&ast::Policy<'_>, &ast::Policy<'_>),
        edits: &mut Edits,
    ) -> Option<()> {
        let then = self.reread.policy(id, changed.file, then)?;
        let now = self.reread.policy(id, changed.later, now)?;
        if !is_policy_among_rules(&self.plan.model, &then.value) || !is_policy_among_rules(&self.plan.model, &now.value)
        {
            return None;
        }
        edits.used.0.join(&then.used);
        edits.used.1.join(&now.used);
        edits.regions.push(then.value.0.span);
        let (policy, rules) = now.value;
        edits.policies.push((id, policy));
        edits.rules.extend(rules.into_iter().map(Written::New));
        edits.found.extend(now.found);
        Some(())
    }

    fn policy(&self, node: &ast::Policy<'_>) -> Option<PolicyId> {
        let name = node.name()?;
        let policies = self.plan.model.policies.rows();
        policies.binary_search_by(|policy| policy.name.value.as_str().cmp(name.text())).ok().map(PolicyId::at)
    }

    /// What is found in the edited plan.
    fn looked_again(&self, part: &Part<'_>, before: Vec<Diagnostic>, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        let Part { sources, regions, edits, has_other_paths } = *part;
        let plan = &self.plan;
        let is_free = || plan.model.clusters.ids().any(|cluster| plan.enforcers[cluster].is_none());
        // Whether somebody sees to what is said of pods, and how much room there is for it, is a matter of all rules.
        if (!plan.model.fleet.targets.is_empty() && is_free())
            || self.looked.found.iter().any(|found| MAPS.contains(&found.code))
        {
            return None;
        }
        let lowered = || edits.iter().map(|edit| &edit.replaced.lowered);
        let rules = || lowered().flat_map(|lowered| lowered.before.iter().chain(&lowered.after));
        let about: BTreeSet<IdentityId> =
            rules().flat_map(|rule| rule.subjects.iter()).map(|set| set.identity).collect();
        if !capacity::are_short(plan, &self.population, about.into_iter()) {
            return None;
        }
        let touched = self.touched(edits);
        let again = check::look_again(plan, &self.naming, sources, &touched, workers);
        let mut found = self.still_found(&self.looked.found, regions, &touched)?;
        found.extend(again.found);
        let is_left = |found: &&Diagnostic| !is_in(regions, found.span);
        let mut behind: Vec<Diagnostic> = self.behind.of_rules.iter().filter(is_left).cloned().collect();
        if has_other_paths {
            let look = || check::look_at_paths(plan, &self.population, sources);
            let (of_paths, unsayable) = workers::both(workers, look, || targets::check_others(plan))?;
            found.extend(of_paths);
            behind.extend(unsayable);
        } else {
            found.extend(self.still_found(&self.looked.of_paths, regions, &touched)?);
            behind.extend(self.behind.others.iter().filter(is_left).cloned());
        }
        let mut all = before;
        all.extend(check::without_repetition(found));
        all.extend(behind);
        let new: Vec<plan::Rule> = new_rules(plan, &touched).cloned().collect();
        all.extend(targets::check_rules(plan, &new));
        Some(all)
    }

    /// What is found in a plan with other labels: which pods there are matters to a few checks, and to no rule.
    fn with_labels(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        found.retain(|found| !check::OF_LABELS.contains(&found.code) && !targets::OF_LABELS.contains(&found.code));
        let new = [check::look_at_labels(&self.plan.model), targets::check_labels(&self.plan)];
        for found in new.iter().flatten() {
            debug_assert!(
                check::OF_LABELS.contains(&found.code) || targets::OF_LABELS.contains(&found.code),
                "{found:?} is told twice"
            );
        }
        found.extend(new.into_iter().flatten());
        found
    }

    /// Of what was found of the plan, what is not looked for again; nothing where that speaks of what has changed.
    fn still_found(&self, found: &[Diagnostic], regions: &[Span], touched: &check::Touched) -> Option<Vec<Diagnostic>> {
        let halves: BTreeSet<Span> = touched.beside.iter().map(|rule| self.plan.model.rules[*rule].span).collect();
        let is_looked_for = |found: &&Diagnostic| {
            IDLE.contains(&found.code)
                || is_in(regions, found.span)
                || (found.code == codes::policy::HALF_OPEN && halves.contains(&found.span))
        };
        let still = found.iter().filter(|found| !is_looked_for(found));
        let speaks_of_it = |found: &Diagnostic| found.related.iter().any(|label| is_in(regions, label.span));
        still.map(|found| (!speaks_of_it(found)).then(|| found.clone())).collect()
    }

    /// Which rules are to be looked at.
    fn touched(&self, edits: &[Edit]) -> check::Touched {
        let plan = &self.plan;
        let mut touched = check::Touched { suspects: self.looked.suspects.clone(), ..check::Touched::default() };
        for edit in edits {
            touched.suspects = touched.suspects.iter().filter_map(|rule| edit.now(*rule)).collect();
        }
        // Each edit has moved what stands behind it, and those that were made later stand before it.
        for (place, edit) in edits.iter().enumerate() {
            let later = edits.get(place + 1..).unwrap_or_default();
            let now = |rule: RuleId| later.iter().try_fold(rule, |rule, edit| edit.now(rule));
            touched.new.extend(edit.new.iter().filter_map(|rule| now(*rule)));
            touched.policies.extend(edit.policies());
            let kept: BTreeSet<RuleId> = edit.kept.iter().map(|(then, _)| *then).collect();
            let gone = edit.replaced.lowered.before.iter().filter(|rule| !kept.contains(&rule.source));
            gone.for_each(|rule| check::beside(plan, &self.naming, rule, &mut touched.beside));
        }
        let half_open = self.looked.found.iter().filter(|found| found.code == codes::policy::HALF_OPEN);
        let half_open: BTreeSet<Span> = half_open.map(|found| found.span).collect();
        let mut beside = BTreeSet::new();
        new_rules(plan, &touched).for_each(|rule| check::beside(plan, &self.naming, rule, &mut beside));
        touched.beside.extend(beside);
        // Where a missing half is best written depends on the policies that there are.
        let halves = plan.model.rules.iter().filter(|(_, rule)| half_open.contains(&rule.span)).map(|(id, _)| id);
        touched.beside.extend(halves);
        touched.beside.extend(&touched.new);
        touched.suspects.retain(|rule| !touched.beside.contains(rule));
        touched
    }
}

/// What has changed since a package was compiled.
struct Changes {
    /// The texts of now, each in the place of its earlier one.
    now: Sources,
    /// The earlier texts, and behind them the later ones of those files that were touched.
    sources: Sources,
    /// The later trees of the files that were touched.
    parses: Vec<(FileId, Parse)>,
    /// The files that were touched.
    changed: Vec<Changed>,
    /// What was edited in each, in order.
    edits: Vec<Edits>,
    /// Whether services, paths to them or tests are others.
    has_other_paths: bool,
}

/// What was edited, as it is looked at.
struct Part<'a> {
    sources: &'a Sources,
    /// Where edited rules and policies were.
    regions: &'a [Span],
    edits: &'a [Edit],
    has_other_paths: bool,
}

/// The rules and identities of one file that were edited, or are to be looked at again.
struct Edits {
    file: FileId,
    /// Where the file's rules are among all.
    at: Range<usize>,
    policies: Vec<(PolicyId, Policy)>,
    rules: Vec<Written>,
    /// What is wrong with the policies.
    found: Vec<Diagnostic>,
    /// Where the rules and policies were.
    regions: Vec<Span>,
    /// What they used, and what they use.
    used: (Used, Used),
    /// The identities that select other pods.
    identities: Vec<Relabelled>,
}

impl Edits {
    fn of(file: FileId) -> Self {
        Self {
            file,
            at: 0..0,
            policies: Vec::new(),
            rules: Vec::new(),
            found: Vec::new(),
            regions: Vec::new(),
            used: Default::default(),
            identities: Vec::new(),
        }
    }
}

/// What the new rules of an edited plan have become.
fn new_rules<'p>(plan: &'p Plan, touched: &'p check::Touched) -> impl Iterator<Item = &'p plan::Rule> {
    plan.rules.rows().iter().filter(|rule| touched.new.contains(&rule.source))
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

/// Whether a policy and its rules matter to rules alone, and it has no default.
fn is_policy_among_rules(model: &Model, (policy, rules): &(Policy, Vec<Rule>)) -> bool {
    Direction::ALL.into_iter().all(|direction| policy.default.of(direction).is_none())
        && policy.subject.iter().all(|subject| are_among_rules(model, subject))
        && rules.iter().all(|rule| is_among_rules(model, rule))
}

/// Whether a rule matters to nothing but rules with the same pods: its ends are neither addresses, with which all others are compared, nor what
/// pods need for other reasons.
fn is_among_rules(model: &Model, rule: &Rule) -> bool {
    match &rule.ends {
        RuleEnds::OneEnded { peers, .. } => are_among_rules(model, peers),
        RuleEnds::TwoEnded { from, to } => are_among_rules(model, from) && are_among_rules(model, to),
    }
}

fn are_among_rules(model: &Model, peers: &[Peer]) -> bool {
    peers.iter().all(|peer| match peer.end {
        PeerEnd::Identity(_) | PeerEnd::Namespace(_) | PeerEnd::Group(_) | PeerEnd::All | PeerEnd::Dns(_) => true,
        PeerEnd::External(id) => model.externals[id].cidrs.is_empty(),
        PeerEnd::Cidr(_) => false,
        PeerEnd::BuiltIn(built_in) => match built_in {
            BuiltIn::Foreign | BuiltIn::Host | BuiltIn::RemoteNodes | BuiltIn::KubeApiserver => true,
            BuiltIn::World | BuiltIn::Gateways | BuiltIn::ClusterDns | BuiltIn::CloudMetadata => false,
        },
    })
}
