//! Targets: the checked plan as artifacts for one system each.
//!
//! What a target cannot say is found by [`check`], at the construct; [`emit`] only ever sees packages without errors. A target adds objects to
//! an [`Output`](kubernetes::Output), which knows places, files and their order.

pub mod azure_fleet;
pub mod capability;
pub mod cilium;
pub mod gateway_api;
pub mod kubernetes;
mod manifest;
pub mod steps;
mod unsaid;

use fleetnet_lang::{Code, Diagnostic, Severity, Sources};

use crate::codes::targets as codes;
use crate::codes::traffic::SERVICE_SELECTOR;
use crate::compile::Artifact;
use crate::model::TargetKind;
use crate::plan::{Plan, Rule};
use crate::workers::{self, Workers};
use kubernetes::{Output, Package};

pub use manifest::{Inputs, PATH as MANIFEST, manifest};

/// Everything that targets make of a package.
#[derive(Debug, Default)]
pub struct Emitted {
    /// The files, in order of path; neither map images nor the manifest.
    pub artifacts: Vec<Artifact>,
    /// What waits for what, and errors that only the artifacts show.
    pub found: Vec<Diagnostic>,
}

/// What the fleet's targets cannot say.
#[derive(Clone, Debug, Default)]
pub struct Unsayable {
    /// Of rules, as [`check_rules`].
    pub of_rules: Vec<Diagnostic>,
    /// Of everything else, as [`check_others`].
    pub others: Vec<Diagnostic>,
}

/// Looks for all of it.
#[must_use]
pub fn check(plan: &Plan, workers: &dyn Workers) -> Unsayable {
    let found = workers::both(workers, || check_rules(plan, plan.rules.rows()), || check_others(plan));
    found.map(|(of_rules, others)| Unsayable { of_rules, others }).unwrap_or_default()
}

/// What the fleet's targets cannot say of anything but rules.
#[must_use]
pub fn check_others(plan: &Plan) -> Vec<Diagnostic> {
    let targets = plan.model.fleet.targets.iter();
    let mut diagnostics: Vec<Diagnostic> = targets.filter_map(|target| not_built(target.kind)).collect();
    unsaid::check(&plan.model, &mut diagnostics);
    cilium::check(plan, &mut diagnostics);
    azure_fleet::check(&plan.model, &mut diagnostics);
    gateway_api::check(&plan.model, &mut diagnostics);
    diagnostics
}

/// What the fleet's targets cannot say of some rules, all that written ones have become.
#[must_use]
pub fn check_rules(plan: &Plan, rules: &[Rule]) -> Vec<Diagnostic> {
    cilium::check_rules(plan, rules)
}

/// What the fleet's targets cannot say of the labels of pods, those of identities and of others.
#[must_use]
pub fn check_labels(plan: &Plan) -> Vec<Diagnostic> {
    cilium::check_labels(plan)
}

/// The findings that [`check_labels`] gives.
pub const OF_LABELS: [Code; 2] = [codes::LABEL_KEY, SERVICE_SELECTOR];

/// The artifacts of a package that [`check`] has no error about: those of the goal, and those of each step on the way to it.
#[must_use]
pub fn emit(plan: &Plan, sources: &Sources, workers: &dyn Workers) -> Emitted {
    let mut emitted = emit_below("", plan, sources, workers);
    for step in steps::steps(plan) {
        let of_step = emit_below(&step.folder, &step.plan, sources, workers);
        emitted.artifacts.extend(of_step.artifacts);
        // What a step waits for, the goal waits for as well; but it may have weights that cannot be said.
        let errors = of_step.found.into_iter().filter(|found| found.severity == Severity::Error);
        let new: Vec<Diagnostic> = errors.filter(|found| !emitted.found.contains(found)).collect();
        emitted.found.extend(new);
    }
    emitted.artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    emitted
}

/// The artifacts of one state of the fleet, below a folder that is empty or ends with `/`.
fn emit_below(folder: &str, plan: &Plan, sources: &Sources, workers: &dyn Workers) -> Emitted {
    let package = Package { model: &plan.model, sources };
    let mut output = Output::below(folder, azure_fleet::delivered(&plan.model));
    let mut found = cilium::emit(plan, package, &mut output, workers);
    azure_fleet::emit(plan, package, &mut output);
    gateway_api::emit(plan, package, &mut output);
    azure_fleet::deliver(&plan.model, &mut output, &mut found);
    Emitted { artifacts: output.into_artifacts(), found }
}

/// A target without an implementation: nothing would be emitted for it, silently.
fn not_built(kind: crate::model::Spanned<TargetKind>) -> Option<Diagnostic> {
    match kind.value {
        TargetKind::AzureFleet | TargetKind::Cilium | TargetKind::GatewayApi | TargetKind::Bpf => None,
        TargetKind::Mcs
        | TargetKind::NetworkPolicy
        | TargetKind::Istio
        | TargetKind::Linkerd
        | TargetKind::AzureNetwork => {
            let message = format!("target `{}` is not built by this version of fleetnet", kind.value.keyword());
            Some(
                Diagnostic::new(codes::TARGET_NOT_BUILT, kind.span, message)
                    .help("targets that are: `azure-fleet`, `cilium`, `gateway-api`, `bpf`"),
            )
        }
    }
}
