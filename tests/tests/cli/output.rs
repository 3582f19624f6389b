//! The directory of a build: replaced as a whole or not at all.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use crate::harness::{FLEET, Scratch};

const BUILD: [&str; 4] = ["build", "package", "-o", "out"];

#[test]
fn a_new_directory_and_the_folders_above_it() {
    let scratch = Scratch::with_package("new");
    let run = scratch.run(&["build", "package", "-o", "a/b/out"]).ends(0);
    assert!(run.stderr.contains("to `a/b/out`"), "{run:#?}");
    assert_eq!(scratch.names("a/b"), ["out"]);
    let listed: serde_json::Value = serde_json::from_str(&scratch.read("a/b/out/build.json")).unwrap();
    let mut listed: Vec<String> =
        listed["artifacts"].as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect();
    listed.push("build.json".to_owned());
    listed.sort();
    let written: Vec<String> = scratch.tree("a/b/out").into_iter().map(|(name, _)| name).collect();
    assert_eq!(written, listed);
}

#[test]
fn the_old_build_goes_away() {
    let scratch = Scratch::with_package("replaced");
    scratch.write(
        "package/two.fleetnet",
        r#"cluster two { id 2 ; region here ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium "1.18.0" }"#,
    );
    scratch.run(&BUILD).ends(0);
    assert!(scratch.path("out/clusters/two").exists() || scratch.path("out/helm/two.yaml").exists());
    fs::remove_file(scratch.path("package/two.fleetnet")).unwrap();
    scratch.run(&BUILD).ends(0);
    assert!(scratch.tree("out").iter().all(|(name, _)| !name.contains("two")));
    assert_eq!(scratch.names(""), ["out", "package"]);
}

#[test]
fn the_same_build_twice_is_the_same() {
    let scratch = Scratch::with_package("same");
    scratch.run(&BUILD).ends(0);
    let first = scratch.tree("out");
    scratch.run(&BUILD).ends(0);
    assert_eq!(scratch.tree("out"), first);
}

#[test]
fn an_empty_directory_and_a_link_to_one() {
    let scratch = Scratch::with_package("empty-out");
    fs::create_dir(scratch.path("real")).unwrap();
    symlink("real", scratch.path("out")).unwrap();
    scratch.run(&BUILD).ends(0);
    assert!(scratch.path("real/build.json").is_file());
    assert!(scratch.path("out").is_symlink());
}

#[test]
fn findings_leave_everything_as_it_was() {
    let scratch = Scratch::with_package("findings");
    scratch.run(&BUILD).ends(0);
    let before = scratch.tree("");
    scratch.write("package/fleet.fleetnet", FLEET.replace("10.1.0.0/16", "10.1.0.1/16"));
    scratch.run(&BUILD).ends(1);
    scratch.write("package/fleet.fleetnet", FLEET);
    assert_eq!(scratch.tree(""), before);
}

#[test]
fn a_file_in_the_way() {
    let scratch = Scratch::with_package("file");
    scratch.write("out", "precious");
    scratch.run(&[&BUILD[..], &["-q"]].concat()).refused(&["`out` is not a directory", "remove it or name another"]);
    assert_eq!(scratch.read("out"), "precious");
    assert_eq!(scratch.names(""), ["out", "package"]);
}

#[test]
fn a_directory_that_holds_something_else() {
    let scratch = Scratch::with_package("other");
    scratch.write("out/notes/todo.txt", "precious");
    let quiet = [&BUILD[..], &["-q"]].concat();
    scratch.run(&quiet).refused(&["`out` holds `notes/todo.txt`", "name an empty or a new one"]);
    fs::remove_dir_all(scratch.path("out")).unwrap();

    scratch.run(&quiet).ends(0);
    scratch.write("out/clusters/one/mine.yaml", "precious");
    scratch.run(&quiet).refused(&["`out` holds `clusters/one/mine.yaml`"]);
    assert_eq!(scratch.read("out/clusters/one/mine.yaml"), "precious");

    scratch.run(&["build", "package", "-o", "package", "-q"]).refused(&["`package` holds `"]);
    scratch.write("package/build.json", "{}");
    let parts = ["`package/build.json` is no list of a build, or was changed", "name an empty or a new one"];
    scratch.run(&["build", "package", "-o", "package", "-q"]).refused(&parts);
    assert_eq!(scratch.read("package/fleet.fleetnet"), FLEET);
    assert_eq!(scratch.names(""), ["out", "package"]);
}

/// Whether every file is of the build is not known then.
#[test]
fn a_list_that_was_changed() {
    let scratch = Scratch::with_package("edited");
    let quiet = [&BUILD[..], &["-q"]].concat();
    scratch.run(&quiet).ends(0);
    let list = scratch.read("out/build.json");
    scratch.write("out/build.json", format!("{list}# mine\n"));
    let before = scratch.tree("out");
    scratch
        .run(&quiet)
        .refused(&["`out/build.json` is no list of a build, or was changed", "name an empty or a new one"]);
    assert_eq!(scratch.tree("out"), before);
    scratch.write("out/build.json", list);
    scratch.run(&quiet).ends(0);
}

#[test]
fn places_without_a_name() {
    let scratch = Scratch::with_package("nameless");
    scratch.run(&["build", "package", "-o", "/", "-q"]).refused(&["`/` has no name"]);
    scratch.run(&["build", "package", "-o", "nowhere/..", "-q"]).refused(&["`nowhere/..` has no name"]);
    assert_eq!(scratch.names(""), ["package"]);
}

#[test]
fn no_permission() {
    let scratch = Scratch::with_package("permission");
    let quiet = [&BUILD[..], &["-q"]].concat();
    scratch.run_as_nobody(&quiet).refused(&["`out` can't be written: Permission denied", "the folder above"]);
    assert_eq!(scratch.names(""), ["fleetnet", "package"]);
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let scratch = Scratch::with_package("leftover");
    scratch.write(".out.fleetnet-new/half/written", "junk");
    scratch.run(&BUILD).ends(0);
    assert_eq!(scratch.names(""), ["out", "package"]);
    assert!(scratch.tree("out").iter().all(|(name, _)| name != "half/written"));
}

#[test]
fn many_builds_at_once_end_with_a_whole_one() {
    let scratch = Scratch::with_package("many");
    let mut children: Vec<_> =
        (0..8).map(|_| scratch.command(&[&BUILD[..], &["-q"]].concat()).spawn().unwrap()).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let many = scratch.tree("out");
    assert_eq!(scratch.names(""), ["out", "package"]);
    assert_eq!(scratch.names("package"), ["fleet.fleetnet", "fleetnet.lock"]);
    scratch.run(&BUILD).ends(0);
    assert_eq!(scratch.tree("out"), many);
}

#[test]
fn a_full_disk() {
    let scratch = Scratch::with_package("full");
    fs::create_dir(scratch.path("disk")).unwrap();
    let run = scratch.run_with_mounts(
        r#"
        mount -t tmpfs -o size=16m tmpfs disk
        "$FLEETNET" build package -o disk/out -q
        cp -r disk/out before
        cp package/fleetnet.lock lock-before
        echo 'identity shop/new { match app = new }' >> package/fleet.fleetnet
        dd if=/dev/zero of=disk/filler bs=64k 2> dd.log || true
        code=0; "$FLEETNET" build package -o disk/out -q || code=$?
        cp -r disk/out after
        ls -A disk > names
        exit $code
        "#,
    );
    run.refused(&["can't be written: No space left on device", "free some space", "`disk/out"]);
    assert_eq!(scratch.tree("after"), scratch.tree("before"));
    assert_eq!(scratch.read("names"), "filler\nout\n");
    assert_eq!(scratch.read("package/fleetnet.lock"), scratch.read("lock-before"));
}

#[test]
fn a_mount_point() {
    let scratch = Scratch::with_package("mount");
    fs::create_dir(scratch.path("out")).unwrap();
    let run = scratch.run_with_mounts("mount -t tmpfs tmpfs out; exec \"$FLEETNET\" build package -o out -q");
    run.refused(&["`out` can't be written", "mount point", "name a directory inside it"]);
    assert_eq!(scratch.names(""), ["out", "package"]);
}

#[test]
fn a_read_only_disk() {
    let scratch = Scratch::with_package("read-only");
    fs::create_dir(scratch.path("disk")).unwrap();
    let run =
        scratch.run_with_mounts("mount -t tmpfs -o ro tmpfs disk; exec \"$FLEETNET\" build package -o disk/out -q");
    run.refused(&["`disk/out` can't be written: Read-only file system"]);
}

#[test]
fn a_build_is_only_put_in_place_when_it_is_another_directory() {
    let scratch = Scratch::with_package("inode");
    scratch.run(&BUILD).ends(0);
    let first = fs::metadata(scratch.path("out")).unwrap().ino();
    scratch.run(&BUILD).ends(0);
    let second = fs::metadata(scratch.path("out")).unwrap().ino();
    assert_ne!(first, second, "files of the old build are never written to");
}

#[test]
fn a_place_where_nothing_can_be_made() {
    let scratch = Scratch::with_package("output-proc");
    let run = scratch.run(&["build", "package", "-o", "/proc/fleetnet-out"]).ends(3);
    assert!(run.stderr.contains("/proc"), "{run:#?}");
}
