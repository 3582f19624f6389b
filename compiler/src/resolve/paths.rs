//! Services, the paths that lead to them (exports, entries, balancers, gateways, and the rollouts that move their weights), and the tests, which
//! speak of all of it.

use std::sync::Arc;

use fleetnet_lang::Diagnostic;
use fleetnet_lang::ast::Declaration;

use super::context::Context;
use super::gather::Declarations;
use super::names::Index;
use super::proof::Subjects;
use super::traffic::Offered;
use super::who::Who;
use super::{gateways, proof, rollouts, services, traffic};
use crate::codes::names;
use crate::model::{
    self, Balance, Entry, Export, Gateway, Mesh, MeshId, Name, Rollout, RolloutPath, ServiceId, Spanned, Table, Test,
};
use crate::workers::Workers;

/// Whether a declaration is one of them.
pub(super) fn declares_one(declaration: &Declaration<'_>) -> bool {
    match declaration {
        Declaration::Service(_)
        | Declaration::Export(_)
        | Declaration::Entry(_)
        | Declaration::Balance(_)
        | Declaration::Gateway(_)
        | Declaration::Rollout(_)
        | Declaration::Test(_) => true,
        Declaration::Fleet(_)
        | Declaration::Param(_)
        | Declaration::Cluster(_)
        | Declaration::Clusters(_)
        | Declaration::Mesh(_)
        | Declaration::Namespace(_)
        | Declaration::Identity(_)
        | Declaration::Group(_)
        | Declaration::External(_)
        | Declaration::Policy(_)
        | Declaration::Invariant(_)
        | Declaration::Guard(_) => false,
    }
}

/// All of them.
pub(super) struct Resolved<'a> {
    offered: Offered<'a>,
    paths: Weighted,
    balances: Vec<Balance>,
    rollouts: Vec<Rollout>,
    tests: Vec<Test>,
}

/// Resolves them.
pub(super) fn resolve<'a>(
    ctx: &mut Context,
    who: &'a Who,
    meshes: &'a Table<MeshId, Mesh>,
    declared: &Declarations<'_>,
    workers: &dyn Workers,
) -> Resolved<'a> {
    let (services, service_index) = services::resolve(ctx, who, &declared.services, workers);
    let offered = Offered { who, meshes, services, service_index };
    let exports = traffic::exports(ctx, &offered, &declared.exports);
    let (entries, entry_index) = traffic::entries(ctx, &offered, &declared.entries);
    let balances = traffic::balances(ctx, &offered, &declared.balances);
    let (gateways, gateway_index) = gateways::resolve(ctx, &offered, &declared.gateways);
    let paths = Weighted { entries, entry_index, gateways, gateway_index, exports };
    let rollouts = rollouts::resolve(ctx, &offered, &paths, &declared.rollouts);
    let steps = rollouts::written_steps(&declared.rollouts);
    let subjects = Subjects { offered: &offered, paths: &paths, rollouts: &rollouts, steps };
    let tests = proof::tests(ctx, &subjects, &declared.tests);
    Resolved { offered, paths, balances, rollouts, tests }
}

impl Resolved<'_> {
    /// What the model has of them.
    pub fn into_model(self) -> model::Paths {
        let Self { offered: Offered { services, .. }, paths, balances, rollouts, tests } = self;
        let Weighted { entries, gateways, exports, .. } = paths;
        model::Paths { services, exports, entries, balances, gateways, rollouts, tests }
    }
}

/// Everything that has weights.
pub(super) struct Weighted {
    pub entries: Vec<Entry>,
    pub entry_index: Index<usize>,
    pub gateways: Vec<Gateway>,
    pub gateway_index: Index<usize>,
    pub exports: Vec<Export>,
}

impl Weighted {
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

    /// The one export of a service.
    pub fn export(&self, ctx: &mut Context, offered: &Offered<'_>, name: &Spanned<Name>) -> Option<RolloutPath> {
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
