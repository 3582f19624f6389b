//! What lies wherever whoever runs a command keeps it: environment files, which hold values for a package's parameters, and the inventory.

use std::path::{Component, Path, PathBuf};

use fleetnet_lang::SourceFile;

use super::file::Reader;
use super::{Error, MAX_FILE, MAX_PACKAGE, Package, SOURCE_EXTENSION};

impl Package {
    /// Reads environment files, each of which beats those before it. One may be a link, as Kubernetes mounts a ConfigMap.
    pub fn read_environments(&mut self, paths: &[PathBuf]) -> Result<(), Error> {
        let mut reader = Reader::new(MAX_FILE, MAX_PACKAGE);
        for path in paths {
            if path.extension().is_some_and(|extension| extension == SOURCE_EXTENSION) {
                return Err(Error::IsSource { path: path.clone() });
            }
            let file = real(path)?;
            if !file.is_file() {
                return Err(Error::NoEnvironment { path: path.clone() });
            }
            let bytes = reader.read(&file)?;
            let name = self.seen_from_root(path)?;
            let text = self.text(&name, bytes);
            self.environments.push(SourceFile::new(name, text));
        }
        reader.nothing_changed()
    }

    /// Reads the inventory. It is nothing else that a compilation knows.
    pub fn read_inventory(&mut self, path: &Path) -> Result<(), Error> {
        let mut reader = Reader::new(MAX_FILE, MAX_PACKAGE);
        let file = real(path)?;
        let name = self.seen_from_root(path)?;
        let is_taken = self.sources.iter().chain(&self.lock).chain(&self.environments).any(|file| *file.path == *name);
        if !file.is_file() || is_taken {
            return Err(Error::NoInventory { path: path.to_owned() });
        }
        let bytes = reader.read(&file)?;
        let text = self.text(&name, bytes);
        self.inventory = Some(SourceFile::new(name, text));
        reader.nothing_changed()
    }

    /// A path as seen from the package's root, `/` between its parts: every source is named so, and findings are shown by it.
    fn seen_from_root(&self, path: &Path) -> Result<String, Error> {
        let seen = match self.root() {
            // What comes in lies where the command runs.
            None => path.to_owned(),
            Some(root) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                relative(&real(root)?, &real(folder)?).join(path.file_name().unwrap_or_default())
            }
        };
        let parts: Option<Vec<&str>> = seen.iter().map(|part| part.to_str()).collect();
        parts.map(|parts| parts.join("/")).ok_or_else(|| Error::Name { path: path.to_owned() })
    }
}

fn real(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// The way from one folder to another, both without links.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}
