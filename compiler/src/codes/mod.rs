//! Every kind of finding beyond the syntax, one family a file. Numbers are stable: a finding that is gone leaves its number unused.

use fleetnet_lang::Code;

pub mod capacity;
pub mod clusters;
pub mod image;
pub mod lock;
pub mod names;
pub mod namespaces;
pub mod policy;
pub mod proof;
pub mod services;
pub mod targets;
pub mod traffic;
pub mod weights;

/// All families, in order of their numbers.
pub const FAMILIES: &[&[Code]] = &[
    names::ALL,
    clusters::ALL,
    namespaces::ALL,
    services::ALL,
    weights::ALL,
    policy::ALL,
    proof::ALL,
    targets::ALL,
    image::ALL,
    lock::ALL,
    traffic::ALL,
    capacity::ALL,
];

/// Every kind of finding beyond the syntax.
pub fn all() -> impl Iterator<Item = Code> {
    FAMILIES.iter().copied().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn numbers_are_unique_and_not_those_of_the_syntax() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.number), "{code} is declared twice");
            assert!(code.number >= 200, "{code} belongs to the syntax");
        }
    }
}
