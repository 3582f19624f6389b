//! Health probes as Traffic Manager has them: two intervals, a timeout below them, a small number of tolerated failures.

use std::time::Duration;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::ENTRY_PROBE;
use crate::model::{Entry, Model, Probe, ProbeProtocol, ServiceSpec, Spanned, Transport};

use super::objects::{MonitorConfig, MonitorProtocol};

/// Seconds between probes unless said.
const INTERVAL: u64 = 30;
/// Longest timeout; also below the interval.
const LONGEST_TIMEOUT: u64 = 10;
/// Shortest timeout.
const SHORTEST_TIMEOUT: u64 = 5;
/// Failures tolerated unless said, and at most.
const TOLERATED: u32 = 3;
const MOST_TOLERATED: u32 = 9;
/// What Traffic Manager fixes.
const TTL: Duration = Duration::from_mins(1);

/// The probe of an entry. An entry without one opens a connection to the first port that its service has: Traffic Manager's own default asks
/// port 80 for a page, which a service on another port never answers.
pub fn monitor(model: &Model, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) -> MonitorConfig {
    check_ttl(entry, diagnostics);
    match &entry.probe {
        Some(probe) => {
            check_port(model, entry, probe, diagnostics);
            declared(probe, diagnostics)
        }
        None => MonitorConfig {
            interval_in_seconds: INTERVAL,
            path: String::new(),
            port: first_port(model, entry, diagnostics),
            protocol: MonitorProtocol::Tcp,
            timeout_in_seconds: longest_timeout(INTERVAL),
            tolerated_number_of_failures: TOLERATED,
        },
    }
}

fn declared(probe: &Probe, diagnostics: &mut Vec<Diagnostic>) -> MonitorConfig {
    let interval = interval(probe, diagnostics);
    MonitorConfig {
        interval_in_seconds: interval,
        path: path(probe, diagnostics),
        port: probe.port.value,
        protocol: match probe.protocol {
            ProbeProtocol::Http => MonitorProtocol::Http,
            ProbeProtocol::Https => MonitorProtocol::Https,
            ProbeProtocol::Tcp => MonitorProtocol::Tcp,
        },
        timeout_in_seconds: timeout(probe, interval, diagnostics),
        tolerated_number_of_failures: tolerated(probe, diagnostics),
    }
}

fn longest_timeout(interval: u64) -> u64 {
    LONGEST_TIMEOUT.min(interval.saturating_sub(1))
}

fn interval(probe: &Probe, diagnostics: &mut Vec<Diagnostic>) -> u64 {
    let Some(every) = probe.every else { return INTERVAL };
    if let Some(seconds @ (10 | 30)) = whole_seconds(every.value) {
        return seconds;
    }
    let message = "Traffic Manager probes every 10 or every 30 seconds";
    diagnostics.push(refused(every.span, message).help("write `every 10s` or `every 30s`"));
    INTERVAL
}

fn timeout(probe: &Probe, interval: u64, diagnostics: &mut Vec<Diagnostic>) -> u64 {
    let longest = longest_timeout(interval);
    let Some(timeout) = probe.timeout else { return longest };
    match whole_seconds(timeout.value) {
        Some(seconds) if (SHORTEST_TIMEOUT..=longest).contains(&seconds) => seconds,
        Some(_) | None => {
            let message = format!("a probe every {interval} seconds cannot have this timeout");
            let help = format!("Traffic Manager takes {SHORTEST_TIMEOUT}s to {longest}s here, in whole seconds");
            diagnostics.push(refused(timeout.span, message).help(help));
            longest
        }
    }
}

fn tolerated(probe: &Probe, diagnostics: &mut Vec<Diagnostic>) -> u32 {
    let Some(tolerate) = probe.tolerate else { return TOLERATED };
    if tolerate.value > MOST_TOLERATED {
        let message = format!("Traffic Manager tolerates at most {MOST_TOLERATED} failures");
        diagnostics.push(refused(tolerate.span, message).help(format!("write a number from 0 to {MOST_TOLERATED}")));
    }
    tolerate.value.min(MOST_TOLERATED)
}

/// A TCP probe has no path, and the field must say so: left out, it would become `/`.
fn path(probe: &Probe, diagnostics: &mut Vec<Diagnostic>) -> String {
    let root = || Spanned::new("/", probe.span);
    let path = probe.path.as_ref().map(|path| Spanned::new(path.value.as_str(), path.span));
    match (probe.protocol, path) {
        (ProbeProtocol::Tcp, None) => String::new(),
        (ProbeProtocol::Tcp, Some(path)) => {
            let message = "a tcp probe asks for no path";
            diagnostics.push(refused(path.span, message).help("remove the path, or probe with `http` or `https`"));
            String::new()
        }
        (ProbeProtocol::Http | ProbeProtocol::Https, path) => {
            let path = path.unwrap_or_else(root);
            if !path.value.starts_with('/') {
                let message = format!("`{}` is no path to probe", path.value);
                diagnostics.push(refused(path.span, message).help("a path starts with `/`"));
            }
            path.value.to_owned()
        }
    }
}

fn check_ttl(entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    let Some(ttl) = entry.ttl else { return };
    if ttl.value != TTL {
        let message = "Azure Fleet fixes the time to live of an entry's records at 60s";
        diagnostics.push(refused(ttl.span, message).help("remove the `ttl`, or write `ttl 60s`"));
    }
}

/// A port that no load balancer opens is never healthy, and Traffic Manager then takes every endpoint for healthy.
fn check_port(model: &Model, entry: &Entry, probe: &Probe, diagnostics: &mut Vec<Diagnostic>) {
    for backend in &entry.backends {
        let service = &model.services[backend.service.value];
        if service.variants.iter().all(|(_, spec)| tcp_ports(spec).any(|port| port == probe.port.value)) {
            continue;
        }
        let (name, port) = (model.service_name(backend.service.value), probe.port.value);
        let message = format!("the probe asks port {port}, which `{name}` does not have");
        let help =
            "probe a tcp port of the service: without an answer, Traffic Manager takes every cluster for healthy";
        diagnostics.push(refused(probe.port.span, message).related(service.name.span, "the service").help(help));
    }
}

fn first_port(model: &Model, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) -> u16 {
    let services = entry.backends.iter().map(|backend| &model.services[backend.service.value]);
    let specs = services.flat_map(|service| service.variants.iter().map(|(_, spec)| spec));
    specs.flat_map(tcp_ports).next().unwrap_or_else(|| {
        let message = format!("nothing behind entry `{}` has a tcp port to probe", entry.name.value);
        let help = "write a `probe` on a port that answers, and add that port to the service";
        diagnostics.push(refused(entry.name.span, message).help(help));
        0
    })
}

fn tcp_ports(spec: &ServiceSpec) -> impl Iterator<Item = u16> {
    spec.ports.iter().filter(|port| port.transport == Transport::Tcp).map(|port| port.port)
}

fn whole_seconds(duration: Duration) -> Option<u64> {
    (duration.subsec_nanos() == 0).then_some(duration.as_secs())
}

fn refused(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(ENTRY_PROBE, span, message)
}
