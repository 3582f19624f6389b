//! What each command does. One file a command; what they share is here.

mod build;
mod check;
mod explain;
mod fix;
mod fmt;
mod graph;
mod image;
mod init;
mod lock;
mod lsp;
mod playground;
mod schema;
mod seen;
mod shell;
mod watch;
mod why;

use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::{Compiled, Goal, Options, compile};

use crate::cli::{Cli, Command, Format, PackageArgs};
use crate::kernel;
use crate::output;
use crate::package::{self, Package};
use crate::report::{Report, Summary, promises};
use crate::terminal::{Outcome, Terminal};

/// What the machine refuses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `-C DIR` is none.
    #[error("can't work in `{}`: {source}; check the path after -C", path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Package(#[from] package::Error),
    #[error(transparent)]
    Output(#[from] output::Error),
    #[error(transparent)]
    Image(#[from] image::Error),
    #[error(transparent)]
    Kernel(#[from] kernel::Error),
    #[error(transparent)]
    Init(#[from] init::Error),
    #[error(transparent)]
    Lsp(#[from] lsp::Error),
    #[error(transparent)]
    Playground(#[from] playground::Error),
    #[error(transparent)]
    Watch(#[from] watch::Error),
}

/// Runs the command that was asked for.
pub fn run(cli: &Cli, terminal: &mut Terminal) -> Result<Outcome, Error> {
    if let Some(path) = &cli.global.directory {
        std::env::set_current_dir(path).map_err(|source| Error::Directory { path: path.clone(), source })?;
    }
    match &cli.command {
        Command::Init(args) => init::run(args, terminal),
        Command::Check(args) => check::run(args, terminal),
        Command::Fmt(args) => fmt::run(args, terminal),
        Command::Build(args) => build::run(args, terminal),
        Command::Lock(args) => lock::run(args, terminal),
        Command::Why(args) => why::run(args, terminal),
        Command::Graph(args) => graph::run(args, terminal),
        Command::Explain(args) => Ok(explain::run(args, terminal)),
        Command::Playground(args) => playground::run(args, terminal),
        Command::Lsp(args) => lsp::run(args, terminal),
        Command::Image(args) => image::run(args, terminal),
        Command::Schema(args) => Ok(schema::run(args, terminal)),
        Command::Completions(args) => Ok(shell::completions(args, terminal)),
        Command::Man(args) => Ok(shell::man(args, terminal)),
    }
}

/// The package of a path, as it lies on disk or comes in, with the environment files of its parameters. What was left out of it is told.
fn open(path: &Path, environments: &[PathBuf], terminal: &mut Terminal) -> Result<Package, Error> {
    let mut package = if path == Path::new("-") { Package::from_stdin()? } else { Package::open(path)? };
    package.read_environments(environments)?;
    package.notes().iter().for_each(|note| terminal.warn(note));
    Ok(package)
}

/// The package that a command is about, with the inventory that it names.
fn open_with_inventory(args: &PackageArgs, terminal: &mut Terminal) -> Result<Package, Error> {
    let mut package = open(&args.path, &args.params.env, terminal)?;
    args.inventory.iter().try_for_each(|path| package.read_inventory(path))?;
    Ok(package)
}

/// Compiles a package, if it can be read.
fn compiled(package: &Package, options: &Options) -> Compiled {
    match package.not_text() {
        Some((sources, diagnostics)) => Compiled::unread(sources, diagnostics),
        None => compile(package, options),
    }
}

/// What stands before the paths of a package's files where they are shown.
fn prefix(package: &Package, format: Format) -> String {
    package.root().map(|root| seen::prefix(root, format)).unwrap_or_default()
}

/// What came of a compilation, as bad as it is taken to be.
struct Found {
    compiled: Compiled,
    /// Findings that are not there any more, as their codes are allowed.
    allowed: usize,
}

/// Compiles a package and takes its findings as bad as is asked for.
fn found(package: &Package, args: &PackageArgs, goal: Goal) -> Found {
    let mut compiled = compiled(package, &Options { params: args.params.set.clone(), goal });
    let allowed = args.levels.apply(&mut compiled.diagnostics);
    Found { compiled, allowed }
}

impl Found {
    /// Everything that there is to tell.
    fn report(&self) -> Report<'_> {
        let Self { compiled, allowed } = self;
        let mut report = Report::new(&compiled.sources, &compiled.diagnostics);
        report.allowed = *allowed;
        report.promises = compiled.plan.iter().flat_map(|plan| promises(plan, compiled.proof.as_ref())).collect();
        report
    }
}

/// Prints findings and their number.
fn tell(package: &Package, mut report: Report<'_>, format: Format, terminal: &mut Terminal) -> Summary {
    report.prefix = prefix(package, format);
    report.print(format, terminal);
    let summary = report.summary();
    terminal.say(&summary.to_string());
    summary
}

/// Compiles, prints the findings and their number, and says how the run ends by them.
fn compile_and_report(
    package: &Package,
    args: &PackageArgs,
    goal: Goal,
    terminal: &mut Terminal,
) -> (Compiled, Outcome) {
    let started = std::time::Instant::now();
    let found = found(package, args, goal);
    let summary = tell(package, found.report(), args.format, terminal);
    terminal.detail(&format!("compiled in {} ms", started.elapsed().as_millis()));
    let outcome = summary.outcome();
    (found.compiled, outcome)
}
