//! Rollout steps: packages like the one declared, but for the weights of what is under way, see [`Plan::at_step`].

use crate::plan::Plan;

/// A step and what the fleet is while it lasts.
#[derive(Clone, Debug)]
pub struct RolloutStep {
    /// Folder of its artifacts, with a final `/`.
    pub folder: String,
    /// The package of the step.
    pub plan: Plan,
}

/// The steps of all rollouts, in the order in which they are taken.
#[must_use]
pub fn steps(plan: &Plan) -> Vec<RolloutStep> {
    let rollouts = plan.model.rollouts.iter().enumerate();
    let steps = rollouts.flat_map(|(rollout, declared)| (0..declared.steps.len()).map(move |step| (rollout, step)));
    let numbered = steps.zip(1_usize..).filter_map(|((rollout, step), number)| {
        let name = &plan.model.rollouts.get(rollout)?.steps.get(step)?.name.value;
        Some(RolloutStep { folder: format!("steps/{number}-{name}/"), plan: plan.at_step(rollout, step) })
    });
    numbered.collect()
}
