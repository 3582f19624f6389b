//! `fleetnet init`: what it writes checks without a finding, and nothing that is there is changed.

use std::io::Write as _;
use std::process::Stdio;

use fleetnet_tests::program::program;

use crate::harness::{Run, Scratch};

const KUBECONFIG: &str = r#"apiVersion: v1
kind: Config
current-context: Prod_East
contexts:
- name: Prod_East
  context: { cluster: east, user: admin }
- name: prod-east
  context: { cluster: east, user: other }
- name: arn:aws:eks:eu-west-1:123456789012:cluster/shop
  context: { cluster: shop, user: admin }
- name: default
  context: { cluster: local, user: admin }
- name: "all"
  context: { cluster: all, user: admin }
- name: 'a "quoted" \ name'
  context: { cluster: odd, user: admin }
- name: Prod_East
  context: { cluster: again, user: admin }
- name: ""
  context: { cluster: unnamed, user: admin }
"#;

/// The package is made, and has nothing that CI would refuse.
#[track_caller]
fn makes(scratch: &Scratch, args: &[&str]) {
    let made = scratch.run(&[&["init"], args].concat()).ends(0);
    assert_eq!(made.stdout, "", "{made:#?}");
    scratch.run(&["check", args[0], "--deny", "warnings"]).ends(0);
    scratch.run(&["fmt", args[0], "--check"]).ends(0);
}

#[test]
fn every_combination_of_flags_checks_clean() {
    let scratch = Scratch::new("init-flags");
    scratch.write("config", KUBECONFIG);
    let names: [&[&str]; 2] = [&[], &["--name", "shop"]];
    let clusters: [&[&str]; 5] = [
        &[],
        &["--cluster", "east"],
        &["--cluster", "east", "--cluster", "west=10.1.0.0/16,fd00:1::/56"],
        &["--cluster", "east=10.0.0.0/12", "--cluster", "west", "--cluster", "south=10.17.0.0/16"],
        &["--from-contexts=config", "--cluster", "own"],
    ];
    let targets: [&[&str]; 3] = [&[], &["--target", "cilium"], &["--target", "azure-fleet"]];
    let meshes: [&[&str]; 2] = [&[], &["--mesh", "prod"]];
    let mut count = 0;
    for name in names {
        for clusters in clusters {
            for target in targets {
                for mesh in meshes {
                    let folder = format!("package-{count}");
                    let args = [&[folder.as_str()], name, clusters, target, mesh].concat();
                    let alone = clusters.len() < 2 || clusters == ["--cluster", "east"];
                    if alone && !mesh.is_empty() {
                        // A mesh of one cluster is what it seems, a mistake.
                        scratch.run(&[&["init"], &args[..]].concat()).finds(&["mesh `prod` has one member"]);
                    } else {
                        makes(&scratch, &args);
                    }
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 60);
}

#[test]
fn a_new_package_builds() {
    let scratch = Scratch::new("init-build");
    makes(&scratch, &["shop", "--cluster", "east", "--cluster", "west"]);
    scratch.run(&["build", "shop", "-o", "out"]).ends(0);
    assert!(scratch.read("out/clusters/west/50-policies.yaml").contains("namespace: apps"));
}

#[test]
fn contexts_become_clusters_with_legal_names_of_their_own() {
    let scratch = Scratch::new("init-contexts");
    scratch.write("config", KUBECONFIG);
    makes(&scratch, &["fleet", "--from-contexts=config"]);
    let source = scratch.read("fleet/fleet.fleetnet");
    let headed = |keyword: &str| -> Vec<String> {
        source.lines().filter_map(|line| line.trim().strip_prefix(keyword)).map(str::to_owned).collect()
    };
    let names = [
        "prod-east {",
        "prod-east-2 {",
        "west-1-123456789012-cluster-shop {",
        "default-1 {",
        "all-1 {",
        "a--quoted----name {",
    ];
    assert_eq!(headed("cluster "), names);
    assert_eq!(headed("context ")[0], r#""Prod_East""#);
    assert_eq!(headed("context ")[5], r#""a \"quoted\" \\ name""#);
}

#[test]
fn the_folder_names_the_fleet_unless_it_is_said() {
    let scratch = Scratch::new("init-name");
    makes(&scratch, &["My_Fleet"]);
    assert!(scratch.read("My_Fleet/fleet.fleetnet").contains("\nfleet my-fleet {\n"));
    makes(&scratch, &["other", "--name", "shop"]);
    assert!(scratch.read("other/fleet.fleetnet").contains("\nfleet shop {\n"));
}

#[test]
fn a_package_that_is_there_stays_as_it_is() {
    let scratch = Scratch::with_package("init-taken");
    scratch.write("apart/teams/shop.fleetnet", "# nothing yet\n");
    scratch.write("package/teams/notes.txt", "");
    let before = [scratch.tree("package"), scratch.tree("apart")];
    for folder in ["package", "package/teams", "package/new", "apart"] {
        scratch.run(&["init", folder]).refused(&["is a part of a package already", "name another folder"]);
    }
    assert_eq!(before, [scratch.tree("package"), scratch.tree("apart")]);
}

#[test]
fn what_would_not_check_is_not_written() {
    let scratch = Scratch::new("init-overlap");
    let args = ["init", "shop", "--cluster", "a=10.0.0.0/8", "--cluster", "b=10.1.0.0/16", "--mesh", "m"];
    let run = scratch.run(&args).finds(&["overlap"]);
    assert!(run.stderr.contains("nothing was written"), "{run:#?}");
    scratch.run(&["init", "shop", "--cluster", "a", "--cluster", "a"]).refused(&["`a` is named twice"]);
    assert!(scratch.names(".").is_empty(), "{:?}", scratch.names("."));
}

#[test]
fn words_that_are_no_names_are_wrong_usage() {
    let scratch = Scratch::new("init-usage");
    let usage = |args: &[&str], part: &str| {
        let run: Run = scratch.run(args).ends(2);
        assert!(run.stderr.contains(part), "{run:#?}");
    };
    usage(&["init", "--name", "My Fleet"], "My Fleet");
    usage(&["init", "--cluster", "all"], "means something built in");
    usage(&["init", "--cluster", "a=10.0.0.1/8"], "10.0.0.0/8");
    usage(&["init", "--target", "istio"], "azure-fleet");
}

#[test]
fn a_kubeconfig_that_cannot_be_used_is_refused() {
    let scratch = Scratch::new("init-kubeconfig");
    scratch.write("text", "contexts: [");
    scratch.write("none", "kind: Config\ncontexts: []\n");
    scratch.run(&["init", "--from-contexts=text"]).refused(&["`text` is no kubeconfig file"]);
    scratch.run(&["init", "--from-contexts=none"]).refused(&["has no contexts", "--cluster"]);
    scratch.run(&["init", "--from-contexts=missing"]).refused(&["`missing` can't be read", "`--from-contexts=FILE`"]);
}

#[test]
fn every_kubeconfig_of_the_list_is_read_that_is_there() {
    let scratch = Scratch::new("init-kubeconfigs");
    scratch.write("first", KUBECONFIG);
    scratch.write("second", "contexts:\n- name: Prod_East\n- name: more\n");
    let run = |list: &str, folder: &str| {
        Run::of(scratch.command(&["init", folder, "--from-contexts"]).env("KUBECONFIG", list))
    };
    run("missing:first:second", "fleet").ends(0);
    let source = scratch.read("fleet/fleet.fleetnet");
    assert!(source.contains("cluster prod-east-2 {") && source.contains("cluster more {"), "{source}");
    assert_eq!(source.matches("\"Prod_East\"").count(), 1, "{source}");
    run("missing:gone", "other").refused(&["`missing` can't be read"]);
}

/// On a terminal, made by `script`: every question with its default taken, one mended, one with the end of input.
#[test]
fn a_terminal_is_asked() {
    let scratch = Scratch::new("init-asked");
    let session = |folder: &str, answers: &str| {
        let command = format!("'{}' init {folder}", program().display());
        let mut script = std::process::Command::new("script");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(scratch.path("."));
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = script.spawn().unwrap();
        child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = session("defaults", "\n\n\n\n");
    assert!(shown.contains("Name of the fleet [defaults]:"), "{shown}");
    assert!(scratch.read("defaults/fleet.fleetnet").contains("cluster one {"));
    let shown = session("joined", "all\nshop\neast, west\ncilium\n\n");
    assert!(shown.contains("`all` means something built in") && shown.contains("or `none` [prod]:"), "{shown}");
    let source = scratch.read("joined/fleet.fleetnet");
    assert!(source.contains("fleet shop {") && source.contains("mesh prod {"), "{source}");
    // ^D ends the input: what was not answered is the default.
    session("ended", "\n\u{4}");
    assert!(scratch.read("ended/fleet.fleetnet").contains("cluster one {"));
}

/// Nobody answers a pipe, whatever comes through it.
#[test]
fn nothing_is_asked_without_a_terminal() {
    let scratch = Scratch::new("init-piped");
    let run = scratch.run_with_input(&["init", "shop"], b"other\nx, y\n").ends(0);
    assert!(!run.stderr.contains("Name of the fleet"), "{run:#?}");
    let source = scratch.read("shop/fleet.fleetnet");
    assert!(source.contains("fleet shop {") && source.contains("cluster one {"), "{source}");
}
