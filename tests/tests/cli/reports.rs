//! The formats that services read. `tests/sarif.rs` has a judge for one of them.

use serde_json::{Value, json};

use crate::harness::{FLEET, Scratch};

/// An error with another party in another file, a broken test, one that holds, and a warning; letters of several bytes before it.
fn broken(name: &str) -> Scratch {
    let scratch = Scratch::with_package(name);
    let tests = "test \"é, 🕸\" { cannot shop/web -> shop/cart on 8080/tcp }\n\
                 test \"<holds> & \\\"more\\\"\" { can shop/web -> shop/cart on 8080/tcp }\n\
                 invariant calm \"all ports\" { require `true` }\n";
    scratch.write("package/a b/tests.fleetnet", tests);
    scratch.write("package/unused.fleetnet", "group nobody-uses-this { shop/web }\n");
    scratch
}

fn json(scratch: &Scratch, format: &str, code: i32) -> Value {
    serde_json::from_str(&scratch.run(&["check", "package", "--format", format]).ends(code).stdout).unwrap()
}

#[test]
fn a_package_without_findings_gives_an_empty_report() {
    let scratch = Scratch::with_package("report-empty");
    let sarif = json(&scratch, "sarif", 0);
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"], json!([]));
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"], json!([]));
    assert_eq!(json(&scratch, "gitlab", 0), json!([]));
    assert_eq!(scratch.run(&["check", "package", "--format", "github"]).ends(0).stdout, "");
    let junit = scratch.run(&["check", "package", "--format", "junit"]).ends(0).stdout;
    assert_eq!(
        junit,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fleetnet" tests="1" failures="0" errors="0" skipped="0">
  <testsuite name="package/fleet.fleetnet" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="package/fleet.fleetnet" name="no findings" file="package/fleet.fleetnet">
    </testcase>
  </testsuite>
</testsuites>
"#
    );
}

#[test]
fn a_sarif_log_has_rules_places_and_links() {
    let scratch = broken("sarif");
    let log = json(&scratch, "sarif", 1);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{results:#?}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let page = scratch.run(&["explain", result["ruleId"].as_str().unwrap()]).ends(0).stdout;
        assert_eq!(rule["help"]["markdown"], page);
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "package/a%20b/tests.fleetnet", "uriBaseId": "%SRCROOT%" }));
    // The name holds a letter of two bytes and one of four, which is two in UTF-16.
    assert_eq!(place["region"]["startColumn"], 16);
    let message = results[0]["message"]["text"].as_str().unwrap();
    for related in results[0]["relatedLocations"].as_array().unwrap() {
        assert!(message.contains(&format!("]({})", related["id"])), "{message}");
    }
    assert_eq!(results[1]["level"], "warning");
}

/// Where a job runs in its checkout makes no difference.
#[test]
fn services_get_paths_from_the_root_of_their_checkout() {
    let scratch = broken("checkout");
    let root = scratch.path("").display().to_string();
    let run = |format, variable| {
        let mut command = scratch.command(&["-C", "package/a b", "check", "--format", format]);
        crate::harness::Run::of(command.env(variable, &root)).ends(1).stdout
    };
    assert!(run("github", "GITHUB_WORKSPACE").contains("file=package/unused.fleetnet,"));
    assert!(run("sarif", "GITHUB_WORKSPACE").contains(r#""uri":"package/unused.fleetnet","uriBaseId""#));
    assert!(run("gitlab", "CI_PROJECT_DIR").contains(r#""path":"package/unused.fleetnet""#));
    assert!(run("junit", "CI_PROJECT_DIR").contains(r#" file="package/unused.fleetnet""#));
    // Without one, a path that leads out of the folder has to be whole in a log.
    let alone = scratch.run(&["-C", "package/a b", "check", "--format", "sarif"]).ends(1).stdout;
    assert!(alone.contains(&format!(r#""uri":"file://{root}package/unused.fleetnet"}}"#)), "{alone}");
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let scratch = broken("moved");
    let of = |scratch: &Scratch| {
        let of = |value: &Value, pointer: &str| value.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let gitlab = json(scratch, "gitlab", 1);
        let gitlab = gitlab.as_array().unwrap().iter().map(|issue| of(issue, "/fingerprint")).collect::<Vec<_>>();
        let sarif = json(scratch, "sarif", 1);
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        let sarif: Vec<_> = results.map(|result| of(result, "/partialFingerprints/fleetnetFinding~1v1")).collect();
        assert_eq!(gitlab, sarif);
        gitlab
    };
    let before = of(&scratch);
    let text = scratch.read("package/unused.fleetnet");
    scratch.write("package/unused.fleetnet", format!("\n\n  {text}"));
    assert_eq!(of(&scratch), before);
    scratch.write("package/unused.fleetnet", text.replace("this", "that"));
    assert_ne!(of(&scratch), before);
}

#[test]
fn github_marks_lines_and_gitlab_gets_issues() {
    let scratch = broken("marks");
    let commands = scratch.run(&["check", "package", "--format", "github"]).ends(1).stdout;
    let commands: Vec<&str> = commands.lines().collect();
    assert!(commands[0].starts_with("::error file=package/a b/tests.fleetnet,line=1,endLine=1,col=15,endColumn="));
    let title = "title=FN0250%3A declared and not used::";
    assert!(commands[1].starts_with("::warning file=package/unused.fleetnet,line=1,"), "{commands:#?}");
    assert!(commands[1].contains(title) && commands.len() == 2, "{commands:#?}");

    let issues = json(&scratch, "gitlab", 1);
    assert_eq!(issues[0]["severity"], "major");
    assert_eq!(issues[1]["check_name"], "FN0250");
    assert_eq!(issues[1]["severity"], "minor");
    assert_eq!(issues[1]["location"]["path"], "package/unused.fleetnet");
    assert_eq!(issues[1]["location"]["positions"]["begin"], json!({ "line": 1, "column": 7 }));
}

#[test]
fn junit_has_cases_for_findings_and_promises() {
    let scratch = broken("junit");
    let xml = scratch.run(&["check", "package", "--format", "junit"]).ends(1).stdout;
    for part in [
        r#"<testsuites name="fleetnet" tests="6" failures="1" errors="0" skipped="0">"#,
        r#"<testsuite name="package/a b/tests.fleetnet" tests="1" failures="0" errors="0" skipped="0">"#,
        r#"<testsuite name="tests" tests="2" failures="1" errors="0" skipped="0">"#,
        r#"<testcase classname="package/a b/tests.fleetnet" name="é, 🕸" file="package/a b/tests.fleetnet" line="1">"#,
        r#"name="&lt;holds&gt; &amp; &quot;more&quot;""#,
        r#"name="calm: all ports""#,
        r#"<failure type="FN0"#,
        "<system-out>package/unused.fleetnet:1:7: warning[FN0250]: ",
    ] {
        assert!(xml.contains(part), "{part} is missing in {xml}");
    }
}

/// What is wrong before tests are asked leaves them out or skips them; nothing is claimed to hold.
#[test]
fn promises_that_were_not_asked_do_not_pass() {
    let scratch = Scratch::new("unasked");
    let broken = FLEET.replace("id 1 ;", "id 300 ;") + "test \"web\" { can shop/web -> shop/cart on 8080/tcp }\n";
    let run = scratch.run_with_input(&["check", "-", "--format", "junit"], broken.as_bytes()).ends(1);
    let suite = run.stdout.split_once(r#"<testsuite name="tests""#).map_or("", |(_, suite)| suite);
    assert!(suite.is_empty() || suite.contains("<skipped "), "{run:#?}");
}
