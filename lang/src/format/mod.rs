//! One layout for every text (`fleetnet fmt`), as text to text.
//!
//! - Nothing but blanks, line ends and `;` changes: what comes out is parsed again and must give the same tree with the same comments, and be laid
//!   out as it stands. Otherwise the text stays as it was, so formatting is idempotent whatever the text.
//! - What has a mistake in its form is left byte for byte (but for CRLF), as far as its statement reaches; the rest is laid out.
//! - Columns are computed from what stands there, never kept.

mod broken;
mod layout;
mod write;

use crate::parser::{MAX_TEXT, parse_form};
use crate::source::{FileId, Span};
use crate::syntax_kind::{SyntaxElement, SyntaxKind, SyntaxNode};

use write::{Piece, written};

/// Columns that a block may reach which its author wrote on one line.
pub const WIDTH: usize = 140;

/// Text that takes the place of other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A text in its one layout; what of it has mistakes in its form is as it was.
#[must_use]
pub fn format(text: &str) -> String {
    pieces(text).map_or_else(|| text.to_owned(), |pieces| joined(&pieces))
}

/// Whether something of a text has a mistake in its form, and so stays as it is.
#[must_use]
pub fn has_mistakes(text: &str) -> bool {
    text.len() > MAX_TEXT || !parse_form(FileId(0), text).diagnostics.is_empty()
}

/// What to replace so that every declaration that `span` touches, with what stands above it, has its layout.
#[must_use]
pub fn format_range(text: &str, span: Span) -> Vec<Edit> {
    let touched = |piece: &Piece| piece.start <= span.end && span.start <= piece.end;
    let pieces = pieces(text).unwrap_or_default();
    pieces.iter().filter(|piece| touched(piece)).filter_map(|piece| edit(text, span.file, piece)).collect()
}

/// The text in pieces, laid out; none if it would become another text.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let before = parse_form(FileId(0), text);
    let pieces = written(text, &before);
    let out = joined(&pieces);
    if out == text {
        return Some(pieces);
    }
    let after = parse_form(FileId(0), &out);
    let same = same(&before.syntax(), &after.syntax()) && joined(&written(&out, &after)) == out;
    same.then_some(pieces)
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// The smallest edit that gives a piece its layout.
fn edit(text: &str, file: FileId, piece: &Piece) -> Option<Edit> {
    let old = text.get(piece.start as usize..piece.end as usize)?;
    let new = piece.text.as_str();
    let equal = |(one, other): &(char, char)| one == other;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.map(|(one, _)| one.len_utf8()).sum::<usize>();
    let head = length(&mut old.chars().zip(new.chars()).take_while(equal));
    let (old, new) = (old.get(head..)?, new.get(head..)?);
    let tail = length(&mut old.chars().rev().zip(new.chars().rev()).take_while(equal));
    let (old, new) = (old.get(..old.len().checked_sub(tail)?)?, new.get(..new.len().checked_sub(tail)?)?);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let start = piece.start.saturating_add(u32::try_from(head).ok()?);
    let end = start.saturating_add(u32::try_from(old.len()).ok()?);
    Some(Edit { span: Span::new(file, start, end), text: new.to_owned() })
}

/// Whether two trees differ in blanks, line ends and `;` only.
fn same(one: &SyntaxNode, other: &SyntaxNode) -> bool {
    let said = |root: &SyntaxNode| root.descendants_with_tokens().filter(|element| says_something(element.kind()));
    let equal = |(one, other): (SyntaxElement, SyntaxElement)| match (one, other) {
        (SyntaxElement::Node(one), SyntaxElement::Node(other)) => {
            one.kind() == other.kind() && depth(&one) == depth(&other)
        }
        (SyntaxElement::Token(one), SyntaxElement::Token(other)) => {
            one.kind() == other.kind() && write::plain(one.text()) == write::plain(other.text())
        }
        _ => false,
    };
    let (mut left, mut right) = (said(one), said(other));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if equal((one.clone(), other.clone())) => {}
            _ => return false,
        }
    }
}

fn depth(node: &SyntaxNode) -> usize {
    node.ancestors().count()
}

fn says_something(kind: SyntaxKind) -> bool {
    !matches!(kind, SyntaxKind::Whitespace | SyntaxKind::Newline | SyntaxKind::Semicolon)
}
