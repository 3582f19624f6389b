//! The program `fleetnet`: parse → resolve → run.
//!
//! Invariants: only [`package`] reads sources, only [`output`] writes files, only [`kernel`] touches BPF maps and their pins, only [`page`]
//! listens, only [`terminal`] prints, but that `fleetnet lsp` speaks with an editor there. What the package's author did wrong is a diagnostic; what the machine refuses is one line with the path
//! and what to do. Nothing is written unless all of it is right.

mod cli;
mod codes;
mod commands;
mod kernel;
mod output;
mod package;
mod page;
mod report;
mod schema;
mod terminal;

use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::terminal::Terminal;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::read();
    let mut terminal = Terminal::new(&cli.global);
    let outcome = commands::run(&cli, &mut terminal);
    terminal.finish(outcome).into()
}
