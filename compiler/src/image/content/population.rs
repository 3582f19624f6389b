//! How many numbers the pods of a cluster have: as many as label sets, where an inventory lists them, and one for each identity elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::placeholder::{Placeholder, PlaceholderKind, placeholders};
use super::universe::example;
use crate::inventory::{Inventory, Listed};
use crate::model::satisfy::{Conjunction, identities_of};
use crate::model::{
    CLUSTER_DNS_LABEL, CLUSTER_DNS_NAMESPACE, ClusterId, ClusterSet, IdentityId, Model, Name, NamespaceId,
    PodSelection, Table,
};

/// The pods of every cluster, as far as data paths tell them apart.
#[derive(Clone, Debug)]
pub struct Population {
    /// For each cluster, the identities that have pods there, in order.
    pods: Table<ClusterId, BTreeMap<IdentityId, Count>>,
    /// For each cluster, those that the fleet does not govern.
    others: Table<ClusterId, Arc<[Placeholder]>>,
}

/// The pods of an identity in one cluster.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// How many different sets of labels they have: each has a number.
    label_sets: usize,
    /// How many there are, if that is listed.
    pods: usize,
}

impl Population {
    /// Each identity with one label set wherever it can run, and a placeholder for each kind of other pods.
    #[must_use]
    pub fn assumed(model: &Model) -> Self {
        Self::of(model, &Inventory::default())
    }

    /// What an inventory lists, and what is assumed of the clusters that it doesn't.
    #[must_use]
    pub fn of(model: &Model, inventory: &Inventory) -> Self {
        Self::where_may_be(model, inventory, |id, clusters| {
            let groups = alike(model, id, clusters).into_iter();
            let has_pods =
                |group: &ClusterSet| group.iter().next().is_some_and(|one| example(model, id, one).is_some());
            groups.filter(has_pods).fold(ClusterSet::EMPTY, |all, group| all | group)
        })
    }

    /// As [`Population::of`], with pods of an identity wherever it runs, also where there can be none: more than there are, and soon counted.
    #[must_use]
    pub fn at_most(model: &Model, inventory: &Inventory) -> Self {
        Self::where_may_be(model, inventory, |_, clusters| clusters)
    }

    fn where_may_be(
        model: &Model,
        inventory: &Inventory,
        with_pods: impl Fn(IdentityId, ClusterSet) -> ClusterSet,
    ) -> Self {
        let assumed: Arc<[Placeholder]> = placeholders(model).into();
        let mut pods: Table<ClusterId, BTreeMap<IdentityId, Count>> =
            vec![BTreeMap::new(); model.clusters.len()].into();
        let unlisted: ClusterSet = model.clusters.ids().filter(|cluster| inventory.of(*cluster).is_none()).collect();
        for (id, identity) in model.identities.iter() {
            for cluster in with_pods(id, identity.clusters & unlisted).iter() {
                pods[cluster].insert(id, Count { label_sets: 1, pods: 0 });
            }
        }
        let mut others = Vec::with_capacity(model.clusters.len());
        for cluster in model.clusters.ids() {
            others.push(match inventory.of(cluster) {
                Some(listed) => {
                    let counted = counted(model, cluster, listed);
                    pods[cluster] = counted.0;
                    counted.1.into()
                }
                None => Arc::clone(&assumed),
            });
        }
        Self { pods, others: others.into() }
    }

    /// The identities that have pods in a cluster, in order.
    pub fn identities(&self, cluster: ClusterId) -> impl Iterator<Item = IdentityId> + '_ {
        self.pods[cluster].keys().copied()
    }

    /// How many label sets an identity's pods have in a cluster.
    #[must_use]
    pub fn label_sets(&self, identity: IdentityId, cluster: ClusterId) -> usize {
        self.pods[cluster].get(&identity).map_or(0, |count| count.label_sets)
    }

    /// How many pods of an identity are listed in a cluster.
    #[must_use]
    pub fn listed(&self, identity: IdentityId, cluster: ClusterId) -> usize {
        self.pods[cluster].get(&identity).map_or(0, |count| count.pods)
    }

    /// Pods in a cluster that the fleet does not govern.
    #[must_use]
    pub fn others(&self, cluster: ClusterId) -> &[Placeholder] {
        &self.others[cluster]
    }

    /// How many numbers a cluster needs.
    #[must_use]
    pub fn numbers(&self, cluster: ClusterId) -> usize {
        let own: usize = self.pods[cluster].values().map(|count| count.label_sets).sum();
        own.saturating_add(self.others[cluster].len())
    }
}

/// Clusters in which the same pods are an identity's: for pods that nobody lists, those where the same identities run beside it.
fn alike(model: &Model, id: IdentityId, clusters: ClusterSet) -> Vec<ClusterSet> {
    let identity = &model.identities[id];
    match identity.pods {
        PodSelection::Declared { .. } => vec![clusters],
        PodSelection::Unlisted => {
            let mut groups: BTreeMap<Vec<IdentityId>, ClusterSet> = BTreeMap::new();
            for cluster in clusters.iter() {
                let runs = |id: &IdentityId| model.identities[*id].clusters.contains(cluster);
                let beside = identities_of(model, identity.namespace).filter(runs).collect();
                groups.entry(beside).or_default().insert(cluster);
            }
            groups.into_values().collect()
        }
    }
}

/// Whose pods are listed in one cluster, and those that nobody's are.
fn counted(model: &Model, cluster: ClusterId, listed: &Listed) -> (BTreeMap<IdentityId, Count>, Vec<Placeholder>) {
    let namespaces: BTreeMap<&Name, NamespaceId> = model
        .namespaces
        .iter()
        .filter(|(_, namespace)| namespace.clusters.contains(cluster))
        .map(|(id, namespace)| (&namespace.name.value, id))
        .collect();
    let mut who: BTreeMap<NamespaceId, Members> = BTreeMap::new();
    let mut sets: BTreeMap<IdentityId, Count> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for pods in &listed.pods {
        let Some(namespace) = namespaces.get(&pods.namespace) else {
            let is_dns = pods.namespace.as_str() == CLUSTER_DNS_NAMESPACE
                && pods.pod.labels.get(CLUSTER_DNS_LABEL.0).is_some_and(|value| value.as_str() == CLUSTER_DNS_LABEL.1);
            others.insert((pods.namespace.clone(), pods.pod.clone(), is_dns));
            continue;
        };
        let members = who.entry(*namespace).or_insert_with(|| Members::of(model, *namespace, cluster));
        if let Some(identity) = members.identity(pods) {
            let count = sets.entry(identity).or_default();
            count.label_sets += 1;
            count.pods += pods.count;
        }
    }
    let others = others.into_iter().map(|(namespace, pod, is_dns)| {
        let name = format!("{namespace}: {pod}").into();
        let kind = if is_dns {
            PlaceholderKind::ClusterDns
        } else {
            PlaceholderKind::Foreign { namespace, labels: pod.labels }
        };
        Placeholder { name, kind }
    });
    (sets, others.collect())
}

/// The identities of a namespace in a cluster, by what their pods look like.
struct Members {
    declared: Vec<(IdentityId, Vec<Conjunction>)>,
    unlisted: Option<IdentityId>,
}

impl Members {
    fn of(model: &Model, namespace: NamespaceId, cluster: ClusterId) -> Self {
        let mut members = Self { declared: Vec::new(), unlisted: None };
        for id in identities_of(model, namespace).filter(|id| model.identities[*id].clusters.contains(cluster)) {
            match &model.identities[id].pods {
                PodSelection::Unlisted => members.unlisted = Some(id),
                PodSelection::Declared { .. } => {
                    members.declared.push((id, model.identities[id].pods.conjunctions().unwrap_or_default()));
                }
            }
        }
        members
    }

    fn identity(&self, pods: &crate::inventory::Pods) -> Option<IdentityId> {
        let is_one = |conjunctions: &[Conjunction]| conjunctions.iter().any(|one| one.matches(&pods.pod));
        self.declared.iter().find(|(_, conjunctions)| is_one(conjunctions)).map(|(id, _)| *id).or(self.unlisted)
    }
}
