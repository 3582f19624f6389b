//! The arguments of `fleetnet fmt`.

use std::path::PathBuf;

use clap::Args;

/// `fleetnet fmt`.
#[derive(Debug, Args)]
pub struct Fmt {
    /// Files, folders with all `.fleetnet` files below, or `-` for standard input to standard output; the package around, if none is named
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; print which files would, and fail if any would
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would, as a patch, and fail if anything would
    #[arg(long)]
    pub diff: bool,
}
