//! Who is in each cluster, and who is known there, whatever numbers they have.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::identity::Identity;

use super::placeholder::Placeholder;
use super::population::Population;
use super::universe::{Universe, prefixes};
use crate::model::{Cidr, ClusterId, IdentityId, Table};
use crate::plan::Plan;

/// Who is in each cluster, looked up once for all of them.
#[derive(Debug)]
pub(super) struct Inhabitants<'a> {
    pub(super) plan: &'a Plan,
    pub(super) population: Cow<'a, Population>,
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
    /// Looks through the rules once.
    pub(super) fn new(plan: &'a Plan, population: Cow<'a, Population>) -> Self {
        Self { plan, population, prefixes: prefixes(plan) }
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
        let mut label_sets = BTreeMap::new();
        for runs_in in around.iter() {
            let is_known =
                |id: IdentityId| self.plan.observers(model.identities[id].namespace, runs_in).contains(cluster);
            for id in self.population.identities(runs_in).filter(|id| is_known(*id)) {
                let number = number(runs_in, Inhabitant::Pods(id))?;
                pods.insert((id, runs_in), number);
                label_sets.insert(number, self.population.label_sets(id, runs_in));
            }
            if self.plan.knowledge.foreign_observers(model, runs_in).contains(cluster) {
                for placeholder in self.population.others(runs_in) {
                    let number = number(runs_in, Inhabitant::Placeholder(placeholder))?;
                    placeholders.push((runs_in, placeholder.clone(), number));
                }
            }
        }
        let cidrs = self.prefixes[cluster].iter().copied().zip((Identity::FIRST_CIDR.0..).map(Identity)).collect();
        label_sets.retain(|_, sets| *sets > 1);
        Ok(Universe { cluster, around, pods, label_sets, placeholders, cidrs, rows: Vec::new() })
    }
}
