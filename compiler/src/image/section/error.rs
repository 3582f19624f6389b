//! Why bytes make no section.

use std::fmt;

use fleetnet_abi::ipcache::IpcacheError;
use fleetnet_abi::policy::key::PolicyKeyError;
use fleetnet_abi::policy::value::PolicyValueError;

/// Why entries make no map. Entries are counted from 0, in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionError {
    /// Keys, values and rules are not equally many.
    Lengths,
    /// No agent makes the map for so few or so many entries.
    Capacity {
        /// What is asked for.
        found: u32,
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// More entries than the map holds.
    Full {
        /// How many there are.
        entries: usize,
        /// How many the map holds.
        capacity: u32,
    },
    /// A key whose bytes sort before the one it follows.
    KeyOrder {
        /// Its place.
        entry: usize,
    },
    /// A key that stands there twice.
    DuplicateKey {
        /// The place of the second.
        entry: usize,
    },
    /// A key that the engine doesn't write.
    Key {
        /// Its place.
        entry: usize,
        /// Why not.
        problem: EntryError,
    },
    /// A value that the engine doesn't write.
    Value {
        /// Its place.
        entry: usize,
        /// Why not.
        problem: EntryError,
    },
    /// A value that repeats another prefix length than its key's.
    ValueOfOtherKey {
        /// Its place.
        entry: usize,
    },
}

impl fmt::Display for SectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths => f.write_str("keys, values and rules are not equally many"),
            Self::Capacity { found, min, max } => write!(f, "a capacity of {found} is not within {min} to {max}"),
            Self::Full { entries, capacity } => write!(f, "{entries} entries for a map of {capacity}"),
            Self::KeyOrder { entry } => write!(f, "the key of entry {entry} sorts before the one it follows"),
            Self::DuplicateKey { entry } => write!(f, "entry {entry} has the key of the one before"),
            Self::Key { entry, problem } => write!(f, "the key of entry {entry}: {problem}"),
            Self::Value { entry, problem } => write!(f, "the value of entry {entry}: {problem}"),
            Self::ValueOfOtherKey { entry } => {
                write!(f, "the value of entry {entry} repeats another prefix length than its key's")
            }
        }
    }
}

impl std::error::Error for SectionError {}

/// Why bytes are no key or no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// A policy map's key.
    PolicyKey(PolicyKeyError),
    /// A policy map's value.
    PolicyValue(PolicyValueError),
    /// A key or value of the ipcache.
    Ipcache(IpcacheError),
}

impl From<PolicyKeyError> for EntryError {
    fn from(problem: PolicyKeyError) -> Self {
        Self::PolicyKey(problem)
    }
}

impl From<PolicyValueError> for EntryError {
    fn from(problem: PolicyValueError) -> Self {
        Self::PolicyValue(problem)
    }
}

impl From<IpcacheError> for EntryError {
    fn from(problem: IpcacheError) -> Self {
        Self::Ipcache(problem)
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PolicyKey(problem) => problem.fmt(f),
            Self::PolicyValue(problem) => problem.fmt(f),
            Self::Ipcache(problem) => problem.fmt(f),
        }
    }
}
