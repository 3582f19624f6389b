//! The command line as it is written: plain structs, checked for form only. What they mean on this machine is resolved by the commands.

mod fmt;
mod image;
mod init;
mod package;
mod shell;

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use fleetnet_compiler::compile::ParamValue;
use fleetnet_lang::Code;

use crate::codes;

pub use fmt::Fmt;
pub use image::{DumpFormat, Image, ImageDiff, ImageDump, ImageLoad, ImageLs, ImageStatus, ImageUnload, StatusFormat};
pub use init::{Init, InitTarget, NewCluster, new_cluster, new_name};
pub use package::{Format, PackageArgs, ParamArgs};
pub use shell::{Completions, Man, Schema, SchemaName};

/// One source for a fleet's network: check it, build it, look into what was built.
#[derive(Debug, Parser)]
#[command(name = "fleetnet", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

/// The command line of this run. What can't be said together, and only our own types know, is refused as clap refuses.
pub fn read() -> Cli {
    let cli = Cli::parse();
    if let Err(conflict) = cli.command.consistent() {
        Cli::command().error(ErrorKind::ArgumentConflict, conflict).exit()
    }
    cli
}

const EXIT_CODES: &str = "Exit codes: 0 good, 1 findings, 2 usage, 3 could not reach, read or write something.";

/// What is asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a package to start from, that checks without a finding
    Init(Init),
    /// Parse, resolve and check a package, and run its tests and invariants
    Check(Check),
    /// Lay files out the one way
    Fmt(Fmt),
    /// Write the artifacts of every target and cluster; nothing unless all of it is right
    Build(Build),
    /// Write `fleetnet.lock`, the identity numbers of the package
    Lock(Lock),
    /// Say why a flow passes or doesn't: what decides at each end, what that beat, what nearly allowed it
    Why(Why),
    /// Draw the network: clusters, identities, and the flows that rules allow
    Graph(Graph),
    /// Say what a kind of finding means, why it matters, and how it is mended
    Explain(Explain),
    /// Serve the page of the playground on this machine
    Playground(Playground),
    /// Speak with an editor: the language server, on standard input and output
    Lsp(Lsp),
    /// Look into map images, and load them into the kernel
    #[command(subcommand)]
    Image(Image),
    /// Print the JSON schema of what the program prints or writes as JSON
    Schema(Schema),
    /// Print what a shell needs to complete commands
    Completions(Completions),
    /// Print a page for `man`
    Man(Man),
}

impl Command {
    fn consistent(&self) -> Result<(), String> {
        match self {
            Self::Check(check) => check.consistent(),
            Self::Build(Build { package, .. }) | Self::Lock(Lock { package, .. }) => package.levels.consistent(),
            Self::Man(man) => man.find().map(drop),
            Self::Init(_)
            | Self::Fmt(_)
            | Self::Why(_)
            | Self::Graph(_)
            | Self::Explain(_)
            | Self::Playground(_)
            | Self::Lsp(_)
            | Self::Image(_)
            | Self::Schema(_)
            | Self::Completions(_) => Ok(()),
        }
    }
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Work as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Say more about what is done
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Print findings and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to colour; `auto` looks at the terminal and at `NO_COLOR`
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// If standard output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `fleetnet check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub package: PackageArgs,
    /// Mend what can be mended in one way, in the files; with `-`, print the text that comes of it
    #[arg(long, conflicts_with = "watch")]
    pub fix: bool,
    /// With `--fix`, also mend what is likely meant, or means something else afterwards
    #[arg(long, requires = "fix")]
    pub unsafe_fixes: bool,
    /// Go on, and check again after every change
    #[arg(long)]
    pub watch: bool,
}

impl Check {
    fn consistent(&self) -> Result<(), String> {
        let is_stdin = self.package.path == Path::new("-");
        if is_stdin && self.watch {
            return Err("standard input does not change, so there is nothing to watch".to_owned());
        }
        if is_stdin && self.fix && self.package.format != Format::Human {
            return Err("with `--fix`, the text of standard input goes where a report would go: leave `--format` out"
                .to_owned());
        }
        self.package.levels.consistent()
    }
}

/// `fleetnet build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub package: PackageArgs,
    /// The directory that the build is put in; replaced as a whole
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Refuse to change `fleetnet.lock`
    #[arg(long)]
    pub locked: bool,
}

/// `fleetnet lock`.
#[derive(Debug, Args)]
pub struct Lock {
    #[command(flatten)]
    pub package: PackageArgs,
    /// Number anew, as if there were no lock
    #[arg(long)]
    pub update: bool,
}

/// `fleetnet why`.
#[derive(Debug, Args)]
#[command(after_help = WHY_EXAMPLES)]
pub struct Why {
    /// Where the flow comes from: an end as a test writes it, an address, a CIDR or a DNS name
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where it goes to
    #[arg(value_name = "TO")]
    pub to: String,
    /// Its ports: names of the destination's, `443/tcp`, `9000-9010/udp`, `icmp`; all, if none is said
    #[arg(value_name = "PORTS")]
    pub ports: Option<String>,
    /// An HTTP request on it
    #[arg(long, value_name = "METHOD PATH", value_parser = request)]
    pub request: Option<(String, String)>,
    /// The package: any file or folder in it, or `-` for one file from standard input
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    pub package: PathBuf,
    #[command(flatten)]
    pub params: ParamArgs,
    /// How the answer is shown
    #[arg(long, value_enum, default_value_t = WhyFormat::Human)]
    pub format: WhyFormat,
}

const WHY_EXAMPLES: &str = "\
Examples:
  fleetnet why shop/web payments/checkout http
  fleetnet why 'shop/web in eastus-1' payments/ledger 5432/tcp
  fleetnet why shop/web 203.0.113.7 443/tcp
  fleetnet why shop/web payments/checkout http --request 'GET /v1/items'";

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhyFormat {
    /// With the lines of the source.
    Human,
    /// One JSON document.
    Json,
}

/// `fleetnet graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// The package: any file or folder in it, or `-` for one file from standard input
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The file that the drawing is put in; standard output, if none or `-` is named
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub params: ParamArgs,
    /// The form of the drawing
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub format: GraphFormat,
}

/// The form of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For browsers and documents; light or dark as the reader's system is.
    Svg,
}

/// `fleetnet explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code as findings show it, `FN0203`; `203` does, too. Without one all codes are listed
    #[arg(value_parser = codes::parse)]
    pub code: Option<Code>,
}

/// `fleetnet playground`.
#[derive(Debug, Args)]
pub struct Playground {
    /// A package to open: any file or folder in it. The page has examples of its own
    pub path: Option<PathBuf>,
    /// The port on 127.0.0.1; any free one, if none is named
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Set a `param` of the package
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value, requires = "path")]
    pub set: Vec<ParamValue>,
}

/// `fleetnet lsp`.
#[derive(Debug, Args)]
pub struct Lsp {
    /// Use standard input and output, as is done anyway; some editors say so
    #[arg(long)]
    pub stdio: bool,
    /// Set a `param` of packages that declare it, unless the editor sets it
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value)]
    pub set: Vec<ParamValue>,
}

fn param_value(text: &str) -> Result<ParamValue, String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    if name.is_empty() {
        return Err("the name before `=` is missing".to_owned());
    }
    Ok(ParamValue { name: name.to_owned(), value: value.to_owned() })
}

fn request(text: &str) -> Result<(String, String), String> {
    let (method, path) = text.trim().split_once(char::is_whitespace).ok_or("write METHOD and PATH: 'GET /items'")?;
    Ok((method.to_owned(), path.trim_start().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        let param = param_value("label=a=b").unwrap();
        assert_eq!((param.name.as_str(), param.value.as_str()), ("label", "a=b"));
        assert!(param_value("label").is_err());
        assert!(param_value("=b").is_err());
    }
}
