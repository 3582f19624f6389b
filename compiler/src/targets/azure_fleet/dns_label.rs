//! Public DNS labels of load balancers: Traffic Manager only takes addresses that have one, and each is unique in its region.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::DNS_LABEL;
use crate::model::{ClusterId, ClusterSet, Model, Name, ServiceId, ServiceSpec, ServiceType};
use crate::plan::weights;

/// Annotation of a Service: the label of its public address.
pub const ANNOTATION: &str = "service.beta.kubernetes.io/azure-dns-label-name";

/// Length of a label.
const SHORTEST: usize = 3;
const LONGEST: usize = 63;

/// The labels of the load balancers that have one: those that say so, and those behind an entry.
#[must_use]
pub fn labels(model: &Model, clusters: ClusterSet) -> BTreeMap<(ServiceId, ClusterId), String> {
    let mut labels = BTreeMap::new();
    for (id, service) in model.services.iter() {
        for (places, spec) in &service.variants {
            let Some(prefix) = prefix(model, id, spec) else { continue };
            for cluster in (*places & clusters & weights::runs(model, id)).iter() {
                labels.insert((id, cluster), format!("{prefix}-{}", model.clusters[cluster].name.value));
            }
        }
    }
    labels
}

fn prefix(model: &Model, id: ServiceId, spec: &ServiceSpec) -> Option<String> {
    if spec.kind != ServiceType::LoadBalancer {
        return None;
    }
    if let Some(label) = &spec.dns_label {
        return Some(label.value.to_string());
    }
    let behind = |entry: &crate::model::Entry| entry.backends.iter().any(|backend| backend.service.value == id);
    model.entries.iter().any(behind).then(|| {
        let service = &model.services[id];
        let namespace = &model.namespaces[service.namespace].name.value;
        format!("{}-{namespace}-{}", model.fleet.name.value, service.name.value)
    })
}

/// Reports labels that Azure refuses, and those that two services of a region would have.
pub fn check(model: &Model, clusters: ClusterSet, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(Option<&Name>, String), Span> = BTreeMap::new();
    let mut reported = Vec::new();
    let mut labels: Vec<_> = labels(model, clusters).into_iter().collect();
    labels.sort_by_key(|((service, cluster), _)| written_at(model, *service, *cluster));
    for ((service, cluster), label) in labels {
        if reported.contains(&service) {
            continue;
        }
        let region = model.clusters[cluster].region.as_ref().map(|region| &region.value);
        let found = match taken.get(&(region, label.clone())) {
            _ if !is_legal(&label) => illegal(model, service, cluster, &label),
            Some(other) => twice(model, service, cluster, *other, &label),
            None => {
                taken.insert((region, label), written_at(model, service, cluster));
                continue;
            }
        };
        diagnostics.push(found);
        reported.push(service);
    }
}

fn is_legal(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (SHORTEST..=LONGEST).contains(&label.len())
        && label.bytes().all(inner)
        && label.starts_with(|first: char| first.is_ascii_lowercase())
        && !label.ends_with('-')
}

fn illegal(model: &Model, service: ServiceId, cluster: ClusterId, label: &str) -> Diagnostic {
    let span = written_at(model, service, cluster);
    let message = format!("`{label}` is no DNS label that Azure gives");
    let help = format!(
        "a label is PREFIX-CLUSTER: {SHORTEST} to {LONGEST} lower-case letters, digits and hyphens, a letter first; write a shorter `dns-label`"
    );
    Diagnostic::new(DNS_LABEL, span, message).help(help)
}

fn twice(model: &Model, service: ServiceId, cluster: ClusterId, other: Span, label: &str) -> Diagnostic {
    let message = format!("two services would have the DNS label `{label}` in one region");
    let found = Diagnostic::new(DNS_LABEL, written_at(model, service, cluster), message);
    let found = found.related(other, "has it already");
    found.help("give one of them another `dns-label`: a label is PREFIX-CLUSTER")
}

fn written_at(model: &Model, service: ServiceId, cluster: ClusterId) -> Span {
    let service = &model.services[service];
    let written = service.at(cluster).and_then(|spec| spec.dns_label.as_ref());
    written.map_or(service.name.span, |label| label.span)
}
