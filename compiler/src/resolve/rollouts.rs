//! Rollouts: the paths whose weights move, and their steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleetnet_lang::ast::{self, RolloutKind, RolloutStmt};
use fleetnet_lang::{Diagnostic, Span};

use super::context::{Context, Declared};
use super::names::Index;
use super::read::Reader;
use super::traffic::{Offered, path_span};
use crate::codes::{names, services as codes};
use crate::model::{Entry, Export, Gateway, Name, Rollout, RolloutPath, ServiceId, Spanned, Step};

/// Everything that has weights.
pub(super) struct Paths {
    pub entries: Vec<Entry>,
    pub entry_index: Index<usize>,
    pub gateways: Vec<Gateway>,
    pub gateway_index: Index<usize>,
    pub exports: Vec<Export>,
}

impl Paths {
    /// An entry, or one service of it.
    pub fn entry(
        &self,
        ctx: &mut Context,
        name: &Spanned<Name>,
        service: Option<Spanned<ServiceId>>,
    ) -> Option<RolloutPath> {
        let entry = ctx.find(&self.entry_index, name, "an entry of this package")?;
        let services = self.entries.get(entry)?.backends.iter().map(|backend| backend.service.value);
        leads_to(ctx, services, service)?;
        Some(RolloutPath::Entry(entry, service.map(|service| service.value)))
    }

    /// A gateway, or its routes to one service.
    pub fn gateway(
        &self,
        ctx: &mut Context,
        name: &Spanned<Name>,
        service: Option<Spanned<ServiceId>>,
    ) -> Option<RolloutPath> {
        let gateway = ctx.find(&self.gateway_index, name, "a gateway of this package")?;
        let services = self.gateways.get(gateway)?.routes.iter().map(|route| route.service.value);
        leads_to(ctx, services, service)?;
        Some(RolloutPath::Gateway(gateway, service.map(|service| service.value)))
    }

    fn export(&self, ctx: &mut Context, offered: &Offered, name: &Spanned<Name>) -> Option<RolloutPath> {
        let service = offered.service(ctx, name)?.value;
        let mut of_service = (0..).zip(&self.exports).filter(|(_, export)| export.service.value == service);
        let Some((place, first)) = of_service.next() else {
            let message = format!("`{}` is not exported", name.value);
            let found = Diagnostic::new(names::UNKNOWN_NAME, name.span, message);
            ctx.report(found.help("export it, or name another path"));
            return None;
        };
        if let Some((_, second)) = of_service.next() {
            let message = format!("`{}` is exported to two meshes", name.value);
            ctx.report(
                Diagnostic::new(names::BAD_VALUE, name.span, message)
                    .related(first.service.span, "exported here")
                    .related(second.service.span, "and here")
                    .help("a rollout moves the weights of one export"),
            );
            return None;
        }
        Some(RolloutPath::Export(place))
    }

    /// A path by the name of an entry or a gateway.
    pub fn named(
        &self,
        ctx: &mut Context,
        name: &Spanned<Name>,
        service: Option<Spanned<ServiceId>>,
    ) -> Option<RolloutPath> {
        use super::names::Found;
        match (self.entry_index.get(name.value.as_str()), self.gateway_index.get(name.value.as_str())) {
            (Found::Unknown, Found::Unknown) => {
                let known: Vec<Name> = self.entry_index.names().chain(self.gateway_index.names()).cloned().collect();
                ctx.unknown.note("an entry or gateway of this package", name, Arc::new(known));
                None
            }
            (Found::Unknown, Found::Is(_) | Found::Broken) => self.gateway(ctx, name, service),
            (Found::Is(_) | Found::Broken, Found::Is(_)) if service.is_some() => self.gateway(ctx, name, service),
            (Found::Is(_) | Found::Broken, _) => self.entry(ctx, name, service),
        }
    }
}

fn leads_to(
    ctx: &mut Context,
    mut services: impl Iterator<Item = ServiceId>,
    service: Option<Spanned<ServiceId>>,
) -> Option<()> {
    let Some(service) = service else { return Some(()) };
    if services.any(|other| other == service.value) {
        return Some(());
    }
    if ctx.has_errors() {
        // The backend or route that leads there may be what is wrong.
        return None;
    }
    let found = Diagnostic::new(names::UNKNOWN_NAME, service.span, "this path does not lead to this service");
    ctx.report(found.help("name a service that one of its backends or routes names"));
    None
}

/// Resolves the rollouts.
pub(super) fn resolve(
    ctx: &mut Context,
    offered: &Offered,
    paths: &Paths,
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
    offered: &Offered,
    paths: &Paths,
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

fn step(reader: &mut Reader<'_>, offered: &Offered, node: &ast::Step<'_>) -> Option<Step> {
    let name = reader.name(&node.name()?);
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
