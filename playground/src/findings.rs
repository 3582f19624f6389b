//! Findings as the program's `--format json` has them, with the columns that an editor in a browser counts.

use fleetnet_lang::{Diagnostic, LineCol, SourceFile, Sources, Span};
use serde::Serialize;

/// Findings that are told; a package can have hundreds of thousands.
const MOST: usize = 1000;

/// A finding.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// `FN0123`.
    code: String,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    message: String,
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Replacement>,
}

#[derive(Debug, Serialize)]
struct Related {
    text: String,
    #[serde(flatten)]
    place: Option<Place>,
}

#[derive(Debug, Serialize)]
struct Replacement {
    replacement: String,
    /// `machine-applicable` or `maybe-incorrect`.
    applicability: &'static str,
    #[serde(flatten)]
    place: Option<Place>,
}

/// A range of one file.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    path: String,
    start: Position,
    end: Position,
}

/// Line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, Serialize)]
struct Position {
    line: u32,
    column: u32,
    /// Bytes of the file before it.
    offset: u32,
    /// UTF-16 units of its line before it: however an editor counts the ends of lines, they are not among them.
    unit: u32,
}

impl Finding {
    /// The first findings, in order, as many as anybody reads.
    pub fn first(findings: &[Diagnostic], sources: &Sources) -> Vec<Self> {
        findings.iter().take(MOST).map(|found| Self::of(found, sources)).collect()
    }

    fn of(found: &Diagnostic, sources: &Sources) -> Self {
        let Diagnostic { code, severity, message, span, label, related, help, fix } = found;
        let related = related.iter();
        let fix = fix.as_ref();
        Self {
            code: code.to_string(),
            severity: severity.name(),
            message: message.clone(),
            place: Place::of(*span, sources),
            label: label.clone(),
            related: related.map(|at| Related { text: at.text.clone(), place: Place::of(at.span, sources) }).collect(),
            help: help.clone(),
            fix: fix.map(|fix| Replacement {
                replacement: fix.replacement.clone(),
                applicability: fix.applicability.name(),
                place: Place::of(fix.span, sources),
            }),
        }
    }
}

impl Place {
    /// The place of a span; nothing where it is not of these sources.
    pub fn of(span: Span, sources: &Sources) -> Option<Self> {
        sources.get(span.file).map(|file| Self::in_file(span, file))
    }

    /// The place of a span of a file.
    pub fn in_file(span: Span, file: &SourceFile) -> Self {
        let position = |offset: u32| {
            let LineCol { line, column } = file.line_col(offset);
            let units = file.before(offset).encode_utf16().count();
            Position { line, column, offset, unit: u32::try_from(units).unwrap_or(u32::MAX) }
        };
        Self { path: file.path.to_string(), start: position(span.start), end: position(span.end) }
    }
}

/// Bytes of a text as UTF-16 units. Questions in ascending order read the text once.
pub struct Units<'t> {
    text: &'t str,
    /// Up to where it is counted, in bytes and in units.
    counted: (usize, u32),
}

impl<'t> Units<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, counted: (0, 0) }
    }

    /// The units before a byte; an offset that is inside a character or behind the text counts as its end.
    pub fn before(&mut self, offset: u32) -> u32 {
        let end = offset as usize;
        if end < self.counted.0 {
            self.counted = (0, 0);
        }
        let (from, units) = self.counted;
        let between = self.text.get(from..end).or_else(|| self.text.get(from..)).unwrap_or("");
        let more = if between.is_ascii() { between.len() } else { between.encode_utf16().count() };
        self.counted = (from.saturating_add(between.len()), units.saturating_add(u32::try_from(more).unwrap_or(0)));
        self.counted.1
    }
}

#[cfg(test)]
mod tests {
    use super::Units;

    #[test]
    fn units_are_counted_in_any_order() {
        let mut units = Units::new("aé\u{1f578}b");
        assert_eq!([7, 3, 1, 0, 8, 99].map(|offset| units.before(offset)), [4, 2, 1, 0, 5, 5]);
    }
}
