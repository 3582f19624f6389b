//! Assertions with their names resolved, and questions that are written like them.

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::policy;
use crate::model::{self, PodSets, Protocol, Request, Spanned, Transport};
use crate::plan::{self, Expander, Peer, Plan, PortNames, Ports};

/// What an assertion says of its flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// All of them pass.
    Can,
    /// None of them passes.
    Cannot,
    /// Nothing: it is a question. It speaks of those outside the fleet as a `can` does, but an address may be anybody's whom the other end
    /// doesn't know.
    Open,
}

/// An assertion with its names resolved.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is said of the flows.
    pub claim: Claim,
    /// Where they come from.
    pub from: Vec<Written>,
    /// Where they go to.
    pub to: Vec<Written>,
    /// What the ports are on which pods.
    pub on_pods: Vec<(Ports, PodSets)>,
    /// What they are on anything else.
    pub elsewhere: Ports,
    /// What is sent.
    pub request: Option<Request>,
}

/// One end as written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Whom it means.
    pub peers: Vec<Peer>,
    /// Where it stands.
    pub span: Span,
}

/// What the words of assertions stand for.
pub struct Words<'a> {
    expander: Expander<'a>,
    names: PortNames<'a>,
}

impl<'a> Words<'a> {
    /// The words of a model.
    #[must_use]
    pub fn new(model: &'a model::Model) -> Self {
        Self { expander: Expander::new(model), names: PortNames::new(model) }
    }
}

impl Question {
    /// Resolves an assertion; nothing if it says something that can't be asked.
    #[must_use]
    pub fn new(plan: &Plan, claim: Claim, written: &model::Reach, invalid: &mut Vec<Diagnostic>) -> Option<Self> {
        Self::read(&mut Words::new(&plan.model), claim, written, invalid)
    }

    /// As [`Question::new`], for one of several.
    pub fn read(
        words: &mut Words<'_>,
        claim: Claim,
        written: &model::Reach,
        invalid: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let before = invalid.len();
        let Words { expander, names } = words;
        let mut ends = |written: &[model::Peer]| {
            let of_one = written.iter().map(|peer| {
                let found = expander.ends(std::slice::from_ref(peer), invalid);
                let pods = found.pods.into_iter().map(|pods| Peer::Pods { pods: pods.pods, locality: pods.locality });
                let peers = pods.chain(found.others.into_iter().map(|other| other.peer)).collect();
                Written { peers, span: peer.span }
            });
            of_one.collect::<Vec<Written>>()
        };
        let (from, to) = (ends(&written.from), ends(&written.to));
        let (pods, others): (Vec<&Peer>, Vec<&Peer>) =
            to.iter().flat_map(|written| &written.peers).partition(|peer| peer.pods().is_some());
        let sets: Vec<&PodSets> = pods.into_iter().filter_map(Peer::pods).collect();
        let ports = names.resolve(&written.ports, &expander.union(sets), invalid);
        if let (Some(name), false) = (plan::first_name(&written.ports), others.is_empty()) {
            let message = format!("nothing but a pod of the fleet has a port named `{}`", name.value);
            let found = Diagnostic::new(policy::UNKNOWN_PORT_NAME, name.span, message);
            invalid.push(found.help("write a number such as `443/tcp`"));
        }
        let request = written.request.as_ref();
        if let (Some(request), true) = (request, ports.iter().any(|(ports, _)| !is_tcp(ports, claim))) {
            invalid.push(untransported(request));
        }
        let request = request.map(|request| request.value.clone());
        let elsewhere = plan::numbers(&written.ports);
        (invalid.len() == before).then_some(Self { claim, from, to, on_pods: ports, elsewhere, request })
    }

    /// The ports that it speaks of, wherever they stand.
    pub fn ports(&self) -> impl Iterator<Item = &Ports> {
        self.on_pods.iter().map(|(ports, _)| ports).chain([&self.elsewhere])
    }
}

/// Requests travel over tcp; a `cannot` without ports speaks of those alone.
fn is_tcp(ports: &Ports, claim: Claim) -> bool {
    match ports {
        Ports::Any => claim == Claim::Cannot,
        Ports::Ranges(ranges) => ranges.iter().all(|range| range.protocol == Protocol::Transport(Transport::Tcp)),
    }
}

fn untransported(request: &Spanned<Request>) -> Diagnostic {
    Diagnostic::new(policy::REQUESTS_WITHOUT_TCP, request.span, "an HTTP request is sent to tcp ports only")
        .help("name a tcp port, or leave the request out")
}
