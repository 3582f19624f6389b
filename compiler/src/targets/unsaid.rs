//! Ways in that no target of the fleet makes anything of: they would vanish without a word.

use fleetnet_lang::Diagnostic;

use crate::codes::targets::NO_TARGET;
use crate::model::{ClusterSet, Model, Name, Spanned, TargetKind};
use crate::plan::weights;

/// Reports entries and gateways outside the clusters of the targets that have them. A fleet without any target is only checked.
pub fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    if model.fleet.targets.is_empty() {
        return;
    }
    for entry in &model.entries {
        let needed = weights::serving_entry(model, entry);
        report(model, "entry", &entry.name, needed, TargetKind::AzureFleet, diagnostics);
    }
    for gateway in &model.gateways {
        report(model, "gateway", &gateway.name, gateway.clusters, TargetKind::GatewayApi, diagnostics);
    }
}

fn report(
    model: &Model,
    keyword: &str,
    name: &Spanned<Name>,
    needed: ClusterSet,
    able: TargetKind,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let targets = model.fleet.targets.iter().filter(|target| target.kind.value == able);
    let able_on = targets.fold(ClusterSet::EMPTY, |clusters, target| clusters | target.clusters);
    let Some(cluster) = needed.less(able_on).iter().next() else { return };
    let cluster = &model.clusters[cluster].name.value;
    let message = format!("no target of `{cluster}` makes anything of {keyword} `{}`", name.value);
    let help = format!("`target {}` does: add it to the fleet, for this cluster too", able.keyword());
    diagnostics.push(Diagnostic::new(NO_TARGET, name.span, message).help(help));
}
