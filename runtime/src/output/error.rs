//! Why something can't be written.

use std::io::ErrorKind;
use std::path::PathBuf;

/// Why something can't be written, and what to do about it. Nothing of it was, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine refuses.
    #[error("`{}` can't be written: {source}; {}", path.display(), advice(source))]
    Write { path: PathBuf, source: std::io::Error },
    /// The root of the file system, or `..` of something that is not there.
    #[error("`{}` has no name to put a build under; name a directory", path.display())]
    NoName { path: PathBuf },
    /// There is a file where the build should go.
    #[error("`{}` is not a directory; remove it or name another directory", path.display())]
    NotADirectory { path: PathBuf },
    /// Replacing the directory would destroy something.
    #[error(
        "`{}` holds `{}`, which is not of a fleetnet build, and a build replaces the whole directory; name an empty or a new one",
        path.display(), found.display()
    )]
    HoldsOther { path: PathBuf, found: PathBuf },
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
