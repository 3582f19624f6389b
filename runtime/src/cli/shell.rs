//! The arguments of the commands that are for shells, editors and packagers.

use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::Shell;

use super::Cli;

/// `fleetnet completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// Whose completions
    #[arg(value_enum)]
    pub shell: Shell,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(fleetnet completions bash)
  fleetnet completions zsh > ~/.zfunc/_fleetnet
  fleetnet completions fish > ~/.config/fish/completions/fleetnet.fish";

/// `fleetnet man`.
#[derive(Debug, Args)]
pub struct Man {
    /// The command that the page is about; the program, if none is named
    pub command: Vec<String>,
}

impl Man {
    /// The command as it is known here, with the name that its page has.
    pub fn find(&self) -> Result<clap::Command, String> {
        let mut program = Cli::command().disable_help_subcommand(true);
        program.build();
        self.command.iter().try_fold(program, |command, name| {
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| format!("`{}` has no command `{name}`", command.get_bin_name().unwrap_or("fleetnet")))
        })
    }
}

/// `fleetnet schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// The schema; without one all are listed
    #[arg(value_enum)]
    pub name: Option<SchemaName>,
}

/// What the program prints or writes as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What `fleetnet check --format json` prints.
    Check,
    /// A line of `fleetnet check --format jsonl`.
    CheckLine,
    /// What `fleetnet why --format json` prints.
    Why,
    /// `build.json`, which every build holds.
    Build,
    /// What `fleetnet image dump --format json` prints.
    ImageDump,
    /// What `fleetnet image status --format json` prints.
    ImageStatus,
}
