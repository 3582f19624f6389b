//! Everybody with a name: what peers, groups and services refer to.

use fleetnet_lang::Diagnostic;

use super::context::{Context, split};
use super::identities::UNLISTED;
use super::names::{Found, Index};
use super::places::Places;
use crate::codes::names as codes;
use crate::model::{Identity, IdentityId, Name, Namespace, NamespaceId, Spanned, Table};

/// The tables and names of everybody.
#[derive(Debug)]
pub(super) struct Who {
    /// Clusters and their sets, groups, externals and meshes.
    pub places: Places,
    /// The namespaces.
    pub namespaces: Table<NamespaceId, Namespace>,
    /// Their names.
    pub namespace_index: Index<NamespaceId>,
    /// The identities.
    pub identities: Table<IdentityId, Identity>,
    /// Their names, with their namespaces.
    pub identity_index: Index<IdentityId>,
}

impl Who {
    /// A namespace by its name.
    pub fn namespace(&self, ctx: &mut Context, name: &Spanned<Name>) -> Option<NamespaceId> {
        ctx.find(&self.namespace_index, name, "a namespace of this package")
    }

    /// An identity by its name with its namespace.
    pub fn identity(&self, ctx: &mut Context, name: &Spanned<Name>) -> Option<IdentityId> {
        match self.identity_index.get(name.value.as_str()) {
            Found::Is(id) => return Some(id),
            Found::Broken => return None,
            Found::Unknown => {}
        }
        let (namespace, short) = split(name);
        let declared = self.namespace(ctx, &namespace)?;
        if short.value.as_str() == UNLISTED {
            let message =
                format!("no pod of namespace `{}` is unlisted: its identities match them all", namespace.value);
            let found = Diagnostic::new(codes::UNKNOWN_NAME, name.span, message);
            let place = self.namespaces[declared].name.span;
            ctx.report(found.related(place, "the namespace").help("remove this peer"));
            return None;
        }
        ctx.find(&self.identity_index, name, "an identity of this package")
    }
}
