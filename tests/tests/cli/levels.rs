//! `--deny` and `--allow`: how bad findings are taken to be.

use crate::harness::Scratch;

/// Who nobody uses, FN0250, is a warning.
const UNUSED: &str = "group nobody-uses-this { shop/web }\n";

fn unused(name: &str) -> Scratch {
    let scratch = Scratch::with_package(name);
    scratch.write("package/unused.fleetnet", UNUSED);
    scratch
}

#[test]
fn what_is_denied_is_an_error_whoever_asks() {
    let scratch = unused("denied");
    for level in ["warnings", "FN0250", "fn250", "FN0203,FN0250"] {
        for command in [&["check", "package"][..], &["build", "package", "-o", "out"], &["lock", "package"]] {
            let run = scratch.run(&[command, &["--deny", level, "--format", "plain"]].concat());
            let run = run.finds(&["package/unused.fleetnet:1:7: error[FN0250]: "]);
            assert_eq!(run.stderr, "1 error, 0 warnings\n", "{level}");
        }
    }
    assert_eq!(scratch.names(""), ["package"]);
    assert_eq!(scratch.names("package"), ["fleet.fleetnet", "unused.fleetnet"]);
}

#[test]
fn what_is_allowed_is_counted_and_not_shown_in_any_format() {
    let scratch = unused("allowed");
    for format in ["human", "plain", "json", "jsonl", "sarif", "github", "gitlab", "junit"] {
        let check = ["check", "package", "--format", format];
        assert!(scratch.run(&check).ends(0).stdout.contains("FN0250"), "{format}");
        let run = scratch.run(&[&check[..], &["--allow", "FN0250", "--deny", "warnings"]].concat()).ends(0);
        assert!(!run.stdout.contains("FN0250"), "{run:#?}");
        assert_eq!(run.stderr, "0 errors, 0 warnings, 1 allowed\n", "{format}");
    }
    let json = scratch.run(&["check", "package", "--format", "json", "--allow", "FN0250"]).ends(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["allowed"], 1);
}

#[test]
fn levels_that_mean_nothing_are_wrong_usage() {
    let scratch = unused("levels");
    for (levels, said) in [
        (&["--deny", "FN0298"][..], "did you mean FN"),
        (&["--deny", "warning"], "did you mean `warnings`?"),
        (&["--allow", "everything"], "no finding has this code"),
        (&["--allow", "FN0203"], "FN0203 is an error, and nothing is built of a package with errors"),
        (&["--deny", "FN0250", "--allow", "FN0250"], "FN0250 can't be both denied and allowed"),
    ] {
        let run = scratch.run(&[&["check", "package"], levels].concat()).ends(2);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{levels:?}: {run:#?}");
    }
}
