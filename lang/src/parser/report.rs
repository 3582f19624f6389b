//! The parser's findings, one for a statement and a bounded number for a file.

use super::Parser;
use crate::codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::{Token, is_closed, slice};
use crate::source::{FileId, Span};
use crate::suggest::nearest;
use crate::syntax_kind::SyntaxKind;

/// How many findings are kept for one file.
const MAX_REPORTS: usize = 500;

/// The findings of one file so far.
pub(super) struct Reports {
    file: FileId,
    found: Vec<Diagnostic>,
    more: usize,
    /// The insides of blocks that are never closed.
    unclosed: Vec<Span>,
    /// The lines whose last string is never closed.
    open_lines: Vec<OpenLine>,
}

impl Reports {
    pub fn new(file: FileId) -> Self {
        Self { file, found: Vec::new(), more: 0, unclosed: Vec::new(), open_lines: Vec::new() }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.found.len() < MAX_REPORTS {
            self.found.push(diagnostic);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Strings and CEL without their last delimiter.
    pub fn unterminated(&mut self, text: &str, tokens: &[Token]) {
        let mut first_quote = None;
        for token in tokens {
            match token.kind {
                SyntaxKind::Newline => first_quote = None,
                SyntaxKind::String => drop(first_quote.get_or_insert(token.start)),
                _ => {}
            }
            let (code, what, sign, delimiter) = match token.kind {
                SyntaxKind::String => (codes::UNTERMINATED_STRING, "string", "quote", '"'),
                SyntaxKind::Cel => (codes::UNTERMINATED_CEL, "CEL expression", "backtick", '`'),
                _ => continue,
            };
            if is_closed(slice(text, *token), delimiter) {
                continue;
            }
            let open = Span::new(self.file, token.start, token.start.saturating_add(1));
            if let (SyntaxKind::String, Some(first_quote)) = (token.kind, first_quote) {
                let before = slice(text, Token { start: 0, end: token.start, ..*token });
                let start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
                let start = u32::try_from(start).unwrap_or(u32::MAX);
                self.open_lines.push(OpenLine { start, first_quote, open: token.start, end: token.end });
            }
            let end = closable(slice(text, *token)).saturating_add(token.start).min(token.end);
            let end = Span::new(self.file, end, end);
            self.push(
                Diagnostic::new(code, open, format!("this {what} has no closing {sign}"))
                    .labelled("opened here")
                    .help(format!("add the {sign}"))
                    .suggest(end, delimiter.to_string()),
            );
        }
    }

    /// The findings to show. What was found inside a block that isn't closed may only follow from that.
    pub fn finish(self) -> Vec<Diagnostic> {
        let Self { file, mut found, more, unclosed, open_lines } = self;
        for line in &open_lines {
            line.keep_one(&mut found);
        }
        let root_cause = [codes::UNCLOSED_BRACE, codes::UNTERMINATED_STRING, codes::UNTERMINATED_CEL];
        let cel: Vec<u32> =
            found.iter().filter(|one| one.code == codes::UNTERMINATED_CEL).map(|one| one.span.start).collect();
        // CEL that is open has swallowed the `}` of the blocks around it.
        let swallowed = |one: &Diagnostic| {
            let holds = |block: &Span| {
                block.start == one.span.start && cel.iter().any(|start| (block.start..block.end).contains(start))
            };
            one.code == codes::UNCLOSED_BRACE && unclosed.iter().any(holds)
        };
        let inside = |span: Span| unclosed.iter().any(|block| block.start < span.start && span.end <= block.end);
        let mut shown: Vec<Diagnostic> = found
            .into_iter()
            .filter(|one| !swallowed(one) && (root_cause.contains(&one.code) || !inside(one.span)))
            .collect();
        if more > 0 {
            let message = format!("{more} further errors in this file are not shown");
            shown.push(Diagnostic::new(codes::MORE_ERRORS, Span::new(file, 0, 0), message));
        }
        shown
    }
}

/// How much of an open string or CEL its delimiter belongs behind: not the `}` of a block that it has swallowed.
fn closable(open: &str) -> u32 {
    let count = |brace| open.matches(brace).count();
    let mut swallowed = count('}').saturating_sub(count('{'));
    let mut inside = open.trim_end();
    while let Some(shorter) = inside.strip_suffix('}').filter(|_| swallowed > 0) {
        inside = shorter.trim_end();
        swallowed -= 1;
    }
    u32::try_from(inside.len()).unwrap_or(u32::MAX)
}

/// A line with an odd number of quotes: which one is too many or missing shows in none of them.
struct OpenLine {
    start: u32,
    first_quote: u32,
    open: u32,
    /// Where the last string ends. Closers follow at most.
    end: u32,
}

impl OpenLine {
    /// Of what is found in the line because strings and words have changed places, only the first says what is wrong: something before the
    /// first quote, or else the quote that isn't closed.
    fn keep_one(&self, found: &mut Vec<Diagnostic>) {
        let is_quote = |one: &Diagnostic| one.code == codes::UNTERMINATED_STRING && one.span.start == self.open;
        let is_before = |one: &Diagnostic| {
            let is_other = ![codes::UNTERMINATED_STRING, codes::UNCLOSED_BRACE].contains(&one.code);
            is_other && (self.start..self.first_quote).contains(&one.span.start)
        };
        let follows = |one: &Diagnostic| {
            let from = if one.code == codes::UNCLOSED_BRACE { self.start } else { self.first_quote };
            !is_quote(one) && one.code != codes::UNTERMINATED_CEL && (from..=self.end).contains(&one.span.start)
        };
        let (has_cause, has_followers) = (found.iter().any(is_before), found.iter().any(follows));
        found.retain(|one| if is_quote(one) { !has_cause } else { !follows(one) });
        if has_followers && let Some(quote) = found.iter_mut().find(|one| is_quote(one)) {
            quote.help = Some("write the quote that is missing in this line".into());
            quote.fix = None;
        }
    }
}

impl Parser<'_> {
    /// Reports unless the statement has a finding already.
    pub fn report(&mut self, make: impl FnOnce(Span) -> Diagnostic) {
        if !self.failed {
            self.failed = true;
            let diagnostic = make(self.place());
            self.reports.push(diagnostic);
        }
    }

    /// Something that isn't there: `what` with an article, or in backticks.
    pub fn expected(&mut self, what: &str) {
        let found = self.found();
        let form = self.form.map(|form| format!("it is written `{form}`"));
        match self.current() {
            SyntaxKind::Unknown => self.report(|span| {
                Diagnostic::new(codes::STRAY_CHARACTER, span, format!("{found} has no meaning here"))
                    .help(format!("{what} was expected; text with such characters goes into quotes"))
            }),
            SyntaxKind::RBrace | SyntaxKind::RParen => self.report_unmatched(),
            _ => self.report(|span| {
                let message = format!("expected {what}, found {found}");
                let diagnostic = Diagnostic::new(codes::EXPECTED, span, message).labelled("expected here");
                match form {
                    Some(form) => diagnostic.help(form),
                    None => diagnostic.help(format!("write {what}")),
                }
            }),
        }
    }

    /// The `{` of a block that goes on in the lines below.
    pub(super) fn missing_brace(&mut self) {
        let behind = self.behind();
        self.report(|_| {
            Diagnostic::new(codes::EXPECTED, behind, "expected `{` before the lines of this block")
                .labelled("expected here")
                .help("add the `{`")
                .fix(behind, " {")
        });
    }

    /// A word that is none of `choices`.
    pub fn unknown_choice(&mut self, choices: &[&str]) {
        let list = one_of(choices);
        if !self.at(SyntaxKind::Word) {
            return self.expected(&list);
        }
        let word = self.text();
        self.report(|span| {
            let message = format!("expected {list}, found `{word}`");
            suggest(Diagnostic::new(codes::UNKNOWN_CHOICE, span, message), word, choices)
        });
    }

    /// A statement of the block, or a declaration, that there is none of.
    pub fn unknown_statement(&mut self) {
        let scope = self.scope;
        if !self.at(SyntaxKind::Word) {
            return self.expected(scope.what);
        }
        let word = self.text();
        let choices: Vec<&str> = scope.keywords().collect();
        let code = if self.depth == 0 { codes::UNKNOWN_DECLARATION } else { codes::UNKNOWN_STATEMENT };
        self.report(|span| {
            let message = format!("expected {}, found `{word}`", scope.what);
            let known = format!("it may start with {}", one_of(&choices));
            let diagnostic = Diagnostic::new(code, span, message);
            if nearest(word, &choices).is_some() { suggest(diagnostic, word, &choices) } else { diagnostic.help(known) }
        });
    }

    /// A name that is a word of the language.
    pub fn reserved_name(&mut self) {
        let word = self.text();
        self.report(|span| {
            Diagnostic::new(codes::RESERVED_NAME, span, format!("`{word}` is a word of the language, not a name"))
                .help(format!("choose another name, for instance `{word}-1`"))
        });
    }

    /// A `}` or `)` that closes nothing.
    pub fn report_unmatched(&mut self) {
        let found = self.found();
        self.report(|span| {
            Diagnostic::new(codes::UNMATCHED_CLOSER, span, format!("{found} closes nothing"))
                .help("remove it, or write the opening one that it belongs to")
        });
    }

    /// Two statements on one line.
    pub fn missing_separator(&mut self) {
        let behind = self.behind();
        let found = self.found();
        self.report(|span| {
            Diagnostic::new(codes::MISSING_SEPARATOR, span, format!("expected a new line or `;` before {found}"))
                .help("put every statement on its own line, or `;` between two")
                .fix(behind, " ;")
        });
    }

    pub(super) fn report_broken_line(&mut self) {
        let behind = self.behind();
        let Some(next) = self.input.get(self.position) else { return };
        let gap = Span::new(self.file, behind.end, next.start);
        let span = Span::new(self.file, next.start, next.end);
        let text = self.input.text(self.position);
        self.reports.push(
            Diagnostic::new(codes::BROKEN_LINE, span, format!("`{text}` belongs to the line before"))
                .related(behind, "a statement ends with its line, except after a comma or in parentheses")
                .help("join the two lines")
                .fix(gap, " "),
        );
    }

    /// An opener without a closer, at the opener.
    pub(super) fn report_unclosed(&mut self, opener: usize, code: Code, sign: &str) {
        let Some(token) = self.input.get(opener) else { return };
        let end = self.delimiters.extent(opener).map_or(opener.saturating_add(1), |extent| extent.end);
        let last = end.checked_sub(1).and_then(|last| self.input.get(last)).map_or(token.end, |last| last.end);
        let close = if sign == "{" { "}" } else { ")" };
        let span = Span::new(self.file, token.start, token.end);
        let behind = Span::new(self.file, last, last);
        if sign == "{" {
            self.reports.unclosed.push(Span::new(self.file, token.start, last));
        }
        self.reports.push(
            Diagnostic::new(code, span, format!("this `{sign}` is never closed"))
                .labelled("opened here")
                .related(behind, format!("`{close}` expected after this"))
                .help(format!("add the `{close}`")),
        );
        self.failed = true;
    }

    /// What comes next, for a message.
    fn found(&self) -> String {
        match self.current() {
            SyntaxKind::Newline => "the end of the line".to_owned(),
            SyntaxKind::Eof if self.position < self.input.len() => {
                format!("`{}`", self.input.text(self.position))
            }
            SyntaxKind::Eof => "the end of the file".to_owned(),
            SyntaxKind::String => "a string".to_owned(),
            SyntaxKind::Cel => "CEL".to_owned(),
            _ => format!("`{}`", shorten(self.text())),
        }
    }
}

/// `a`, `b` or `c`.
pub(crate) fn one_of(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

/// Adds the nearest of `choices` as help and fix, or all of them as help.
fn suggest(diagnostic: Diagnostic, word: &str, choices: &[&str]) -> Diagnostic {
    match nearest(word, choices) {
        Some(near) => {
            let span = diagnostic.span;
            diagnostic.help(format!("did you mean `{near}`?")).suggest(span, near)
        }
        None => diagnostic.help(format!("write {}", one_of(choices))),
    }
}

/// A text that is short enough for a message, with what can't be seen spelled out.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut chars = text.chars();
    let mut head = String::new();
    for c in chars.by_ref().take(LONGEST) {
        if c.is_control() || c.is_whitespace() { head.extend(c.escape_unicode()) } else { head.push(c) }
    }
    if chars.next().is_some() { format!("{head}…") } else { head }
}
