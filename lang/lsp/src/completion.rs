//! What could be typed at the cursor: keywords that the grammar looks for there, and names of what is meant there.
//!
//! A word of our own is put where the cursor is. What the grammar then looks for are the keywords; what the word is read as a name of says which
//! names to offer. So there is no second description of the language.

use std::collections::BTreeSet;

use fleetnet_compiler::analysis::cel::{ClusterField, Entry, Field, FlowField};
use fleetnet_compiler::model::BuiltIn;
use fleetnet_lang::ast::{self, AstNode, Text};
use fleetnet_lang::{
    FileId, Node, Parse, Span, SyntaxKind, SyntaxNode, SyntaxToken, TextRange, expected_at, parse, words,
};

use crate::around::{Around, WORD, touched};
use crate::names::{self, Kind, Meaning, Ports, Space, Symbol, definitions};
use crate::package::{Package, Place};

/// Something that could be typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What it would be.
    pub text: String,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// More about it, in a few words.
    pub detail: Option<String>,
    /// What the statement says that it begins.
    pub about: Option<&'static str>,
}

/// What could be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// The name of something.
    Name(Kind),
    /// Something built in.
    BuiltIn,
    /// The key of a label.
    LabelKey,
    /// The value of a label.
    LabelValue,
    /// A field of what CEL is about.
    Field,
    /// A keyword.
    Keyword,
}

/// All that could be typed at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What it would replace: the word that the cursor is in.
    pub span: Option<Span>,
    /// In order, each once.
    pub items: Vec<Item>,
}

/// What could be typed at a place.
#[must_use]
pub fn completion(package: &Package, place: Place) -> Completion {
    let Some(tree) = package.tree(place.file) else { return Completion::default() };
    let text = package.file(place.file).map_or("", |file| &*file.source.text);
    let token = touched(&tree.parse.syntax(), place.offset);
    let span = |start, end| Span::new(place.file, start, end);
    match token.as_ref().map(SyntaxToken::kind) {
        Some(SyntaxKind::Cel) => token.map(|token| cel(text, &token, place)).unwrap_or_default(),
        Some(SyntaxKind::String | SyntaxKind::Comment | SyntaxKind::DocComment) => Completion::default(),
        Some(SyntaxKind::Word | SyntaxKind::Keyword) => {
            let range = token.map(|token| token.text_range()).unwrap_or_default();
            words_at(package, &Around::new(&tree.parse, text, place), span(range.start().into(), range.end().into()))
        }
        Some(_) | None => words_at(package, &Around::new(&tree.parse, text, place), span(place.offset, place.offset)),
    }
}

fn words_at(package: &Package, around: &Around<'_>, span: Span) -> Completion {
    let place = around.place;
    let (before, behind) = around.apart(span.start, span.end);
    let typed = around.apart(place.offset, place.offset).0.get(before.len()..).unwrap_or_default();
    let mut items = Vec::new();
    let marked = |word: &str| [before, word, " ", behind].concat();
    let at = around.inside(span.start);
    let guesses: Vec<String> = match typed.rsplit_once('/') {
        Some((namespace, _)) => vec![format!("{namespace}/{WORD}")],
        None if typed.starts_with('$') => vec![format!("${WORD}")],
        None => vec![WORD.to_owned(), format!("{WORD}/{WORD}")],
    };
    for guess in &guesses {
        let length = u32::try_from(guess.len()).unwrap_or(0);
        let parse = parse(place.file, &marked(guess));
        let word = Span::new(place.file, at, at.saturating_add(length));
        items.extend(named(package, place.file, &parse, word));
    }
    if !typed.contains(['/', '$']) {
        let expected = expected_at(&marked(WORD), at);
        items.extend(expected.into_iter().map(|expected| Item {
            text: expected.word,
            kind: ItemKind::Keyword,
            detail: expected.form.map(str::to_owned),
            about: expected.about,
        }));
    }
    items.sort();
    items.dedup_by(|one, other| one.text == other.text);
    Completion { span: Some(span), items }
}

/// The names that the word at `span` could be.
fn named(package: &Package, file: FileId, parse: &Parse, span: Span) -> Vec<Item> {
    let root = parse.syntax();
    let Some(token) = touched(&root, span.end) else { return Vec::new() };
    let parent = token.parent();
    let uses = names::read(file, parse).uses;
    let mut items: Vec<Item> = uses
        .iter()
        .filter(|used| span.start <= used.span.start && used.span.end == span.end)
        .flat_map(|used| meant(package, &used.meaning, parent.as_ref()))
        .collect();
    match parent.as_ref().map(SyntaxNode::kind) {
        Some(SyntaxKind::Key | SyntaxKind::Value) => {
            items.extend(parent.iter().flat_map(|it| labels(package, parse, it)));
        }
        Some(SyntaxKind::EndPods) => {
            let words = BuiltIn::ALL.iter().map(|end| end.keyword()).chain(["all"]);
            items.extend(words.map(|word| item(word, ItemKind::BuiltIn)));
        }
        Some(_) | None => {}
    }
    items
}

fn item(text: &str, kind: ItemKind) -> Item {
    Item { text: text.to_owned(), kind, detail: None, about: None }
}

fn meant(package: &Package, meaning: &Meaning, parent: Option<&SyntaxNode>) -> Vec<Item> {
    match meaning {
        Meaning::Symbol(symbol) => declared(package, parent, |other, _| same_place(symbol, other)),
        Meaning::First(symbols) => {
            declared(package, parent, |other, _| symbols.iter().any(|symbol| same_place(symbol, other)))
        }
        Meaning::PortOf { destinations, .. } => {
            let owners: BTreeSet<String> = Ports::new(package).identities(destinations);
            declared(package, parent, |other, _| other.space == Space::Port && owners.contains(&other.owner))
        }
    }
}

/// Whether one could stand where the other does.
fn same_place(symbol: &Symbol, other: &Symbol) -> bool {
    symbol.space == other.space && symbol.owner == other.owner
}

fn declared(package: &Package, parent: Option<&SyntaxNode>, wanted: impl Fn(&Symbol, Kind) -> bool) -> Vec<Item> {
    let parent = parent.map(SyntaxNode::kind);
    let fits = |kind: Kind| match kind {
        Kind::Cluster => !matches!(parent, Some(SyntaxKind::Pods | SyntaxKind::EndPods)),
        Kind::ClusterSet => parent == Some(SyntaxKind::Term),
        Kind::Group => matches!(parent, Some(SyntaxKind::Pods | SyntaxKind::EndPods)),
        Kind::External => parent == Some(SyntaxKind::EndPods),
        _ => true,
    };
    let mut items = Vec::new();
    for definition in definitions(package).filter(|definition| fits(definition.kind)) {
        for symbol in definition.symbols.iter().filter(|symbol| wanted(symbol, definition.kind)) {
            let text = if symbol.space == Space::Param { format!("${}", symbol.name) } else { symbol.name.clone() };
            let doc = definition.doc.as_deref().and_then(|doc| doc.lines().next());
            let detail = doc.map_or_else(|| definition.kind.word().to_owned(), str::to_owned);
            items.push(Item { text, kind: ItemKind::Name(definition.kind), detail: Some(detail), about: None });
        }
    }
    items
}

/// The keys, or the values of a key, that labels of the package have or are asked for; `node` holds the one that is being typed.
fn labels(package: &Package, parse: &Parse, node: &SyntaxNode) -> Vec<Item> {
    let is_key = node.kind() == SyntaxKind::Key;
    let typed = node.text_range();
    let Some(own) = written_labels(parse.root()).find(|label| label.range.contains_range(typed)) else {
        return Vec::new();
    };
    let mut found = BTreeSet::new();
    for tree in package.files().filter_map(|(_, file)| file.tree.as_ref()) {
        for label in written_labels(tree.parse.root()) {
            match is_key {
                true => found.extend(label.key),
                false if label.key == own.key => found.extend(label.values),
                false => {}
            }
        }
    }
    let kind = if is_key { ItemKind::LabelKey } else { ItemKind::LabelValue };
    found.iter().map(|text| item(text, kind)).collect()
}

/// A label, or a requirement on one: what of it is words.
struct Label<'t> {
    range: TextRange,
    key: Option<&'t str>,
    values: Vec<&'t str>,
}

fn written_labels(root: Node<'_>) -> impl Iterator<Item = Label<'_>> {
    root.descendants().flat_map(|node| {
        let entries = ast::Labels::cast(node).into_iter().flat_map(|labels| labels.entries());
        let entries = entries.map(|entry| (entry.syntax(), entry.key(), entry.value().into_iter().collect()));
        let requirement = ast::Requirement::cast(node);
        let requirement = requirement.map(|asked| (asked.syntax(), asked.key(), asked.values().collect::<Vec<_>>()));
        entries.chain(requirement).map(|(node, key, values)| Label {
            range: node.text_range(),
            key: key.and_then(word_of),
            values: values.into_iter().filter_map(word_of).collect(),
        })
    })
}

fn word_of(text: Text<'_>) -> Option<&str> {
    match text {
        Text::Word(word) if word.param().is_none() && !words::is_reserved(word.text()) => Some(word.text()),
        Text::Word(_) | Text::Str(_) => None,
    }
}

/// The fields that the path before the cursor has.
fn cel(text: &str, token: &SyntaxToken, place: Place) -> Completion {
    let before = text.get(u32::from(token.text_range().start()) as usize..place.offset as usize).unwrap_or_default();
    let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let path = before.rsplit(|c| !is_path(c)).next().unwrap_or_default();
    let (owner, typed) = path.rsplit_once('.').unwrap_or(("", path));
    let of_clusters = token.parent().is_some_and(|parent| parent.kind() == SyntaxKind::Term);
    let mut items = if of_clusters { fields::<ClusterField>(owner) } else { fields::<FlowField>(owner) };
    items.sort();
    let start = place.offset.saturating_sub(u32::try_from(typed.len()).unwrap_or(0));
    Completion { span: Some(Span::new(place.file, start, place.offset)), items }
}

fn fields<F: Field>(owner: &str) -> Vec<Item> {
    if owner.is_empty() {
        return vec![item(F::ROOT, ItemKind::Field)];
    }
    let mut path = owner.split('.');
    if path.next() != Some(F::ROOT) {
        return Vec::new();
    }
    let mut entries = F::TREE;
    for name in path {
        match entries.iter().find(|entry| entry.name() == name) {
            Some(Entry::Record(_, inside)) => entries = inside,
            Some(Entry::Leaf(..)) | None => return Vec::new(),
        }
    }
    let items = entries.iter().map(|entry| {
        let detail = match entry {
            Entry::Record(..) => None,
            Entry::Leaf(_, of, _) => Some(of.described().to_owned()),
        };
        Item { text: entry.name().to_owned(), kind: ItemKind::Field, detail, about: None }
    });
    items.collect()
}
