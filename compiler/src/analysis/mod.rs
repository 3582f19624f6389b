//! What can be known about a plan without running anything.
//!
//! Analyses return data; what a reader sees of them is made from that data in one place each.
//!
//! A package's promises are proven, not sampled: everything that is mentioned anywhere divides ends and ports into finitely many classes
//! ([`mentions`], [`universe`], [`ports`]), nothing tells the members of one apart, and each pair of classes is asked ([`reach`]).
//! While a step of a rollout lasts only weights are different, so what holds of flows holds at every step; weights are checked for each.

pub mod cel;

mod addresses;
mod assertions;
mod given;
mod invariants;
mod mentions;
mod names;
mod paths;
mod ports;
mod proof;
mod reach;
mod report;
mod universe;

#[cfg(test)]
mod tests;

use fleetnet_lang::Diagnostic;

use crate::model::{Assertion, Spanned};
use crate::plan::{Plan, Ports};

pub use given::Assumptions;
pub use paths::sent_to;
pub use proof::{Counterexample, Evidence, Failure, Promise, Proof};

use assertions::{Claim, Question};
use mentions::Mentions;
use reach::Reach;
use universe::{Class, universe};

/// Every promise of a plan that is not kept, as findings at the promise.
#[must_use]
pub fn prove(plan: &Plan) -> Vec<Diagnostic> {
    let proof = proof(plan);
    let failures = proof.failures.iter().map(|failure| report::failure(plan, failure));
    let mut diagnostics: Vec<Diagnostic> = failures.collect();
    diagnostics.extend(proof.invalid);
    diagnostics
}

/// Asks every test and every invariant of a plan.
#[must_use]
pub fn proof(plan: &Plan) -> Proof {
    let mut proof = Proof::default();
    let questions = questions(plan, &mut proof.invalid);
    let (requirements, unreadable) = invariants::compile(&plan.model);
    proof.invalid.extend(unreadable);
    let programs: Vec<_> = requirements.iter().map(|requirement| &requirement.program).collect();
    let constants = programs.iter().flat_map(|program| program.ports().iter().copied()).collect();
    let asked: Vec<&Ports> = questions.iter().flatten().flatten().flat_map(Question::ports).collect();
    let reach = Reach::new(plan, &asked, constants);
    let universe = universe(plan, &Mentions::of(plan, &programs));
    for (index, questions) in questions.iter().enumerate() {
        test(plan, &reach, &universe, index, questions, &mut proof);
    }
    proof.failures.extend(invariants::prove(plan, &reach, &universe, &requirements));
    proof
}

/// The reachability assertions of every test, resolved; nothing in the place of any other.
fn questions(plan: &Plan, invalid: &mut Vec<Diagnostic>) -> Vec<Vec<Option<Question>>> {
    let mut question = |assertion: &Spanned<Assertion>| {
        let (claim, written) = match &assertion.value {
            Assertion::Can(written) => (Claim::Can, written),
            Assertion::Cannot(written) => (Claim::Cannot, written),
            Assertion::Serves { .. } | Assertion::Share { .. } => return None,
        };
        Question::new(plan, claim, written, invalid)
    };
    let tests = plan.model.tests.iter();
    tests.map(|test| test.assertions.iter().map(&mut question).collect()).collect()
}

fn test(
    plan: &Plan,
    reach: &Reach<'_>,
    universe: &[Class],
    index: usize,
    questions: &[Option<Question>],
    proof: &mut Proof,
) {
    let Some(test) = plan.model.tests.get(index) else { return };
    let given = Assumptions::of(&plan.model, test);
    for (place, (assertion, question)) in test.assertions.iter().zip(questions).enumerate() {
        let invalid = &mut proof.invalid;
        let evidence = match (&assertion.value, question) {
            (Assertion::Can(_) | Assertion::Cannot(_), Some(question)) => {
                let found = assertions::ask(plan, reach, universe, question, given.lost, invalid);
                found.map(|found| Evidence::Flow(Box::new(found)))
            }
            (Assertion::Can(_) | Assertion::Cannot(_), None) => None,
            (Assertion::Serves { service, client, clusters }, _) => {
                paths::serves(&plan.model, &given, (*service, client, *clusters), invalid)
            }
            (Assertion::Share { path, shares }, _) => {
                let promised = Spanned::new(shares.as_slice(), assertion.span);
                paths::share(&plan.model, &given, *path, &promised, invalid)
            }
        };
        let promise = Promise::Assertion(index, place);
        proof.failures.extend(evidence.map(|evidence| Failure { promise, span: assertion.span, evidence }));
    }
}
