//! Every pod has one identity: no two of a namespace share a pod, and the pods of none are known by what they are not.

use std::collections::BTreeMap;

use fleetnet_lang::Diagnostic;

use super::context::Context;
use super::identities::{Draft, Soundness};
use crate::codes::namespaces as codes;
use crate::model::satisfy::{self, Candidate, Conjunction, Overlap, complement};
use crate::model::{ClusterSet, Identity, Namespace, PodSelection};

/// The clusters in which a pod of a namespace can match none of its identities; nothing if there is none. Reports pods that match two.
pub(super) fn judge(ctx: &mut Context, namespace: &Namespace, drafts: &[Draft]) -> Option<ClusterSet> {
    check(ctx, namespace, drafts);
    unlisted(ctx, namespace, drafts)
}

/// Reports identities that one pod can match, each once, at the later in the sources.
fn check(ctx: &mut Context, namespace: &Namespace, drafts: &[Draft]) {
    let mut candidates = Vec::new();
    for (party, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.soundness == Soundness::Sound) {
        let pods = draft.identity.pods.conjunctions().unwrap_or_default();
        let clusters = draft.identity.clusters;
        candidates.extend(pods.into_iter().map(|pods| Candidate { party, clusters, pods }));
    }
    let mut reported = BTreeMap::new();
    for overlap in satisfy::overlaps(&candidates) {
        let Some((earlier, later)) = parties(drafts, &candidates, &overlap) else { continue };
        reported.entry(later.name.span).or_insert_with(|| diagnostic(namespace, earlier, later, &overlap));
    }
    ctx.found.extend(reported.into_values());
}

/// The two identities of an overlap, in the order of the sources.
fn parties<'a>(
    drafts: &'a [Draft],
    candidates: &'a [Candidate],
    overlap: &Overlap,
) -> Option<(&'a Identity, &'a Identity)> {
    let party = |index: usize| Some(&drafts.get(candidates.get(index)?.party)?.identity);
    let (one, other) = (party(overlap.candidates.0)?, party(overlap.candidates.1)?);
    Some(if one.name.span <= other.name.span { (one, other) } else { (other, one) })
}

fn diagnostic(namespace: &Namespace, earlier: &Identity, later: &Identity, overlap: &Overlap) -> Diagnostic {
    let name = |identity: &Identity| format!("`{}/{}`", namespace.name.value, identity.name.value);
    let message = format!("a pod with {} would be both {} and {}", overlap.pod, name(earlier), name(later));
    let ways = [(Remove::Nothing, earlier, later), (Remove::Nothing, later, earlier)];
    let mut ways = ways.into_iter().chain([(Remove::Matches, earlier, later), (Remove::Matches, later, earlier)]);
    let help = ways.find_map(|(remove, from, identity)| apart(remove, from, identity, &name(identity)));
    let help = help.unwrap_or_else(|| "give them different labels or accounts, or join them".to_owned());
    Diagnostic::new(codes::OVERLAPPING_IDENTITIES, later.name.span, message)
        .related(earlier.name.span, "the other identity")
        .help(help)
}

/// Whether a `match` whose pods are all another identity's may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remove {
    Nothing,
    Matches,
}

/// Changes of an identity that a help line lists at the most.
const LISTED: usize = 3;

/// What makes of all pods of an identity none of another's: a requirement for each of its `match`es that takes some.
fn apart(remove: Remove, from: &Identity, identity: &Identity, name: &str) -> Option<String> {
    let PodSelection::Declared { matches, account } = &identity.pods else { return None };
    let theirs = from.pods.conjunctions().unwrap_or_default();
    let account = Conjunction::of_account(account.as_ref());
    if matches.is_empty() {
        return Some(format!("write `match {}` in {name}", satisfy::difference(&theirs, &account)?));
    }
    let mut changes = Vec::new();
    let mut kept = matches.len();
    for labels in matches.iter().filter_map(Conjunction::of_selector) {
        let Some(pods) = labels.and(&account) else { continue };
        if theirs.iter().all(|theirs| theirs.is_apart_from(&pods)) {
            continue;
        }
        let is_theirs = || theirs.iter().any(|theirs| pods.and(theirs).as_ref() == Some(&pods));
        changes.push(match satisfy::difference(&theirs, &pods) {
            Some(added) if matches.len() == 1 => format!("add `and {added}` to the `match`"),
            Some(added) => format!("add `and {added}` to `match {labels}`"),
            None if remove == Remove::Matches && is_theirs() => {
                kept -= 1;
                format!("remove `match {labels}`")
            }
            None => return None,
        });
    }
    let more = changes.len().saturating_sub(LISTED);
    changes.truncate(LISTED);
    if more > 0 {
        changes.push(format!("change {more} more alike"));
    }
    let last = changes.pop().filter(|_| kept > 0)?;
    let first = if changes.is_empty() { String::new() } else { format!("{} and ", changes.join(", ")) };
    Some(format!("{first}{last} of {name}"))
}

/// The clusters in which a pod of a namespace can match none of its identities; nothing if there is none.
fn unlisted(ctx: &mut Context, namespace: &Namespace, drafts: &[Draft]) -> Option<ClusterSet> {
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
