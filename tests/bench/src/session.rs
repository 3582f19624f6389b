//! An editor with one file of a package open, that types into it.

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
    threads: Threads,
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

impl Waits {
    /// The shorter of each.
    #[must_use]
    pub fn fastest(self, other: Self) -> Self {
        Self {
            form: self.form.min(other.form),
            findings: self.findings.min(other.findings),
            promises: self.promises.min(other.promises),
        }
    }
}

impl Session {
    /// A session with the last of some files open, compiled once.
    #[must_use]
    pub fn open(files: &[SourceFile], threads: Threads) -> Self {
        let (path, text) = files.last().map(|file| (file.path.to_string(), file.text.to_string())).unwrap_or_default();
        let server = Server::new(Box::new(InMemory(files.to_vec())));
        let mut session = Self { server, uri: format!("file://{ROOT}{path}"), version: 0, threads };
        let hello = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        session.server.handle(Message::Request { id: 1.into(), method: "initialize".to_owned(), params: hello });
        session.tell("initialized", json!({}));
        let document = json!({ "uri": session.uri, "languageId": "fleetnet", "version": 0, "text": text });
        session.tell("textDocument/didOpen", json!({ "textDocument": document }));
        session.compile(Instant::now());
        session
    }

    /// Types a line at the top of the file, and waits until everything about it is known.
    pub fn edit(&mut self) -> Waits {
        self.version += 1;
        let top = json!({ "line": 0, "character": 0 });
        let change = json!({ "range": { "start": top, "end": top }, "text": format!("# {}\n", self.version) });
        let document = json!({ "uri": self.uri, "version": self.version });
        let started = Instant::now();
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        let form = started.elapsed().as_secs_f64();
        let [findings, promises] = self.compile(started);
        Waits { form, findings, promises }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.server.handle(Message::Notification { method: method.to_owned(), params });
    }

    /// When the first two steps of the compilation were told.
    fn compile(&mut self, started: Instant) -> [f64; 2] {
        let mut steps = Vec::new();
        while let Some(job) = self.server.job() {
            job.run(&self.threads, &mut |done| {
                self.server.done(done);
                steps.push(started.elapsed().as_secs_f64());
            });
        }
        [0, 1].map(|step| steps.get(step).copied().unwrap_or(f64::INFINITY))
    }
}

#[cfg(test)]
mod tests {
    use fleetnet_threads::Threads;

    use super::Session;
    use crate::fleet::{self, SIZES};

    #[test]
    fn an_edit_is_known_step_by_step() {
        let mut session = Session::open(&fleet::sources(SIZES[0]), Threads::of_machine());
        for _ in 0..3 {
            let waits = session.edit();
            assert!(waits.form <= waits.findings && waits.findings <= waits.promises, "{waits:?}");
            assert!(waits.promises.is_finite(), "{waits:?}");
        }
    }
}
