//! Packages with a cursor in them, and places as people read them.

#![allow(dead_code, reason = "every test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on fails")]

use fleetnet_lang::{SourceFile, Span};
use fleetnet_lsp::{Package, Place};

/// Where the cursor is.
const CURSOR: &str = "$0";

/// A package of one file, or of those that begin with a line `--- PATH`, and the place of the cursor in it.
pub fn package(text: &str) -> (Package, Option<Place>) {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("--- ") {
            files.push((path.to_owned(), String::new()));
            continue;
        }
        if files.is_empty() {
            files.push(("a.fleetnet".to_owned(), String::new()));
        }
        let (_, text) = files.last_mut().unwrap();
        text.push_str(line);
        text.push('\n');
    }
    let cursor = files.iter().find_map(|(path, text)| Some((path.clone(), text.find(CURSOR)?)));
    let sources = files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.replace(CURSOR, "")));
    let package = Package::new(sources);
    let place = cursor
        .map(|(path, offset)| Place { file: package.find(&path).unwrap(), offset: u32::try_from(offset).unwrap() });
    (package, place)
}

/// A span as `path:line:column text`.
pub fn shown(package: &Package, span: Span) -> String {
    let source = &package.file(span.file).unwrap().source;
    let at = source.line_col(span.start);
    format!("{}:{}:{} {}", source.path, at.line, at.column, package.text(span))
}

/// The example packages, and a file with every construct of the grammar: each a list of path and text.
pub fn programs() -> Vec<Vec<(String, String)>> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut programs = Vec::new();
    let mut roots = vec![here.join("../tests/data")];
    roots.extend(std::fs::read_dir(here.join("../../examples")).unwrap().map(|entry| entry.unwrap().path()));
    roots.sort();
    for root in roots {
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        files.sort();
        assert!(!files.is_empty(), "{} has sources", root.display());
        programs.push(files);
    }
    programs
}

fn collect(root: &std::path::Path, folder: &std::path::Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "fleetnet") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
