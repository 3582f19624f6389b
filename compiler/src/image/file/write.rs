//! Writing an image file. Every image can be written, and the same image gives the same bytes.

use sha2::{Digest, Sha256};

use super::layout::{self, Counts, DIGEST_SIZE, Layout, Place, Shape, header};
use super::strings::Strings;
use crate::image::Image;
use crate::image::section::Section;
use crate::image::section::entry::MapKind;

/// The bytes of an image's file.
#[must_use]
pub fn write(image: &Image) -> Vec<u8> {
    let strings = Strings::of(image);
    let counts = count(image, &strings);
    let layout = Layout::new(counts, image.sections().iter().map(shape));
    let mut out = Output { bytes: Vec::with_capacity(layout.length()) };
    write_header(&mut out, image, &strings, counts, &layout);
    write_sections(&mut out, image, &strings, &layout);
    write_tables(&mut out, image, &strings, &layout);
    let digest = digest(&out.bytes);
    if let Some(place) = out.bytes.get_mut(header::DIGEST..header::LENGTH) {
        place.copy_from_slice(&digest);
    }
    out.bytes
}

/// SHA-256 over the file but for the digest's own bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; DIGEST_SIZE] {
    let before = bytes.get(..header::DIGEST).unwrap_or_default();
    let after = bytes.get(header::LENGTH..).unwrap_or_default();
    Sha256::new().chain_update(before).chain_update(after).finalize().into()
}

/// How a section's kind stands in its row, and whose it is.
pub(super) fn kind_and_owner(map: MapKind) -> (u32, u32) {
    match map {
        MapKind::Policy { subject } => (1, subject.0),
        MapKind::Ipcache => (2, 0),
    }
}

fn shape(section: &Section) -> Shape {
    let spec = section.spec();
    Shape { entries: section.len(), key_size: spec.key_size, value_size: spec.value_size }
}

/// Tables hold fewer than 2^32 rows: there is not more memory, and rules are limited by the image.
fn rows(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn count(image: &Image, strings: &Strings<'_>) -> Counts {
    Counts {
        sections: rows(image.sections().len()),
        rules: rows(image.rules().len()),
        identities: rows(image.identities().len()),
        labels: rows(image.identities().iter().map(|row| row.labels.len()).sum()),
        strings: rows(strings.iter().count()),
        text: strings.iter().map(str::len).sum(),
    }
}

fn write_header(out: &mut Output, image: &Image, strings: &Strings<'_>, counts: Counts, layout: &Layout) {
    let head = image.header();
    out.raw(&layout::MAGIC);
    out.u32(layout::VERSION);
    out.u32(head.abi.number());
    out.raw(&[0; DIGEST_SIZE]);
    out.u64(layout.length());
    out.u32(0);
    out.u32(head.cluster_id.into());
    out.u32(strings.number(&head.cluster));
    out.u32(strings.number(&head.fleet));
    for rows in [counts.sections, counts.rules, counts.identities, counts.labels, counts.strings, 0] {
        out.u32(rows);
    }
    for place in layout.header_offsets() {
        out.u64(place.start);
    }
    out.u64(counts.text);
    out.raw(&head.build);
}

fn write_sections(out: &mut Output, image: &Image, strings: &Strings<'_>, layout: &Layout) {
    out.begin(layout.section_table);
    for (section, place) in image.sections().iter().zip(&layout.sections) {
        let spec = section.spec();
        let (kind, owner) = kind_and_owner(section.map());
        out.u32(strings.number(spec.name));
        out.u32(kind);
        out.u32(owner);
        out.u32(spec.map_type.number());
        out.u32(rows(spec.key_size));
        out.u32(rows(spec.value_size));
        out.u32(section.capacity());
        out.u32(spec.flags);
        out.u32(rows(section.len()));
        out.u32(0);
        for array in [place.keys, place.values, place.rules] {
            out.u64(array.start);
        }
    }
    for (section, place) in image.sections().iter().zip(&layout.sections) {
        out.begin(place.keys);
        out.raw(section.keys());
        out.begin(place.values);
        out.raw(section.values());
        out.begin(place.rules);
        section.rules().for_each(|rule| out.u32(rule.number()));
    }
}

fn write_tables(out: &mut Output, image: &Image, strings: &Strings<'_>, layout: &Layout) {
    out.begin(layout.rules);
    for rule in image.rules() {
        out.u32(strings.number(&rule.file));
        out.u32(rule.line);
        out.u32(strings.number(&rule.text));
        out.u32(0);
    }
    out.begin(layout.identities);
    let mut labels = 0;
    for row in image.identities() {
        let own = rows(row.labels.len());
        for field in [row.number.0, row.kind.number(), strings.number(&row.name), labels, own, 0] {
            out.u32(field);
        }
        labels = labels.saturating_add(own);
    }
    out.begin(layout.labels);
    image.identities().iter().flat_map(|row| &row.labels).for_each(|label| out.u32(strings.number(label)));
    out.begin(layout.string_ends);
    let mut end = 0;
    for text in strings.iter() {
        end += text.len();
        out.u64(end);
    }
    out.begin(layout.text);
    strings.iter().for_each(|text| out.raw(text.as_bytes()));
}

/// Little-endian fields, one after the other.
struct Output {
    bytes: Vec<u8>,
}

impl Output {
    /// Pads with zeros up to the start of a table, which is never behind.
    fn begin(&mut self, place: Place) {
        self.bytes.resize(place.start.max(self.bytes.len()), 0);
    }

    fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    fn u64(&mut self, value: usize) {
        self.raw(&(value as u64).to_le_bytes());
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}
