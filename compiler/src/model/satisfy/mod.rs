//! Which pods can exist: satisfiability of selectors, and of their differences.
//!
//! Every question the language asks of selectors comes down to conjunctions of conditions, one per label key: whether a selector matches
//! anything, whether two identities can match one pod, which pods of a namespace match none. Conditions on one key are closed under
//! intersection (see [`Constraint`]), so a conjunction is satisfiable exactly if each of its keys is, and every answer comes with a pod that
//! shows it. The service account is one more key, which every pod has.

mod complement;
mod conjunction;
mod constraint;
mod overlap;
#[cfg(test)]
mod universe;

pub use complement::{TooIrregular, complement, leaves_something_plain};
pub use conjunction::{Conjunction, Pod, difference};
pub use constraint::{Constraint, Key};
pub use overlap::{Candidate, Overlap, overlaps};

use std::cell::OnceCell;

use super::{ClusterId, Id, Identity, IdentityId, Model, NamespaceId, PodSelection, Table};

impl PodSelection {
    /// The pods as conjunctions, any of which may hold; those that nothing satisfies are left out. Nothing for unlisted pods: what they are
    /// depends on the cluster, see [`unlisted`].
    #[must_use]
    pub fn conjunctions(&self) -> Option<Vec<Conjunction>> {
        let Self::Declared { matches, account } = self else { return None };
        let account = Conjunction::of_account(account.as_ref());
        if matches.is_empty() {
            return Some(vec![account]);
        }
        Some(matches.iter().filter_map(|selector| Conjunction::of_selector(selector)?.and(&account)).collect())
    }
}

/// The pods of each identity as [`conjunctions`](PodSelection::conjunctions), for who may compare many of them: each worked out when it is first
/// asked for.
#[derive(Debug)]
pub struct AllConjunctions<'m> {
    identities: &'m Table<IdentityId, Identity>,
    each: Table<IdentityId, OnceCell<Vec<Conjunction>>>,
}

impl<'m> AllConjunctions<'m> {
    /// Those of a model.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        Self { identities: &model.identities, each: vec![OnceCell::new(); model.identities.len()].into() }
    }

    /// Those of an identity; none for unlisted pods.
    pub fn of(&self, identity: IdentityId) -> &[Conjunction] {
        self.each[identity].get_or_init(|| self.identities[identity].pods.conjunctions().unwrap_or_default())
    }
}

/// The pods of a namespace that are unlisted in one of its clusters, as disjoint conjunctions; none if every pod is listed there.
///
/// # Errors
/// If the selectors of its identities have so little in common that their complement is too large to write down.
pub fn unlisted(model: &Model, namespace: NamespaceId, cluster: ClusterId) -> Result<Vec<Conjunction>, TooIrregular> {
    let declared = identities_of(model, namespace).filter_map(|id| {
        let identity = &model.identities[id];
        if identity.clusters.contains(cluster) { identity.pods.conjunctions() } else { None }
    });
    complement(&declared.flatten().collect::<Vec<_>>())
}

/// The identities of a namespace, in order of name.
pub fn identities_of(model: &Model, namespace: NamespaceId) -> impl DoubleEndedIterator<Item = IdentityId> + use<> {
    in_namespace(&model.identities, namespace)
}

/// The rows of a namespace in a table of identities, in order of name.
pub fn in_namespace(
    identities: &Table<IdentityId, Identity>,
    namespace: NamespaceId,
) -> impl DoubleEndedIterator<Item = IdentityId> + use<> {
    let rows = identities.rows();
    let first = rows.partition_point(|identity| identity.namespace < namespace);
    let last = rows.partition_point(|identity| identity.namespace <= namespace);
    (first..last).map(IdentityId::at)
}
