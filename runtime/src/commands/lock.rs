//! `fleetnet lock`: the identity numbers of a package, in `fleetnet.lock` beside it, so that an edit elsewhere renumbers nothing.

use fleetnet_compiler::compile::{Goal, LOCK_FILE};

use super::Error;
use crate::cli::Lock;
use crate::output;
use crate::package::Package;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Lock, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let mut package = super::open_with_inventory(&args.package, terminal)?;
    let before = package.lock_text().map(str::to_owned);
    if args.update {
        package.forget_lock();
    }
    let (compiled, outcome) = super::compile_and_report(&package, &args.package, Goal::Build, terminal);
    let (Some(build), Outcome::Good) = (compiled.build, outcome) else {
        return Ok(Outcome::Findings);
    };
    match package.root() {
        None => terminal.print(&build.lock),
        Some(_) if before.as_ref() == Some(&build.lock) => terminal.say("`fleetnet.lock` is up to date"),
        Some(root) => {
            output::replace_file(&root.join(LOCK_FILE), &build.lock)?;
            terminal.say("wrote `fleetnet.lock`");
        }
    }
    Ok(Outcome::Good)
}

/// Whether a build needs another lock than the package has.
pub fn would_change(package: &Package, lock: &str) -> bool {
    package.lock_text() != Some(lock)
}

/// Writes the lock of a build if it changed. A package that may not be written to is built all the same: its numbers are the ones in the build.
pub fn write(package: &Package, lock: &str, terminal: &mut Terminal) {
    let Some(root) = package.root().filter(|_| would_change(package, lock)) else {
        return;
    };
    if let Err(error) = output::replace_file(&root.join(LOCK_FILE), lock) {
        terminal.warn(&format!("the build is complete, but {error}"));
    }
}
