//! Small random fleets as text: every kind of end, place, port and default, with assertions and invariants.

use std::fmt::Write as _;

/// A generator of the same numbers for the same seed (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    pub fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len())]
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PODS: [&str; 9] = ["a/x", "a/y", "b/x", "b/z", "a/*", "b/*", "all", "some", "a/unlisted"];
const SUBJECTS: [&str; 6] = ["a/x", "a/y", "b/x", "a/*", "all", "some"];
const OTHERS: [&str; 14] = [
    "world",
    "foreign",
    "host",
    "remote-nodes",
    "kube-apiserver",
    "gateways",
    "cluster-dns",
    "cloud-metadata",
    "office",
    "legacy",
    "cidr 10.0.0.0/8",
    "cidr 10.2.0.0/16 except 10.2.128.0/17",
    "cidr 0.0.0.0/0",
    "cidr 203.0.113.0/24",
];
/// Those that tell no cluster from another come first.
const PLACES: [&str; 6] = ["", "", "", " in local", " in one", " in (one, two)"];
const PORTS: [&str; 8] =
    ["", " on 80/tcp", " on 80-90/tcp", " on tcp", " on 53/udp", " on any", " on icmp", " on 90/tcp, 100-200/udp"];
const CONDITIONS: [&str; 14] = [
    r#"flow.src.kind == "pod""#,
    r#"flow.dst.kind in ["pod", "cluster-dns", "foreign"]"#,
    "flow.src.namespace == flow.dst.namespace",
    "flow.src.cluster == flow.dst.cluster",
    r#"flow.src.region == "r1""#,
    r#"flow.dst.name != "a/x""#,
    r#"flow.dst.labels.tier == "front""#,
    r#"flow.src.groups.exists(g, g == "some")"#,
    r#""office" in flow.dst.external"#,
    "flow.port < 90",
    "flow.port in [80, 8080]",
    r#"flow.protocol == "tcp""#,
    "flow.known",
    "flow.dst.groups == flow.src.groups",
];

/// What one fleet is written with: few things, so that they meet.
struct Words {
    pods: Vec<&'static str>,
    others: Vec<&'static str>,
    places: &'static [&'static str],
    ports: Vec<&'static str>,
}

impl Words {
    fn new(random: &mut Random, places: &'static [&'static str]) -> Self {
        let mut some = |choices: &[&'static str], count: usize| (0..count).map(|_| random.of(choices)).collect();
        let (pods, others, ports) = (some(&PODS, 4), some(&OTHERS, 3), some(&PORTS, 3));
        Self { pods, others, places, ports }
    }

    fn pods(&self, random: &mut Random) -> String {
        format!("{}{}", random.of(&self.pods), random.of(self.places))
    }

    fn end(&self, random: &mut Random) -> String {
        if random.chance(50) { self.pods(random) } else { random.of(&self.others).to_owned() }
    }
}

/// A fleet of four clusters, some in a mesh: in one fleet of three all of one kind, so that few stand for all.
pub fn fleet(seed: u64) -> String {
    let random = &mut Random::new(seed);
    let alike = seed.is_multiple_of(3);
    let words = Words::new(random, if alike { &PLACES[..4] } else { &PLACES });
    let mut text = String::new();
    let target = random.of(&["azure-fleet", "cilium"]);
    let keys = if target == "cilium" { "" } else { " { subscription \"0\" ; resource-group \"rg\" ; fleet \"f\" }" };
    let default = random.of(&["default deny", "default deny ingress", "default deny egress", "default allow"]);
    let dns = random.of(&["", "  dns strict\n"]);
    writeln!(text, "fleet f {{\n  target {target}{keys}\n  {default}\n{dns}}}").unwrap();
    for (number, name) in (1..).zip(["one", "two", "three", "four"]) {
        let (version, region) =
            if alike { ("1.19.4", "r1") } else { (random.of(&["1.18.0", "1.19.4"]), random.of(&["r1", "r2"])) };
        writeln!(
            text,
            "cluster {name} {{ id {number} ; cilium-name \"{name}\" ; region {region} ; pods 10.{number}.0.0/16 ; nodes 10.10{number}.0.0/24 ; cilium \"{version}\" }}"
        )
        .unwrap();
    }
    let members = if alike { "all" } else { random.of(&["one, two", "two, three", "all"]) };
    writeln!(text, "mesh m {{ members {members} ; forget-lost-after 5m }}").unwrap();
    for name in ["a", "b"] {
        let place = if alike { "all" } else { random.of(&["one, two", "all", "two, three"]) };
        let global = if members == "all" { random.of(&["", " ; global in m"]) } else { "" };
        let labels = random.of(&["", " ; labels { tier = front }"]);
        let own = random.of(&["", "", " ; default allow", " ; default deny egress"]);
        writeln!(text, "namespace {name} {{ in {place}{global}{labels}{own} }}").unwrap();
    }
    for name in ["a/x", "a/y", "b/x", "b/z"] {
        let (_, label) = name.split_once('/').unwrap();
        let place = if name == "a/y" && !alike { " ; in two" } else { "" };
        writeln!(text, "identity {name} {{ match app = {label}{place} ; port main 80/tcp }}").unwrap();
    }
    writeln!(text, "group some {{ a/x, b/z }}").unwrap();
    let inside = if alike { "" } else { " ; cidr 10.1.0.0/17" };
    writeln!(text, "external office {{ cidr 203.0.113.0/24 except 203.0.113.128/25{inside} }}").unwrap();
    writeln!(
        text,
        "external legacy {{ pods old where app = x ; pods old where tier in (front, back) and not has app }}"
    )
    .unwrap();
    writeln!(text, "external names {{ dns \"api.example.com\", \"*.example.com\" }}").unwrap();
    for number in 0..=random.below(5) {
        policy(random, &words, number, &mut text);
    }
    for number in 0..16 {
        assertion(random, &words, number, &mut text);
    }
    for number in 0..3 {
        let (one, two) = (random.of(&CONDITIONS), random.of(&CONDITIONS));
        let (first, second) = (random.of(&["", "!"]), random.of(&["", "!"]));
        writeln!(text, "invariant i{number} {{ require `{first}({one}) || {second}({two})` }}").unwrap();
    }
    text
}

fn policy(random: &mut Random, words: &Words, number: usize, text: &mut String) {
    if random.chance(40) {
        let (from, to) = (words.pods(random), words.pods(random));
        let (verb, ports) = (verb(random), random.of(&words.ports));
        writeln!(text, "policy p{number} {{ {verb} {from} -> {to}{ports} }}").unwrap();
        return;
    }
    let subject = random.of(&SUBJECTS);
    writeln!(text, "policy p{number} for {subject} {{").unwrap();
    for _ in 0..=random.below(3) {
        let (way, verb, peer, ports) =
            (random.of(&["from", "to"]), verb(random), words.end(random), random.of(&words.ports));
        writeln!(text, "  {verb} {way} {peer}{ports}").unwrap();
    }
    if random.chance(30) {
        writeln!(text, "  allow to names on 443/tcp").unwrap();
    }
    writeln!(text, "}}").unwrap();
}

fn verb(random: &mut Random) -> &'static str {
    random.of(&["allow", "allow", "allow", "deny"])
}

fn assertion(random: &mut Random, words: &Words, number: usize, text: &mut String) {
    let (from, to) = match random.below(5) {
        0 | 1 => (words.pods(random), words.end(random)),
        2 | 3 => (words.end(random), words.pods(random)),
        _ => (words.pods(random), random.of(&["dns \"api.example.com\"", "names", "world"]).to_owned()),
    };
    let given = random.of(&["", "", "", "  given cluster two lost\n"]);
    let (claim, ports) = (random.of(&["can", "cannot"]), random.of(&words.ports));
    let ports = if claim == "can" && ports.is_empty() { " on 80/tcp" } else { ports };
    writeln!(text, "test \"t{number}\" {{\n{given}  {claim} {from} -> {to}{ports}\n}}").unwrap();
}
