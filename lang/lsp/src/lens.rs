//! Above what stands for pods: who reaches them, and whom they reach.

use fleetnet_lang::{FileId, Span};

use crate::meaning::{Meaning, Partner};
use crate::names::Kind;
use crate::package::Package;

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name that is declared.
    pub span: Span,
    /// What it says.
    pub title: String,
    /// What is declared: an identity, a service or a policy.
    pub kind: Kind,
    /// Its name, with its namespace if it has one.
    pub name: String,
}

/// The lines of a file, in order of place. There are none of what the package did not yet declare when it was last compiled.
#[must_use]
pub fn lenses(package: &Package, meaning: &Meaning, file: FileId) -> Vec<Lens> {
    let definitions = package.tree(file).into_iter().flat_map(|tree| &tree.names.definitions);
    let shown =
        definitions.filter(|definition| matches!(definition.kind, Kind::Identity | Kind::Service | Kind::Policy));
    let lenses = shown.filter_map(|definition| {
        let name = definition.symbols.first()?.name.clone();
        let reached = meaning.reached(definition.kind, &name)?;
        let title = format!("reached by {} · reaches {}", counted(&reached.by), counted(&reached.reaches));
        Some(Lens { span: definition.name, title, kind: definition.kind, name })
    });
    lenses.collect()
}

/// The number of identities, and what else there is by its name.
#[must_use]
pub fn counted(partners: &[Partner]) -> String {
    let (identities, others): (Vec<&Partner>, Vec<&Partner>) =
        partners.iter().partition(|partner| partner.identity.is_some());
    let number = match identities.len() {
        0 => None,
        1 => Some("1 identity".to_owned()),
        more => Some(format!("{more} identities")),
    };
    let mut words: Vec<String> = number.into_iter().chain(others.iter().map(|other| other.name.clone())).collect();
    if words.len() > MOST {
        let more = words.len().saturating_sub(MOST);
        words.truncate(MOST);
        words.push(format!("{more} more"));
    }
    if words.is_empty() { "nobody".to_owned() } else { words.join(", ") }
}

/// Most words of a line.
const MOST: usize = 4;
