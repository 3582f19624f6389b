//! What stands where: blanks between words, blocks on one line, columns.

use crate::syntax_kind::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::WIDTH;

/// Whether a blank stands between two tokens of a statement.
pub(super) fn is_blank_between(last: SyntaxKind, next: SyntaxKind) -> bool {
    !matches!(next, SyntaxKind::Comma | SyntaxKind::RParen) && last != SyntaxKind::LParen
}

/// Whether a block stays on the line that it begins on, at `column`: if its author wrote it so and it fits.
pub(super) fn stays_on_one_line(block: &SyntaxNode, column: usize) -> bool {
    let mut width = column;
    let tokens = block.descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token);
    for token in tokens {
        width = width.saturating_add(width_of(&token));
        if width > WIDTH.saturating_add(1) || token.text().contains('\n') {
            return false;
        }
    }
    true
}

/// The columns of a token in one line, with the blank behind it.
fn width_of(token: &SyntaxToken) -> usize {
    let length = || token.text().chars().count();
    match token.kind() {
        SyntaxKind::Whitespace => 0,
        // No blank stands before the first two, and none behind the last.
        SyntaxKind::Comma | SyntaxKind::RParen | SyntaxKind::LParen => length(),
        _ => length().saturating_add(1),
    }
}

/// Where the column of a statement is that lines up with those of its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Before its so manieth word, counted from 0.
    Word(usize),
    /// Before its block, if that is on one line.
    Brace,
}

/// The column of a statement, and what its neighbours must be to have the same.
pub(super) fn column(statement: &SyntaxNode) -> Option<(Column, SyntaxKind)> {
    match statement.kind() {
        SyntaxKind::Given | SyntaxKind::Assertion | SyntaxKind::Serves | SyntaxKind::ShareCheck => {
            Some((Column::Word(1), SyntaxKind::Test))
        }
        SyntaxKind::TargetKey => Some((Column::Word(1), SyntaxKind::TargetKey)),
        SyntaxKind::Rule if has_direction(statement) => Some((Column::Word(2), SyntaxKind::Rule)),
        kind if kind.is_declaration() || kind == SyntaxKind::Step => Some((Column::Brace, kind)),
        _ => None,
    }
}

/// `allow from …`, not `allow … -> …`.
fn has_direction(rule: &SyntaxNode) -> bool {
    let words = rule.children_with_tokens().filter_map(rowan::NodeOrToken::into_token);
    words.filter(|token| token.kind() == SyntaxKind::Keyword).any(|word| matches!(word.text(), "from" | "to"))
}

/// How much deeper than its statement a line is that goes on after a comma. A list that is the whole statement goes on at its own depth.
pub(super) fn continuation(statement: &SyntaxNode) -> usize {
    match statement.kind() {
        SyntaxKind::Members | SyntaxKind::Shares | SyntaxKind::MapEntry => 0,
        _ => 4,
    }
}

/// A place in what was written that lines up with its neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Its offset.
    pub at: usize,
    /// Only cells of one class line up.
    pub class: SyntaxKind,
}

/// Blanks to put at offsets, so that cells of a class on lines below one another stand in one column. A line that its blanks would push beyond
/// the width has none, as it stands better without than where nobody sees it.
pub(super) fn padding(text: &str, cells: &[Cell]) -> Vec<(usize, usize)> {
    let lines_up = |one: &Cell, other: &Cell| {
        let between = text.get(one.at..other.at).unwrap_or("");
        one.class == other.class && between.matches('\n').count() == 1
    };
    let mut blanks = Vec::new();
    for run in cells.chunk_by(lines_up) {
        let columns: Vec<usize> = run.iter().map(|cell| column_at(text, cell.at)).collect();
        let widest = columns.iter().copied().max().unwrap_or(0);
        let fits = |(at, count): &(usize, usize)| line_width(text, *at).saturating_add(*count) <= WIDTH;
        let own = run.iter().zip(&columns).map(|(cell, own)| (cell.at, widest.saturating_sub(*own)));
        blanks.extend(own.filter(fits));
    }
    blanks
}

/// How many characters the line has that an offset is on.
fn line_width(text: &str, at: usize) -> usize {
    let behind = text.get(at..).unwrap_or("");
    column_at(text, at).saturating_add(behind.chars().take_while(|c| *c != '\n').count())
}

/// How many characters stand before an offset on its line.
pub(super) fn column_at(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    before.chars().rev().take_while(|c| *c != '\n').count()
}
