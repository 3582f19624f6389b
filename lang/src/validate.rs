//! What a block or a list must not say twice.
//!
//! The parser takes any number of every statement, so that a second one keeps its tree; here the second is reported
//! with the first beside it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::ast::{AstNode, DefaultStmt, Direction, MapEntry, Serves, Shares, TargetKey};
use crate::codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax_kind::{SyntaxKind, SyntaxNode, tokens};

/// The findings about everything in a tree.
pub(crate) fn validate(file: FileId, root: &SyntaxNode) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in root.descendants() {
        match node.kind() {
            SyntaxKind::Block => {
                repeated_statements(file, &node, &mut found);
                repeated_keys(file, &node, &mut found);
                repeated_defaults(file, &node, &mut found);
            }
            SyntaxKind::Shares => repeated_shares(file, &node, &mut found),
            SyntaxKind::Serves => repeated_servers(file, &node, &mut found),
            SyntaxKind::Set | SyntaxKind::Except | SyntaxKind::Members | SyntaxKind::Peers | SyntaxKind::Peer => {
                repeated_items(file, &node, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// What was seen so far, by what it says.
#[derive(Default)]
struct Seen(BTreeMap<String, Span>);

impl Seen {
    /// The first place of the same, if this isn't it.
    fn before(&mut self, what: String, span: Span) -> Option<Span> {
        match self.0.entry(what) {
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

/// Statements that may stand only once in their block, told apart by their keywords.
fn repeated_statements(file: FileId, block: &SyntaxNode, found: &mut Vec<Diagnostic>) {
    let Some(owner) = block.parent().map(|owner| owner.kind()) else { return };
    let mut seen = Seen::default();
    for statement in block.children().filter(|node| !repeats(node.kind())).filter_map(Statement::new) {
        if statement.may_repeat(owner) {
            continue;
        }
        if let Some(first) = seen.before(statement.keyword.clone(), statement.span(file)) {
            let (what, help) = match statement.keyword.as_str() {
                "" => ("the list of identities".to_owned(), "join the two lists by a comma"),
                keyword => (format!("`{keyword}`"), "keep one of the two"),
            };
            let message = format!("{what} is written twice in one block");
            found.push(twice(codes::DUPLICATE_STATEMENT, statement.span(file), first, message, help));
        }
    }
}

/// A statement by its keyword; the list of a group, which has none, by nothing.
struct Statement {
    node: SyntaxNode,
    keyword: String,
}

impl AstNode for Statement {
    fn cast(node: SyntaxNode) -> Option<Self> {
        Self::new(node)
    }

    fn syntax(&self) -> &SyntaxNode {
        &self.node
    }
}

impl Statement {
    fn new(node: SyntaxNode) -> Option<Self> {
        let mut tokens = node.children_with_tokens().filter_map(rowan::NodeOrToken::into_token);
        let keyword = tokens.find(|token| token.kind() == SyntaxKind::Keyword).map(|token| token.text().to_owned());
        match (node.kind(), keyword) {
            (SyntaxKind::Members, _) => Some(Self { node, keyword: String::new() }),
            (_, Some(keyword)) => Some(Self { node, keyword }),
            (_, None) => None,
        }
    }

    /// Whether it may stand any number of times in a block of `owner`, as some settings may.
    fn may_repeat(&self, owner: SyntaxKind) -> bool {
        match (self.node.kind(), self.keyword.as_str()) {
            (SyntaxKind::Setting, "match" | "global" | "files" | "require") => true,
            (SyntaxKind::Setting, "dns" | "pods") => owner == SyntaxKind::External,
            (_, _) => false,
        }
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
fn repeated_keys(file: FileId, block: &SyntaxNode, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for entry in block.children() {
        let key = MapEntry::cast(entry.clone()).and_then(|entry| entry.key());
        let key = key.or_else(|| TargetKey::cast(entry).and_then(|entry| entry.key()));
        let Some(key) = key else { continue };
        // An escape that means nothing is reported by whoever reads the key.
        let Ok(name) = key.value(file) else { continue };
        if let Some(first) = seen.before(name.clone(), key.span(file)) {
            let message = format!("the key `{name}` has two values");
            found.push(twice(codes::DUPLICATE_KEY, key.span(file), first, message, "keep one of the two"));
        }
    }
}

/// Defaults that speak of one direction: without a direction a default speaks of both.
fn repeated_defaults(file: FileId, block: &SyntaxNode, found: &mut Vec<Diagnostic>) {
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
fn repeated_shares(file: FileId, node: &SyntaxNode, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    let shares = Shares::cast(node.clone()).into_iter().flat_map(|shares| shares.shares());
    for cluster in shares.filter_map(|share| share.cluster()) {
        if let Some(first) = seen.before(cluster.text().to_owned(), cluster.span(file)) {
            let message = format!("the cluster `{}` has two shares", cluster.text());
            found.push(twice(codes::DUPLICATE_KEY, cluster.span(file), first, message, "keep one of the two"));
        }
    }
}

/// Clusters that an expectation about a service names twice.
fn repeated_servers(file: FileId, node: &SyntaxNode, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    let clusters = Serves::cast(node.clone()).into_iter().flat_map(|serves| serves.clusters());
    for cluster in clusters {
        if let Some(first) = seen.before(cluster.text().to_owned(), cluster.span(file)) {
            found.push(repeated(cluster.span(file), first, cluster.text()));
        }
    }
}

/// Terms, pods or peers that a list names twice.
fn repeated_items(file: FileId, list: &SyntaxNode, found: &mut Vec<Diagnostic>) {
    let mut items = list.children().filter_map(Item::cast).peekable();
    let (mut seen, first) = (Seen::default(), items.next());
    // Nearly all lists are of one.
    if items.peek().is_none() {
        return;
    }
    for item in first.into_iter().chain(items) {
        let text = item.words();
        if let Some(first) = seen.before(text.clone(), item.span(file)) {
            found.push(repeated(item.span(file), first, &text));
        }
    }
}

fn repeated(span: Span, first: Span, text: &str) -> Diagnostic {
    twice(codes::REPEATED_ITEM, span, first, format!("`{text}` is written twice in one list"), "remove one of the two")
}

/// An item of a list of terms, pods or peers.
struct Item(SyntaxNode);

impl AstNode for Item {
    fn cast(node: SyntaxNode) -> Option<Self> {
        use SyntaxKind::{EndCidr, EndDns, EndPods, Peer, Pods, Term};
        matches!(node.kind(), Term | Pods | Peer | EndPods | EndCidr | EndDns).then_some(Self(node))
    }

    fn syntax(&self) -> &SyntaxNode {
        &self.0
    }
}

impl Item {
    /// Its tokens with one blank between, however they are laid out.
    fn words(&self) -> String {
        let tokens = tokens(&self.0);
        let words: Vec<String> =
            tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_owned()).collect();
        words.join(" ")
    }
}
