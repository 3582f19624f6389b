//! Maps that would overflow, or nearly: what does not fit is dropped packet by packet, and no policy shows why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use fleetnet_abi::abi::Abi;
use fleetnet_lang::Diagnostic;

use super::{cluster_names, listed};
use crate::analysis::capacity::{self, Counted, Fill, Needed, People, PolicyMap, Room};
use crate::codes::capacity as codes;
use crate::codes::image::MAP_FULL;
use crate::image::content::{self, Population};
use crate::inventory::Inventory;
use crate::model::{Cluster, ClusterId, ClusterSet, IdentityId, Table};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan, inventory: &Inventory, most: &Population) -> Vec<Diagnostic> {
    let enforced = content::with_known_engine(plan);
    if enforced.is_empty() || capacity::has_room(plan, &People::at_most(inventory, most)) {
        return Vec::new();
    }
    let people = People::of(plan, inventory);
    let Counted { full, left, unsure } = capacity::policy_maps(plan, &people);
    let mut found: Vec<Diagnostic> = alike(plan, &full).iter().filter_map(|maps| policy_maps(plan, maps)).collect();
    found.extend(uncounted(plan, &left));
    let (unknown, unsaid): (Vec<_>, Vec<_>) = unsure.iter().partition(|id| plan.model.clusters[*id].cilium.is_some());
    found.extend(unsaid_release(plan, unsaid.into_iter().collect()));
    found.extend(unknown_release(plan, unknown.into_iter().collect()));
    for room in Room::ALL.into_iter().filter(|room| *room != Room::Services) {
        found.extend(rooms(plan, enforced, room, &capacity::needed(plan, room, &people)));
    }
    found
}

/// Maps of services that would overflow, or nearly.
///
/// They hold the pods that are listed, which are the same however many others there may be.
pub(super) fn check_services(plan: &Plan, population: &Population) -> Vec<Diagnostic> {
    let enforced = content::with_known_engine(plan);
    if enforced.is_empty() {
        return Vec::new();
    }
    rooms(plan, enforced, Room::Services, &capacity::services(&plan.model, population))
}

fn rooms(plan: &Plan, enforced: ClusterSet, room: Room, needed: &Table<ClusterId, Needed>) -> Vec<Diagnostic> {
    let clusters = needed.iter().filter(|(cluster, _)| enforced.contains(*cluster));
    clusters.filter_map(|(id, needed)| whole(&plan.model.clusters[id], room, *needed)).collect()
}

/// Maps that one rule fills are one mistake, however many pods it is about. The fullest of them comes first.
fn alike<'a>(plan: &Plan, full: &'a [PolicyMap]) -> Vec<Vec<&'a PolicyMap>> {
    let mut alike: BTreeMap<_, Vec<&PolicyMap>> = BTreeMap::new();
    for map in full {
        let dearest = map.costs.first().map(|(rule, _)| *rule);
        alike.entry((capacity::fill_of(plan, map), dearest)).or_default().push(map);
    }
    for maps in alike.values_mut() {
        maps.sort_by_key(|map| (Reverse(map.entries), map.identity));
    }
    alike.into_values().collect()
}

fn policy_maps(plan: &Plan, maps: &[&PolicyMap]) -> Option<Diagnostic> {
    let model = &plan.model;
    let (map, others) = maps.split_first()?;
    let code = match capacity::fill_of(plan, map)? {
        Fill::Over => MAP_FULL,
        Fill::Nearly => codes::NEARLY_FULL,
    };
    let found = map.finding(plan, code);
    let Some(other) = others.first() else { return Some(found) };
    let names = listed(others.iter().map(|map| model.identity_name(map.identity)), "nobody");
    Some(found.related(model.identities[other.identity].name.span, format!("so it is with {names}")))
}

fn uncounted(plan: &Plan, left: &BTreeSet<IdentityId>) -> Option<Diagnostic> {
    let model = &plan.model;
    let first = left.first()?;
    let names = listed(left.iter().map(|id| model.identity_name(*id)), "nobody");
    let message = format!("the policy maps of {names} could come near their limit, and are too many to count here");
    let found = Diagnostic::new(codes::UNCOUNTED_MAPS, model.identities[*first].name.span, message);
    Some(found.help("narrow the rules that are about most pods; a build with `target bpf` counts every map"))
}

/// Maps near their limit in clusters of which nobody says the release.
fn unsaid_release(plan: &Plan, clusters: ClusterSet) -> Option<Diagnostic> {
    let first = &plan.model.clusters[clusters.iter().next()?];
    let [.., newest] = Abi::ALL;
    let (major, minor) = newest.version();
    let found = Diagnostic::new(codes::UNSURE_MAPS, first.name.span, counted_least(plan, clusters));
    Some(found.help(format!("write `cilium \"{major}.{minor}.0\"` with the version that runs there")))
}

/// Maps near their limit in clusters of releases whose maps are not known.
fn unknown_release(plan: &Plan, clusters: ClusterSet) -> Option<Diagnostic> {
    let version = clusters.iter().find_map(|id| plan.model.clusters[id].cilium)?;
    let known = Abi::ALL.map(|release| format!("{}.{}", release.version().0, release.version().1));
    let found = Diagnostic::new(codes::UNSURE_MAPS, version.span, counted_least(plan, clusters));
    Some(found.help(format!(
        "this compiler knows the maps of {}: leave room for what another release adds",
        known.join(", ")
    )))
}

fn counted_least(plan: &Plan, clusters: ClusterSet) -> String {
    let names = cluster_names(&plan.model, clusters);
    format!("the policy maps of {names} are counted as the release of Cilium does that fills them least")
}

fn whole(cluster: &Cluster, room: Room, needed: Needed) -> Option<Diagnostic> {
    let code = match capacity::fill(needed.count, room.limit())? {
        Fill::Over => codes::CLUSTER_FULL,
        Fill::Nearly => codes::CLUSTER_NEARLY_FULL,
    };
    let (what, help) = match room {
        Room::Identities => ("identities", "join identities that need no rules of their own, or move some elsewhere"),
        Room::Services => (
            "frontends and backends of services",
            "move services to other clusters, or leave out ports that nobody uses",
        ),
        Room::Addresses => {
            ("addresses of pods, nodes and rules", "name wider blocks in fewer rules, or make fewer namespaces global")
        }
        Room::Nodes => ("nodes of its mesh", "divide the mesh, or have fewer and larger nodes"),
    };
    let message = format!(
        "`{}` needs {} {what} and has room for {}",
        cluster.name.value,
        needed.certainty.said(needed.count),
        room.limit()
    );
    Some(Diagnostic::new(code, cluster.name.span, message).help(help))
}
