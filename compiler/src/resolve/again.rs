//! Policies, identities and paths that are read again, where nothing else of a package has changed.

use std::collections::BTreeSet;

use fleetnet_lang::ast::{self, AstNode, Declaration, GroupStmt};
use fleetnet_lang::{Diagnostic, FileId, Node, Parse, literals};

use super::context::{Context, Declared, Used};
use super::disjoint;
use super::gather;
use super::identities::{self, Draft, Soundness};
use super::names::{Found, Index};
use super::params::Params;
use super::paths;
use super::places::Places;
use super::policies;
use super::read::Reader;
use super::waive;
use super::who::Who;
use crate::model::satisfy;
use crate::model::{
    Identity, IdentityId, Mesh, MeshId, Model, Name, NamespaceId, Paths, PodSelection, Policy, PolicyId, Rule,
    Selector, Spanned, Table, Uses,
};
use crate::workers::Workers;

/// What the names of a package stand for.
#[derive(Debug)]
pub struct Names {
    pub(super) places: Places,
    pub(super) namespace_index: Index<NamespaceId>,
    pub(super) identity_index: Index<IdentityId>,
    pub(super) params: Params,
    pub(super) used: Used,
}

/// Reads declarations of a package whose others are known.
#[derive(Debug)]
pub struct Reread {
    pub(super) who: Who,
    pub(super) params: Params,
    /// What all of the package uses.
    used: Used,
}

/// What came of reading something again.
#[derive(Debug)]
pub struct Read<T> {
    /// What it is.
    pub value: T,
    /// What is wrong with it.
    pub found: Vec<Diagnostic>,
    /// How often it uses groups, externals and sets of clusters.
    pub used: Used,
}

/// The services of a package, the paths to them and its tests.
#[derive(Debug)]
pub struct Offer {
    /// They themselves.
    pub paths: Paths,
    /// The parameters that they use.
    pub params: BTreeSet<Name>,
    /// Where they use them.
    pub uses: Uses,
}

/// Whether a declaration is about a service, a path that leads there, or a test.
#[must_use]
pub fn is_about_paths(declaration: &Declaration<'_>) -> bool {
    paths::declares_one(declaration)
}

impl Reread {
    /// Reads again what refers to the declarations of a model that has these names.
    #[must_use]
    pub fn new(names: Names, model: &Model) -> Self {
        let Names { places, namespace_index, identity_index, params, used } = names;
        let places = places.with_clusters(model.clusters.clone());
        let (namespaces, identities) = (model.namespaces.clone(), model.identities.clone());
        Self { who: Who { places, namespaces, namespace_index, identities, identity_index }, params, used }
    }

    /// A policy of the model as it is written now, with its rules in the order of the text. Nothing where that cannot be told from it alone: it uses
    /// parameters or has waives, or something that it names is declared nowhere.
    #[must_use]
    pub fn policy(&self, id: PolicyId, file: FileId, node: &ast::Policy<'_>) -> Option<Read<(Policy, Vec<Rule>)>> {
        let declared = declared_policy(file, node)?;
        self.read(node.syntax(), |ctx| Some(policies::resolve_one(ctx, &self.who, id, &declared)))
    }

    /// A rule of a policy as it is written now, as [`Reread::policy`].
    #[must_use]
    pub fn rule(&self, policy: PolicyId, file: FileId, node: &ast::Rule<'_>) -> Option<Read<Rule>> {
        self.read(node.syntax(), |ctx| policies::rule(&mut Reader::new(ctx, file), &self.who, policy, node))
    }

    /// An identity of the model as it is written now, at its earlier places. Nothing where more than its labels and ports has changed, or that
    /// cannot be told from it alone, as with [`Reread::policy`].
    #[must_use]
    pub fn identity(&self, then: &Identity, file: FileId, node: &ast::Identity<'_>) -> Option<Read<Identity>> {
        let namespace = (then.namespace, &self.who.namespaces[then.namespace]);
        let declared = Declared { node: *node, file, name: then.name.clone() };
        self.read(node.syntax(), |ctx| {
            let draft = identities::resolve_one(ctx, &self.who.places, namespace, then.name.clone(), &declared);
            let Identity { pods, labels, clusters, ports, .. } = draft.identity;
            let is_there = clusters == then.clusters && draft.soundness == Soundness::Sound;
            is_there.then(|| Identity { pods, ports, labels, ..then.clone() })
        })
    }

    /// Whether the identities of a namespace still share no pod, and leave over what they left over before.
    #[must_use]
    pub fn are_apart(&self, model: &Model, namespace: NamespaceId) -> bool {
        let all = || satisfy::identities_of(model, namespace).map(|id| &model.identities[id]);
        let known = all().find(|identity| identity.pods == PodSelection::Unlisted).map(|unlisted| unlisted.clusters);
        let listed = all().filter(|identity| identity.pods != PodSelection::Unlisted);
        let drafts: Vec<Draft> =
            listed.map(|identity| Draft { identity: identity.clone(), soundness: Soundness::Sound }).collect();
        let (mut ctx, namespace) = (Context::default(), &self.who.namespaces[namespace]);
        disjoint::judge(&mut ctx, namespace, &drafts) == known && ctx.found.is_empty()
    }

    /// All services of some files, the paths that lead there, and the tests. Nothing where one of them has an error.
    #[must_use]
    pub fn paths<'t>(
        &self,
        meshes: &Table<MeshId, Mesh>,
        parses: impl Iterator<Item = (FileId, &'t Parse)>,
        workers: &dyn Workers,
    ) -> Option<Read<Offer>> {
        let mut ctx = Context { params: self.params.part(), ..Context::default() };
        let declared = gather::those(&mut ctx, parses, paths::declares_one);
        let resolved = paths::resolve(&mut ctx, &self.who, meshes, &declared, workers);
        if ctx.has_errors() || workers.is_given_up() {
            return None;
        }
        let (uses, params) = (ctx.params.uses().clone(), ctx.params.used().clone());
        let offer = Offer { paths: resolved.into_model(), params, uses };
        let found = super::in_order(ctx.found, &offer.uses);
        Some(Read { value: offer, found, used: ctx.used })
    }

    /// The identity of the package that had a name.
    #[must_use]
    pub fn identity_of(&self, name: &str) -> Option<IdentityId> {
        match self.who.identity_index.get(name) {
            Found::Is(id) => Some(id),
            Found::Broken | Found::Unknown => None,
        }
    }

    /// What a group selects by labels. Nothing where that cannot be told from it alone, as with [`Reread::policy`].
    #[must_use]
    pub fn selectors(&self, file: FileId, group: &ast::Group<'_>) -> Option<Vec<Selector>> {
        let written = group.statements().filter_map(|statement| match statement {
            GroupStmt::Where(setting) => Some(setting.selector()),
            GroupStmt::Members(_) | GroupStmt::Waive(_) => None,
        });
        let read = |selector: Option<ast::Selector<'_>>| {
            let selector = selector?;
            let read = self.read(selector.syntax(), |ctx| Reader::new(ctx, file).selector(&selector))?;
            Some(read.value.value)
        };
        written.map(read).collect()
    }

    /// Whether whatever is used, and nothing else, still is when these uses are replaced by others.
    #[must_use]
    pub fn are_used_alike(&self, then: &Used, now: &Used) -> bool {
        self.used.are_alike(then, now)
    }

    fn read<T>(&self, node: Node<'_>, read: impl FnOnce(&mut Context) -> Option<T>) -> Option<Read<T>> {
        if waive::is_in(node) {
            return None;
        }
        let mut ctx = Context { params: self.params.part(), ..Context::default() };
        let value = read(&mut ctx)?;
        let is_plain = ctx.params.are_unused() && !ctx.has_errors();
        is_plain.then_some(Read { value, found: ctx.found, used: ctx.used })
    }
}

/// A policy with a name.
pub(super) fn declared_policy<'t>(file: FileId, node: &ast::Policy<'t>) -> Option<Declared<ast::Policy<'t>>> {
    let word = node.name()?;
    let span = word.span(file);
    let name = Spanned::new(literals::name(word.text(), span).ok()?.into(), span);
    Some(Declared { node: *node, file, name })
}
