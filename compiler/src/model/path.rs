//! Ways in: entries, balancers, gateways, and the steps by which their weights change.

use std::time::Duration;

use fleetnet_lang::Span;

use super::{
    ClusterId, ClusterSet, Export, Labels, Model, Name, NamespaceId, Service, ServiceId, Spanned, Table, Test, Weights,
};

/// The services of a package, the paths that lead to them, and the tests, which speak of all of it. Of these rules know nothing but the names of
/// ports.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The services.
    pub services: Table<ServiceId, Service>,
    /// In order of service and mesh.
    pub exports: Vec<Export>,
    /// In order of namespace and name.
    pub entries: Vec<Entry>,
    /// In order of service.
    pub balances: Vec<Balance>,
    /// In order of namespace and name.
    pub gateways: Vec<Gateway>,
    /// In order of name.
    pub rollouts: Vec<Rollout>,
    /// In source order.
    pub tests: Vec<Test>,
}

impl Paths {
    /// Takes the place of a model's own, which are here then.
    pub fn exchange(&mut self, model: &mut Model) {
        let Self { services, exports, entries, balances, gateways, rollouts, tests } = self;
        std::mem::swap(services, &mut model.services);
        std::mem::swap(exports, &mut model.exports);
        std::mem::swap(entries, &mut model.entries);
        std::mem::swap(balances, &mut model.balances);
        std::mem::swap(gateways, &mut model.gateways);
        std::mem::swap(rollouts, &mut model.rollouts);
        std::mem::swap(tests, &mut model.tests);
    }
}

/// A public DNS name over a service in the clusters that run it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub name: Spanned<Name>,
    /// Its backends.
    pub backends: Vec<Backend>,
    /// How health is found out.
    pub probe: Option<Probe>,
    /// Cloud resource group.
    pub resource_group: Option<Spanned<Name>>,
    /// Time to live of its records.
    pub ttl: Option<Spanned<Duration>>,
    /// Labels, passed on.
    pub labels: Labels,
    /// Annotations, passed on.
    pub annotations: Labels,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// `backend NS/NAME { weight … }`.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The service.
    pub service: Spanned<ServiceId>,
    /// Its weights, where written.
    pub weights: Option<Weights>,
}

/// How health is found out.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The protocol.
    pub protocol: ProbeProtocol,
    /// The path asked for.
    pub path: Option<Spanned<Name>>,
    /// The port.
    pub port: Spanned<u16>,
    /// Time between two probes.
    pub every: Option<Spanned<Duration>>,
    /// Time until a probe fails.
    pub timeout: Option<Spanned<Duration>>,
    /// Failures that are tolerated.
    pub tolerate: Option<Spanned<u32>>,
    /// The statement.
    pub span: Span,
}

/// The protocol of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeProtocol {
    /// HTTP.
    Http,
    /// HTTPS.
    Https,
    /// A TCP connection.
    Tcp,
}

/// `balance NS/NAME on CLUSTER`.
#[derive(Clone, Debug)]
pub struct Balance {
    /// The service.
    pub service: Spanned<ServiceId>,
    /// Where the balancer stands.
    pub cluster: Spanned<ClusterId>,
    /// Whether its address is reachable from outside.
    pub reach: BalanceReach,
}

/// Who reaches a balancer's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceReach {
    /// Anyone.
    Public,
    /// The private network (`internal`).
    Internal,
}

/// An HTTP, TLS or TCP entry.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub name: Spanned<Name>,
    /// Its class.
    pub class: Option<Spanned<Name>>,
    /// Where it stands; wherever its namespace is unless said.
    pub clusters: ClusterSet,
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Labels, passed on.
    pub labels: Labels,
    /// Annotations, passed on.
    pub annotations: Labels,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// A port that a gateway listens on.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its protocol.
    pub protocol: ListenerProtocol,
    /// Its port.
    pub port: Spanned<u16>,
    /// Host names; any, if none is given.
    pub hosts: Vec<Spanned<Name>>,
    /// Name of the secret that holds its certificate.
    pub certificate: Option<Spanned<Name>>,
}

/// The protocol of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerProtocol {
    /// HTTP.
    Http,
    /// HTTPS, ended at the gateway.
    Https,
    /// TLS, passed through.
    Tls,
    /// TCP.
    Tcp,
}

/// Where a gateway sends what.
#[derive(Clone, Debug)]
pub struct Route {
    /// Method; any unless said.
    pub method: Option<Spanned<Name>>,
    /// Path prefix; any unless said.
    pub path: Option<Spanned<Name>>,
    /// Headers that must have these values.
    pub headers: Vec<(Spanned<Name>, Spanned<Name>)>,
    /// The listener; all unless said. An index into the gateway's listeners.
    pub listener: Option<Spanned<usize>>,
    /// The service.
    pub service: Spanned<ServiceId>,
    /// The service's port, if it has several. An index into the service's ports.
    pub port: Option<Spanned<Name>>,
    /// Weights, where written.
    pub weights: Option<Weights>,
    /// The statement.
    pub span: Span,
}

/// The steps from the previous build's weights to the declared ones.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// Its name.
    pub name: Spanned<Name>,
    /// Whose weights.
    pub path: RolloutPath,
    /// Where the path was written.
    pub path_span: Span,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The doc comment.
    pub doc: Option<Name>,
}

/// Whose weights a rollout moves. Indices are those of [`super::Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RolloutPath {
    /// An entry, or one service of it.
    Entry(usize, Option<ServiceId>),
    /// A gateway, or its routes to one service.
    Gateway(usize, Option<ServiceId>),
    /// An export.
    Export(usize),
}

/// One step of a rollout.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Spanned<Name>,
    /// The weights while it lasts.
    pub weights: Weights,
    /// How long it lasts at the least.
    pub hold: Option<Spanned<Duration>>,
}
