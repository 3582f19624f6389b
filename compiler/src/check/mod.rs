//! What today's tools accept and what then fails silently, or late, on live clusters. One file or folder a family.

mod policy;

use fleetnet_lang::Diagnostic;

use crate::plan::Plan;

/// Every finding about a plan.
#[must_use]
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    policy::check(plan)
}
