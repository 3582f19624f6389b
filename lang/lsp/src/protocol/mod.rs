//! The Language Server Protocol over the features: messages in, messages out. Nothing here waits for anything, so that a session can be
//! played in a test; who reads and writes the messages, and when there is time to compile, is the embedder's to say.
//!
//! Edits are taken at once, requests are answered from the trees as they are then, and what is wrong with the form of a file is told with the
//! edit. What needs a whole compilation is done as a [`Job`], which knows nothing of the server: it tells what it finds in two steps, edits that
//! come meanwhile make it stop, and only the newest is told to the client.

mod answer;
mod convert;
mod edits;
mod insight;
mod job;
mod message;
mod options;
mod position;
mod publish;
mod uri;
mod workspace;

use fleetnet_compiler::compile::ParamValue;
use gen_lsp_types as lsp;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use job::{Done, Job};
use message::json;
pub use message::{Failure, FailureCode, Message};
use options::{Said, Set};
use position::Encoding;
use publish::Form;
pub use workspace::{Files, Folder};
use workspace::{Known, Workspace};

/// A language server.
pub struct Server {
    files: Box<dyn Files>,
    state: State,
    encoding: Encoding,
    /// Whether the client tells of files that change on disk, if asked to.
    watches: bool,
    /// The requests by which the client asks again for what it shows of a meaning.
    refreshes: Vec<&'static str>,
    /// How many of them were sent.
    asked: u64,
    workspace: Workspace,
    /// What the parameters are set to where the client says nothing.
    params: Vec<ParamValue>,
    /// What they were set to when the session began.
    at_start: Vec<ParamValue>,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
    Exited(Exit),
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As the protocol has it: the client asked to shut down first.
    Orderly,
    /// It didn't.
    Abrupt,
}

impl Server {
    /// A server that no client has spoken to yet.
    #[must_use]
    pub fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            state: State::New,
            encoding: Encoding::default(),
            watches: false,
            refreshes: Vec::new(),
            asked: 0,
            workspace: Workspace::default(),
            params: Vec::new(),
            at_start: Vec::new(),
        }
    }

    /// The same with parameters of packages set, as long as the client doesn't set them itself.
    #[must_use]
    pub fn with_params(mut self, params: Vec<ParamValue>) -> Self {
        self.workspace.set_params(params.clone());
        self.at_start.clone_from(&params);
        self.params = params;
        self
    }

    /// Takes a message, and gives those that go back.
    pub fn handle(&mut self, message: Message) -> Vec<Message> {
        match message {
            Message::Request { id, method, params } => {
                let mut notices = Vec::new();
                let result = self.request(&method, params, &mut notices);
                let mut messages = vec![Message::Response { id, result }];
                messages.append(&mut notices);
                messages
            }
            Message::Notification { method, params } => self.notification(&method, params),
            // The server asks for nothing whose answer it needs.
            Message::Response { .. } => Vec::new(),
        }
    }

    /// What there is to compile, if anything changed.
    pub fn job(&mut self) -> Option<Job> {
        self.workspace.job()
    }

    /// What there is to look at in milliseconds, if anything was edited since a job was given out: what is found of edits alone is told before a
    /// whole job is begun.
    pub fn edits(&mut self) -> Option<Job> {
        self.workspace.edits()
    }

    /// Takes what came of a job so far, and gives the findings that have changed.
    pub fn done(&mut self, done: Done) -> Vec<Message> {
        match self.workspace.done(done) {
            Some(Known::Findings(key)) => publish::publish(&mut self.workspace, self.encoding, &key),
            Some(Known::Meaning) => self.refresh(),
            None => Vec::new(),
        }
    }

    /// Asks for what is shown of the meaning to be asked for again.
    fn refresh(&mut self) -> Vec<Message> {
        let requests = self.refreshes.clone().into_iter().map(|method| {
            self.asked = self.asked.wrapping_add(1);
            let id = format!("refresh-{}", self.asked).into();
            Message::Request { id, method: method.to_owned(), params: Value::Null }
        });
        requests.collect()
    }

    /// How the session ended, once it has.
    #[must_use]
    pub fn exited(&self) -> Option<Exit> {
        match self.state {
            State::Exited(exit) => Some(exit),
            State::New | State::Running | State::ShutDown => None,
        }
    }

    /// Answers a request; `notices` follow the answer.
    fn request(&mut self, method: &str, params: Value, notices: &mut Vec<Message>) -> Result<Value, Failure> {
        match (self.state, method) {
            (State::New, "initialize") => Ok(self.initialize(&read(params)?, notices)),
            (State::New, _) => Err(Failure::new(FailureCode::NotInitialized, "`initialize` comes first")),
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            (State::Running, "initialize") => {
                Err(Failure::new(FailureCode::InvalidRequest, "the session is initialized already"))
            }
            (State::Running, _) => answer::answer(&self.workspace, self.encoding, method, params),
            (State::ShutDown | State::Exited(_), _) => {
                Err(Failure::new(FailureCode::InvalidRequest, "the session is shut down"))
            }
        }
    }

    fn initialize(&mut self, params: &lsp::InitializeParams, notices: &mut Vec<Message>) -> Value {
        let general = params.capabilities.general.as_ref();
        let offered = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
        self.encoding = Encoding::agreed(offered);
        let watched = params.capabilities.workspace.as_ref().and_then(|it| it.did_change_watched_files.as_ref());
        self.watches = watched.and_then(|watched| watched.dynamic_registration).unwrap_or_default();
        self.refreshes = convert::refreshes(&params.capabilities);
        if let Some(options) = &params.initialization_options {
            notices.extend(self.configure(options));
            self.at_start = self.workspace.params.to_vec();
        }
        self.state = State::Running;
        json(convert::capabilities(self.encoding))
    }

    fn notification(&mut self, method: &str, params: Value) -> Vec<Message> {
        match method {
            "exit" => {
                let orderly = self.state == State::ShutDown;
                self.state = State::Exited(if orderly { Exit::Orderly } else { Exit::Abrupt });
                Vec::new()
            }
            _ if self.state != State::Running => Vec::new(),
            "initialized" => self.watch(),
            // What is none of the protocol is left unanswered, as nobody waits.
            _ => self.change(method, params).unwrap_or_default(),
        }
    }

    /// Asks to be told of the files of packages that change on disk.
    fn watch(&self) -> Vec<Message> {
        if !self.watches {
            return Vec::new();
        }
        let params = json(convert::watched());
        vec![Message::Request { id: "watch".into(), method: "client/registerCapability".to_owned(), params }]
    }

    fn change(&mut self, method: &str, params: Value) -> Result<Vec<Message>, Failure> {
        match method {
            "textDocument/didOpen" => {
                let lsp::DidOpenTextDocumentParams { text_document: it } = read(params)?;
                self.workspace.open(&*self.files, &it.uri.0, it.version, &it.text);
            }
            "textDocument/didChange" => return Ok(self.edit(&read(params)?)),
            "textDocument/didClose" => {
                let params: lsp::DidCloseTextDocumentParams = read(params)?;
                self.workspace.close(&*self.files, &params.text_document.uri.0);
            }
            "workspace/didChangeConfiguration" => {
                let params: lsp::DidChangeConfigurationParams = read(params)?;
                return Ok(self.configure(&params.settings));
            }
            "workspace/didChangeWatchedFiles" => self.workspace.reload(&*self.files),
            // Without a client that watches, what it saves is all that is known to change.
            "textDocument/didSave" if !self.watches => self.workspace.reload(&*self.files),
            _ => {}
        }
        Ok(Vec::new())
    }

    /// Takes settings in the place of those before.
    fn configure(&mut self, settings: &Value) -> Vec<Message> {
        let Said { set, refused } = Said::of(settings);
        match set {
            Set::These(params) => self.workspace.set_params(options::over(&self.params, params)),
            Set::Unsaid => self.workspace.set_params(self.at_start.clone()),
            Set::Unknown => {}
        }
        refused.into_iter().map(convert::warning).collect()
    }

    fn edit(&mut self, params: &lsp::DidChangeTextDocumentParams) -> Vec<Message> {
        let uri = &params.text_document.text_document_identifier.uri.0;
        let Some((opened, file)) = self.workspace.find(uri) else { return Vec::new() };
        let before = Form::of(opened, file);
        let Some(mut source) = opened.package.file(file).map(|file| file.source.clone()) else { return Vec::new() };
        for change in &params.content_changes {
            source = convert::changed(&source, self.encoding, change);
        }
        self.workspace.change(uri, params.text_document.version, source.text);
        publish::publish_form(&mut self.workspace, self.encoding, uri, before).into_iter().collect()
    }
}

/// Parameters as a request or notification has them.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(|error| Failure::new(FailureCode::InvalidParams, error.to_string()))
}
