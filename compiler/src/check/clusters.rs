//! What each cluster needs for its data path to tell it from the others: an id, a name, addresses of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::clusters as codes;
use crate::model::{Cidr, Cluster, ClusterId, ClusterSet, Model, Name, Spanned, TargetKind};

pub(super) fn check(model: &Model) -> Vec<Diagnostic> {
    let mut found = ids(model);
    found.extend(cilium_names(model));
    found.extend(overlaps(model));
    found.extend(families(model));
    found
}

/// The systems whose data path needs an id for the cluster.
const NEED_ID: [TargetKind; 2] = [TargetKind::Cilium, TargetKind::Bpf];
/// The IPAM modes that use the highest bit of the id in packet marks for themselves.
const LOW_IDS_ONLY: [&str; 4] = ["eni", "alibaba", "alibabacloud", "aws-cni"];

fn ids(model: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut taken: BTreeMap<u8, Spanned<u8>> = BTreeMap::new();
    for (id, cluster) in in_source_order(model) {
        let name = &cluster.name.value;
        let Some(number) = cluster.id else {
            found.extend(missing_id(model, id, cluster));
            continue;
        };
        if let Some(other) = taken.insert(number.value, number) {
            taken.insert(other.value, other);
            let message = format!("`{name}` has the id {} of another cluster", number.value);
            let free = (1..=u8::MAX).find(|free| model.clusters.rows().iter().all(|row| !has_id(row, *free)));
            let help =
                free.map_or("ids are 1 to 255, one for each cluster".to_owned(), |free| format!("{free} is free"));
            found.push(
                Diagnostic::new(codes::SHARED_ID, number.span, message)
                    .related(other.span, "the other cluster")
                    .help(help),
            );
        }
        let ipam = cluster.ipam.as_ref().filter(|ipam| LOW_IDS_ONLY.contains(&ipam.value.as_str()));
        if let Some(ipam) = ipam.filter(|_| number.value >= 128) {
            let message = format!("`{name}` cannot have an id above 127 with ipam `{}`", ipam.value);
            found.push(
                Diagnostic::new(codes::HIGH_ID, number.span, message)
                    .related(ipam.span, "this mode uses the highest bit of the id itself")
                    .help("give the cluster an id from 1 to 127: with a higher one its data path drops packets"),
            );
        }
    }
    found
}

fn has_id(cluster: &Cluster, id: u8) -> bool {
    cluster.id.is_some_and(|own| own.value == id)
}

/// A managed fleet gives its members their ids: there it is no error that none is written.
fn missing_id(model: &Model, id: ClusterId, cluster: &Cluster) -> Option<Diagnostic> {
    if model.fleet.target_on(TargetKind::AzureFleet, id).is_some() {
        return None;
    }
    let target = NEED_ID.into_iter().find_map(|kind| model.fleet.target_on(kind, id))?;
    let name = &cluster.name.value;
    let message = format!("`{name}` has no id, which target `{}` needs", target.kind.value.keyword());
    Some(
        Diagnostic::new(codes::MISSING_ID, cluster.name.span, message)
            .related(target.kind.span, "the target")
            .help(format!("write `id N` in `{name}`, 1 to 255, a number that no other cluster has")),
    )
}

/// Longest name of a cluster in its data path.
const CILIUM_NAME: usize = 32;

fn cilium_names(model: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut taken: BTreeMap<Name, Span> = BTreeMap::new();
    for (id, cluster) in in_source_order(model) {
        let Some(name) = cilium_name(model, id, cluster) else { continue };
        if let Some(reason) = refused(name.value.as_str()) {
            let message = format!("`{}` cannot be the Cilium name of a cluster", name.value);
            found.push(Diagnostic::new(codes::BAD_CILIUM_NAME, name.span, message).labelled(reason).help(
                "write `cilium-name` in the cluster: 1 to 32 lower-case letters, digits and `-`, not `default`, no `-` at either end",
            ));
        }
        if let Some(other) = taken.get(&name.value) {
            let message = format!("two clusters have the Cilium name `{}`", name.value);
            found.push(
                Diagnostic::new(codes::SHARED_CILIUM_NAME, name.span, message)
                    .related(*other, "the other cluster")
                    .help("give one of them another `cilium-name`: policies tell clusters apart by it"),
            );
        } else {
            taken.insert(name.value, name.span);
        }
    }
    found
}

/// What the data path calls a cluster: what is written, or its own name where we install the data path ourselves.
fn cilium_name(model: &Model, id: ClusterId, cluster: &Cluster) -> Option<Spanned<Name>> {
    let ours = model.fleet.target_on(TargetKind::Cilium, id).is_some();
    let managed = model.fleet.target_on(TargetKind::AzureFleet, id).is_some();
    let own = (ours && !managed).then(|| cluster.name.clone());
    cluster.cilium_name.clone().or(own)
}

fn refused(name: &str) -> Option<&'static str> {
    let word = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let bytes = name.as_bytes();
    if name.len() > CILIUM_NAME {
        return Some("more than 32 characters");
    }
    if name == "default" {
        return Some("this is the name of a cluster outside any mesh");
    }
    let ends = bytes.first().copied().is_some_and(word) && bytes.last().copied().is_some_and(word);
    let legal = ends && bytes.iter().all(|letter| word(*letter) || *letter == b'-');
    (!legal).then_some("not a name of letters, digits and `-`")
}

/// One range of addresses of a cluster.
struct Range {
    first: IpAddr,
    cidr: Cidr,
    span: Span,
    cluster: ClusterId,
    what: &'static str,
}

fn overlaps(model: &Model) -> Vec<Diagnostic> {
    let lone = model.clusters.ids().filter(|id| model.mesh_of(*id).is_none()).map(ClusterSet::of);
    let networks = model.meshes.rows().iter().map(|mesh| mesh.members).chain(lone);
    // A cluster in two meshes is looked at in both, and reported once.
    let pairs: BTreeSet<(Span, Span)> = networks.flat_map(|clusters| shared_ranges(model, clusters)).collect();
    let all: BTreeMap<Span, Range> =
        model.clusters.ids().flat_map(|id| ranges(model, id)).map(|range| (range.span, range)).collect();
    let each = |(later, earlier): (Span, Span)| Some(overlap(model, all.get(&later)?, all.get(&earlier)?));
    pairs.into_iter().filter_map(each).collect()
}

fn ranges(model: &Model, id: ClusterId) -> Vec<Range> {
    let cluster = &model.clusters[id];
    let lists = [("pods", &cluster.pods), ("nodes", &cluster.nodes), ("services", &cluster.services)];
    let ranges = lists.into_iter().flat_map(|(what, list)| {
        list.iter().map(move |cidr| Range {
            first: cidr.value.network(),
            cidr: cidr.value,
            span: cidr.span,
            cluster: id,
            what,
        })
    });
    ranges.collect()
}

/// Pairs of ranges that share addresses, later one first: for each range the smallest other around it. Two blocks are either apart or one
/// in the other, so sorted by address and size the blocks around the next one are a stack.
fn shared_ranges(model: &Model, clusters: ClusterSet) -> Vec<(Span, Span)> {
    let mut ranges: Vec<Range> = clusters.iter().flat_map(|id| ranges(model, id)).collect();
    ranges.sort_by_key(|range| (range.first, range.cidr.prefix_len(), range.span));
    let mut around: Vec<&Range> = Vec::new();
    let mut found = Vec::new();
    for range in &ranges {
        while around.last().is_some_and(|outer| !outer.cidr.contains(&range.cidr)) {
            around.pop();
        }
        if let Some(outer) = around.last() {
            found.push((range.span.max(outer.span), range.span.min(outer.span)));
        }
        around.push(range);
    }
    found
}

fn overlap(model: &Model, later: &Range, earlier: &Range) -> Diagnostic {
    let name = |range: &Range| &model.clusters[range.cluster].name.value;
    let message = if later.cluster == earlier.cluster {
        format!("`{}` of `{}` overlaps its {}", later.cidr, name(later), earlier.what)
    } else {
        format!("`{}` of `{}` overlaps the {} of `{}`", later.cidr, name(later), earlier.what, name(earlier))
    };
    Diagnostic::new(codes::OVERLAPPING_CIDRS, later.span, message)
        .related(earlier.span, "the other range")
        .help("addresses must be told apart: give one of the two a range of its own")
}

fn families(model: &Model) -> Vec<Diagnostic> {
    let families = |id: ClusterId| {
        let pods = &model.clusters[id].pods;
        (pods.iter().any(|cidr| cidr.value.addr().is_ipv4()), pods.iter().any(|cidr| cidr.value.addr().is_ipv6()))
    };
    let mut found = Vec::new();
    for mesh in model.meshes.rows() {
        let mut members: Vec<ClusterId> = mesh.members.iter().filter(|id| families(*id) != (false, false)).collect();
        members.sort_by_key(|id| model.clusters[*id].name.span);
        for (place, later) in members.iter().enumerate() {
            let apart = |earlier: &&ClusterId| {
                let ((four, six), (other_four, other_six)) = (families(*later), families(**earlier));
                !(four && other_four || six && other_six)
            };
            let Some(earlier) = members.iter().take(place).find(apart) else { continue };
            let (cluster, other) = (&model.clusters[*later], &model.clusters[*earlier]);
            let Some(pods) = cluster.pods.first() else { continue };
            let message =
                format!("pods of `{}` and `{}` have no address family in common", cluster.name.value, other.name.value);
            let note = other.pods.first().map_or(other.name.span, |cidr| cidr.span);
            found.push(
                Diagnostic::new(codes::NO_COMMON_FAMILY, pods.span, message)
                    .related(note, "addresses of the other cluster")
                    .related(mesh.name.span, "the mesh that both are in")
                    .help("give both clusters pod addresses of one family, IPv4 or IPv6"),
            );
        }
    }
    found
}

/// Of two parties the later in the sources is the one at fault.
fn in_source_order(model: &Model) -> Vec<(ClusterId, &Cluster)> {
    let mut clusters: Vec<_> = model.clusters.iter().collect();
    clusters.sort_by_key(|(_, cluster)| cluster.name.span);
    clusters
}
