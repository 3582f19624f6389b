//! What the data path calls clusters.

use fleetnet_lang::Diagnostic;

use crate::codes::targets as codes;
use crate::model::{ClusterId, Id, Name, Table, TargetKind};
use crate::plan::Plan;

/// The data path's name of each cluster, where it is known.
#[derive(Clone, Debug)]
pub struct Names(Table<ClusterId, Option<Name>>);

impl Names {
    /// What is written, and on clusters that we name ourselves the name of the declaration. A managed fleet assigns id and name together: one
    /// without the other is no knowledge.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let name = |(id, cluster): (ClusterId, &crate::model::Cluster)| {
            let written = cluster.cilium_name.as_ref().map(|name| name.value.clone());
            match plan.enforcers[id] {
                Some(TargetKind::AzureFleet) => cluster.id.and(written),
                Some(_) | None => Some(written.unwrap_or_else(|| cluster.name.value.clone())),
            }
        };
        Self(plan.model.clusters.iter().map(name).collect::<Vec<_>>().into())
    }

    /// The name of a cluster. To be asked only after [`Names::are_known_around`].
    #[must_use]
    pub fn of(&self, cluster: ClusterId) -> String {
        self.0.rows().get(cluster.index()).and_then(Option::as_ref).map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the names of a cluster and of all members of its mesh are known: what policies of the cluster can mention.
    #[must_use]
    pub fn are_known_around(&self, plan: &Plan, cluster: ClusterId) -> bool {
        plan.model.around(cluster).iter().all(|cluster| self.0[cluster].is_some())
    }

    /// The clusters without a name, in order.
    #[must_use]
    pub fn missing(&self) -> Vec<ClusterId> {
        self.0.iter().filter(|(_, name)| name.is_none()).map(|(id, _)| id).collect()
    }

    /// Says for each cluster without a name what waits for it.
    #[must_use]
    pub fn waiting(&self, plan: &Plan) -> Vec<Diagnostic> {
        let unnamed = plan.model.clusters.iter().filter(|(id, _)| self.0[*id].is_none());
        let note = |(_, cluster): (ClusterId, &crate::model::Cluster)| {
            let name = &cluster.name.value;
            let missing = match (cluster.id, &cluster.cilium_name) {
                (None, None) => "data-path id and name are",
                (None, Some(_)) => "data-path id is",
                (Some(_), _) => "data-path name is",
            };
            let message = format!("policies and map images around `{name}` are not built: its {missing} not known yet");
            Diagnostic::new(codes::WAITS_FOR_NAMES, cluster.name.span, message).help(
                "join the fleet with what is built, then write the `id` and `cilium-name` that it gave the cluster here",
            )
        };
        unnamed.map(note).collect()
    }
}
