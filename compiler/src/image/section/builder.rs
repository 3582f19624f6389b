//! Sections out of entries in any order.

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::ipcache::{IpcacheKey, IpcacheValue};
use fleetnet_abi::map::{IPCACHE_MAX, MapSpec};
use fleetnet_abi::policy::key::PolicyKey;
use fleetnet_abi::policy::value::PolicyValue;

use super::Section;
use super::chunk;
use super::entry::{MapKind, RuleRef};
use super::error::SectionError;
use crate::image::BuildError;

/// Gathers the entries of one policy map.
#[derive(Clone, Debug)]
pub struct PolicySection(Rows);

impl PolicySection {
    /// An empty map for the endpoints of `subject`, made for `capacity` entries (`bpf-policy-map-max`).
    #[must_use]
    pub fn new(abi: Abi, subject: Identity, capacity: u32) -> Self {
        Self(Rows::new(MapKind::Policy { subject }, abi, capacity))
    }

    /// Adds an entry. A key can be added once; the value must have been ranked for the map's ABI and made for the key.
    pub fn insert(&mut self, key: PolicyKey, value: &PolicyValue, rule: RuleRef) {
        self.0.insert(&key.to_bytes(), value.to_bytes().as_slice(), rule);
    }

    /// The sorted and checked section.
    pub fn finish(self) -> Result<Section, BuildError> {
        self.0.finish()
    }
}

/// Gathers the entries of the ipcache.
#[derive(Clone, Debug)]
pub struct IpcacheSection(Rows);

impl IpcacheSection {
    /// An empty ipcache.
    #[must_use]
    pub fn new(abi: Abi) -> Self {
        Self(Rows::new(MapKind::Ipcache, abi, IPCACHE_MAX))
    }

    /// Adds an entry; a key can be added once.
    pub fn insert(&mut self, key: IpcacheKey, value: IpcacheValue, rule: RuleRef) {
        self.0.insert(&key.to_bytes(), &value.to_bytes(), rule);
    }

    /// The sorted and checked section.
    pub fn finish(self) -> Result<Section, BuildError> {
        self.0.finish()
    }
}

#[derive(Clone, Debug)]
struct Rows {
    map: MapKind,
    abi: Abi,
    capacity: u32,
    keys: Vec<u8>,
    values: Vec<u8>,
    rules: Vec<RuleRef>,
    /// Whether every value has the size of the map's values; else the flat array can't be cut into entries.
    sizes_fit: bool,
}

impl Rows {
    fn new(map: MapKind, abi: Abi, capacity: u32) -> Self {
        let (keys, values, rules) = (Vec::new(), Vec::new(), Vec::new());
        Self { map, abi, capacity, keys, values, rules, sizes_fit: true }
    }

    fn insert(&mut self, key: &[u8], value: &[u8], rule: RuleRef) {
        self.sizes_fit &= value.len() == self.map.spec(self.abi).value_size;
        self.keys.extend_from_slice(key);
        self.values.extend_from_slice(value);
        self.rules.push(rule);
    }

    fn finish(self) -> Result<Section, BuildError> {
        let Self { map, abi, capacity, .. } = self;
        let fail = |problem| BuildError::Section { map, problem };
        if !self.sizes_fit {
            return Err(fail(SectionError::Lengths));
        }
        let MapSpec { key_size, value_size, .. } = map.spec(abi);
        let mut order: Vec<usize> = (0..self.rules.len()).collect();
        order.sort_by_key(|place| chunk(&self.keys, *place, key_size));
        let gather = |from: &[u8], size| {
            order.iter().filter_map(|place| chunk(from, *place, size)).flatten().copied().collect::<Vec<u8>>()
        };
        let rules = order.iter().filter_map(|place| self.rules.get(*place)).copied().collect();
        let flat = (gather(&self.keys, key_size), gather(&self.values, value_size), rules);
        Section::new(map, abi, capacity, flat).map_err(fail)
    }
}
