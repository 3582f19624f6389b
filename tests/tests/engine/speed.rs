//! How long the engine takes for each map entry, beside which ours stands in `docs/benchmarks.md`.

use std::time::Instant;

use fleetnet_bench::fleet::{self, SIZES};
use fleetnet_compiler::compile::Goal;
use fleetnet_tests::engine::Engine;
use fleetnet_tests::package::{Package, errors};

use super::fleet::clusters;

/// Clusters of a fleet that are asked about: as many as tell the time of an entry.
const CLUSTERS: usize = 4;

#[test]
#[ignore = "a measurement, for `cargo xtask bench`"]
fn the_engine_takes_its_time_for_an_entry() {
    let Some(mut engine) = Engine::start("engine::the_engine_takes_its_time_for_an_entry") else { return };
    for size in SIZES.iter().take(2) {
        let compiled = Package::of_files(fleet::sources(*size)).compile(Goal::Build);
        assert_eq!(errors(&compiled), Vec::<String>::new());
        let plan = compiled.plan.as_ref().expect("there are no errors");
        let (mut entries, mut seconds) = (0, 0.0);
        for cluster in clusters(&compiled).expect("there are images").into_iter().take(CLUSTERS) {
            let mut case = cluster.case(plan, cluster.policies.clone(), &[]);
            case.probes = None;
            let started = Instant::now();
            let outcome = engine.ask(&case);
            seconds += started.elapsed().as_secs_f64();
            assert_eq!(outcome.error, "");
            entries += outcome.endpoints.iter().map(|endpoint| endpoint.entries.len()).sum::<usize>();
        }
        println!("{}\timages\t{seconds:.6}\t0", size.name);
        println!("{}\tmap entries\t0\t{entries}", size.name);
    }
}
