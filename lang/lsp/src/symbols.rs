//! What a file declares, as an outline, and what a package declares, by name.

use fleetnet_lang::ast::{self, AstNode, Declaration, GatewayStmt, IdentityStmt, RolloutStmt, ServiceStmt, Word};
use fleetnet_lang::{FileId, Span};

use crate::names::{Definition, Kind, definitions};
use crate::package::Package;

/// One line of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlined {
    /// Its name, or what stands for one.
    pub name: String,
    /// The keyword it starts with.
    pub keyword: String,
    /// All of it.
    pub whole: Span,
    /// Where its name stands; inside of the whole.
    pub place: Span,
    /// What is in it.
    pub parts: Vec<Outlined>,
}

/// The outline of a file.
#[must_use]
pub fn outline(package: &Package, file: FileId) -> Vec<Outlined> {
    let root = package.tree(file).and_then(|tree| tree.parse.file());
    root.into_iter().flat_map(|root| root.declarations()).map(|node| declaration(file, &node)).collect()
}

fn declaration(file: FileId, declaration: &Declaration<'_>) -> Outlined {
    let (name, parts) = match declaration {
        Declaration::Identity(node) => (node.name(), identity_parts(file, node)),
        Declaration::Service(node) => (node.name(), service_parts(file, node.statements())),
        Declaration::Gateway(node) => (node.name(), gateway_parts(file, node)),
        Declaration::Rollout(node) => (node.name(), rollout_parts(file, node)),
        Declaration::Fleet(node) => (node.name(), Vec::new()),
        Declaration::Cluster(node) => (node.name(), Vec::new()),
        Declaration::Clusters(node) => (node.name(), Vec::new()),
        Declaration::Mesh(node) => (node.name(), Vec::new()),
        Declaration::Namespace(node) => (node.name(), Vec::new()),
        Declaration::Group(node) => (node.name(), Vec::new()),
        Declaration::External(node) => (node.name(), Vec::new()),
        Declaration::Export(node) => (node.name(), Vec::new()),
        Declaration::Entry(node) => (node.name(), Vec::new()),
        Declaration::Balance(node) => (node.name(), Vec::new()),
        Declaration::Policy(node) => (node.name(), Vec::new()),
        Declaration::Invariant(node) => (node.name(), Vec::new()),
        Declaration::Param(node) => (node.name(), Vec::new()),
        Declaration::Guard(_) => (None, Vec::new()),
        Declaration::Test(node) => {
            let title = node.title().and_then(|title| Some((title.value(file).ok()?, title.span(file))));
            return outlined(file, declaration, title, Vec::new());
        }
    };
    outlined(file, declaration, name.map(|word| (word.text().to_owned(), word.span(file))), parts)
}

fn identity_parts(file: FileId, node: &ast::Identity<'_>) -> Vec<Outlined> {
    let ports = node.statements().filter_map(|statement| match statement {
        IdentityStmt::Port(port) => Some(part(file, &port, port.name())),
        IdentityStmt::Match(_) | IdentityStmt::Account(_) | IdentityStmt::In(_) | IdentityStmt::Waive(_) => None,
    });
    ports.collect()
}

fn service_parts<'t>(file: FileId, statements: impl Iterator<Item = ServiceStmt<'t>>) -> Vec<Outlined> {
    let mut parts = Vec::new();
    for statement in statements {
        match statement {
            ServiceStmt::Port(port) => parts.push(part(file, &port, port.name())),
            ServiceStmt::At(at) => parts.extend(service_parts(file, at.statements())),
            ServiceStmt::Pods(_)
            | ServiceStmt::Type(_)
            | ServiceStmt::Headless(_)
            | ServiceStmt::DnsLabel(_)
            | ServiceStmt::ExternalTrafficPolicy(_)
            | ServiceStmt::RoutesFrom(_)
            | ServiceStmt::Labels(_)
            | ServiceStmt::Annotations(_)
            | ServiceStmt::Waive(_) => {}
        }
    }
    parts
}

fn gateway_parts(file: FileId, node: &ast::Gateway<'_>) -> Vec<Outlined> {
    let listeners = node.statements().filter_map(|statement| match statement {
        GatewayStmt::Listener(listener) => Some(part(file, &listener, listener.name())),
        GatewayStmt::Class(_)
        | GatewayStmt::In(_)
        | GatewayStmt::Route(_)
        | GatewayStmt::Labels(_)
        | GatewayStmt::Annotations(_)
        | GatewayStmt::Waive(_) => None,
    });
    listeners.collect()
}

fn rollout_parts(file: FileId, node: &ast::Rollout<'_>) -> Vec<Outlined> {
    let steps = node.statements().filter_map(|statement| match statement {
        RolloutStmt::Step(step) => Some(part(file, &step, step.name())),
        RolloutStmt::Waive(_) => None,
    });
    steps.collect()
}

fn part<'t>(file: FileId, node: &impl AstNode<'t>, name: Option<Word<'_>>) -> Outlined {
    outlined(file, node, name.map(|word| (word.text().to_owned(), word.span(file))), Vec::new())
}

/// What has no name yet is called by its keyword.
fn outlined<'t>(file: FileId, node: &impl AstNode<'t>, name: Option<(String, Span)>, parts: Vec<Outlined>) -> Outlined {
    let whole = node.span(file);
    let keyword = node.keyword();
    let word = keyword.as_ref().map_or("", Word::text).to_owned();
    let own = || (word.clone(), keyword.as_ref().map_or(whole, |keyword| keyword.span(file)));
    let (name, place) = name.filter(|(name, _)| !name.is_empty()).unwrap_or_else(own);
    Outlined { name, keyword: word, whole, place, parts }
}

/// A declaration of a package that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'p> {
    /// Its name, with its namespace if it has one.
    pub name: &'p str,
    /// What it is part of, or empty.
    pub owner: &'p str,
    /// What it is.
    pub kind: Kind,
    /// Where its name stands.
    pub place: Span,
}

/// The declarations whose names have the characters of `query` in this order, whatever stands between; upper and lower case are the same.
#[must_use]
pub fn search<'p>(package: &'p Package, query: &str) -> Vec<Found<'p>> {
    let found = definitions(package).filter(|definition| definition.kind != Kind::Region).filter_map(|definition| {
        let Definition { symbols, kind, name, .. } = definition;
        let symbol = symbols.first()?;
        matches(&symbol.name, query).then_some(Found {
            name: &symbol.name,
            owner: &symbol.owner,
            kind: *kind,
            place: *name,
        })
    });
    found.collect()
}

fn matches(name: &str, query: &str) -> bool {
    let mut rest = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| rest.any(|c| c == wanted))
}
