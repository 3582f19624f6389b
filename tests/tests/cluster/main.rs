//! Real API servers with the real CRDs take what fleetnet writes.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod accepted;
mod azure;
mod helm;

use std::sync::OnceLock;

use fleetnet_tests::cluster::{self, Cluster, Fleet};
use serde_json::{Value, json};

/// The fleet of this test binary: a hub and a member with the CRDs of each. `None` if `test` is skipped.
fn fleet(test: &str) -> Option<&'static Fleet> {
    static FLEET: OnceLock<Fleet> = OnceLock::new();
    // Asked by each test, so that each is counted as skipped.
    fleetnet_tests::tool(test, "FLEETNET_API_SERVER")?;
    fleetnet_tests::tool(test, "FLEETNET_CRDS")?;
    Some(FLEET.get_or_init(|| {
        let fleet = Fleet::start(test, &["hub", "member"]).expect("there is a program for the API servers");
        install(fleet.cluster("hub"), &["fleet", "fleet-networking"]);
        install(fleet.cluster("member"), &["cilium", "fleet-networking", "gateway-api", "mcs-api"]);
        fleet
    }))
}

fn install(cluster: &Cluster, projects: &[&str]) {
    for project in projects {
        cluster.install_crds(&cluster::crds(project).expect("there are CRDs"));
    }
}

fn cilium_policy(namespace: &str, ingress: &Value) -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"endpointSelector": {"matchLabels": {"app": "web"}}, "ingress": ingress},
    })
}

#[test]
fn good_objects_are_taken() {
    let Some(fleet) = fleet("cluster::good_objects_are_taken") else { return };
    let member = fleet.cluster("member");
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "good"}});
    member.apply_dry_run(&namespace).expect("a namespace is taken");
    member.create_namespace("good");
    // v1beta1, which fleetnet writes, has the same schema but isn't in the Go module.
    let export = json!({
        "apiVersion": "networking.fleet.azure.com/v1alpha1",
        "kind": "ServiceExport",
        "metadata": {"name": "web", "namespace": "good", "annotations": {"networking.fleet.azure.com/weight": "50"}},
    });
    member.apply_dry_run(&export).expect("a ServiceExport is taken");
    let policy = cilium_policy("good", &json!([{"fromEndpoints": [{"matchLabels": {"app": "cart"}}]}]));
    let stored = member.apply_dry_run(&policy).expect("a policy is taken");
    assert_eq!(stored.pointer("/metadata/managedFields/0/manager"), Some(&json!("fleetnet")));
}

#[test]
fn bad_objects_are_refused() {
    let Some(fleet) = fleet("cluster::bad_objects_are_refused") else { return };
    let member = fleet.cluster("member");
    member.create_namespace("bad");
    let mistyped = cilium_policy("bad", &json!([{"fromEndpoint": []}]));
    let refusal = member.apply_dry_run(&mistyped).expect_err("an unknown field is refused");
    assert!(refusal.message.contains("fromEndpoint"), "{refusal}");
    let out_of_range = cilium_policy("bad", &json!([{"toPorts": [{"ports": [{"port": "http", "protocol": "GRE"}]}]}]));
    let refusal = member.apply_dry_run(&out_of_range).expect_err("an unknown protocol is refused");
    assert!(refusal.message.contains("GRE"), "{refusal}");
    let refusal = member.apply_dry_run(&cilium_policy("nowhere", &json!([]))).expect_err("there is no such namespace");
    assert_eq!(refusal.status, 404, "{refusal}");
}

#[test]
fn a_dry_run_leaves_nothing_and_clusters_share_nothing() {
    let Some(fleet) = fleet("cluster::a_dry_run_leaves_nothing_and_clusters_share_nothing") else { return };
    let (hub, member) = (fleet.cluster("hub"), fleet.cluster("member"));
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "apart"}});
    member.create_namespace("apart");
    member.apply_dry_run(&config).expect("its namespace is there");
    assert_eq!(hub.apply_dry_run(&config).expect_err("its namespace is on the member only").status, 404);
    let policy = cilium_policy("default", &json!([]));
    assert_eq!(hub.apply_dry_run(&policy).expect_err("the hub has no Cilium").status, 404);
}
