//! `fleetnet check --fix`: what is found is mended where there is one way to do it, until nothing is left that can be.

use std::collections::BTreeMap;
use std::path::Path;

use fleetnet_compiler::compile::{Compiled, Goal, LOCK_FILE, Options};
use fleetnet_lang::{Applicability, Diagnostic, Fix, Severity, Sources, Span};

use super::Error;
use crate::cli::{Check, Format};
use crate::output;
use crate::package::Package;
use crate::report::{Report, counted};
use crate::terminal::{Outcome, Terminal};

/// A fix can show what another one mends; fixes that go on for longer than this undo each other.
const MOST_ROUNDS: usize = 100;

pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let mut package = super::open(&args.package.path, terminal)?;
    let mut mended = Mended::default();
    let mut compiled = compiled(&package, args);
    for _ in 0..MOST_ROUNDS {
        let fixes = chosen(&compiled, args);
        if fixes.is_empty() {
            break;
        }
        mended.note(&package, &compiled.sources, &fixes);
        for (path, text) in texts(&compiled.sources, &fixes) {
            package.set_text(&path, &text);
        }
        compiled = self::compiled(&package, args);
    }
    if !chosen(&compiled, args).is_empty() {
        terminal.warn("fixes undo each other, so that some are left; please report it");
    }
    // All texts are there before the first is written.
    match package.root().map(Path::to_owned) {
        Some(root) => {
            for (name, before) in &mended.before {
                let path = root.join(name);
                package.is_still(&path, before)?;
                output::replace_source(&path, package.text_of(name).unwrap_or_default())?;
            }
        }
        None => package.texts().for_each(|text| terminal.print(text)),
    }
    mended.lines.iter().for_each(|line| terminal.say(line));
    Ok(tell(&package, args, compiled, &mended, terminal))
}

/// What is left. The text that came in on standard input has gone to standard output, so findings go where everything about the run goes.
fn tell(package: &Package, args: &Check, mut compiled: Compiled, mended: &Mended, terminal: &mut Terminal) -> Outcome {
    let report = super::levelled(&mut compiled, &args.package);
    let summary = match package.root() {
        Some(_) => super::tell(package, report, args.package.format, terminal),
        None => {
            report.lines().iter().for_each(|line| terminal.tell(line));
            let summary = report.summary();
            terminal.say(&summary.to_string());
            summary
        }
    };
    terminal.say(&format!("{} fixed", counted(mended.lines.len(), "finding")));
    summary.outcome()
}

fn compiled(package: &Package, args: &Check) -> Compiled {
    super::compiled(package, &Options { params: args.package.set.clone(), goal: Goal::Check })
}
