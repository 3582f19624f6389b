//! Literate specifications: every Markdown file under `tests/spec` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its file.
//! - A block `fleetnet PATH` is a file of the test's package; without a path it is `test.fleetnet`.
//! - A finding is expected by a comment at the end of the line on which it starts: `#! FN0702 underlined text`, several by ` | `. All
//!   findings are expected, and no others.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test spec` writes the comments anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::{Block, Package, Test};
use fleetnet_compiler::compile::{Goal, Options, compile};
use fleetnet_lang::SourceFile;

/// Where an expectation starts.
const MARK: &str = "#! ";
const DEFAULT_PATH: &str = "test.fleetnet";

/// What is found, as it is expected, by path and line.
type Findings = BTreeMap<(String, u32), Vec<String>>;

#[test]
fn specifications() {
    common::hold("tests/spec", judge);
}

/// The blocks with the expectations that the compiler's findings ask for.
fn judge(test: &Test<'_>) -> Vec<String> {
    let files: BTreeMap<&str, &Block> = test.blocks.iter().map(|block| (path(test, block), block)).collect();
    assert_eq!(files.len(), test.blocks.len(), "{}: a path stands there twice", test.name);
    let own = test.blocks.iter().map(|block| SourceFile::new(path(test, block), block.text.as_str()));
    let package = Package(own.chain([SourceFile::new("fleet.fleetnet", test.prelude)]).collect());
    let compiled = compile(&package, &Options { params: Vec::new(), goal: Goal::Check });
    let mut found = Findings::new();
    for diagnostic in &compiled.diagnostics {
        let (path, place) = compiled.sources.locate(diagnostic.span).unwrap();
        let underlined = compiled.sources.text(diagnostic.span).lines().next().unwrap_or_default();
        let underlined = underlined.split_once(MARK).map_or(underlined, |(before, _)| before).trim_end();
        found.entry((path.to_owned(), place.line)).or_default().push(format!("{} {underlined}", diagnostic.code));
    }
    let blocks = test.blocks.iter().map(|block| annotated(path(test, block), &block.text, &mut found)).collect();
    assert!(found.is_empty(), "{}: found outside of its blocks: {found:?}\n{:#?}", test.name, compiled.diagnostics);
    blocks
}

fn path<'b>(test: &Test<'_>, block: &'b Block) -> &'b str {
    match block.info.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["fleetnet"] => DEFAULT_PATH,
        ["fleetnet", path] => path,
        _ => panic!("{}: `{}` is no file of a package", test.name, block.info),
    }
}

fn annotated(path: &str, text: &str, found: &mut Findings) -> String {
    let mut annotated = String::new();
    for (line, number) in text.lines().zip(1..) {
        let written = line.split_once(MARK).map_or(line, |(before, _)| before).trim_end();
        match found.remove(&(path.to_owned(), number)) {
            Some(codes) => writeln!(annotated, "{written}  {MARK}{}", codes.join(" | ")).unwrap(),
            None => writeln!(annotated, "{written}").unwrap(),
        }
    }
    annotated
}
