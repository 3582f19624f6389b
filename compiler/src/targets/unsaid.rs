//! Ways in that no target of the fleet makes anything of: they would vanish without a word.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use super::capability::{self, Construct, Support, support};
use crate::codes::targets::NO_TARGET;
use crate::model::{ClusterSet, Model, Name, Service, ServiceId, ServiceType, Spanned, TargetKind};
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
    for (id, service) in model.services.iter() {
        for (label, clusters) in dns_labels(model, id, service) {
            // Written once for clusters of several targets, it has a meaning where it can have one.
            if (clusters & able_on(model, Construct::DnsLabel)).is_empty() {
                report(model, "dns-label", &label, clusters, Construct::DnsLabel, diagnostics);
            }
        }
    }
}

/// The public DNS labels that a service says, each with the clusters where there is a load balancer that it could be of.
fn dns_labels(model: &Model, id: ServiceId, service: &Service) -> Vec<(Spanned<Name>, ClusterSet)> {
    let mut labels: BTreeMap<Span, (&Spanned<Name>, ClusterSet)> = BTreeMap::new();
    for (clusters, spec) in &service.variants {
        if let (Some(label), ServiceType::LoadBalancer) = (&spec.dns_label, spec.kind) {
            let (_, known) = labels.entry(label.span).or_insert((label, ClusterSet::EMPTY));
            *known = *known | (*clusters & weights::runs(model, id));
        }
    }
    labels.into_values().map(|(label, clusters)| (label.clone(), clusters)).collect()
}

/// The clusters of the targets that can express a construct.
fn able_on(model: &Model, construct: Construct) -> ClusterSet {
    let able = |kind: TargetKind| support(kind, construct) != Support::None;
    let targets = model.fleet.targets.iter().filter(|target| able(target.kind.value));
    targets.fold(ClusterSet::EMPTY, |clusters, target| clusters | target.clusters)
}

fn report(
    model: &Model,
    keyword: &str,
    name: &Spanned<Name>,
    needed: ClusterSet,
    construct: Construct,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(cluster) = needed.less(able_on(model, construct)).iter().next() else { return };
    let cluster = &model.clusters[cluster].name.value;
    let message = format!("no target of `{cluster}` makes anything of {keyword} `{}`", name.value);
    let able: Vec<String> = capability::able(construct).map(|kind| format!("`target {}`", kind.keyword())).collect();
    let help = format!("{} does: add it to the fleet, for this cluster too", able.join(" or "));
    diagnostics.push(Diagnostic::new(NO_TARGET, name.span, message).help(help));
}
