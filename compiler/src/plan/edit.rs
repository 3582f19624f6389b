//! Other rules in the place of some, where nothing else of a package has changed.

use std::ops::Range;

use fleetnet_lang::Diagnostic;

use super::build::stubs;
use super::rules::lower_some;
use super::{Plan, Rule, RuleIndex};
use crate::model::{self, Id, Paths, Policy, PolicyId, RuleId};

/// A written rule of an edited plan.
#[derive(Debug)]
pub enum Written {
    /// One that was there.
    Kept(RuleId),
    /// Another one.
    New(model::Rule),
}

/// What stood in a plan, to be put back.
#[derive(Debug)]
pub struct Replaced {
    /// The written rules that stand there now.
    written: Range<usize>,
    /// The policies that stood there.
    policies: Vec<(PolicyId, Policy)>,
    /// The written rules that stood there.
    rules: Vec<model::Rule>,
    /// Where the rules of the plan are that they have become.
    pub lowered: Lowered,
}

/// Rules of a plan that took the place of others.
#[derive(Debug)]
pub struct Lowered {
    start: usize,
    /// Those that stood there.
    pub before: Vec<Rule>,
    /// Those that stand there.
    pub after: Vec<Rule>,
}

impl Lowered {
    /// Those that stand there, with their places.
    pub fn added(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        (self.start..).map(RuleIndex::at).zip(&self.after)
    }

    /// Takes what stood there out of a list of rules in order, and moves what stands behind it.
    pub fn relist(&self, list: &mut Vec<RuleIndex>) {
        let end = self.start.saturating_add(self.before.len());
        let first = list.partition_point(|index| index.index() < self.start);
        let rest = list.split_off(first);
        let behind = rest.into_iter().filter(|index| index.index() >= end);
        list.extend(
            behind.map(|index| RuleIndex::at((index.index() + self.after.len()).saturating_sub(self.before.len()))),
        );
    }
}

/// Puts a rule into a list of rules in order.
pub fn enlist(list: &mut Vec<RuleIndex>, index: RuleIndex) {
    if let Err(place) = list.binary_search(&index) {
        list.insert(place, index);
    }
}

/// An edit of a plan.
#[derive(Debug)]
pub struct Edit {
    /// What it took the place of.
    pub replaced: Replaced,
    /// The rules that were not there before, in order.
    pub new: Vec<RuleId>,
    /// The new number of each rule that was kept, in order.
    pub kept: Vec<(RuleId, RuleId)>,
    /// What is wrong with new rules and with whom policies are about.
    pub found: Vec<Diagnostic>,
}

impl Edit {
    /// The number that a rule has after the edit; nothing if it is gone.
    #[must_use]
    pub fn now(&self, then: RuleId) -> Option<RuleId> {
        let Replaced { written, rules, .. } = &self.replaced;
        if then.index() < written.start {
            Some(then)
        } else if then.index() < written.start.saturating_add(rules.len()) {
            let place = self.kept.binary_search_by_key(&then, |(then, _)| *then).ok()?;
            self.kept.get(place).map(|(_, now)| *now)
        } else {
            Some(RuleId::at((then.index() + written.len()).saturating_sub(rules.len())))
        }
    }

    /// The policies that were replaced.
    pub fn policies(&self) -> impl Iterator<Item = PolicyId> {
        self.replaced.policies.iter().map(|(id, _)| *id)
    }
}

impl Plan {
    /// Puts other rules in the place of those of a part of the text, and other policies in the place of theirs. Policies have no defaults, neither
    /// these nor those.
    pub fn edit(&mut self, at: Range<usize>, policies: Vec<(PolicyId, Policy)>, rules: Vec<Written>) -> Edit {
        let before = self.model.rules.rows().get(at.clone()).unwrap_or_default().to_vec();
        let lowered_before = self.rules.rows().get(self.lowered(&at)).unwrap_or_default().to_vec();
        let (mut new, mut kept, mut block) = (Vec::new(), Vec::new(), Vec::with_capacity(rules.len()));
        for (id, written) in (at.start..).map(RuleId::at).zip(rules) {
            block.push(match written {
                Written::New(rule) => {
                    new.push(id);
                    rule
                }
                Written::Kept(old) => {
                    kept.push((old, id));
                    self.model.rules[old].clone()
                }
            });
        }
        let about: Vec<PolicyId> = policies.iter().map(|(id, _)| *id).collect();
        let replace = |(id, policy)| (id, std::mem::replace(&mut self.model.policies[id], policy));
        let policies = policies.into_iter().map(replace).collect();
        let written = at.start..at.start.saturating_add(block.len());
        self.model.rules.splice(at, block);
        let mut found = Vec::new();
        let mut after = lower_some(&self.model, &about, &new, &mut found);
        for (old, id) in &kept {
            let first = lowered_before.partition_point(|rule| rule.source < *old);
            let parts = lowered_before.iter().skip(first).take_while(|rule| rule.source == *old);
            after.extend(parts.map(|rule| Rule { source: *id, ..rule.clone() }));
        }
        // Stable: the parts of one rule keep their order.
        after.sort_by_key(|rule| rule.source);
        let lowered = self.replace(&written, before.len(), after);
        Edit { replaced: Replaced { written, policies, rules: before, lowered }, new, kept, found }
    }

    /// Puts other services and paths in the place of its own, which are given back by doing so once more. What rules become of the new ports is not
    /// looked at.
    pub fn exchange(&mut self, paths: &mut Paths) {
        paths.exchange(&mut self.model);
        self.stubs = stubs(&self.model);
    }

    /// Puts back what stood there before an edit, the last one.
    pub fn restore(&mut self, replaced: Replaced) -> Lowered {
        let Replaced { written, policies, rules, lowered } = replaced;
        for (id, policy) in policies {
            self.model.policies[id] = policy;
        }
        let (count, before) = (written.len(), written.start..written.start.saturating_add(rules.len()));
        self.model.rules.splice(written, rules);
        self.replace(&before, count, lowered.before)
    }

    /// Where the rules of the plan are that some written rules have become.
    fn lowered(&self, written: &Range<usize>) -> Range<usize> {
        let place = |written: usize| self.rules.rows().partition_point(|rule| rule.source.index() < written);
        place(written.start)..place(written.end)
    }

    /// Puts what written rules have become in the place of what the `count` became that stood there, and moves what stands behind them.
    fn replace(&mut self, written: &Range<usize>, count: usize, after: Vec<Rule>) -> Lowered {
        let old = self.lowered(&(written.start..written.start.saturating_add(count)));
        let before = self.rules.rows().get(old.clone()).unwrap_or_default().to_vec();
        if written.len() != count {
            for index in (old.end..self.rules.len()).map(RuleIndex::at) {
                let source = &mut self.rules[index].source;
                *source = RuleId::at((source.index() + written.len()).saturating_sub(count));
            }
        }
        let lowered = Lowered { start: old.start, before, after: after.clone() };
        self.rules.splice(old, after);
        for id in self.model.identities.ids() {
            lowered.relist(&mut self.rules_of[id]);
        }
        for (index, rule) in lowered.added() {
            rule.subjects.iter().for_each(|set| enlist(&mut self.rules_of[set.identity], index));
        }
        lowered
    }
}
