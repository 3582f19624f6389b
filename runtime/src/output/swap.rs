//! The moment at which the new build takes the place of the old.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::claim::Claim;
use super::{Error, Site, Standing};

/// The build that was replaced, and has to go. Its name is nobody else's as long as it is locked.
pub struct Old {
    path: PathBuf,
    _lock: File,
}

impl Old {
    pub fn remove(self) -> Result<(), Error> {
        remove(&self.path)
    }
}

/// Puts what was made under the site's staging name in its place. The staging name is free for others afterwards, unless it is the old build's.
pub fn put(site: &Site) -> Result<Option<Old>, Error> {
    match Standing::of(site)? {
        Standing::Nothing => rename_new(site).map(|()| None),
        Standing::Replaceable => Claim::wait(&site.path).and_then(|lock| {
            let path = exchange(site)?;
            Ok(Some(Old { path, _lock: lock }))
        }),
    }
    .map_err(|source| site.failed(source))
}

/// Finishes what a run that was killed between two renames left.
pub fn recover(site: &Site) -> Result<(), Error> {
    let failed = |source| site.failed(source);
    if std::fs::symlink_metadata(&site.aside).is_err() {
        return Ok(());
    }
    if std::fs::symlink_metadata(&site.path).is_err() {
        return std::fs::rename(&site.aside, &site.path).map_err(failed);
    }
    remove(&site.aside)
}

/// Two runs may find the same thing to remove.
fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::Leftover { path: path.to_owned(), source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns where the old build is afterwards.
fn exchange(site: &Site) -> io::Result<PathBuf> {
    match renameat_with(CWD, &site.staging, CWD, &site.path, RenameFlags::EXCHANGE) {
        Err(error) if lacks_flags(error) => by_renames(site),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(site.staging.clone()),
    }
}

/// File systems without an exchange leave a moment without any build; [`recover`] ends it if this run can't.
fn by_renames(site: &Site) -> io::Result<PathBuf> {
    std::fs::rename(&site.path, &site.aside)?;
    if let Err(error) = std::fs::rename(&site.staging, &site.path) {
        std::fs::rename(&site.aside, &site.path)?;
        return Err(error);
    }
    Ok(site.aside.clone())
}

fn rename_new(site: &Site) -> io::Result<()> {
    match renameat_with(CWD, &site.staging, CWD, &site.path, RenameFlags::NOREPLACE) {
        Err(error) if lacks_flags(error) => std::fs::rename(&site.staging, &site.path),
        renamed => Ok(renamed?),
    }
}

fn lacks_flags(error: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP].contains(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site in a fresh folder, with an old and a new build of one file each.
    fn site(name: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("fleetnet-swap-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let site = Site::new(&folder.join("out")).unwrap();
        for (path, text) in [(&site.path, "old"), (&site.staging, "new")] {
            std::fs::create_dir_all(path).unwrap();
            std::fs::write(path.join("build"), text).unwrap();
        }
        site
    }

    fn build(path: &Path) -> String {
        std::fs::read_to_string(path.join("build")).unwrap()
    }

    #[test]
    fn two_renames_end_as_an_exchange_does() {
        for (name, swap) in [("exchange", exchange as fn(&Site) -> io::Result<PathBuf>), ("renames", by_renames)] {
            let site = site(name);
            let old = swap(&site).unwrap();
            assert_eq!((build(&site.path), build(&old)), ("new".to_owned(), "old".to_owned()));
            std::fs::remove_dir_all(&site.parent).unwrap();
        }
    }

    #[test]
    fn a_kill_between_two_renames_is_mended() {
        let before_new = site("before");
        std::fs::rename(&before_new.path, &before_new.aside).unwrap();
        recover(&before_new).unwrap();
        assert_eq!(build(&before_new.path), "old");

        let after_new = site("after");
        std::fs::rename(&after_new.path, &after_new.aside).unwrap();
        std::fs::rename(&after_new.staging, &after_new.path).unwrap();
        recover(&after_new).unwrap();
        assert_eq!(build(&after_new.path), "new");
        assert!(!after_new.aside.exists());
        for site in [before_new, after_new] {
            std::fs::remove_dir_all(&site.parent).unwrap();
        }
    }
}
