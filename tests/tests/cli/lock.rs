//! `fleetnet.lock`: who writes it, when, and what happens where it can't be written.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::harness::{Scratch, example};

const LOCK: &str = "package/fleetnet.lock";

fn add_identity(scratch: &Scratch) {
    scratch.write("package/more.fleetnet", "identity shop/added { match app = added }\n");
}

#[test]
fn the_examples_come_with_theirs() {
    let scratch = Scratch::new("lock-examples");
    for name in ["contoso", "blue-green"] {
        scratch.copy(example(name), name);
        scratch.run(&["build", name, "-o", &format!("out-{name}"), "--locked"]).ends(0);
    }
}

#[test]
fn check_only_reads_it() {
    let scratch = Scratch::with_package("lock-check");
    scratch.run(&["check", "package"]).ends(0);
    assert!(!scratch.path(LOCK).exists());
}

#[test]
fn build_writes_it_if_it_changed() {
    let scratch = Scratch::with_package("lock-build");
    scratch.run(&["build", "package", "-o", "out"]).ends(0);
    let (text, inode) = (scratch.read(LOCK), fs::metadata(scratch.path(LOCK)).unwrap().ino());
    scratch.run(&["build", "package", "-o", "out"]).ends(0);
    assert_eq!(fs::metadata(scratch.path(LOCK)).unwrap().ino(), inode, "an unchanged lock is not touched");
    add_identity(&scratch);
    scratch.run(&["build", "package", "-o", "out"]).ends(0);
    assert_ne!(scratch.read(LOCK), text);
    assert_eq!(scratch.names("package"), ["fleet.fleetnet", "fleetnet.lock", "more.fleetnet"]);
}

#[test]
fn locked_refuses_to_change_it() {
    let scratch = Scratch::with_package("lock-locked");
    let locked = ["build", "package", "-o", "out", "--locked"];
    let run = scratch.run(&locked).ends(1);
    assert!(run.stderr.contains("`fleetnet lock`"), "{run:#?}");
    assert_eq!(scratch.names(""), ["package"]);
    scratch.run(&["lock", "package"]).ends(0);
    scratch.run(&locked).ends(0);
    let before = (scratch.tree("out"), scratch.read(LOCK));
    add_identity(&scratch);
    scratch.run(&locked).ends(1);
    assert_eq!((scratch.tree("out"), scratch.read(LOCK)), before);
}

#[test]
fn lock_writes_nothing_else() {
    let scratch = Scratch::with_package("lock-lock");
    let run = scratch.run(&["lock", "package"]).ends(0);
    assert!(run.stderr.contains("wrote `fleetnet.lock`"), "{run:#?}");
    assert_eq!(scratch.names(""), ["package"]);
    let run = scratch.run(&["lock", "package"]).ends(0);
    assert!(run.stderr.contains("up to date"), "{run:#?}");
}

/// A number stays with its name until everything is numbered anew.
#[test]
fn update_numbers_anew() {
    let scratch = Scratch::with_package("lock-update");
    scratch.run(&["lock", "package"]).ends(0);
    let first = scratch.read(LOCK);
    add_identity(&scratch);
    scratch.run(&["lock", "package"]).ends(0);
    let kept = scratch.read(LOCK);
    assert!(first.lines().filter(|line| line.contains("shop/")).all(|line| kept.contains(line)), "{first}{kept}");
    scratch.run(&["lock", "package", "--update"]).ends(0);
    assert_ne!(scratch.read(LOCK), kept);
}

#[test]
fn a_package_that_may_not_be_written_to_is_built_all_the_same() {
    let scratch = Scratch::with_package("lock-permission");
    fs::create_dir(scratch.path("open")).unwrap();
    scratch.set_mode("open", 0o777);
    let run = scratch.run_as_nobody(&["build", "package", "-o", "open/out"]).ends(0);
    assert!(
        run.stderr.contains("warning: the build is complete, but `package/fleetnet.lock` can't be written"),
        "{run:#?}"
    );
    assert!(scratch.path("open/out/build.json").exists());
    assert_eq!(scratch.names("package"), ["fleet.fleetnet"]);
    scratch.run_as_nobody(&["lock", "package", "-q"]).refused(&["`package/fleetnet.lock` can't be written"]);
}

#[test]
fn an_update_replaces_whatever_is_there() {
    let scratch = Scratch::with_package("lock-damaged");
    fs::write(scratch.path(LOCK), [0xff, 0xfe, 0x00]).unwrap();
    scratch.run(&["build", "package", "-o", "out"]).ends(1);
    scratch.run(&["lock", "package", "--update"]).ends(0);
    assert!(scratch.read(LOCK).contains("version = 1"));
}
