//! The core objects that a fleet is made of: Namespace and Service.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Body;
use crate::model::{ExternalTrafficPolicy, ServiceAddress, ServicePort, ServiceSpec, ServiceType, Transport};

/// A Namespace has nothing but metadata.
#[derive(Clone, Debug, Serialize)]
pub struct Namespace {}

impl Body for Namespace {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Namespace";
}

/// A Service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// What it is.
    pub spec: Spec,
}

impl Body for Service {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Service";
}

impl Service {
    /// A service of the pods with all these labels.
    #[must_use]
    pub fn new(spec: &ServiceSpec, selector: BTreeMap<String, String>) -> Self {
        let external = match spec.kind {
            ServiceType::ClusterIp => None,
            ServiceType::NodePort | ServiceType::LoadBalancer => Some(match spec.external_traffic_policy {
                ExternalTrafficPolicy::Local => "Local",
                ExternalTrafficPolicy::Cluster => "Cluster",
            }),
        };
        let kind = match spec.kind {
            ServiceType::ClusterIp => "ClusterIP",
            ServiceType::NodePort => "NodePort",
            ServiceType::LoadBalancer => "LoadBalancer",
        };
        let cluster_ip = match spec.address {
            ServiceAddress::Own => None,
            ServiceAddress::Headless => Some("None"),
        };
        let ports = spec.ports.iter().map(Port::new).collect();
        Self { spec: Spec { kind, cluster_ip, external_traffic_policy: external, selector, ports } }
    }
}

/// `spec` of a Service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// How it is offered.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `None` for a headless one.
    #[serde(rename = "clusterIP", skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<&'static str>,
    /// Where traffic from outside is sent on to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_traffic_policy: Option<&'static str>,
    /// Labels of its pods; without any, it has none of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// Its ports.
    pub ports: Vec<Port>,
}

/// A port of a Service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// The pods' port.
    pub target_port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
    /// What is spoken on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_protocol: Option<String>,
}

impl Port {
    fn new(port: &ServicePort) -> Self {
        Self {
            name: port.name.value.to_string(),
            port: port.port,
            target_port: port.target,
            protocol: protocol(port.transport),
            app_protocol: port.app_protocol.as_ref().map(ToString::to_string),
        }
    }
}

/// A transport as Kubernetes writes it.
#[must_use]
pub fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::Sctp => "SCTP",
    }
}

#[cfg(test)]
mod tests {
    use fleetnet_lang::{FileId, Span};

    use super::*;
    use crate::model::{Name, Spanned};
    use crate::targets::kubernetes::{FLEET, MANAGED_BY, MANAGER, Object, ObjectMeta, SOURCE, yaml};

    #[test]
    fn a_service_as_kubernetes_reads_it() {
        let at = Span::new(FileId(0), 0, 1);
        let port = |name: &str, app: Option<&str>| ServicePort {
            name: Spanned::new(Name::from(name), at),
            port: 80,
            target: 8080,
            transport: Transport::Tcp,
            app_protocol: app.map(Name::from),
        };
        let spec = ServiceSpec {
            pods: Spanned::new(crate::model::IdentityId(0), at),
            ports: vec![port("on", None), port("web", Some("kubernetes.io/h2c"))],
            kind: ServiceType::LoadBalancer,
            address: ServiceAddress::Own,
            dns_label: None,
            external_traffic_policy: ExternalTrafficPolicy::Local,
            external_traffic_policy_span: None,
        };
        let labels = [(MANAGED_BY, MANAGER), (FLEET, "contoso")];
        let metadata = ObjectMeta {
            name: "cart".into(),
            namespace: Some("shop".into()),
            labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            annotations: [(SOURCE.to_owned(), "shop.fleetnet: service shop/cart".to_owned())].into(),
        };
        let service = Service::new(&spec, [("app".to_owned(), "1e3".to_owned())].into());
        let expected = r#"apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: fleetnet
    fleetnet.dev/fleet: contoso
  annotations:
    fleetnet.dev/source: "shop.fleetnet: service shop/cart"
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector:
    app: "1e3"
  ports:
  - name: "on"
    port: 80
    targetPort: 8080
    protocol: TCP
  - name: web
    port: 80
    targetPort: 8080
    protocol: TCP
    appProtocol: kubernetes.io/h2c
"#;
        assert_eq!(yaml::document(&Object::new(metadata, service)), expected);
    }
}
