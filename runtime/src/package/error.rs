//! Why a package can't be read.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::terminal::listed;

/// Why a package can't be read, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine refuses.
    #[error("`{}` can't be read: {source}; {}", path.display(), advice(source))]
    Read { path: PathBuf, source: std::io::Error },
    /// There is nothing that could be a package.
    #[error(
        "no package at `{}`: neither a `.fleetnet` file below it nor a `fleet` declaration above it; name a package by its path or with -C",
        path.display()
    )]
    NoPackage { path: PathBuf },
    /// A folder of packages was named.
    #[error("`{}` holds several packages: {}{more}; name one of them", path.display(), listed(packages))]
    SeveralPackages { path: PathBuf, packages: Vec<PathBuf>, more: &'static str },
    /// Not a text that people wrote.
    #[error("`{}` is larger than {} MiB; split it, or give it another extension if it is not a source file", path.display(), limit >> 20)]
    FileTooLarge { path: PathBuf, limit: u64 },
    /// More than is good for the machine.
    #[error("the package is larger than {} MiB at `{}`; move what does not belong to it elsewhere", limit >> 20, path.display())]
    PackageTooLarge { path: PathBuf, limit: u64 },
    /// Probably not a package at all.
    #[error("more than {limit} files and folders below `{}`; name the folder of the package itself", root.display())]
    TooMany { root: PathBuf, limit: usize },
    /// A pipe, a device, a folder with the name of a file.
    #[error("`{}` is not a regular file; remove it, or give it another extension", path.display())]
    NotAFile { path: PathBuf },
    /// Bytes that are no text, where text is laid out.
    #[error("`{}` is not UTF-8; save the file as UTF-8", path.display())]
    NotText { path: PathBuf },
    /// A link that leads somewhere else.
    #[error("`{}` is a link out of the package, to `{}`; put the file itself there", path.display(), target.display())]
    LinkOut { path: PathBuf, target: PathBuf },
    /// An environment file that would be read as part of a package.
    #[error("`{}` is a source by its name, and an environment file is none; give it another extension, such as `.params`", path.display())]
    IsSource { path: PathBuf },
    /// A folder or a pipe, where values are to be read.
    #[error("`{}` is not a regular file; write `NAME = VALUE` lines into one", path.display())]
    NoEnvironment { path: PathBuf },
    /// A folder or a pipe, or a file that is something else already.
    #[error("`{}` is no inventory; write one into a file of its own", path.display())]
    NoInventory { path: PathBuf },
    /// A name that could not be shown or written down.
    #[error("the name of `{}` is not UTF-8; rename it", path.display())]
    Name { path: PathBuf },
    /// What was read may be half of something.
    #[error("`{}` changed while the package was read; run again when nothing writes to it", path.display())]
    Changed { path: PathBuf },
}

fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => "run as a user who may read it, or change its permissions",
        ErrorKind::InvalidFilename => "shorten the path",
        _ => "mend that and run again",
    }
}
