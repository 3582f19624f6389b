//! The stages of a build, one at a time.

use fleetnet_compiler::compile::{self, Artifact};
use fleetnet_compiler::image::content::{self, ClusterImage};
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::inventory::Inventory;
use fleetnet_compiler::lock::Lock;
use fleetnet_compiler::model::Model;
use fleetnet_compiler::plan::{self, Plan};
use fleetnet_compiler::resolve::{self, Outside, Resolved};
use fleetnet_compiler::targets::kubernetes::{Output, Package};
use fleetnet_compiler::workers;
use fleetnet_compiler::{analysis, check, targets};
use fleetnet_lang::{Diagnostic, FileId, Parse, Severity, SourceFile, Sources};
use fleetnet_threads::Threads;

/// A stage of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Text to trees.
    Parse,
    /// Trees to the model.
    Resolve,
    /// The model to the plan.
    Plan,
    /// What is wrong with the plan, for whatever target.
    Check,
    /// What the targets cannot say.
    CheckTargets,
    /// Tests and invariants.
    Prove,
    /// Objects of Cilium.
    Cilium,
    /// Objects of Azure Fleet.
    AzureFleet,
    /// Objects of the Gateway API.
    GatewayApi,
    /// Objects to the bytes of files.
    Artifacts,
    /// The lock and the entries of every map.
    Images,
    /// Images to the bytes of files.
    Encode,
    /// What the build holds, with the digest of all of it.
    Manifest,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Parse,
        Self::Resolve,
        Self::Plan,
        Self::Check,
        Self::CheckTargets,
        Self::Prove,
        Self::Cilium,
        Self::AzureFleet,
        Self::GatewayApi,
        Self::Artifacts,
        Self::Images,
        Self::Encode,
        Self::Manifest,
    ];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Resolve => "resolve",
            Self::Plan => "plan",
            Self::Check => "check",
            Self::CheckTargets => "check targets",
            Self::Prove => "prove",
            Self::Cilium => "cilium",
            Self::AzureFleet => "azure-fleet",
            Self::GatewayApi => "gateway-api",
            Self::Artifacts => "artifacts",
            Self::Images => "images",
            Self::Encode => "encode images",
            Self::Manifest => "build.json",
        }
    }
}

/// A build under way.
#[derive(Debug)]
pub struct Build {
    sources: Sources,
    threads: Threads,
    trees: Vec<(FileId, Parse)>,
    model: Option<Model>,
    plan: Option<Plan>,
    output: Output,
    lock: Lock,
    images: Vec<ClusterImage>,
    /// The files, once they are made.
    pub artifacts: Vec<Artifact>,
    /// What was found.
    pub found: Vec<Diagnostic>,
}

impl Build {
    /// A build of some files.
    #[must_use]
    pub fn new(files: Vec<SourceFile>, threads: Threads) -> Self {
        Self {
            sources: Sources::new(files),
            threads,
            trees: Vec::new(),
            model: None,
            plan: None,
            output: Output::default(),
            lock: Lock::default(),
            images: Vec::new(),
            artifacts: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Runs a stage, to be called in the order of [`Stage::ALL`]. A stage without the result of the one before does nothing.
    pub fn run(&mut self, stage: Stage) {
        match stage {
            Stage::Parse => self.parse(),
            Stage::Resolve => {
                let outside = Outside { environments: &[], set: &[] };
                let Resolved { model, found, .. } = resolve::resolve_asked(&self.trees, outside, None, &self.threads);
                self.model = model;
                self.found.extend(found);
                workers::drop_each(&self.threads, std::mem::take(&mut self.trees));
            }
            Stage::Plan => {
                if let Some(model) = self.model.take() {
                    let (plan, found) = plan::build(model, &self.threads);
                    self.output = Output::below("", targets::azure_fleet::delivered(&plan.model));
                    self.plan = Some(plan);
                    self.found.extend(found);
                }
            }
            Stage::Check => {
                let check = |plan| check::check(plan, &Inventory::default(), &self.sources, &self.threads);
                self.found.extend(self.plan.iter().flat_map(check));
            }
            Stage::CheckTargets => {
                if let Some(plan) = &self.plan {
                    let targets::Unsayable { of_rules, others } = targets::check(plan, &self.threads);
                    self.found.extend(of_rules.into_iter().chain(others));
                }
            }
            Stage::Prove => {
                let found = |plan: &Plan| analysis::findings(plan, &analysis::proof(plan, &self.threads));
                self.found.extend(self.plan.iter().flat_map(found));
            }
            Stage::Cilium => {
                let threads = self.threads;
                self.emit(|plan, package, output| targets::cilium::emit(plan, package, output, &threads));
            }
            Stage::AzureFleet => self.emit(|plan, package, output| {
                targets::azure_fleet::emit(plan, package, output);
                Vec::new()
            }),
            Stage::GatewayApi => self.emit(|plan, package, output| {
                let mut found = Vec::new();
                targets::gateway_api::emit(plan, package, output);
                targets::azure_fleet::deliver(&plan.model, output, &mut found);
                found
            }),
            Stage::Artifacts => self.artifacts = std::mem::take(&mut self.output).into_artifacts(),
            Stage::Images => self.images(),
            Stage::Encode => self.encode(),
            Stage::Manifest => self.manifest(),
        }
    }

    /// The errors so far, each with its line.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let errors = self.found.iter().filter(|found| found.severity == Severity::Error);
        let line = |found: &Diagnostic| {
            let (path, place) = self.sources.locate(found.span).map_or(("", 0), |(path, place)| (path, place.line));
            format!("{path}:{place}: {} {}", found.code, found.message)
        };
        errors.map(line).collect()
    }

    /// The entries of all maps, once there are images.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.images.iter().flat_map(|image| image.image.sections()).map(Section::len).sum()
    }

    fn parse(&mut self) {
        let files: Vec<(FileId, &SourceFile)> = self.sources.iter().collect();
        self.trees = workers::map(&self.threads, &files, |(id, file)| (*id, fleetnet_lang::parse(*id, &file.text)));
        self.found.extend(self.trees.iter().flat_map(|(_, parse)| parse.diagnostics.iter().cloned()));
    }

    fn emit(&mut self, emit: impl FnOnce(&Plan, Package<'_>, &mut Output) -> Vec<Diagnostic>) {
        let Some(plan) = &self.plan else { return };
        let package = Package { model: &plan.model, sources: &self.sources };
        self.found.extend(emit(plan, package, &mut self.output));
    }

    fn images(&mut self) {
        let Some(plan) = &self.plan else { return };
        if let Ok(lock) = self.lock.allocate(&content::wanted(&plan.model)) {
            self.lock = lock;
        }
        let (images, found) = content::images(plan, &self.lock, &self.sources, &self.threads);
        self.images = images;
        self.found.extend(found);
    }

    fn encode(&mut self) {
        let Some(plan) = &self.plan else { return };
        let maps = |image: &ClusterImage| compile::maps("", &plan.model, image);
        self.artifacts.extend(workers::map(&self.threads, &self.images, maps));
        self.artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    }

    fn manifest(&mut self) {
        let Some(plan) = &self.plan else { return };
        let lock = self.lock.to_string();
        let package: Vec<_> = self.sources.iter().map(|(_, file)| file).collect();
        let inputs = targets::Inputs { plan, sources: &self.sources, package: &package, params: &[], lock: &lock };
        let manifest = targets::manifest(inputs, &self.artifacts);
        self.artifacts.push(manifest);
    }
}
