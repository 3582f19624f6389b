//! Who may talk to whom in the fleet, and what it promises.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::teams::{Meeting, Teams, Workload};
use crate::Random;

/// Ports of workloads that have no name.
const PORTS: usize = 40;
/// How often another pair is tried before a rule is given up.
const TRIES: usize = 50;

/// What the platform says of everybody.
const EVERYBODY: [&str; 7] = [
    "policy scrape { allow platform/agent -> all in local on 9100/tcp }",
    "policy logs { allow all -> platform/logs in local on push }",
    "policy probes { allow platform/mesh-probe -> all in local on icmp echo-request }",
    "policy no-credentials for all { deny to cloud-metadata }",
    "policy no-way-in for island { deny from world }",
    "policy quarantine for all { deny from blocked }",
    "external blocked { cidr 45.0.0.0/10 except 45.1.0.0/16, 45.32.0.0/12 ; cidr 2001:db8:dead::/48 }",
];

const PROMISES: &str = r#"
test "nobody gets in from outside" {
  cannot world -> island
  cannot world -> all on 5432/tcp
  cannot world -> platform/mesh-probe
}
test "the platform sees everything" {
  can platform/agent in c000 -> all in c000 on 9100/tcp
  can all in c001 -> platform/logs in c001 on push
}
invariant island "only islands and the platform reach an island" {
  require `flow.dst.labels.pci != "true" || flow.src.labels.pci == "true" || flow.src.kind == "host" || flow.src.namespace == "platform"`
}
invariant platform-stays "the platform's own traffic never leaves a cluster" {
  require `flow.src.namespace != "platform" || flow.dst.kind != "pod" || flow.src.cluster == flow.dst.cluster`
}
invariant no-telnet {
  require `flow.protocol != "tcp" || flow.port != 23 || flow.src.kind == "host"`
}
"#;

/// Writes rules, no two of which are about the same ends and ports.
pub struct Policies<'a> {
    teams: &'a Teams,
    left: usize,
    said: BTreeSet<(String, String, String)>,
}

impl<'a> Policies<'a> {
    pub fn new(teams: &'a Teams, rules: usize) -> Self {
        Self { teams, left: rules.saturating_sub(EVERYBODY.len() - 1), said: BTreeSet::new() }
    }

    /// Adds the platform's policies to its text and the teams' to theirs, evenly.
    pub fn write(mut self, random: &mut Random, platform: &mut String, texts: &mut [String]) {
        for policy in EVERYBODY {
            platform.extend([policy, "\n"]);
        }
        platform.push_str(PROMISES);
        let teams = texts.len().max(1);
        for (team, text) in texts.iter_mut().enumerate() {
            let share = self.left / (teams - team);
            self.left -= share;
            self.team(random, team, share, text);
        }
    }

    fn team(&mut self, random: &mut Random, team: usize, rules: usize, text: &mut String) {
        let Some(row) = self.teams.list.get(team) else { return };
        let name = &row.name;
        let own = self.teams.workloads.get(row.workloads.clone()).unwrap_or_default();
        let mut flows: Vec<String> = vec![
            format!("allow {name}-callers -> {name}-others in local on 9000-9010/tcp"),
            format!("deny {name}-others -> {name}-callers in local on 6000-6010/tcp"),
            format!("allow {name}-most -> {name}/* in local on 7946/tcp, 7946/udp"),
        ];
        let mut ways: Vec<Vec<String>> = own.iter().map(|workload| ways_out(random, name, workload)).collect();
        let mut promises = Vec::new();
        let (mut count, mut tries) = (flows.len() + ways.iter().map(Vec::len).sum::<usize>(), 0);
        while count < rules && tries < TRIES {
            let Some(flow) = self.flow(random, row.workloads.clone()) else {
                tries += 1;
                continue;
            };
            tries = 0;
            let (from, to, port) = (&flow.from.name, &flow.to.name, &flow.port);
            let local = flow.meeting.place();
            if count % 50 == 0 {
                promises.push(format!("can {from}{} -> {to}{} on {port}", flow.inside(), flow.inside()));
            }
            if flow.to.team == team && count + 2 <= rules && random.percent(12) {
                if let Some(out) = ways.get_mut(flow.places.0) {
                    out.push(format!("allow to {to}{local} on {port}"));
                }
                if let Some(back) = ways.get_mut(flow.places.1) {
                    back.push(format!("allow from {from}{local} on {port}"));
                }
                count += 2;
            } else {
                flows.push(format!("allow {from} -> {to}{local} on {port}{}", requests(random, port)));
                count += 1;
            }
        }
        let _ = writeln!(text, "policy {name}-flows {{\n  {}\n}}", flows.join("\n  "));
        for (workload, ways) in own.iter().zip(ways).filter(|(_, ways)| !ways.is_empty()) {
            let (who, policy) = (&workload.name, workload.name.replace('/', "-"));
            let _ = writeln!(text, "policy {policy} for {who} {{\n  {}\n}}", ways.join("\n  "));
        }
        promises.push(format!("cannot {name}/* -> {name}-bank on 22/tcp"));
        let _ = writeln!(text, "test \"what {name} relies on\" {{\n  {}\n}}", promises.join("\n  "));
    }

    /// A flow from one of a team's workloads, mostly to another of them.
    fn flow(&mut self, random: &mut Random, own: std::ops::Range<usize>) -> Option<Flow<'a>> {
        let first = own.start;
        let from = random.between(first, own.end.saturating_sub(1));
        let everybody = self.teams.workloads.len();
        let to =
            if random.percent(75) { random.between(first, own.end.saturating_sub(1)) } else { random.below(everybody) };
        let places = (from - first, to.wrapping_sub(first));
        let (from, to) = (self.teams.workloads.get(from)?, self.teams.workloads.get(to)?);
        let meeting = self.teams.meeting(from, to)?;
        let port = match random.below(8) {
            0 | 1 => "http".to_owned(),
            2 => {
                let first = 10_000 + random.below(4) * 100;
                format!("{first}-{}/tcp", first + 50)
            }
            3 => format!("{}/udp", 5000 + random.below(PORTS)),
            _ => format!("{}/tcp", 8000 + random.below(PORTS)),
        };
        let new = self.said.insert((from.name.clone(), to.name.clone(), port.clone()));
        new.then_some(Flow { from, to, places, meeting, port })
    }
}

/// A flow that is to be allowed.
struct Flow<'a> {
    from: &'a Workload,
    to: &'a Workload,
    /// Their places in the team.
    places: (usize, usize),
    meeting: Meeting,
    port: String,
}

impl Flow<'_> {
    /// Where both ends of a promise are.
    fn inside(&self) -> String {
        match self.meeting {
            Meeting::Anywhere => String::new(),
            Meeting::InCluster => self.from.shared(self.to).map(|cluster| format!(" in {cluster}")).unwrap_or_default(),
        }
    }
}

impl Meeting {
    fn place(self) -> &'static str {
        match self {
            Self::Anywhere => "",
            Self::InCluster => " in local",
        }
    }
}

/// A workload's ways out of the fleet and into it.
fn ways_out(random: &mut Random, team: &str, workload: &Workload) -> Vec<String> {
    let mut ways = Vec::new();
    if random.percent(20) {
        ways.push(format!("allow to {team}-bank on 443/tcp  reason \"payments\""));
    }
    if random.percent(20) {
        ways.push(format!("allow to {team}-cloud on 443/tcp"));
    }
    if random.percent(10) && !workload.island {
        ways.push("allow from world on http".to_owned());
    }
    ways
}

fn requests(random: &mut Random, port: &str) -> &'static str {
    if port == "http" {
        random.word(&["", "", " { GET \"/v1/*\" }", " { GET \"/v1/*\" ; POST \"/v1/orders\" ; * \"/health\" }"])
    } else {
        ""
    }
}
