//! What a reader sees of a broken promise.

use fleetnet_lang::{Code, Diagnostic, Span};

use super::proof::{Counterexample, Evidence, Failure, Promise};
use super::words::{cluster, clusters, end, port, way};
use crate::codes::proof as codes;
use crate::model::{Assertion, Direction, Verb};
use crate::plan::Plan;
use crate::semantics::{Cause, Decision, Denial, Side};

/// Rules that are shown for one side; more of them would hide the rest.
const MOST_RULES: usize = 4;

/// A broken promise as a finding.
pub(super) fn failure(plan: &Plan, failure: &Failure) -> Diagnostic {
    let found = broken(plan, failure);
    match failure.step {
        Some(step) => found.related(step, "while this step lasts"),
        None => found,
    }
}

fn broken(plan: &Plan, failure: &Failure) -> Diagnostic {
    let promise = named(plan, failure.promise);
    match &failure.evidence {
        Evidence::Flow(example) => flow(plan, failure, example, &promise),
        Evidence::Sent { service, client, to, promised } => {
            let (service, client) = (plan.model.service_name(*service), cluster(&plan.model, *client));
            let (to, promised) = (clusters(&plan.model, *to), clusters(&plan.model, *promised));
            let message = format!("connections to `{service}` from {client} are sent to {to}, not to {promised}");
            let help = "the service runs where its pods do; an `export` adds other clusters, its `affinity` chooses among them";
            Diagnostic::new(codes::SERVES_FAILED, failure.span, message).labelled(promise).help(help)
        }
        Evidence::Share { cluster: of, gateway, realised, promised } => {
            let of = cluster(&plan.model, *of);
            let place =
                gateway.map_or_else(String::new, |at| format!(" at the gateway in {}", cluster(&plan.model, at)));
            let message = format!("{of} gets {realised}{place}, not {promised}");
            let help = "change the weights, or what the test promises";
            Diagnostic::new(codes::SHARE_FAILED, failure.span, message).labelled(promise).help(help)
        }
    }
}

/// The promise by its name.
fn named(plan: &Plan, promise: Promise) -> String {
    match promise {
        Promise::Assertion(test, _) => {
            let name = plan.model.tests.get(test).map(|test| &test.name.value);
            name.map_or_else(String::new, |name| format!("in test `{name}`"))
        }
        Promise::Requirement(invariant, _) => {
            let invariant = plan.model.invariants.get(invariant);
            let title = |invariant: &crate::model::Invariant| match &invariant.title {
                Some(title) => format!("invariant `{}`: {title}", invariant.name.value),
                None => format!("invariant `{}`", invariant.name.value),
            };
            invariant.map_or_else(String::new, title)
        }
    }
}

fn flow(plan: &Plan, failure: &Failure, example: &Counterexample, promise: &str) -> Diagnostic {
    let Counterexample { flow, verdict } = example;
    let passes = verdict.passes();
    let verb = if passes { "reaches" } else { "does not reach" };
    let (source, destination) = (end(&plan.model, &flow.source), end(&plan.model, &flow.destination));
    let message = format!("{source} {verb} {destination} on {}", port(flow));
    let mut found = Diagnostic::new(code(plan, failure.promise), failure.span, message).labelled(promise);
    let sides = [(Direction::Egress, &verdict.egress, source), (Direction::Ingress, &verdict.ingress, destination)];
    for (direction, side, whose) in sides.iter().filter(|(_, side, _)| side.passes() == passes) {
        for (span, text) in reasons(plan, *direction, side, whose) {
            found = found.related(span, text);
        }
    }
    let closed = sides.into_iter().find(|(_, side, _)| !side.passes());
    match closed {
        Some((direction, side, whose)) => found.help(how_to_open(direction, side, &whose)),
        None => found.help("narrow the rules that let it pass, or add a `deny`"),
    }
}

fn code(plan: &Plan, promise: Promise) -> Code {
    let Promise::Assertion(test, place) = promise else { return codes::INVARIANT_BROKEN };
    let assertion = plan.model.tests.get(test).and_then(|test| test.assertions.get(place));
    match assertion.map(|assertion| &assertion.value) {
        Some(Assertion::Can(_)) => codes::CAN_FAILED,
        Some(Assertion::Cannot(_)) => codes::CANNOT_FAILED,
        Some(Assertion::Serves { .. }) => codes::SERVES_FAILED,
        Some(Assertion::Share { .. }) | None => codes::SHARE_FAILED,
    }
}

/// What decided one side, where it is written.
fn reasons(plan: &Plan, direction: Direction, side: &Side, whose: &str) -> Vec<(Span, String)> {
    let way = way(direction);
    let rules = |rules: Vec<crate::plan::RuleIndex>, what: &str| {
        let mut spans: Vec<Span> = rules.iter().map(|rule| plan.model.rules[plan.rules[*rule].source].span).collect();
        spans.dedup();
        let shown = spans.into_iter().take(MOST_RULES);
        shown.map(|span| (span, format!("{what} {way} {whose}"))).collect()
    };
    let caused = |by: &[Cause]| {
        let of_rule = |cause: &Cause| match cause {
            Cause::Rule(rule) => Some(*rule),
            Cause::HostToOwnPods | Cause::LookUps => None,
        };
        by.iter().filter_map(of_rule).collect()
    };
    match side {
        Side::Ungoverned => Vec::new(),
        Side::Governed(Decision::Denied(Denial::Rules(denies))) => rules(denies.clone(), "denies it"),
        Side::Governed(Decision::Denied(Denial::Stub(namespace))) => {
            let span = plan.model.namespaces[*namespace].name.span;
            vec![(span, format!("has no pods of its own there, so everything is denied {way} {whose}"))]
        }
        Side::Governed(Decision::Allowed { by, .. }) => rules(caused(by), "allows it"),
        Side::Governed(Decision::RequestRefused { by }) => rules(caused(by), "admits other requests"),
        Side::Governed(Decision::Default(default)) => {
            let what = match default.value {
                Verb::Allow => "no rule speaks of it, and the default allows it",
                Verb::Deny => "no rule allows it, and the default denies it",
            };
            vec![(default.span, format!("{what} {way} {whose}"))]
        }
    }
}

fn how_to_open(direction: Direction, side: &Side, whose: &str) -> String {
    let way = way(direction);
    match side {
        Side::Governed(Decision::Denied(Denial::Rules(_))) => {
            "a deny beats every allow: narrow it, or change the test".to_owned()
        }
        Side::Governed(Decision::Denied(Denial::Stub(_))) => {
            "let the namespace run there (`in …`), or leave that cluster out of the test".to_owned()
        }
        Side::Governed(Decision::RequestRefused { .. }) => {
            format!("add the request to a rule that allows the connection {way} {whose}")
        }
        Side::Governed(Decision::Default(_) | Decision::Allowed { .. }) | Side::Ungoverned => {
            format!("add a rule that allows it {way} {whose}")
        }
    }
}
