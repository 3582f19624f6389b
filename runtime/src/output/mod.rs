//! Writing: whole or not at all, whatever happens in between.
//!
//! A new build is written beside the old one, made durable, and swapped in with one system call. Whoever looks at the directory, also after a
//! kill or a power cut, sees the old build or the new one. Several runs for one directory wait for each other.

mod claim;
mod error;
mod standing;
mod swap;

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Component, Path, PathBuf};

use fleetnet_compiler::compile::{Artifact, LOCK_FILE};

pub use claim::{Claim, Found};
pub use error::Error;
use standing::Standing;
use swap::Old;

use crate::package::SOURCE_EXTENSION;

/// Replaces the build in `directory`, which is made with all that are missing above it.
pub fn replace_build(directory: &Path, artifacts: &[Artifact]) -> Result<(), Error> {
    if std::fs::symlink_metadata(directory).is_err() && directory.file_name().is_some() {
        let above = directory.parent().map_or(Ok(()), std::fs::create_dir_all);
        above.map_err(|source| Error::Write { path: directory.to_owned(), source })?;
    }
    let site = Site::new(directory)?;
    let staging = Claim::directory(&site.staging).map_err(|source| site.failed(source))?;
    match write_all(&site, &staging, artifacts).and_then(|()| swap::put(&site)) {
        Ok(old) => {
            site.sync()?;
            old.map_or(Ok(()), Old::remove)
        }
        Err(error) => {
            // The first thing that went wrong is the one to know of; the next run removes what can't be removed now.
            let _ = staging.remove();
            Err(error)
        }
    }
}

/// Puts a text where somebody wants it. A device or a pipe is written to; a file is replaced, unless people or the compiler keep it.
pub fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let kind = match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        found => Some(found.map_err(failed)?.file_type()),
    };
    match kind {
        Some(kind) if kind.is_char_device() || kind.is_fifo() => {
            write_into(path, text).map_err(|source| Error::Into { path: path.to_owned(), source })
        }
        Some(kind) if !kind.is_file() => Err(Error::NotAFile { path: path.to_owned() }),
        Some(_) | None => {
            let site = Site::new(path)?;
            if is_of_a_package(&site.path) {
                return Err(Error::OfAPackage { path: path.to_owned() });
            }
            replace(&site, text)
        }
    }
}

/// Writes a file that is not there yet, and makes the folders above it. Whatever is there is left alone.
pub fn write_new_file(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    let mut file = File::create_new(path).map_err(failed)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|source| {
        // A half-written package is worse than none.
        let _ = std::fs::remove_file(path);
        failed(source)
    })
}

/// Whether a path leads to where standard output goes, as `-` and `/dev/stdout` do. What stands there already was written by somebody who goes on
/// writing, so it is added to.
pub fn is_standard_output(path: &Path) -> bool {
    let same = || {
        let (named, out) = (std::fs::metadata(path).ok()?, rustix::fs::fstat(io::stdout()).ok()?);
        Some((named.dev(), named.ino()) == (out.st_dev, out.st_ino))
    };
    path == Path::new("-") || same().unwrap_or(false)
}

/// Replaces the text of one file that is fleetnet's own.
pub fn replace_file(path: &Path, text: &str) -> Result<(), Error> {
    replace(&Site::new(path)?, text)
}

/// Replaces the text of a source, unless somebody wrote another one since `before` was read.
pub fn replace_source(path: &Path, before: &str, text: &str) -> Result<(), Error> {
    let now = std::fs::read(path).map_err(|source| Error::Write { path: path.to_owned(), source })?;
    if now != before.as_bytes() {
        return Err(Error::Changed { path: path.to_owned() });
    }
    replace(&Site::new(path)?, text)
}

/// A source, or the lock of the sources.
fn is_of_a_package(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == SOURCE_EXTENSION)
        || path.file_name().is_some_and(|name| name == LOCK_FILE)
}

/// What is no file has no text to replace. A reader that goes away has read what it wanted.
fn write_into(path: &Path, text: &str) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn replace(site: &Site, text: &str) -> Result<(), Error> {
    let staging = Claim::file(&site.staging).map_err(|source| site.failed(source))?;
    let write = || {
        let mut file = staging.handle();
        if let Ok(old) = std::fs::symlink_metadata(&site.path) {
            // Only root can give a file away; whoever else replaces it owns it.
            let _ = fchown(file, Some(old.uid()), Some(old.gid()));
            file.set_permissions(Permissions::from_mode(old.mode() & 0o777))?;
        }
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&site.staging, &site.path)
    };
    if let Err(source) = write() {
        let _ = staging.remove();
        return Err(site.failed(source));
    }
    site.sync()
}

/// Where something is put, and where it is made.
struct Site {
    /// As the user wrote it, for messages.
    shown: PathBuf,
    /// Without links.
    path: PathBuf,
    /// Beside it, so that one system call moves one to the other. Always the same name: what a killed run left there is found and removed.
    staging: PathBuf,
    /// Where the old one waits while a file system that can't exchange two names is given the new one.
    aside: PathBuf,
    parent: PathBuf,
}

impl Site {
    /// The folder above must be there.
    fn new(shown: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Write { path: shown.to_owned(), source };
        let path = if std::fs::symlink_metadata(shown).is_ok() {
            std::fs::canonicalize(shown).map_err(failed)?
        } else {
            let name = shown.file_name().ok_or_else(|| Error::NoName { path: shown.to_owned() })?;
            let parent = shown.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let no_folder = |source: io::Error| match source.kind() {
                ErrorKind::NotFound => Error::NoFolder { path: shown.to_owned(), folder: parent.to_owned() },
                _ => failed(source),
            };
            std::fs::canonicalize(parent).map_err(no_folder)?.join(name)
        };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Error::NoName { path: shown.to_owned() });
        };
        let beside = |suffix: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(suffix);
            parent.join(hidden)
        };
        let (staging, aside) = (beside(".fleetnet-new"), beside(".fleetnet-old"));
        Ok(Self { shown: shown.to_owned(), staging, aside, parent: parent.to_owned(), path })
    }

    /// Makes the names in the folder durable.
    fn sync(&self) -> Result<(), Error> {
        let synced = File::open(&self.parent).and_then(|folder| folder.sync_all());
        synced.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write { path: self.shown.clone(), source }
    }
}

fn write_all(site: &Site, staging: &Claim, artifacts: &[Artifact]) -> Result<(), Error> {
    swap::recover(site)?;
    Standing::of(site)?;
    staging.clear()?;
    for artifact in artifacts {
        let shown = || site.shown.join(&artifact.path);
        let below = Path::new(&artifact.path);
        if !below.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Error::Outside { path: shown() });
        }
        write(&site.staging.join(below), &artifact.bytes).map_err(|source| Error::Write { path: shown(), source })?;
    }
    // One call for all files; one each would take longer than the build.
    rustix::fs::syncfs(staging.handle()).map_err(|error| site.failed(error.into()))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(bytes)
}
