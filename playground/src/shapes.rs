//! The JSON that a page exchanges with the compiler. It is a contract of its own: the compiler's types may change
//! without it.

use std::collections::BTreeMap;

use fleetnet_compiler::compile::{self, Artifact, Compiled, Goal, Options, ParamValue, World};
use fleetnet_compiler::image::text::hex;
use fleetnet_lang::SourceFile;
use serde::{Deserialize, Serialize};

use crate::findings::Finding;

/// How the names of a package's files end.
const EXTENSION: &str = ".fleetnet";

/// What to compile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The texts of the `*.fleetnet` files by path.
    pub files: BTreeMap<String, String>,
    /// The text of `fleetnet.lock`.
    #[serde(default)]
    pub lock: Option<String>,
    /// Values of `param`s, as they would be written in the source.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl Package {
    /// Reads a package; an error says why it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let package: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match package.files.keys().find(|path| !path.ends_with(EXTENSION)) {
            Some(path) => Err(format!("`{path}` is no file of a package: those end in `{EXTENSION}`")),
            None => Ok(package),
        }
    }

    pub fn compile(&self, goal: Goal) -> Compiled {
        compile::compile(self, &Options { params: self.params(), goal })
    }

    pub fn params(&self) -> Vec<ParamValue> {
        let params = self.params.iter();
        params.map(|(name, value)| ParamValue { name: name.clone(), value: value.clone() }).collect()
    }
}

/// A package that is only in memory.
impl World for Package {
    fn sources(&self) -> Vec<SourceFile> {
        self.files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())).collect()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.lock.as_deref().map(|text| SourceFile::new(compile::LOCK_FILE, text))
    }
}

/// The answer to a call.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// What was asked for.
    Of(T),
    /// The argument is not what it should be.
    #[serde(serialize_with = "refused")]
    Refused(String),
}

fn refused<S: serde::Serializer>(why: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("refused", why)])
}

/// The text of an answer. Strings, numbers and lists: there is nothing in one that JSON can't say.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What came of a compilation.
#[derive(Debug, Serialize)]
pub struct Outcome {
    diagnostics: Vec<Finding>,
    /// None if there is an error.
    artifacts: Vec<File>,
    lock: Option<String>,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
    #[serde(flatten)]
    content: Content,
}

/// Text as it is, anything else in hexadecimal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text(String),
    Hex(String),
}

impl From<Compiled> for Outcome {
    fn from(compiled: Compiled) -> Self {
        let diagnostics = Finding::first(&compiled.diagnostics, &compiled.sources);
        let (artifacts, lock) = compiled.build.map_or((Vec::new(), None), |build| (build.artifacts, Some(build.lock)));
        Self { diagnostics, artifacts: artifacts.into_iter().map(File::from).collect(), lock }
    }
}

impl From<Artifact> for File {
    fn from(artifact: Artifact) -> Self {
        let content =
            String::from_utf8(artifact.bytes).map_or_else(|bytes| Content::Hex(hex(bytes.as_bytes())), Content::Text);
        Self { path: artifact.path, content }
    }
}
