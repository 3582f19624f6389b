//! Identities that were edited so that they select other pods, and are what they were in everything else.

use fleetnet_lang::ast::{AstNode, Declaration};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span};

use super::difference::EditedIdentity;
use super::moved::Changed;
use crate::model::{Id, Identity, IdentityId, Labels, Model, Table};
use crate::resolve::Used;
use crate::resolve::again::{Read, Reread};

/// Such an identity.
pub(super) struct Relabelled {
    id: IdentityId,
    /// As it is now.
    identity: Identity,
    /// Where it was.
    pub place: Span,
    /// What is wrong with it for itself.
    pub found: Vec<Diagnostic>,
    /// What it used, and what it uses.
    pub used: (Used, Used),
}

impl Relabelled {
    /// Reads it; nothing if it matters to more than who has which labels: to the members of a group, or since it runs elsewhere.
    pub fn read(
        reread: &Reread,
        model: &Model,
        parses: &[(FileId, Parse)],
        changed: &Changed,
        edited: &EditedIdentity<'_>,
    ) -> Option<Self> {
        let name = edited.now.name()?;
        let (namespace, short) = name.text().split_once('/')?;
        let key = |identity: &Identity| {
            let of_namespace = model.namespaces[identity.namespace].name.value.as_str().cmp(namespace);
            of_namespace.then_with(|| identity.name.value.as_str().cmp(short))
        };
        let id = IdentityId::at(model.identities.rows().binary_search_by(key).ok()?);
        let then = &model.identities[id];
        let before = reread.identity(then, changed.file, &edited.then)?;
        let Read { value: identity, found, used } = reread.identity(then, changed.later, &edited.now)?;
        let place = edited.then.span(changed.file);
        let are_alike = are_grouped_alike(reread, parses, &then.labels, &identity.labels)?;
        are_alike.then_some(Self { id, identity, place, found, used: (before.used, used) })
    }
}

/// Whether groups that select by labels hold the one exactly if they hold the other.
fn are_grouped_alike(reread: &Reread, parses: &[(FileId, Parse)], one: &Labels, other: &Labels) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    for (file, parse) in parses {
        for declaration in parse.file().into_iter().flat_map(|root| root.declarations()) {
            if let Declaration::Group(group) = declaration
                && !reread.are_selected_alike((*file, &group), one, other)?
            {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// Puts identities in the place of what they were, one after the other as long as they share no pods with others of their namespaces, and says
/// whether all are there. What they took the place of is noted, to be put back.
pub(super) fn put(
    reread: &Reread,
    model: &mut Model,
    relabelled: Vec<Relabelled>,
    before: &mut Vec<(IdentityId, Identity)>,
) -> bool {
    relabelled.into_iter().all(|Relabelled { id, identity, .. }| {
        let namespace = identity.namespace;
        before.push((id, std::mem::replace(&mut model.identities[id], identity)));
        reread.are_apart(model, namespace)
    })
}

/// Puts back what stood there.
pub(super) fn restore(identities: &mut Table<IdentityId, Identity>, before: Vec<(IdentityId, Identity)>) {
    for (id, identity) in before.into_iter().rev() {
        identities[id] = identity;
    }
}
