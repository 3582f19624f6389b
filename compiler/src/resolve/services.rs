//! Services, and what each is in every cluster.

use fleetnet_lang::ast::{self, AstNode, PortDecl, ServiceStmt};
use fleetnet_lang::{Diagnostic, Span, SyntaxKind};

use super::beside::each;
use super::clusters::text;
use super::context::{Context, Declared};
use super::names::Index;
use super::read::{MapKind, Reader};
use super::service_forms;
use super::who::Who;
use crate::codes::{names, services as codes};
use crate::model::{
    ClusterSet, ExternalTrafficPolicy, IdentityId, Labels, Name, NamespaceId, Service, ServiceAddress, ServiceId,
    ServicePort, ServiceSpec, ServiceType, Spanned, Table,
};
use crate::workers::Workers;

/// Resolves the services. One without pods has no row.
pub(super) fn resolve(
    ctx: &mut Context,
    who: &Who,
    declared: &[Declared<ast::Service<'_>>],
    workers: &dyn Workers,
) -> (Table<ServiceId, Service>, Index<ServiceId>) {
    let each = each(ctx, declared, workers, |ctx, _, service| {
        let (namespace, name) = service.parts();
        let namespace = who.namespace(ctx, &namespace);
        resolve_one(ctx, who, namespace, name, service)
    });
    let mut table = Table::default();
    let mut index = Index::default();
    for (declared, service) in declared.iter().zip(each) {
        let id = service.map(|service| table.push(service));
        index.insert(declared.name.value.clone(), id);
    }
    (table, index)
}

/// What is written in a service, or in an `at` of it.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pods: Option<Spanned<IdentityId>>,
    ports: Vec<ServicePort>,
    pub kind: Option<Spanned<ServiceType>>,
    pub address: Option<Spanned<ServiceAddress>>,
    pub dns_label: Option<Spanned<Name>>,
    pub external_traffic_policy: Option<Spanned<ExternalTrafficPolicy>>,
}

impl Draft {
    /// What is written here, and what is written in the service where nothing is. A port of the same name takes the other's place.
    fn over(self, base: &Self) -> Self {
        let mut ports = base.ports.clone();
        for port in self.ports {
            match ports.iter_mut().find(|other| other.name.value == port.name.value) {
                Some(other) => *other = port,
                None => ports.push(port),
            }
        }
        Self {
            pods: self.pods.or(base.pods),
            ports,
            kind: self.kind.or(base.kind),
            address: self.address.or(base.address),
            dns_label: self.dns_label.or_else(|| base.dns_label.clone()),
            external_traffic_policy: self.external_traffic_policy.or(base.external_traffic_policy),
        }
    }

    fn spec(self) -> Option<ServiceSpec> {
        Some(ServiceSpec {
            pods: self.pods?,
            ports: self.ports,
            kind: self.kind.map(|kind| kind.value).unwrap_or_default(),
            address: self.address.map(|address| address.value).unwrap_or_default(),
            dns_label: self.dns_label,
            external_traffic_policy: self.external_traffic_policy.map(|policy| policy.value).unwrap_or_default(),
            external_traffic_policy_span: self.external_traffic_policy.map(|policy| policy.span),
        })
    }
}

fn resolve_one(
    ctx: &mut Context,
    who: &Who,
    namespace: Option<NamespaceId>,
    name: Spanned<Name>,
    declared: &Declared<ast::Service<'_>>,
) -> Option<Service> {
    let mut reader = Reader::new(ctx, declared.file);
    let mut base = Draft::default();
    let (mut variants, mut ats) = (Vec::new(), 0);
    let (mut labels, mut annotations, mut routes_from) = (Labels::new(), Labels::new(), Vec::new());
    let existing = namespace.map(|id| &who.namespaces[id]);
    let mut stated = false;
    for statement in declared.node.statements() {
        match statement {
            ServiceStmt::At(node) => {
                ats += 1;
                variants.extend(variant(&mut reader, who, existing.map(|n| n.clusters), &node));
            }
            ServiceStmt::Labels(node) => labels = reader.map(node.entries(), MapKind::Labels),
            ServiceStmt::Annotations(node) => annotations = reader.map(node.entries(), MapKind::Annotations),
            ServiceStmt::RoutesFrom(setting) => {
                routes_from = setting.words().filter_map(|word| reader.name(&word)).collect::<Vec<_>>();
                routes_from.retain(|name| who.namespace(reader.ctx, name).is_some());
            }
            other => {
                stated |= matches!(other, ServiceStmt::Pods(_));
                read(&mut reader, who, &mut base, other);
            }
        }
    }
    let namespace = namespace?;
    let everywhere = who.namespaces[namespace].clusters;
    let whole = variants.len() == ats && service_forms::are_types_read(&declared.node);
    let drafts = drafts(base, disjoint(ctx, who, variants), everywhere);
    if !stated && drafts.iter().any(|(_, draft)| draft.pods.is_none()) {
        let message = format!("service `{}` does not say which pods it is in front of", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `pods` and an identity");
    }
    if whole {
        service_forms::idle(ctx, &drafts);
    }
    judge(ctx, who, namespace, declared, &drafts);
    let variants = drafts.into_iter().map(|(clusters, draft)| Some((clusters, draft.spec()?)));
    let variants = variants.collect::<Option<Vec<_>>>()?;
    Some(Service { namespace, name, routes_from, variants, labels, annotations, doc: declared.doc() })
}

/// What can be wrong with a service wherever it stands.
fn judge(
    ctx: &mut Context,
    who: &Who,
    namespace: NamespaceId,
    declared: &Declared<ast::Service<'_>>,
    drafts: &[(ClusterSet, Draft)],
) {
    service_forms::name(ctx, &declared.parts().1);
    for (_, draft) in drafts {
        ports(ctx, declared, draft);
        service_forms::one_form(ctx, draft);
        if let Some(pods) = draft.pods.filter(|pods| who.identities[pods.value].namespace != namespace) {
            elsewhere(ctx, who, declared, pods);
        }
    }
}

/// A Service selects pods of its own namespace only.
fn elsewhere(ctx: &mut Context, who: &Who, declared: &Declared<ast::Service<'_>>, pods: Spanned<IdentityId>) {
    let (_, service) = declared.parts();
    let namespace = &who.namespaces[who.identities[pods.value].namespace].name;
    let message = format!("service `{}` is in front of pods of another namespace", declared.name.value);
    let found = Diagnostic::new(codes::PODS_ELSEWHERE, pods.span, message);
    ctx.report(found.related(namespace.span, "the pods' namespace").help(format!(
        "declare it as `service {}/{}`, where its pods are; a gateway of another namespace may use it with `routes-from`",
        namespace.value, service.value
    )));
}

/// What the service is in each of its clusters: the base where no variant is.
fn drafts(base: Draft, variants: Vec<Variant>, everywhere: ClusterSet) -> Vec<(ClusterSet, Draft)> {
    let special = variants.iter().fold(ClusterSet::EMPTY, |all, variant| all | variant.clusters);
    let rest = everywhere.less(special);
    let written = variants.into_iter().map(|variant| (variant.clusters, variant.draft.over(&base)));
    let written: Vec<_> = written.collect();
    let plain = (!rest.is_empty()).then_some((rest, base));
    plain.into_iter().chain(written).collect()
}

/// An `at` of a service.
struct Variant {
    clusters: ClusterSet,
    span: Span,
    draft: Draft,
}

fn variant(reader: &mut Reader<'_>, who: &Who, within: Option<ClusterSet>, node: &ast::At<'_>) -> Option<Variant> {
    let set = node.clusters();
    let clusters = set.and_then(|set| match within {
        Some(within) => {
            let what = || "the service's namespace is not there".to_owned();
            who.places.within(reader, &set, within, names::OUTSIDE, what)
        }
        None => who.places.written(reader, &set),
    });
    let mut draft = Draft::default();
    for statement in node.statements() {
        let fixed = match statement {
            ServiceStmt::At(node) => node.span(reader.file),
            ServiceStmt::Labels(node) => node.span(reader.file),
            ServiceStmt::Annotations(node) => node.span(reader.file),
            ServiceStmt::RoutesFrom(setting) => setting.span(reader.file),
            other => {
                read(reader, who, &mut draft, other);
                continue;
            }
        };
        let found = Diagnostic::new(names::BAD_VALUE, fixed, "this cannot differ between clusters");
        reader.ctx.report(found.help("write it in the service itself, not in `at`"));
    }
    Some(Variant { clusters: clusters?, span: node.span(reader.file), draft })
}

/// Reads a statement that may stand in a service and in its `at`s.
fn read(reader: &mut Reader<'_>, who: &Who, into: &mut Draft, statement: ServiceStmt<'_>) {
    match statement {
        ServiceStmt::Pods(setting) => {
            let name = setting.word().and_then(|word| reader.namespaced(&word));
            into.pods = name.and_then(|name| Some(Spanned::new(who.identity(reader.ctx, &name)?, name.span)));
        }
        ServiceStmt::Port(node) => {
            if let Some(port) = port(reader, &node) {
                add_port(reader.ctx, &mut into.ports, port);
            }
        }
        ServiceStmt::Type(setting) => {
            let kind = setting.choice::<ast::ServiceType>().map(service_type);
            into.kind = kind.map(|kind| Spanned::new(kind, setting.span(reader.file)));
        }
        ServiceStmt::Headless(setting) => {
            into.address = Some(Spanned::new(ServiceAddress::Headless, setting.span(reader.file)));
        }
        ServiceStmt::DnsLabel(setting) => into.dns_label = text(reader, &setting),
        ServiceStmt::ExternalTrafficPolicy(setting) => {
            let policy = setting.choice::<ast::ExternalTrafficPolicy>().map(traffic_policy);
            into.external_traffic_policy = policy.map(|policy| Spanned::new(policy, setting.span(reader.file)));
        }
        ServiceStmt::At(_)
        | ServiceStmt::Labels(_)
        | ServiceStmt::Annotations(_)
        | ServiceStmt::RoutesFrom(_)
        | ServiceStmt::Waive(_) => {}
    }
}

fn port(reader: &mut Reader<'_>, node: &PortDecl<'_>) -> Option<ServicePort> {
    let name = reader.given_name(&node.name()?);
    let app = node.app().and_then(|word| reader.app_protocol(&word));
    let (port, target, transport) = if let Some(target) = node.target() {
        let port = reader.port_number(&node.port()?);
        let (target, transport) = reader.port_on(&target)?.value;
        (port?.value, target, transport)
    } else {
        let (port, transport) = reader.port_on(&node.port()?)?.value;
        (port, port, transport)
    };
    Some(ServicePort { name: name?, port, target, transport, app_protocol: app.map(|app| app.value) })
}

fn add_port(ctx: &mut Context, ports: &mut Vec<ServicePort>, port: ServicePort) {
    match ports.iter().find(|other| other.name.value == port.name.value) {
        Some(other) => {
            let message = format!("port `{}` is declared twice", port.name.value);
            let found = Diagnostic::new(codes::DUPLICATE_PORT, port.name.span, message);
            ctx.report(found.related(other.name.span, "declared here first").help("rename one of them"));
        }
        None => ports.push(port),
    }
}

/// What must hold of the ports of a service in each cluster.
fn ports(ctx: &mut Context, declared: &Declared<ast::Service<'_>>, draft: &Draft) {
    // Where one is written, what is wrong with it was said.
    let written = || declared.node.syntax().descendants().any(|node| node.kind() == SyntaxKind::PortDecl);
    if draft.ports.is_empty() && draft.address.is_none() && !written() {
        let message = format!("service `{}` has no port", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `port NAME N/PROTO`, or `headless`");
    }
    for (place, port) in draft.ports.iter().enumerate() {
        let same = |other: &&ServicePort| other.port == port.port && other.transport == port.transport;
        let Some(other) = draft.ports.iter().take(place).find(same) else { continue };
        let message = format!("`{}/{}` is already port `{}`", port.port, port.transport.keyword(), other.name.value);
        let found = Diagnostic::new(codes::SHARED_PORT, port.name.span, message);
        let found =
            found.related(other.name.span, "the other port").help("a service has each port once: change one of them");
        if !ctx.found.contains(&found) {
            ctx.report(found);
        }
    }
}

/// Leaves out variants for clusters that an earlier one is for.
fn disjoint(ctx: &mut Context, who: &Who, variants: Vec<Variant>) -> Vec<Variant> {
    let mut kept: Vec<Variant> = Vec::new();
    for variant in variants {
        let shares = |other: &&Variant| !(other.clusters & variant.clusters).is_empty();
        let Some(other) = kept.iter().find(shares) else {
            kept.push(variant);
            continue;
        };
        let where_both = who.places.listed(other.clusters & variant.clusters);
        let message = format!("the service has two variants in {where_both}");
        let found = Diagnostic::new(codes::AMBIGUOUS_VARIANT, variant.span, message);
        ctx.report(found.related(other.span, "the other one").help("let each cluster be in one `at`"));
    }
    kept
}

fn service_type(choice: ast::ServiceType) -> ServiceType {
    match choice {
        ast::ServiceType::ClusterIp => ServiceType::ClusterIp,
        ast::ServiceType::NodePort => ServiceType::NodePort,
        ast::ServiceType::LoadBalancer => ServiceType::LoadBalancer,
    }
}

fn traffic_policy(choice: ast::ExternalTrafficPolicy) -> ExternalTrafficPolicy {
    match choice {
        ast::ExternalTrafficPolicy::Local => ExternalTrafficPolicy::Local,
        ast::ExternalTrafficPolicy::Cluster => ExternalTrafficPolicy::Cluster,
    }
}
