//! Reading an image file that nobody vouches for.
//!
//! First the frame (magic, version, length, digest), then the places of all tables, which follow from the counts, then the tables, and last
//! how they fit together. Memory is asked for only after the file turned out to be as long as its counts say.

use std::sync::Arc;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;

use super::error::ImageError;
use super::input::{Input, StringTable};
use super::layout::{
    self, Counts, IDENTITY_ROW, Layout, NUMBER, Place, RULE_ROW, SECTION_ROW, SectionPlace, Shape, header,
};
use super::write::{digest, kind_and_owner};
use crate::image::Image;
use crate::image::section::Section;
use crate::image::section::entry::{MapKind, RuleRef};
use crate::image::section::error::SectionError;
use crate::image::tables::{Header, IdentityKind, IdentityRow, RuleRow};

/// The image behind a file's bytes.
pub fn read(bytes: &[u8]) -> Result<Image, ImageError> {
    let input = Input::new(bytes);
    check_frame(input, bytes)?;
    let abi = input.u32(header::ABI)?;
    let abi = Abi::from_number(abi).ok_or(ImageError::Abi { found: abi })?;
    let counts = read_counts(input)?;
    let maps = read_section_shapes(input, abi, counts, bytes.len())?;
    let layout = Layout::new(counts, maps.iter().map(|(_, shape)| *shape));
    check_layout(input, &layout, bytes.len())?;

    let mut strings = StringTable::read(input, layout.string_ends, layout.text)?;
    let head = read_header(input, abi, &mut strings)?;
    let mut sections = Vec::with_capacity(maps.len());
    for (row, ((map, _), place)) in maps.iter().zip(&layout.sections).enumerate() {
        let row = layout.section_table.row(row, SECTION_ROW);
        sections.push(read_section(input, (*map, abi), row, place, &mut strings)?);
    }
    let rules = read_rules(input, layout.rules, &mut strings)?;
    let identities = read_identities(input, &layout, &mut strings)?;
    strings.check_used()?;
    Image::new(head, sections, rules, identities).map_err(ImageError::Contents)
}

/// How many of `bytes` are the image, by what its header says: it may lie in something larger, which [`read`] would refuse.
#[must_use]
pub fn stated_length(bytes: &[u8]) -> Option<usize> {
    let stated = Input::new(bytes).u64(header::LENGTH).ok()?;
    usize::try_from(stated).ok().filter(|stated| bytes.starts_with(&layout::MAGIC) && *stated <= bytes.len())
}

/// What can be said before any field is believed.
fn check_frame(input: Input<'_>, bytes: &[u8]) -> Result<(), ImageError> {
    if !bytes.starts_with(&layout::MAGIC) {
        // A file that is cut off within the magic is still ours.
        let cut_off = layout::MAGIC.starts_with(bytes);
        return Err(if cut_off { ImageError::TooShort { length: bytes.len() } } else { ImageError::Magic });
    }
    if bytes.len() < header::SIZE {
        return Err(ImageError::TooShort { length: bytes.len() });
    }
    let found = input.u32(header::VERSION)?;
    if found != layout::VERSION {
        return Err(ImageError::Version { found });
    }
    let stated = input.u64(header::LENGTH)?;
    if stated != bytes.len() as u64 {
        return Err(ImageError::Length { stated, actual: bytes.len() });
    }
    if input.array(header::DIGEST)? == digest(bytes) { Ok(()) } else { Err(ImageError::Digest) }
}

fn read_counts(input: Input<'_>) -> Result<Counts, ImageError> {
    let count = |place: usize| input.u32(header::COUNTS + NUMBER * place);
    let text = input.u64(header::TEXT_LENGTH)?;
    Ok(Counts {
        sections: count(0)?,
        rules: count(1)?,
        identities: count(2)?,
        labels: count(3)?,
        strings: count(4)?,
        text: usize::try_from(text).unwrap_or(usize::MAX),
    })
}

/// Kind and size of every section: what the places of all tables follow from.
fn read_section_shapes(
    input: Input<'_>,
    abi: Abi,
    counts: Counts,
    length: usize,
) -> Result<Vec<(MapKind, Shape)>, ImageError> {
    let table = Place { start: header::SIZE, length: (counts.sections as usize).saturating_mul(SECTION_ROW) };
    if table.end() > length {
        return Err(ImageError::Truncated { offset: table.start });
    }
    let mut maps: Vec<(MapKind, Shape)> = Vec::with_capacity(counts.sections as usize);
    for row in 0..counts.sections as usize {
        let offset = table.row(row, SECTION_ROW);
        let map = read_map_kind(input, offset)?;
        if maps.last().is_some_and(|(last, _)| *last >= map) {
            return Err(ImageError::SectionOrder { offset });
        }
        let spec = map.spec(abi);
        let entries = input.u32(offset + section_row::ENTRIES)? as usize;
        maps.push((map, Shape { entries, key_size: spec.key_size, value_size: spec.value_size }));
    }
    Ok(maps)
}

/// Offsets of the fields of a section's row.
mod section_row {
    pub(super) const NAME: usize = 0;
    pub(super) const KIND: usize = 4;
    pub(super) const OWNER: usize = 8;
    pub(super) const MAP_TYPE: usize = 12;
    pub(super) const KEY_SIZE: usize = 16;
    pub(super) const VALUE_SIZE: usize = 20;
    pub(super) const CAPACITY: usize = 24;
    pub(super) const FLAGS: usize = 28;
    pub(super) const ENTRIES: usize = 32;
    pub(super) const RESERVED: usize = 36;
    pub(super) const OFFSETS: [usize; 3] = [40, 48, 56];
}

fn read_map_kind(input: Input<'_>, row: usize) -> Result<MapKind, ImageError> {
    let found = input.u32(row + section_row::KIND)?;
    let subject = Identity(input.u32(row + section_row::OWNER)?);
    let known = [MapKind::Policy { subject }, MapKind::Ipcache];
    let map = known.into_iter().find(|map| kind_and_owner(*map).0 == found);
    let map = map.ok_or(ImageError::MapKind { offset: row + section_row::KIND, found })?;
    input.expect(row + section_row::OWNER, "owner", kind_and_owner(map).1)?;
    Ok(map)
}

/// Refuses offsets other than the ones that follow from the counts, and anything but zeros between the tables.
fn check_layout(input: Input<'_>, layout: &Layout, length: usize) -> Result<(), ImageError> {
    if layout.length() != length {
        let (found, expected) = (length as u64, layout.length() as u64);
        return Err(ImageError::Field { offset: header::LENGTH, field: "length", found, expected });
    }
    for (number, place) in layout.header_offsets().into_iter().enumerate() {
        input.expect_offset(header::OFFSETS + 8 * number, "offset of a table", place.start)?;
    }
    for (number, section) in layout.sections.iter().enumerate() {
        let row = layout.section_table.row(number, SECTION_ROW);
        for (field, place) in section_row::OFFSETS.into_iter().zip([section.keys, section.values, section.rules]) {
            input.expect_offset(row.saturating_add(field), "offset of a section's array", place.start)?;
        }
    }
    let mut end = header::END;
    for place in layout.places() {
        input.expect_padding(end, place.start)?;
        end = place.end();
    }
    Ok(())
}

fn read_header(input: Input<'_>, abi: Abi, strings: &mut StringTable<'_>) -> Result<Header, ImageError> {
    input.expect(header::FLAGS, "flags", 0)?;
    input.expect(header::RESERVED, "reserved field", 0)?;
    let found = input.u32(header::CLUSTER_ID)?;
    Ok(Header {
        abi,
        cluster_id: u8::try_from(found).map_err(|_| ImageError::ClusterId { found })?,
        cluster: strings.get(header::CLUSTER)?.as_ref().to_owned(),
        fleet: strings.get(header::FLEET)?.as_ref().to_owned(),
        build: input.array(header::BUILD)?,
    })
}

fn read_section(
    input: Input<'_>,
    (map, abi): (MapKind, Abi),
    row: usize,
    place: &SectionPlace,
    strings: &mut StringTable<'_>,
) -> Result<Section, ImageError> {
    let spec = map.spec(abi);
    let fields = [
        (section_row::MAP_TYPE, "map type", spec.map_type.number()),
        (section_row::KEY_SIZE, "key size", u32::try_from(spec.key_size).unwrap_or(u32::MAX)),
        (section_row::VALUE_SIZE, "value size", u32::try_from(spec.value_size).unwrap_or(u32::MAX)),
        (section_row::FLAGS, "map flags", spec.flags),
        (section_row::RESERVED, "reserved field", 0),
    ];
    for (field, name, expected) in fields {
        input.expect(row + field, name, expected)?;
    }
    if strings.get(row + section_row::NAME)?.as_ref() != spec.name {
        return Err(ImageError::MapName { offset: row + section_row::NAME, expected: spec.name });
    }
    let capacity = input.u32(row + section_row::CAPACITY)?;
    let numbers = input.slice(place.rules)?.as_chunks().0;
    let rules = numbers.iter().map(|number| RuleRef::from_number(u32::from_le_bytes(*number))).collect();
    let flat = (input.slice(place.keys)?.to_vec(), input.slice(place.values)?.to_vec(), rules);
    Section::new(map, abi, capacity, flat).map_err(|problem| {
        let offset = match problem {
            SectionError::Lengths | SectionError::Capacity { .. } | SectionError::Full { .. } => row,
            SectionError::KeyOrder { entry }
            | SectionError::DuplicateKey { entry }
            | SectionError::Key { entry, .. } => place.keys.row(entry, spec.key_size),
            SectionError::Value { entry, .. } | SectionError::ValueOfOtherKey { entry } => {
                place.values.row(entry, spec.value_size)
            }
        };
        ImageError::Section { map, offset, problem }
    })
}

fn read_rules(input: Input<'_>, table: Place, strings: &mut StringTable<'_>) -> Result<Vec<RuleRow>, ImageError> {
    let count = table.length / RULE_ROW;
    let mut rules = Vec::with_capacity(count);
    for row in 0..count {
        let row = table.row(row, RULE_ROW);
        input.expect(row + 12, "reserved field", 0)?;
        let (file, line, text) = (strings.get(row)?, input.u32(row + 4)?, strings.get(row + 8)?);
        rules.push(RuleRow { file, line, text });
    }
    Ok(rules)
}

fn read_identities(
    input: Input<'_>,
    layout: &Layout,
    strings: &mut StringTable<'_>,
) -> Result<Vec<IdentityRow>, ImageError> {
    let count = layout.identities.length / IDENTITY_ROW;
    let mut rows: Vec<IdentityRow> = Vec::with_capacity(count);
    let mut first_label = 0;
    for row in 0..count {
        let row = layout.identities.row(row, IDENTITY_ROW);
        let number = Identity(input.u32(row)?);
        if rows.last().is_some_and(|last| last.number >= number) {
            return Err(ImageError::IdentityOrder { offset: row });
        }
        let found = input.u32(row + 4)?;
        let kind = IdentityKind::ALL.into_iter().find(|kind| kind.number() == found);
        let kind = kind.ok_or(ImageError::IdentityKind { offset: row + 4, found })?;
        let name = strings.get(row + 8)?;
        // Labels lie back to back, in the order of the rows.
        input.expect(row + 12, "first label", first_label)?;
        let own = input.u32(row + 16)?;
        input.expect(row + 20, "reserved field", 0)?;
        let labels = read_labels(layout.labels, (first_label, own), strings)?;
        first_label = first_label.saturating_add(own);
        rows.push(IdentityRow { number, kind, name, labels });
    }
    input.expect(header::COUNTS + 3 * NUMBER, "count of labels", first_label)?;
    Ok(rows)
}

fn read_labels(
    table: Place,
    (first, count): (u32, u32),
    strings: &mut StringTable<'_>,
) -> Result<Vec<Arc<str>>, ImageError> {
    let mut labels: Vec<Arc<str>> = Vec::new();
    let place = Place { start: table.row(first as usize, NUMBER), length: (count as usize).saturating_mul(NUMBER) };
    if place.end() > table.end() {
        return Err(ImageError::Truncated { offset: place.start });
    }
    for row in 0..count as usize {
        let offset = place.row(row, NUMBER);
        let label = strings.get(offset)?;
        if labels.last().is_some_and(|last| *last >= label) {
            return Err(ImageError::LabelOrder { offset });
        }
        labels.push(label);
    }
    Ok(labels)
}
