//! What came of a plan's tests and invariants, as data.

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, Span};

use crate::model::{ClusterId, ClusterSet, ServiceId};
use crate::plan::weights::Ratio;
use crate::semantics::{Flow, Verdict};

/// The outcome of everything that a package promises.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Promises that are not kept, in order of tests and invariants.
    pub failures: Vec<Failure>,
    /// Promises that could not be asked, or not of everybody they speak of.
    pub unasked: BTreeSet<Promise>,
    /// What keeps them from being asked: unreadable conditions, ends that nobody is, too many classes of ends.
    pub invalid: Vec<Diagnostic>,
}

/// What is known of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No flow and no share breaks it.
    Kept,
    /// It could not be asked.
    Unasked,
    /// Something breaks it.
    Broken,
}

impl Proof {
    /// What is known of a promise.
    #[must_use]
    pub fn standing(&self, promise: Promise) -> Standing {
        if self.failures.iter().any(|failure| failure.promise == promise) {
            Standing::Broken
        } else if self.unasked.contains(&promise) {
            Standing::Unasked
        } else {
            Standing::Kept
        }
    }
}

/// A promise that is not kept.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which.
    pub promise: Promise,
    /// Where it is written.
    pub span: Span,
    /// The name of the step of a rollout, if it is kept where nothing is under way.
    pub step: Option<Span>,
    /// What shows it.
    pub evidence: Evidence,
}

/// A promise of a package. Indices are those of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// An assertion of a test: the test and its assertion.
    Assertion(usize, usize),
    /// A condition of an invariant: the invariant and its `require`.
    Requirement(usize, usize),
}

/// What shows that a promise is not kept.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A flow that passes and must not, or the other way round.
    Flow(Box<Counterexample>),
    /// Where connections are sent instead.
    Sent {
        /// The service.
        service: ServiceId,
        /// From where.
        client: ClusterId,
        /// Where to.
        to: ClusterSet,
        /// Where to, as it is promised.
        promised: ClusterSet,
    },
    /// A share that is another.
    Share {
        /// Whose.
        cluster: ClusterId,
        /// The gateway's cluster, where there is a gateway.
        gateway: Option<ClusterId>,
        /// The share.
        realised: Ratio,
        /// The share as it is promised.
        promised: Ratio,
    },
}

/// A flow that breaks a promise, and why it passes or doesn't.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The flow.
    pub flow: Flow,
    /// Its verdict.
    pub verdict: Verdict,
}
