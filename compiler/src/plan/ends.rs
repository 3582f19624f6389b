//! The ends of rules as sets of pods and as what else a rule can name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fleetnet_lang::{Diagnostic, Span};

use super::{Locality, Peer};
use crate::codes::policy as codes;
use crate::model::{self, BuiltIn, ClusterSet, IdentityId, Model, PeerEnd, Place, PodSet, PodSets, Table};

/// The ends of one side of a rule.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    /// Pods of the fleet, one element for each end as written.
    pub pods: Vec<Pods>,
    /// Everything else.
    pub others: Vec<Other>,
}

/// Pods of the fleet as one end of a rule.
#[derive(Clone, Debug)]
pub struct Pods {
    /// Which.
    pub pods: PodSets,
    /// Whether only those of the subject's cluster.
    pub locality: Locality,
    /// The text.
    pub span: Span,
}

/// An end that the fleet doesn't govern.
#[derive(Clone, Debug)]
pub struct Other {
    /// Who.
    pub peer: Peer,
    /// The text.
    pub span: Span,
}

/// Turns written ends into sets, sharing those that occur again, also among threads.
pub struct Expander<'a> {
    model: &'a Model,
    shared: Mutex<BTreeMap<Vec<PodSet>, PodSets>>,
    /// All pods of each identity, once they are asked for: what most ends are.
    whole: Table<IdentityId, OnceLock<PodSets>>,
    identities: BTreeMap<crate::model::NamespaceId, Vec<IdentityId>>,
}

impl<'a> Expander<'a> {
    /// An expander over a model.
    #[must_use]
    pub fn new(model: &'a Model) -> Self {
        let mut identities: BTreeMap<_, Vec<IdentityId>> = BTreeMap::new();
        for (id, identity) in model.identities.iter() {
            identities.entry(identity.namespace).or_default().push(id);
        }
        let whole = model.identities.ids().map(|_| OnceLock::new()).collect::<Vec<_>>().into();
        Self { model, shared: Mutex::default(), whole, identities }
    }

    /// The one shared copy of some sets.
    pub fn share(&self, sets: Vec<PodSet>) -> PodSets {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shared.get(&sets) {
            return known.clone();
        }
        let new: PodSets = Arc::from(sets.as_slice());
        shared.insert(sets, new.clone());
        new
    }

    /// The union of sets, sorted by identity.
    pub fn union<'b>(&self, parts: impl IntoIterator<Item = &'b PodSets>) -> PodSets {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return self.share(Vec::new()) };
        let mut rest = parts.peekable();
        if rest.peek().is_none() {
            return first.clone();
        }
        let mut joined: BTreeMap<IdentityId, ClusterSet> = BTreeMap::new();
        for set in std::iter::once(first).chain(rest).flat_map(|part| part.iter()) {
            let clusters = joined.entry(set.identity).or_default();
            *clusters = *clusters | set.clusters;
        }
        self.share(joined.into_iter().map(|(identity, clusters)| PodSet { identity, clusters }).collect())
    }

    /// The ends behind what is written. An end that runs nowhere is diagnosed and left out.
    pub fn ends(&self, written: &[model::Peer], diagnostics: &mut Vec<Diagnostic>) -> Ends {
        let mut ends = Ends::default();
        for peer in written {
            match self.identities(&peer.end) {
                Some(identities) => ends.pods.extend(self.pods(&identities, peer, diagnostics)),
                None => ends.others.extend(self.others(peer, diagnostics)),
            }
        }
        ends
    }

    /// The identities of an end that is pods of the fleet's.
    fn identities<'e>(&'e self, end: &'e PeerEnd) -> Option<Cow<'e, [IdentityId]>> {
        match end {
            PeerEnd::Identity(identity) => Some(Cow::Borrowed(std::slice::from_ref(identity))),
            PeerEnd::Namespace(namespace) => {
                Some(Cow::Borrowed(self.identities.get(namespace).map_or(&[], Vec::as_slice)))
            }
            PeerEnd::Group(group) => Some(Cow::Borrowed(&self.model.groups[*group].members)),
            PeerEnd::All => Some(self.model.identities.ids().collect()),
            PeerEnd::External(_) | PeerEnd::Cidr(_) | PeerEnd::Dns(_) | PeerEnd::BuiltIn(_) => None,
        }
    }

    fn pods(&self, identities: &[IdentityId], peer: &model::Peer, diagnostics: &mut Vec<Diagnostic>) -> Option<Pods> {
        let (within, locality) = match peer.place {
            Place::Everywhere => (None, Locality::Anywhere),
            Place::Local(_) => (None, Locality::SubjectCluster),
            Place::In(clusters, place) => (Some((clusters, place)), Locality::Anywhere),
        };
        let clusters = |identity: IdentityId| {
            let all = self.model.identities[identity].clusters;
            within.map_or(all, |(within, _)| all & within)
        };
        let sets = || -> Vec<PodSet> {
            let placed = identities.iter().map(|id| PodSet { identity: *id, clusters: clusters(*id) });
            placed.filter(|set| !set.clusters.is_empty()).collect()
        };
        let pods = match (identities, within) {
            ([one], None) => self.whole[*one].get_or_init(|| self.share(sets())).clone(),
            (_, _) => self.share(sets()),
        };
        // A group without members has its own diagnostic where it is declared.
        if pods.is_empty() && !identities.is_empty() {
            diagnostics.extend(within.map(|(_, place)| absent(peer.span, place)));
            return None;
        }
        Some(Pods { pods, locality, span: peer.span })
    }

    fn others(&self, peer: &model::Peer, diagnostics: &mut Vec<Diagnostic>) -> Vec<Other> {
        let (clusters, locality, place) = match peer.place {
            Place::Everywhere => (self.model.all_clusters(), Locality::Anywhere, None),
            Place::Local(span) => (self.model.all_clusters(), Locality::SubjectCluster, Some(span)),
            Place::In(clusters, span) => (clusters, Locality::Anywhere, Some(span)),
        };
        let peers = match &peer.end {
            PeerEnd::External(external) => self.external(*external, clusters, locality),
            PeerEnd::Cidr(block) => vec![Peer::Cidr(block.clone())],
            PeerEnd::Dns(pattern) => vec![Peer::Dns(pattern.clone())],
            PeerEnd::BuiltIn(built_in) => vec![built_in_peer(*built_in, clusters, locality)],
            PeerEnd::Identity(_) | PeerEnd::Namespace(_) | PeerEnd::Group(_) | PeerEnd::All => Vec::new(),
        };
        let has_pods = peers.iter().any(|peer| matches!(peer, Peer::Foreign { .. } | Peer::ForeignPods { .. }));
        if let (Some(place), false) = (place, has_pods) {
            diagnostics.push(
                Diagnostic::new(codes::PLACE_OF_NO_POD, place, "only pods run in clusters").help("leave the place out"),
            );
        }
        peers.into_iter().map(|converted| Other { peer: converted, span: peer.span }).collect()
    }

    fn external(&self, external: model::ExternalId, clusters: ClusterSet, locality: Locality) -> Vec<Peer> {
        let external = &self.model.externals[external];
        let cidrs = external.cidrs.iter().map(|block| Peer::Cidr(block.value.clone()));
        let names = external.names.iter().map(|name| Peer::Dns(name.value.clone()));
        let pods = external.pods.iter().map(|pods| Peer::ForeignPods { pods: pods.value.clone(), clusters, locality });
        cidrs.chain(names).chain(pods).collect()
    }
}

fn built_in_peer(built_in: BuiltIn, clusters: ClusterSet, locality: Locality) -> Peer {
    match built_in {
        BuiltIn::Foreign => Peer::Foreign { clusters, locality },
        BuiltIn::World => Peer::World,
        BuiltIn::Host => Peer::Host,
        BuiltIn::RemoteNodes => Peer::RemoteNodes,
        BuiltIn::KubeApiserver => Peer::KubeApiserver,
        BuiltIn::Gateways => Peer::Gateways,
        BuiltIn::ClusterDns => Peer::ClusterDns,
        BuiltIn::CloudMetadata => Peer::CloudMetadata,
    }
}

fn absent(span: Span, place: Span) -> Diagnostic {
    Diagnostic::new(codes::ABSENT_PEER, span, "this runs in none of these clusters")
        .related(place, "looked for here")
        .help("name clusters where it runs, or leave the place out")
}
