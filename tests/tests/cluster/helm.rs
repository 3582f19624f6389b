//! What Cilium's chart and its agents would say of our values: their rules for meshes, asserted by ourselves, as no chart is rendered here.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_compiler::compile::{Compiled, Goal};
use fleetnet_compiler::model::{TargetKind, Version};
use fleetnet_tests::manifest::{self, text};
use fleetnet_tests::package::{Package, errors};
use fleetnet_tests::{generate, root};
use serde_json::Value;

/// Everything that we set, of what the chart knows.
const KEYS: [&str; 12] = [
    "bpf",
    "cluster",
    "clustermesh",
    "enableNonDefaultDenyPolicies",
    "encryption",
    "ipv4NativeRoutingCIDR",
    "ipv6NativeRoutingCIDR",
    "labels",
    "policyCIDRMatchMode",
    "policyEnforcementMode",
    "routingMode",
    "sctp",
];
/// The first release whose chart knows `defaultGlobalNamespace`.
const LOCAL_NAMESPACES: Version = Version { major: 1, minor: 19, patch: 0 };

#[test]
fn values_of_the_example() {
    let compiled = Package::of_folder(&root().join("examples/blue-green")).compile(Goal::Build);
    assert_eq!(check(&compiled), 2);
}

#[test]
fn values_of_generated_fleets() {
    let fleets = (0..80).flat_map(|seed| [generate::traffic(seed), generate::small(seed)]);
    let builds = fleets.map(|fleet| Package::of_text(&fleet.to_string()).compile(Goal::Build));
    let checked: usize = builds.filter(|compiled| errors(compiled).is_empty()).map(|compiled| check(&compiled)).sum();
    assert!(checked > 60, "only {checked} clusters have values");
}

/// Checks the values of every cluster, and says how many there are.
fn check(compiled: &Compiled) -> usize {
    let values = values(compiled);
    let mut taken = BTreeSet::new();
    for (name, value) in &values {
        assert!(value.as_object().expect("values are a map").keys().all(|key| KEYS.contains(&key.as_str())), "{value}");
        cluster(name, value, &mut taken);
        release(compiled, name, value);
        for remote in remotes(value) {
            mutual(name, value, remote, &values);
        }
    }
    values.len()
}

/// By the name of the cluster in the fleet.
fn values(compiled: &Compiled) -> BTreeMap<String, Value> {
    let artifacts = compiled.build.iter().flat_map(|build| &build.artifacts);
    let named =
        artifacts.filter_map(|artifact| Some((artifact.path.strip_prefix("helm/")?.strip_suffix(".yaml")?, artifact)));
    named
        .map(|(name, artifact)| {
            let text = std::str::from_utf8(&artifact.bytes).expect("it is text");
            let value = manifest::objects(text).expect("values are YAML").pop().expect("one document");
            (name.to_owned(), value)
        })
        .collect()
}

/// The agent refuses other names, and ids that two clusters have.
fn cluster(name: &str, value: &Value, taken: &mut BTreeSet<u64>) {
    let called = text(value, "/cluster/name");
    let legal = called.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    assert!(legal && (1..=32).contains(&called.len()) && called != "default", "{name}: {called}");
    assert!(!called.starts_with('-') && !called.ends_with('-'), "{name}: {called}");
    if let Some(id) = value.pointer("/cluster/id").and_then(Value::as_u64) {
        assert!((1..=255).contains(&id) && taken.insert(id), "{name}: id {id}");
    }
    assert_eq!(value.pointer("/clustermesh/maxConnectedClusters"), Some(&255.into()), "{name}: the same everywhere");
    let size = value.pointer("/bpf/policyMapMax").and_then(Value::as_u64).expect("a size");
    assert!((256..=65_536).contains(&size), "{name}: {size}");
}

/// What one release has and the other doesn't, and what they have different defaults of.
fn release(compiled: &Compiled, name: &str, value: &Value) {
    let model = &compiled.plan.as_ref().expect("it has a plan").model;
    let (id, row) = model.clusters.iter().find(|(_, row)| row.name.value.as_str() == name).expect("a cluster");
    assert!(model.fleet.clusters_of(TargetKind::Cilium).contains(id), "{name}: only for self-managed clusters");
    let knows = row.cilium.is_none_or(|version| version.value >= LOCAL_NAMESPACES);
    let written = value.pointer("/clustermesh/defaultGlobalNamespace");
    assert_eq!(written, knows.then_some(&Value::Bool(false)), "{name}");
    assert!(value.pointer("/clustermesh/policyDefaultLocalCluster").is_some_and(Value::is_boolean), "{name}");
}

fn remotes(value: &Value) -> &[Value] {
    value.pointer("/clustermesh/config/clusters").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Nothing at run time sees whether the other side names this one too, so both must come from one source.
fn mutual(name: &str, value: &Value, remote: &Value, all: &BTreeMap<String, Value>) {
    let (own, other) = (text(value, "/cluster/name"), text(remote, "/name"));
    assert_ne!(own, other, "{name} joins itself");
    assert!(!text(remote, "/address").is_empty(), "{name}: {other} has no address");
    assert!(remote.pointer("/port").and_then(Value::as_u64).is_some_and(|port| (1..=65_535).contains(&port)), "{name}");
    let there = all.values().find(|value| text(value, "/cluster/name") == other).expect("every member has values");
    assert!(remotes(there).iter().any(|remote| text(remote, "/name") == own), "{other} does not name {own}");
}
