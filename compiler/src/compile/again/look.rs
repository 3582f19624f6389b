//! What is found in an edited plan, of which most is known.

use std::collections::BTreeSet;

use fleetnet_lang::{Code, Diagnostic, Sources, Span};

use super::{Again, is_in};
use crate::analysis::capacity;
use crate::check::{self, IDLE, Matters, Touched};
use crate::codes;
use crate::model::{IdentityId, RuleId};
use crate::plan::{self, Edit, Plan};
use crate::targets;
use crate::workers::{self, Workers};

/// What is said of a policy map that is full, or may be.
const MAPS: [Code; 4] = [
    codes::image::MAP_FULL,
    codes::capacity::NEARLY_FULL,
    codes::capacity::UNCOUNTED_MAPS,
    codes::capacity::UNSURE_MAPS,
];

/// What was edited, as it is looked at.
pub(super) struct Part<'a> {
    pub sources: &'a Sources,
    /// Where edited rules and policies were.
    pub regions: &'a [Span],
    /// None where rules and policies are what they were.
    pub edits: &'a [Edit],
    /// Where edited rules matter, as they were and as they are.
    pub matters: Matters,
    /// Whether the plan has other services, paths to them or tests.
    pub has_other_paths: bool,
}

impl Again {
    /// What is found in the edited plan.
    pub(super) fn looked_again(
        &self,
        part: &Part<'_>,
        before: Vec<Diagnostic>,
        workers: &dyn Workers,
    ) -> Option<Vec<Diagnostic>> {
        let Part { sources, regions, edits, matters, has_other_paths } = *part;
        let plan = &self.plan;
        let touched = if edits.is_empty() { Touched::default() } else { Touched { matters, ..self.touched(edits) } };
        let mut found = self.of_rules(part, &touched, workers)?;
        let is_left = |found: &&Diagnostic| !is_in(regions, found.span);
        let mut unsaid: Vec<Diagnostic> = self.unsayable.of_rules.iter().filter(is_left).cloned().collect();
        let look = || check::look_at_paths(plan, &self.population, sources);
        if has_other_paths {
            let (of_paths, unsayable) = workers::both(workers, look, || targets::check_others(plan))?;
            found.extend(of_paths);
            unsaid.extend(unsayable);
        } else {
            found.extend(match matters {
                Matters::Near => self.still_found(&self.looked.of_paths, regions, &touched)?,
                Matters::Anywhere => look(),
            });
            unsaid.extend(self.unsayable.others.iter().filter(is_left).cloned());
        }
        let mut all = before;
        all.extend(check::without_repetition(found));
        all.extend(unsaid);
        if !touched.new.is_empty() {
            let new: Vec<plan::Rule> = new_rules(plan, &touched).cloned().collect();
            all.extend(targets::check_rules(plan, &new));
        }
        Some(all)
    }

    /// What is found but for paths. Nothing where that is a matter of all rules.
    fn of_rules(&self, part: &Part<'_>, touched: &Touched, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        let Part { sources, regions, edits, .. } = *part;
        let plan = &self.plan;
        if edits.is_empty() {
            return Some(self.looked.found.iter().chain(&self.looked.of_all).cloned().collect());
        }
        let is_free = || plan.model.clusters.ids().any(|cluster| plan.enforcers[cluster].is_none());
        let is_near_full = || self.looked.found.iter().any(|found| MAPS.contains(&found.code));
        // Whether somebody sees to what is said of pods, and how much room there is for it.
        if (!plan.model.fleet.targets.is_empty() && is_free()) || is_near_full() {
            return None;
        }
        let lowered = edits.iter().map(|edit| &edit.replaced.lowered);
        let rules = lowered.flat_map(|lowered| lowered.before.iter().chain(&lowered.after));
        let about: BTreeSet<IdentityId> = rules.flat_map(|rule| rule.subjects.iter()).map(|set| set.identity).collect();
        if !capacity::are_short(plan, &self.population, about.into_iter()) {
            return None;
        }
        let again = check::look_again(plan, &self.naming, sources, touched, workers);
        let mut found = self.still_found(&self.looked.found, regions, touched)?;
        found.extend(again.found);
        found.extend(match touched.matters {
            Matters::Near => self.still_found(&self.looked.of_all, regions, touched)?,
            Matters::Anywhere => again.of_all,
        });
        Some(found)
    }

    /// What is found in a plan with other labels: which pods there are matters to a few checks, and to no rule.
    pub(super) fn with_labels(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
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
    fn still_found(&self, found: &[Diagnostic], regions: &[Span], touched: &Touched) -> Option<Vec<Diagnostic>> {
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
    fn touched(&self, edits: &[Edit]) -> Touched {
        let plan = &self.plan;
        let mut touched = Touched { suspects: self.looked.suspects.clone(), ..Touched::default() };
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

/// What the new rules of an edited plan have become.
fn new_rules<'p>(plan: &'p Plan, touched: &'p Touched) -> impl Iterator<Item = &'p plan::Rule> {
    plan.rules.rows().iter().filter(|rule| touched.new.contains(&rule.source))
}
