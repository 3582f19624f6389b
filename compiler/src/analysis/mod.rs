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
pub mod capacity;
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
mod question;
mod reach;
mod report;
mod traffic;
mod universe;
pub mod why;
mod words;

#[cfg(test)]
mod tests;

use fleetnet_lang::{Diagnostic, Span};

use crate::model::{Assertion, ClusterSet};
use crate::plan::{Plan, Ports};
use crate::workers::{self, Workers};

pub use given::Assumptions;
pub use paths::sent_to;
pub use proof::{Counterexample, Evidence, Failure, Promise, Proof, Standing};

use assertions::Everybody;
use mentions::Mentions;
use question::{Claim, Question, Words};
use reach::Reach;
use universe::{Class, universe};

/// What a proof found, as findings at the promises.
#[must_use]
pub fn findings(plan: &Plan, proof: &Proof) -> Vec<Diagnostic> {
    let failures = proof.failures.iter().map(|failure| report::failure(plan, failure));
    failures.chain(proof.invalid.iter().cloned()).collect()
}

/// Asks every test and every invariant of a plan.
#[must_use]
pub fn proof(plan: &Plan, workers: &dyn Workers) -> Proof {
    let mut proof = Proof::default();
    if plan.model.tests.is_empty() && plan.model.invariants.is_empty() {
        return proof;
    }
    let questions = questions(plan, &mut proof);
    let requirements = invariants::compile(&plan.model, &mut proof);
    let programs: Vec<_> = requirements.iter().map(|requirement| &requirement.program).collect();
    let constants = programs.iter().flat_map(|program| program.ports().iter().copied()).collect();
    let asked: Vec<&Ports> = questions.iter().flat_map(|posed| posed.question.ports()).collect();
    let reach = Reach::new(plan, &asked, constants);
    let is_asked = !programs.is_empty() || !questions.is_empty();
    let universe = if is_asked { universe(plan, &Mentions::of(plan, &programs)) } else { Ok(Vec::new()) };
    match universe {
        Ok(universe) => {
            flows(plan, &reach, &universe, &questions, workers, &mut proof);
            proof.failures.extend(invariants::prove(plan, &reach, &universe, &requirements, workers));
        }
        Err(found) => {
            proof.invalid.push(found);
            proof.unasked.extend(questions.iter().map(|posed| posed.promise));
            proof.unasked.extend(requirements.iter().map(|requirement| requirement.promise));
        }
    }
    traffic::prove(&plan.model, &mut proof);
    proof
}

/// A reachability assertion that can be asked.
struct Posed {
    promise: Promise,
    span: Span,
    /// Clusters that its test assumes to be gone.
    lost: ClusterSet,
    question: Question,
}

/// The reachability assertions of all tests that can be asked.
fn questions(plan: &Plan, proof: &mut Proof) -> Vec<Posed> {
    let mut words = Words::new(&plan.model);
    let mut questions = Vec::new();
    for (index, test) in plan.model.tests.iter().enumerate() {
        let lost = Assumptions::lost_in(test);
        for (place, assertion) in test.assertions.iter().enumerate() {
            let (claim, written) = match &assertion.value {
                Assertion::Can(written) => (Claim::Can, written),
                Assertion::Cannot(written) => (Claim::Cannot, written),
                Assertion::Serves { .. } | Assertion::Share { .. } => continue,
            };
            let promise = Promise::Assertion(index, place);
            match Question::read(&mut words, claim, written, &mut proof.invalid) {
                Some(question) => questions.push(Posed { promise, span: assertion.span, lost, question }),
                None => drop(proof.unasked.insert(promise)),
            }
        }
    }
    questions
}

/// Asks which flows pass.
fn flows(
    plan: &Plan,
    reach: &Reach<'_>,
    universe: &[Class],
    questions: &[Posed],
    workers: &dyn Workers,
    proof: &mut Proof,
) {
    let everybody = Everybody::new(plan, universe);
    let answers = workers::map(workers, questions, |Posed { promise, span, lost, question }| {
        let mut invalid = Vec::new();
        let found = assertions::ask(plan, reach, &everybody, question, *lost, &mut invalid);
        let evidence = found.map(|found| Evidence::Flow(Box::new(found)));
        (invalid, evidence.map(|evidence| Failure { promise: *promise, span: *span, step: None, evidence }))
    });
    for (Posed { promise, .. }, (invalid, failure)) in questions.iter().zip(answers) {
        if !invalid.is_empty() {
            proof.unasked.insert(*promise);
        }
        proof.invalid.extend(invalid);
        proof.failures.extend(failure);
    }
}
