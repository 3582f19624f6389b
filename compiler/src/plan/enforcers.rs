//! Which target enforces rules on which cluster.

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::{ClusterId, Model, PolicyBy, Spanned, Table, Target, TargetKind};

/// The one policy target of each cluster: the one that `policy-by` names, else the only one that can.
pub(super) fn choose(model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Table<ClusterId, Option<TargetKind>> {
    let mut chosen = Vec::with_capacity(model.clusters.len());
    let mut reported = false;
    for cluster in model.clusters.ids() {
        let said = model.fleet.policy_by.iter().find(|said| said.clusters.contains(cluster));
        let able: Vec<Spanned<TargetKind>> =
            model.fleet.targets.iter().filter(|target| enforces(target, cluster)).map(|target| target.kind).collect();
        chosen.push(match (said, able.as_slice()) {
            (Some(said), _) => Some(said.kind.value),
            (None, []) => fallback(model, cluster),
            (None, [only]) => Some(only.value),
            (None, [first, second, ..]) => {
                if !std::mem::replace(&mut reported, true) {
                    diagnostics.push(two(model, cluster, *first, *second));
                }
                Some(first.value)
            }
        });
    }
    diagnostics.extend(model.fleet.policy_by.iter().filter_map(powerless));
    chosen.into()
}

/// Whether a target would enforce rules on a cluster if no other does. Map images are what another target programs, where there is one.
fn enforces(target: &Target, cluster: ClusterId) -> bool {
    is_enforcer(target.kind.value) && target.clusters.contains(cluster)
}

fn is_enforcer(kind: TargetKind) -> bool {
    match kind {
        TargetKind::AzureFleet
        | TargetKind::Cilium
        | TargetKind::NetworkPolicy
        | TargetKind::Istio
        | TargetKind::Linkerd => true,
        TargetKind::Mcs | TargetKind::GatewayApi | TargetKind::AzureNetwork | TargetKind::Bpf => false,
    }
}

/// A `policy-by` that names a target without rules of its own.
fn powerless(said: &PolicyBy) -> Option<Diagnostic> {
    let kind = said.kind.value;
    let able = is_enforcer(kind) || kind == TargetKind::Bpf;
    (!able).then(|| {
        Diagnostic::new(codes::POWERLESS, said.kind.span, format!("target `{}` enforces no rules", kind.keyword()))
            .help("name a target that does: `azure-fleet`, `cilium`, `network-policy`, `istio`, `linkerd` or `bpf`")
    })
}

fn fallback(model: &Model, cluster: ClusterId) -> Option<TargetKind> {
    let images = |target: &&Target| target.kind.value == TargetKind::Bpf && target.clusters.contains(cluster);
    model.fleet.targets.iter().find(images).map(|target| target.kind.value)
}

fn two(model: &Model, cluster: ClusterId, first: Spanned<TargetKind>, second: Spanned<TargetKind>) -> Diagnostic {
    let (first_name, second_name) = (first.value.keyword(), second.value.keyword());
    let name = &model.clusters[cluster].name.value;
    Diagnostic::new(
        codes::TWO_ENFORCERS,
        second.span,
        format!("`{first_name}` and `{second_name}` would both enforce rules on `{name}`"),
    )
    .related(first.span, "the other one")
    .help(format!("say which one does: `policy-by {first_name}`, or `policy-by {first_name} for …`"))
}
