//! Where the places of a package are after some of its files were edited.

use fleetnet_lang::{Diagnostic, FileId, Sources, Span};

use super::difference::Words;
use crate::model::Waive;

/// A file that was edited.
#[derive(Debug)]
pub(super) struct Changed {
    /// Its id.
    pub file: FileId,
    /// Where its words are.
    pub words: Words,
}

impl Changed {
    /// The id of its later text.
    pub fn later(&self) -> FileId {
        self.file.later()
    }

    /// Where something is that starts and ends with words.
    fn moved(&self, span: Span) -> Option<Span> {
        let (start, end) =
            if span.file == self.later() { (span.start, span.end) } else { self.words.moved(span.start, span.end)? };
        Some(Span::new(self.file, start, end))
    }

    /// Where something is that is to be replaced, with some of the blanks around it, if it and they are what they were.
    fn replaced(&self, sources: &Sources, span: Span) -> Option<Span> {
        if span.file == self.later() {
            return Some(Span { file: self.file, ..span });
        }
        let (then, now) = (&*sources.get(self.file)?.text, &*sources.get(self.later())?.text);
        let place = |offset| self.words.place(offset, (then, now));
        let moved = Span::new(self.file, place(span.start)?, place(span.end)?);
        let text = |text: &str, span: Span| text.get(span.start as usize..span.end as usize).map(str::to_owned);
        (text(then, span)? == text(now, moved)?).then_some(moved)
    }
}

/// Findings at their places of now; nothing if one has no place any more.
pub(super) fn findings(found: Vec<Diagnostic>, changed: &[Changed], sources: &Sources) -> Option<Vec<Diagnostic>> {
    let of = |span: Span| changed.iter().find(|changed| [changed.file, changed.later()].contains(&span.file));
    let place = |span: Span| of(span).map_or(Some(span), |changed| changed.moved(span));
    let each = found.into_iter().map(|mut found| {
        found.span = place(found.span)?;
        for label in &mut found.related {
            label.span = place(label.span)?;
        }
        if let Some(fix) = &mut found.fix {
            fix.span = of(fix.span).map_or(Some(fix.span), |changed| changed.replaced(sources, fix.span))?;
        }
        Some(found)
    });
    each.collect()
}

/// Waives at their places of now; nothing if one has no place any more.
pub(super) fn waives(waives: &[Waive], changed: &[Changed]) -> Option<Vec<Waive>> {
    let each = waives.iter().map(|waive| {
        let Some(changed) = changed.iter().find(|changed| changed.file == waive.span.file) else {
            return Some(waive.clone());
        };
        let (start, end) = changed.words.around(waive.scope.start, waive.scope.end)?;
        let scope = Span::new(changed.file, start, end);
        Some(Waive { span: changed.moved(waive.span)?, scope, ..waive.clone() })
    });
    each.collect()
}
