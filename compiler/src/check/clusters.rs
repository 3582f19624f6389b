//! What each cluster needs for its data path to tell it from the others: an id, a name, addresses of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use fleetnet_lang::{Diagnostic, Span};

use super::LISTED;
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
    let ids: BTreeSet<u8> = model.clusters.rows().iter().filter_map(|row| row.id).map(|id| id.value).collect();
    let mut suggested = BTreeSet::new();
    for (id, cluster) in in_source_order(model) {
        let name = &cluster.name.value;
        let Some(number) = cluster.id else {
            found.extend(missing_id(model, id, cluster));
            continue;
        };
        if let Some(other) = taken.insert(number.value, number) {
            taken.insert(other.value, other);
            let message = format!("`{name}` has the id {} of another cluster", number.value);
            let free = (1..=u8::MAX).find(|free| !suggested.contains(free) && !ids.contains(free));
            suggested.extend(free);
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
    let mut inside: BTreeMap<Span, BTreeSet<Span>> = BTreeMap::new();
    for (outer, inner) in networks.flat_map(|clusters| shared_ranges(model, clusters)) {
        inside.entry(outer).or_default().insert(inner);
    }
    let all: BTreeMap<Span, Range> =
        model.clusters.ids().flat_map(|id| ranges(model, id)).map(|range| (range.span, range)).collect();
    let found = inside.iter().filter_map(|(outer, inner)| {
        let outer = all.get(outer)?;
        let inner: Vec<&Range> = inner.iter().filter_map(|span| all.get(span)).collect();
        match inner.as_slice() {
            [one] if one.span > outer.span => Some(overlap(model, one, outer)),
            [one] => Some(overlap(model, outer, one)),
            several => Some(too_wide(model, outer, several)),
        }
    });
    found.collect()
}

/// One range around several others is one mistake.
fn too_wide(model: &Model, outer: &Range, inner: &[&Range]) -> Diagnostic {
    let name = &model.clusters[outer.cluster].name.value;
    let message = format!("`{}` of `{name}` overlaps {} other ranges", outer.cidr, inner.len());
    let found = Diagnostic::new(codes::OVERLAPPING_CIDRS, outer.span, message);
    let related = |found: Diagnostic, range: &&Range| {
        let of = &model.clusters[range.cluster].name.value;
        found.related(range.span, format!("the {} of `{of}`", range.what))
    };
    inner
        .iter()
        .take(LISTED)
        .fold(found, related)
        .help("addresses must be told apart: give it a range that holds none of the others")
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

/// Pairs of ranges that share addresses, the outer one first: for each range the smallest other around it. Two blocks are either apart or one
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
            found.push((outer.span, range.span));
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

/// Addresses of one kind that members of a mesh send to each other.
type Kind = (&'static str, fn(&Cluster) -> &[Spanned<Cidr>]);
const EXCHANGED: [Kind; 2] = [("pods", |cluster| &cluster.pods), ("nodes", |cluster| &cluster.nodes)];

fn families(model: &Model) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = model.clusters.rows().iter().filter_map(unreachable_services).collect();
    for mesh in model.meshes.rows() {
        for (what, list) in EXCHANGED {
            let members = mesh.members.iter().map(|id| &model.clusters[id]);
            let mut members: Vec<&Cluster> = members.filter(|cluster| !list(cluster).is_empty()).collect();
            members.sort_by_key(|cluster| cluster.name.span);
            for (place, later) in members.iter().enumerate() {
                let earlier = members.iter().take(place).find(|earlier| !meet(list(earlier), list(later)));
                let parties = earlier.and_then(|earlier| Some((earlier, list(earlier).first()?, list(later).first()?)));
                let Some((earlier, other, own)) = parties else { continue };
                let (name, other_name) = (&later.name.value, &earlier.name.value);
                let message = format!("{what} of `{name}` and `{other_name}` have no address family in common");
                found.push(
                    Diagnostic::new(codes::NO_COMMON_FAMILY, own.span, message)
                        .related(other.span, "addresses of the other cluster")
                        .related(mesh.name.span, "the mesh that both are in")
                        .help(format!("give the {what} of both clusters addresses of one family, IPv4 or IPv6")),
                );
            }
        }
    }
    found
}

/// A Service address leads to pods of its own family only.
fn unreachable_services(cluster: &Cluster) -> Option<Diagnostic> {
    let (pods, services) = (cluster.pods.first()?, cluster.services.first()?);
    if meet(&cluster.pods, &cluster.services) {
        return None;
    }
    let name = &cluster.name.value;
    let message = format!("services and pods of `{name}` have no address family in common");
    Some(
        Diagnostic::new(codes::NO_COMMON_FAMILY, services.span, message)
            .related(pods.span, "addresses of its pods")
            .help("give services addresses of a family that the pods have: they can't be reached otherwise"),
    )
}

fn meet(one: &[Spanned<Cidr>], other: &[Spanned<Cidr>]) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.value.addr().is_ipv4() == b.value.addr().is_ipv4()))
}

/// Of two parties the later in the sources is the one at fault.
fn in_source_order(model: &Model) -> Vec<(ClusterId, &Cluster)> {
    let mut clusters: Vec<_> = model.clusters.iter().collect();
    clusters.sort_by_key(|(_, cluster)| cluster.name.span);
    clusters
}
