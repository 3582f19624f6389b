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

use super::{Finder, fixes, side_by_side};
use crate::codes::policy::REPEATED_RULE;
use crate::plan::Plan;
use crate::workers::Workers;

/// Every finding of the family.
pub(super) fn check(plan: &Plan, sources: &Sources, workers: &dyn Workers) -> Vec<Diagnostic> {
    let index = index::Index::new(plan);
    let found: [&Finder<'_>; 9] = [
        &|| without_repeated(redundant::check(&index, workers), sources),
        &|| known::check(plan),
        &|| halves::check(&index, sources),
        &|| dns_pods::check(&plan.model),
        &|| enforced::check(plan).into_iter().collect(),
        &|| addresses::check(plan),
        &|| trust::check(plan),
        &|| ways_out::check(&index),
        &|| gateways::check(plan),
    ];
    side_by_side(workers, &found)
}

/// A rule that stands there twice is one rule when one of the two is gone.
fn without_repeated(found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let mended = |found: Diagnostic| {
        if found.code != REPEATED_RULE {
            return found;
        }
        let (span, text) = fixes::removal(sources, found.span);
        found.fix(span, text)
    };
    found.into_iter().map(mended).collect()
}
