//! From a place to what its name means, and from that to all places that mean it.

use std::collections::BTreeSet;

use fleetnet_lang::Span;

use super::{Definition, GroupList, Meaning, Names, Space, Symbol, Use};
use crate::package::{Package, Place};

/// A name under a place, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where the name stands.
    pub span: Span,
    /// What it means; several for a port of several destinations.
    pub symbols: BTreeSet<Symbol>,
}

/// The name that a place is in, or just behind.
#[must_use]
pub fn named(package: &Package, place: Place) -> Option<Named> {
    let names = &package.tree(place.file)?.names;
    let inside = |span: Span| span.start <= place.offset && place.offset <= span.end;
    let definition = names.definitions.iter().find(|definition| inside(definition.name));
    if let Some(Definition { symbols, name, .. }) = definition {
        return Some(Named { span: *name, symbols: symbols.iter().cloned().collect() });
    }
    let used = names.uses.iter().find(|used| inside(used.span))?;
    Some(Named { span: used.span, symbols: Ports::new(package).symbols(&used.meaning) })
}

/// All declarations of a package.
pub fn definitions(package: &Package) -> impl Iterator<Item = &Definition> {
    all(package).flat_map(|names| &names.definitions)
}

/// The declarations of any of these.
pub fn definitions_of<'p>(package: &'p Package, symbols: &BTreeSet<Symbol>) -> impl Iterator<Item = &'p Definition> {
    definitions(package).filter(move |definition| definition.symbols.iter().any(|symbol| symbols.contains(symbol)))
}

/// The places that refer to any of these.
pub fn uses_of<'p>(package: &'p Package, symbols: &BTreeSet<Symbol>) -> impl Iterator<Item = &'p Use> {
    let ports = Ports::new(package);
    let names: BTreeSet<&str> = symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    all(package).flat_map(|names| &names.uses).filter(move |used| {
        // Most uses are of another name, which is cheap to see.
        let near = match &used.meaning {
            Meaning::Symbol(symbol) => names.contains(symbol.name.as_str()),
            Meaning::First(_) => true,
            Meaning::PortOf { name, .. } => names.contains(name.as_str()),
        };
        near && ports.symbols(&used.meaning).iter().any(|symbol| symbols.contains(symbol))
    })
}

/// `symbols`, and what has to share its name with one of them: a port that is used for two destinations is one name.
#[must_use]
pub fn inseparable(package: &Package, mut symbols: BTreeSet<Symbol>) -> BTreeSet<Symbol> {
    let ports = Ports::new(package);
    loop {
        let defined = definitions_of(package, &symbols).flat_map(|definition| definition.symbols.iter().cloned());
        let used = uses_of(package, &symbols).flat_map(|used| ports.symbols(&used.meaning));
        let more: BTreeSet<Symbol> = defined.chain(used).filter(|symbol| !symbols.contains(symbol)).collect();
        if more.is_empty() {
            return symbols;
        }
        symbols.extend(more);
    }
}

fn all(package: &Package) -> impl Iterator<Item = &Names> {
    package.files().filter_map(|(_, file)| file.tree.as_ref().map(|tree| &tree.names))
}

/// Whose ports a destination's are.
pub struct Ports<'p> {
    package: &'p Package,
}

impl<'p> Ports<'p> {
    /// Of the destinations of a package.
    #[must_use]
    pub fn new(package: &'p Package) -> Self {
        Self { package }
    }

    fn symbols(&self, meaning: &Meaning) -> BTreeSet<Symbol> {
        match meaning {
            Meaning::Symbol(symbol) => BTreeSet::from([symbol.clone()]),
            Meaning::First(symbols) => {
                let declared = |symbol: &&Symbol| definitions(self.package).any(|one| one.symbols.contains(symbol));
                symbols.iter().find(declared).or(symbols.first()).cloned().into_iter().collect()
            }
            Meaning::PortOf { destinations, name } => {
                let owners = self.identities(destinations);
                owners.into_iter().map(|owner| Symbol::of(&owner, Space::Port, name)).collect()
            }
        }
    }

    /// The identities among destinations as they are written. Those that a group takes in by their labels are not known here.
    #[must_use]
    pub fn identities(&self, destinations: &[String]) -> BTreeSet<String> {
        let mut open: Vec<&str> = destinations.iter().map(String::as_str).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(end) = open.pop() {
            if end == "all" {
                found.extend(self.declared(|_| true));
            } else if let Some(namespace) = end.strip_suffix('*') {
                found.extend(self.declared(|name| name.starts_with(namespace)));
            } else if end.contains('/') {
                found.insert(end.to_owned());
            } else {
                let lists = all(self.package).flat_map(|names| &names.groups);
                let members = lists.filter(|group| group.name == end).flat_map(|GroupList { members, .. }| members);
                open.extend(members.map(String::as_str).filter(|member| seen.insert(member)));
            }
        }
        found
    }

    fn declared(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let symbols = definitions(self.package).flat_map(|definition| &definition.symbols);
        let names = symbols.filter(|symbol| symbol.space == Space::Identity && wanted(&symbol.name));
        names.map(|symbol| symbol.name.clone()).collect()
    }
}
