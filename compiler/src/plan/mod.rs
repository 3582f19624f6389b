//! The canonical, target-neutral meaning of a package, with the source of everything.
//!
//! A plan holds its [`Model`] and what follows from it: each rule taken apart into directions, groups and port names resolved, who is known
//! where, and the defaults of every pod. It contains no choice of any target; what a target cannot say is that target's diagnostic.

mod build;
mod edit;
mod ends;
mod enforcers;
mod knowledge;
mod policy;
mod ports;
mod rule_checks;
mod rules;
mod sets;
pub mod weights;

pub use build::build;
pub use edit::{Edit, Lowered, Replaced, Written, enlist};
pub use ends::{Ends, Expander, Other, Pods};
pub use knowledge::Knowledge;
pub use policy::{Locality, Peer, Peers, Ports, Rule, RuleIndex, contains};
pub use ports::{PortNames, first_name, numbers};
pub use sets::PerSet;

use crate::model::{
    ClusterId, ClusterSet, Direction, IdentityId, Model, NamespaceId, Spanned, Table, TargetKind, Verb,
};

/// A checked package, ready to be asked and lowered.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What was declared.
    pub model: Model,
    /// The target that enforces rules on each cluster; none where no target of the fleet can.
    pub enforcers: Table<ClusterId, Option<TargetKind>>,
    /// Who is known where.
    pub knowledge: Knowledge,
    /// The rules, in source order; one written rule becomes one or more of these.
    pub rules: Table<RuleIndex, Rule>,
    /// For each identity, its rules in order.
    pub rules_of: Table<IdentityId, Vec<RuleIndex>>,
    /// For each identity, what decides where no rule does. The sets of one direction are disjoint and cover the identity's clusters.
    pub defaults: Table<IdentityId, Vec<Default>>,
    /// For each namespace, the clusters where it is only a consumer's stub: there is no pod of the fleet's, and every pod is denied both ways.
    pub stubs: Table<NamespaceId, ClusterSet>,
}

/// A default of some pods of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Default {
    /// Where.
    pub clusters: ClusterSet,
    /// For which direction.
    pub direction: Direction,
    /// What happens, and where that is written.
    pub verb: Spanned<Verb>,
}

impl Plan {
    /// What happens to a flow of a pod that no rule speaks of.
    #[must_use]
    pub fn default_of(&self, identity: IdentityId, cluster: ClusterId, direction: Direction) -> Spanned<Verb> {
        let mut defaults = self.defaults[identity].iter();
        let found = defaults.find(|default| default.direction == direction && default.clusters.contains(cluster));
        found.map_or(Spanned::new(Verb::Allow, self.model.fleet.name.span), |default| default.verb)
    }

    /// The rules that share a subject with a rule, itself included: those of its subject that has the fewest.
    pub fn rules_about(&self, rule: RuleIndex) -> impl Iterator<Item = RuleIndex> + '_ {
        let sets = self.rules[rule].subjects.iter().map(|set| &self.rules_of[set.identity]);
        sets.min_by_key(|rules| rules.len()).into_iter().flatten().copied()
    }

    /// The clusters in which the pods of a namespace in one cluster are known by their labels.
    #[must_use]
    pub fn observers(&self, namespace: NamespaceId, cluster: ClusterId) -> ClusterSet {
        self.knowledge.observers(&self.model, namespace, cluster)
    }
}
