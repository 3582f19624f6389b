//! Where everything lies in an image file.

/// The first bytes: a byte that no text has, a name, and a line end that transfers in text mode would change.
pub(super) const MAGIC: [u8; 8] = *b"\x7FFNIMG\r\n";
/// The version of the format; readers refuse any other.
pub(super) const VERSION: u32 = 1;
/// Every table begins at a multiple of this.
pub(super) const ALIGNMENT: usize = 64;

/// Offsets of the header's fields.
pub(super) mod header {
    pub(in super::super) const VERSION: usize = 8;
    pub(in super::super) const ABI: usize = 12;
    pub(in super::super) const DIGEST: usize = 16;
    pub(in super::super) const LENGTH: usize = 48;
    pub(in super::super) const FLAGS: usize = 56;
    pub(in super::super) const CLUSTER_ID: usize = 60;
    pub(in super::super) const CLUSTER: usize = 64;
    pub(in super::super) const FLEET: usize = 68;
    pub(in super::super) const COUNTS: usize = 72;
    pub(in super::super) const RESERVED: usize = 92;
    pub(in super::super) const OFFSETS: usize = 96;
    pub(in super::super) const TEXT_LENGTH: usize = 144;
    pub(in super::super) const BUILD: usize = 152;
    pub(in super::super) const END: usize = 184;
    /// Bytes of the header, padding included.
    pub(in super::super) const SIZE: usize = 192;
}

/// The digest's own bytes, which it does not cover.
pub(super) const DIGEST_SIZE: usize = 32;

/// Bytes of a row of the section table.
pub(super) const SECTION_ROW: usize = 64;
/// Bytes of a row of the rule table.
pub(super) const RULE_ROW: usize = 16;
/// Bytes of a row of the identity table.
pub(super) const IDENTITY_ROW: usize = 24;
/// Bytes of a label's or a rule's number.
pub(super) const NUMBER: usize = 4;
/// Bytes of a string's end.
pub(super) const STRING_END: usize = 8;

/// How many rows the tables have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) sections: u32,
    pub(super) rules: u32,
    pub(super) identities: u32,
    pub(super) labels: u32,
    pub(super) strings: u32,
    /// Bytes of all strings together.
    pub(super) text: usize,
}

/// The size of one section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) entries: usize,
    pub(super) key_size: usize,
    pub(super) value_size: usize,
}

/// A range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) length: usize,
}

impl Place {
    pub(super) fn end(self) -> usize {
        self.start.saturating_add(self.length)
    }

    /// The place of a row.
    pub(super) fn row(self, number: usize, size: usize) -> usize {
        self.start.saturating_add(number.saturating_mul(size))
    }
}

/// The three arrays of one section.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionPlace {
    pub(super) keys: Place,
    pub(super) values: Place,
    pub(super) rules: Place,
}

/// Where every table lies: in this order, each at the next multiple of [`ALIGNMENT`]. Sums saturate, and no file is that long.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) section_table: Place,
    pub(super) sections: Vec<SectionPlace>,
    pub(super) rules: Place,
    pub(super) identities: Place,
    pub(super) labels: Place,
    pub(super) string_ends: Place,
    pub(super) text: Place,
}

impl Layout {
    pub(super) fn new(counts: Counts, shapes: impl Iterator<Item = Shape>) -> Self {
        let mut next = header::SIZE;
        let mut place = |rows: usize, size: usize| {
            let place = Place { start: next, length: rows.saturating_mul(size) };
            next = place.end().checked_next_multiple_of(ALIGNMENT).unwrap_or(usize::MAX);
            place
        };
        let section_table = place(counts.sections as usize, SECTION_ROW);
        let sections = shapes
            .map(|Shape { entries, key_size, value_size }| SectionPlace {
                keys: place(entries, key_size),
                values: place(entries, value_size),
                rules: place(entries, NUMBER),
            })
            .collect();
        Self {
            section_table,
            sections,
            rules: place(counts.rules as usize, RULE_ROW),
            identities: place(counts.identities as usize, IDENTITY_ROW),
            labels: place(counts.labels as usize, NUMBER),
            string_ends: place(counts.strings as usize, STRING_END),
            text: place(counts.text, 1),
        }
    }

    /// Bytes of the whole file; it ends with the last string.
    pub(super) fn length(&self) -> usize {
        self.text.end()
    }

    /// The tables that the header points to, in the order of its offsets.
    pub(super) fn header_offsets(&self) -> [Place; 6] {
        [self.section_table, self.rules, self.identities, self.labels, self.string_ends, self.text]
    }

    /// Everything that lies behind the header, in the order of the file.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let arrays = self.sections.iter().flat_map(|section| [section.keys, section.values, section.rules]);
        let tables = [self.rules, self.identities, self.labels, self.string_ends, self.text];
        std::iter::once(self.section_table).chain(arrays).chain(tables)
    }
}
