//! Fleets out of nothing: source text that the compiler takes, from a seed and a size.
//!
//! A generated fleet uses every form of the language that decides who may talk to whom, small enough that forms meet each other often: few
//! ports, few address blocks inside each other, few clusters. It is legal by construction, as far as that needs no second compiler.

mod coverage;
mod places;
mod policies;
mod source;
mod traffic;
mod workloads;

use std::collections::BTreeMap;

pub use coverage::{Coverage, alternatives};
pub use fleetnet_bench::Random;
pub use source::{Declaration, Source, minimise};
pub use workloads::Size;

use places::{Places, Target};
use policies::Policies;
use workloads::Workloads;

/// A fleet that a person can read.
#[must_use]
pub fn small(seed: u64) -> Source {
    let mut random = Random::new(seed);
    let size = Size::small(&mut random);
    generate(&mut random, size)
}

/// A fleet of a given size.
#[must_use]
pub fn fleet(seed: u64, size: Size) -> Source {
    generate(&mut Random::new(seed), size)
}

/// A fleet whose namespaces are ways in: services, exports, entries and gateways in all their forms, few rules.
#[must_use]
pub fn traffic(seed: u64) -> Source {
    let mut random = Random::new(seed);
    let size = Size::small(&mut random);
    let places = Places::new(&mut random, size.clusters);
    let mut declarations = vec![root(&mut random, &places)];
    declarations.extend(places.declare(&mut random));
    traffic::add(&mut random, &places, &mut declarations);
    Source { declarations }
}

fn generate(random: &mut Random, size: Size) -> Source {
    let places = Places::new(random, size.clusters);
    let mut declarations = vec![root(random, &places)];
    declarations.extend(places.declare(random));
    let workloads = Workloads::new(random, &places, size);
    declarations.extend_from_slice(workloads.declare());
    let mut policies = Policies { places: &places, workloads: &workloads, defaults: BTreeMap::new() };
    let mut left = size.rules;
    for place in 1.. {
        if left == 0 {
            break;
        }
        let rules = random.between(1, 4).min(left);
        left -= rules;
        declarations.push(policies.policy(random, place, rules));
    }
    Source { declarations }
}

fn root(random: &mut Random, places: &Places) -> Declaration {
    let target = match places.target {
        Target::AzureFleet => {
            r#"target azure-fleet { subscription "11111111-2222-3333-4444-555555555555" ; resource-group "rg" ; fleet "f" }"#
        }
        Target::Cilium => "target cilium",
    };
    let mut statements = vec![target.to_owned(), "target bpf".to_owned()];
    if random.percent(65) {
        statements.push("default deny".to_owned());
    } else {
        statements.extend(workloads::default(random));
    }
    if random.percent(20) {
        statements.push("dns strict".to_owned());
    }
    Declaration::new("fleet generated", statements)
}
