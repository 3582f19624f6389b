//! Tests, invariants and guards.

use super::policy::{Peer, Peers, Ports, Request, ends};
use super::shared::{Place, Shares, Waive};
use super::tokens::{Text, Word};
use super::{
    AssertionVerb, AstNode, GuardSubject, block, child, choice, node, statements, texts, word_after, words, words_after,
};
use crate::syntax_kind::SyntaxKind;

node! {
    /// `test STRING { … }`
    Test = Test
}

impl<'t> Test<'t> {
    /// What it shows.
    #[must_use]
    pub fn title(&self) -> Option<Text<'t>> {
        texts(self.syntax()).next()
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = TestStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a test.
    TestStmt
    settings {}
    nodes {
        /// `given …`
        Given(Given),
        /// `can …` or `cannot …`
        Assertion(Assertion),
        /// `serves …`
        Serves(Serves),
        /// `share …`
        Share(ShareCheck),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `given …`
    Given = Given
}

/// What is given.
#[derive(Clone, Copy, Debug)]
pub enum GivenKind<'t> {
    /// An identity's pods aren't ready: there, or anywhere.
    Down(Word<'t>, Option<Place<'t>>),
    /// A cluster is gone.
    ClusterLost(Word<'t>),
    /// The clusters of a region are gone.
    RegionLost(Word<'t>),
    /// A rollout has come to a step.
    Step(Word<'t>),
}

impl<'t> Given<'t> {
    /// What is given, if it is complete.
    #[must_use]
    pub fn kind(&self) -> Option<GivenKind<'t>> {
        let word = words(self.syntax()).next()?;
        let about = self.syntax().tokens_of(SyntaxKind::Keyword).nth(1)?;
        match about.text() {
            "cluster" => Some(GivenKind::ClusterLost(word)),
            "region" => Some(GivenKind::RegionLost(word)),
            "step" => Some(GivenKind::Step(word)),
            _ => Some(GivenKind::Down(word, child(self.syntax()))),
        }
    }
}

node! {
    /// `can|cannot PEERS -> PEERS [on PORTS] [METHOD PATH]`
    Assertion = Assertion
}

impl<'t> Assertion<'t> {
    /// `can` or `cannot`.
    #[must_use]
    pub fn verb(&self) -> Option<AssertionVerb> {
        choice(self.syntax())
    }

    /// Sources and destinations.
    #[must_use]
    pub fn ends(&self) -> Option<(Peers<'t>, Peers<'t>)> {
        ends(self.syntax())
    }

    /// The ports.
    #[must_use]
    pub fn ports(&self) -> Option<Ports<'t>> {
        child(self.syntax())
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> Option<Request<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `serves NS/NAME for PEER from (NAME, … | nobody)`
    Serves = Serves
}

impl<'t> Serves<'t> {
    /// The service.
    #[must_use]
    pub fn service(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// Who connects.
    #[must_use]
    pub fn client(&self) -> Option<Peer<'t>> {
        child(self.syntax())
    }

    /// The clusters that serve, or `nobody`.
    pub fn clusters(&self) -> impl Iterator<Item = Word<'t>> + use<'t> {
        words_after(self.syntax(), "from")
    }
}

node! {
    /// `share NS/NAME [-> NS/NAME] SHARES`
    ShareCheck = ShareCheck
}

impl<'t> ShareCheck<'t> {
    /// The entry or gateway.
    #[must_use]
    pub fn path(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The service behind a gateway.
    #[must_use]
    pub fn service(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "->")
    }

    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Option<Shares<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `invariant NAME [STRING] { … }`
    Invariant = Invariant
}

impl<'t> Invariant<'t> {
    /// What it means.
    #[must_use]
    pub fn title(&self) -> Option<Text<'t>> {
        texts(self.syntax()).next()
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = InvariantStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of an invariant.
    InvariantStmt
    settings {
        /// `require CEL`
        Require = "require",
    }
    nodes {
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `guard { … }`
    Guard = Guard
}

impl<'t> Guard<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = GuardStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a guard.
    GuardStmt
    settings {
        /// `world never wider`
        World = "world",
    }
    nodes {
        /// `new-pairs at most 20` and its like
        Limit(GuardLimit),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `SUBJECT at most N` or `SUBJECT none`
    GuardLimit = GuardLimit
}

impl<'t> GuardLimit<'t> {
    /// What is limited.
    #[must_use]
    pub fn subject(&self) -> Option<GuardSubject> {
        choice(self.syntax())
    }

    /// A number or a percentage; nothing where the limit is `none`.
    #[must_use]
    pub fn most(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "most")
    }
}
