//! Loading and unloading: whole or not at all.

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::tables::Header;

use super::build::{Build, Content};
use super::cluster::Cluster;
use super::error::{Error, Step};
use super::map::Filled;
use super::root::{self, Root};

/// What a load did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// The image is the current build now.
    New(Filled),
    /// It was already, with every entry.
    Already,
}

/// Makes an image the current build of its cluster, and the current one the previous one. `asked` is the cluster that is meant, if one is
/// named; without a name it must be the only one that is loaded.
pub fn load(root: &Root, image: &Image, asked: Option<&str>) -> Result<Loaded, Error> {
    let cluster = &image.header().cluster;
    if let Some(named) = asked.filter(|named| named != cluster) {
        return Err(Error::NotNamed { image: cluster.clone(), named: named.to_owned() });
    }
    if !root::is_label(cluster) {
        return Err(Error::BadName { cluster: cluster.clone() });
    }
    let place = root.cluster(cluster);
    let content = Content::new(image, place.path())?;
    let claim = root.claim()?;
    let loaded = match asked {
        None => check_alone(root, cluster),
        Some(_) => Ok(()),
    }
    .and_then(|()| load_cluster(&place, image, &content));
    if loaded.is_err() {
        // Only what is empty goes, which is what this run made.
        let _ = std::fs::remove_dir(place.path());
        root.remove_if_empty();
    }
    drop(claim);
    loaded
}

/// Removes everything of one cluster or of all, and says of which.
pub fn unload(root: &Root, asked: Option<&str>) -> Result<Vec<String>, Error> {
    if root.share()?.is_none() {
        return Ok(Vec::new());
    }
    let claim = root.claim()?;
    let clusters: Vec<Cluster> =
        root.clusters()?.into_iter().filter(|cluster| asked.is_none_or(|asked| asked == cluster.name())).collect();
    clusters.iter().try_for_each(Cluster::check_ours)?;
    for cluster in &clusters {
        cluster.remove()?;
    }
    root.remove_if_empty();
    drop(claim);
    Ok(clusters.iter().map(|cluster| cluster.name().to_owned()).collect())
}

/// A node is of one cluster.
fn check_alone(root: &Root, cluster: &str) -> Result<(), Error> {
    for other in root.clusters()? {
        if other.name() != cluster && other.current()?.is_some() {
            let (image, loaded) = (cluster.to_owned(), other.name().to_owned());
            return Err(Error::OtherCluster { image, loaded, root: root.path().to_owned() });
        }
    }
    Ok(())
}

fn load_cluster(cluster: &Cluster, image: &Image, content: &Content) -> Result<Loaded, Error> {
    cluster.check_ours()?;
    let current = cluster.current()?;
    let before = current.map(|number| cluster.before(number)).transpose()?.flatten();
    let mut previous = current;
    if let Some(number) = current {
        let build = cluster.build(number)?;
        check_same_cluster(&build, image)?;
        build.check_shapes()?;
        if build.digest() == content.digest() {
            if build.changes(&build.maps()?).is_empty() {
                return Ok(Loaded::Already);
            }
            // What was changed under our hands is mended, and nothing to go back to.
            previous = before;
        }
    }
    cluster.clean(&[current, before].into_iter().flatten().collect::<Vec<_>>())?;
    let filled = stage(cluster, image, content, previous)?;
    Ok(Loaded::New(filled))
}

/// Makes the new build and switches to it; removes it again if that fails.
fn stage(cluster: &Cluster, image: &Image, content: &Content, previous: Option<u64>) -> Result<Filled, Error> {
    make_folder(cluster)?;
    let number = cluster.free_number()?;
    let path = cluster.build_path(number);
    let staged = Build::write(&path, image, content).and_then(|filled| {
        previous.map_or(Ok(()), |previous| cluster.link_before(number, previous))?;
        cluster.switch(number)?;
        Ok(filled)
    });
    if staged.is_err() {
        // The first thing that went wrong is the one to know of; the next load removes what can't be removed now.
        let _ = std::fs::remove_dir_all(&path);
    }
    let filled = staged?;
    cluster.clean(&[Some(number), previous].into_iter().flatten().collect::<Vec<_>>())?;
    Ok(filled)
}

fn make_folder(cluster: &Cluster) -> Result<(), Error> {
    std::fs::create_dir_all(cluster.path()).map_err(|source| Error::kernel(Step::Folder, cluster.path(), source))
}

/// Numbers of another mesh, or rules of another fleet, are a mistake even under the same name.
fn check_same_cluster(build: &Build, image: &Image) -> Result<(), Error> {
    let shown = |header: &Header| {
        format!("cluster `{}` (id {}) of fleet `{}`", header.cluster, header.cluster_id, header.fleet)
    };
    let same = |header: &Header| (header.cluster.clone(), header.cluster_id, header.fleet.clone());
    let (loaded, new) = (build.image().header(), image.header());
    if same(loaded) == same(new) {
        return Ok(());
    }
    Err(Error::Namesake { path: build.path().to_owned(), loaded: shown(loaded), image: shown(new) })
}
