//! How long the engine takes for each map entry, beside which ours stands in `docs/benchmarks.md`.

use std::time::Instant;

use fleetnet_bench::fleet::{self, SIZES};
use fleetnet_compiler::compile::Goal;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;
use fleetnet_tests::engine::Engine;
use fleetnet_tests::package::{Package, errors};

use super::fleet::clusters;

/// Clusters of a fleet that are asked about: as many as tell the time of an entry.
const CLUSTERS: usize = 4;

/// Set by `cargo xtask bench`, which has the time for the larger fleet, too.
const MEASURE: &str = "FLEETNET_MEASURE";

#[test]
fn the_engine_makes_as_many_entries_as_we_do() {
    let Some(mut engine) = Engine::start("engine::the_engine_makes_as_many_entries_as_we_do") else { return };
    let sizes = if std::env::var_os(MEASURE).is_some() { 2 } else { 1 };
    for size in SIZES.iter().take(sizes) {
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
            let computed: usize = outcome.endpoints.iter().map(|endpoint| endpoint.entries.len()).sum();
            let sections = cluster.image.sections().iter().filter(|section| section.map() != MapKind::Ipcache);
            assert_eq!(computed, sections.map(Section::len).sum::<usize>(), "{}", cluster.name);
            entries += computed;
        }
        println!("{}\timages\t{seconds:.6}\t0", size.name);
        println!("{}\tmap entries\t0\t{entries}", size.name);
    }
}
