//! Why a flow passes or doesn't: what decides at each end, what that beat, and what a default deny nearly allowed.
//!
//! The verdicts are the reference evaluator's. Flows of which the same is to be said are one answer.

mod names;
mod near;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_lang::{Diagnostic, Span};

use super::assertions::flows;
use super::mentions::Mentions;
use super::ports::PortMask;
use super::question::{Claim, Question};
use super::reach::Reach;
use super::universe::universe;
use crate::codes::proof as codes;
use crate::model::{self, ClusterSet, Direction, PortExpr, PortRange, Verb};
use crate::plan::{Plan, Ports, RuleIndex};
use crate::semantics::{
    Cause, Decision, Denial, End, Flow, Seen, Side, Subject, Verdict, built_in, decide, is_peer, seen,
};

pub use names::Named;
pub use near::{Miss, Near};
pub use report::{Line, Pairs, Report, SideReport, report};

use names::Names;

/// Most flows that one question is about, and most rules that the reference evaluator looks at for all of them: some seconds.
pub(super) const MOST_FLOWS: usize = 100_000;
const MOST_LOOKS: usize = 500_000_000;

/// Flows of which the same is to be said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Sources and destinations.
    pub pairs: Vec<(End, End)>,
    /// The destination's ports, or ICMP types.
    pub ports: Vec<PortRange>,
    /// One of the flows.
    pub example: Flow,
    /// What both ends make of it.
    pub verdict: Verdict,
    /// Why the source's side says so.
    pub egress: Reasons,
    /// Why the destination's side says so.
    pub ingress: Reasons,
    /// What the question calls those outside the fleet.
    names: Arc<Names>,
}

/// What else one side considered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Allows that match, and that a deny beats.
    pub beaten: Vec<Cause>,
    /// Allows that one thing keeps from matching, where nothing matches. The nearest first.
    pub near: Vec<Near>,
}

/// Answers a question about flows; an error says what can't be asked.
pub fn why(plan: &Plan, asked: &model::Reach) -> Result<Vec<Answer>, Vec<Diagnostic>> {
    let mut invalid = Vec::new();
    let question = Question::new(plan, Claim::Open, asked, &mut invalid).ok_or_else(|| std::mem::take(&mut invalid))?;
    let reach = Reach::new(plan, &question.ports().collect::<Vec<&Ports>>(), Vec::new());
    let mut mentions = Mentions::of(plan, &[]);
    mentions.asked(asked);
    // Whoever asks wants to hear of every cluster by its name.
    mentions.clusters.extend(plan.model.clusters.ids().map(ClusterSet::of));
    let universe = universe(plan, &mentions).map_err(|found| vec![found])?;
    let most = MOST_FLOWS.min(MOST_LOOKS / plan.rules.len().max(1));
    let flows = flows(plan, &reach, &universe, &question, most, &mut invalid).ok_or_else(|| vec![too_many(asked)])?;
    if !invalid.is_empty() {
        return Err(invalid);
    }
    let names = Arc::new(Names::new(&plan.model, asked, &flows));
    Ok(answers(plan, asked, &reach, flows, &names))
}

fn too_many(asked: &model::Reach) -> Diagnostic {
    let ends = asked.from.iter().chain(&asked.to).map(|peer| peer.span);
    let span = ends.reduce(Span::to).unwrap_or(Span { file: fleetnet_lang::FileId(0), start: 0, end: 0 });
    Diagnostic::new(codes::TOO_MANY_CLASSES, span, "this asks about too many flows")
        .help("name a port, name fewer ends, or say where they run with `in …`")
}

fn answers(
    plan: &Plan,
    asked: &model::Reach,
    reach: &Reach<'_>,
    flows: Vec<(&End, &End, PortMask)>,
    names: &Arc<Names>,
) -> Vec<Answer> {
    let request = asked.request.as_ref().map(|request| &request.value);
    let mut answers: Vec<Answer> = Vec::new();
    let mut places: BTreeMap<Same, usize> = BTreeMap::new();
    for (source, destination, ports) in flows {
        let mut verdicts: BTreeMap<Verdict, Verdicts> = BTreeMap::new();
        for class in reach.ports.of(&ports) {
            let flow = Flow {
                source: source.clone(),
                destination: destination.clone(),
                protocol: class.protocol,
                port: class.first,
                request: request.cloned(),
            };
            let verdict = decide(plan, &flow);
            let [egress, ingress] = [(Direction::Egress, &verdict.egress), (Direction::Ingress, &verdict.ingress)]
                .map(|(direction, side)| reasons(plan, direction, side, &flow));
            let known = verdicts.entry(verdict).or_insert_with(|| Verdicts::of(flow));
            add(&mut known.ports, class);
            known.egress.add(egress);
            known.ingress.add(ingress);
        }
        for (verdict, Verdicts { example, ports, egress, ingress }) in verdicts {
            let pair = (source.clone(), destination.clone());
            let beaten = [egress.beaten.clone(), ingress.beaten.clone()];
            let place = *places.entry((verdict.clone(), ports.clone(), beaten)).or_insert(answers.len());
            if let Some(answer) = answers.get_mut(place) {
                answer.pairs.push(pair);
                answer.egress.add(egress);
                answer.ingress.add(ingress);
            } else {
                let names = Arc::clone(names);
                answers.push(Answer { pairs: vec![pair], ports, example, verdict, egress, ingress, names });
            }
        }
    }
    if asked.ports.iter().all(|port| matches!(port.value, PortExpr::Any)) {
        // Of all ports and protocols every rule is about some.
        answers.iter_mut().for_each(Answer::keep_the_nearest);
    }
    answers
}

/// What is the same for all flows of one answer: verdict, ports, and what a deny beats at either end.
type Same = (Verdict, Vec<PortRange>, [Vec<Cause>; 2]);

/// The ports of one pair of ends with one verdict.
struct Verdicts {
    example: Flow,
    ports: Vec<PortRange>,
    egress: Reasons,
    ingress: Reasons,
}

impl Verdicts {
    fn of(example: Flow) -> Self {
        Self { example, ports: Vec::new(), egress: Reasons::default(), ingress: Reasons::default() }
    }
}

impl Answer {
    fn keep_the_nearest(&mut self) {
        for reasons in [&mut self.egress, &mut self.ingress] {
            reasons.near.retain(|near| near.miss < Miss::Ports);
        }
    }
}

impl Reasons {
    /// Joins what is said of several flows: of an allow, how it is nearest to one of them.
    fn add(&mut self, other: Self) {
        self.beaten.extend(other.beaten);
        self.beaten.sort();
        self.beaten.dedup();
        self.near.extend(other.near);
        self.near.sort();
        let mut seen = BTreeSet::new();
        self.near.retain(|near| seen.insert(near.rule));
    }
}

/// Adds a range behind the others.
fn add(ranges: &mut Vec<PortRange>, next: PortRange) {
    match ranges.last_mut() {
        Some(last) if last.protocol == next.protocol && last.last.checked_add(1) == Some(next.first) => {
            last.last = next.last;
        }
        Some(_) | None => ranges.push(next),
    }
}

fn reasons(plan: &Plan, direction: Direction, side: &Side, flow: &Flow) -> Reasons {
    let (own, other) = match direction {
        Direction::Egress => (&flow.source, &flow.destination),
        Direction::Ingress => (&flow.destination, &flow.source),
    };
    let End::Pod { identity, cluster, .. } = own else { return Reasons::default() };
    let subject = Subject { identity: *identity, cluster: *cluster };
    match side {
        Side::Governed(Decision::Denied(Denial::Rules(_))) => {
            Reasons { beaten: beaten(plan, direction, subject, other, flow), near: Vec::new() }
        }
        Side::Governed(Decision::Default(default)) if default.value == Verb::Deny => {
            Reasons { beaten: Vec::new(), near: near::near(plan, direction, subject, other, flow) }
        }
        Side::Governed(
            Decision::Denied(Denial::Stub(_))
            | Decision::Allowed { .. }
            | Decision::RequestRefused { .. }
            | Decision::Default(_),
        )
        | Side::Ungoverned => Reasons::default(),
    }
}

/// The allows that would decide if there were no deny.
fn beaten(plan: &Plan, direction: Direction, subject: Subject, other: &End, flow: &Flow) -> Vec<Cause> {
    let peer = seen(plan, subject.cluster, other);
    let rules = plan.rules_of[subject.identity].iter().copied().filter(|index| {
        let rule = &plan.rules[*index];
        rule.verb == Verb::Allow && rule.direction == direction && matches(plan, *index, subject, flow, &peer)
    });
    let built_in = built_in(plan, direction, subject, &peer, flow);
    rules.map(Cause::Rule).chain(built_in).collect()
}

fn matches(plan: &Plan, index: RuleIndex, subject: Subject, flow: &Flow, peer: &Seen<'_>) -> bool {
    let rule = &plan.rules[index];
    rule.is_about(subject.identity, subject.cluster)
        && rule.ports.contains(flow.protocol, flow.port)
        && rule.peers.iter().any(|written| is_peer(plan, subject, written, peer))
}
