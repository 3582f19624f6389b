//! Written rules, taken apart into directions.
//!
//! `A -> B` is A's egress to B and B's ingress from A. A rule whose port names mean different numbers for different destinations becomes one
//! rule for each meaning.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use super::ends::{Ends, Expander, Pods};
use super::ports::{PortNames, first_name, numbers};
use super::{Locality, Peer, Peers, Ports, Rule, RuleIndex, rule_checks};
use crate::codes::policy as codes;
use crate::model::{
    self, ClusterSet, Direction, IdentityId, Model, PodSet, PodSets, PolicyId, Request, RuleEnds, RuleId, Spanned,
    Table,
};
use crate::workers::{self, Workers};

/// The rules of a plan.
pub(super) struct Rules {
    pub rules: Table<RuleIndex, Rule>,
    pub rules_of: Table<IdentityId, Vec<RuleIndex>>,
    /// Whom each policy is about.
    pub subjects: Table<PolicyId, PodSets>,
}

/// Lowers all rules of a model.
pub(super) fn lower(model: &Model, diagnostics: &mut Vec<Diagnostic>, workers: &dyn Workers) -> Rules {
    let shared = Shared { expander: Expander::new(model), names: PortNames::new(model) };
    let subjects = model.policies.rows().iter().map(|policy| shared.subject(policy, diagnostics)).collect::<Vec<_>>();
    let subjects: Table<PolicyId, PodSets> = subjects.into();
    let written: Vec<(RuleId, &model::Rule)> = model.rules.iter().collect();
    let jobs: Vec<&[(RuleId, &model::Rule)]> = written.chunks(CHUNK).collect();
    let parts = workers::map(workers, &jobs, |job| {
        let mut part = Lowering { shared: &shared, rules: Vec::with_capacity(2 * job.len()), diagnostics: Vec::new() };
        job.iter().for_each(|(id, rule)| part.rule(*id, rule, &subjects[rule.policy]));
        (part.rules, part.diagnostics)
    });
    let mut rules: Vec<Rule> = Vec::with_capacity(parts.iter().map(|(rules, _)| rules.len()).sum());
    for (part, found) in parts {
        rules.extend(part);
        diagnostics.extend(found);
    }
    let rules: Table<RuleIndex, Rule> = rules.into();
    let mut rules_of: Table<IdentityId, Vec<RuleIndex>> = vec![Vec::new(); model.identities.len()].into();
    for (index, rule) in rules.iter() {
        for set in rule.subjects.iter() {
            rules_of[set.identity].push(index);
        }
    }
    Rules { rules, rules_of, subjects }
}

/// Lowers some rules of a model, and looks at whom some of its policies are about.
pub(super) fn lower_some(
    model: &Model,
    policies: &[PolicyId],
    rules: &[RuleId],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Rule> {
    let shared = Shared { expander: Expander::new(model), names: PortNames::new(model) };
    let mut subjects: BTreeMap<PolicyId, PodSets> = BTreeMap::new();
    for id in policies {
        subjects.insert(*id, shared.subject(&model.policies[*id], diagnostics));
    }
    let mut part = Lowering { shared: &shared, rules: Vec::new(), diagnostics: Vec::new() };
    for id in rules {
        let rule = &model.rules[*id];
        // What is wrong with whom the other policies are about was said.
        let subject = || shared.subject(&model.policies[rule.policy], &mut Vec::new());
        part.rule(*id, rule, subjects.entry(rule.policy).or_insert_with(subject));
    }
    diagnostics.extend(part.diagnostics);
    part.rules
}

/// The written rules that one job lowers.
const CHUNK: usize = 256;

/// What all rules are lowered with.
struct Shared<'a> {
    expander: Expander<'a>,
    names: PortNames<'a>,
}

/// Some rules on their way.
struct Lowering<'a> {
    shared: &'a Shared<'a>,
    rules: Vec<Rule>,
    diagnostics: Vec<Diagnostic>,
}

/// One direction of a rule before its ports are resolved.
struct Half<'a> {
    source: RuleId,
    rule: &'a model::Rule,
    direction: Direction,
    subjects: PodSets,
    ends: &'a Ends,
    /// What the subjects' own end says about where the peers run.
    locality: Locality,
}

impl Shared<'_> {
    /// Whom a policy is about.
    fn subject(&self, policy: &model::Policy, diagnostics: &mut Vec<Diagnostic>) -> PodSets {
        let Some(written) = &policy.subject else { return self.expander.share(Vec::new()) };
        let ends = self.expander.ends(written, diagnostics);
        for other in &ends.others {
            diagnostics.push(
                Diagnostic::new(codes::UNGOVERNED_RULE, other.span, "a policy is for pods of the fleet")
                    .help("name identities, groups, `NS/*` or `all` here, and this as a peer of their rules"),
            );
        }
        for pods in &ends.pods {
            if pods.locality == Locality::SubjectCluster {
                diagnostics.push(
                    Diagnostic::new(
                        codes::LOCAL_SUBJECT,
                        pods.span,
                        "`in local` is for peers: it means the subject's own cluster",
                    )
                    .help("name the clusters, or leave the place out"),
                );
            }
        }
        self.expander.union(ends.pods.iter().map(|pods| &pods.pods))
    }
}

impl Lowering<'_> {
    fn rule(&mut self, source: RuleId, rule: &model::Rule, subjects: &PodSets) {
        let expander = &self.shared.expander;
        rule_checks::shape(rule, &mut self.diagnostics);
        match &rule.ends {
            RuleEnds::OneEnded { direction, peers } => {
                let ends = expander.ends(peers, &mut self.diagnostics);
                let subjects = subjects.clone();
                rule_checks::names(rule, *direction, &ends, &mut self.diagnostics);
                rule_checks::local(&subjects, &ends, &mut self.diagnostics);
                self.half(&Half {
                    source,
                    rule,
                    direction: *direction,
                    subjects,
                    ends: &ends,
                    locality: Locality::Anywhere,
                });
            }
            RuleEnds::TwoEnded { from, to } => {
                let from = expander.ends(from, &mut self.diagnostics);
                let to = expander.ends(to, &mut self.diagnostics);
                if from.pods.is_empty() && to.pods.is_empty() && !(from.others.is_empty() && to.others.is_empty()) {
                    self.diagnostics.push(ungoverned(rule));
                    return;
                }
                rule_checks::names(rule, Direction::Ingress, &from, &mut self.diagnostics);
                rule_checks::names(rule, Direction::Egress, &to, &mut self.diagnostics);
                let sources = expander.union(from.pods.iter().map(|pods| &pods.pods));
                rule_checks::local(&sources, &to, &mut self.diagnostics);
                let destinations = expander.union(to.pods.iter().map(|pods| &pods.pods));
                rule_checks::local(&destinations, &from, &mut self.diagnostics);
                // Both sides read the same ports: what is wrong with them is said once.
                let before = self.diagnostics.len();
                self.side(source, rule, Direction::Ingress, &to, &from);
                if self.diagnostics.len() == before {
                    self.side(source, rule, Direction::Egress, &from, &to);
                }
            }
        }
    }

    /// One side of a two-ended rule: `in local` on its own end makes every peer local.
    fn side(&mut self, source: RuleId, rule: &model::Rule, direction: Direction, own: &Ends, peers: &Ends) {
        for locality in [Locality::Anywhere, Locality::SubjectCluster] {
            let mine: Vec<&PodSets> =
                own.pods.iter().filter(|pods| pods.locality == locality).map(|pods| &pods.pods).collect();
            if mine.is_empty() {
                continue;
            }
            let subjects = self.shared.expander.union(mine);
            self.half(&Half { source, rule, direction, subjects, ends: peers, locality });
        }
    }

    fn half(&mut self, half: &Half<'_>) {
        if half.subjects.is_empty() {
            return;
        }
        match half.direction {
            Direction::Ingress => {
                let subjects = match half.locality {
                    Locality::SubjectCluster if half.ends.others.is_empty() => {
                        let peers =
                            half.ends.pods.iter().fold(ClusterSet::EMPTY, |all, pods| all | clusters(&pods.pods));
                        self.within(&half.subjects, peers)
                    }
                    Locality::SubjectCluster | Locality::Anywhere => half.subjects.clone(),
                };
                for (ports, subjects) in self.shared.names.resolve(&half.rule.ports, &subjects, &mut self.diagnostics) {
                    let peers = half
                        .ends
                        .pods
                        .iter()
                        .map(|pods| half.pods(pods, pods.pods.clone()))
                        .chain(half.others())
                        .collect();
                    self.push(half, subjects, peers, ports);
                }
            }
            Direction::Egress => self.egress(half),
        }
    }

    fn egress(&mut self, half: &Half<'_>) {
        let Some(name) = first_name(&half.rule.ports) else {
            let peers =
                half.ends.pods.iter().map(|pods| half.pods(pods, pods.pods.clone())).chain(half.others()).collect();
            return self.push(half, half.subjects.clone(), peers, numbers(&half.rule.ports));
        };
        if let Some(other) = half.ends.others.first() {
            self.diagnostics.push(nameless(name, other.span));
        }
        let mut by_ports: BTreeMap<Ports, Peers> = BTreeMap::new();
        for pods in &half.ends.pods {
            let near = match join(half.locality, pods.locality) {
                Locality::SubjectCluster => self.within(&pods.pods, clusters(&half.subjects)),
                Locality::Anywhere => pods.pods.clone(),
            };
            for (ports, destinations) in self.shared.names.resolve(&half.rule.ports, &near, &mut self.diagnostics) {
                let destinations = self.shared.expander.share(destinations.to_vec());
                by_ports.entry(ports).or_default().push(half.pods(pods, destinations));
            }
        }
        for (ports, peers) in by_ports {
            self.push(half, half.subjects.clone(), peers, ports);
        }
    }

    /// The part of some pods that runs in certain clusters.
    fn within(&self, pods: &PodSets, clusters: ClusterSet) -> PodSets {
        let parts = pods.iter().map(|set| PodSet { clusters: set.clusters & clusters, ..*set });
        self.shared.expander.share(parts.filter(|set| !set.clusters.is_empty()).collect())
    }

    fn push(&mut self, half: &Half<'_>, subjects: PodSets, peers: Peers, ports: Ports) {
        if peers.is_empty() {
            return;
        }
        rule_checks::requests(half.rule, &ports, &mut self.diagnostics);
        let mut requests: Vec<Request> = half.rule.requests.iter().map(|request| request.value.clone()).collect();
        requests.sort();
        requests.dedup();
        let (source, verb, direction) = (half.source, half.rule.verb, half.direction);
        self.rules.push(Rule { source, verb, direction, subjects, peers, ports, requests });
    }
}

impl Half<'_> {
    fn pods(&self, end: &Pods, pods: PodSets) -> Peer {
        Peer::Pods { pods, locality: join(self.locality, end.locality) }
    }

    fn others(&self) -> impl Iterator<Item = Peer> {
        self.ends.others.iter().map(|other| match &other.peer {
            Peer::Foreign { clusters, locality } => {
                Peer::Foreign { clusters: *clusters, locality: join(self.locality, *locality) }
            }
            Peer::ForeignPods { pods, clusters, locality } => {
                Peer::ForeignPods { pods: pods.clone(), clusters: *clusters, locality: join(self.locality, *locality) }
            }
            other => other.clone(),
        })
    }
}

fn clusters(pods: &PodSets) -> ClusterSet {
    pods.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters)
}

fn join(one: Locality, other: Locality) -> Locality {
    one.max(other)
}

fn ungoverned(rule: &model::Rule) -> Diagnostic {
    Diagnostic::new(codes::UNGOVERNED_RULE, rule.span, "the fleet governs neither end of this rule")
        .help("one end must be pods of a declared namespace: identities, groups, `NS/*` or `all`")
}

fn nameless(name: Spanned<&model::Name>, other: fleetnet_lang::Span) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_PORT_NAME, name.span, format!("only pods have port names such as `{}`", name.value))
        .related(other, "this destination has none")
        .help("write a number such as `443/tcp`, or give the pods a rule of their own")
}
