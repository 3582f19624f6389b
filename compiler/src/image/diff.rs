//! What differs between an image and another one; [`live`](super::live) compares with the kernel's maps in the same terms.
//!
//! Entries are compared by key and value, sections by map. Lines of rules may move without making a difference.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;

use super::Image;
use super::section::Section;
use super::section::entry::{Entry, MapKind, RuleRef};
use super::tables::{IdentityKind, IdentityRow, RuleRow};

/// Every difference, in the order of the images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageDiff {
    /// Differences of the headers; the build is not compared.
    pub header: Vec<HeaderChange>,
    /// Maps with differences.
    pub sections: Vec<SectionDiff>,
    /// Identities with differences, by name.
    pub identities: Vec<IdentityChange>,
}

impl ImageDiff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { header, sections, identities } = self;
        header.is_empty() && sections.is_empty() && identities.is_empty()
    }
}

/// A value that is not what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// In the expected image.
    pub expected: T,
    /// In the other one.
    pub actual: T,
}

impl<T: PartialEq> Change<T> {
    pub(super) fn of(expected: T, actual: T) -> Option<Self> {
        (expected != actual).then_some(Self { expected, actual })
    }
}

/// A difference of the headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderChange {
    /// The engine.
    Abi(Change<Abi>),
    /// The cluster's number.
    ClusterId(Change<u8>),
    /// The cluster's name.
    Cluster(Change<String>),
    /// The fleet's name.
    Fleet(Change<String>),
}

/// The differences of one map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDiff {
    /// Which map.
    pub map: MapKind,
    /// What differs.
    pub change: SectionChange,
}

/// How a map differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionChange {
    /// The whole map is missing; it has so many entries.
    Missing(usize),
    /// The whole map is not expected; it has so many entries.
    Extra(usize),
    /// Both have it.
    Entries {
        /// How many entries the map is made for, if that differs.
        capacity: Option<Change<u32>>,
        /// The entries that differ, by key.
        entries: Vec<EntryChange>,
    },
}

/// An entry as bytes, with the rule behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// What brought it about, and its row if that is a rule.
    pub rule: (RuleRef, Option<RuleRow>),
}

/// How an entry differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryChange {
    /// It should be there.
    Missing(EntryRow),
    /// It should not be there.
    Extra(EntryRow),
    /// The key is the same, and the value or the rule (file or text, not the line) is another.
    Different(Change<EntryRow>),
}

/// How an identity differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityChange {
    /// It should be there.
    Missing(IdentityRow),
    /// It should not be there.
    Extra(IdentityRow),
    /// The same thing has another number.
    Renumbered {
        /// What kind of thing.
        kind: IdentityKind,
        /// What it stands for.
        name: Arc<str>,
        /// Its labels.
        labels: Vec<Arc<str>>,
        /// Its numbers.
        number: Change<Identity>,
    },
}

/// Compares what is with what should be.
#[must_use]
pub fn diff(expected: &Image, actual: &Image) -> ImageDiff {
    ImageDiff {
        header: diff_headers(expected, actual),
        sections: diff_sections(expected, actual),
        identities: diff_identities(expected, actual),
    }
}

pub(super) fn diff_headers(expected: &Image, actual: &Image) -> Vec<HeaderChange> {
    let (left, right) = (expected.header(), actual.header());
    let changes = [
        Change::of(left.abi, right.abi).map(HeaderChange::Abi),
        Change::of(left.cluster_id, right.cluster_id).map(HeaderChange::ClusterId),
        Change::of(left.cluster.clone(), right.cluster.clone()).map(HeaderChange::Cluster),
        Change::of(left.fleet.clone(), right.fleet.clone()).map(HeaderChange::Fleet),
    ];
    changes.into_iter().flatten().collect()
}

fn diff_sections(expected: &Image, actual: &Image) -> Vec<SectionDiff> {
    let pairs = join(expected.sections().iter(), actual.sections().iter(), |left, right| left.map().cmp(&right.map()));
    let changes = pairs.filter_map(|pair| {
        let (map, change) = match pair {
            Pair::Left(section) => (section.map(), SectionChange::Missing(section.len())),
            Pair::Right(section) => (section.map(), SectionChange::Extra(section.len())),
            Pair::Both(left, right) => (left.map(), diff_section((expected, left), (actual, right))?),
        };
        Some(SectionDiff { map, change })
    });
    changes.collect()
}

fn diff_section(expected: (&Image, &Section), actual: (&Image, &Section)) -> Option<SectionChange> {
    let entries = diff_entries((expected.0, expected.1.entries()), (actual.0, actual.1.entries()));
    section_change(Change::of(expected.1.capacity(), actual.1.capacity()), entries)
}

pub(super) fn section_change(capacity: Option<Change<u32>>, entries: Vec<EntryChange>) -> Option<SectionChange> {
    (capacity.is_some() || !entries.is_empty()).then_some(SectionChange::Entries { capacity, entries })
}

/// The differences of entries in order of their keys, each with the image that knows the rules.
pub(super) fn diff_entries<'a>(
    expected: (&Image, impl Iterator<Item = Entry<'a>>),
    actual: (&Image, impl Iterator<Item = Entry<'a>>),
) -> Vec<EntryChange> {
    let row = |image: &Image, entry: Entry<'_>| EntryRow {
        key: entry.key.to_vec(),
        value: entry.value.to_vec(),
        rule: (entry.rule, image.rule(entry.rule).cloned()),
    };
    let pairs = join(expected.1, actual.1, |left, right| left.key.cmp(right.key));
    let changes = pairs.filter_map(|pair| match pair {
        Pair::Left(entry) => Some(EntryChange::Missing(row(expected.0, entry))),
        Pair::Right(entry) => Some(EntryChange::Extra(row(actual.0, entry))),
        Pair::Both(left, right) => {
            let same_rule = origin(expected.0, left.rule) == origin(actual.0, right.rule);
            let differs = left.value != right.value || !same_rule;
            let both = || Change { expected: row(expected.0, left), actual: row(actual.0, right) };
            differs.then(|| EntryChange::Different(both()))
        }
    });
    changes.collect()
}

/// What an entry comes from, as far as it stays the same when lines are added above.
#[derive(PartialEq, Eq)]
enum Origin<'a> {
    Rule { file: &'a str, text: &'a str },
    Default,
    None,
}

fn origin(image: &Image, rule: RuleRef) -> Origin<'_> {
    match (rule, image.rule(rule)) {
        (RuleRef::Default, _) => Origin::Default,
        (RuleRef::Rule(_), Some(row)) => Origin::Rule { file: &row.file, text: &row.text },
        (RuleRef::Rule(_) | RuleRef::None, _) => Origin::None,
    }
}

/// Identities of one kind, name and label set are the same thing; several of them are paired in order of their numbers.
pub(super) fn diff_identities(expected: &Image, actual: &Image) -> Vec<IdentityChange> {
    let mut things: BTreeMap<_, (Vec<&IdentityRow>, Vec<&IdentityRow>)> = BTreeMap::new();
    for row in expected.identities() {
        things.entry((&row.name, row.kind, &row.labels)).or_default().0.push(row);
    }
    for row in actual.identities() {
        things.entry((&row.name, row.kind, &row.labels)).or_default().1.push(row);
    }
    things.into_values().flat_map(|(left, right)| pair_up(&left, &right)).collect()
}

fn pair_up(expected: &[&IdentityRow], actual: &[&IdentityRow]) -> Vec<IdentityChange> {
    // Rows are in order of their numbers, in both images.
    let only = |mine: &[&IdentityRow], others: &[&IdentityRow]| -> Vec<IdentityRow> {
        let taken = |row: &IdentityRow| others.binary_search_by_key(&row.number, |other| other.number).is_ok();
        mine.iter().filter(|row| !taken(row)).map(|row| (*row).clone()).collect()
    };
    let (mut left, mut right) = (only(expected, actual).into_iter(), only(actual, expected).into_iter());
    let pairs = std::iter::from_fn(|| match (left.next(), right.next()) {
        (None, None) => None,
        (Some(row), None) => Some(IdentityChange::Missing(row)),
        (None, Some(row)) => Some(IdentityChange::Extra(row)),
        (Some(row), Some(other)) => {
            let number = Change { expected: row.number, actual: other.number };
            Some(IdentityChange::Renumbered { kind: row.kind, name: row.name, labels: row.labels, number })
        }
    });
    pairs.collect()
}

/// What two sorted sequences have alone and in common.
enum Pair<T> {
    Left(T),
    Right(T),
    Both(T, T),
}

/// Walks two sorted sequences without duplicates side by side.
fn join<T>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> impl Iterator<Item = Pair<T>> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || {
        let side = match (left.peek(), right.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(mine), Some(other)) => order(mine, other),
        };
        match side {
            Ordering::Less => left.next().map(Pair::Left),
            Ordering::Greater => right.next().map(Pair::Right),
            Ordering::Equal => left.next().zip(right.next()).map(|(mine, other)| Pair::Both(mine, other)),
        }
    })
}

#[cfg(test)]
mod tests;
