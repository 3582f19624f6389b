//! `delivery placement`: what every member must have, as objects on the hub that the fleet places.
//!
//! It starts from the members' own objects, so that both ways of delivery bring the same to each of them. Copies of one object become a template
//! and one override; what must not act on the hub, or what the hub has no type for, travels in an envelope for its member.

mod objects;
mod overrides;

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;
use sha2::{Digest, Sha256};

use crate::codes::traffic::PLACEMENT_LIMIT;
use crate::compile::Phase;
use crate::model::{ClusterId, ClusterSet, Model};
use crate::targets::kubernetes::{
    Body, DOC, Namespace, Object, ObjectMeta, Output, Place, Placed, SOURCE, Service, Step,
};

use self::objects::{
    Affinity, ApplyStrategy, ApplyType, ClusterAffinity, ClusterResourceEnvelope, ClusterResourceOverride,
    ClusterResourceOverrideSpec, ClusterResourcePlacement, ClusterSelector, ENVELOPE_SIZE, OVERRIDE_RULES,
    OverridePolicy, OverrideRule, OverrideType, PlacedResource, PlacementPolicy, PlacementRef, PlacementScope,
    PlacementSpec, PlacementType, RULE_PATCHES, ResourceEnvelope, ResourceName, ResourceOverride, ResourceOverrideSpec,
    ResourcePlacement, SelectionScope, Strategy, StrategyType,
};
use self::overrides::{Copy, Merged};
use super::objects::{GROUP, ServiceExport, VERSION};

/// Longest name of a placement.
const NAME: usize = 63;

/// Takes the members' objects that the output keeps and puts on the hub what brings them there.
pub fn deliver(model: &Model, output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let mut templates: BTreeMap<ResourceKey, Vec<Placed>> = BTreeMap::new();
    let mut enveloped: BTreeMap<(Option<String>, ClusterId), Vec<Placed>> = BTreeMap::new();
    for placed in output.take() {
        let Place::Cluster(cluster) = placed.place else { continue };
        let namespace = placed.origin.namespace.as_ref().map(ToString::to_string);
        match placeable(&placed) {
            Some(object) => templates.entry((namespace, object)).or_default().push(placed),
            None => enveloped.entry((namespace, cluster)).or_default().push(placed),
        }
    }
    let mut delivery = Delivery { model, output, diagnostics };
    for ((namespace, object), copies) in templates {
        delivery.template(namespace, object, copies);
    }
    for ((namespace, cluster), objects) in enveloped {
        delivery.envelopes(namespace.as_ref(), cluster, &objects);
    }
}

type ResourceKey = (Option<String>, ResourceName);

/// How the hub names an object that it may hold itself: nothing acts there on namespaces, services and exports.
fn placeable(placed: &Placed) -> Option<ResourceName> {
    let kinds = [
        ("", "v1", Namespace::API_VERSION, Namespace::KIND),
        ("", "v1", Service::API_VERSION, Service::KIND),
        (GROUP, VERSION, ServiceExport::API_VERSION, ServiceExport::KIND),
    ];
    let origin = &placed.origin;
    let known = kinds.into_iter().find(|(_, _, api, kind)| origin.api_version == *api && origin.kind == *kind);
    known.map(|(group, version, _, kind)| ResourceName { group, version, kind, name: origin.name.clone() })
}

struct Delivery<'a> {
    model: &'a Model,
    output: &'a mut Output,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Delivery<'_> {
    fn template(&mut self, namespace: Option<String>, object: ResourceName, mut objects: Vec<Placed>) {
        let clusters: ClusterSet = objects.iter().filter_map(cluster_of).collect();
        let copies = objects.iter().filter_map(|placed| {
            let cluster = cluster_of(placed)?;
            let name = self.model.clusters[cluster].name.value.as_str();
            Some(Copy { cluster, name, object: placed.value.clone() })
        });
        let Some(merged) = overrides::merge(copies.collect()) else { return };
        let first = objects.swap_remove(0);
        let placement = match &namespace {
            Some(_) => short(&[&object.kind.to_lowercase(), &object.name]),
            None => object.name.clone(),
        };
        let about = About { namespace, placement, phase: first.phase, origin: first.clone(), marks: &[SOURCE, DOC] };
        let rules = self.rules(&about, &merged);
        self.output.to_hub(first, &merged.template);
        if !rules.is_empty() {
            self.override_of(&about, object.clone(), rules);
        }
        self.place(&about, object, clusters);
    }

    fn rules(&mut self, about: &About, merged: &Merged) -> Vec<OverrideRule> {
        let rule = |cluster_selector, json_patch_overrides| OverrideRule {
            cluster_selector,
            override_type: OverrideType::JSONPatch,
            json_patch_overrides,
        };
        let everywhere =
            (!merged.everywhere.is_empty()).then(|| rule(ClusterSelector::all(), merged.everywhere.clone()));
        let groups = merged.differences.iter().map(|(clusters, patches)| {
            let selector = ClusterSelector::named(names(self.model, *clusters));
            rule(selector, patches.clone())
        });
        let rules: Vec<OverrideRule> = everywhere.into_iter().chain(groups).collect();
        let patches = rules.iter().map(|rule| rule.json_patch_overrides.len()).max().unwrap_or(0);
        if rules.len() > OVERRIDE_RULES || patches > RULE_PATCHES {
            let origin = &about.origin.origin;
            let message = format!("`{}` differs too much between clusters to be placed as one object", origin.name);
            let help = format!(
                "an override has at most {OVERRIDE_RULES} groups of clusters with {RULE_PATCHES} differences each: make more clusters alike, or remove `delivery placement`"
            );
            self.diagnostics.push(Diagnostic::new(PLACEMENT_LIMIT, origin.span, message).help(help));
        }
        rules
    }

    fn override_of(&mut self, about: &About, object: ResourceName, override_rules: Vec<OverrideRule>) {
        let policy = OverridePolicy { override_rules };
        let name = about.placement.clone();
        if about.namespace.is_some() {
            let placement = PlacementRef { name, scope: PlacementScope::Namespaced };
            let spec = ResourceOverrideSpec { placement, resource_selectors: vec![object], policy };
            self.put(about, ResourceOverride { spec });
        } else {
            let placement = PlacementRef { name, scope: PlacementScope::Cluster };
            let selector = PlacedResource { object, selection_scope: Some(SelectionScope::NamespaceOnly) };
            let spec = ClusterResourceOverrideSpec { placement, cluster_resource_selectors: vec![selector], policy };
            self.put(about, ClusterResourceOverride { spec });
        }
    }

    fn place(&mut self, about: &About, object: ResourceName, clusters: ClusterSet) {
        let selection_scope = (object.kind == Namespace::KIND).then_some(SelectionScope::NamespaceOnly);
        let required = ClusterSelector::named(names(self.model, clusters));
        let cluster_affinity = ClusterAffinity { required_during_scheduling_ignored_during_execution: required };
        let spec = PlacementSpec {
            resource_selectors: vec![PlacedResource { object, selection_scope }],
            policy: PlacementPolicy { placement_type: PlacementType::PickAll, affinity: Affinity { cluster_affinity } },
            strategy: Strategy {
                kind: StrategyType::RollingUpdate,
                apply_strategy: ApplyStrategy { kind: ApplyType::ServerSideApply },
            },
        };
        match about.namespace {
            Some(_) => self.put(about, ResourcePlacement { spec }),
            None => self.put(about, ClusterResourcePlacement { spec }),
        }
    }

    /// The objects of a namespace, or of none, that only act on one member.
    fn envelopes(&mut self, namespace: Option<&String>, cluster: ClusterId, objects: &[Placed]) {
        let name = &self.model.clusters[cluster].name.value;
        for (objects, number) in objects.chunks(ENVELOPE_SIZE).zip(1_usize..) {
            let Some(first) = objects.first() else { continue };
            let name = if number == 1 { name.to_string() } else { format!("{name}.{number}") };
            let key = |placed: &Placed| format!("{}-{}", placed.origin.kind.to_lowercase(), placed.origin.name);
            let data = objects.iter().map(|placed| (key(placed), placed.value.clone())).collect();
            let phase = objects.iter().map(|placed| placed.phase).max().unwrap_or(Phase::Link);
            let placement = short(&["envelope", &name]);
            let namespace_name = namespace.cloned();
            let about = About { namespace: namespace_name, placement, phase, origin: first.clone(), marks: &[SOURCE] };
            let kind = match namespace {
                Some(_) => self.envelope(&about, name.clone(), ResourceEnvelope { data }),
                None => self.envelope(&about, name.clone(), ClusterResourceEnvelope { data }),
            };
            let version = "v1beta1";
            let object = ResourceName { group: "placement.kubernetes-fleet.io", version, kind, name };
            self.place(&about, object, ClusterSet::of(cluster));
        }
    }

    fn envelope<B: Body>(&mut self, about: &About, name: String, body: B) -> &'static str {
        let object = Object::new(about.metadata(name), body);
        let span = about.origin.origin.span;
        self.output.object_in(about.phase, self.model, Place::Hub, Step::Policies, &object, span);
        B::KIND
    }

    fn put<B: Body>(&mut self, about: &About, body: B) {
        let object = Object::new(about.metadata(about.placement.clone()), body);
        let span = about.origin.origin.span;
        self.output.object_in(about.phase, self.model, Place::Hub, Step::Placements, &object, span);
    }
}

/// What a placement and what belongs to it have in common.
struct About {
    namespace: Option<String>,
    /// Name of the placement, and of its override.
    placement: String,
    phase: Phase,
    /// The first object that is placed.
    origin: Placed,
    /// The annotations that are its own as well: what carries several objects speaks for none of them.
    marks: &'static [&'static str],
}

impl About {
    /// Metadata that marks an object as ours and names the declaration of what is placed.
    fn metadata(&self, name: String) -> ObjectMeta {
        ObjectMeta::after(name, self.namespace.clone(), &self.origin.value, self.marks)
    }
}

fn cluster_of(placed: &Placed) -> Option<ClusterId> {
    match placed.place {
        Place::Hub => None,
        Place::Cluster(cluster) => Some(cluster),
    }
}

fn names(model: &Model, clusters: ClusterSet) -> Vec<String> {
    clusters.iter().map(|cluster| model.clusters[cluster].name.value.to_string()).collect()
}

/// Parts joined by hyphens; a name that would be too long ends with a digest of itself instead.
fn short(parts: &[&str]) -> String {
    let name = parts.join("-");
    if name.len() <= NAME {
        return name;
    }
    let digest = Sha256::digest(&name);
    let digest = digest.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    let head: String = name.chars().take(NAME - "-01234567".len()).collect();
    format!("{head}-{digest:08x}")
}
