//! The kinds of the Gateway API, with the fields that we set.
//!
//! Shapes and limits are those of the CRDs of `gateway.networking.k8s.io`, standard channel.

use serde::Serialize;

use crate::targets::kubernetes::Body;

/// Group of every kind here.
pub const GROUP: &str = "gateway.networking.k8s.io";
const V1: &str = "gateway.networking.k8s.io/v1";
/// Listeners of one gateway at most.
pub const LISTENERS: usize = 64;
/// Rules of one HTTP route at most.
pub const RULES: usize = 16;
/// Backends of one rule at most.
pub const BACKENDS: usize = 16;
/// Headers of one match at most.
pub const HEADERS: usize = 16;
/// Entries of one list of a grant at most.
pub const GRANTED: usize = 16;

/// What listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gateway {
    /// What it is.
    pub spec: GatewaySpec,
}

impl Body for Gateway {
    const API_VERSION: &'static str = V1;
    const KIND: &'static str = "Gateway";
}

/// `spec` of a `Gateway`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewaySpec {
    /// Whose it is to run.
    pub gateway_class_name: String,
    /// 1 to [`LISTENERS`], unlike in port, protocol and host name together.
    pub listeners: Vec<Listener>,
}

/// A port, and a host name where its protocol has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Its name; a DNS subdomain.
    pub name: String,
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// Any, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// For HTTPS and TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Whose routes it takes.
    pub allowed_routes: AllowedRoutes,
}

/// Protocol of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// HTTP.
    Http,
    /// HTTPS.
    Https,
    /// TLS.
    Tls,
    /// TCP.
    Tcp,
}

/// What a listener does with TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "mode", rename_all_fields = "camelCase")]
pub enum Tls {
    /// It ends here, with these certificates.
    Terminate {
        /// Secrets of the gateway's namespace.
        certificate_refs: Vec<CertificateRef>,
    },
    /// It goes on to the backend.
    Passthrough,
}

/// A secret with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateRef {
    /// `Secret`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// Whose routes a listener takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AllowedRoutes {
    /// By namespace.
    pub namespaces: RouteNamespaces,
}

/// Namespaces of routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteNamespaces {
    /// Which.
    pub from: From,
}

/// Which namespaces' routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum From {
    /// The gateway's own.
    Same,
}

/// Requests to backends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpRoute {
    /// What it is.
    pub spec: RouteSpec<HttpRule>,
}

impl Body for HttpRoute {
    const API_VERSION: &'static str = V1;
    const KIND: &'static str = "HTTPRoute";
}

/// TLS connections to backends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TlsRoute {
    /// What it is.
    pub spec: RouteSpec<StreamRule>,
}

impl Body for TlsRoute {
    const API_VERSION: &'static str = V1;
    const KIND: &'static str = "TLSRoute";
}

/// TCP connections to backends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TcpRoute {
    /// What it is.
    pub spec: RouteSpec<StreamRule>,
}

impl Body for TcpRoute {
    const API_VERSION: &'static str = V1;
    const KIND: &'static str = "TCPRoute";
}

/// `spec` of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteSpec<R> {
    /// The listeners that it hangs on.
    pub parent_refs: Vec<ParentRef>,
    /// Host names; those of the listeners, if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hostnames: Vec<String>,
    /// HTTP: at most [`RULES`]; otherwise one.
    pub rules: Vec<R>,
}

/// A listener of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentRef {
    /// The gateway, in the route's namespace.
    pub name: String,
    /// The listener; all that can take the route, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
}

/// Some requests and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRule {
    /// Which requests.
    pub matches: Vec<HttpMatch>,
    /// 1 to [`BACKENDS`].
    pub backend_refs: Vec<BackendRef>,
}

/// Some requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpMatch {
    /// By path.
    pub path: PathMatch,
    /// By method; any, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// By headers, all of them; at most [`HEADERS`], names unlike without case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderMatch>,
}

/// Some paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathMatch {
    /// How it is compared.
    #[serde(rename = "type")]
    pub kind: PathMatchType,
    /// With what.
    pub value: String,
}

/// How paths are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PathMatchType {
    /// Whole segments from the start.
    PathPrefix,
}

/// Requests with a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderMatch {
    /// How it is compared.
    #[serde(rename = "type")]
    pub kind: HeaderMatchType,
    /// The header.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// How headers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum HeaderMatchType {
    /// The whole value.
    Exact,
}

/// Connections and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamRule {
    /// 1 to [`BACKENDS`].
    pub backend_refs: Vec<BackendRef>,
}

/// A Service and its part of the traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackendRef {
    /// `Service`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its namespace, if it isn't the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its port.
    pub port: u16,
    /// Part of the sum of the rule's weights, 0 to 1 000 000; 0 is nothing.
    pub weight: u32,
}

/// Lets routes of other namespaces use services of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReferenceGrant {
    /// What it is.
    pub spec: ReferenceGrantSpec,
}

impl Body for ReferenceGrant {
    // Every release that has grants serves this version.
    const API_VERSION: &'static str = "gateway.networking.k8s.io/v1beta1";
    const KIND: &'static str = "ReferenceGrant";
}

/// `spec` of a `ReferenceGrant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReferenceGrantSpec {
    /// Who; at most [`GRANTED`].
    pub from: Vec<GrantFrom>,
    /// What; at most [`GRANTED`].
    pub to: Vec<GrantTo>,
}

/// Routes of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GrantFrom {
    /// Group of the routes.
    pub group: &'static str,
    /// Kind of the routes.
    pub kind: &'static str,
    /// Their namespace.
    pub namespace: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GrantTo {
    /// Empty: the core.
    pub group: &'static str,
    /// `Service`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}
