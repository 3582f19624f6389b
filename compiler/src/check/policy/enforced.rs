//! Pods that something is denied to or allowed, on clusters where no target sees to it.

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::{ClusterId, Direction, IdentityId, Verb};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan) -> Option<Diagnostic> {
    // A fleet without any target can be checked all the same.
    if plan.model.fleet.targets.is_empty() {
        return None;
    }
    let free = |cluster: &ClusterId| plan.enforcers[*cluster].is_none();
    let (identity, cluster) = plan.model.identities.iter().find_map(|(id, identity)| {
        let cluster = identity.clusters.iter().filter(free).find(|cluster| is_spoken_of(plan, id, *cluster))?;
        Some((id, cluster))
    })?;
    let (who, place) = (plan.model.identity_name(identity), &plan.model.clusters[cluster].name.value);
    let rule =
        plan.rules_of[identity].iter().map(|index| &plan.rules[*index]).find(|rule| rule.is_about(identity, cluster));
    let because = match rule {
        Some(rule) => (plan.model.rules[rule.source].span, "a rule about it"),
        None => (plan.default_of(identity, cluster, closed(plan, identity, cluster)?).span, "its default"),
    };
    let message = format!("no target enforces what is said of `{who}` in `{place}`");
    let found = Diagnostic::new(codes::NO_ENFORCER, plan.model.fleet.name.span, message).related(because.0, because.1);
    Some(
        found.help(
            "add a target that does for it: `azure-fleet`, `cilium`, `network-policy`, `istio`, `linkerd` or `bpf`",
        ),
    )
}

fn is_spoken_of(plan: &Plan, identity: IdentityId, cluster: ClusterId) -> bool {
    let ruled = plan.rules_of[identity].iter().any(|index| plan.rules[*index].is_about(identity, cluster));
    ruled || closed(plan, identity, cluster).is_some()
}

/// A direction in which the pod is denied by default.
fn closed(plan: &Plan, identity: IdentityId, cluster: ClusterId) -> Option<Direction> {
    Direction::ALL.into_iter().find(|direction| plan.default_of(identity, cluster, *direction).value == Verb::Deny)
}
