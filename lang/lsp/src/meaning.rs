//! What a package means, and what of it editors show: who reaches whom, and what policy maps hold.
//!
//! It is worked out with a compilation, for the files that somebody looks at, so that no request waits for it.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_compiler::analysis::capacity::{Certainty, PolicyMap, fullest_maps};
use fleetnet_compiler::analysis::graph::{Graph, Node, around, node_name, ports};
use fleetnet_compiler::model::{Identity, IdentityId, Model, Peer, PolicyId, RuleEnds, RuleId};
use fleetnet_compiler::plan::{Expander, Plan};
use fleetnet_lang::FileId;

use crate::names::{Kind, Meaning as Means, Space, Symbol};
use crate::package::Package;

/// Entries of policy maps that are worked out at the most: a moment's work.
const MOST_ENTRIES: usize = 200_000;
/// Identities times clusters beyond which no policy map is filled for an editor.
const MOST_PODS: usize = 100_000;

/// What a package meant when it was last compiled without an error.
#[derive(Debug)]
pub struct Meaning {
    /// The meaning.
    pub plan: Plan,
    /// The texts that it is of.
    pub package: Package,
    /// The flows of what is declared or spoken of in the files that are looked at.
    graph: Option<Graph>,
    /// Their identities.
    known: BTreeSet<IdentityId>,
    /// The fullest policy maps of those whom the rules in these files are about.
    maps: Vec<PolicyMap>,
}

/// Entries of a policy map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries {
    /// How many.
    pub count: usize,
    /// How well that is known.
    pub certainty: Certainty,
}

/// Who reaches some pods, and whom they reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Who reaches them, in order: pods of the fleet, then others.
    pub by: Vec<Partner>,
    /// Whom they reach.
    pub reaches: Vec<Partner>,
}

/// The other end of flows that pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// As a rule would name it.
    pub name: String,
    /// The identity, if it is one.
    pub identity: Option<Symbol>,
    /// The destination's ports.
    pub ports: Vec<String>,
}

impl Meaning {
    /// The meaning of a package, with what is shown of some of its files.
    #[must_use]
    pub fn new(package: Package, plan: Plan, files: &BTreeSet<FileId>) -> Self {
        let known = spoken_of(&package, &plan.model, files);
        let graph = around(&plan, &known).ok();
        let maps = maps(&plan, files);
        Self { plan, package, graph, known, maps }
    }

    /// The pods that a declaration is about, if it is about pods.
    #[must_use]
    pub fn pods(&self, kind: Kind, name: &str) -> Option<BTreeSet<IdentityId>> {
        let pods = pods(&self.plan.model, kind, name)?;
        (!pods.is_empty()).then_some(pods)
    }

    /// Who reaches the pods that a declaration is about, and whom they reach; nothing where that was not worked out.
    #[must_use]
    pub fn reached(&self, kind: Kind, name: &str) -> Option<Reached> {
        let pods = self.pods(kind, name).filter(|pods| pods.is_subset(&self.known))?;
        let graph = self.graph.as_ref()?;
        let node = |place: usize| graph.nodes.get(place);
        let is_own = |place: usize| matches!(node(place), Some(Node::Identity(id)) if pods.contains(id));
        let mut by: BTreeMap<&Node, Vec<String>> = BTreeMap::new();
        let mut reaches: BTreeMap<&Node, Vec<String>> = BTreeMap::new();
        for edge in &graph.edges {
            let known = [(edge.to, edge.from, &mut by), (edge.from, edge.to, &mut reaches)];
            for (_, other, list) in known.into_iter().filter(|(own, ..)| is_own(*own)) {
                list.entry(node(other)?).or_default().extend(ports(&edge.ports));
            }
        }
        let partners = |list: BTreeMap<&Node, Vec<String>>| {
            list.into_iter().map(|(node, ports)| partner(&self.plan.model, node, ports)).collect()
        };
        Some(Reached { by: partners(by), reaches: partners(reaches) })
    }

    /// The entries that a rule has in the fullest policy map it has any in, if they were counted.
    #[must_use]
    pub fn entries_of_rule(&self, rule: RuleId) -> Option<Entries> {
        self.most(|of| of == rule)
    }

    /// The entries that the rules of a policy have together in the fullest policy map they have any in.
    #[must_use]
    pub fn entries_of_policy(&self, policy: PolicyId) -> Option<Entries> {
        self.most(|rule| self.plan.model.rules[rule].policy == policy)
    }

    /// The entries that some rules have together in the map where they have most. Of two that are equal the one that is known better is told.
    fn most(&self, is_meant: impl Fn(RuleId) -> bool) -> Option<Entries> {
        let of_map = |map: &PolicyMap| -> Entries {
            let own = map.costs.iter().filter(|(rule, _)| is_meant(*rule));
            Entries { count: own.map(|(_, cost)| cost).sum(), certainty: map.certainty }
        };
        let counted = self.maps.iter().map(of_map).filter(|entries| entries.count > 0);
        counted.max_by_key(|entries| (entries.count, entries.certainty != Certainty::Estimated))
    }
}

fn partner(model: &Model, node: &Node, mut ports: Vec<String>) -> Partner {
    ports.sort_unstable();
    ports.dedup();
    let name = node_name(model, node);
    let identity = match node {
        Node::Identity(_) => Some(Symbol::new(Space::Identity, &name)),
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(_) => None,
    };
    Partner { name, identity, ports }
}

/// The identities that the names in some files are about.
fn spoken_of(package: &Package, model: &Model, files: &BTreeSet<FileId>) -> BTreeSet<IdentityId> {
    let mut spoken: BTreeSet<(Kind, &str)> = BTreeSet::new();
    for tree in files.iter().filter_map(|file| package.tree(*file)) {
        for definition in &tree.names.definitions {
            spoken.extend(definition.symbols.first().map(|symbol| (definition.kind, symbol.name.as_str())));
        }
        for used in &tree.names.uses {
            match &used.meaning {
                Means::Symbol(symbol) => match symbol.space {
                    Space::Identity => drop(spoken.insert((Kind::Identity, symbol.name.as_str()))),
                    Space::Service => drop(spoken.insert((Kind::Service, symbol.name.as_str()))),
                    Space::Fleet
                    | Space::Param
                    | Space::Shared
                    | Space::Region
                    | Space::Mesh
                    | Space::Namespace
                    | Space::Entry
                    | Space::Gateway
                    | Space::Policy
                    | Space::Invariant
                    | Space::Rollout
                    | Space::Step
                    | Space::Listener
                    | Space::Port
                    | Space::ServicePort => {}
                },
                Means::First(_) | Means::PortOf { .. } => {}
            }
        }
    }
    let found = spoken.into_iter().filter_map(|(kind, name)| pods(model, kind, name));
    found.flatten().collect()
}

fn pods(model: &Model, kind: Kind, name: &str) -> Option<BTreeSet<IdentityId>> {
    match kind {
        Kind::Identity => {
            let (namespace, own) = name.split_once('/')?;
            let namespace = model.namespace(&namespace.into())?;
            let mut ids = model.identities.iter();
            let is_it = |row: &Identity| row.namespace == namespace && row.name.value.as_str() == own;
            Some(BTreeSet::from([ids.find(|(_, row)| is_it(row))?.0]))
        }
        Kind::Service => {
            let (namespace, own) = name.split_once('/')?;
            let namespace = model.namespace(&namespace.into())?;
            let mut services = model.services.rows().iter();
            let service = services.find(|row| row.namespace == namespace && row.name.value.as_str() == own)?;
            Some(service.identities().collect())
        }
        Kind::Group => {
            let group = model.groups.rows().iter().find(|group| group.name.value.as_str() == name)?;
            Some(group.members.iter().copied().collect())
        }
        Kind::Policy => {
            let id = model.policies.ids().find(|id| model.policies[*id].name.value.as_str() == name)?;
            Some(subjects(model, id))
        }
        Kind::Fleet
        | Kind::Param
        | Kind::Cluster
        | Kind::ClusterSet
        | Kind::Region
        | Kind::Mesh
        | Kind::Namespace
        | Kind::External
        | Kind::Entry
        | Kind::Gateway
        | Kind::Listener
        | Kind::Invariant
        | Kind::Rollout
        | Kind::Step
        | Kind::Port => None,
    }
}

/// Whom a policy is about: its subject, or the destinations of its rules where these name both ends.
fn subjects(model: &Model, policy: PolicyId) -> BTreeSet<IdentityId> {
    let expander = Expander::new(model);
    let identities = |peers: &[Peer]| {
        let ends = expander.ends(peers, &mut Vec::new());
        ends.pods.iter().flat_map(|pods| pods.pods.iter()).map(|set| set.identity).collect::<Vec<_>>()
    };
    if let Some(subject) = &model.policies[policy].subject {
        return identities(subject).into_iter().collect();
    }
    let rules = model.rules.rows().iter().filter(|rule| rule.policy == policy);
    let destinations = rules.map(|rule| match &rule.ends {
        RuleEnds::OneEnded { .. } => &[],
        RuleEnds::TwoEnded { to, .. } => to.as_slice(),
    });
    destinations.flat_map(identities).collect()
}

/// The policy maps of those whom the rules in some files are about.
fn maps(plan: &Plan, files: &BTreeSet<FileId>) -> Vec<PolicyMap> {
    let model = &plan.model;
    if files.is_empty() || model.identities.len().saturating_mul(model.clusters.len()) > MOST_PODS {
        return Vec::new();
    }
    let rules = plan.rules.rows().iter().filter(|rule| files.contains(&model.rules[rule.source].span.file));
    let about = rules.flat_map(|rule| rule.subjects.iter().map(|set| set.identity));
    fullest_maps(plan, &about.collect(), MOST_ENTRIES)
}
