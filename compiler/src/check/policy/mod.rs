//! Rules that are accepted and then do something else than they say, or nothing.

mod addresses;
mod cover;
mod dns_pods;
mod enforced;
mod gateways;
mod halves;
mod known;
mod redundant;
mod trust;

use fleetnet_lang::{Diagnostic, Sources};

use crate::plan::Plan;

/// Every finding of the family.
pub(super) fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = known::check(plan);
    found.extend(dns_pods::check(&plan.model));
    found.extend(enforced::check(plan));
    found.extend(redundant::check(plan));
    found.extend(halves::check(plan, sources));
    found.extend(addresses::check(plan));
    found.extend(trust::check(plan));
    found.extend(gateways::check(plan));
    found
}
