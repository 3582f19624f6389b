//! The one way in: [`compile`], over everything that it may know.

use fleetnet_lang::{Diagnostic, SourceFile, Sources, Span};

use crate::model::Name;
use crate::plan::Plan;

/// All that a compilation may know. Embedders implement it over a directory, an editor's buffers, a link.
pub trait World {
    /// The `*.fleetnet` files of the package, by path relative to its root.
    fn sources(&self) -> Vec<SourceFile>;
    /// The package's `fleetnet.lock`.
    fn lock(&self) -> Option<SourceFile>;
}

/// What is asked of a compilation.
#[derive(Clone, Debug)]
pub struct Options {
    /// Values for the package's `param`s.
    pub params: Vec<ParamValue>,
    /// How far to go.
    pub goal: Goal,
}

/// `--set NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamValue {
    /// The parameter.
    pub name: String,
    /// Its value as it would be written in the source.
    pub value: String,
}

/// How far a compilation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Parse, resolve, check, run tests and invariants.
    Check,
    /// All of that, and the artifacts, if there is no error.
    Build,
}

/// What came of a compilation.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The texts that spans point into.
    pub sources: Sources,
    /// Everything found, in the order of [`Diagnostic::sort_key`].
    pub diagnostics: Vec<Diagnostic>,
    /// The meaning, where the package has one.
    pub plan: Option<Plan>,
    /// The artifacts, if they were asked for and nothing is wrong.
    pub build: Option<Build>,
}

/// Everything that one build gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The files, in order of path, `build.json` among them.
    pub artifacts: Vec<Artifact>,
    /// The text of `fleetnet.lock` that goes with them.
    pub lock: String,
}

/// One file of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Path below the output directory, `/` between its parts.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The cluster that it is for.
    pub cluster: Option<Name>,
    /// When it can be applied.
    pub phase: Phase,
    /// The objects in it, in order.
    pub objects: Vec<Origin>,
}

/// When an artifact can be made and applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Needs only the source.
    Link,
    /// Needs the clusters' data-path ids and names.
    Policy,
}

/// An object of an artifact and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `apiVersion`, or the resource type of an ARM template.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// Its namespace, if it has one.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: String,
    /// The declaration behind it.
    pub span: Span,
}
