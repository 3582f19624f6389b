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
mod releases;
mod requests;
mod selector;
mod services;
mod sides;
mod view;

use fleetnet_lang::Diagnostic;

use super::azure_fleet;
use super::kubernetes::{Output, Package, Place, Rendered, Step};
use crate::compile::Phase;
use crate::image::content;
use crate::model::ClusterId;
use crate::plan::Plan;
use crate::workers::{self, Workers};
use policies::Policy;

pub use check::check_rules;
pub use names::Names;

/// Reports what the fleet asks of Cilium that it cannot do, but for what [`check_rules`] finds.
pub fn check(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
    check::check(plan, diagnostics);
    helm::check(&plan.model, diagnostics);
    diagnostics.extend(Names::new(plan).waiting(plan));
    diagnostics.extend(selectors(plan));
}

/// Those of them that are about the labels of pods.
pub fn check_labels(plan: &Plan) -> Vec<Diagnostic> {
    check::check_keys(plan).into_iter().chain(selectors(plan)).collect()
}

fn selectors(plan: &Plan) -> Vec<Diagnostic> {
    if plan.model.fleet.joined().is_empty() { Vec::new() } else { global::check_selectors(&plan.model) }
}

/// Namespaces, services and policies of all clusters with Cilium, and values for those that run it themselves. Returns what only a build
/// needs and lacks.
pub fn emit(plan: &Plan, package: Package<'_>, output: &mut Output, workers: &dyn Workers) -> Vec<Diagnostic> {
    let model = &plan.model;
    let names = Names::new(plan);
    let services = global::ServicesByCluster::new(model);
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
    // Nearly all of the work is here: a policy for each identity of each cluster.
    let clusters: Vec<ClusterId> = content::with_known_engine(plan).iter().collect();
    let policies = workers::map(workers, &clusters, |cluster| {
        let render = |phase, (policy, span): &Policy| {
            output.render(Place::Cluster(*cluster), Step::Policies, phase, policy, *span)
        };
        let stubs = policies::stubs(package, plan, *cluster);
        let mut rendered: Vec<Rendered> = stubs.iter().map(|policy| render(Phase::Link, policy)).collect();
        if names.are_known_around(plan, *cluster) {
            let policies = policies::policies(package, plan, &names, *cluster);
            rendered.extend(policies.map(|policy| render(Phase::Policy, &policy)));
        }
        rendered
    });
    policies.into_iter().flatten().for_each(|policy| output.put(model, policy));
    for values in helm::artifacts(plan, &names) {
        output.file(values);
    }
    let mut found = helm::unreachable(model);
    found.extend(services::stubs(plan));
    found.extend(releases::notes(plan));
    found
}
