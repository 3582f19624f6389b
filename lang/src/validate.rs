//! What a block or a list must not say twice.
//!
//! The parser takes any number of every statement, so that a second one keeps its tree; here the second is reported
//! with the first beside it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::ast::{AstNode, DefaultStmt, Direction, MapEntry, Serves, Shares, TargetKey, Text};
use crate::codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax_kind::SyntaxKind;
use crate::tree::{Node, Token};

/// The findings about everything in a tree.
pub(crate) fn validate(file: FileId, root: Node<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(owner) = open.pop() {
        for node in owner.children() {
            match node.kind() {
                SyntaxKind::Block => {
                    repeated_statements(file, owner.kind(), node, &mut found);
                    repeated_keys(file, node, &mut found);
                    repeated_defaults(file, node, &mut found);
                }
                SyntaxKind::Shares => repeated_shares(file, node, &mut found),
                SyntaxKind::Serves => repeated_servers(file, node, &mut found),
                SyntaxKind::Set | SyntaxKind::Except | SyntaxKind::Members | SyntaxKind::Peers | SyntaxKind::Peer => {
                    repeated_items(file, node, &mut found);
                }
                _ => {}
            }
            open.push(node);
        }
    }
    found
}

/// What was seen so far, by what it says.
#[derive(Default)]
struct Seen<'t>(BTreeMap<Cow<'t, str>, Span>);

impl<'t> Seen<'t> {
    /// The first place of the same, if this isn't it.
    fn before(&mut self, what: impl Into<Cow<'t, str>>, span: Span) -> Option<Span> {
        match self.0.entry(what.into()) {
            Entry::Vacant(place) => {
                place.insert(span);
                None
            }
            Entry::Occupied(first) => Some(*first.get()),
        }
    }
}

fn twice(code: Code, span: Span, first: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(code, span, message).related(first, "first written here").help(help)
}

/// Statements that may stand only once in their block, told apart by their keywords; the list of a group, which has none, by nothing.
fn repeated_statements(file: FileId, owner: SyntaxKind, block: Node<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for statement in block.children().filter(|node| !repeats(node.kind())) {
        let keyword = match statement.kind() {
            SyntaxKind::Members => Some(""),
            _ => statement.tokens_of(SyntaxKind::Keyword).next().map(Token::text),
        };
        let Some(keyword) = keyword.filter(|keyword| !may_repeat(owner, statement.kind(), keyword)) else { continue };
        if let Some(first) = seen.before(keyword, statement.span(file)) {
            let (what, help) = match keyword {
                "" => ("the list of identities".to_owned(), "join the two lists by a comma"),
                keyword => (format!("`{keyword}`"), "keep one of the two"),
            };
            let message = format!("{what} is written twice in one block");
            found.push(twice(codes::DUPLICATE_STATEMENT, statement.span(file), first, message, help));
        }
    }
}

/// Whether a statement may stand any number of times in a block of `owner`, as some settings may.
fn may_repeat(owner: SyntaxKind, kind: SyntaxKind, keyword: &str) -> bool {
    match (kind, keyword) {
        (SyntaxKind::Setting, "match" | "global" | "files" | "require") => true,
        (SyntaxKind::Setting, "dns" | "pods") => owner == SyntaxKind::External,
        (_, _) => false,
    }
}

/// Whether statements of a kind may stand any number of times in any block. Defaults are judged by their directions.
fn repeats(kind: SyntaxKind) -> bool {
    use SyntaxKind::{
        Assertion, At, Backend, CidrList, Default, Error, Given, Listener, PortDecl, Route, Rule, Serves, ShareCheck,
        Step, Target, Waive,
    };
    matches!(
        kind,
        Error
            | Target
            | Waive
            | CidrList
            | PortDecl
            | Listener
            | Route
            | Backend
            | At
            | Given
            | Step
            | Default
            | Rule
            | Assertion
            | Serves
            | ShareCheck
    )
}

/// Keys of a map or of a target.
fn repeated_keys(file: FileId, block: Node<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    let key = |node| MapEntry::cast(node).map_or_else(|| TargetKey::cast(node)?.key(), |entry| entry.key());
    for key in block.children().filter_map(key) {
        let span = key.span(file);
        let name = match key {
            Text::Word(word) => Ok(Cow::Borrowed(word.text())),
            // An escape that means nothing is reported by whoever reads the key.
            Text::Str(string) => string.value(file).map(Cow::Owned),
        };
        let Ok(name) = name else { continue };
        if let Some(first) = seen.before(name.clone(), span) {
            let message = format!("the key `{name}` has two values");
            found.push(twice(codes::DUPLICATE_KEY, span, first, message, "keep one of the two"));
        }
    }
}

/// Defaults that speak of one direction: without a direction a default speaks of both.
fn repeated_defaults(file: FileId, block: Node<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for default in block.children().filter_map(DefaultStmt::cast) {
        let both = [Direction::Ingress, Direction::Egress];
        let named = default.direction();
        let span = default.span(file);
        let clash = both
            .into_iter()
            .filter(|direction| named.is_none_or(|named| named == *direction))
            .find_map(|direction| Some((direction, seen.before(direction.to_string(), span)?)));
        if let Some((direction, first)) = clash {
            let message = format!("a second default for {direction}");
            let help = "keep one; `default VERB` speaks of both directions, `default VERB ingress` of one";
            found.push(twice(codes::DUPLICATE_DEFAULT, span, first, message, help));
        }
    }
}

/// Clusters that are given two shares.
fn repeated_shares(file: FileId, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    let shares = Shares::cast(node).into_iter().flat_map(|shares| shares.shares());
    for cluster in shares.filter_map(|share| share.cluster()) {
        if let Some(first) = seen.before(cluster.text(), cluster.span(file)) {
            let message = format!("the cluster `{}` has two shares", cluster.text());
            found.push(twice(codes::DUPLICATE_KEY, cluster.span(file), first, message, "keep one of the two"));
        }
    }
}

/// Clusters that an expectation about a service names twice.
fn repeated_servers(file: FileId, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for cluster in Serves::cast(node).into_iter().flat_map(|serves| serves.clusters()) {
        if let Some(first) = seen.before(cluster.text(), cluster.span(file)) {
            found.push(repeated(cluster.span(file), first, cluster.text()));
        }
    }
}

/// Terms, pods or peers that a list names twice.
fn repeated_items(file: FileId, list: Node<'_>, found: &mut Vec<Diagnostic>) {
    use SyntaxKind::{EndCidr, EndDns, EndPods, Peer, Pods, Term};
    let is_item = |node: &Node<'_>| matches!(node.kind(), Term | Pods | Peer | EndPods | EndCidr | EndDns);
    let mut items = list.children().filter(is_item).peekable();
    let (mut seen, first) = (Seen::default(), items.next());
    // Nearly all lists are of one.
    if items.peek().is_none() {
        return;
    }
    for item in first.into_iter().chain(items) {
        let text = words(item);
        if let Some(first) = seen.before(text.clone(), item.span(file)) {
            found.push(repeated(item.span(file), first, &text));
        }
    }
}

fn repeated(span: Span, first: Span, text: &str) -> Diagnostic {
    twice(codes::REPEATED_ITEM, span, first, format!("`{text}` is written twice in one list"), "remove one of the two")
}

/// The tokens of an item with one blank between, however they are laid out.
fn words(item: Node<'_>) -> String {
    let mut words = Vec::new();
    item.find_significant(&mut |token| {
        words.push(token.text());
        None::<()>
    });
    words.join(" ")
}
