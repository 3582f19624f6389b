//! Rows of statements: what a file and every block consists of, and how a row goes on after a statement that is wrong.

use super::delimiters::Extent;
use super::{MAX_DEPTH, Parser};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::suggest::nearest;
use crate::syntax_kind::SyntaxKind;

/// A statement by its keyword.
pub(crate) struct Statement {
    /// The word it starts with.
    pub keyword: &'static str,
    /// How it is written, for whoever wrote it otherwise.
    pub form: &'static str,
    /// What it says, in a line.
    pub about: &'static str,
    /// Parses it, the keyword coming next.
    pub parse: fn(&mut Parser<'_>),
}

/// A statement that starts with no keyword.
pub(crate) struct Free {
    /// How it is written.
    pub form: &'static str,
    /// What it says, in a line.
    pub about: &'static str,
    /// Parses one and says so, or takes nothing.
    pub parse: fn(&mut Parser<'_>) -> bool,
}

/// What may stand in a block, or in a file.
pub(crate) struct Scope {
    /// What one statement is called, with its article.
    pub what: &'static str,
    /// The statements that start with a keyword.
    pub statements: &'static [Statement],
    /// Further statements that stand in many blocks.
    pub common: &'static [Statement],
    /// Statements that start otherwise.
    pub free: Option<Free>,
}

impl Scope {
    /// The keywords that statements start with.
    pub fn keywords(&self) -> impl Iterator<Item = &'static str> {
        self.statements.iter().chain(self.common).map(|statement| statement.keyword)
    }

    /// Whether a statement starts with this keyword.
    pub fn knows(&self, word: &str) -> bool {
        self.find(word).is_some()
    }

    fn find(&self, word: &str) -> Option<&'static Statement> {
        self.statements.iter().chain(self.common).find(|statement| statement.keyword == word)
    }
}

/// `[SEP] [ X { SEP X } [SEP] ]` up to the end of the block or file.
pub(crate) fn statements(p: &mut Parser<'_>, scope: &'static Scope) {
    let outer = (std::mem::replace(&mut p.scope, scope), p.failed, p.form, p.about);
    while p.next_statement() {
        let start = p.position;
        p.failed = false;
        p.statement();
        p.end_statement(start);
        p.probe_statement(start);
    }
    (p.scope, p.failed, p.form, p.about) = outer;
}

/// `"{" … "}"`, or what is left of it.
pub(crate) fn block(p: &mut Parser<'_>, scope: &'static Scope) {
    p.skip_to_block();
    if p.depth >= MAX_DEPTH {
        p.report(|span| {
            Diagnostic::new(codes::NESTED_TOO_DEEP, span, format!("blocks nest more than {MAX_DEPTH} deep"))
                .help("a block in a block in a block is as deep as anything has a meaning")
        });
        return;
    }
    p.depth = p.depth.saturating_add(1);
    if p.at(SyntaxKind::LBrace) {
        p.braced(|p| statements(p, scope));
    } else if let Some(end) = p.unopened_block() {
        p.missing_brace();
        let extent = Extent { end, closed: true };
        p.node(SyntaxKind::Block, |p| p.within(extent, |p| statements(p, scope)));
    } else {
        p.expected("`{`");
    }
    p.depth = p.depth.saturating_sub(1);
}

impl Parser<'_> {
    /// Whether a block comes next: also one whose `{` is missing, or stands on the next line.
    pub fn at_block(&mut self) -> bool {
        self.needs(&[SyntaxKind::LBrace]) || self.unopened_block().is_some()
    }

    /// A node with braces, less what is missing of them, around what `inside` takes.
    pub fn braced(&mut self, inside: impl FnOnce(&mut Self)) {
        let opener = self.position;
        let Some(extent) = self.delimiters.extent(opener) else { return };
        self.node(SyntaxKind::Block, |p| {
            let failed = p.failed;
            if !extent.closed {
                p.report_unclosed(opener, codes::UNCLOSED_BRACE, "{");
            }
            p.failed = failed;
            p.bump();
            p.within(extent, inside);
        });
    }

    /// Parses what is inside of a block, and takes its `}`.
    fn within(&mut self, extent: Extent, inside: impl FnOnce(&mut Self)) {
        let end = extent.end.min(self.limit);
        let limit = std::mem::replace(&mut self.limit, end);
        let parentheses = std::mem::take(&mut self.parentheses);
        inside(self);
        if self.position < end {
            self.expected("`}`");
            self.skip_to(end);
        }
        (self.limit, self.parentheses) = (limit, parentheses);
        if extent.closed && self.position < limit {
            self.bump();
        }
    }

    fn unopened_block(&self) -> Option<usize> {
        let end = self.delimiters.unopened(self.position)?;
        (self.at_end() && end < self.limit).then_some(end)
    }

    /// Skips what stands between a head that is wrong and its block.
    fn skip_to_block(&mut self) {
        if self.needs(&[SyntaxKind::LBrace]) || self.at_end() {
            return;
        }
        let mut ahead = 0_usize;
        while !matches!(self.peek(ahead), SyntaxKind::Eof | SyntaxKind::Newline | SyntaxKind::Semicolon) {
            if self.peek(ahead) == SyntaxKind::LBrace {
                self.expected("`{`");
                return self.skip_to(self.position.saturating_add(ahead));
            }
            ahead = ahead.saturating_add(1);
        }
    }

    /// A text that is one statement, written as `form`, and nothing else.
    pub fn single(&mut self, form: &'static str, inside: impl FnOnce(&mut Self)) {
        self.form = Some(form);
        self.crossed = Some(self.position);
        inside(self);
        if self.position < self.limit {
            self.crossed = Some(self.position);
            self.expected("nothing else");
            self.skip_to(self.limit);
        }
    }

    /// Takes separators, and says whether a statement follows.
    pub fn next_statement(&mut self) -> bool {
        while self.position < self.limit {
            self.crossed = Some(self.position);
            if !self.eat(SyntaxKind::Semicolon) {
                return true;
            }
        }
        false
    }

    fn statement(&mut self) {
        self.offer_statements();
        if let Some(known) = self.scope.find(self.text()).filter(|_| self.at(SyntaxKind::Word)) {
            (self.form, self.about) = (Some(known.form), known.about);
            return (known.parse)(self);
        }
        self.form = self.scope.free.as_ref().map(|free| free.form);
        self.about = self.scope.free.as_ref().map_or("", |free| free.about);
        if self.scope.free.as_ref().is_some_and(|free| (free.parse)(self)) {
            return;
        }
        self.unknown_statement();
        if self.depth == 0 {
            self.skip_to_declaration();
        }
    }

    /// After the last part of the statement that began at `start`: a separator, or recovery.
    fn end_statement(&mut self, start: usize) {
        if !self.at_end() {
            let next = self.at(SyntaxKind::Word) && self.scope.knows(self.text());
            if next && !self.failed {
                self.missing_separator();
                self.crossed = Some(self.position);
                return self.ensure_progress(start);
            }
            self.expected("a new line or `;`");
            self.skip_statement();
        }
        if self.failed {
            self.skip_deeper_lines(start);
        }
        self.ensure_progress(start);
    }

    fn ensure_progress(&mut self, start: usize) {
        if self.position <= start {
            self.skip_to(start.saturating_add(1));
        }
    }

    /// Takes the rest of a statement, with the blocks in it and a `}` on its line that closes nothing.
    fn skip_statement(&mut self) {
        let line = self.input.line_of(self.position);
        let line_end = self.input.line(line.saturating_add(1)).first.min(self.limit);
        let stray = self.delimiters.last_stray(self.position..line_end);
        let mut end = self.position;
        while end < self.limit {
            let over =
                end > self.position && self.ends_line_before(end) || self.input.kind(end) == SyntaxKind::Semicolon;
            if over && stray.is_none_or(|stray| end > stray) {
                break;
            }
            end = self.after(end);
        }
        self.skip_to(end);
    }

    /// Takes the lines that stand deeper than the statement that began at `start`, unless they are statements: they
    /// went on with what was wrong.
    fn skip_deeper_lines(&mut self, start: usize) {
        let column = self.input.line(self.input.line_of(start)).column;
        let mut end = self.position;
        while end < self.limit && self.input.starts_line(end) {
            let line = self.input.line_of(end);
            let statement = self.input.kind(end) == SyntaxKind::Word && self.scope.knows(self.input.text(end));
            if statement || self.input.line(line).column <= column {
                break;
            }
            let next = self.input.line(line.saturating_add(1)).first.min(self.limit);
            while end < next {
                end = self.after(end);
            }
        }
        self.skip_to(end);
    }

    /// Takes everything up to the next line that starts with the keyword of a declaration, or with a slip of one where a declaration would stand.
    fn skip_to_declaration(&mut self) {
        let column = self.input.line(self.input.line_of(self.position)).column;
        let choices: Vec<&str> = self.scope.keywords().collect();
        let mut end = self.after(self.position);
        while end < self.limit {
            let word = if self.input.kind(end) == SyntaxKind::Word { self.input.text(end) } else { "" };
            let slip =
                || self.input.line(self.input.line_of(end)).column <= column && nearest(word, &choices).is_some();
            if self.input.starts_line(end) && (self.scope.knows(word) || slip()) {
                break;
            }
            end = self.after(end);
        }
        self.skip_to(end);
    }

    /// The token after the one at `index`, or after the block that it opens.
    fn after(&self, index: usize) -> usize {
        let next = index.saturating_add(1);
        match self.delimiters.extent(index).filter(|_| self.input.kind(index) == SyntaxKind::LBrace) {
            Some(extent) if extent.closed => extent.end.saturating_add(1),
            Some(extent) => extent.end,
            None => next,
        }
    }
}
