//! What must hold for any bytes at all. `tests/fuzz` looks for bytes for which it doesn't; what it found before is held against it again by
//! a test below, with the compiler that everything else is built with.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "what doesn't hold is a panic: whoever calls this is a test"
)]

mod editing;
mod meant;

use std::ops::Range;

use fleetnet_compiler::compile::{self, Compiled, Goal, LOCK_FILE, Options, World};
use fleetnet_compiler::image::file;
use fleetnet_lang::format::{format, format_range};
use fleetnet_lang::highlight::highlight;
use fleetnet_lang::syntax_kind::SyntaxElement;
use fleetnet_lang::{Diagnostic, FileId, Severity, SourceFile, Sources, Span, SyntaxKind, parse, parse_question};
use sha2::{Digest, Sha256};

pub use editing::{edits_any, messages_any};

/// Something that takes any bytes, and panics where it doesn't do with them what it should.
pub struct Target {
    /// The name of the fuzz target, and of the folder of its corpus.
    pub name: &'static str,
    /// What it does with bytes.
    pub hold: fn(&[u8]) -> Input,
}

/// What became of an input: one that is refused shows little of what is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It went all the way through.
    Accepted,
    /// It was found to be wrong on the way.
    Refused,
}

impl Input {
    fn accepted_if(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target { name: "parse", hold: parse_any },
    Target { name: "format", hold: format_any },
    Target { name: "check", hold: check_any },
    Target { name: "image", hold: image_any },
    Target { name: "link", hold: link_any },
    Target { name: "edits", hold: edits_any },
    Target { name: "messages", hold: messages_any },
];

/// Where an image says how long it is, and its digest of everything else (`docs/image-format.md`).
const LENGTH: Range<usize> = 48..56;
const DIGEST: Range<usize> = 16..48;

/// Between the files of a package, in one input.
const FILE_END: char = '\u{1c}';
/// What a file that is the package's lock begins with.
const LOCK_MARK: char = '\u{1d}';
/// What begins a question about the package rather than a file of it.
const QUESTION_MARK: char = '\u{1e}';

/// Any text has a tree whose text it is, and findings that point into it.
pub fn parse_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let sources = Sources::new(vec![SourceFile::new("a.fleetnet", &*text)]);
    let file = FileId(0);
    let parses = [parse(file, &text), parse_question(file, &text)];
    for parse in &parses {
        assert_eq!(parse.syntax().to_string(), text, "a tree of another text");
        findings(&parse.diagnostics, &sources);
    }
    let mut end = 0;
    for piece in highlight(&text) {
        assert!(piece.start >= end && piece.end > piece.start, "pieces in order, none empty");
        assert!(text.get(piece.start as usize..piece.end as usize).is_some(), "a piece ends inside a letter");
        end = piece.end;
    }
    Input::accepted_if(parses.iter().any(|parse| !any_error(&parse.diagnostics)))
}

/// Any text has a layout: the same words and comments, and laid out once is laid out. Edits lead to it.
pub fn format_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let once = format(&text);
    assert_eq!(said(&once), said(&text), "other words or comments");
    assert_eq!(format(&once), once, "twice is another than once");
    let whole = Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let mut edited = text.clone().into_owned();
    for edit in format_range(&text, whole).into_iter().rev() {
        edited.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    assert_eq!(edited, once, "edits lead elsewhere");
    Input::accepted_if(once != *text)
}

/// The words and comments of a text.
fn said(text: &str) -> Vec<String> {
    let root = parse(FileId(0), text).syntax();
    let tokens = root.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    let says = |kind| !matches!(kind, SyntaxKind::Whitespace | SyntaxKind::Newline | SyntaxKind::Semicolon);
    tokens
        .filter(|token| says(token.kind()))
        .map(|token| token.text().replace("\r\n", "\n").trim_end().to_owned())
        .collect()
}

/// Any package is built or told why not; what is built can be read, and is all that is written.
pub fn check_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let (questions, files): (Vec<&str>, Vec<&str>) =
        text.split(FILE_END).partition(|part| part.starts_with(QUESTION_MARK));
    let package = Package { files };
    let compiled = compile::compile(&package, &Options { params: Vec::new(), goal: Goal::Build });
    findings(&compiled.diagnostics, &compiled.sources);
    built_or_told(&compiled);
    if let Some(plan) = compiled.plan.as_ref().filter(|_| !any_error(&compiled.diagnostics)) {
        meant::all_is_meant(&package.sources(), &plan.model);
    }
    for question in questions {
        let asked = compile::ask(&package, &[], question.trim_start_matches(QUESTION_MARK));
        findings(&asked.diagnostics, &asked.sources);
        assert_eq!(asked.answered.is_none(), any_error(&asked.diagnostics), "answered, or told why not");
    }
    Input::accepted_if(compiled.build.is_some())
}

fn built_or_told(compiled: &Compiled) {
    let Some(build) = &compiled.build else {
        assert!(any_error(&compiled.diagnostics), "nothing is built, and nobody says why");
        return;
    };
    assert!(!any_error(&compiled.diagnostics), "built in spite of an error");
    for artifact in &build.artifacts {
        if artifact.path.rsplit_once('.').is_some_and(|(_, extension)| extension == "fnimg") {
            let image = file::read(&artifact.bytes).expect("an image that was just written");
            assert_eq!(file::write(&image), artifact.bytes, "an image reads back as another");
        } else {
            assert!(std::str::from_utf8(&artifact.bytes).is_ok(), "{} is no text", artifact.path);
        }
    }
}

/// Any bytes are an image, and then the only ones that it is written as, or told why not.
pub fn image_any(bytes: &[u8]) -> Input {
    if image_or_told(bytes) == Input::Accepted {
        return Input::Accepted;
    }
    // Past the digest, which no search would get past.
    image_or_told(&sealed(bytes))
}

/// `bytes` with the length and the digest that an image of them would have.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut sealed = bytes.to_vec();
    let length = u64::try_from(sealed.len()).unwrap_or_default();
    if let Some(field) = sealed.get_mut(LENGTH) {
        field.copy_from_slice(&length.to_le_bytes());
    }
    if let (Some(before), Some(after)) = (sealed.get(..DIGEST.start), sealed.get(DIGEST.end..)) {
        let digest = Sha256::new().chain_update(before).chain_update(after).finalize();
        sealed[DIGEST].copy_from_slice(&digest);
    }
    sealed
}

fn image_or_told(bytes: &[u8]) -> Input {
    let read = file::read(bytes);
    match &read {
        Ok(image) => assert_eq!(file::write(image), bytes, "two files for one image"),
        Err(error) => assert!(!error.to_string().is_empty(), "an error without a word"),
    }
    Input::accepted_if(read.is_ok())
}

/// What arrives in a link is any text, and the page answers it in JSON.
pub fn link_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let mut session = fleetnet_playground::Session::new();
    let answers = [session.check(&text), session.map(), session.prove(), session.build(), session.why("any -> any")];
    let answers = answers.map(|answer| -> serde_json::Value {
        let answer = serde_json::from_str(&answer).expect("an answer in JSON");
        assert!(matches!(answer, serde_json::Value::Object(_)), "an answer that is no object");
        answer
    });
    Input::accepted_if(answers.iter().any(|answer| answer["files"].as_array().is_some_and(|files| !files.is_empty())))
}

/// Every place that a finding names is in the package.
fn findings(diagnostics: &[Diagnostic], sources: &Sources) {
    for found in diagnostics {
        assert!(!found.message.is_empty(), "{} says nothing", found.code);
        let related = found.related.iter().map(|label| label.span);
        let fix = found.fix.iter().map(|fix| fix.span);
        for span in std::iter::once(found.span).chain(related).chain(fix) {
            assert!(is_in(span, sources), "{}: {span:?} is not in the package", found.code);
        }
    }
}

fn is_in(span: Span, sources: &Sources) -> bool {
    let text = sources.get(span.file).map(|file| &file.text);
    text.is_some_and(|text| text.get(span.start as usize..span.end as usize).is_some())
}

fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

struct Package<'t> {
    files: Vec<&'t str>,
}

impl World for Package<'_> {
    fn sources(&self) -> Vec<SourceFile> {
        let texts = self.files.iter().filter(|text| !text.starts_with(LOCK_MARK));
        texts.zip('a'..='z').map(|(text, name)| SourceFile::new(format!("{name}.fleetnet"), *text)).collect()
    }

    fn lock(&self) -> Option<SourceFile> {
        let text = self.files.iter().find_map(|text| text.strip_prefix(LOCK_MARK))?;
        Some(SourceFile::new(LOCK_FILE, text))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use fleetnet_compiler::image::file::{self, ImageError};

    use super::{Input, LENGTH, TARGETS, Target, format_any, image_any, sealed};

    fn corpus() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
    }

    fn inside(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
    }

    #[test]
    fn nothing_in_the_kept_corpus_breaks_anything() {
        let corpus = corpus();
        let kept: BTreeSet<PathBuf> = inside(&corpus).collect();
        assert_eq!(kept, TARGETS.map(|target| corpus.join(target.name)).into(), "a folder for each target");
        for Target { name, hold } in TARGETS {
            let held: Vec<Input> = inside(&corpus.join(name)).map(|path| hold(&std::fs::read(path).unwrap())).collect();
            let accepted = held.iter().filter(|input| **input == Input::Accepted).count();
            assert!(accepted > 0, "of {} inputs for {name} none gets all the way through", held.len());
        }
    }

    /// The texts that taught the parser something are hard to lay out too.
    #[test]
    fn the_texts_for_the_parser_can_be_laid_out() {
        let held = inside(&corpus().join("parse")).map(|path| format_any(&std::fs::read(path).unwrap()));
        assert!(held.filter(|input| *input == Input::Accepted).count() > 0);
    }

    /// Otherwise no search would ever see what is behind the digest.
    #[test]
    fn what_is_changed_is_found_behind_the_digest() {
        let mut images = inside(&corpus().join("image")).map(|path| sealed(&std::fs::read(path).unwrap()));
        let image = images.find(|image| file::read(image).is_ok()).unwrap();
        let (mut tried, mut found) = (0, 0);
        // One byte in some: enough of every table.
        for place in (LENGTH.end..image.len()).step_by(7) {
            let mut changed = image.clone();
            changed[place] ^= 1;
            assert_eq!(file::read(&changed).err(), Some(ImageError::Digest), "byte {place} is under the digest");
            let behind = file::read(&sealed(&changed)).err();
            assert!(
                !matches!(behind, Some(ImageError::Digest | ImageError::Length { .. })),
                "byte {place}: no reader gets past {behind:?}"
            );
            assert_eq!(
                image_any(&changed) == Input::Accepted,
                behind.is_none(),
                "byte {place} is held against it sealed"
            );
            tried += 1;
            found += usize::from(behind.is_some());
        }
        assert!(found > tried / 4, "only {found} of {tried} changes are found behind the digest");
    }
}
