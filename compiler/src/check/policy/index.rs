//! The rules of a plan by whom they name.
//!
//! A pod that everybody talks to has as many rules as the fleet has pods, and each of those has few: whichever list is shorter is looked through.
//! Sets of pods are shared, so a set that a thousand rules name is listed once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::{ClusterSet, Direction, IdentityId, PodSet, PodSets, RuleId, Table, Verb};
use crate::plan::{Lowered, Peer, PerSet, Plan, Rule, RuleIndex, enlist};

/// The rules of a plan by whom they name.
#[derive(Debug)]
pub struct Naming {
    /// The place of each set of pods that is a peer.
    places: PerSet<usize>,
    /// The sets, each with the rules that name it.
    sets: Vec<(PodSets, Vec<RuleIndex>)>,
    /// For each identity, the sets that it is in.
    sets_with: Table<IdentityId, Vec<usize>>,
}

impl Naming {
    /// Looks through all rules.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let sets_with = vec![Vec::new(); plan.model.identities.len()].into();
        let mut naming = Self { places: PerSet::default(), sets: Vec::new(), sets_with };
        for (index, rule) in plan.rules.iter() {
            naming.add(index, rule);
        }
        naming
    }

    /// Follows an edit of the plan.
    pub fn edit(&mut self, edit: &Lowered) {
        self.sets.iter_mut().for_each(|(_, rules)| edit.relist(rules));
        edit.added().for_each(|(index, rule)| self.add(index, rule));
    }

    /// Forgets the last sets if no rule names them any more: those that edits had brought which were taken back.
    pub fn forget_idle(&mut self) {
        while let Some((pods, _)) = self.sets.pop_if(|(_, rules)| rules.is_empty()) {
            let place = self.sets.len();
            self.places.remove(&pods);
            for set in pods.iter() {
                self.sets_with[set.identity].pop_if(|last| *last == place);
            }
        }
    }

    fn add(&mut self, index: RuleIndex, rule: &Rule) {
        let Self { places, sets, sets_with } = self;
        for pods in rule.peers.iter().filter_map(Peer::pods) {
            let place = *places.get(pods, |pods| {
                pods.iter().for_each(|set| sets_with[set.identity].push(sets.len()));
                sets.push((pods.clone(), Vec::new()));
                sets.len() - 1
            });
            sets.get_mut(place).into_iter().for_each(|(_, rules)| enlist(rules, index));
        }
    }

    /// The rules of which some pods are peers, each at least once.
    pub(super) fn of(&self, pods: &[PodSet]) -> impl Iterator<Item = RuleIndex> {
        let sets: BTreeSet<usize> = pods.iter().flat_map(|set| &self.sets_with[set.identity]).copied().collect();
        sets.into_iter().filter_map(|set| self.sets.get(set)).flat_map(|(_, rules)| rules).copied()
    }
}

/// What tells most rules apart. A rule is some lines of memory away from the next, and most of those that are compared need not be fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    pub source: RuleId,
    pub verb: Verb,
    pub direction: Direction,
    /// The only identity that it names, if it names one and nothing else.
    only: Option<IdentityId>,
}

/// The outlines of all rules of a plan.
#[derive(Debug)]
pub struct Outlines(Table<RuleIndex, Outline>);

impl Outlines {
    /// Looks at all rules.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let outline = |rule: &Rule| {
            let only = only_pod(&rule.peers).map(|only| only.identity);
            Outline { source: rule.source, verb: rule.verb, direction: rule.direction, only }
        };
        Self(plan.rules.rows().iter().map(outline).collect::<Vec<_>>().into())
    }

    /// In order of the rules.
    pub(super) fn rows(&self) -> &[Outline] {
        self.0.rows()
    }
}

/// The rules of a plan, and those of them that name somebody.
#[derive(Clone, Copy)]
pub struct Index<'a> {
    pub(super) plan: &'a Plan,
    pub(super) naming: &'a Naming,
    pub(super) outlines: &'a Outlines,
}

impl<'a> Index<'a> {
    /// The rules of a plan, and who names whom in it.
    #[must_use]
    pub fn new(plan: &'a Plan, naming: &'a Naming, outlines: &'a Outlines) -> Self {
        Self { plan, naming, outlines }
    }

    pub(super) fn outline(&self, rule: RuleIndex) -> Outline {
        self.outlines.0[rule]
    }

    /// Rules among which are all that are about a pod and name these peers.
    pub(super) fn between(&self, subject: IdentityId, peers: &[Peer]) -> impl Iterator<Item = RuleIndex> + use<'_, 'a> {
        let own = &self.plan.rules_of[subject];
        let only = only_pod(peers).map(|peer| peer.identity);
        let naming = only.map(|peer| {
            let sets = self.naming.sets_with[peer].iter().filter_map(|set| self.naming.sets.get(*set));
            sets.map(|(_, rules)| rules.as_slice())
        });
        let naming = naming.filter(|lists| lists.clone().map(<[_]>::len).sum::<usize>() < own.len());
        let own = naming.is_none().then_some(own.as_slice());
        let all = own.into_iter().chain(naming.into_iter().flatten()).flatten().copied();
        let names_another = move |named: IdentityId| only.is_some_and(|peer| peer != named);
        all.filter(move |rule| !self.outline(*rule).only.is_some_and(names_another))
    }
}

/// The only set of pods that is named, if one is and nothing else.
pub(super) fn only_pod(peers: &[Peer]) -> Option<&PodSet> {
    let [Peer::Pods { pods, .. }] = peers else { return None };
    let [only] = &**pods else { return None };
    Some(only)
}

/// Where the pods of an identity are among the sets.
pub(super) fn clusters_of(sets: &[PodSet], identity: IdentityId) -> ClusterSet {
    let found = sets.binary_search_by_key(&identity, |set| set.identity).ok();
    found.and_then(|index| sets.get(index)).map_or(ClusterSet::EMPTY, |set| set.clusters)
}

/// Whether the two have a pod in common.
pub(super) fn sets_overlap(one: &[PodSet], other: &[PodSet]) -> bool {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    few.iter().any(|set| !(clusters_of(many, set.identity) & set.clusters).is_empty())
}

/// Where the default denies one direction of an identity's pods.
pub(super) fn closed(plan: &Plan, identity: IdentityId, direction: Direction) -> ClusterSet {
    let denying =
        plan.defaults[identity].iter().filter(|own| own.direction == direction && own.verb.value == Verb::Deny);
    denying.fold(ClusterSet::EMPTY, |all, default| all | default.clusters)
}

/// The subjects of a rule for which an allow counts: those that the default denies.
pub(super) fn counting<'r>(plan: &Plan, rule: &'r Rule) -> Cow<'r, [PodSet]> {
    let shut = |set: &PodSet| set.clusters & closed(plan, set.identity, rule.direction);
    if rule.subjects.iter().all(|set| shut(set) == set.clusters) {
        return Cow::Borrowed(&rule.subjects);
    }
    let parts = rule.subjects.iter().map(|set| PodSet { clusters: shut(set), ..*set });
    parts.filter(|set| !set.clusters.is_empty()).collect()
}
