//! Universes without the numbers of a lock: which numbers they are makes no difference to how many entries there are.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::identity::Identity;

use super::placeholder::{Placeholder, placeholders};
use super::universe::{Universe, example, prefixes};
use crate::model::{Cidr, ClusterId, IdentityId, Table};
use crate::plan::Plan;

/// Who is in each cluster, looked up once for all of them.
#[derive(Debug)]
pub struct Unnamed<'a> {
    plan: &'a Plan,
    placeholders: Vec<Placeholder>,
    pods: Table<ClusterId, Vec<IdentityId>>,
    prefixes: Table<ClusterId, BTreeSet<Cidr>>,
}

impl<'a> Unnamed<'a> {
    /// Looks through identities and rules once.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        let model = &plan.model;
        let mut pods: Table<ClusterId, Vec<IdentityId>> = vec![Vec::new(); model.clusters.len()].into();
        for (id, identity) in model.identities.iter() {
            let there = identity.clusters.iter().filter(|cluster| example(model, id, *cluster).is_some());
            there.for_each(|cluster| pods[cluster].push(id));
        }
        Self { plan, placeholders: placeholders(model), pods, prefixes: prefixes(plan) }
    }

    /// Who is known in a cluster. Nobody has a row.
    #[must_use]
    pub fn universe(&self, cluster: ClusterId) -> Universe {
        let model = &self.plan.model;
        let around = model.around(cluster);
        let mut numbers = (u32::from(Identity::FIRST_LOCAL)..).map(Identity);
        let known = |id: IdentityId, runs_in: ClusterId| {
            self.plan.observers(model.identities[id].namespace, runs_in).contains(cluster)
        };
        let pods = around.iter().flat_map(|runs_in| self.pods[runs_in].iter().map(move |id| (*id, runs_in)));
        let pods: BTreeMap<_, _> = pods.filter(|(id, runs_in)| known(*id, *runs_in)).zip(&mut numbers).collect();
        let foreign =
            around.iter().filter(|other| self.plan.knowledge.foreign_observers(model, *other).contains(cluster));
        let placeholders = foreign.flat_map(|runs_in| self.placeholders.iter().map(move |one| (runs_in, one.clone())));
        let placeholders = placeholders.zip(&mut numbers).map(|((runs_in, one), number)| (runs_in, one, number));
        let families = model.clusters[cluster].families();
        let prefixes = self.prefixes[cluster].iter().copied().filter(|prefix| families.have(prefix));
        Universe {
            cluster,
            around,
            pods,
            placeholders: placeholders.collect(),
            cidrs: prefixes.zip((Identity::FIRST_CIDR.0..).map(Identity)).collect(),
            rows: Vec::new(),
        }
    }
}

impl Universe {
    /// The universe with one of so many of its pods.
    #[must_use]
    pub fn part(&self, parts: usize) -> Self {
        let pods = self.pods.iter().step_by(parts.max(1)).map(|(pod, number)| (*pod, *number)).collect();
        Self { pods, ..self.clone() }
    }
}
