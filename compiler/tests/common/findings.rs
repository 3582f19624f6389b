//! What is found in the files of a test, held against the comments in them, and what the fixes make of them.
//!
//! - A block `fleetnet PATH` is a file of the test's package; without a path it is `test.fleetnet`.
//! - A block `environment PATH.params` is an environment file for it.
//! - A finding is expected by a comment at the end of the line on which it starts: `#! FN0702 underlined text`, several by ` | `. All
//!   findings are expected, and no others.
//! - A block `fixed` is the test's one file once every finding's fix is made.
//!
//! Whatever the page, each fix is made by itself too: its finding must be gone then, and no error new.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Block, Package, Test};
use fleetnet_compiler::compile::{Compiled, Goal, Options, compile};
use fleetnet_lang::{Diagnostic, Fix, Severity, SourceFile, Sources};

/// Where an expectation starts.
const MARK: &str = "#! ";
/// The block of what the fixes make of a file.
const FIXED: &str = "fixed";
const DEFAULT_PATH: &str = "test.fleetnet";
const PRELUDE_PATH: &str = "fleet.fleetnet";

/// What is found, as it is expected, by path and line.
type Findings = BTreeMap<(String, u32), Vec<String>>;

/// The blocks with the expectations that the compiler's findings ask for.
pub fn judge(test: &Test<'_>) -> Vec<String> {
    let files: Vec<&Block> = test.blocks.iter().filter(|block| block.info != FIXED).collect();
    let paths: BTreeSet<&str> = files.iter().map(|block| path(test, block)).collect();
    assert_eq!(paths.len(), files.len(), "{}: a path stands there twice", test.name);
    let package = package(test);
    let compiled = checked(&package);
    let mut found = Findings::new();
    for diagnostic in &compiled.diagnostics {
        let (path, place) = compiled.sources.locate(diagnostic.span).unwrap();
        let underlined = compiled.sources.text(diagnostic.span).lines().next().unwrap_or_default();
        let underlined = underlined.split_once(MARK).map_or(underlined, |(before, _)| before).trim_end();
        found.entry((path.to_owned(), place.line)).or_default().push(format!("{} {underlined}", diagnostic.code));
    }
    let offered: Vec<&Fix> = compiled.diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
    let text_of = |block: &Block| match block.info.as_str() {
        FIXED => without_marks(&fixed(&compiled.sources, &offered).remove(*paths.first().unwrap()).unwrap()),
        _ => annotated(path(test, block), &block.text, &mut found),
    };
    let blocks = test.blocks.iter().map(text_of).collect();
    assert!(found.is_empty(), "{}: found outside of its blocks: {found:?}\n{:#?}", test.name, compiled.diagnostics);
    compiled.diagnostics.iter().for_each(|finding| mended(test, &compiled, finding));
    blocks
}

/// The files of a test: those of its blocks, then the prelude's.
pub fn package(test: &Test<'_>) -> Package {
    let files = test.blocks.iter().filter(|block| is_file(block));
    let own = files.map(|block| SourceFile::new(path(test, block), block.text.as_str()));
    let prelude = Some(test.prelude).filter(|text| !text.is_empty());
    Package(own.chain(prelude.map(|text| SourceFile::new(PRELUDE_PATH, text))).collect())
}

/// Whether a block is a file of its test's package.
pub fn is_file(block: &Block) -> bool {
    matches!(block.info.split_whitespace().next(), Some("fleetnet" | "environment"))
}

/// Whether a block is one that [`judge`] knows.
pub fn is_judged(block: &Block) -> bool {
    is_file(block) || block.info == FIXED
}

/// A finding's fix does away with it and breaks nothing.
fn mended(test: &Test<'_>, before: &Compiled, finding: &Diagnostic) {
    let Some(fix) = &finding.fix else { return };
    let files = fixed(&before.sources, &[fix]).into_iter().map(|(path, text)| SourceFile::new(path, text)).collect();
    let after = checked(&Package(files));
    // Where the finding would stand then.
    let mut start = finding.span.start as usize;
    if fix.span.file == finding.span.file && fix.span.end <= finding.span.start {
        start = start + fix.replacement.len() - (fix.span.end - fix.span.start) as usize;
    }
    let is_same = |other: &&Diagnostic| other.code == finding.code && other.span.start as usize == start;
    let same = after.diagnostics.iter().filter(|other| other.span.file == finding.span.file).find(is_same);
    let errors = |compiled: &Compiled| {
        compiled
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| found.code.number)
            .collect()
    };
    assert!(same.is_none(), "{}: after {fix:?} there is {same:#?}", test.name);
    let (old, new): (BTreeSet<u16>, BTreeSet<u16>) = (errors(before), errors(&after));
    // What an error of form hides is seen once it is mended.
    let form = finding.code.number < 200;
    assert!(form || new.is_subset(&old), "{}: {fix:?} gives {:#?}", test.name, after.diagnostics);
}

fn checked(package: &Package) -> Compiled {
    compile(package, &Options { params: Vec::new(), goal: Goal::Check })
}

/// The texts after some fixes, by path.
fn fixed(sources: &Sources, edits: &[&Fix]) -> BTreeMap<String, String> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|fix| std::cmp::Reverse(fix.span));
    let files = sources.iter().map(|(id, file)| {
        let mut text = file.text.to_string();
        for fix in edits.iter().filter(|fix| fix.span.file == id) {
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        }
        (file.path.to_string(), text)
    });
    files.collect()
}

fn without_marks(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once(MARK).map_or(line, |(before, _)| before).trim_end());
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn path<'b>(test: &Test<'_>, block: &'b Block) -> &'b str {
    match block.info.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["fleetnet"] => DEFAULT_PATH,
        ["fleetnet" | "environment", path] => path,
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
