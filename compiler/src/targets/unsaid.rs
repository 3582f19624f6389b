//! Ways in that no target of the fleet makes anything of: they would vanish without a word.

use fleetnet_lang::Diagnostic;

use super::capability::{self, Construct, Support, support};
use crate::codes::targets::NO_TARGET;
use crate::model::{ClusterSet, Model, Name, Spanned, TargetKind};
use crate::plan::weights;

/// Reports entries, gateways and exports outside the clusters of the targets that have them. A fleet without any target is only checked.
pub fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    if model.fleet.targets.is_empty() {
        return;
    }
    for entry in &model.entries {
        let needed = weights::serving_entry(model, entry);
        report(model, "entry", &entry.name, needed, Construct::Entry, diagnostics);
    }
    for gateway in &model.gateways {
        report(model, "gateway", &gateway.name, gateway.clusters, Construct::Gateway, diagnostics);
    }
    for export in &model.exports {
        let name = Spanned::new(Name::from(model.service_name(export.service.value)), export.service.span);
        report(model, "export", &name, export.from, Construct::Export, diagnostics);
    }
}

fn report(
    model: &Model,
    keyword: &str,
    name: &Spanned<Name>,
    needed: ClusterSet,
    construct: Construct,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let able = |kind: TargetKind| support(kind, construct) != Support::None;
    let targets = model.fleet.targets.iter().filter(|target| able(target.kind.value));
    let able_on = targets.fold(ClusterSet::EMPTY, |clusters, target| clusters | target.clusters);
    let Some(cluster) = needed.less(able_on).iter().next() else { return };
    let cluster = &model.clusters[cluster].name.value;
    let message = format!("no target of `{cluster}` makes anything of {keyword} `{}`", name.value);
    let able: Vec<String> = capability::able(construct).map(|kind| format!("`target {}`", kind.keyword())).collect();
    let help = format!("{} does: add it to the fleet, for this cluster too", able.join(" or "));
    diagnostics.push(Diagnostic::new(NO_TARGET, name.span, message).help(help));
}
