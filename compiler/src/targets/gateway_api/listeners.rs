//! Listeners: one for each host name, as the Gateway API gives a listener one.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::GATEWAY_LISTENER;
use crate::model::{self, ListenerProtocol, Name, Spanned};

use super::objects::{
    AllowedRoutes, CertificateRef, From, GatewaySpec, LISTENERS, Listener, Protocol, RouteNamespaces, Tls,
};

/// The `spec` of a gateway, once [`check`] has nothing to say about it.
pub fn spec(gateway: &model::Gateway) -> Option<GatewaySpec> {
    let class = gateway.class.as_ref()?;
    let listeners = gateway.listeners.iter().flat_map(|listener| {
        section_names(listener).into_iter().zip(hosts(listener)).map(|(name, hostname)| Listener {
            name,
            port: listener.port.value,
            protocol: protocol(listener.protocol),
            hostname,
            tls: tls(listener),
            allowed_routes: AllowedRoutes { namespaces: RouteNamespaces { from: From::Same } },
        })
    });
    Some(GatewaySpec { gateway_class_name: class.value.to_string(), listeners: listeners.collect() })
}

/// The names under which a listener appears: its own, and one for each further host. No name of the language has a period.
pub fn section_names(listener: &model::Listener) -> Vec<String> {
    let name = &listener.name.value;
    let further = (2..=listener.hosts.len()).map(|number| format!("{name}.{number}"));
    std::iter::once(name.to_string()).chain(further).collect()
}

fn hosts(listener: &model::Listener) -> Vec<Option<String>> {
    if listener.hosts.is_empty() {
        return vec![None];
    }
    listener.hosts.iter().map(|host| Some(host.value.to_string())).collect()
}

fn protocol(protocol: ListenerProtocol) -> Protocol {
    match protocol {
        ListenerProtocol::Http => Protocol::Http,
        ListenerProtocol::Https => Protocol::Https,
        ListenerProtocol::Tls => Protocol::Tls,
        ListenerProtocol::Tcp => Protocol::Tcp,
    }
}

fn tls(listener: &model::Listener) -> Option<Tls> {
    match listener.protocol {
        ListenerProtocol::Http | ListenerProtocol::Tcp => None,
        ListenerProtocol::Tls => Some(Tls::Passthrough),
        ListenerProtocol::Https => {
            let name = listener.certificate.as_ref()?.value.to_string();
            Some(Tls::Terminate { certificate_refs: vec![CertificateRef { kind: "Secret", name }] })
        }
    }
}

/// Reports what the Gateway API refuses of a gateway and its listeners.
pub fn check(gateway: &model::Gateway, diagnostics: &mut Vec<Diagnostic>) {
    let name = &gateway.name;
    if gateway.class.is_none() {
        let message = format!("gateway `{}` has no class", name.value);
        diagnostics
            .push(refused(name.span, message).help("write `class NAME`: it says which controller runs the gateway"));
    }
    let expanded: usize = gateway.listeners.iter().map(|listener| listener.hosts.len().max(1)).sum();
    if expanded > LISTENERS {
        let message = format!("gateway `{}` has {expanded} listeners, counted by host name", name.value);
        diagnostics
            .push(refused(name.span, message).help(format!("one gateway has at most {LISTENERS}: make two of it")));
    }
    for listener in &gateway.listeners {
        check_certificate(listener, diagnostics);
        check_hosts(listener, diagnostics);
    }
    check_ports(gateway, diagnostics);
}

fn check_certificate(listener: &model::Listener, diagnostics: &mut Vec<Diagnostic>) {
    match (listener.protocol, &listener.certificate) {
        (ListenerProtocol::Https, None) => {
            let message = format!("listener `{}` ends TLS without a certificate", listener.name.value);
            let help = "write `certificate \"SECRET\"`, or make it a `tls` listener, which passes TLS on";
            diagnostics.push(refused(listener.name.span, message).help(help));
        }
        (ListenerProtocol::Https, Some(secret)) => {
            if !is_subdomain(secret.value.as_str()) {
                let message = format!("`{}` is no name of a secret", secret.value);
                let help = "name a secret of the gateway's namespace: lower-case letters, digits, hyphens, periods";
                diagnostics.push(refused(secret.span, message).help(help));
            }
        }
        (ListenerProtocol::Http | ListenerProtocol::Tls | ListenerProtocol::Tcp, Some(secret)) => {
            let message = format!("listener `{}` has no use for a certificate", listener.name.value);
            diagnostics.push(refused(secret.span, message).help("remove it, or make it an `https` listener"));
        }
        (ListenerProtocol::Http | ListenerProtocol::Tls | ListenerProtocol::Tcp, None) => {}
    }
}

fn check_hosts(listener: &model::Listener, diagnostics: &mut Vec<Diagnostic>) {
    match (listener.protocol, listener.hosts.as_slice()) {
        (ListenerProtocol::Tls, []) => {
            let message = format!("tls listener `{}` has no host name", listener.name.value);
            let help = "write `host \"NAME\"`: what is passed through is told apart by nothing else";
            diagnostics.push(refused(listener.name.span, message).help(help));
        }
        (ListenerProtocol::Tcp, [host, ..]) => {
            let message = "a tcp listener sees no host name";
            diagnostics.push(refused(host.span, message).help("remove it, or make it a `tls` listener"));
        }
        (ListenerProtocol::Http | ListenerProtocol::Https | ListenerProtocol::Tls, hosts) => {
            for host in hosts.iter().filter(|host| !is_host(host)) {
                let message = format!("`{}` is no host name of a listener", host.value);
                let help = "a DNS name in lower case, its first label possibly `*`; no address";
                diagnostics.push(refused(host.span, message).help(help));
            }
        }
        (ListenerProtocol::Tcp, []) => {}
    }
}

/// What may share a port: host names of one kind of protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Clear,
    Encrypted,
    Alone,
}

fn sharing(protocol: ListenerProtocol) -> Sharing {
    match protocol {
        ListenerProtocol::Http => Sharing::Clear,
        ListenerProtocol::Https | ListenerProtocol::Tls => Sharing::Encrypted,
        ListenerProtocol::Tcp => Sharing::Alone,
    }
}

/// A place is a port with a host name; two listeners of one place, or of protocols that can't be told apart on a port, are refused.
fn check_ports(gateway: &model::Gateway, diagnostics: &mut Vec<Diagnostic>) {
    let mut ports: BTreeMap<u16, (Sharing, Span)> = BTreeMap::new();
    let mut places: BTreeMap<(u16, Option<String>), Span> = BTreeMap::new();
    for listener in &gateway.listeners {
        let (port, span) = (listener.port.value, listener.name.span);
        let kind = sharing(listener.protocol);
        if let Some((_, first)) = ports.get(&port).filter(|(other, _)| *other != kind) {
            let message =
                format!("port {port} cannot serve the protocol of listener `{}` as well", listener.name.value);
            let found = refused(span, message).related(*first, "has the port already");
            diagnostics.push(found.help("give it a port of its own"));
            continue;
        }
        ports.entry(port).or_insert((kind, span));
        for host in hosts(listener) {
            if let Some(first) = places.get(&(port, host.clone())) {
                let message = format!("listener `{}` takes what another listener takes", listener.name.value);
                let found = refused(span, message).related(*first, "the same port and host name");
                diagnostics.push(found.help("give it a port or a host name of its own"));
            } else {
                places.insert((port, host), span);
            }
        }
    }
}

fn is_host(host: &Spanned<Name>) -> bool {
    let text = host.value.as_str();
    let name = text.strip_prefix("*.").unwrap_or(text);
    is_subdomain(name) && text.parse::<std::net::IpAddr>().is_err()
}

/// A DNS-1123 subdomain.
fn is_subdomain(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-');
    text.len() <= 253 && text.split('.').all(label)
}

fn refused(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(GATEWAY_LISTENER, span, message)
}
