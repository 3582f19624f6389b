//! Literate specifications: every Markdown file under `tests/spec` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its file.
//! - A block `fleetnet PATH` is a file of the test's package; without a path it is `test.fleetnet`.
//! - A finding is expected by a comment at the end of the line on which it starts: `#! FN0702 underlined text`, several by ` | `. All
//!   findings are expected, and no others.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test spec` writes the comments anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use fleetnet_compiler::compile::{Goal, Options, World, compile};
use fleetnet_lang::SourceFile;

/// Where an expectation starts.
const MARK: &str = "#! ";
const DEFAULT_PATH: &str = "test.fleetnet";

#[test]
fn specifications() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut failures = String::new();
    let mut count = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let suite = Suite::read(&text);
        let mut updated = text.clone();
        for test in &suite.tests {
            count += 1;
            for (block, expected) in test.blocks.iter().zip(test.judge(&suite.prelude)) {
                if expected != block.text {
                    updated = updated.replacen(&block.text, &expected, 1);
                    let _ = writeln!(
                        failures,
                        "{}: {}\n--- written\n{}--- found\n{expected}",
                        path.display(),
                        test.name,
                        block.text
                    );
                }
            }
        }
        if std::env::var_os("UPDATE_SPEC").is_some() {
            std::fs::write(&path, updated).unwrap();
        }
    }
    assert!(count > 0, "no test found");
    assert!(failures.is_empty() || std::env::var_os("UPDATE_SPEC").is_some(), "{failures}");
}

#[derive(Default)]
struct Suite {
    prelude: String,
    tests: Vec<Test>,
}

struct Test {
    name: String,
    blocks: Vec<Block>,
}

struct Block {
    path: String,
    text: String,
}

impl Suite {
    fn read(text: &str) -> Self {
        let mut suite = Self::default();
        let mut heading = String::new();
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix('#') {
                name.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            let Some(info) = line.strip_prefix("```fleetnet") else { continue };
            let block: String = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            match info.trim() {
                "prelude" => suite.prelude = block,
                path => suite.add(&heading, path, block),
            }
        }
        suite
    }

    fn add(&mut self, heading: &str, path: &str, text: String) {
        if self.tests.last().is_none_or(|test| test.name != heading) {
            self.tests.push(Test { name: heading.to_owned(), blocks: Vec::new() });
        }
        let path = if path.is_empty() { DEFAULT_PATH } else { path };
        let last = self.tests.last().unwrap();
        assert!(last.blocks.iter().all(|block| block.path != path), "{heading}: `{path}` stands there twice");
        self.tests.last_mut().unwrap().blocks.push(Block { path: path.to_owned(), text });
    }
}

impl Test {
    /// The blocks with the expectations that the compiler's findings ask for.
    fn judge(&self, prelude: &str) -> Vec<String> {
        let package = Package { files: self.files(prelude) };
        let compiled = compile(&package, &Options { params: Vec::new(), goal: Goal::Check });
        let mut found: BTreeMap<(String, u32), Vec<String>> = BTreeMap::new();
        for diagnostic in &compiled.diagnostics {
            let (path, place) = compiled.sources.locate(diagnostic.span).unwrap();
            let underlined = compiled.sources.text(diagnostic.span).lines().next().unwrap_or_default();
            let underlined = underlined.split_once(MARK).map_or(underlined, |(before, _)| before).trim_end();
            found.entry((path.to_owned(), place.line)).or_default().push(format!("{} {underlined}", diagnostic.code));
        }
        let blocks: Vec<String> = self.blocks.iter().map(|block| annotate(block, &mut found)).collect();
        assert!(found.is_empty(), "{}: found outside of its blocks: {found:?}\n{:#?}", self.name, compiled.diagnostics);
        blocks
    }

    fn files(&self, prelude: &str) -> Vec<SourceFile> {
        let own = self.blocks.iter().map(|block| SourceFile::new(block.path.as_str(), block.text.as_str()));
        own.chain([SourceFile::new("fleet.fleetnet", prelude)]).collect()
    }
}

fn annotate(block: &Block, found: &mut BTreeMap<(String, u32), Vec<String>>) -> String {
    let mut text = String::new();
    for (line, number) in block.text.lines().zip(1..) {
        let written = line.split_once(MARK).map_or(line, |(before, _)| before).trim_end();
        match found.remove(&(block.path.clone(), number)) {
            Some(codes) => writeln!(text, "{written}  {MARK}{}", codes.join(" | ")).unwrap(),
            None => writeln!(text, "{written}").unwrap(),
        }
    }
    text
}

struct Package {
    files: Vec<SourceFile>,
}

impl World for Package {
    fn sources(&self) -> Vec<SourceFile> {
        self.files.clone()
    }

    fn lock(&self) -> Option<SourceFile> {
        None
    }
}
