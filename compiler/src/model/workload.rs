//! Who there is: identities, groups, externals, and the services in front of them.

use fleetnet_lang::Span;

use super::{
    CidrBlock, ClusterId, ClusterSet, DnsPattern, IdentityId, Labels, Name, NamespaceId, Selector, ServiceId, Spanned,
    Transport,
};

/// Pods of one namespace that are the same to every rule.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name in the namespace; `unlisted` for the pods that match no other.
    pub name: Spanned<Name>,
    /// Which pods.
    pub pods: PodSelection,
    /// Where it runs, within its namespace's clusters; for unlisted pods those where a pod can be unlisted.
    pub clusters: ClusterSet,
    /// Port names that it declares itself.
    pub ports: Vec<NamedPort>,
    /// Its labels for `group … where` and CEL: the equalities that all its `match`es share and its namespace's labels, its own first.
    pub labels: Labels,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// Which pods an identity stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodSelection {
    /// Pods with labels that one of the selectors matches (all labels, if there is none) and with the service account, if one is given.
    Declared {
        /// Any of them.
        matches: Vec<Selector>,
        /// The pods' service account.
        account: Option<Name>,
    },
    /// Pods of the namespace that none of its declared identities that run in the same cluster matches.
    Unlisted,
}

/// `port NAME N/PROTO` of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPort {
    /// The name.
    pub name: Spanned<Name>,
    /// The number.
    pub number: u16,
    /// The protocol.
    pub transport: Transport,
}

/// A named set of identities.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its members, nested groups unfolded; sorted.
    pub members: Vec<IdentityId>,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// Something that the fleet does not govern.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: Spanned<Name>,
    /// Addresses.
    pub cidrs: Vec<Spanned<CidrBlock>>,
    /// DNS names.
    pub names: Vec<Spanned<DnsPattern>>,
    /// Pods of namespaces that aren't declared.
    pub pods: Vec<Spanned<ForeignPods>>,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// Pods of a namespace that isn't declared, wherever they are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignPods {
    /// The namespace.
    pub namespace: Name,
    /// Which of its pods; all, if nothing is said.
    pub selector: Selector,
}

/// A Service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub name: Spanned<Name>,
    /// Namespaces whose routes may use it.
    pub routes_from: Vec<Spanned<Name>>,
    /// What it is in each cluster: disjoint sets that together cover all clusters of its namespace.
    pub variants: Vec<(ClusterSet, ServiceSpec)>,
    /// Labels, passed on.
    pub labels: Labels,
    /// Annotations, passed on.
    pub annotations: Labels,
    /// The doc comment.
    pub doc: Option<Name>,
}

impl Service {
    /// What it is in a cluster, if it can be there.
    #[must_use]
    pub fn at(&self, cluster: ClusterId) -> Option<&ServiceSpec> {
        self.variants.iter().find(|(clusters, _)| clusters.contains(cluster)).map(|(_, spec)| spec)
    }

    /// The identities behind it, anywhere.
    pub fn identities(&self) -> impl Iterator<Item = IdentityId> {
        self.variants.iter().map(|(_, spec)| spec.pods.value)
    }
}

/// What a service is in some clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// The pods behind it.
    pub pods: Spanned<IdentityId>,
    /// Its ports, in the order of the source.
    pub ports: Vec<ServicePort>,
    /// How it is offered.
    pub kind: ServiceType,
    /// Whether it has an address of its own.
    pub address: ServiceAddress,
    /// Prefix of its public DNS label.
    pub dns_label: Option<Spanned<Name>>,
    /// Whether traffic from outside keeps its source address.
    pub external_traffic_policy: ExternalTrafficPolicy,
    /// Where that was written, if it was.
    pub external_traffic_policy_span: Option<Span>,
}

/// `port NAME N -> TARGET/PROTO`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// The name.
    pub name: Spanned<Name>,
    /// The service's port.
    pub port: u16,
    /// The pods' port.
    pub target: u16,
    /// The protocol.
    pub transport: Transport,
    /// `appProtocol`.
    pub app_protocol: Option<Name>,
}

/// How a service is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceType {
    /// On an address inside the cluster.
    #[default]
    ClusterIp,
    /// On a port of every node as well.
    NodePort,
    /// On a load balancer's address as well.
    LoadBalancer,
}

/// Whether a service has an address of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceAddress {
    /// One address for all its pods.
    #[default]
    Own,
    /// None: its name resolves to the pods (`headless`).
    Headless,
}

/// Where traffic from outside is sent on to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExternalTrafficPolicy {
    /// Only pods of the node that got it, with the client's address.
    #[default]
    Local,
    /// Any pod, with the node's address.
    Cluster,
}

/// `export NS/NAME to MESH`.
#[derive(Clone, Debug)]
pub struct Export {
    /// What is exported.
    pub service: Spanned<ServiceId>,
    /// Into which mesh.
    pub mesh: Spanned<super::MeshId>,
    /// Who offers it: clusters that run it, within the mesh's `publish`.
    pub from: ClusterSet,
    /// Where `from` was written, if it was.
    pub from_span: Option<Span>,
    /// Who gets it; within the mesh's `consume`.
    pub consume: ClusterSet,
    /// Which backends come first.
    pub affinity: Affinity,
    /// Weights, where written.
    pub weights: Option<Weights>,
    /// Labels, passed on.
    pub labels: Labels,
    /// Annotations, passed on.
    pub annotations: Labels,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// Which backends of a global service come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Affinity {
    /// Those of the caller's cluster, others only when none of them is ready.
    Local,
    /// Those of other clusters, the caller's own only when none of them is ready.
    Remote,
    /// None.
    #[default]
    None,
}

/// Shares as asked for: ratios, whether written as numbers or percentages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// For each cluster, in order of the source; all numbers, or all percentages in millionths.
    pub shares: Vec<Share>,
    /// The whole text.
    pub span: Span,
}

/// The weight of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The cluster.
    pub cluster: Spanned<ClusterId>,
    /// Its part; a ratio to the others.
    pub weight: Spanned<u64>,
}
