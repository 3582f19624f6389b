//! Tables of names, and what is said of a name that is in none.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use fleetnet_lang::{Diagnostic, Span};

use super::broken::Broken;
use crate::codes::names as codes;
use crate::model::{Name, Spanned};

/// Names of one kind. A name that was declared, but so that there is nothing to refer to, has no value: what is wrong with it was said where
/// it is declared, and is not said again where it is used.
#[derive(Clone, Debug)]
pub(super) struct Index<V> {
    entries: BTreeMap<Name, Option<V>>,
}

impl<V> Default for Index<V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new() }
    }
}

/// What a table knows of a name.
pub(super) enum Found<V> {
    /// What it stands for.
    Is(V),
    /// It is declared, and broken.
    Broken,
    /// It isn't declared.
    Unknown,
}

impl<V: Clone> Index<V> {
    /// Adds a name; none twice.
    pub fn insert(&mut self, name: Name, value: Option<V>) {
        self.entries.entry(name).or_insert(value);
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Found<V> {
        match self.entries.get(name) {
            Some(Some(value)) => Found::Is(value.clone()),
            Some(None) => Found::Broken,
            None => Found::Unknown,
        }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.entries.keys()
    }
}

/// Names that nothing declares, each reported once however often it is used, and as whatever: the mistake is one, a slip or a missing
/// declaration.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    found: BTreeMap<Name, Unknown>,
}

#[derive(Debug)]
struct Unknown {
    /// Where it is used, and as what.
    places: Vec<(Span, &'static str)>,
    /// The nearest name of the kind that it is first used as.
    nearest: Option<Name>,
}

/// Looking for the nearest name costs a comparison with each; a package with more different unknown names than this has another problem.
const SUGGESTIONS: usize = 100;
/// Most further places that a finding lists.
const RELATED: usize = 3;

impl Unknowns {
    /// Notes a use of a name of some kind, for instance `a mesh of this package`, that is not among `known`.
    pub fn note<'n>(&mut self, kind: &'static str, name: &Spanned<Name>, known: impl Iterator<Item = &'n Name>) {
        let suggested = self.found.len() < SUGGESTIONS;
        let entry = self.found.entry(name.value.clone()).or_insert_with(|| {
            let known: Vec<&str> = if suggested { known.map(Name::as_str).collect() } else { Vec::new() };
            let nearest = fleetnet_lang::suggest::nearest(name.value.as_str(), &known).map(Name::from);
            Unknown { places: Vec::new(), nearest }
        });
        entry.places.push((name.span, kind));
    }

    /// Takes in the names of a part of the package that stands behind what is noted already.
    pub fn join(&mut self, part: Self) {
        for (name, unknown) in part.found {
            match self.found.entry(name) {
                Entry::Occupied(known) => known.into_mut().places.extend(unknown.places),
                Entry::Vacant(free) => drop(free.insert(unknown)),
            }
        }
    }

    /// Whether every name was declared.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What is to be said, less what may be declared where the parser could not read.
    pub fn diagnostics(self, broken: &Broken) -> Vec<Diagnostic> {
        let unknown = self.found.into_iter().filter(|(name, _)| !broken.may_declare(name.as_str()));
        unknown.filter_map(|(name, unknown)| diagnostic(&name, unknown, broken)).collect()
    }
}

fn diagnostic(name: &Name, Unknown { mut places, nearest }: Unknown, broken: &Broken) -> Option<Diagnostic> {
    places.retain(|(span, _)| !broken.holds(*span));
    places.sort_unstable();
    places.dedup_by_key(|(span, _)| *span);
    let ((first, kind), others) = places.split_first()?;
    let mut found = Diagnostic::new(codes::UNKNOWN_NAME, *first, format!("`{name}` is not {kind}"));
    for (place, _) in others.iter().take(RELATED) {
        found = found.related(*place, "also used here");
    }
    Some(match nearest {
        // Where the name comes from a parameter, something else stands in the text.
        Some(near) if first.end.saturating_sub(first.start) as usize == name.as_str().len() => {
            found.help(format!("did you mean `{near}`?")).suggest(*first, near.as_str())
        }
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("declare it, or correct the name"),
    })
}
