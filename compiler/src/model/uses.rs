//! Where parameters are used.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Label, Span};

/// The places where values of parameters are used, and where each value stands.
#[derive(Clone, Debug, Default)]
pub struct Uses(BTreeMap<Span, Span>);

impl Uses {
    /// Notes that a value is used.
    pub fn note(&mut self, at: Span, value: Span) {
        self.0.insert(at, value);
    }

    /// Takes in the uses of another part of the package.
    pub fn join(&mut self, part: Self) {
        self.0.extend(part.0);
    }

    /// Whether a value is used there.
    #[must_use]
    pub fn is_at(&self, span: Span) -> bool {
        self.0.contains_key(&span)
    }

    /// Shows the value beside each finding about its use, or about a part of it. What is wrong with the value is not mended where it is used.
    pub fn show(&self, found: &mut [Diagnostic]) {
        for found in found {
            let Some((at, value)) = self.around(found.span) else { continue };
            if found.related.iter().all(|label| label.span != value) {
                found.related.push(Label { span: value, text: "the parameter's value".to_owned() });
            }
            found.fix = found.fix.take().filter(|fix| self.around(fix.span).is_none());
            found.span = at;
        }
    }

    fn around(&self, span: Span) -> Option<(Span, Span)> {
        let last = Span { end: u32::MAX, ..span };
        let (at, value) = self.0.range(..=last).next_back()?;
        (at.file == span.file && span.end <= at.end).then_some((*at, *value))
    }
}
