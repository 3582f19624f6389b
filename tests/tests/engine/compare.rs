//! The engine's answer, the image and the plan, side by side.

use std::collections::BTreeMap;
use std::fmt;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::policy::key::{self, PacketKey, PolicyKey};
use fleetnet_abi::policy::l4;
use fleetnet_abi::policy::lookup::{DropReason, Lookup, Packet, PolicyMap, Transport, Verdict};
use fleetnet_abi::policy::value::PolicyValue;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;
use fleetnet_compiler::model::{self, ClusterId, Direction, IdentityId, Protocol, Request, Verb};
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::semantics::{Admits, Decision, End, Flow, Side, decide};
use fleetnet_tests::engine::{EndpointOutcome, Engine};
use fleetnet_tests::manifest;
use serde_json::Value;

use super::ends::ends;
use super::fleet::{Cluster, Probe, probes};
use super::requests::{self, Proxy};

/// Two computations that should agree and don't.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub what: What,
    /// In which cluster, and the two answers.
    pub text: String,
}

/// Which two disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The engine refuses a policy, or the policy of an endpoint as a whole.
    Refused,
    /// Entries of the engine and the image.
    Entries,
    /// Verdicts of the engine and the plan.
    Verdict,
    /// Verdicts of the image and the plan.
    Image,
    /// What the engine lets the proxy admit, and the plan.
    Requests,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in {}", self.what, self.text)
    }
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    pub endpoints: usize,
    pub entries: usize,
    pub verdicts: usize,
    pub requests: usize,
}

impl Compared {
    pub fn add(&mut self, other: Self) {
        self.endpoints += other.endpoints;
        self.entries += other.entries;
        self.verdicts += other.verdicts;
        self.requests += other.requests;
    }
}

/// Compares one cluster, as if `policies` had been emitted for it. The first mismatch ends it.
pub fn compare(
    engine: &mut Engine,
    plan: &Plan,
    cluster: &Cluster,
    policies: Vec<Value>,
) -> Result<Compared, Mismatch> {
    let ports = probes(plan);
    let names: Vec<String> = policies.iter().map(manifest::name).collect();
    let outcome = engine.ask(&cluster.case(plan, policies, &ports));
    let mismatch = |what: What, text: String| Mismatch { what, text: format!("{}: {text}", cluster.name) };
    if !outcome.error.is_empty() {
        return Err(mismatch(What::Refused, outcome.error));
    }
    assert_eq!(outcome.engine, "v1.18.0", "the engine of the images");
    for (policy, name) in outcome.policies.iter().zip(names) {
        if !policy.valid {
            return Err(mismatch(What::Refused, format!("{name}: {}", policy.error)));
        }
    }
    let mut comparison = Comparison { plan, cluster, ports, ends: ends(plan, cluster), compared: Compared::default() };
    let asked = requests::probes(plan);
    let mut proxy = Proxy::default();
    for endpoint in &outcome.endpoints {
        comparison.endpoint(endpoint, &asked, &mut proxy).map_err(|found| mismatch(found.what, found.text))?;
    }
    assert_eq!(outcome.endpoints.len(), cluster.subjects().count(), "an answer for each endpoint");
    Ok(comparison.compared)
}

struct Comparison<'a> {
    plan: &'a Plan,
    cluster: &'a Cluster,
    ports: Vec<Probe>,
    ends: Vec<(Identity, End)>,
    compared: Compared,
}

impl Comparison<'_> {
    fn endpoint(&mut self, answer: &EndpointOutcome, asked: &[Request], proxy: &mut Proxy) -> Result<(), Mismatch> {
        let subject = Identity(answer.identity);
        let who = self.name(subject);
        let mismatch = |what: What, text: String| Mismatch { what, text: format!("endpoint {who}: {text}") };
        if !answer.error.is_empty() {
            return Err(mismatch(What::Refused, answer.error.clone()));
        }
        let section =
            self.cluster.image.section(MapKind::Policy { subject }).expect("a case has the image's endpoints");
        self.entries(answer, section).map_err(|text| mismatch(What::Entries, text))?;
        let map = Map::of(section);
        let mut compared = Compared { endpoints: 1, ..Compared::default() };
        let verdicts = answer.verdicts.as_ref().expect("the case has probes");
        for (direction, letters) in [(Direction::Ingress, &verdicts.ingress), (Direction::Egress, &verdicts.egress)] {
            for (peer, end) in &self.ends {
                let letters = letters.get(&peer.0).expect("a verdict for every identity");
                for (probe, letter) in self.ports.iter().zip(letters.chars()) {
                    let flow = self.flow(direction, subject, end, probe);
                    let decision = side(self.plan, direction, &flow);
                    let image = map.letter(direction, *peer, probe);
                    let said = |what: What, wrong: char| {
                        let (port, protocol, peer) = (probe.port, probe.protocol, self.name(*peer));
                        let context = format!("{direction:?} with {peer} on {port} of {protocol:?}");
                        mismatch(what, format!("{context}: `{wrong}` where the plan says {decision:?}"))
                    };
                    if !letters_of(&decision, probe).contains(&letter) {
                        return Err(said(What::Verdict, letter));
                    }
                    if image != letter {
                        return Err(said(What::Image, image));
                    }
                    compared.verdicts += 1;
                    if !matches!(decision, Side::Governed(Decision::Allowed { admits: Admits::Requests(_), .. })) {
                        continue;
                    }
                    for request in asked {
                        let flow = Flow { request: Some(request.clone()), ..flow.clone() };
                        let passes = side(self.plan, direction, &flow).passes();
                        if proxy.admits(&answer.http, direction, peer.0, probe.port, request) != passes {
                            let Mismatch { what, text } = said(What::Requests, letter);
                            let text = format!("{text}, of {} {}: {passes}", request.method, request.path);
                            return Err(Mismatch { what, text });
                        }
                        compared.requests += 1;
                    }
                }
            }
        }
        self.compared.add(compared);
        Ok(())
    }

    fn flow(&self, direction: Direction, subject: Identity, peer: &End, probe: &Probe) -> Flow {
        let (identity, cluster) = self.pod(subject);
        let own = End::Pod { identity, cluster, address: None };
        let (source, destination) = match direction {
            Direction::Ingress => (peer.clone(), own),
            Direction::Egress => (own, peer.clone()),
        };
        Flow { source, destination, protocol: probe.protocol, port: probe.port, request: None }
    }

    fn entries(&mut self, answer: &EndpointOutcome, section: &Section) -> Result<(), String> {
        let theirs: BTreeMap<&[u8], &[u8]> =
            answer.entries.iter().map(|entry| (&entry.key[..], &entry.value[..])).collect();
        let ours: BTreeMap<&[u8], &[u8]> = section.entries().map(|entry| (entry.key, entry.value)).collect();
        let read = |key: &[u8], value: Option<&&[u8]>| {
            let key = key.try_into().ok().and_then(|key| PolicyKey::from_bytes(key).ok());
            let peer = key.as_ref().map(|key| self.name(key.identity));
            let value = value.map(|value| PolicyValue::from_bytes(value));
            format!("{peer:?} {key:?} -> {value:?}")
        };
        for key in theirs.keys().chain(ours.keys()) {
            if theirs.get(key) != ours.get(key) {
                return Err(format!(
                    "the engine has {}\n    the image has {}",
                    read(key, theirs.get(key)),
                    read(key, ours.get(key))
                ));
            }
        }
        if answer.entries.len() != theirs.len() {
            return Err("two entries of the engine have one key".to_owned());
        }
        self.compared.entries += theirs.len();
        Ok(())
    }

    fn pod(&self, number: Identity) -> (IdentityId, ClusterId) {
        let mut pods = self.cluster.universe.pods.iter();
        let ((identity, cluster), _) = pods.find(|(_, pod)| **pod == number).expect("a policy map is a pod's");
        (*identity, *cluster)
    }

    fn name(&self, number: Identity) -> String {
        self.cluster.image.identity(number).map_or_else(|| number.to_string(), |row| row.name.to_string())
    }
}

fn side(plan: &Plan, direction: Direction, flow: &Flow) -> Side {
    let verdict = decide(plan, flow);
    match direction {
        Direction::Ingress => verdict.ingress,
        Direction::Egress => verdict.egress,
    }
}

/// The letters by which the engine can say what the plan says. Look-ups may go through the proxy that learns names.
fn letters_of(side: &Side, probe: &Probe) -> &'static [char] {
    let looks_up = probe.port == 53 && matches!(probe.protocol, Protocol::Transport(_));
    match side {
        Side::Governed(Decision::Denied(_)) => &['d'],
        Side::Governed(Decision::Allowed { admits: Admits::Requests(_), .. }) => &['r'],
        Side::Governed(Decision::Allowed { admits: Admits::All, .. }) if looks_up => &['a', 'r'],
        Side::Governed(Decision::Allowed { admits: Admits::All, .. }) => &['a'],
        // A pod's own side is governed, and a connection carries no request yet.
        Side::Ungoverned | Side::Governed(Decision::RequestRefused { .. }) => &[],
        Side::Governed(Decision::Default(verb)) => match verb.value {
            Verb::Allow => &['a'],
            Verb::Deny => &['-'],
        },
    }
}

/// A policy map by direction and peer.
struct Map(BTreeMap<(key::Direction, Identity), Vec<(PolicyKey, PolicyValue)>>);

impl Map {
    fn of(section: &Section) -> Self {
        let mut map: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in section.policy_entries() {
            map.entry((entry.key.direction, entry.key.identity)).or_default().push((entry.key, entry.value));
        }
        Self(map)
    }

    fn letter(&self, direction: Direction, peer: Identity, probe: &Probe) -> char {
        let direction = match direction {
            Direction::Ingress => key::Direction::Ingress,
            Direction::Egress => key::Direction::Egress,
        };
        let kind = u8::try_from(probe.port).unwrap_or(u8::MAX);
        let port = |protocol| Transport::Port { protocol, port: probe.port };
        let transport = match probe.protocol {
            Protocol::Transport(model::Transport::Tcp) => port(l4::Protocol::TCP),
            Protocol::Transport(model::Transport::Udp) => port(l4::Protocol::UDP),
            Protocol::Transport(model::Transport::Sctp) => port(l4::Protocol::SCTP),
            Protocol::IcmpV4 => Transport::Icmp { kind, code: 0 },
            Protocol::IcmpV6 => Transport::Icmpv6 { kind },
        };
        let lookup = Lookup { abi: Abi::Cilium118, cluster: 0 };
        match lookup.decide(self, Packet { direction, remote: peer, transport }).verdict {
            Verdict::Allow => 'a',
            Verdict::Redirect(_) => 'r',
            Verdict::Drop(DropReason::Denied) => 'd',
            Verdict::Drop(_) => '-',
        }
    }
}

impl PolicyMap for Map {
    type Mark = ();

    fn longest_match(&self, packet: PacketKey) -> Option<(PolicyValue, ())> {
        let entries = self.0.get(&(packet.direction, packet.identity))?;
        entries.as_slice().longest_match(packet).map(|(value, _)| (value, ()))
    }
}
