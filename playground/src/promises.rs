//! Tests and invariants, and whether they are kept.

use std::collections::BTreeSet;

use fleetnet_compiler::codes::proof;
use fleetnet_compiler::compile::Compiled;
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
    /// Something is wrong before it could be asked.
    Unasked,
    Broken,
}

/// The promises of a package that could be read, in order: tests, then invariants.
pub fn promises(compiled: &Compiled) -> Vec<Promise> {
    let Some(plan) = &compiled.plan else { return Vec::new() };
    let asking = Asking::of(compiled);
    let Model { tests, invariants, .. } = &plan.model;
    let tests = tests.iter().map(|test| {
        let spans = test.assertions.iter().map(|assertion| assertion.span);
        asking.promise(Kind::Test, test.name.value.to_string(), test.name.span, spans)
    });
    let invariants = invariants.iter().map(|invariant| {
        let name = match &invariant.title {
            Some(title) => format!("{}: {title}", invariant.name.value),
            None => invariant.name.value.to_string(),
        };
        let spans = invariant.requires.iter().map(|require| require.span);
        asking.promise(Kind::Invariant, name, invariant.name.span, spans)
    });
    tests.chain(invariants).collect()
}

struct Asking<'c> {
    compiled: &'c Compiled,
    /// Whether promises were asked at all.
    asked: Asked,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
}

impl<'c> Asking<'c> {
    fn of(compiled: &'c Compiled) -> Self {
        let numbers: BTreeSet<u16> = proof::ALL.iter().map(|code| code.number).collect();
        let before = |found: &Diagnostic| found.severity == Severity::Error && !numbers.contains(&found.code.number);
        let asked = if compiled.diagnostics.iter().any(before) { Asked::No } else { Asked::Yes };
        Self { compiled, asked }
    }

    fn promise(&self, kind: Kind, name: String, at: Span, spans: impl Iterator<Item = Span>) -> Promise {
        let parts: Vec<Part> = spans.map(|span| self.part(span)).collect();
        let worst = parts.iter().map(|part| part.standing).max();
        let standing = worst.unwrap_or(if self.asked == Asked::Yes { Standing::Kept } else { Standing::Unasked });
        Promise { kind, name, standing, place: Place::of(at, &self.compiled.sources), parts }
    }

    fn part(&self, span: Span) -> Part {
        let inside = |found: &Diagnostic| {
            found.severity == Severity::Error
                && found.span.file == span.file
                && (span.start..=span.end).contains(&found.span.start)
        };
        let findings = self.compiled.diagnostics.iter().enumerate().filter(|(_, found)| inside(found));
        let findings: Vec<usize> = findings.map(|(index, _)| index).collect();
        let standing = match (findings.is_empty(), self.asked) {
            (false, _) => Standing::Broken,
            (true, Asked::Yes) => Standing::Kept,
            (true, Asked::No) => Standing::Unasked,
        };
        let text = self.compiled.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        Part { text, standing, findings, place: Place::of(span, &self.compiled.sources) }
    }
}
