//! `build.json`: what a build holds, and what it was made of.

use fleetnet_lang::{SourceFile, Sources, Span};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::compile::{Artifact, Origin, ParamValue, Phase};
use crate::plan::Plan;

/// Path of the manifest in a build.
pub const PATH: &str = "build.json";
/// Counted up when a reader of the last format could misread the next.
const FORMAT: u32 = 1;

/// What a build was made of.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// What it means.
    pub plan: &'a Plan,
    /// The texts that spans point into.
    pub sources: &'a Sources,
    /// The package's own files among them.
    pub package: &'a [&'a SourceFile],
    /// Parameters that were set from outside, in order of name.
    pub params: &'a [ParamValue],
    /// The text of the lock that goes with the build.
    pub lock: &'a str,
}

/// The manifest over all other artifacts of a build, given in order of path.
#[must_use]
pub fn manifest(inputs: Inputs<'_>, artifacts: &[Artifact]) -> Artifact {
    let files = inputs.package.iter().map(|file| Input::new(file)).collect();
    let params = inputs.params.iter().map(|param| Param { name: &param.name, value: &param.value }).collect();
    let waiting = super::cilium::Names::new(inputs.plan).missing();
    let name = |id: &crate::model::ClusterId| inputs.plan.model.clusters[*id].name.value.as_str();
    let manifest = Manifest {
        format: FORMAT,
        compiler: env!("CARGO_PKG_VERSION"),
        fleet: inputs.plan.model.fleet.name.value.as_str(),
        doc: inputs.plan.model.fleet.doc.as_ref().map(crate::model::Name::as_str),
        phase: phase(if waiting.is_empty() { Phase::Policy } else { Phase::Link }),
        waiting_for: waiting.iter().map(name).collect(),
        inputs: files,
        params,
        lock: digest(inputs.lock.as_bytes()),
        artifacts: artifacts.iter().map(|artifact| Entry::new(artifact, inputs.sources)).collect(),
    };
    Artifact { path: PATH.to_owned(), bytes: json(&manifest), cluster: None, phase: Phase::Link, objects: Vec::new() }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    format: u32,
    compiler: &'static str,
    fleet: &'a str,
    /// The fleet's doc comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<&'a str>,
    /// The last phase that is whole. What a later phase holds is not in a build of an earlier one, and must not be pruned by it.
    phase: &'static str,
    /// The clusters whose data-path ids and names the next phase needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting_for: Vec<&'a str>,
    inputs: Vec<Input<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    params: Vec<Param<'a>>,
    /// Digest of the lock.
    lock: String,
    artifacts: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    path: &'a str,
    sha256: String,
}

impl<'a> Input<'a> {
    fn new(file: &'a SourceFile) -> Self {
        Self { path: &file.path, sha256: digest(file.text.as_bytes()) }
    }
}

#[derive(Serialize)]
struct Param<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    phase: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<Object<'a>>,
}

impl<'a> Entry<'a> {
    fn new(artifact: &'a Artifact, sources: &'a Sources) -> Self {
        Self {
            path: &artifact.path,
            sha256: digest(&artifact.bytes),
            cluster: artifact.cluster.as_ref().map(crate::model::Name::as_str),
            phase: phase(artifact.phase),
            objects: artifact.objects.iter().map(|origin| Object::new(origin, sources)).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Place<'a>>,
}

impl<'a> Object<'a> {
    fn new(origin: &'a Origin, sources: &'a Sources) -> Self {
        Self {
            api_version: &origin.api_version,
            kind: &origin.kind,
            namespace: origin.namespace.as_ref().map(crate::model::Name::as_str),
            name: &origin.name,
            source: Place::of(origin.span, sources),
        }
    }
}

/// Lines and columns from 1; the end is after the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> Place<'a> {
    fn of(span: Span, sources: &'a Sources) -> Option<Self> {
        let (file, start) = sources.locate(span)?;
        let end = sources.get(span.file)?.line_col(span.end);
        Some(Self { file, line: start.line, column: start.column, end_line: end.line, end_column: end.column })
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Link => "link",
        Phase::Policy => "policy",
    }
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // A `String` takes every write.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[expect(clippy::expect_used, reason = "records, lists, text and numbers are JSON")]
fn json(manifest: &Manifest<'_>) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(manifest).expect("a manifest is JSON");
    bytes.push(b'\n');
    bytes
}
