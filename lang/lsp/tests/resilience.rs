//! Every feature answers for any text: each prefix of the examples, and each with one edit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test that can't go on fails")]

mod common;

use common::programs;
use fleetnet_lang::{FileId, SourceFile, Span, SyntaxToken};
use fleetnet_lsp::completion::completion;
use fleetnet_lsp::definition::definition;
use fleetnet_lsp::folding::folds;
use fleetnet_lsp::hover::hover;
use fleetnet_lsp::references::references;
use fleetnet_lsp::rename::{Refused, rename};
use fleetnet_lsp::signature::{Signature, signature};
use fleetnet_lsp::symbols::{outline, search};
use fleetnet_lsp::tokens::tokens;
use fleetnet_lsp::{Package, Place};

/// Asks everything about a file, at a place in it.
fn ask(package: &Package, file: FileId, offset: u32) {
    let length = u32::try_from(package.file(file).unwrap().source.text.len()).unwrap();
    let inside = |span: Span| {
        let end = if span.file == file { length } else { u32::MAX };
        assert!(span.start <= span.end && span.end <= end, "{span:?} of {length}");
    };
    for line in outline(package, file) {
        inside(line.whole);
        assert!(line.whole.start <= line.place.start && line.place.end <= line.whole.end, "{line:?}");
    }
    let pieces = tokens(package, file);
    assert!(pieces.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let mut spans: Vec<Span> = folds(package, file).iter().map(|fold| fold.span).collect();
    spans.extend(search(package, "a").iter().map(|found| found.place));
    let place = Place { file, offset };
    spans.extend(definition(package, place).iter().map(|target| target.whole));
    let found = references(package, place);
    spans.extend(found.declared.into_iter().chain(found.used));
    spans.extend(hover(package, None, place).map(|hover| hover.span));
    spans.extend(completion(package, place).span);
    if let Some(Signature { form, parts, active, .. }) = signature(package, place) {
        assert!(active < parts.len(), "{form}: {active} of {parts:?}");
        assert!(
            parts.iter().all(|part| form.get(part.clone()).is_some_and(|part| !part.is_empty())),
            "{form}: {parts:?}"
        );
    }
    match rename(package, place, "another-name") {
        Ok(edits) => spans.extend(edits.iter().map(|edit| edit.span)),
        Err(refused) => assert!(!matches!(refused, Refused::Malformed(_)), "{refused}"),
    }
    for span in spans {
        inside(span);
    }
}

fn package(files: &[(String, String)]) -> Package {
    Package::new(files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())))
}

/// Does something with every file of every program, side by side.
fn each_file(work: impl Fn(&mut Package, FileId, &str, &str) + Sync) {
    std::thread::scope(|scope| {
        for files in programs() {
            let work = &work;
            scope.spawn(move || {
                let mut package = package(&files);
                for (path, text) in &files {
                    let file = package.find(path).unwrap();
                    work(&mut package, file, path, text);
                    package.set(path, text.as_str());
                }
            });
        }
    });
}

#[test]
fn every_prefix_has_an_answer() {
    each_file(|package, file, path, text| {
        for (end, _) in text.char_indices() {
            package.set(path, &text[..end]);
            ask(package, file, u32::try_from(end).unwrap());
        }
    });
}

/// Each of the edits in place of every token.
fn every_token(edits: &(dyn Fn(&str) -> Vec<String> + Sync)) {
    each_file(|package, file, path, text| {
        let root = package.tree(file).unwrap().parse.syntax();
        let tokens = std::iter::successors(root.first_token(), SyntaxToken::next_token);
        for token in tokens.filter(|token| !token.kind().is_trivia()) {
            let range = token.text_range();
            for instead in edits(token.text()) {
                let mut broken = text.to_owned();
                broken.replace_range(usize::from(range.start())..usize::from(range.end()), &instead);
                package.set(path, broken);
                ask(package, file, u32::from(range.start()) + u32::try_from(instead.len()).unwrap());
            }
        }
    });
}

#[test]
fn every_text_without_a_token_has_an_answer() {
    every_token(&|_| vec![String::new()]);
}

#[test]
fn every_text_with_a_misspelt_token_has_an_answer() {
    every_token(&|token| {
        let half = token.char_indices().nth(token.chars().count() / 2).map_or(0, |(half, _)| half);
        // Half of it, and something else that opens a block or quotes all the rest.
        let opener = ["{", "\"", "`", "(", "->", "é$"][token.len() % 6];
        vec![format!("{}{opener}{}", &token[..half], &token[half..])]
    });
}

/// An edit changes what it changes: names and trees are those of a package that is read anew.
#[test]
fn a_package_that_was_edited_is_as_one_that_is_read() {
    let files = programs().into_iter().max_by_key(Vec::len).unwrap();
    let mut edited = package(&files);
    let mut texts = files.clone();
    for (path, text) in &mut texts {
        text.insert_str(0, "param added = 1\n");
        edited.set(path, text.as_str());
    }
    edited.set("0.fleetnet", "# first\n");
    edited.remove(&texts[1].0);
    texts.remove(1);
    texts.push(("0.fleetnet".to_owned(), "# first\n".to_owned()));
    let read = package(&texts);
    assert_eq!(edited.files().count(), read.files().count());
    for ((_, edited), (_, read)) in edited.files().zip(read.files()) {
        let (old, new) = (edited.tree.as_ref().unwrap(), read.tree.as_ref().unwrap());
        assert_eq!((&edited.source.path, &old.parse.tree), (&read.source.path, &new.parse.tree));
        assert_eq!((&old.names.definitions, &old.names.uses), (&new.names.definitions, &new.names.uses));
    }
}
