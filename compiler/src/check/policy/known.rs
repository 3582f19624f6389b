//! Peers that are only addresses where a rule looks for them.

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::policy as codes;
use crate::model::{ClusterId, ClusterSet, IdentityId, PodSets, RuleEnds};
use crate::plan::{Ends, Expander, Locality, Peer, Plan};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut expander = Expander::new(&plan.model);
    // What is wrong with the ends themselves was said when the plan was made.
    let mut said = Vec::new();
    let mut found = Vec::new();
    for rule in plan.model.rules.rows() {
        let (unknown, foreign) = match &rule.ends {
            RuleEnds::OneEnded { peers, .. } => {
                let subjects = plan.model.policies[rule.policy].subject.as_deref().unwrap_or_default();
                let subjects = expander.ends(subjects, &mut said);
                let peers = expander.ends(peers, &mut said);
                (unknown(plan, &subjects, &peers), unknown_foreign(plan, &subjects, &peers))
            }
            RuleEnds::TwoEnded { from, to } => {
                let from = expander.ends(from, &mut said);
                let to = expander.ends(to, &mut said);
                let foreign = unknown_foreign(plan, &from, &to).or_else(|| unknown_foreign(plan, &to, &from));
                (unknown(plan, &from, &to).or_else(|| unknown(plan, &to, &from)), foreign)
            }
        };
        found.extend(unknown.map(|unknown| diagnostic(plan, &unknown)).or(foreign));
    }
    found
}

struct Unknown {
    peer: IdentityId,
    runs_in: ClusterId,
    seen_from: ClusterId,
    span: Span,
}

/// The first peer that one of the subjects' clusters does not know.
fn unknown(plan: &Plan, subjects: &Ends, peers: &Ends) -> Option<Unknown> {
    let here = looking(subjects);
    for peer in peers.pods.iter().filter(|peer| peer.locality == Locality::Anywhere) {
        for set in peer.pods.iter() {
            let namespace = plan.model.identities[set.identity].namespace;
            for runs_in in set.clusters.iter() {
                let blind = here.less(plan.observers(namespace, runs_in));
                if let Some(seen_from) = blind.iter().next() {
                    return Some(Unknown { peer: set.identity, runs_in, seen_from, span: peer.span });
                }
            }
        }
    }
    None
}

/// The clusters from which peers are looked for, `in local` aside.
fn looking(subjects: &Ends) -> ClusterSet {
    let anywhere = subjects.pods.iter().filter(|pods| pods.locality == Locality::Anywhere);
    anywhere.fold(ClusterSet::EMPTY, |all, pods| all | clusters(&pods.pods))
}

/// Pods that the fleet doesn't govern, looked for in a cluster by name from one that does not know them.
fn unknown_foreign(plan: &Plan, subjects: &Ends, peers: &Ends) -> Option<Diagnostic> {
    let (here, everywhere) = (looking(subjects), plan.model.all_clusters());
    for other in &peers.others {
        let (Peer::Foreign { clusters, locality } | Peer::ForeignPods { clusters, locality, .. }) = &other.peer else {
            continue;
        };
        if *locality == Locality::SubjectCluster || *clusters == everywhere {
            continue;
        }
        let blind = |runs_in| here.less(plan.knowledge.foreign_observers(&plan.model, runs_in)).iter().next();
        let Some((there, from)) = clusters.iter().find_map(|runs_in| Some((runs_in, blind(runs_in)?))) else {
            continue;
        };
        let (there, from) = (&plan.model.clusters[there].name.value, &plan.model.clusters[from].name.value);
        let message = format!("pods of `{there}` that the fleet doesn't govern are only addresses to `{from}`");
        let found = Diagnostic::new(codes::UNKNOWN_PEER, other.span, message);
        return Some(
            found.help("leave the place out, which means those known here, or name their addresses: `cidr …`"),
        );
    }
    None
}

fn clusters(pods: &PodSets) -> ClusterSet {
    pods.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters)
}

fn diagnostic(plan: &Plan, unknown: &Unknown) -> Diagnostic {
    let model = &plan.model;
    let peer = model.identity_name(unknown.peer);
    let namespace = &model.namespaces[model.identities[unknown.peer].namespace].name;
    let (there, here) = (&model.clusters[unknown.runs_in].name.value, &model.clusters[unknown.seen_from].name.value);
    let shared = model.mesh_of(unknown.runs_in).filter(|mesh| model.meshes[*mesh].members.contains(unknown.seen_from));
    let help = match shared {
        Some(mesh) => {
            let mesh = &model.meshes[mesh].name.value;
            format!(
                "make the namespace known there with `global in {mesh}`, or say where the rule looks with `in local` or `in …`"
            )
        }
        None => format!("no mesh joins `{there}` and `{here}`: say where the rule looks with `in local` or `in …`"),
    };
    Diagnostic::new(codes::UNKNOWN_PEER, unknown.span, format!("`{peer}` in `{there}` is only an address to `{here}`"))
        .related(namespace.span, "its namespace")
        .help(help)
}
