//! The two kinds of records that conditions are about: a flow (`require`) and a cluster (`where`).

use std::borrow::Cow;

use super::schema::{Entry, Field, Record, Scalar, Type, Value};
use crate::model::{Cluster, Labels, Name, Protocol, Spanned, Transport};
use crate::semantics::End;

const TEXT: Type = Type::Scalar(Scalar::Text);
const TEXTS: Type = Type::List(Some(Scalar::Text));

/// A field of `flow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowField {
    /// `flow.src.…`.
    Source(EndField),
    /// `flow.dst.…`.
    Destination(EndField),
    /// `flow.port`.
    Port,
    /// `flow.protocol`.
    Protocol,
    /// `flow.known`.
    Known,
}

/// A field of one end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndField {
    /// `.kind`.
    Kind,
    /// `.name`.
    Name,
    /// `.namespace`.
    Namespace,
    /// `.cluster`.
    Cluster,
    /// `.region`.
    Region,
    /// `.labels`.
    Labels,
    /// `.groups`.
    Groups,
    /// `.external`.
    External,
}

impl Field for FlowField {
    const ROOT: &'static str = "flow";
    const TREE: &'static [Entry<Self>] = &[
        Entry::Record(
            "src",
            &[
                Entry::Leaf("kind", TEXT, Self::Source(EndField::Kind)),
                Entry::Leaf("name", TEXT, Self::Source(EndField::Name)),
                Entry::Leaf("namespace", TEXT, Self::Source(EndField::Namespace)),
                Entry::Leaf("cluster", TEXT, Self::Source(EndField::Cluster)),
                Entry::Leaf("region", TEXT, Self::Source(EndField::Region)),
                Entry::Leaf("labels", Type::Labels, Self::Source(EndField::Labels)),
                Entry::Leaf("groups", TEXTS, Self::Source(EndField::Groups)),
                Entry::Leaf("external", TEXTS, Self::Source(EndField::External)),
            ],
        ),
        Entry::Record(
            "dst",
            &[
                Entry::Leaf("kind", TEXT, Self::Destination(EndField::Kind)),
                Entry::Leaf("name", TEXT, Self::Destination(EndField::Name)),
                Entry::Leaf("namespace", TEXT, Self::Destination(EndField::Namespace)),
                Entry::Leaf("cluster", TEXT, Self::Destination(EndField::Cluster)),
                Entry::Leaf("region", TEXT, Self::Destination(EndField::Region)),
                Entry::Leaf("labels", Type::Labels, Self::Destination(EndField::Labels)),
                Entry::Leaf("groups", TEXTS, Self::Destination(EndField::Groups)),
                Entry::Leaf("external", TEXTS, Self::Destination(EndField::External)),
            ],
        ),
        Entry::Leaf("port", Type::Scalar(Scalar::Port), Self::Port),
        Entry::Leaf("protocol", TEXT, Self::Protocol),
        Entry::Leaf("known", Type::Scalar(Scalar::Bool), Self::Known),
    ];

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Source(EndField::Kind) | Self::Destination(EndField::Kind) => EndKind::WORDS,
            Self::Protocol => &["tcp", "udp", "sctp", "icmp"],
            Self::Source(_) | Self::Destination(_) | Self::Port | Self::Known => &[],
        }
    }
}

/// What kind of thing an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndKind {
    /// A pod of an identity.
    Pod,
    /// A pod that the fleet does not govern.
    Foreign,
    /// The node of the other end's pod.
    Host,
    /// Another node.
    RemoteNode,
    /// An API server.
    KubeApiserver,
    /// A gateway's proxy.
    Gateway,
    /// A cluster's DNS.
    ClusterDns,
    /// Something outside every cluster.
    World,
}

impl EndKind {
    /// All of them as they are written in conditions.
    pub const WORDS: &'static [&'static str] =
        &["pod", "foreign", "host", "remote-node", "kube-apiserver", "gateway", "cluster-dns", "world"];

    /// The kind of an end.
    #[must_use]
    pub fn of(end: &End) -> Self {
        match end {
            End::Pod { .. } => Self::Pod,
            End::Foreign { .. } => Self::Foreign,
            End::ClusterDns { .. } => Self::ClusterDns,
            End::Host { .. } => Self::Host,
            End::RemoteNode { .. } => Self::RemoteNode,
            End::KubeApiserver { .. } => Self::KubeApiserver,
            End::Gateway { .. } => Self::Gateway,
            End::World(_) => Self::World,
        }
    }

    /// As it is written in conditions.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Foreign => "foreign",
            Self::Host => "host",
            Self::RemoteNode => "remote-node",
            Self::KubeApiserver => "kube-apiserver",
            Self::Gateway => "gateway",
            Self::ClusterDns => "cluster-dns",
            Self::World => "world",
        }
    }
}

/// What a condition can read of one end. Text that does not apply is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRecord {
    /// What it is.
    pub kind: EndKind,
    /// `NS/NAME` of a pod's identity, or a DNS name.
    pub name: String,
    /// A pod's namespace.
    pub namespace: String,
    /// Where it runs.
    pub cluster: String,
    /// The region of that cluster.
    pub region: String,
    /// A pod's labels.
    pub labels: Labels,
    /// The groups that its identity is in, in order.
    pub groups: Vec<Name>,
    /// The externals that it is part of, in order.
    pub external: Vec<Name>,
}

impl Record<EndField> for EndRecord {
    fn value(&self, field: EndField) -> Value<'_> {
        match field {
            EndField::Kind => Value::text(self.kind.text()),
            EndField::Name => Value::text(&self.name),
            EndField::Namespace => Value::text(&self.namespace),
            EndField::Cluster => Value::text(&self.cluster),
            EndField::Region => Value::text(&self.region),
            EndField::Labels => Value::Labels(Cow::Borrowed(&self.labels)),
            EndField::Groups => names(&self.groups),
            EndField::External => names(&self.external),
        }
    }
}

fn names(names: &[Name]) -> Value<'_> {
    Value::List(names.iter().map(|name| Value::text(name.as_str())).collect())
}

/// A flow as conditions see it.
#[derive(Clone, Copy, Debug)]
pub struct FlowRecord<'a> {
    /// The source.
    pub source: &'a EndRecord,
    /// The destination.
    pub destination: &'a EndRecord,
    /// The destination's port, or the ICMP type.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// Whether each end sees the other as what it is.
    pub known: bool,
}

impl Record<FlowField> for FlowRecord<'_> {
    fn value(&self, field: FlowField) -> Value<'_> {
        match field {
            FlowField::Source(field) => self.source.value(field),
            FlowField::Destination(field) => self.destination.value(field),
            FlowField::Port => Value::Int(self.port.into()),
            FlowField::Protocol => Value::text(protocol_text(self.protocol)),
            FlowField::Known => Value::Bool(self.known),
        }
    }
}

fn protocol_text(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Transport(transport) => Transport::keyword(transport),
        Protocol::IcmpV4 | Protocol::IcmpV6 => "icmp",
    }
}

/// A field of `cluster`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterField {
    /// `cluster.name`.
    Name,
    /// `cluster.id`, 0 where none is declared.
    Id,
    /// `cluster.region`.
    Region,
    /// `cluster.zone`.
    Zone,
    /// `cluster.labels`.
    Labels,
    /// `cluster.cilium`.
    Cilium,
}

impl Field for ClusterField {
    const ROOT: &'static str = "cluster";
    const TREE: &'static [Entry<Self>] = &[
        Entry::Leaf("name", TEXT, Self::Name),
        Entry::Leaf("id", Type::Scalar(Scalar::Int), Self::Id),
        Entry::Leaf("region", TEXT, Self::Region),
        Entry::Leaf("zone", TEXT, Self::Zone),
        Entry::Leaf("labels", Type::Labels, Self::Labels),
        Entry::Leaf("cilium", Type::Scalar(Scalar::Version), Self::Cilium),
    ];

    fn words(self) -> &'static [&'static str] {
        &[]
    }
}

/// A cluster as conditions see it.
#[derive(Clone, Copy, Debug)]
pub struct ClusterRecord<'a>(pub &'a Cluster);

impl Record<ClusterField> for ClusterRecord<'_> {
    fn value(&self, field: ClusterField) -> Value<'_> {
        let Self(cluster) = self;
        match field {
            ClusterField::Name => Value::text(cluster.name.value.as_str()),
            ClusterField::Id => Value::Int(cluster.id.map_or(0, |id| id.value.into())),
            ClusterField::Region => declared(cluster.region.as_ref()),
            ClusterField::Zone => declared(cluster.zone.as_ref()),
            ClusterField::Labels => Value::Labels(Cow::Borrowed(&cluster.labels)),
            ClusterField::Cilium => Value::Version(cluster.cilium.map(|version| version.value)),
        }
    }
}

fn declared(name: Option<&Spanned<Name>>) -> Value<'_> {
    Value::text(name.map_or("", |name| name.value.as_str()))
}
