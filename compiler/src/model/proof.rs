//! What must hold: tests, invariants, guards.

use fleetnet_lang::Span;

use super::{ClusterSet, IdentityId, Name, Peer, PortExprs, Request, RolloutPath, ServiceId, Share, Spanned};

/// A named set of assertions under assumptions.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: Spanned<Name>,
    /// What is assumed.
    pub givens: Vec<Spanned<Given>>,
    /// What must hold.
    pub assertions: Vec<Spanned<Assertion>>,
}

/// An assumption of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The identity's pods in these clusters aren't ready.
    Down(IdentityId, ClusterSet),
    /// These clusters are gone and silent.
    Lost(ClusterSet),
    /// A step of a rollout: indices of the rollout and of its step.
    Step(usize, usize),
}

/// An assertion of a test.
#[derive(Clone, Debug)]
pub enum Assertion {
    /// Every flow between the ends passes.
    Can(Reach),
    /// No flow between the ends passes.
    Cannot(Reach),
    /// Connections to a service are sent to exactly these clusters.
    Serves {
        /// The service.
        service: ServiceId,
        /// Who connects.
        client: Peer,
        /// Where to; empty for `nobody`.
        clusters: ClusterSet,
    },
    /// The realised shares of a path are these.
    Share {
        /// The path.
        path: RolloutPath,
        /// The shares.
        shares: Vec<Share>,
    },
}

/// Flows of a `can` or `cannot`.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The sources.
    pub from: Vec<Peer>,
    /// The destinations.
    pub to: Vec<Peer>,
    /// The ports; empty for any (`cannot` only).
    pub ports: PortExprs,
    /// The request, if one is given.
    pub request: Option<Spanned<Request>>,
}

/// A condition on every flow that passes.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// Its name.
    pub name: Spanned<Name>,
    /// What it says in words.
    pub title: Option<Name>,
    /// The conditions: CEL without the backticks; a span is that of the text between them.
    pub requires: Vec<Spanned<Name>>,
}

/// Bounds on what one change may do.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Where it stands.
    pub span: Option<Span>,
    /// Pairs that can newly talk.
    pub new_pairs: Option<Bound>,
    /// Pairs that no longer can.
    pub lost_pairs: Option<Bound>,
    /// Clusters that are touched.
    pub clusters: Option<Bound>,
    /// Objects that are removed.
    pub removed_objects: Option<Bound>,
    /// `world never wider`.
    pub world: Option<Span>,
}

/// An upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A number.
    Count(u64),
    /// Hundredths of a percent.
    Percent(u64),
}
