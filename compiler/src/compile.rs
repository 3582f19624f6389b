//! The one way in: [`compile`], over everything that it may know.

use fleetnet_lang::{Diagnostic, FileId, Parse, Severity, SourceFile, Sources, Span};

use crate::image::content;
use crate::image::file;
use crate::lock::{Exhausted, Lock};
use crate::model::{Name, Waive};
use crate::plan::{self, Plan};
use crate::resolve::waive;
use crate::workers::{self, Alone, Workers};
use crate::{analysis, check, codes, resolve, targets};

/// The name of the lock beside a package.
pub const LOCK_FILE: &str = "fleetnet.lock";

/// The name by which findings about a question point into it.
pub const QUESTION_FILE: &str = "question";

/// Compiles a package as far as it is asked to and nothing is wrong.
///
/// Findings of one stage keep the next from running only if they are errors: what follows from a mistake is no finding of its own.
#[must_use]
pub fn compile(world: &dyn World, options: &Options) -> Compiled {
    let sources = Sources::new(world.sources().into_iter().chain(world.lock()).collect());
    let mut run = Run::new(sources, world);
    let plan = run.plan(options);
    let build = match (&plan, options.goal) {
        (Some(plan), Goal::Build) if !run.has_errors() => run.build(plan, options),
        // A check reads the lock too: what a build would refuse is found before.
        (Some(_), Goal::Check) => {
            run.lock();
            None
        }
        (_, Goal::Check | Goal::Build) => None,
    };
    run.diagnostics = waive::apply(&run.waives, run.diagnostics, options.goal);
    run.diagnostics.sort_by_key(Diagnostic::sort_key);
    Compiled { sources: run.sources, diagnostics: run.diagnostics, plan, build }
}

/// Answers a question about flows of a package: `PEERS -> PEERS [on PORTS] [METHOD PATH]`, as a test asserts it.
///
/// The package's own promises are not asked: a question is most wanted where one is broken. Only what keeps it from being answered is found.
#[must_use]
pub fn ask(world: &dyn World, params: &[ParamValue], question: &str) -> Asked {
    let asked = SourceFile::new(QUESTION_FILE, question);
    let sources = Sources::new(world.sources().into_iter().chain([asked]).collect());
    let mut run = Run::new(sources, world);
    let answered = run.answer(params);
    run.diagnostics.retain(|found| found.severity == Severity::Error);
    run.diagnostics.sort_by_key(Diagnostic::sort_key);
    Asked { sources: run.sources, diagnostics: run.diagnostics, answered }
}

struct Run<'w> {
    sources: Sources,
    workers: &'w dyn Workers,
    diagnostics: Vec<Diagnostic>,
    waives: Vec<Waive>,
}

impl<'w> Run<'w> {
    fn new(sources: Sources, world: &'w dyn World) -> Self {
        Self { sources, workers: world.workers(), diagnostics: Vec::new(), waives: Vec::new() }
    }

    fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }

    fn take<T>(&mut self, (result, found): (T, Vec<Diagnostic>)) -> T {
        self.diagnostics.extend(found);
        result
    }

    /// The trees of the package's files.
    fn parse(&mut self) -> Vec<(FileId, Parse)> {
        let files = self.sources.iter().filter(|(_, file)| ![LOCK_FILE, QUESTION_FILE].contains(&&*file.path));
        let files: Vec<(FileId, &SourceFile)> = files.collect();
        let parses = workers::map(self.workers, &files, |(id, file)| (*id, fleetnet_lang::parse(*id, &file.text)));
        for (_, parse) in &parses {
            self.diagnostics.extend(parse.diagnostics.iter().cloned());
        }
        parses
    }

    fn answer(&mut self, params: &[ParamValue]) -> Option<Answered> {
        let parses = self.parse();
        let (file, text) = self.sources.iter().find(|(_, file)| &*file.path == QUESTION_FILE)?;
        let question = fleetnet_lang::parse_question(file, &text.text);
        self.diagnostics.extend(question.diagnostics.iter().cloned());
        let (model, asked, found) = resolve::resolve_asked(&parses, params, Some((file, &question)));
        self.diagnostics.extend(found);
        if self.has_errors() {
            return None;
        }
        let plan = self.take(plan::build(model?));
        if self.has_errors() {
            return None;
        }
        match analysis::why::why(&plan, &asked?) {
            Ok(answers) => Some(Answered { plan, answers }),
            Err(found) => {
                self.diagnostics.extend(found);
                None
            }
        }
    }

    fn plan(&mut self, options: &Options) -> Option<Plan> {
        let parses = self.parse();
        let resolved = resolve::resolve(&parses, &options.params);
        // Trees take more memory than all that is made of them.
        drop(parses);
        let model = self.take(resolved)?;
        self.waives.clone_from(&model.waives);
        if self.has_errors() {
            return None;
        }
        let plan = self.take(plan::build(model));
        if !self.has_errors() {
            self.diagnostics.extend(check::check(&plan, &self.sources));
            targets::check(&plan, &mut self.diagnostics);
        }
        if !self.has_errors() {
            self.diagnostics.extend(analysis::prove(&plan, self.workers));
        }
        Some(plan)
    }

    /// The lock as it stands beside the package; empty, if there is none.
    fn lock(&mut self) -> Lock {
        let found = self.sources.iter().find(|(_, file)| &*file.path == LOCK_FILE);
        let read = found.map(|(id, file)| Lock::read(id, file)).unwrap_or_default();
        self.take(read)
    }

    fn build(&mut self, plan: &Plan, options: &Options) -> Option<Build> {
        let lock = match self.lock().allocate(&content::wanted(&plan.model)) {
            Ok(lock) => lock,
            Err(exhausted) => {
                self.diagnostics.push(too_many(plan, &exhausted));
                return None;
            }
        };
        let emitted = targets::emit(plan, &self.sources, self.workers);
        self.diagnostics.extend(emitted.found);
        let mut artifacts = emitted.artifacts;
        let (images, found) = content::images(plan, &lock, &self.sources, self.workers);
        self.diagnostics.extend(found);
        artifacts.extend(workers::map(self.workers, &images, |image| maps("", plan, image)));
        for step in targets::steps::steps(plan) {
            // What a step's maps wait for, the goal's wait for as well.
            let (images, _) = content::images(&step.plan, &lock, &self.sources, self.workers);
            artifacts.extend(images.iter().map(|image| maps(&step.folder, plan, image)));
        }
        artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        let lock = lock.to_string();
        let inputs = targets::Inputs { plan, sources: &self.sources, params: &options.params, lock: &lock };
        let manifest = targets::manifest(inputs, &artifacts);
        let place = artifacts.partition_point(|artifact| artifact.path < manifest.path);
        artifacts.insert(place, manifest);
        (!self.has_errors()).then_some(Build { artifacts, lock })
    }
}

fn maps(folder: &str, plan: &Plan, image: &content::ClusterImage) -> Artifact {
    let cluster = plan.model.clusters[image.cluster].name.value.clone();
    Artifact {
        path: format!("{folder}clusters/{cluster}/maps.fnimg"),
        bytes: file::write(&image.image),
        cluster: Some(cluster),
        phase: Phase::Policy,
        objects: Vec::new(),
    }
}

fn too_many(plan: &Plan, exhausted: &Exhausted) -> Diagnostic {
    let cluster = plan.model.clusters.rows().iter().find(|cluster| cluster.name.value == exhausted.cluster);
    let span = cluster.map_or(plan.model.fleet.name.span, |cluster| cluster.name.span);
    let message = format!("`{}` has {} identities more than there are numbers", exhausted.cluster, exhausted.left_over);
    Diagnostic::new(codes::lock::EXHAUSTED, span, message)
        .help("join identities that need no rules of their own, or move some to other clusters")
}

/// All that a compilation may know. Embedders implement it over a directory, an editor's buffers, a link.
pub trait World {
    /// The `*.fleetnet` files of the package, by path relative to its root.
    fn sources(&self) -> Vec<SourceFile>;
    /// The package's `fleetnet.lock`.
    fn lock(&self) -> Option<SourceFile>;
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
    pub answers: Vec<analysis::why::Answer>,
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
