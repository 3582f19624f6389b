//! How full a policy map is, and what is said of one that is too full.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::map::POLICY_MAP_MAX;
use fleetnet_lang::{Code, Diagnostic};

use super::entries::rules_behind;
use super::universe::Universe;
use crate::model::{ClusterId, IdentityId, RuleId};
use crate::plan::Plan;

/// Rules that a finding shows.
const DEAREST: usize = 3;

/// How well a number is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is so many.
    Exact,
    /// There will be no fewer.
    AtLeast,
    /// There may be more or fewer: it depends on a release whose maps are not known.
    Estimated,
}

impl Certainty {
    /// A number as part of a sentence.
    #[must_use]
    pub fn said(self, number: usize) -> String {
        match self {
            Self::Exact => number.to_string(),
            Self::AtLeast => format!("at least {number}"),
            Self::Estimated => format!("about {number}"),
        }
    }
}

/// The policy map of an identity's pods in one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMap {
    /// Whose.
    pub identity: IdentityId,
    /// Where.
    pub cluster: ClusterId,
    /// Its entries.
    pub entries: usize,
    /// How well that is known.
    pub certainty: Certainty,
    /// Rules and the entries that are theirs alone, the dearest first.
    pub costs: Vec<(RuleId, usize)>,
}

impl PolicyMap {
    /// The map as a release fills it, at the least.
    #[must_use]
    pub fn of(plan: &Plan, universe: &Universe, identity: IdentityId, release: Abi) -> Self {
        let rules = rules_behind(plan, universe, identity, release);
        let mut costs: BTreeMap<RuleId, usize> = BTreeMap::new();
        for rule in rules.iter().flatten() {
            *costs.entry(*rule).or_default() += 1;
        }
        let mut costs: Vec<(RuleId, usize)> = costs.into_iter().collect();
        costs.sort_by_key(|(rule, cost)| (Reverse(*cost), *rule));
        Self { identity, cluster: universe.cluster, entries: rules.len(), certainty: Certainty::AtLeast, costs }
    }

    /// A finding about what the map takes of its limit, with the rules that cost most.
    #[must_use]
    pub fn finding(&self, plan: &Plan, code: Code) -> Diagnostic {
        let model = &plan.model;
        let limit = model.fleet.policy_map;
        let (who, place) = (model.identity_name(self.identity), &model.clusters[self.cluster].name.value);
        let message = format!(
            "the policy map of `{who}` in `{place}` takes {} entries and holds {limit}",
            self.certainty.said(self.entries)
        );
        let mut found = Diagnostic::new(code, model.identities[self.identity].name.span, message);
        for (rule, cost) in self.costs.iter().take(DEAREST) {
            found = found.related(model.rules[*rule].span, format!("{cost} of them are this rule's"));
        }
        found.help(if limit < POLICY_MAP_MAX {
            format!("narrow these rules, or write `limits {{ policy-map N }}` with up to {POLICY_MAP_MAX}")
        } else {
            "narrow these rules: ports as whole protocols, peers in fewer places; no map is larger".to_owned()
        })
    }
}
