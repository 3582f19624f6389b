//! `check --fix`: what it changes, what it leaves, and what it says.

use crate::harness::{FLEET, Scratch};

/// Two statements on a line, which only want a `;`.
const TWO_ON_A_LINE: &str = "namespace more { in one labels { a = b } }\n";
/// A slip, of which only its author knows what was meant.
const SLIP: &str = "namespace most { in onee }\n";

#[test]
fn what_can_be_mended_in_one_way_is() {
    let scratch = Scratch::with_package("fix");
    scratch.write("package/a/more.fleetnet", TWO_ON_A_LINE);
    let before = scratch.read("package/fleet.fleetnet");
    scratch.run(&["check", "package"]).ends(1);
    let run = scratch.run(&["check", "package", "--fix"]).ends(0);
    assert_eq!(scratch.read("package/a/more.fleetnet"), "namespace more { in one ; labels { a = b } }\n");
    assert_eq!(scratch.read("package/fleet.fleetnet"), before);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(lines[0].starts_with("fixed package/a/more.fleetnet:1:25: error[FN0012]: "), "{run:#?}");
    assert_eq!(lines.last(), Some(&"1 finding fixed"), "{run:#?}");
    // A second run has nothing to do, and nothing is left behind.
    let run = scratch.run(&["check", "package", "--fix"]).ends(0);
    assert_eq!(run.stderr, "0 errors, 0 warnings\n0 findings fixed\n");
    assert_eq!(scratch.names("package/a"), ["more.fleetnet"]);
}

#[test]
fn what_somebody_has_to_look_at_is_left() {
    let scratch = Scratch::with_package("fix-unsafe");
    scratch.write("package/most.fleetnet", SLIP);
    scratch.write("package/more.fleetnet", TWO_ON_A_LINE);
    let run = scratch.run(&["check", "package", "--fix", "--format", "plain"]).finds(&["error[FN0203]: `onee` is not"]);
    assert!(run.stderr.ends_with("1 finding fixed\n"), "{run:#?}");
    assert_eq!(scratch.read("package/most.fleetnet"), SLIP);
    assert_ne!(scratch.read("package/more.fleetnet"), TWO_ON_A_LINE);
    scratch.run(&["check", "package", "--fix", "--unsafe-fixes"]).ends(0);
    assert_eq!(scratch.read("package/most.fleetnet"), SLIP.replace("onee", "one"));
}

/// What one fix makes room for is mended in the next round.
#[test]
fn fixes_are_made_until_none_is_left() {
    let scratch = Scratch::with_package("fix-rounds");
    scratch.write("package/more.fleetnet", "namespace more { in onee labels { a = b } annotations { c = d } }\n");
    let run = scratch.run(&["check", "package", "--fix", "--unsafe-fixes"]).ends(0);
    assert!(run.stderr.ends_with("3 findings fixed\n"), "{run:#?}");
    let mended = "namespace more { in one ; labels { a = b } ; annotations { c = d } }\n";
    assert_eq!(scratch.read("package/more.fleetnet"), mended);
}

#[test]
fn standard_input_comes_out_mended() {
    let scratch = Scratch::new("fix-stdin");
    let text = format!("{FLEET}{TWO_ON_A_LINE}{SLIP}");
    let run = scratch.run_with_input(&["check", "-", "--fix"], text.as_bytes()).ends(1);
    assert_eq!(run.stdout, text.replace("in one labels", "in one ; labels"));
    assert!(run.stderr.contains(": error[FN0203]: "), "{run:#?}");
    // What has nothing to mend comes out as it went in.
    assert_eq!(scratch.run_with_input(&["check", "-", "--fix"], FLEET.as_bytes()).ends(0).stdout, FLEET);
    for wrong in [&["--format", "json"][..], &["--watch"]] {
        scratch.run_with_input(&[&["check", "-", "--fix"], wrong].concat(), FLEET.as_bytes()).ends(2);
    }
}

/// What is allowed is not mended either, and files that can't be written are named.
#[test]
fn nothing_is_written_where_nothing_is_to_be() {
    let scratch = Scratch::with_package("fix-nothing");
    scratch.write("package/more.fleetnet", TWO_ON_A_LINE);
    scratch.set_mode("package", 0o555);
    let run = scratch.run_as_nobody(&["check", "package", "--fix"]);
    scratch.set_mode("package", 0o755);
    run.refused(&["package/more.fleetnet"]);
    assert_eq!(scratch.read("package/more.fleetnet"), TWO_ON_A_LINE);
    for wrong in [&["--watch", "--fix"][..], &["--unsafe-fixes"]] {
        scratch.run(&[&["check", "package"], wrong].concat()).ends(2);
    }
}
