//! Rules that are accepted and then do something else than they say, or nothing.

mod addresses;
mod cover;
mod dns_pods;
mod enforced;
pub(super) mod gateways;
mod halves;
mod index;
mod known;
mod ranges;
mod redundant;
mod touched;
mod trust;
mod ways_out;
mod witness;

use fleetnet_lang::{Diagnostic, Sources};

use super::{Finder, Looked, Scope, fixes};
use crate::codes::policy::REPEATED_RULE;
use crate::workers::Workers;

pub use index::Naming;
pub(super) use index::{Index, Outlines};
pub use redundant::IDLE;
pub use touched::beside;

/// Rules that others make idle, and those that are so as long as nothing is removed.
pub(super) fn idle(index: &Index<'_>, sources: &Sources, scope: Scope<'_>, workers: &dyn Workers) -> Looked {
    let (idle, suspects) = redundant::check(index, scope, workers);
    Looked { found: without_repeated(idle, sources), suspects, ..Looked::default() }
}

/// What is wrong with single rules, and with what they need on the other side.
pub(super) fn of_rules<'a>(index: Index<'a>, sources: &'a Sources, scope: Scope<'a>) -> [Finder<'a>; 3] {
    [
        Box::new(move || halves::check(&index, sources, scope)),
        Box::new(move || known::check(index.plan, scope)),
        Box::new(move || trust::check(index.plan, scope)),
    ]
}

/// What is wrong with all of a plan. Rules that matter [near](super::Matters::Near) only matter to nothing of it, where somebody enforces every
/// cluster.
pub(super) fn of_all(index: Index<'_>) -> [Finder<'_>; 4] {
    let plan = index.plan;
    [
        Box::new(|| dns_pods::check(&plan.model)),
        Box::new(|| enforced::check(plan).into_iter().collect()),
        Box::new(|| addresses::check(plan)),
        Box::new(move || ways_out::check(&index)),
    ]
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
