//! Which files belong to a package: every regular `*.fleetnet` below its root, each once and under its own path.
//!
//! Names that start with a dot are left out, as editors and version control put things there that nobody wrote. Links to folders are not
//! followed: a folder inside the package is read anyway, so no cycle can be walked, and one outside does not belong to it. A link to a file
//! inside the package that is not read anyway counts as that file, which is how Kubernetes mounts a ConfigMap.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::LOCK_FILE;

use super::Error;

/// Files and folders below a root; more is a disk, not a package.
const MAX_ENTRIES: usize = 1_000_000;
/// What the names of sources end in.
pub const EXTENSION: &str = "fleetnet";

/// What a package consists of.
pub struct Listing {
    /// In order of name.
    pub files: Vec<Entry>,
    /// What was left out, for people.
    pub notes: Vec<String>,
}

/// One file of a package.
pub struct Entry {
    /// Path below the root, `/` between its parts.
    pub name: String,
    /// Where it is read; no link.
    pub path: PathBuf,
}

/// Everything below `root` that belongs to its package. Each folder is shown to `look` first, in order of name, which may end the walk.
pub fn files_below(root: &Path, mut look: impl FnMut(&Path) -> Result<(), Error>) -> Result<Listing, Error> {
    let mut walk = Walk::new(root)?;
    while let Some(folder) = walk.folders.pop() {
        look(&folder)?;
        let mut entries = read_dir(&folder)?;
        // The folder that is pushed last is the next one.
        entries.sort_by_key(|entry| Reverse(entry.file_name()));
        for entry in entries {
            walk.visit(&folder.join(entry.file_name()), &entry)?;
        }
    }
    walk.take_links()?;
    let mut files: Vec<Entry> = walk.files.into_values().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Listing { files, notes: walk.notes })
}

/// Where the lock of the package at `root` is read, if it has one.
pub fn lock_in(root: &Path) -> Result<Option<PathBuf>, Error> {
    let path = root.join(LOCK_FILE);
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Ok(metadata) if metadata.is_symlink() => {
            let target = real(&path)?;
            if target.starts_with(real(root)?) { Ok(Some(target)) } else { Err(Error::LinkOut { path, target }) }
        }
        Ok(_) | Err(_) => Ok(Some(path)),
    }
}

/// The `*.fleetnet` files that stand in `folder` itself.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files: Vec<_> =
        read_dir(folder)?.iter().map(|entry| folder.join(entry.file_name())).filter(|path| is_source(path)).collect();
    files.sort();
    Ok(files)
}

struct Walk<'a> {
    root: &'a Path,
    /// The root without links.
    real_root: PathBuf,
    folders: Vec<PathBuf>,
    seen: usize,
    /// By path without links, so that each is there once.
    files: BTreeMap<PathBuf, Entry>,
    links: BTreeSet<PathBuf>,
    notes: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path) -> Result<Self, Error> {
        let (real_root, folders) = (real(root)?, vec![root.to_owned()]);
        Ok(Self {
            root,
            real_root,
            folders,
            seen: 0,
            files: BTreeMap::new(),
            links: BTreeSet::new(),
            notes: Vec::new(),
        })
    }

    fn visit(&mut self, path: &Path, entry: &DirEntry) -> Result<(), Error> {
        self.seen += 1;
        if self.seen > MAX_ENTRIES {
            return Err(Error::TooMany { root: self.real_root.clone(), limit: MAX_ENTRIES });
        }
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            return Ok(());
        }
        let kind = entry.file_type().map_err(|source| Error::Read { path: path.to_owned(), source })?;
        if kind.is_dir() {
            self.folders.push(path.to_owned());
        } else if kind.is_symlink() {
            self.links.insert(path.to_owned());
        } else if is_source(path) {
            if !kind.is_file() {
                return Err(Error::NotAFile { path: path.to_owned() });
            }
            let name = self.name(path)?;
            // No link is on the way from the root to here, as none is followed.
            self.files.insert(self.real_root.join(&name), Entry { name, path: path.to_owned() });
        }
        Ok(())
    }

    /// Links are judged last: whether one adds something depends on all the files.
    fn take_links(&mut self) -> Result<(), Error> {
        for path in std::mem::take(&mut self.links) {
            let source = is_source(&path);
            let target = match real(&path) {
                Ok(target) => target,
                Err(error) if source => return Err(error),
                Err(_) => continue,
            };
            let inside = target.starts_with(&self.real_root);
            if target.is_dir() {
                if !inside {
                    self.notes.push(format!("`{}` is a link out of the package and was not read", path.display()));
                }
            } else if source {
                if !inside {
                    return Err(Error::LinkOut { path, target });
                }
                let name = self.name(&path)?;
                self.files.entry(target.clone()).or_insert(Entry { name, path: target });
            }
        }
        Ok(())
    }

    fn name(&self, path: &Path) -> Result<String, Error> {
        let below = path.strip_prefix(self.root).unwrap_or(path);
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        parts.map(|parts| parts.join("/")).ok_or_else(|| Error::Name { path: path.to_owned() })
    }
}

fn is_source(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == EXTENSION)
}

fn read_dir(folder: &Path) -> Result<Vec<DirEntry>, Error> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    entries.map_err(|source| Error::Read { path: folder.to_owned(), source })
}

fn real(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}
