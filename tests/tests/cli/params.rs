//! Values for parameters from outside: `--set` and environment files.

use std::os::unix::fs::symlink;

use crate::harness::Scratch;

const PACKAGE: &str = r#"fleet tiny { target cilium ; default deny }
param owner = "nobody"
param place = nowhere
cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.18.0" }
namespace shop { in $place ; owner $owner }
"#;

fn scratch(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("package/a.fleetnet", PACKAGE);
    scratch.write("envs/base.params", "owner = \"us\"\nplace = nowhere\n");
    scratch.write("envs/prod.params", "# Where it runs.\nplace = one\n");
    scratch
}

#[test]
fn every_command_that_compiles_takes_environment_files() {
    let scratch = scratch("env-commands");
    scratch.run(&["check", "package"]).finds(&["FN0203"]);
    let envs = ["--env", "envs/base.params", "--env", "envs/prod.params"];
    for command in [
        &["check", "package"][..],
        &["build", "package", "-o", "out"],
        &["lock", "package"],
        &["graph", "package"],
        &["why", "shop/unlisted", "world", "any", "-p", "package"],
    ] {
        scratch.run(&[command, &envs].concat()).ends(0);
    }
    scratch.run_with_input(&["check", "-", "--env", "envs/prod.params"], PACKAGE.as_bytes()).ends(0);
}

#[test]
fn the_later_file_holds_and_the_command_line_before_all() {
    let scratch = scratch("env-order");
    scratch.run(&["check", "package", "--env", "envs/prod.params", "--env", "envs/base.params"]).finds(&["FN0203"]);
    let set = ["check", "package", "--set", "place=one", "--env", "envs/base.params"];
    scratch.run(&set).ends(0);
    scratch.run(&["check", "package", "--env", "envs/prod.params", "--set", "place=two"]).finds(&["FN0203"]);
}

/// Whoever sets a value, the build is the same.
#[test]
fn a_build_holds_what_was_set_and_not_by_whom() {
    let scratch = scratch("env-build");
    let files = ["build", "package", "-o", "one", "--env", "envs/base.params", "--env", "envs/prod.params"];
    scratch.run(&files).ends(0);
    scratch.run(&["build", "package", "-o", "two", "--set", "place=one", "--set", "owner=us"]).ends(0);
    assert_eq!(scratch.read("one/build.json"), scratch.read("two/build.json"));
    assert!(scratch.read("one/build.json").contains("\"us\""));
    scratch.run(&["build", "package", "-o", "three", "--env", "envs/prod.params"]).ends(0);
    assert_ne!(scratch.read("one/build.json"), scratch.read("three/build.json"));
}

/// Paths are seen from where the command runs, wherever the package and the file lie.
#[test]
fn findings_stand_in_the_file() {
    let scratch = scratch("env-findings");
    scratch.write("envs/bad.params", "place = one\nownr = \"us\"\n");
    scratch.write("package/own.params", "place = 5%\n");
    let run = |args: &[&str]| scratch.run(&[&["check", "--format", "plain"], args].concat());
    let line = "envs/bad.params:2:1: error[FN0232]: a value is set for `ownr`";
    run(&["package", "--env", "envs/bad.params"]).finds(&[line, "bad.params"]);
    let from_within = run(&["-C", "package", "--env", "../envs/bad.params"]).ends(1);
    assert!(from_within.stdout.starts_with(&format!("../{line}")), "{from_within:#?}");
    run(&["package", "--env", "package/own.params"]).finds(&["package/own.params:1:9: error[FN0231]"]);
    scratch.write("envs/bad.params", b"place = \xff\n");
    run(&["package", "--env", "envs/bad.params"]).finds(&["envs/bad.params:1:9: error[FN1001]"]);
}

#[test]
fn files_that_are_none() {
    let scratch = scratch("env-none");
    let run = |file: &str| scratch.run(&["check", "package", "--env", file]);
    run("nowhere.params").refused(&["`nowhere.params` can't be read", "check the path"]);
    run("package/a.fleetnet").refused(&["`package/a.fleetnet` is a source by its name", "`.params`"]);
    run("envs").refused(&["`envs` is not a regular file; write `NAME = VALUE` lines into one"]);
    // As a mounted ConfigMap looks.
    symlink("prod.params", scratch.path("envs/link.params")).unwrap();
    run("envs/link.params").ends(0);
}
