//! One cluster's view of the fleet: whom its data path knows, and how it selects them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::names::Names;
use crate::model::satisfy::{self, Conjunction};
use crate::model::{ClusterId, ClusterSet, IdentityId, Model, NamespaceId, PodSelection, Table};
use crate::plan::Plan;

/// What the policies of one cluster can see.
pub struct View<'a> {
    /// The package.
    pub plan: &'a Plan,
    /// The data path's names of clusters.
    pub names: &'a Names,
    /// The cluster whose policies are written.
    pub cluster: ClusterId,
    /// For each namespace, the clusters whose pods of it are known here.
    known: Table<NamespaceId, ClusterSet>,
    /// The clusters whose ungoverned pods are known here.
    foreign: ClusterSet,
    unlisted: RefCell<BTreeMap<(NamespaceId, ClusterId), Vec<Conjunction>>>,
    /// The pods of identities that rules name together.
    joined: RefCell<BTreeMap<Together, Rc<[Conjunction]>>>,
}

/// Identities of a namespace in a cluster.
type Together = (NamespaceId, ClusterId, Vec<IdentityId>);

impl<'a> View<'a> {
    /// The view of a cluster whose surroundings have names.
    #[must_use]
    pub fn new(plan: &'a Plan, names: &'a Names, cluster: ClusterId) -> Self {
        let model = &plan.model;
        let around = model.around(cluster);
        let within = |known: &dyn Fn(ClusterId) -> ClusterSet| -> ClusterSet {
            around.iter().filter(|other| known(*other).contains(cluster)).collect()
        };
        let known: Vec<ClusterSet> =
            model.namespaces.ids().map(|namespace| within(&|other| plan.observers(namespace, other))).collect();
        let foreign = within(&|other| plan.knowledge.foreign_observers(model, other));
        Self {
            plan,
            names,
            cluster,
            known: known.into(),
            foreign,
            unlisted: RefCell::default(),
            joined: RefCell::default(),
        }
    }

    /// What is declared.
    #[must_use]
    pub fn model(&self) -> &'a Model {
        &self.plan.model
    }

    /// The clusters whose pods of a namespace are known here.
    #[must_use]
    pub fn known(&self, namespace: NamespaceId) -> ClusterSet {
        self.known[namespace]
    }

    /// The clusters whose ungoverned pods are known here.
    #[must_use]
    pub fn known_foreign(&self) -> ClusterSet {
        self.foreign
    }

    /// The data path's names of clusters.
    #[must_use]
    pub fn names_of(&self, clusters: ClusterSet) -> Vec<String> {
        clusters.iter().map(|cluster| self.names.of(cluster)).collect()
    }

    /// The identities that pods of a namespace can have in a cluster.
    #[must_use]
    pub fn identities(&self, namespace: NamespaceId, cluster: ClusterId) -> Vec<IdentityId> {
        let model = self.model();
        satisfy::identities_of(model, namespace).filter(|id| model.identities[*id].clusters.contains(cluster)).collect()
    }

    /// The pods of an identity in a cluster, any of the conjunctions. Unlisted pods that can't be written down are none here: an error says so
    /// before anything is emitted.
    #[must_use]
    pub fn pods(&self, identity: IdentityId, cluster: ClusterId) -> Vec<Conjunction> {
        let row = &self.model().identities[identity];
        match &row.pods {
            PodSelection::Declared { .. } => row.pods.conjunctions().unwrap_or_default(),
            PodSelection::Unlisted => {
                let mut known = self.unlisted.borrow_mut();
                let unlisted = known.entry((row.namespace, cluster));
                unlisted
                    .or_insert_with(|| satisfy::unlisted(self.model(), row.namespace, cluster).unwrap_or_default())
                    .clone()
            }
        }
    }

    /// As [`View::pods`], for several identities of a namespace, in as few conjunctions as can be.
    #[must_use]
    pub fn pods_of_all(
        &self,
        namespace: NamespaceId,
        cluster: ClusterId,
        identities: Vec<IdentityId>,
    ) -> Rc<[Conjunction]> {
        let mut joined = self.joined.borrow_mut();
        let entry = joined.entry((namespace, cluster, identities)).or_insert_with_key(|(_, _, identities)| {
            let pods = identities.iter().flat_map(|identity| self.pods(*identity, cluster));
            Conjunction::joined(pods).into()
        });
        Rc::clone(entry)
    }
}
