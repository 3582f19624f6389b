//! What releases of one fleet read differently, and mistakes of theirs that what is built goes around.

use fleetnet_lang::Diagnostic;

use crate::codes::targets as codes;
use crate::image::content;
use crate::model::{ClusterId, ClusterSet, Direction, Spanned, Version};
use crate::plan::{Peer, Plan, Rule};

/// From here on a selector that names no cluster means the cluster's own pods.
const LOCAL_BY_DEFAULT: Version = Version { major: 1, minor: 19, patch: 0 };
/// From here on a NetworkPolicy's `ipBlock` admits no pods.
const BLOCKS_ARE_BLOCKS: Version = Version { major: 1, minor: 20, patch: 0 };

/// Notes about releases: at most one of each kind.
pub fn notes(plan: &Plan) -> Vec<Diagnostic> {
    [changed_default(plan), blocks(plan), negations(plan)].into_iter().flatten().collect()
}

/// The clusters with Cilium whose release is one of some.
fn running(plan: &Plan, is_one: impl Fn(Version) -> bool) -> impl Iterator<Item = (ClusterId, Spanned<Version>)> {
    let versions = content::with_known_engine(plan).iter().filter_map(|id| Some((id, plan.model.clusters[id].cilium?)));
    versions.filter(move |(_, version)| is_one(version.value))
}

fn changed_default(plan: &Plan) -> Option<Diagnostic> {
    let (old, before) = running(plan, |version| version < LOCAL_BY_DEFAULT).next()?;
    let (new, after) = running(plan, |version| version >= LOCAL_BY_DEFAULT).next()?;
    let name = |id: ClusterId| &plan.model.clusters[id].name.value;
    let message = format!("`{}` and `{}` read peers that name no cluster differently", name(old), name(new));
    Some(
        Diagnostic::new(codes::CHANGED_DEFAULT, after.span, message)
            .related(
                before.span,
                format!("before {LOCAL_BY_DEFAULT} they are the pods of all clusters, then those of the own"),
            )
            .help("nothing to do: what is built names the clusters of every peer"),
    )
}

/// The first rule about pods of some clusters that has such a peer.
fn first(plan: &Plan, clusters: ClusterSet, is_such: impl Fn(&Rule) -> bool) -> Option<&Rule> {
    let about = |rule: &Rule| rule.subjects.iter().any(|set| !(set.clusters & clusters).is_empty());
    let rules = plan.rules.rows().iter().filter(|rule| about(rule) && is_such(rule));
    rules.min_by_key(|rule| plan.model.rules[rule.source].span)
}

fn blocks(plan: &Plan) -> Option<Diagnostic> {
    let mut clusters = running(plan, |version| (LOCAL_BY_DEFAULT..BLOCKS_ARE_BLOCKS).contains(&version));
    let (cluster, version) = clusters.next()?;
    let all = clusters.map(|(id, _)| id).fold(ClusterSet::of(cluster), |all, id| all | ClusterSet::of(id));
    let is_such =
        |rule: &Rule| rule.direction == Direction::Ingress && rule.peers.iter().any(|peer| peer.block().is_some());
    let rule = first(plan, all, is_such)?;
    let name = &plan.model.clusters[cluster].name.value;
    let message = format!("as a NetworkPolicy, this block would also admit pods of `{name}`");
    Some(
        Diagnostic::new(codes::AVOIDED_BUG, plan.model.rules[rule.source].span, message)
            .related(version.span, "a mistake of this release")
            .help("nothing to do: what is built is a CiliumNetworkPolicy, which it reads as written"),
    )
}

fn negations(plan: &Plan) -> Option<Diagnostic> {
    let (cluster, version) = running(plan, |_| true).next()?;
    let is_such = |rule: &Rule| rule.peers.iter().any(|peer| matches!(peer, Peer::Foreign { .. }));
    let rule = first(plan, content::with_known_engine(plan), is_such)?;
    let name = &plan.model.clusters[cluster].name.value;
    let message = format!("said by labels that pods lack alone, this peer would be nodes and `world` to `{name}` too");
    Some(
        Diagnostic::new(codes::AVOIDED_BUG, plan.model.rules[rule.source].span, message)
            .related(version.span, "how this release reads it")
            .help("nothing to do: what is built also asks for a label that only pods have"),
    )
}
