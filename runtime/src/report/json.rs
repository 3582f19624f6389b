//! The JSON shape of findings. It belongs to this program: the compiler's own types can change without it.

use fleetnet_lang::{Diagnostic, LineCol, Span};
use serde::Serialize;

use super::{Report, Summary};
use crate::terminal::Terminal;

/// Goes up when a field changes its meaning or goes away.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document {
    version: u32,
    diagnostics: Vec<Finding>,
    summary: Counts,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Findings that are not here, as their codes are allowed.
    allowed: usize,
}

#[derive(Serialize)]
struct Finding {
    code: String,
    severity: &'static str,
    message: String,
    #[serde(flatten)]
    place: Option<Range>,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Replacement>,
}

#[derive(Serialize)]
struct Related {
    text: String,
    #[serde(flatten)]
    place: Option<Range>,
}

#[derive(Serialize)]
struct Replacement {
    replacement: String,
    #[serde(flatten)]
    place: Option<Range>,
}

#[derive(Serialize)]
pub(super) struct Range {
    path: String,
    start: Position,
    end: Position,
}

/// Line and column from 1, the column in characters; the offset in bytes from 0.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
    offset: u32,
}

/// One document with everything.
pub fn print_document(report: &Report<'_>, terminal: &mut Terminal) {
    let Summary { errors, warnings, notes, allowed } = report.summary();
    let diagnostics = report.findings.iter().map(|finding| Finding::of(report, finding)).collect();
    let summary = Counts { errors, warnings, notes, allowed };
    print(&Document { version: VERSION, diagnostics, summary }, terminal);
}

/// A finding a line.
pub fn print_lines(report: &Report<'_>, terminal: &mut Terminal) {
    for finding in report.findings {
        print(&Finding::of(report, finding), terminal);
    }
}

pub(super) fn print(value: &impl Serialize, terminal: &mut Terminal) {
    // Numbers and strings always have a JSON form.
    if let Ok(text) = serde_json::to_string(value) {
        terminal.print(&text);
        terminal.print("\n");
    }
}

impl Finding {
    fn of(report: &Report<'_>, finding: &Diagnostic) -> Self {
        let Diagnostic { code, severity, message, span, label, related, help, fix } = finding;
        let related =
            related.iter().map(|label| Related { text: label.text.clone(), place: Range::of(report, label.span) });
        let fix = fix
            .as_ref()
            .map(|fix| Replacement { replacement: fix.replacement.clone(), place: Range::of(report, fix.span) });
        Self {
            code: code.to_string(),
            severity: severity.name(),
            message: message.clone(),
            place: Range::of(report, *span),
            label: label.clone(),
            related: related.collect(),
            help: help.clone(),
            fix,
        }
    }
}

impl Range {
    pub(super) fn of(report: &Report<'_>, span: Span) -> Option<Self> {
        let place = report.place(span)?;
        let position = |at: LineCol, offset| Position { line: at.line, column: at.column, offset };
        Some(Self { path: place.path, start: position(place.start, span.start), end: position(place.end, span.end) })
    }
}
