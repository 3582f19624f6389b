//! What differs between an image and the kernel's maps, which can hold anything: entries that no engine writes, maps that are gone.

use fleetnet_abi::abi::Abi;

use super::Image;
use super::diff::{self, Change, ImageDiff, SectionChange, SectionDiff};
use super::section::Section;
use super::section::entry::{Entry, MapKind, RuleRef};

/// A map as it was read from the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveMap {
    /// Which map.
    pub map: MapKind,
    /// How many entries it is made for.
    pub capacity: u32,
    /// The keys back to back, in order of their bytes, none twice.
    pub keys: Vec<u8>,
    /// The values back to back, in the order of the keys.
    pub values: Vec<u8>,
}

impl LiveMap {
    /// Keys and values, in sizes of the ABI that the map was made for.
    pub fn entries(&self, abi: Abi) -> impl Iterator<Item = (&[u8], &[u8])> {
        let spec = self.map.spec(abi);
        self.keys.chunks_exact(spec.key_size).zip(self.values.chunks_exact(spec.value_size))
    }
}

/// Compares what the kernel holds with what should be. `maps` are in order of their kinds, none twice. An entry that is as in `loaded`, the
/// image that the maps were filled from, comes from its rule there; any other entry comes from none.
#[must_use]
pub fn diff(expected: &Image, loaded: &Image, maps: &[LiveMap]) -> ImageDiff {
    let mut sections: Vec<SectionDiff> = Vec::new();
    let mut found = maps.iter().peekable();
    let abi = loaded.header().abi;
    let extra = |live: &LiveMap| {
        let change = SectionChange::Extra(live.entries(abi).count());
        SectionDiff { map: live.map, change }
    };
    for section in expected.sections() {
        while let Some(live) = found.next_if(|live| live.map < section.map()) {
            sections.push(extra(live));
        }
        let change = match found.next_if(|live| live.map == section.map()) {
            Some(live) => entries((expected, section), (loaded, live)),
            None => Some(SectionChange::Missing(section.len())),
        };
        sections.extend(change.map(|change| SectionDiff { map: section.map(), change }));
    }
    sections.extend(found.map(extra));
    ImageDiff {
        header: diff::diff_headers(expected, loaded),
        sections,
        identities: diff::diff_identities(expected, loaded),
    }
}

fn entries(expected: (&Image, &Section), (loaded, live): (&Image, &LiveMap)) -> Option<SectionChange> {
    let origin = loaded.section(live.map);
    let found = live.entries(loaded.header().abi).map(|(key, value)| {
        let same = origin.and_then(|section| section.get(key)).filter(|entry| entry.value == value);
        Entry { key, value, rule: same.map_or(RuleRef::None, |entry| entry.rule) }
    });
    let entries = diff::diff_entries((expected.0, expected.1.entries()), (loaded, found));
    diff::section_change(Change::of(expected.1.capacity(), live.capacity), entries)
}

#[cfg(test)]
mod tests;
