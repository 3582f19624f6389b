//! `fleetnet check`: every finding of a package.

use fleetnet_compiler::compile::Goal;

use super::Error;
use crate::cli::Check;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Outcome, Error> {
    if args.fix {
        return super::fix::run(args, terminal);
    }
    if args.watch {
        return super::watch::run(args, terminal);
    }
    let package = super::open_with_inventory(&args.package, terminal)?;
    let (_, outcome) = super::compile_and_report(&package, &args.package, Goal::Check, terminal);
    Ok(outcome)
}
