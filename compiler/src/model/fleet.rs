//! Where things are: the fleet itself, its clusters, meshes and namespaces.

use std::time::Duration;

use fleetnet_lang::{Code, Span};

use super::{Cidr, ClusterId, ClusterSet, Labels, MeshId, Name, Selector, Spanned};

/// The one root of a package.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Its name.
    pub name: Spanned<Name>,
    /// The systems that it is compiled for, in the order of the source.
    pub targets: Vec<Target>,
    /// Which target enforces policy where several could.
    pub policy_by: Vec<PolicyBy>,
    /// What happens to a flow that no rule speaks of.
    pub default: Defaults,
    /// Whether look-ups at `cluster-dns` pass without a rule.
    pub dns: DnsAccess,
    /// Largest error of a realised share, in hundredths of a percent; 100 unless said.
    pub weight_error: u32,
    /// Size of a policy map in entries; 16384 unless said.
    pub policy_map: u32,
    /// Files that may speak for every namespace: path prefixes.
    pub files: Vec<Spanned<Name>>,
    /// The doc comment.
    pub doc: Option<Name>,
}

impl Fleet {
    /// The declaration of a target, where a cluster has it.
    #[must_use]
    pub fn target_on(&self, kind: TargetKind, cluster: ClusterId) -> Option<&Target> {
        self.targets.iter().find(|target| target.kind.value == kind && target.clusters.contains(cluster))
    }

    /// The clusters whose namespaces and services one data path joins.
    #[must_use]
    pub fn joined(&self) -> ClusterSet {
        self.clusters_of(TargetKind::AzureFleet) | self.clusters_of(TargetKind::Cilium)
    }

    /// The clusters that a system is declared for.
    #[must_use]
    pub fn clusters_of(&self, kind: TargetKind) -> ClusterSet {
        let declared = self.targets.iter().filter(|target| target.kind.value == kind);
        declared.fold(ClusterSet::EMPTY, |all, target| all | target.clusters)
    }
}

/// Whether pods reach `cluster-dns` without a rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsAccess {
    /// A built-in allow on 53/udp and 53/tcp.
    BuiltIn,
    /// `dns strict`: only by rules.
    Strict,
}

/// A verb of a rule or a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Lets flows pass.
    Allow,
    /// Keeps flows from passing; beats every allow.
    Deny,
}

/// A direction, as seen from a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Towards the pod.
    Ingress,
    /// From the pod.
    Egress,
}

impl Direction {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Ingress, Self::Egress];
}

/// Declared defaults; a direction without one takes that of the next wider declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// For flows towards pods.
    pub ingress: Option<Spanned<Verb>>,
    /// For flows from pods.
    pub egress: Option<Spanned<Verb>>,
}

impl Defaults {
    /// The default of one direction.
    #[must_use]
    pub fn of(&self, direction: Direction) -> Option<Spanned<Verb>> {
        match direction {
            Direction::Ingress => self.ingress,
            Direction::Egress => self.egress,
        }
    }
}

/// A system that the fleet can be compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// Azure Kubernetes Fleet Manager.
    AzureFleet,
    /// Self-managed Cilium ClusterMesh.
    Cilium,
    /// The SIG Multi-Cluster Services API.
    Mcs,
    /// The Gateway API.
    GatewayApi,
    /// Plain NetworkPolicies.
    NetworkPolicy,
    /// Istio.
    Istio,
    /// Linkerd.
    Linkerd,
    /// VNet peering with private DNS zones.
    AzureNetwork,
    /// Map images for kernels.
    Bpf,
}

impl TargetKind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::AzureFleet,
        Self::Cilium,
        Self::Mcs,
        Self::GatewayApi,
        Self::NetworkPolicy,
        Self::Istio,
        Self::Linkerd,
        Self::AzureNetwork,
        Self::Bpf,
    ];

    /// As it is written in the language.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::AzureFleet => "azure-fleet",
            Self::Cilium => "cilium",
            Self::Mcs => "mcs",
            Self::GatewayApi => "gateway-api",
            Self::NetworkPolicy => "network-policy",
            Self::Istio => "istio",
            Self::Linkerd => "linkerd",
            Self::AzureNetwork => "azure-network",
            Self::Bpf => "bpf",
        }
    }
}

/// One `target` of the fleet.
#[derive(Clone, Debug)]
pub struct Target {
    /// The system.
    pub kind: Spanned<TargetKind>,
    /// The clusters it is for; all unless said.
    pub clusters: ClusterSet,
    /// Its settings; keys are those the target knows.
    pub settings: Vec<Setting>,
}

impl Target {
    /// The value of a setting.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Spanned<Name>> {
        self.settings.iter().find(|setting| setting.key.value.as_str() == key).map(|setting| &setting.value)
    }
}

/// `KEY value` of a target.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key.
    pub key: Spanned<Name>,
    /// The value, without quotes.
    pub value: Spanned<Name>,
}

/// `policy-by TARGET for SET`.
#[derive(Clone, Debug)]
pub struct PolicyBy {
    /// The target that enforces.
    pub kind: Spanned<TargetKind>,
    /// Where.
    pub clusters: ClusterSet,
}

/// A member of the fleet.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its number in the data path, 1 to 255.
    pub id: Option<Spanned<u8>>,
    /// What the data path calls it, where written.
    pub cilium_name: Option<Spanned<Name>>,
    /// Cloud region.
    pub region: Option<Spanned<Name>>,
    /// Zone in the region.
    pub zone: Option<Spanned<Name>>,
    /// Labels.
    pub labels: Labels,
    /// Addresses of its pods.
    pub pods: Vec<Spanned<Cidr>>,
    /// Addresses of its nodes.
    pub nodes: Vec<Spanned<Cidr>>,
    /// Addresses of its services.
    pub services: Vec<Spanned<Cidr>>,
    /// Version of its data path.
    pub cilium: Option<Spanned<Version>>,
    /// IPAM mode.
    pub ipam: Option<Spanned<Name>>,
    /// Resource id of its virtual network.
    pub vnet: Option<Spanned<Name>>,
    /// `host:port` of its mesh API server.
    pub clustermesh: Option<Spanned<Name>>,
    /// Name of its kubeconfig context.
    pub context: Option<Spanned<Name>>,
    /// The doc comment.
    pub doc: Option<Name>,
}

impl Cluster {
    /// The address families of its pods, by their CIDRs.
    #[must_use]
    pub fn families(&self) -> Families {
        let four = self.pods.iter().any(|range| matches!(range.value, Cidr::V4(_)));
        let six = self.pods.iter().any(|range| matches!(range.value, Cidr::V6(_)));
        match (four, six) {
            (true, true) => Families::Both,
            (false, true) => Families::V6,
            (_, false) => Families::V4,
        }
    }
}

/// The address families of a cluster's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Families {
    /// IPv4 alone; also where nothing is said.
    V4,
    /// IPv6 alone.
    V6,
    /// Dual stack.
    Both,
}

impl Families {
    /// Whether packets of the CIDR's family can occur.
    #[must_use]
    pub fn have(self, cidr: &Cidr) -> bool {
        match (self, cidr) {
            (Self::Both, _) | (Self::V4, Cidr::V4(_)) | (Self::V6, Cidr::V6(_)) => true,
            (Self::V4, Cidr::V6(_)) | (Self::V6, Cidr::V4(_)) => false,
        }
    }
}

/// A released version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Patch.
    pub patch: u16,
}

impl MemberText {
    /// Where the members are written.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Selector(selector) => selector.span,
            Self::Other(span) => *span,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A cross-cluster network.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its members.
    pub members: ClusterSet,
    /// How the members were written: a target may only know selectors.
    pub written: MemberText,
    /// Who may export into it; within `members`.
    pub publish: ClusterSet,
    /// Where `publish` was written, if it was.
    pub publish_span: Option<Span>,
    /// Who gets its services; within `members`.
    pub consume: ClusterSet,
    /// Where `consume` was written, if it was.
    pub consume_span: Option<Span>,
    /// How packets travel; native unless said.
    pub routing: Routing,
    /// Encryption between nodes.
    pub encryption: Option<Spanned<Encryption>>,
    /// When a silent cluster's backends are dropped.
    pub forget_lost_after: Option<Spanned<Duration>>,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// How the members of a mesh were written.
#[derive(Clone, Debug)]
pub enum MemberText {
    /// One `where SELECTOR` and nothing else.
    Selector(Spanned<Selector>),
    /// Any other set.
    Other(Span),
}

/// How packets travel between clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// Pod addresses are routable.
    Native,
    /// In a tunnel between nodes.
    Tunnel,
}

/// Encryption between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// WireGuard.
    Wireguard,
    /// IPsec.
    Ipsec,
    /// None, said so.
    None,
}

/// A namespace that the fleet governs.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: Spanned<Name>,
    /// Where it exists with pods of its own.
    pub clusters: ClusterSet,
    /// Meshes in which its pods are known.
    pub global_in: Vec<Spanned<MeshId>>,
    /// Labels of the namespace.
    pub labels: Labels,
    /// Annotations, passed on.
    pub annotations: Labels,
    /// Who owns it.
    pub owner: Option<Spanned<Name>>,
    /// Files that may speak for it: path prefixes.
    pub files: Vec<Spanned<Name>>,
    /// Its defaults.
    pub default: Defaults,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// `waive CODE "reason"`: a finding that somebody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waive {
    /// What is silenced; never an error.
    pub code: Code,
    /// Why.
    pub reason: Option<Name>,
    /// The declaration or block inside of which it is.
    pub scope: Span,
    /// The statement.
    pub span: Span,
}
