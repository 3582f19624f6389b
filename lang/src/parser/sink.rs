//! Events into the tree, with the trivia put back.
//!
//! Trivia stands as far out as it can: before the node that follows it. Doc comments are the exception: those above a
//! declaration belong to it, unless a blank line parts them.

use rowan::{GreenNode, GreenNodeBuilder, Language};

use super::Event;
use crate::lexer::{Token, slice};
use crate::syntax_kind::{Fleetnet, SyntaxKind};

/// The tree of a text whose significant tokens the events name in order.
pub(super) fn tree(text: &str, tokens: &[Token], events: &[Event]) -> GreenNode {
    let mut sink = Sink { text, tokens, builder: GreenNodeBuilder::new() };
    let mut depth = 0_usize;
    for event in events {
        match event {
            Event::Open(kind) => {
                if depth > 0 {
                    sink.trivia_before(*kind);
                }
                depth = depth.saturating_add(1);
                sink.builder.start_node(Fleetnet::kind_to_raw(*kind));
            }
            Event::Token(kind) => {
                sink.trivia();
                sink.token(*kind);
            }
            Event::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    sink.trivia();
                }
                sink.builder.finish_node();
            }
        }
    }
    sink.builder.finish()
}

/// The tree of a text that isn't looked into.
pub(super) fn opaque(text: &str) -> GreenNode {
    let mut builder = GreenNodeBuilder::new();
    builder.start_node(Fleetnet::kind_to_raw(SyntaxKind::SourceFile));
    builder.token(Fleetnet::kind_to_raw(SyntaxKind::Unknown), text);
    builder.finish_node();
    builder.finish()
}

struct Sink<'t> {
    text: &'t str,
    /// What isn't in the tree yet.
    tokens: &'t [Token],
    builder: GreenNodeBuilder<'static>,
}

impl Sink<'_> {
    fn token(&mut self, kind: SyntaxKind) {
        if let Some((token, rest)) = self.tokens.split_first() {
            self.tokens = rest;
            self.builder.token(Fleetnet::kind_to_raw(kind), slice(self.text, *token));
        }
    }

    fn trivia(&mut self) {
        self.take_trivia(self.pending().len());
    }

    /// The trivia that stays outside of a node of this kind.
    fn trivia_before(&mut self, kind: SyntaxKind) {
        let pending = self.pending();
        let documented = if kind.is_declaration() { first_doc_comment(pending) } else { None };
        self.take_trivia(documented.unwrap_or(pending.len()));
    }

    fn take_trivia(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(token) = self.tokens.first() {
                self.token(token.kind);
            }
        }
    }

    /// The trivia up to the next significant token.
    fn pending(&self) -> &[Token] {
        let end = self.tokens.iter().position(|token| !token.kind.is_trivia()).unwrap_or(self.tokens.len());
        self.tokens.get(..end).unwrap_or_default()
    }
}

/// The first of the doc comments directly above what follows the trivia. A blank line parts them from it, and one behind
/// other text speaks of that.
fn first_doc_comment(trivia: &[Token]) -> Option<usize> {
    let starts_line = |index: usize| {
        let before = trivia.iter().take(index).rfind(|token| token.kind != SyntaxKind::Whitespace);
        before.map_or(trivia.first().is_some_and(|token| token.start == 0), |token| token.kind == SyntaxKind::Newline)
    };
    let mut first = None;
    let mut blank = false;
    for (index, token) in trivia.iter().enumerate().rev() {
        match token.kind {
            SyntaxKind::Newline if blank => break,
            SyntaxKind::Newline => blank = true,
            SyntaxKind::DocComment if starts_line(index) => (first, blank) = (Some(index), false),
            SyntaxKind::Whitespace => {}
            _ => blank = false,
        }
    }
    first
}
