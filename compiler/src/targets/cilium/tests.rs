//! What small fleets become.

use super::fixture::{Fixture, at, built_in, cidr, dns, request, tcp};
use crate::model::{
    BuiltIn, ClusterSet, Defaults, DnsAccess, Name, PodSelection, PortExpr, PortRange, Protocol, Transport, Verb,
};

#[track_caller]
fn check(fleet: &Fixture, cluster: &str, policy: &str, expected: &str) {
    let spec = fleet.spec(cluster, policy);
    assert!(spec == expected, "{policy} on {cluster} became\n{spec}");
}

/// The shop is in both clusters, the database in one.
fn shop() -> Fixture {
    Fixture::new(&["east", "west"]).namespace("db", &["west"], &["main"]).namespace(
        "shop",
        &["east", "west"],
        &["cart", "web"],
    )
}

#[test]
fn what_is_built_in_is_written_out() {
    check(
        &shop(),
        "west",
        "db/fleetnet-unlisted",
        r#"spec:
  endpointSelector:
    matchExpressions:
    - key: k8s:app
      operator: NotIn
      values:
      - main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
"#,
    );
}

#[test]
fn a_closed_direction_without_rules_stays_closed() {
    let mut fleet = shop();
    fleet.model.fleet.dns = DnsAccess::Strict;
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  egress:
  - {}
"#,
    );
}

#[test]
fn an_open_direction_has_denies_only() {
    let mut fleet = shop();
    fleet.model.fleet.default = Defaults { ingress: Some(at(Verb::Allow)), egress: Some(at(Verb::Allow)) };
    let main = fleet.identity("db/main");
    let fleet = fleet.rule(Verb::Deny, vec![main.clone()], vec![built_in(BuiltIn::CloudMetadata)], vec![], vec![]);
    check(&fleet, "west", "db/fleetnet-unlisted", "");
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: false
    egress: false
  egressDeny:
  - toCIDRSet:
    - cidr: 168.63.129.16/32
    - cidr: 169.254.169.254/32
"#,
    );
}

#[test]
fn a_namespace_is_selected_as_a_whole_only_if_all_its_pods_are_meant() {
    let fleet = shop();
    let [cart, web, unlisted] = ["shop/cart", "shop/web", "shop/unlisted"].map(|name| fleet.identity(name));
    let west_only = fleet.identity_in("shop/unlisted", "west");
    let main = fleet.identity("db/main");
    let fleet = fleet
        .rule(Verb::Allow, vec![cart.clone(), web.clone(), unlisted], vec![main.clone()], vec![tcp(1)], vec![])
        .rule(Verb::Allow, vec![cart, web, west_only], vec![main], vec![tcp(2)], vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  - fromEndpoints:
    - matchLabels:
        "k8s:io.kubernetes.pod.namespace": shop
      matchExpressions:
      - key: k8s:io.cilium.k8s.policy.cluster
        operator: In
        values:
        - east
        - west
    toPorts:
    - ports:
      - port: "1"
        protocol: TCP
  - fromEndpoints:
    - matchLabels:
        "k8s:app": cart
        "k8s:io.cilium.k8s.policy.cluster": east
        "k8s:io.kubernetes.pod.namespace": shop
    - matchLabels:
        "k8s:app": web
        "k8s:io.cilium.k8s.policy.cluster": east
        "k8s:io.kubernetes.pod.namespace": shop
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": shop
    toPorts:
    - ports:
      - port: "2"
        protocol: TCP
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
"#,
    );
}

#[test]
fn pods_that_are_not_known_are_not_selected() {
    let mut fleet = shop();
    let main = fleet.identity("db/main");
    let web = fleet.identity("shop/web");
    for namespace in fleet.model.namespaces.ids().collect::<Vec<_>>() {
        fleet.model.namespaces[namespace].global_in.clear();
    }
    let fleet = fleet.rule(Verb::Deny, vec![web], vec![main], vec![], vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  ingressDeny:
  - fromEndpoints:
    - matchLabels:
        "k8s:app": web
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": shop
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
"#,
    );
}

#[test]
fn requests_are_joined_and_a_plain_allow_needs_no_list() {
    let fleet = shop();
    let [cart, web, main] = ["shop/cart", "shop/web", "db/main"].map(|name| fleet.identity(name));
    let ports = |first, last| {
        vec![at(PortExpr::Range(PortRange { protocol: Protocol::Transport(Transport::Tcp), first, last }))]
    };
    let fleet = fleet
        .rule(
            Verb::Allow,
            vec![cart.clone(), web.clone()],
            vec![main.clone()],
            ports(80, 90),
            vec![request("GET", "/v1/*")],
        )
        .rule(Verb::Allow, vec![web.clone()], vec![main.clone()], ports(90, 90), vec![request("POST", "/**")])
        .rule(Verb::Allow, vec![cart], vec![main], ports(85, 85), vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  - fromEndpoints:
    - matchLabels:
        "k8s:app": cart
        "k8s:io.kubernetes.pod.namespace": shop
      matchExpressions:
      - key: k8s:io.cilium.k8s.policy.cluster
        operator: In
        values:
        - east
        - west
    toPorts:
    - ports:
      - port: "85"
        protocol: TCP
  - fromEndpoints:
    - matchLabels:
        "k8s:app": cart
        "k8s:io.kubernetes.pod.namespace": shop
      matchExpressions:
      - key: k8s:io.cilium.k8s.policy.cluster
        operator: In
        values:
        - east
        - west
    toPorts:
    - ports:
      - port: "80"
        endPort: 84
        protocol: TCP
      - port: "86"
        endPort: 90
        protocol: TCP
      rules:
        http:
        - method: GET
          path: ^/v1/[^/?]+(\?.*)?$
  - fromEndpoints:
    - matchLabels:
        "k8s:app": web
        "k8s:io.kubernetes.pod.namespace": shop
      matchExpressions:
      - key: k8s:io.cilium.k8s.policy.cluster
        operator: In
        values:
        - east
        - west
    toPorts:
    - ports:
      - port: "80"
        endPort: 89
        protocol: TCP
      rules:
        http:
        - method: GET
          path: ^/v1/[^/?]+(\?.*)?$
  - fromEndpoints:
    - matchLabels:
        "k8s:app": web
        "k8s:io.kubernetes.pod.namespace": shop
      matchExpressions:
      - key: k8s:io.cilium.k8s.policy.cluster
        operator: In
        values:
        - east
        - west
    toPorts:
    - ports:
      - port: "90"
        protocol: TCP
      rules:
        http:
        - method: GET
          path: ^/v1/[^/?]+(\?.*)?$
        - method: POST
          path: ^/[^?]*(\?.*)?$
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
"#,
    );
}

#[test]
fn allowed_names_are_learned_from_look_ups() {
    let fleet = shop();
    let main = fleet.identity("db/main");
    let fleet = fleet.rule(
        Verb::Allow,
        vec![main],
        vec![dns("api.example.com"), dns("**.example.org"), dns("a**b.example.net")],
        vec![tcp(443)],
        vec![],
    );
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
      rules:
        dns:
        - matchPattern: "*"
  - toFQDNs:
    - matchName: api.example.com
    - matchPattern: "**.example.org"
    - matchPattern: a*b.example.net
    toPorts:
    - ports:
      - port: "443"
        protocol: TCP
"#,
    );
}

#[test]
fn foreign_pods_are_pods_without_those_we_govern_and_without_dns() {
    let fleet = shop();
    let main = fleet.identity("db/main");
    let all = PortExpr::Range(PortRange::all(Protocol::Transport(Transport::Sctp)));
    let icmp =
        PortExpr::Icmp { name: None, ranges: vec![PortRange::all(Protocol::IcmpV4), PortRange::all(Protocol::IcmpV6)] };
    let fleet = fleet.rule(Verb::Deny, vec![built_in(BuiltIn::Foreign)], vec![main], vec![at(all), at(icmp)], vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  ingressDeny:
  - fromEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
      matchExpressions:
      - key: k8s:io.kubernetes.pod.namespace
        operator: NotIn
        values:
        - db
        - kube-system
        - shop
      - key: k8s:io.kubernetes.pod.namespace
        operator: Exists
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
      matchExpressions:
      - key: k8s:k8s-app
        operator: NotIn
        values:
        - kube-dns
    toPorts:
    - ports:
      - port: "0"
        protocol: SCTP
  - fromEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
      matchExpressions:
      - key: k8s:io.kubernetes.pod.namespace
        operator: NotIn
        values:
        - db
        - kube-system
        - shop
      - key: k8s:io.kubernetes.pod.namespace
        operator: Exists
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
      matchExpressions:
      - key: k8s:k8s-app
        operator: NotIn
        values:
        - kube-dns
    icmps:
    - fields:
      - family: IPv4
        type: 0
      - family: IPv6
        type: 0
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
"#,
    );
}

#[test]
fn several_matches_are_several_specs() {
    let mut fleet = shop();
    let id = fleet.model.identities.ids().next().unwrap();
    let PodSelection::Declared { matches, .. } = fleet.model.identities[id].pods.clone() else { panic!() };
    let mut other = matches[0].clone();
    other.requirements[0].key = Name::from("example.com/app");
    fleet.model.identities[id].pods =
        PodSelection::Declared { matches: vec![matches[0].clone(), other], account: Some("db".into()) };
    fleet.model.fleet.default = Defaults { ingress: Some(at(Verb::Allow)), egress: Some(at(Verb::Allow)) };
    let main = fleet.identity("db/main");
    let fleet = fleet.rule(Verb::Deny, vec![main], vec![cidr("10.66.0.0/16")], vec![], vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"specs:
- endpointSelector:
    matchLabels:
      "k8s:app": main
      "k8s:io.cilium.k8s.policy.serviceaccount": db
  enableDefaultDeny:
    ingress: false
    egress: false
  egressDeny:
  - toCIDRSet:
    - cidr: 10.66.0.0/16
- endpointSelector:
    matchLabels:
      "k8s:example.com/app": main
      "k8s:io.cilium.k8s.policy.serviceaccount": db
  enableDefaultDeny:
    ingress: false
    egress: false
  egressDeny:
  - toCIDRSet:
    - cidr: 10.66.0.0/16
"#,
    );
}

#[test]
fn a_stub_denies_everybody() {
    let fleet = shop();
    let mut plan = Fixture { model: fleet.model.clone() }.plan();
    let db = plan.model.namespaces.ids().next().unwrap();
    plan.stubs[db] = ClusterSet::of(fleet.cluster("east"));
    let spec = Fixture::spec_of(&plan, fleet.cluster("east"), "db/fleetnet-nobody");
    assert!(
        spec == r"spec:
  endpointSelector: {}
  enableDefaultDeny:
    ingress: true
    egress: true
  ingressDeny:
  - fromEntities:
    - all
  egressDeny:
  - toEntities:
    - all
",
        "it became\n{spec}"
    );
}

#[test]
fn a_new_cluster_changes_only_what_mentions_it() {
    let rules = |fleet: Fixture| {
        let [web, main] = ["shop/web", "db/main"].map(|name| fleet.identity(name));
        fleet.rule(Verb::Allow, vec![web], vec![main], vec![tcp(5432)], vec![])
    };
    let more = Fixture::new(&["east", "north", "west"]);
    let more =
        more.namespace("db", &["west"], &["main"]).namespace("shop", &["east", "north", "west"], &["cart", "web"]);
    let before = rules(shop());
    let after = rules(more);
    for policy in ["db/fleetnet-unlisted", "shop/fleetnet-web", "shop/fleetnet-cart"] {
        let [before, after] = [&before, &after].map(|fleet| fleet.spec("west", policy));
        assert_eq!(before, after, "{policy}");
    }
    let main = after.spec("west", "db/fleetnet-main");
    assert_eq!(main.replace("        - north\n", ""), before.spec("west", "db/fleetnet-main"));
}

#[test]
fn overlapping_blocks_with_and_without_requests() {
    let fleet = shop();
    let main = fleet.identity("db/main");
    let fleet = fleet
        .rule(Verb::Allow, vec![main.clone()], vec![cidr("10.0.0.0/8")], vec![tcp(80)], vec![request("GET", "**")])
        .rule(Verb::Allow, vec![main], vec![cidr("10.1.0.0/16")], vec![tcp(80)], vec![]);
    check(
        &fleet,
        "west",
        "db/fleetnet-main",
        r#"spec:
  endpointSelector:
    matchLabels:
      "k8s:app": main
  enableDefaultDeny:
    ingress: true
    egress: true
  ingress:
  - fromEntities:
    - host
  egress:
  - toEndpoints:
    - matchLabels:
        "k8s:io.cilium.k8s.policy.cluster": west
        "k8s:io.kubernetes.pod.namespace": kube-system
        "k8s:k8s-app": kube-dns
    toPorts:
    - ports:
      - port: "53"
        protocol: TCP
      - port: "53"
        protocol: UDP
  - toCIDRSet:
    - cidr: 10.1.0.0/16
    toPorts:
    - ports:
      - port: "80"
        protocol: TCP
  - toCIDRSet:
    - cidr: 10.0.0.0/8
      except:
      - 10.1.0.0/16
    toPorts:
    - ports:
      - port: "80"
        protocol: TCP
      rules:
        http:
        - method: GET
"#,
    );
}

#[test]
fn what_is_built_in_needs_no_list() {
    let fleet = shop();
    let main = fleet.identity("db/main");
    let fleet =
        fleet.rule(Verb::Allow, vec![built_in(BuiltIn::Host)], vec![main], vec![tcp(80)], vec![request("GET", "/")]);
    assert!(!fleet.spec("west", "db/fleetnet-main").contains("http:"));
}
