//! What every command over a package takes: where it is, how findings are shown, and how bad they are taken to be.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetnet_compiler::compile::ParamValue;

use super::param_value;

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
