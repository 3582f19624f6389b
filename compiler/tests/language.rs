//! The published language reference is tested: every Markdown file under `docs/language` is a suite, every heading with a block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its page, and read by people as the fleet that the page speaks of.
//! - Blocks `fleetnet PATH`, `environment PATH.params` and `fixed` are the test's package, with its findings as comments ([`common::findings`]).
//! - A block `why QUESTION` is the answer about that package ([`common::answers`]).
//! - A block `yaml …`, `json …` or `text …` shows what it is built into ([`common::artifacts`]).
//! - A block `sh` is only read.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test language` writes findings, answers and artifacts anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod common;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{Block, Package, Test};
use fleetnet_compiler::compile::{Compiled, Goal, Options, ask, compile};
use fleetnet_lang::Severity;
use fleetnet_lang::highlight::{Highlight, highlight};

/// The folder of the pages, from this crate.
const PAGES: &str = "../docs/language";
/// Words in the forms of statements that are no keywords.
const PROSE: &[&str] = &["or"];

#[test]
fn the_reference_says_what_the_compiler_does() {
    common::hold(PAGES, judge);
}

/// A keyword that no page shows is one that nobody can look up.
#[test]
fn every_keyword_is_shown() {
    let mut words = BTreeSet::new();
    common::blocks(PAGES, |block| {
        if common::findings::is_file(block) {
            let pieces = highlight(&block.text).into_iter();
            let kept = pieces.filter(|piece| matches!(piece.highlight, Highlight::Keyword | Highlight::BuiltIn));
            words.extend(
                kept.filter_map(|piece| block.text.get(piece.start as usize..piece.end as usize)).map(str::to_owned),
            );
        }
    });
    let keywords = keywords();
    assert!(keywords.len() > 100, "{keywords:?}");
    let missing: Vec<_> = keywords.difference(&words).collect();
    assert!(missing.is_empty(), "no block under docs/language has {missing:?}");
}

/// A page that the index doesn't name is not found.
#[test]
fn the_index_names_every_page() {
    let folder = folder(PAGES);
    let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for page in common::pages(PAGES) {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "README.md" || index.contains(&format!("]({name})")), "the index does not name {name}");
    }
}

fn judge(test: &Test<'_>) -> Vec<String> {
    let files: Vec<Block> = test.blocks.iter().filter(|block| common::findings::is_judged(block)).cloned().collect();
    let own = Test { name: test.name.clone(), prelude: test.prelude, blocks: &files };
    let mut judged = if files.is_empty() { Vec::new() } else { common::findings::judge(&own) }.into_iter();
    let package = common::findings::package(&own);
    let build = RefCell::new(None);
    let text_of = |block: &Block| {
        let words: Vec<&str> = block.info.split_whitespace().collect();
        match (words.as_slice(), block.info.split_once(' ')) {
            (["sh"], _) => block.text.clone(),
            (_, Some(("why", question))) => common::answers::shown(&ask(&package, &[], question)),
            _ if common::findings::is_judged(block) => judged.next().unwrap(),
            _ => {
                let mut build = build.borrow_mut();
                let build = build.get_or_insert_with(|| built(test, &package));
                let shown = common::artifacts::shown(build, &words);
                shown.unwrap_or_else(|| panic!("{}: `{}` is no block of this suite", test.name, block.info))
            }
        }
    };
    test.blocks.iter().map(text_of).collect()
}

fn built(test: &Test<'_>, package: &Package) -> Compiled {
    let compiled = compile(package, &Options { params: Vec::new(), goal: Goal::Build });
    let mut errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert!(errors.next().is_none(), "{}: {:#?}", test.name, compiled.diagnostics);
    compiled
}

/// Every word that the grammar takes as it stands: read from the rules, which say above each function what it parses, and from the tables of
/// statements with their forms.
fn keywords() -> BTreeSet<String> {
    let mut keywords = BTreeSet::new();
    let folder = folder("../lang/src/grammar");
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in source.lines().map(str::trim) {
            if line.starts_with("/// ") && line.contains('`') {
                // What stands between quotes in a rule is a terminal.
                keywords.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
            }
            if let Some((_, form)) = line.split_once("form: \"") {
                // What is said about it may stand in the same line.
                let form = form.split_once("\", about:").map_or(form, |(form, _)| form);
                let form = form.rsplit_once('"').map_or(form, |(form, _)| form);
                keywords.extend(form.split(|c: char| !is_word(c)).map(str::to_owned));
            }
        }
    }
    keywords.retain(|word| is_keyword(word) && !PROSE.contains(&word.as_str()));
    keywords
}

fn is_keyword(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._/:%*+@".contains(c)
}

fn folder(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}
