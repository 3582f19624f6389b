//! The tree, read from its root downwards.
//!
//! A node of [`SyntaxNode`](crate::SyntaxNode) knows its parent and the words beside it, and counts its users: that is for who starts at a place in
//! the middle. Whoever reads a declaration from its start to its end needs none of it, and is done in a fraction of the time; these nodes are two
//! words to copy, may go to another thread, and live as long as their [`Parse`](crate::Parse).

use std::fmt;
use std::iter;

use rowan::{GreenNode, GreenNodeData, GreenTokenData, Language, NodeOrToken, TextRange, TextSize};

use crate::source::{FileId, Span};
use crate::syntax_kind::{Fleetnet, SyntaxKind};

/// A node and where it begins.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    green: &'t GreenNodeData,
    start: TextSize,
}

/// A token and where it begins.
#[derive(Clone, Copy)]
pub struct Token<'t> {
    green: &'t GreenTokenData,
    start: TextSize,
}

/// A node or a token.
pub type Element<'t> = NodeOrToken<Node<'t>, Token<'t>>;

impl<'t> Node<'t> {
    /// The root of a tree.
    pub(crate) fn root(tree: &'t GreenNode) -> Self {
        Self { green: tree, start: TextSize::default() }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> SyntaxKind {
        Fleetnet::kind_from_raw(self.green.kind())
    }

    /// From its first token to its last, comments and blanks included.
    #[must_use]
    pub fn text_range(self) -> TextRange {
        TextRange::at(self.start, self.green.text_len())
    }

    /// The children and its own tokens, in order.
    pub fn children_with_tokens(self) -> impl Iterator<Item = Element<'t>> + use<'t> {
        let mut end = self.start;
        self.green.children().map(move |element| {
            let start = end;
            match element {
                NodeOrToken::Node(green) => {
                    end += green.text_len();
                    NodeOrToken::Node(Self { green, start })
                }
                NodeOrToken::Token(green) => {
                    end += green.text_len();
                    NodeOrToken::Token(Token { green, start })
                }
            }
        })
    }

    /// The children, tokens aside.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'t> {
        self.children_with_tokens().filter_map(NodeOrToken::into_node)
    }

    /// The children of a kind.
    pub fn children_of(self, kind: SyntaxKind) -> impl Iterator<Item = Self> + use<'t> {
        self.children().filter(move |child| child.kind() == kind)
    }

    /// Its own tokens.
    pub fn tokens(self) -> impl Iterator<Item = Token<'t>> + use<'t> {
        self.children_with_tokens().filter_map(NodeOrToken::into_token)
    }

    /// Its own tokens of a kind.
    pub fn tokens_of(self, kind: SyntaxKind) -> impl Iterator<Item = Token<'t>> + use<'t> {
        self.tokens().filter(move |token| token.kind() == kind)
    }

    /// The node and all below it, each before its children.
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'t> {
        let mut open = vec![self];
        iter::from_fn(move || {
            let node = open.pop()?;
            let next = open.len();
            open.extend(node.children());
            open.get_mut(next..).unwrap_or_default().reverse();
            Some(node)
        })
    }

    /// Calls with each token in it that isn't a comment or blank, in their order, until one gives something. Blocks nest in no tree deeper
    /// than in [`MAX_DEPTH`](crate::parser::MAX_DEPTH).
    pub(crate) fn find_significant<T>(self, ask: &mut impl FnMut(Token<'t>) -> Option<T>) -> Option<T> {
        self.children_with_tokens().find_map(|element| match element {
            NodeOrToken::Node(node) => node.find_significant(ask),
            NodeOrToken::Token(token) if token.kind().is_trivia() => None,
            NodeOrToken::Token(token) => ask(token),
        })
    }

    /// From its first token that isn't a comment or blank to its last.
    #[must_use]
    pub fn span(self, file: FileId) -> Span {
        let start = self.find_significant(&mut |token| Some(token.start)).unwrap_or(self.start);
        Span::new(file, start.into(), self.text_range().end().into())
    }
}

impl<'t> Token<'t> {
    /// Its kind.
    #[must_use]
    pub fn kind(self) -> SyntaxKind {
        Fleetnet::kind_from_raw(self.green.kind())
    }

    /// As written.
    #[must_use]
    pub fn text(self) -> &'t str {
        self.green.text()
    }

    /// Where it stands.
    #[must_use]
    pub fn text_range(self) -> TextRange {
        TextRange::at(self.start, self.green.text_len())
    }

    /// Where it stands in a file.
    #[must_use]
    pub fn span(self, file: FileId) -> Span {
        let range = self.text_range();
        Span::new(file, range.start().into(), range.end().into())
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?} {:?}", self.kind(), self.text_range(), self.to_string())
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?} {:?}", self.kind(), self.text_range(), self.text())
    }
}

/// The text, comments and blanks included.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.green, f)
    }
}
