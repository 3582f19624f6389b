//! Where the name under the cursor is declared.

use fleetnet_lang::Span;

use crate::names::{definitions_of, named};
use crate::package::{Package, Place};

/// The way from a name to its declarations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name one comes from.
    pub origin: Span,
    /// The name that is declared.
    pub name: Span,
    /// All of its declaration.
    pub whole: Span,
}

/// The declarations of the name at a place; nothing where none stands, or where nothing declares it.
#[must_use]
pub fn definition(package: &Package, place: Place) -> Vec<Target> {
    let Some(named) = named(package, place) else { return Vec::new() };
    let declared = definitions_of(package, &named.symbols);
    declared.map(|declared| Target { origin: named.span, name: declared.name, whole: declared.whole }).collect()
}
