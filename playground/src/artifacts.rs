//! What a build gives, by cluster: manifests as they are, map images as rows.

use fleetnet_compiler::compile::{Artifact, Compilation, Goal};
use fleetnet_compiler::image::file;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::{MapKind, RuleRef};
use fleetnet_compiler::image::{Image, text as words};
use fleetnet_lang::Sources;
use serde::Serialize;

use crate::findings::Finding;

/// The artifacts of a package, if nothing is wrong with it.
#[derive(Debug, Serialize)]
pub struct Artifacts {
    diagnostics: Vec<Finding>,
    files: Vec<File>,
    lock: Option<String>,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
    /// Whose it is; nothing for what is the fleet's.
    cluster: Option<String>,
    /// In bytes.
    size: usize,
}

impl Artifacts {
    pub fn of(compilation: &Compilation) -> Self {
        let file = |artifact: &Artifact| File {
            path: artifact.path.clone(),
            cluster: artifact.cluster.as_ref().map(ToString::to_string),
            size: artifact.bytes.len(),
        };
        let build = compilation.build.as_ref();
        Self {
            diagnostics: Finding::first(&compilation.findings(Goal::Build), &compilation.sources),
            files: build.map(|build| build.artifacts.iter().map(file).collect()).unwrap_or_default(),
            lock: build.map(|build| build.lock.clone()),
        }
    }
}

/// A map image.
#[derive(Debug, Serialize)]
pub struct Table {
    cluster: String,
    maps: Vec<Map>,
}

#[derive(Debug, Serialize)]
struct Map {
    /// As `fleetnet image ls` names it.
    name: String,
    /// Whose policy it is.
    of: Option<String>,
    capacity: u32,
    entries: Vec<Row>,
}

/// An entry, and the rule that it comes from.
#[derive(Debug, Serialize)]
struct Row {
    key: String,
    value: String,
    /// The rule as written, or what else brought it about.
    rule: String,
    path: Option<String>,
    line: Option<u32>,
}

/// The text of a file of the build.
pub fn text(compilation: &Compilation, path: &str) -> Result<String, String> {
    let text = std::str::from_utf8(&artifact(compilation, path)?.bytes);
    text.map(str::to_owned).map_err(|_| format!("`{path}` is no text"))
}

fn artifact<'c>(compilation: &'c Compilation, path: &str) -> Result<&'c Artifact, String> {
    let mut artifacts = compilation.build.iter().flat_map(|build| &build.artifacts);
    artifacts.find(|artifact| artifact.path == path).ok_or_else(|| format!("there is no `{path}` in the build"))
}

/// Reads the image among the artifacts.
pub fn table(compilation: &Compilation, path: &str) -> Result<Table, String> {
    let image = file::read(&artifact(compilation, path)?.bytes).map_err(|problem| problem.to_string())?;
    let maps = image.sections().iter().map(|section| map(&image, section, &compilation.sources));
    Ok(Table { cluster: image.header().cluster.clone(), maps: maps.collect() })
}

fn map(image: &Image, section: &Section, sources: &Sources) -> Map {
    let of = match section.map() {
        MapKind::Policy { subject } => Some(words::identity_name(image, subject)),
        MapKind::Ipcache => None,
    };
    let rows = words::entries(image, section).map(|(entry, rule)| row(image, entry, rule, sources));
    Map { name: words::map_name(section.map()), of, capacity: section.capacity(), entries: rows.collect() }
}

fn row(image: &Image, entry: words::EntryText, rule: RuleRef, sources: &Sources) -> Row {
    let source = image.rule(rule);
    let said = match (rule, source) {
        (RuleRef::Rule(_), Some(row)) => row.text.to_string(),
        (RuleRef::Rule(number), None) => format!("rule {number}"),
        (RuleRef::Default, _) => "by default".to_owned(),
        (RuleRef::None, _) => "no rule".to_owned(),
    };
    let known = source.filter(|row| sources.iter().any(|(_, file)| file.path == row.file));
    Row {
        key: entry.key,
        value: entry.value,
        rule: said,
        path: known.map(|row| row.file.to_string()),
        line: known.map(|row| row.line),
    }
}
