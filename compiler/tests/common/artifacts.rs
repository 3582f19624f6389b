//! Artifacts of a build, as pages show them.
//!
//! - A block `yaml PATH`, `json PATH` or `text PATH` is an artifact of the build, whole.
//! - A block `yaml PATH KIND NAMESPACE/NAME` is what one object of an artifact says below its metadata.
//! - A block `text paths` lists the paths of all artifacts but images and the manifest.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that can't go on fails the test that called it"
)]

use std::collections::BTreeMap;
use std::path::Path;

use fleetnet_compiler::compile::Compiled;

/// What a block with these words shows of a build; none, if it shows nothing of one.
pub fn shown(build: &Compiled, words: &[&str]) -> Option<String> {
    match words {
        ["text", "paths"] => Some(listing(build)),
        ["yaml" | "json" | "text", path] => Some(artifact(build, path).unwrap_or_else(|| missing(path))),
        ["yaml", path, kind, name] => Some(object(build, path, &format!("{kind} {name}"))),
        _ => None,
    }
}

/// The text of an artifact.
pub fn artifact(compiled: &Compiled, path: &str) -> Option<String> {
    let mut artifacts = compiled.build.iter().flat_map(|build| &build.artifacts);
    let found = artifacts.find(|artifact| artifact.path == path)?;
    Some(String::from_utf8(found.bytes.clone()).unwrap())
}

/// What is shown where there is nothing.
pub fn missing(what: &str) -> String {
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

/// The objects of a file, by kind and name; one below the other, if these are the same.
pub fn documents(text: &str) -> BTreeMap<String, Vec<&str>> {
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
