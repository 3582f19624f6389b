//! `fleetnet check`: every finding of a package, and nothing else.

use fleetnet_compiler::compile::Goal;

use super::Error;
use crate::cli::Check;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let package = super::open(&args.package.path, &args.package.params.env, terminal)?;
    let (_, outcome) = super::compile_and_report(&package, &args.package, Goal::Check, terminal);
    Ok(outcome)
}
