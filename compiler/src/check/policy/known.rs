//! Peers that are only addresses where a rule looks for them.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Diagnostic, Label, Span};

use crate::check::{Scope, cluster_names, listed};
use crate::codes::policy as codes;
use crate::model::{ClusterId, ClusterSet, IdentityId, MeshId, NamespaceId, PodSets, PolicyId, RuleEnds, RuleId};
use crate::plan::{Ends, Expander, Locality, Peer, PerSet, Plan, Pods, Rule};

pub(super) fn check(plan: &Plan, scope: Scope<'_>) -> Vec<Diagnostic> {
    let model = &plan.model;
    let expander = Expander::new(model);
    // What is wrong with the ends themselves was said when the plan was made.
    let mut said = Vec::new();
    let mut found = Vec::new();
    let mut of_policy: BTreeMap<PolicyId, Ends> = BTreeMap::new();
    for rule in suspects(plan, scope).into_iter().map(|id| &model.rules[id]) {
        let unknown = match &rule.ends {
            RuleEnds::OneEnded { peers, .. } => {
                let subject = || model.policies[rule.policy].subject.as_deref().unwrap_or_default();
                let subjects = of_policy.entry(rule.policy).or_insert_with(|| expander.ends(subject(), &mut said));
                one_side(plan, subjects, &expander.ends(peers, &mut Vec::new()))
            }
            RuleEnds::TwoEnded { from, to } => {
                let from = expander.ends(from, &mut said);
                let to = expander.ends(to, &mut said);
                let mut unknown = one_side(plan, &from, &to);
                unknown.extend(one_side(plan, &to, &from));
                unknown
            }
        };
        found.extend(once(unknown));
    }
    found
}

/// The rules some peers of which may be unknown where they are looked for, in order; most rules have none.
fn suspects(plan: &Plan, scope: Scope<'_>) -> BTreeSet<RuleId> {
    // The clusters that know all of some pods.
    let mut known = PerSet::default();
    let rules = plan.rules.rows().iter().filter(|rule| scope.is_new(rule.source));
    let is_suspect = |rule: &&Rule| {
        let here = clusters(&rule.subjects);
        rule.peers.iter().any(|peer| {
            let Peer::Pods { pods, locality: Locality::Anywhere } = peer else {
                return matches!(peer, Peer::Foreign { .. } | Peer::ForeignPods { .. });
            };
            !here.is_within(*known.get(pods, |pods| knowing_all(plan, pods)))
        })
    };
    rules.filter(is_suspect).map(|rule| rule.source).collect()
}

/// The clusters that know all of some pods.
fn knowing_all(plan: &Plan, pods: &PodSets) -> ClusterSet {
    let places = pods.iter().flat_map(|set| {
        let namespace = plan.model.identities[set.identity].namespace;
        set.clusters.iter().map(move |cluster| plan.observers(namespace, cluster))
    });
    places.fold(plan.model.all_clusters(), |all, observers| all & observers)
}

/// What is missing so that a peer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Missing {
    /// `global in` of a namespace.
    Global(NamespaceId, MeshId),
    /// A mesh that joins the clusters.
    Mesh,
}

struct Unknown {
    /// Nothing where the place is wrong in any case.
    missing: BTreeSet<Missing>,
    /// What is said of the peer where it is not the first.
    label: String,
    diagnostic: Diagnostic,
}

/// The findings about one rule: of peers that are unknown for want of the same the first is told of, with the others beside it.
fn once(unknown: Vec<Unknown>) -> Vec<Diagnostic> {
    let mut told: Vec<Unknown> = Vec::new();
    for Unknown { missing, label, diagnostic } in unknown {
        let known: BTreeSet<Missing> = told.iter().flat_map(|told| &told.missing).copied().collect();
        match told.iter_mut().find(|told| !told.missing.is_disjoint(&missing)) {
            Some(told) if missing.is_subset(&known) => {
                told.diagnostic.related.push(Label { span: diagnostic.span, text: label });
            }
            Some(_) | None => told.push(Unknown { missing, label, diagnostic }),
        }
    }
    told.into_iter().map(|told| told.diagnostic).collect()
}

/// The peers as written that one of the subjects' clusters does not know.
fn one_side(plan: &Plan, subjects: &Ends, peers: &Ends) -> Vec<Unknown> {
    let here = looking(subjects);
    let anywhere = peers.pods.iter().filter(|peer| peer.locality == Locality::Anywhere);
    let pods = anywhere.filter_map(|peer| unknown(plan, here, peer));
    pods.chain(unknown_foreign(plan, here, peers)).collect()
}

/// The clusters from which peers are looked for, `in local` aside.
fn looking(subjects: &Ends) -> ClusterSet {
    let anywhere = subjects.pods.iter().filter(|pods| pods.locality == Locality::Anywhere);
    anywhere.fold(ClusterSet::EMPTY, |all, pods| all | clusters(&pods.pods))
}

fn clusters(pods: &PodSets) -> ClusterSet {
    pods.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters)
}

/// Pods of one namespace that the same clusters do not know.
struct Blind {
    namespace: NamespaceId,
    identities: Vec<IdentityId>,
    runs_in: ClusterSet,
    seen_from: ClusterSet,
}

/// What one written peer is only an address for, and where.
fn unknown(plan: &Plan, here: ClusterSet, peer: &Pods) -> Option<Unknown> {
    let blind = blind(plan, here, &peer.pods);
    let (first, rest) = blind.split_first()?;
    let model = &plan.model;
    let (runs_in, seen_from) = (first.runs_in.iter().next()?, first.seen_from.iter().next()?);
    let joined = model.mesh_of(runs_in).filter(|mesh| model.meshes[*mesh].members.contains(seen_from));
    // Looking in one's own cluster helps only those that have the peer there.
    let beside = peer.pods.iter().any(|set| !(set.clusters & here).is_empty());
    let (there, from) = (cluster_names(model, first.runs_in), cluster_names(model, first.seen_from));
    let narrow = if beside {
        "say `in local` behind the peer, or where it is known with `in …`".to_owned()
    } else {
        format!("leave {from} out of whom the rule is about, with `in …` behind the subject")
    };
    let help = match joined.map(|mesh| &model.meshes[mesh].name.value) {
        Some(mesh) => format!("make the namespace known there with `global in {mesh}`, or {narrow}"),
        None => format!("no mesh joins {there} to {from}: {narrow}"),
    };
    let namespace = |blind: &Blind| model.namespaces[blind.namespace].name.span;
    let mut found = Diagnostic::new(codes::UNKNOWN_PEER, peer.span, sentence(plan, first))
        .related(namespace(first), "its namespace")
        .help(help);
    for other in rest {
        found = found.related(namespace(other), sentence(plan, other));
    }
    let missing = blind.iter().flat_map(|blind| missing(plan, blind)).collect();
    Some(Unknown { missing, label: sentence(plan, first), diagnostic: found })
}

/// What is missing so that pods are known where they are not.
fn missing(plan: &Plan, blind: &Blind) -> BTreeSet<Missing> {
    let mut missing = BTreeSet::new();
    for cluster in blind.runs_in.iter() {
        let mesh = plan.model.mesh_of(cluster);
        let members = mesh.map_or(ClusterSet::EMPTY, |mesh| plan.model.meshes[mesh].members);
        let within = mesh.filter(|_| !(blind.seen_from & members).is_empty());
        missing.extend(within.map(|mesh| Missing::Global(blind.namespace, mesh)));
        missing.extend((!blind.seen_from.less(members).is_empty()).then_some(Missing::Mesh));
    }
    missing
}

/// The pods that are not known, those together of which the same is to be said.
fn blind(plan: &Plan, here: ClusterSet, pods: &PodSets) -> Vec<Blind> {
    let mut seen_from: BTreeMap<(NamespaceId, ClusterId), ClusterSet> = BTreeMap::new();
    let mut groups: BTreeMap<(NamespaceId, ClusterSet, ClusterSet), Vec<IdentityId>> = BTreeMap::new();
    for set in pods.iter() {
        let namespace = plan.model.identities[set.identity].namespace;
        let mut places: BTreeMap<ClusterSet, ClusterSet> = BTreeMap::new();
        for cluster in set.clusters.iter() {
            let blind =
                *seen_from.entry((namespace, cluster)).or_insert_with(|| here.less(plan.observers(namespace, cluster)));
            if !blind.is_empty() {
                places.entry(blind).or_default().insert(cluster);
            }
        }
        for (blind, runs_in) in places {
            groups.entry((namespace, runs_in, blind)).or_default().push(set.identity);
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|((namespace, runs_in, seen_from), identities)| Blind { namespace, identities, runs_in, seen_from })
        .collect()
}

fn sentence(plan: &Plan, blind: &Blind) -> String {
    let model = &plan.model;
    let who = listed(blind.identities.iter().map(|identity| model.identity_name(*identity)), "nobody");
    let what = if blind.identities.len() == 1 { "is only an address" } else { "are only addresses" };
    format!("{who} in {} {what} to {}", cluster_names(model, blind.runs_in), cluster_names(model, blind.seen_from))
}

/// Pods that the fleet doesn't govern, looked for in a cluster by name from one that does not know them.
fn unknown_foreign(plan: &Plan, here: ClusterSet, peers: &Ends) -> Vec<Unknown> {
    let mut found = Vec::new();
    for other in &peers.others {
        let (Peer::Foreign { clusters, locality } | Peer::ForeignPods { clusters, locality, .. }) = &other.peer else {
            continue;
        };
        if *locality == Locality::SubjectCluster || *clusters == plan.model.all_clusters() {
            continue;
        }
        found.extend(foreign(plan, here, *clusters, other.span));
    }
    found
}

fn foreign(plan: &Plan, here: ClusterSet, clusters: ClusterSet, span: Span) -> Option<Unknown> {
    let model = &plan.model;
    let mut places: BTreeMap<ClusterSet, ClusterSet> = BTreeMap::new();
    for runs_in in clusters.iter() {
        let blind = here.less(plan.knowledge.foreign_observers(model, runs_in));
        if !blind.is_empty() {
            places.entry(blind).or_default().insert(runs_in);
        }
    }
    let sentence = |(seen_from, runs_in): (&ClusterSet, &ClusterSet)| {
        let (there, from) = (cluster_names(model, *runs_in), cluster_names(model, *seen_from));
        format!("pods of {there} that the fleet doesn't govern are only addresses to {from}")
    };
    let mut sentences = places.iter().map(sentence);
    let label = sentences.next()?;
    let mut diagnostic = Diagnostic::new(codes::UNKNOWN_PEER, span, label.clone())
        .help("leave the place out, which means those known here, or name their addresses: `cidr …`");
    for other in sentences {
        diagnostic = diagnostic.related(span, other);
    }
    Some(Unknown { missing: BTreeSet::new(), label, diagnostic })
}
