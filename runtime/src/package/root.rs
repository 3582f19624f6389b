//! Where a package is: the nearest folder, from the named place upwards, with a `fleet` declaration in a file of its own.

use std::path::{Path, PathBuf};

use fleetnet_lang::ast::Declaration;
use fleetnet_lang::{FileId, parse};

use super::file::Reader;
use super::{Error, MAX_FILE, MAX_PACKAGE, list};

/// A folder to compile.
pub struct Place {
    pub root: PathBuf,
    pub certainty: Certainty,
    /// The nearest folder above it that is a package too.
    pub around: Option<PathBuf>,
}

/// How the folder came to be taken for a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// A file of it declares a fleet.
    Declared,
    /// It is the one that was named; the fleet may stand in a folder below, or be half typed.
    Assumed,
}

/// The root of the package that `path`, a file or a folder, belongs to.
pub fn find(path: &Path) -> Result<Place, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let start = if std::fs::metadata(path).map_err(failed)?.is_dir() { path } else { folder_of(path) };
    let declared = has_fleet(start)?;
    let real = std::fs::canonicalize(start).map_err(failed)?;
    // A folder above that can't be read is none that anybody works in.
    let mut above = real.ancestors().skip(1).filter(|folder| has_fleet(folder).unwrap_or(false)).map(Path::to_owned);
    let (root, certainty) = match if declared { None } else { above.next() } {
        Some(root) => (root, Certainty::Declared),
        None if declared => (start.to_owned(), Certainty::Declared),
        None => (start.to_owned(), Certainty::Assumed),
    };
    Ok(Place { root, certainty, around: above.next() })
}

/// Whether a text declares a fleet.
pub fn declares_fleet(text: &str) -> bool {
    // Most files don't, and need no parse to say so.
    text.contains("fleet")
        && parse(FileId(0), text)
            .file()
            .is_some_and(|file| file.declarations().any(|declaration| matches!(declaration, Declaration::Fleet(_))))
}

/// Whether a file that stands in `folder` itself declares a fleet.
pub fn has_fleet(folder: &Path) -> Result<bool, Error> {
    let mut reader = Reader::new(MAX_FILE, MAX_PACKAGE);
    // What is wrong with a file is said when the package is read.
    let declares =
        |file: PathBuf| reader.read(&file).is_ok_and(|bytes| declares_fleet(&String::from_utf8_lossy(&bytes)));
    Ok(list::files_in(folder)?.into_iter().any(declares))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
