//! Tests, invariants and guards.

use super::policy::{Peer, Peers, Ports, Request, ends};
use super::shared::{Place, Shares, Waive};
use super::tokens::{Text, Word};
use super::{
    AssertionVerb, AstNode, GuardSubject, block, child, choice, node, statements, texts, tokens_of, word_after, words,
    words_after,
};
use crate::syntax_kind::SyntaxKind;

node! {
    /// `test STRING { … }`
    Test = Test
}

impl Test {
    /// What it shows.
    #[must_use]
    pub fn title(&self) -> Option<Text> {
        texts(self.syntax()).next()
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = TestStmt> + use<> {
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GivenKind {
    /// An identity's pods aren't ready: there, or anywhere.
    Down(Word, Option<Place>),
    /// A cluster is gone.
    ClusterLost(Word),
    /// The clusters of a region are gone.
    RegionLost(Word),
    /// A rollout has come to a step.
    Step(Word),
}

impl Given {
    /// What is given, if it is complete.
    #[must_use]
    pub fn kind(&self) -> Option<GivenKind> {
        let word = words(self.syntax()).next()?;
        let about = tokens_of(self.syntax(), SyntaxKind::Keyword).nth(1)?;
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

impl Assertion {
    /// `can` or `cannot`.
    #[must_use]
    pub fn verb(&self) -> Option<AssertionVerb> {
        choice(self.syntax())
    }

    /// Sources and destinations.
    #[must_use]
    pub fn ends(&self) -> Option<(Peers, Peers)> {
        ends(self.syntax())
    }

    /// The ports.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        child(self.syntax())
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        child(self.syntax())
    }
}

node! {
    /// `serves NS/NAME for PEER from (NAME, … | nobody)`
    Serves = Serves
}

impl Serves {
    /// The service.
    #[must_use]
    pub fn service(&self) -> Option<Word> {
        words(self.syntax()).next()
    }

    /// Who connects.
    #[must_use]
    pub fn client(&self) -> Option<Peer> {
        child(self.syntax())
    }

    /// The clusters that serve, or `nobody`.
    pub fn clusters(&self) -> impl Iterator<Item = Word> + use<> {
        words_after(self.syntax(), "from")
    }
}

node! {
    /// `share NS/NAME [-> NS/NAME] SHARES`
    ShareCheck = ShareCheck
}

impl ShareCheck {
    /// The entry or gateway.
    #[must_use]
    pub fn path(&self) -> Option<Word> {
        words(self.syntax()).next()
    }

    /// The service behind a gateway.
    #[must_use]
    pub fn service(&self) -> Option<Word> {
        word_after(self.syntax(), "->")
    }

    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Option<Shares> {
        child(self.syntax())
    }
}

node! {
    /// `invariant NAME [STRING] { … }`
    Invariant = Invariant
}

impl Invariant {
    /// What it means.
    #[must_use]
    pub fn title(&self) -> Option<Text> {
        texts(self.syntax()).next()
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = InvariantStmt> + use<> {
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

impl Guard {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = GuardStmt> + use<> {
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

impl GuardLimit {
    /// What is limited.
    #[must_use]
    pub fn subject(&self) -> Option<GuardSubject> {
        choice(self.syntax())
    }

    /// A number or a percentage; nothing where the limit is `none`.
    #[must_use]
    pub fn most(&self) -> Option<Word> {
        word_after(self.syntax(), "most")
    }
}
