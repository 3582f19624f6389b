//! What many declarations share.

use super::tokens::{CelText, Text, Word};
use super::{
    AstNode, Choice, Direction, Verb, block, child, children, choice, node, text_in, texts, texts_in, tokens_of,
    word_after, words,
};
use crate::syntax_kind::SyntaxKind;

node! {
    /// A keyword and its value. Which of the accessors has something follows from the keyword.
    Setting = Setting
}

impl Setting {
    /// The value, if it is a word.
    #[must_use]
    pub fn word(&self) -> Option<Word> {
        words(self.syntax()).next()
    }

    /// The values, if they are words.
    pub fn words(&self) -> impl Iterator<Item = Word> + use<> {
        words(self.syntax())
    }

    /// The value, if it is a string, or `$NAME` for one.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        texts(self.syntax()).next()
    }

    /// The values, if they are strings.
    pub fn texts(&self) -> impl Iterator<Item = Text> + use<> {
        texts(self.syntax())
    }

    /// The value, if it is one of a few words.
    #[must_use]
    pub fn choice<C: Choice>(&self) -> Option<C> {
        tokens_of(self.syntax(), SyntaxKind::Keyword).skip(1).find_map(|token| C::from_word(token.text()))
    }

    /// The value, if it is a set of clusters.
    #[must_use]
    pub fn set(&self) -> Option<Set> {
        child(self.syntax())
    }

    /// The value or its condition, if that is a selector.
    #[must_use]
    pub fn selector(&self) -> Option<Selector> {
        child(self.syntax())
    }

    /// The value, if it is CEL.
    #[must_use]
    pub fn cel(&self) -> Option<CelText> {
        tokens_of(self.syntax(), SyntaxKind::Cel).next().map(CelText::new)
    }
}

node! {
    /// `waive CODE "reason"`
    Waive = Waive
}

impl Waive {
    /// The code.
    #[must_use]
    pub fn code(&self) -> Option<Word> {
        words(self.syntax()).next()
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Option<Text> {
        texts(self.syntax()).nth(1)
    }
}

node! {
    /// `labels { … }`
    Labels = Labels
}

impl Labels {
    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = MapEntry> + use<> {
        block(self.syntax())
    }
}

node! {
    /// `annotations { … }`
    Annotations = Annotations
}

impl Annotations {
    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = MapEntry> + use<> {
        block(self.syntax())
    }
}

node! {
    /// `KEY = VALUE`
    MapEntry = MapEntry
}

impl MapEntry {
    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<Text> {
        text_in(self.syntax(), SyntaxKind::Key)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Option<Text> {
        text_in(self.syntax(), SyntaxKind::Value)
    }
}

node! {
    /// `default allow|deny [ingress|egress]`
    DefaultStmt = Default
}

impl DefaultStmt {
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

impl Set {
    /// What it is joined of.
    pub fn terms(&self) -> impl Iterator<Item = Term> + use<> {
        children(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except> {
        child(self.syntax())
    }
}

node! {
    /// `except …`
    Except = Except
}

impl Except {
    /// The terms, in a set of clusters.
    pub fn terms(&self) -> impl Iterator<Item = Term> + use<> {
        children(self.syntax())
    }

    /// The pods, in a group.
    pub fn pods(&self) -> impl Iterator<Item = super::Pods> + use<> {
        children(self.syntax())
    }

    /// The CIDRs, in an external or a peer.
    pub fn cidrs(&self) -> impl Iterator<Item = Word> + use<> {
        words(self.syntax())
    }
}

node! {
    /// One term of a set of clusters.
    Term = Term
}

/// What a term says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// A cluster, or a named set of clusters.
    Name(Word),
    /// Every cluster.
    All,
    /// The subject's own cluster; in peers only.
    Local,
    /// The clusters of a region.
    Region(Word),
    /// The members of a mesh.
    Mesh(Word),
    /// The clusters whose labels match.
    Where(Selector),
    /// The clusters for which CEL holds.
    WhereCel(CelText),
}

impl Term {
    /// What it says, if it is complete.
    #[must_use]
    pub fn kind(&self) -> Option<TermKind> {
        let word = words(self.syntax()).next();
        let Some(keyword) = self.keyword() else { return word.map(TermKind::Name) };
        match keyword.text() {
            "all" => Some(TermKind::All),
            "local" => Some(TermKind::Local),
            "region" => word.map(TermKind::Region),
            "mesh" => word.map(TermKind::Mesh),
            "where" => {
                let cel = tokens_of(self.syntax(), SyntaxKind::Cel).next().map(CelText::new);
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

impl Place {
    /// The clusters, less the set that [`except`](Self::except) gives.
    pub fn terms(&self) -> impl Iterator<Item = Term> + use<> {
        let set: Option<Set> = child(self.syntax());
        let own: Option<Term> = child(self.syntax());
        set.into_iter().flat_map(|set| set.terms()).chain(own)
    }

    /// What is taken away from a set in parentheses.
    #[must_use]
    pub fn except(&self) -> Option<Except> {
        let set: Set = child(self.syntax())?;
        set.except()
    }
}

node! {
    /// Requirements that all must hold.
    Selector = Selector
}

impl Selector {
    /// The requirements in order.
    pub fn requirements(&self) -> impl Iterator<Item = Requirement> + use<> {
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

impl Requirement {
    /// The label's key.
    #[must_use]
    pub fn key(&self) -> Option<Text> {
        text_in(self.syntax(), SyntaxKind::Key)
    }

    /// How it compares.
    #[must_use]
    pub fn op(&self) -> Option<RequirementOp> {
        let says = |word: &str| tokens_of(self.syntax(), SyntaxKind::Keyword).any(|token| token.text() == word);
        let has_token = |kind| tokens_of(self.syntax(), kind).next().is_some();
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
    pub fn values(&self) -> impl Iterator<Item = Text> + use<> {
        texts_in(self.syntax(), SyntaxKind::Value)
    }
}

node! {
    /// `weight CLUSTER = N, …`
    Weight = Weight
}

impl Weight {
    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Option<Shares> {
        child(self.syntax())
    }
}

node! {
    /// Clusters with their parts.
    Shares = Shares
}

impl Shares {
    /// The parts in order.
    pub fn shares(&self) -> impl Iterator<Item = Share> + use<> {
        children(self.syntax())
    }
}

node! {
    /// `CLUSTER = N`
    Share = Share
}

impl Share {
    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> Option<Word> {
        let end = tokens_of(self.syntax(), SyntaxKind::Eq).next().map(|token| token.text_range().start());
        words(self.syntax()).next().filter(|word| end.is_none_or(|end| word.end() <= end))
    }

    /// Its part: a number or a percentage.
    #[must_use]
    pub fn amount(&self) -> Option<Word> {
        word_after(self.syntax(), "=")
    }
}
