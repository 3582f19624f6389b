//! Tables of names, and what is said of a name that is in none.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;

use fleetnet_lang::{Diagnostic, Span};

use super::broken::Broken;
use super::misnamed::Misnamed;
use crate::codes::names as codes;
use crate::model::{Name, Spanned};

/// Names of one kind. A name that was declared, but so that there is nothing to refer to, has no value: what is wrong with it was said where
/// it is declared, and is not said again where it is used.
#[derive(Clone, Debug)]
pub(super) struct Index<V> {
    /// Looked up many times, and told in order where a name is in none.
    entries: Arc<HashMap<Name, Option<V>>>,
}

impl<V> Default for Index<V> {
    fn default() -> Self {
        Self { entries: Arc::default() }
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
        Arc::make_mut(&mut self.entries).entry(name).or_insert(value);
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
        sorted(&self.entries).into_iter()
    }
}

impl<V: Debug + Send + Sync + 'static> Index<V> {
    /// The names, for those who look for a near one later.
    pub fn known(&self) -> Arc<dyn Known> {
        Arc::clone(&self.entries) as Arc<dyn Known>
    }
}

/// Names among which a near one can be found.
pub(super) trait Known: Debug + Send + Sync {
    /// The nearest to a name, if one is near.
    fn nearest(&self, name: &Name) -> Option<Name>;
}

impl<V: Debug + Send + Sync> Known for HashMap<Name, Option<V>> {
    fn nearest(&self, name: &Name) -> Option<Name> {
        nearest(name, sorted(self).into_iter())
    }
}

/// The names of a table, in order.
fn sorted<V>(entries: &HashMap<Name, Option<V>>) -> Vec<&Name> {
    let mut names: Vec<&Name> = entries.keys().collect();
    names.sort_unstable();
    names
}

impl Known for Vec<Name> {
    fn nearest(&self, name: &Name) -> Option<Name> {
        nearest(name, self.iter())
    }
}

fn nearest<'n>(name: &Name, known: impl Iterator<Item = &'n Name>) -> Option<Name> {
    let known: Vec<&str> = known.map(Name::as_str).collect();
    fleetnet_lang::suggest::nearest(name.as_str(), &known).map(Name::from)
}

/// Names that nothing declares, each reported once however often it is used, and as whatever: the mistake is one, a slip or a missing
/// declaration.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    found: BTreeMap<Name, Vec<Unknown>>,
}

/// A use of such a name.
#[derive(Debug)]
struct Unknown {
    place: Span,
    /// What it is used as.
    kind: &'static str,
    /// The names of that kind.
    known: Arc<dyn Known>,
}

/// Looking for the nearest name costs a comparison with each; a package with more different unknown names than this has another problem.
const SUGGESTIONS: usize = 100;
/// Most further places that a finding lists.
const RELATED: usize = 3;

impl Unknowns {
    /// Notes a use of a name of some kind, for instance `a mesh of this package`, that is not among `known`.
    pub fn note(&mut self, kind: &'static str, name: &Spanned<Name>, known: Arc<dyn Known>) {
        self.found.entry(name.value.clone()).or_default().push(Unknown { place: name.span, kind, known });
    }

    /// Takes in the names of another part of the package.
    pub fn join(&mut self, part: Self) {
        for (name, uses) in part.found {
            self.found.entry(name).or_default().extend(uses);
        }
    }

    /// Whether every name was declared.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What is to be said, less what may be declared where the parser could not read, or is with a name that is told of.
    pub fn diagnostics(self, broken: &Broken, misnamed: &Misnamed) -> Vec<Diagnostic> {
        let is_declared = |name: &str| broken.may_declare(name) || misnamed.declares(name) || misnamed.means(name);
        let unknown = self.found.into_iter().filter(|(name, _)| !is_declared(name.as_str()));
        let mut found = Vec::new();
        for (name, uses) in unknown {
            let is_looked_for = found.len() < SUGGESTIONS;
            let nearest = |known: &dyn Known| is_looked_for.then(|| known.nearest(&name)).flatten();
            found.extend(diagnostic(&name, uses, nearest, broken));
        }
        found
    }
}

fn diagnostic(
    name: &Name,
    mut uses: Vec<Unknown>,
    nearest: impl FnOnce(&dyn Known) -> Option<Name>,
    broken: &Broken,
) -> Option<Diagnostic> {
    uses.retain(|unknown| !broken.holds(unknown.place));
    uses.sort_by_key(|unknown| (unknown.place, unknown.kind));
    uses.dedup_by_key(|unknown| unknown.place);
    let (Unknown { place, kind, known }, others) = uses.split_first()?;
    let mut found = Diagnostic::new(codes::UNKNOWN_NAME, *place, format!("`{name}` is not {kind}"));
    for other in others.iter().take(RELATED) {
        found = found.related(other.place, "also used here");
    }
    Some(match nearest(&**known) {
        // Where the name comes from a parameter, something else stands in the text.
        Some(near) if place.end.saturating_sub(place.start) as usize == name.as_str().len() => {
            found.help(format!("did you mean `{near}`?")).suggest(*place, near.as_str())
        }
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("declare it, or correct the name"),
    })
}
