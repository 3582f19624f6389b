//! Who is in the fleet: one namespace a team, its workloads, services, groups and externals.

use std::fmt::Write as _;

use super::{Size, cluster, mesh};
use crate::Random;

/// Identities of one team.
const TEAM: usize = 20;
/// Identities of the platform, which runs everywhere.
pub const PLATFORM: [&str; 3] = ["agent", "logs", "mesh-probe"];

/// Everybody but the platform.
pub struct Teams {
    pub list: Vec<Team>,
    pub workloads: Vec<Workload>,
}

/// A team and its namespace.
pub struct Team {
    pub name: String,
    mesh: usize,
    clusters: Vec<usize>,
    global: bool,
    /// Whether only the team's own and other such teams may call it.
    island: bool,
    /// Its workloads, by their places in [`Teams::workloads`].
    pub workloads: std::ops::Range<usize>,
}

/// An identity.
pub struct Workload {
    pub team: usize,
    /// `NAMESPACE/NAME`.
    pub name: String,
    clusters: Vec<usize>,
    /// Whether it is part of an island.
    pub island: bool,
    /// Whether a service of several ports stands in front of it.
    serves: bool,
}

impl Workload {
    /// A cluster in which both run.
    pub fn shared(&self, other: &Self) -> Option<String> {
        self.clusters.iter().find(|place| other.clusters.contains(place)).map(|place| cluster(*place))
    }
}

/// How two workloads can be named in one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Each is known wherever the other runs.
    Anywhere,
    /// They share a cluster, and are known there.
    InCluster,
}

impl Teams {
    /// As many teams as the identities need.
    pub fn new(random: &mut Random, size: Size) -> Self {
        let mut teams = Self { list: Vec::new(), workloads: Vec::new() };
        let identities = size.identities.saturating_sub(PLATFORM.len());
        while teams.workloads.len() < identities {
            let count = TEAM.min(identities - teams.workloads.len());
            teams.add(random, size, count);
        }
        teams
    }

    fn add(&mut self, random: &mut Random, size: Size, count: usize) {
        let team = self.list.len();
        let of_mesh = team % size.meshes;
        let members: Vec<usize> = (0..size.clusters).filter(|place| place % size.meshes == of_mesh).collect();
        let mut clusters: Vec<usize> =
            (0..random.between(1, 4)).filter_map(|_| random.pick(&members).copied()).collect();
        clusters.sort_unstable();
        clusters.dedup();
        let first = self.workloads.len();
        let (global, island) = (random.percent(60), team % 20 == 1);
        let name = format!("team-{team:03}");
        for place in 0..count {
            let clusters = if random.percent(70) { clusters.clone() } else { random.some(&clusters, 50) };
            let serves = random.percent(60);
            self.workloads.push(Workload { team, name: format!("{name}/app-{place:02}"), clusters, island, serves });
        }
        self.list.push(Team { name, mesh: of_mesh, clusters, global, island, workloads: first..first + count });
    }

    /// How a rule can name both, if it can.
    pub fn meeting(&self, one: &Workload, other: &Workload) -> Option<Meeting> {
        let (own, others) = (self.list.get(one.team)?, self.list.get(other.team)?);
        let known = own.global && others.global && own.mesh == others.mesh;
        let together = one.team == other.team && one.shared(other).is_some();
        // Nothing but islands calls into an island.
        if others.island && !own.island || one.name == other.name {
            return None;
        }
        if known {
            return Some(Meeting::Anywhere);
        }
        together.then_some(Meeting::InCluster)
    }

    /// A team's namespace and all in it but its policies.
    pub fn declare(&self, random: &mut Random, team: &Team) -> String {
        let Team { name, .. } = team;
        let mut text = format!("## What team {name} runs.\nnamespace {name} {{\n  in {}\n", names(&team.clusters));
        if team.global {
            let _ = writeln!(text, "  global in {}", mesh(team.mesh));
        }
        let island = if team.island { ", pci = true" } else { "" };
        let _ = writeln!(
            text,
            "  owner \"{name}\"\n  files \"teams/\", \"fleet.fleetnet\"\n  labels {{ team = {name}{island} }}\n}}"
        );
        let workloads = self.workloads.get(team.workloads.clone()).unwrap_or_default();
        for workload in workloads {
            Self::declare_workload(random, team, workload, &mut text);
        }
        let half: Vec<&str> = workloads.iter().step_by(2).map(|workload| workload.name.as_str()).collect();
        let last = half.last().copied().unwrap_or_default();
        let _ = writeln!(text, "group {name}-callers {{ {} }}", half.join(", "));
        let _ = writeln!(text, "group {name}-others {{ {name}/* except {name}-callers }}");
        let _ = writeln!(text, "group {name}-most {{ {name}-callers, {name}-others except {last} }}");
        let (high, low) = (workloads.first().map_or(0, |first| first.team) / 250, team.workloads.start / TEAM % 250);
        let _ = writeln!(
            text,
            "external {name}-bank {{\n  cidr 20.{high}.{low}.0/24 except 20.{high}.{low}.128/26\n  cidr 2001:db8:{low:x}::/48\n}}\n\
             external {name}-cloud {{ dns \"api.{name}.example.com\", \"*.storage.{name}.example.com\" }}"
        );
        text
    }

    fn declare_workload(random: &mut Random, team: &Team, workload: &Workload, text: &mut String) {
        let name = &workload.name;
        let short = name.rsplit('/').next().unwrap_or_default();
        let tier = match random.below(10) {
            8 => " and tier = front",
            9 => " and tier in (back, batch)",
            _ => "",
        };
        let _ = write!(text, "identity {name} {{\n  match app = {short}{tier}\n");
        if random.percent(50) {
            let _ = writeln!(text, "  account {short}");
        }
        if workload.clusters != team.clusters {
            let _ = writeln!(text, "  in {}", names(&workload.clusters));
        }
        // A Service selects by one value of each label, so these have none.
        if tier.contains("in (") {
            text.push_str("  port http 8080/tcp\n}\n");
            return;
        }
        let _ = writeln!(text, "  port metrics 9102/tcp\n}}");
        let target = 8080 + random.below(4);
        let more = if workload.serves { "  port grpc 9090/tcp\n" } else { "" };
        let _ = writeln!(text, "service {name} {{\n  pods {name}\n  port http 80 -> {target}/tcp\n{more}}}");
        if team.global && team.clusters.len() > 1 && random.percent(20) {
            let _ = writeln!(text, "export {name} to {} {{ affinity local }}", mesh(team.mesh));
        }
    }

    /// The namespace that is everywhere.
    pub fn declare_platform() -> String {
        let mut text = "namespace platform { in all ; owner \"platform\" ; files \"fleet.fleetnet\" }\n".to_owned();
        for name in PLATFORM {
            let _ = writeln!(
                text,
                "identity platform/{name} {{ match app = {name} ; account {name} ; port push 3100/tcp }}"
            );
        }
        text.push_str("group island { where pci = true }\n");
        text
    }
}

fn names(clusters: &[usize]) -> String {
    clusters.iter().map(|place| cluster(*place)).collect::<Vec<_>>().join(", ")
}
