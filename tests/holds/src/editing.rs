//! What must hold of an editor's package and of the language server for any input.

use std::fmt::Write as _;

use fleetnet_compiler::workers::Alone;
use fleetnet_lang::{FileId, SourceFile, Span};
use fleetnet_lsp::findings::{Checked, Checking, Kept};
use fleetnet_lsp::meaning::Meaning;
use fleetnet_lsp::protocol::{Files, Folder, Message, Server};
use fleetnet_lsp::{
    Package, Place, completion, definition, folding, formatting, hints, hover, lens, references, rename, signature,
    symbols, tokens,
};
use serde_json::{Value, json};

use crate::{FILE_END, Input};

/// The files of the package that is edited.
const PATHS: [&str; 2] = ["a.fleetnet", "b.fleetnet"];
/// Edits and messages of one input that are looked at: what takes more is found with fewer, too.
const MOST: usize = 24;

/// A package that is edited is the package that is read anew, what is found again is what is found, and whatever was known of it before points
/// into its text.
///
/// An input is the texts of two files and then edits: a character that says where, one that says how much goes, and what comes instead.
pub fn edits_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split(FILE_END);
    let mut texts = PATHS.map(|_| parts.next().unwrap_or_default().to_owned());
    let read = |texts: &[String; 2]| {
        Package::new(PATHS.iter().zip(texts).map(|(path, text)| SourceFile::new(*path, text.as_str())))
    };
    let mut package = read(&texts);
    let mut known = known(&package);
    for edit in parts.take(MOST) {
        let mut chars = edit.chars();
        let (Some(at), Some(length)) = (chars.next(), chars.next()) else { continue };
        let (file, at) = (at as usize % texts.len(), at as usize / texts.len());
        let start = boundary(&texts[file], at % (texts[file].len() + 1));
        let end = boundary(&texts[file], start.saturating_add(length as usize));
        texts[file].replace_range(start..end, chars.as_str());
        package.set(PATHS[file], texts[file].as_str());
        let place = Place {
            file: FileId(u32::try_from(file).unwrap_or_default()),
            offset: u32::try_from(start + chars.as_str().len()).unwrap_or_default(),
        };
        assert_eq!(answers(&package, place), answers(&read(&texts), place), "an edit that is not what is read");
        shown(&known.0, known.1.as_ref(), &package);
        if let Some(found) = known.2.as_mut().and_then(|kept| kept.checked(&package, &[], &Alone)) {
            let whole = Checking::begin(package.clone(), &[], &Alone).checked();
            assert_eq!(found.current(&package), whole.current(&package), "what is found again is not what is found");
        }
        if known.1.is_none() {
            known = self::known(&package);
        }
    }
    Input::accepted_if(known.1.is_some())
}

/// The start of a character, at a byte or before it.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

type Known = (Checked, Option<Meaning>, Option<Kept>);

fn known(package: &Package) -> Known {
    let mut checking = Checking::begin(package.clone(), &[], &Alone);
    let kept = checking.kept(&[], &Alone);
    checking.prove(&Alone);
    let checked = checking.checked();
    let all = package.files().map(|(id, _)| id).collect();
    let meaning = checking.plan().map(|plan| Meaning::new(package.clone(), plan, &all));
    (checked, meaning, kept)
}

/// Everything that an editor asks of a text alone.
fn answers(package: &Package, place: Place) -> String {
    let mut all = String::new();
    let file = place.file;
    let renamed = rename::rename(package, place, "another-name");
    let _ = writeln!(all, "{:?}", package.form(file));
    let _ = writeln!(all, "{:?}", symbols::outline(package, file));
    let _ = writeln!(all, "{:?}", symbols::search(package, "a"));
    let _ = writeln!(all, "{:?} {:?}", folding::folds(package, file), tokens::tokens(package, file));
    let _ = writeln!(all, "{:?} {:?}", definition::definition(package, place), references::references(package, place));
    let _ = writeln!(all, "{:?} {renamed:?}", completion::completion(package, place));
    let _ = writeln!(all, "{:?}", signature::signature(package, place));
    let _ = writeln!(all, "{:?}", formatting::formatting(package, file));
    let _ = writeln!(all, "{:?}", formatting::range_formatting(package, Span::new(file, place.offset, place.offset)));
    all
}

/// What was found out of a package that has been edited since.
fn shown(checked: &Checked, meaning: Option<&Meaning>, now: &Package) {
    let inside = |span: Span| {
        let text = now.file(span.file).map(|file| &file.source.text);
        assert!(text.is_some_and(|text| text.get(span.start as usize..span.end as usize).is_some()), "{span:?}");
    };
    for found in checked.current(now) {
        inside(found.span);
        found.related.iter().for_each(|label| inside(label.span));
        found.fix.iter().for_each(|fix| inside(fix.span));
    }
    let Some(meaning) = meaning else { return };
    for (file, _) in now.files() {
        for lens in lens::lenses(now, meaning, file) {
            inside(lens.span);
        }
        for hint in hints::hints(now, meaning, Span::new(file, 0, u32::MAX)) {
            inside(Span::new(hint.at.file, hint.at.offset, hint.at.offset));
        }
        let places = now.tree(file).into_iter().flat_map(|tree| &tree.names.uses).map(|used| used.span);
        for span in places.take(MOST) {
            if let Some(hover) = hover::hover(now, Some(meaning), Place { file, offset: span.start }) {
                inside(hover.span);
            }
        }
    }
}

/// The folder that every client opens.
struct Shelf;

impl Files for Shelf {
    fn package(&self, path: &str) -> Option<Folder> {
        let name = path.strip_prefix("/a/")?;
        let files = vec![SourceFile::new("a.fleetnet", FLEET), SourceFile::new("fleetnet.lock", "")];
        Some(Folder { root: "/a/".to_owned(), name: name.to_owned(), files })
    }
}

const FLEET: &str = "fleet f { default deny }\ncluster c { id 1 ; pods 10.1.0.0/16 ; nodes 10.9.0.0/24 ; cilium \"1.18.0\" }\n\
    namespace n { in c }\nidentity n/w { match app = w }\npolicy p { allow n/w -> n/w on 80/tcp }\n";

/// The server answers every request exactly once, whatever the client sends, and goes on.
///
/// An input is messages in JSON, a line each. One that begins with a blank line starts the session by itself.
pub fn messages_any(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    let mut server = Server::new(Box::new(Shelf));
    if !text.starts_with('\n') {
        let params = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        send(&mut server, json!({ "id": 0, "method": "initialize", "params": params }));
        send(&mut server, json!({ "method": "initialized", "params": {} }));
    }
    let mut answered = 0_usize;
    for line in text.lines().take(MOST) {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        answered += usize::from(send(&mut server, message) == Some(Input::Accepted));
        while let Some(job) = server.edits().or_else(|| server.job()) {
            job.run(&Alone, &mut |done| told(&server.done(done)));
        }
    }
    Input::accepted_if(answered > 0)
}

/// What became of a request, if the message is one.
fn send(server: &mut Server, mut message: Value) -> Option<Input> {
    let id = message.get("id").cloned();
    let params = message.get_mut("params").map(Value::take).unwrap_or_default();
    let method = message.get("method").and_then(Value::as_str).map(str::to_owned);
    let message = match (id.clone(), method) {
        (Some(id), Some(method)) => Message::Request { id, method, params },
        (Some(id), None) => Message::Response { id, result: Ok(params) },
        (None, Some(method)) => Message::Notification { method, params },
        (None, None) => return None,
    };
    let is_request = matches!(message, Message::Request { .. });
    let answers = server.handle(message);
    if !is_request {
        told(&answers);
        return None;
    }
    let [Message::Response { id: of, result }, others @ ..] = &answers[..] else { panic!("no answer: {answers:?}") };
    // Settings that are not understood are told behind the answer to the greeting that has them.
    told(others);
    assert_eq!(Some(of), id.as_ref(), "the answer to another request");
    Some(Input::accepted_if(result.as_ref().is_ok_and(|result| !result.is_null())))
}

/// What the server says by itself is no answer.
fn told(messages: &[Message]) {
    let is_answer = |message: &Message| matches!(message, Message::Response { .. });
    assert!(!messages.iter().any(is_answer), "an answer to nobody: {messages:?}");
}
