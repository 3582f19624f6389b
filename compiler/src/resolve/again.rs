//! Policies that are read again, where nothing else of a package has changed.

use fleetnet_lang::ast::{self, AstNode};
use fleetnet_lang::{Diagnostic, FileId, Node, SyntaxKind, literals};

use super::context::{Context, Declared, Used};
use super::names::Index;
use super::params::Params;
use super::places::Places;
use super::policies;
use super::read::Reader;
use super::who::Who;
use crate::model::{IdentityId, Model, NamespaceId, Policy, PolicyId, Rule, Spanned};

/// What the names of a package stand for.
#[derive(Debug)]
pub struct Names {
    pub(super) places: Places,
    pub(super) namespace_index: Index<NamespaceId>,
    pub(super) identity_index: Index<IdentityId>,
    pub(super) params: Params,
    pub(super) used: Used,
}

/// Reads policies of a package whose other declarations are known.
#[derive(Debug)]
pub struct Reread {
    who: Who,
    params: Params,
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
        let word = node.name()?;
        let span = word.span(file);
        let name = Spanned::new(literals::name(word.text(), span).ok()?.into(), span);
        let declared = Declared { node: *node, file, name };
        self.read(node.syntax(), |ctx| Some(policies::resolve_one(ctx, &self.who, id, &declared)))
    }

    /// A rule of a policy as it is written now, as [`Reread::policy`].
    #[must_use]
    pub fn rule(&self, policy: PolicyId, file: FileId, node: &ast::Rule<'_>) -> Option<Read<Rule>> {
        self.read(node.syntax(), |ctx| policies::rule(&mut Reader::new(ctx, file), &self.who, policy, node))
    }

    /// Whether whatever is used, and nothing else, still is when these uses are replaced by others.
    #[must_use]
    pub fn are_used_alike(&self, then: &Used, now: &Used) -> bool {
        self.used.are_alike(then, now)
    }

    fn read<T>(&self, node: Node<'_>, read: impl FnOnce(&mut Context) -> Option<T>) -> Option<Read<T>> {
        if node.descendants().any(|node| node.kind() == SyntaxKind::Waive) {
            return None;
        }
        let mut ctx = Context { params: self.params.part(), ..Context::default() };
        let value = read(&mut ctx)?;
        let is_plain = ctx.params.are_unused() && !ctx.has_errors();
        is_plain.then_some(Read { value, found: ctx.found, used: ctx.used })
    }
}
