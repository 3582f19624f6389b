//! The identities that one cluster's data path tells apart.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_abi::identity::Identity;

use super::inhabitants::{Inhabitant, Inhabitants};
use super::placeholder::{Placeholder, PlaceholderKind, placeholders};
use super::population::Population;
use crate::image::tables::{IdentityKind, IdentityRow};
use crate::lock::{Lock, Wanted};
use crate::model::satisfy::{Pod, unlisted};
use crate::model::{
    CLOUD_METADATA, CLUSTER_DNS_LABEL, CLUSTER_DNS_NAMESPACE, Cidr, Cluster, ClusterId, ClusterSet, Families,
    IdentityId, Labels, Model, Name, PodSelection, Table, TargetKind,
};
use crate::plan::{Peer, Plan};

/// What the lock must number, cluster by cluster.
#[must_use]
pub fn wanted(model: &Model) -> Vec<Wanted> {
    let placeholders = placeholders(model);
    let mut names: Table<ClusterId, Vec<Name>> = vec![Vec::new(); model.clusters.len()].into();
    for (id, identity) in model.identities.iter() {
        let name = Name::from(model.identity_name(id));
        identity.clusters.iter().for_each(|cluster| names[cluster].push(name.clone()));
    }
    let wanted = model.clusters.iter().map(|(id, cluster)| {
        let placeholders = placeholders.iter().map(|placeholder| placeholder.name.clone());
        Wanted { cluster: cluster.name.value.clone(), names: names[id].iter().cloned().chain(placeholders).collect() }
    });
    wanted.collect()
}

/// Every identity row of a fleet, each made once however many clusters know it, and every rule's prefixes.
#[derive(Debug)]
pub struct IdentityRows<'a> {
    everybody: Inhabitants<'a>,
    lock: &'a Lock,
    /// For each cluster, the rows of its pods; nothing where the cluster has no number yet.
    pods: Table<ClusterId, Result<BTreeMap<IdentityId, IdentityRow>, Unnumbered>>,
}

impl<'a> IdentityRows<'a> {
    /// Looks through identities and rules once, for all clusters.
    #[must_use]
    pub fn new(plan: &'a Plan, lock: &'a Lock) -> Self {
        let everybody = Inhabitants::new(plan, Cow::Owned(Population::assumed(&plan.model)));
        let pods = plan.model.clusters.ids().map(|cluster| {
            let rows = everybody.population.identities(cluster).filter_map(|id| {
                let example = example(&plan.model, id, cluster)?;
                Some(pod_row(plan, lock, id, cluster, &example).map(|row| (id, row)))
            });
            rows.collect()
        });
        let pods = pods.collect::<Vec<_>>().into();
        Self { everybody, lock, pods }
    }

    fn number(&self, runs_in: ClusterId, who: Inhabitant<'_>) -> Result<Identity, Unnumbered> {
        match who {
            Inhabitant::Pods(id) => {
                let rows = self.pods[runs_in].as_ref().map_err(Clone::clone)?;
                rows.get(&id).map(|row| row.number).ok_or(Unnumbered { cluster: runs_in })
            }
            Inhabitant::Placeholder(placeholder) => {
                number(self.everybody.plan, self.lock, runs_in, placeholder.name.as_str())
            }
        }
    }
}

fn pod_row(
    plan: &Plan,
    lock: &Lock,
    id: IdentityId,
    cluster: ClusterId,
    example: &Pod,
) -> Result<IdentityRow, Unnumbered> {
    let model = &plan.model;
    let name = model.identity_name(id);
    let number = number(plan, lock, cluster, &name)?;
    let namespace = &model.namespaces[model.identities[id].namespace];
    let labels =
        pod_labels(model, cluster, &namespace.name.value, &namespace.labels, &example.labels, &example.account);
    Ok(IdentityRow { number, kind: IdentityKind::Pods, name: in_cluster(model, &name, cluster), labels })
}

/// Who is known in one cluster, by number.
#[derive(Clone, Debug)]
pub struct Universe {
    /// The cluster.
    pub cluster: ClusterId,
    /// The clusters whose pods may be known there.
    pub around: ClusterSet,
    /// Pods of the fleet's.
    pub pods: BTreeMap<(IdentityId, ClusterId), Identity>,
    /// How many numbers stand for the same pods as one of these, where they are more than one: a number for each set of labels.
    pub label_sets: BTreeMap<Identity, usize>,
    /// Pods that the fleet does not govern, with where they run.
    pub placeholders: Vec<(ClusterId, Placeholder, Identity)>,
    /// Address prefixes that rules of the cluster speak of, and their exceptions.
    pub cidrs: BTreeMap<Cidr, Identity>,
    /// What every number stands for, in order of the numbers.
    pub rows: Vec<IdentityRow>,
}

/// A number that a cluster needs and does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnumbered {
    /// The cluster without one.
    pub cluster: ClusterId,
}

impl Universe {
    /// The identities known in a cluster. Fails on a cluster that has no number yet.
    pub fn new(plan: &Plan, lock: &Lock, cluster: ClusterId) -> Result<Self, Unnumbered> {
        Self::of(&IdentityRows::new(plan, lock), cluster)
    }

    /// As [`Universe::new`], for one of several clusters.
    pub fn of(everybody: &IdentityRows<'_>, cluster: ClusterId) -> Result<Self, Unnumbered> {
        let plan = everybody.everybody.plan;
        let mut universe = everybody.everybody.universe(cluster, |runs_in, who| everybody.number(runs_in, who))?;
        let row_of = |id: &IdentityId, runs_in: &ClusterId| everybody.pods[*runs_in].as_ref().ok()?.get(id).cloned();
        let mut rows = reserved_rows();
        rows.extend(universe.pods.keys().filter_map(|(id, runs_in)| row_of(id, runs_in)));
        let placeholders = universe.placeholders.iter();
        rows.extend(placeholders.map(|(runs_in, one, number)| placeholder_row(&plan.model, *runs_in, one, *number)));
        rows.extend(universe.cidrs.iter().map(|(cidr, number)| cidr_row(plan, cluster, *cidr, *number)));
        rows.sort_by_key(|row| row.number);
        universe.rows = rows;
        Ok(universe)
    }
}

fn placeholder_row(model: &Model, runs_in: ClusterId, placeholder: &Placeholder, number: Identity) -> IdentityRow {
    let labels = match &placeholder.kind {
        PlaceholderKind::ClusterDns => {
            let labels = Labels::from([(CLUSTER_DNS_LABEL.0.into(), CLUSTER_DNS_LABEL.1.into())]);
            let (namespace, account) = (CLUSTER_DNS_NAMESPACE.into(), CLUSTER_DNS_LABEL.1.into());
            pod_labels(model, runs_in, &namespace, &Labels::new(), &labels, &account)
        }
        PlaceholderKind::Foreign { namespace, labels } => {
            pod_labels(model, runs_in, namespace, &Labels::new(), labels, &Pod::DEFAULT_ACCOUNT.into())
        }
    };
    let name = in_cluster(model, placeholder.name.as_str(), runs_in);
    IdentityRow { number, kind: IdentityKind::Placeholder, name, labels }
}

fn in_cluster(model: &Model, name: &str, cluster: ClusterId) -> Arc<str> {
    format!("{name} in {}", model.clusters[cluster].name.value).into()
}

/// A managed fleet assigns a cluster's number and its name in the data path together: one without the other is no knowledge.
fn number(plan: &Plan, lock: &Lock, cluster: ClusterId, name: &str) -> Result<Identity, Unnumbered> {
    let row = &plan.model.clusters[cluster];
    if plan.enforcers[cluster] == Some(TargetKind::AzureFleet) && row.cilium_name.is_none() {
        return Err(Unnumbered { cluster });
    }
    let id = row.id.ok_or(Unnumbered { cluster })?;
    let local = lock.number(&row.name.value, name).ok_or(Unnumbered { cluster })?;
    Ok(Identity::of_cluster(id.value, local))
}

/// A pod of the identity, or nothing where it can have none.
pub(super) fn example(model: &Model, id: IdentityId, cluster: ClusterId) -> Option<Pod> {
    let identity = &model.identities[id];
    let conjunctions = match &identity.pods {
        PodSelection::Declared { .. } => identity.pods.conjunctions()?,
        PodSelection::Unlisted => unlisted(model, identity.namespace, cluster).ok()?,
    };
    conjunctions.first().map(crate::model::satisfy::Conjunction::example)
}

/// The labels by which Cilium knows a pod (`reference`: its Kubernetes label source `k8s`).
fn pod_labels(
    model: &Model,
    cluster: ClusterId,
    namespace: &Name,
    namespace_labels: &Labels,
    labels: &Labels,
    account: &Name,
) -> Vec<Arc<str>> {
    let row = &model.clusters[cluster];
    let cilium_name = row.cilium_name.as_ref().unwrap_or(&row.name);
    let mut all = vec![
        format!("k8s:io.cilium.k8s.policy.cluster={}", cilium_name.value),
        format!("k8s:io.cilium.k8s.policy.serviceaccount={account}"),
        format!("k8s:io.kubernetes.pod.namespace={namespace}"),
        format!("k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={namespace}"),
    ];
    all.extend(namespace_labels.iter().map(|(key, value)| format!("k8s:io.cilium.k8s.namespace.labels.{key}={value}")));
    all.extend(labels.iter().map(|(key, value)| format!("k8s:{key}={value}")));
    all.sort();
    all.into_iter().map(Arc::from).collect()
}

fn reserved_rows() -> Vec<IdentityRow> {
    (1..=10)
        .map(Identity)
        .filter_map(|number| {
            let name: Arc<str> = number.reserved_name()?.into();
            let mut labels: Vec<Arc<str>> = vec![format!("reserved:{name}").into()];
            // The number of an API server that runs on a node, which it stays.
            if number == Identity::KUBE_APISERVER {
                labels.push("reserved:remote-node".into());
            }
            Some(IdentityRow { number, kind: IdentityKind::Reserved, labels, name })
        })
        .collect()
}

/// For each cluster, every prefix that a rule of a pod in it speaks of, of the families that the cluster has. All addresses at once are
/// `world` and have no number.
#[must_use]
pub fn prefixes(plan: &Plan) -> Table<ClusterId, BTreeSet<Cidr>> {
    let clusters = &plan.model.clusters;
    let families: Table<ClusterId, Families> = clusters.rows().iter().map(Cluster::families).collect::<Vec<_>>().into();
    let mut cidrs: Table<ClusterId, BTreeSet<Cidr>> = vec![BTreeSet::new(); clusters.len()].into();
    for rule in plan.rules.rows() {
        let prefixes: Vec<Cidr> =
            rule.peers.iter().flat_map(written).filter(|prefix| prefix.prefix_len() > 0).collect();
        if prefixes.is_empty() {
            continue;
        }
        for cluster in super::emitted_in(plan, rule).iter() {
            let here = families[cluster];
            cidrs[cluster].extend(prefixes.iter().filter(|prefix| here.have(prefix)));
        }
    }
    cidrs
}

fn written(peer: &Peer) -> Vec<Cidr> {
    match peer {
        Peer::Cidr(block) => std::iter::once(block.cidr).chain(block.except.iter().copied()).collect(),
        Peer::CloudMetadata => {
            CLOUD_METADATA.iter().map(|address| Cidr::from(std::net::IpAddr::from(*address))).collect()
        }
        Peer::Pods { .. }
        | Peer::Foreign { .. }
        | Peer::ForeignPods { .. }
        | Peer::World
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns => Vec::new(),
    }
}

/// A prefix is `world` of its family where the cluster has both, and plain `world` where it has one.
fn cidr_row(plan: &Plan, cluster: ClusterId, cidr: Cidr, number: Identity) -> IdentityRow {
    let world = match (plan.model.clusters[cluster].families(), cidr) {
        (Families::V4 | Families::V6, _) => "reserved:world",
        (Families::Both, Cidr::V4(_)) => "reserved:world-ipv4",
        (Families::Both, Cidr::V6(_)) => "reserved:world-ipv6",
    };
    // Label values cannot hold colons.
    let labels = vec![format!("cidr:{}", cidr.to_string().replace(':', "-")).into(), world.into()];
    IdentityRow { number, kind: IdentityKind::Cidr, name: cidr.to_string().into(), labels }
}
