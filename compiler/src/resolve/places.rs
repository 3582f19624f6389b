//! Where things are: clusters, named sets of them, meshes, and every set that is written somewhere.

use std::collections::BTreeSet;

use fleetnet_lang::ast::{self, Term as AstTerm, TermKind};
use fleetnet_lang::{Code, Diagnostic};

use super::context::{Context, Declared};
use super::exceptions;
use super::gather::Declarations;
use super::names::{Found, Index};
use super::order::in_order;
use super::params::Params;
use super::read::Reader;
use super::set_text::{self, SetText};
use crate::analysis::cel::{self, ClusterField, ClusterRecord};
use crate::codes::clusters::EMPTY_MESH;
use crate::codes::names as codes;
use crate::model::{Cluster, ClusterId, ClusterSet, ExternalId, GroupId, Id, MeshId, Name, Spanned, Table};

/// What a name of the shared name space stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    /// A cluster.
    Cluster(ClusterId),
    /// A named set of clusters, by its place in order of name.
    Clusters(usize),
    /// A group.
    Group(GroupId),
    /// An external.
    External(ExternalId),
}

impl Term {
    /// What kind of thing it is, for a sentence.
    pub fn described(self) -> &'static str {
        match self {
            Self::Cluster(_) => "a cluster",
            Self::Clusters(_) => "a set of clusters",
            Self::Group(_) => "a group",
            Self::External(_) => "an external",
        }
    }
}

/// The clusters, and what their names and their sets' names stand for.
#[derive(Debug)]
pub(super) struct Places {
    /// The clusters.
    pub clusters: Table<ClusterId, Cluster>,
    /// Clusters, sets, groups and externals.
    pub terms: Index<Term>,
    /// The meshes.
    pub meshes: Index<MeshId>,
    /// The named sets, in order of name; none where one is broken.
    sets: Vec<Option<ClusterSet>>,
    /// The members of each mesh; none where they are broken.
    members: Vec<Option<ClusterSet>>,
}

impl Places {
    /// Resolves the named sets and the members of meshes, which may refer to each other.
    pub fn resolve(ctx: &mut Context, clusters: Table<ClusterId, Cluster>, declared: &Declarations<'_>) -> Self {
        let (sets, meshes) = (&declared.sets, &declared.meshes);
        let terms = terms(&clusters, declared);
        let mut mesh_index = Index::default();
        for (place, mesh) in meshes.iter().enumerate() {
            mesh_index.insert(mesh.name.value.clone(), Some(MeshId::at(place)));
        }
        let mut places = Self {
            clusters,
            terms,
            meshes: mesh_index,
            sets: vec![None; sets.len()],
            members: vec![None; meshes.len()],
        };
        let mut named: Vec<(Spanned<Name>, Option<SetText<'_>>)> = Vec::with_capacity(sets.len() + meshes.len());
        for set in sets {
            let reader = Reader::new(ctx, set.file);
            named.push((set.name.clone(), set.node.set().map(|set| SetText::of_set(&reader, &set))));
        }
        for mesh in meshes {
            let reader = Reader::new(ctx, mesh.file);
            named.push((mesh.name.clone(), set_text::members(mesh).map(|set| SetText::of_set(&reader, &set))));
        }
        places.resolve_named(ctx, &named);
        places
    }

    fn resolve_named(&mut self, ctx: &mut Context, named: &[(Spanned<Name>, Option<SetText<'_>>)]) {
        let needs = |text: &Option<SetText<'_>>| text.iter().flat_map(|text| self.needs(&ctx.params, text)).collect();
        let ordered = in_order(&named.iter().map(|(_, text)| needs(text)).collect::<Vec<_>>());
        let name_of = |place: &usize| named.get(*place).map(|(name, _)| name);
        for cycle in &ordered.cycles {
            let mut parts: Vec<&Spanned<Name>> = cycle.iter().filter_map(name_of).collect();
            parts.sort_by_key(|name| std::cmp::Reverse(name.span));
            let Some((first, rest)) = parts.split_first() else { continue };
            let message = format!("`{}` contains itself", first.value);
            let found = Diagnostic::new(codes::CYCLE, first.span, message).help("take it out of one of these sets");
            ctx.report(rest.iter().fold(found, |found, name| found.related(name.span, "through this one")));
        }
        let circular: BTreeSet<usize> = ordered.cycles.into_iter().flatten().collect();
        for place in ordered.order.into_iter().filter(|place| !circular.contains(place)) {
            let Some((name, Some(text))) = named.get(place) else { continue };
            if let Some(mesh) = place.checked_sub(self.sets.len()) {
                let members = self.evaluated(ctx, text);
                if members == Some(ClusterSet::EMPTY) {
                    let message = format!("no cluster is a member of mesh `{}`", name.value);
                    let help = "correct the condition, or give clusters the labels it asks for";
                    ctx.report(Diagnostic::new(EMPTY_MESH, text.span, message).help(help));
                }
                replace(&mut self.members, mesh, members);
            } else {
                let clusters = self.set(ctx, text);
                replace(&mut self.sets, place, clusters);
            }
        }
    }

    /// The named sets and meshes that a set refers to, as vertices of one graph: sets first.
    fn needs(&self, params: &Params, text: &SetText<'_>) -> Vec<usize> {
        let need = |term: &AstTerm<'_>| match term.kind()? {
            TermKind::Name(word) => match self.terms.get(params.replaced(&word).as_str()) {
                Found::Is(Term::Clusters(place)) => Some(place),
                Found::Is(Term::Cluster(_) | Term::Group(_) | Term::External(_)) | Found::Broken | Found::Unknown => {
                    None
                }
            },
            TermKind::Mesh(word) => match self.meshes.get(params.replaced(&word).as_str()) {
                Found::Is(mesh) => Some(self.sets.len() + mesh.index()),
                Found::Broken | Found::Unknown => None,
            },
            TermKind::All | TermKind::Local | TermKind::Region(_) | TermKind::Where(_) | TermKind::WhereCel(_) => None,
        };
        text.terms.iter().chain(&text.except).filter_map(need).collect()
    }

    /// The places with these clusters.
    pub fn with_clusters(self, clusters: Table<ClusterId, Cluster>) -> Self {
        Self { clusters, ..self }
    }

    /// The clusters, and the places without them.
    pub fn without_clusters(self) -> (Table<ClusterId, Cluster>, Self) {
        (self.clusters, Self { clusters: Table::default(), ..self })
    }

    /// The named sets that are not broken.
    pub fn whole_sets(&self, declared: &[Declared<ast::Clusters<'_>>]) -> Vec<(Name, ClusterSet)> {
        let named = declared.iter().zip(&self.sets);
        named.filter_map(|(set, clusters)| Some((set.name.value.clone(), (*clusters)?))).collect()
    }

    /// The members of a mesh; none where they are broken.
    pub fn members(&self, mesh: MeshId) -> Option<ClusterSet> {
        self.members.get(mesh.index()).copied().flatten()
    }

    /// The members of all meshes.
    pub fn all(&self) -> ClusterSet {
        self.clusters.ids().collect()
    }

    /// The set of a statement; none where something in it is broken, or nothing is in it.
    pub fn written(&self, reader: &mut Reader<'_>, set: &ast::Set<'_>) -> Option<ClusterSet> {
        let text = SetText::of_set(reader, set);
        self.set(reader.ctx, &text)
    }

    /// The set of a statement, of which only clusters among `within` count. A cluster that is named and isn't among them is an error:
    /// it is reported as `code`, and `what` says why, for instance ``not in mesh `prod```.
    pub fn within(
        &self,
        reader: &mut Reader<'_>,
        set: &ast::Set<'_>,
        within: ClusterSet,
        code: Code,
        what: impl FnOnce() -> String,
    ) -> Option<ClusterSet> {
        let text = SetText::of_set(reader, set);
        let clusters = self.set(reader.ctx, &text)?;
        let named = text.terms.iter().find_map(|term| {
            let TermKind::Name(word) = term.kind()? else { return None };
            let name = reader.ctx.params.replaced(&word);
            let Found::Is(Term::Cluster(id)) = self.terms.get(name.as_str()) else { return None };
            (!within.contains(id)).then(|| Spanned::new(id, word.span(reader.file)))
        });
        let outside = match named {
            Some(named) => Some(named.span),
            None => (clusters & within).is_empty().then_some(text.span),
        };
        let Some(span) = outside else { return Some(clusters & within) };
        let clusters = named.map_or(clusters, |named| ClusterSet::of(named.value));
        let message = format!("{}: {}", self.listed(clusters), what());
        let help = if within.is_empty() {
            "there is no cluster where it could be".to_owned()
        } else {
            format!("choose among {}", self.listed(within))
        };
        reader.ctx.report(Diagnostic::new(code, span, message).help(help));
        None
    }

    /// The names of clusters for a sentence.
    pub fn listed(&self, clusters: ClusterSet) -> String {
        const MOST: usize = 5;
        let mut names: Vec<String> =
            clusters.iter().take(MOST).map(|id| format!("`{}`", self.clusters[id].name.value)).collect();
        if clusters.len() > MOST {
            names.push(format!("{} more", clusters.len() - MOST));
        }
        names.join(", ")
    }

    /// The clusters of a set; none where something in it is broken, or nothing is in it.
    pub fn set(&self, ctx: &mut Context, text: &SetText<'_>) -> Option<ClusterSet> {
        let clusters = self.evaluated(ctx, text)?;
        if clusters.is_empty() {
            let message = if text.except.is_empty() {
                "no cluster is in this set"
            } else {
                "`except` leaves no cluster in this set"
            };
            let help = "name at least one cluster of the package, or correct the condition";
            ctx.report(Diagnostic::new(codes::EMPTY_SET, text.span, message).help(help));
            return None;
        }
        Some(clusters)
    }

    /// The clusters of a set, which may be none; nothing where something in it is broken.
    fn evaluated(&self, ctx: &mut Context, text: &SetText<'_>) -> Option<ClusterSet> {
        let mut reader = Reader::new(ctx, text.file);
        // Every term is looked at, so that all that is wrong is found at once.
        let terms: Vec<Option<ClusterSet>> = text.terms.iter().map(|term| self.term(&mut reader, term)).collect();
        let except: Vec<Option<ClusterSet>> = text.except.iter().map(|term| self.term(&mut reader, term)).collect();
        if !text.except.is_empty() {
            exceptions::clusters(reader.ctx, &self.terms, text);
        }
        let union = |sets: Vec<Option<ClusterSet>>| {
            sets.into_iter().try_fold(ClusterSet::EMPTY, |all, set| set.map(|set| all | set))
        };
        let clusters = union(terms)?.less(union(except)?);
        (!text.terms.is_empty()).then_some(clusters)
    }

    fn term(&self, reader: &mut Reader<'_>, term: &AstTerm<'_>) -> Option<ClusterSet> {
        match term.kind()? {
            TermKind::All => Some(self.all()),
            TermKind::Name(word) => {
                let name = reader.name(&word)?;
                self.named(reader.ctx, &name)
            }
            TermKind::Region(word) => {
                let region = reader.name(&word)?;
                self.region(reader.ctx, &region)
            }
            TermKind::Mesh(word) => {
                let name = reader.name(&word)?;
                let mesh = reader.ctx.find(&self.meshes, &name, "a mesh of this package")?;
                self.members(mesh)
            }
            TermKind::Where(selector) => {
                let selector = reader.selector(&selector)?.value;
                Some(self.filter(|cluster| selector.matches(&cluster.labels)))
            }
            TermKind::WhereCel(text) => {
                let base = text.inner_span(reader.file);
                match cel::compile::<ClusterField>(text.text(), base) {
                    Ok(program) => Some(self.filter(|cluster| program.holds(&ClusterRecord(cluster)))),
                    Err(found) => {
                        reader.ctx.found.extend(found);
                        None
                    }
                }
            }
            TermKind::Local => {
                let message = "`local` means a peer's cluster, and there is no peer here";
                let help = "name the clusters";
                let span = reader.span(term);
                reader.ctx.report(Diagnostic::new(codes::BAD_VALUE, span, message).help(help));
                None
            }
        }
    }

    fn filter(&self, keep: impl Fn(&Cluster) -> bool) -> ClusterSet {
        self.clusters.iter().filter(|(_, cluster)| keep(cluster)).map(|(id, _)| id).collect()
    }

    fn named(&self, ctx: &mut Context, name: &Spanned<Name>) -> Option<ClusterSet> {
        // Written, it is a word of the language; as the value of a parameter it means the same.
        if name.value.as_str() == "all" {
            return Some(self.all());
        }
        let term = ctx.find(&self.terms, name, "a cluster or set of clusters of this package")?;
        ctx.used.note(term);
        match term {
            Term::Cluster(id) => Some(ClusterSet::of(id)),
            Term::Clusters(place) => self.sets.get(place).copied().flatten(),
            Term::Group(_) | Term::External(_) => {
                wrong_kind(ctx, name, term, "clusters are meant here", "name clusters or sets of them");
                None
            }
        }
    }

    /// The clusters of a region. One without clusters is an error.
    pub fn region(&self, ctx: &mut Context, region: &Spanned<Name>) -> Option<ClusterSet> {
        let is = |cluster: &Cluster| cluster.region.as_ref().is_some_and(|own| own.value == region.value);
        let clusters = self.filter(is);
        if !clusters.is_empty() {
            return Some(clusters);
        }
        let regions: BTreeSet<&str> =
            self.clusters.rows().iter().filter_map(|cluster| Some(cluster.region.as_ref()?.value.as_str())).collect();
        let regions: Vec<&str> = regions.into_iter().collect();
        let found =
            Diagnostic::new(codes::UNKNOWN_REGION, region.span, format!("no cluster is in region `{}`", region.value));
        ctx.report(match fleetnet_lang::suggest::nearest(region.value.as_str(), &regions) {
            Some(near) => found.help(format!("did you mean `{near}`?")).suggest(region.span, near),
            None => found.help("write a region that a cluster has"),
        });
        None
    }

    /// A single cluster.
    pub fn cluster(&self, reader: &mut Reader<'_>, word: &ast::Word<'_>) -> Option<Spanned<ClusterId>> {
        let name = reader.name(word)?;
        let term = reader.ctx.find(&self.terms, &name, "a cluster of this package")?;
        match term {
            Term::Cluster(id) => Some(Spanned::new(id, name.span)),
            Term::Clusters(_) | Term::Group(_) | Term::External(_) => {
                wrong_kind(reader.ctx, &name, term, "a single cluster is meant here", "name one cluster");
                None
            }
        }
    }
}

fn replace(sets: &mut [Option<ClusterSet>], place: usize, set: Option<ClusterSet>) {
    if let Some(slot) = sets.get_mut(place) {
        *slot = set;
    }
}

/// The shared name space. Groups and externals have their places in order of name, as they will have in their tables.
fn terms(clusters: &Table<ClusterId, Cluster>, declared: &Declarations<'_>) -> Index<Term> {
    let mut terms = Index::default();
    for (id, cluster) in clusters.iter() {
        terms.insert(cluster.name.value.clone(), Some(Term::Cluster(id)));
    }
    // Clusters beyond the limit are declared, and have no id.
    for cluster in declared.clusters.iter().skip(clusters.len()) {
        terms.insert(cluster.name.value.clone(), None);
    }
    for (place, set) in declared.sets.iter().enumerate() {
        terms.insert(set.name.value.clone(), Some(Term::Clusters(place)));
    }
    for (place, group) in declared.groups.iter().enumerate() {
        terms.insert(group.name.value.clone(), Some(Term::Group(GroupId::at(place))));
    }
    for (place, external) in declared.externals.iter().enumerate() {
        terms.insert(external.name.value.clone(), Some(Term::External(ExternalId::at(place))));
    }
    terms
}

/// Reports a name that stands for something else than what is meant.
pub(super) fn wrong_kind(ctx: &mut Context, name: &Spanned<Name>, term: Term, meant: &str, help: &str) {
    let message = format!("`{}` is {}, and {meant}", name.value, term.described());
    ctx.report(Diagnostic::new(codes::WRONG_KIND, name.span, message).help(help));
}
