//! Cilium: the policies of every fleet whose data path it is, and the settings of those that run it themselves.

mod apart;
mod check;
mod crd;
pub mod global;
mod helm;
mod label_filter;
mod mcs;
mod names;
mod peers;
mod policies;
mod ports;
mod requests;
mod selector;
mod sides;
mod view;

use fleetnet_lang::Diagnostic;

use super::azure_fleet;
use super::kubernetes::{Output, Package, Place, Step};
use crate::compile::Phase;
use crate::plan::Plan;

pub use check::enforced;
pub use names::Names;

/// Reports what the fleet asks of Cilium that it cannot do.
pub fn check(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
    check::check(plan, diagnostics);
    helm::check(&plan.model, diagnostics);
    diagnostics.extend(Names::new(plan).waiting(plan));
    if !plan.model.fleet.joined().is_empty() {
        global::check_selectors(&plan.model, diagnostics);
    }
}

/// Namespaces, services and policies of all clusters with Cilium, and values for those that run it themselves. Returns what only a build
/// needs and lacks.
pub fn emit(plan: &Plan, package: Package<'_>, output: &mut Output) -> Vec<Diagnostic> {
    let model = &plan.model;
    let names = Names::new(plan);
    let services = global::Placed::new(model);
    let cloud = azure_fleet::service_annotations(model);
    for cluster in plan.model.fleet.joined().iter() {
        let place = Place::Cluster(cluster);
        for namespace in global::namespaces(plan, package, cluster) {
            output.object(model, place, Step::Namespaces, &namespace.object, namespace.span);
        }
        for (id, mut service) in services.services(model, package, cluster) {
            if let Some((key, value)) = cloud.get(&(id, cluster)) {
                service.object.metadata = service.object.metadata.with(*key, value);
            }
            output.object(model, place, Step::Services, &service.object, service.span);
        }
        for (export, span) in mcs::exports(model, package, cluster) {
            output.object(model, place, Step::Exports, &export, span);
        }
    }
    for cluster in enforced(plan).iter() {
        let place = Place::Cluster(cluster);
        for (policy, span) in policies::stubs(package, plan, cluster) {
            output.object(model, place, Step::Policies, &policy, span);
        }
        if names.are_known_around(plan, cluster) {
            for (policy, span) in policies::policies(package, plan, &names, cluster) {
                output.object_in(Phase::Policy, model, place, Step::Policies, &policy, span);
            }
        }
    }
    for values in helm::artifacts(plan, &names) {
        output.file(values);
    }
    helm::unreachable(model)
}
