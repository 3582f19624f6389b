//! Findings, in the form that was asked for. Paths are shown as seen from the working directory, so that they can be opened where they are read.

mod answer;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod plain;
mod promises;
mod sarif;
mod summary;

use fleetnet_compiler::compile::QUESTION_FILE;
use fleetnet_lang::{Diagnostic, LineCol, SourceFile, Sources, Span};

use crate::cli::Format;
use crate::terminal::Terminal;

pub use answer::{print as print_answer, schema as answer_schema};
pub use json::{document_schema, line_schema};
pub use promises::{Promise, promises};
pub use summary::{Summary, counted};

/// The findings of one compilation, with what is needed to show them.
pub struct Report<'a> {
    /// The texts that the findings point into.
    pub sources: &'a Sources,
    /// In the order in which they are shown.
    pub findings: &'a [Diagnostic],
    /// Findings that are not shown, as their codes are allowed.
    pub allowed: usize,
    /// The tests and invariants of the package, where it could be read as far as that.
    pub promises: Vec<Promise>,
    /// What stands before the path of every source: the package's root as seen from here, empty or with a `/` at its end.
    pub prefix: String,
}

/// A place in a source, as people and editors count.
struct Place {
    path: String,
    start: LineCol,
    end: LineCol,
}

impl<'a> Report<'a> {
    /// Findings alone, their paths as they are in the package.
    pub fn new(sources: &'a Sources, findings: &'a [Diagnostic]) -> Self {
        Self { sources, findings, allowed: 0, promises: Vec::new(), prefix: String::new() }
    }

    /// Prints every finding.
    pub fn print(&self, format: Format, terminal: &mut Terminal) {
        match format {
            Format::Human => human::print(self, terminal),
            Format::Plain => plain::print(self, terminal),
            Format::Json => json::print_document(self, terminal),
            Format::Jsonl => json::print_lines(self, terminal),
            Format::Sarif => sarif::print(self, terminal),
            Format::Github => github::print(self, terminal),
            Format::Gitlab => gitlab::print(self, terminal),
            Format::Junit => junit::print(self, terminal),
        }
    }

    /// A line a finding, as `--format plain` has it.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.findings.iter().map(|finding| plain::line(self, finding))
    }

    /// How many findings there are.
    pub fn summary(&self) -> Summary {
        Summary::of(self.findings, self.allowed)
    }

    fn place(&self, span: Span) -> Option<Place> {
        let file = self.sources.get(span.file)?;
        Some(Place { path: self.path(file), start: file.line_col(span.start), end: file.line_col(span.end) })
    }

    /// The path by which a source is shown. A question is no file.
    fn path(&self, file: &SourceFile) -> String {
        if &*file.path == QUESTION_FILE { file.path.to_string() } else { joined(&self.prefix, &file.path) }
    }

    /// What is said of a finding below its headline: why the place is marked, the other parties, what to do; a line each.
    fn details(&self, finding: &Diagnostic) -> Vec<String> {
        let Diagnostic { label, related, help, .. } = finding;
        let label = Some(label.clone()).filter(|label| !label.is_empty());
        let related = related.iter().filter_map(|party| {
            let place = self.place(party.span)?;
            Some(format!("{}:{}:{}: {}", place.path, place.start.line, place.start.column, party.text))
        });
        let help = help.as_ref().map(|help| format!("help: {help}"));
        label.into_iter().chain(related).chain(help).collect()
    }
}

/// A path behind its prefix. One that leads up first, as those of environment files can, takes back what the prefix leads down.
fn joined(prefix: &str, path: &str) -> String {
    let mut prefix = prefix;
    let mut path = path;
    while let Some(rest) = path.strip_prefix("../") {
        let Some(folder) = prefix.strip_suffix('/').filter(|folder| !folder.is_empty()) else { break };
        let last = folder.rsplit('/').next().unwrap_or(folder);
        let Some(above) = folder.strip_suffix(last).filter(|_| last != "..") else { break };
        (prefix, path) = (above, rest);
    }
    format!("{prefix}{path}")
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_path_leads_up_no_further_than_it_must() {
        assert_eq!(joined("", "a.fleetnet"), "a.fleetnet");
        assert_eq!(joined("shop/", "a/b.fleetnet"), "shop/a/b.fleetnet");
        assert_eq!(joined("shop/", "../prod.params"), "prod.params");
        assert_eq!(joined("a/shop/", "../../envs/prod.params"), "envs/prod.params");
        assert_eq!(joined("shop/", "../../prod.params"), "../prod.params");
        assert_eq!(joined("../", "../prod.params"), "../../prod.params");
        assert_eq!(joined("/srv/shop/", "../prod.params"), "/srv/prod.params");
    }
}
