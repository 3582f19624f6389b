//! Nodes and edges in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Graph, Node};
use crate::analysis::words;
use crate::model::{BuiltIn, ClusterId, Model, PodSelection, PortRange};

/// The name of a node: as it would be written in a rule, if there is a word for it.
#[must_use]
pub fn node_name(model: &Model, node: &Node) -> String {
    match node {
        Node::Identity(identity) => model.identity_name(*identity),
        Node::External(external) => model.externals[*external].name.value.to_string(),
        // What it is less is said in its note.
        Node::Cidr(block) => format!("cidr {}", block.cidr),
        Node::Dns(pattern) => format!("dns \"{}\"", pattern.0),
        Node::BuiltIn(built_in) => built_in.keyword().to_owned(),
    }
}

/// What a node is, in a few words.
#[must_use]
pub fn node_note(model: &Model, node: &Node) -> String {
    match node {
        Node::Identity(identity) => match model.identities[*identity].pods {
            PodSelection::Declared { .. } => String::new(),
            PodSelection::Unlisted => "pods of the namespace that match no identity".to_owned(),
        },
        Node::External(external) => {
            let external = &model.externals[*external];
            let cidrs = external.cidrs.iter().map(|block| block.value.to_string());
            let names = external.names.iter().map(|name| name.value.0.to_string());
            let pods = external.pods.iter().map(|pods| format!("pods of {}", pods.value.namespace));
            let parts: Vec<String> = cidrs.chain(names).chain(pods).collect();
            shortened(&parts, 3)
        }
        Node::Cidr(block) if block.except.is_empty() => "addresses".to_owned(),
        Node::Cidr(block) => {
            let except: Vec<String> = block.except.iter().map(ToString::to_string).collect();
            format!("except {}", shortened(&except, 2))
        }
        Node::Dns(_) => "names".to_owned(),
        Node::BuiltIn(built_in) => note(*built_in).to_owned(),
    }
}

fn note(built_in: BuiltIn) -> &'static str {
    match built_in {
        BuiltIn::World => "everybody outside",
        BuiltIn::Foreign => "pods not governed",
        BuiltIn::Host => "the pod's own node",
        BuiltIn::RemoteNodes => "the other nodes of the mesh",
        BuiltIn::KubeApiserver => "the cluster's API server",
        BuiltIn::Gateways => "what gateways proxy",
        BuiltIn::ClusterDns => "the cluster's DNS",
        BuiltIn::CloudMetadata => "the cloud's metadata",
    }
}

/// The first of some words, and how many more there are.
fn shortened(words: &[String], most: usize) -> String {
    let shown = words.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    match words.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Ports in words; `any` for all of all protocols.
#[must_use]
pub fn ports(ranges: &[PortRange]) -> Vec<String> {
    let whole = |range: &PortRange| range.first <= 1 && range.last == PortRange::all(range.protocol).last;
    if ranges.len() == super::super::ports::PROTOCOLS.len() && ranges.iter().all(whole) {
        return vec!["any".to_owned()];
    }
    ranges.iter().map(|range| words::ports(*range)).collect()
}

/// From which clusters to which an edge passes, where that is not everywhere that its ends run.
#[must_use]
pub fn places(model: &Model, graph: &Graph, edge: &Edge) -> Vec<String> {
    let runs = |place: usize| match graph.nodes.get(place) {
        Some(Node::Identity(identity)) => model.identities[*identity].clusters.iter().collect(),
        Some(Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_)) | None => BTreeSet::new(),
    };
    let (from, to): (BTreeSet<ClusterId>, BTreeSet<ClusterId>) = (runs(edge.from), runs(edge.to));
    let pairs: BTreeSet<(ClusterId, ClusterId)> =
        edge.places.iter().filter_map(|(from, to)| Some(((*from)?, (*to)?))).collect();
    let every = from.iter().all(|from| to.iter().all(|to| pairs.contains(&(*from, *to))));
    if from.is_empty() || to.is_empty() || pairs.is_empty() || every {
        return Vec::new();
    }
    if pairs.iter().all(|(from, to)| from == to) {
        let names: Vec<String> = pairs.iter().map(|(at, _)| words::cluster(model, *at)).collect();
        return vec![format!("within {}", names.join(", "))];
    }
    let mut by_source: BTreeMap<ClusterId, Vec<String>> = BTreeMap::new();
    for (from, to) in pairs {
        by_source.entry(from).or_default().push(words::cluster(model, to));
    }
    let line =
        |(from, to): (ClusterId, Vec<String>)| format!("from {} to {}", words::cluster(model, from), to.join(", "));
    by_source.into_iter().map(line).collect()
}
