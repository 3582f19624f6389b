//! Meshes as Azure Fleet forms them: by one label that exactly their members have.

use fleetnet_lang::Diagnostic;

use crate::codes::traffic::{AZURE_MESH, AZURE_SETTING};
use crate::model::{ClusterSet, Condition, MemberText, Mesh, Model, Requirement, Routing, Selector};

use super::arm::{Member, MeshProfile};
use super::settings::Settings;

/// Longest name of a member.
const MEMBER_NAME: usize = 50;
/// Longest selector of members.
const SELECTOR: usize = 512;

/// The members of the fleet, in order of name.
pub fn members<'a>(model: &'a Model, clusters: ClusterSet, diagnostics: &mut Vec<Diagnostic>) -> Vec<Member<'a>> {
    let members = model.clusters.iter().filter(|(id, _)| clusters.contains(*id)).map(|(_, cluster)| {
        let name = cluster.name.value.as_str();
        if name.len() > MEMBER_NAME {
            let message = format!("`{name}` is too long for a member of an Azure fleet");
            let help = format!("names of members have at most {MEMBER_NAME} characters");
            diagnostics.push(Diagnostic::new(AZURE_MESH, cluster.name.span, message).help(help));
        }
        Member { name, labels: &cluster.labels, doc: cluster.doc.as_ref(), span: cluster.name.span }
    });
    members.collect()
}

/// The meshes that the fleet forms, in order of name. A mesh none of whose clusters is a member is another target's.
pub fn meshes<'a>(
    model: &'a Model,
    settings: &Settings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<MeshProfile<'a>> {
    let ours = model.meshes.rows().iter().filter(|mesh| !(mesh.members & settings.clusters).is_empty());
    let profiles: Vec<_> = ours.filter_map(|mesh| profile(model, mesh, settings, diagnostics)).collect();
    if !profiles.is_empty() && settings.resource_group.is_empty() {
        let message = "target `azure-fleet` does not say its resource group";
        let help = "write `resource-group \"NAME\"`: meshes are deployed into it";
        diagnostics.push(Diagnostic::new(AZURE_SETTING, settings.span, message).help(help));
    }
    profiles
}

fn profile<'a>(
    model: &Model,
    mesh: &'a Mesh,
    settings: &Settings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MeshProfile<'a>> {
    let outside = mesh.members.less(settings.clusters);
    if !outside.is_empty() {
        let names: Vec<String> = outside.iter().map(|id| format!("`{}`", model.clusters[id].name.value)).collect();
        let message = format!("mesh `{}` has members outside the Azure fleet: {}", mesh.name.value, names.join(", "));
        let help = "a mesh is formed by one target: give `azure-fleet` all of its members, or none";
        diagnostics.push(Diagnostic::new(AZURE_MESH, mesh.name.span, message).help(help));
    }
    if mesh.routing == Routing::Tunnel {
        let message = format!("mesh `{}` cannot be tunnelled: Azure Fleet joins flat networks only", mesh.name.value);
        let help = "remove `routing tunnel`; pod addresses must be routable between the members";
        diagnostics.push(Diagnostic::new(AZURE_MESH, mesh.name.span, message).help(help));
    }
    let by_label = by_label(mesh, diagnostics)?;
    Some(MeshProfile { name: mesh.name.value.as_str(), by_label, doc: mesh.doc.as_ref(), span: mesh.name.span })
}

fn by_label(mesh: &Mesh, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let (span, label) = match &mesh.written {
        MemberText::Selector(selector) => (selector.span, single_equality(&selector.value)),
        MemberText::Other(span) => (*span, None),
    };
    if label.as_ref().is_some_and(|label| label.len() <= SELECTOR) {
        return label;
    }
    let message = format!("Azure Fleet cannot select the members of mesh `{}` this way", mesh.name.value);
    let help = "it selects by one label: give the members a label of their own and write `members where LABEL = VALUE`";
    diagnostics.push(Diagnostic::new(AZURE_MESH, span, message).help(help));
    None
}

fn single_equality(selector: &Selector) -> Option<String> {
    let [Requirement { key, condition: Condition::In(values) }] = selector.requirements.as_slice() else {
        return None;
    };
    let [value] = values.as_slice() else { return None };
    Some(format!("{key}={value}"))
}
