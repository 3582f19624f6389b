//! The JSON shape of the status, which `docs/kernel.md` describes.

use fleetnet_compiler::image::tables::Header;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::super::text::hex;
use super::{BuildStatus, ClusterStatus, Content, MapChange, MapStatus, State, Status};
use crate::schema;
use crate::terminal::Terminal;

/// Goes up when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// The schema of the status.
pub fn schema() -> Schema {
    schema::of::<Document>()
}

/// What `fleetnet image status --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "What is loaded into the kernel")]
struct Document {
    /// Goes up when a field changes its meaning or goes away; 1 today.
    version: u32,
    /// Whether nothing of what follows is a finding.
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    clusters: Vec<Cluster>,
}

#[derive(Serialize, JsonSchema)]
struct Image {
    path: String,
    loaded: bool,
}

#[derive(Serialize, JsonSchema)]
struct Cluster {
    cluster: String,
    builds: Vec<Build>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Build {
    role: String,
    path: String,
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(flatten)]
    content: Option<Loaded>,
}

#[derive(Serialize, JsonSchema)]
struct Loaded {
    fleet: String,
    id: u8,
    layout: String,
    sha256: String,
    maps: Vec<Map>,
}

#[derive(Serialize, JsonSchema)]
struct Map {
    map: String,
    of: String,
    /// Entries; null where there is no such map.
    loaded: Option<usize>,
    now: Option<usize>,
    missing: usize,
    extra: usize,
    changed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
}

pub fn print(status: &Status, terminal: &mut Terminal) {
    let image = |asked: &super::Asked| Image { path: asked.path.display().to_string(), loaded: asked.is_loaded };
    let document = Document {
        version: VERSION,
        good: status.is_good(),
        image: status.asked.as_ref().map(image),
        clusters: status.clusters.iter().map(Cluster::of).collect(),
    };
    // Strings always have a JSON form.
    if let Ok(text) = serde_json::to_string_pretty(&document) {
        terminal.print(&(text + "\n"));
    }
}

impl Cluster {
    fn of(ClusterStatus { name, state }: &ClusterStatus) -> Self {
        let none = Self { cluster: name.clone(), builds: Vec::new(), left: Vec::new(), problem: None };
        match state {
            State::Loaded(builds) => Self { builds: builds.iter().map(Build::of).collect(), ..none },
            State::Left(left) => Self { left: left.iter().map(|path| path.display().to_string()).collect(), ..none },
            State::Unclear(problem) => Self { problem: Some(problem.clone()), ..none },
        }
    }
}

impl Build {
    fn of(build: &BuildStatus) -> Self {
        Self {
            role: build.role.to_string(),
            path: build.path.display().to_string(),
            good: build.is_good(),
            problem: build.content.as_ref().err().cloned(),
            content: build.content.as_ref().ok().map(Loaded::of),
        }
    }
}

impl Loaded {
    fn of(Content { header, digest, maps, .. }: &Content) -> Self {
        let Header { abi, cluster_id, fleet, .. } = header;
        Self {
            fleet: fleet.clone(),
            id: *cluster_id,
            layout: abi.to_string(),
            sha256: hex(digest),
            maps: maps.iter().map(Map::of).collect(),
        }
    }
}

impl Map {
    fn of(map: &MapStatus) -> Self {
        let (missing, extra, changed, capacity) = match map.change {
            None => (0, 0, 0, None),
            Some(MapChange::Missing) => (map.loaded.unwrap_or_default(), 0, 0, None),
            Some(MapChange::NotLoaded) => (0, map.now.unwrap_or_default(), 0, None),
            Some(MapChange::Entries { missing, extra, changed, capacity }) => (missing, extra, changed, capacity),
        };
        let (name, of) = (map.name.clone(), map.subject.clone());
        Self { map: name, of, loaded: map.loaded, now: map.now, missing, extra, changed, capacity }
    }
}
