//! The one way in: [`compile`], over everything that it may know, and [`Compilation`] for those who want to see what there is at each stage.

mod again;
mod stages;
mod texts;

use fleetnet_lang::{Diagnostic, FileId, Parse, SourceFile, Sources, Span};

use crate::analysis::{Proof, why};
use crate::model::Name;
use crate::plan::Plan;
use crate::workers::{Alone, Workers};

pub use again::Again;
pub use stages::{Compilation, maps};

/// The name of the lock beside a package.
pub const LOCK_FILE: &str = "fleetnet.lock";

/// The name by which findings about a question point into it. No file of a package has it: theirs end in `.fleetnet`.
pub const QUESTION_FILE: &str = "question";

/// Compiles a package as far as it is asked to and nothing is wrong.
///
/// Findings of one stage keep the next from running only if they are errors: what follows from a mistake is no finding of its own.
#[must_use]
pub fn compile(world: &dyn World, options: &Options) -> Compiled {
    let mut compilation = Compilation::begin(world, &options.params);
    compilation.prove(world.workers());
    match options.goal {
        Goal::Check => {}
        Goal::Build => compilation.build(world.workers()),
    }
    let diagnostics = compilation.findings(options.goal);
    let Compilation { sources, plan, proof, build, .. } = compilation;
    Compiled { sources, diagnostics, plan, proof, build }
}

/// Answers a question about flows of a package: `PEERS -> PEERS [on PORTS] [METHOD PATH]`, as a test asserts it.
///
/// The package's own promises are not asked: a question is most wanted where one is broken. Only what keeps it from being answered is found.
#[must_use]
pub fn ask(world: &dyn World, params: &[ParamValue], question: &str) -> Asked {
    stages::answer(world, params, SourceFile::new(QUESTION_FILE, question))
}

/// All that a compilation may know. Embedders implement it over a directory, an editor's buffers, a link.
pub trait World {
    /// The `*.fleetnet` files of the package, by path relative to its root.
    fn sources(&self) -> Vec<SourceFile>;
    /// The package's `fleetnet.lock`.
    fn lock(&self) -> Option<SourceFile>;
    /// Environment files: lines `NAME = VALUE` for the package's `param`s. Of two values for one the later file's holds, and
    /// [`Options::params`] hold whatever a file says.
    fn environments(&self) -> Vec<SourceFile> {
        Vec::new()
    }
    /// An inventory: what runs in the clusters, as `docs/inventory.md` has it.
    fn inventory(&self) -> Option<SourceFile> {
        None
    }
    /// The tree of a source, where it was parsed before, under the same id.
    fn parsed(&self, _file: FileId, _source: &SourceFile) -> Option<Parse> {
        None
    }
    /// Who does what can be done side by side. What comes of it does not depend on them.
    fn workers(&self) -> &dyn Workers {
        &Alone
    }
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
    /// What came of the package's promises; nothing where something is wrong before they can be asked.
    pub proof: Option<Proof>,
    /// The artifacts, if they were asked for and nothing is wrong.
    pub build: Option<Build>,
}

impl Compiled {
    /// A package that could not even be read.
    #[must_use]
    pub fn unread(sources: Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self { sources, diagnostics, plan: None, proof: None, build: None }
    }
}

/// Everything that one build gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The files, in order of path, `build.json` among them.
    pub artifacts: Vec<Artifact>,
    /// The text of `fleetnet.lock` that goes with them.
    pub lock: String,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The texts that spans point into, the question's as [`QUESTION_FILE`].
    pub sources: Sources,
    /// What keeps it from being answered.
    pub diagnostics: Vec<Diagnostic>,
    /// The answers, if nothing does.
    pub answered: Option<Answered>,
}

/// The answers to a question, and the plan that they are about.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The package's meaning.
    pub plan: Plan,
    /// At least one; what is the same for several flows is one answer.
    pub answers: Vec<why::Answer>,
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
