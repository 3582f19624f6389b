//! The command line as it is written: plain structs, checked for form only. What they mean on this machine is resolved by the commands.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use fleetnet_compiler::compile::ParamValue;
use fleetnet_lang::literals::{Cidr, cidr, name};
use fleetnet_lang::words::is_reserved;
use fleetnet_lang::{Code, Diagnostic, FileId, Span};

use crate::commands;
use crate::kernel::DEFAULT_ROOT;

/// One source for a fleet's network: check it, build it, look into what was built.
#[derive(Debug, Parser)]
#[command(name = "fleetnet", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
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

/// What every command over a package takes.
#[derive(Debug, Args)]
pub struct PackageArgs {
    /// The package: any file or folder in it, or `-` for one file from standard input
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Set a `param` of the package
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value)]
    pub set: Vec<ParamValue>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Fail on these too
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub deny: Option<Deny>,
}

/// `fleetnet init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// The folder of the package; made, if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    pub path: PathBuf,
    /// The fleet's name; the folder's, unless said
    #[arg(long, value_name = "NAME", value_parser = new_name)]
    pub name: Option<String>,
    /// A cluster, and the addresses of its pods; once for each
    #[arg(long, value_name = "NAME[=CIDR,…]", value_parser = new_cluster)]
    pub cluster: Vec<NewCluster>,
    /// What the package is built into; cilium, unless said
    #[arg(long, value_enum)]
    pub target: Option<InitTarget>,
    /// A mesh that joins the clusters
    #[arg(long, value_name = "NAME", value_parser = new_name)]
    pub mesh: Option<String>,
    /// A cluster for each context of a kubeconfig file, by name; the one that kubectl reads, if none is named
    #[arg(long, value_name = "KUBECONFIG", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "the flag may be missing, and its value")]
    pub from_contexts: Option<Option<PathBuf>>,
}

const INIT_EXAMPLES: &str = "\
Examples:
  fleetnet init shop --cluster east=10.10.0.0/16 --cluster west=10.20.0.0/16 --mesh prod
  fleetnet init shop --from-contexts=admin.kubeconfig --target azure-fleet

On a terminal, what flags don't say is asked for.";

/// A cluster of a new package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCluster {
    pub name: String,
    /// The addresses of its pods; free ones, if there are none here.
    pub pods: Vec<Cidr>,
    /// Its context in a kubeconfig file.
    pub context: Option<String>,
}

/// The targets that a new package can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitTarget {
    /// Cilium that is run by oneself.
    Cilium,
    /// Azure Kubernetes Fleet Manager.
    AzureFleet,
}

impl InitTarget {
    /// As it is written in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cilium => "cilium",
            Self::AzureFleet => "azure-fleet",
        }
    }
}

/// `fleetnet check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub package: PackageArgs,
}

/// `fleetnet fmt`.
#[derive(Debug, Args)]
pub struct Fmt {
    /// Files, folders with all `.fleetnet` files below, or `-` for standard input to standard output
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; print which files would, and fail if any would
    #[arg(long)]
    pub check: bool,
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
    /// Set a `param` of the package
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value)]
    pub set: Vec<ParamValue>,
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
    /// Set a `param` of the package
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value)]
    pub set: Vec<ParamValue>,
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
    #[arg(value_parser = commands::code)]
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
}

/// `fleetnet image`.
#[derive(Debug, Subcommand)]
pub enum Image {
    /// List the maps of an image
    Ls(ImageLs),
    /// Print the entries of an image
    Dump(ImageDump),
    /// Print what differs between two images, or between an image and the kernel
    Diff(ImageDiff),
    /// Put the maps of an image into the kernel, whole or not at all, and keep the build before
    Load(ImageLoad),
    /// Remove what is loaded
    Unload(ImageUnload),
    /// Print what is loaded, and whether the kernel still holds it
    Status(ImageStatus),
}

/// `fleetnet image ls`.
#[derive(Debug, Args)]
pub struct ImageLs {
    /// The image
    pub image: PathBuf,
}

/// `fleetnet image dump`.
#[derive(Debug, Args)]
pub struct ImageDump {
    /// The image
    pub image: PathBuf,
    /// Only the map of this name
    #[arg(long, value_name = "NAME")]
    pub map: Option<String>,
    /// The form of the dump
    #[arg(long, value_enum, default_value_t = DumpFormat::Text)]
    pub format: DumpFormat,
}

/// The form of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DumpFormat {
    /// A line an entry, for people.
    Text,
    /// As `bpftool map dump -j` prints it.
    Json,
    /// A script for `bpftool batch`.
    Bpftool,
}

/// `fleetnet image diff`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("with").args(["new", "live"]).required(true)), override_usage = DIFF_USAGE)]
pub struct ImageDiff {
    /// The old image
    pub old: PathBuf,
    /// The new image
    pub new: Option<PathBuf>,
    /// Compare with what the kernel's maps hold now
    #[arg(long)]
    pub live: bool,
    /// The folder of all pins that `--live` means, on a BPF file system
    #[arg(long, value_name = "DIR", default_value = DEFAULT_ROOT, requires = "live", conflicts_with = "new")]
    pub root: PathBuf,
}

const DIFF_USAGE: &str = "\
fleetnet image diff [OPTIONS] <OLD> <NEW>
       fleetnet image diff [OPTIONS] <OLD> --live [--root <DIR>]";

/// Where the kernel's maps are pinned.
#[derive(Debug, Args)]
pub struct Pins {
    /// The folder of all pins, on a BPF file system
    #[arg(long, value_name = "DIR", default_value = DEFAULT_ROOT)]
    pub root: PathBuf,
}

/// `fleetnet image load`.
#[derive(Debug, Args)]
pub struct ImageLoad {
    /// The image
    pub image: PathBuf,
    /// The cluster that is meant, where the maps of several are loaded
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    #[command(flatten)]
    pub pins: Pins,
}

/// `fleetnet image unload`.
#[derive(Debug, Args)]
pub struct ImageUnload {
    /// Only the maps of this cluster
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    #[command(flatten)]
    pub pins: Pins,
}

/// `fleetnet image status`.
#[derive(Debug, Args)]
pub struct ImageStatus {
    /// Say whether this is the image that is loaded
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// How the status is shown
    #[arg(long, value_enum, default_value_t = StatusFormat::Human)]
    pub format: StatusFormat,
    #[command(flatten)]
    pub pins: Pins,
}

/// How a status is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// A table for each build.
    Human,
    /// One JSON document.
    Json,
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the source and every party marked in it.
    Human,
    /// `path:line:col: error[FN0123]: headline`, a line each.
    Plain,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// What fails a run besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings.
    Warnings,
}

/// A name that a new package may declare.
pub fn new_name(text: &str) -> Result<String, String> {
    if is_reserved(text) {
        return Err(format!("`{text}` means something built in"));
    }
    name(text, nowhere()).map(str::to_owned).map_err(|wrong| said(&wrong))
}

/// `NAME` or `NAME=CIDR,…`.
pub fn new_cluster(text: &str) -> Result<NewCluster, String> {
    let (name, blocks) = text.split_once('=').map_or((text, None), |(name, blocks)| (name, Some(blocks)));
    let blocks = blocks.into_iter().flat_map(|blocks| blocks.split(','));
    let pods = blocks.map(|block| cidr(block, nowhere()).map_err(|wrong| said(&wrong)));
    Ok(NewCluster { name: new_name(name)?, pods: pods.collect::<Result<_, _>>()?, context: None })
}

/// Arguments stand in no file.
fn nowhere() -> Span {
    Span::new(FileId(0), 0, 0)
}

fn said(wrong: &Diagnostic) -> String {
    let help = wrong.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}{help}", wrong.message)
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
    use clap::CommandFactory as _;

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
