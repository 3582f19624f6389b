//! Every pod has one identity: no two of a namespace share a pod, and the pods of none are known by what they are not.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use super::context::Context;
use super::identities::{Draft, Soundness};
use crate::codes::namespaces as codes;
use crate::model::satisfy::{self, Candidate, Conjunction, Overlap, complement};
use crate::model::{ClusterSet, Identity, Namespace, PodSelection};

/// Reports identities that one pod can match, each once, at the later in the sources.
pub(super) fn check(ctx: &mut Context, namespace: &Namespace, drafts: &[Draft]) {
    let mut candidates = Vec::new();
    for (party, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.soundness == Soundness::Sound) {
        let pods = draft.identity.pods.conjunctions().unwrap_or_default();
        let clusters = draft.identity.clusters;
        candidates.extend(pods.into_iter().map(|pods| Candidate { party, clusters, pods }));
    }
    let mut reported = BTreeMap::new();
    for overlap in satisfy::overlaps(&candidates) {
        let Some((earlier, later)) = parties(drafts, &candidates, &overlap) else { continue };
        reported.entry(later.0.name.span).or_insert_with(|| diagnostic(namespace, earlier, later, &overlap));
    }
    ctx.found.extend(reported.into_values());
}

type Party<'a> = (&'a Identity, &'a Conjunction);

/// The two identities of an overlap with the pods in question, in the order of the sources.
fn parties<'a>(drafts: &'a [Draft], candidates: &'a [Candidate], overlap: &Overlap) -> Option<(Party<'a>, Party<'a>)> {
    let party = |index: usize| {
        let candidate = candidates.get(index)?;
        Some((&drafts.get(candidate.party)?.identity, &candidate.pods))
    };
    let (one, other) = (party(overlap.candidates.0)?, party(overlap.candidates.1)?);
    Some(if one.0.name.span <= other.0.name.span { (one, other) } else { (other, one) })
}

fn diagnostic(namespace: &Namespace, earlier: Party<'_>, later: Party<'_>, overlap: &Overlap) -> Diagnostic {
    let name = |party: Party<'_>| format!("`{}/{}`", namespace.name.value, party.0.name.value);
    let (first, second) = (name(earlier), name(later));
    let message = format!("a pod with {} would be both {first} and {second}", overlap.pod);
    let help = addition(earlier.0, later, &second).or_else(|| addition(later.0, earlier, &first));
    let help = help.unwrap_or_else(|| "give them different labels or accounts, or join them".to_owned());
    Diagnostic::new(codes::OVERLAPPING_IDENTITIES, later.0.name.span, message)
        .related(earlier.0.name.span, "the other identity")
        .help(help)
}

/// What is added to a `match` of an identity to tell its pods from all of another identity's.
fn addition(from: &Identity, party: Party<'_>, name: &str) -> Option<String> {
    let (identity, pods) = party;
    let added = satisfy::difference(&from.pods.conjunctions().unwrap_or_default(), pods)?;
    Some(match &identity.pods {
        PodSelection::Declared { matches, .. } if matches.len() > 1 => {
            format!("add `and {added}` to the `match` of {name} that takes such a pod")
        }
        PodSelection::Declared { matches, .. } if !matches.is_empty() => {
            format!("add `and {added}` to the `match` of {name}")
        }
        PodSelection::Declared { .. } | PodSelection::Unlisted => format!("write `match {added}` in {name}"),
    })
}

/// The clusters in which a pod of a namespace can match none of its identities; nothing if there is none.
pub(super) fn unlisted(ctx: &mut Context, namespace: &Namespace, drafts: &[Draft]) -> Option<ClusterSet> {
    // What a broken identity leaves over is unknown; that pods are left over is the usual case.
    if drafts.iter().any(|draft| draft.soundness == Soundness::Broken) {
        return Some(namespace.clusters);
    }
    let mut alike: BTreeMap<Vec<usize>, ClusterSet> = BTreeMap::new();
    for cluster in namespace.clusters.iter() {
        let runs = |(_, draft): &(usize, &Draft)| draft.identity.clusters.contains(cluster);
        let here = drafts.iter().enumerate().filter(runs).map(|(place, _)| place).collect();
        alike.entry(here).or_default().insert(cluster);
    }
    let mut unlisted = ClusterSet::EMPTY;
    let mut irregular = false;
    for (identities, clusters) in alike {
        let drafts = identities.into_iter().filter_map(|place| drafts.get(place));
        let pods: Vec<Conjunction> = drafts.filter_map(|draft| draft.identity.pods.conjunctions()).flatten().collect();
        if satisfy::leaves_something_plain(&pods) {
            unlisted = unlisted | clusters;
            continue;
        }
        let rest = complement(&pods);
        irregular |= rest.is_err();
        if rest.map_or(true, |rest| !rest.is_empty()) {
            unlisted = unlisted | clusters;
        }
    }
    if irregular {
        let name = &namespace.name.value;
        let message = format!("the identities of namespace `{name}` are too different to select the pods of none");
        let found = Diagnostic::new(codes::IRREGULAR_NAMESPACE, namespace.name.span, message);
        ctx.report(found.help("match every identity by a value of one common label, such as `app`, and little else"));
    }
    (!unlisted.is_empty()).then_some(unlisted)
}
