//! Who is in each cluster, and who is known there, whatever numbers they have.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::identity::Identity;

use super::placeholder::{Placeholder, placeholders};
use super::universe::{Universe, example, prefixes};
use crate::model::{Cidr, ClusterId, IdentityId, Table};
use crate::plan::Plan;

/// Who is in each cluster, looked up once for all of them.
#[derive(Debug)]
pub(super) struct Inhabitants<'a> {
    pub(super) plan: &'a Plan,
    pub(super) placeholders: Vec<Placeholder>,
    /// For each cluster, the identities that can have pods there, in order.
    pub(super) pods: Table<ClusterId, Vec<IdentityId>>,
    prefixes: Table<ClusterId, BTreeSet<Cidr>>,
}

/// Somebody who needs a number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inhabitant<'a> {
    /// The pods of an identity.
    Pods(IdentityId),
    /// Pods that the fleet does not govern.
    Placeholder(&'a Placeholder),
}

impl<'a> Inhabitants<'a> {
    /// Looks through identities and rules once.
    pub(super) fn new(plan: &'a Plan) -> Self {
        let model = &plan.model;
        let mut pods: Table<ClusterId, Vec<IdentityId>> = vec![Vec::new(); model.clusters.len()].into();
        for (id, identity) in model.identities.iter() {
            let there = identity.clusters.iter().filter(|cluster| example(model, id, *cluster).is_some());
            there.for_each(|cluster| pods[cluster].push(id));
        }
        Self { plan, placeholders: placeholders(model), pods, prefixes: prefixes(plan) }
    }

    /// Who is known in a cluster, each under the number that `number` has for them where they run. Nobody has a row yet.
    pub(super) fn universe<E>(
        &self,
        cluster: ClusterId,
        mut number: impl FnMut(ClusterId, Inhabitant<'_>) -> Result<Identity, E>,
    ) -> Result<Universe, E> {
        let model = &self.plan.model;
        let around = model.around(cluster);
        let mut pods = BTreeMap::new();
        let mut placeholders = Vec::new();
        for runs_in in around.iter() {
            let is_known =
                |id: IdentityId| self.plan.observers(model.identities[id].namespace, runs_in).contains(cluster);
            for id in self.pods[runs_in].iter().copied().filter(|id| is_known(*id)) {
                pods.insert((id, runs_in), number(runs_in, Inhabitant::Pods(id))?);
            }
            if self.plan.knowledge.foreign_observers(model, runs_in).contains(cluster) {
                for placeholder in &self.placeholders {
                    let number = number(runs_in, Inhabitant::Placeholder(placeholder))?;
                    placeholders.push((runs_in, placeholder.clone(), number));
                }
            }
        }
        let cidrs = self.prefixes[cluster].iter().copied().zip((Identity::FIRST_CIDR.0..).map(Identity)).collect();
        Ok(Universe { cluster, around, pods, placeholders, cidrs, rows: Vec::new() })
    }
}
