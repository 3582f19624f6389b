//! `fleetnet image`: what is in map images, in people's terms and in bpftool's, and what becomes of them in the kernel.

mod bpftool;
mod diff;
mod dump;
mod load;
mod ls;
mod status;
mod unload;

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use fleetnet_compiler::image::file::{self, ImageError};
use fleetnet_compiler::image::{Image, section::Section, text};

pub use bpftool::schema as dump_schema;
pub use status::schema as status_schema;

use crate::cli;
use crate::terminal::{Outcome, Terminal, printable};

/// Bytes of an image; a cluster with every map full stays below.
const MAX_IMAGE: u64 = 4 << 30;

/// Why an image can't be looked into, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine refuses.
    #[error("`{}` can't be read: {source}; {}", path.display(), advice(source))]
    Read { path: PathBuf, source: io::Error },
    /// Not a file that a compiler wrote.
    #[error("`{}` is larger than {} GiB; name a `.fnimg` file of a build", path.display(), MAX_IMAGE >> 30)]
    TooLarge { path: PathBuf },
    /// The bytes are not what a compiler wrote.
    #[error("`{}` is no usable image: {problem}; build it again", path.display())]
    Damaged { path: PathBuf, problem: ImageError },
    /// No map of that name.
    #[error("`{}` has no map `{map}`; `fleetnet image ls` lists them", path.display())]
    NoMap { path: PathBuf, map: String },
    /// Every entry of two clusters differs, which says nothing.
    #[error(
        "`{}` is of cluster `{}` and `{}` of cluster `{}`; compare images of one cluster",
        old.display(), clusters.0, new.display(), clusters.1
    )]
    OtherCluster { old: PathBuf, new: PathBuf, clusters: (String, String) },
    /// The name would be read as something else by bpftool.
    #[error("the cluster of `{}` is named `{cluster}`, which can't stand in a bpftool script; dump it as text or JSON", path.display())]
    Unscriptable { path: PathBuf, cluster: String },
}

pub fn run(args: &cli::Image, terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    Ok(match args {
        cli::Image::Ls(args) => ls::run(args, terminal)?,
        cli::Image::Dump(args) => dump::run(args, terminal)?,
        cli::Image::Diff(args) => diff::run(args, terminal)?,
        cli::Image::Load(args) => load::run(args, terminal)?,
        cli::Image::Unload(args) => unload::run(args, terminal)?,
        cli::Image::Status(args) => status::run(args, terminal)?,
    })
}

/// Reads an image from a file, or from standard input as `-`.
fn open(path: &Path) -> Result<Image, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let bytes = if path == Path::new("-") { bounded(io::stdin().lock()) } else { regular(path).and_then(bounded) };
    let bytes = bytes.map_err(failed)?;
    if bytes.len() as u64 > MAX_IMAGE {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    file::read(&bytes).map_err(|problem| Error::Damaged { path: path.to_owned(), problem })
}

/// Opens a file, and nothing that would block or never end.
fn regular(path: &Path) -> io::Result<std::fs::File> {
    match std::fs::metadata(path)? {
        found if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        found if !found.is_file() => Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file")),
        _ => std::fs::File::open(path),
    }
}

fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_IMAGE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The maps of an image, or the one that is named.
fn sections<'a>(image: &'a Image, path: &Path, name: Option<&str>) -> Result<Vec<&'a Section>, Error> {
    let Some(name) = name else {
        return Ok(image.sections().iter().collect());
    };
    let named = image.sections().iter().find(|section| text::is_named(image, section.map(), name));
    named.map(|section| vec![section]).ok_or_else(|| Error::NoMap { path: path.to_owned(), map: name.to_owned() })
}

/// Prints one line. Names in an image can hold anything, also the end of a line.
fn print_line(line: &str, terminal: &mut Terminal) {
    terminal.print(&(printable(line).replace('\n', " ") + "\n"));
}

/// `1 entry`, `2 entries`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "check the path",
        ErrorKind::IsADirectory => "name a `.fnimg` file in it",
        ErrorKind::PermissionDenied => "run as a user who may read it, or change its permissions",
        _ => "mend that and run again",
    }
}
