//! What the Gateway API refuses of routes, and what it would take and never use.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::services::SHADOWED_ROUTE;
use crate::codes::traffic::GATEWAY_ROUTE;
use crate::model::{ClusterId, Gateway, Model, Name, Route, Spanned, Transport};
use crate::plan::weights;

use super::objects::HEADERS;
use super::routes::{RouteKind, is_about_requests, listeners_of};

/// Reports the routes of a gateway.
pub fn check(model: &Model, gateway: &Gateway, diagnostics: &mut Vec<Diagnostic>) {
    for route in &gateway.routes {
        check_listener(gateway, route, diagnostics);
        check_path(route, diagnostics);
        check_method(route, diagnostics);
        check_headers(route, diagnostics);
        check_port(model, route, diagnostics);
        check_service(model, gateway, route, diagnostics);
    }
    check_streams(gateway, diagnostics);
    check_shadows(gateway, diagnostics);
}

fn check_listener(gateway: &Gateway, route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    if !listeners_of(gateway, route).is_empty() || gateway.listeners.is_empty() {
        return;
    }
    let span = route.listener.map_or(route.span, |listener| listener.span);
    let message = "a route by path, method or header needs a listener that sees requests";
    let help = "let it go through an `http` or `https` listener, or leave the conditions out";
    diagnostics.push(refused(span, message).help(help));
}

/// Wherever a gateway stands, a route must have somewhere to go.
fn check_service(model: &Model, gateway: &Gateway, route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    let service = route.service.value;
    let lost = |cluster: &ClusterId| weights::reached_from(model, service, *cluster).is_empty();
    let Some(cluster) = gateway.clusters.iter().find(lost) else { return };
    let (name, place) = (model.service_name(service), &model.clusters[cluster].name.value);
    let message = format!("from `{place}`, where the gateway stands, `{name}` has no pods to go to");
    let help = "export the service into a mesh of that cluster, or say where the gateway stands with `in`";
    diagnostics.push(refused(route.service.span, message).help(help));
}

/// TLS and TCP connections are told apart by their listener alone.
fn check_streams(gateway: &Gateway, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&Name, Span> = BTreeMap::new();
    for route in gateway.routes.iter().filter(|route| !is_about_requests(route)) {
        let streams = listeners_of(gateway, route);
        for listener in streams.into_iter().filter(|listener| RouteKind::of(listener) != RouteKind::Http) {
            let name = &listener.name.value;
            if let Some(first) = taken.get(name) {
                let message = format!("listener `{name}` cannot tell this route from another");
                let found = refused(route.span, message).related(*first, "takes every connection");
                diagnostics.push(found.help("give each route a listener of its own: `on NAME`"));
            } else {
                taken.insert(name, route.span);
            }
        }
    }
}

/// What a route asks of a request: its path, method and headers. A longer path or one more header goes first, so only equals compete.
type Asked<'a> = (&'a str, Option<&'a str>, BTreeMap<String, &'a str>);

fn asked(route: &Route) -> Asked<'_> {
    let path = route.path.as_ref().map_or("", |path| path.value.as_str().trim_end_matches('/'));
    let method = route.method.as_ref().map(|method| method.value.as_str()).filter(|method| *method != "*");
    let headers = route.headers.iter();
    let headers = headers.map(|(name, value)| (name.value.as_str().to_ascii_lowercase(), value.value.as_str()));
    (path, method, headers.collect())
}

/// Of two routes for the same requests of one listener the first takes all of them.
fn check_shadows(gateway: &Gateway, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(&Name, Asked<'_>), Span> = BTreeMap::new();
    for route in &gateway.routes {
        let listeners = listeners_of(gateway, route).into_iter();
        let listeners = listeners.filter(|listener| RouteKind::of(listener) == RouteKind::Http);
        let mut first: Option<(&Name, Span)> = None;
        for listener in listeners {
            let name = &listener.name.value;
            match taken.entry((name, asked(route))) {
                Entry::Vacant(place) => drop(place.insert(route.span)),
                Entry::Occupied(earlier) => drop(first.get_or_insert((name, *earlier.get()))),
            }
        }
        let Some((listener, earlier)) = first else { continue };
        let message = format!("another route takes all requests that this one is for, on listener `{listener}`");
        diagnostics.push(
            Diagnostic::new(SHADOWED_ROUTE, route.span, message)
                .related(earlier, "this one comes first")
                .help("tell them apart by path, method or header, or remove one"),
        );
    }
}

fn check_path(route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    let Some(path) = &route.path else { return };
    if let Some(wrong) = wrong_with_path(path.value.as_str()) {
        let message = format!("`{}` is no path prefix: {wrong}", path.value);
        let help = "a prefix is whole segments, such as `/v1/orders`; it needs no `*`";
        diagnostics.push(refused(path.span, message).help(help));
    }
}

fn wrong_with_path(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-/._~!$&'()+,;=:@%".contains(&byte);
    if !path.starts_with('/') {
        Some("it does not start with `/`")
    } else if path.len() > 1024 {
        Some("it is longer than 1024 characters")
    } else if path.contains("//") {
        Some("it has an empty segment")
    } else if path.split('/').any(|segment| segment == "." || segment == "..") {
        Some("`.` and `..` are no segments")
    } else if lower.contains("%2f") {
        Some("a `/` cannot be written as `%2F`")
    } else if !path.bytes().all(sign) {
        Some("it has a sign that is none of a path's")
    } else if !escapes_are_whole(path) {
        Some("a `%` is not followed by two hexadecimal digits")
    } else {
        None
    }
}

fn escapes_are_whole(path: &str) -> bool {
    let mut parts = path.split('%').skip(1);
    parts.all(|part| part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

fn check_method(route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    let Some(method) = &route.method else { return };
    let text = method.value.as_str();
    if text != "*" && !METHODS.contains(&text) {
        let message = format!("the Gateway API cannot route by method `{text}`");
        diagnostics.push(refused(method.span, message).help(format!("it knows {}", METHODS.join(", "))));
    }
}

fn check_headers(route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    let mut names = BTreeSet::new();
    for (name, value) in &route.headers {
        if !is_header_name(name) {
            let message = format!("`{}` is no name of a header", name.value);
            diagnostics
                .push(refused(name.span, message).help("1 to 256 letters, digits and signs of RFC 9110's tokens"));
        }
        if !names.insert(name.value.as_str().to_ascii_lowercase()) {
            let message = format!("header `{}` stands twice in this route", name.value);
            diagnostics.push(refused(name.span, message).help("names of headers are compared without case; keep one"));
        }
        if value.value.as_str().is_empty() || value.value.as_str().len() > 4096 {
            diagnostics
                .push(refused(value.span, "a header is compared with 1 to 4096 characters").help("write its value"));
        }
    }
    if let Some((name, _)) = route.headers.get(HEADERS) {
        let message = format!("a route looks at {HEADERS} headers at most");
        diagnostics.push(refused(name.span, message).help("leave the further ones out"));
    }
}

fn is_header_name(name: &Spanned<Name>) -> bool {
    let text = name.value.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=256).contains(&text.len()) && text.bytes().all(sign)
}

/// The service's port that a route goes to, in one of its variants.
pub fn port<'a>(route: &Route, spec: &'a crate::model::ServiceSpec) -> Option<&'a crate::model::ServicePort> {
    match (&route.port, spec.ports.as_slice()) {
        (Some(name), ports) => ports.iter().find(|port| port.name.value == name.value),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn check_port(model: &Model, route: &Route, diagnostics: &mut Vec<Diagnostic>) {
    let service = &model.services[route.service.value];
    let name = model.service_name(route.service.value);
    let span = route.port.as_ref().map_or(route.service.span, |port| port.span);
    for (_, spec) in &service.variants {
        let found = match port(route, spec) {
            Some(port) if port.transport == Transport::Tcp => continue,
            Some(port) => {
                let message = format!("port `{}` of `{name}` is not tcp", port.name.value);
                refused(span, message).help("a gateway sends to tcp ports only")
            }
            None if route.port.is_some() => {
                let message = format!("`{name}` has no such port in some cluster");
                let ports: Vec<String> = spec.ports.iter().map(|port| format!("`{}`", port.name.value)).collect();
                refused(span, message).help(format!("it has {} there", ports.join(", ")))
            }
            None => {
                let message = format!("`{name}` has several ports, and the route does not say which");
                refused(span, message).help("write `port NAME` after the service")
            }
        };
        diagnostics.push(found.related(service.name.span, "the service"));
        return;
    }
}

fn refused(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(GATEWAY_ROUTE, span, message)
}
