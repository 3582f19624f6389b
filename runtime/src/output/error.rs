//! Why something can't be written.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::standing::MANIFEST;

/// Why something can't be written, and what to do about it. Nothing of it was, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine refuses.
    #[error("`{}` can't be written: {source}; {}", path.display(), advice(source))]
    Write { path: PathBuf, source: std::io::Error },
    /// A device or a pipe does not take it.
    #[error("`{}` can't be written to: {source}; mend that or name another place", path.display())]
    Into { path: PathBuf, source: std::io::Error },
    /// The way there was mistyped, most likely.
    #[error("`{}` can't be written: there is no folder `{}`; make it or name another place", path.display(), folder.display())]
    NoFolder { path: PathBuf, folder: PathBuf },
    /// A folder, or something that can't be written to as a file can.
    #[error("`{}` is not a file; name one, or `-` for standard output", path.display())]
    NotAFile { path: PathBuf },
    /// Somebody saved another text meanwhile.
    #[error("`{}` was changed while it was worked on, and is as it was saved; run again", path.display())]
    Changed { path: PathBuf },
    /// Somebody's work would be gone.
    #[error("`{}` is a part of a package; name another file", path.display())]
    OfAPackage { path: PathBuf },
    /// The root of the file system, or `..` of something that is not there.
    #[error("`{}` has no name to put anything under; name another place", path.display())]
    NoName { path: PathBuf },
    /// There is a file where the build should go.
    #[error("`{}` is not a directory; remove it or name another directory", path.display())]
    NotADirectory { path: PathBuf },
    /// Replacing the directory would destroy something.
    #[error(
        "`{}` holds `{}`, which its `build.json` does not list as of a fleetnet build, and a build replaces the whole directory; name an empty or a new one",
        path.display(), found.display()
    )]
    HoldsOther { path: PathBuf, found: PathBuf },
    /// The list of what is in the directory can't be read.
    #[error(
        "`{}` is no list of a build, or was changed since fleetnet wrote it: what of `{}` is of the build can't be told, and a build replaces the whole directory; name an empty or a new one",
        path.join(MANIFEST).display(), path.display()
    )]
    NoList { path: PathBuf },
    /// An artifact that names a place outside its build.
    #[error("`{}` would lie outside the build; report this as a defect of fleetnet", path.display())]
    Outside { path: PathBuf },
    /// The build is in place, the one before could not be removed.
    #[error("what is left over in `{}` can't be removed: {source}; remove it by hand", path.display())]
    Leftover { path: PathBuf, source: std::io::Error },
}

fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space and run again, the old one is as it was",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "it is put in place as a whole, so the folder above must be writable: change that or name another place"
        }
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => {
            "it can't be replaced as a whole, probably because it is a mount point: name a directory inside it"
        }
        _ => "mend that or name another place",
    }
}
