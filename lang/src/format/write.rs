//! The tree, written down in its layout.

use std::borrow::Cow;

use crate::parser::Parse;
use crate::syntax_kind::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

use super::WIDTH;
use super::broken::{BLANKS, Broken};
use super::layout::{Cell, Column, column, column_at, continuation, is_blank_between, padding, stays_on_one_line};

/// A declaration with what stands above it: where it was, and what it is now.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub start: u32,
    pub end: u32,
    pub text: String,
}

/// The pieces of a text, in order and without a gap.
pub(super) fn written(text: &str, parse: &Parse) -> Vec<Piece> {
    let root = parse.syntax();
    let broken = Broken::of(text, parse, &root);
    let mut writer = Writer {
        text,
        broken: &broken,
        out: String::new(),
        depth: 0,
        further: 0,
        last: None,
        line_ends: 0,
        flat: false,
        cells: Vec::new(),
        ends: Vec::new(),
    };
    writer.sequence(&root);
    if !writer.out.is_empty() {
        writer.out.push('\n');
    }
    writer.ends.push((text.len(), writer.out.len()));
    writer.pieces()
}

/// Text with the line ends that are written, and no blanks at the end of a comment.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.starts_with('#') {
        return Cow::Borrowed(text.trim_end());
    }
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

struct Writer<'t> {
    text: &'t str,
    broken: &'t Broken<'t>,
    out: String,
    /// How many blocks are open.
    depth: usize,
    /// How much deeper the lines are on which the statement goes on.
    further: usize,
    /// What was written last.
    last: Option<SyntaxKind>,
    /// The line ends that were read since.
    line_ends: usize,
    /// Whether everything goes on one line.
    flat: bool,
    cells: Vec<Cell>,
    /// The ends of the declarations: where they were, and where they are.
    ends: Vec<(usize, usize)>,
}

impl Writer<'_> {
    /// What a file or a block holds.
    fn sequence(&mut self, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            match child {
                SyntaxElement::Node(statement) => {
                    self.statement(&statement);
                    if node.kind() == SyntaxKind::SourceFile {
                        self.ends.push((statement.text_range().end().into(), self.out.len()));
                    }
                }
                SyntaxElement::Token(token) => match token.kind() {
                    SyntaxKind::LBrace | SyntaxKind::RBrace | SyntaxKind::Semicolon => {}
                    _ => self.token(&token),
                },
            }
        }
    }

    fn statement(&mut self, statement: &SyntaxNode) {
        if self.broken.holds(statement) {
            return self.as_it_was(statement);
        }
        let outer = std::mem::replace(&mut self.further, 0);
        let mut line = Line { column: column(statement), words: 0, start: None, cell: None };
        self.inside(statement, &mut line, statement);
        self.further = outer;
        let start = line.start.unwrap_or(self.out.len());
        let on_one_line = !self.out.get(start..).unwrap_or("").contains('\n');
        self.cells.extend(line.cell.filter(|_| on_one_line && !self.flat));
    }

    fn inside(&mut self, statement: &SyntaxNode, line: &mut Line, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            match child {
                SyntaxElement::Node(block) if block.kind() == SyntaxKind::Block => self.block(&block, line),
                SyntaxElement::Node(node) => self.inside(statement, line, &node),
                SyntaxElement::Token(token) if token.kind().is_trivia() => self.token(&token),
                SyntaxElement::Token(token) if line.start.is_none() => {
                    self.before_statement();
                    line.start = Some(self.out.len());
                    line.words = 1;
                    self.further = continuation(statement);
                    self.put(&token);
                }
                SyntaxElement::Token(token) => {
                    self.before_word(token.kind());
                    if line.column.is_some_and(|(column, _)| column == Column::Word(line.words)) {
                        line.mark(self.out.len());
                    }
                    line.words = line.words.saturating_add(1);
                    self.put(&token);
                }
            }
        }
    }

    fn block(&mut self, block: &SyntaxNode, line: &mut Line) {
        self.before_word(SyntaxKind::LBrace);
        let outer = self.flat;
        self.flat = outer || stays_on_one_line(block, column_at(&self.out, self.out.len()));
        if self.flat && line.column.is_some_and(|(column, _)| column == Column::Brace) {
            line.mark(self.out.len());
        }
        let further = std::mem::replace(&mut self.further, 0);
        self.out.push('{');
        (self.last, self.line_ends) = (Some(SyntaxKind::LBrace), 0);
        self.depth = self.depth.saturating_add(1);
        self.sequence(block);
        self.depth = self.depth.saturating_sub(1);
        match self.last {
            Some(SyntaxKind::LBrace) => {}
            _ if self.flat => self.out.push(' '),
            _ => self.new_line(1),
        }
        self.out.push('}');
        (self.last, self.line_ends) = (Some(SyntaxKind::RBrace), 0);
        (self.flat, self.further) = (outer, further);
    }

    /// A statement with a mistake in it, at its old column if it began a line.
    fn as_it_was(&mut self, statement: &SyntaxNode) {
        // Where something is missing at its end, the blanks and comments behind it are in its node.
        let tokens = statement.descendants_with_tokens().filter_map(SyntaxElement::into_token);
        let tokens: Vec<SyntaxToken> = tokens.collect();
        let last = tokens.iter().rposition(|token| !token.kind().is_trivia());
        let (own, behind) = tokens.split_at_checked(last.map_or(0, |last| last.saturating_add(1))).unwrap_or_default();
        let end = own.last().map_or(statement.text_range().start(), |token| token.text_range().end());
        let range = usize::from(statement.text_range().start())..usize::from(end);
        let text = self.text.get(range.clone()).unwrap_or("");
        if !text.is_empty() {
            self.put_as_it_was(range.start, text);
        }
        for token in behind {
            self.token(token);
        }
    }

    fn put_as_it_was(&mut self, start: usize, text: &str) {
        let before = self.text.get(..start).unwrap_or("");
        let above = before.trim_end_matches(BLANKS);
        let margin = before.get(above.len()..).unwrap_or("");
        let glued = self.line_ends == 0 && self.last == Some(SyntaxKind::Error);
        if glued {
            self.out.push_str(margin);
        } else {
            self.before_statement();
            if above.is_empty() || above.ends_with('\n') {
                self.out.truncate(self.out.trim_end_matches(' ').len());
                self.out.push_str(margin);
            }
        }
        self.out.push_str(&text.replace("\r\n", "\n"));
        (self.last, self.line_ends) = (Some(SyntaxKind::Error), 0);
    }

    fn token(&mut self, token: &SyntaxToken) {
        match token.kind() {
            SyntaxKind::Whitespace => {}
            SyntaxKind::Newline => self.line_ends = self.line_ends.saturating_add(1),
            SyntaxKind::Comment | SyntaxKind::DocComment => {
                match self.last {
                    None => {}
                    Some(_) if self.line_ends == 0 => self.out.push(' '),
                    Some(_) => self.new_line(2),
                }
                self.put(token);
            }
            kind => {
                self.before_word(kind);
                self.put(token);
            }
        }
    }

    fn put(&mut self, token: &SyntaxToken) {
        self.out.push_str(&plain(token.text()));
        (self.last, self.line_ends) = (Some(token.kind()), 0);
    }

    fn before_statement(&mut self) {
        match self.last {
            None => {}
            Some(SyntaxKind::Comma) if self.line_ends == 0 => self.out.push(' '),
            Some(SyntaxKind::LBrace | SyntaxKind::Comma) if self.flat => self.out.push(' '),
            Some(_) if self.flat => self.out.push_str(" ; "),
            Some(_) => self.new_line(2),
        }
    }

    fn before_word(&mut self, next: SyntaxKind) {
        match self.last {
            Some(SyntaxKind::Comment | SyntaxKind::DocComment) => self.new_line(1),
            Some(SyntaxKind::Comma) if self.line_ends > 0 => self.new_line(1),
            Some(last) if is_blank_between(last, next) => self.out.push(' '),
            None | Some(_) => {}
        }
    }

    /// Ends the line. A blank line that was there stays, if `most` are allowed to end; none stands at the start of a block.
    fn new_line(&mut self, most: usize) {
        let most = if self.last == Some(SyntaxKind::LBrace) { 1 } else { most };
        for _ in 0..self.line_ends.clamp(1, most) {
            self.out.push('\n');
        }
        let blanks = self.depth.saturating_mul(2).saturating_add(self.further);
        self.out.extend(std::iter::repeat_n(' ', blanks));
    }

    /// What was written, with its columns lined up, cut at the ends of the declarations.
    fn pieces(mut self) -> Vec<Piece> {
        // What stands beyond any screen lines up with nothing: its neighbours would become as long as it is.
        self.cells.retain(|cell| column_at(&self.out, cell.at) <= WIDTH);
        self.cells.sort_by_key(|cell| cell.at);
        let mut blanks = padding(&self.out, &self.cells).into_iter().peekable();
        let mut pieces = Vec::new();
        let (mut read, mut old) = (0_usize, 0_usize);
        for (end, out_end) in &self.ends {
            let mut text = String::new();
            while let Some((at, count)) = blanks.next_if(|(at, _)| at < out_end) {
                text.push_str(self.out.get(read..at).unwrap_or(""));
                text.extend(std::iter::repeat_n(' ', count));
                read = at;
            }
            text.push_str(self.out.get(read..*out_end).unwrap_or(""));
            read = *out_end;
            let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            pieces.push(Piece { start: place(old), end: place(*end), text });
            old = *end;
        }
        pieces
    }
}

/// The statement that is being written.
struct Line {
    column: Option<(Column, SyntaxKind)>,
    /// How many words of it are written.
    words: usize,
    /// Where it began.
    start: Option<usize>,
    cell: Option<Cell>,
}

impl Line {
    fn mark(&mut self, at: usize) {
        self.cell = self.column.map(|(_, class)| Cell { at, class });
    }
}
