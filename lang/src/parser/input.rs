//! The tokens as the grammar sees them: without trivia, with their lines.

use crate::lexer::Token;
use crate::syntax_kind::SyntaxKind;

/// A line that has tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Its first token.
    pub first: usize,
    /// How many bytes stand before that.
    pub column: u32,
    /// Whether a blank line parts it from the line before.
    pub after_blank: bool,
}

/// The significant tokens of a text.
pub(super) struct Input<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    lines: Vec<Line>,
    /// Of each token, whether it is the first of its line.
    starts: Vec<bool>,
}

impl<'t> Input<'t> {
    pub fn new(text: &'t str, lexed: &[Token]) -> Self {
        let (mut tokens, mut starts) = (Vec::with_capacity(lexed.len()), Vec::with_capacity(lexed.len()));
        let mut lines = Vec::new();
        let mut line_start = Some(0);
        let (mut blank, mut after_blank) = (true, false);
        for token in lexed {
            if token.kind == SyntaxKind::Newline {
                line_start = Some(token.end);
                after_blank |= blank;
                blank = true;
            }
            blank &= matches!(token.kind, SyntaxKind::Newline | SyntaxKind::Whitespace);
            if token.kind.is_trivia() {
                continue;
            }
            starts.push(line_start.is_some());
            if let Some(start) = line_start.take() {
                let column = token.start.saturating_sub(start);
                lines.push(Line { first: tokens.len(), column, after_blank });
            }
            after_blank = false;
            tokens.push(*token);
        }
        Self { text, tokens, lines, starts }
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn get(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    pub fn kind(&self, index: usize) -> SyntaxKind {
        self.get(index).map_or(SyntaxKind::Eof, |token| token.kind)
    }

    pub fn text(&self, index: usize) -> &'t str {
        self.get(index).map_or("", |token| crate::lexer::slice(self.text, token))
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The number of the line that a token stands in.
    pub fn line_of(&self, index: usize) -> usize {
        self.lines.partition_point(|line| line.first <= index).saturating_sub(1)
    }

    pub fn line(&self, number: usize) -> Line {
        self.lines.get(number).copied().unwrap_or(Line { first: self.len(), column: 0, after_blank: false })
    }

    /// Whether a token is the first of its line.
    pub fn starts_line(&self, index: usize) -> bool {
        self.starts.get(index).copied().unwrap_or(false)
    }

    /// Whether a declaration begins at a token, by its keyword and by what follows it on its line. No statement inside
    /// a declaration looks like this, whatever names it holds.
    pub fn declaration_at(&self, index: usize) -> bool {
        use SyntaxKind::{Eq, LBrace, String, Word};
        let follows = |offset: usize| self.kind(index.saturating_add(offset));
        let says = |offset: usize, word: &str| self.text(index.saturating_add(offset)) == word;
        if self.kind(index) != Word || !self.starts_line(index) {
            return false;
        }
        match self.text(index) {
            "fleet" | "cluster" | "mesh" | "namespace" | "identity" | "group" | "external" | "service" | "entry"
            | "gateway" => follows(1) == Word && follows(2) == LBrace,
            "clusters" | "param" => follows(1) == Word && follows(2) == Eq,
            "export" => follows(1) == Word && says(2, "to"),
            "balance" => follows(1) == Word && says(2, "on"),
            "policy" => follows(1) == Word && (follows(2) == LBrace || says(2, "for")),
            "rollout" => follows(1) == Word && says(2, "for"),
            "test" => follows(1) == String && follows(2) == LBrace,
            "invariant" => follows(1) == Word && matches!(follows(2), LBrace | String),
            "guard" => follows(1) == LBrace,
            _ => false,
        }
    }
}
