//! The stages of a compilation, each as far as nothing is wrong before it.

use fleetnet_lang::{Diagnostic, Severity, SourceFile, Sources};

use super::texts::Texts;
use super::{Answered, Artifact, Asked, Build, Goal, ParamValue, Phase, World};
use crate::analysis::{self, Proof};
use crate::check::Looked;
use crate::image::content::{self, ClusterImage};
use crate::image::file;
use crate::inventory::Inventory;
use crate::lock::{Exhausted, Lock};
use crate::model::{Model, Reach, Waive};
use crate::plan::{self, Plan};
use crate::resolve::again::Names;
use crate::resolve::{Outside, Resolved, waive};
use crate::targets::{self, Unsayable};
use crate::workers::{self, Workers};
use crate::{check, codes, resolve};

/// A package on its way from text to artifacts. What is found so far can be looked at after every stage; the stages are called in order.
#[derive(Debug)]
pub struct Compilation {
    /// The texts that spans point into.
    pub sources: Sources,
    /// The meaning, where the package has one.
    pub plan: Option<Plan>,
    /// What came of the promises, once they were asked.
    pub proof: Option<Proof>,
    /// The artifacts, once they were built.
    pub build: Option<Build>,
    /// Set from outside, by whomever.
    params: Vec<ParamValue>,
    pub(super) texts: Texts,
    lock: Lock,
    pub(super) waives: Vec<Waive>,
    pub(super) found: Vec<Diagnostic>,
    /// What later findings can go on from, if the plan could be looked at.
    pub(super) kept: Option<Kept>,
}

/// What came of the stages up to the promises, stage by stage.
#[derive(Debug)]
pub(super) struct Kept {
    /// What the names of the package stand for.
    pub names: Names,
    /// How many of the findings were made before there was a plan.
    pub resolved: usize,
    /// How many were made before it was looked at.
    pub before: usize,
    /// What runs in the clusters, as far as that is listed.
    pub inventory: Inventory,
    /// What there was to see in the plan.
    pub looked: Looked,
    /// What targets cannot say of it.
    pub unsayable: Unsayable,
}

impl Compilation {
    /// Parses, resolves and checks a package: everything but its promises.
    #[must_use]
    pub fn begin(world: &dyn World, params: &[ParamValue]) -> Self {
        let mut stages = Self::of(world);
        let resolved = stages.model(world, params);
        if let Some((model, names)) = resolved.filter(|_| !world.workers().is_given_up()) {
            stages.plan = Some(stages.plan(model, names, world.workers()));
        }
        stages
    }

    /// Asks the promises, and reads the lock: what a build would refuse is found before.
    pub fn prove(&mut self, workers: &dyn Workers) {
        let Some(plan) = self.plan.as_ref().filter(|_| !workers.is_given_up()) else { return };
        if !has_errors(&self.found) {
            let proof = analysis::proof(plan, workers);
            self.found.extend(analysis::findings(plan, &proof));
            self.proof = Some(proof);
        }
        let lock = self.texts.lock.and_then(|id| Some((id, self.sources.get(id)?)));
        let (lock, found) = lock.map(|(id, file)| Lock::read(id, file)).unwrap_or_default();
        self.lock = lock;
        self.found.extend(found);
    }

    /// Makes the artifacts of a package whose promises are kept; nothing of one whose promises were not asked.
    pub fn build(&mut self, workers: &dyn Workers) {
        let (Some(plan), Some(_)) = (&self.plan, &self.proof) else { return };
        if has_errors(&self.found) {
            return;
        }
        let fleet = &plan.model.fleet;
        if fleet.targets.is_empty() {
            let message = format!("`{}` has no target, so that there is nothing to build", fleet.name.value);
            let found = Diagnostic::new(codes::targets::WITHOUT_TARGET, fleet.name.span, message);
            self.found.push(found.help("say what the clusters run, such as `target cilium`"));
            return;
        }
        let lock = match std::mem::take(&mut self.lock).allocate(&content::wanted(&plan.model)) {
            Ok(lock) => lock,
            Err(exhausted) => {
                self.found.push(too_many(plan, &exhausted));
                return;
            }
        };
        let emitted = targets::emit(plan, &self.sources, workers);
        self.found.extend(emitted.found);
        let mut artifacts = emitted.artifacts;
        let (images, found) = content::images(plan, &lock, &self.sources, workers);
        self.found.extend(found);
        artifacts.extend(workers::map(workers, &images, |image| maps("", &plan.model, image)));
        for step in targets::steps::steps(plan) {
            // What a step's maps wait for, the goal's wait for as well.
            let (images, found) = content::images(&step.plan, &lock, &self.sources, workers);
            self.found.extend(found.into_iter().filter(|found| found.severity == Severity::Error));
            artifacts.extend(images.iter().map(|image| maps(&step.folder, &plan.model, image)));
        }
        artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        let lock = lock.to_string();
        let package: Vec<_> = self.texts.package.iter().filter_map(|id| self.sources.get(*id)).collect();
        let inputs =
            targets::Inputs { plan, sources: &self.sources, package: &package, params: &self.params, lock: &lock };
        let manifest = targets::manifest(inputs, &artifacts);
        let place = artifacts.partition_point(|artifact| artifact.path < manifest.path);
        artifacts.insert(place, manifest);
        self.build = (!has_errors(&self.found)).then_some(Build { artifacts, lock });
    }

    /// Everything found so far, without what is waived, in [its order](Diagnostic::order).
    #[must_use]
    pub fn findings(&self, goal: Goal) -> Vec<Diagnostic> {
        let mut found = waive::apply(&self.waives, self.found.clone(), goal, &self.sources);
        if let Some(plan) = &self.plan {
            plan.model.uses.show(&mut found);
        }
        found.sort_by(Diagnostic::order);
        found
    }

    fn of(world: &dyn World) -> Self {
        let (sources, texts) = Texts::of(world, None);
        Self {
            sources,
            plan: None,
            proof: None,
            build: None,
            params: Vec::new(),
            texts,
            lock: Lock::default(),
            waives: Vec::new(),
            found: Vec::new(),
            kept: None,
        }
    }

    fn model(&mut self, world: &dyn World, params: &[ParamValue]) -> Option<(Model, Names)> {
        let parses = self.texts.parse(&self.sources, world, &mut self.found);
        if world.workers().is_given_up() {
            return None;
        }
        let environments = self.texts.parse_environments(&self.sources, &mut self.found);
        let outside = Outside { environments: &environments, set: params };
        let Resolved { model, names, found, .. } = resolve::resolve_asked(&parses, outside, None, world.workers());
        self.params = outside.effective();
        // Trees take more memory than all that is made of them.
        workers::drop_each(world.workers(), parses);
        self.found.extend(found);
        let (model, names) = (model?, names?);
        self.waives.clone_from(&model.waives);
        (!has_errors(&self.found)).then_some((model, names))
    }

    fn plan(&mut self, model: Model, names: Names, workers: &dyn Workers) -> Plan {
        let resolved = self.found.len();
        let (plan, found) = plan::build(model, workers);
        self.found.extend(found);
        let inventory = self.texts.inventory.and_then(|id| Some((id, self.sources.get(id)?)));
        let (inventory, found) = inventory.map(|(id, file)| Inventory::read(id, file, &plan.model)).unwrap_or_default();
        self.found.extend(found);
        if !has_errors(&self.found) {
            let before = self.found.len();
            let looked = check::look(&plan, &inventory, &self.sources, workers);
            let found = looked.all().cloned().collect();
            self.found.extend(check::without_repetition(found));
            let unsayable = targets::check(&plan, workers);
            self.found.extend(unsayable.of_rules.iter().chain(&unsayable.others).cloned());
            self.kept = Some(Kept { names, resolved, before, inventory, looked, unsayable });
        }
        plan
    }
}

/// Answers a question, which is a source beside those of the package.
pub(super) fn answer(world: &dyn World, params: &[ParamValue], question: SourceFile) -> Asked {
    let text = question.text.clone();
    let (sources, texts) = Texts::of(world, Some(question));
    let mut found = Vec::new();
    let parses = texts.parse(&sources, world, &mut found);
    let environments = texts.parse_environments(&sources, &mut found);
    let question = texts.question.map(|file| (file, fleetnet_lang::parse_question(file, &text)));
    found.extend(question.iter().flat_map(|(_, question)| question.diagnostics.iter().cloned()));
    let outside = Outside { environments: &environments, set: params };
    let question = question.as_ref().map(|(file, question)| (*file, question));
    let Resolved { model, asked, found: more, .. } =
        resolve::resolve_asked(&parses, outside, question, world.workers());
    found.extend(more);
    let answered = asked_of(model, asked, &mut found, world.workers());
    found.retain(|found| found.severity == Severity::Error);
    found.sort_by_key(Diagnostic::sort_key);
    Asked { sources, diagnostics: found, answered }
}

fn asked_of(
    model: Option<Model>,
    asked: Option<Reach>,
    found: &mut Vec<Diagnostic>,
    workers: &dyn Workers,
) -> Option<Answered> {
    let (plan, more) = plan::build(model.filter(|_| !has_errors(found))?, workers);
    found.extend(more);
    let asked = asked.filter(|_| !has_errors(found) && !workers.is_given_up())?;
    match analysis::why::why(&plan, &asked) {
        Ok(answers) => Some(Answered { plan, answers }),
        Err(more) => {
            found.extend(more);
            None
        }
    }
}

pub(super) fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|found| found.severity == Severity::Error)
}

/// The map image of a cluster as a file, below a folder that is empty or ends with `/`.
#[must_use]
pub fn maps(folder: &str, model: &Model, image: &ClusterImage) -> Artifact {
    let cluster = model.clusters[image.cluster].name.value.clone();
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
