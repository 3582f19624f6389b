//! What Azure Resource Manager is told: the labels of members and the meshes that select by them.
//!
//! A mesh profile is no Kubernetes object. Its template states members again as they are (the deployment's parameter holds what Azure says of
//! them) and only adds labels: a member's labels also steer placements that are not ours.

use std::collections::BTreeMap;

use fleetnet_lang::Span;
use serde::Serialize;

use crate::model::{Labels, Name};
use crate::targets::kubernetes::docs;

/// Resource type of a member.
pub const MEMBER: &str = "Microsoft.ContainerService/fleets/members";
/// Resource type of a mesh profile.
pub const MESH_PROFILE: &str = "Microsoft.ContainerService/fleets/clusterMeshProfiles";
/// The newest version that knows both.
pub const API_VERSION: &str = "2026-06-02-preview";

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// A deployment template at the scope of a resource group.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    #[serde(rename = "$schema")]
    schema: &'static str,
    content_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Comments>,
    parameters: Parameters,
    variables: Variables,
    resources: Vec<Resource>,
}

/// What Azure Resource Manager leaves aside.
#[derive(Clone, Debug, Serialize)]
struct Comments {
    comments: String,
}

#[derive(Clone, Debug, Serialize)]
struct Parameters {
    members: Parameter,
}

#[derive(Clone, Debug, Serialize)]
struct Parameter {
    #[serde(rename = "type")]
    kind: &'static str,
    metadata: Metadata,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    description: &'static str,
}

/// `members` is the parameter by name.
#[derive(Clone, Debug, Serialize)]
struct Variables {
    members: &'static str,
    labels: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(rename = "type")]
    kind: &'static str,
    api_version: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    properties: Properties,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Properties {
    Member { cluster_resource_id: String, group: String, labels: String },
    MeshProfile { member_selector: MemberSelector },
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberSelector {
    /// `KEY=VALUE`, at most 512 characters; other operators don't exist.
    by_label: String,
}

/// A member of the fleet and the labels that it must have.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// Labels to add; a member without is left alone.
    pub labels: &'a Labels,
    /// Its doc comment.
    pub doc: Option<&'a Name>,
    /// Where it is declared.
    pub span: Span,
}

/// A mesh and the label that selects its members.
#[derive(Clone, Debug)]
pub struct MeshProfile<'a> {
    /// Its name.
    pub name: &'a str,
    /// `KEY=VALUE`.
    pub by_label: String,
    /// Its doc comment.
    pub doc: Option<&'a Name>,
    /// Where it is declared.
    pub span: Span,
}

/// The template for the members and meshes of a fleet, which Azure knows by another name than its source.
#[must_use]
pub fn template(fleet: &str, doc: Option<&Name>, members: &[Member<'_>], meshes: &[MeshProfile<'_>]) -> Template {
    let labelled = members.iter().filter(|member| !member.labels.is_empty());
    let resources = labelled.clone().map(|member| member_resource(fleet, member));
    let depends_on: Vec<String> = labelled.clone().map(|member| resource_id(fleet, member.name)).collect();
    let profiles = meshes.iter().map(|mesh| Resource {
        kind: MESH_PROFILE,
        api_version: API_VERSION,
        name: format!("{fleet}/{}", mesh.name),
        comments: comments(mesh.doc),
        depends_on: depends_on.clone(),
        properties: Properties::MeshProfile { member_selector: MemberSelector { by_label: mesh.by_label.clone() } },
    });
    let description = "The fleet's members as Azure knows them: name, clusterResourceId, group and labels of each.";
    Template {
        schema: SCHEMA,
        content_version: "1.0.0.0",
        metadata: comments(doc).map(|comments| Comments { comments }),
        parameters: Parameters { members: Parameter { kind: "array", metadata: Metadata { description } } },
        variables: Variables {
            members: "[toObject(parameters('members'), lambda('member', lambdaVariables('member').name))]",
            labels: labelled.map(|member| (member.name.to_owned(), owned(member.labels))).collect(),
        },
        resources: resources.chain(profiles).collect(),
    }
}

/// A template as a file.
#[must_use]
#[expect(clippy::expect_used, reason = "a template is records, lists and text, with text as keys")]
pub fn json(template: &Template) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(template).expect("a template is JSON");
    bytes.push(b'\n');
    bytes
}

/// Names are DNS labels, so that none of them can end the expression that it stands in.
fn member_resource(fleet: &str, member: &Member<'_>) -> Resource {
    let name = member.name;
    let known = format!("variables('members')['{name}']");
    Resource {
        kind: MEMBER,
        api_version: API_VERSION,
        name: format!("{fleet}/{name}"),
        comments: comments(member.doc),
        depends_on: Vec::new(),
        properties: Properties::Member {
            cluster_resource_id: format!("[{known}.clusterResourceId]"),
            group: format!("[tryGet({known}, 'group')]"),
            labels: format!(
                "[union(coalesce(tryGet({known}, 'labels'), createObject()), variables('labels')['{name}'])]"
            ),
        },
    }
}

fn resource_id(fleet: &str, member: &str) -> String {
    format!("[resourceId('{MEMBER}', '{fleet}', '{member}')]")
}

fn comments(doc: Option<&Name>) -> Option<String> {
    docs(doc, []).map(|doc| literal(&doc))
}

/// Text that starts with `[` would be an expression; doubled, the bracket is itself.
fn literal(text: &str) -> String {
    if text.starts_with('[') { format!("[{text}") } else { text.to_owned() }
}

fn owned(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| (key.to_string(), literal(value.as_str()))).collect()
}
