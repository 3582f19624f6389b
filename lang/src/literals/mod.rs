//! What single words say: names, numbers, durations, addresses, ports, labels, versions, strings.
//!
//! The parser takes words as they are, because `$NAME` may stand for most of them. Whoever knows what a word must be
//! reads it here, with the span it stands at; what is wrong comes back as a finding that points into the word.

mod cidr;
mod label;
mod name;
mod number;
mod port;
mod text;
mod version;

pub use cidr::{Cidr, cidr};
pub use label::{label_key, label_value};
pub use name::{NamespacedName, PodsRef, dns_pattern, name, namespaced_name, pods, subdomain};
pub use number::{Amount, Percent, amount, duration, number, percent};
pub use port::{Port, PortRange, Protocol, port, port_number, port_on, protocol};
pub use text::{code, string};
pub use version::{Version, version};

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// What is wrong with a word, by its place in the word.
struct Wrong {
    code: Code,
    /// Bytes of the word.
    range: Range<usize>,
    message: String,
    help: String,
    /// What the whole word should be, if that is clear.
    instead: Option<String>,
}

impl Wrong {
    fn new(code: Code, range: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), help: help.into(), instead: None }
    }

    fn instead(mut self, word: impl Into<String>) -> Self {
        self.instead = Some(word.into());
        self
    }

    /// The finding, for a word that stands at `span`.
    fn at(self, span: Span) -> Diagnostic {
        let offset = |bytes: usize| span.start.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX)).min(span.end);
        let place = Span::new(span.file, offset(self.range.start), offset(self.range.end));
        let diagnostic = Diagnostic::new(self.code, place, self.message).help(self.help);
        match self.instead {
            Some(word) => diagnostic.suggest(span, word),
            None => diagnostic,
        }
    }
}

/// The range of `part`, which is a slice of `whole`.
fn range_of(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
    start..start.saturating_add(part.len()).min(whole.len())
}

/// A number of decimal digits without sign, if it is one and fits.
fn digits(text: &str) -> Option<u64> {
    let all: nom::IResult<&str, u64> =
        nom::Parser::parse(&mut nom::combinator::all_consuming(nom::character::complete::u64), text);
    all.ok().map(|(_, value)| value)
}
