//! The commands about map images, as they are written.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::kernel::DEFAULT_ROOT;

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
