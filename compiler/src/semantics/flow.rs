//! Flows and their ends.

use std::net::IpAddr;

use crate::model::{ClusterId, IdentityId, Labels, Name, Protocol, Request};

/// A connection attempt, after translation of service addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it comes from.
    pub source: End,
    /// Where it goes to.
    pub destination: End,
    /// Its protocol.
    pub protocol: Protocol,
    /// The destination's port, or the ICMP type.
    pub port: u16,
    /// A literal HTTP request on it; without one, the connection itself is asked about.
    pub request: Option<Request>,
}

/// One end of a flow: one pod, node or address, by everything that can matter to a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A pod of an identity.
    Pod {
        /// Its identity.
        identity: IdentityId,
        /// Where it runs.
        cluster: ClusterId,
        /// Its address, which is all that is seen of it where it isn't known. Without one it is in no CIDR.
        address: Option<IpAddr>,
    },
    /// A pod that the fleet does not govern.
    Foreign {
        /// Where it runs.
        cluster: ClusterId,
        /// Which.
        pod: ForeignPod,
        /// As for [`End::Pod`].
        address: Option<IpAddr>,
    },
    /// A DNS pod of the cluster.
    ClusterDns {
        /// Where it runs.
        cluster: ClusterId,
        /// As for [`End::Pod`].
        address: Option<IpAddr>,
    },
    /// The node that the other end's pod runs on.
    Host {
        /// The cluster of both.
        cluster: ClusterId,
    },
    /// Any other node.
    RemoteNode {
        /// Its cluster.
        cluster: ClusterId,
        /// As for [`End::Pod`].
        address: Option<IpAddr>,
    },
    /// An API server.
    KubeApiserver {
        /// Whose.
        cluster: ClusterId,
        /// Where it runs.
        server: ApiServer,
    },
    /// A gateway's proxy.
    Gateway {
        /// Where it runs.
        cluster: ClusterId,
    },
    /// Something outside every cluster.
    World(WorldEnd),
}

impl End {
    /// The cluster that the end is in.
    #[must_use]
    pub fn cluster(&self) -> Option<ClusterId> {
        match self {
            Self::Pod { cluster, .. }
            | Self::Foreign { cluster, .. }
            | Self::ClusterDns { cluster, .. }
            | Self::Host { cluster }
            | Self::RemoteNode { cluster, .. }
            | Self::KubeApiserver { cluster, .. }
            | Self::Gateway { cluster } => Some(*cluster),
            Self::World(_) => None,
        }
    }
}

/// A pod that the fleet does not govern: its namespace isn't declared, or has no pods of the fleet's in that cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignPod {
    /// Its namespace; nothing for one that no declaration mentions.
    pub namespace: Option<Name>,
    /// Its labels.
    pub labels: Labels,
}

/// Where an API server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiServer {
    /// Outside the cluster's nodes: it is nothing but the API server.
    Managed,
    /// On a node: rules about `remote-nodes` are about it too.
    OnNode,
}

/// Something outside every cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorldEnd {
    /// An address that belongs to no pod or node.
    Address(IpAddr),
    /// A DNS name, whose address is DNS's to decide; only ever a destination.
    Name(Name),
}
