//! Steps of rollouts: each is checked like a package of its own.

use fleetnet_lang::{Diagnostic, Span};

use super::{check_listed, of_model, without_effect};
use crate::model::{Model, Rollout, RolloutPath};
use crate::plan::weights;

/// What is wrong while a step lasts.
struct AtStep {
    /// Where the step's weights stand.
    span: Span,
    found: Vec<Diagnostic>,
}

impl AtStep {
    fn holds(&self, found: &Diagnostic) -> bool {
        let span = found.span;
        span.file == self.span.file && self.span.start <= span.start && span.end <= self.span.end
    }
}

/// Findings that are none of the declared weights', each at the step that brings it about.
#[must_use]
pub fn check(model: &Model, declared: &[Diagnostic]) -> Vec<Diagnostic> {
    let (mut diagnostics, mut steps) = (Vec::new(), Vec::new());
    for (index, rollout) in model.rollouts.iter().enumerate() {
        if let Some(found) = unweighted(model, rollout) {
            diagnostics.push(found);
            continue;
        }
        steps.extend(rollout.steps.iter().enumerate().map(|(place, step)| {
            let mut found = Vec::new();
            check_listed(model, &step.weights, weights::serving_path(model, rollout.path), &mut found);
            // What the weights come to is of no interest while somebody is missing from them.
            if found.is_empty() {
                found = of_model(&weights::at_step(model, index, place));
            }
            AtStep { span: step.weights.span, found }
        }));
    }
    // A rollout that waits at its first step says itself what is wrong with that.
    let own = steps.iter().flat_map(|step| step.found.iter().filter(|found| step.holds(found)));
    let said: Vec<&Diagnostic> = declared.iter().chain(own).collect();
    for step in &steps {
        let (inside, outside): (Vec<_>, Vec<_>) = step.found.iter().partition(|found| step.holds(found));
        diagnostics.extend(inside.into_iter().cloned());
        let is_said =
            |found: &Diagnostic| said.iter().any(|said| said.span == found.span && said.message == found.message);
        diagnostics.extend(outside.into_iter().filter(|found| !is_said(found)).map(|found| moved(found, step)));
    }
    diagnostics
}

fn unweighted(model: &Model, rollout: &Rollout) -> Option<Diagnostic> {
    match rollout.path {
        RolloutPath::Export(export) => without_effect(model, model.exports.get(export)?, rollout.path_span),
        RolloutPath::Entry(..) | RolloutPath::Gateway(..) => None,
    }
}

/// A finding elsewhere, at the step without which there would be none.
fn moved(found: &Diagnostic, step: &AtStep) -> Diagnostic {
    let mut moved = found.clone();
    moved.span = step.span;
    moved.fix = None;
    moved.related.retain(|related| related.span != step.span);
    moved.related(found.span, "here, while the step lasts")
}
