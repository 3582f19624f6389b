//! Why bytes are no image.

use std::fmt;

use crate::image::BuildError;
use crate::image::section::entry::MapKind;
use crate::image::section::error::SectionError;

/// Why bytes are no image. Offsets are in bytes from the start of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// Shorter than a header.
    TooShort {
        /// The file's length.
        length: usize,
    },
    /// Not an image at all.
    Magic,
    /// A format that this reader doesn't know.
    Version {
        /// Its number.
        found: u32,
    },
    /// Cut off, or something was added.
    Length {
        /// What the header says.
        stated: u64,
        /// What there is.
        actual: usize,
    },
    /// Changed after it was written.
    Digest,
    /// A field ends behind the file.
    Truncated {
        /// Where the field begins.
        offset: usize,
    },
    /// Maps of an engine that this reader doesn't know.
    Abi {
        /// Its number.
        found: u32,
    },
    /// A field that does not have the one value it can have here: a wrong size, type or flag, or a table that is misplaced.
    Field {
        /// Where.
        offset: usize,
        /// What the field says.
        field: &'static str,
        /// Its value.
        found: u64,
        /// The value it must have.
        expected: u64,
    },
    /// A cluster id above 255.
    ClusterId {
        /// The id.
        found: u32,
    },
    /// A byte between tables that is not 0.
    Padding {
        /// Where.
        offset: usize,
    },
    /// A string that ends before it begins, or behind the text.
    StringEnd {
        /// Where its end stands.
        offset: usize,
    },
    /// A string that is not UTF-8.
    Utf8 {
        /// Where it begins.
        offset: usize,
    },
    /// A string that does not sort behind the one before.
    StringOrder {
        /// Where its end stands.
        offset: usize,
    },
    /// A string that nothing names.
    StringUnused {
        /// Its place in the table.
        string: usize,
    },
    /// A string's number that is not in the table.
    StringNumber {
        /// Where.
        offset: usize,
        /// The number.
        found: u32,
    },
    /// A section of a kind that this reader doesn't know.
    MapKind {
        /// Where.
        offset: usize,
        /// Its number.
        found: u32,
    },
    /// A section under another name than the pin of its kind.
    MapName {
        /// Where.
        offset: usize,
        /// The name it must have.
        expected: &'static str,
    },
    /// A section that does not sort behind the one before, or is there twice.
    SectionOrder {
        /// Where its row begins.
        offset: usize,
    },
    /// Entries that make no map.
    Section {
        /// Which map.
        map: MapKind,
        /// Where the entry's key or value begins, or the section's row.
        offset: usize,
        /// Why not.
        problem: SectionError,
    },
    /// An identity of a kind that this reader doesn't know.
    IdentityKind {
        /// Where.
        offset: usize,
        /// Its number.
        found: u32,
    },
    /// An identity that does not sort behind the one before, or is there twice.
    IdentityOrder {
        /// Where its row begins.
        offset: usize,
    },
    /// A label that does not sort behind the one before, or is there twice.
    LabelOrder {
        /// Where.
        offset: usize,
    },
    /// Tables that do not fit together.
    Contents(BuildError),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { length } => write!(f, "{length} bytes are too short for an image's header"),
            Self::Magic => f.write_str("not a fleetnet image: the first bytes are others"),
            Self::Version { found } => write!(f, "format version {found} is not known; this program reads version 1"),
            Self::Length { stated, actual } if *stated > *actual as u64 => {
                write!(f, "cut off: {actual} bytes of {stated}")
            }
            Self::Length { stated, actual } => write!(f, "{actual} bytes where the image ends after {stated}"),
            Self::Digest => f.write_str("the digest does not match: the file was changed after it was written"),
            Self::Truncated { offset } => write!(f, "the field at byte {offset} ends behind the file"),
            Self::Abi { found } => write!(f, "map layout {found} is not known"),
            Self::Field { offset, field, found, expected } => {
                write!(f, "the {field} at byte {offset} is {found} and must be {expected}")
            }
            Self::ClusterId { found } => write!(f, "cluster id {found} is above 255"),
            Self::Padding { offset } => write!(f, "byte {offset} is between two tables and not 0"),
            Self::StringEnd { offset } => write!(f, "the string's end at byte {offset} is outside of the text"),
            Self::Utf8 { offset } => write!(f, "the string at byte {offset} is not UTF-8"),
            Self::StringOrder { offset } => {
                write!(f, "the string whose end is at byte {offset} does not sort behind the one before")
            }
            Self::StringUnused { string } => write!(f, "nothing names string {string}"),
            Self::StringNumber { offset, found } => {
                write!(f, "string {found}, named at byte {offset}, is not in the string table")
            }
            Self::MapKind { offset, found } => write!(f, "map kind {found} at byte {offset} is not known"),
            Self::MapName { offset, expected } => write!(f, "the map's name at byte {offset} must be `{expected}`"),
            Self::SectionOrder { offset } => {
                write!(f, "the section at byte {offset} does not sort behind the one before")
            }
            Self::Section { map, offset, problem } => write!(f, "the {map}, at byte {offset}: {problem}"),
            Self::IdentityKind { offset, found } => write!(f, "identity kind {found} at byte {offset} is not known"),
            Self::IdentityOrder { offset } => {
                write!(f, "the identity at byte {offset} does not sort behind the one before")
            }
            Self::LabelOrder { offset } => {
                write!(f, "the label at byte {offset} does not sort behind the one before")
            }
            Self::Contents(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for ImageError {}
