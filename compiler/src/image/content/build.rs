//! The images of a fleet, one for each cluster that has a kernel to fill.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::ipcache::{IpcacheKey, IpcacheValue};
use fleetnet_lang::{Diagnostic, Sources};

use super::engine::{Engine, engine};
use super::entries::{MapEntry, entries};
use super::policy_map::PolicyMap;
use super::universe::{IdentityRows, Universe};
use crate::codes::image as codes;
use crate::image::section::Section;
use crate::image::section::builder::{IpcacheSection, PolicySection};
use crate::image::section::entry::RuleRef;
use crate::image::section::error::SectionError;
use crate::image::tables::{Header, RuleRow};
use crate::image::{BuildError, Image};
use crate::lock::Lock;
use crate::model::{ClusterId, IdentityId, RuleId, TargetKind};
use crate::plan::Plan;
use crate::workers::{self, Workers};

/// The image of one cluster.
#[derive(Clone, Debug)]
pub struct ClusterImage {
    /// The cluster.
    pub cluster: ClusterId,
    /// Its maps.
    pub image: Image,
}

/// The images of every cluster that target `bpf` is for. A cluster whose number is not known yet waits, with a note.
#[must_use]
pub fn images(
    plan: &Plan,
    lock: &Lock,
    sources: &Sources,
    workers: &dyn Workers,
) -> (Vec<ClusterImage>, Vec<Diagnostic>) {
    let mut images = Vec::new();
    let mut diagnostics = Vec::new();
    let clusters = plan.model.fleet.clusters_of(TargetKind::Bpf);
    if clusters.is_empty() {
        return (images, diagnostics);
    }
    let everybody = IdentityRows::new(plan, lock);
    let clusters: Vec<ClusterId> = clusters.iter().collect();
    let made = workers::map(workers, &clusters, |cluster| {
        let image = computable(plan, *cluster).and_then(|()| image(plan, &everybody, sources, *cluster))?;
        Ok(ClusterImage { cluster: *cluster, image })
    });
    for image in made {
        match image {
            Ok(image) => images.push(image),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    (images, diagnostics)
}

/// Checks that a cluster's maps can be computed.
fn computable(plan: &Plan, cluster: ClusterId) -> Result<(), Diagnostic> {
    let name = &plan.model.clusters[cluster].name;
    Err(match engine(plan, cluster) {
        Engine::Known(Abi::Cilium118, _) => return Ok(()),
        Engine::Known(Abi::Cilium119 | Abi::Cilium120, version) | Engine::Unknown(version) => {
            let message = format!("no map images are computed for Cilium {}", version.value);
            Diagnostic::new(codes::UNKNOWN_ENGINE, version.span, message)
                .help("images are computed for 1.18; leave the cluster out: `target bpf for …`")
        }
        Engine::Unsaid => {
            let message = format!("the map image of `{}` waits for its Cilium version", name.value);
            Diagnostic::new(codes::IMAGE_WAITS, name.span, message)
                .help("write `cilium \"1.18.0\"` with the version that runs there")
        }
        Engine::Other => {
            let message =
                format!("the maps of `{}` are not Cilium's, and this compiler computes no others", name.value);
            Diagnostic::new(codes::UNKNOWN_ENGINE, name.span, message)
                .help("name the clusters that have Cilium: `target bpf for …`")
        }
    })
}

fn image(
    plan: &Plan,
    everybody: &IdentityRows<'_>,
    sources: &Sources,
    cluster: ClusterId,
) -> Result<Image, Diagnostic> {
    let model = &plan.model;
    let row = &model.clusters[cluster];
    let universe = Universe::of(everybody, cluster).map_err(|unnumbered| {
        let other = &model.clusters[unnumbered.cluster].name;
        let message =
            format!("the map image of `{}` waits for the data-path id and name of `{}`", row.name.value, other.value);
        Diagnostic::new(codes::IMAGE_WAITS, row.name.span, message)
            .related(other.span, "not both known yet")
            .help("write `id N` with the number it has in its mesh, and `cilium-name` where the fleet assigns it")
    })?;
    let here = universe.pods.iter().filter(|((_, runs_in), _)| *runs_in == cluster);
    let maps: Vec<(IdentityId, Identity, Vec<MapEntry>)> =
        here.map(|((identity, _), number)| (*identity, *number, entries(plan, &universe, *identity))).collect();
    let rules = Rules::of(plan, sources, maps.iter().flat_map(|(_, _, entries)| entries));
    let broken = |error: BuildError| {
        Diagnostic::new(codes::BROKEN_IMAGE, row.name.span, format!("the maps of `{}`: {error}", row.name.value))
            .help("this is a mistake of fleetnet's: please report it with the package")
    };
    let mut sections = Vec::with_capacity(maps.len() + 1);
    for (identity, number, entries) in &maps {
        sections.push(section(plan, *number, entries, &rules).map_err(|error| match error {
            BuildError::Section { problem: SectionError::Full { .. }, .. } => {
                PolicyMap::of(plan, &universe, *identity, Abi::Cilium118).finding(plan, codes::MAP_FULL)
            }
            error => broken(error),
        })?);
    }
    sections.push(ipcache(&universe).map_err(broken)?);
    let header = Header {
        abi: Abi::Cilium118,
        cluster_id: row.id.map_or(0, |id| id.value),
        cluster: row.name.value.to_string(),
        fleet: model.fleet.name.value.to_string(),
        build: [0; 32],
    };
    Image::new(header, sections, rules.rows, universe.rows).map_err(broken)
}

fn section(plan: &Plan, subject: Identity, entries: &[MapEntry], rules: &Rules) -> Result<Section, BuildError> {
    let mut section = PolicySection::new(Abi::Cilium118, subject, plan.model.fleet.policy_map);
    for entry in entries {
        section.insert(entry.key, &entry.value, rules.reference(entry.rule));
    }
    section.finish()
}

/// Address prefixes of rules. Addresses of pods, nodes and tunnels are known at run time.
fn ipcache(universe: &Universe) -> Result<Section, BuildError> {
    let mut section = IpcacheSection::new(Abi::Cilium118);
    for (cidr, number) in &universe.cidrs {
        if let Some(key) = IpcacheKey::new(cidr.network(), cidr.prefix_len()) {
            section.insert(key, IpcacheValue::direct(*number), RuleRef::None);
        }
    }
    section.finish()
}

/// The rule table of one image: only rules that have entries in it.
struct Rules {
    rows: Vec<RuleRow>,
    places: BTreeMap<RuleId, u32>,
}

impl Rules {
    fn of<'a>(plan: &Plan, sources: &Sources, entries: impl Iterator<Item = &'a MapEntry>) -> Self {
        let used: BTreeSet<RuleId> = entries.filter_map(|entry| entry.rule).collect();
        let row = |rule: &RuleId| {
            let span = plan.model.rules[*rule].span;
            let (file, line) = sources.locate(span).map_or(("", 1), |(path, place)| (path, place.line));
            let text = sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
            RuleRow { file: file.into(), line, text: text.into() }
        };
        Self { rows: used.iter().map(row).collect(), places: used.into_iter().zip(0..).collect() }
    }

    fn reference(&self, rule: Option<RuleId>) -> RuleRef {
        rule.and_then(|rule| self.places.get(&rule)).map_or(RuleRef::Default, |place| RuleRef::Rule(*place))
    }
}
