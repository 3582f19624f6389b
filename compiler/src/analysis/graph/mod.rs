//! The network as a graph: who reaches whom, on which ports, by what.
//!
//! An edge is a flow that both ends let pass, denies and defaults included; the verdicts are those of
//! [`Reach`](super::reach::Reach). Ends are joined by what a reader calls them: all pods of an identity, all addresses
//! of an external, wherever they run. What is built in (probes of a pod's own node, look-ups) is no edge: it would be
//! one for every pod.

mod ends;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Span};

use super::mentions::Mentions;
use super::partners::Partners;
use super::ports::PortMask;
use super::reach::{Grant, Reach};
use super::universe::universe;
use crate::model::{
    BuiltIn, CidrBlock, ClusterId, ClusterSet, DnsPattern, ExternalId, IdentityId, Model, PodSelection, PortRange,
    RuleId,
};
use crate::plan::{Plan, Ports};
use crate::semantics::End;

use ends::Naming;
pub use words::{node_name, node_note, places, ports};

/// Identities beyond which a graph is of some of them only.
pub const MOST_IDENTITIES: usize = 240;

/// Clusters beyond which it is not said from which to which an edge passes.
const MOST_PLACES: usize = 12;

/// Who reaches whom.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The ends, each once, in order: identities by namespace, then what lies outside.
    pub nodes: Vec<Node>,
    /// The flows that pass, in order of their ends.
    pub edges: Vec<Edge>,
    /// Identities that were not looked at, for there are too many.
    pub left_out: usize,
    /// Whether externals or addresses may what the whole world may by the same rules: those flows are edges of the world alone.
    pub within_world: bool,
}

/// An end as a reader calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// The pods of an identity.
    Identity(IdentityId),
    /// Something declared that the fleet does not govern.
    External(ExternalId),
    /// Addresses that a rule writes out.
    Cidr(CidrBlock),
    /// Names that a rule writes out.
    Dns(DnsPattern),
    /// Something that the language has a word for.
    BuiltIn(BuiltIn),
}

/// Flows from one end to another that pass by the same things. Two ends may have several edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The place of the source among the nodes.
    pub from: usize,
    /// The place of the destination.
    pub to: usize,
    /// The destination's ports, those of all places together.
    pub ports: Vec<PortRange>,
    /// What lets them pass; at least one thing.
    pub by: Vec<Ground>,
    /// From which clusters to which, where there are few enough to say.
    pub places: BTreeSet<(Option<ClusterId>, Option<ClusterId>)>,
}

/// What lets a flow pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// A rule as written.
    Rule(RuleId),
    /// No rule speaks of it, and the default written here allows it.
    Default(Span),
}

/// The graph of a plan; an error says why its ends can't be told apart.
pub fn graph(plan: &Plan) -> Result<Graph, Diagnostic> {
    let (chosen, left_out) = chosen(plan);
    let is_chosen = |end: &End| identity_of(end).is_none_or(|identity| chosen.contains(&identity));
    let graph = of(plan, &chosen, is_chosen, |_, _| true)?;
    Ok(Graph { left_out, ..graph })
}

/// Who reaches some identities, and whom they reach: of the whole graph the edges that touch them, however many identities there are.
pub fn around(plan: &Plan, identities: &BTreeSet<IdentityId>) -> Result<Graph, Diagnostic> {
    let touches = |end: &End| identity_of(end).is_some_and(|identity| identities.contains(&identity));
    let mut graph = of(plan, identities, |_| true, |source, destination| touches(source) || touches(destination))?;
    let Graph { nodes, edges, .. } = &mut graph;
    let is_named = |place: usize| matches!(nodes.get(place), Some(Node::Identity(id)) if identities.contains(id));
    // Whoever sees no more than an address of them calls them by that.
    edges.retain(|edge| is_named(edge.from) || is_named(edge.to));
    Ok(graph)
}

fn identity_of(end: &End) -> Option<IdentityId> {
    match end {
        End::Pod { identity, .. } => Some(*identity),
        End::Foreign { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => None,
    }
}

/// The graph of some ends, of which some pairs are asked.
fn of(
    plan: &Plan,
    chosen: &BTreeSet<IdentityId>,
    is_end: impl Fn(&End) -> bool,
    is_asked: impl Fn(&End, &End) -> bool,
) -> Result<Graph, Diagnostic> {
    let mut mentions = Mentions::of(plan, &[]);
    let places = plan.model.clusters.len() <= MOST_PLACES;
    if places {
        mentions.clusters.extend(plan.model.clusters.ids().map(ClusterSet::of));
    }
    let mut universe = universe(plan, &mentions)?;
    universe.retain(|class| is_end(&class.end));
    let reach = Reach::new(plan, &[], Vec::new());
    let naming = Naming::of(plan);
    let mut flows = Flows::default();
    let ends: Vec<&End> = universe.iter().map(|class| &class.end).collect();
    let partners = Partners::new(plan, &ends);
    for source in &ends {
        let others = partners.of(source).into_iter().filter_map(|place| ends.get(place).copied());
        flows.from(&naming, &reach, source, others.filter(|other| is_asked(source, other)));
    }
    if !places {
        flows.forget_places();
    }
    Ok(flows.graph(&plan.model, &reach, chosen))
}

/// The identities that are looked at: where there are too many, those that most rules are about.
fn chosen(plan: &Plan) -> (BTreeSet<IdentityId>, usize) {
    let mut all: Vec<IdentityId> = plan.model.identities.ids().collect();
    let left_out = all.len().saturating_sub(MOST_IDENTITIES);
    if left_out > 0 {
        all.sort_by_key(|identity| (std::cmp::Reverse(plan.rules_of[*identity].len()), *identity));
        all.truncate(MOST_IDENTITIES);
    }
    (all.into_iter().collect(), left_out)
}

/// Where something passes between two nodes by the same grounds.
struct Passing {
    mask: PortMask,
    places: BTreeSet<(Option<ClusterId>, Option<ClusterId>)>,
}

#[derive(Default)]
struct Flows {
    found: BTreeMap<Found, Passing>,
}

/// Two nodes, and what lets flows between them pass.
type Found = (Node, Node, BTreeSet<Ground>);

impl Flows {
    fn from<'e>(
        &mut self,
        naming: &Naming<'_>,
        reach: &Reach<'_>,
        source: &End,
        destinations: impl Iterator<Item = &'e End>,
    ) {
        for destination in destinations {
            let Some(mask) = reach.passing(source, destination).filter(|mask| !mask.is_empty()) else {
                continue;
            };
            for (by, mask) in grounds(naming.plan, reach, (source, destination), &mask) {
                self.add(naming, (source, destination), &mask, &by);
            }
        }
    }

    fn add(
        &mut self,
        naming: &Naming<'_>,
        (source, destination): (&End, &End),
        mask: &PortMask,
        by: &BTreeSet<Ground>,
    ) {
        let place = (source.cluster(), destination.cluster());
        for from in naming.of_end(source, destination) {
            for to in naming.of_end(destination, source) {
                let found = (from.clone(), to, by.clone());
                let passing =
                    self.found.entry(found).or_insert_with(|| Passing { mask: mask.clone(), places: BTreeSet::new() });
                passing.mask.add(mask);
                passing.places.insert(place);
            }
        }
    }

    fn forget_places(&mut self) {
        self.found.values_mut().for_each(|passing| passing.places.clear());
    }

    /// What the whole world may, a part of it may by the same rules: that is not said again.
    fn is_said(&self, (from, to, by): &Found, passing: &Passing) -> bool {
        let world = Node::BuiltIn(BuiltIn::World);
        let (from, to) = match (is_part_of_world(from), is_part_of_world(to)) {
            (true, true) => (world.clone(), world),
            (true, false) => (world, to.clone()),
            (false, true) => (from.clone(), world),
            (false, false) => return false,
        };
        let wider = self.found.range((from.clone(), to.clone(), BTreeSet::new())..);
        wider
            .take_while(|((f, t, _), _)| *f == from && *t == to)
            .any(|((_, _, more), wider)| by.is_subset(more) && passing.mask.is_within(&wider.mask))
    }

    fn graph(self, model: &Model, reach: &Reach<'_>, chosen: &BTreeSet<IdentityId>) -> Graph {
        let said: Vec<bool> = self.found.iter().map(|(found, passing)| self.is_said(found, passing)).collect();
        let within_world = said.contains(&true);
        let kept: Vec<(Found, Passing)> =
            self.found.into_iter().zip(said).filter(|(_, said)| !said).map(|(pair, _)| pair).collect();
        let declared = chosen.iter().filter(|identity| match model.identities[**identity].pods {
            PodSelection::Declared { .. } => true,
            PodSelection::Unlisted => false,
        });
        let ends = kept.iter().flat_map(|((from, to, _), _)| [from.clone(), to.clone()]);
        let nodes: BTreeSet<Node> = declared.map(|identity| Node::Identity(*identity)).chain(ends).collect();
        let places: BTreeMap<&Node, usize> = nodes.iter().zip(0..).collect();
        let edges = kept.iter().filter_map(|((from, to, by), passing)| {
            let Ports::Ranges(ports) = Ports::of(reach.ports.of(&passing.mask).collect()) else { return None };
            let (ports, by, at) = (ports.into_vec(), by.iter().copied().collect(), passing.places.clone());
            Some(Edge { from: *places.get(from)?, to: *places.get(to)?, ports, by, places: at })
        });
        let edges = edges.collect();
        Graph { nodes: nodes.into_iter().collect(), edges, left_out: 0, within_world }
    }
}

fn is_part_of_world(node: &Node) -> bool {
    match node {
        Node::External(_) | Node::Cidr(_) | Node::Dns(_) | Node::BuiltIn(BuiltIn::CloudMetadata) => true,
        Node::Identity(_)
        | Node::BuiltIn(
            BuiltIn::World
            | BuiltIn::Foreign
            | BuiltIn::Host
            | BuiltIn::RemoteNodes
            | BuiltIn::KubeApiserver
            | BuiltIn::Gateways
            | BuiltIn::ClusterDns,
        ) => false,
    }
}

/// Ports by the grounds on which they pass, as far as those are written somewhere: what passes by what is built in alone
/// is no edge.
fn grounds(
    plan: &Plan,
    reach: &Reach<'_>,
    (source, destination): (&End, &End),
    passing: &PortMask,
) -> BTreeMap<BTreeSet<Ground>, PortMask> {
    let mut parts: Vec<(BTreeSet<Ground>, PortMask)> = vec![(BTreeSet::new(), passing.clone())];
    for (grant, mask) in reach.grants(source, destination, passing) {
        let ground = match grant {
            Grant::Rule(rule) => Ground::Rule(plan.rules[rule].source),
            Grant::Default(span) => Ground::Default(span),
            Grant::BuiltIn => continue,
        };
        parts = parts.into_iter().flat_map(|part| split(part, ground, &mask)).collect();
    }
    let mut grounds: BTreeMap<BTreeSet<Ground>, PortMask> = BTreeMap::new();
    for (by, mask) in parts.into_iter().filter(|(by, _)| !by.is_empty()) {
        grounds.entry(by).and_modify(|known| known.add(&mask)).or_insert(mask);
    }
    grounds
}

/// The part of some ports that a ground has, and the rest, where there is any.
fn split(
    (by, mask): (BTreeSet<Ground>, PortMask),
    ground: Ground,
    ports: &PortMask,
) -> impl Iterator<Item = (BTreeSet<Ground>, PortMask)> {
    let (mut inside, mut outside) = (mask.clone(), mask);
    inside.keep(ports);
    outside.remove(ports);
    let more = by.iter().copied().chain([ground]).collect();
    [(more, inside), (by, outside)].into_iter().filter(|(_, mask)| !mask.is_empty())
}
