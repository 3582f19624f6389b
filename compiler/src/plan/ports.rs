//! Port names and numbers of a rule, for each of its destinations.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use super::Ports;
use crate::codes::policy as codes;
use crate::model::{
    ClusterId, ClusterSet, IdentityId, Model, Name, PodSelection, PodSet, PodSets, PortExpr, PortExprs, PortRange,
    Protocol, Spanned, Table,
};

/// Every port name of every identity: from its own `port`s and from the services in front of it.
pub struct PortNames<'a> {
    model: &'a Model,
    /// For each identity, in order of name.
    names: Table<IdentityId, Vec<Definition<'a>>>,
}

/// One meaning of a port name.
#[derive(Clone, Copy)]
struct Definition<'a> {
    name: &'a Name,
    clusters: ClusterSet,
    range: PortRange,
    span: Span,
}

/// What a port name means for one pod.
enum Meaning {
    One(PortRange),
    Two(Span, Span),
    None,
}

impl<'a> PortNames<'a> {
    /// Collects the names of a model.
    #[must_use]
    pub fn new(model: &'a Model) -> Self {
        let mut names: Table<IdentityId, Vec<Definition<'a>>> = vec![Vec::new(); model.identities.len()].into();
        for (id, identity) in model.identities.iter() {
            for port in &identity.ports {
                let range =
                    PortRange { protocol: Protocol::Transport(port.transport), first: port.number, last: port.number };
                let (name, clusters) = (&port.name.value, identity.clusters);
                names[id].push(Definition { name, clusters, range, span: port.name.span });
            }
        }
        for service in model.services.rows() {
            for (clusters, spec) in &service.variants {
                for port in &spec.ports {
                    let range = PortRange {
                        protocol: Protocol::Transport(port.transport),
                        first: port.target,
                        last: port.target,
                    };
                    let (name, clusters) = (&port.name.value, *clusters);
                    names[spec.pods.value].push(Definition { name, clusters, range, span: port.name.span });
                }
            }
        }
        for id in model.identities.ids() {
            // The first of a name stays the first.
            names[id].sort_by_key(|definition| definition.name);
        }
        Self { model, names }
    }

    /// The names that mean something for an identity, in order, for did-you-mean and help.
    pub fn of(&self, identity: IdentityId) -> impl Iterator<Item = &'a Name> + use<'_, 'a> {
        let alike = self.names[identity].chunk_by(|one, other| one.name == other.name);
        alike.filter_map(|alike| Some(alike.first()?.name))
    }

    /// Splits destinations by what a rule's ports mean for them. Diagnoses each name that one of them lacks, once.
    #[must_use]
    pub fn resolve(
        &self,
        ports: &PortExprs,
        destinations: &PodSets,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<(Ports, PodSets)> {
        let Some(fixed) = fixed(ports) else { return vec![(Ports::Any, destinations.clone())] };
        let named: Vec<Spanned<&Name>> = ports.iter().filter_map(named).collect();
        if named.is_empty() {
            return vec![(Ports::of(fixed), destinations.clone())];
        }
        let mut split: BTreeMap<Ports, Vec<PodSet>> = BTreeMap::new();
        let mut failed: Vec<Span> = Vec::new();
        for set in destinations.iter() {
            for (clusters, ranges) in self.variants(&named, *set, &mut failed, diagnostics) {
                let ports = Ports::of(fixed.iter().copied().chain(ranges).collect());
                let pods = split.entry(ports).or_default();
                match pods.last_mut() {
                    // Another number in another cluster, that the rest of the ports hold as well.
                    Some(last) if last.identity == set.identity => last.clusters = last.clusters | clusters,
                    Some(_) | None => pods.push(PodSet { identity: set.identity, clusters }),
                }
            }
        }
        split.into_iter().map(|(ports, pods)| (ports, pods.into())).collect()
    }

    /// The clusters of one set of pods, grouped by what the names mean there.
    fn variants(
        &self,
        named: &[Spanned<&Name>],
        set: PodSet,
        failed: &mut Vec<Span>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> BTreeMap<ClusterSet, Vec<PortRange>> {
        let mut by_ranges: BTreeMap<Vec<PortRange>, ClusterSet> = BTreeMap::new();
        for cluster in set.clusters.iter() {
            let mut ranges = Vec::with_capacity(named.len());
            for name in named {
                match self.meaning(set.identity, cluster, name.value) {
                    Meaning::One(range) => ranges.push(range),
                    _ if failed.contains(&name.span) => {}
                    Meaning::None => {
                        failed.push(name.span);
                        diagnostics.push(self.unknown(*name, set.identity, cluster));
                    }
                    Meaning::Two(first, second) => {
                        failed.push(name.span);
                        diagnostics.push(self.ambiguous(*name, set.identity, first, second));
                    }
                }
            }
            if ranges.len() == named.len() {
                let clusters = by_ranges.entry(ranges).or_default();
                clusters.insert(cluster);
            }
        }
        by_ranges.into_iter().map(|(ranges, clusters)| (clusters, ranges)).collect()
    }

    fn meaning(&self, identity: IdentityId, cluster: ClusterId, name: &Name) -> Meaning {
        let all = &self.names[identity];
        let first = all.partition_point(|definition| definition.name < name);
        let named = all.get(first..).unwrap_or_default().iter().take_while(|definition| definition.name == name);
        let mut here = named.filter(|definition| definition.clusters.contains(cluster));
        let Some(first) = here.next() else { return Meaning::None };
        match here.find(|other| other.range != first.range) {
            Some(other) => Meaning::Two(first.span, other.span),
            None => Meaning::One(first.range),
        }
    }

    fn unknown(&self, name: Spanned<&Name>, identity: IdentityId, cluster: ClusterId) -> Diagnostic {
        let (text, who) = (name.value, self.model.identity_name(identity));
        let place = &self.model.clusters[cluster].name.value;
        let known: Vec<String> = self.of(identity).map(|known| format!("`{known}`")).collect();
        let unlisted = self.model.identities[identity].pods == PodSelection::Unlisted;
        let help = if unlisted {
            format!(
                "`{who}` are the pods that no identity lists, and have no port names: name identities, or write a number such as `8080/tcp`"
            )
        } else if known.is_empty() {
            format!("write a number such as `8080/tcp`, or give `{who}` a `port {text} …` or a service with one")
        } else {
            format!("`{who}` has {}; or write a number such as `8080/tcp`", known.join(", "))
        };
        Diagnostic::new(codes::UNKNOWN_PORT_NAME, name.span, format!("`{who}` in `{place}` has no port named `{text}`"))
            .help(help)
    }

    fn ambiguous(&self, name: Spanned<&Name>, identity: IdentityId, first: Span, second: Span) -> Diagnostic {
        let (text, who) = (name.value, self.model.identity_name(identity));
        Diagnostic::new(codes::AMBIGUOUS_PORT_NAME, name.span, format!("`{text}` means two ports of `{who}`"))
            .related(first, "one meaning")
            .related(second, "another")
            .help("write the number, or rename one of the two")
    }
}

/// The numbers among a rule's ports, or nothing if it is about any port.
fn fixed(ports: &PortExprs) -> Option<Vec<PortRange>> {
    let mut ranges = Vec::new();
    for port in ports {
        match &port.value {
            PortExpr::Any => return None,
            PortExpr::Named(_) => {}
            PortExpr::Range(range) => ranges.push(*range),
            PortExpr::Icmp { ranges: types, .. } => ranges.extend_from_slice(types),
        }
    }
    (!ports.is_empty()).then_some(ranges)
}

fn named(port: &Spanned<PortExpr>) -> Option<Spanned<&Name>> {
    match &port.value {
        PortExpr::Named(name) => Some(Spanned::new(name, port.span)),
        PortExpr::Any | PortExpr::Range(_) | PortExpr::Icmp { .. } => None,
    }
}

/// The first port name of a rule, if it has one: for ends that have no names.
#[must_use]
pub fn first_name(ports: &PortExprs) -> Option<Spanned<&Name>> {
    ports.iter().find_map(named)
}

/// The ports of a rule without names.
#[must_use]
pub fn numbers(ports: &PortExprs) -> Ports {
    fixed(ports).map_or(Ports::Any, Ports::of)
}
