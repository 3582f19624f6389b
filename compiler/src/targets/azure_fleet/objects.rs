//! The kinds of Azure's fleet networking, with the fields that we set.
//!
//! Shapes and limits are those of the CRDs of `networking.fleet.azure.com`. v1beta1 throughout: it is what a hub reads objects at, so that an
//! override which names another version would match nothing.

use serde::Serialize;

use crate::targets::kubernetes::Body;

const API_VERSION: &str = "networking.fleet.azure.com/v1beta1";
/// The group alone, for selectors of placements and overrides.
pub const GROUP: &str = "networking.fleet.azure.com";
/// The version alone, for selectors of placements and overrides.
pub const VERSION: &str = "v1beta1";
/// Annotation of a `ServiceExport`: its cluster's part among all that export the service, 0 to 1000, as text.
pub const WEIGHT: &str = "networking.fleet.azure.com/weight";

/// Offers the service of its name to the fleet; its one field is the annotation [`WEIGHT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceExport {}

impl Body for ServiceExport {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "ServiceExport";
}

/// One public DNS name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrafficManagerProfile {
    /// What it is.
    pub spec: ProfileSpec,
}

impl Body for TrafficManagerProfile {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "TrafficManagerProfile";
}

/// `spec` of a `TrafficManagerProfile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileSpec {
    /// 1 to 90 characters; immutable.
    pub resource_group: String,
    /// How health is found out.
    pub monitor_config: MonitorConfig,
}

/// How Traffic Manager finds out about health. Every field is written, so that no default of a later version changes anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitorConfig {
    /// 10 or 30.
    pub interval_in_seconds: u64,
    /// The path asked for; empty for TCP.
    pub path: String,
    /// The public port asked.
    pub port: u16,
    /// The protocol.
    pub protocol: MonitorProtocol,
    /// 5 to 10, and below the interval.
    pub timeout_in_seconds: u64,
    /// 0 to 9.
    pub tolerated_number_of_failures: u32,
}

/// Protocol of a health probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MonitorProtocol {
    /// HTTP.
    Http,
    /// HTTPS.
    Https,
    /// TCP.
    Tcp,
}

/// The exports of one service behind one profile, all in one namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrafficManagerBackend {
    /// What it is.
    pub spec: BackendSpec,
}

impl Body for TrafficManagerBackend {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "TrafficManagerBackend";
}

/// `spec` of a `TrafficManagerBackend`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendSpec {
    /// The profile; immutable.
    pub profile: ObjectName,
    /// The service import, which has the service's name; immutable.
    pub backend: ObjectName,
    /// 0 to 1000, split among the exports by their weights.
    pub weight: u32,
}

/// A reference to an object of the same namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectName {
    /// Its name.
    pub name: String,
}
