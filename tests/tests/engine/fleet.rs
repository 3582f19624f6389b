//! A compiled fleet as cases for the engine: one for each cluster.

use std::collections::BTreeSet;

use fleetnet_compiler::compile::{Compiled, LOCK_FILE};
use fleetnet_compiler::image::content::Universe;
use fleetnet_compiler::image::section::entry::MapKind;
use fleetnet_compiler::image::{Image, file};
use fleetnet_compiler::lock::Lock;
use fleetnet_compiler::model::{ClusterId, Families, PortRange, Protocol, Transport};
use fleetnet_compiler::plan::{Plan, Ports};
use fleetnet_lang::{FileId, SourceFile};
use fleetnet_tests::engine::{Case, Config, Endpoint, Identity, ProbePort, Probes};
use fleetnet_tests::manifest;
use serde_json::Value;

/// What a build says of one cluster.
pub struct Cluster {
    pub id: ClusterId,
    pub name: String,
    /// Who is known there, by number.
    pub universe: Universe,
    /// Computed from the plan.
    pub image: Image,
    /// The policy objects emitted for it.
    pub policies: Vec<Value>,
}

/// A port to ask about, and how the engine's protocol calls it.
#[derive(Clone, Debug)]
pub struct Probe {
    pub protocol: Protocol,
    pub port: u16,
}

/// The clusters of a build, in order; nothing if there is no build, or no map image of one of them.
pub fn clusters(compiled: &Compiled) -> Option<Vec<Cluster>> {
    let (plan, build) = (compiled.plan.as_ref()?, compiled.build.as_ref()?);
    let (lock, found) = Lock::read(FileId(0), &SourceFile::new(LOCK_FILE, build.lock.as_str()));
    assert_eq!(found, [], "the lock of a build can be read");
    let cluster = |(id, row): (ClusterId, &fleetnet_compiler::model::Cluster)| {
        let name = row.name.value.to_string();
        let folder = format!("clusters/{name}/");
        let inside =
            build.artifacts.iter().filter_map(|artifact| Some((artifact.path.strip_prefix(&folder)?, artifact)));
        let mut image = None;
        let mut policies = Vec::new();
        for (file_name, artifact) in inside {
            if file_name == "maps.fnimg" {
                image = Some(file::read(&artifact.bytes).expect("an image of a build can be read"));
            } else {
                let text = std::str::from_utf8(&artifact.bytes).expect("manifests are text");
                let objects = manifest::objects(text).expect("manifests are YAML");
                policies.extend(objects.into_iter().filter(|object| {
                    ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"].contains(&manifest::text(object, "/kind"))
                }));
            }
        }
        let universe = Universe::new(plan, &lock, id).ok()?;
        Some(Cluster { id, name, universe, image: image?, policies })
    };
    plan.model.clusters.iter().map(cluster).collect()
}

impl Cluster {
    /// The case for the engine: the identities of the image, and an endpoint for each of its policy maps.
    pub fn case(&self, plan: &Plan, policies: Vec<Value>, probes: &[Probe]) -> Case {
        let row = &plan.model.clusters[self.id];
        let identities = self.image.identities().iter().map(|row| Identity {
            id: row.number.0,
            labels: row.labels.iter().map(ToString::to_string).collect(),
            named_ports: Vec::new(),
        });
        let endpoints = self.subjects().zip(1..).map(|(subject, endpoint_id)| Endpoint {
            endpoint_id,
            identity: subject.0,
            named_ports: Vec::new(),
        });
        Case {
            name: self.name.clone(),
            config: Config {
                local_cluster: row.cilium_name.as_ref().unwrap_or(&row.name).value.to_string(),
                cluster_id: row.id.map_or(0, |id| id.value.into()),
                enable_ipv6: plan.model.clusters[self.id].families() == Families::Both,
                ..Config::default()
            },
            identities: identities.collect(),
            endpoints: endpoints.collect(),
            policies,
            manifests: String::new(),
            probes: Some(Probes { ports: probes.iter().map(Probe::for_engine).collect() }),
        }
    }

    /// Whose policy maps the image has.
    pub fn subjects(&self) -> impl Iterator<Item = fleetnet_abi::identity::Identity> {
        self.image.sections().iter().filter_map(|section| match section.map() {
            MapKind::Policy { subject } => Some(subject),
            MapKind::Ipcache => None,
        })
    }
}

impl Probe {
    fn for_engine(&self) -> ProbePort {
        let proto = match self.protocol {
            Protocol::Transport(Transport::Tcp) => "TCP",
            Protocol::Transport(Transport::Udp) => "UDP",
            Protocol::Transport(Transport::Sctp) => "SCTP",
            Protocol::IcmpV4 => "ICMP",
            Protocol::IcmpV6 => "ICMPv6",
        };
        ProbePort { proto: proto.to_owned(), port: self.port }
    }
}

/// The ports on both sides of every edge of every range that a rule of the fleet speaks of, and some that none may speak of. Never 0, which
/// no packet has; an ICMP type 0, which is a reply, is the data path's own.
pub fn probes(plan: &Plan) -> Vec<Probe> {
    let tcp = Protocol::Transport(Transport::Tcp);
    let udp = Protocol::Transport(Transport::Udp);
    let sctp = Protocol::Transport(Transport::Sctp);
    let mut ports = BTreeSet::from([(tcp, 53), (udp, 53), (tcp, 1), (udp, 65535), (sctp, 9)]);
    for protocol in [Protocol::IcmpV4, Protocol::IcmpV6] {
        ports.extend([(protocol, 8), (protocol, 128)]);
    }
    let ranges = plan.rules.rows().iter().flat_map(|rule| match &rule.ports {
        Ports::Any => &[][..],
        Ports::Ranges(ranges) => ranges.as_slice(),
    });
    for range in ranges {
        let last = PortRange::all(range.protocol).last;
        let edges = [range.first.checked_sub(1), Some(range.first), Some(range.last), range.last.checked_add(1)];
        let inside = edges.into_iter().flatten().filter(|port| (1..=last).contains(port));
        ports.extend(inside.map(|port| (range.protocol, port)));
    }
    ports.into_iter().map(|(protocol, port)| Probe { protocol, port }).collect()
}
