//! Identities that were edited so that they select other pods or have other ports, and are what they were in everything else.

use std::collections::BTreeSet;

use fleetnet_lang::ast::{AstNode, Declaration};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span};

use super::difference::EditedIdentity;
use super::moved::Changed;
use crate::model::{Identity, IdentityId, Model, NamespaceId, Selector, Table};
use crate::resolve::Used;
use crate::resolve::again::{Read, Reread};

/// Such an identity.
pub(super) struct Relabelled {
    /// Which.
    pub id: IdentityId,
    /// As it is now.
    pub identity: Identity,
    /// Where it was.
    pub place: Span,
    /// What is wrong with it for itself.
    pub found: Vec<Diagnostic>,
    /// What it used, and what it uses.
    pub used: (Used, Used),
}

impl Relabelled {
    /// Reads it; nothing if it matters to more than who has which labels and ports: to the members of a group, to whom it listens, or since it runs
    /// elsewhere.
    pub fn read(
        reread: &Reread,
        model: &Model,
        groups: &[Selector],
        changed: &Changed,
        edited: &EditedIdentity<'_>,
    ) -> Option<Self> {
        let id = reread.identity_of(edited.now.name()?.text())?;
        let then = &model.identities[id];
        let before = reread.identity(then, changed.file, &edited.then)?;
        let Read { value: identity, found, used } = reread.identity(then, changed.later(), &edited.now)?;
        let place = edited.then.span(changed.file);
        let are_alike = |group: &Selector| group.matches(&then.labels) == group.matches(&identity.labels);
        groups.iter().all(are_alike).then_some(Self { id, identity, place, found, used: (before.used, used) })
    }

    /// Puts it in the place of what it was, which is given back.
    pub fn put(self, model: &mut Model) -> (IdentityId, Identity) {
        let Self { id, identity, .. } = self;
        (id, std::mem::replace(&mut model.identities[id], identity))
    }
}

/// What the groups of a package select by labels; nothing if that cannot be told.
pub(super) fn selecting_groups(reread: &Reread, parses: &[(FileId, Parse)]) -> Option<Vec<Selector>> {
    let mut selectors = Vec::new();
    for (file, parse) in parses {
        for declaration in parse.file().into_iter().flat_map(|root| root.declarations()) {
            if let Declaration::Group(group) = declaration {
                selectors.extend(reread.selectors(*file, &group)?);
            }
        }
    }
    Some(selectors)
}

/// Whether identities that were replaced share no pods with others of their namespaces.
pub(super) fn are_apart(reread: &Reread, model: &Model, replaced: &[(IdentityId, Identity)]) -> bool {
    let namespaces: BTreeSet<NamespaceId> = replaced.iter().map(|(_, identity)| identity.namespace).collect();
    namespaces.into_iter().all(|namespace| reread.are_apart(model, namespace))
}

/// Puts back what stood there.
pub(super) fn restore(identities: &mut Table<IdentityId, Identity>, replaced: Vec<(IdentityId, Identity)>) {
    for (id, identity) in replaced {
        identities[id] = identity;
    }
}
