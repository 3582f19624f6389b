//! The entries of one map: flat arrays in the order and layout of the file, since there may be millions.

use std::cmp::Ordering;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::map::MapSpec;
use fleetnet_abi::policy::key::PacketKey;
use fleetnet_abi::policy::lookup::PolicyMap;
use fleetnet_abi::policy::value::PolicyValue;

pub mod builder;
pub mod entry;
pub mod error;

use entry::{Entry, IpcacheEntry, MapKind, PolicyEntry, RuleRef};
use error::{EntryError, SectionError};

/// The entries of one map, sorted by the bytes of their keys. Each is one that the engine could have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    map: MapKind,
    abi: Abi,
    capacity: u32,
    keys: Vec<u8>,
    values: Vec<u8>,
    rules: Vec<RuleRef>,
}

impl Section {
    /// Checks everything that a map of the kind needs; `keys` and `values` are back to back in the order of the keys' bytes.
    pub fn new(
        map: MapKind,
        abi: Abi,
        capacity: u32,
        (keys, values, rules): (Vec<u8>, Vec<u8>, Vec<RuleRef>),
    ) -> Result<Self, SectionError> {
        let section = Self { map, abi, capacity, keys, values, rules };
        section.check()?;
        Ok(section)
    }

    /// Which map.
    #[must_use]
    pub fn map(&self) -> MapKind {
        self.map
    }

    /// The engine that writes it.
    #[must_use]
    pub fn abi(&self) -> Abi {
        self.abi
    }

    /// Type, sizes and flags.
    #[must_use]
    pub fn spec(&self) -> MapSpec {
        self.map.spec(self.abi)
    }

    /// How many entries the kernel's map is made for.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The keys, back to back, as for `BPF_MAP_UPDATE_BATCH`.
    #[must_use]
    pub fn keys(&self) -> &[u8] {
        &self.keys
    }

    /// The values, back to back, in the order of the keys.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// What brought each entry about, in the order of the keys.
    pub fn rules(&self) -> impl Iterator<Item = RuleRef> {
        self.rules.iter().copied()
    }

    /// The entries in the order of their keys' bytes.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let MapSpec { key_size, value_size, .. } = self.spec();
        let pairs = self.keys.chunks_exact(key_size).zip(self.values.chunks_exact(value_size));
        pairs.zip(&self.rules).map(|((key, value), rule)| Entry { key, value, rule: *rule })
    }

    /// The entries of a policy map, none for another map.
    pub fn policy_entries(&self) -> impl Iterator<Item = PolicyEntry> {
        let is_policy = matches!(self.map, MapKind::Policy { .. });
        self.entries().filter(move |_| is_policy).filter_map(|Entry { key, value, rule }| {
            let key = entry::policy_key(key).ok()?;
            Some(PolicyEntry { key, value: PolicyValue::from_bytes(value).ok()?, rule })
        })
    }

    /// The entries of the ipcache, none for another map.
    pub fn ipcache_entries(&self) -> impl Iterator<Item = IpcacheEntry> {
        let is_ipcache = self.map == MapKind::Ipcache;
        self.entries().filter(move |_| is_ipcache).filter_map(|Entry { key, value, rule }| {
            let key = entry::ipcache_key(key).ok()?;
            Some(IpcacheEntry { key, value: entry::ipcache_value(value).ok()?, rule })
        })
    }

    /// The identities that entries speak of: peers of a policy map, owners of addresses in the ipcache.
    pub fn peers(&self) -> impl Iterator<Item = Identity> {
        let map = self.map;
        self.entries().map(move |entry| {
            let number = match map {
                MapKind::Policy { .. } => entry.key.get(4..8),
                MapKind::Ipcache => entry.value.get(..4),
            };
            Identity(number.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes))
        })
    }

    /// The entry of exactly this key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Entry<'_>> {
        let MapSpec { key_size, value_size, .. } = self.spec();
        let (mut low, mut high) = (0, self.rules.len());
        while low < high {
            let place = low.midpoint(high);
            let found = chunk(&self.keys, place, key_size)?;
            match found.cmp(key) {
                Ordering::Less => low = place + 1,
                Ordering::Greater => high = place,
                Ordering::Equal => {
                    let (value, rule) = (chunk(&self.values, place, value_size)?, *self.rules.get(place)?);
                    return Some(Entry { key: found, value, rule });
                }
            }
        }
        None
    }

    fn check(&self) -> Result<(), SectionError> {
        let MapSpec { key_size, value_size, min_capacity, max_capacity, .. } = self.spec();
        let count = self.rules.len();
        if Some(self.keys.len()) != count.checked_mul(key_size)
            || Some(self.values.len()) != count.checked_mul(value_size)
        {
            return Err(SectionError::Lengths);
        }
        if !(min_capacity..=max_capacity).contains(&self.capacity) {
            let (min, max) = (min_capacity, max_capacity);
            return Err(SectionError::Capacity { found: self.capacity, min, max });
        }
        if count > self.capacity as usize {
            return Err(SectionError::Full { entries: count, capacity: self.capacity });
        }
        let mut last: Option<&[u8]> = None;
        for (place, entry) in self.entries().enumerate() {
            match last.map(|last| last.cmp(entry.key)) {
                None | Some(Ordering::Less) => {}
                Some(Ordering::Equal) => return Err(SectionError::DuplicateKey { entry: place }),
                Some(Ordering::Greater) => return Err(SectionError::KeyOrder { entry: place }),
            }
            last = Some(entry.key);
            self.check_entry(place, entry)?;
        }
        Ok(())
    }

    fn check_entry(&self, place: usize, entry: Entry<'_>) -> Result<(), SectionError> {
        let key = |problem: EntryError| SectionError::Key { entry: place, problem };
        let value = |problem: EntryError| SectionError::Value { entry: place, problem };
        match self.map {
            MapKind::Policy { .. } => {
                let made_for = entry::policy_key(entry.key).map_err(|problem| key(problem.into()))?;
                let read = PolicyValue::from_bytes(entry.value).map_err(|problem| value(problem.into()))?;
                if read.l4_bits() == made_for.l4.bits() {
                    Ok(())
                } else {
                    Err(SectionError::ValueOfOtherKey { entry: place })
                }
            }
            MapKind::Ipcache => {
                entry::ipcache_key(entry.key).map_err(|problem| key(problem.into()))?;
                entry::ipcache_value(entry.value).map_err(|problem| value(problem.into()))?;
                Ok(())
            }
        }
    }
}

fn chunk(bytes: &[u8], place: usize, size: usize) -> Option<&[u8]> {
    let start = place.checked_mul(size)?;
    bytes.get(start..start.checked_add(size)?)
}

/// The policy lookup over a policy map's section; any other map answers nothing. An entry is marked by its rule.
impl PolicyMap for Section {
    type Mark = RuleRef;

    fn longest_match(&self, packet: PacketKey) -> Option<(PolicyValue, RuleRef)> {
        let MapKind::Policy { .. } = self.map else { return None };
        let entry = packet.candidates().find_map(|key| self.get(&key.to_bytes()))?;
        Some((PolicyValue::from_bytes(entry.value).ok()?, entry.rule))
    }
}
