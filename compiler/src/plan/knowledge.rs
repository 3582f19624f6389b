//! Who is known where.
//!
//! A pod is known by its labels in its own cluster and in the other clusters of a mesh in which its namespace is global. To everyone else it
//! is an address. A cluster whose system cannot keep namespaces to itself makes all its pods known in its mesh; the pod's own cluster decides.

use crate::model::{ClusterId, ClusterSet, Model, NamespaceId};

/// What decides who is known where beside the declarations themselves.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Clusters that make all their pods known in their mesh.
    pub exposes_all: ClusterSet,
}

impl Knowledge {
    /// The clusters that know the pods of a declared namespace in `cluster`.
    #[must_use]
    pub fn observers(&self, model: &Model, namespace: NamespaceId, cluster: ClusterId) -> ClusterSet {
        let own = ClusterSet::of(cluster);
        let Some(mesh) = model.mesh_of(cluster) else { return own };
        let global = model.namespaces[namespace].global_in.iter().any(|known| known.value == mesh);
        if global || self.exposes_all.contains(cluster) { own | model.meshes[mesh].members } else { own }
    }

    /// The clusters that know the pods of an undeclared namespace in `cluster`.
    #[must_use]
    pub fn foreign_observers(&self, model: &Model, cluster: ClusterId) -> ClusterSet {
        let own = ClusterSet::of(cluster);
        match model.mesh_of(cluster) {
            Some(mesh) if self.exposes_all.contains(cluster) => own | model.meshes[mesh].members,
            Some(_) | None => own,
        }
    }

    /// The clusters whose pods of undeclared namespaces are known in `cluster`.
    #[must_use]
    pub fn foreign_known_in(&self, model: &Model, cluster: ClusterId) -> ClusterSet {
        (model.around(cluster) & self.exposes_all) | ClusterSet::of(cluster)
    }
}
