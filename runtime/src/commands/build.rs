//! `fleetnet build`: the artifacts in their directory and the lock beside the package, if there is nothing to be said against it.

use fleetnet_compiler::compile::Goal;

use super::{Error, lock};
use crate::cli::Build;
use crate::output;
use crate::report::counted;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Build, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let package = super::open_with_inventory(&args.package, terminal)?;
    let (compiled, outcome) = super::compile_and_report(&package, &args.package, Goal::Build, terminal);
    let (Some(build), Outcome::Good) = (compiled.build, outcome) else {
        return Ok(Outcome::Findings);
    };
    if args.locked && lock::would_change(&package, &build.lock) {
        terminal.refuse("`fleetnet.lock` is not up to date and --locked forbids to change it; nothing was written: run `fleetnet lock` and commit it");
        return Ok(Outcome::Findings);
    }
    output::replace_build(&args.output, &build.artifacts)?;
    lock::write(&package, &build.lock, terminal);
    terminal.say(&format!("wrote {} to `{}`", counted(build.artifacts.len(), "file"), args.output.display()));
    Ok(Outcome::Good)
}
