//! A kill in the middle of writing leaves the old build or the new one, whole.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::{FLEET, Scratch};

/// Enough files that writing them takes a while.
const CLUSTERS: u32 = 80;
const KILLS: u32 = 16;
const POLL: Duration = Duration::from_millis(1);

/// A package with an artifact or more for each of many clusters; builds with different `app` differ in most files.
fn large(scratch: &Scratch, folder: &str, app: &str) {
    let mut text = FLEET
        .replace("namespace shop { in one }", "namespace shop { in all }")
        .replace("-> shop/cart", "-> shop/cart in local")
        .replace("app = web", &format!("app = {app}"));
    for id in 2..=CLUSTERS {
        let _ = writeln!(
            text,
            "cluster c{id} {{ id {id} ; region here ; pods 10.{id}.0.0/16 ; nodes 172.16.{id}.0/24 ; cilium \"1.18.0\" }}"
        );
    }
    scratch.write(&format!("{folder}/fleet.fleetnet"), text);
}

#[test]
fn a_killed_build_leaves_the_old_one_or_the_new_one() {
    let scratch = Scratch::new("kill");
    large(&scratch, "blue", "blue");
    large(&scratch, "green", "green");
    for (package, expected) in [("green", "expected-green"), ("blue", "expected-blue"), ("blue", "out")] {
        scratch.run(&["build", package, "-o", expected, "-q"]).ends(0);
    }
    let whole = [scratch.tree("expected-blue"), scratch.tree("expected-green")];
    assert_ne!(whole[0], whole[1]);
    let writing = time_to_write(&scratch);
    let mut caught = 0;
    for kill in 0..KILLS {
        let package = if kill % 2 == 0 { "green" } else { "blue" };
        let mut child = scratch.command(&["build", package, "-o", "out", "-q"]).spawn().unwrap();
        while !is_writing(&scratch) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(POLL);
        }
        std::thread::sleep(writing * kill / KILLS);
        child.kill().unwrap();
        child.wait().unwrap();
        caught += u32::from(is_writing(&scratch));
        let found = scratch.tree("out");
        assert!(whole.contains(&found), "kill {kill}: {} files", found.len());
    }
    assert!(caught > 3, "only {caught} of {KILLS} kills came while something was written");
    scratch.run(&["build", "green", "-o", "out", "-q"]).ends(0);
    assert_eq!(scratch.tree("out"), whole[1]);
    assert_eq!(scratch.names(""), ["blue", "expected-blue", "expected-green", "green", "out"]);
}

/// Between the first file that is written and the last old one that is removed.
fn is_writing(scratch: &Scratch) -> bool {
    scratch.path(".out.fleetnet-new").exists()
}

fn time_to_write(scratch: &Scratch) -> Duration {
    let mut child = scratch.command(&["build", "blue", "-o", "out", "-q"]).spawn().unwrap();
    while !is_writing(scratch) {
        assert!(child.try_wait().unwrap().is_none(), "the build ended before it was seen to write");
        std::thread::sleep(POLL);
    }
    let started = Instant::now();
    assert!(child.wait().unwrap().success());
    started.elapsed()
}
