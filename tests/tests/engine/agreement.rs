//! The example, generated fleets, and mistakes that must be seen.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use fleetnet_compiler::compile::{Compiled, Goal};
use fleetnet_tests::engine::Engine;
use fleetnet_tests::generate::{self, Coverage, Source, minimise};
use fleetnet_tests::package::{Package, errors};

use super::bugs::{BUGS, Bug};
use super::compare::{Compared, Mismatch, What, compare};
use super::fleet::clusters;

/// How many fleets are generated. Their number is what makes the rarest form occur often enough.
const FLEETS: u64 = 320;
/// In how many compared fleets every form of the grammar has to occur.
const OCCURRENCES: usize = 10;
/// The share of generated fleets that the compiler has to take, in percent: what it refuses is not compared.
const ACCEPTED: usize = 80;

#[test]
fn contoso_is_what_the_engine_makes_of_it() {
    let Some(mut engine) = Engine::start("engine::contoso_is_what_the_engine_makes_of_it") else { return };
    let compiled = Package::of_folder(&fleetnet_tests::root().join("examples/contoso")).compile(Goal::Build);
    assert_eq!(errors(&compiled), Vec::<String>::new());
    let compared = compare_all(&mut engine, &compiled).expect("every cluster of the example has a map image");
    let compared = compared.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    assert!(compared.endpoints >= 16 && compared.requests > 0, "{compared:?}");
}

#[test]
fn generated_fleets_are_what_the_engine_makes_of_them() {
    const NAME: &str = "engine::generated_fleets_are_what_the_engine_makes_of_them";
    if Engine::start(NAME).is_none() {
        return;
    }
    let total = Mutex::new(Total::default());
    // Only one disagreement is made small, as that takes long.
    let failed = AtomicBool::new(false);
    each_seed(FLEETS, NAME, |engine, seed| {
        let source = generate::small(seed);
        let text = source.to_string();
        let compiled = Package::of_text(&text).compile(Goal::Build);
        let refused = errors(&compiled);
        let compared = compare_all(engine, &compiled);
        assert_eq!(
            compared.is_some(),
            refused.is_empty(),
            "seed {seed}: every cluster of a fleet without errors has a map image"
        );
        let first = matches!(compared, Some(Err(_))) && !failed.swap(true, Ordering::Relaxed);
        let shown = match &compared {
            Some(Err(mismatch)) if first => Some(report(engine, seed, &source, mismatch)),
            Some(Err(mismatch)) => Some(format!("seed {seed}: {mismatch}")),
            Some(Ok(_)) | None => None,
        };
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        match compared {
            Some(Ok(compared)) => {
                total.fleets += 1;
                total.compared.add(compared);
                total.coverage.add(&text);
            }
            Some(Err(_)) => total.failures.extend(shown),
            None => total.refused.extend(refused.first().map(|first| format!("seed {seed}: {first}"))),
        }
    });
    let Total { fleets, compared, coverage, refused, failures } =
        total.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{fleets} fleets: {compared:?}; the compiler refused {}:\n{}", refused.len(), refused.join("\n"));
    assert!(failures.is_empty(), "{} fleets disagree:\n{}", failures.len(), failures.join("\n"));
    let generated = fleets + refused.len();
    assert!(fleets * 100 >= generated * ACCEPTED, "{} of {generated} generated fleets are refused", refused.len());
    assert_eq!(coverage.rarer_than(OCCURRENCES), [], "forms of the grammar that are in too few compared fleets");
}

#[test]
fn mistakes_in_policies_are_seen() {
    const NAME: &str = "engine::mistakes_in_policies_are_seen";
    if Engine::start(NAME).is_none() {
        return;
    }
    let seen = Mutex::new(Vec::new());
    let number_of_bugs = u64::try_from(BUGS.len()).expect("a few");
    each_seed(number_of_bugs, NAME, |engine, number| {
        let bug = &BUGS[usize::try_from(number).expect("one of a few")];
        let found = (0..FLEETS).find_map(|seed| Some((seed, sees(engine, bug, seed)?)));
        let (seed, mismatch) = found.unwrap_or_else(|| panic!("nobody sees that {}", bug.name));
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{}: seed {seed}, {mismatch}", bug.name));
    });
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{}", seen.join("\n"));
    assert_eq!(seen.len(), BUGS.len());
}

/// What comes of a mistake in one generated fleet. A policy that the engine refuses doesn't count: that is seen without a comparison.
fn sees(engine: &mut Engine, bug: &Bug, seed: u64) -> Option<Mismatch> {
    let compiled = Package::of_text(&generate::small(seed).to_string()).compile(Goal::Build);
    let plan = compiled.plan.as_ref()?;
    clusters(&compiled)?.into_iter().find_map(|cluster| {
        let mut policies = cluster.policies.clone();
        let made = policies.iter_mut().filter_map(|policy| (bug.make)(policy).then_some(())).count() > 0;
        let seen = made.then(|| compare(engine, plan, &cluster, policies)).and_then(Result::err);
        let seen = seen.filter(|mismatch| mismatch.what != What::Refused)?;
        compare(engine, plan, &cluster, cluster.policies.clone()).is_ok().then_some(seen)
    })
}

#[derive(Default)]
struct Total {
    fleets: usize,
    compared: Compared,
    coverage: Coverage,
    refused: Vec<String>,
    failures: Vec<String>,
}

/// Compares every cluster, if there is a map image of each.
fn compare_all(engine: &mut Engine, compiled: &Compiled) -> Option<Result<Compared, Mismatch>> {
    let plan = compiled.plan.as_ref()?;
    let mut compared = Compared::default();
    for cluster in clusters(compiled)? {
        match compare(engine, plan, &cluster, cluster.policies.clone()) {
            Ok(more) => compared.add(more),
            Err(mismatch) => return Some(Err(mismatch)),
        }
    }
    Some(Ok(compared))
}

/// The smallest package with the same kind of mismatch.
fn report(engine: &mut Engine, seed: u64, source: &Source, mismatch: &Mismatch) -> String {
    let mut last = mismatch.clone();
    let least = minimise(source, |source| {
        let compiled = Package::of_text(&source.to_string()).compile(Goal::Build);
        let fails = compare_all(engine, &compiled).and_then(Result::err);
        match fails.filter(|found| found.what == mismatch.what) {
            Some(found) => {
                last = found;
                true
            }
            None => false,
        }
    });
    format!("seed {seed}: {mismatch}\n\nthe least fleet with that has {last}\n{least}")
}

/// Does something for each seed below `end`, on every core with an engine of its own.
fn each_seed(end: u64, test: &str, work: impl Fn(&mut Engine, u64) + Sync) {
    let next = AtomicU64::new(0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let worker = || {
            let mut engine = Engine::start(test).expect("it was there before");
            while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < end) {
                work(&mut engine, seed);
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
