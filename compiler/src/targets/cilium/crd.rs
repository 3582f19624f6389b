//! `CiliumNetworkPolicy` (cilium.io/v2), as far as we write it.
//!
//! The types hold only what the engine accepts: a rule has peers of one kind, ports or ICMP types but not both, and no list that would be read
//! as "everything" or as "nothing" by being empty.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::model::{Direction, Verb};
use crate::targets::kubernetes::Body;

/// A policy of one namespace.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CiliumNetworkPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<Spec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    specs: Vec<Spec>,
}

impl Body for CiliumNetworkPolicy {
    const API_VERSION: &'static str = "cilium.io/v2";
    const KIND: &'static str = "CiliumNetworkPolicy";
}

impl CiliumNetworkPolicy {
    /// The same rules for the pods of each selector; nothing without a selector.
    #[must_use]
    pub fn new(selectors: Vec<LabelSelector>, ingress: Side, egress: Side) -> Option<Self> {
        let (ingress, egress) = (Rc::new(ingress), Rc::new(egress));
        let spec =
            |endpoint_selector| Spec { endpoint_selector, ingress: Rc::clone(&ingress), egress: Rc::clone(&egress) };
        let mut specs: Vec<Spec> = selectors.into_iter().map(spec).collect();
        match specs.len() {
            0 => None,
            1 => Some(Self { spec: specs.pop(), specs }),
            _ => Some(Self { spec: None, specs }),
        }
    }
}

/// Rules for the pods of one selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which pods of the namespace.
    pub endpoint_selector: LabelSelector,
    /// What may reach them.
    pub ingress: Rc<Side>,
    /// What they may reach.
    pub egress: Rc<Side>,
}

/// One direction of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    default: Verb,
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

impl Side {
    /// A direction that is open but for some denies.
    #[must_use]
    pub fn open(deny: Vec<Rule>) -> Self {
        Self { default: Verb::Allow, allow: Vec::new(), deny }
    }

    /// A direction that is closed but for some allows. A direction without any rule would not be closed at all: one that matches nobody stands in.
    #[must_use]
    pub fn closed(mut allow: Vec<Rule>, deny: Vec<Rule>) -> Self {
        if allow.is_empty() && deny.is_empty() {
            allow.push(Rule::Nobody);
        }
        Self { default: Verb::Deny, allow, deny }
    }

    /// Whether it changes nothing for a pod that no other policy selects.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.default == Verb::Allow && self.deny.is_empty()
    }
}

/// One rule of a direction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Matches no flow.
    Nobody,
    /// Matches flows from or to some peers on some ports.
    Some(Peers, Ports),
}

/// The other ends of a rule; no list is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peers {
    /// Pods.
    Endpoints(Vec<LabelSelector>),
    /// Built-in peers.
    Entities(Vec<Entity>),
    /// Addresses.
    Cidrs(Vec<CidrRule>),
    /// DNS names; only in allowed egress.
    Names(Vec<FqdnSelector>),
}

/// A built-in peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// Every peer.
    All,
    /// The pod's own node.
    Host,
    /// What gateways proxy.
    Ingress,
    /// The API server.
    KubeApiserver,
    /// The other nodes of the mesh.
    RemoteNode,
    /// Everything that is no pod or node known here.
    World,
}

/// Addresses less other addresses inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct CidrRule {
    /// The addresses.
    pub cidr: String,
    /// What is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// DNS names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FqdnSelector {
    /// One name.
    MatchName(String),
    /// All names of a pattern.
    MatchPattern(String),
}

/// What of the destination a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ports {
    /// Any port of any protocol, ICMP included.
    Any,
    /// Ports of transport protocols; never empty.
    Transport(Vec<PortRule>),
    /// ICMP types; never empty.
    Icmp(Vec<IcmpRule>),
}

/// Ports, and what may be said on them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct PortRule {
    /// At most [`super::ports::MAX_PER_RULE`].
    pub ports: Vec<PortProtocol>,
    /// Requests or look-ups; anything unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<L7Rules>,
}

/// A port or a range of ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortProtocol {
    /// The first port; `0` for all ports of the protocol.
    pub port: String,
    /// The last port of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_port: Option<u16>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
}

/// What may be said on a port; no list is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum L7Rules {
    /// HTTP requests.
    Http(Vec<HttpRule>),
    /// DNS look-ups.
    Dns(Vec<FqdnSelector>),
}

/// An HTTP request: what isn't said may be anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct HttpRule {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// An anchored expression over path and query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// ICMP types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct IcmpRule {
    /// At most [`super::ports::MAX_PER_RULE`].
    pub fields: Vec<IcmpField>,
}

/// An ICMP type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct IcmpField {
    /// `IPv4` or `IPv6`.
    pub family: &'static str,
    /// Its number; 0 stands for all types.
    #[serde(rename = "type")]
    pub number: u16,
}

/// A selector of pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels with one value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Other conditions, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Expression>,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Expression {
    /// The label's key.
    pub key: String,
    /// What must hold of it.
    pub operator: Operator,
    /// With which values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What must hold of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Operator {
    /// It has one of the values.
    In,
    /// It is missing or has none of the values.
    NotIn,
    /// It is there.
    Exists,
    /// It is missing.
    DoesNotExist,
}

/// Whether a direction is closed to what no rule allows: always written, since what it is otherwise depends on the rules.
#[derive(serde::Serialize)]
struct EnableDefaultDeny {
    ingress: bool,
    egress: bool,
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("endpointSelector", &self.endpoint_selector)?;
        let closed = |side: &Side| side.default == Verb::Deny;
        let defaults = EnableDefaultDeny { ingress: closed(&self.ingress), egress: closed(&self.egress) };
        map.serialize_entry("enableDefaultDeny", &defaults)?;
        let lists = [
            ("ingress", Direction::Ingress, &self.ingress.allow),
            ("ingressDeny", Direction::Ingress, &self.ingress.deny),
            ("egress", Direction::Egress, &self.egress.allow),
            ("egressDeny", Direction::Egress, &self.egress.deny),
        ];
        for (key, direction, rules) in lists {
            if !rules.is_empty() {
                let rules: Vec<Directed<'_>> = rules.iter().map(|rule| Directed { direction, rule }).collect();
                map.serialize_entry(key, &rules)?;
            }
        }
        map.end()
    }
}

/// A rule with the direction that names its fields.
struct Directed<'a> {
    direction: Direction,
    rule: &'a Rule,
}

impl Serialize for Directed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Rule::Some(peers, ports) = self.rule else { return map.end() };
        let key = |from: &'static str, to: &'static str| match self.direction {
            Direction::Ingress => from,
            Direction::Egress => to,
        };
        match peers {
            Peers::Endpoints(selectors) => map.serialize_entry(key("fromEndpoints", "toEndpoints"), selectors)?,
            Peers::Entities(entities) => map.serialize_entry(key("fromEntities", "toEntities"), entities)?,
            Peers::Cidrs(cidrs) => map.serialize_entry(key("fromCIDRSet", "toCIDRSet"), cidrs)?,
            Peers::Names(names) => map.serialize_entry("toFQDNs", names)?,
        }
        match ports {
            Ports::Any => {}
            Ports::Transport(rules) => map.serialize_entry("toPorts", rules)?,
            Ports::Icmp(rules) => map.serialize_entry("icmps", rules)?,
        }
        map.end()
    }
}
