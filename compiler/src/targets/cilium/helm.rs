//! Values of Cilium's chart, for clusters that run their own.
//!
//! Everything that joins clusters is written from one declaration for both sides. What decides about policies is written even where it is
//! the chart's default, so that a release with another one changes nothing.

use std::collections::BTreeSet;

use fleetnet_lang::Diagnostic;
use serde::Serialize;

use super::names::Names;
use crate::codes::targets as codes;
use crate::compile::{Artifact, Phase};
use crate::model::{
    Cidr, ClusterId, ClusterSet, Encryption, Mesh, Model, PodSelection, Protocol, Routing, Selector, ServiceAddress,
    Target, TargetKind, Transport, Version,
};
use crate::plan::{Plan, Ports};
use crate::targets::kubernetes::{docs, yaml};

/// The first release with namespaces that stay in their cluster.
const LOCAL_NAMESPACES: Version = Version { major: 1, minor: 19, patch: 0 };
/// Labels that the data path's own selectors need, besides those of identities.
const OWN_LABELS: [&str; 4] =
    ["io.kubernetes.pod.namespace", "io.cilium.k8s.policy.cluster", "io.cilium.k8s.policy.serviceaccount", "k8s-app"];

/// The values of one cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Values {
    cluster: Cluster,
    clustermesh: ClusterMesh,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_mode: Option<&'static str>,
    #[serde(rename = "ipv4NativeRoutingCIDR", skip_serializing_if = "Option::is_none")]
    ipv4_native_routing_cidr: Option<String>,
    #[serde(rename = "ipv6NativeRoutingCIDR", skip_serializing_if = "Option::is_none")]
    ipv6_native_routing_cidr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<EncryptionValues>,
    bpf: Bpf,
    /// Labels that make an identity, as patterns.
    labels: String,
    policy_enforcement_mode: &'static str,
    #[serde(rename = "policyCIDRMatchMode")]
    policy_cidr_match_mode: [&'static str; 0],
    enable_non_default_deny_policies: bool,
    sctp: Switch,
}

#[derive(Clone, Debug, Serialize)]
struct Cluster {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u8>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterMesh {
    #[serde(rename = "useAPIServer")]
    use_api_server: bool,
    max_connected_clusters: u16,
    #[serde(rename = "cacheTTL", skip_serializing_if = "Option::is_none")]
    cache_ttl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_global_namespace: Option<bool>,
    policy_default_local_cluster: bool,
    enable_endpoint_slice_synchronization: bool,
    mcsapi: Switch,
    config: Config,
}

#[derive(Clone, Debug, Serialize)]
struct Config {
    enabled: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<Remote>,
}

/// Another member of the mesh. As a list, which every release takes.
#[derive(Clone, Debug, Serialize)]
struct Remote {
    name: String,
    address: String,
    port: u16,
}

#[derive(Clone, Debug, Serialize)]
struct EncryptionValues {
    enabled: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bpf {
    policy_map_max: u32,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Switch {
    enabled: bool,
}

/// Reports what the chart can't be told.
pub fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.extend(model.meshes.rows().iter().filter_map(|mesh| scattered(model, mesh)));
    for target in model.fleet.targets.iter().filter(|target| target.kind.value == TargetKind::Cilium) {
        if let Some(mcs) = target.setting("mcs").filter(|mcs| !matches!(mcs.value.as_str(), "on" | "off")) {
            diagnostics.push(
                Diagnostic::new(codes::TARGET_SETTING, mcs.span, format!("`mcs` can't be `{}`", mcs.value))
                    .help("write `mcs on` or `mcs off`"),
            );
        }
    }
}

/// A mesh whose pods no one block holds: between its clusters pods would be hidden behind their nodes.
fn scattered(model: &Model, mesh: &Mesh) -> Option<Diagnostic> {
    let ours = targets(model).iter().any(|(cluster, _)| mesh.members.contains(*cluster));
    let families: [fn(&Cidr) -> bool; 2] = [|cidr| matches!(cidr, Cidr::V4(_)), |cidr| matches!(cidr, Cidr::V6(_))];
    let scattered = families.into_iter().any(|is_family| {
        let mut pods = mesh.members.iter().flat_map(|member| &model.clusters[member].pods);
        pods.any(|pods| is_family(&pods.value)) && smallest_around(model, mesh.members, is_family).is_none()
    });
    if !ours || !scattered || mesh.routing == Routing::Tunnel {
        return None;
    }
    let message = format!("no one block holds the pods of `{}` and little else", mesh.name.value);
    Some(
        Diagnostic::new(codes::SCATTERED_PODS, mesh.name.span, message)
            .help("set `ipv4NativeRoutingCIDR` or the masquerading agent by hand, or use `routing tunnel`"),
    )
}

/// Clusters whose mesh can't reach them: a mesh is planned before its API servers have addresses, so only a build needs them.
pub fn unreachable(model: &Model) -> Vec<Diagnostic> {
    let report = |(cluster, _): (ClusterId, &Target)| {
        let row = &model.clusters[cluster];
        let mesh = &model.meshes[model.mesh_of(cluster)?];
        if row.clustermesh.is_some() || mesh.members.len() < 2 {
            return None;
        }
        let message = format!("the other members of `{}` can't reach `{}`", mesh.name.value, row.name.value);
        Some(
            Diagnostic::new(codes::MESH_ADDRESS, row.name.span, message)
                .related(mesh.name.span, "the mesh")
                .help("say where its mesh API server is: `clustermesh \"host:port\"`"),
        )
    };
    targets(model).into_iter().filter_map(report).collect()
}

/// One file of values for each cluster of a `cilium` target. For a package that [`check`] and [`unreachable`] have nothing to say about.
pub fn artifacts(plan: &Plan, names: &Names) -> Vec<Artifact> {
    let model = &plan.model;
    let artifact = |(cluster, target): (ClusterId, &Target)| {
        let row = &model.clusters[cluster];
        let name = &row.name.value;
        let mesh = model.mesh_of(cluster).map(|mesh| &model.meshes[mesh]);
        let mesh = mesh.and_then(|mesh| Some((format!("mesh {}", mesh.name.value), mesh.doc.as_ref()?)));
        let about = docs(row.doc.as_ref(), mesh);
        Artifact {
            path: format!("helm/{name}.yaml"),
            bytes: yaml::values(about.as_deref(), &values(plan, names, cluster, target)),
            cluster: Some(name.clone()),
            phase: Phase::Link,
            objects: Vec::new(),
        }
    };
    targets(model).into_iter().map(artifact).collect()
}

/// Whether a cluster has the Multi-Cluster Services API.
pub fn has_mcs(model: &Model, cluster: ClusterId) -> bool {
    targets(model).iter().any(|(of, target)| *of == cluster && is_on(target))
}

fn is_on(target: &Target) -> bool {
    target.setting("mcs").is_some_and(|mcs| mcs.value.as_str() == "on")
}

/// The clusters of `cilium` targets, each with the first that is for it.
fn targets(model: &Model) -> Vec<(ClusterId, &Target)> {
    let of = |cluster: ClusterId| {
        let mut targets = model.fleet.targets.iter().filter(|target| target.kind.value == TargetKind::Cilium);
        targets.find(|target| target.clusters.contains(cluster)).map(|target| (cluster, target))
    };
    model.clusters.ids().filter_map(of).collect()
}

fn values(plan: &Plan, names: &Names, cluster: ClusterId, target: &Target) -> Values {
    let model = &plan.model;
    let row = &model.clusters[cluster];
    let mesh = model.mesh_of(cluster).map(|mesh| &model.meshes[mesh]);
    let members = mesh.map_or(ClusterSet::of(cluster), |mesh| mesh.members);
    let pods = |is_family: fn(&Cidr) -> bool| match mesh.map(|mesh| mesh.routing) {
        Some(Routing::Native) => smallest_around(model, members, is_family).map(|cidr| cidr.to_string()),
        Some(Routing::Tunnel) | None => None,
    };
    Values {
        cluster: Cluster { name: names.of(cluster), id: row.id.map(|id| id.value) },
        clustermesh: cluster_mesh(model, names, cluster, mesh, target),
        routing_mode: mesh.map(|mesh| match mesh.routing {
            Routing::Native => "native",
            Routing::Tunnel => "tunnel",
        }),
        ipv4_native_routing_cidr: pods(|cidr| matches!(cidr, Cidr::V4(_))),
        ipv6_native_routing_cidr: pods(|cidr| matches!(cidr, Cidr::V6(_))),
        encryption: mesh.and_then(|mesh| mesh.encryption).map(|encryption| match encryption.value {
            Encryption::Wireguard => EncryptionValues { enabled: true, kind: Some("wireguard") },
            Encryption::Ipsec => EncryptionValues { enabled: true, kind: Some("ipsec") },
            Encryption::None => EncryptionValues { enabled: false, kind: None },
        }),
        bpf: Bpf { policy_map_max: model.fleet.policy_map },
        labels: labels(model, cluster),
        policy_enforcement_mode: "default",
        policy_cidr_match_mode: [],
        enable_non_default_deny_policies: true,
        sctp: Switch { enabled: uses_sctp(plan, cluster) },
    }
}

fn cluster_mesh(model: &Model, names: &Names, cluster: ClusterId, mesh: Option<&Mesh>, target: &Target) -> ClusterMesh {
    let others = mesh.map_or(ClusterSet::EMPTY, |mesh| mesh.members).less(ClusterSet::of(cluster));
    let remote = |other: ClusterId| {
        let (address, port) = endpoint(model.clusters[other].clustermesh.as_ref()?.value.as_str())?;
        Some(Remote { name: names.of(other), address: address.to_owned(), port })
    };
    let keeps_local = model.clusters[cluster].cilium.is_none_or(|version| version.value >= LOCAL_NAMESPACES);
    ClusterMesh {
        use_api_server: !others.is_empty(),
        max_connected_clusters: 255,
        cache_ttl: mesh.and_then(|mesh| mesh.forget_lost_after).map(|after| format!("{}s", after.value.as_secs())),
        default_global_namespace: keeps_local.then_some(false),
        policy_default_local_cluster: true,
        enable_endpoint_slice_synchronization: exports_headless(model, cluster),
        mcsapi: Switch { enabled: is_on(target) },
        config: Config { enabled: !others.is_empty(), clusters: others.iter().filter_map(remote).collect() },
    }
}

/// `host:port`; an IPv6 host stands in brackets.
fn endpoint(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').map_or(Some(host), |host| host.strip_suffix(']'))?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then_some((host, port))
}

fn exports_headless(model: &Model, cluster: ClusterId) -> bool {
    let mesh = model.mesh_of(cluster);
    let exports = model.exports.iter().filter(|export| Some(export.mesh.value) == mesh);
    exports.filter(|export| (export.from | export.consume).contains(cluster)).any(|export| {
        let mut variants = model.services[export.service.value].variants.iter();
        variants.any(|(_, spec)| spec.address == ServiceAddress::Headless)
    })
}

fn uses_sctp(plan: &Plan, cluster: ClusterId) -> bool {
    let sctp = Protocol::Transport(Transport::Sctp);
    let by_rule = plan.rules.rows().iter().any(|rule| match &rule.ports {
        Ports::Any => false,
        Ports::Ranges(ranges) => {
            ranges.iter().any(|range| range.protocol == sctp)
                && rule.subjects.iter().any(|set| set.clusters.contains(cluster))
        }
    });
    let specs = plan.model.services.rows().iter().filter_map(|service| service.at(cluster));
    by_rule || specs.flat_map(|spec| &spec.ports).any(|port| port.transport == Transport::Sctp)
}

/// Labels that tell this cluster's pods apart, and no others: any further one only multiplies identities.
fn labels(model: &Model, cluster: ClusterId) -> String {
    let keys = |selector: &Selector| -> Vec<String> {
        selector.requirements.iter().map(|requirement| requirement.key.to_string()).collect()
    };
    let identities = model.identities.rows().iter().filter(|identity| identity.clusters.contains(cluster));
    let of_pods = identities.flat_map(|identity| match &identity.pods {
        PodSelection::Declared { matches, .. } => matches.iter().flat_map(keys).collect(),
        PodSelection::Unlisted => Vec::new(),
    });
    let of_externals = model.externals.rows().iter().flat_map(|external| &external.pods);
    let of_externals = of_externals.flat_map(|pods| keys(&pods.value.selector));
    let own = OWN_LABELS.into_iter().map(str::to_owned);
    let keys: BTreeSet<String> = own.chain(of_pods).chain(of_externals).collect();
    let patterns: Vec<String> = keys.iter().map(|key| format!("k8s:{}$", key.replace('.', "\\."))).collect();
    patterns.join(" ")
}

/// The smallest block that holds the pods of all members, of one family: what is sent inside keeps its source address. None where it would
/// hold a good part of the internet too.
fn smallest_around(model: &Model, members: ClusterSet, is_family: fn(&Cidr) -> bool) -> Option<Cidr> {
    let rows = members.iter().map(|member| &model.clusters[member]);
    let blocks = rows.flat_map(|row| &row.pods).map(|pods| pods.value).filter(is_family);
    let around = blocks.reduce(|around, block| {
        let wider = std::iter::successors(Some(around), Cidr::supernet);
        wider.take_while(|wider| !wider.contains(&block)).last().and_then(|last| last.supernet()).unwrap_or(around)
    });
    around.filter(|around| around.prefix_len() >= 8)
}
