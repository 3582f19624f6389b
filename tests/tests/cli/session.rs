//! Commands on a page, with what each prints: a block `console`.
//!
//! A command stands behind `$ `; its output follows, then what it says about the run, then its exit code, unless that is 0. What is not
//! `fleetnet` is a shell's.

use std::fmt::Write as _;
use std::process::Command;

use crate::harness::{Run, Scratch};
use crate::pages::Block;

const PROMPT: &str = "$ ";
const PROGRAM: &str = "fleetnet ";

/// The block as it should be: its commands, run one after the other in a folder.
pub fn session(scratch: &Scratch, block: &Block) -> String {
    let commands = block.text.lines().filter_map(|line| line.strip_prefix(PROMPT));
    let shown: String = commands.map(|command| printed(scratch, command)).collect();
    assert!(!shown.is_empty(), "no command in\n{}", block.text);
    shown
}

/// A command and all that it prints.
fn printed(scratch: &Scratch, command: &str) -> String {
    let run = match command.strip_prefix(PROGRAM) {
        Some(args) => scratch.run(&args.split_whitespace().collect::<Vec<_>>()),
        None => Run::of(Command::new("sh").args(["-c", command]).current_dir(scratch.path(""))),
    };
    let mut text = format!("{PROMPT}{command}\n");
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
