//! What a test assumes.

use crate::model::{ClusterId, ClusterSet, Given, IdentityId, Model, ServiceId, Test};
use crate::plan::weights;

/// The assumptions of a test, together.
#[derive(Clone, Debug)]
pub struct Assumptions {
    /// Pods that aren't ready.
    down: Vec<(IdentityId, ClusterSet)>,
    /// Clusters that are gone and silent.
    pub lost: ClusterSet,
    /// The model with the weights of the assumed steps, if any is assumed.
    step: Option<Box<Model>>,
}

impl Assumptions {
    /// The assumptions of a test.
    #[must_use]
    pub fn of(model: &Model, test: &Test) -> Self {
        let mut assumptions = Self { down: Vec::new(), lost: Self::lost_in(test), step: None };
        let mut steps = Vec::new();
        for given in &test.givens {
            match given.value {
                Given::Down(identity, clusters) => assumptions.down.push((identity, clusters)),
                Given::Lost(_) => {}
                Given::Step(rollout, step) => steps.push((rollout, step)),
            }
        }
        // In the order in which rollouts run: each puts those after it at their first step, unless it is said otherwise.
        steps.sort_unstable();
        for (rollout, step) in steps {
            let before = assumptions.step.as_deref().unwrap_or(model);
            assumptions.step = Some(Box::new(weights::at_step(before, rollout, step)));
        }
        assumptions
    }

    /// The clusters that a test assumes to be gone.
    #[must_use]
    pub fn lost_in(test: &Test) -> ClusterSet {
        let lost = test.givens.iter().filter_map(|given| match given.value {
            Given::Lost(clusters) => Some(clusters),
            Given::Down(..) | Given::Step(..) => None,
        });
        lost.fold(ClusterSet::EMPTY, |all, clusters| all | clusters)
    }

    /// The model as it is assumed to be, for those who ask for no policies and rules: [that of a step](weights::at_step) has none.
    #[must_use]
    pub fn model<'m>(&'m self, model: &'m Model) -> &'m Model {
        self.step.as_deref().unwrap_or(model)
    }

    /// Whether a service has ready pods in a cluster that runs it; whether anyone notices otherwise is another question.
    #[must_use]
    pub fn is_ready(&self, model: &Model, service: ServiceId, cluster: ClusterId) -> bool {
        let spec = model.services[service].at(cluster);
        let down = |identity| self.down.iter().any(|(down, clusters)| *down == identity && clusters.contains(cluster));
        spec.is_some_and(|spec| !down(spec.pods.value))
    }

    /// Whether a cluster is lost and what it offers is dropped for that: only a mesh that forgets lost clusters does so.
    #[must_use]
    pub fn is_forgotten(&self, model: &Model, cluster: ClusterId) -> bool {
        let forgets = |mesh| model.meshes[mesh].forget_lost_after.is_some();
        self.lost.contains(cluster) && model.mesh_of(cluster).is_some_and(forgets)
    }
}
