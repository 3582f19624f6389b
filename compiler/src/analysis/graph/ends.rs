//! What a reader calls an end.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Node;
use crate::model::{BuiltIn, CidrBlock, DnsPattern, External, ExternalId};
use crate::plan::{Peer, Plan};
use crate::semantics::{End, ForeignPod, Seen, WorldEnd, is_cloud_metadata, seen};

/// The names that there are: what is declared, and what rules write out.
pub struct Naming<'p> {
    pub plan: &'p Plan,
    blocks: BTreeSet<&'p CidrBlock>,
    patterns: BTreeSet<&'p DnsPattern>,
}

impl<'p> Naming<'p> {
    pub fn of(plan: &'p Plan) -> Self {
        let mut naming = Self { plan, blocks: BTreeSet::new(), patterns: BTreeSet::new() };
        let declared = |known: &dyn Fn(&External) -> bool| plan.model.externals.rows().iter().any(known);
        for peer in plan.rules.rows().iter().flat_map(|rule| &rule.peers) {
            match peer {
                Peer::Cidr(block) if !declared(&|one| one.cidrs.iter().any(|cidr| cidr.value == *block)) => {
                    naming.blocks.insert(block);
                }
                Peer::Dns(pattern) if !declared(&|one| one.names.iter().any(|name| name.value == *pattern)) => {
                    naming.patterns.insert(pattern);
                }
                Peer::Pods { .. }
                | Peer::Foreign { .. }
                | Peer::ForeignPods { .. }
                | Peer::World
                | Peer::Cidr(_)
                | Peer::Dns(_)
                | Peer::Host
                | Peer::RemoteNodes
                | Peer::KubeApiserver
                | Peer::Gateways
                | Peer::ClusterDns
                | Peer::CloudMetadata => {}
            }
        }
        naming
    }

    /// What an end is called, seen from the other one: several names for an address that several externals hold.
    pub fn of_end(&self, end: &End, other: &End) -> Vec<Node> {
        let known = match (other.cluster(), end) {
            (Some(looks), _) => seen(self.plan, looks, end),
            // Whoever is in no cluster knows no cluster's pods either; a picture calls them what they are.
            (None, End::World(WorldEnd::Address(address))) => Seen::Address(Some(*address)),
            (None, End::World(WorldEnd::Name(name))) => Seen::Name(name),
            (None, _) => Seen::Known(end),
        };
        match known {
            Seen::Address(address) => self.of_address(address),
            Seen::Name(name) => self.of_name(name.as_str()),
            Seen::Known(_) => match end {
                End::Pod { identity, .. } => vec![Node::Identity(*identity)],
                End::Foreign { pod, .. } => self.of_foreign(pod),
                End::ClusterDns { .. } => vec![Node::BuiltIn(BuiltIn::ClusterDns)],
                End::Host { .. } => vec![Node::BuiltIn(BuiltIn::Host)],
                End::RemoteNode { .. } => vec![Node::BuiltIn(BuiltIn::RemoteNodes)],
                End::KubeApiserver { .. } => vec![Node::BuiltIn(BuiltIn::KubeApiserver)],
                End::Gateway { .. } => vec![Node::BuiltIn(BuiltIn::Gateways)],
                End::World(_) => vec![Node::BuiltIn(BuiltIn::World)],
            },
        }
    }

    fn of_address(&self, address: Option<IpAddr>) -> Vec<Node> {
        let Some(address) = address else { return vec![Node::BuiltIn(BuiltIn::World)] };
        let holds = |one: &External| one.cidrs.iter().any(|block| block.value.contains(address));
        let blocks = self.blocks.iter().filter(|block| block.contains(address));
        let written = blocks.map(|block| Node::Cidr((*block).clone()));
        let named: Vec<Node> = self.externals(holds).chain(written).collect();
        match (named.is_empty(), is_cloud_metadata(address)) {
            (false, _) => named,
            (true, true) => vec![Node::BuiltIn(BuiltIn::CloudMetadata)],
            (true, false) => vec![Node::BuiltIn(BuiltIn::World)],
        }
    }

    fn of_name(&self, name: &str) -> Vec<Node> {
        let holds = |one: &External| one.names.iter().any(|pattern| pattern.value.matches(name));
        let patterns = self.patterns.iter().filter(|pattern| pattern.matches(name));
        let written = patterns.map(|pattern| Node::Dns((*pattern).clone()));
        or(self.externals(holds).chain(written).collect(), BuiltIn::World)
    }

    fn of_foreign(&self, pod: &ForeignPod) -> Vec<Node> {
        let holds = |one: &External| {
            one.pods.iter().any(|pods| {
                pod.namespace.as_ref() == Some(&pods.value.namespace) && pods.value.selector.matches(&pod.labels)
            })
        };
        or(self.externals(holds).collect(), BuiltIn::Foreign)
    }

    fn externals<'s>(&'s self, holds: impl Fn(&External) -> bool + 's) -> impl Iterator<Item = Node> + 's {
        let externals = self.plan.model.externals.iter();
        externals.filter(move |(_, one)| holds(one)).map(|(id, _): (ExternalId, _)| Node::External(id))
    }
}

fn or(named: Vec<Node>, otherwise: BuiltIn) -> Vec<Node> {
    if named.is_empty() { vec![Node::BuiltIn(otherwise)] } else { named }
}
