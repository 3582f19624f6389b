//! What can be known about a plan without running anything.
//!
//! Analyses return data; what a reader sees of them is made from that data in one place each.
//!
//! A package's promises are proven, not sampled: everything that is mentioned anywhere divides ends and ports into finitely many classes
//! ([`mentions`], [`universe`], [`ports`]), nothing tells the members of one apart, and each pair of classes is asked ([`reach`]).
//! While a step of a rollout lasts only weights are different, so what holds of flows holds at every step; where
//! they are sent is asked of each ([`traffic`]).

pub mod cel;

mod addresses;
mod assertions;
mod given;
pub mod graph;
mod invariants;
mod labels;
mod mentions;
mod names;
mod partners;
mod paths;
mod ports;
mod proof;
mod reach;
mod report;
mod traffic;
mod universe;
pub mod why;
mod words;

#[cfg(test)]
mod tests;

use fleetnet_lang::Diagnostic;

use crate::model::{Assertion, Spanned};
use crate::plan::{Plan, Ports};
use crate::workers::{self, Workers};

pub use given::Assumptions;
pub use paths::sent_to;
pub use proof::{Counterexample, Evidence, Failure, Promise, Proof};

use assertions::{Claim, Everybody, Question, Words};
use mentions::Mentions;
use reach::Reach;
use universe::{Class, universe};

/// Every promise of a plan that is not kept, as findings at the promise.
#[must_use]
pub fn prove(plan: &Plan, workers: &dyn Workers) -> Vec<Diagnostic> {
    let proof = proof(plan, workers);
    let failures = proof.failures.iter().map(|failure| report::failure(plan, failure));
    let mut diagnostics: Vec<Diagnostic> = failures.collect();
    diagnostics.extend(proof.invalid);
    diagnostics
}

/// Asks every test and every invariant of a plan.
#[must_use]
pub fn proof(plan: &Plan, workers: &dyn Workers) -> Proof {
    let mut proof = Proof::default();
    if plan.model.tests.is_empty() && plan.model.invariants.is_empty() {
        return proof;
    }
    let questions = questions(plan, &mut proof.invalid);
    let (requirements, unreadable) = invariants::compile(&plan.model);
    proof.invalid.extend(unreadable);
    let programs: Vec<_> = requirements.iter().map(|requirement| &requirement.program).collect();
    let constants = programs.iter().flat_map(|program| program.ports().iter().copied()).collect();
    let asked: Vec<&Ports> = questions.iter().flatten().flatten().flat_map(Question::ports).collect();
    let reach = Reach::new(plan, &asked, constants);
    let is_asked = !programs.is_empty() || questions.iter().flatten().any(Option::is_some);
    let universe = if is_asked { universe(plan, &Mentions::of(plan, &programs)) } else { Ok(Vec::new()) };
    match universe {
        Ok(universe) => {
            flows(plan, &reach, &universe, &questions, workers, &mut proof);
            proof.failures.extend(invariants::prove(plan, &reach, &universe, &requirements, workers));
        }
        Err(found) => proof.invalid.push(found),
    }
    traffic::prove(&plan.model, &mut proof);
    proof
}

/// The reachability assertions of every test, resolved; nothing in the place of any other.
fn questions(plan: &Plan, invalid: &mut Vec<Diagnostic>) -> Vec<Vec<Option<Question>>> {
    let mut words = Words::new(&plan.model);
    let mut question = |assertion: &Spanned<Assertion>| {
        let (claim, written) = match &assertion.value {
            Assertion::Can(written) => (Claim::Can, written),
            Assertion::Cannot(written) => (Claim::Cannot, written),
            Assertion::Serves { .. } | Assertion::Share { .. } => return None,
        };
        Question::read(&mut words, claim, written, invalid)
    };
    let tests = plan.model.tests.iter();
    tests.map(|test| test.assertions.iter().map(&mut question).collect()).collect()
}

/// Asks which flows pass.
fn flows(
    plan: &Plan,
    reach: &Reach<'_>,
    universe: &[Class],
    questions: &[Vec<Option<Question>>],
    workers: &dyn Workers,
    proof: &mut Proof,
) {
    let everybody = Everybody::new(plan, universe);
    let tests = plan.model.tests.iter().zip(questions).enumerate();
    let asked = tests.flat_map(|(index, (test, questions))| {
        let lost = Assumptions::of(&plan.model, test).lost;
        let places = test.assertions.iter().zip(questions).enumerate();
        places.filter_map(move |(place, (assertion, question))| {
            Some((Promise::Assertion(index, place), assertion.span, question.as_ref()?, lost))
        })
    });
    let asked: Vec<_> = asked.collect();
    let answers = workers::map(workers, &asked, |(promise, span, question, lost)| {
        let mut invalid = Vec::new();
        let found = assertions::ask(plan, reach, &everybody, question, *lost, &mut invalid);
        let evidence = found.map(|found| Evidence::Flow(Box::new(found)));
        (invalid, evidence.map(|evidence| Failure { promise: *promise, span: *span, step: None, evidence }))
    });
    for (invalid, failure) in answers {
        proof.invalid.extend(invalid);
        proof.failures.extend(failure);
    }
}
