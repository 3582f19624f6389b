//! Everything that a plan, its tests and its invariants can tell flows apart by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_lang::Span;

use super::cel::{EndField, FlowField, Program};
use crate::model::{
    Assertion, Cidr, CidrBlock, ClusterId, ClusterSet, DnsPattern, Given, Model, Name, PeerEnd, Place, PodSets, Reach,
    Selector,
};
use crate::plan::{Peer, Plan};

/// What is mentioned.
#[derive(Debug, Default)]
pub struct Mentions<'p> {
    /// Sets of clusters.
    pub clusters: BTreeSet<ClusterSet>,
    /// Addresses.
    pub blocks: BTreeSet<&'p CidrBlock>,
    /// DNS names, with one place where each stands.
    pub names: BTreeMap<&'p DnsPattern, Span>,
    /// Namespaces that aren't declared, with the selectors of their pods and one place where each stands.
    pub foreign: BTreeMap<Name, BTreeMap<&'p Selector, Span>>,
}

impl<'p> Mentions<'p> {
    /// Collects what is mentioned. `programs` are the conditions of the invariants.
    #[must_use]
    pub fn of(plan: &'p Plan, programs: &[&Program<FlowField>]) -> Self {
        let mut mentions = Self::default();
        mentions.rules(plan);
        mentions.declarations(&plan.model);
        mentions.tests(&plan.model);
        let reads = |field: EndField| programs.iter().any(|program| program.reads(field));
        if reads(EndField::Cluster) {
            mentions.clusters.extend(plan.model.clusters.ids().map(ClusterSet::of));
        }
        if reads(EndField::Region) {
            mentions.clusters.extend(regions(&plan.model));
        }
        if reads(EndField::Namespace) {
            for text in programs.iter().flat_map(|program| program.texts()) {
                let declared =
                    plan.model.namespaces.rows().iter().any(|namespace| namespace.name.value.as_str() == text);
                if !declared && !text.is_empty() {
                    mentions.foreign.entry(text.into()).or_default();
                }
            }
        }
        mentions.clusters.extend(plan.stubs.rows());
        mentions.clusters.insert(plan.knowledge.exposes_all);
        mentions
    }

    fn rules(&mut self, plan: &'p Plan) {
        // Rules about large groups share their sets.
        let mut seen = BTreeSet::new();
        let mut sets = BTreeSet::new();
        let mut pods = |pods: &PodSets| {
            if seen.insert(Arc::as_ptr(pods).addr()) {
                sets.extend(pods.iter().map(|set| set.clusters));
            }
        };
        for rule in plan.rules.rows() {
            let span = plan.model.rules[rule.source].span;
            pods(&rule.subjects);
            for peer in &rule.peers {
                match peer {
                    Peer::Pods { pods: peers, .. } => pods(peers),
                    Peer::Foreign { clusters, .. } => {
                        self.clusters.insert(*clusters);
                    }
                    Peer::ForeignPods { pods, clusters, .. } => {
                        self.clusters.insert(*clusters);
                        self.foreign.entry(pods.namespace.clone()).or_default().entry(&pods.selector).or_insert(span);
                    }
                    Peer::Cidr(block) => {
                        self.blocks.insert(block);
                    }
                    Peer::Dns(pattern) => {
                        self.names.entry(pattern).or_insert(span);
                    }
                    Peer::World
                    | Peer::Host
                    | Peer::RemoteNodes
                    | Peer::KubeApiserver
                    | Peer::Gateways
                    | Peer::ClusterDns
                    | Peer::CloudMetadata => {}
                }
            }
        }
        self.clusters.extend(sets);
        self.clusters.extend(plan.defaults.rows().iter().flatten().map(|default| default.clusters));
    }

    fn declarations(&mut self, model: &'p Model) {
        self.clusters.extend(model.identities.rows().iter().map(|identity| identity.clusters));
        self.clusters.extend(model.namespaces.rows().iter().map(|namespace| namespace.clusters));
        self.clusters.extend(model.meshes.rows().iter().map(|mesh| mesh.members));
        for external in model.externals.rows() {
            self.blocks.extend(external.cidrs.iter().map(|block| &block.value));
            self.names.extend(external.names.iter().map(|pattern| (&pattern.value, pattern.span)));
            for pods in &external.pods {
                self.foreign.entry(pods.value.namespace.clone()).or_default().insert(&pods.value.selector, pods.span);
            }
        }
    }

    fn tests(&mut self, model: &'p Model) {
        for test in &model.tests {
            for given in &test.givens {
                if let Given::Lost(clusters) = given.value {
                    self.clusters.insert(clusters);
                }
            }
            for assertion in &test.assertions {
                match &assertion.value {
                    Assertion::Can(reach) | Assertion::Cannot(reach) => self.asked(reach),
                    Assertion::Serves { .. } | Assertion::Share { .. } => {}
                }
            }
        }
    }

    /// What a question about flows mentions.
    pub fn asked(&mut self, reach: &'p Reach) {
        for peer in reach.from.iter().chain(&reach.to) {
            if let Place::In(clusters, _) = peer.place {
                self.clusters.insert(clusters);
            }
            match &peer.end {
                PeerEnd::Cidr(block) => {
                    self.blocks.insert(block);
                }
                PeerEnd::Dns(pattern) => {
                    self.names.insert(pattern, peer.span);
                }
                PeerEnd::Identity(_)
                | PeerEnd::Namespace(_)
                | PeerEnd::Group(_)
                | PeerEnd::All
                | PeerEnd::External(_)
                | PeerEnd::BuiltIn(_) => {}
            }
        }
    }

    /// Every CIDR that cuts addresses.
    pub fn cidrs(&self) -> impl Iterator<Item = Cidr> + '_ {
        self.blocks.iter().flat_map(|block| std::iter::once(block.cidr).chain(block.except.iter().copied()))
    }

    /// Up to two clusters of each kind that what is mentioned tells apart: what matters of two ends' clusters is their kinds and whether
    /// they are one. `addresses` is what can be told from a cluster's addresses.
    #[must_use]
    pub fn representatives<K: Ord>(&self, model: &Model, addresses: impl Fn(ClusterId) -> K) -> Vec<ClusterId> {
        let mut kinds: BTreeMap<(Vec<bool>, K), usize> = BTreeMap::new();
        let first_two = model.clusters.ids().filter(|cluster| {
            let told = self.clusters.iter().map(|set| set.contains(*cluster)).collect();
            let count = kinds.entry((told, addresses(*cluster))).or_default();
            *count += 1;
            *count <= 2
        });
        first_two.collect()
    }
}

fn regions(model: &Model) -> BTreeSet<ClusterSet> {
    let mut regions: BTreeMap<Option<&Name>, ClusterSet> = BTreeMap::new();
    for (id, cluster) in model.clusters.iter() {
        regions.entry(cluster.region.as_ref().map(|region| &region.value)).or_default().insert(id);
    }
    regions.into_values().collect()
}
