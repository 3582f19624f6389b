//! Gateways whose backends do not admit them.

use std::collections::BTreeSet;

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::{ClusterId, ClusterSet, IdentityId, Model, Protocol, RolloutPath, Route, ServicePort, ServiceSpec};
use crate::plan::{Plan, weights};
use crate::semantics::{End, Flow, decide};

pub(in crate::check) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let steps = steps(plan);
    let mut said: BTreeSet<(IdentityId, u16)> = BTreeSet::new();
    let mut found = Vec::new();
    for (number, gateway) in plan.model.gateways.iter().enumerate() {
        for (place, route) in gateway.routes.iter().enumerate() {
            let sent = |stands: ClusterId| {
                let routes = steps.iter().filter_map(|model| model.gateways.get(number)?.routes.get(place));
                routes.fold(sent_to(&plan.model, route, stands), |all, route| all | sent_to(&plan.model, route, stands))
            };
            let refused = gateway.clusters.iter().find_map(|stands| refused(plan, route, stands, sent(stands)));
            // Routes to the same port want the same rule.
            if let Some((who, port, diagnostic)) = refused
                && said.insert((who, port))
            {
                found.push(diagnostic);
            }
        }
    }
    found
}

/// The fleet at each step of rollouts that move a gateway's weights: what is drained in the end is still sent to on the way.
fn steps(plan: &Plan) -> Vec<Model> {
    let moving = plan.model.rollouts.iter().enumerate().filter(|(_, rollout)| match rollout.path {
        RolloutPath::Gateway(..) => true,
        RolloutPath::Entry(..) | RolloutPath::Export(_) => false,
    });
    let each = moving.flat_map(|(index, rollout)| (0..rollout.steps.len()).map(move |step| (index, step)));
    each.map(|(rollout, step)| weights::at_step(&plan.model, rollout, step)).collect()
}

/// The clusters that a route's requests go to from a gateway in one cluster.
fn sent_to(model: &Model, route: &Route, stands: ClusterId) -> ClusterSet {
    let numbers = weights::route_weights(model, route, stands).numbers.into_iter();
    numbers.filter(|(_, number)| *number > 0).map(|(cluster, _)| cluster).collect()
}

fn refused(plan: &Plan, route: &Route, stands: ClusterId, sent: ClusterSet) -> Option<(IdentityId, u16, Diagnostic)> {
    let service = &plan.model.services[route.service.value];
    sent.iter().find_map(|serving| {
        let spec = service.at(serving)?;
        let (port, who) = (port(route, spec)?, spec.pods.value);
        let flow = Flow {
            source: End::Gateway { cluster: stands },
            destination: End::Pod { identity: who, cluster: serving, address: None },
            protocol: Protocol::Transport(port.transport),
            port: port.target,
            request: None,
        };
        if decide(plan, &flow).passes() {
            return None;
        }
        let (name, place) = (plan.model.identity_name(who), &plan.model.clusters[serving].name.value);
        let message = format!("`{name}` in `{place}` does not admit gateways");
        let found = Diagnostic::new(codes::GATEWAY_REFUSED, route.service.span, message)
            .related(spec.pods.span, "the pods behind this service")
            .help(format!("add `allow from gateways on {}` to a policy for `{name}`", port.name.value));
        Some((who, port.target, found))
    })
}

/// The port that a route is for; none where it ought to say which.
fn port<'a>(route: &Route, spec: &'a ServiceSpec) -> Option<&'a ServicePort> {
    match (&route.port, spec.ports.as_slice()) {
        (Some(name), ports) => ports.iter().find(|port| port.name.value == name.value),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}
