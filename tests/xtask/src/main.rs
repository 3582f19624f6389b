//! `cargo xtask`: everything that a developer or CI runs on this repository.
//!
//! One command is the whole truth about a commit: `cargo xtask test` runs every suite, from formatting to real API
//! servers, and says at the end how many tests passed, failed and were skipped. It brings its own tools (see [`tools`]),
//! so a fresh machine needs Rust, Go, Node, git and, on Debian, apt. What is missing there skips the suites that want
//! it, by name; it never fails them and never hides them.
//!
//! What this program does not know: what fleetnet is. The tests do; this only gets them to run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is for whoever runs it")]

mod bench;
mod counts;
mod editors;
mod fuzz;
mod page;
mod process;
mod progress;
mod run;
mod suites;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

use suites::{SUITES, Suite};
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  test [SUITE…]  run the suites named, or all of them
  bench [SIZE…]  measure every stage for fleets of these sizes, or all of them
  bench language [SIZE…]
                 measure what an author waits for: findings and the layout
  fuzz SECONDS [TARGET…]
                 look for input that breaks something, so long in each target or in those named
  tools          find, install and build what the suites need, and say where it is
  wasm           build the compiler for the browser, with its JavaScript glue for Node
  page           build the page of the playground, and a `fleetnet` that holds it
  editors        build the extension of VS Code";

/// Exit codes: 0 good, 1 something failed, 2 the command line is wrong.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = match Command::parse(&arguments) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("error: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let result = Workspace::find().map(|workspace| match command {
        Command::Help => {
            println!("{USAGE}\n\nSuites:\n{}", suites::list());
            true
        }
        Command::Test(suites) => run::suites(&workspace, &suites),
        Command::Bench(arguments) => run::bench(&workspace, &arguments),
        Command::Fuzz(seconds, targets) => run::fuzz(&workspace, &targets, seconds),
        Command::Tools => run::tools(&workspace),
        Command::Wasm => run::wasm(&workspace),
        Command::Page => run::page(&workspace),
        Command::Editors => run::editors(&workspace),
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug)]
enum Command {
    Help,
    Test(Vec<&'static Suite>),
    Bench(Vec<String>),
    Fuzz(u32, Vec<&'static str>),
    Tools,
    Wasm,
    Page,
    Editors,
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let Some((name, rest)) = arguments.split_first() else {
            return Ok(Self::Help);
        };
        match (name.as_str(), rest) {
            ("test", []) => Ok(Self::Test(SUITES.iter().collect())),
            ("test", names) => Self::test(names),
            ("bench", arguments) => Ok(Self::Bench(arguments.to_vec())),
            ("fuzz", [seconds, targets @ ..]) => Self::fuzz(seconds, targets),
            ("fuzz", []) => Err("how many seconds?".to_owned()),
            ("tools", []) => Ok(Self::Tools),
            ("wasm", []) => Ok(Self::Wasm),
            ("page", []) => Ok(Self::Page),
            ("editors", []) => Ok(Self::Editors),
            ("help" | "--help" | "-h", _) => Ok(Self::Help),
            ("tools" | "wasm" | "page" | "editors", [extra, ..]) => {
                Err(format!("`{name}` takes no argument, but `{extra}` was given"))
            }
            (unknown, _) => Err(format!(
                "there is no command `{unknown}`{}",
                did_you_mean(unknown, &["test", "bench", "fuzz", "tools", "wasm", "page", "editors"])
            )),
        }
    }

    fn fuzz(seconds: &str, names: &[String]) -> Result<Self, String> {
        let seconds = seconds.parse().map_err(|_| format!("`{seconds}` is no number of seconds"))?;
        if names.is_empty() {
            return Ok(Self::Fuzz(seconds, fuzz::TARGETS.to_vec()));
        }
        let known = |name: &String| fuzz::TARGETS.into_iter().find(|target| target == name);
        if let Some(unknown) = names.iter().find(|name| known(name).is_none()) {
            let hint = did_you_mean(unknown, &fuzz::TARGETS);
            let targets = fuzz::TARGETS.join(", ");
            return Err(format!("there is no fuzz target `{unknown}`{hint}; the targets are {targets}"));
        }
        let targets = names.iter().filter_map(known).collect();
        Ok(Self::Fuzz(seconds, targets))
    }

    /// The suites named, in the order of the table: the cheap ones first.
    fn test(names: &[String]) -> Result<Self, String> {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let hint = did_you_mean(unknown, &known);
            return Err(format!("there is no suite `{unknown}`{hint}; the suites are {}", known.join(", ")));
        }
        Ok(Self::Test(SUITES.iter().filter(|suite| names.iter().any(|name| name == suite.name)).collect()))
    }
}

fn did_you_mean(unknown: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(unknown, name), name))
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .min()
        .map(|(_, name)| format!(": did you mean `{name}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn no_name_means_every_suite() {
        assert!(matches!(parse("test"), Ok(Command::Test(suites)) if suites.len() == SUITES.len()));
    }

    #[test]
    fn suites_run_in_the_order_of_the_table_and_once() {
        let Ok(Command::Test(suites)) = parse("test unit fmt unit") else { panic!("refused") };
        let names: Vec<_> = suites.iter().map(|suite| suite.name).collect();
        assert_eq!(names, ["fmt", "unit"]);
    }

    #[test]
    fn an_unknown_suite_gets_a_suggestion_and_the_list() {
        let error = parse("test clustre").unwrap_err();
        assert!(error.starts_with("there is no suite `clustre`: did you mean `cluster`?"), "{error}");
        assert!(error.contains("fmt, tidy, clippy"), "{error}");
        assert!(!parse("test zebra").unwrap_err().contains("did you mean"));
    }

    #[test]
    fn an_unknown_command_gets_a_suggestion() {
        assert_eq!(parse("tset").unwrap_err(), "there is no command `tset`: did you mean `test`?");
        assert!(parse("fuzz 5 chek").unwrap_err().contains("did you mean `check`?"));
        assert!(parse("wasm now").unwrap_err().contains("`now`"));
    }
}
