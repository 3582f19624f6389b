//! Every object of every build passes server-side dry run, on the hub or on a member.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fleetnet_compiler::compile::{Artifact, Compiled, Goal};
use fleetnet_tests::cluster::Cluster;
use fleetnet_tests::package::{Package, errors};
use fleetnet_tests::{generate, manifest};
use serde_json::Value;

/// Generated fleets of each sort.
const FLEETS: usize = 24;
/// Seeds among which there are so many.
const SEEDS: std::ops::Range<u64> = 0..500;

/// The kinds that generated fleets have between them.
const KINDS: [&str; 16] = [
    "CiliumNetworkPolicy",
    "ClusterResourceOverride",
    "ClusterResourcePlacement",
    "Gateway",
    "HTTPRoute",
    "Namespace",
    "ReferenceGrant",
    "ResourceEnvelope",
    "ResourceOverride",
    "ResourcePlacement",
    "Service",
    "ServiceExport",
    "TCPRoute",
    "TLSRoute",
    "TrafficManagerBackend",
    "TrafficManagerProfile",
];

#[test]
fn every_object_of_the_examples() {
    let Some(mut judge) = Judge::new("cluster::every_object_of_the_examples") else { return };
    for example in ["contoso", "blue-green"] {
        let folder = fleetnet_tests::root().join("examples").join(example);
        judge.package(example, Package::of_folder(&folder).compile(Goal::Build));
    }
    judge.verdict();
}

#[test]
fn every_object_of_generated_fleets() {
    let Some(mut judge) = Judge::new("cluster::every_object_of_generated_fleets") else { return };
    for (sort, generate) in [("traffic", generate::traffic as fn(u64) -> _), ("rules", generate::small)] {
        let fleets = SEEDS.map(|seed| (seed, Package::of_text(&generate(seed).to_string()).compile(Goal::Build)));
        let mut judged = 0;
        // A fleet may ask for what its target cannot do. Beyond the first ones only those count that bring a kind of their own.
        for (seed, compiled) in fleets.filter(|(_, compiled)| errors(compiled).is_empty()) {
            if judged >= FLEETS && KINDS.into_iter().all(|kind| judge.kinds.contains_key(kind)) {
                break;
            }
            if judged < FLEETS || kinds(&compiled).any(|kind| KINDS.contains(&kind) && !judge.kinds.contains_key(kind))
            {
                judge.package(&format!("{sort} {seed}"), compiled);
                judged += 1;
            }
        }
        assert!(judged >= FLEETS, "only {judged} fleets of {sort} are built");
    }
    let missing: Vec<&str> = KINDS.into_iter().filter(|kind| !judge.kinds.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "no generated fleet has a {missing:?}; there are {:?}", judge.kinds);
    judge.verdict();
}

/// The kinds of a build's objects.
fn kinds(compiled: &Compiled) -> impl Iterator<Item = &str> {
    let artifacts = compiled.build.iter().flat_map(|build| &build.artifacts);
    artifacts.flat_map(|artifact| &artifact.objects).map(|object| object.kind.as_str())
}

/// Asks the servers about objects and keeps what they refuse.
struct Judge {
    test: &'static str,
    hub: &'static Cluster,
    member: &'static Cluster,
    /// Namespaces that are there.
    namespaces: BTreeSet<(String, String)>,
    /// How many objects of each kind there were.
    kinds: BTreeMap<String, usize>,
    /// Kinds that the servers don't have: a bare clone lacks the newest.
    unknown: BTreeSet<String>,
    refusals: Vec<String>,
    /// What was judged already, and where: most objects are the same at every step of a rollout.
    judged: BTreeSet<(String, String)>,
}

impl Judge {
    fn new(test: &'static str) -> Option<Self> {
        let fleet = super::fleet(test)?;
        Some(Self {
            test,
            hub: fleet.cluster("hub"),
            member: fleet.cluster("member"),
            namespaces: BTreeSet::new(),
            kinds: BTreeMap::new(),
            unknown: BTreeSet::new(),
            refusals: Vec::new(),
            judged: BTreeSet::new(),
        })
    }

    fn package(&mut self, name: &str, compiled: Compiled) {
        assert_eq!(errors(&compiled), Vec::<String>::new(), "{name}");
        let build = compiled.build.unwrap_or_else(|| panic!("{name} has no build"));
        for artifact in &build.artifacts {
            if let Some(cluster) = self.cluster_of(artifact) {
                self.artifact(name, artifact, cluster);
            }
        }
    }

    /// Where the objects of a file go; nothing for files that are none.
    fn cluster_of(&self, artifact: &Artifact) -> Option<&'static Cluster> {
        let steps = artifact.path.strip_prefix("steps/").and_then(|path| path.split_once('/'));
        let path = steps.map_or(artifact.path.as_str(), |(_, path)| path);
        let is_yaml = Path::new(path).extension().is_some_and(|extension| extension == "yaml");
        let folder = path.split('/').next().filter(|_| is_yaml);
        match folder {
            Some("hub") => Some(self.hub),
            Some("clusters") => Some(self.member),
            _ => None,
        }
    }

    fn artifact(&mut self, package: &str, artifact: &Artifact, cluster: &'static Cluster) {
        let text = std::str::from_utf8(&artifact.bytes).expect("a manifest is text");
        let objects = manifest::objects(text).unwrap_or_else(|error| panic!("{package}, {}: {error}", artifact.path));
        let told: Vec<&str> = artifact.objects.iter().map(|object| object.name.as_str()).collect();
        let names: Vec<&str> = objects.iter().map(|object| manifest::text(object, "/metadata/name")).collect();
        assert_eq!(names, told, "{package}, {}: the build tells of other objects", artifact.path);
        for object in &objects {
            let place = format!("{package}, {}", artifact.path);
            self.object(&place, object, cluster);
            // What an envelope holds acts on a member.
            for carried in object.get("data").and_then(Value::as_object).into_iter().flat_map(|data| data.values()) {
                self.object(&place, carried, self.member);
            }
        }
    }

    fn object(&mut self, place: &str, object: &Value, cluster: &'static Cluster) {
        let kind = manifest::text(object, "/kind");
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        let api_version = manifest::text(object, "/apiVersion");
        if !knows(cluster, api_version, kind) {
            self.unknown.insert(format!("{kind} of {api_version}"));
            return;
        }
        let namespace = match kind {
            "Namespace" => manifest::text(object, "/metadata/name"),
            _ => manifest::text(object, "/metadata/namespace"),
        };
        if !namespace.is_empty() && self.namespaces.insert((cluster.name().to_owned(), namespace.to_owned())) {
            cluster.create_namespace(namespace);
        }
        if !self.judged.insert((cluster.name().to_owned(), object.to_string())) {
            return;
        }
        if let Err(refusal) = cluster.apply_dry_run(object) {
            self.refusals.push(format!("{place}: {}: {refusal}", manifest::name(object)));
        }
    }

    fn verdict(self) {
        assert!(self.refusals.is_empty(), "{}", self.refusals.join("\n"));
        for kind in self.unknown {
            fleetnet_tests::skip(self.test, &format!("{kind}: only the CRDs of FLEETNET_SHARED have it"));
        }
    }
}

/// Whether a server has a kind as it is today. Placements got fields without a new version; whoever has placements within namespaces has those.
fn knows(cluster: &Cluster, api_version: &str, kind: &str) -> bool {
    const PLACEMENT: &str = "placement.kubernetes-fleet.io/v1";
    cluster.knows(api_version, kind) && (api_version != PLACEMENT || cluster.knows(PLACEMENT, "ResourcePlacement"))
}
