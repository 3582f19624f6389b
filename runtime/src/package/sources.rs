//! Single sources, whatever package they are of.

use std::path::{Path, PathBuf};

use super::file::Reader;
use super::{Error, MAX_FILE, MAX_PACKAGE, STDIN, list, root, stdin_bytes};

/// A source by itself.
pub struct Source {
    /// Where it lies, unless it came from standard input.
    pub path: Option<PathBuf>,
    pub text: String,
}

/// The file of that path, all sources below that folder, or what comes in for `-`; and what was left out, for people.
pub fn sources_at(path: &Path) -> Result<(Vec<Source>, Vec<String>), Error> {
    if path == Path::new("-") {
        let text = text(Path::new(STDIN), stdin_bytes()?)?;
        return Ok((vec![Source { path: None, text }], Vec::new()));
    }
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let (files, notes) = if std::fs::metadata(path).map_err(failed)?.is_dir() {
        let listing = list::files_below(path, |_| Ok(()))?;
        (listing.files.into_iter().map(|entry| entry.path).collect(), listing.notes)
    } else {
        (vec![path.to_owned()], Vec::new())
    };
    let mut reader = Reader::new(MAX_FILE, MAX_PACKAGE);
    let mut sources = Vec::new();
    for path in files {
        let real = std::fs::canonicalize(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let text = text(&path, reader.read(&real)?)?;
        sources.push(Source { path: Some(path), text });
    }
    reader.nothing_changed()?;
    Ok((sources, notes))
}

/// The folder of the package around a place, or that place where there is none.
pub fn root_around(path: &Path) -> Result<PathBuf, Error> {
    Ok(root::find(path)?.root)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| Error::NotText { path: path.to_owned() })
}
