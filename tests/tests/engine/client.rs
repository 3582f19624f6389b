//! The engine answers as its own corpus says, and says what it can't answer.

use std::path::Path;

use fleetnet_tests::engine::{Case, Config, Endpoint, Engine, Entry, Identity, NamedPort, ProbePort, Probes, bytes};
use serde::Deserialize;
use serde_json::{Value, json};

/// A web server and its client in one namespace, and a policy for the server.
fn case(name: &str, spec: &Value) -> Case {
    let labels = |app: &str| {
        let text = ["k8s:io.kubernetes.pod.namespace=shop", "k8s:io.cilium.k8s.policy.cluster=east"];
        text.map(str::to_owned).into_iter().chain([format!("k8s:app={app}")]).collect::<Vec<_>>()
    };
    Case {
        name: name.to_owned(),
        config: Config { local_cluster: "east".to_owned(), cluster_id: 1, ..Config::default() },
        identities: vec![
            Identity { id: 70000, labels: labels("web"), named_ports: vec![] },
            Identity { id: 70001, labels: labels("cart"), named_ports: vec![] },
            Identity { id: 70002, labels: labels("other"), named_ports: vec![] },
        ],
        endpoints: vec![Endpoint {
            endpoint_id: 7,
            identity: 70000,
            named_ports: vec![NamedPort { name: "http".to_owned(), port: 8080, protocol: "TCP".to_owned() }],
        }],
        policies: vec![json!({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNetworkPolicy",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": spec,
        })],
        manifests: String::new(),
        probes: Some(Probes { ports: [8080, 8081].map(|port| ProbePort { proto: "TCP".to_owned(), port }).into() }),
    }
}

#[test]
fn a_named_port_with_requests_is_redirected() {
    let Some(mut engine) = Engine::start("engine::a_named_port_with_requests_is_redirected") else { return };
    let outcome = engine.ask(&case(
        "web",
        &json!({
            "endpointSelector": {"matchLabels": {"app": "web"}},
            "ingress": [{
                "fromEndpoints": [{"matchLabels": {"app": "cart"}}],
                "toPorts": [{
                    "ports": [{"port": "http", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET", "path": "/items"}]},
                }],
            }],
        }),
    ));
    assert_eq!((outcome.error.as_str(), outcome.engine.as_str()), ("", "v1.18.0"));
    let [endpoint] = outcome.endpoints.as_slice() else { panic!("{outcome:?}") };
    let verdicts = endpoint.verdicts.as_ref().expect("the case has probes");
    assert_eq!(verdicts.ingress[&70001], "r-");
    assert_eq!(verdicts.ingress[&70002], "--");
    assert_eq!(verdicts.egress[&70001], "aa", "no rule speaks of egress");
    let [filter] = endpoint.http.as_slice() else { panic!("{:?}", endpoint.http) };
    assert_eq!((filter.port, filter.identities.as_slice()), (8080, [70001].as_slice()));
    assert_eq!((filter.rules[0].method.as_str(), filter.rules[0].path.as_str()), ("GET", "/items"));
    // Prefix length 64, ingress, TCP, port 8080 in network order; proxy port 14001 in network order.
    let key = bytes("400000007111010000061f90").expect("hexadecimal");
    let entry = endpoint.entries.iter().find(|entry| entry.key == key).expect("the redirect has an entry");
    assert_eq!(entry.value[..2], [0x36, 0xb1]);
}

#[test]
fn a_policy_it_refuses_is_reported_and_left_out() {
    let Some(mut engine) = Engine::start("engine::a_policy_it_refuses_is_reported_and_left_out") else { return };
    let both = json!({
        "endpointSelector": {"matchLabels": {"app": "web"}},
        "egress": [{"toEntities": ["world"], "toCIDR": ["10.0.0.0/8"]}],
    });
    let outcome = engine.ask(&case("refused", &both));
    let [policy] = outcome.policies.as_slice() else { panic!("{outcome:?}") };
    assert!(!policy.valid);
    // Which of the two it names first changes from run to run.
    assert!(policy.error.contains("combining"), "{}", policy.error);
    let verdicts = outcome.endpoints[0].verdicts.as_ref().expect("the case has probes");
    assert_eq!(verdicts.egress[&2], "aa", "without a policy everything is allowed");

    let mut nonsense = case("nonsense", &both);
    nonsense.endpoints[0].identity = 1_000_000;
    assert!(engine.ask(&nonsense).endpoints[0].error.contains("1000000"));
    assert_eq!(engine.ask(&case("still there", &both)).name, "still there");
}

/// A case of the corpus, without its policies.
#[derive(Deserialize)]
struct CorpusCase {
    config: Config,
    identities: Vec<Identity>,
    endpoints: Vec<Endpoint>,
}

/// What the corpus expects.
#[derive(Deserialize)]
struct Expected {
    policies: Vec<ExpectedPolicy>,
    endpoints: Vec<ExpectedEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExpectedPolicy {
    name: String,
    valid: bool,
}

#[derive(Deserialize)]
struct ExpectedEndpoint {
    error: String,
    entries: Vec<Entry>,
}

/// The corpus was made by another program on the same engine: that ours asks it rightly is shown by the same bytes.
#[test]
fn it_says_what_the_corpus_says() {
    const NAME: &str = "engine::it_says_what_the_corpus_says";
    let Some(corpus) = fleetnet_tests::shared(NAME, "corpora/cilium-engine") else { return };
    let Some(mut engine) = Engine::start(NAME) else { return };
    let mut folders: Vec<_> = std::fs::read_dir(corpus)
        .expect("the corpus can be read")
        .map(|entry| entry.expect("the corpus can be read").path())
        .filter(|folder| folder.join("entries-1.18.0.json").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() > 300, "{} cases of the corpus are for 1.18.0", folders.len());
    for folder in folders {
        compare(&mut engine, &folder);
    }
}

fn compare(engine: &mut Engine, folder: &Path) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a case has all its files");
    let case: CorpusCase = serde_json::from_str(&read("identities.json")).expect("identities");
    let expected: Expected = serde_json::from_str(&read("entries-1.18.0.json")).expect("entries");
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let outcome = engine.ask(&Case {
        name: name.clone(),
        config: case.config,
        identities: case.identities,
        endpoints: case.endpoints,
        manifests: read("policies.yaml"),
        ..Case::default()
    });
    assert_eq!(outcome.error, "", "{name}");
    let ours: Vec<_> = outcome.policies.into_iter().map(|policy| (policy.name, policy.valid)).collect();
    let theirs: Vec<_> = expected.policies.into_iter().map(|policy| (policy.name, policy.valid)).collect();
    assert_eq!(ours, theirs, "{name}");
    assert_eq!(outcome.endpoints.len(), expected.endpoints.len(), "{name}");
    for (ours, mut theirs) in outcome.endpoints.into_iter().zip(expected.endpoints) {
        assert_eq!(ours.error.is_empty(), theirs.error.is_empty(), "{name}: {} or {}", ours.error, theirs.error);
        theirs.entries.sort();
        assert_eq!(ours.entries, theirs.entries, "{name}, endpoint {}", ours.endpoint_id);
    }
}
