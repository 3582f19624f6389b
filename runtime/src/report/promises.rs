//! Tests and invariants, and what became of them.

use fleetnet_compiler::analysis::{self, Proof, Standing};
use fleetnet_compiler::plan::Plan;
use fleetnet_lang::Span;

/// A test or an invariant of a package.
pub struct Promise {
    pub kind: Kind,
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    pub standing: Standing,
    /// Its assertions or requirements.
    pub parts: Vec<Span>,
}

/// What kind of promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `test`.
    Test,
    /// An `invariant`.
    Invariant,
}

/// The promises of a plan in order: tests, then invariants. Without a proof none was asked.
pub fn promises(plan: &Plan, proof: Option<&Proof>) -> Vec<Promise> {
    let standing = |promise| proof.map_or(Standing::Unasked, |proof| proof.standing(promise));
    let worst = |all: Vec<Standing>| all.into_iter().max().unwrap_or(Standing::Kept);
    let tests = plan.model.tests.iter().enumerate().map(|(index, test)| {
        let parts = 0..test.assertions.len();
        Promise {
            kind: Kind::Test,
            name: test.name.value.to_string(),
            span: test.name.span,
            standing: worst(parts.map(|part| standing(analysis::Promise::Assertion(index, part))).collect()),
            parts: test.assertions.iter().map(|part| part.span).collect(),
        }
    });
    let invariants = plan.model.invariants.iter().enumerate().map(|(index, invariant)| {
        let parts = 0..invariant.requires.len();
        Promise {
            kind: Kind::Invariant,
            name: match &invariant.title {
                Some(title) => format!("{}: {title}", invariant.name.value),
                None => invariant.name.value.to_string(),
            },
            span: invariant.name.span,
            standing: worst(parts.map(|part| standing(analysis::Promise::Requirement(index, part))).collect()),
            parts: invariant.requires.iter().map(|part| part.span).collect(),
        }
    });
    tests.chain(invariants).collect()
}
