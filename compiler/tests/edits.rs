//! One mistake gives one finding: every token of the examples deleted, braces and quotes among them, every word misspelt, and what each of
//! that costs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is not there fails the test")]

mod common;

use std::fmt::Write as _;

use common::examples::read;
use fleetnet_compiler::codes::{namespaces::FOREIGN_FILE, policy::UNKNOWN_PEER};
use fleetnet_compiler::compile::{Compiled, Goal, Options, World, compile};
use fleetnet_lang::{FileId, Severity, SourceFile, SyntaxToken, parse, tokens};

/// Most errors that one edit may give.
const MOST: usize = 2;
/// Of a hundred edits so many give a single error, or none.
const SINGLE: usize = 96;

#[test]
fn one_edit_gives_one_finding() {
    let (mut edits, mut single) = (0, 0);
    let mut cascades = String::new();
    for package in ["contoso", "blue-green"] {
        let files = read(package);
        assert_eq!(errors(&files), Vec::<String>::new(), "{package}");
        for (index, file) in files.iter().enumerate() {
            for token in tokens(&parse(FileId(0), &file.text).syntax()) {
                for text in replacements(&token) {
                    let range = token.text_range();
                    let mut edited = file.text.to_string();
                    edited.replace_range(usize::from(range.start())..usize::from(range.end()), &text);
                    let mut files = files.clone();
                    files[index] = SourceFile::new(file.path.clone(), edited);
                    let errors = errors(&files);
                    edits += 1;
                    single += usize::from(errors.len() < 2);
                    if errors.len() > MOST && !is_about_many_rules(&errors) {
                        let line = file.line_col(range.start().into()).line;
                        let (path, before) = (&file.path, token.text());
                        writeln!(cascades, "{path}:{line}: {before:?} becomes {text:?}: {errors:#?}").unwrap();
                    }
                }
            }
        }
    }
    assert!(edits > 1500, "only {edits} edits");
    assert!(cascades.is_empty(), "{cascades}");
    assert!(single * 100 >= edits * SINGLE, "only {single} of {edits} edits give a single finding");
}

fn replacements(token: &SyntaxToken) -> Vec<String> {
    if token.kind().is_trivia() {
        return Vec::new();
    }
    let said = token.text().trim_end_matches(['"', '`']);
    let (_, quote) = token.text().split_at(said.len());
    let misspelt = said.ends_with(|end: char| end.is_ascii_alphanumeric()).then(|| format!("{said}x{quote}"));
    std::iter::once(String::new()).chain(misspelt).collect()
}

/// Who leaves a mesh is unknown to each of its rules; a file that may no longer speak for a namespace does so in each of its rules. Each rule says
/// so at its place, and all say the same.
fn is_about_many_rules(errors: &[String]) -> bool {
    let codes = [UNKNOWN_PEER, FOREIGN_FILE].map(|code| code.to_string());
    errors.len() <= 2 * MOST && codes.iter().any(|code| errors.iter().all(|error| error.starts_with(code)))
}

fn errors(files: &[SourceFile]) -> Vec<String> {
    let Compiled { diagnostics, .. } = compile(&Package(files), &Options { params: Vec::new(), goal: Goal::Check });
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| format!("{} {}", found.code, found.message)).collect()
}

struct Package<'f>(&'f [SourceFile]);

impl World for Package<'_> {
    fn sources(&self) -> Vec<SourceFile> {
        self.0.to_vec()
    }

    fn lock(&self) -> Option<SourceFile> {
        None
    }
}
