//! Reading files within bounds, and noticing when one changes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::Error;

/// Reads the files of one package and remembers what they were like.
pub struct Reader {
    max_file: u64,
    max_package: u64,
    total: u64,
    read: Vec<(PathBuf, Stamp)>,
}

/// What differs between two states of a file that is written to or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Reader {
    pub fn new(max_file: u64, max_package: u64) -> Self {
        Self { max_file, max_package, total: 0, read: Vec::new() }
    }

    /// The bytes of a regular file.
    pub fn read(&mut self, path: &Path) -> Result<Vec<u8>, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        // What took the file's place since it was listed: a pipe is not waited for, a link not followed.
        let options = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(options).open(path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?;
        if !before.is_file() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let bytes = self.bytes(path, &file, &before)?;
        if bytes.len() as u64 != before.size() {
            return Err(Error::Changed { path: path.to_owned() });
        }
        self.read.push((path.to_owned(), Stamp::of(&before)));
        Ok(bytes)
    }

    /// Every file is still what it was when it was read.
    pub fn nothing_changed(&self) -> Result<(), Error> {
        let changed = self
            .read
            .iter()
            .find(|(path, stamp)| std::fs::metadata(path).map_or(true, |now| Stamp::of(&now) != *stamp));
        changed.map_or(Ok(()), |(path, _)| Err(Error::Changed { path: path.clone() }))
    }

    fn bytes(&mut self, path: &Path, file: &File, metadata: &Metadata) -> Result<Vec<u8>, Error> {
        if metadata.size() > self.max_file {
            return Err(Error::FileTooLarge { path: path.to_owned(), limit: self.max_file });
        }
        self.total += metadata.size();
        if self.total > self.max_package {
            return Err(Error::PackageTooLarge { path: path.to_owned(), limit: self.max_package });
        }
        let mut bytes = Vec::new();
        // One byte more than there should be shows a file that grows.
        file.take(metadata.size() + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Ok(bytes)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
