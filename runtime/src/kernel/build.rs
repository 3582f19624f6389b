//! The maps of one image, loaded: a folder of pins.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::map::MapType;
use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::diff::ImageDiff;
use fleetnet_compiler::image::file;
use fleetnet_compiler::image::live::{self, LiveMap};
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;
use sha2::{Digest as _, Sha256};

use super::cluster;
use super::error::{Error, Problem, Step};
use super::map::{Filled, Map, Shape};

/// The pin of the map that holds the image's own bytes.
const IMAGE: &str = "image";
const IPCACHE: &str = "ipcache";
/// The folder of policy maps, each named by the identity of its endpoints.
pub const POLICY: &str = "policy";

/// Bytes of the image in one entry: old kernels limit a value to a few megabytes.
const PIECE: usize = 4096;

/// An image's bytes in a map of the kernel, pinned nowhere yet.
#[derive(Debug)]
pub struct Content {
    map: Map,
    digest: [u8; 32],
}

impl Content {
    /// Needs every privilege that the rest needs, and leaves nothing behind where it fails. `path` is for messages.
    pub fn new(image: &Image, path: &Path) -> Result<Self, Error> {
        let mut bytes = file::write(image);
        let digest = digest(&bytes);
        bytes.resize(bytes.len().next_multiple_of(PIECE), 0);
        let pieces = u32::try_from(bytes.len() / PIECE).unwrap_or(u32::MAX);
        let keys: Vec<u8> = (0..pieces).flat_map(u32::to_ne_bytes).collect();
        let map = Map::create(content_shape(pieces), IMAGE, path)?;
        map.fill(&keys, &bytes).map_err(|source| Error::kernel(Step::Fill, path, source))?;
        map.freeze().map_err(|source| Error::kernel(Step::Create, path, source))?;
        Ok(Self { map, digest })
    }

    /// SHA-256 of the image's file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// SHA-256 of a file's bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn content_shape(pieces: u32) -> Shape {
    Shape { map_type: MapType::Array, key_size: size_of::<u32>(), value_size: PIECE, flags: 0, capacity: pieces }
}

/// A build that lies in the kernel, complete at some time.
#[derive(Debug)]
pub struct Build {
    path: PathBuf,
    image: Image,
    digest: [u8; 32],
}

impl Build {
    /// Makes, fills, reads back and pins all maps of an image in a folder that is not there yet.
    pub fn write(path: &Path, image: &Image, content: &Content) -> Result<Filled, Error> {
        let folder =
            |path: &Path| std::fs::create_dir(path).map_err(|source| Error::kernel(Step::Folder, path, source));
        folder(path)?;
        folder(&path.join(POLICY))?;
        let mut slowest = Filled::InBatches;
        for section in image.sections() {
            // One at a time: a large cluster has more maps than a process may have open.
            slowest = slowest.max(write_map(&path.join(pin(section.map())), section)?);
        }
        content.map.pin(&path.join(IMAGE))?;
        Ok(slowest)
    }

    pub fn open(path: PathBuf) -> Result<Self, Error> {
        let pin = path.join(IMAGE);
        let damaged = |problem| Error::NotWhole(Problem::Damaged { path: pin.clone(), problem });
        let map = Map::open(&pin, content_shape(0))?;
        let (keys, values) = map.read().map_err(|source| Error::kernel(Step::Read, &pin, source))?;
        let bytes = joined(&keys, &values);
        let length = file::stated_length(&bytes).unwrap_or_default();
        let bytes = bytes.get(..length).unwrap_or_default();
        let image = file::read(bytes).map_err(damaged)?;
        Ok(Self { digest: digest(bytes), path, image })
    }

    /// The folder of its pins.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was loaded.
    pub fn image(&self) -> &Image {
        &self.image
    }

    pub fn into_image(self) -> Image {
        self.image
    }

    /// SHA-256 of the image's file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What its maps hold now.
    pub fn maps(&self) -> Result<Vec<LiveMap>, Error> {
        let read = |(map, path): (MapKind, PathBuf)| {
            let found = Map::open(&path, self.shape(map))?;
            let (keys, values) = found.read().map_err(|source| Error::kernel(Step::Read, &path, source))?;
            Ok(LiveMap { map, capacity: found.capacity(), keys, values })
        };
        self.pins()?.into_iter().map(read).collect()
    }

    /// What became of its maps since they were loaded.
    pub fn changes(&self, maps: &[LiveMap]) -> ImageDiff {
        live::diff(&self.image, &self.image, maps)
    }

    fn shape(&self, map: MapKind) -> Shape {
        let abi: Abi = self.image.header().abi;
        Shape::new(map.spec(abi), self.image.section(map).map_or(0, Section::capacity))
    }

    /// The maps that are pinned, in order of their kinds.
    fn pins(&self) -> Result<Vec<(MapKind, PathBuf)>, Error> {
        let policy = self.path.join(POLICY);
        let mut pins = Vec::new();
        for (name, _) in cluster::names(&policy)? {
            let path = policy.join(&name);
            let subject = name.parse().map(Identity).map_err(|_| Error::Foreign { path: path.clone() })?;
            pins.push((MapKind::Policy { subject }, path));
        }
        let ipcache = self.path.join(IPCACHE);
        if ipcache.symlink_metadata().is_ok() {
            pins.push((MapKind::Ipcache, ipcache));
        }
        pins.sort_by_key(|(map, _)| *map);
        Ok(pins)
    }
}

/// The pieces in order of their numbers, which on most machines is not that of their bytes.
fn joined(numbers: &[u8], pieces: &[u8]) -> Vec<u8> {
    let numbers = numbers.as_chunks().0.iter().map(|number| u32::from_ne_bytes(*number));
    let mut pieces: Vec<(u32, &[u8])> = numbers.zip(pieces.chunks_exact(PIECE)).collect();
    pieces.sort_unstable_by_key(|(number, _)| *number);
    pieces.into_iter().map(|(_, piece)| piece).collect::<Vec<_>>().concat()
}

/// A map's name in the kernel, which takes at most 15 bytes.
pub fn kernel_name(map: MapKind) -> String {
    match map {
        MapKind::Policy { subject } => format!("pol_{subject}"),
        MapKind::Ipcache => IPCACHE.to_owned(),
    }
}

/// Where a map is pinned, below its build.
pub fn pin(map: MapKind) -> PathBuf {
    match map {
        MapKind::Policy { subject } => Path::new(POLICY).join(subject.to_string()),
        MapKind::Ipcache => PathBuf::from(IPCACHE),
    }
}

fn write_map(path: &Path, section: &Section) -> Result<Filled, Error> {
    let map = Map::create(Shape::new(section.spec(), section.capacity()), &kernel_name(section.map()), path)?;
    let filled =
        map.fill(section.keys(), section.values()).map_err(|source| Error::kernel(Step::Fill, path, source))?;
    let (keys, values) = map.read().map_err(|source| Error::kernel(Step::Read, path, source))?;
    if (keys.as_slice(), values.as_slice()) != (section.keys(), section.values()) {
        return Err(Error::ReadBack { path: path.to_owned() });
    }
    map.pin(path)?;
    Ok(filled)
}

/// What may lie in a build's folder, as far as its maps go.
enum Maps {
    /// Those of the image that they were loaded from.
    Of(Image),
    /// Those that the kernel has under their names. The load was killed before the image was there, or it can't be read.
    Named,
}

impl Maps {
    fn of(folder: &Path) -> Result<Self, Error> {
        match Build::open(folder.to_owned()) {
            Ok(build) => Ok(Self::Of(build.image)),
            Err(Error::NotWhole(_)) => Ok(Self::Named),
            Err(error) => Err(error),
        }
    }

    /// Whether what is pinned at `path` belongs to the build.
    fn have(&self, path: &Path, map: MapKind) -> Result<bool, Error> {
        match self {
            Self::Of(image) => Ok(image.section(map).is_some()),
            Self::Named => Map::is_named(path, &kernel_name(map)),
        }
    }

    /// The same for the image's own bytes.
    fn have_content(&self, path: &Path) -> Result<bool, Error> {
        match self {
            Self::Of(_) => Ok(true),
            Self::Named => Map::is_named(path, IMAGE),
        }
    }
}

/// What a load put into a build's folder, but for the folder of policy maps; refuses if there is anything else. `previous` is the name of the
/// link to the build before.
pub fn ours(folder: &Path, previous: &str) -> Result<Vec<PathBuf>, Error> {
    let maps = Maps::of(folder)?;
    let mut ours = Vec::new();
    let mut judge = |path: PathBuf, is_ours: bool| {
        if !is_ours {
            return Err(Error::Foreign { path });
        }
        ours.push(path);
        Ok(())
    };
    for (name, kind) in cluster::names(folder)? {
        let path = folder.join(&name);
        match name.as_str() {
            POLICY if kind.is_dir() => {}
            IMAGE if kind.is_file() => judge(path.clone(), maps.have_content(&path)?)?,
            IPCACHE if kind.is_file() => judge(path.clone(), maps.have(&path, MapKind::Ipcache)?)?,
            name => judge(path, name == previous && kind.is_symlink())?,
        }
    }
    let policy = folder.join(POLICY);
    for (name, kind) in cluster::names(&policy)? {
        let path = policy.join(&name);
        let is_ours = match name.parse().map(|number| MapKind::Policy { subject: Identity(number) }) {
            Ok(map) if kind.is_file() && folder.join(pin(map)) == path => maps.have(&path, map)?,
            Ok(_) | Err(_) => false,
        };
        judge(path, is_ours)?;
    }
    Ok(ours)
}

/// Removes a build's folder and what a load put there; what anybody else puts there in the meantime keeps the folder.
pub fn remove(folder: &Path, previous: &str) -> Result<(), Error> {
    let leftover = |path: &Path| {
        let path = path.to_owned();
        |source| Error::Leftover { path, source }
    };
    let mut paths = ours(folder, previous)?;
    // The image last: until then it says which maps are the build's.
    paths.sort_by_key(|path| path == &folder.join(IMAGE));
    for path in paths {
        std::fs::remove_file(&path).map_err(leftover(&path))?;
    }
    let policy = folder.join(POLICY);
    match std::fs::remove_dir(&policy) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(leftover(&policy)(error)),
        Ok(()) | Err(_) => {}
    }
    std::fs::remove_dir(folder).map_err(leftover(folder))
}
