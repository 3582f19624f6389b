//! Fleets of any size in the shape that fleets have: teams with a namespace each, most traffic inside of it, some to others, a platform that
//! everybody talks to, an island, ways out. One seed, so one size is one text for ever.

mod policies;
mod teams;

use std::fmt::Write as _;
use std::time::Duration;

use fleetnet_lang::SourceFile;

use crate::Random;
use policies::Policies;
use teams::Teams;

/// The seed of every fleet.
const SEED: u64 = 20_260_101;

/// How large a fleet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// Clusters, at most 255.
    pub clusters: usize,
    /// Meshes that share the clusters evenly.
    pub meshes: usize,
    /// Declared identities; every namespace has one more for its unlisted pods.
    pub identities: usize,
    /// Written rules.
    pub rules: usize,
}

/// The sizes that are measured.
pub const SIZES: [Size; 3] = [
    Size { name: "small", clusters: 3, meshes: 1, identities: 24, rules: 120 },
    Size { name: "middle", clusters: 20, meshes: 2, identities: 500, rules: 5_000 },
    Size { name: "large", clusters: 255, meshes: 5, identities: 10_000, rules: 100_000 },
];

/// What is measured of the language: the size, and how long a person should wait for what is wrong with it.
pub const LANGUAGE: [(Size, Duration); 2] = [
    (Size { name: "10k-lines", clusters: 40, meshes: 4, identities: 470, rules: 4_700 }, Duration::from_millis(20)),
    (
        Size { name: "100k-lines", clusters: 255, meshes: 5, identities: 4_600, rules: 45_500 },
        Duration::from_millis(200),
    ),
];

/// The files of a fleet of a size: one for the platform, one for each team.
#[must_use]
pub fn sources(size: Size) -> Vec<SourceFile> {
    let mut random = Random::new(SEED);
    let teams = Teams::new(&mut random, size);
    let mut texts: Vec<String> = teams.list.iter().map(|team| teams.declare(&mut random, team)).collect();
    let mut platform = root(size);
    platform.push_str(&Teams::declare_platform());
    Policies::new(&teams, size.rules).write(&mut random, &mut platform, &mut texts);
    let of_team = |(team, text): (&teams::Team, String)| {
        let name = &team.name;
        SourceFile::new(format!("teams/{name}.fleetnet"), text)
    };
    let mut files = vec![SourceFile::new("fleet.fleetnet", platform)];
    files.extend(teams.list.iter().zip(texts).map(of_team));
    files
}

/// The fleet, its clusters and meshes.
fn root(size: Size) -> String {
    let mut text = "\
fleet scale {
  target azure-fleet { subscription \"11111111-2222-3333-4444-555555555555\" ; resource-group \"rg\" ; fleet \"scale\" }
  target bpf
  default deny
  limits { policy-map 65536 }
}
"
    .to_owned();
    for place in 0..size.clusters {
        let (name, id, mesh) = (cluster(place), place + 1, mesh(place % size.meshes));
        let (region, ring) = (place % 12, if place % 8 == 0 { "canary" } else { "stable" });
        let nodes = format!("100.{}.{}.0/18", 64 + id / 4, id % 4 * 64);
        let services = format!("172.{}.{}.0/20", 16 + id / 16, id % 16 * 16);
        let _ = writeln!(
            text,
            "cluster {name} {{ id {id} ; cilium-name \"{name}-{id}\" ; region r{region} ; labels {{ mesh = {mesh}, ring = {ring} }}\n  \
             pods 10.{id}.0.0/16, fd00:{id:x}::/56 ; nodes {nodes} ; services {services} ; cilium \"1.18.0\" }}"
        );
    }
    for place in 0..size.meshes {
        let name = mesh(place);
        let _ = writeln!(text, "mesh {name} {{ members where mesh = {name} }}");
    }
    text
}

fn cluster(place: usize) -> String {
    format!("c{place:03}")
}

fn mesh(place: usize) -> String {
    format!("mesh-{}", place + 1)
}
