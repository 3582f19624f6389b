//! The half that is missing, as it would be written.

use std::collections::BTreeSet;

use fleetnet_lang::{Sources, Span};

use super::Missing;
use crate::check::ownership::may_speak;
use crate::model::{self, Direction, NamespaceId, Place, Policy};
use crate::plan::{Expander, Locality, Plan, Rule};

/// The missing rule and whom it is about.
pub(super) struct Half<'a> {
    plan: &'a Plan,
    sources: &'a Sources,
    /// The half that stands there.
    written: &'a model::Rule,
    /// Whom the missing half is about, as a policy's subject: those in any cluster, then those that share one with the other end.
    subjects: [Vec<String>; 2],
    namespaces: BTreeSet<NamespaceId>,
    keyword: &'static str,
}

impl<'a> Half<'a> {
    pub(super) fn new(plan: &'a Plan, sources: &'a Sources, rule: &Rule, missing: &Missing) -> Self {
        let written = &plan.model.rules[rule.source];
        let (keyword, peers) = match &written.ends {
            model::RuleEnds::OneEnded { direction: Direction::Egress, peers } => ("from", peers.as_slice()),
            model::RuleEnds::OneEnded { direction: Direction::Ingress, peers } => ("to", peers.as_slice()),
            model::RuleEnds::TwoEnded { .. } => ("", [].as_slice()),
        };
        let namespaces = missing.peers.keys().map(|peer| plan.model.identities[*peer].namespace).collect();
        let mut half = Self { plan, sources, written, subjects: [Vec::new(), Vec::new()], namespaces, keyword };
        for peer in peers {
            half.add(peer, missing);
        }
        half
    }

    /// Adds the missing ones of an end: the end as it stands there, if all that it means are missing, else one by one.
    fn add(&mut self, peer: &model::Peer, missing: &Missing) {
        let ends = Expander::new(&self.plan.model).ends(std::slice::from_ref(peer), &mut Vec::new());
        let Some(pods) = ends.pods.first() else { return };
        let ids: Vec<_> =
            pods.pods.iter().map(|set| set.identity).filter(|id| missing.peers.contains_key(id)).collect();
        let who = if ids.len() == pods.pods.len() {
            vec![self.end(peer)]
        } else {
            ids.iter().map(|id| self.plan.model.identity_name(*id)).collect()
        };
        let place = match peer.place {
            Place::In(_, span) => format!(" {}", self.sources.text(span)),
            Place::Everywhere | Place::Local(_) => String::new(),
        };
        let [anywhere, local] = &mut self.subjects;
        let subjects = match pods.locality {
            Locality::Anywhere => anywhere,
            Locality::SubjectCluster => local,
        };
        subjects.extend(who.into_iter().map(|who| format!("{who}{place}")));
    }

    /// An end without its place.
    fn end(&self, peer: &model::Peer) -> String {
        let text = self.sources.text(peer.span);
        let place = match peer.place {
            Place::Everywhere => None,
            Place::Local(place) | Place::In(_, place) => place.start.checked_sub(peer.span.start),
        };
        // Where several ends in parentheses share a place, it stands behind them all.
        place.and_then(|place| text.get(..place as usize)).unwrap_or(text).trim_end().to_owned()
    }

    /// What to write.
    pub(super) fn help(&self) -> String {
        let rules = self.rules().map(|(subject, rule)| format!("`{rule}` to a policy for `{}`", subject.join(", ")));
        format!("add {}, or write one rule with `->`", rules.collect::<Vec<_>>().join(" and "))
    }

    /// Each missing rule with the subject of its policy.
    fn rules(&self) -> impl Iterator<Item = (&[String], String)> {
        let [anywhere, local] = &self.subjects;
        let each = [(anywhere, Locality::Anywhere), (local, Locality::SubjectCluster)].into_iter();
        each.filter(|(subject, _)| !subject.is_empty())
            .map(|(subject, locality)| (subject.as_slice(), self.rule(locality)))
    }

    fn rule(&self, locality: Locality) -> String {
        let subject = self.policy().subject.iter().flatten();
        let peers: Vec<String> = subject.map(|peer| self.peer(peer, locality)).collect();
        let Self { sources, written, keyword, .. } = self;
        let list = |spans: &mut dyn Iterator<Item = Span>, separator: &str| {
            spans.map(|span| sources.text(span)).collect::<Vec<_>>().join(separator)
        };
        let ports = match list(&mut written.ports.iter().map(|port| port.span), ", ") {
            ports if ports.is_empty() => ports,
            ports => format!(" on {ports}"),
        };
        let requests = match list(&mut written.requests.iter().map(|request| request.span), " ; ") {
            requests if requests.is_empty() => requests,
            requests => format!(" {{ {requests} }}"),
        };
        format!("allow {keyword} {}{ports}{requests}", peers.join(", "))
    }

    fn peer(&self, peer: &model::Peer, locality: Locality) -> String {
        match (locality, peer.place) {
            (Locality::Anywhere, Place::In(_, place)) => format!("{} {}", self.end(peer), self.sources.text(place)),
            (Locality::Anywhere, Place::Everywhere | Place::Local(_)) => self.end(peer),
            (Locality::SubjectCluster, _) => format!("{} in local", self.end(peer)),
        }
    }

    fn policy(&self) -> &'a Policy {
        &self.plan.model.policies[self.written.policy]
    }

    /// Where the missing half goes, and its text: into the one policy that has rules for just these pods, else into one of its own.
    pub(super) fn fix(&self) -> Option<(Span, String)> {
        let mut rules = self.rules();
        let (Some((subject, rule)), None) = (rules.next(), rules.next()) else { return None };
        // The other end of an `in local` of pods with a place of their own would have to be cut to it.
        let placed = |peer: &model::Peer| matches!(peer.place, Place::In(..));
        let local = self.subjects.last().is_some_and(|local| !local.is_empty());
        if local && self.policy().subject.iter().flatten().any(placed) {
            return None;
        }
        self.beside(subject, &rule).or_else(|| self.in_its_own(subject, &rule))
    }

    fn beside(&self, subject: &[String], rule: &str) -> Option<(Span, String)> {
        let model = &self.plan.model;
        let about = |policy: &Policy| {
            let written = policy.subject.iter().flatten().map(|peer| self.peer(peer, Locality::Anywhere));
            policy.subject.is_some() && written.eq(subject.iter().map(String::as_str))
        };
        let mut fitting = model.policies.iter().filter(|(_, policy)| about(policy));
        let (Some((id, _)), None) = (fitting.next(), fitting.next()) else { return None };
        let last = model.rules.rows().iter().filter(|other| other.policy == id).map(|other| other.span).max()?;
        let before = Span::new(last.file, 0, last.start);
        let line = self.sources.text(before).rsplit('\n').next().unwrap_or_default();
        let gap = if line.trim().is_empty() { format!("\n{line}") } else { " ; ".to_owned() };
        Some((Span::new(last.file, last.end, last.end), format!("{gap}{rule}")))
    }

    fn in_its_own(&self, subject: &[String], rule: &str) -> Option<(Span, String)> {
        let (model, policy) = (&self.plan.model, self.policy());
        let file = policy.span.file;
        if !self.namespaces.iter().all(|namespace| may_speak(model, self.sources, file, *namespace)) {
            return None;
        }
        let name = self.fresh_name()?;
        let text = format!("\n\npolicy {name} for {} {{\n  {rule}\n}}", subject.join(", "));
        Some((Span::new(file, policy.span.end, policy.span.end), text))
    }

    /// A name that no policy has: that of the half that stands there, and the direction.
    fn fresh_name(&self) -> Option<String> {
        let direction = if self.keyword == "from" { "ingress" } else { "egress" };
        let taken: BTreeSet<&str> =
            self.plan.model.policies.rows().iter().map(|policy| policy.name.value.as_str()).collect();
        let base = format!("{}-{direction}", self.policy().name.value);
        let numbered = (2..).map(|number: u32| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name.as_str()))?;
        (free.len() <= MAX_NAME).then_some(free)
    }
}

/// A DNS-1123 label.
const MAX_NAME: usize = 63;
