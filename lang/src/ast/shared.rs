//! What many declarations share.

use super::tokens::{CelText, Text, Word};
use super::{
    AstNode, Choice, Direction, Verb, block, child, children, choice, node, text_in, texts, texts_in, word_after, words,
};
use crate::syntax_kind::SyntaxKind;

node! {
    /// A keyword and its value. Which of the accessors has something follows from the keyword.
    Setting = Setting
}

impl<'t> Setting<'t> {
    /// The value, if it is a word.
    #[must_use]
    pub fn word(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The values, if they are words.
    pub fn words(&self) -> impl Iterator<Item = Word<'t>> + use<'t> {
        words(self.syntax())
    }

    /// The value, if it is a string, or `$NAME` for one.
    #[must_use]
    pub fn text(&self) -> Option<Text<'t>> {
        texts(self.syntax()).next()
    }

    /// The values, if they are strings.
    pub fn texts(&self) -> impl Iterator<Item = Text<'t>> + use<'t> {
        texts(self.syntax())
    }

    /// The value, if it is one of a few words.
    #[must_use]
    pub fn choice<C: Choice>(&self) -> Option<C> {
        self.syntax().tokens_of(SyntaxKind::Keyword).skip(1).find_map(|token| C::from_word(token.text()))
    }

    /// The value, if it is a set of clusters.
    #[must_use]
    pub fn set(&self) -> Option<Set<'t>> {
        child(self.syntax())
    }

    /// The value or its condition, if that is a selector.
    #[must_use]
    pub fn selector(&self) -> Option<Selector<'t>> {
        child(self.syntax())
    }

    /// The value, if it is CEL.
    #[must_use]
    pub fn cel(&self) -> Option<CelText<'t>> {
        self.syntax().tokens_of(SyntaxKind::Cel).next().map(CelText::new)
    }
}

node! {
    /// `waive CODE "reason"`
    Waive = Waive
}

impl<'t> Waive<'t> {
    /// The code.
    #[must_use]
    pub fn code(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Option<Text<'t>> {
        texts(self.syntax()).nth(1)
    }
}

node! {
    /// `labels { … }`
    Labels = Labels
}

impl<'t> Labels<'t> {
    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = MapEntry<'t>> + use<'t> {
        block(self.syntax())
    }
}

node! {
    /// `annotations { … }`
    Annotations = Annotations
}

impl<'t> Annotations<'t> {
    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = MapEntry<'t>> + use<'t> {
        block(self.syntax())
    }
}

node! {
    /// `KEY = VALUE`
    MapEntry = MapEntry
}

impl<'t> MapEntry<'t> {
    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Key)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Value)
    }
}

node! {
    /// `default allow|deny [ingress|egress]`
    DefaultStmt = Default
}

impl DefaultStmt<'_> {
    /// What it does.
    #[must_use]
    pub fn verb(&self) -> Option<Verb> {
        choice(self.syntax())
    }

    /// The direction it names, if not both.
    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        choice(self.syntax())
    }
}

node! {
    /// Terms, less others.
    Set = Set
}

impl<'t> Set<'t> {
    /// What it is joined of.
    pub fn terms(&self) -> impl Iterator<Item = Term<'t>> + use<'t> {
        children(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `except …`
    Except = Except
}

impl<'t> Except<'t> {
    /// The terms, in a set of clusters.
    pub fn terms(&self) -> impl Iterator<Item = Term<'t>> + use<'t> {
        children(self.syntax())
    }

    /// The pods, in a group.
    pub fn pods(&self) -> impl Iterator<Item = super::Pods<'t>> + use<'t> {
        children(self.syntax())
    }

    /// The CIDRs, in an external or a peer.
    pub fn cidrs(&self) -> impl Iterator<Item = Word<'t>> + use<'t> {
        words(self.syntax())
    }
}

node! {
    /// One term of a set of clusters.
    Term = Term
}

/// What a term says.
#[derive(Clone, Copy, Debug)]
pub enum TermKind<'t> {
    /// A cluster, or a named set of clusters.
    Name(Word<'t>),
    /// Every cluster.
    All,
    /// The subject's own cluster; in peers only.
    Local,
    /// The clusters of a region.
    Region(Word<'t>),
    /// The members of a mesh.
    Mesh(Word<'t>),
    /// The clusters whose labels match.
    Where(Selector<'t>),
    /// The clusters for which CEL holds.
    WhereCel(CelText<'t>),
}

impl<'t> Term<'t> {
    /// What it says, if it is complete.
    #[must_use]
    pub fn kind(&self) -> Option<TermKind<'t>> {
        let word = words(self.syntax()).next();
        let Some(keyword) = self.keyword() else { return word.map(TermKind::Name) };
        match keyword.text() {
            "all" => Some(TermKind::All),
            "local" => Some(TermKind::Local),
            "region" => word.map(TermKind::Region),
            "mesh" => word.map(TermKind::Mesh),
            "where" => {
                let cel = self.syntax().tokens_of(SyntaxKind::Cel).next().map(CelText::new);
                cel.map(TermKind::WhereCel).or_else(|| child(self.syntax()).map(TermKind::Where))
            }
            _ => None,
        }
    }
}

node! {
    /// `in TERM` or `in (SET)`
    Place = Place
}

impl<'t> Place<'t> {
    /// The clusters, less the set that [`except`](Self::except) gives.
    pub fn terms(&self) -> impl Iterator<Item = Term<'t>> + use<'t> {
        let set: Option<Set<'_>> = child(self.syntax());
        let own: Option<Term<'_>> = child(self.syntax());
        set.into_iter().flat_map(|set| set.terms()).chain(own)
    }

    /// What is taken away from a set in parentheses.
    #[must_use]
    pub fn except(&self) -> Option<Except<'t>> {
        let set: Set<'_> = child(self.syntax())?;
        set.except()
    }
}

node! {
    /// Requirements that all must hold.
    Selector = Selector
}

impl<'t> Selector<'t> {
    /// The requirements in order.
    pub fn requirements(&self) -> impl Iterator<Item = Requirement<'t>> + use<'t> {
        children(self.syntax())
    }
}

node! {
    /// One requirement on a label.
    Requirement = Requirement
}

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequirementOp {
    /// `KEY = VALUE`
    Equals,
    /// `KEY != VALUE`
    NotEquals,
    /// `KEY in (…)`
    In,
    /// `KEY not in (…)`
    NotIn,
    /// `has KEY`
    Has,
    /// `not has KEY`
    NotHas,
}

impl<'t> Requirement<'t> {
    /// The label's key.
    #[must_use]
    pub fn key(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Key)
    }

    /// How it compares.
    #[must_use]
    pub fn op(&self) -> Option<RequirementOp> {
        let says = |word: &str| self.syntax().tokens_of(SyntaxKind::Keyword).any(|token| token.text() == word);
        let has_token = |kind| self.syntax().tokens_of(kind).next().is_some();
        match (says("not"), says("in"), says("has")) {
            (false, true, _) => Some(RequirementOp::In),
            (true, true, _) => Some(RequirementOp::NotIn),
            (false, false, true) => Some(RequirementOp::Has),
            (true, false, true) => Some(RequirementOp::NotHas),
            (_, false, false) if has_token(SyntaxKind::Eq) => Some(RequirementOp::Equals),
            (_, false, false) if has_token(SyntaxKind::NotEq) => Some(RequirementOp::NotEquals),
            (_, false, false) => None,
        }
    }

    /// The values it compares with: one, or those in parentheses.
    pub fn values(&self) -> impl Iterator<Item = Text<'t>> + use<'t> {
        texts_in(self.syntax(), SyntaxKind::Value)
    }
}

node! {
    /// `weight CLUSTER = N, …`
    Weight = Weight
}

impl<'t> Weight<'t> {
    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Option<Shares<'t>> {
        child(self.syntax())
    }
}

node! {
    /// Clusters with their parts.
    Shares = Shares
}

impl<'t> Shares<'t> {
    /// The parts in order.
    pub fn shares(&self) -> impl Iterator<Item = Share<'t>> + use<'t> {
        children(self.syntax())
    }
}

node! {
    /// `CLUSTER = N`
    Share = Share
}

impl<'t> Share<'t> {
    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> Option<Word<'t>> {
        let end = self.syntax().tokens_of(SyntaxKind::Eq).next().map(|token| token.text_range().start());
        words(self.syntax()).next().filter(|word| end.is_none_or(|end| word.end() <= end))
    }

    /// Its part: a number or a percentage.
    #[must_use]
    pub fn amount(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "=")
    }
}
