//! Which brace closes which, settled before the grammar reads a word.
//!
//! With that known no mistake inside a block can leak out of it: the parser never looks past a block's end. In a text
//! whose braces pair up, they pair as written. Where they don't, one is missing or too much, and the indentation tells
//! which: a block ends before a line that stands no deeper than the line it was opened on, and a `}` on a line of its
//! own belongs to the block that was opened at its column. Texts that are right are never judged by their layout.

use std::collections::BTreeMap;

use super::input::Input;
use crate::syntax_kind::SyntaxKind;

/// Stands for a brace or parenthesis without a partner.
const NONE: usize = usize::MAX;

/// The pairs of a text.
#[derive(Debug)]
pub(super) struct Delimiters {
    /// By token: of an opener its closer or, where that is missing, the first token after its block; of a closer its
    /// opener; else [`NONE`].
    partners: Vec<usize>,
    /// Blocks without a `{`: by the first token inside, their `}`.
    unopened: BTreeMap<usize, usize>,
    /// The `}` that close nothing, in order.
    strays: Vec<usize>,
}

/// How far a block reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The first token that is not inside: the closer, if there is one.
    pub end: usize,
    /// Whether it has a closer.
    pub closed: bool,
}

impl Delimiters {
    pub fn new(input: &Input<'_>) -> Self {
        let mut matcher = Matcher::new(input);
        matcher.parentheses();
        if matcher.braces_pair_up() {
            matcher.braces_as_written();
        } else {
            matcher.braces_by_layout();
        }
        matcher.found
    }

    /// The extent of what the opener at `index` opens.
    pub fn extent(&self, index: usize) -> Option<Extent> {
        let end = self.partner(index)?;
        Some(Extent { end, closed: self.partner(end) == Some(index) })
    }

    /// The `}` of a block that lacks its `{`, by the first token inside.
    pub fn unopened(&self, index: usize) -> Option<usize> {
        self.unopened.get(&index).copied()
    }

    /// The last `}` in `range` that closes nothing.
    pub fn last_stray(&self, range: std::ops::Range<usize>) -> Option<usize> {
        let after = self.strays.partition_point(|stray| *stray < range.end);
        self.strays.get(after.checked_sub(1)?).copied().filter(|stray| *stray >= range.start)
    }

    fn partner(&self, index: usize) -> Option<usize> {
        self.partners.get(index).copied().filter(|partner| *partner != NONE)
    }
}

/// A block that is still open while the text is read.
#[derive(Clone, Copy)]
struct Open {
    brace: usize,
    line: usize,
    column: u32,
    layout: Layout,
}

/// How the inside of an open block stands to the line it was opened on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Unknown,
    Indented,
    /// Not indented: there only a whole declaration ends the block.
    Flush,
}

struct Matcher<'i> {
    input: &'i Input<'i>,
    found: Delimiters,
    open: Vec<Open>,
    /// Lines above the current one that could still own it, their columns ascending.
    outline: Vec<usize>,
    /// By line: the next one that stands less deep.
    next_outer: Vec<usize>,
}

impl<'i> Matcher<'i> {
    fn new(input: &'i Input<'i>) -> Self {
        let found = Delimiters { partners: vec![NONE; input.len()], unopened: BTreeMap::new(), strays: Vec::new() };
        Self { input, found, open: Vec::new(), outline: Vec::new(), next_outer: Vec::new() }
    }

    /// Parentheses never reach over a brace or a `;`.
    fn parentheses(&mut self) {
        let mut open = Vec::new();
        for index in 0..self.input.len() {
            match self.input.kind(index) {
                SyntaxKind::LParen => open.push(index),
                SyntaxKind::RParen => {
                    if let Some(opener) = open.pop() {
                        self.pair(opener, index);
                    }
                }
                SyntaxKind::LBrace | SyntaxKind::RBrace | SyntaxKind::Semicolon => open.clear(),
                _ => {}
            }
        }
    }

    fn braces_pair_up(&self) -> bool {
        let mut depth = 0_usize;
        for index in 0..self.input.len() {
            match self.input.kind(index) {
                SyntaxKind::LBrace => depth = depth.saturating_add(1),
                SyntaxKind::RBrace => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => return false,
                },
                _ => {}
            }
        }
        depth == 0
    }

    fn braces_as_written(&mut self) {
        let mut open = Vec::new();
        for index in 0..self.input.len() {
            match self.input.kind(index) {
                SyntaxKind::LBrace => open.push(index),
                SyntaxKind::RBrace => {
                    if let Some(opener) = open.pop() {
                        self.pair(opener, index);
                    }
                }
                _ => {}
            }
        }
    }

    fn braces_by_layout(&mut self) {
        self.next_outer = next_outer_lines(self.input);
        for number in 0..self.input.lines().len() {
            let line = self.input.line(number);
            self.start_line(number);
            let end = self.input.line(number.saturating_add(1)).first;
            for index in line.first..end {
                match self.input.kind(index) {
                    SyntaxKind::LBrace => {
                        self.open.push(Open {
                            brace: index,
                            line: number,
                            column: line.column,
                            layout: Layout::Unknown,
                        });
                    }
                    SyntaxKind::RBrace => self.close(index, number),
                    _ => {}
                }
            }
        }
        while let Some(open) = self.open.pop() {
            self.end(open, self.input.len());
        }
    }

    /// Ends the blocks that the start of a line shows to be over.
    fn start_line(&mut self, number: usize) {
        let line = self.input.line(number);
        let closer = self.input.kind(line.first) == SyntaxKind::RBrace;
        let declares = self.input.declaration_at(line.first);
        // A `}` at a column where nothing was opened stands in the wrong column, and ends nothing but its own block.
        let owner = self.open.partition_point(|open| open.column < line.column);
        let has_opener = self.open.get(owner).is_some_and(|open| open.column == line.column);
        while let Some(open) = self.open.last_mut() {
            let outside = if closer { has_opener && line.column < open.column } else { line.column <= open.column };
            let first = open.line.saturating_add(1) == number;
            if open.layout == Layout::Unknown && first && !closer {
                let flush = outside && !declares;
                open.layout = if flush { Layout::Flush } else { Layout::Indented };
            }
            let over = if open.layout == Layout::Flush { outside && declares } else { outside };
            if !over {
                break;
            }
            let open = *open;
            self.open.pop();
            self.end(open, line.first);
        }
        self.place_in_outline(number);
    }

    /// Forgets the lines that stand deeper, or that a line at their column follows, and remembers this one.
    fn place_in_outline(&mut self, number: usize) {
        let line = self.input.line(number);
        let closer = self.input.kind(line.first) == SyntaxKind::RBrace;
        while self.outline.last().is_some_and(|above| self.input.line(*above).column > line.column) {
            self.outline.pop();
        }
        if !closer {
            let sibling = self.outline.last().is_some_and(|above| self.input.line(*above).column == line.column);
            if sibling {
                self.outline.pop();
            }
            self.outline.push(number);
        }
    }

    fn close(&mut self, index: usize, number: usize) {
        let line = self.input.line(number);
        let own_line = line.first == index;
        let closes = self.open.last().copied().filter(|open| {
            open.line == number || (own_line && open.column == line.column) || self.is_last_chance(*open, number)
        });
        match closes {
            Some(open) => {
                self.open.pop();
                self.pair(open.brace, index);
            }
            None => self.stray(index, number),
        }
        let finished = self.outline.last().is_some_and(|head| self.input.line(*head).column == line.column);
        if own_line && finished {
            self.outline.pop();
        }
    }

    /// Whether no later `}` stands where the one of `open` should: then one further in, or at a line's end, is it.
    fn is_last_chance(&self, open: Open, number: usize) -> bool {
        let mut next = number.saturating_add(1);
        while next < self.input.lines().len() && self.input.line(next).column > open.column {
            next = self.next_outer.get(next).copied().unwrap_or(NONE);
        }
        let line = self.input.line(next);
        !(line.column == open.column && self.input.kind(line.first) == SyntaxKind::RBrace)
    }

    /// A `}` that no `{` asks for. On a line of its own it closes the block of the line above it at its column, whose
    /// `{` is missing, if there are deeper lines between that adjoin it.
    fn stray(&mut self, index: usize, number: usize) {
        let line = self.input.line(number);
        let head = self.outline.last().copied().filter(|head| {
            let head_line = self.input.line(*head);
            let inside = head.saturating_add(1);
            let adjoins = inside < number && !self.input.line(inside).after_blank;
            line.first == index && head_line.column == line.column && adjoins
        });
        match head {
            Some(head) => {
                let inside = self.input.line(head.saturating_add(1)).first;
                self.found.unopened.insert(inside, index);
            }
            None => self.found.strays.push(index),
        }
    }

    fn pair(&mut self, opener: usize, closer: usize) {
        self.set(opener, closer);
        self.set(closer, opener);
    }

    /// Ends a block that lacks its `}` before the token at `end`.
    fn end(&mut self, open: Open, end: usize) {
        self.set(open.brace, end);
    }

    fn set(&mut self, index: usize, partner: usize) {
        if let Some(slot) = self.found.partners.get_mut(index) {
            *slot = partner;
        }
    }
}

/// For each line the next one with a smaller column.
fn next_outer_lines(input: &Input<'_>) -> Vec<usize> {
    let mut next = vec![NONE; input.lines().len()];
    let mut inner: Vec<usize> = Vec::new();
    for (number, line) in input.lines().iter().enumerate() {
        while let Some(last) = inner.last().copied().filter(|last| input.line(*last).column > line.column) {
            inner.pop();
            if let Some(slot) = next.get_mut(last) {
                *slot = number;
            }
        }
        inner.push(number);
    }
    next
}
