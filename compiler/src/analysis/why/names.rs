//! What ends are called in an answer: those outside the fleet as the question calls them, never by an address that nobody wrote.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::cel::EndKind;
use crate::analysis::ports::PortMask;
use crate::analysis::{universe, words};
use crate::model::{self, BuiltIn, CidrBlock, ClusterSet, IdentityId, Model, PeerEnd};
use crate::semantics::{End, WorldEnd, is_cloud_metadata};

/// Ends that are called by one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What they are.
    pub kind: EndKind,
    /// The identity, the address or DNS name, or what the question calls them; empty for what has no name but its kind.
    pub name: String,
    /// Where they run, by name; empty outside of clusters.
    pub clusters: Vec<String>,
    /// All of that in words.
    pub text: String,
}

/// For both ends of a question what it calls those outside the fleet, and who they are.
#[derive(Clone, Debug)]
pub struct Names {
    from: Vec<Meant>,
    to: Vec<Meant>,
}

#[derive(Clone, Debug)]
struct Meant {
    written: PeerEnd,
    ends: BTreeSet<WorldEnd>,
}

/// Which end of its flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Source,
    Destination,
}

impl Names {
    /// Those among the ends of some flows.
    pub fn new(model: &Model, asked: &model::Reach, flows: &[(&End, &End, PortMask)]) -> Self {
        let meant = |peers: &[model::Peer], ends: &BTreeSet<&WorldEnd>| -> Vec<Meant> {
            let of_one = |peer: &model::Peer| Meant {
                written: peer.end.clone(),
                ends: ends.iter().filter(|end| means(model, &peer.end, end)).map(|end| (*end).clone()).collect(),
            };
            peers.iter().map(of_one).filter(|meant| !meant.ends.is_empty()).collect()
        };
        let sources = flows.iter().filter_map(|(source, _, _)| world(source)).collect();
        let destinations = flows.iter().filter_map(|(_, destination, _)| world(destination)).collect();
        Self { from: meant(&asked.from, &sources), to: meant(&asked.to, &destinations) }
    }

    /// What some ends are called: pods of one identity together, then the others, then those outside the fleet.
    pub fn of<'e>(&self, model: &Model, role: Role, ends: impl IntoIterator<Item = &'e End>) -> Vec<Named> {
        let mut pods: BTreeMap<IdentityId, ClusterSet> = BTreeMap::new();
        let mut others: Vec<Named> = Vec::new();
        let mut outside: BTreeSet<&WorldEnd> = BTreeSet::new();
        for end in ends {
            match end {
                End::Pod { identity, cluster, .. } => {
                    pods.entry(*identity).or_default().insert(*cluster);
                }
                End::World(end) => drop(outside.insert(end)),
                End::Foreign { .. }
                | End::ClusterDns { .. }
                | End::Host { .. }
                | End::RemoteNode { .. }
                | End::KubeApiserver { .. }
                | End::Gateway { .. } => others.push(other(model, end)),
            }
        }
        others.dedup();
        let pods = pods.into_iter().map(|(identity, clusters)| pod(model, identity, clusters));
        let outside = self.outside(model, role, &outside);
        pods.chain(others).chain(outside).collect()
    }

    /// By what the question calls them where all whom it calls so are there, else by one that stands for those like it.
    fn outside(&self, model: &Model, role: Role, ends: &BTreeSet<&WorldEnd>) -> Vec<Named> {
        let written = match role {
            Role::Source => &self.from,
            Role::Destination => &self.to,
        };
        let (whole, parts): (Vec<&Meant>, Vec<&Meant>) =
            written.iter().partition(|meant| meant.ends.iter().all(|end| ends.contains(end)));
        let mut named: Vec<Named> = Vec::new();
        for meant in &whole {
            let name = called(model, &meant.written);
            named.push(out_there(format!("`{name}`"), name));
        }
        let rest = ends.iter().filter(|end| !whole.iter().any(|meant| meant.ends.contains(**end)));
        for end in rest {
            let name = match end {
                WorldEnd::Address(address) => address.to_string(),
                WorldEnd::Name(name) => name.to_string(),
            };
            let declared = universe::externals(model, &End::World((*end).clone()));
            let of = declared.first().map(ToString::to_string);
            let of = of.or_else(|| {
                parts.iter().find(|part| part.ends.contains(*end)).map(|part| called(model, &part.written))
            });
            let text = of.map_or_else(|| format!("`{name}`"), |of| format!("the part of `{of}` with `{name}`"));
            named.push(out_there(text, name));
        }
        named.dedup();
        named
    }
}

fn world(end: &End) -> Option<&WorldEnd> {
    match end {
        End::World(end) => Some(end),
        End::Pod { .. }
        | End::Foreign { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. } => None,
    }
}

fn pod(model: &Model, identity: IdentityId, clusters: ClusterSet) -> Named {
    let name = model.identity_name(identity);
    Named {
        kind: EndKind::Pod,
        text: format!("`{name}` in {}", words::clusters(model, clusters)),
        clusters: clusters.iter().map(|cluster| model.clusters[cluster].name.value.to_string()).collect(),
        name,
    }
}

fn other(model: &Model, end: &End) -> Named {
    let name = match end {
        End::Foreign { pod, .. } => pod.namespace.as_ref().map(ToString::to_string).unwrap_or_default(),
        End::Pod { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => String::new(),
    };
    let cluster = end.cluster().map(|cluster| model.clusters[cluster].name.value.to_string());
    Named { kind: EndKind::of(end), name, clusters: cluster.into_iter().collect(), text: words::end(model, end) }
}

fn out_there(text: String, name: String) -> Named {
    Named { kind: EndKind::World, name, clusters: Vec::new(), text }
}

/// Whether a question means somebody outside the fleet by what it says.
fn means(model: &Model, written: &PeerEnd, end: &WorldEnd) -> bool {
    match (written, end) {
        (PeerEnd::External(external), end) => {
            let declared = &model.externals[*external].name.value;
            universe::externals(model, &End::World(end.clone())).contains(declared)
        }
        (PeerEnd::Cidr(block), WorldEnd::Address(address)) => block.contains(*address),
        (PeerEnd::Dns(pattern), WorldEnd::Name(name)) => pattern.matches(name.as_str()),
        (PeerEnd::BuiltIn(BuiltIn::CloudMetadata), WorldEnd::Address(address)) => is_cloud_metadata(*address),
        (PeerEnd::BuiltIn(BuiltIn::World), WorldEnd::Address(address)) => !is_cloud_metadata(*address),
        (PeerEnd::BuiltIn(BuiltIn::World), WorldEnd::Name(_)) => true,
        (
            PeerEnd::Cidr(_)
            | PeerEnd::Dns(_)
            | PeerEnd::BuiltIn(_)
            | PeerEnd::Identity(_)
            | PeerEnd::Namespace(_)
            | PeerEnd::Group(_)
            | PeerEnd::All,
            WorldEnd::Address(_) | WorldEnd::Name(_),
        ) => false,
    }
}

/// What a question calls somebody outside the fleet.
fn called(model: &Model, written: &PeerEnd) -> String {
    match written {
        PeerEnd::External(external) => model.externals[*external].name.value.to_string(),
        PeerEnd::BuiltIn(built_in) => built_in.keyword().to_owned(),
        PeerEnd::Dns(pattern) => pattern.0.to_string(),
        PeerEnd::Cidr(block) => cidr(block),
        PeerEnd::Identity(_) | PeerEnd::Namespace(_) | PeerEnd::Group(_) | PeerEnd::All => String::new(),
    }
}

/// One address without its prefix.
fn cidr(block: &CidrBlock) -> String {
    let is_one = block.cidr.prefix_len() == block.cidr.max_prefix_len();
    if is_one { block.cidr.addr().to_string() } else { block.to_string() }
}
