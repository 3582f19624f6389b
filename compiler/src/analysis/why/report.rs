//! What a reader sees of an answer.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::Span;

use super::names::{Named, Role};
use super::{Answer, Miss, Near, Reasons};
use crate::analysis::words;
use crate::model::{Direction, Model, Verb};
use crate::plan::{Plan, Ports, Rule, RuleIndex};
use crate::semantics::{Admits, Cause, Decision, Denial, End, Side};

/// An answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which flows.
    pub pairs: Vec<Pairs>,
    /// The ports.
    pub ports: Vec<String>,
    /// Whether the flows pass.
    pub passes: bool,
    /// The source's side.
    pub egress: SideReport,
    /// The destination's side.
    pub ingress: SideReport,
}

/// Every pair of a source and a destination of two lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// The sources.
    pub from: Vec<Named>,
    /// The destinations.
    pub to: Vec<Named>,
}

/// One side of an answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideReport {
    /// Whether it lets the flows pass.
    pub passes: bool,
    /// What it says, in a few words.
    pub says: String,
    /// What decides.
    pub decides: Vec<Line>,
    /// What that beat.
    pub beaten: Vec<Line>,
    /// What nearly allowed it.
    pub near: Vec<Line>,
}

/// A place in the source and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where; nothing for what is built in.
    pub span: Option<Span>,
    /// What; empty if the place says it all.
    pub text: String,
}

/// An answer in words.
#[must_use]
pub fn report(plan: &Plan, answer: &Answer) -> Report {
    Report {
        pairs: pairs(&plan.model, answer),
        ports: answer.ports.iter().map(|range| words::ports(*range)).collect(),
        passes: answer.verdict.passes(),
        egress: side(plan, Direction::Egress, &answer.verdict.egress, &answer.egress),
        ingress: side(plan, Direction::Ingress, &answer.verdict.ingress, &answer.ingress),
    }
}

/// Pairs as products of lists: sources with the same destinations together.
fn pairs(model: &Model, answer: &Answer) -> Vec<Pairs> {
    let mut destinations: BTreeMap<&End, BTreeSet<&End>> = BTreeMap::new();
    for (source, destination) in &answer.pairs {
        destinations.entry(source).or_default().insert(destination);
    }
    let mut sources: BTreeMap<BTreeSet<&End>, Vec<&End>> = BTreeMap::new();
    for (source, destinations) in destinations {
        sources.entry(destinations).or_default().push(source);
    }
    let mut products: Vec<_> = sources.into_iter().map(|(to, from)| (from, to)).collect();
    products.sort();
    let named = |(from, to)| Pairs {
        from: answer.names.of(model, Role::Source, from),
        to: answer.names.of(model, Role::Destination, to),
    };
    products.into_iter().map(named).collect()
}

fn side(plan: &Plan, direction: Direction, side: &Side, reasons: &Reasons) -> SideReport {
    let causes = |by: &[Cause]| by.iter().map(|cause| cause_line(plan, *cause)).collect::<Vec<Line>>();
    let (says, decides) = match side {
        Side::Ungoverned => ("not governed by the fleet, so nothing is refused here".to_owned(), Vec::new()),
        Side::Governed(Decision::Denied(Denial::Rules(rules))) => {
            ("denied by a rule".to_owned(), rules.iter().map(|rule| rule_line(plan, *rule)).collect())
        }
        Side::Governed(Decision::Denied(Denial::Stub(namespace))) => {
            let span = plan.model.namespaces[*namespace].name.span;
            let text = "the namespace is there for its services only, and has no pods of its own".to_owned();
            ("denied, as every flow of such a pod".to_owned(), vec![Line { span: Some(span), text }])
        }
        Side::Governed(Decision::Allowed { by, admits: Admits::All }) => ("allowed".to_owned(), causes(by)),
        Side::Governed(Decision::Allowed { by, admits: Admits::Requests(requests) }) => {
            let listed: Vec<String> =
                requests.iter().map(|request| format!("`{} {}`", request.method, request.path)).collect();
            (format!("allowed for {}", listed.join(", ")), causes(by))
        }
        Side::Governed(Decision::RequestRefused { by }) => {
            ("the connection is allowed, this request isn't".to_owned(), causes(by))
        }
        Side::Governed(Decision::Default(default)) => {
            let says = match default.value {
                Verb::Allow => "allowed by default: no deny is about it",
                Verb::Deny => "denied by default: no rule allows it",
            };
            (says.to_owned(), vec![Line { span: Some(default.span), text: String::new() }])
        }
    };
    SideReport {
        passes: side.passes(),
        says,
        decides: once(decides),
        beaten: once(causes(&reasons.beaten)),
        near: once(reasons.near.iter().map(|near| near_line(plan, direction, near)).collect()),
    }
}

/// One written rule may be several of the plan's.
fn once(lines: Vec<Line>) -> Vec<Line> {
    let mut kept: Vec<Line> = Vec::new();
    for line in lines {
        if !kept.contains(&line) {
            kept.push(line);
        }
    }
    kept
}

fn rule_line(plan: &Plan, rule: RuleIndex) -> Line {
    Line { span: Some(plan.model.rules[plan.rules[rule].source].span), text: String::new() }
}

fn cause_line(plan: &Plan, cause: Cause) -> Line {
    let built_in = |text: &str| Line { span: None, text: text.to_owned() };
    match cause {
        Cause::Rule(rule) => rule_line(plan, rule),
        Cause::HostToOwnPods => built_in("built in: a node reaches its own pods, for probes"),
        Cause::LookUps => built_in("built in: pods reach their cluster's DNS, unless the fleet says `dns strict`"),
    }
}

fn near_line(plan: &Plan, direction: Direction, near: &Near) -> Line {
    let rule = &plan.rules[near.rule];
    let preposition = match direction {
        Direction::Egress => "to",
        Direction::Ingress => "from",
    };
    let text = match near.miss {
        Miss::Unknown => {
            "the other end is only an address in this cluster: its namespace is not `global` in a mesh of both"
                .to_owned()
        }
        Miss::OtherCluster => "`in local`: the other end runs in another cluster".to_owned(),
        Miss::PeerPlace => format!("it is {preposition} those pods in other clusters"),
        Miss::SubjectPlace => "it is about these pods in other clusters".to_owned(),
        Miss::Ports => format!("it is on {}", ports(rule)),
        Miss::Peer => format!("it is {preposition} somebody else"),
    };
    Line { text, ..rule_line(plan, near.rule) }
}

fn ports(rule: &Rule) -> String {
    match &rule.ports {
        Ports::Any => "any port".to_owned(),
        Ports::Ranges(ranges) => ranges.iter().map(|range| words::ports(*range)).collect::<Vec<_>>().join(", "),
    }
}
