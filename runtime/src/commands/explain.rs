//! `fleetnet explain`: what a kind of finding means.

use fleetnet_lang::Code;

use crate::cli::Explain;
use crate::codes;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Explain, terminal: &mut Terminal) -> Outcome {
    match args.code {
        Some(code) => terminal.print(&codes::page(code)),
        None => codes::all().iter().for_each(|code| terminal.print(&line(*code))),
    }
    Outcome::Good
}

fn line(code: Code) -> String {
    format!("{code}  {:<7}  {}\n", code.severity.name(), code.summary)
}
