//! The builds of one cluster, and which of them is the current one.

use std::ffi::OsStr;
use std::fs::{DirEntry, FileType};
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::build::{self, Build};
use super::error::{Error, Step};

const CURRENT: &str = "current";
const PREVIOUS: &str = "previous";
/// The link that becomes `current`.
const NEXT: &str = "next";
const BUILD: &str = "build-";

/// A cluster's folder below the root.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    path: PathBuf,
}

impl Cluster {
    pub fn new(name: &str, path: PathBuf) -> Self {
        Self { name: name.to_owned(), path }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a load was here, even one that was killed.
    pub fn is_begun(&self) -> bool {
        self.entries().is_ok_and(|entries| entries.iter().any(|(name, kind)| is_ours(name, *kind)))
    }

    /// The number of the build that is loaded.
    pub fn current(&self) -> Result<Option<u64>, Error> {
        self.link(&self.path.join(CURRENT), "")
    }

    /// The number of the build that was loaded before `build`, if it is still there.
    pub fn before(&self, build: u64) -> Result<Option<u64>, Error> {
        let number = self.link(&self.build_path(build).join(PREVIOUS), "../")?;
        Ok(number.filter(|number| self.build_path(*number).is_dir()))
    }

    /// A build as it lies there.
    pub fn build(&self, number: u64) -> Result<Build, Error> {
        Build::open(self.build_path(number))
    }

    pub fn build_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{BUILD}{number}"))
    }

    /// The folders of builds that are there, whether one of them is loaded or not.
    pub fn builds(&self) -> Result<Vec<PathBuf>, Error> {
        let mut numbers = self.numbers()?;
        numbers.sort_unstable();
        Ok(numbers.into_iter().map(|number| self.build_path(number)).collect())
    }

    /// A number that no build has.
    pub fn free_number(&self) -> Result<u64, Error> {
        Ok(self.numbers()?.into_iter().max().map_or(1, |last| last.saturating_add(1)))
    }

    /// Makes a build the current one, and the one it names the previous one: one rename does it.
    pub fn switch(&self, build: u64) -> Result<(), Error> {
        let next = self.path.join(NEXT);
        let switch = || {
            symlink(format!("{BUILD}{build}"), &next)?;
            std::fs::rename(&next, self.path.join(CURRENT))
        };
        switch().map_err(|source| Error::kernel(Step::Folder, &self.path, source))
    }

    /// Notes in a build which one was there before.
    pub fn link_before(&self, build: u64, before: u64) -> Result<(), Error> {
        let previous = self.path.join(PREVIOUS);
        let link = || {
            symlink(format!("../{BUILD}{before}"), self.build_path(build).join(PREVIOUS))?;
            if std::fs::symlink_metadata(&previous).is_err() {
                symlink(Path::new(CURRENT).join(PREVIOUS), &previous)?;
            }
            Ok(())
        };
        link().map_err(|source| Error::kernel(Step::Folder, &self.path, source))
    }

    /// Refuses if there is anything that no load puts there.
    pub fn check_ours(&self) -> Result<(), Error> {
        for (name, kind) in self.entries()? {
            let path = self.path.join(&name);
            if !is_ours(&name, kind) {
                return Err(Error::Foreign { path });
            }
            if kind.is_dir() {
                build::ours(&path, PREVIOUS)?;
            }
        }
        Ok(())
    }

    /// Removes builds that are not in `keep`, and what a killed load left.
    pub fn clean(&self, keep: &[u64]) -> Result<(), Error> {
        let next = self.path.join(NEXT);
        remove(&next).map_err(|source| Error::Leftover { path: next, source })?;
        for number in self.numbers()? {
            if !keep.contains(&number) {
                self.remove_build(number)?;
            }
        }
        Ok(())
    }

    /// Removes one build, as far as a load wrote it.
    pub fn remove_build(&self, number: u64) -> Result<(), Error> {
        build::remove(&self.build_path(number), PREVIOUS)
    }

    /// Removes everything. The first step makes it not loaded; a kill after that leaves only what the next load or unload removes.
    pub fn remove(&self) -> Result<(), Error> {
        let current = self.path.join(CURRENT);
        remove(&current).map_err(|source| Error::kernel(Step::Remove, &current, source))?;
        self.clean(&[])?;
        let rest = || {
            remove(&self.path.join(PREVIOUS))?;
            std::fs::remove_dir(&self.path)
        };
        rest().map_err(|source| Error::Leftover { path: self.path.clone(), source })
    }

    fn numbers(&self) -> Result<Vec<u64>, Error> {
        let names = self.entries()?;
        Ok(names.iter().filter_map(|(name, _)| number(name)).collect())
    }

    /// Nothing if there is no folder.
    fn entries(&self) -> Result<Vec<(String, FileType)>, Error> {
        names(&self.path)
    }

    /// The number of the build that a link leads to.
    fn link(&self, link: &Path, to: &str) -> Result<Option<u64>, Error> {
        let target = match std::fs::read_link(link) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            target => target.map_err(|source| Error::kernel(Step::Folder, &self.path, source))?,
        };
        let number = target.to_str().and_then(|target| target.strip_prefix(to)).and_then(number);
        number.map(Some).ok_or_else(|| Error::Foreign { path: link.to_owned() })
    }
}

/// What is in a folder, names that are not UTF-8 as far as they can be shown. Nothing if there is no folder.
pub fn names(folder: &Path) -> Result<Vec<(String, FileType)>, Error> {
    let failed = |source| Error::kernel(Step::Folder, folder, source);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let read = |entry: io::Result<DirEntry>| {
        let entry = entry?;
        Ok((OsStr::to_string_lossy(&entry.file_name()).into_owned(), entry.file_type()?))
    };
    entries.map(|entry| read(entry).map_err(failed)).collect()
}

fn is_ours(name: &str, kind: FileType) -> bool {
    match name {
        CURRENT | PREVIOUS | NEXT => kind.is_symlink(),
        name => number(name).is_some() && kind.is_dir(),
    }
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(BUILD).and_then(|number| number.parse().ok())
}

/// Removes a link that may not be there.
fn remove(link: &Path) -> io::Result<()> {
    match std::fs::remove_file(link) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
