//! What tests say of where connections are sent, asked of the fleet as declared and of every step of a rollout.
//!
//! While a step lasts, paths that have not arrived yet are what the step makes them, not what a test says of the goal; all others must be as
//! ever. Tests that assume a step are about that one alone.

use fleetnet_lang::{Diagnostic, Span};

use super::given::Assumptions;
use super::paths;
use super::proof::{Failure, Promise, Proof};
use crate::model::{Assertion, Given, Model, Rollout, RolloutPath, Test};
use crate::plan::weights;

/// Asks every test, first of the fleet as it is declared; what is broken there is not asked of the steps.
pub fn prove(model: &Model, proof: &mut Proof) {
    let always = |_: &Test, _: &Assertion| true;
    ask(model, None, &always, proof);
    for (index, rollout) in model.rollouts.iter().enumerate() {
        let moving = model.rollouts.get(index..).unwrap_or_default();
        let stays = |test: &Test, assertion: &Assertion| {
            !assumes_a_step(test) && !moving.iter().any(|rollout| moves(model, rollout, assertion))
        };
        for (place, step) in rollout.steps.iter().enumerate() {
            ask(&weights::at_step(model, index, place), Some(step.name.span), &stays, proof);
        }
    }
}

fn assumes_a_step(test: &Test) -> bool {
    test.givens.iter().any(|given| matches!(given.value, Given::Step(..)))
}

/// Whether a rollout moves what an assertion is about.
fn moves(model: &Model, rollout: &Rollout, assertion: &Assertion) -> bool {
    match assertion {
        Assertion::Can(_) | Assertion::Cannot(_) => false,
        Assertion::Serves { service, .. } => match rollout.path {
            RolloutPath::Export(export) => {
                model.exports.get(export).is_some_and(|export| export.service.value == *service)
            }
            RolloutPath::Entry(..) | RolloutPath::Gateway(..) => false,
        },
        Assertion::Share { path, .. } => overlap(*path, rollout.path),
    }
}

/// Whether two paths have traffic in common.
fn overlap(one: RolloutPath, other: RolloutPath) -> bool {
    let meet = |one: Option<_>, other: Option<_>| one.is_none() || other.is_none() || one == other;
    match (one, other) {
        (RolloutPath::Entry(one, service), RolloutPath::Entry(other, of_other))
        | (RolloutPath::Gateway(one, service), RolloutPath::Gateway(other, of_other)) => {
            one == other && meet(service, of_other)
        }
        (RolloutPath::Export(one), RolloutPath::Export(other)) => one == other,
        (RolloutPath::Entry(..) | RolloutPath::Gateway(..) | RolloutPath::Export(_), _) => false,
    }
}

/// Asks those assertions that are to be asked and aren't broken yet.
fn ask(model: &Model, step: Option<Span>, is_asked: &dyn Fn(&Test, &Assertion) -> bool, proof: &mut Proof) {
    for (index, test) in model.tests.iter().enumerate() {
        let given = Assumptions::of(model, test);
        for (place, assertion) in test.assertions.iter().enumerate() {
            let promise = Promise::Assertion(index, place);
            let is_broken = proof.failures.iter().any(|failure| failure.promise == promise);
            if is_broken || !is_asked(test, &assertion.value) {
                continue;
            }
            let mut invalid: Vec<Diagnostic> = Vec::new();
            let evidence = paths::ask(model, &given, assertion, &mut invalid);
            if !invalid.is_empty() {
                proof.unasked.insert(promise);
            }
            invalid.retain(|found| !proof.invalid.contains(found));
            proof.invalid.extend(invalid);
            let failure = evidence.map(|evidence| Failure { promise, span: assertion.span, step, evidence });
            proof.failures.extend(failure);
        }
    }
}
