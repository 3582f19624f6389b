//! Tests and invariants, and whether they are kept.

use fleetnet_compiler::analysis;
use fleetnet_compiler::compile::Compilation;
use fleetnet_compiler::model::Model;
use fleetnet_lang::{Diagnostic, Severity, Span};
use serde::Serialize;

use crate::findings::Place;

/// A test or an invariant.
#[derive(Debug, Serialize)]
pub struct Promise {
    kind: Kind,
    name: String,
    standing: Standing,
    #[serde(flatten)]
    place: Option<Place>,
    /// Its assertions or requirements.
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Test,
    Invariant,
}

#[derive(Debug, Serialize)]
struct Part {
    /// As it is written.
    text: String,
    standing: Standing,
    /// What is found of it, by place in the list of findings.
    findings: Vec<usize>,
    #[serde(flatten)]
    place: Option<Place>,
}

/// What is known of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Kept,
    /// It will be asked.
    Asking,
    /// Something is wrong before it could be asked.
    Unasked,
    Broken,
}

/// The promises of a package that could be read, in order: tests, then invariants.
pub fn promises(compilation: &Compilation, findings: &[Diagnostic]) -> Vec<Promise> {
    let Some(plan) = &compilation.plan else { return Vec::new() };
    let known = Known { compilation, findings };
    let Model { tests, invariants, .. } = &plan.model;
    let tests = tests.iter().enumerate().map(|(index, test)| {
        let parts = test.assertions.iter().enumerate();
        let parts =
            parts.map(|(place, assertion)| known.part(analysis::Promise::Assertion(index, place), assertion.span));
        known.promise(Kind::Test, test.name.value.to_string(), test.name.span, parts.collect())
    });
    let invariants = invariants.iter().enumerate().map(|(index, invariant)| {
        let name = match &invariant.title {
            Some(title) => format!("{}: {title}", invariant.name.value),
            None => invariant.name.value.to_string(),
        };
        let parts = invariant.requires.iter().enumerate();
        let parts =
            parts.map(|(place, require)| known.part(analysis::Promise::Requirement(index, place), require.span));
        known.promise(Kind::Invariant, name, invariant.name.span, parts.collect())
    });
    tests.chain(invariants).collect()
}

/// What there is to know of promises.
struct Known<'c> {
    compilation: &'c Compilation,
    findings: &'c [Diagnostic],
}

impl Known<'_> {
    fn promise(&self, kind: Kind, name: String, at: Span, parts: Vec<Part>) -> Promise {
        let worst = parts.iter().map(|part| part.standing).max();
        let standing = worst.unwrap_or(self.unless_asked().unwrap_or(Standing::Kept));
        Promise { kind, name, standing, place: Place::of(at, &self.compilation.sources), parts }
    }

    fn part(&self, promise: analysis::Promise, span: Span) -> Part {
        let standing = self.unless_asked().unwrap_or_else(|| self.standing(promise));
        let inside = |found: &Diagnostic| {
            found.severity == Severity::Error
                && found.span.file == span.file
                && (span.start..=span.end).contains(&found.span.start)
        };
        let findings = self.findings.iter().enumerate().filter(|(_, found)| inside(found));
        let text = self.compilation.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        Part {
            text,
            standing,
            findings: findings.map(|(index, _)| index).collect(),
            place: Place::of(span, &self.compilation.sources),
        }
    }

    /// How every promise stands as long as none was asked.
    fn unless_asked(&self) -> Option<Standing> {
        let errors = || self.findings.iter().any(|found| found.severity == Severity::Error);
        match &self.compilation.proof {
            Some(_) => None,
            None if errors() => Some(Standing::Unasked),
            None => Some(Standing::Asking),
        }
    }

    fn standing(&self, promise: analysis::Promise) -> Standing {
        match self.compilation.proof.as_ref().map(|proof| proof.standing(promise)) {
            Some(analysis::Standing::Kept) => Standing::Kept,
            Some(analysis::Standing::Broken) => Standing::Broken,
            Some(analysis::Standing::Unasked) | None => Standing::Unasked,
        }
    }
}
