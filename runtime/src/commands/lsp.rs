//! `fleetnet lsp`: the language server on standard input and output. It ends with the client.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, after, bounded, never, select};
use fleetnet_compiler::compile::{ParamValue, World as _};
use fleetnet_lsp::protocol::{Done, Exit, Failure, Files, Folder, Job, Message, Server};
use fleetnet_threads::Threads;
use lsp_server::{Connection, Notification, Request, RequestId, Response, ResponseError};

use crate::cli::Lsp;
use crate::package::Package;
use crate::terminal::{Outcome, Terminal};

/// How long nobody types before a package is compiled: less than a reader notices, more than there is between two keys.
const CALM: Duration = Duration::from_millis(50);

/// Why a session broke off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client sends or takes no messages.
    #[error(
        "the editor can't be spoken to: {0}; `fleetnet lsp` is started by an editor and speaks the Language Server Protocol"
    )]
    Client(std::io::Error),
}

pub fn run(args: &Lsp, _terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    let (connection, threads) = Connection::stdio();
    let exit = serve(&connection, args.set.clone());
    drop(connection);
    threads.join().map_err(Error::Client)?;
    Ok(match exit {
        Exit::Orderly => Outcome::Good,
        // The protocol asks for an exit code of 1.
        Exit::Abrupt => Outcome::Findings,
    })
}

/// Answers the client until it goes. Packages are compiled by a thread of their own, one at a time, and only when nothing came for a moment:
/// a burst of edits is one compilation, and no request waits for it. What takes no time to find is found at once, by another thread.
fn serve(connection: &Connection, params: Vec<ParamValue>) -> Exit {
    let mut server = Server::new(Box::new(Disk)).with_params(params);
    let (mut edits, mut whole) = (Compiler::start(), Compiler::start());
    let mut calm = never();
    let mut is_calm = false;
    loop {
        let answers = select! {
            recv(connection.receiver) -> message => {
                let Ok(message) = message else { return Exit::Abrupt };
                calm = after(CALM);
                is_calm = false;
                server.handle(taken(message))
            }
            recv(edits.done) -> step => match step {
                Ok(step) => edits.went_on(step, &mut server),
                Err(_) => return Exit::Abrupt,
            },
            recv(whole.done) -> step => match step {
                Ok(step) => whole.went_on(step, &mut server),
                // A thread that compiles is gone: a client starts the server again.
                Err(_) => return Exit::Abrupt,
            },
            recv(calm) -> _ => {
                calm = never();
                is_calm = true;
                Vec::new()
            }
        };
        for message in answers.into_iter().filter_map(given) {
            if connection.sender.send(message).is_err() {
                return Exit::Abrupt;
            }
        }
        if let Some(exit) = server.exited() {
            return exit;
        }
        edits.give(|| server.edits());
        if is_calm {
            whole.give(|| server.job());
        }
    }
}

/// How far a job is.
enum Step {
    /// Something is known.
    Found(Box<Done>),
    /// Nothing more comes of it.
    Through,
}

/// A thread that does jobs, and sends back what comes of them.
struct Compiler {
    jobs: Sender<Job>,
    done: Receiver<Step>,
    is_busy: bool,
}

impl Compiler {
    fn start() -> Self {
        let (jobs, taken) = bounded::<Job>(1);
        let (finished, done) = bounded(1);
        thread::spawn(move || {
            let threads = Threads::of_machine();
            for job in taken {
                // Nobody receives any more only when the session is over, as the next job finds out.
                job.run(&threads, &mut |done| drop(finished.send(Step::Found(Box::new(done)))));
                if finished.send(Step::Through).is_err() {
                    return;
                }
            }
        });
        Self { jobs, done, is_busy: false }
    }

    /// Takes what came of its job, and gives what there is to tell.
    fn went_on(&mut self, step: Step, server: &mut Server) -> Vec<Message> {
        match step {
            Step::Found(done) => server.done(*done),
            Step::Through => {
                self.is_busy = false;
                Vec::new()
            }
        }
    }

    /// Gives it the next job, if it has none.
    fn give(&mut self, next: impl FnOnce() -> Option<Job>) {
        if !self.is_busy
            && let Some(job) = next()
        {
            self.is_busy = self.jobs.send(job).is_ok();
        }
    }
}

/// The packages of this machine.
struct Disk;

impl Files for Disk {
    fn package(&self, path: &str) -> Option<Folder> {
        let path = Path::new(path);
        // The file itself may not be there yet.
        let folder = std::fs::canonicalize(path.parent()?).ok()?;
        let real = folder.join(path.file_name()?);
        let package = Package::open(if real.exists() { &real } else { &folder }).ok()?;
        let root = std::fs::canonicalize(package.root()?).ok()?;
        let name = real.strip_prefix(&root).ok()?;
        let parts: Option<Vec<&str>> = name.iter().map(|part| part.to_str()).collect();
        let files = package.sources().into_iter().chain(package.lock()).collect();
        let root = root.to_str()?.trim_end_matches('/');
        Some(Folder { root: format!("{root}/"), name: parts?.join("/"), files })
    }
}

fn taken(message: lsp_server::Message) -> Message {
    match message {
        lsp_server::Message::Request(Request { id, method, params }) => {
            Message::Request { id: serde_json::to_value(id).unwrap_or_default(), method, params }
        }
        lsp_server::Message::Response(Response { id, .. }) => {
            let result = Ok(serde_json::Value::Null);
            Message::Response { id: serde_json::to_value(id).unwrap_or_default(), result }
        }
        lsp_server::Message::Notification(Notification { method, params }) => Message::Notification { method, params },
    }
}

/// Nothing where a request had an id that no request can have.
fn given(message: Message) -> Option<lsp_server::Message> {
    let id = |id| serde_json::from_value::<RequestId>(id).ok();
    Some(match message {
        Message::Request { id: own, method, params } => Request { id: id(own)?, method, params }.into(),
        Message::Response { id: own, result } => {
            let failed = |Failure { code, message }| ResponseError { code: code as i32, message, data: None };
            Response { id: id(own)?, response_result: result.map_err(failed) }.into()
        }
        Message::Notification { method, params } => Notification { method, params }.into(),
    })
}
