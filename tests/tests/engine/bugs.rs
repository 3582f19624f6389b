//! Mistakes that a lowering could make, made in the emitted policies. A comparison that misses one is worth nothing.

use serde_json::{Value, json};

/// A mistake.
pub struct Bug {
    pub name: &'static str,
    /// Makes it in a policy; whether there was occasion to.
    pub make: fn(&mut Value) -> bool,
}

/// All of them.
pub const BUGS: [Bug; 16] = [
    Bug { name: "a peer's cluster is forgotten", make: |policy| without_label(policy, PEERS, CLUSTER) },
    Bug { name: "a peer's namespace is forgotten", make: |policy| without_label(policy, PEERS, NAMESPACE) },
    Bug {
        name: "the subject's account is forgotten",
        make: |policy| without_label(policy, &["endpointSelector"], ACCOUNT),
    },
    Bug { name: "unlisted pods are those with the label", make: |policy| unlisted_is_listed(policy) },
    Bug { name: "exceptions are forgotten", make: |policy| each(policy, "except", &mut |value| is_taken(value)) },
    Bug { name: "a range is one port longer", make: |policy| each(policy, "endPort", &mut |value| add_one(value)) },
    Bug { name: "a port is the next one", make: |policy| each(policy, "port", &mut |value| next_port(value)) },
    Bug { name: "tcp is udp", make: |policy| each(policy, "protocol", &mut |value| replace(value, "TCP", "UDP")) },
    Bug { name: "ICMP types are one less", make: |policy| each(policy, "type", &mut |value| subtract_one(value)) },
    Bug {
        name: "denies into a pod are forgotten",
        make: |policy| each_spec(policy, |spec| remove(spec, "ingressDeny")),
    },
    Bug {
        name: "denies out of a pod are forgotten",
        make: |policy| each_spec(policy, |spec| remove(spec, "egressDeny")),
    },
    Bug { name: "defaults are the other way round", make: |policy| each_spec(policy, other_default) },
    Bug { name: "requests are forgotten", make: |policy| each(policy, "rules", &mut |rules| remove(rules, "http")) },
    Bug {
        name: "a request's method is forgotten",
        make: |policy| each(policy, "method", &mut |value| is_taken(value)),
    },
    Bug { name: "look-ups are not seen", make: |policy| each(policy, "rules", &mut |rules| remove(rules, "dns")) },
    Bug { name: "nodes are not let in", make: |policy| each(policy, "fromEntities", &mut |list| without_host(list)) },
];

const PEERS: &[&str] = &["fromEndpoints", "toEndpoints"];
const CLUSTER: &str = "k8s:io.cilium.k8s.policy.cluster";
const NAMESPACE: &str = "k8s:io.kubernetes.pod.namespace";
const ACCOUNT: &str = "k8s:io.cilium.k8s.policy.serviceaccount";

/// Changes every field of a name, at any depth; whether one was changed.
fn each(value: &mut Value, name: &str, change: &mut dyn FnMut(&mut Value) -> bool) -> bool {
    let mut changed = false;
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                changed |= if key == name { change(field) } else { each(field, name, change) };
            }
        }
        Value::Array(items) => {
            for item in items {
                changed |= each(item, name, change);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    changed
}

fn each_spec(policy: &mut Value, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    let mut changed = policy.get_mut("spec").is_some_and(&mut change);
    for spec in policy.get_mut("specs").and_then(Value::as_array_mut).into_iter().flatten() {
        changed |= change(spec);
    }
    changed
}

fn remove(value: &mut Value, name: &str) -> bool {
    value.as_object_mut().is_some_and(|fields| fields.remove(name).is_some())
}

/// As if the field were not there.
fn is_taken(value: &mut Value) -> bool {
    *value = Value::Null;
    true
}

fn replace(value: &mut Value, old: &str, new: &str) -> bool {
    let found = value == old;
    if found {
        *value = json!(new);
    }
    found
}

fn add_one(value: &mut Value) -> bool {
    let Some(number) = value.as_u64().filter(|number| *number < 65_535) else { return false };
    *value = json!(number + 1);
    true
}

fn subtract_one(value: &mut Value) -> bool {
    let Some(number) = value.as_u64().and_then(|number| number.checked_sub(1)) else { return false };
    *value = json!(number);
    true
}

/// Only where that is no range, which is another mistake.
fn next_port(value: &mut Value) -> bool {
    let Some(number) = value.as_str().and_then(|port| port.parse::<u16>().ok()).filter(|port| *port > 0) else {
        return false;
    };
    *value = json!(number.saturating_add(1).to_string());
    true
}

fn without_label(policy: &mut Value, selectors: &[&str], key: &str) -> bool {
    let mut change = |selector: &mut Value| {
        let labels = each(selector, "matchLabels", &mut |labels| remove(labels, key));
        let expressions = each(selector, "matchExpressions", &mut |list| {
            let Some(list) = list.as_array_mut() else { return false };
            let before = list.len();
            list.retain(|expression| expression.get("key") != Some(&json!(key)));
            list.len() < before
        });
        labels || expressions
    };
    selectors.iter().filter(|name| each(policy, name, &mut change)).count() > 0
}

fn unlisted_is_listed(policy: &mut Value) -> bool {
    each(policy, "endpointSelector", &mut |selector| {
        each(selector, "matchExpressions", &mut |list| {
            let mut changed = false;
            for expression in list.as_array_mut().into_iter().flatten() {
                if expression.get("operator") == Some(&json!("NotIn")) {
                    expression["operator"] = json!("Exists");
                    changed |= remove(expression, "values");
                }
            }
            changed
        })
    })
}

fn other_default(spec: &mut Value) -> bool {
    let Some(fields) = spec.get_mut("enableDefaultDeny").and_then(Value::as_object_mut) else { return false };
    for (_, field) in fields.iter_mut() {
        *field = json!(field != &json!(true));
    }
    true
}

fn without_host(list: &mut Value) -> bool {
    let Some(list) = list.as_array_mut() else { return false };
    let before = list.len();
    list.retain(|entity| entity != "host");
    list.len() < before
}
