//! What Traffic Manager and Fleet's exports refuse of entries, or take and then never serve.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::{AZURE_SETTING, ENTRY_BACKEND, GENERATED_NAME};
use crate::model::{Backend, Entry, Families, Model, ServiceAddress, ServiceId, ServiceType};
use crate::plan::weights;

use super::entries::backend_name;
use super::probe;
use super::settings::{self, Settings};

/// Longest name of a profile or backend, and of the joined names that become DNS labels.
const NAME: usize = 63;

/// Reports the entries.
pub fn check(model: &Model, settings: &Settings<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut names = BTreeMap::new();
    let mut entries: Vec<&Entry> = model.entries.iter().collect();
    entries.sort_by_key(|entry| entry.name.span);
    for entry in entries {
        probe::monitor(model, entry, diagnostics);
        check_resource_group(entry, settings, diagnostics);
        check_dns_name(model, entry, &mut names, diagnostics);
        for (place, backend) in entry.backends.iter().enumerate() {
            check_backend(model, settings, entry, backend, diagnostics);
            let mut earlier = entry.backends.iter().take(place);
            if let Some(earlier) = earlier.find(|other| other.service.value == backend.service.value) {
                let message = format!("`{}` is a backend twice", model.service_name(backend.service.value));
                let found = Diagnostic::new(ENTRY_BACKEND, backend.service.span, message);
                diagnostics.push(found.related(earlier.service.span, "the first time").help("write its weights once"));
            }
        }
    }
    check_export_names(model, diagnostics);
    check_balancers(model, diagnostics);
}

fn check_resource_group(entry: &Entry, settings: &Settings<'_>, diagnostics: &mut Vec<Diagnostic>) {
    match &entry.resource_group {
        Some(group) => settings::check_resource_group(group, diagnostics),
        None if settings.resource_group.is_empty() => {
            let message = format!("nothing says the resource group of entry `{}`", entry.name.value);
            let help = "write `resource-group \"NAME\"` in the entry, or in `target azure-fleet` for all of them";
            diagnostics.push(Diagnostic::new(AZURE_SETTING, entry.name.span, message).help(help));
        }
        None => {}
    }
}

/// The DNS name of an entry is NAMESPACE-NAME, without anything that would keep two pairs apart.
fn check_dns_name(model: &Model, entry: &Entry, names: &mut BTreeMap<String, Span>, diagnostics: &mut Vec<Diagnostic>) {
    let joined = format!("{}-{}", model.namespaces[entry.namespace].name.value, entry.name.value);
    let help = format!("an entry's DNS name is NAMESPACE-NAME, {NAME} characters at most: rename one");
    if let Some(first) = names.get(&joined) {
        let message = format!("two entries would have the DNS name `{joined}`");
        let found = Diagnostic::new(GENERATED_NAME, entry.name.span, message);
        diagnostics.push(found.related(*first, "has it already").help(help));
    } else if joined.len() > NAME {
        let message = format!("`{joined}` is too long for a DNS label");
        diagnostics.push(Diagnostic::new(GENERATED_NAME, entry.name.span, message).help(help));
    } else {
        names.insert(joined, entry.name.span);
    }
}

/// The hub keeps a member's exports by NAMESPACE-NAME: of two with one such name, each evicts the other for ever.
fn check_export_names(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<String, ServiceId> = BTreeMap::new();
    let mut backends: Vec<&Backend> = model.entries.iter().flat_map(|entry| &entry.backends).collect();
    backends.sort_by_key(|backend| backend.service.span);
    for backend in backends {
        let id = backend.service.value;
        let service = &model.services[id];
        let joined = format!("{}-{}", model.namespaces[service.namespace].name.value, service.name.value);
        let first = *names.entry(joined.clone()).or_insert(id);
        if first == id {
            continue;
        }
        let message = format!("two exported services are `{joined}` to the fleet's hub");
        let found = Diagnostic::new(GENERATED_NAME, backend.service.span, message);
        let found = found.related(model.services[first].name.span, "the other one");
        diagnostics.push(found.help("the hub joins namespace and name by a hyphen: rename one of them"));
    }
}

/// The Service behind a balancer stands in the namespace of the fleet's agent and is called NAMESPACE-NAME.
fn check_balancers(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    for balance in &model.balances {
        let service = &model.services[balance.service.value];
        let joined = format!("{}-{}", model.namespaces[service.namespace].name.value, service.name.value);
        let span = balance.service.span;
        let first = *names.entry(joined.clone()).or_insert(span);
        let wrong = if joined.len() > NAME {
            Some(format!("has more than {NAME} characters"))
        } else if joined.starts_with(|first: char| first.is_ascii_digit()) {
            Some("starts with a digit".to_owned())
        } else {
            (first != span).then(|| "is that of another balancer".to_owned())
        };
        let Some(wrong) = wrong else { continue };
        let message = format!("the balancer's Service would be `{joined}`, which {wrong}");
        let found = Diagnostic::new(GENERATED_NAME, span, message);
        let found = if first == span { found } else { found.related(first, "the other balancer") };
        diagnostics.push(found.help("the fleet joins namespace and name by a hyphen: rename one of the two"));
    }
}

fn check_backend(
    model: &Model,
    settings: &Settings<'_>,
    entry: &Entry,
    backend: &Backend,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let service = &model.services[backend.service.value];
    let mut refuse = |message: String, help: &str| {
        let found = Diagnostic::new(ENTRY_BACKEND, backend.service.span, message);
        diagnostics.push(found.related(service.name.span, "the service").help(help));
    };
    let name = model.service_name(backend.service.value);
    if service.namespace != entry.namespace {
        let help = "Traffic Manager's objects of one entry share a namespace: declare the entry in that of the service";
        refuse(format!("`{name}` is not in the entry's namespace"), help);
    }
    let on_members = service.variants.iter().filter(|(clusters, _)| !(*clusters & settings.clusters).is_empty());
    let specs: Vec<_> = on_members.map(|(_, spec)| spec).collect();
    if specs.iter().any(|spec| spec.kind != ServiceType::LoadBalancer) {
        let help = "write `type load-balancer` in the service: an entry is over public addresses";
        refuse(format!("`{name}` is no public load balancer"), help);
    }
    if specs.iter().any(|spec| spec.address == ServiceAddress::Headless) {
        refuse(format!("`{name}` has no address of its own"), "remove `headless` from the service");
    }
    if !alike(&specs) {
        let help = "exports whose ports differ in anything, or in order, are dropped: make them alike everywhere";
        refuse(format!("the ports of `{name}` are not the same in every cluster"), help);
    }
    let runs = weights::runs(model, backend.service.value) & settings.clusters;
    if let Some(cluster) = runs.iter().find(|cluster| model.clusters[*cluster].families() == Families::V6) {
        let cluster = &model.clusters[cluster].name;
        let message = format!("the pods of `{name}` in `{}` have no IPv4 address", cluster.value);
        let found = Diagnostic::new(ENTRY_BACKEND, backend.service.span, message);
        let help = "an export offers IPv4 addresses alone: give the cluster's pods a range of those too";
        diagnostics.push(found.related(cluster.span, "its pods have IPv6 alone").help(help));
    }
    let joined = backend_name(model, entry, backend);
    if joined.len() > NAME {
        let message = format!("`{joined}` is too long for a backend of Traffic Manager");
        let help = format!("a backend is ENTRY.SERVICE, {NAME} characters at most: rename one");
        diagnostics.push(Diagnostic::new(GENERATED_NAME, backend.service.span, message).help(help));
    }
}

fn alike(specs: &[&crate::model::ServiceSpec]) -> bool {
    let ports = specs.iter().map(|spec| {
        let ports = spec.ports.iter();
        let port = ports.map(|port| (&port.name.value, port.port, port.target, port.transport, &port.app_protocol));
        port.collect::<Vec<_>>()
    });
    let ports: Vec<_> = ports.collect();
    ports.windows(2).all(|pair| pair.first() == pair.last())
}
