//! The arguments of `fleetnet init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetnet_lang::literals::{Cidr, cidr, name};
use fleetnet_lang::words::is_reserved;
use fleetnet_lang::{Diagnostic, FileId, Span};

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
    /// A cluster for each context of a kubeconfig file, by name; those that kubectl reads, if none is named
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
