//! The one diagnostic type of the whole tool: plain data, rendered at the edges.

use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For information; never fails a run.
    Note,
    /// Probably a mistake; fails a run under `--deny warnings`.
    Warning,
    /// Nothing is built.
    Error,
}

impl Severity {
    /// As findings show it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A kind of finding. Every code is declared once, in a `codes` module, by [`codes!`](crate::codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// The stable number, shown as `FN0123`.
    pub number: u16,
    /// What it is about, in a few words.
    pub summary: &'static str,
    /// How bad it is unless said otherwise.
    pub severity: Severity,
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FN{:04}", self.number)
    }
}

/// A further place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where; possibly in another file than the finding itself.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// How sure a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// It is what was meant; nobody has to look.
    MachineApplicable,
    /// It is likely what was meant, or it changes what the package means: somebody has to look.
    MaybeIncorrect,
}

impl Applicability {
    /// As reports have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MachineApplicable => "machine-applicable",
            Self::MaybeIncorrect => "maybe-incorrect",
        }
    }
}

/// One replacement that mends the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
    /// Whether it can be made unseen.
    pub applicability: Applicability,
}

/// A finding in the text of a package.
///
/// The headline is in lower case, without a full stop, with the user's own text in backticks, and stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The headline.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Why the place is marked; empty if the headline says it all.
    pub label: String,
    /// The other parties.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// What does it at the push of a button.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding of `code` at `span`, with the code's own severity.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Says why the primary place is marked.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds another party.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds the replacement that mends it without a choice left to make.
    #[must_use]
    pub fn fix(self, span: Span, replacement: impl Into<String>) -> Self {
        self.replacement(span, replacement.into(), Applicability::MachineApplicable)
    }

    /// Adds the replacement that likely mends it, for somebody to look at.
    #[must_use]
    pub fn suggest(self, span: Span, replacement: impl Into<String>) -> Self {
        self.replacement(span, replacement.into(), Applicability::MaybeIncorrect)
    }

    fn replacement(mut self, span: Span, replacement: String, applicability: Applicability) -> Self {
        self.fix = Some(Fix { span, replacement, applicability });
        self
    }

    /// The order in which findings are shown: by place, then by severity and number.
    #[must_use]
    pub fn sort_key(&self) -> (Span, std::cmp::Reverse<Severity>, u16) {
        (self.span, std::cmp::Reverse(self.severity), self.code.number)
    }

    /// That order, of two findings of one kind at one place by what they say.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        (self.sort_key(), &self.message).cmp(&(other.sort_key(), &other.message))
    }
}

/// Declares codes as constants, and `ALL` over them.
///
/// ```
/// fleetnet_lang::codes! {
///     /// A brace that is never closed.
///     UNCLOSED_BRACE = 7, Error, "unclosed brace";
/// }
/// assert_eq!(UNCLOSED_BRACE.to_string(), "FN0007");
/// assert_eq!(ALL.len(), 1);
/// ```
#[macro_export]
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $severity:ident, $summary:literal;)*) => {
        $($(#[$doc])* pub const $name: $crate::Code =
            $crate::Code { number: $number, summary: $summary, severity: $crate::Severity::$severity };)*
        /// Every code declared here.
        pub const ALL: &[$crate::Code] = &[$($name),*];
    };
}
