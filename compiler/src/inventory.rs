//! An inventory: the nodes and pods that clusters have, as somebody read them there. What is counted with it is what there is.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, FileId, SourceFile, Span};
use serde::Deserialize;

use crate::codes::capacity as codes;
use crate::model::satisfy::Pod;
use crate::model::{ClusterId, Labels, Model, Name};

/// The version of the format that is read.
const VERSION: u32 = 1;

/// What runs in some of a fleet's clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    clusters: BTreeMap<ClusterId, Listed>,
}

/// All that runs in one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// How many nodes it has.
    pub nodes: usize,
    /// Its pods, alike ones together. Pods on the host network are their nodes.
    pub pods: Vec<Pods>,
}

/// Pods that are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pods {
    /// Their namespace, declared or not.
    pub namespace: Name,
    /// Their labels and account.
    pub pod: Pod,
    /// How many there are.
    pub count: usize,
}

impl Inventory {
    /// Reads the text of an inventory. What is wrong in it is diagnosed, and then nothing of it is taken.
    #[must_use]
    pub fn read(file: FileId, source: &SourceFile, model: &Model) -> (Self, Vec<Diagnostic>) {
        let at = |range: std::ops::Range<usize>| {
            let offset = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            Span::new(file, offset(range.start), offset(range.end))
        };
        let bad = |span: Span, message: String, help: &str| {
            (Self::default(), vec![Diagnostic::new(codes::BAD_INVENTORY, span, message).help(help)])
        };
        let parsed: InventoryFile = match toml::from_str(&source.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let message = format!("the inventory cannot be read: {}", error.message());
                return bad(at(error.span().unwrap_or(0..0)), message, FORM);
            }
        };
        if *parsed.version.get_ref() != VERSION {
            let message =
                format!("the inventory has version {}, this compiler knows {VERSION}", parsed.version.get_ref());
            return bad(at(parsed.version.span()), message, "use the version of fleetnet that it is for");
        }
        let mut found = Vec::new();
        let inventory = parsed.of_fleet(model, &at, &mut found);
        if found.is_empty() { (inventory, found) } else { (Self::default(), found) }
    }

    /// All that runs in a cluster, if somebody looked.
    #[must_use]
    pub fn of(&self, cluster: ClusterId) -> Option<&Listed> {
        self.clusters.get(&cluster)
    }
}

const FORM: &str = "`version = 1`, then for each cluster `[clusters.NAME]` with `nodes = N`, and for pods that are alike a \
                    `[[clusters.NAME.pods]]` with `namespace`, `labels`, `account` and `count`";

/// The file's shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InventoryFile {
    version: toml::Spanned<u32>,
    #[serde(default)]
    clusters: BTreeMap<toml::Spanned<String>, ListedFile>,
}

impl InventoryFile {
    fn of_fleet(
        self,
        model: &Model,
        at: &impl Fn(std::ops::Range<usize>) -> Span,
        found: &mut Vec<Diagnostic>,
    ) -> Inventory {
        let mut clusters = BTreeMap::new();
        for (name, listed) in self.clusters {
            let cluster = model.clusters.iter().find(|(_, row)| row.name.value.as_str() == name.get_ref());
            if let Some((id, _)) = cluster {
                clusters.insert(id, listed.checked(at, found));
            } else {
                let message = format!("there is no cluster `{}`", name.get_ref());
                let help = "name a cluster as the package does, not as its data path does";
                found.push(Diagnostic::new(codes::BAD_INVENTORY, at(name.span()), message).help(help));
            }
        }
        Inventory { clusters }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedFile {
    nodes: u32,
    #[serde(default)]
    pods: Vec<toml::Spanned<PodsFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PodsFile {
    namespace: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default = "default_account")]
    account: String,
    count: u32,
}

fn default_account() -> String {
    Pod::DEFAULT_ACCOUNT.to_owned()
}

impl ListedFile {
    fn checked(self, at: &impl Fn(std::ops::Range<usize>) -> Span, found: &mut Vec<Diagnostic>) -> Listed {
        let mut seen: BTreeSet<(Name, Pod)> = BTreeSet::new();
        let mut pods = Vec::with_capacity(self.pods.len());
        for entry in self.pods {
            let span = at(entry.span());
            let PodsFile { namespace, labels, account, count } = entry.into_inner();
            let labels: Labels = labels.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
            let entry = Pods {
                namespace: namespace.into(),
                pod: Pod { labels, account: account.into() },
                count: count as usize,
            };
            let wrong = if entry.count == 0 {
                Some(("no pods are nothing to list", "leave the entry out, or say how many there are"))
            } else if seen.insert((entry.namespace.clone(), entry.pod.clone())) {
                None
            } else {
                Some((
                    "these pods are listed twice",
                    "list pods with the same labels and account once, with their `count`",
                ))
            };
            if let Some((message, help)) = wrong {
                found.push(Diagnostic::new(codes::BAD_INVENTORY, span, message).help(help));
            }
            pods.push(entry);
        }
        Listed { nodes: self.nodes as usize, pods }
    }
}
