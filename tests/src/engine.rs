//! Cilium's own policy engine, `tests/engine`, as a process that answers cases.
//!
//! The types are the Go program's (`protocol.go`), which documents them in full.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A running engine. It ends when dropped.
#[derive(Debug)]
pub struct Engine {
    process: Child,
    /// `None` once the engine has been told to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Engine {
    /// Starts the engine, or skips `test`.
    pub fn start(test: &str) -> Option<Self> {
        let program = crate::tool(test, "FLEETNET_ENGINE")?;
        let mut command = Command::new(program);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the engine can be started");
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        Some(Self { process, input, output })
    }

    /// What the engine makes of a case. Panics only if the engine itself is gone; what it thinks of the case is in the
    /// outcome.
    pub fn ask(&mut self, case: &Case) -> Outcome {
        let mut line = serde_json::to_vec(case).expect("a case is JSON");
        line.push(b'\n');
        let input = self.input.as_mut().expect("the engine runs until it is dropped");
        input.write_all(&line).expect("the engine reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("the engine answers");
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("the engine's answer to case `{}` ({error}): {answer:?}", case.name))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.input = None;
        // It ends with its input. There is nothing to do about one that can't be waited for.
        drop(self.process.wait());
    }
}

/// A cluster as its agents see it, and the policies in it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// For messages.
    pub name: String,
    /// The agent's settings.
    pub config: Config,
    /// All peers known to the cluster.
    pub identities: Vec<Identity>,
    /// The pods whose maps are wanted.
    pub endpoints: Vec<Endpoint>,
    /// Policies as objects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Value>,
    /// Policies as a stream of YAML documents; they follow `policies`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifests: String,
    /// Ports to ask a verdict for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
}

/// The agent's settings that change a policy map.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// The cluster's name.
    pub local_cluster: String,
    /// The cluster's id, 0 to 511.
    pub cluster_id: u32,
    /// Whether a peer without a cluster label is of this cluster only.
    pub policy_default_local_cluster: bool,
    /// `default`, `always` or `never`.
    pub enable_policy: String,
    /// `always` or `policy`.
    pub allow_localhost: String,
    /// Whether the cluster has IPv6, which splits the identity `world`.
    #[serde(rename = "enableIPv6")]
    pub enable_ipv6: bool,
    /// Whether policies select nodes.
    #[serde(default)]
    pub enable_host_firewall: bool,
}

impl Default for Config {
    /// What Cilium 1.18 does unless told otherwise.
    fn default() -> Self {
        Self {
            local_cluster: "default".to_owned(),
            cluster_id: 0,
            policy_default_local_cluster: false,
            enable_policy: "default".to_owned(),
            allow_localhost: "always".to_owned(),
            enable_ipv6: false,
            enable_host_firewall: false,
        }
    }
}

/// A number and the labels it stands for, `SOURCE:KEY=VALUE`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The number.
    pub id: u32,
    /// The labels.
    pub labels: Vec<String>,
    /// What port names of egress rules may resolve to.
    #[serde(default)]
    pub named_ports: Vec<NamedPort>,
}

/// A pod.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its number on its node.
    pub endpoint_id: u16,
    /// Its identity, which is one of the case's.
    pub identity: u32,
    /// What port names of ingress rules may resolve to.
    #[serde(default)]
    pub named_ports: Vec<NamedPort>,
}

/// A container port.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NamedPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

/// Ports to ask a verdict for, with every identity and direction.
#[derive(Clone, Debug, Serialize)]
pub struct Probes {
    /// In the order of the letters in [`Verdicts`].
    pub ports: Vec<ProbePort>,
}

/// A protocol and a port, never 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbePort {
    /// `TCP`, `UDP`, `SCTP`, `ICMP`, …
    pub proto: String,
    /// For ICMP its type.
    pub port: u16,
}

/// The engine's answer to a case.
#[derive(Clone, Debug, Deserialize)]
pub struct Outcome {
    /// The case's name.
    pub name: String,
    /// The engine's version, `v1.18.0`.
    pub engine: String,
    /// Why there is nothing else here; empty if there is.
    #[serde(default)]
    pub error: String,
    /// In the order of the case.
    pub policies: Vec<PolicyOutcome>,
    /// In the order of the case.
    pub endpoints: Vec<EndpointOutcome>,
}

/// Whether the engine takes a policy.
#[derive(Clone, Debug, Deserialize)]
pub struct PolicyOutcome {
    /// `CiliumNetworkPolicy` and the like.
    pub kind: String,
    /// Empty if there is none.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// One that is not valid is left out, as by the agent.
    pub valid: bool,
    /// Why it isn't valid. The text may vary between runs.
    #[serde(default)]
    pub error: String,
}

/// What the agent would write for an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointOutcome {
    /// The case's number.
    pub endpoint_id: u16,
    /// The case's identity.
    pub identity: u32,
    /// Why the endpoint's whole policy failed; empty if it didn't.
    #[serde(default)]
    pub error: String,
    /// The policy map in ascending order of keys.
    pub entries: Vec<Entry>,
    /// What the proxy gets to know; empty if nothing is redirected.
    pub http: Vec<HttpFilter>,
    /// Here if the case has probes.
    pub verdicts: Option<Verdicts>,
}

/// Key and value of the BPF map, as they lie in memory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Entry {
    /// The key's bytes.
    #[serde(deserialize_with = "hex")]
    pub key: Vec<u8>,
    /// The value's bytes.
    #[serde(deserialize_with = "hex")]
    pub value: Vec<u8>,
}

/// For each identity one letter per probed port: `a` allowed, `r` allowed by way of the proxy, `d` denied by an entry,
/// `-` dropped because there is no entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Verdicts {
    /// From the identity to the endpoint.
    pub ingress: BTreeMap<u32, String>,
    /// From the endpoint to the identity.
    pub egress: BTreeMap<u32, String>,
}

/// What the policy says about one port and some peers. A request through the proxy is dropped if a filter of its port
/// and peer denies; else it passes if one of them has no rules, or a rule that matches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpFilter {
    /// `ingress` or `egress`.
    pub dir: String,
    /// 0 means every port.
    pub port: u16,
    /// 0 unless a range is meant.
    #[serde(default)]
    pub end_port: u16,
    /// `TCP` or `ANY`.
    pub proto: String,
    /// Whether any peer is meant.
    #[serde(default)]
    pub everyone: bool,
    /// The peers meant otherwise.
    pub identities: Vec<u32>,
    /// Whether the filter denies.
    #[serde(default)]
    pub deny: bool,
    /// Empty where the port is allowed without a look at requests.
    #[serde(default)]
    pub rules: Vec<HttpRule>,
}

/// Regular expressions for the whole method, path and host; an empty one matches all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRule {
    /// `GET`, for one.
    #[serde(default)]
    pub method: String,
    /// Path and query.
    #[serde(default)]
    pub path: String,
    /// The host header.
    #[serde(default)]
    pub host: String,
    /// How many header conditions there are besides.
    #[serde(default)]
    pub header_count: usize,
}

fn hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    bytes(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not hexadecimal")))
}

/// The bytes of a hexadecimal text.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let digits = digits.collect::<Option<Vec<u8>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_or_refused() {
        assert_eq!(bytes("00fF7a"), Some(vec![0, 255, 0x7a]));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("0g"), None);
    }
}
