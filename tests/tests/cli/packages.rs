//! Several packages in one tree of folders.

use crate::harness::{FLEET, Scratch};

const WRONG: &str = "namespace other { in nowhere }\n";

/// Two beside each other, one of them with a mistake, and one in the other's folder.
fn tree(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("all/one/a.fleetnet", FLEET);
    scratch.write("all/two/a.fleetnet", FLEET);
    scratch.write("all/two/teams/shop/b.fleetnet", WRONG);
    scratch
}

#[test]
fn a_package_ends_where_its_folder_does() {
    let scratch = tree("packages-beside");
    scratch.run(&["check", "all"]).refused(&["`all` holds several packages: `all/one`, `all/two`; name one of them"]);
    scratch.run(&["check", "all/one"]).ends(0);
    scratch.run(&["check", "all/one/a.fleetnet"]).ends(0);
    let line = "all/two/teams/shop/b.fleetnet:1:22: error[FN0203]";
    for path in ["all/two", "all/two/a.fleetnet", "all/two/teams", "all/two/teams/shop/b.fleetnet"] {
        scratch.run(&["check", path, "--format", "plain"]).finds(&[line]);
    }
    let run = scratch.run(&["check", "-C", "all/two/teams/shop", "--format", "plain"]).ends(1);
    assert!(run.stdout.starts_with("../../teams/shop/b.fleetnet:1:22: error[FN0203]"), "{run:#?}");
}

#[test]
fn a_package_in_another_is_a_second_fleet_to_it() {
    let scratch = tree("packages-within");
    scratch.write("all/one/inner/a.fleetnet", FLEET);
    let outer = scratch.run(&["check", "all/one", "--format", "plain"]);
    outer.finds(&["all/one/inner/a.fleetnet:1:7: error[FN0201]"]);
    let inner = scratch.run(&["check", "all/one/inner"]).ends(0);
    let told = "warning: `all/one/inner` lies in the package of `";
    assert!(inner.stderr.contains(told) && inner.stderr.contains("/all/one`, which reads its files too"), "{inner:#?}");
    let beside = scratch.run(&["check", "all/two/a.fleetnet"]).ends(1);
    assert!(!beside.stderr.contains("lies in the package"), "{beside:#?}");
}

/// A lock lies beside the fleet, from wherever it is written.
#[test]
fn the_only_package_below_is_the_one_that_is_meant() {
    let scratch = Scratch::new("packages-only");
    scratch.write("repository/net/a.fleetnet", FLEET);
    scratch.write("repository/readme.md", "text");
    scratch.run(&["lock", "repository"]).ends(0);
    assert_eq!(scratch.names("repository"), ["net", "readme.md"]);
    assert_eq!(scratch.names("repository/net"), ["a.fleetnet", "fleetnet.lock"]);
    scratch.write("repository/net/b.fleetnet", WRONG);
    let run = scratch.run(&["check", "repository", "--format", "plain"]);
    run.finds(&["repository/net/b.fleetnet:1:22: error[FN0203]"]);
    // With files elsewhere, the folder that is named is the package.
    scratch.write("repository/teams/c.fleetnet", WRONG);
    scratch.run(&["check", "repository", "--format", "plain"]).finds(&["repository/teams/c.fleetnet:1:"]);
}

#[test]
fn a_layout_knows_no_packages() {
    let scratch = tree("packages-fmt");
    scratch.write("all/one/a.fleetnet", "param  a=1\n");
    scratch.write("all/two/teams/shop/b.fleetnet", "param  b=2\n");
    let run = scratch.run(&["fmt", "--check", "all"]).ends(1);
    assert_eq!(run.stdout, "all/one/a.fleetnet\nall/two/teams/shop/b.fleetnet\n");
    scratch.run(&["fmt", "all"]).ends(0);
    assert_eq!(scratch.read("all/two/teams/shop/b.fleetnet"), "param b = 2\n");
}
