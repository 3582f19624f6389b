//! `fleetnet init`: a package to start from, that checks without a finding.
//!
//! What isn't said by flags is asked for on a terminal; where nobody can answer, it is the default. What is written is compiled first, and
//! shown with its findings instead, if there are any: two clusters with the same addresses, for instance.

mod contexts;
mod draft;

use std::io;
use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::{Goal, Options};
use fleetnet_lang::Severity;

use crate::cli::{Format, Init, InitTarget, NewCluster, new_cluster, new_name};
use crate::output;
use crate::package::Package;
use crate::report::Report;
use crate::terminal::{Outcome, Terminal};
use draft::{Draft, legal_name};

/// The file that is written.
const FILE: &str = "fleet.fleetnet";
const DEFAULT_FLEET: &str = "fleet";
const DEFAULT_CLUSTER: &str = "one";
const DEFAULT_MESH: &str = "prod";

/// Why there is no new package.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something of a package would be changed.
    #[error("`{}` is a part of a package already; name another folder", path.display())]
    Taken { path: PathBuf },
    /// The answer could not be read.
    #[error("the answer can't be read: {source}; say it by flags, `fleetnet init --help` lists them")]
    Answer { source: io::Error },
    #[error(transparent)]
    Contexts(#[from] contexts::Error),
    /// Each has a number from 1 to 255.
    #[error("{count} clusters are more than the 255 that a fleet can tell apart; name fewer")]
    TooMany { count: usize },
    /// The same cluster twice.
    #[error("cluster `{name}` is named twice; give each a name of its own")]
    Twice { name: String },
}

pub fn run(args: &Init, terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    if let Some(path) = Package::sources_around(&args.path)? {
        return Err(Error::Taken { path }.into());
    }
    let source = draft(args, terminal)?.text();
    let package = Package::of_text(FILE, &source);
    let compiled = super::compiled(&package, &Options { params: Vec::new(), goal: Goal::Check });
    if compiled.diagnostics.iter().any(|found| found.severity >= Severity::Warning) {
        super::tell(&package, Report::new(&compiled.sources, &compiled.diagnostics), Format::Human, terminal);
        terminal.say("nothing was written");
        return Ok(Outcome::Findings);
    }
    let file = args.path.join(FILE);
    output::write_new_file(&file, &source)?;
    terminal.say(&format!("wrote `{}`; `fleetnet check` looks at it, also after each change", file.display()));
    Ok(Outcome::Good)
}

/// What the flags say, then the answers, then the defaults.
fn draft(args: &Init, terminal: &mut Terminal) -> Result<Draft, Error> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => asked(terminal, "Name of the fleet", &folder_name(&args.path), new_name)?,
    };
    let mut clusters = args.cluster.clone();
    if let Some(path) = &args.from_contexts {
        clusters.extend(contexts::read(path.as_deref())?);
    }
    if clusters.is_empty() {
        clusters = asked(terminal, "Clusters, with commas between", DEFAULT_CLUSTER, cluster_list)?;
    }
    if clusters.len() > usize::from(u8::MAX) {
        return Err(Error::TooMany { count: clusters.len() });
    }
    let target = match args.target {
        Some(target) => target,
        None => asked(terminal, "Target, `cilium` or `azure-fleet`", InitTarget::Cilium.word(), target_of)?,
    };
    let mesh = match &args.mesh {
        Some(mesh) => Some(mesh.clone()),
        None if clusters.len() < 2 || !terminal.can_ask() => None,
        None => asked(terminal, "Mesh that joins them, or `none`", DEFAULT_MESH, mesh_of)?,
    };
    if let Some(name) = twice(&clusters) {
        return Err(Error::Twice { name });
    }
    Ok(Draft { name, clusters, target, mesh })
}

/// An answer that can be used; the default, where nobody answers.
fn asked<T>(
    terminal: &mut Terminal,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Error> {
    loop {
        let answer = terminal.ask(&format!("{question} [{default}]:")).map_err(|source| Error::Answer { source })?;
        let given = answer.as_deref().map(str::trim).filter(|answer| !answer.is_empty());
        match read(given.unwrap_or(default)) {
            Ok(value) => return Ok(value),
            Err(why) if answer.is_some() => terminal.warn(&why),
            // Nobody can correct a default.
            Err(why) => return Err(Error::Answer { source: io::Error::other(why) }),
        }
    }
}

fn cluster_list(text: &str) -> Result<Vec<NewCluster>, String> {
    text.split(',').map(|name| new_cluster(name.trim())).collect()
}

fn target_of(text: &str) -> Result<InitTarget, String> {
    let found = [InitTarget::Cilium, InitTarget::AzureFleet].into_iter().find(|target| target.word() == text);
    found.ok_or_else(|| format!("`{text}` is none of `cilium` and `azure-fleet`"))
}

fn mesh_of(text: &str) -> Result<Option<String>, String> {
    if text == "none" { Ok(None) } else { new_name(text).map(Some) }
}

fn twice(clusters: &[NewCluster]) -> Option<String> {
    let mut names: Vec<&String> = clusters.iter().map(|cluster| &cluster.name).collect();
    names.sort();
    names.windows(2).find_map(|pair| match pair {
        [one, next] if one == next => Some((*one).clone()),
        _ => None,
    })
}

/// A name made of the folder's.
fn folder_name(folder: &Path) -> String {
    let here = || std::env::current_dir().ok().map(|here| here.join(folder));
    let full = std::fs::canonicalize(folder).ok().or_else(here);
    let name = full.as_deref().and_then(Path::file_name).map(|name| legal_name(&name.to_string_lossy()));
    name.flatten().unwrap_or_else(|| DEFAULT_FLEET.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_an_answer() {
        assert!(new_name(DEFAULT_FLEET).is_ok());
        assert_eq!(cluster_list(DEFAULT_CLUSTER).map(|clusters| clusters.len()), Ok(1));
        assert!(target_of(InitTarget::Cilium.word()).is_ok());
        assert_eq!(mesh_of(DEFAULT_MESH), Ok(Some(DEFAULT_MESH.to_owned())));
    }
}
