//! What the rules of a generated fleet say, in every form that the grammar has.

use std::collections::{BTreeMap, BTreeSet};

use super::Random;
use super::places::{ClusterSet, Places, Target};
use super::source::Declaration;
use super::workloads::{Workloads, block, default};

/// Writes policies over a fleet.
pub struct Policies<'a> {
    /// Where things are.
    pub places: &'a Places,
    /// Who there is.
    pub workloads: &'a Workloads,
    /// The defaults that policies have set so far: two that disagree are an error.
    pub defaults: BTreeMap<(usize, usize, &'static str), bool>,
}

/// One side of a rule.
#[derive(Clone, Debug, Default)]
struct Side {
    text: Vec<String>,
    pods: Vec<Pods>,
    has_others: bool,
    has_names: bool,
}

/// Pods of a side: for each identity where it is meant.
type Pods = BTreeMap<usize, ClusterSet>;

/// On which side of a rule a peer stands, as that limits what it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Source,
    Destination,
    DeniedDestination,
}

impl Policies<'_> {
    /// A policy of at most so many rules.
    pub fn policy(&mut self, random: &mut Random, place: usize, rules: usize) -> Declaration {
        if random.percent(60) { self.for_subject(random, place, rules) } else { self.of_pairs(random, place, rules) }
    }

    fn for_subject(&mut self, random: &mut Random, place: usize, rules: usize) -> Declaration {
        let mut subject = Side::default();
        for _ in 0..if random.percent(25) { 2 } else { 1 } {
            self.subject(random, &mut subject);
        }
        let mut statements = Vec::new();
        if random.percent(30) {
            statements.extend(self.default(random, &subject));
        }
        let here = clusters(&subject);
        for _ in 0..rules {
            let verb = verb(random);
            let inward = random.percent(50);
            let mut peers = Side::default();
            let role = match (inward, verb) {
                (true, _) => As::Source,
                (false, "allow") => As::Destination,
                (false, _) => As::DeniedDestination,
            };
            for _ in 0..peer_count(random) {
                self.peer(random, &mut peers, &here, role);
            }
            let word = if inward { "from" } else { "to" };
            let rest = self.rest(random, verb, &peers, if inward { &subject } else { &peers });
            statements.push(format!("{verb} {word} {}{rest}", peers.text.join(", ")));
        }
        Declaration::new(format!("policy p{place} for {}", subject.text.join(", ")), statements)
    }

    fn subject(&self, random: &mut Random, side: &mut Side) {
        let (text, members) = self.workloads.pods(random);
        let pods = self.pods_of(&members);
        if !random.percent(30) {
            return side.add(text, pods);
        }
        let (place, left) = self.places.place(random, &clusters_of(&pods));
        side.add(format!("{text} {place}"), within(&pods, &left));
    }

    fn of_pairs(&mut self, random: &mut Random, place: usize, rules: usize) -> Declaration {
        let mut statements = Vec::new();
        for _ in 0..rules {
            let verb = verb(random);
            let role = if verb == "allow" { As::Destination } else { As::DeniedDestination };
            let (mut from, mut to) = (Side::default(), Side::default());
            if random.percent(70) {
                self.pair(random, &mut from, &mut to);
            } else if random.percent(50) {
                self.other(random, &mut from, As::Source);
                self.subject(random, &mut to);
            } else {
                self.subject(random, &mut from);
                self.other(random, &mut to, role);
            }
            let others = if from.has_others { &from } else { &to };
            let rest = self.rest(random, verb, others, &to);
            statements.push(format!("{verb} {} -> {}{rest}", from.text.join(", "), to.text.join(", ")));
        }
        Declaration::new(format!("policy p{place}"), statements)
    }

    /// Two ends that know each other; if they don't everywhere, only in one cluster.
    fn pair(&self, random: &mut Random, from: &mut Side, to: &mut Side) {
        let (source, sources) = self.workloads.pods(random);
        let (destination, destinations) = self.workloads.pods(random);
        let (sources, destinations) = (self.pods_of(&sources), self.pods_of(&destinations));
        let (mut here, mut there) = (String::new(), String::new());
        let (mut near, mut far) = (sources.clone(), destinations.clone());
        if random.percent(25) {
            let (place, left) = self.places.place(random, &clusters_of(&sources));
            (here, near) = (format!(" {place}"), within(&sources, &left));
        }
        if random.percent(25) {
            let (place, left) = self.places.place(random, &clusters_of(&destinations));
            (there, far) = (format!(" {place}"), within(&destinations, &left));
        }
        let acquainted = self.knows(&clusters_of(&near), &far) && self.knows(&clusters_of(&far), &near);
        if acquainted && random.percent(75) {
            from.add(format!("{source}{here}"), near);
            to.add(format!("{destination}{there}"), far);
        } else if !clusters_of(&sources).is_disjoint(&clusters_of(&destinations)) {
            let source_is_local = random.percent(40);
            from.add(if source_is_local { format!("{source} in local") } else { source }, sources);
            to.add(if source_is_local { destination } else { format!("{destination} in local") }, destinations);
        } else {
            from.add(source, sources);
            self.other(random, to, As::DeniedDestination);
        }
    }

    fn peer(&self, random: &mut Random, side: &mut Side, seen_from: &ClusterSet, role: As) {
        if random.percent(55) {
            self.pod_peer(random, side, seen_from, role);
        } else {
            self.other(random, side, role);
        }
    }

    fn pod_peer(&self, random: &mut Random, side: &mut Side, seen_from: &ClusterSet, role: As) {
        let (mut text, mut members) = self.workloads.pods(random);
        let in_parentheses = random.percent(15);
        if in_parentheses {
            let (more, others) = self.workloads.pods(random);
            if more != text {
                text = format!("{text}, {more}");
            }
            text = format!("({text})");
            members.extend(others);
        }
        let pods = self.pods_of(&members);
        let everywhere = clusters_of(&pods);
        if in_parentheses || random.percent(40) {
            for _ in 0..4 {
                let (place, left) = self.places.place(random, &everywhere);
                let left = within(&pods, &left);
                // Every end in parentheses must run somewhere in the place.
                let all_run = !in_parentheses || left.len() == pods.len();
                if all_run && self.knows(seen_from, &left) && !random.percent(25) {
                    return side.add(format!("{text} {place}"), left);
                }
            }
        } else if self.knows(seen_from, &pods) {
            return side.add(text, pods);
        }
        let nearby = pods.values().all(|clusters| !clusters.is_disjoint(seen_from));
        if nearby {
            return side.add(format!("{text} in local"), within(&pods, seen_from));
        }
        self.other(random, side, role);
    }

    /// A peer that is no pod of the fleet's.
    fn other(&self, random: &mut Random, side: &mut Side, role: As) {
        side.has_others = true;
        let text = match random.below(18) {
            0..=3 => self.external(random, side, role),
            4..=6 => {
                let (cidr, except) = block(random, self.places);
                match except.as_slice() {
                    [] => format!("cidr {cidr}"),
                    [one] => format!("cidr {cidr} except {one}"),
                    several => format!("cidr {cidr} except ({})", several.join(", ")),
                }
            }
            7 | 16 if role == As::Destination => {
                side.has_names = true;
                // Names of any depth need a later release than that of the images.
                let names = [
                    "dns \"api.example.com\"",
                    "dns \"www.example.com\"",
                    "dns \"*.example.org\"",
                    "dns \"api-*.example.net\"",
                ];
                random.word(&names).to_owned()
            }
            8 => {
                let place = match random.below(4) {
                    0 => " in local".to_owned(),
                    1 => format!(" {}", self.places.place(random, &self.places.all()).0),
                    _ => String::new(),
                };
                format!("foreign{place}")
            }
            9 if self.places.target == Target::Cilium || role != As::Source => "kube-apiserver".to_owned(),
            10 => "host".to_owned(),
            11 => "remote-nodes".to_owned(),
            12 => "gateways".to_owned(),
            13 => "cluster-dns".to_owned(),
            14 => "cloud-metadata".to_owned(),
            _ => "world".to_owned(),
        };
        side.text.push(text);
    }

    fn external(&self, random: &mut Random, side: &mut Side, role: As) -> String {
        let usable: Vec<_> =
            self.workloads.externals.iter().filter(|external| role == As::Destination || !external.has_names).collect();
        let Some(external) = random.pick(&usable) else { return "world".to_owned() };
        side.has_names |= external.has_names;
        let name = external.name.clone();
        if external.has_pods && random.percent(30) { format!("{name} in local") } else { name }
    }

    /// Ports, requests and reason behind a rule's ends.
    fn rest(&self, random: &mut Random, verb: &str, peers: &Side, destinations: &Side) -> String {
        let mut rest = String::new();
        // A node with an API server is both a node and an API server: what lists about one of them say of it is the proxy's to join.
        let nodes = |text: &String| ["remote-nodes", "kube-apiserver"].contains(&text.as_str());
        let with_requests = verb == "allow" && random.percent(25) && !peers.text.iter().any(nodes);
        let ports = self.ports(random, destinations, peers.has_names, with_requests);
        if !ports.is_empty() {
            rest = format!(" on {}", ports.join(", "));
        }
        if with_requests {
            let methods = ["GET", "POST", "*", "DELETE"];
            let paths = ["/", "/v1/*", "/v1/**", "/a.b/c", "**", "/v1/orders", "/*/edit", "/v(1)"];
            let mut requests: Vec<String> = (0..random.between(1, 3))
                .map(|_| format!("{} \"{}\"", random.word(&methods), random.word(&paths)))
                .collect();
            requests.sort();
            requests.dedup();
            rest = format!("{rest} {{ {} }}", requests.join(" ; "));
        }
        if random.percent(10) {
            rest.push_str(" reason \"because\"");
        }
        rest
    }

    fn ports(&self, random: &mut Random, destinations: &Side, has_names: bool, with_requests: bool) -> Vec<String> {
        if !with_requests && random.percent(25) {
            return Vec::new();
        }
        let names = self.port_names(destinations, with_requests);
        let sctp = self.places.target == Target::Cilium;
        let mut ports = BTreeSet::new();
        for _ in 0..if random.percent(35) { 2 } else { 1 } {
            // One proxy serves a port: look-ups that names need can't share theirs with requests.
            let single: &[&str] = &["80/tcp", "443/tcp", "8080/tcp", "8443/tcp", "9000/tcp", "53/tcp"];
            let single = if with_requests { single.get(..5).unwrap_or_default() } else { single };
            let range = ["8000-8999/tcp", "9000-9010/tcp", "8080-8081/tcp", "1-65535/tcp", "1-1023/tcp"];
            let range: &[&str] = if with_requests { range.get(..3).unwrap_or_default() } else { &range };
            let judged = match random.below(10) {
                0..=2 if !names.is_empty() => random.pick(&names).cloned().unwrap_or_default(),
                3 | 4 if !has_names => random.word(range).to_owned(),
                _ => random.word(single).to_owned(),
            };
            ports.insert(if with_requests {
                judged
            } else {
                match random.below(16) {
                    0 => "tcp".to_owned(),
                    1 => "udp".to_owned(),
                    2 => random.word(&["53/udp", "9000/udp", "443/udp"]).to_owned(),
                    3 if !has_names => random.word(&["30000-32767/udp", "1-52/udp", "53-60/udp"]).to_owned(),
                    4 | 5 => "icmp".to_owned(),
                    6 => "icmp echo-request".to_owned(),
                    7 => random.word(&["icmp time-exceeded", "icmp destination-unreachable"]).to_owned(),
                    8 if sctp => random.word(&["sctp", "9/sctp"]).to_owned(),
                    9 if sctp && !has_names => "9-11/sctp".to_owned(),
                    10 => "any".to_owned(),
                    _ => judged,
                }
            });
        }
        ports.into_iter().collect()
    }

    /// The names that every destination knows.
    fn port_names(&self, destinations: &Side, tcp: bool) -> Vec<String> {
        if destinations.has_others {
            return Vec::new();
        }
        let mut members =
            destinations.pods.iter().flat_map(BTreeMap::keys).filter_map(|id| self.workloads.identities.get(*id));
        let Some(first) = members.next() else { return Vec::new() };
        let mut shared = first.ports.clone();
        for member in members {
            shared.retain(|name, protocol| member.ports.get(name) == Some(protocol));
        }
        shared.into_iter().filter(|(_, protocol)| !tcp || *protocol == "tcp").map(|(name, _)| name).collect()
    }

    /// A default for a subject, unless another policy has said something else.
    fn default(&mut self, random: &mut Random, subject: &Side) -> Vec<String> {
        let said = default(random);
        let mut wanted = BTreeMap::new();
        for text in &said {
            for direction in ["ingress", "egress"] {
                if text.ends_with(direction) || text.split(' ').count() == 2 {
                    let places = subject.pods.iter().flatten();
                    let pairs = places.flat_map(|(identity, set)| set.iter().map(move |cluster| (*identity, *cluster)));
                    wanted.extend(
                        pairs.map(|(identity, cluster)| {
                            ((identity, cluster, direction), text.starts_with("default deny"))
                        }),
                    );
                }
            }
        }
        if wanted.iter().any(|(key, deny)| self.defaults.get(key).is_some_and(|known| known != deny)) {
            return Vec::new();
        }
        self.defaults.extend(wanted);
        said
    }

    fn pods_of(&self, members: &BTreeSet<usize>) -> Pods {
        let found = members.iter().filter_map(|id| Some((*id, self.workloads.identities.get(*id)?.clusters.clone())));
        found.collect()
    }

    /// Whether every one of these clusters knows all of these pods.
    fn knows(&self, observers: &ClusterSet, pods: &Pods) -> bool {
        pods.iter().all(|(identity, clusters)| {
            clusters.iter().all(|runs_in| {
                let known = self.workloads.observers(self.places, *identity, *runs_in);
                observers.is_subset(&known)
            })
        })
    }
}

impl Side {
    fn add(&mut self, text: String, pods: Pods) {
        self.text.push(text);
        self.pods.push(pods);
    }
}

fn verb(random: &mut Random) -> &'static str {
    if random.percent(70) { "allow" } else { "deny" }
}

fn peer_count(random: &mut Random) -> usize {
    if random.percent(30) { 2 } else { 1 }
}

fn clusters_of(pods: &Pods) -> ClusterSet {
    pods.values().flatten().copied().collect()
}

fn clusters(side: &Side) -> ClusterSet {
    side.pods.iter().flat_map(clusters_of).collect()
}

fn within(pods: &Pods, clusters: &ClusterSet) -> Pods {
    let left = pods.iter().map(|(id, set)| (*id, set.intersection(clusters).copied().collect::<ClusterSet>()));
    left.filter(|(_, set)| !set.is_empty()).collect()
}
