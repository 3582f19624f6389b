//! An editor with one file of a package open, that types into it.

use std::ops::Range;
use std::time::Instant;

use fleetnet_lang::SourceFile;
use fleetnet_lsp::protocol::{Files, Folder, Message, Server};
use fleetnet_threads::Threads;
use serde_json::{Value, json};

/// Where the package lies, for the protocol.
const ROOT: &str = "/package/";

struct InMemory(Vec<SourceFile>);

impl Files for InMemory {
    fn package(&self, path: &str) -> Option<Folder> {
        let name = path.strip_prefix(ROOT)?.to_owned();
        Some(Folder { root: ROOT.to_owned(), name, files: self.0.clone() })
    }
}

/// A session with the language server.
pub struct Session {
    server: Server,
    uri: String,
    version: i32,
    text: String,
    threads: Threads,
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A comment, at the top of the file.
    Comment,
    /// Another port for a rule between two identities.
    Port,
    /// One rule more between two identities.
    Rule,
    /// Another label for an identity, on which all of a package may depend.
    Label,
    /// Another port of a service.
    Service,
    /// Another port of the pods behind a service, which rules may name.
    Target,
    /// Another port of an identity.
    Identity,
    /// The first words of a rule, which are taken back when something is known of them.
    Unfinished,
    /// One declaration more of those that all of a package may name: this takes a whole compilation.
    Declaration,
}

impl Edit {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Comment,
        Self::Port,
        Self::Rule,
        Self::Label,
        Self::Service,
        Self::Target,
        Self::Identity,
        Self::Unfinished,
        Self::Declaration,
    ];

    /// What is replaced in a text, and by what; each time by something else.
    fn of(self, text: &str, version: i32) -> (Range<usize>, String) {
        let port = 20_000 + version;
        // The first rule of the file with two identities and one port.
        let rule = text.find("\n  allow ").map_or(0, |at| at + 1);
        let rules = text.get(rule..).unwrap_or_default().lines();
        let mut places = rules.scan(rule, |place, line| {
            let start = *place;
            *place += line.len() + 1;
            Some((start, line))
        });
        let is_plain = |line: &str| line.starts_with("  allow ") && line.contains(" -> ") && line.ends_with("/tcp");
        let (start, line) = places.find(|(_, line)| is_plain(line)).unwrap_or_default();
        let ports = line.find(" on ").map_or(line.len(), |at| at + " on ".len());
        match self {
            Self::Comment => (0..0, format!("# {version}\n")),
            Self::Port => (start + ports..start + line.len(), format!("{port}/tcp")),
            Self::Rule => (start..start, format!("{}{port}/tcp\n", line.get(..ports).unwrap_or_default())),
            Self::Label => {
                let at = text.find("match app = ").map_or(0, |at| at + "match app = ".len());
                (at..at, "x".to_owned())
            }
            Self::Service => number_behind(text, &["\nservice ", "\n  port http "], port),
            Self::Target => number_behind(text, &["\nservice ", "\n  port http ", " -> "], port),
            Self::Unfinished => (start..start, line.get(..ports).unwrap_or_default().trim_end().to_owned() + "\n"),
            Self::Identity => number_behind(text, &["\nidentity ", "\n  port metrics "], port),
            Self::Declaration => (0..0, format!("external bench-{version} {{ dns \"bench.example\" }}\n")),
        }
    }
}

/// Another number in the place of the first one behind some texts, each of which stands behind the one before it.
fn number_behind(text: &str, texts: &[&str], number: i32) -> (Range<usize>, String) {
    let behind = |start: usize, sought: &&str| {
        text.get(start..).and_then(|rest| rest.find(*sought)).map_or(0, |at| start + at + sought.len())
    };
    let at = texts.iter().fold(0, behind);
    let length = text.get(at..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    (at..at + length, number.to_string())
}

/// Seconds from an edit until something of it is known.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// The edit is in the tree, requests are answered from it, and mistakes in the form of the file are told.
    pub form: f64,
    /// All findings but those of tests and invariants are told.
    pub findings: f64,
    /// Those, too.
    pub promises: f64,
}

impl Session {
    /// A session with the last of some files open, compiled once.
    #[must_use]
    pub fn open(files: &[SourceFile], threads: Threads) -> Self {
        let (path, text) = files.last().map(|file| (file.path.to_string(), file.text.to_string())).unwrap_or_default();
        let server = Server::new(Box::new(InMemory(files.to_vec())));
        let mut session = Self { server, uri: format!("file://{ROOT}{path}"), version: 0, text, threads };
        let hello = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        session.server.handle(Message::Request { id: 1.into(), method: "initialize".to_owned(), params: hello });
        session.tell("initialized", json!({}));
        let document =
            json!({ "uri": session.uri, "languageId": "fleetnet", "version": 0, "text": session.text.as_str() });
        session.tell("textDocument/didOpen", json!({ "textDocument": document }));
        session.compile(Instant::now());
        session
    }

    /// Types something, and waits until everything about it is known.
    pub fn edit(&mut self, edit: Edit) -> Waits {
        let (replaced, text) = edit.of(&self.text, self.version + 1);
        let before = self.text.get(replaced.clone()).unwrap_or_default().to_owned();
        let typed = replaced.start..replaced.start + text.len();
        let waits = self.replace(replaced, &text);
        if edit == Edit::Unfinished {
            self.replace(typed, &before);
        }
        waits
    }

    fn replace(&mut self, replaced: Range<usize>, text: &str) -> Waits {
        self.version += 1;
        let range = json!({ "start": position(&self.text, replaced.start), "end": position(&self.text, replaced.end) });
        let change = json!({ "range": range, "text": text });
        self.text.replace_range(replaced, text);
        let document = json!({ "uri": self.uri, "version": self.version });
        let started = Instant::now();
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        let form = started.elapsed().as_secs_f64();
        let (findings, promises) = self.compile(started);
        Waits { form, findings, promises }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.server.handle(Message::Notification { method: method.to_owned(), params });
    }

    /// When the first findings of the compilation were told, and when those of the promises: the last before what the package means.
    fn compile(&mut self, started: Instant) -> (f64, f64) {
        let mut steps = Vec::new();
        while let Some(job) = self.server.edits().or_else(|| self.server.job()) {
            job.run(&self.threads, &mut |done| {
                self.server.done(done);
                steps.push(started.elapsed().as_secs_f64());
            });
        }
        let step = |step: Option<&f64>| step.copied().unwrap_or(f64::INFINITY);
        (step(steps.first()), step(steps.iter().rev().nth(1)))
    }
}

/// A place in a text of ASCII, as the protocol has it.
fn position(text: &str, offset: usize) -> Value {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    json!({ "line": before.matches('\n').count(), "character": offset - line })
}

#[cfg(test)]
mod tests {
    use fleetnet_threads::Threads;

    use super::{Edit, Session};
    use crate::fleet::{self, SIZES};

    #[test]
    fn an_edit_is_known_step_by_step() {
        let mut session = Session::open(&fleet::sources(SIZES[0]), Threads::of_machine());
        for edit in Edit::ALL {
            let text = session.text.clone();
            let waits = session.edit(edit);
            assert_eq!(session.text == text, edit == Edit::Unfinished, "{edit:?}");
            assert!(waits.form <= waits.findings && waits.findings <= waits.promises, "{waits:?}");
            assert!(waits.promises.is_finite(), "{waits:?}");
        }
    }
}
