//! Findings with the source that they are about, drawn by miette.
//!
//! miette wants one text behind all labels of a report, while ours point into many files. So all files are laid one after the other, each
//! with one byte of space behind it, and labels are moved to where their file begins there. Nothing is copied: the joined text exists only as offsets.
//!
//! What is drawn is bounded whatever the source looks like: a label ends with its first line, and a finding in a line that is too long
//! to read is shown without its source.

use std::fmt::{self, Display};

use fleetnet_lang::{Diagnostic, Label, Severity, SourceFile, Span};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::{Report, plain};
use crate::terminal::{Terminal, printable};

/// Bytes of a line that is still drawn.
const MAX_LINE: usize = 1000;

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    let theme = if terminal.color() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(terminal.width());
    let texts = Texts::new(report);
    for finding in report.findings {
        let mut drawn = String::new();
        let fits = std::iter::once(finding.span)
            .chain(finding.related.iter().map(|label| label.span))
            .all(|span| texts.fits(span));
        if fits && handler.render_report(&mut drawn, &Drawing { finding, texts: &texts }).is_ok() {
            terminal.print(&drawn);
        } else {
            terminal.print(&plain::line(report, finding));
        }
        terminal.print("\n");
    }
}

/// All sources as one text.
#[derive(Debug)]
struct Texts {
    files: Vec<Text>,
}

#[derive(Debug)]
struct Text {
    /// With nothing in it that a terminal would obey, else as it is: offsets are the source's.
    file: SourceFile,
    /// Where it begins in the joined text.
    base: usize,
}

impl Texts {
    fn new(report: &Report<'_>) -> Self {
        let mut base = 0;
        let files = report.sources.iter().map(|(_, file)| {
            let path = printable(&report.path(file)).into_owned();
            let text = Text { file: SourceFile::new(path, &*printable(&file.text)), base };
            base += file.text.len() + 1;
            text
        });
        Self { files: files.collect() }
    }

    fn text(&self, span: Span) -> Option<&Text> {
        self.files.get(usize::try_from(span.file.0).ok()?)
    }

    /// Whether the line that a label is put in can be drawn.
    fn fits(&self, span: Span) -> bool {
        self.text(span).is_some_and(|text| text.line(span.start as usize).len() <= MAX_LINE)
    }

    /// Where a label for `span` is put in the joined text.
    fn place(&self, span: Span) -> Option<SourceSpan> {
        let text = self.text(span)?;
        let content = &text.file.text;
        // What is missing at the end of a file is missing behind its last line.
        let at_end = span.start as usize == content.len() && content.ends_with('\n');
        let start = if at_end { content.len() - 1 } else { span.start as usize };
        let line_end = text.line_end(start);
        let end = (span.end as usize).clamp(start, line_end.max(start));
        Some((text.base + start, end - start).into())
    }
}

impl Text {
    fn line_start(&self, offset: usize) -> usize {
        self.file.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }

    /// Where the newline of the line at `offset` stands.
    fn line_end(&self, offset: usize) -> usize {
        let behind = self.file.text.get(offset..);
        behind.and_then(|behind| behind.find('\n')).map_or(self.file.text.len(), |newline| offset + newline)
    }

    fn line(&self, offset: usize) -> &str {
        self.file.text.get(self.line_start(offset)..self.line_end(offset)).unwrap_or("")
    }

    /// The range with whole lines around it; a neighbour that is too long to draw is left out.
    fn with_context(&self, start: usize, end: usize, before: usize, after: usize) -> (usize, usize) {
        let (mut from, mut to) = (self.line_start(start), self.line_end(end));
        for _ in 0..before {
            let Some(line) =
                from.checked_sub(1).map(|newline| self.line_start(newline)).filter(|line| from - line <= MAX_LINE)
            else {
                break;
            };
            from = line;
        }
        for _ in 0..after {
            if to >= self.file.text.len() {
                break;
            }
            let line = self.line_end(to + 1);
            if line - to > MAX_LINE {
                break;
            }
            to = line;
        }
        (from, to.saturating_add(1).min(self.file.text.len()))
    }
}

impl SourceCode for Texts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let index = self.files.partition_point(|text| text.base <= span.offset());
        let text = index.checked_sub(1).and_then(|index| self.files.get(index)).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - text.base;
        let end = start + span.len();
        // A range over two files has no text; miette then draws a box for each.
        if end > text.file.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // Without context miette asks for the line and column of the range itself.
        let (from, to) = match context_lines_before {
            0 => (start, end),
            lines => text.with_context(start, end, lines, context_lines_after),
        };
        let data = text.file.text.get(from..to).ok_or(MietteError::OutOfBounds)?;
        let at = text.file.line_col(u32::try_from(from).map_err(|_| MietteError::OutOfBounds)?);
        let (line, column) = (at.line.saturating_sub(1) as usize, at.column.saturating_sub(1) as usize);
        let whole = (text.base + from, data.len()).into();
        let lines = data.matches('\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            text.file.path.to_string(),
            data.as_bytes(),
            whole,
            line,
            column,
            lines,
        )))
    }
}

/// One finding in miette's terms.
#[derive(Debug)]
struct Drawing<'a> {
    finding: &'a Diagnostic,
    texts: &'a Texts,
}

impl Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.finding.message))
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(format!("{}[{}]", self.finding.severity.name(), self.finding.code)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = self.finding.help.as_deref()?;
        Some(Box::new(printable(help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.texts)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |text: &str| (!text.is_empty()).then(|| printable(text).into_owned());
        let primary = self.texts.place(self.finding.span);
        let primary = primary.map(|place| LabeledSpan::new_primary_with_span(label(&self.finding.label), place));
        let related = self.finding.related.iter().filter_map(move |Label { span, text }| {
            Some(LabeledSpan::new_with_span(label(text), self.texts.place(*span)?))
        });
        Some(Box::new(primary.into_iter().chain(related)))
    }
}
