//! `$NAME` stands wherever a value may: every kind of place for a value that the language reference shows is tried, once with the value that
//! stood there and once with a text that fits nowhere.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that can't go on fails"
)]

mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::Package;
use fleetnet_compiler::compile::{Compiled, Goal, Options, World as _, compile};
use fleetnet_lang::{Diagnostic, FileId, Severity, SourceFile, SyntaxKind, SyntaxToken, literals, parse};

const PAGES: &str = "../docs/language";
/// What no value without quotes is, and no name, pattern or path.
const UNFIT: &str = "\"not a value!\"";

#[test]
fn a_parameter_stands_for_every_value() {
    let mut wrong = String::new();
    for place in places() {
        let before = errors(&place.package(None));
        let after = errors(&place.package(Some(&place.declared())));
        if codes(&before) != codes(&after) {
            writeln!(wrong, "{}\n  {after:#?}", place.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// One finding, where the parameter is used, with its value beside it.
#[test]
fn a_value_that_fits_nowhere_is_one_finding() {
    let mut wrong = String::new();
    for place in places().into_iter().filter(|place| !place.takes_any_text()) {
        let value = format!("param stand-in = {UNFIT}\n");
        let compiled = place.package(Some(&value));
        let errors = errors(&compiled);
        let marked = |found: &Diagnostic| {
            let labels = found.related.iter().map(|label| compiled.sources.text(label.span));
            (compiled.sources.text(found.span) == "$stand-in", labels.collect::<Vec<_>>().contains(&UNFIT))
        };
        if errors.len() != 1 || marked(&errors[0]) != (true, true) {
            let told: Vec<String> =
                errors.iter().map(|found| format!("{} {} {:?}", found.code, found.message, marked(found))).collect();
            writeln!(wrong, "{}\n  {told:#?}", place.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A place for a value in a package without an error.
struct Place {
    /// The kinds of node that it is in, and the words of its statement before it.
    name: String,
    files: Vec<SourceFile>,
    file: usize,
    token: SyntaxToken,
}

impl Place {
    /// The package; with a parameter in this place, if one is declared.
    fn package(&self, declared: Option<&str>) -> Compiled {
        let mut files = self.files.clone();
        if let Some(declared) = declared {
            let file = &mut files[self.file];
            let range = self.token.text_range();
            let (start, end) = (usize::from(range.start()), usize::from(range.end()));
            let text = format!("{}$stand-in{}", &file.text[..start], &file.text[end..]);
            *file = SourceFile::new(&*file.path, text);
            files.push(SourceFile::new("zz.fleetnet", declared));
        }
        compile(&Package(files), &Options { params: Vec::new(), goal: Goal::Check })
    }

    /// A parameter with the value that stands here; what is no literal and no name is a text.
    fn declared(&self) -> String {
        let text = self.token.text();
        let span = fleetnet_lang::Span::new(FileId(0), 0, 0);
        let plain = self.token.kind() == SyntaxKind::String
            || literals::number(text, span, 0..=u64::MAX).is_ok()
            || literals::percent(text, span).is_ok()
            || literals::duration(text, span).is_ok()
            || literals::cidr(text, span).is_ok()
            || literals::name(text, span).is_ok();
        if plain { format!("param stand-in = {text}\n") } else { format!("param stand-in = \"{text}\"\n") }
    }

    /// Whether a text here is judged by nothing but people.
    fn takes_any_text(&self) -> bool {
        self.token.kind() == SyntaxKind::String
    }
}

/// Every kind of place once.
fn places() -> Vec<Place> {
    let found = RefCell::new(BTreeMap::new());
    common::hold(PAGES, |test| {
        let package = common::findings::package(test);
        let compiled = compile(&package, &Options { params: Vec::new(), goal: Goal::Check });
        if errors(&compiled).is_empty() {
            for (file, source) in package.sources().iter().enumerate() {
                let root = parse(FileId(0), &source.text).syntax();
                for token in fleetnet_lang::tokens(&root).filter(is_value) {
                    let name = name(&token);
                    let files = package.sources();
                    found.borrow_mut().entry(name.clone()).or_insert(Place { name, files, file, token });
                }
            }
        }
        test.blocks.iter().map(|block| block.text.clone()).collect()
    });
    let places: Vec<Place> = found.into_inner().into_values().collect();
    assert!(places.len() > 60, "{} places", places.len());
    places
}

/// Whether a token is a value, and not what is declared, a key, or a parameter already.
fn is_value(token: &SyntaxToken) -> bool {
    let parent = token.parent().map(|parent| parent.kind());
    matches!(token.kind(), SyntaxKind::Word | SyntaxKind::String)
        // A method is no value; what another parameter is, that one is judged by.
        && !matches!(parent, None | Some(SyntaxKind::Name | SyntaxKind::Key | SyntaxKind::Waive | SyntaxKind::Request))
        && token.parent_ancestors().all(|node| node.kind() != SyntaxKind::Param)
        && !token.text().starts_with('$')
}

/// The nodes around a token, and the keywords before it in the innermost.
fn name(token: &SyntaxToken) -> String {
    let parent = token.parent().unwrap();
    let before = std::iter::successors(token.prev_token(), SyntaxToken::prev_token);
    let keywords = before
        .take_while(|token| !matches!(token.kind(), SyntaxKind::Newline | SyntaxKind::LBrace | SyntaxKind::Semicolon));
    let mut keywords: Vec<String> =
        keywords.filter(|token| token.kind() == SyntaxKind::Keyword).map(|token| token.text().to_owned()).collect();
    keywords.reverse();
    let nodes: Vec<String> = parent
        .ancestors()
        .filter(|node| !matches!(node.kind(), SyntaxKind::Block | SyntaxKind::SourceFile))
        .map(|node| format!("{:?}", node.kind()))
        .collect();
    format!("{} in {}, {:?}", keywords.join(" "), nodes.join(" < "), token.kind())
}

fn errors(compiled: &Compiled) -> Vec<Diagnostic> {
    compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned().collect()
}

fn codes(found: &[Diagnostic]) -> Vec<u16> {
    found.iter().map(|found| found.code.number).collect()
}
