//! Loading and unloading: whole or not at all.

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::diff::SectionChange;
use fleetnet_compiler::image::tables::Header;

use super::build::{Build, Content};
use super::cluster::Cluster;
use super::error::{Error, Problem, Step};
use super::map::Filled;
use super::root::{self, Root};

/// What a load did.
#[derive(Debug)]
pub enum Loaded {
    /// The image is the current build now.
    New(New),
    /// It was already, with every entry.
    Already,
}

/// A build that has just become the current one.
#[derive(Debug)]
pub struct New {
    pub filled: Filled,
    pub before: Before,
    /// Why something of older builds is still there.
    pub leftover: Option<Error>,
}

/// In what state the build was that was the current one until then.
#[derive(Debug)]
pub enum Before {
    /// There was none, or it was as it had been loaded and is the previous build now.
    Fine,
    /// Somebody had changed it.
    Changed {
        /// In how many of its maps, and entries.
        maps: usize,
        entries: usize,
        fate: Fate,
    },
    /// Nobody can say what it was.
    Unreadable(Problem),
}

/// What became of a build that somebody had changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The same image is in its place.
    Mended,
    /// It is the previous build now.
    Kept,
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
    let (claim, found) = root.claim()?;
    let was_there = place.path().symlink_metadata().is_ok();
    let loaded = match asked {
        None => check_alone(root, &place),
        Some(_) => Ok(()),
    }
    .and_then(|()| load_cluster(&place, image, &content));
    if loaded.is_err() {
        // Only what is empty goes, and only if this run made it.
        if !was_there {
            let _ = std::fs::remove_dir(place.path());
        }
        root.remove_if_empty(found);
    }
    drop(claim);
    loaded
}

/// Removes everything of one cluster or of all, and says of which.
pub fn unload(root: &Root, asked: Option<&str>) -> Result<Vec<String>, Error> {
    if root.share()?.is_none() {
        return Ok(Vec::new());
    }
    let (claim, found) = root.claim()?;
    let there = root.clusters()?;
    let names = |clusters: &[Cluster]| clusters.iter().map(|cluster| cluster.name().to_owned()).collect::<Vec<_>>();
    let (clusters, others): (Vec<Cluster>, Vec<Cluster>) =
        there.into_iter().partition(|cluster| asked.is_none_or(|asked| asked == cluster.name()));
    if let Some(asked) = asked.filter(|_| clusters.is_empty() && !others.is_empty()) {
        let (cluster, root) = (asked.to_owned(), root.path().to_owned());
        return Err(Error::NotThere { cluster, root, there: names(&others) });
    }
    clusters.iter().try_for_each(Cluster::check_ours)?;
    for cluster in &clusters {
        cluster.remove()?;
    }
    root.remove_if_empty(found);
    drop(claim);
    Ok(names(&clusters))
}

/// A node is of one cluster.
fn check_alone(root: &Root, cluster: &Cluster) -> Result<(), Error> {
    for other in root.clusters()? {
        if other.name() != cluster.name() && other.current()?.is_some() {
            let (image, loaded, root) = (cluster.name().to_owned(), other.name().to_owned(), root.path().to_owned());
            return Err(if cluster.current()?.is_some() {
                Error::OneOfSeveral { image, loaded, root }
            } else {
                Error::OtherCluster { image, loaded, root }
            });
        }
    }
    Ok(())
}

fn load_cluster(cluster: &Cluster, image: &Image, content: &Content) -> Result<Loaded, Error> {
    cluster.check_ours()?;
    let current = cluster.current()?;
    let before = current.map(|number| cluster.before(number)).transpose()?.flatten();
    let mut state = Before::Fine;
    if let Some(number) = current {
        match cluster.build(number) {
            Ok(build) => {
                check_same_cluster(&build, image)?;
                let is_same = build.digest() == content.digest();
                state = before_is(&build, if is_same { Fate::Mended } else { Fate::Kept })?;
                if is_same && matches!(state, Before::Fine) {
                    return Ok(Loaded::Already);
                }
            }
            Err(Error::NotWhole(problem)) => state = Before::Unreadable(problem),
            Err(error) => return Err(error),
        }
    }
    let previous = match state {
        Before::Fine | Before::Changed { fate: Fate::Kept, .. } => current,
        // What was changed under our hands is nothing to go back to, the one before it is.
        Before::Changed { fate: Fate::Mended, .. } => before,
        Before::Unreadable(_) => None,
    };
    cluster.clean(&[current, before].into_iter().flatten().collect::<Vec<_>>())?;
    let (number, filled) = stage(cluster, image, content, previous)?;
    // The new build counts already, whatever becomes of the old ones.
    let leftover = cluster.clean(&[Some(number), previous].into_iter().flatten().collect::<Vec<_>>()).err();
    Ok(Loaded::New(New { filled, before: state, leftover }))
}

/// What was done to a build since it was loaded.
fn before_is(build: &Build, fate: Fate) -> Result<Before, Error> {
    let changes = build.changes(&build.maps()?);
    if changes.is_empty() {
        return Ok(Before::Fine);
    }
    let entries = changes.sections.iter().map(|section| match &section.change {
        SectionChange::Missing(entries) | SectionChange::Extra(entries) => *entries,
        SectionChange::Entries { entries, .. } => entries.len(),
    });
    Ok(Before::Changed { maps: changes.sections.len(), entries: entries.sum(), fate })
}

/// Makes the new build and switches to it; removes it again if that fails. Its number.
fn stage(cluster: &Cluster, image: &Image, content: &Content, previous: Option<u64>) -> Result<(u64, Filled), Error> {
    make_folder(cluster)?;
    let number = cluster.free_number()?;
    let staged = Build::write(&cluster.build_path(number), image, content).and_then(|filled| {
        previous.map_or(Ok(()), |previous| cluster.link_before(number, previous))?;
        cluster.switch(number)?;
        Ok((number, filled))
    });
    if staged.is_err() {
        // The first thing that went wrong is the one to know of; the next load removes what can't be removed now.
        let _ = cluster.remove_build(number);
    }
    staged
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
