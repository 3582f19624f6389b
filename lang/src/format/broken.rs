//! Which statements have a mistake in their form.
//!
//! They are left as they are: what recovery makes of them may depend on blanks.

use std::collections::{HashMap, HashSet};

use rowan::TextSize;

use crate::parser::Parse;
use crate::source::Span;
use crate::syntax_kind::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// The statements that are left as they are.
pub(super) struct Broken<'t> {
    text: &'t str,
    statements: HashSet<SyntaxNode>,
    /// By block: whether it is on one line.
    on_one_line: HashMap<SyntaxNode, bool>,
}

impl<'t> Broken<'t> {
    pub fn of(text: &'t str, parse: &Parse, root: &SyntaxNode) -> Self {
        let mut broken = Self { text, statements: HashSet::new(), on_one_line: HashMap::new() };
        if !parse.diagnostics.is_empty() {
            let tokens: Vec<SyntaxToken> = said_in(root).filter(|token| !token.kind().is_trivia()).collect();
            for found in &parse.diagnostics {
                broken.mark_around(place(&tokens, found.span).and_then(SyntaxToken::parent));
            }
        }
        for node in root.descendants() {
            match node.kind() {
                SyntaxKind::Error => broken.mark_around(Some(node)),
                SyntaxKind::Block if !has_braces(&node) => broken.mark_declaration(&node),
                SyntaxKind::Block | SyntaxKind::SourceFile => broken.mark_unseparated(&node),
                _ => {}
            }
        }
        broken
    }

    pub fn holds(&self, statement: &SyntaxNode) -> bool {
        self.statements.contains(statement)
    }

    /// Marks the statement that a node is a part of. The one around it is marked too if their lines could not both stay as they are: where the
    /// block is on one line, or the statement does not begin its line, by whose column recovery goes.
    fn mark_around(&mut self, node: Option<SyntaxNode>) {
        let mut next = node.and_then(|node| node.ancestors().find(is_statement));
        while let Some(statement) = next {
            let block = statement.parent().filter(|parent| parent.kind() == SyntaxKind::Block);
            let begins_line = self.begins_line(&statement);
            if !self.statements.insert(statement) {
                return;
            }
            let block = block.filter(|block| !begins_line || self.is_on_one_line(block));
            next = block.and_then(|block| block.ancestors().find(is_statement));
        }
    }

    /// Whether a statement begins its line, or is the rest of one that does.
    fn begins_line(&self, statement: &SyntaxNode) -> bool {
        let begins = |statement: &SyntaxNode| {
            let before = self.before(statement.text_range().start());
            before.is_empty() || before.ends_with('\n')
        };
        let rest_of = statement.prev_sibling().filter(|last| self.is_glued(last, statement.text_range().start()));
        begins(statement) || rest_of.is_some_and(|last| begins(&last))
    }

    /// The text before an offset, without the blanks at its end.
    fn before(&self, offset: TextSize) -> &'t str {
        self.text.get(..offset.into()).unwrap_or("").trim_end_matches(BLANKS)
    }

    /// Whether nothing but blanks parts a statement from what starts at an offset.
    fn is_glued(&self, last: &SyntaxNode, offset: TextSize) -> bool {
        let before = self.before(offset);
        let end = TextSize::try_from(before.len()).unwrap_or_default();
        let range = last.text_range();
        !before.ends_with('\n') && range.start() < end && end <= range.end()
    }

    fn is_on_one_line(&mut self, block: &SyntaxNode) -> bool {
        *self.on_one_line.entry(block.clone()).or_insert_with(|| !block.text().contains_char('\n'))
    }

    /// Where a brace is missing, columns tell which block ends where.
    fn mark_declaration(&mut self, node: &SyntaxNode) {
        self.statements.extend(node.ancestors().filter(is_statement).last());
    }

    /// Marks statements that nothing parts: a line's end would.
    fn mark_unseparated(&mut self, sequence: &SyntaxNode) {
        let mut last: Option<SyntaxNode> = None;
        for statement in sequence.children() {
            let first =
                said_in(&statement).next().map_or(statement.text_range().end(), |token| token.text_range().start());
            if let Some(last) = last.replace(statement.clone()).filter(|last| self.is_glued(last, first)) {
                self.mark_around(Some(last));
                self.mark_around(Some(statement));
            }
        }
    }
}

/// The characters of a blank.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\r', '\u{feff}'];

/// The tokens of a node, but for blanks and line ends.
fn said_in(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> + use<> {
    let tokens = node.descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token);
    tokens.filter(|token| !matches!(token.kind(), SyntaxKind::Whitespace | SyntaxKind::Newline))
}

/// Whether a node stands for itself in a file or a block.
fn is_statement(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|parent| matches!(parent.kind(), SyntaxKind::SourceFile | SyntaxKind::Block))
}

fn has_braces(block: &SyntaxNode) -> bool {
    let kind = |token: Option<SyntaxElement>| token.map(|token| token.kind());
    kind(block.first_child_or_token()) == Some(SyntaxKind::LBrace)
        && kind(block.last_child_or_token()) == Some(SyntaxKind::RBrace)
}

/// The token that a finding is about: the one there or before, and for an empty span the one before.
fn place(tokens: &[SyntaxToken], span: Span) -> Option<&SyntaxToken> {
    let offset = TextSize::from(span.start);
    let is_before = |token: &SyntaxToken| {
        let start = token.text_range().start();
        start < offset || start == offset && span.start < span.end
    };
    tokens.get(tokens.partition_point(is_before).checked_sub(1)?)
}
