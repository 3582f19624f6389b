//! Rules that another rule or a default makes idle.
//!
//! A written rule may be several rules of the plan. It is idle only if each of them is.

use fleetnet_lang::Diagnostic;

use super::cover::{covers, overlaps};
use crate::codes::policy as codes;
use crate::model::{Id, RuleId, Table, Verb};
use crate::plan::{Plan, Rule, RuleIndex};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut parts: Table<RuleId, Vec<RuleIndex>> = vec![Vec::new(); plan.model.rules.len()].into();
    for (index, rule) in plan.rules.iter() {
        parts[rule.source].push(index);
    }
    let written: Vec<Written> = parts.iter().map(|(source, parts)| Written { source, parts }).collect();
    let judged = written.iter().filter(|rule| !rule.parts.is_empty());
    judged
        .filter_map(|rule| idle(plan, rule).or_else(|| beaten(plan, rule)).or_else(|| repeated(plan, rule, &written)))
        .collect()
}

/// A rule as written, with what it became.
#[derive(Clone, Copy)]
struct Written<'a> {
    source: RuleId,
    parts: &'a [RuleIndex],
}

/// An allow where everything is allowed anyway.
fn idle(plan: &Plan, written: &Written<'_>) -> Option<Diagnostic> {
    let rule = &plan.model.rules[written.source];
    let open = |part: &Rule| {
        part.subjects.iter().all(|set| {
            set.clusters
                .iter()
                .all(|cluster| plan.default_of(set.identity, cluster, part.direction).value == Verb::Allow)
        })
    };
    if rule.verb != Verb::Allow || !written.parts.iter().all(|part| open(&plan.rules[*part])) {
        return None;
    }
    let part = &plan.rules[*written.parts.first()?];
    let set = part.subjects.first()?;
    let default = plan.default_of(set.identity, set.clusters.iter().next()?, part.direction);
    Some(
        Diagnostic::new(codes::IDLE_ALLOW, rule.span, "this allow does nothing: the default allows it already")
            .related(default.span, "the default")
            .help("remove it, or deny by default where it should count"),
    )
}

/// An allow of which one direction never counts.
fn beaten(plan: &Plan, written: &Written<'_>) -> Option<Diagnostic> {
    let rule = &plan.model.rules[written.source];
    if rule.verb != Verb::Allow {
        return None;
    }
    let deny = written.parts.iter().find_map(|part| coverer(plan, *part, |other| other.verb == Verb::Deny))?;
    Some(
        Diagnostic::new(codes::BEATEN_ALLOW, rule.span, "a deny always beats this allow")
            .related(plan.model.rules[deny].span, "the deny")
            .help("remove the allow, or narrow the deny"),
    )
}

/// A rule that says nothing that others don't.
fn repeated(plan: &Plan, written: &Written<'_>, all: &[Written<'_>]) -> Option<Diagnostic> {
    let rule = &plan.model.rules[written.source];
    let admits_all = |other: &Rule| other.verb == rule.verb && other.requests.is_empty();
    let mut by = None;
    for part in written.parts {
        let own = &plan.rules[*part].requests;
        let same = |other: &Rule| {
            other.verb == rule.verb
                && (other.requests.is_empty()
                    || (!own.is_empty() && own.iter().all(|request| other.requests.contains(request))))
        };
        let Some(other) = coverer(plan, *part, same) else {
            return beside_plain(plan, written);
        };
        by = by.or(Some(other));
        if !own.is_empty() && coverer(plan, *part, admits_all).is_some() {
            return beside_plain(plan, written);
        }
    }
    let other = by?;
    let other_parts = all.get(other.index())?.parts;
    let said_here =
        |index: &RuleIndex| written.parts.iter().any(|part| covers(&plan.rules[*part], &plan.rules[*index]));
    let other_span = plan.model.rules[other].span;
    if other_parts.iter().all(said_here) {
        // Of two equal rules the later one is named.
        return (other < written.source).then(|| {
            Diagnostic::new(codes::REPEATED_RULE, rule.span, "this rule stands there twice")
                .related(other_span, "the same rule")
                .help("remove one of them")
        });
    }
    Some(
        Diagnostic::new(codes::COVERED_RULE, rule.span, "another rule covers all of this one")
            .related(other_span, "the wider rule")
            .help("remove this one, or narrow the other"),
    )
}

/// A list of requests on flows whose every request is admitted.
fn beside_plain(plan: &Plan, written: &Written<'_>) -> Option<Diagnostic> {
    let rule = &plan.model.rules[written.source];
    let first = rule.requests.first()?;
    let beside = written.parts.iter().find_map(|part| {
        let wider = |other: &&Rule| {
            other.verb == Verb::Allow && other.requests.is_empty() && overlaps(other, &plan.rules[*part])
        };
        plan.rules_about(*part).map(|index| &plan.rules[index]).find(wider)
    })?;
    Some(
        Diagnostic::new(codes::IDLE_REQUESTS, first.span, "these requests are idle: another rule admits them all")
            .related(plan.model.rules[beside.source].span, "admits every request")
            .help("remove the list, or narrow the other rule"),
    )
}

/// A rule of another source that covers a rule and fits.
fn coverer(plan: &Plan, part: RuleIndex, fits: impl Fn(&Rule) -> bool) -> Option<RuleId> {
    let rule = &plan.rules[part];
    let other = |index: &RuleIndex| {
        let other = &plan.rules[*index];
        other.source != rule.source && fits(other) && covers(other, rule)
    };
    plan.rules_about(part).find(other).map(|index| plan.rules[index].source)
}
