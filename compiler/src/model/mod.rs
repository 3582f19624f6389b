//! What a package declares, with every name bound.
//!
//! The model keeps the source's shape: groups, places and port names as written. What it means is the business of [`crate::plan`].
//! Tables are in order of name, never in the order of files, so that moving a declaration changes nothing; rules alone are in source order.

mod fleet;
mod ids;
mod labels;
mod path;
mod policy;
mod proof;
pub mod satisfy;
mod text;
mod traffic;
mod uses;
mod workload;

pub use fleet::*;
pub use ids::*;
pub use labels::*;
pub use path::*;
pub use policy::*;
pub use proof::*;
pub use text::*;
pub use traffic::*;
pub use uses::*;
pub use workload::*;

/// A resolved package.
#[derive(Clone, Debug)]
pub struct Model {
    /// The root.
    pub fleet: Fleet,
    /// Its members.
    pub clusters: Table<ClusterId, Cluster>,
    /// Its named sets of clusters, in order of name.
    pub sets: Vec<(Name, ClusterSet)>,
    /// Its cross-cluster networks.
    pub meshes: Table<MeshId, Mesh>,
    /// Its namespaces.
    pub namespaces: Table<NamespaceId, Namespace>,
    /// Its identities, the unlisted ones included wherever a pod can be unlisted.
    pub identities: Table<IdentityId, Identity>,
    /// Its groups.
    pub groups: Table<GroupId, Group>,
    /// Its externals.
    pub externals: Table<ExternalId, External>,
    /// Its services.
    pub services: Table<ServiceId, Service>,
    /// Its exports, in order of service and mesh.
    pub exports: Vec<Export>,
    /// Its entries, in order of namespace and name.
    pub entries: Vec<Entry>,
    /// Its balancers, in order of service.
    pub balances: Vec<Balance>,
    /// Its gateways, in order of namespace and name.
    pub gateways: Vec<Gateway>,
    /// Its policies.
    pub policies: Table<PolicyId, Policy>,
    /// Their rules, in source order.
    pub rules: Table<RuleId, Rule>,
    /// Its tests, in source order.
    pub tests: Vec<Test>,
    /// Its invariants, in order of name.
    pub invariants: Vec<Invariant>,
    /// Its rollouts, in order of name.
    pub rollouts: Vec<Rollout>,
    /// Its guard.
    pub guard: Guard,
    /// Findings that are not to be shown, in source order.
    pub waives: Vec<Waive>,
    /// Where its parameters are used.
    pub uses: Uses,
}

impl Model {
    /// `NS/NAME` of an identity.
    #[must_use]
    pub fn identity_name(&self, id: IdentityId) -> String {
        let identity = &self.identities[id];
        format!("{}/{}", self.namespaces[identity.namespace].name.value, identity.name.value)
    }

    /// `NS/NAME` of a service.
    #[must_use]
    pub fn service_name(&self, id: ServiceId) -> String {
        let service = &self.services[id];
        format!("{}/{}", self.namespaces[service.namespace].name.value, service.name.value)
    }

    /// The exports of a service, in order of mesh.
    pub fn exports_of(&self, service: ServiceId) -> impl Iterator<Item = &Export> {
        let first = self.exports.partition_point(|export| export.service.value < service);
        self.exports.iter().skip(first).take_while(move |export| export.service.value == service)
    }

    /// A namespace by its name.
    #[must_use]
    pub fn namespace(&self, name: &Name) -> Option<NamespaceId> {
        let rows = self.namespaces.rows();
        rows.binary_search_by(|namespace| namespace.name.value.cmp(name)).ok().map(NamespaceId::at)
    }

    /// All clusters.
    #[must_use]
    pub fn all_clusters(&self) -> ClusterSet {
        ClusterSet::first(self.clusters.len())
    }

    /// The mesh of a cluster.
    #[must_use]
    pub fn mesh_of(&self, cluster: ClusterId) -> Option<MeshId> {
        self.meshes.iter().find(|(_, mesh)| mesh.members.contains(cluster)).map(|(id, _)| id)
    }

    /// The members of a cluster's mesh, or the cluster alone. Nobody outside of them is known in it, and it is known nowhere else.
    #[must_use]
    pub fn around(&self, cluster: ClusterId) -> ClusterSet {
        let mesh = self.mesh_of(cluster).map(|mesh| self.meshes[mesh].members);
        mesh.unwrap_or_default() | ClusterSet::of(cluster)
    }
}
