//! The half that is missing, as it would be written.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{Sources, Span, on_one_line};

use super::missing::{Ends, Missing, Width, Written};
use crate::check::ownership::may_speak;
use crate::model::{self, ClusterSet, Direction, IdentityId, NamespaceId, Place, Policy, RuleEnds};
use crate::plan::{Locality, Plan};

/// The missing rules and whom they are about.
pub(super) struct Half<'a> {
    plan: &'a Plan,
    sources: &'a Sources,
    /// The half that stands there.
    written: &'a model::Rule,
    missing: &'a Missing,
    /// Each missing rule with the subject of its policy.
    rules: Vec<(Vec<String>, String)>,
}

impl<'a> Half<'a> {
    pub(super) fn new(plan: &'a Plan, sources: &'a Sources, written: &'a model::Rule, missing: &'a Missing) -> Self {
        let mut half = Self { plan, sources, written, missing, rules: Vec::new() };
        let peers = match &written.ends {
            RuleEnds::OneEnded { peers, .. } => peers.as_slice(),
            RuleEnds::TwoEnded { .. } => &[],
        };
        let subjects = half.policy().subject.as_deref().unwrap_or_default();
        // Those in any cluster, then those that share one with the other end.
        for locality in [Locality::Anywhere, Locality::SubjectCluster] {
            let here = all(&missing.subjects, locality);
            let about = missing.peer_ends.values().filter_map(|end| {
                let found = of(&missing.peers, locality, end.place)?;
                Some(half.subject(peers.get(end.place)?, end, &found, here))
            });
            let about: Vec<String> = about.flatten().collect();
            let named = missing.subject_ends.values().filter_map(|end| {
                let found = of(&missing.subjects, locality, end.place)?;
                Some(half.peer(subjects.get(end.place)?, end, &found, locality))
            });
            let rule = half.rule(&named.collect::<Vec<_>>());
            if !about.is_empty() {
                half.rules.push((about, rule));
            }
        }
        half
    }

    /// What to write.
    pub(super) fn help(&self) -> String {
        let rules =
            self.rules.iter().map(|(subject, rule)| format!("`{rule}` to a policy for `{}`", subject.join(", ")));
        format!("add {}, or write one rule with `->`", rules.collect::<Vec<_>>().join(" and "))
    }

    /// An end of the rule as the subject of the other half: as it stands there, if all that it means are missing, else one by one. Of an end
    /// that shares its cluster with the others, all means those that do.
    fn subject(
        &self,
        peer: &model::Peer,
        end: &Written,
        found: &BTreeMap<IdentityId, ClusterSet>,
        here: ClusterSet,
    ) -> Vec<String> {
        let near = match end.locality {
            Locality::Anywhere => self.plan.model.all_clusters(),
            Locality::SubjectCluster => here,
        };
        let is_missing = |identity: IdentityId, clusters: ClusterSet| {
            (clusters & near).is_within(found.get(&identity).copied().unwrap_or_default())
        };
        if end.pods.iter().all(|set| is_missing(set.identity, set.clusters)) {
            return vec![match peer.place {
                Place::In(_, place) => format!("{} {}", self.end(peer), on_one_line(self.sources.text(place))),
                Place::Everywhere | Place::Local(_) => self.end(peer),
            }];
        }
        let model = &self.plan.model;
        let one = |(identity, clusters): (&IdentityId, &ClusterSet)| {
            let name = model.identity_name(*identity);
            let is_whole = is_missing(*identity, model.identities[*identity].clusters);
            if is_whole { name } else { format!("{name} {}", self.place(*clusters)) }
        };
        found.iter().map(one).collect()
    }

    /// A subject of the rule as a peer of the other half.
    fn peer(
        &self,
        peer: &model::Peer,
        end: &Written,
        found: &BTreeMap<IdentityId, ClusterSet>,
        locality: Locality,
    ) -> String {
        let name = self.end(peer);
        let one = (end.width == Width::One).then(|| end.pods.first()).flatten();
        let part = one.and_then(|set| found.get(&set.identity).filter(|clusters| **clusters != set.clusters));
        match (locality, part, peer.place) {
            (Locality::SubjectCluster, _, _) => format!("{name} in local"),
            (Locality::Anywhere, Some(clusters), _) => format!("{name} {}", self.place(*clusters)),
            (Locality::Anywhere, None, Place::In(_, place)) => {
                format!("{name} {}", on_one_line(self.sources.text(place)))
            }
            (Locality::Anywhere, None, Place::Everywhere | Place::Local(_)) => name,
        }
    }

    /// An end without its place.
    fn end(&self, peer: &model::Peer) -> String {
        let text = self.sources.text(peer.span);
        let place = match peer.place {
            Place::Everywhere => None,
            Place::Local(place) | Place::In(_, place) => place.start.checked_sub(peer.span.start),
        };
        // Where several ends in parentheses share a place, it stands behind them all.
        on_one_line(place.and_then(|place| text.get(..place as usize)).unwrap_or(text))
    }

    fn place(&self, clusters: ClusterSet) -> String {
        let names: Vec<&str> = clusters.iter().map(|id| self.plan.model.clusters[id].name.value.as_str()).collect();
        match names.as_slice() {
            [one] => format!("in {one}"),
            several => format!("in ({})", several.join(", ")),
        }
    }

    fn rule(&self, peers: &[String]) -> String {
        let Self { sources, written, missing, .. } = self;
        let list = |spans: &mut dyn Iterator<Item = Span>, separator: &str| {
            spans.map(|span| sources.text(span)).collect::<Vec<_>>().join(separator)
        };
        let ports = written.ports.iter().enumerate().filter(|(place, _)| missing.ports.contains(place));
        let ports = match list(&mut ports.map(|(_, port)| port.span), ", ") {
            ports if ports.is_empty() => ports,
            ports => format!(" on {ports}"),
        };
        let requests = match list(&mut written.requests.iter().map(|request| request.span), " ; ") {
            requests if requests.is_empty() => requests,
            requests => format!(" {{ {requests} }}"),
        };
        let keyword = match missing.direction {
            Direction::Egress => "from",
            Direction::Ingress => "to",
        };
        format!("allow {keyword} {}{ports}{requests}", peers.join(", "))
    }

    fn policy(&self) -> &'a Policy {
        &self.plan.model.policies[self.written.policy]
    }

    /// Where the missing half goes, and its text: into the one policy that has rules for just these pods, else into one of its own.
    pub(super) fn fix(&self) -> Option<(Span, String)> {
        let [(subject, rule)] = self.rules.as_slice() else { return None };
        self.beside(subject, rule).or_else(|| self.in_its_own(subject, rule))
    }

    fn beside(&self, subject: &[String], rule: &str) -> Option<(Span, String)> {
        let model = &self.plan.model;
        let text = |peer: &model::Peer| match peer.place {
            Place::In(_, place) => format!("{} {}", self.end(peer), on_one_line(self.sources.text(place))),
            Place::Everywhere | Place::Local(_) => self.end(peer),
        };
        let about = |policy: &Policy| {
            policy.subject.is_some() && policy.subject.iter().flatten().map(text).eq(subject.iter().cloned())
        };
        let mut fitting = model.policies.iter().filter(|(_, policy)| about(policy));
        let (Some((id, _)), None) = (fitting.next(), fitting.next()) else { return None };
        let last = model.rules.rows().iter().rfind(|other| other.policy == id)?.span;
        let before = Span::new(last.file, 0, last.start);
        let line = self.sources.text(before).rsplit('\n').next().unwrap_or_default();
        let gap = if line.trim().is_empty() { format!("\n{line}") } else { " ; ".to_owned() };
        Some((Span::new(last.file, last.end, last.end), format!("{gap}{rule}")))
    }

    fn in_its_own(&self, subject: &[String], rule: &str) -> Option<(Span, String)> {
        let (model, policy) = (&self.plan.model, self.policy());
        let file = policy.span.file;
        let peers = self.missing.peers.keys().map(|(_, _, peer)| model.identities[*peer].namespace);
        let namespaces: BTreeSet<NamespaceId> = peers.collect();
        if !namespaces.iter().all(|namespace| may_speak(model, self.sources, file, *namespace)) {
            return None;
        }
        let name = self.fresh_name()?;
        let text = format!("\n\npolicy {name} for {} {{\n  {rule}\n}}", subject.join(", "));
        Some((Span::new(file, policy.span.end, policy.span.end), text))
    }

    /// A name that no policy has: that of the half that stands there, and the direction.
    fn fresh_name(&self) -> Option<String> {
        let direction = match self.missing.direction {
            Direction::Egress => "ingress",
            Direction::Ingress => "egress",
        };
        let taken: BTreeSet<&str> =
            self.plan.model.policies.rows().iter().map(|policy| policy.name.value.as_str()).collect();
        let base = format!("{}-{direction}", self.policy().name.value);
        let numbered = (2..).map(|number: u32| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name.as_str()))?;
        (free.len() <= MAX_NAME).then_some(free)
    }
}

/// Everywhere that ends are.
fn all(ends: &Ends, locality: Locality) -> ClusterSet {
    let found = ends.iter().filter(|((own, _, _), _)| *own == locality);
    found.fold(ClusterSet::EMPTY, |all, (_, clusters)| all | *clusters)
}

/// The pods of one written end, if there are some.
fn of(ends: &Ends, locality: Locality, place: usize) -> Option<BTreeMap<IdentityId, ClusterSet>> {
    let own = ends.iter().filter(|((own, written, _), _)| (*own, *written) == (locality, place));
    let own: BTreeMap<_, _> = own.map(|((_, _, identity), clusters)| (*identity, *clusters)).collect();
    (!own.is_empty()).then_some(own)
}

/// A DNS-1123 label.
const MAX_NAME: usize = 63;
