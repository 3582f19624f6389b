//! Source texts and positions in them.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of a package, by its place in [`Sources`], or a [later](FileId::later) text of it. Files are ordered by path, so that ids do not depend on
/// how a directory was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// Set in the id of a file's later text.
    const LATER: u32 = 1 << 31;

    /// The id of the later text of a file: whatever its number, it comes right behind the file.
    #[must_use]
    pub fn later(self) -> Self {
        Self(self.0 | Self::LATER)
    }

    fn in_order(self) -> u32 {
        self.0.rotate_left(1)
    }
}

impl Ord for FileId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.in_order().cmp(&other.in_order())
    }
}

impl PartialOrd for FileId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; never below `start`.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end` of `file`; an `end` before `start` gives an empty span at `start`.
    #[must_use]
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// The smallest span that holds both; `other` is ignored if it lies in another file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A position as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One text with the name it is shown by.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the package's root, `/` between its parts on every platform.
    pub path: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    line_starts: Arc<[u32]>,
}

impl SourceFile {
    /// A file under `path` with `text`.
    #[must_use]
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let starts = std::iter::once(0)
            .chain(text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next));
        let line_starts = starts.collect();
        Self { path: path.into(), text, line_starts }
    }

    /// Line and column of a byte offset; offsets past the end count as the end.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let column = u32::try_from(self.before(offset).chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        LineCol { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }

    /// A line by its number from 0: the offset of its first byte, and its text without the line feed.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<(u32, &str)> {
        let start = *self.line_starts.get(number as usize)?;
        let rest = self.text.get(start as usize..)?;
        Some((start, rest.split('\n').next().unwrap_or_default()))
    }

    /// The text of a byte offset's line up to the offset; all of the line for offsets past the end. A byte order mark is no part of the first line:
    /// no editor shows it.
    #[must_use]
    pub fn before(&self, offset: u32) -> &str {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or(0);
        let text = self.text.get(start as usize..offset as usize);
        let text = text.or_else(|| self.text.get(start as usize..)).unwrap_or("");
        if start == 0 { text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text) } else { text }
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// All texts of one compilation, ordered by path.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// Later texts of some of them.
    later: BTreeMap<FileId, SourceFile>,
}

impl Sources {
    /// Sorts the files by path; of two with one path the first given stays.
    #[must_use]
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|later, earlier| later.path == earlier.path);
        Self { files, later: BTreeMap::new() }
    }

    /// Adds a later text of a file, under [an id of its own](FileId::later).
    pub fn add_later(&mut self, of: FileId, file: SourceFile) -> FileId {
        self.later.insert(of.later(), file);
        of.later()
    }

    /// The files with their ids, in order of path, without later texts.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0_u32..).map(FileId).zip(&self.files)
    }

    /// The file behind an id of these sources.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize).or_else(|| self.later.get(&id))
    }

    /// The text of a span, or nothing where the span is not of these sources.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|file| file.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Path, line and column of a span's start.
    #[must_use]
    pub fn locate(&self, span: Span) -> Option<(&str, LineCol)> {
        let file = self.get(span.file)?;
        Some((&file.path, file.line_col(span.start)))
    }
}

#[cfg(test)]
mod tests {
    use super::{FileId, LineCol, SourceFile, Sources};

    #[test]
    fn later_texts_come_behind_their_files() {
        let mut sources = Sources::new(["b", "a", "c"].map(|path| SourceFile::new(path, path)).to_vec());
        let later = sources.add_later(FileId(1), SourceFile::new("b", "later"));
        assert!(FileId(1) < later && later < FileId(2));
        assert_eq!(sources.get(later).map(|file| &*file.text), Some("later"));
        assert_eq!(sources.get(FileId(1)).map(|file| &*file.text), Some("b"));
        assert!(sources.get(FileId(0).later()).is_none());
        assert_eq!(sources.iter().count(), 3, "later texts are none of the package");
    }

    #[test]
    fn columns_count_what_editors_show() {
        let at = |text: &str, offset| SourceFile::new("a.fleetnet", text).line_col(offset);
        assert_eq!(at("\u{feff}ab", 4), LineCol { line: 1, column: 2 });
        assert_eq!(at("\u{feff}ab", 3), LineCol { line: 1, column: 1 });
        assert_eq!(at("\u{feff}ab", 0), LineCol { line: 1, column: 1 });
        assert_eq!(at("ab\n\u{feff}c", 6), LineCol { line: 2, column: 2 });
        assert_eq!(at("ü\tx", 3), LineCol { line: 1, column: 3 });
    }
}
