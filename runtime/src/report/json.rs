//! The JSON shape of findings. It belongs to this program: the compiler's own types can change without it.

use fleetnet_lang::{self as lang, Diagnostic, LineCol, Span};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{Report, Summary};
use crate::schema;
use crate::terminal::Terminal;

/// Goes up when a field changes its meaning or goes away.
pub(super) const VERSION: u32 = 1;

/// What `fleetnet check --format json` prints, and other commands about a package that has findings.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Findings of a package")]
struct Document {
    /// Goes up when a field changes its meaning or goes away; 1 today.
    version: u32,
    /// By place, then by severity and code.
    diagnostics: Vec<Finding>,
    summary: Counts,
}

/// How many findings there are.
#[derive(Serialize, JsonSchema)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Findings that are not here, as their codes are allowed.
    allowed: usize,
}

/// A finding; a line of `fleetnet check --format jsonl`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "A finding")]
struct Finding {
    /// `FN0203`; `fleetnet explain` says what it means.
    code: String,
    severity: Severity,
    /// The headline.
    message: String,
    #[serde(flatten)]
    place: Option<Range>,
    /// Why the place is marked.
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    /// The other parties.
    related: Vec<Related>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Replacement>,
}

/// How bad a finding is. What is denied is an error.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
    Note,
}

/// A further place that belongs to a finding.
#[derive(Serialize, JsonSchema)]
struct Related {
    /// What is there.
    text: String,
    #[serde(flatten)]
    place: Option<Range>,
}

/// What mends a finding.
#[derive(Serialize, JsonSchema)]
struct Replacement {
    /// What stands at the place afterwards.
    replacement: String,
    applicability: Applicability,
    #[serde(flatten)]
    place: Option<Range>,
}

/// How sure a fix is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Applicability {
    /// Nobody has to look; `--fix` makes it.
    MachineApplicable,
    /// Somebody has to look; `--fix --unsafe-fixes` makes it.
    MaybeIncorrect,
}

/// A range of a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Range {
    /// As seen from the working directory.
    path: String,
    start: Position,
    /// Behind the last character.
    end: Position,
}

/// Line and column from 1, the column in characters; the offset in bytes from 0.
#[derive(Serialize, JsonSchema)]
struct Position {
    line: u32,
    column: u32,
    offset: u32,
}

/// The schema of one document.
pub fn document_schema() -> Schema {
    schema::of::<Document>()
}

/// The schema of a line.
pub fn line_schema() -> Schema {
    schema::of::<Finding>()
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
        let fix = fix.as_ref().map(|fix| Replacement {
            replacement: fix.replacement.clone(),
            applicability: match fix.applicability {
                lang::Applicability::MachineApplicable => Applicability::MachineApplicable,
                lang::Applicability::MaybeIncorrect => Applicability::MaybeIncorrect,
            },
            place: Range::of(report, fix.span),
        });
        Self {
            code: code.to_string(),
            severity: match severity {
                lang::Severity::Error => Severity::Error,
                lang::Severity::Warning => Severity::Warning,
                lang::Severity::Note => Severity::Note,
            },
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
