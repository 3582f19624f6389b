//! Little-endian fields and the string table of an untrusted file.

use std::sync::Arc;

use super::error::ImageError;
use super::layout::{Place, STRING_END, header};

/// The bytes of a file.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes of a table.
    pub(super) fn slice(self, place: Place) -> Result<&'a [u8], ImageError> {
        self.bytes.get(place.start..place.end()).ok_or(ImageError::Truncated { offset: place.start })
    }

    pub(super) fn array<const N: usize>(self, offset: usize) -> Result<[u8; N], ImageError> {
        let field = self.bytes.get(offset..).and_then(|rest| rest.first_chunk());
        field.copied().ok_or(ImageError::Truncated { offset })
    }

    pub(super) fn u32(self, offset: usize) -> Result<u32, ImageError> {
        self.array(offset).map(u32::from_le_bytes)
    }

    pub(super) fn u64(self, offset: usize) -> Result<u64, ImageError> {
        self.array(offset).map(u64::from_le_bytes)
    }

    /// Refuses a field of four bytes that is not what it must be.
    pub(super) fn expect(self, offset: usize, field: &'static str, expected: u32) -> Result<(), ImageError> {
        same(offset, field, self.u32(offset)?.into(), expected.into())
    }

    /// Refuses a field of eight bytes that is not what it must be.
    pub(super) fn expect_offset(self, offset: usize, field: &'static str, expected: usize) -> Result<(), ImageError> {
        same(offset, field, self.u64(offset)?, expected as u64)
    }

    /// Refuses bytes other than 0 from `start` up to `end`.
    pub(super) fn expect_padding(self, start: usize, end: usize) -> Result<(), ImageError> {
        let gap = self.slice(Place { start, length: end.saturating_sub(start) })?;
        match gap.iter().position(|byte| *byte != 0) {
            Some(place) => Err(ImageError::Padding { offset: start.saturating_add(place) }),
            None => Ok(()),
        }
    }
}

fn same(offset: usize, field: &'static str, found: u64, expected: u64) -> Result<(), ImageError> {
    if found == expected { Ok(()) } else { Err(ImageError::Field { offset, field, found, expected }) }
}

/// The strings of a file, with a note of which were named.
pub(super) struct StringTable<'a> {
    input: Input<'a>,
    strings: Vec<(Arc<str>, bool)>,
}

impl<'a> StringTable<'a> {
    /// Reads the table; strings lie back to back and ascend.
    pub(super) fn read(input: Input<'a>, ends: Place, text: Place) -> Result<Self, ImageError> {
        let count = ends.length / STRING_END;
        let mut strings: Vec<(Arc<str>, bool)> = Vec::with_capacity(count);
        let mut start = text.start;
        for row in 0..count {
            let offset = ends.row(row, STRING_END);
            let length = usize::try_from(input.u64(offset)?).map_err(|_| ImageError::StringEnd { offset })?;
            let end = text.start.checked_add(length).filter(|end| (start..=text.end()).contains(end));
            let end = end.ok_or(ImageError::StringEnd { offset })?;
            let bytes = input.slice(Place { start, length: end.saturating_sub(start) })?;
            let string = str::from_utf8(bytes).map_err(|_| ImageError::Utf8 { offset: start })?;
            if strings.last().is_some_and(|(last, _)| last.as_ref() >= string) {
                return Err(ImageError::StringOrder { offset });
            }
            strings.push((string.into(), false));
            start = end;
        }
        let used = start.saturating_sub(text.start);
        same(header::TEXT_LENGTH, "length of the text", text.length as u64, used as u64)?;
        Ok(Self { input, strings })
    }

    /// The string whose number stands at `offset`.
    pub(super) fn get(&mut self, offset: usize) -> Result<Arc<str>, ImageError> {
        let found = self.input.u32(offset)?;
        let string = self.strings.get_mut(found as usize).ok_or(ImageError::StringNumber { offset, found })?;
        string.1 = true;
        Ok(Arc::clone(&string.0))
    }

    /// Refuses strings that were never asked for.
    pub(super) fn check_used(&self) -> Result<(), ImageError> {
        match self.strings.iter().position(|(_, used)| !used) {
            Some(string) => Err(ImageError::StringUnused { string }),
            None => Ok(()),
        }
    }
}
