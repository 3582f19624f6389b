//! Gateways, their listeners and routes.

use fleetnet_lang::Diagnostic;
use fleetnet_lang::ast::{self, GatewayStmt};

use super::clusters::word;
use super::context::{Context, Declared};
use super::names::Index;
use super::read::{MapKind, Reader};
use super::traffic::Offered;
use crate::codes::{names, services as codes};
use crate::model::{
    ClusterSet, Gateway, Labels, Listener, ListenerProtocol, Name, NamespaceId, Route, ServiceId, Spanned,
};

/// Resolves the gateways, and the names of those that are in the model.
pub(super) fn resolve(
    ctx: &mut Context,
    offered: &Offered<'_>,
    declared: &[Declared<ast::Gateway<'_>>],
) -> (Vec<Gateway>, Index<usize>) {
    let (mut gateways, mut index) = (Vec::new(), Index::default());
    for gateway in declared {
        let resolved = resolve_one(ctx, offered, gateway);
        index.insert(gateway.name.value.clone(), resolved.is_some().then_some(gateways.len()));
        gateways.extend(resolved);
    }
    (gateways, index)
}

fn resolve_one(ctx: &mut Context, offered: &Offered<'_>, declared: &Declared<ast::Gateway<'_>>) -> Option<Gateway> {
    let (namespace_name, name) = declared.parts();
    let namespace = offered.who.namespace(ctx, &namespace_name)?;
    let mut gateway = Gateway {
        namespace,
        name,
        class: None,
        clusters: offered.who.namespaces[namespace].clusters,
        listeners: Vec::new(),
        routes: Vec::new(),
        labels: Labels::new(),
        annotations: Labels::new(),
        doc: declared.doc(),
    };
    let mut reader = Reader::new(ctx, declared.file);
    let mut routes = Vec::new();
    // Listeners with a mistake in them, which routes may name all the same.
    let mut broken: Vec<Name> = Vec::new();
    for statement in declared.node.statements() {
        match statement {
            GatewayStmt::Class(setting) => gateway.class = word(&mut reader, &setting),
            GatewayStmt::In(setting) => {
                gateway.clusters = clusters(&mut reader, offered, namespace, &setting).unwrap_or(gateway.clusters);
            }
            GatewayStmt::Listener(node) => match listener(&mut reader, &node) {
                Some(listener) => add_listener(reader.ctx, &mut gateway.listeners, listener),
                None => broken.extend(node.name().map(|word| reader.ctx.params.replaced(&word))),
            },
            // After all listeners: they may be declared below the routes that use them.
            GatewayStmt::Route(node) => routes.push(node),
            GatewayStmt::Labels(node) => gateway.labels = reader.map(node.entries(), MapKind::Labels),
            GatewayStmt::Annotations(node) => gateway.annotations = reader.map(node.entries(), MapKind::Annotations),
            GatewayStmt::Waive(_) => {}
        }
    }
    let listeners = listener_index(&gateway.listeners, broken);
    let routes: Vec<_> = routes.iter().map(|node| route(&mut reader, offered, &listeners, node)).collect();
    let all_sound = routes.iter().all(Option::is_some);
    gateway.routes = routes.into_iter().flatten().collect();
    for route in &gateway.routes {
        granted(ctx, offered, namespace, &namespace_name.value, route.service);
    }
    if declared.node.statements().all(|each| !matches!(each, GatewayStmt::Listener(_))) {
        let message = format!("gateway `{}` listens nowhere", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `listener NAME PROTOCOL PORT`");
    } else if all_sound {
        idle_listeners(ctx, &gateway);
    }
    Some(gateway)
}

/// Where a gateway stands: in clusters of its namespace.
fn clusters(
    reader: &mut Reader<'_>,
    offered: &Offered<'_>,
    namespace: NamespaceId,
    setting: &ast::Setting<'_>,
) -> Option<ClusterSet> {
    let namespace = &offered.who.namespaces[namespace];
    let what = || format!("namespace `{}` is not there", namespace.name.value);
    offered.who.places.within(reader, &setting.set()?, namespace.clusters, names::OUTSIDE, what)
}

fn listener(reader: &mut Reader<'_>, node: &ast::Listener<'_>) -> Option<Listener> {
    let protocol = match node.protocol()? {
        ast::ListenerProtocol::Http => ListenerProtocol::Http,
        ast::ListenerProtocol::Https => ListenerProtocol::Https,
        ast::ListenerProtocol::Tls => ListenerProtocol::Tls,
        ast::ListenerProtocol::Tcp => ListenerProtocol::Tcp,
    };
    let name = reader.given_name(&node.name()?);
    let port = reader.port_number(&node.port()?);
    let hosts: Vec<Option<Spanned<Name>>> = node.hosts().map(|text| reader.host(&text)).collect();
    let certificate = node.certificate().and_then(|text| reader.text(&text));
    Some(Listener { name: name?, protocol, port: port?, hosts: hosts.into_iter().flatten().collect(), certificate })
}

fn add_listener(ctx: &mut Context, listeners: &mut Vec<Listener>, listener: Listener) {
    match listeners.iter().find(|other| other.name.value == listener.name.value) {
        Some(other) => {
            let message = format!("listener `{}` is declared twice", listener.name.value);
            let found = Diagnostic::new(names::DUPLICATE_NAME, listener.name.span, message);
            ctx.report(found.related(other.name.span, "declared here first").help("rename one of them"));
        }
        None => listeners.push(listener),
    }
}

fn route(
    reader: &mut Reader<'_>,
    offered: &Offered<'_>,
    listeners: &Index<usize>,
    node: &ast::Route<'_>,
) -> Option<Route> {
    let method = node.method().and_then(|word| reader.word(&word));
    let path = node.path().and_then(|text| reader.text(&text));
    let headers: Vec<_> = node.headers().collect();
    let headers = headers.iter().filter_map(|header| {
        let name = header.name().and_then(|text| reader.text(&text));
        let value = header.value().and_then(|text| reader.text(&text));
        Some((name?, value?))
    });
    let headers = headers.collect();
    let listener = match node.listener() {
        Some(word) => Some(listener_named(reader, listeners, &word)?),
        None => None,
    };
    let service = offered.service_of(reader, node.service());
    let port = node.port().and_then(|word| reader.name(&word));
    let weights = offered.route_weights(reader, node);
    let service = service?;
    if let Some(port) = &port {
        has_port(reader.ctx, offered, service, port)?;
    }
    Some(Route { method, path, headers, listener, service, port, weights, span: reader.span(node) })
}

fn listener_index(listeners: &[Listener], broken: Vec<Name>) -> Index<usize> {
    let mut index = Index::default();
    for (place, listener) in listeners.iter().enumerate() {
        index.insert(listener.name.value.clone(), Some(place));
    }
    for name in broken {
        index.insert(name, None);
    }
    index
}

fn listener_named(reader: &mut Reader<'_>, listeners: &Index<usize>, word: &ast::Word<'_>) -> Option<Spanned<usize>> {
    let name = reader.name(word)?;
    Some(Spanned::new(reader.ctx.find(listeners, &name, "a listener of this gateway")?, name.span))
}

fn has_port(ctx: &mut Context, offered: &Offered<'_>, service: Spanned<ServiceId>, port: &Spanned<Name>) -> Option<()> {
    let mut index = Index::default();
    for (_, spec) in &offered.services[service.value].variants {
        for port in &spec.ports {
            index.insert(port.name.value.clone(), Some(()));
        }
    }
    ctx.find(&index, port, "a port of this service")
}

/// A route to a service of another namespace needs that service's consent.
fn granted(ctx: &mut Context, offered: &Offered<'_>, own: NamespaceId, own_name: &Name, route: Spanned<ServiceId>) {
    let service = &offered.services[route.value];
    if service.namespace == own || service.routes_from.iter().any(|from| from.value == *own_name) {
        return;
    }
    let message = format!("the service does not let namespace `{own_name}` route to it");
    ctx.report(
        Diagnostic::new(codes::ROUTE_WITHOUT_GRANT, route.span, message)
            .related(service.name.span, "the service")
            .help(format!("write `routes-from {own_name}` in the service")),
    );
}

fn idle_listeners(ctx: &mut Context, gateway: &Gateway) {
    let used =
        |place: usize| gateway.routes.iter().any(|route| route.listener.is_none_or(|listener| listener.value == place));
    for (_, listener) in gateway.listeners.iter().enumerate().filter(|(place, _)| !used(*place)) {
        let message = format!("no route uses listener `{}`", listener.name.value);
        let found = Diagnostic::new(codes::IDLE_LISTENER, listener.name.span, message);
        ctx.report(found.help("add a route, or remove the listener"));
    }
}
