//! What packages become: every Markdown file under `tests/artifacts` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its file; a block `fleetnet` is the test's own file.
//! - A block `yaml PATH`, `json PATH` or `text PATH` is an artifact of the build, whole.
//! - A block `yaml PATH KIND NAMESPACE/NAME` is what one object of an artifact says below its metadata.
//! - A block `diff PATH` is what the last of a heading's packages changes in an artifact, object by object.
//! - A block `text paths` lists the paths of all artifacts but images and the manifest.
//!
//! Packages build without errors. `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test artifacts` writes the artifacts anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that can't go on fails the test that called it"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
            (["text", "paths"], [.., build]) => listing(build),
            (["yaml" | "json" | "text", path], [.., build]) => artifact(build, path).unwrap_or_else(|| missing(path)),
            (["yaml", path, kind, name], [.., build]) => object(build, path, &format!("{kind} {name}")),
            (["diff", path], [.., before, after]) => difference(before, after, path),
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

fn artifact(compiled: &Compiled, path: &str) -> Option<String> {
    let mut artifacts = compiled.build.iter().flat_map(|build| &build.artifacts);
    let found = artifacts.find(|artifact| artifact.path == path)?;
    Some(String::from_utf8(found.bytes.clone()).unwrap())
}

fn missing(what: &str) -> String {
    format!("there is no {what}\n")
}

fn listing(compiled: &Compiled) -> String {
    let paths = compiled.build.iter().flat_map(|build| &build.artifacts).map(|artifact| &artifact.path);
    let kept = paths.filter(|path| !is_image(path) && *path != "build.json");
    kept.flat_map(|path| [path.as_str(), "\n"]).collect()
}

fn object(compiled: &Compiled, path: &str, title: &str) -> String {
    let text = artifact(compiled, path).unwrap_or_default();
    let found = documents(&text).remove(title);
    found.map_or_else(|| missing(title), |found| lines(below_metadata(&found).1))
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

/// The objects of a file, by kind and name; one below the other, if these are the same.
fn documents(text: &str) -> BTreeMap<String, Vec<&str>> {
    let mut documents: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for document in text.strip_prefix("---\n").unwrap_or(text).split("\n---\n") {
        let lines: Vec<&str> = document.lines().collect();
        documents.entry(title(&lines)).or_default().extend(lines);
    }
    documents
}

/// `KIND NAMESPACE/NAME`, or `KIND NAME`.
fn title(document: &[&str]) -> String {
    let (head, _) = below_metadata(document);
    let field = |key: &str| head.iter().find_map(|line| line.strip_prefix(key));
    let namespace = field("  namespace: ").map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{} {namespace}{}", field("kind: ").unwrap_or_default(), field("  name: ").unwrap_or_default())
}

/// An object's head with its metadata, and its content.
fn below_metadata<'d, 'l>(document: &'d [&'l str]) -> (&'d [&'l str], &'d [&'l str]) {
    let start = document.iter().position(|line| *line == "metadata:").map_or(0, |at| at + 1);
    let length = document[start..].iter().take_while(|line| line.starts_with(' ')).count();
    document.split_at(start + length)
}

fn lines(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

fn is_image(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "fnimg")
}
