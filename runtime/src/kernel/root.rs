//! The folder below which the pins of all clusters are.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::fs::StatFs;

use super::DEFAULT_ROOT;
use super::build::Build;
use super::cluster::Cluster;
use super::error::{Error, Step};
use crate::output::{Claim, Found};

/// `BPF_FS_MAGIC`: how `statfs` names the file system.
const BPF_FILE_SYSTEM: u32 = 0xcafe_4a11;

/// A folder on a BPF file system, or the name of one that can be made there.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
}

impl Root {
    pub fn new(path: &Path) -> Result<Self, Error> {
        // What is not there yet will be on the file system of what is above it.
        let statistics = path.ancestors().find_map(|above| {
            let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
            rustix::fs::statfs(above).ok()
        });
        if statistics.is_some_and(|found| is_bpf(&found)) {
            Ok(Self { path: path.to_owned() })
        } else {
            Err(Error::NoFileSystem { path: path.to_owned() })
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder if need be, and waits until nobody else works in it.
    pub fn claim(&self) -> Result<(Claim, Found), Error> {
        Claim::tree(&self.path).map_err(|source| Error::kernel(Step::Folder, &self.path, source))
    }

    /// Waits until nobody changes anything in it; nothing if there is no such folder.
    pub fn share(&self) -> Result<Option<Claim>, Error> {
        Claim::shared(&self.path).map_err(|source| Error::kernel(Step::Folder, &self.path, source))
    }

    /// Removes the folder if nothing is in it and it is fleetnet's own: this run made it, or it has the name that nobody else gives.
    pub fn remove_if_empty(&self, found: Found) {
        if found == Found::Nothing || self.path == Path::new(DEFAULT_ROOT) {
            // It is fine as it is; the next load takes it.
            let _ = std::fs::remove_dir(&self.path);
        }
    }

    /// One cluster's folder, whether it is there or not.
    pub fn cluster(&self, name: &str) -> Cluster {
        Cluster::new(name, self.path.join(name))
    }

    /// The clusters with anything of a load, by name.
    pub fn clusters(&self) -> Result<Vec<Cluster>, Error> {
        let failed = |source| Error::kernel(Step::Folder, &self.path, source);
        let entries = match std::fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut clusters = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let cluster = name.to_str().filter(|name| is_label(name)).map(|name| self.cluster(name));
            if let Some(cluster) = cluster
                && cluster.is_begun()
            {
                clusters.push(cluster);
            }
        }
        clusters.sort_by(|left, right| left.name().cmp(right.name()));
        Ok(clusters)
    }
}

/// The build of a cluster that is loaded.
pub fn current(root: &Root, cluster: &str) -> Result<Build, Error> {
    let place = root.cluster(cluster);
    // Any other name is nobody's, and might lead out of the root.
    let number = if is_label(cluster) { place.current()? } else { None };
    let number = number.ok_or_else(|| Error::NotLoaded { cluster: cluster.to_owned(), root: root.path.clone() })?;
    place.build(number)
}

/// Whether a name can be a cluster's: a DNS label, as names in packages are. A BPF file system takes no dots.
pub fn is_label(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') && !name.ends_with('-')
}

fn is_bpf(found: &StatFs) -> bool {
    // The field's type differs between architectures; the number has 32 bits.
    u32::try_from(found.f_type & 0xffff_ffff).is_ok_and(|magic| magic == BPF_FILE_SYSTEM)
}
