//! Findings, in the form that was asked for. Paths are shown as seen from the working directory, so that they can be opened where they are read.

mod answer;
mod human;
mod json;
mod plain;
mod summary;

use fleetnet_compiler::compile::QUESTION_FILE;
use fleetnet_lang::{Diagnostic, LineCol, SourceFile, Sources, Span};

use crate::cli::Format;
use crate::terminal::Terminal;

pub use answer::print as print_answer;
pub use summary::{Summary, counted};

/// The findings of one compilation, with what is needed to show them.
pub struct Report<'a> {
    /// The texts that the findings point into.
    pub sources: &'a Sources,
    /// In the order in which they are shown.
    pub findings: &'a [Diagnostic],
    /// What stands before the path of every source: the package's root as seen from here, empty or with a `/` at its end.
    pub prefix: &'a str,
}

/// A place in a source, as people and editors count.
struct Place {
    path: String,
    start: LineCol,
    end: LineCol,
}

impl Report<'_> {
    /// Prints every finding.
    pub fn print(&self, format: Format, terminal: &mut Terminal) {
        match format {
            Format::Human => human::print(self, terminal),
            Format::Plain => plain::print(self, terminal),
            Format::Json => json::print_document(self, terminal),
            Format::Jsonl => json::print_lines(self, terminal),
        }
    }

    fn place(&self, span: Span) -> Option<Place> {
        let file = self.sources.get(span.file)?;
        Some(Place { path: self.path(file), start: file.line_col(span.start), end: file.line_col(span.end) })
    }

    /// The path by which a source is shown. A question is no file.
    fn path(&self, file: &SourceFile) -> String {
        if &*file.path == QUESTION_FILE { file.path.to_string() } else { format!("{}{}", self.prefix, file.path) }
    }
}
