//! Gateways whose backends do not admit them.

use fleetnet_lang::Diagnostic;

use crate::codes::policy as codes;
use crate::model::{ClusterId, Gateway, Protocol, Route};
use crate::plan::Plan;
use crate::semantics::{End, Flow, decide};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let routes =
        plan.model.gateways.iter().flat_map(|gateway| gateway.routes.iter().map(move |route| (gateway, route)));
    routes.filter_map(|(gateway, route)| refused(plan, gateway, route)).collect()
}

fn refused(plan: &Plan, gateway: &Gateway, route: &Route) -> Option<Diagnostic> {
    let service = &plan.model.services[route.service.value];
    let known = |serving: ClusterId| {
        gateway
            .clusters
            .iter()
            .find(|stands| *stands == serving || plan.model.mesh_of(*stands) == plan.model.mesh_of(serving))
    };
    for serving in service.variants.iter().flat_map(|(clusters, _)| clusters.iter()) {
        let (Some(spec), Some(stands)) = (service.at(serving), known(serving)) else { continue };
        let runs = plan.model.identities[spec.pods.value].clusters.contains(serving);
        let wanted = |name: &crate::model::Name| route.port.as_ref().is_none_or(|port| port.value == *name);
        for port in spec.ports.iter().filter(|port| runs && wanted(&port.name.value)) {
            let flow = Flow {
                source: End::Gateway { cluster: stands },
                destination: End::Pod { identity: spec.pods.value, cluster: serving, address: None },
                protocol: Protocol::Transport(port.transport),
                port: port.target,
                request: None,
            };
            if !decide(plan, &flow).passes() {
                let who = plan.model.identity_name(spec.pods.value);
                let place = &plan.model.clusters[serving].name.value;
                return Some(
                    Diagnostic::new(
                        codes::GATEWAY_REFUSED,
                        route.service.span,
                        format!("`{who}` in `{place}` does not admit gateways"),
                    )
                    .related(spec.pods.span, "the pods behind this service")
                    .help(format!("add `allow from gateways on {}` to a policy for `{who}`", port.name.value)),
                );
            }
        }
    }
    None
}
