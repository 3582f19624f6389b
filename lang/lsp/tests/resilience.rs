//! Every feature answers for any text: each prefix of the examples, and each without one of its tokens.

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

#[test]
fn every_prefix_has_an_answer() {
    for files in programs() {
        let mut package = package(&files);
        for (path, text) in &files {
            let file = package.find(path).unwrap();
            // Every fifth is in every kind of word sooner or later; all of them take minutes.
            for (end, _) in text.char_indices().step_by(5) {
                package.set(path, &text[..end]);
                ask(&package, file, u32::try_from(end).unwrap());
            }
            package.set(path, text.as_str());
        }
    }
}

#[test]
fn every_text_without_a_token_has_an_answer() {
    for files in programs() {
        let mut package = package(&files);
        for (path, text) in &files {
            let file = package.find(path).unwrap();
            let root = package.tree(file).unwrap().parse.syntax();
            let first = root.first_token();
            for token in std::iter::successors(first, SyntaxToken::next_token).filter(|token| !token.kind().is_trivia())
            {
                let range = token.text_range();
                let mut broken = text.clone();
                broken.replace_range(usize::from(range.start())..usize::from(range.end()), "");
                package.set(path, broken);
                ask(&package, file, range.start().into());
            }
            package.set(path, text.as_str());
        }
    }
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
