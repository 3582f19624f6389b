//! A name in the file system that only this run works under.
//!
//! The kernel's lock on the file or directory itself ends with the process however it ends, so a name whose lock can be had is a leftover.
//! Between opening and locking, the run before may have moved the thing elsewhere: then the name is tried again.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};

use super::Error;

/// How often a name may be moved away before it is taken for one that cannot be made.
const MOST_MISSED: usize = 100;

/// What was there before a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: who claims it made it.
    Nothing,
    /// A directory, or what can't be made into one.
    Directory,
}

/// The lock on a file or directory under its name.
pub struct Claim {
    path: PathBuf,
    handle: File,
}

impl Claim {
    /// Claims a directory, which may hold leftovers; waits for whoever has it.
    pub fn directory(path: &Path) -> io::Result<Self> {
        Self::of(path, FlockOperation::LockExclusive, || {
            make(path)?;
            open(path, OFlags::DIRECTORY)
        })
    }

    /// The same for a file.
    pub fn file(path: &Path) -> io::Result<Self> {
        Self::of(path, FlockOperation::LockExclusive, || {
            let flags = OFlags::NOFOLLOW.bits().cast_signed();
            OpenOptions::new().write(true).create(true).truncate(false).custom_flags(flags).open(path)
        })
    }

    /// Claims a directory, which is made with all that are missing above it.
    pub fn tree(path: &Path) -> io::Result<(Self, Found)> {
        let found = Cell::new(Found::Directory);
        let claim = Self::of(path, FlockOperation::LockExclusive, || {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            found.set(make(path)?);
            open(path, OFlags::DIRECTORY)
        })?;
        Ok((claim, found.get()))
    }

    /// Shares a directory with others who only look; waits for whoever claims it. Nothing if there is no such directory.
    pub fn shared(path: &Path) -> io::Result<Option<Self>> {
        while std::fs::symlink_metadata(path).is_ok() {
            match Self::of(path, FlockOperation::LockShared, || open(path, OFlags::DIRECTORY)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                claimed => return claimed.map(Some),
            }
        }
        Ok(None)
    }

    /// Waits for whoever works on `path`, a directory, without claiming its name.
    pub fn wait(path: &Path) -> io::Result<File> {
        let handle = open(path, OFlags::DIRECTORY)?;
        rustix::fs::flock(&handle, FlockOperation::LockExclusive)?;
        Ok(handle)
    }

    fn of(path: &Path, operation: FlockOperation, open: impl Fn() -> io::Result<File>) -> io::Result<Self> {
        let mut missed = 0;
        loop {
            let handle = match open() {
                // Moved away between being made and being opened; or nothing can be made here, as in `/proc`.
                Err(error) if error.kind() == ErrorKind::NotFound && missed < MOST_MISSED => {
                    missed += 1;
                    continue;
                }
                opened => opened?,
            };
            rustix::fs::flock(&handle, operation)?;
            let mine = handle.metadata()?;
            let same = std::fs::symlink_metadata(path)
                .is_ok_and(|named| (named.dev(), named.ino()) == (mine.dev(), mine.ino()));
            if same {
                return Ok(Self { path: path.to_owned(), handle });
            }
        }
    }

    /// What is claimed.
    pub fn handle(&self) -> &File {
        &self.handle
    }

    /// Empties the directory.
    pub fn clear(&self) -> Result<(), Error> {
        let leftover = |source| Error::Leftover { path: self.path.clone(), source };
        for entry in std::fs::read_dir(&self.path).map_err(leftover)? {
            let entry = entry.map_err(leftover)?;
            let is_folder = entry.file_type().map_err(leftover)?.is_dir();
            let removed =
                if is_folder { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
            removed.map_err(leftover)?;
        }
        Ok(())
    }

    /// Removes it. Only for a claim whose name was not given to anything else since.
    pub fn remove(self) -> io::Result<()> {
        if self.handle.metadata()?.is_dir() {
            std::fs::remove_dir_all(&self.path)
        } else {
            std::fs::remove_file(&self.path)
        }
    }
}

/// Makes a directory, unless something is there.
fn make(path: &Path) -> io::Result<Found> {
    match std::fs::create_dir(path) {
        Ok(()) => Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Found::Directory),
        Err(error) => Err(error),
    }
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags((flags | OFlags::NOFOLLOW).bits().cast_signed()).open(path)
}
