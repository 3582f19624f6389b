//! Clusters from the contexts of a kubeconfig file. Only names are read; no server is asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::draft::legal_name;
use crate::cli::NewCluster;

/// Where kubectl looks.
const VARIABLE: &str = "KUBECONFIG";
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
    #[error("no kubeconfig is named, and there is no home folder to look in; write `--from-contexts FILE`")]
    Nowhere,
    /// The machine refuses.
    #[error("`{}` can't be read: {source}; name a kubeconfig file after `--from-contexts`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// It is something else.
    #[error("`{}` is no kubeconfig file: {why}; name another one after `--from-contexts`", path.display())]
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
    let path = path.map(Path::to_owned).or_else(usual).ok_or(Error::Nowhere)?;
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let config: Config = serde_saphyr::from_str(&text).map_err(|error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        Error::Form { path: path.clone(), why }
    })?;
    let clusters = clusters(config.contexts.unwrap_or_default());
    if clusters.is_empty() { Err(Error::Empty { path }) } else { Ok(clusters) }
}

/// The first file that kubectl would read.
fn usual() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).and_then(|list| std::env::split_paths(&list).next());
    named.filter(|path| !path.as_os_str().is_empty()).or_else(|| {
        let home = std::env::home_dir()?;
        Some(home.join(".kube").join("config"))
    })
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

/// The last bytes of a name, which tell more than the first: a cloud's contexts start with the account.
fn ending(name: &str, length: usize) -> &str {
    let end = name.len().checked_sub(length).and_then(|start| name.get(start..));
    end.unwrap_or(name).trim_start_matches('-')
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
