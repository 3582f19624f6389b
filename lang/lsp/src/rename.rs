//! Another name for what is under the cursor, everywhere at once.

use std::collections::BTreeSet;

use fleetnet_lang::{Span, literals, words};

use crate::Edit;
use crate::names::{Symbol, definitions, definitions_of, inseparable, named, uses_of};
use crate::package::{Package, Place};

/// Why something can't be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No name stands there, or nothing declares it.
    NoName,
    /// The new name is none.
    Malformed(String),
    /// Something else has the new name already.
    Taken(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoName => f.write_str("there is no name here that the package declares"),
            Self::Malformed(why) => f.write_str(why),
            Self::Taken(name) => write!(f, "`{name}` is already declared"),
        }
    }
}

/// The name that would be replaced.
#[must_use]
pub fn renamed(package: &Package, place: Place) -> Option<Span> {
    let named = named(package, place)?;
    definitions_of(package, &named.symbols).next().is_some().then_some(named.span)
}

/// The replacements that give the name at a place, and all that mean the same, another text; in order of place.
pub fn rename(package: &Package, place: Place, to: &str) -> Result<Vec<Edit>, Refused> {
    let span = renamed(package, place).ok_or(Refused::NoName)?;
    let Some(named) = named(package, place) else { return Err(Refused::NoName) };
    if package.text(span) == to {
        return Ok(Vec::new());
    }
    literals::name(to, span).map_err(|found| Refused::Malformed(found.message))?;
    if words::is_reserved(to) {
        return Err(Refused::Malformed(format!("`{to}` is a word of the language, not a name")));
    }
    let symbols = inseparable(package, named.symbols);
    let wanted: BTreeSet<Symbol> = symbols.iter().map(|symbol| called(symbol, to)).collect();
    if definitions(package).any(|definition| definition.symbols.iter().any(|symbol| wanted.contains(symbol))) {
        return Err(Refused::Taken(to.to_owned()));
    }
    let declared = definitions_of(package, &symbols).map(|definition| definition.name);
    let places: BTreeSet<Span> = declared.chain(uses_of(package, &symbols).map(|used| used.span)).collect();
    Ok(places.into_iter().map(|span| Edit { span, text: to.to_owned() }).collect())
}

/// The same thing under another name, in its own namespace.
fn called(symbol: &Symbol, to: &str) -> Symbol {
    let name = match symbol.name.split_once('/') {
        Some((namespace, _)) => format!("{namespace}/{to}"),
        None => to.to_owned(),
    };
    Symbol { name, ..symbol.clone() }
}
