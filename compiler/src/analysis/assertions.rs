//! `can` and `cannot`: which flows they speak of, and whether those pass.

use std::ops::ControlFlow;

use fleetnet_lang::{Diagnostic, Span};

use super::partners::{Covered, Partners, address_of};
use super::ports::PortMask;
use super::proof::Counterexample;
use super::question::{Claim, Question, Written};
use super::reach::Reach;
use super::universe::{Class, representatives};
use crate::codes::proof as codes;
use crate::model::{self, ClusterId, ClusterSet, IdentityId, PodSets, Protocol, Spanned, Transport};
use crate::plan::{self, Peer, Plan, Ports};
use crate::semantics::{End, Flow, Subject, WorldEnd, decide, is_cloud_metadata, is_peer, seen};

/// The ends of some classes, one of those that no rule tells apart.
fn told_apart<'u>(plan: &Plan, universe: &'u [Class]) -> Vec<&'u End> {
    let all: Vec<&End> = universe.iter().map(|class| &class.end).collect();
    representatives(plan, &all, |_| ()).into_iter().filter_map(|place| all.get(place).copied()).collect()
}

/// The ends that assertions are asked of, and who of them may reach whom.
pub struct Everybody<'u> {
    ends: Vec<&'u End>,
    partners: Partners<'u>,
}

impl<'u> Everybody<'u> {
    /// The ends of some classes that rules tell apart.
    #[must_use]
    pub fn new(plan: &'u Plan, universe: &'u [Class]) -> Self {
        let ends = told_apart(plan, universe);
        Self { partners: Partners::new(plan, &ends), ends }
    }

    /// The places of the ends that can be what is written, in order. Pods of the fleet are found without looking at everybody.
    fn places(&self, written: &[Written], may_be: impl Fn(&End) -> bool) -> Vec<usize> {
        let pods: Option<Vec<&PodSets>> = written.iter().flat_map(|written| &written.peers).map(Peer::pods).collect();
        let Some(pods) = pods else {
            return self.ends.iter().enumerate().filter(|(_, end)| may_be(end)).map(|(place, _)| place).collect();
        };
        let mut places: Vec<usize> = pods.into_iter().flat_map(|pods| self.partners.pods(pods)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// The smallest flow that shows an assertion to be wrong, if one does. Ends that nobody is go to `invalid`.
pub fn ask(
    plan: &Plan,
    reach: &Reach<'_>,
    everybody: &Everybody<'_>,
    question: &Question,
    lost: ClusterSet,
    invalid: &mut Vec<Diagnostic>,
) -> Option<Counterexample> {
    let asking = Asking::new(plan, reach, question);
    let is_left = |end: &&End| end.cluster().is_none_or(|cluster| !lost.contains(cluster));
    let end_at = |place: &usize| everybody.ends.get(*place).copied();
    let among = |written: &[Written]| -> Vec<usize> {
        let places = everybody.places(written, |end| written.iter().any(|written| asking.may_be(written, end)));
        places.into_iter().filter(|place| end_at(place).is_some_and(|end| is_left(&end))).collect()
    };
    let [sources, destinations] = [&question.from, &question.to].map(|written| among(written));
    let ends = |places: &[usize]| places.iter().filter_map(end_at).collect();
    let parties = Parties { sources: ends(&sources), destinations: ends(&destinations) };
    let idle = asking.idle(&parties);
    if !idle.is_empty() {
        invalid.extend(idle);
        return None;
    }
    let mut broken = None;
    let mut visit = |source: &End, destination: &End| {
        broken = asking.broken(source, destination);
        if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match question.claim {
        Claim::Open => {}
        Claim::Can => asking.each_flow(&parties, visit),
        // Only what may pass can break it.
        Claim::Cannot => {
            let mut asked = Covered::default();
            for source in &parties.sources {
                let places = everybody.partners.unasked(source, &asking.told(source), &mut asked).into_iter();
                let mut others =
                    places.filter(|place| destinations.binary_search(place).is_ok()).filter_map(|place| end_at(&place));
                if others.any(|other| asking.is_about(source, other) && visit(source, other).is_break()) {
                    break;
                }
            }
        }
    }
    broken
}

/// The flows that a question speaks of: pairs of ends, in order of the classes, with the ports asked about; nothing where they are more than
/// `most`, each class of ports counted. Ends that nobody is go to `invalid`.
pub fn flows<'u>(
    plan: &Plan,
    reach: &Reach<'_>,
    universe: &'u [Class],
    question: &Question,
    most: usize,
    invalid: &mut Vec<Diagnostic>,
) -> Option<Vec<(&'u End, &'u End, PortMask)>> {
    let asking = Asking::new(plan, reach, question);
    let mut flows = Vec::new();
    let parties = asking.parties(universe);
    let mut ports_of_all = 0;
    asking.each_flow(&parties, |source, destination| {
        let Some(ports) = asking.asked(destination) else { return ControlFlow::Continue(()) };
        flows.push((source, destination, ports.clone()));
        ports_of_all += reach.ports.of(ports).count();
        if ports_of_all <= most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if ports_of_all > most {
        return None;
    }
    invalid.extend(asking.idle(&parties));
    Some(flows)
}

fn nobody(span: Span, claim: Claim) -> Diagnostic {
    let help = match claim {
        Claim::Can | Claim::Cannot => "name somebody who is there under the test's assumptions",
        Claim::Open => "name somebody who is there: the identity or group may run nowhere, or not in this cluster",
    };
    Diagnostic::new(codes::NOBODY_LEFT, span, "nobody is left at this end").help(help)
}

/// Which of the written ends took part.
struct Met {
    from: Vec<bool>,
    to: Vec<bool>,
}

impl Met {
    fn all(&self) -> bool {
        self.from.iter().chain(&self.to).all(|met| *met)
    }
}

/// The ends that a question may be about.
struct Parties<'u> {
    sources: Vec<&'u End>,
    destinations: Vec<&'u End>,
}

/// Which end of a flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Source,
    Destination,
}

struct Asking<'a> {
    plan: &'a Plan,
    reach: &'a Reach<'a>,
    question: &'a Question,
    ports: Vec<(PortMask, &'a PodSets)>,
    elsewhere: PortMask,
}

impl<'a> Asking<'a> {
    fn new(plan: &'a Plan, reach: &'a Reach<'a>, question: &'a Question) -> Self {
        let tcp = reach.ports.select(|class| class.protocol == Protocol::Transport(Transport::Tcp));
        let mask = |ports: &Ports| {
            let mut mask = reach.ports.mask(ports);
            if question.request.is_some() {
                mask.keep(&tcp);
            }
            mask
        };
        let ports = question.on_pods.iter().map(|(ports, pods)| (mask(ports), pods)).collect();
        Self { plan, reach, question, ports, elsewhere: mask(&question.elsewhere) }
    }

    /// The classes that can be what is written.
    fn parties<'u>(&self, universe: &'u [Class]) -> Parties<'u> {
        let ends = told_apart(self.plan, universe);
        let among = |written: &[Written]| -> Vec<&'u End> {
            let meant = |end: &&&End| written.iter().any(|written| self.may_be(written, end));
            ends.iter().filter(meant).copied().collect()
        };
        Parties { sources: among(&self.question.from), destinations: among(&self.question.to) }
    }

    /// Findings about written ends that nobody is, or that take part in no flow.
    fn idle(&self, parties: &Parties<'_>) -> Vec<Diagnostic> {
        let Question { from, to, .. } = self.question;
        let Parties { sources, destinations } = parties;
        let mut met = Met { from: vec![false; from.len()], to: vec![false; to.len()] };
        // In most assertions the first flow has everybody. What is no pod stands last among the ends.
        let mut pairs = sources.iter().flat_map(|source| destinations.iter().rev().map(move |other| (source, other)));
        while let (false, Some((source, destination))) = (met.all(), pairs.next()) {
            self.note(source, destination, &mut met);
        }
        let written = from.iter().zip(&met.from).chain(to.iter().zip(&met.to));
        let idle: Vec<&Written> = written.filter(|(_, met)| !**met).map(|(written, _)| written).collect();
        let is_nobody = |written: &&&Written| !sources.iter().chain(destinations).any(|end| self.may_be(written, end));
        let mut found: Vec<Diagnostic> =
            idle.iter().filter(is_nobody).map(|written| nobody(written.span, self.question.claim)).collect();
        // Who has nobody to talk to is no finding of its own where the other end is nobody.
        if let (true, Some(first)) = (found.is_empty(), idle.first()) {
            let own = idle.iter().find_map(|written| self.own_address(written));
            found.push(own.unwrap_or_else(|| {
                let message = "the fleet decides no flow between these ends";
                let silent = Diagnostic::new(codes::NOBODY_LEFT, first.span, message);
                silent.help("one end must be pods of the fleet, the other somebody whom they can meet")
            }));
        }
        found
    }

    /// That what is written is an address of the fleet's own. Whoever has it is known by who they are wherever the other end looks.
    fn own_address(&self, written: &Written) -> Option<Diagnostic> {
        let mut blocks = written.peers.iter().filter_map(Peer::block);
        let block = blocks.next()?;
        let holds = |cidrs: &[Spanned<model::Cidr>]| cidrs.iter().any(|cidr| cidr.value.contains(&block.cidr));
        let (cluster, whose, help) = self.plan.model.clusters.rows().iter().find_map(|cluster| {
            let kinds = [
                (&cluster.pods, "pods", "ask about the identity that runs there, as in `shop/web in CLUSTER`"),
                (&cluster.nodes, "nodes", "ask about `host`, `remote-nodes` or `kube-apiserver`"),
                (&cluster.services, "services", "ask about the pods behind the service"),
            ];
            let (_, whose, help) = kinds.into_iter().find(|(cidrs, _, _)| holds(cidrs))?;
            Some((&cluster.name.value, whose, help))
        })?;
        let message = format!("this is an address of the {whose} of `{cluster}`, which are known here by who they are");
        Some(Diagnostic::new(codes::NOBODY_LEFT, written.span, message).help(help))
    }

    /// Visits the flows between the parties until told to stop.
    fn each_flow<'u>(&self, parties: &Parties<'u>, mut visit: impl FnMut(&'u End, &'u End) -> ControlFlow<()>) {
        for source in &parties.sources {
            for destination in &parties.destinations {
                if self.is_about(source, destination) && visit(source, destination).is_break() {
                    return;
                }
            }
        }
    }

    /// The blocks that sources are written with and that a source's address is in, by their place among what is written.
    fn told(&self, source: &End) -> Vec<usize> {
        let Some(address) = address_of(source) else { return Vec::new() };
        let peers = self.question.from.iter().flat_map(|written| &written.peers);
        let is_inside = |peer: &Peer| matches!(peer, Peer::Cidr(block) if block.contains(address));
        (0..).zip(peers).filter(|(_, peer)| is_inside(peer)).map(|(place, _)| place).collect()
    }

    /// Whether an end can be what is written at all.
    fn may_be(&self, written: &Written, end: &End) -> bool {
        written.peers.iter().any(|peer| match (peer, end) {
            (Peer::Pods { pods, .. }, End::Pod { identity, cluster, .. }) => plan::contains(pods, *identity, *cluster),
            (Peer::Pods { .. }, _) => false,
            (Peer::Cidr(_), End::Pod { .. }) => self.question.claim != Claim::Can,
            (_, End::Pod { .. }) => self.question.claim == Claim::Cannot,
            (_, _) => true,
        })
    }

    /// Notes for each written end whether it takes part in a flow between two ends.
    fn note(&self, source: &End, destination: &End, met: &mut Met) {
        if !self.is_about(source, destination) {
            return;
        }
        for (met, written) in met.from.iter_mut().zip(&self.question.from) {
            *met |= self.is(written, Role::Source, source, destination);
        }
        for (met, written) in met.to.iter_mut().zip(&self.question.to) {
            *met |= self.is(written, Role::Destination, destination, source);
        }
    }

    /// Whether two ends are a flow of the assertion.
    fn is_about(&self, source: &End, destination: &End) -> bool {
        let Question { from, to, .. } = self.question;
        super::reach::is_flow(source, destination)
            && from.iter().any(|written| self.is(written, Role::Source, source, destination))
            && to.iter().any(|written| self.is(written, Role::Destination, destination, source))
    }

    fn is(&self, written: &Written, role: Role, end: &End, other: &End) -> bool {
        written.peers.iter().any(|peer| self.stands_for(peer, role, end, other))
    }

    /// Whether what is written speaks of an end, given the other. Pods of the fleet are who they are; anything else is judged as the other end's
    /// pod sees it.
    fn stands_for(&self, peer: &Peer, role: Role, end: &End, other: &End) -> bool {
        if let Peer::Pods { pods, locality } = peer {
            let End::Pod { identity, cluster, .. } = end else { return false };
            let beside = other.cluster().is_none_or(|other| locality.admits(other, *cluster));
            return plan::contains(pods, *identity, *cluster) && beside;
        }
        let End::Pod { identity, cluster, .. } = other else { return false };
        let promised = match (self.question.claim, peer, end) {
            // What a `can` promises to the world it promises to those outside the fleet.
            (Claim::Can | Claim::Open, Peer::World, End::World(WorldEnd::Address(address))) => {
                !is_cloud_metadata(*address)
            }
            (Claim::Can | Claim::Open, Peer::World | Peer::CloudMetadata, end) | (Claim::Can, Peer::Cidr(_), end) => {
                matches!(end, End::World(WorldEnd::Address(_)))
            }
            (Claim::Can | Claim::Cannot | Claim::Open, _, End::World(WorldEnd::Name(_))) => role == Role::Destination,
            (Claim::Can | Claim::Cannot | Claim::Open, _, _) => true,
        };
        let subject = Subject { identity: *identity, cluster: *cluster };
        promised && is_peer(self.plan, subject, peer, &seen(self.plan, *cluster, end))
    }

    /// The first flow between two ends that breaks the claim.
    fn broken(&self, source: &End, destination: &End) -> Option<Counterexample> {
        let asked = self.asked(destination)?;
        let passing = self.reach.passing(source, destination)?;
        let mut wrong = asked.clone();
        match self.question.claim {
            Claim::Can => wrong.remove(&passing),
            Claim::Cannot => wrong.keep(&passing),
            Claim::Open => return None,
        }
        // Which requests a connection admits, only the reference says.
        let judged = if self.question.request.is_some() { asked } else { &wrong };
        self.reach.ports.of(judged).find_map(|class| {
            let flow = Flow {
                source: source.clone(),
                destination: destination.clone(),
                protocol: class.protocol,
                port: class.first,
                request: self.question.request.clone(),
            };
            let verdict = decide(self.plan, &flow);
            let passes = verdict.passes();
            (passes == (self.question.claim == Claim::Cannot)).then_some(Counterexample { flow, verdict })
        })
    }

    /// The ports that are asked about at a destination.
    fn asked(&self, destination: &End) -> Option<&PortMask> {
        let of_pod = |identity: IdentityId, cluster: ClusterId| {
            let mut found = self.ports.iter().filter(move |(_, pods)| plan::contains(pods, identity, cluster));
            found.next().map(|(mask, _)| mask)
        };
        match destination {
            // A pod that is asked about as an address has no port names.
            End::Pod { identity, cluster, .. } => of_pod(*identity, *cluster).or(Some(&self.elsewhere)),
            End::Foreign { .. }
            | End::ClusterDns { .. }
            | End::Host { .. }
            | End::RemoteNode { .. }
            | End::KubeApiserver { .. }
            | End::Gateway { .. }
            | End::World(_) => Some(&self.elsewhere),
        }
    }
}
