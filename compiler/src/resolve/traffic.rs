//! Services as others refer to them: exports, entries, balancers, and weights over clusters.

use std::collections::{BTreeMap, btree_map};

use fleetnet_lang::ast::{self, AstNode, BalanceStmt, EntryStmt, ExportStmt, WeightStmt};
use fleetnet_lang::literals::Amount;
use fleetnet_lang::{Diagnostic, Span};

use super::clusters::text;
use super::context::{Context, Declared};
use super::names::Index;
use super::namespaces::mesh;
use super::read::{MapKind, Reader, twice};
use super::who::Who;
use crate::codes::{names, services as codes};
use crate::model::{
    Affinity, Backend, Balance, BalanceReach, ClusterSet, Entry, Export, Labels, Mesh, MeshId, Name, Probe,
    ProbeProtocol, Service, ServiceId, Share, Spanned, Table, Weights,
};

/// Who there is, and the services in front of them.
pub(super) struct Offered<'a> {
    /// Everybody.
    pub who: &'a Who,
    /// The meshes.
    pub meshes: &'a Table<MeshId, Mesh>,
    /// The services.
    pub services: Table<ServiceId, Service>,
    /// Their names, with their namespaces.
    pub service_index: Index<ServiceId>,
}

impl Offered<'_> {
    /// A service by its name with its namespace.
    pub fn service(&self, ctx: &mut Context, name: &Spanned<Name>) -> Option<Spanned<ServiceId>> {
        Some(Spanned::new(ctx.find(&self.service_index, name, "a service of this package")?, name.span))
    }

    /// A service that a word names.
    pub fn service_of(&self, reader: &mut Reader<'_>, word: Option<ast::Word<'_>>) -> Option<Spanned<ServiceId>> {
        let name = reader.namespaced(&word?)?;
        self.service(reader.ctx, &name)
    }

    /// The clusters that run a service: those where it is, with pods behind it.
    pub fn runs_in(&self, service: ServiceId) -> ClusterSet {
        let variants = self.services[service].variants.iter();
        variants.fold(ClusterSet::EMPTY, |all, (clusters, spec)| {
            all | (*clusters & self.who.identities[spec.pods.value].clusters)
        })
    }

    /// Shares of clusters: all numbers, or all percentages. A cluster twice was reported by the parser.
    pub fn shares(&self, reader: &mut Reader<'_>, node: &ast::Shares<'_>) -> Option<Weights> {
        let span = reader.span(node);
        let mut shares: Vec<Share> = Vec::new();
        let mut first: Option<Spanned<Amount>> = None;
        let mut sound = true;
        for share in node.shares() {
            let cluster = share.cluster().and_then(|word| self.who.places.cluster(reader, &word));
            let amount = share.amount().and_then(|word| reader.amount(&word));
            let (Some(cluster), Some(amount)) = (cluster, amount) else {
                sound = false;
                continue;
            };
            let first = *first.get_or_insert(amount);
            if std::mem::discriminant(&first.value) != std::mem::discriminant(&amount.value) {
                let found = Diagnostic::new(names::BAD_VALUE, amount.span, "numbers and percentages in one list");
                let help = "write all shares as numbers, or all as percentages";
                reader.ctx.report(found.related(first.span, "the first share").help(help));
                sound = false;
            }
            // The parser knows of those that are written alike.
            if let Some(other) = shares.iter().find(|other| other.cluster.value == cluster.value) {
                let name = &self.who.places.clusters[cluster.value].name.value;
                let message = format!("the cluster `{name}` has two shares");
                reader.ctx.report(twice(cluster.span, other.cluster.span, message));
                sound = false;
                continue;
            }
            shares.push(Share { cluster, weight: Spanned::new(ratio(amount.value), amount.span) });
        }
        (sound && !shares.is_empty()).then_some(Weights { shares, span })
    }

    fn weights<'t>(
        &self,
        reader: &mut Reader<'_>,
        statements: impl Iterator<Item = WeightStmt<'t>>,
    ) -> Option<Weights> {
        let mut weights = None;
        for statement in statements {
            match statement {
                WeightStmt::Weight(node) => weights = node.shares().and_then(|shares| self.shares(reader, &shares)),
                WeightStmt::Waive(_) => {}
            }
        }
        weights
    }

    /// The weights of a route.
    pub fn route_weights(&self, reader: &mut Reader<'_>, route: &ast::Route<'_>) -> Option<Weights> {
        self.weights(reader, route.statements())
    }
}

/// Percentages in millionths: within one list only the ratio counts.
fn ratio(amount: Amount) -> u64 {
    match amount {
        Amount::Number(number) => number,
        Amount::Percent(percent) => percent.millionths().into(),
    }
}

/// Resolves the exports.
pub(super) fn exports(ctx: &mut Context, offered: &Offered<'_>, declared: &[Declared<ast::Export<'_>>]) -> Vec<Export> {
    let mut in_order: Vec<&Declared<ast::Export<'_>>> = declared.iter().collect();
    in_order.sort_by_key(|export| export.name.span);
    let mut exports: BTreeMap<(ServiceId, MeshId), Export> = BTreeMap::new();
    for export in in_order {
        let Some(export) = resolve_export(ctx, offered, export) else { continue };
        match exports.entry((export.service.value, export.mesh.value)) {
            btree_map::Entry::Occupied(other) => {
                let message = "this service is already exported to this mesh";
                let found = Diagnostic::new(names::DUPLICATE_NAME, export.service.span, message);
                ctx.report(found.related(other.get().service.span, "exported here first").help("join the two"));
            }
            btree_map::Entry::Vacant(place) => {
                place.insert(export);
            }
        }
    }
    exports.into_values().collect()
}

fn resolve_export(ctx: &mut Context, offered: &Offered<'_>, declared: &Declared<ast::Export<'_>>) -> Option<Export> {
    let service = offered.service(ctx, &declared.name);
    let mut reader = Reader::new(ctx, declared.file);
    let mesh = declared.node.mesh().and_then(|word| mesh(&mut reader, &offered.who.places, &word));
    let meeting = meeting(offered, service, mesh);
    let (mut from, mut from_span) = (meeting.map(|meeting| meeting.publish), None);
    let mut consume = meeting.map(|meeting| meeting.consume);
    let (mut affinity, mut weights) = (Affinity::None, None);
    let (mut labels, mut annotations) = (Labels::new(), Labels::new());
    for statement in declared.node.statements() {
        match statement {
            ExportStmt::From(setting) => {
                from_span = Some(setting.span(declared.file));
                let what = "the service does not run there, or the mesh does not admit it";
                from = part(&mut reader, offered, &setting, from, what).or(from);
            }
            ExportStmt::Consume(setting) => {
                let what = "the mesh does not give services there";
                consume = part(&mut reader, offered, &setting, consume, what).or(consume);
            }
            ExportStmt::Affinity(setting) => affinity = setting.choice().map(affinity_of).unwrap_or_default(),
            ExportStmt::Weight(node) => weights = node.shares().and_then(|shares| offered.shares(&mut reader, &shares)),
            ExportStmt::Labels(node) => labels = reader.map(node.entries(), MapKind::Labels),
            ExportStmt::Annotations(node) => annotations = reader.map(node.entries(), MapKind::Annotations),
            ExportStmt::Waive(_) => {}
        }
    }
    let (service, mesh) = (service?, mesh?);
    if meeting.is_some_and(|meeting| meeting.publish.is_empty()) {
        exported_nowhere(ctx, offered, declared, service, mesh);
        return None;
    }
    let doc = declared.doc();
    Some(Export {
        service,
        mesh,
        from: from?,
        from_span,
        consume: consume?,
        affinity,
        weights,
        labels,
        annotations,
        doc,
    })
}

/// Where a service and a mesh meet.
#[derive(Clone, Copy)]
struct Meeting {
    /// The clusters that run the service and may export it.
    publish: ClusterSet,
    /// The clusters that may get it.
    consume: ClusterSet,
}

/// Nothing where the service or the mesh is broken: then nothing is said about where they meet.
fn meeting(
    offered: &Offered<'_>,
    service: Option<Spanned<ServiceId>>,
    mesh: Option<Spanned<MeshId>>,
) -> Option<Meeting> {
    let runs_in = offered.runs_in(service?.value);
    offered.who.places.members(mesh?.value)?;
    let mesh = &offered.meshes[mesh?.value];
    Some(Meeting { publish: mesh.publish & runs_in, consume: mesh.consume })
}

fn exported_nowhere(
    ctx: &mut Context,
    offered: &Offered<'_>,
    declared: &Declared<ast::Export<'_>>,
    service: Spanned<ServiceId>,
    mesh: Spanned<MeshId>,
) {
    let message = format!("`{}` runs in no cluster that may export into this mesh", declared.name.value);
    let runs_in = offered.who.places.listed(offered.runs_in(service.value));
    ctx.report(
        Diagnostic::new(codes::EXPORTED_NOWHERE, service.span, message)
            .related(mesh.span, "the mesh")
            .help(format!("the service runs in {runs_in}; export it to a mesh that has them")),
    );
}

/// `from` or `consume`, of which only clusters among `within` count where that is known.
fn part(
    reader: &mut Reader<'_>,
    offered: &Offered<'_>,
    setting: &ast::Setting<'_>,
    within: Option<ClusterSet>,
    what: &str,
) -> Option<ClusterSet> {
    let set = setting.set()?;
    match within {
        Some(within) if !within.is_empty() => {
            offered.who.places.within(reader, &set, within, codes::OUTSIDE_MESH, || what.to_owned())
        }
        Some(_) | None => offered.who.places.written(reader, &set),
    }
}

fn affinity_of(choice: ast::Affinity) -> Affinity {
    match choice {
        ast::Affinity::Local => Affinity::Local,
        ast::Affinity::Remote => Affinity::Remote,
        ast::Affinity::None => Affinity::None,
    }
}

/// Resolves the entries, and the names of those that are in the model.
pub(super) fn entries(
    ctx: &mut Context,
    offered: &Offered<'_>,
    declared: &[Declared<ast::Entry<'_>>],
) -> (Vec<Entry>, Index<usize>) {
    let (mut entries, mut index) = (Vec::new(), Index::default());
    for entry in declared {
        let resolved = resolve_entry(ctx, offered, entry);
        index.insert(entry.name.value.clone(), resolved.is_some().then_some(entries.len()));
        entries.extend(resolved);
    }
    (entries, index)
}

fn resolve_entry(ctx: &mut Context, offered: &Offered<'_>, declared: &Declared<ast::Entry<'_>>) -> Option<Entry> {
    let (namespace, name) = declared.parts();
    let namespace = offered.who.namespace(ctx, &namespace);
    let mut reader = Reader::new(ctx, declared.file);
    let (mut labels, mut annotations) = (Labels::new(), Labels::new());
    let (mut backends, mut probe, mut resource_group, mut ttl) = (Vec::new(), None, None, None);
    let mut stated = false;
    for statement in declared.node.statements() {
        match statement {
            EntryStmt::Backend(node) => {
                stated = true;
                let service = offered.service_of(&mut reader, node.service());
                let weights = offered.weights(&mut reader, node.statements());
                backends.extend(service.map(|service| Backend { service, weights }));
            }
            EntryStmt::Probe(node) => probe = resolve_probe(&mut reader, &node),
            EntryStmt::ResourceGroup(setting) => resource_group = text(&mut reader, &setting),
            EntryStmt::Ttl(setting) => ttl = setting.word().and_then(|word| reader.duration(&word)),
            EntryStmt::Labels(node) => labels = reader.map(node.entries(), MapKind::Labels),
            EntryStmt::Annotations(node) => annotations = reader.map(node.entries(), MapKind::Annotations),
            EntryStmt::Waive(_) => {}
        }
    }
    if !stated {
        let message = format!("entry `{}` leads nowhere", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `backend` and a service");
    }
    let namespace = namespace?;
    let doc = declared.doc();
    Some(Entry { namespace, name, backends, probe, resource_group, ttl, labels, annotations, doc })
}

fn resolve_probe(reader: &mut Reader<'_>, node: &ast::Probe<'_>) -> Option<Probe> {
    let protocol = match node.protocol()? {
        ast::ProbeProtocol::Http => ProbeProtocol::Http,
        ast::ProbeProtocol::Https => ProbeProtocol::Https,
        ast::ProbeProtocol::Tcp => ProbeProtocol::Tcp,
    };
    let path = node.path().and_then(|path| reader.text(&path));
    let every = node.every().and_then(|word| reader.duration(&word));
    let timeout = node.timeout().and_then(|word| reader.duration(&word));
    let tolerate = node.tolerate().and_then(|word| reader.number(&word, 0..=u64::from(u32::MAX)));
    let tolerate = tolerate.and_then(|read| Some(Spanned::new(u32::try_from(read.value).ok()?, read.span)));
    let port = reader.port_number(&node.port()?)?;
    Some(Probe { protocol, path, port, every, timeout, tolerate, span: reader.span(node) })
}

/// Resolves the balancers, one for each service.
pub(super) fn balances(
    ctx: &mut Context,
    offered: &Offered<'_>,
    declared: &[Declared<ast::Balance<'_>>],
) -> Vec<Balance> {
    let mut balances: Vec<Balance> = Vec::new();
    for balance in declared {
        let service = offered.service(ctx, &balance.name);
        let mut reader = Reader::new(ctx, balance.file);
        let cluster = balance.node.cluster().and_then(|word| offered.who.places.cluster(&mut reader, &word));
        let internal = balance.node.statements().any(|statement| matches!(statement, BalanceStmt::Internal(_)));
        let reach = if internal { BalanceReach::Internal } else { BalanceReach::Public };
        let (Some(service), Some(cluster)) = (service, cluster) else { continue };
        let message = format!("nothing is built yet for the balancer of `{}`", balance.name.value);
        let found = Diagnostic::new(codes::BALANCE_NOT_BUILT, balance.name.span, message);
        ctx.report(found.help("it is checked only; use an `entry` to spread traffic by name"));
        balances.push(Balance { service, cluster, reach });
    }
    balances
}

/// Where a statement with a path stands.
pub(super) fn path_span(reader: &Reader<'_>, from: &ast::Word<'_>, to: Option<&ast::Word<'_>>) -> Span {
    let first = from.span(reader.file);
    to.map_or(first, |to| first.to(to.span(reader.file)))
}
