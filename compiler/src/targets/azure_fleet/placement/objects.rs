//! The kinds of fleet placement, with the fields that we set.
//!
//! Shapes and limits are those of the CRDs of `placement.kubernetes-fleet.io`. What its webhook refuses beyond the CRD cannot be built here:
//! selectors are by name, patches are never on `status` or on other metadata than labels and annotations.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::targets::kubernetes::Body;

const API_VERSION: &str = "placement.kubernetes-fleet.io/v1";
/// Objects in one envelope at most.
pub const ENVELOPE_SIZE: usize = 50;
/// Rules in one override at most.
pub const OVERRIDE_RULES: usize = 20;
/// Patches in one rule at most.
pub const RULE_PATCHES: usize = 20;
/// Label of a member that holds its own name; kept so by the fleet.
pub const MEMBER_NAME: &str = "kubernetes-fleet.io/member-name";
/// Replaced by the member's name in the values of patches.
pub const MEMBER_VARIABLE: &str = "${MEMBER-CLUSTER-NAME}";

/// Brings objects without a namespace to members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterResourcePlacement {
    /// What it is.
    pub spec: PlacementSpec,
}

impl Body for ClusterResourcePlacement {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "ClusterResourcePlacement";
}

/// Brings objects of its own namespace to members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourcePlacement {
    /// What it is.
    pub spec: PlacementSpec,
}

impl Body for ResourcePlacement {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "ResourcePlacement";
}

/// `spec` of a placement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementSpec {
    /// What is placed.
    pub resource_selectors: Vec<PlacedResource>,
    /// Where.
    pub policy: PlacementPolicy,
    /// How changes arrive.
    pub strategy: Strategy,
}

/// One placed object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedResource {
    /// Group, version, kind and name.
    #[serde(flatten)]
    pub object: ResourceName,
    /// For a namespace: whether what is in it goes along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_scope: Option<SelectionScope>,
}

/// An object by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ResourceName {
    /// API group, empty for the core.
    pub group: &'static str,
    /// Version that the hub prefers.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: String,
}

/// What a selected namespace stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SelectionScope {
    /// The object alone.
    NamespaceOnly,
}

/// Where objects are placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementPolicy {
    /// Immutable, and therefore the one type that has no limit on members.
    pub placement_type: PlacementType,
    /// Which members.
    pub affinity: Affinity,
}

/// How members are picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PlacementType {
    /// Every member that the affinity requires.
    PickAll,
}

/// Which members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Affinity {
    /// By their labels.
    pub cluster_affinity: ClusterAffinity,
}

/// Members by their labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterAffinity {
    /// Required when an object is placed.
    pub required_during_scheduling_ignored_during_execution: ClusterSelector,
}

/// Members that one of the terms selects; without a term, all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSelector {
    /// At most 10.
    pub cluster_selector_terms: Vec<ClusterSelectorTerm>,
}

/// One selector of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSelectorTerm {
    /// By labels.
    pub label_selector: LabelSelector,
}

/// A selector of labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// All of these hold.
    pub match_expressions: Vec<LabelRequirement>,
}

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelRequirement {
    /// The label.
    pub key: &'static str,
    /// How it is compared.
    pub operator: LabelOperator,
    /// With what.
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LabelOperator {
    /// It has one of the values.
    In,
}

impl ClusterSelector {
    /// Every member.
    #[must_use]
    pub fn all() -> Self {
        Self { cluster_selector_terms: Vec::new() }
    }

    /// The members with these names.
    #[must_use]
    pub fn named(names: Vec<String>) -> Self {
        let requirement = LabelRequirement { key: MEMBER_NAME, operator: LabelOperator::In, values: names };
        let label_selector = LabelSelector { match_expressions: vec![requirement] };
        Self { cluster_selector_terms: vec![ClusterSelectorTerm { label_selector }] }
    }
}

/// How changes arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// A part of the members after the other.
    #[serde(rename = "type")]
    pub kind: StrategyType,
    /// How objects are applied on a member.
    pub apply_strategy: ApplyStrategy,
}

/// In which order members are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum StrategyType {
    /// A part of the members after the other.
    RollingUpdate,
}

/// How objects are applied on a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyStrategy {
    /// By the server, field by field.
    #[serde(rename = "type")]
    pub kind: ApplyType,
}

/// Who merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ApplyType {
    /// The API server.
    ServerSideApply,
}

/// Changes members' copies of objects of its own namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceOverride {
    /// What it is.
    pub spec: ResourceOverrideSpec,
}

impl Body for ResourceOverride {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "ResourceOverride";
}

/// `spec` of a [`ResourceOverride`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceOverrideSpec {
    /// The placement whose copies are changed.
    pub placement: PlacementRef,
    /// Which objects; each object has one override only.
    pub resource_selectors: Vec<ResourceName>,
    /// How.
    pub policy: OverridePolicy,
}

/// Changes members' copies of objects without a namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterResourceOverride {
    /// What it is.
    pub spec: ClusterResourceOverrideSpec,
}

impl Body for ClusterResourceOverride {
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "ClusterResourceOverride";
}

/// `spec` of a [`ClusterResourceOverride`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterResourceOverrideSpec {
    /// The placement whose copies are changed.
    pub placement: PlacementRef,
    /// Which objects; each object has one override only.
    pub cluster_resource_selectors: Vec<PlacedResource>,
    /// How.
    pub policy: OverridePolicy,
}

/// A placement; immutable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlacementRef {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub scope: PlacementScope,
}

/// The kind of a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PlacementScope {
    /// `ClusterResourcePlacement`.
    Cluster,
    /// `ResourcePlacement`, in the namespace of the override.
    Namespaced,
}

/// What an override does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverridePolicy {
    /// At most [`OVERRIDE_RULES`], applied in order.
    pub override_rules: Vec<OverrideRule>,
}

/// What an override does on some members.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverrideRule {
    /// Which members.
    pub cluster_selector: ClusterSelector,
    /// By patches.
    pub override_type: OverrideType,
    /// At most [`RULE_PATCHES`], applied in order.
    pub json_patch_overrides: Vec<JsonPatch>,
}

/// How a copy differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum OverrideType {
    /// By patches.
    JSONPatch,
}

/// One operation of RFC 6902 on one key or field, never on a whole map of labels or annotations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum JsonPatch {
    /// Sets a member of a map that exists.
    Add {
        /// JSON pointer.
        path: String,
        /// The value.
        value: Value,
    },
    /// Sets a value that is there.
    Replace {
        /// JSON pointer.
        path: String,
        /// The value.
        value: Value,
    },
    /// Takes a value away.
    Remove {
        /// JSON pointer.
        path: String,
    },
}

impl JsonPatch {
    /// What is set or taken away.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Add { path, .. } | Self::Replace { path, .. } | Self::Remove { path } => path,
        }
    }
}

/// Objects of its namespace that must not act on the hub; placed, it becomes them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceEnvelope {
    /// The objects by a name of their own; 1 to [`ENVELOPE_SIZE`].
    pub data: BTreeMap<String, Value>,
}

impl Body for ResourceEnvelope {
    const API_VERSION: &'static str = "placement.kubernetes-fleet.io/v1beta1";
    const KIND: &'static str = "ResourceEnvelope";
}

/// Objects without a namespace that must not act on the hub; placed, it becomes them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterResourceEnvelope {
    /// The objects by a name of their own; 1 to [`ENVELOPE_SIZE`].
    pub data: BTreeMap<String, Value>,
}

impl Body for ClusterResourceEnvelope {
    const API_VERSION: &'static str = "placement.kubernetes-fleet.io/v1beta1";
    const KIND: &'static str = "ClusterResourceEnvelope";
}
