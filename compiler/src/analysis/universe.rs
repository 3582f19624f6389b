//! Every end that a flow can have, one of each class.
//!
//! Two ends are of one class if nothing mentioned tells them apart, whatever the other end is; see [`Mentions`]. What is asked of the ends listed
//! here is therefore asked of all. Where there are too many classes to list, nothing is asked, which is a finding: what isn't proven isn't said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use fleetnet_lang::{Diagnostic, Span};

use super::cel::{EndKind, EndRecord};
use super::mentions::Mentions;
use super::{addresses, names};
use crate::codes::proof as codes;
use crate::model::satisfy::{Conjunction, complement};
use crate::model::{
    CLOUD_METADATA, Cidr, ClusterId, ClusterSet, IdentityId, Labels, Model, Name, Selector, Spanned, Table,
};
use crate::plan::Plan;
use crate::semantics::{ApiServer, End, ForeignPod, WorldEnd, is_cloud_metadata};

/// Most classes of one namespace's pods that are told apart by their selectors.
const MOST_CELLS: usize = 256;

/// A class of ends.
#[derive(Clone, Debug)]
pub struct Class {
    /// One of them.
    pub end: End,
    /// What conditions read of it.
    pub record: EndRecord,
}

/// The classes of ends, pods of the fleet first; where there are too many, what makes them so.
pub fn universe(plan: &Plan, mentions: &Mentions<'_>) -> Result<Vec<Class>, Diagnostic> {
    let space = Space::new(&plan.model, mentions);
    let clusters = mentions.representatives(&plan.model, |cluster| space.told_of(&plan.model, cluster));
    let mut ends = Vec::new();
    let listed: ClusterSet = clusters.iter().copied().collect();
    let addresses: Vec<_> = plan.model.clusters.rows().iter().map(|cluster| space.of(&cluster.pods)).collect();
    let addresses = addresses.into();
    for identity in plan.model.identities.ids() {
        pods(plan, &addresses, identity, listed, &mut ends);
    }
    let foreign = foreign_kinds(&plan.model, mentions)?;
    for cluster in &clusters {
        others(plan, &space, &foreign, *cluster, &mut ends);
    }
    ends.extend(space.world.iter().map(|address| End::World(WorldEnd::Address(*address))));
    let names =
        names::witnesses(mentions.names.keys().copied()).map_err(|_| indistinct_names(&plan.model, mentions))?;
    ends.extend(names.into_iter().map(|name| End::World(WorldEnd::Name(name.into()))));
    let groups = groups(&plan.model);
    Ok(ends.into_iter().map(|end| Class { record: record(&plan.model, &groups, &end), end }).collect())
}

/// At the last pattern: of two parties the later one is to blame.
fn indistinct_names(model: &Model, mentions: &Mentions<'_>) -> Diagnostic {
    let open = mentions.names.iter().filter(|(pattern, _)| pattern.0.as_str().contains('*'));
    let spans: Vec<Span> = open.map(|(_, span)| *span).collect();
    let message = format!("{} patterns of DNS names overlap in too many ways to prove anything", spans.len());
    let last = spans.into_iter().max().unwrap_or(model.fleet.name.span);
    Diagnostic::new(codes::TOO_MANY_CLASSES, last, message)
        .help("name hosts without `*`, or with whole labels of it such as `*.example.com`")
}

fn pods(
    plan: &Plan,
    addresses: &Table<ClusterId, Vec<Option<IpAddr>>>,
    identity: IdentityId,
    listed: ClusterSet,
    ends: &mut Vec<End>,
) {
    let declared = &plan.model.identities[identity];
    for cluster in (listed & declared.clusters).iter() {
        let known = listed.is_within(plan.observers(declared.namespace, cluster));
        let addresses = &addresses[cluster];
        // Where everyone knows a pod, nobody looks at its address.
        let seen = if known { addresses.get(..1).unwrap_or_default() } else { addresses };
        ends.extend(seen.iter().map(|address| End::Pod { identity, cluster, address: *address }));
    }
}

fn others(plan: &Plan, space: &Space<'_>, foreign: &[ForeignPod], cluster: ClusterId, ends: &mut Vec<End>) {
    let declared = &plan.model.clusters[cluster];
    let addresses = space.of(&declared.pods);
    for pod in foreign.iter().cloned().chain(strays(&plan.model, cluster)) {
        ends.extend(addresses.iter().map(|address| End::Foreign { cluster, pod: pod.clone(), address: *address }));
    }
    ends.push(End::Host { cluster });
    ends.extend(space.of(&declared.nodes).iter().map(|address| End::RemoteNode { cluster, address: *address }));
    ends.push(End::KubeApiserver { cluster, server: ApiServer::Managed });
    ends.push(End::Gateway { cluster });
    ends.extend(addresses.iter().map(|address| End::ClusterDns { cluster, address: *address }));
}

/// Pods that the fleet does not govern in any cluster: of a namespace that nobody mentions, and of mentioned ones in all ways that selectors
/// tell apart.
fn foreign_kinds(model: &Model, mentions: &Mentions<'_>) -> Result<Vec<ForeignPod>, Diagnostic> {
    let mut pods = vec![ForeignPod { namespace: None, labels: Labels::new() }];
    for (namespace, selectors) in &mentions.foreign {
        let labels = told_apart(&selectors.keys().copied().collect::<Vec<_>>());
        let labels = labels.ok_or_else(|| indistinct_pods(model, namespace, selectors))?.into_iter();
        pods.extend(labels.map(|labels| ForeignPod { namespace: Some(namespace.clone()), labels }));
    }
    Ok(pods)
}

fn indistinct_pods(model: &Model, namespace: &Name, selectors: &BTreeMap<&Selector, Span>) -> Diagnostic {
    let message = format!(
        "{} selectors of pods in `{namespace}` overlap in more than {MOST_CELLS} ways, too many to prove anything",
        selectors.len()
    );
    let last = selectors.values().max().copied().unwrap_or(model.fleet.name.span);
    Diagnostic::new(codes::TOO_MANY_CLASSES, last, message)
        .help("select by one label, such as `app`, so that no pod matches several; or declare the namespace")
}

/// Pods of declared namespaces that have none of the fleet's in a cluster.
fn strays(model: &Model, cluster: ClusterId) -> impl Iterator<Item = ForeignPod> {
    let stray = model.namespaces.rows().iter().filter(move |namespace| !namespace.clusters.contains(cluster));
    stray.map(|namespace| ForeignPod { namespace: Some(namespace.name.value.clone()), labels: Labels::new() })
}

/// The place of the first of all ends that no rule tells apart, and that a key does not either.
///
/// Only pods of declared namespaces outside of their clusters are many and alike: nothing but the namespace's name tells them apart, which no
/// rule looks at, unless the namespace is there for its services.
#[must_use]
pub fn representatives<K: Ord>(plan: &Plan, ends: &[&End], key: impl Fn(usize) -> K) -> Vec<usize> {
    let mut seen: BTreeSet<(ClusterId, Option<IpAddr>, K)> = BTreeSet::new();
    let is_first = |(place, end): &(usize, &&End)| match end {
        End::Foreign { cluster, pod, address } if is_stray(plan, *cluster, pod) => {
            seen.insert((*cluster, *address, key(*place)))
        }
        End::Foreign { .. }
        | End::Pod { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => true,
    };
    ends.iter().enumerate().filter(is_first).map(|(place, _)| place).collect()
}

fn is_stray(plan: &Plan, cluster: ClusterId, pod: &ForeignPod) -> bool {
    let declared = pod.namespace.as_ref().and_then(|name| plan.model.namespace(name));
    pod.labels.is_empty() && declared.is_some_and(|namespace| !plan.stubs[namespace].contains(cluster))
}

/// Labels for every way to be selected by some of these selectors and not by the others; none where there are too many.
fn told_apart(selectors: &[&Selector]) -> Option<Vec<Labels>> {
    let mut cells = vec![Conjunction::default()];
    for selected in selectors.iter().filter_map(|selector| Conjunction::of_selector(selector)) {
        let outside = complement(std::slice::from_ref(&selected)).ok()?;
        let parts = cells.iter().flat_map(|cell| {
            std::iter::once(&selected).chain(&outside).filter_map(|part| cell.and(part)).collect::<Vec<_>>()
        });
        // What a selector leaves may be several conjunctions that nothing tells apart.
        let parts: Vec<Conjunction> = parts.collect();
        if parts.len() > MOST_CELLS {
            return None;
        }
        cells = parts;
    }
    let examples = cells.iter().map(|cell| cell.example().labels);
    let mut seen = BTreeSet::new();
    let matched = |labels: &Labels| selectors.iter().map(|selector| selector.matches(labels)).collect::<Vec<bool>>();
    Some(examples.filter(|labels| seen.insert(matched(labels))).collect())
}

/// Addresses of every kind that something mentioned tells apart.
struct Space<'m> {
    mentions: &'m Mentions<'m>,
    atoms: Vec<IpAddr>,
    /// Addresses of the world, metadata included.
    world: Vec<IpAddr>,
}

impl<'m> Space<'m> {
    fn new(model: &Model, mentions: &'m Mentions<'m>) -> Self {
        let own = |cluster: &'_ crate::model::Cluster| {
            let all = cluster.pods.iter().chain(&cluster.nodes).chain(&cluster.services);
            all.map(|cidr| cidr.value).collect::<Vec<Cidr>>()
        };
        let fleet: Vec<Cidr> = model.clusters.rows().iter().flat_map(own).collect();
        let metadata = CLOUD_METADATA.map(|address| Cidr::from(IpAddr::from(address)));
        let atoms = addresses::atoms(mentions.cidrs().chain(fleet.iter().copied()).chain(metadata));
        let outside = atoms.iter().copied().filter(|address| !fleet.iter().any(|cidr| cidr.contains(address)));
        let outside: Vec<IpAddr> = outside.collect();
        let mut space = Self { mentions, atoms, world: Vec::new() };
        let mut seen = BTreeSet::new();
        let told = |address: &IpAddr| (address.is_ipv6(), is_cloud_metadata(*address), space.told(*address));
        let world = outside.into_iter().filter(|address| seen.insert(told(address))).collect();
        space.world = world;
        space
    }

    /// The blocks that an address is in.
    fn told(&self, address: IpAddr) -> Vec<bool> {
        self.mentions.blocks.iter().map(|block| block.contains(address)).collect()
    }

    /// An address of each kind in some CIDRs; none at all where no CIDR is declared, or nothing is left of it.
    fn of(&self, cidrs: &[Spanned<Cidr>]) -> Vec<Option<IpAddr>> {
        let inside = self.atoms.iter().filter(|address| cidrs.iter().any(|cidr| cidr.value.contains(*address)));
        let mut seen = BTreeSet::new();
        let mut found: Vec<Option<IpAddr>> =
            inside.filter(|address| seen.insert(self.told(**address))).copied().map(Some).collect();
        if found.is_empty() {
            found.push(None);
        }
        found
    }

    /// What can be told of a cluster's pods and nodes by their addresses.
    fn told_of(&self, model: &Model, cluster: ClusterId) -> [BTreeSet<Option<Vec<bool>>>; 2] {
        let declared = &model.clusters[cluster];
        [&declared.pods, &declared.nodes].map(|cidrs| {
            let found = self.of(cidrs).into_iter();
            found.map(|address| address.map(|address| self.told(address))).collect()
        })
    }
}

fn groups(model: &Model) -> Vec<Vec<Name>> {
    let mut groups = vec![Vec::new(); model.identities.len()];
    for group in model.groups.rows() {
        for member in &group.members {
            if let Some(of_member) = groups.get_mut(crate::model::Id::index(*member)) {
                of_member.push(group.name.value.clone());
            }
        }
    }
    groups
}

/// What conditions read of any end.
#[cfg(test)]
pub fn record_of(model: &Model, end: &End) -> EndRecord {
    record(model, &groups(model), end)
}

/// What conditions read of an end. Labels are those that the fleet declares, so only its own pods have any.
fn record(model: &Model, groups: &[Vec<Name>], end: &End) -> EndRecord {
    let cluster = end.cluster().map(|cluster| &model.clusters[cluster]);
    let text = |name: Option<&Name>| name.map_or_else(String::new, ToString::to_string);
    let mut record = EndRecord {
        kind: EndKind::of(end),
        name: String::new(),
        namespace: String::new(),
        cluster: text(cluster.map(|cluster| &cluster.name.value)),
        region: text(cluster.and_then(|cluster| cluster.region.as_ref()).map(|region| &region.value)),
        labels: Labels::new(),
        groups: Vec::new(),
        external: externals(model, end),
    };
    match end {
        End::Pod { identity, .. } => {
            let declared = &model.identities[*identity];
            record.name = model.identity_name(*identity);
            record.namespace = model.namespaces[declared.namespace].name.value.to_string();
            record.labels.clone_from(&declared.labels);
            record.groups = groups.get(crate::model::Id::index(*identity)).cloned().unwrap_or_default();
        }
        End::Foreign { pod, .. } => record.namespace = text(pod.namespace.as_ref()),
        End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => {}
    }
    record
}

/// The externals that an end is of.
pub fn externals(model: &Model, end: &End) -> Vec<Name> {
    let part_of = |external: &crate::model::External| match end {
        End::World(WorldEnd::Address(address)) => external.cidrs.iter().any(|block| block.value.contains(*address)),
        End::World(WorldEnd::Name(name)) => external.names.iter().any(|pattern| pattern.value.matches(name.as_str())),
        End::Foreign { pod, .. } => external.pods.iter().any(|pods| {
            pod.namespace.as_ref() == Some(&pods.value.namespace) && pods.value.selector.matches(&pod.labels)
        }),
        End::Pod { .. }
        | End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. } => false,
    };
    let found = model.externals.rows().iter().filter(|external| part_of(external));
    found.map(|external| external.name.value.clone()).collect()
}
