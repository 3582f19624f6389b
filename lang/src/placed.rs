//! The plain tree with places, for who looks at all of it: a node of [`SyntaxNode`] counts its users and knows its parent, which costs more than
//! most questions about it.

use rowan::{GreenNodeData, GreenTokenData, Language, NodeOrToken, TextSize};

use crate::ast::Choice;
use crate::source::{FileId, Span};
use crate::syntax_kind::{Fleetnet, SyntaxKind, SyntaxNode};

/// A node and where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'t> {
    node: &'t GreenNodeData,
    start: TextSize,
}

/// A token and where it begins.
#[derive(Clone, Copy)]
pub(crate) struct PlacedToken<'t> {
    token: &'t GreenTokenData,
    start: TextSize,
}

impl<'t> Placed<'t> {
    /// A node of a tree, with what it is in the plain one.
    pub fn of(node: &SyntaxNode, plain: &'t GreenNodeData) -> Self {
        Self { node: plain, start: node.text_range().start() }
    }

    pub fn kind(self) -> SyntaxKind {
        Fleetnet::kind_from_raw(self.node.kind())
    }

    fn elements(self) -> impl Iterator<Item = NodeOrToken<Self, PlacedToken<'t>>> {
        let mut end = self.start;
        self.node.children().map(move |element| {
            let start = end;
            match element {
                NodeOrToken::Node(node) => {
                    end += node.text_len();
                    NodeOrToken::Node(Self { node, start })
                }
                NodeOrToken::Token(token) => {
                    end += token.text_len();
                    NodeOrToken::Token(PlacedToken { token, start })
                }
            }
        })
    }

    /// The children, tokens aside.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.elements().filter_map(NodeOrToken::into_node)
    }

    /// The children of a kind.
    pub fn children_of(self, kind: SyntaxKind) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.kind() == kind)
    }

    /// Its own tokens.
    pub fn tokens(self) -> impl Iterator<Item = PlacedToken<'t>> {
        self.elements().filter_map(NodeOrToken::into_token)
    }

    /// Its own tokens of a kind.
    pub fn tokens_of(self, kind: SyntaxKind) -> impl Iterator<Item = PlacedToken<'t>> {
        self.tokens().filter(move |token| token.kind() == kind)
    }

    /// The first of its own keywords that is one of a choice.
    pub fn choice<C: Choice>(self) -> Option<C> {
        self.tokens_of(SyntaxKind::Keyword).find_map(|keyword| C::from_word(keyword.text()))
    }

    /// Calls with each token in it that isn't a comment or blank, in their order, until one gives something. Blocks nest in no tree deeper
    /// than in [`MAX_DEPTH`](crate::parser::MAX_DEPTH).
    pub fn find_significant<T>(self, ask: &mut impl FnMut(PlacedToken<'t>) -> Option<T>) -> Option<T> {
        self.elements().find_map(|element| match element {
            NodeOrToken::Node(node) => node.find_significant(ask),
            NodeOrToken::Token(token) if token.kind().is_trivia() => None,
            NodeOrToken::Token(token) => ask(token),
        })
    }

    /// From its first token that isn't a comment or blank to its last.
    pub fn span(self, file: FileId) -> Span {
        let start = self.find_significant(&mut |token| Some(token.start)).unwrap_or(self.start);
        Span::new(file, start.into(), (self.start + self.node.text_len()).into())
    }
}

impl<'t> PlacedToken<'t> {
    pub fn kind(self) -> SyntaxKind {
        Fleetnet::kind_from_raw(self.token.kind())
    }

    pub fn text(self) -> &'t str {
        self.token.text()
    }

    pub fn span(self, file: FileId) -> Span {
        Span::new(file, self.start.into(), (self.start + self.token.text_len()).into())
    }
}
