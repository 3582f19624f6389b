//! What the parser could not read whole. Names that are declared there, and what depends on them, are not known: a finding about either would be
//! the parser's finding told again.

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, FileId, Parse, Severity, Span, SyntaxKind, SyntaxNode, TextRange, tokens};

use crate::codes::names as codes;

/// The declarations and statements with mistakes of form.
#[derive(Debug, Default)]
pub(super) struct Broken {
    /// In order, none inside of another.
    regions: Vec<Span>,
    /// The words in what may declare something.
    words: BTreeSet<String>,
    /// Whether a declaration lacks its name, so that it may be what is looked for.
    nameless: bool,
    /// Whether something that no declaration starts with stands where one may start.
    undeclared: bool,
}

/// Codes below this are about the form of a text; above it stands what a block says twice, which costs nothing of the tree.
const FORM_ENDS: u16 = fleetnet_lang::codes::DUPLICATE_STATEMENT.number;

impl Broken {
    /// What is broken in a package.
    pub fn of(parses: &[(FileId, Parse)]) -> Self {
        let mut broken = Self::default();
        for (file, parse) in parses {
            let of_form = |found: &&Diagnostic| found.severity == Severity::Error && found.code.number < FORM_ENDS;
            let mut found = parse.diagnostics.iter().filter(of_form).peekable();
            if found.peek().is_none() {
                continue;
            }
            let root = parse.syntax();
            for found in found {
                broken.add(*file, &root, found.span.start);
            }
        }
        broken.regions.sort_unstable();
        broken.regions.dedup();
        broken
    }

    fn add(&mut self, file: FileId, root: &SyntaxNode, at: u32) {
        let Some(part) = part(root, at) else { return };
        self.undeclared |= part.kind() == SyntaxKind::Error;
        match part.kind() {
            SyntaxKind::Policy | SyntaxKind::Test => self.statement(file, &part, at),
            _ => self.declaration(file, &part),
        }
        // What could not be read may be the rest of what stands before it.
        let before = (part.kind() == SyntaxKind::Error).then(|| part.prev_sibling()).flatten();
        if let Some(before) = before {
            self.declaration(file, &before);
        }
    }

    fn declaration(&mut self, file: FileId, node: &SyntaxNode) {
        let words = tokens(node).filter(|token| token.kind() == SyntaxKind::Word);
        self.words.extend(words.map(|token| token.text().to_owned()));
        let has_name = !matches!(node.kind(), SyntaxKind::Error | SyntaxKind::Test | SyntaxKind::Guard);
        self.nameless |= has_name && !node.children().any(|child| child.kind() == SyntaxKind::Name);
        self.region(file, node.text_range());
    }

    /// One statement of a declaration whose statements speak for themselves: the others are not broken by it.
    fn statement(&mut self, file: FileId, node: &SyntaxNode, at: u32) {
        let block = node.children().find(|child| child.kind() == SyntaxKind::Block);
        let statement = block.as_ref().and_then(|block| part(block, at));
        let (Some(block), Some(statement)) = (block, statement) else { return self.declaration(file, node) };
        if node.kind() == SyntaxKind::Test {
            // A test is found to assert nothing at its title.
            self.region(file, TextRange::new(node.text_range().start(), block.text_range().start()));
        }
        let before = (statement.kind() == SyntaxKind::Error).then(|| statement.prev_sibling()).flatten();
        if let Some(before) = before {
            self.region(file, before.text_range());
        }
        self.region(file, statement.text_range());
    }

    fn region(&mut self, file: FileId, range: TextRange) {
        self.regions.push(Span::new(file, range.start().into(), range.end().into()));
    }

    /// Whether a finding is about something broken: by its place, by that of another party, or since it misses a declaration.
    pub fn concerns(&self, found: &Diagnostic) -> bool {
        let missing = found.code == codes::NO_FLEET && self.undeclared;
        missing
            || std::iter::once(found.span)
                .chain(found.related.iter().map(|label| label.span))
                .any(|span| self.holds(span))
    }

    /// Whether a place is in something broken.
    pub fn holds(&self, span: Span) -> bool {
        let next = self.regions.partition_point(|region| (region.file, region.start) <= (span.file, span.start));
        let before = next.checked_sub(1).and_then(|index| self.regions.get(index));
        before.is_some_and(|region| region.file == span.file && span.start < region.end)
    }

    /// Whether something broken may be the declaration of a name.
    pub fn may_declare(&self, name: &str) -> bool {
        self.nameless || self.words.contains(name)
    }
}

/// The last child that starts at or before an offset: findings about something that is missing stand behind it.
fn part(node: &SyntaxNode, at: u32) -> Option<SyntaxNode> {
    node.children().take_while(|child| u32::from(child.text_range().start()) <= at).last()
}
