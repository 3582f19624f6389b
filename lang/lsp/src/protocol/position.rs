//! Bytes of a file as the lines and columns that a client counts.

use fleetnet_lang::{SourceFile, Span};
use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units; what every client knows.
    #[default]
    Utf16,
}

impl Encoding {
    /// Bytes if the client knows them, as nothing has to be counted then.
    pub fn agreed(offered: &[PositionEncodingKind]) -> Self {
        if offered.contains(&PositionEncodingKind::UTF8) { Self::Utf8 } else { Self::Utf16 }
    }

    /// As the protocol calls it.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How long a text is.
    pub fn length(self, text: &str) -> u32 {
        let length = match self {
            Self::Utf16 if !text.is_ascii() => text.encode_utf16().count(),
            Self::Utf8 | Self::Utf16 => text.len(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// Line and column of a byte.
    pub fn position(self, source: &SourceFile, offset: u32) -> Position {
        let line = source.line_col(offset).line.saturating_sub(1);
        Position { line, character: self.length(source.before(offset)) }
    }

    /// First and last position of a span.
    pub fn range(self, source: &SourceFile, span: Span) -> Range {
        Range { start: self.position(source, span.start), end: self.position(source, span.end) }
    }

    /// The byte at a position. One behind its line counts as the line's end, one behind the text as the text's, one inside a character as the
    /// character's start.
    pub fn offset(self, source: &SourceFile, position: Position) -> u32 {
        let Some((start, line)) = source.line(position.line) else {
            return u32::try_from(source.text.len()).unwrap_or(u32::MAX);
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        start.saturating_add(self.column(line, position.character))
    }

    fn column(self, line: &str, character: u32) -> u32 {
        let (mut bytes, mut units) = (0_u32, 0_u32);
        for c in line.chars() {
            let (more_bytes, more_units) = match self {
                Self::Utf8 => (c.len_utf8(), c.len_utf8()),
                Self::Utf16 => (c.len_utf8(), c.len_utf16()),
            };
            units = units.saturating_add(u32::try_from(more_units).unwrap_or(0));
            if units > character {
                break;
            }
            bytes = bytes.saturating_add(u32::try_from(more_bytes).unwrap_or(0));
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Position, SourceFile};

    #[test]
    fn every_place_is_found_again_and_every_other_is_clamped() {
        let source = SourceFile::new("a", "aé\u{1f578}b\r\n\nx");
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (offset, _) in source.text.char_indices().filter(|(_, c)| *c != '\n') {
                let offset = u32::try_from(offset).unwrap();
                assert_eq!(encoding.offset(&source, encoding.position(&source, offset)), offset, "{encoding:?}");
            }
            let at = |line, character| encoding.offset(&source, Position { line, character });
            assert_eq!((at(0, 99), at(1, 5), at(2, 1), at(9, 0)), (8, 10, 12, 12));
        }
        assert_eq!(Encoding::Utf16.offset(&source, Position { line: 0, character: 3 }), 3, "inside of the spider");
    }
}
