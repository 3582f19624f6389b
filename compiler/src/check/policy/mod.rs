//! Rules that are accepted and then do something else than they say, or nothing.

mod addresses;
mod cover;
mod dns_pods;
mod enforced;
mod gateways;
mod halves;
mod index;
mod known;
mod ranges;
mod redundant;
mod trust;
mod ways_out;
mod witness;

use fleetnet_lang::{Diagnostic, Sources};

use crate::plan::Plan;

/// Every finding of the family.
pub(super) fn check(plan: &Plan, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = known::check(plan);
    found.extend(dns_pods::check(&plan.model));
    found.extend(enforced::check(plan));
    let index = index::Index::new(plan);
    found.extend(redundant::check(&index));
    found.extend(halves::check(&index, sources));
    found.extend(addresses::check(plan));
    found.extend(trust::check(plan));
    found.extend(ways_out::check(&index));
    found.extend(gateways::check(plan));
    found
}
