//! Rules with everything resolved: one direction each, subjects and peers as sets of pods, ports as numbers.

use smallvec::SmallVec;

use crate::model::{
    CidrBlock, ClusterId, ClusterSet, Direction, DnsPattern, ForeignPods, Id, IdentityId, PodSets, PortRange, Protocol,
    Request, RuleId, Verb,
};

/// A rule of the plan, in source order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub u32);

impl Id for RuleIndex {
    fn index(self) -> usize {
        self.0 as usize
    }

    fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// One direction of a written rule, for destinations on which its ports mean the same.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule as written.
    pub source: RuleId,
    /// Allow or deny.
    pub verb: Verb,
    /// Whose ingress or egress it is about.
    pub direction: Direction,
    /// Whom it is about.
    pub subjects: PodSets,
    /// The other ends.
    pub peers: Peers,
    /// The destination's ports.
    pub ports: Ports,
    /// The requests admitted, sorted; none for all.
    pub requests: Vec<Request>,
}

impl Rule {
    /// Whether a pod is one of the subjects.
    #[must_use]
    pub fn is_about(&self, identity: IdentityId, cluster: ClusterId) -> bool {
        contains(&self.subjects, identity, cluster)
    }
}

/// The other ends of a rule. Most rules have one, which lies in the rule itself: checks look through all rules many times.
pub type Peers = SmallVec<[Peer; 1]>;

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Pods of the fleet's, where they are known.
    Pods {
        /// Which.
        pods: PodSets,
        /// Whether only those of the subject's cluster.
        locality: Locality,
    },
    /// Pods that are known and that the fleet does not govern, less `cluster-dns`.
    Foreign {
        /// Where they run.
        clusters: ClusterSet,
        /// Whether only those of the subject's cluster.
        locality: Locality,
    },
    /// Pods of an undeclared namespace.
    ForeignPods {
        /// Which.
        pods: ForeignPods,
        /// Where they run.
        clusters: ClusterSet,
        /// Whether only those of the subject's cluster.
        locality: Locality,
    },
    /// Every address that isn't a pod or node known here, and every name.
    World,
    /// The part of `world` with these addresses.
    Cidr(CidrBlock),
    /// The part of `world` with these names.
    Dns(DnsPattern),
    /// The subject's own node.
    Host,
    /// The other nodes of the mesh.
    RemoteNodes,
    /// The API server of the subject's cluster.
    KubeApiserver,
    /// What the gateways of the mesh proxy.
    Gateways,
    /// The DNS pods of the subject's cluster.
    ClusterDns,
    /// The cloud's metadata addresses.
    CloudMetadata,
}

impl Peer {
    /// The pods of the fleet's that it is, if it is that.
    #[must_use]
    pub fn pods(&self) -> Option<&PodSets> {
        match self {
            Self::Pods { pods, .. } => Some(pods),
            Self::Foreign { .. }
            | Self::ForeignPods { .. }
            | Self::World
            | Self::Cidr(_)
            | Self::Dns(_)
            | Self::Host
            | Self::RemoteNodes
            | Self::KubeApiserver
            | Self::Gateways
            | Self::ClusterDns
            | Self::CloudMetadata => None,
        }
    }

    /// The addresses that it is, if it is some written in the source.
    #[must_use]
    pub fn block(&self) -> Option<&CidrBlock> {
        match self {
            Self::Cidr(block) => Some(block),
            Self::Pods { .. }
            | Self::Foreign { .. }
            | Self::ForeignPods { .. }
            | Self::World
            | Self::Dns(_)
            | Self::Host
            | Self::RemoteNodes
            | Self::KubeApiserver
            | Self::Gateways
            | Self::ClusterDns
            | Self::CloudMetadata => None,
        }
    }
}

/// Whether a peer must run in the subject's own cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locality {
    /// Wherever it is said to run.
    Anywhere,
    /// Only in the subject's cluster (`in local`).
    SubjectCluster,
}

impl Locality {
    /// Whether a peer in one cluster counts for a subject in another.
    #[must_use]
    pub fn admits(self, subject: ClusterId, peer: ClusterId) -> bool {
        match self {
            Self::Anywhere => true,
            Self::SubjectCluster => subject == peer,
        }
    }
}

/// The ports of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ports {
    /// Any port of any protocol, ICMP included.
    Any,
    /// These, sorted; ranges of one protocol neither overlap nor touch. Never empty.
    Ranges(SmallVec<[PortRange; 2]>),
}

impl Ports {
    /// Sorts and joins ranges.
    #[must_use]
    pub fn of(mut ranges: Vec<PortRange>) -> Self {
        ranges.sort_unstable();
        let mut joined: SmallVec<[PortRange; 2]> = SmallVec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if last.protocol == range.protocol && u32::from(range.first) <= u32::from(last.last) + 1 => {
                    last.last = last.last.max(range.last);
                }
                Some(_) | None => joined.push(range),
            }
        }
        Self::Ranges(joined)
    }

    /// Whether a flow to `port` of `protocol` is among them.
    #[must_use]
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.contains(protocol, port)),
        }
    }
}

/// Whether a pod is in the sets.
#[must_use]
pub fn contains(pods: &PodSets, identity: IdentityId, cluster: ClusterId) -> bool {
    let found = pods.binary_search_by_key(&identity, |set| set.identity);
    found.ok().and_then(|index| pods.get(index)).is_some_and(|set| set.clusters.contains(cluster))
}
