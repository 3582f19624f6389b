//! Clusters from the contexts of a kubeconfig file. Only names are read; no server is asked.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::draft::legal_name;
use crate::cli::NewCluster;

/// Where kubectl looks.
const VARIABLE: &str = "KUBECONFIG";
/// Bytes of a file that are read; those of large companies have a few hundred thousand.
const LARGEST: u64 = 16 << 20;
/// Bytes of a cluster's name that Cilium takes.
const LONGEST_NAME: usize = 32;
/// A hyphen and the digits behind a name that is there already.
const NUMBER_ROOM: usize = 4;
/// What Cilium takes for no name.
const NO_NAME: &str = "default";

/// Why there are no contexts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a variable nor a home says where it is.
    #[error("no kubeconfig is named, and there is no home folder to look in; write `--from-contexts=FILE`")]
    Nowhere,
    /// The machine refuses.
    #[error("`{}` can't be read: {source}; name a kubeconfig file, `--from-contexts=FILE`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// It is something else.
    #[error("`{}` is no kubeconfig file: {why}; name another one, `--from-contexts=FILE`", path.display())]
    Form { path: PathBuf, why: String },
    /// There are none.
    #[error("`{}` has no contexts; name clusters with `--cluster`", path.display())]
    Empty { path: PathBuf },
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    contexts: Option<Vec<Context>>,
}

#[derive(Deserialize)]
struct Context {
    name: String,
}

/// One cluster for each context, in their order, from `path` or where kubectl looks.
pub fn read(path: Option<&Path>) -> Result<Vec<NewCluster>, Error> {
    let paths = path.map_or_else(usual, |path| vec![path.to_owned()]);
    let first = paths.first().ok_or(Error::Nowhere)?.clone();
    let mut contexts: Vec<Context> = Vec::new();
    for path in paths {
        for new in contexts_of(&path)? {
            // Of two contexts with one name kubectl takes the first, and one without a name nobody can ask for.
            if !new.name.is_empty() && contexts.iter().all(|known| known.name != new.name) {
                contexts.push(new);
            }
        }
    }
    let clusters = clusters(contexts);
    if clusters.is_empty() { Err(Error::Empty { path: first }) } else { Ok(clusters) }
}

fn contexts_of(path: &Path) -> Result<Vec<Context>, Error> {
    let read = |source| Error::Read { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(read)?.take(LARGEST + 1).read_to_string(&mut text).map_err(read)?;
    let form = |why: String| Error::Form { path: path.to_owned(), why };
    if text.len() as u64 > LARGEST {
        return Err(form(format!("it has more than {LARGEST} bytes")));
    }
    let config: Config = serde_saphyr::from_str(&text)
        .map_err(|error| form(error.to_string().lines().next().unwrap_or_default().to_owned()))?;
    Ok(config.contexts.unwrap_or_default())
}

/// The files that kubectl would read: those that are there of the list in its variable, or else the one in the home folder.
fn usual() -> Vec<PathBuf> {
    let listed = std::env::var_os(VARIABLE).unwrap_or_default();
    let named: Vec<PathBuf> = std::env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()).collect();
    if named.is_empty() {
        return std::env::home_dir().map(|home| home.join(".kube").join("config")).into_iter().collect();
    }
    match named.iter().filter(|path| path.exists()).cloned().collect::<Vec<_>>() {
        // The first is as good as any to say that it is missing.
        none if none.is_empty() => named.into_iter().take(1).collect(),
        there => there,
    }
}

/// A name that is also legal as Cilium's.
fn cluster_name(context: &str) -> String {
    match legal_name(context).as_deref().map(|name| ending(name, LONGEST_NAME)) {
        None | Some("") => "cluster".to_owned(),
        // Every cluster is called so by whom nobody named it.
        Some(NO_NAME) => "default-1".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// The last words of a name, which tell more than the first: a cloud's contexts start with the account.
fn ending(name: &str, length: usize) -> &str {
    let Some((before, end)) = name.len().checked_sub(length).and_then(|start| name.split_at_checked(start)) else {
        return name;
    };
    let whole = if before.is_empty() || before.ends_with('-') { None } else { end.split_once('-') };
    let end = end.trim_start_matches('-');
    whole.map(|(_, whole)| whole.trim_start_matches('-')).filter(|whole| !whole.is_empty()).unwrap_or(end)
}

fn clusters(contexts: Vec<Context>) -> Vec<NewCluster> {
    let mut taken = BTreeSet::new();
    let named = contexts.into_iter().map(|context| {
        let wanted = cluster_name(&context.name);
        let numbered = (2..=usize::MAX).map(|n| format!("{}-{n}", ending(&wanted, LONGEST_NAME - NUMBER_ROOM)));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(wanted);
        taken.insert(name.clone());
        NewCluster { name, pods: Vec::new(), context: Some(context.name) }
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_last_words() {
        assert_eq!(cluster_name("gke_my-project_us-central1-a_Big_Cluster"), "us-central1-a-big-cluster");
        assert_eq!(cluster_name("arn:aws:eks:eu-west-1:123456789012:cluster/shop"), "west-1-123456789012-cluster-shop");
        assert_eq!(cluster_name(&"a".repeat(40)), "a".repeat(32));
        assert_eq!(cluster_name(&format!("{}-", "a".repeat(40))), "a".repeat(32));
        assert_eq!(cluster_name("admin@east"), "admin-east");
    }
}
