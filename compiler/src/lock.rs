//! `fleetnet.lock`: the numbers that identities keep, whatever else changes.
//!
//! A number belongs to a name in a cluster for as long as both are there. New names get the lowest free numbers, identities in order of name
//! first, placeholders after them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;

use fleetnet_abi::identity::Identity;
use fleetnet_lang::{Diagnostic, FileId, SourceFile, Span};
use serde::Deserialize;

use crate::codes::lock as codes;
use crate::model::Name;

/// The numbers that a cluster has for identities.
pub const NUMBERS: RangeInclusive<u16> = Identity::FIRST_LOCAL..=u16::MAX;

/// The version of the format that is read and written.
const VERSION: u32 = 1;

/// The numbers of every cluster's identities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    clusters: BTreeMap<Name, BTreeMap<Name, u16>>,
}

/// The names that want numbers in one cluster, in the order in which they get them.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The cluster.
    pub cluster: Name,
    /// The names.
    pub names: Vec<Name>,
}

/// A cluster with more identities than there are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// The cluster.
    pub cluster: Name,
    /// The names without a number.
    pub left_over: usize,
}

impl Lock {
    /// Reads the text of a lock. What cannot be read is diagnosed, and what can be is kept.
    #[must_use]
    pub fn read(file: FileId, source: &SourceFile) -> (Self, Vec<Diagnostic>) {
        let at = |range: std::ops::Range<usize>| {
            let offset = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            Span::new(file, offset(range.start), offset(range.end))
        };
        let parsed: LockFile = match toml::from_str(&source.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let span = at(error.span().unwrap_or(0..0));
                let message = format!("the lock cannot be read: {}", error.message());
                return (Self::default(), vec![Diagnostic::new(codes::UNREADABLE, span, message).help(RESTORE)]);
            }
        };
        if *parsed.version.get_ref() != VERSION {
            let message = format!("the lock has version {}, this compiler knows {VERSION}", parsed.version.get_ref());
            let found = Diagnostic::new(codes::OTHER_VERSION, at(parsed.version.span()), message);
            return (Self::default(), vec![found.help("use the version of fleetnet that wrote it")]);
        }
        let mut found = Vec::new();
        let mut clusters = BTreeMap::new();
        for (cluster, numbers) in parsed.identities {
            let mut taken: BTreeMap<u16, Span> = BTreeMap::new();
            let mut kept = BTreeMap::new();
            for (name, number) in numbers {
                let span = at(number.span());
                let number = *number.get_ref();
                if !NUMBERS.contains(&number) {
                    let message = format!("`{number}` is no identity's number: they start at {}", NUMBERS.start());
                    found.push(Diagnostic::new(codes::BAD_NUMBER, span, message).help(RESTORE));
                } else if let Some(earlier) = taken.insert(number, span) {
                    let message = format!("`{number}` stands for two identities of `{cluster}`");
                    found.push(
                        Diagnostic::new(codes::BAD_NUMBER, span, message)
                            .related(earlier, "the other one")
                            .help(RESTORE),
                    );
                } else {
                    kept.insert(Name::from(name), number);
                }
            }
            clusters.insert(Name::from(cluster), kept);
        }
        (Self { clusters }, found)
    }

    /// The lock of a fleet: numbers that are known stay, the others get the lowest free ones.
    pub fn allocate(&self, wanted: &[Wanted]) -> Result<Self, Exhausted> {
        let clusters = wanted.iter().map(|wanted| Ok((wanted.cluster.clone(), self.numbers(wanted)?)));
        Ok(Self { clusters: clusters.collect::<Result<_, Exhausted>>()? })
    }

    fn numbers(&self, wanted: &Wanted) -> Result<BTreeMap<Name, u16>, Exhausted> {
        let known = self.clusters.get(&wanted.cluster);
        let kept = wanted.names.iter().filter_map(|name| Some((name.clone(), *known?.get(name)?)));
        let mut numbers: BTreeMap<Name, u16> = kept.collect();
        let taken: BTreeSet<u16> = numbers.values().copied().collect();
        let mut free = NUMBERS.filter(|number| !taken.contains(number));
        let new: Vec<&Name> = wanted.names.iter().filter(|name| !numbers.contains_key(*name)).collect();
        for (done, name) in new.iter().enumerate() {
            let exhausted = || Exhausted { cluster: wanted.cluster.clone(), left_over: new.len() - done };
            numbers.insert((*name).clone(), free.next().ok_or_else(exhausted)?);
        }
        Ok(numbers)
    }

    /// The number of a name in a cluster.
    #[must_use]
    pub fn number(&self, cluster: &Name, name: &str) -> Option<u16> {
        self.clusters.get(cluster)?.get(name).copied()
    }
}

const RESTORE: &str = "restore the file from version control, or remove it to number everything anew";

/// The text of the lock.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Written by fleetnet. Commit it: these numbers are in the kernels' maps, and stay as long as their names do."
        )?;
        writeln!(f, "version = {VERSION}")?;
        for (cluster, numbers) in &self.clusters {
            writeln!(f, "\n[identities.{cluster}]")?;
            for (name, number) in numbers {
                writeln!(f, "{} = {number}", serde_json::Value::from(name.as_str()))?;
            }
        }
        Ok(())
    }
}

/// The file's shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockFile {
    version: toml::Spanned<u32>,
    #[serde(default)]
    identities: BTreeMap<String, BTreeMap<String, toml::Spanned<u16>>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str]) -> Vec<Wanted> {
        vec![Wanted { cluster: "eastus-1".into(), names: names.iter().map(|name| Name::from(*name)).collect() }]
    }

    fn read(text: &str) -> (Lock, Vec<Diagnostic>) {
        Lock::read(FileId(0), &SourceFile::new("fleetnet.lock", text))
    }

    #[test]
    fn numbers_stay_when_names_come_and_go() {
        let first = Lock::default().allocate(&wanted(&["a/x", "b/y", "c/z"])).unwrap();
        let second = first.allocate(&wanted(&["0/new", "b/y", "c/z"])).unwrap();
        assert_eq!(second.number(&"eastus-1".into(), "b/y"), Some(257));
        assert_eq!(second.number(&"eastus-1".into(), "0/new"), Some(256));
        assert_eq!(second.number(&"eastus-1".into(), "a/x"), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let lock = Lock::default().allocate(&wanted(&["a/x", "foreign kube-system k8s-app in (\"a\\b\")"])).unwrap();
        let (again, found) = read(&lock.to_string());
        assert_eq!((again, found), (lock, Vec::new()));
    }

    #[test]
    fn damage_is_named() {
        let code = |text: &str| read(text).1.first().map(|found| found.code.number);
        assert_eq!(code("version = 1\n[identities.a]\n\"x/y\" = 12\n"), Some(codes::BAD_NUMBER.number));
        assert_eq!(code("version = 1\n[identities.a]\n\"x/y\" = 256\n\"x/z\" = 256\n"), Some(codes::BAD_NUMBER.number));
        assert_eq!(code("version = 2\n"), Some(codes::OTHER_VERSION.number));
        assert_eq!(code("version = 1\n<<<<<<< ours\n"), Some(codes::UNREADABLE.number));
        assert_eq!(code("version = 1\n"), None);
    }

    #[test]
    fn more_identities_than_numbers() {
        let names: Vec<String> = (0..65_281).map(|number| format!("n/{number:05}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let exhausted = Lock::default().allocate(&wanted(&names)).unwrap_err();
        assert_eq!(exhausted.left_over, 1);
    }
}
