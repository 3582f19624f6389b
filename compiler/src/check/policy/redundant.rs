//! Rules that other rules or a default make idle.
//!
//! A written rule may be several rules of the plan, and is idle only if each of them is. Whatever is found here may be removed, and all of it
//! together: a rule that is found counts no longer as what makes another one idle.

use std::borrow::Cow;
use std::collections::BTreeSet;

use fleetnet_lang::{Code, Diagnostic};

use super::cover::{Extent, Wanted, cover, may_name, ports_overlap};
use super::index::{Index, clusters_of, counting};
use super::witness;
use crate::check::Scope;
use crate::codes::policy as codes;
use crate::model::{Direction, Id, IdentityId, PodSet, Request, RuleId, Table, Verb};
use crate::plan::{Peer, Plan, Ports, Rule, RuleIndex};
use crate::workers::{self, Workers};

/// The findings about all rules, and the rules that are idle as long as nothing is removed. Of an edited plan only the rules beside the edit are
/// judged again, and which others are suspects is known.
pub(super) fn check(index: &Index<'_>, scope: Scope<'_>, workers: &dyn Workers) -> (Vec<Diagnostic>, Vec<RuleId>) {
    let plan = index.plan;
    let mut judge =
        Judge { plan, index, parts: Parts::new(index), denied: Denied::new(index), removed: BTreeSet::new() };
    // What is not idle with all rules beside it is not with fewer, so most rules are judged side by side.
    let judged = scope.beside(&plan.model);
    let chunks: Vec<&[RuleId]> = judged.chunks(CHUNK).collect();
    let suspects = workers::map(workers, &chunks, |chunk| judge.suspects(chunk));
    let suspects = suspects.into_iter().flatten().chain(scope.other_suspects());
    let mut suspects: Vec<RuleId> = suspects.collect();
    suspects.sort_unstable();
    let mut found = judge.sweep(suspects.iter().copied(), Judge::pointless);
    // Of two equal rules the later one is named.
    found.extend(judge.sweep(suspects.iter().rev().copied(), Judge::repeated));
    (found, suspects)
}

/// The findings that [`check`] gives of a whole plan in any case.
pub const IDLE: [Code; 5] =
    [codes::IDLE_ALLOW, codes::BEATEN_ALLOW, codes::IDLE_REQUESTS, codes::REPEATED_RULE, codes::COVERED_RULE];

/// The rules that one job looks at.
const CHUNK: usize = 256;

/// What each written rule has become: rules that stand beside each other.
struct Parts(
    /// Where those of each rule begin, and behind the last where all end.
    Vec<usize>,
);

impl Parts {
    fn new(index: &Index<'_>) -> Self {
        let plan = index.plan;
        let mut begins = Vec::with_capacity(plan.model.rules.len() + 1);
        for (place, outline) in index.outlines.rows().iter().enumerate() {
            begins.resize(begins.len().max(outline.source.index() + 1), place);
        }
        begins.resize(plan.model.rules.len() + 1, plan.rules.len());
        Self(begins)
    }

    fn of(&self, written: RuleId) -> impl Iterator<Item = RuleIndex> + use<> {
        let place = |rule: usize| self.0.get(rule).copied().unwrap_or_default();
        (place(written.index())..place(written.index() + 1)).map(RuleIndex::at)
    }
}

/// Whether there is some deny about the pods of an identity, by direction: mostly there is none.
struct Denied {
    ingress: Table<IdentityId, bool>,
    egress: Table<IdentityId, bool>,
}

impl Denied {
    fn new(index: &Index<'_>) -> Self {
        let none = vec![false; index.plan.model.identities.len()];
        let mut denied = Self { ingress: none.clone().into(), egress: none.into() };
        let outlines = index.plan.rules.rows().iter().zip(index.outlines.rows());
        for (rule, outline) in outlines.filter(|(_, outline)| outline.verb == Verb::Deny) {
            let of_direction = match outline.direction {
                Direction::Ingress => &mut denied.ingress,
                Direction::Egress => &mut denied.egress,
            };
            rule.subjects.iter().for_each(|set| of_direction[set.identity] = true);
        }
        denied
    }

    fn has(&self, identity: IdentityId, direction: Direction) -> bool {
        match direction {
            Direction::Ingress => self.ingress[identity],
            Direction::Egress => self.egress[identity],
        }
    }
}

struct Judge<'a> {
    plan: &'a Plan,
    index: &'a Index<'a>,
    parts: Parts,
    denied: Denied,
    /// What is found to be idle.
    removed: BTreeSet<RuleId>,
}

/// Flows of a rule that others may match.
struct Need<'a> {
    direction: Direction,
    subjects: Cow<'a, [PodSet]>,
    peers: Cow<'a, [Peer]>,
    ports: &'a Ports,
    /// What may be asked on them; every request, if nothing is said.
    request: Option<&'a Request>,
}

impl Need<'_> {
    fn wanted(&self) -> Wanted<'_> {
        let Self { direction, subjects, peers, ports, .. } = self;
        Wanted { direction: *direction, subjects, peers, ports, extent: Extent::Every }
    }

    /// Whether a rule with the right flows admits what may be asked.
    fn is_admitted_by(&self, other: &Rule) -> bool {
        let admits = |wanted| other.requests.iter().any(|own| own.covers(wanted));
        other.requests.is_empty() || self.request.is_some_and(admits)
    }
}

impl<'a> Judge<'a> {
    fn sweep(
        &mut self,
        rules: impl Iterator<Item = RuleId>,
        judge: impl Fn(&Self, RuleId) -> Option<Diagnostic>,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for rule in rules {
            if !self.removed.contains(&rule)
                && let Some(diagnostic) = judge(self, rule)
            {
                self.removed.insert(rule);
                found.push(diagnostic);
            }
        }
        found
    }

    /// Those of some rules that are idle as long as nothing is removed.
    fn suspects(&self, rules: &[RuleId]) -> Vec<RuleId> {
        let idle = |rule: &RuleId| self.pointless(*rule).or_else(|| self.repeated(*rule)).is_some();
        rules.iter().copied().filter(idle).collect()
    }

    /// An allow that never counts.
    fn pointless(&self, written: RuleId) -> Option<Diagnostic> {
        self.idle(written).or_else(|| self.beaten(written))
    }

    fn rules_of(&self, written: RuleId) -> impl Iterator<Item = &'a Rule> {
        self.parts.of(written).map(|index| &self.plan.rules[index])
    }

    /// An allow where everything is allowed anyway.
    fn idle(&self, written: RuleId) -> Option<Diagnostic> {
        let (plan, rule) = (self.plan, &self.plan.model.rules[written]);
        if rule.verb != Verb::Allow || !self.rules_of(written).all(|part| counting(plan, part).is_empty()) {
            return None;
        }
        let part = self.rules_of(written).next()?;
        let set = part.subjects.first()?;
        let default = plan.default_of(set.identity, set.clusters.iter().next()?, part.direction);
        Some(
            Diagnostic::new(codes::IDLE_ALLOW, rule.span, "this allow does nothing: the default allows it already")
                .related(default.span, "the default")
                .help("remove it, or deny by default where it should count"),
        )
    }

    /// An allow of which one direction never counts.
    fn beaten(&self, written: RuleId) -> Option<Diagnostic> {
        let rule = &self.plan.model.rules[written];
        if rule.verb != Verb::Allow {
            return None;
        }
        let mut each = Direction::ALL.into_iter();
        let denies = |_: &Rule, _: &Need<'_>| true;
        let by = each.find_map(|direction| {
            self.said_by(written, &self.needs_one_way(written, direction)?, Verb::Deny, denies)
        })?;
        let found = match by.as_slice() {
            [_] => Diagnostic::new(codes::BEATEN_ALLOW, rule.span, "a deny always beats this allow"),
            _ => Diagnostic::new(codes::BEATEN_ALLOW, rule.span, "together, denies always beat this allow"),
        };
        Some(self.naming(found, &by, "the deny").help("remove the allow, or narrow the deny"))
    }

    /// What must be denied so that no flow of a rule passes: one side of all of them. Ends that the fleet doesn't govern have no other side.
    fn needs_one_way(&self, written: RuleId, direction: Direction) -> Option<Vec<Need<'a>>> {
        let subject = self.rules_of(written).find(|part| part.direction == direction)?.subjects.first()?;
        if !self.denied.has(subject.identity, direction) {
            return None;
        }
        let mut needs = Vec::new();
        for part in self.rules_of(written) {
            let peers = if part.direction == direction {
                Cow::Borrowed(part.peers.as_slice())
            } else {
                Cow::Owned(part.peers.iter().filter(|peer| peer.pods().is_none()).cloned().collect())
            };
            if !peers.is_empty() {
                let (subjects, ports) = (Cow::Borrowed(&*part.subjects), &part.ports);
                needs.push(Need { direction: part.direction, subjects, peers, ports, request: None });
            }
        }
        needs.iter().any(|need| need.direction == direction).then_some(needs)
    }

    /// A rule that says nothing that others don't.
    fn repeated(&self, written: RuleId) -> Option<Diagnostic> {
        let rule = &self.plan.model.rules[written];
        let fits = |other: &Rule, need: &Need<'_>| need.is_admitted_by(other);
        if let Some(first) = rule.requests.first()
            && let Some(by) = self.said_by(written, &self.needs(written, Asked::Anything), rule.verb, fits)
        {
            let message = match by.as_slice() {
                [_] => "these requests are idle: another rule admits them all",
                _ => "these requests are idle: other rules admit them all",
            };
            let found = Diagnostic::new(codes::IDLE_REQUESTS, first.span, message);
            return Some(self.naming(found, &by, "admits every request").help("remove this rule, or narrow the other"));
        }
        let by = self.said_by(written, &self.needs(written, Asked::AsWritten), rule.verb, fits)?;
        Some(match by.as_slice() {
            [other] if self.is_all_said_by(&self.needs(*other, Asked::AsWritten), written, rule.verb, fits) => {
                let found = Diagnostic::new(codes::REPEATED_RULE, rule.span, "this rule stands there twice");
                self.naming(found, &by, "the same rule").help("remove one of them")
            }
            [_] => {
                let found = Diagnostic::new(codes::COVERED_RULE, rule.span, "another rule covers all of this one");
                self.naming(found, &by, "the wider rule").help("remove this one, or narrow the other")
            }
            _ => {
                let found = Diagnostic::new(codes::COVERED_RULE, rule.span, "other rules together cover this one");
                self.naming(found, &by, "covers a part").help("remove this one, or narrow the others")
            }
        })
    }

    /// The flows for which a rule counts.
    fn needs(&self, written: RuleId, asked: Asked) -> Vec<Need<'a>> {
        let mut needs = Vec::new();
        for part in self.rules_of(written) {
            let subjects = match part.verb {
                Verb::Deny => Cow::Borrowed(&*part.subjects),
                Verb::Allow => counting(self.plan, part),
            };
            if subjects.is_empty() {
                continue;
            }
            let need = |request| Need {
                direction: part.direction,
                subjects: subjects.clone(),
                peers: Cow::Borrowed(part.peers.as_slice()),
                ports: &part.ports,
                request,
            };
            match asked {
                Asked::AsWritten if !part.requests.is_empty() => needs.extend(part.requests.iter().map(Some).map(need)),
                Asked::AsWritten | Asked::Anything => needs.push(need(None)),
            }
        }
        needs
    }

    /// The other rules of a verb that match all flows: one, if one does, and else as many as it takes.
    fn said_by(
        &self,
        written: RuleId,
        needs: &[Need<'_>],
        verb: Verb,
        fits: impl Fn(&Rule, &Need<'_>) -> bool,
    ) -> Option<Vec<RuleId>> {
        let first = needs.first()?;
        let counts = |index: &RuleIndex, need: &Need<'_>| {
            let outline = self.index.outline(*index);
            (outline.verb, outline.direction) == (verb, need.direction)
                && outline.source != written
                && !self.removed.contains(&outline.source)
                && fits(&self.plan.rules[*index], need)
        };
        let sources = self.at_one_flow(first, |index| counts(index, first))?;
        if let Some(one) = sources.iter().find(|source| self.is_all_said_by(needs, **source, verb, &fits)) {
            return Some(vec![*one]);
        }
        let mut all = BTreeSet::new();
        for need in needs {
            let others = |subject: IdentityId| {
                let between = self.index.between(subject, &need.peers);
                let mut others: Vec<RuleIndex> = between.filter(|index| counts(index, need)).collect();
                others.sort_unstable();
                others.dedup();
                others
            };
            all.extend(cover(self.plan, need.wanted(), others)?.iter().map(|index| self.index.outline(*index).source));
        }
        Some(all.into_iter().collect())
    }

    /// Whether one written rule matches all flows.
    fn is_all_said_by(
        &self,
        needs: &[Need<'_>],
        by: RuleId,
        verb: Verb,
        fits: impl Fn(&Rule, &Need<'_>) -> bool,
    ) -> bool {
        needs.iter().all(|need| {
            let is_fitting =
                |index: &RuleIndex| self.index.outline(*index).verb == verb && fits(&self.plan.rules[*index], need);
            let fitting = self.parts.of(by).filter(is_fitting);
            let fitting: Vec<RuleIndex> = fitting.collect();
            !fitting.is_empty() && cover(self.plan, need.wanted(), |_| fitting.clone()).is_some()
        })
    }

    /// The rules that match one flow of many: most rules are not idle, and this tells soon.
    fn at_one_flow(&self, need: &Need<'_>, counts: impl Fn(&RuleIndex) -> bool) -> Option<BTreeSet<RuleId>> {
        let subjects = need.subjects.iter();
        let set = subjects.min_by_key(|set| self.plan.rules_of[set.identity].len())?;
        let cluster = set.clusters.iter().next()?;
        let peers = [witness::peer(need.peers.first()?, cluster)?];
        let ports = witness::port(need.ports);
        let subject = [PodSet { identity: set.identity, clusters: crate::model::ClusterSet::of(cluster) }];
        let one = Wanted { subjects: &subject, peers: &peers, ports: &ports, ..need.wanted() };
        let matches = |index: &RuleIndex| {
            let rule = &self.plan.rules[*index];
            may_name(rule, &peers)
                && ports_overlap(&rule.ports, &ports)
                && clusters_of(&rule.subjects, set.identity).contains(cluster)
                && cover(self.plan, one, |_| vec![*index]).is_some()
        };
        let matching = self.index.between(set.identity, &peers).filter(counts).filter(matches);
        let sources: BTreeSet<RuleId> = matching.map(|index| self.index.outline(index).source).collect();
        (!sources.is_empty()).then_some(sources)
    }

    fn naming(&self, found: Diagnostic, rules: &[RuleId], word: &str) -> Diagnostic {
        rules.iter().fold(found, |found, rule| found.related(self.plan.model.rules[*rule].span, word))
    }
}

/// What may be asked on the flows of a rule with a list of requests.
#[derive(Clone, Copy)]
enum Asked {
    /// What it lists.
    AsWritten,
    /// Anything: the list isn't looked at.
    Anything,
}
