//! Words, strings and CEL with their places.

use crate::diagnostic::Diagnostic;
use crate::literals;
use crate::source::{FileId, Span};
use crate::syntax_kind::SyntaxKind;
use crate::tree::Token;

/// A word: a value whose meaning follows from where it stands, or a keyword.
#[derive(Clone, Copy, Debug)]
pub struct Word<'t>(Token<'t>);

impl<'t> Word<'t> {
    pub(super) fn new(token: Token<'t>) -> Self {
        Self(token)
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.0.text()
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self, file: FileId) -> Span {
        self.0.span(file)
    }

    pub(super) fn end(&self) -> rowan::TextSize {
        self.0.text_range().end()
    }

    /// The parameter's name, if the word is `$NAME`.
    #[must_use]
    pub fn param(&self) -> Option<&'t str> {
        self.text().strip_prefix('$')
    }
}

/// A string as written, with its quotes and escapes.
#[derive(Clone, Copy, Debug)]
pub struct Str<'t>(Token<'t>);

impl Str<'_> {
    /// What it says, or what is wrong with its escapes.
    pub fn value(&self, file: FileId) -> Result<String, Diagnostic> {
        literals::string(self.0.text(), self.span(file))
    }

    /// Where it stands, quotes and all.
    #[must_use]
    pub fn span(&self, file: FileId) -> Span {
        self.0.span(file)
    }

    /// Where its inside stands.
    #[must_use]
    pub fn inner_span(&self, file: FileId) -> Span {
        inner_span(self.0, file, '"')
    }
}

/// CEL as written, with its backticks.
#[derive(Clone, Copy, Debug)]
pub struct CelText<'t>(Token<'t>);

impl<'t> CelText<'t> {
    pub(super) fn new(token: Token<'t>) -> Self {
        Self(token)
    }

    /// The expression between the backticks.
    #[must_use]
    pub fn text(&self) -> &'t str {
        let text = self.0.text();
        let open = text.strip_prefix('`').unwrap_or(text);
        open.strip_suffix('`').unwrap_or(open)
    }

    /// Where it stands, backticks and all.
    #[must_use]
    pub fn span(&self, file: FileId) -> Span {
        self.0.span(file)
    }

    /// Where the expression stands: byte `n` of [`text`](Self::text) is byte `n` from its start.
    #[must_use]
    pub fn inner_span(&self, file: FileId) -> Span {
        inner_span(self.0, file, '`')
    }
}

fn inner_span(token: Token<'_>, file: FileId, delimiter: char) -> Span {
    let outer = token.span(file);
    let last = u32::from(crate::lexer::is_closed(token.text(), delimiter));
    Span::new(file, outer.start.saturating_add(1), outer.end.saturating_sub(last))
}

/// A value that may be quoted, or a string that `$NAME` may stand for.
#[derive(Clone, Copy, Debug)]
pub enum Text<'t> {
    /// Without quotes.
    Word(Word<'t>),
    /// In quotes.
    Str(Str<'t>),
}

impl<'t> Text<'t> {
    pub(super) fn new(token: Token<'t>) -> Option<Self> {
        match token.kind() {
            SyntaxKind::Word => Some(Self::Word(Word(token))),
            SyntaxKind::String => Some(Self::Str(Str(token))),
            _ => None,
        }
    }

    /// What it says; a parameter's name with its `$`.
    pub fn value(&self, file: FileId) -> Result<String, Diagnostic> {
        match self {
            Self::Word(word) => Ok(word.text().to_owned()),
            Self::Str(string) => string.value(file),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self, file: FileId) -> Span {
        match self {
            Self::Word(word) => word.span(file),
            Self::Str(string) => string.span(file),
        }
    }

    /// Where what it says stands: without the quotes.
    #[must_use]
    pub fn inner_span(&self, file: FileId) -> Span {
        match self {
            Self::Word(word) => word.span(file),
            Self::Str(string) => string.inner_span(file),
        }
    }

    /// The parameter's name, if it is `$NAME` without quotes.
    #[must_use]
    pub fn param(&self) -> Option<&'t str> {
        match self {
            Self::Word(word) => word.param(),
            Self::Str(_) => None,
        }
    }
}
