//! What is known of the name under the cursor: its declaration, what its author says of it, and what it comes to. Of a keyword, what the
//! statement says that it begins.

use std::collections::BTreeMap;

use fleetnet_compiler::model::{ClusterId, ClusterSet, IdentityId, Model};
use fleetnet_lang::{Begun, Span, SyntaxKind, begun_at};

use crate::around::{Around, touched};
use crate::meaning::{Meaning, Reached};
use crate::names::{Definition, Kind, definitions_of, named};
use crate::package::{Package, Place};
use crate::shares::{Divided, of_service};

/// What is shown of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name.
    pub span: Span,
    /// One for each declaration of it.
    pub declared: Vec<Declared>,
}

/// What is shown of a declaration, or of a statement's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Its first line, as it stands in the source.
    pub head: String,
    /// The doc comment, or what the statement says.
    pub doc: Option<String>,
    /// The clusters it comes to, where the package has a meaning.
    pub clusters: Option<Vec<String>>,
    /// The identities that a group or a namespace comes to, cluster by cluster.
    pub members: Vec<Members>,
    /// Who reaches the pods that it stands for, and whom they reach, where that is known.
    pub reached: Option<Reached>,
    /// How the paths to a service are divided.
    pub divided: Vec<Divided>,
}

/// Identities that some clusters have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// The clusters.
    pub clusters: Vec<String>,
    /// The identities.
    pub identities: Vec<String>,
}

/// Most declarations of one name that are shown, such as the clusters of a region.
const MOST: usize = 5;

/// What is known of the name at a place. `meaning` is what the package meant when it was last compiled without an error.
#[must_use]
pub fn hover(package: &Package, meaning: Option<&Meaning>, place: Place) -> Option<Hover> {
    let Some(named) = named(package, place) else { return keyword(package, place) };
    let definitions = definitions_of(package, &named.symbols).take(MOST);
    let declared: Vec<Declared> = definitions.map(|definition| declared(package, meaning, definition)).collect();
    (!declared.is_empty()).then_some(Hover { span: named.span, declared })
}

/// The statement that the keyword at a place begins.
fn keyword(package: &Package, place: Place) -> Option<Hover> {
    let tree = package.tree(place.file)?;
    let token = touched(&tree.parse.syntax(), place.offset).filter(|token| token.kind() == SyntaxKind::Keyword)?;
    let (start, end) = (token.text_range().start().into(), token.text_range().end().into());
    let around = Around::new(&tree.parse, &package.file(place.file)?.source.text, place);
    let Begun { form, about, .. } =
        begun_at(around.text, around.inside(start)).filter(|begun| begun.tokens.is_empty())?;
    let declared = Declared { head: form.to_owned(), doc: Some(about.to_owned()), ..Declared::default() };
    Some(Hover { span: Span::new(place.file, start, end), declared: vec![declared] })
}

fn declared(package: &Package, meaning: Option<&Meaning>, definition: &Definition) -> Declared {
    let name = definition.symbols.first().map_or("", |symbol| &symbol.name);
    let model = meaning.map(|meaning| &meaning.plan.model);
    let service = |model: &Model| {
        let is_it = |id: &_| definition.kind == Kind::Service && model.service_name(*id) == name;
        model.services.ids().find(is_it)
    };
    let divided = meaning.and_then(|meaning| Some(of_service(&meaning.plan, service(&meaning.plan.model)?)));
    Declared {
        head: head(package, definition),
        doc: definition.doc.clone(),
        clusters: model.and_then(|model| clusters(model, definition)),
        members: model.map(|model| members(model, definition)).unwrap_or_default(),
        reached: meaning.and_then(|meaning| meaning.reached(definition.kind, name)),
        divided: divided.unwrap_or_default(),
    }
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
        Kind::ClusterSet => model.sets.iter().find(|(set, _)| set.as_str() == name)?.1,
        Kind::Region => return Some(in_region(model, name)),
        Kind::Fleet
        | Kind::Param
        | Kind::Cluster
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

fn members(model: &Model, definition: &Definition) -> Vec<Members> {
    let name = definition.symbols.first().map_or("", |symbol| &symbol.name);
    let identities: Vec<IdentityId> = match definition.kind {
        Kind::Group => {
            let group = model.groups.rows().iter().find(|group| group.name.value.as_str() == name);
            group.map(|group| group.members.clone()).unwrap_or_default()
        }
        Kind::Namespace => {
            let namespace = model.namespace(&name.into());
            model.identities.ids().filter(|id| Some(model.identities[*id].namespace) == namespace).collect()
        }
        Kind::Fleet
        | Kind::Param
        | Kind::Cluster
        | Kind::ClusterSet
        | Kind::Region
        | Kind::Mesh
        | Kind::Identity
        | Kind::External
        | Kind::Service
        | Kind::Entry
        | Kind::Gateway
        | Kind::Listener
        | Kind::Policy
        | Kind::Invariant
        | Kind::Rollout
        | Kind::Step
        | Kind::Port => return Vec::new(),
    };
    by_cluster(model, &identities)
}

/// Clusters with the same identities are told of together.
fn by_cluster(model: &Model, identities: &[IdentityId]) -> Vec<Members> {
    let there = |cluster: ClusterId| {
        let inside = identities.iter().filter(move |id| model.identities[**id].clusters.contains(cluster));
        inside.copied().collect::<Vec<IdentityId>>()
    };
    let mut alike: BTreeMap<Vec<IdentityId>, ClusterSet> = BTreeMap::new();
    for cluster in model.clusters.ids() {
        alike.entry(there(cluster)).or_default().insert(cluster);
    }
    alike.remove([].as_slice());
    let mut members: Vec<(ClusterSet, Vec<IdentityId>)> = alike.into_iter().map(|(ids, set)| (set, ids)).collect();
    members.sort_by_key(|(set, _)| set.iter().next());
    let members = members.into_iter().map(|(set, ids)| Members {
        clusters: names(model, set),
        identities: ids.into_iter().map(|id| model.identity_name(id)).collect(),
    });
    members.collect()
}
