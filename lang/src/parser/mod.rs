//! The engine below the grammar: tokens in, a flat list of events out, from which [`sink`] builds the tree.
//!
//! What keeps it from hanging, leaking and overflowing:
//! - nodes are opened and closed by one call around a closure, so they always nest;
//! - nothing is read past the end of the block that is being parsed ([`delimiters`] knows it beforehand);
//! - a line's end reads as [`SyntaxKind::Newline`] until the statement is over, except after a comma and in parentheses;
//! - every statement takes at least one token, and blocks nest at most [`MAX_DEPTH`] deep;
//! - the first finding of a statement is reported, what follows from it isn't.

mod delimiters;
mod input;
mod probe;
mod report;
mod scope;
mod sink;

use crate::ast::AstNode;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax_kind::{SyntaxKind, SyntaxNode};
use crate::tree::Node;
use crate::{ast, codes, grammar, lexer};

use delimiters::Delimiters;
use input::Input;
use probe::Probe;
pub use probe::{Begun, Expected};
use report::Reports;
pub(crate) use scope::{Free, Scope, Statement, block, statements};

/// The largest text that is parsed, in bytes. It holds several hundred thousand rules; a text of braces alone takes about
/// 80 bytes of memory for each of its own.
pub const MAX_TEXT: usize = 16 << 20;

/// How deep blocks may nest. Three are enough for everything that has a meaning.
pub(crate) const MAX_DEPTH: u32 = 256;

/// A text's tree and what is wrong with its form.
#[derive(Clone, Debug)]
pub struct Parse {
    /// The lossless tree: its text is the input.
    pub tree: rowan::GreenNode,
    /// The findings in order of place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parse {
    /// The root of the tree, for a file a [`SyntaxKind::SourceFile`].
    #[must_use]
    pub fn syntax(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.tree.clone())
    }

    /// The same root, to read the tree downwards.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::root(&self.tree)
    }

    /// The root as a typed view.
    #[must_use]
    pub fn file(&self) -> Option<ast::SourceFile<'_>> {
        AstNode::cast(self.root())
    }

    /// The root of a [`parse_question`] as a typed view: an assertion without its verb.
    #[must_use]
    pub fn question(&self) -> Option<ast::Assertion<'_>> {
        AstNode::cast(self.root())
    }
}

/// Parses one file. Never fails: any text has a tree whose text it is.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parse {
    parse_as(file, text, grammar::source_file)
}

/// Parses an environment file: a line `NAME = VALUE` for each parameter that it sets, as [`ast::Param`](crate::ast::Param)s without their
/// keyword. Never fails, as [`parse`].
#[must_use]
pub fn parse_environment(file: FileId, text: &str) -> Parse {
    parse_as(file, text, grammar::environment)
}

/// Parses what somebody asks about a flow: `PEERS -> PEERS [on PORTS] [METHOD PATH]`. Never fails, as [`parse`].
#[must_use]
pub fn parse_question(file: FileId, text: &str) -> Parse {
    parse_as(file, text, grammar::question)
}

/// The keywords that could stand where a word of a file begins; nothing where none does.
#[must_use]
pub fn expected_at(text: &str, offset: u32) -> Vec<Expected> {
    probed(text, offset, |parser| parser.probe.finish())
}

/// The statement around a token of a file that begins at a place, up to it; nothing outside of all statements that the grammar knows.
#[must_use]
pub fn begun_at(text: &str, offset: u32) -> Option<Begun> {
    probed(text, offset, |parser| parser.begun())
}

/// What a parser has found about the token of a file that begins at a place.
fn probed<T: Default>(text: &str, offset: u32, found: impl FnOnce(Parser<'_>) -> T) -> T {
    if text.len() > MAX_TEXT {
        return T::default();
    }
    let lexed = lexer::lex(text);
    let input = Input::new(text, &lexed);
    let delimiters = Delimiters::new(&input);
    let mut tokens = (0..input.len()).filter(|index| input.get(*index).is_some_and(|token| token.start == offset));
    let Some(token) = tokens.next() else { return T::default() };
    let mut parser = Parser::new(FileId(0), &input, &delimiters);
    parser.probe = Probe::at(token);
    grammar::source_file(&mut parser);
    found(parser)
}

/// Parses one file, without a look at what is said twice.
pub(crate) fn parse_form(file: FileId, text: &str) -> Parse {
    form_as(file, text, grammar::source_file)
}

fn parse_as(file: FileId, text: &str, root: fn(&mut Parser<'_>)) -> Parse {
    let mut parse = form_as(file, text, root);
    if text.len() <= MAX_TEXT {
        parse.diagnostics.extend(crate::validate::validate(file, parse.root()));
        parse.diagnostics.sort_by_key(Diagnostic::sort_key);
    }
    parse
}

fn form_as(file: FileId, text: &str, root: fn(&mut Parser<'_>)) -> Parse {
    if text.len() > MAX_TEXT {
        return too_large(file, text);
    }
    let lexed = lexer::lex(text);
    let input = Input::new(text, &lexed);
    let delimiters = Delimiters::new(&input);
    let mut parser = Parser::new(file, &input, &delimiters);
    parser.reports.unterminated(text, &lexed);
    root(&mut parser);
    let Parser { events, reports, .. } = parser;
    let tree = sink::tree(text, &lexed, &events);
    Parse { tree, diagnostics: reports.finish() }
}

fn too_large(file: FileId, text: &str) -> Parse {
    let message = format!("a file of {} bytes is larger than the {MAX_TEXT} that are read", text.len());
    let diagnostic = Diagnostic::new(codes::TEXT_TOO_LARGE, Span::new(file, 0, 0), message)
        .help("split the package into several files");
    Parse { tree: sink::opaque(text), diagnostics: vec![diagnostic] }
}

/// One step of building the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Open(SyntaxKind),
    /// The next significant token, as this kind.
    Token(SyntaxKind),
    Close,
}

/// The state of parsing one text.
pub(crate) struct Parser<'t> {
    file: FileId,
    input: &'t Input<'t>,
    delimiters: &'t Delimiters,
    /// The next token.
    position: usize,
    /// The first token that is outside of the block being parsed.
    limit: usize,
    /// The token that is read although it starts a line.
    crossed: Option<usize>,
    /// How many open parentheses have a partner.
    parentheses: u32,
    depth: u32,
    /// The statements of the block being parsed.
    scope: &'static Scope,
    /// How the statement being parsed is written, if that is known.
    form: Option<&'static str>,
    /// What it says, if that is known.
    about: &'static str,
    /// Whether the statement being parsed already has a finding.
    failed: bool,
    events: Vec<Event>,
    reports: Reports,
    /// What is asked of the grammar besides the tree.
    probe: Probe,
}

impl<'t> Parser<'t> {
    fn new(file: FileId, input: &'t Input<'t>, delimiters: &'t Delimiters) -> Self {
        Self {
            file,
            input,
            delimiters,
            position: 0,
            limit: input.len(),
            crossed: None,
            parentheses: 0,
            depth: 0,
            scope: &grammar::DECLARATIONS,
            form: None,
            about: "",
            failed: false,
            events: Vec::with_capacity(input.len().saturating_mul(2)),
            reports: Reports::new(file),
            probe: Probe::default(),
        }
    }

    // Looking.

    /// The kind of the next token; [`SyntaxKind::Newline`] at a line's end, [`SyntaxKind::Eof`] at the block's.
    pub fn current(&self) -> SyntaxKind {
        self.peek(0)
    }

    /// The kind of the token `ahead` of the next one.
    pub fn peek(&self, ahead: usize) -> SyntaxKind {
        let index = self.position.saturating_add(ahead);
        if index >= self.limit {
            return SyntaxKind::Eof;
        }
        if self.ends_line_before(index) { SyntaxKind::Newline } else { self.input.kind(index) }
    }

    /// The text of the next token; nothing at the end of the line or block.
    pub fn text(&self) -> &'t str {
        self.text_ahead(0)
    }

    /// The text of the token `ahead` of the next one.
    pub fn text_ahead(&self, ahead: usize) -> &'t str {
        match self.peek(ahead) {
            SyntaxKind::Eof | SyntaxKind::Newline => "",
            _ => self.input.text(self.position.saturating_add(ahead)),
        }
    }

    /// Whether the next token is of this kind.
    pub fn at(&self, kind: SyntaxKind) -> bool {
        self.current() == kind
    }

    /// Whether the next token is this word.
    pub fn at_word(&self, word: &str) -> bool {
        self.at(SyntaxKind::Word) && self.text() == word
    }

    /// Whether the statement is over: a line's end, `;` or the end of the block.
    pub fn at_end(&self) -> bool {
        matches!(self.current(), SyntaxKind::Newline | SyntaxKind::Semicolon | SyntaxKind::Eof)
    }

    fn ends_line_before(&self, index: usize) -> bool {
        if self.crossed == Some(index) || self.parentheses > 0 || !self.input.starts_line(index) {
            return false;
        }
        let after_comma = index.checked_sub(1).is_some_and(|last| self.input.kind(last) == SyntaxKind::Comma);
        !after_comma || self.input.declaration_at(index)
    }

    // Taking.

    /// Takes the next token as it is.
    pub fn bump(&mut self) {
        self.bump_as(self.input.kind(self.position));
    }

    /// Takes the next token as a keyword.
    pub fn bump_keyword(&mut self) {
        self.bump_as(SyntaxKind::Keyword);
    }

    /// Takes the next token if it is of this kind.
    pub fn eat(&mut self, kind: SyntaxKind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    fn bump_as(&mut self, kind: SyntaxKind) {
        if self.position < self.limit {
            self.events.push(Event::Token(kind));
            self.position = self.position.saturating_add(1);
        }
    }

    /// Puts what `inside` takes into a node.
    pub fn node(&mut self, kind: SyntaxKind, inside: impl FnOnce(&mut Self)) {
        self.events.push(Event::Open(kind));
        inside(self);
        self.events.push(Event::Close);
    }

    // Lines.

    /// Whether `word` comes next. A clause that stands on the next line, where no statement starts with its word, is
    /// taken with a finding.
    pub fn at_clause(&mut self, word: &str) -> bool {
        self.offer(&[word]);
        if self.at_word(word) {
            return true;
        }
        let text = self.input.text(self.position);
        let below = self.at(SyntaxKind::Newline) && text == word && !self.scope.knows(word);
        below && self.cross_line()
    }

    /// Takes a keyword if it comes next, like [`at_clause`](Self::at_clause).
    pub fn eat_clause(&mut self, word: &str) -> bool {
        let found = self.at_clause(word);
        if found {
            self.bump_keyword();
        }
        found
    }

    /// Before something that must come: if it stands on the next line, goes on there, with a finding.
    pub fn needs(&mut self, kinds: &[SyntaxKind]) -> bool {
        if kinds.contains(&self.current()) {
            return true;
        }
        let next = self.input.kind(self.position);
        let below = self.at(SyntaxKind::Newline) && kinds.contains(&next);
        let other_statement = next == SyntaxKind::Word && self.scope.knows(self.input.text(self.position));
        below && !other_statement && self.cross_line()
    }

    fn cross_line(&mut self) -> bool {
        self.report_broken_line();
        self.crossed = Some(self.position);
        true
    }

    /// Takes a parenthesis with what `inside` takes; line ends don't count there.
    pub fn parenthesised(&mut self, inside: impl FnOnce(&mut Self)) {
        let opener = self.position;
        let end = self.delimiters.extent(opener).filter(|extent| extent.end < self.limit).map(|extent| extent.end);
        let Some(end) = end else {
            self.report_unclosed(opener, codes::UNCLOSED_PARENTHESIS, "(");
            self.bump();
            return inside(self);
        };
        self.bump();
        self.parentheses = self.parentheses.saturating_add(1);
        let outer = std::mem::replace(&mut self.limit, end);
        inside(self);
        if self.position < end {
            self.expected("`)`");
            self.skip_to(end);
        }
        self.limit = outer;
        self.bump();
        self.parentheses = self.parentheses.saturating_sub(1);
    }

    // Places.

    /// The span of the next token, or an empty one behind the last if the line or the block ends here.
    fn place(&self) -> Span {
        match self.input.get(self.position) {
            Some(token) if !matches!(self.current(), SyntaxKind::Newline | SyntaxKind::Eof) => {
                Span::new(self.file, token.start, token.end)
            }
            _ => self.behind(),
        }
    }

    /// The empty span behind the last token taken.
    fn behind(&self) -> Span {
        let end = self.position.checked_sub(1).and_then(|last| self.input.get(last)).map_or(0, |token| token.end);
        Span::new(self.file, end, end)
    }

    /// Takes everything before `end` as an error.
    fn skip_to(&mut self, end: usize) {
        if self.position < end {
            self.node(SyntaxKind::Error, |p| {
                while p.position < end.min(p.limit) {
                    p.bump();
                }
            });
        }
    }
}
