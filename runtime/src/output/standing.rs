//! What stands where a build is to go. Replacing a directory removes what is in it, so everything in it must be known to be ours: a build
//! lists its own files in `build.json`.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, Site};

/// The list of a build's files.
pub const MANIFEST: &str = "build.json";

/// What may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A directory, empty or with a build of ours.
    Replaceable,
}

/// As much of `build.json` as tells what belongs to a build.
#[derive(Deserialize)]
struct Manifest {
    artifacts: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: PathBuf,
}

impl Standing {
    pub fn of(site: &Site) -> Result<Self, Error> {
        let failed = |source| site.failed(source);
        match std::fs::symlink_metadata(&site.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Nothing),
            Err(error) => return Err(failed(error)),
            Ok(metadata) if !metadata.is_dir() => return Err(Error::NotADirectory { path: site.shown.clone() }),
            Ok(_) => {}
        }
        let ours = manifest(&site.path);
        if ours.is_empty() && std::fs::symlink_metadata(site.path.join(MANIFEST)).is_ok() {
            return Err(Error::NoList { path: site.shown.clone() });
        }
        let mut folders = vec![site.path.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let found = entry.path().strip_prefix(&site.path).map(Path::to_owned).unwrap_or_default();
                if entry.file_type().map_err(failed)?.is_dir() {
                    folders.push(entry.path());
                } else if !ours.contains(&found) {
                    return Err(Error::HoldsOther { path: site.shown.clone(), found });
                }
            }
        }
        Ok(Self::Replaceable)
    }
}

/// The files that the build in `directory` lists; none if there is no build.
fn manifest(directory: &Path) -> BTreeSet<PathBuf> {
    let text = std::fs::read(directory.join(MANIFEST)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&text) else {
        return BTreeSet::new();
    };
    manifest.artifacts.into_iter().map(|listed| listed.path).chain([PathBuf::from(MANIFEST)]).collect()
}
