//! `fleetnet image status`: what is loaded, and whether the kernel still holds it.

mod json;
mod text;

pub use json::schema;

use std::path::PathBuf;

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::diff::{EntryChange, ImageDiff, SectionChange};
use fleetnet_compiler::image::file;
use fleetnet_compiler::image::live::LiveMap;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;
use fleetnet_compiler::image::tables::Header;

use super::ls;
use crate::cli::{ImageStatus, StatusFormat};
use crate::kernel::{self, Build, Cluster, Root};
use crate::terminal::{Outcome, Terminal};

/// All that is there.
struct Status {
    root: PathBuf,
    asked: Option<Asked>,
    /// In order of name.
    clusters: Vec<ClusterStatus>,
}

/// An image that somebody wants to know of.
struct Asked {
    path: PathBuf,
    is_loaded: bool,
}

struct ClusterStatus {
    name: String,
    state: State,
}

enum State {
    /// The current build, and the previous one if it is kept.
    Loaded(Vec<BuildStatus>),
    /// No build is current, and these folders of builds are left.
    Left(Vec<PathBuf>),
    /// Which build is current can't be said.
    Unclear(String),
}

struct BuildStatus {
    role: Role,
    path: PathBuf,
    /// Or why it can't be read.
    content: Result<Content, String>,
}

/// Which of a cluster's builds one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Current,
    Previous,
}

struct Content {
    header: Header,
    /// The first line of `fleetnet image ls`.
    heading: String,
    digest: [u8; 32],
    /// Of each map that was loaded or is there, in order of their kinds.
    maps: Vec<MapStatus>,
}

struct MapStatus {
    name: String,
    /// Whose it is.
    subject: String,
    /// Entries in the image, and in the kernel; nothing where there is no such map.
    loaded: Option<usize>,
    now: Option<usize>,
    change: Option<MapChange>,
}

/// What became of a map since it was loaded.
enum MapChange {
    /// It is gone.
    Missing,
    /// Somebody put it there.
    NotLoaded,
    /// So many of its entries are.
    Entries {
        missing: usize,
        extra: usize,
        changed: usize,
        /// How many it can hold, if that is another number.
        capacity: Option<u32>,
    },
}

pub fn run(args: &ImageStatus, terminal: &mut Terminal) -> Result<Outcome, super::super::Error> {
    let image = args.image.as_deref().map(super::open).transpose()?;
    let root = Root::new(&args.pins.root)?;
    let claim = root.share()?;
    let mut asked = None;
    if let (Some(image), Some(path)) = (&image, &args.image) {
        asked = Some(Asked { path: path.clone(), is_loaded: is_loaded(&root, image)? });
    }
    let clusters = root.clusters()?.iter().map(of_cluster).collect::<Result<_, _>>()?;
    drop(claim);
    let status = Status { root: root.path().to_owned(), asked, clusters };
    match args.format {
        StatusFormat::Human => text::print(&status, terminal),
        StatusFormat::Json => json::print(&status, terminal),
    }
    Ok(if status.is_good() { Outcome::Good } else { Outcome::Findings })
}

impl Status {
    fn is_good(&self) -> bool {
        let cluster = |cluster: &ClusterStatus| match &cluster.state {
            State::Loaded(builds) => builds.iter().all(BuildStatus::is_good),
            State::Left(_) | State::Unclear(_) => false,
        };
        self.asked.as_ref().is_none_or(|asked| asked.is_loaded) && self.clusters.iter().all(cluster)
    }
}

impl BuildStatus {
    fn is_good(&self) -> bool {
        self.content.as_ref().is_ok_and(Content::is_as_loaded)
    }
}

impl Content {
    fn is_as_loaded(&self) -> bool {
        self.maps.iter().all(|map| map.change.is_none())
    }
}

/// Whether an image is the one that is loaded for its cluster. What can't be read is none, and what is said of the cluster says why.
fn is_loaded(root: &Root, image: &Image) -> Result<bool, kernel::Error> {
    match kernel::current(root, &image.header().cluster) {
        Ok(loaded) => Ok(loaded.digest() == kernel::digest(&file::write(image))),
        Err(kernel::Error::NotWhole(_) | kernel::Error::Foreign { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What is wrong with a cluster or a build is a finding, and no reason to say nothing of others.
fn of_cluster(cluster: &Cluster) -> Result<ClusterStatus, kernel::Error> {
    let state = match numbers(cluster) {
        Ok(None) => State::Left(cluster.builds()?),
        Ok(Some((current, previous))) => {
            let builds = [(Role::Current, Some(current)), (Role::Previous, previous)];
            let builds = builds.into_iter().filter_map(|(role, number)| Some((role, number?)));
            State::Loaded(builds.map(|(role, number)| of_build(cluster, number, role)).collect::<Result<_, _>>()?)
        }
        Err(error @ kernel::Error::Foreign { .. }) => State::Unclear(error.to_string()),
        Err(error) => return Err(error),
    };
    Ok(ClusterStatus { name: cluster.name().to_owned(), state })
}

/// The current build and the one before.
fn numbers(cluster: &Cluster) -> Result<Option<(u64, Option<u64>)>, kernel::Error> {
    let current = cluster.current()?;
    current.map(|current| Ok((current, cluster.before(current)?))).transpose()
}

fn of_build(cluster: &Cluster, number: u64, role: Role) -> Result<BuildStatus, kernel::Error> {
    let read = cluster.build(number).and_then(|build| build.maps().map(|maps| content(&build, &maps)));
    let content = match read {
        Ok(content) => Ok(content),
        Err(kernel::Error::NotWhole(problem)) => Err(problem.to_string()),
        Err(error) => return Err(error),
    };
    Ok(BuildStatus { role, path: cluster.build_path(number), content })
}

fn content(build: &Build, maps: &[LiveMap]) -> Content {
    let image = build.image();
    Content {
        header: image.header().clone(),
        heading: ls::heading(image),
        digest: build.digest(),
        maps: of_maps(image, maps, &build.changes(maps)),
    }
}

fn of_maps(image: &Image, maps: &[LiveMap], changes: &ImageDiff) -> Vec<MapStatus> {
    let mut kinds: Vec<MapKind> =
        image.sections().iter().map(Section::map).chain(maps.iter().map(|map| map.map)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let status = |kind: MapKind| MapStatus {
        name: super::text::map_name(kind),
        subject: ls::subject(image, kind),
        loaded: image.section(kind).map(Section::len),
        now: at(maps, kind, |map| map.map).map(|map| map.entries(image.header().abi).count()),
        change: at(&changes.sections, kind, |section| section.map).map(|section| change(&section.change)),
    };
    kinds.into_iter().map(status).collect()
}

/// What is of a map, out of things in order of their maps.
fn at<T>(sorted: &[T], kind: MapKind, of: impl Fn(&T) -> MapKind) -> Option<&T> {
    sorted.binary_search_by_key(&kind, of).ok().and_then(|place| sorted.get(place))
}

fn change(change: &SectionChange) -> MapChange {
    match change {
        SectionChange::Missing(_) => MapChange::Missing,
        SectionChange::Extra(_) => MapChange::NotLoaded,
        SectionChange::Entries { capacity, entries } => {
            let count = |which: fn(&EntryChange) -> bool| entries.iter().filter(|entry| which(entry)).count();
            MapChange::Entries {
                missing: count(|entry| matches!(entry, EntryChange::Missing(_))),
                extra: count(|entry| matches!(entry, EntryChange::Extra(_))),
                changed: count(|entry| matches!(entry, EntryChange::Different(_))),
                capacity: capacity.as_ref().map(|change| change.actual),
            }
        }
    }
}
