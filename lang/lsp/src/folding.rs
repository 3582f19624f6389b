//! What can be folded away: blocks, comments of several lines, CEL of several lines.

use fleetnet_lang::{FileId, Span, SyntaxKind};

use crate::package::Package;

/// Why something can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// Statements between braces, or CEL.
    Block,
    /// Comments in lines that follow each other.
    Comment,
}

/// Something that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From its first byte to its last, in several lines.
    pub span: Span,
    /// Why.
    pub kind: FoldKind,
}

/// What can be folded in a file, in order of place.
#[must_use]
pub fn folds(package: &Package, file: FileId) -> Vec<Fold> {
    let Some(tree) = package.tree(file) else { return Vec::new() };
    let mut folds = Vec::new();
    let mut comments = Comments { span: None, lines: 0 };
    for element in tree.parse.syntax().descendants_with_tokens() {
        let (kind, range) = (element.kind(), element.text_range());
        let span = Span::new(file, range.start().into(), range.end().into());
        match kind {
            SyntaxKind::Block | SyntaxKind::Cel => {
                folds.push(Fold { span, kind: FoldKind::Block });
            }
            SyntaxKind::Comment | SyntaxKind::DocComment => comments.add(span),
            SyntaxKind::Newline => folds.extend(comments.end_line()),
            SyntaxKind::Whitespace => {}
            _ if element.as_token().is_some() => folds.extend(comments.end()),
            _ => {}
        }
    }
    folds.extend(comments.end());
    folds.retain(|fold| package.text(fold.span).contains('\n'));
    folds.sort_by_key(|fold| (fold.span.start, fold.span.end));
    folds
}

/// The comments of the lines before, if nothing else stands among them.
struct Comments {
    span: Option<Span>,
    /// Line ends since the last comment.
    lines: u32,
}

impl Comments {
    fn add(&mut self, span: Span) {
        self.span = Some(self.span.map_or(span, |before| before.to(span)));
        self.lines = 0;
    }

    /// A blank line ends them.
    fn end_line(&mut self) -> Option<Fold> {
        self.lines = self.lines.saturating_add(1);
        if self.lines > 1 { self.end() } else { None }
    }

    fn end(&mut self) -> Option<Fold> {
        let span = self.span.take();
        span.map(|span| Fold { span, kind: FoldKind::Comment })
    }
}
