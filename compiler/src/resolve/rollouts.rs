//! Rollouts: the paths whose weights move, and their steps.

use std::collections::BTreeSet;

use fleetnet_lang::ast::{self, RolloutKind, RolloutStmt};
use fleetnet_lang::{Diagnostic, Span};

use super::context::{Context, Declared};
use super::paths::Weighted;
use super::read::Reader;
use super::traffic::{Offered, path_span};
use crate::codes::{names, services as codes};
use crate::model::{Name, Rollout, Step};

/// Resolves the rollouts.
pub(super) fn resolve(
    ctx: &mut Context,
    offered: &Offered<'_>,
    paths: &Weighted,
    declared: &[Declared<ast::Rollout<'_>>],
) -> Vec<Rollout> {
    let mut in_order: Vec<&Declared<ast::Rollout<'_>>> = declared.iter().collect();
    in_order.sort_by_key(|rollout| rollout.name.span);
    let mut rollouts: Vec<Rollout> = Vec::new();
    for rollout in in_order {
        let Some(rollout) = resolve_one(ctx, offered, paths, rollout) else { continue };
        match rollouts.iter().find(|other| other.path == rollout.path) {
            Some(other) => {
                let message = format!("rollout `{}` already moves this path", other.name.value);
                let found = Diagnostic::new(codes::SECOND_ROLLOUT, rollout.path_span, message);
                ctx.report(found.related(other.path_span, "the other rollout").help("join the two"));
            }
            None => rollouts.push(rollout),
        }
    }
    rollouts.sort_by(|left, right| left.name.value.cmp(&right.name.value));
    rollouts
}

/// The names of all steps, as they are written.
pub(super) fn written_steps(declared: &[Declared<ast::Rollout<'_>>]) -> BTreeSet<Name> {
    let statements = declared.iter().flat_map(|rollout| rollout.node.statements());
    let steps = statements.filter_map(|statement| match statement {
        RolloutStmt::Step(step) => step.name(),
        RolloutStmt::Waive(_) => None,
    });
    steps.map(|name| Name::from(name.text())).collect()
}

fn resolve_one(
    ctx: &mut Context,
    offered: &Offered<'_>,
    paths: &Weighted,
    declared: &Declared<ast::Rollout<'_>>,
) -> Option<Rollout> {
    let mut reader = Reader::new(ctx, declared.file);
    let mut steps: Vec<Step> = Vec::new();
    let mut stated = false;
    for statement in declared.node.statements() {
        match statement {
            RolloutStmt::Step(node) => {
                stated = true;
                if let Some(step) = step(&mut reader, offered, &node) {
                    add_step(reader.ctx, &mut steps, step);
                }
            }
            RolloutStmt::Waive(_) => {}
        }
    }
    if !stated {
        let message = format!("rollout `{}` has no step", declared.name.value);
        reader.ctx.incomplete(declared.name.span, message, "write `step NAME { CLUSTER = SHARE, … }`");
    }
    let (word, to) = (declared.node.path()?, declared.node.service());
    let path_span: Span = path_span(&reader, &word, to.as_ref());
    let name = reader.namespaced(&word);
    let service = match to {
        Some(to) => Some(offered.service_of(&mut reader, Some(to))?),
        None => None,
    };
    let name = name?;
    let path = match declared.node.kind()? {
        RolloutKind::Entry => paths.entry(reader.ctx, &name, service),
        RolloutKind::Gateway => paths.gateway(reader.ctx, &name, service),
        RolloutKind::Export => paths.export(reader.ctx, offered, &name),
    };
    Some(Rollout { name: declared.name.clone(), path: path?, path_span, steps, doc: declared.doc() })
}

fn step(reader: &mut Reader<'_>, offered: &Offered<'_>, node: &ast::Step<'_>) -> Option<Step> {
    let name = reader.given_name(&node.name()?);
    let weights = node.shares().and_then(|shares| offered.shares(reader, &shares));
    let hold = node.hold().and_then(|word| reader.duration(&word));
    Some(Step { name: name?, weights: weights?, hold })
}

fn add_step(ctx: &mut Context, steps: &mut Vec<Step>, step: Step) {
    match steps.iter().find(|other| other.name.value == step.name.value) {
        Some(other) => {
            let message = format!("step `{}` is declared twice", step.name.value);
            let found = Diagnostic::new(names::DUPLICATE_NAME, step.name.span, message);
            ctx.report(found.related(other.name.span, "declared here first").help("rename one of them"));
        }
        None => steps.push(step),
    }
}
