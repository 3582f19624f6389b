//! The JSON that a page exchanges with the compiler. It is a contract of its own: the compiler's types may change
//! without it.

use std::collections::BTreeMap;

use fleetnet_compiler::compile::{Artifact, Compiled};
use fleetnet_lang::{Diagnostic, Severity, Sources};
use serde::{Deserialize, Serialize};

/// What to compile.
#[derive(Debug, Deserialize)]
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

/// The answer to a call.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The package was compiled, with whatever findings.
    Compiled(Outcome),
    /// The argument is not a package.
    #[serde(serialize_with = "refused")]
    Refused(String),
}

fn refused<S: serde::Serializer>(why: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("refused", why)])
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
struct Finding {
    /// `FN0123`.
    code: String,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    message: String,
    help: Option<String>,
    path: String,
    /// From 1.
    line: u32,
    /// From 1, in characters.
    column: u32,
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
        let finding = |found: Diagnostic| Finding::new(found, &compiled.sources);
        let diagnostics = compiled.diagnostics.into_iter().map(finding).collect();
        let (artifacts, lock) = compiled.build.map_or((Vec::new(), None), |build| (build.artifacts, Some(build.lock)));
        Self { diagnostics, artifacts: artifacts.into_iter().map(File::from).collect(), lock }
    }
}

impl Finding {
    fn new(found: Diagnostic, sources: &Sources) -> Self {
        let (path, at) = sources.locate(found.span).map_or(("", None), |(path, at)| (path, Some(at)));
        Self {
            code: found.code.to_string(),
            severity: match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            message: found.message,
            help: found.help,
            path: path.to_owned(),
            line: at.as_ref().map_or(0, |at| at.line),
            column: at.as_ref().map_or(0, |at| at.column),
        }
    }
}

impl From<Artifact> for File {
    fn from(artifact: Artifact) -> Self {
        let content =
            String::from_utf8(artifact.bytes).map_or_else(|bytes| Content::Hex(hex(bytes.as_bytes())), Content::Text);
        Self { path: artifact.path, content }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
