//! Who may talk to whom, as written.

use std::sync::Arc;

use fleetnet_lang::Span;

use super::{
    CidrBlock, ClusterSet, Defaults, Direction, DnsPattern, ExternalId, GroupId, IdentityId, Name, NamespaceId,
    PolicyId, PortExprs, Request, Spanned, Verb,
};

/// A named set of rules.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: Spanned<Name>,
    /// Whom it is about, or nothing if its rules name both ends.
    pub subject: Option<Vec<Peer>>,
    /// Defaults for its subject.
    pub default: Defaults,
    /// The doc comment.
    pub doc: Option<Name>,
    /// The whole declaration.
    pub span: Span,
}

/// A rule as written.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it stands.
    pub policy: PolicyId,
    /// Allow or deny.
    pub verb: Verb,
    /// Its ends.
    pub ends: RuleEnds,
    /// Its ports; empty for any port and protocol.
    pub ports: PortExprs,
    /// The requests that it admits; none for all. Never with a deny.
    pub requests: Vec<Spanned<Request>>,
    /// Why it is there.
    pub reason: Option<Name>,
    /// The whole rule.
    pub span: Span,
}

/// The ends of a rule.
#[derive(Clone, Debug)]
pub enum RuleEnds {
    /// `from` or `to` of the policy's subject.
    OneEnded {
        /// Ingress for `from`, egress for `to`.
        direction: Direction,
        /// The other end.
        peers: Vec<Peer>,
    },
    /// `A -> B`.
    TwoEnded {
        /// The sources.
        from: Vec<Peer>,
        /// The destinations.
        to: Vec<Peer>,
    },
}

/// One end of a flow as written.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Who.
    pub end: PeerEnd,
    /// Where they run.
    pub place: Place,
    /// The text, place included.
    pub span: Span,
}

/// Who an end is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerEnd {
    /// One identity.
    Identity(IdentityId),
    /// Every pod of a namespace.
    Namespace(NamespaceId),
    /// A group.
    Group(GroupId),
    /// Every pod of a declared namespace.
    All,
    /// An external.
    External(ExternalId),
    /// Addresses.
    Cidr(CidrBlock),
    /// A DNS name.
    Dns(DnsPattern),
    /// Something built in.
    BuiltIn(BuiltIn),
}

/// An end that every fleet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltIn {
    /// Pods known here that the fleet does not govern, less `cluster-dns`.
    Foreign,
    /// Every address that isn't a pod or node known here, and every DNS name.
    World,
    /// The pod's own node.
    Host,
    /// The other nodes of every cluster of the mesh.
    RemoteNodes,
    /// The API server.
    KubeApiserver,
    /// What a gateway of the cluster proxies.
    Gateways,
    /// The cluster's DNS pods.
    ClusterDns,
    /// The cloud's metadata addresses.
    CloudMetadata,
}

/// What `cloud-metadata` stands for: the instance metadata service and Azure's platform address.
pub const CLOUD_METADATA: [std::net::Ipv4Addr; 2] =
    [std::net::Ipv4Addr::new(169, 254, 169, 254), std::net::Ipv4Addr::new(168, 63, 129, 16)];
/// The namespace of the pods that `cluster-dns` stands for.
pub const CLUSTER_DNS_NAMESPACE: &str = "kube-system";
/// The label of the pods that `cluster-dns` stands for.
pub const CLUSTER_DNS_LABEL: (&str, &str) = ("k8s-app", "kube-dns");

impl BuiltIn {
    /// All of them, in the order of the grammar.
    pub const ALL: [Self; 8] = [
        Self::World,
        Self::Host,
        Self::RemoteNodes,
        Self::KubeApiserver,
        Self::Gateways,
        Self::ClusterDns,
        Self::CloudMetadata,
        Self::Foreign,
    ];

    /// As it is written in the language.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::World => "world",
            Self::Host => "host",
            Self::RemoteNodes => "remote-nodes",
            Self::KubeApiserver => "kube-apiserver",
            Self::Gateways => "gateways",
            Self::ClusterDns => "cluster-dns",
            Self::CloudMetadata => "cloud-metadata",
        }
    }
}

/// Where a peer's pods run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere they do.
    Everywhere,
    /// In the subject's own cluster; the span of `in local`.
    Local(Span),
    /// In these clusters; the span of `in …`.
    In(ClusterSet, Span),
}

/// Pods of one identity in some clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodSet {
    /// The identity.
    pub identity: IdentityId,
    /// The clusters, all of them among those where it runs; never empty.
    pub clusters: ClusterSet,
}

/// Pods of several identities: sorted by identity, one element each; shared, as rules about a large group are many.
pub type PodSets = Arc<[PodSet]>;
