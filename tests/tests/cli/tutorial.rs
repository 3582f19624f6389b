//! `docs/tutorial.md`, step by step in a folder of its own.
//!
//! - A block `fleetnet PATH` goes to the end of a file, an empty line above it.
//! - A block `console` holds commands behind `$ fleetnet` and what each prints: its output, then what it says about the run, then its exit
//!   code, unless that is 0.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-tests --test cli tutorial` writes anew what is printed.

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::harness::{Scratch, example};
use crate::pages::{Block, Test, hold};

const PAGE: &str = "../docs/tutorial.md";
const COMMAND: &str = "$ fleetnet ";

#[test]
fn every_step_of_the_tutorial_does_what_it_says_and_leads_to_the_example() {
    let scratch = Scratch::new("tutorial");
    let written = RefCell::new(Vec::new());
    hold(PAGE, |test| test.blocks.iter().map(|block| step(&scratch, &mut written.borrow_mut(), test, block)).collect());
    // The end is the example: the same files with the same bytes, the lock too.
    let expected = Scratch::new("tutorial-example");
    expected.copy(&example("contoso"), "contoso");
    assert_eq!(scratch.tree("contoso"), expected.tree("contoso"));
}

fn step(scratch: &Scratch, written: &mut Vec<String>, test: &Test<'_>, block: &Block) -> String {
    match block.info.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["fleetnet", path] => {
            let before =
                if written.iter().any(|known| known == path) { scratch.read(path) + "\n" } else { String::new() };
            scratch.write(path, before + &block.text);
            written.push((*path).to_owned());
            block.text.clone()
        }
        ["console"] => {
            let commands = block.text.lines().filter_map(|line| line.strip_prefix(COMMAND));
            let shown: String = commands.map(|command| printed(scratch, command)).collect();
            assert!(!shown.is_empty(), "{}: no command", test.name);
            shown
        }
        _ => panic!("{}: `{}` is no step", test.name, block.info),
    }
}

/// A command and all that it prints.
fn printed(scratch: &Scratch, command: &str) -> String {
    let args: Vec<&str> = command.split_whitespace().collect();
    let run = scratch.run(&args);
    let mut text = format!("{COMMAND}{command}\n");
    for line in run.stdout.lines().chain(run.stderr.lines()) {
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    match run.code {
        Some(0) => {}
        Some(code) => writeln!(text, "[exit code {code}]").unwrap(),
        None => panic!("`{command}` was killed"),
    }
    text
}
