//! Ends of flows and ports in words.

use crate::model::{ClusterId, ClusterSet, Direction, Model, PortRange, Protocol};
use crate::semantics::{ApiServer, End, Flow, WorldEnd};

/// Which end a direction is judged at, as a preposition before that end.
pub fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "from",
        Direction::Ingress => "to",
    }
}

/// A cluster's name.
pub fn cluster(model: &Model, cluster: ClusterId) -> String {
    format!("`{}`", model.clusters[cluster].name.value)
}

/// The names of clusters.
pub fn clusters(model: &Model, set: ClusterSet) -> String {
    if set.is_empty() {
        return "nobody".to_owned();
    }
    set.iter().map(|id| cluster(model, id)).collect::<Vec<String>>().join(", ")
}

/// An end.
pub fn end(model: &Model, end: &End) -> String {
    match end {
        End::Pod { identity, cluster: at, .. } => {
            format!("`{}` in {}", model.identity_name(*identity), cluster(model, *at))
        }
        End::Foreign { cluster: at, pod, .. } => {
            let namespace = match &pod.namespace {
                Some(namespace) => format!("`{namespace}`"),
                None => "an undeclared namespace".to_owned(),
            };
            let labels: Vec<String> = pod.labels.iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
            let labels = if labels.is_empty() { String::new() } else { format!(" with {}", labels.join(", ")) };
            format!("a pod of {namespace}{labels} in {}", cluster(model, *at))
        }
        End::ClusterDns { cluster: at, .. } => format!("`cluster-dns` of {}", cluster(model, *at)),
        End::Host { cluster: at } => format!("its node in {}", cluster(model, *at)),
        End::RemoteNode { cluster: at, .. } => format!("another node of {}", cluster(model, *at)),
        End::KubeApiserver { cluster: at, server } => match server {
            ApiServer::Managed => format!("the API server of {}", cluster(model, *at)),
            ApiServer::OnNode => format!("the API server on a node of {}", cluster(model, *at)),
        },
        End::Gateway { cluster: at } => format!("a gateway in {}", cluster(model, *at)),
        End::World(WorldEnd::Address(address)) => format!("`{address}`"),
        End::World(WorldEnd::Name(name)) => format!("`{name}`"),
    }
}

/// The port of a flow, and its request.
pub fn port(flow: &Flow) -> String {
    let port = ports(PortRange { protocol: flow.protocol, first: flow.port, last: flow.port });
    match &flow.request {
        Some(request) => format!("{port} with `{} {}`", request.method, request.path),
        None => port,
    }
}

/// A range of ports, or of ICMP types.
pub fn ports(range: PortRange) -> String {
    let PortRange { protocol, first, last } = range;
    let every = first <= 1 && last == PortRange::all(protocol).last;
    let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
    match protocol {
        Protocol::Transport(transport) if every => transport.keyword().to_owned(),
        Protocol::Transport(transport) => format!("{numbers}/{}", transport.keyword()),
        Protocol::IcmpV4 if every => "icmp".to_owned(),
        Protocol::IcmpV6 if every => "icmp (IPv6)".to_owned(),
        Protocol::IcmpV4 => format!("icmp type {numbers}"),
        Protocol::IcmpV6 => format!("icmp (IPv6) type {numbers}"),
    }
}
