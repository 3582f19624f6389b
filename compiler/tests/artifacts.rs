//! What packages become: every Markdown file under `tests/artifacts` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its file; a block `fleetnet` is the test's own file.
//! - A block `yaml PATH`, `json PATH` or `text PATH` is an artifact of the build, whole.
//! - A block `text paths` lists the paths of all artifacts but images and the manifest.
//!
//! Packages build without errors. `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test artifacts` writes the artifacts anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that can't go on fails the test that called it")]

use std::fmt::Write as _;
use std::path::Path;

use fleetnet_compiler::compile::{Compiled, Goal, Options, World, compile};
use fleetnet_lang::{Severity, SourceFile};

const FENCE: &str = "```";

#[test]
fn artifacts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/artifacts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut failures = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let found = check(&text);
        if std::env::var_os("UPDATE_SPEC").is_some() {
            std::fs::write(&path, found).unwrap();
        } else if found != text {
            let _ = writeln!(failures, "{}:\n{}", path.display(), first_difference(&text, &found));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The page with the artifacts that its packages become.
fn check(page: &str) -> String {
    let mut found = String::new();
    let mut prelude = String::new();
    let mut heading = String::new();
    let mut build = None;
    let mut lines = page.split_inclusive('\n');
    while let Some(line) = lines.next() {
        found.push_str(line);
        if line.starts_with('#') {
            line.trim().clone_into(&mut heading);
        }
        let Some(info) = line.strip_prefix(FENCE) else { continue };
        let block: String = lines.by_ref().take_while(|line| !line.starts_with(FENCE)).collect();
        let written = match info.trim().split_once(' ') {
            None if info.trim() == "fleetnet" => {
                build = Some(built(&heading, &prelude, &block));
                block
            }
            Some(("fleetnet", "prelude")) => {
                prelude.clone_from(&block);
                block
            }
            Some((_, "paths")) => listing(build.as_ref().expect("a package stands before its artifacts")),
            Some((_, path)) => artifact(build.as_ref().expect("a package stands before its artifacts"), path),
            None => block,
        };
        found.push_str(&written);
        found.push_str("```\n");
    }
    found
}

fn built(heading: &str, prelude: &str, text: &str) -> Compiled {
    let package =
        Package { files: vec![SourceFile::new("fleet.fleetnet", prelude), SourceFile::new("test.fleetnet", text)] };
    let compiled = compile(&package, &Options { params: Vec::new(), goal: Goal::Build });
    let mut errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert!(errors.next().is_none(), "{heading}: {:#?}", compiled.diagnostics);
    compiled
}

fn artifact(compiled: &Compiled, path: &str) -> String {
    let mut artifacts = compiled.build.iter().flat_map(|build| &build.artifacts);
    let found = artifacts.find(|artifact| artifact.path == path);
    found.map_or_else(|| format!("there is no {path}\n"), |found| String::from_utf8(found.bytes.clone()).unwrap())
}

fn listing(compiled: &Compiled) -> String {
    let paths = compiled.build.iter().flat_map(|build| &build.artifacts).map(|artifact| &artifact.path);
    let kept = paths.filter(|path| !is_image(path) && *path != "build.json");
    kept.flat_map(|path| [path.as_str(), "\n"]).collect()
}

fn is_image(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "fnimg")
}

fn first_difference(written: &str, found: &str) -> String {
    let mut lines = written.lines().zip(found.lines()).zip(1..);
    match lines.find(|((written, found), _)| written != found) {
        Some(((written, found), line)) => format!("line {line}\n--- written\n{written}\n--- found\n{found}"),
        None => "one is longer".to_owned(),
    }
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
