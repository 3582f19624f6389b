//! What is known of the name under the cursor: its declaration, what its author says of it, and what it comes to.

use fleetnet_compiler::model::{ClusterSet, Model};
use fleetnet_lang::Span;

use crate::names::{Definition, Kind, definitions_of, named};
use crate::package::{Package, Place};

/// What is shown of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name.
    pub span: Span,
    /// One for each declaration of it.
    pub declared: Vec<Declared>,
}

/// What is shown of a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its first line, as it stands in the source.
    pub head: String,
    /// The doc comment.
    pub doc: Option<String>,
    /// The clusters it comes to, where the package has a meaning.
    pub clusters: Option<Vec<String>>,
}

/// Most declarations of one name that are shown, such as the clusters of a region.
const MOST: usize = 5;

/// What is known of the name at a place. `model` is what the package meant when it was last compiled without an error.
#[must_use]
pub fn hover(package: &Package, model: Option<&Model>, place: Place) -> Option<Hover> {
    let named = named(package, place)?;
    let declared: Vec<Declared> = definitions_of(package, &named.symbols)
        .take(MOST)
        .map(|definition| Declared {
            head: head(package, definition),
            doc: definition.doc.clone(),
            clusters: model.and_then(|model| clusters(model, definition)),
        })
        .collect();
    (!declared.is_empty()).then_some(Hover { span: named.span, declared })
}

/// The first line of a declaration, less the brace it opens. A region is shown by the cluster that names it.
fn head(package: &Package, definition: &Definition) -> String {
    let text = package.text(definition.whole);
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let line = text.lines().find(|line| !is_comment(line) && !line.trim().is_empty()).unwrap_or_default().trim();
    line.strip_suffix('{').unwrap_or(line).trim_end().to_owned()
}

fn clusters(model: &Model, definition: &Definition) -> Option<Vec<String>> {
    let name = definition.symbols.first()?.name.as_str();
    let set = match definition.kind {
        Kind::Mesh => model.meshes.rows().iter().find(|mesh| mesh.name.value.as_str() == name)?.members,
        Kind::Namespace => {
            let mut namespaces = model.namespaces.rows().iter();
            namespaces.find(|namespace| namespace.name.value.as_str() == name)?.clusters
        }
        Kind::Identity => {
            let id = model.identities.ids().find(|id| model.identity_name(*id) == name)?;
            model.identities[id].clusters
        }
        Kind::Region => return Some(in_region(model, name)),
        Kind::Fleet
        | Kind::Param
        | Kind::Cluster
        | Kind::ClusterSet
        | Kind::Group
        | Kind::External
        | Kind::Service
        | Kind::Entry
        | Kind::Gateway
        | Kind::Listener
        | Kind::Policy
        | Kind::Invariant
        | Kind::Rollout
        | Kind::Step
        | Kind::Port => return None,
    };
    Some(names(model, set))
}

fn names(model: &Model, set: ClusterSet) -> Vec<String> {
    set.iter().map(|id| model.clusters[id].name.value.to_string()).collect()
}

fn in_region(model: &Model, region: &str) -> Vec<String> {
    let clusters = model.clusters.rows().iter();
    let inside = clusters.filter(|cluster| cluster.region.as_ref().is_some_and(|own| own.value.as_str() == region));
    inside.map(|cluster| cluster.name.value.to_string()).collect()
}
