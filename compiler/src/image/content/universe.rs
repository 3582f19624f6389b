//! The identities that one cluster's data path tells apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_abi::identity::Identity;

use super::placeholder::{Placeholder, PlaceholderKind, placeholders};
use crate::image::tables::{IdentityKind, IdentityRow};
use crate::lock::{Lock, Wanted};
use crate::model::satisfy::{Pod, unlisted};
use crate::model::{
    CLOUD_METADATA, CLUSTER_DNS_LABEL, CLUSTER_DNS_NAMESPACE, Cidr, ClusterId, ClusterSet, Families, IdentityId,
    Labels, Model, Name, PodSelection, Table, TargetKind,
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
    plan: &'a Plan,
    lock: &'a Lock,
    placeholders: Vec<Placeholder>,
    /// For each cluster, its pods in order of identity; nothing where the cluster has no number yet.
    pods: Table<ClusterId, Result<Pods, Unnumbered>>,
    cidrs: Table<ClusterId, BTreeSet<Cidr>>,
}

type Pods = Vec<(IdentityId, IdentityRow)>;

impl<'a> IdentityRows<'a> {
    /// Looks through identities and rules once, for all clusters.
    #[must_use]
    pub fn new(plan: &'a Plan, lock: &'a Lock) -> Self {
        let model = &plan.model;
        let mut identities: Table<ClusterId, Vec<IdentityId>> = vec![Vec::new(); model.clusters.len()].into();
        for (id, identity) in model.identities.iter() {
            identity.clusters.iter().for_each(|cluster| identities[cluster].push(id));
        }
        let pods = identities.iter().map(|(cluster, identities)| {
            let rows = identities.iter().filter_map(|id| {
                let example = example(model, *id, cluster)?;
                Some(pod_row(plan, lock, *id, cluster, &example).map(|row| (*id, row)))
            });
            rows.collect()
        });
        let pods = pods.collect::<Vec<_>>().into();
        Self { plan, lock, placeholders: placeholders(model), pods, cidrs: prefixes(plan) }
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
        let plan = everybody.plan;
        let model = &plan.model;
        let families = model.clusters[cluster].families();
        let prefixes = everybody.cidrs[cluster].iter().copied().filter(|prefix| families.have(prefix));
        let around = model.around(cluster);
        let mut universe = Self {
            cluster,
            around,
            pods: BTreeMap::new(),
            placeholders: Vec::new(),
            cidrs: prefixes.zip((Identity::FIRST_CIDR.0..).map(Identity)).collect(),
            rows: reserved_rows(),
        };
        for runs_in in around.iter() {
            universe.add_pods(everybody, runs_in)?;
            universe.add_placeholders(everybody, runs_in)?;
        }
        let rows = universe.cidrs.iter().map(|(cidr, number)| cidr_row(plan, cluster, *cidr, *number));
        universe.rows.extend(rows);
        universe.rows.sort_by_key(|row| row.number);
        Ok(universe)
    }

    fn add_pods(&mut self, everybody: &IdentityRows<'_>, runs_in: ClusterId) -> Result<(), Unnumbered> {
        let plan = everybody.plan;
        let known =
            |id: IdentityId| plan.observers(plan.model.identities[id].namespace, runs_in).contains(self.cluster);
        match &everybody.pods[runs_in] {
            Ok(pods) => {
                for (id, row) in pods.iter().filter(|(id, _)| known(*id)) {
                    self.pods.insert((*id, runs_in), row.number);
                    self.rows.push(row.clone());
                }
                Ok(())
            }
            // Where nobody of a cluster is known its number doesn't matter.
            Err(unnumbered) => {
                let mut here = plan.model.identities.iter().filter(|(_, identity)| identity.clusters.contains(runs_in));
                let is_there = |id: IdentityId| known(id) && example(&plan.model, id, runs_in).is_some();
                if here.any(|(id, _)| is_there(id)) { Err(unnumbered.clone()) } else { Ok(()) }
            }
        }
    }

    fn add_placeholders(&mut self, everybody: &IdentityRows<'_>, runs_in: ClusterId) -> Result<(), Unnumbered> {
        let IdentityRows { plan, lock, .. } = everybody;
        let model = &plan.model;
        if !plan.knowledge.foreign_observers(model, runs_in).contains(self.cluster) {
            return Ok(());
        }
        for placeholder in &everybody.placeholders {
            let number = number(plan, lock, runs_in, placeholder.name.as_str())?;
            let labels = match &placeholder.kind {
                PlaceholderKind::ClusterDns => {
                    let labels = Labels::from([(CLUSTER_DNS_LABEL.0.into(), CLUSTER_DNS_LABEL.1.into())]);
                    pod_labels(
                        model,
                        runs_in,
                        &CLUSTER_DNS_NAMESPACE.into(),
                        &Labels::new(),
                        &labels,
                        &CLUSTER_DNS_LABEL.1.into(),
                    )
                }
                PlaceholderKind::Foreign { namespace, labels } => {
                    pod_labels(model, runs_in, namespace, &Labels::new(), labels, &Pod::DEFAULT_ACCOUNT.into())
                }
            };
            let name = in_cluster(model, placeholder.name.as_str(), runs_in);
            self.rows.push(IdentityRow { number, kind: IdentityKind::Placeholder, name, labels });
            self.placeholders.push((runs_in, placeholder.clone(), number));
        }
        Ok(())
    }
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

/// For each cluster, every prefix that a rule of a pod in it speaks of. All addresses at once are `world` and have no number.
#[must_use]
pub fn prefixes(plan: &Plan) -> Table<ClusterId, BTreeSet<Cidr>> {
    let mut cidrs: Table<ClusterId, BTreeSet<Cidr>> = vec![BTreeSet::new(); plan.model.clusters.len()].into();
    for rule in plan.rules.rows() {
        let prefixes: Vec<Cidr> =
            rule.peers.iter().flat_map(written).filter(|prefix| prefix.prefix_len() > 0).collect();
        if !prefixes.is_empty() {
            super::emitted_in(plan, rule).iter().for_each(|cluster| cidrs[cluster].extend(&prefixes));
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
