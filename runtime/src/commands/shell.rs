//! `fleetnet completions` and `fleetnet man`, made of the command line itself.

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions, Man};
use crate::terminal::{Outcome, Terminal};

pub fn completions(args: &Completions, terminal: &mut Terminal) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
    terminal.print(&String::from_utf8_lossy(&script));
    Outcome::Good
}

pub fn man(args: &Man, terminal: &mut Terminal) -> Outcome {
    let mut page = Vec::new();
    // Which commands there are was asked when the command line was read, and memory can always be written to.
    if let Ok(command) = args.find() {
        let name = command.get_display_name().unwrap_or(env!("CARGO_PKG_NAME")).to_owned();
        let version = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
        let _ = clap_mangen::Man::new(command).title(name).source(version).render(&mut page);
    }
    terminal.print(&String::from_utf8_lossy(&page));
    Outcome::Good
}
