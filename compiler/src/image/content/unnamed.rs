//! Universes without the numbers of a lock: which numbers they are makes no difference to how many entries there are.

use std::borrow::Cow;
use std::convert::Infallible;

use fleetnet_abi::identity::Identity;

use super::inhabitants::Inhabitants;
use super::population::Population;
use super::universe::Universe;
use crate::model::ClusterId;
use crate::plan::Plan;

/// Who is in each cluster, looked up once for all of them.
#[derive(Debug)]
pub struct Unnamed<'a>(Inhabitants<'a>);

impl<'a> Unnamed<'a> {
    /// Looks through the rules once.
    #[must_use]
    pub fn new(plan: &'a Plan, population: &'a Population) -> Self {
        Self(Inhabitants::new(plan, Cow::Borrowed(population)))
    }

    /// Who is known in a cluster. Nobody has a row.
    #[must_use]
    pub fn universe(&self, cluster: ClusterId) -> Universe {
        let mut last = u32::from(Identity::FIRST_LOCAL);
        let numbered: Result<Universe, Infallible> = self.0.universe(cluster, |_, _| {
            last += 1;
            Ok(Identity(last))
        });
        match numbered {
            Ok(universe) => universe,
            Err(never) => match never {},
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
