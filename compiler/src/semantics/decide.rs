//! The verdict of one flow.

use std::net::IpAddr;

use super::{ApiServer, End, Flow, ForeignPod, WorldEnd};
use crate::model::{
    CLOUD_METADATA, ClusterId, ClusterSet, Direction, IdentityId, Name, NamespaceId, Protocol, Request, Spanned,
    Transport, Verb,
};
use crate::plan::{Locality, Peer, Plan, RuleIndex};

/// What both ends make of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// The source's side.
    pub egress: Side,
    /// The destination's side.
    pub ingress: Side,
}

impl Verdict {
    /// Whether the flow passes.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.egress.passes() && self.ingress.passes()
    }
}

/// One end's part in a verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The fleet has no say.
    Ungoverned,
    /// The fleet decides.
    Governed(Decision),
}

impl Side {
    /// Whether this side lets the flow pass.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Ungoverned | Self::Governed(Decision::Allowed { .. }) => true,
            Self::Governed(Decision::Denied(_) | Decision::RequestRefused { .. }) => false,
            Self::Governed(Decision::Default(default)) => default.value == Verb::Allow,
        }
    }
}

/// What decides one direction of a governed pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// A deny matches, or the pod stands where the fleet lets nothing run.
    Denied(Denial),
    /// Allows match, no deny does.
    Allowed {
        /// All of them, in order.
        by: Vec<Cause>,
        /// What they admit on the connection.
        admits: Admits,
    },
    /// Allows match the connection, none of them admits the request.
    RequestRefused {
        /// All of them, in order.
        by: Vec<Cause>,
    },
    /// Nothing matches, or nothing but allows where everything is allowed by default.
    Default(Spanned<Verb>),
}

/// Why a direction is denied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// By rules, in order.
    Rules(Vec<RuleIndex>),
    /// The pod stands in a namespace that is only a consumer's stub in its cluster.
    Stub(NamespaceId),
}

/// What allows a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A rule.
    Rule(RuleIndex),
    /// Built in: a node reaches its own pods.
    HostToOwnPods,
    /// Built in: pods reach their cluster's DNS.
    LookUps,
}

/// The requests that a connection may carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Admits {
    /// All.
    All,
    /// Those that one of these admits; sorted, without repetition.
    Requests(Vec<Request>),
}

/// The verdict of a flow.
#[must_use]
pub fn decide(plan: &Plan, flow: &Flow) -> Verdict {
    Verdict {
        egress: side(plan, Direction::Egress, &flow.source, &flow.destination, flow),
        ingress: side(plan, Direction::Ingress, &flow.destination, &flow.source, flow),
    }
}

fn side(plan: &Plan, direction: Direction, own: &End, other: &End, flow: &Flow) -> Side {
    match own {
        End::Pod { identity, cluster, .. } => {
            let subject = Subject { identity: *identity, cluster: *cluster };
            Side::Governed(decision(plan, direction, subject, &seen(plan, *cluster, other), flow))
        }
        End::Foreign { cluster, pod, .. } => match stub(plan, *cluster, pod) {
            Some(namespace) => Side::Governed(Decision::Denied(Denial::Stub(namespace))),
            None => Side::Ungoverned,
        },
        End::ClusterDns { .. }
        | End::Host { .. }
        | End::RemoteNode { .. }
        | End::KubeApiserver { .. }
        | End::Gateway { .. }
        | End::World(_) => Side::Ungoverned,
    }
}

/// The namespace that denies a pod everything, because it is only there for its services.
pub(crate) fn stub(plan: &Plan, cluster: ClusterId, pod: &ForeignPod) -> Option<NamespaceId> {
    let id = plan.model.namespace(pod.namespace.as_ref()?)?;
    plan.stubs[id].contains(cluster).then_some(id)
}

/// The pod whose rules are asked.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) identity: IdentityId,
    pub(crate) cluster: ClusterId,
}

/// An end as another cluster sees it.
pub(crate) enum Seen<'a> {
    /// By what it is.
    Known(&'a End),
    /// As an address, if it has one that matters.
    Address(Option<IpAddr>),
    /// As a name.
    Name(&'a Name),
}

/// How a cluster sees an end.
pub(crate) fn seen<'a>(plan: &Plan, by: ClusterId, end: &'a End) -> Seen<'a> {
    let known = |observers: ClusterSet, address: &Option<IpAddr>| {
        if observers.contains(by) { Seen::Known(end) } else { Seen::Address(*address) }
    };
    match end {
        End::Pod { identity, cluster, address } => {
            known(plan.observers(plan.model.identities[*identity].namespace, *cluster), address)
        }
        End::Foreign { cluster, pod, address } => known(foreign_observers(plan, *cluster, pod), address),
        End::ClusterDns { cluster, address } => known(plan.knowledge.foreign_observers(&plan.model, *cluster), address),
        End::RemoteNode { cluster, address } => known(plan.model.around(*cluster), address),
        End::Gateway { cluster } | End::KubeApiserver { cluster, server: ApiServer::OnNode } => {
            known(plan.model.around(*cluster), &None)
        }
        End::KubeApiserver { cluster, server: ApiServer::Managed } => known(ClusterSet::of(*cluster), &None),
        End::Host { .. } => Seen::Known(end),
        End::World(WorldEnd::Address(address)) => Seen::Address(Some(*address)),
        End::World(WorldEnd::Name(name)) => Seen::Name(name),
    }
}

/// A stray pod of a declared namespace is known wherever that namespace's pods are; others as their cluster has it.
fn foreign_observers(plan: &Plan, cluster: ClusterId, pod: &ForeignPod) -> ClusterSet {
    match stub(plan, cluster, pod) {
        Some(namespace) => plan.observers(namespace, cluster),
        None => plan.knowledge.foreign_observers(&plan.model, cluster),
    }
}

fn decision(plan: &Plan, direction: Direction, subject: Subject, peer: &Seen<'_>, flow: &Flow) -> Decision {
    let matching: Vec<RuleIndex> = plan
        .rules
        .iter()
        .filter(|(_, rule)| rule.direction == direction && rule.is_about(subject.identity, subject.cluster))
        .filter(|(_, rule)| rule.ports.contains(flow.protocol, flow.port))
        .filter(|(_, rule)| rule.peers.iter().any(|written| is_peer(plan, subject, written, peer)))
        .map(|(index, _)| index)
        .collect();
    let with = |verb: Verb| matching.iter().copied().filter(move |index| plan.rules[*index].verb == verb);

    let denies: Vec<RuleIndex> = with(Verb::Deny).collect();
    if !denies.is_empty() {
        return Decision::Denied(Denial::Rules(denies));
    }
    let mut by: Vec<Cause> = with(Verb::Allow).map(Cause::Rule).collect();
    by.extend(built_in(plan, direction, subject, peer, flow));
    let default = plan.default_of(subject.identity, subject.cluster, direction);
    // An allow does nothing where the default allows, nor do the requests that it lists.
    if by.is_empty() || default.value == Verb::Allow {
        return Decision::Default(default);
    }
    allowed(plan, by, flow)
}

fn allowed(plan: &Plan, by: Vec<Cause>, flow: &Flow) -> Decision {
    let mut requests = Vec::new();
    for cause in &by {
        match cause {
            Cause::Rule(index) if !plan.rules[*index].requests.is_empty() => {
                requests.extend_from_slice(&plan.rules[*index].requests);
            }
            Cause::Rule(_) | Cause::HostToOwnPods | Cause::LookUps => {
                return Decision::Allowed { by, admits: Admits::All };
            }
        }
    }
    let admitted =
        |asked: &Request| requests.iter().any(|request| request.admits(asked.method.as_str(), asked.path.as_str()));
    if flow.request.as_ref().is_some_and(|asked| !admitted(asked)) {
        return Decision::RequestRefused { by };
    }
    requests.sort();
    requests.dedup();
    Decision::Allowed { by, admits: Admits::Requests(requests) }
}

/// What is allowed although no rule says so.
pub(crate) fn built_in(
    plan: &Plan,
    direction: Direction,
    subject: Subject,
    peer: &Seen<'_>,
    flow: &Flow,
) -> Option<Cause> {
    let Seen::Known(end) = peer else { return None };
    match (direction, end) {
        (Direction::Ingress, End::Host { cluster }) if *cluster == subject.cluster => Some(Cause::HostToOwnPods),
        (Direction::Egress, End::ClusterDns { cluster, .. }) if *cluster == subject.cluster => {
            let transport = matches!(flow.protocol, Protocol::Transport(Transport::Tcp | Transport::Udp));
            let open = plan.model.fleet.dns == crate::model::DnsAccess::BuiltIn;
            (open && transport && flow.port == 53).then_some(Cause::LookUps)
        }
        (Direction::Ingress | Direction::Egress, _) => None,
    }
}

/// Whether an end, as a subject's cluster sees it, is a peer of one of the subject's rules.
pub(crate) fn is_peer(plan: &Plan, subject: Subject, written: &Peer, seen: &Seen<'_>) -> bool {
    match seen {
        Seen::Known(end) => is_known_peer(plan, subject, written, end),
        Seen::Address(address) => match written {
            Peer::World => true,
            Peer::Cidr(block) => address.is_some_and(|address| block.contains(address)),
            Peer::CloudMetadata => address.is_some_and(is_cloud_metadata),
            Peer::Pods { .. }
            | Peer::Foreign { .. }
            | Peer::ForeignPods { .. }
            | Peer::Dns(_)
            | Peer::Host
            | Peer::RemoteNodes
            | Peer::KubeApiserver
            | Peer::Gateways
            | Peer::ClusterDns => false,
        },
        Seen::Name(name) => match written {
            Peer::World => true,
            Peer::Dns(pattern) => pattern.matches(name.as_str()),
            Peer::Pods { .. }
            | Peer::Foreign { .. }
            | Peer::ForeignPods { .. }
            | Peer::Cidr(_)
            | Peer::CloudMetadata
            | Peer::Host
            | Peer::RemoteNodes
            | Peer::KubeApiserver
            | Peer::Gateways
            | Peer::ClusterDns => false,
        },
    }
}

fn is_known_peer(plan: &Plan, subject: Subject, written: &Peer, end: &End) -> bool {
    let here = |locality: Locality, cluster: ClusterId| locality.admits(subject.cluster, cluster);
    match (written, end) {
        (Peer::Pods { pods, locality }, End::Pod { identity, cluster, .. }) => {
            crate::plan::contains(pods, *identity, *cluster) && here(*locality, *cluster)
        }
        (Peer::Foreign { clusters, locality }, End::Foreign { cluster, .. }) => {
            clusters.contains(*cluster) && here(*locality, *cluster)
        }
        (Peer::ForeignPods { pods, clusters, locality }, End::Foreign { cluster, pod, .. }) => {
            pod.namespace.as_ref() == Some(&pods.namespace)
                && pods.selector.matches(&pod.labels)
                && clusters.contains(*cluster)
                && here(*locality, *cluster)
        }
        (Peer::Host, End::Host { cluster }) | (Peer::ClusterDns, End::ClusterDns { cluster, .. }) => {
            *cluster == subject.cluster
        }
        (Peer::KubeApiserver, End::KubeApiserver { cluster, .. }) => *cluster == subject.cluster,
        (Peer::RemoteNodes, End::RemoteNode { .. } | End::KubeApiserver { server: ApiServer::OnNode, .. }) => true,
        (Peer::Gateways, End::Gateway { cluster }) => plan.model.around(*cluster).contains(subject.cluster),
        (_, _) => false,
    }
}

pub(crate) fn is_cloud_metadata(address: IpAddr) -> bool {
    CLOUD_METADATA.iter().any(|known| address == *known)
}
