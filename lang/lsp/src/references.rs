//! All places that speak of what is under the cursor.

use fleetnet_lang::Span;

use crate::names::{definitions_of, named, uses_of};
use crate::package::{Package, Place};

/// The places of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Where it is declared, in order.
    pub declared: Vec<Span>,
    /// Where it is used, in order.
    pub used: Vec<Span>,
}

/// The places that mean the same as the name at a place.
#[must_use]
pub fn references(package: &Package, place: Place) -> References {
    let Some(named) = named(package, place) else { return References::default() };
    let sorted = |mut spans: Vec<Span>| {
        spans.sort_unstable();
        spans.dedup();
        spans
    };
    References {
        declared: sorted(definitions_of(package, &named.symbols).map(|declared| declared.name).collect()),
        used: sorted(uses_of(package, &named.symbols).map(|used| used.span).collect()),
    }
}
