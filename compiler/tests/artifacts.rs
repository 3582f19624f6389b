//! What packages become: every Markdown file under `tests/artifacts` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its file; a block `fleetnet` is the test's own file.
//! - A block `yaml …`, `json …` or `text …` shows artifacts of the build ([`common::artifacts`]).
//! - A block `text notes` shows the notes that the build makes.
//! - A block `diff PATH` is what the last of a heading's packages changes in an artifact, object by object.
//!
//! Packages build without errors. `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test artifacts` writes the artifacts anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that can't go on fails the test that called it"
)]

mod common;

use std::collections::BTreeSet;

use common::artifacts::{artifact, documents, missing, shown};
use common::{Package, Test};
use fleetnet_compiler::compile::{Compiled, Goal, Options, compile};
use fleetnet_lang::{Severity, SourceFile};

#[test]
fn artifacts() {
    common::hold("tests/artifacts", judge);
}

/// The blocks with the artifacts that the packages before them become.
fn judge(test: &Test<'_>) -> Vec<String> {
    let mut builds = Vec::new();
    let mut texts = Vec::new();
    for block in test.blocks {
        let words: Vec<&str> = block.info.split_whitespace().collect();
        texts.push(match (words.as_slice(), builds.as_slice()) {
            (["fleetnet"], _) => {
                builds.push(built(test, &block.text));
                block.text.clone()
            }
            (["text", "notes"], [.., build]) => notes(build),
            (["diff", path], [.., before, after]) => difference(before, after, path),
            (words, [.., build]) => {
                shown(build, words).unwrap_or_else(|| panic!("{}: no block of this suite", test.name))
            }
            _ => panic!("{}: no package before it can be shown as `{}`", test.name, block.info),
        });
    }
    texts
}

fn built(test: &Test<'_>, source: &str) -> Compiled {
    let files = [("fleet.fleetnet", test.prelude), ("test.fleetnet", source)];
    let package = Package(files.map(|(path, source)| SourceFile::new(path, source)).into());
    let compiled = compile(&package, &Options { params: Vec::new(), goal: Goal::Build });
    let mut errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert!(errors.next().is_none(), "{}: {:#?}", test.name, compiled.diagnostics);
    compiled
}

fn notes(build: &Compiled) -> String {
    let notes = build.diagnostics.iter().filter(|found| found.severity == Severity::Note);
    notes.fold(String::new(), |text, note| format!("{text}{} {}\n", note.code, note.message))
}

/// The lines that differ, of each object from the first to the last of them.
fn difference(before: &Compiled, after: &Compiled, path: &str) -> String {
    let (Some(before), Some(after)) = (artifact(before, path), artifact(after, path)) else { return missing(path) };
    let (before, after) = (documents(&before), documents(&after));
    let titles: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut text = String::new();
    for title in titles {
        let [old, new] = [&before, &after].map(|side| side.get(title).map_or(&[][..], Vec::as_slice));
        let start = alike(old.iter().zip(new));
        let [old, new] = [old, new].map(|lines| &lines[start..]);
        let end = alike(old.iter().rev().zip(new.iter().rev()));
        let [old, new] = [old, new].map(|lines| &lines[..lines.len() - end]);
        if !(old.is_empty() && new.is_empty()) {
            text.extend([title, "\n"]);
            text.extend(old.iter().flat_map(|line| ["-", line, "\n"]));
            text.extend(new.iter().flat_map(|line| ["+", line, "\n"]));
        }
    }
    text
}

/// How many pairs there are before one whose sides differ.
fn alike<'l>(pairs: impl Iterator<Item = (&'l &'l str, &'l &'l str)>) -> usize {
    pairs.take_while(|(old, new)| old == new).count()
}
