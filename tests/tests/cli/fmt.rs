//! `fleetnet fmt`: what it writes and what it leaves alone.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::harness::{Scratch, example};

const UGLY: &str = "param  size=5   # five\r\n\r\n\r\nmesh m {members one;publish two}";
const LAID_OUT: &str = "param size = 5 # five\n\nmesh m { members one ; publish two }\n";

#[test]
fn the_examples_are_laid_out() {
    Scratch::new("fmt-examples").run(&["fmt", "--check", &example("contoso"), &example("blue-green")]).ends(0);
}

#[test]
fn a_folder_is_laid_out_and_what_is_right_not_touched() {
    let scratch = Scratch::new("fmt-folder");
    scratch.write("all/deep/ugly.fleetnet", UGLY);
    scratch.write("all/good.fleetnet", LAID_OUT);
    scratch.write("all/other.txt", UGLY);
    let inode = fs::metadata(scratch.path("all/good.fleetnet")).unwrap().ino();
    let run = scratch.run(&["fmt", "all"]).ends(0);
    assert!(run.stderr.contains("formatted 1 file\n"), "{run:#?}");
    assert_eq!(scratch.read("all/deep/ugly.fleetnet"), LAID_OUT);
    assert_eq!(scratch.read("all/other.txt"), UGLY);
    assert_eq!(fs::metadata(scratch.path("all/good.fleetnet")).unwrap().ino(), inode);
}

#[test]
fn check_names_what_differs_and_changes_nothing() {
    let scratch = Scratch::new("fmt-check");
    scratch.write("ugly.fleetnet", UGLY);
    scratch.write("good.fleetnet", LAID_OUT);
    let run = scratch.run(&["fmt", "--check", "good.fleetnet", "ugly.fleetnet"]).ends(1);
    assert_eq!(run.stdout, "ugly.fleetnet\n");
    assert_eq!(scratch.read("ugly.fleetnet"), UGLY);
    scratch.run(&["fmt", "--check", "good.fleetnet"]).ends(0);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let scratch = Scratch::new("fmt-stdin");
    assert_eq!(scratch.run_with_input(&["fmt", "-"], UGLY.as_bytes()).ends(0).stdout, LAID_OUT);
    assert_eq!(scratch.run_with_input(&["fmt", "-", "--check"], UGLY.as_bytes()).ends(1).stdout, "<stdin>\n");
}

/// As an editor has it while somebody types.
#[test]
fn what_is_half_typed_stays() {
    let text = "param  size=5\nmesh   m {\n   members  one\n";
    let run = Scratch::new("fmt-half").run_with_input(&["fmt", "-"], text.as_bytes()).ends(0);
    assert_eq!(run.stdout, "param size = 5\nmesh   m {\n   members  one\n");
    assert!(run.stderr.contains("`<stdin>` has mistakes in its form"), "{run:#?}");
}

#[test]
fn what_cannot_be_read_is_not_told_to_be_laid_out() {
    let scratch = Scratch::new("fmt-mistake");
    scratch.write("half.fleetnet", "mesh m {\n");
    let run = scratch.run(&["fmt", "--check", "half.fleetnet"]).ends(1);
    assert!(run.stderr.contains("`half.fleetnet` has mistakes in its form"), "{run:#?}");
}

#[test]
fn a_file_that_is_named_twice_is_one() {
    let scratch = Scratch::new("fmt-twice");
    scratch.write("all/ugly.fleetnet", UGLY);
    let run = scratch.run(&["fmt", "all/ugly.fleetnet", "all", "./all/../all/ugly.fleetnet"]).ends(0);
    assert!(run.stderr.contains("formatted 1 file\n"), "{run:#?}");
}

#[test]
fn without_a_path_the_package_around_is_laid_out() {
    let scratch = Scratch::new("fmt-around");
    scratch.write("all/fleet.fleetnet", "fleet f  { default deny }\n");
    scratch.write("all/deep/ugly.fleetnet", UGLY);
    scratch.write("ugly.fleetnet", UGLY);
    let run = scratch.run(&["-C", "all/deep", "fmt"]).ends(0);
    assert!(run.stderr.contains("formatted 2 files\n"), "{run:#?}");
    assert_eq!(scratch.read("ugly.fleetnet"), UGLY);
}

#[test]
fn a_hostile_name_does_not_command_the_terminal() {
    let scratch = Scratch::new("fmt-name");
    scratch.write("red\u{1b}[31m.fleetnet", UGLY);
    let run = scratch.run(&["fmt", "--check", "."]).ends(1);
    assert!(run.stdout.contains("red?[31m.fleetnet\n"), "{run:#?}");
}

#[test]
fn what_is_no_text_is_refused_and_nothing_written() {
    let scratch = Scratch::new("fmt-binary");
    scratch.write("a.fleetnet", UGLY);
    scratch.write("b.fleetnet", b"\xff");
    scratch.run(&["fmt", "."]).refused(&["b.fleetnet` is not UTF-8"]);
    assert_eq!(scratch.read("a.fleetnet"), UGLY);
    scratch.run(&["fmt", "nowhere"]).refused(&["`nowhere` can't be read", "check the path"]);
}

/// What `git apply` makes of it is what would have been written.
#[test]
fn a_patch_shows_what_would_change() {
    let scratch = Scratch::new("fmt-diff");
    scratch.write("ugly.fleetnet", "param  a=1\nparam b = 2\nmesh m {members one}");
    let run = scratch.run(&["fmt", "--diff", "."]).ends(1);
    let expected = "--- ugly.fleetnet\n+++ ugly.fleetnet\n@@ -1,3 +1,3 @@\n-param  a=1\n+param a = 1\n param b = 2\n-mesh m {members one}\n\\ No newline at end of file\n+mesh m { members one }\n";
    assert_eq!(run.stdout, expected);
    assert!(run.stderr.contains("1 file not formatted\n"), "{run:#?}");
    assert!(scratch.read("ugly.fleetnet").starts_with("param  a=1"));

    scratch.write("of.patch", run.stdout.as_bytes());
    let patched =
        Command::new("git").args(["apply", "-p0", "of.patch"]).current_dir(scratch.path("")).output().unwrap();
    assert!(patched.status.success(), "{patched:#?}");
    let by_patch = scratch.read("ugly.fleetnet");
    scratch.run(&["fmt", "."]).ends(0);
    assert_eq!(scratch.read("ugly.fleetnet"), by_patch);
    assert_eq!(scratch.run(&["fmt", "--diff", "--check", "."]).ends(0).stdout, "");
    assert!(
        scratch.run_with_input(&["fmt", "-", "--diff"], b"param  a=1\n").ends(1).stdout.starts_with("--- <stdin>\n")
    );
}
