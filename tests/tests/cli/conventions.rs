//! What people expect of a program: exit codes, formats, colours, pipes, where it looks for things.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use crate::harness::{FLEET, Run, Scratch, example};

/// Two errors, the second with another party in another file.
const BROKEN: &str = "cluster two { id 2 ; pods 10.0.0.1/8 }\nnamespace shop { in one }\n";

fn broken(name: &str) -> Scratch {
    let scratch = Scratch::with_package(name);
    scratch.write("package/teams/more.fleetnet", BROKEN);
    scratch
}

#[test]
fn the_examples_check() {
    for name in ["contoso", "blue-green"] {
        Scratch::new("examples").run(&["check", &example(name)]).ends(0);
    }
}

/// What a newcomer copies first.
#[test]
fn the_example_of_the_readme_checks() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (_, example) = readme.split_once("```fleetnet\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    Scratch::new("readme").run_with_input(&["check", "-", "--deny", "warnings"], example.as_bytes()).ends(0);
}

#[test]
fn exit_codes() {
    let scratch = broken("codes");
    scratch.run(&["check", "package"]).ends(1);
    for wrong in [&["check", "--no-such"][..], &["chekc"], &[], &["build"], &["check", "--set", "a"]] {
        let run = scratch.run(wrong).ends(2);
        assert!(run.stderr.contains("Usage") || run.stderr.contains("--help"), "{run:#?}");
    }
    scratch.run(&["check", "elsewhere"]).ends(3);
    scratch.run(&["--version"]).ends(0);
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let scratch = Scratch::with_package("deny");
    scratch.write("package/unused.fleetnet", "group nobody-uses-this { shop/web }\n");
    let run = scratch.run(&["check", "package"]).ends(0);
    assert_eq!(run.stderr, "0 errors, 1 warning\n", "{run:#?}");
    scratch.run(&["check", "package", "--deny", "warnings"]).ends(1);
    scratch.run(&["build", "package", "-o", "out", "--deny", "warnings"]).ends(1);
    assert_eq!(scratch.names(""), ["package"]);
}

#[test]
fn a_package_is_found_from_any_folder_below() {
    let scratch = broken("below");
    let line = "teams/more.fleetnet:1:27: error[FN0107]";
    for (args, shown) in [
        (&["check", "package"][..], format!("package/{line}")),
        (&["check", "package/teams"], format!("package/{line}")),
        (&["check", "package/teams/more.fleetnet"], format!("package/{line}")),
        (&["check", "-C", "package"], line.to_owned()),
        (&["-C", "package/teams", "check"], format!("../{line}")),
    ] {
        let args = [args, &["--format", "plain"]].concat();
        let run = scratch.run(&args).ends(1);
        assert!(run.stdout.lines().any(|line| line.starts_with(&shown)), "{shown}: {run:#?}");
    }
}

#[test]
fn a_file_from_standard_input() {
    let scratch = Scratch::new("stdin");
    scratch.run_with_input(&["check", "-"], FLEET.as_bytes()).ends(0);
    let text = FLEET.replace("10.1.0.0/16", "10.1.0.1/16");
    let run = scratch.run_with_input(&["check", "-", "--format", "plain"], text.as_bytes());
    run.finds(&["<stdin>:6:41: error[FN0107]: "]);
}

#[test]
fn formats_say_the_same() {
    let scratch = broken("formats");
    let run = |format| scratch.run(&["check", "package", "--format", format]).ends(1);
    let document: serde_json::Value = serde_json::from_str(&run("json").stdout).unwrap();
    let findings = document["diagnostics"].as_array().unwrap().clone();
    assert!(findings.len() >= 2);
    assert_eq!(document["summary"]["errors"], findings.len());

    let lines = run("jsonl").stdout;
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, findings);

    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let plain = findings.iter().map(|finding| {
        let [path, severity, code, message] =
            ["path", "severity", "code", "message"].map(|field| text(&finding[field]));
        let (line, column) = (&finding["start"]["line"], &finding["start"]["column"]);
        format!("{path}:{line}:{column}: {severity}[{code}]: {message}")
    });
    assert_eq!(run("plain").stdout.lines().map(str::to_owned).collect::<Vec<_>>(), plain.collect::<Vec<_>>());

    let human = run("human").stdout;
    for finding in &findings {
        assert!(human.contains(&text(&finding["code"])), "{human}");
    }
    assert!(
        human.contains("package/teams/more.fleetnet:2:11") && human.contains("package/fleet.fleetnet:8:11"),
        "{human}"
    );
}

#[test]
fn colours_only_where_they_are_wanted() {
    let scratch = broken("colours");
    let colours = |run: Run| run.ends(1).stdout.contains('\u{1b}');
    assert!(!colours(scratch.run(&["check", "package"])), "standard output is no terminal");
    assert!(colours(scratch.run(&["check", "package", "--color", "always"])));
    assert!(!colours(scratch.run(&["check", "package", "--color", "never"])));
    let always = ["check", "package", "--color", "always"];
    assert!(colours(Run::of(scratch.command(&always).env("NO_COLOR", "1"))), "what is asked for beats the environment");
}

#[test]
fn a_terminal_is_coloured_unless_no_color_is_set() {
    let scratch = broken("terminal");
    let run = |variable: &str| {
        let line = format!("{variable} {} check package; true", crate::harness::program().display());
        let mut command = std::process::Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        command.current_dir(scratch.path("")).env("TERM", "xterm").env_remove("NO_COLOR").stdin(Stdio::null());
        Run::of(&mut command).ends(0).stdout
    };
    assert!(run("").contains("\u{1b}["));
    assert!(!run("NO_COLOR=1").contains("\u{1b}["));
}

#[test]
fn quiet_and_verbose() {
    let scratch = Scratch::with_package("quiet");
    assert_eq!(scratch.run(&["check", "package", "-q"]).ends(0).stderr, "");
    assert_eq!(scratch.run(&["check", "package"]).ends(0).stderr, "0 errors, 0 warnings\n");
    assert!(scratch.run(&["check", "package", "-v"]).ends(0).stderr.contains("compiled in"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = broken("pipe-closed");
    scratch.write("package/teams/many.fleetnet", "nonsense\n".repeat(5000));
    let mut command = scratch.command(&["check", "package"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 64]).unwrap();
    drop(stdout);
    let run = Run::from(child.wait_with_output().unwrap()).ends(1);
    assert!(run.stderr.ends_with(" warnings\n") && !run.stderr.contains("pipe"), "{run:#?}");
}

#[test]
fn output_that_goes_nowhere_is_an_error() {
    let scratch = broken("full-stdout");
    let mut command = scratch.command(&["check", "package"]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = Run::of(command.stdout(full)).ends(3);
    assert!(run.stderr.contains("error: standard output can't be written: No space left"), "{run:#?}");
}

#[test]
fn params_are_set_from_outside() {
    let scratch = Scratch::with_package("params");
    scratch.write("package/param.fleetnet", "param home = one\nnamespace more { in $home }\n");
    scratch.run(&["check", "package"]).ends(0);
    scratch.run(&["check", "package", "--set", "home=two"]).ends(1);
}
