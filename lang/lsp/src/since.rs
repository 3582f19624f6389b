//! Where the places of a package are after it was edited.

use fleetnet_lang::{FileId, Span};

use crate::package::Package;

/// The way from the places of an older package to those of a newer one.
#[derive(Clone, Debug)]
pub struct Since {
    /// What became of each file.
    files: Vec<Option<(FileId, Edited)>>,
}

/// The one stretch of a text that differs from the text that it was, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Edited {
    /// Where it starts in both.
    start: u32,
    /// Where it ended.
    end_then: u32,
    /// Where it ends.
    end_now: u32,
}

impl Since {
    /// The way from `then` to `now`. Files are the same by their paths.
    #[must_use]
    pub fn new(then: &Package, now: &Package) -> Self {
        let files = then.files().map(|(id, file)| {
            if now.shares(then, id) {
                return Some((id, Edited::default()));
            }
            let other = now.find(&file.source.path)?;
            Some((other, Edited::between(&file.source.text, &now.file(other)?.source.text)))
        });
        Self { files: files.collect() }
    }

    /// A file by its id of now.
    #[must_use]
    pub fn file(&self, file: FileId) -> Option<FileId> {
        self.edited(file).map(|(file, _)| file)
    }

    /// Where a span is; nothing if what stood there is not what it was.
    #[must_use]
    pub fn span(&self, span: Span) -> Option<Span> {
        let (file, edited) = self.edited(span.file)?;
        let Edited { start, end_then, end_now } = edited;
        if span.end <= start {
            return Some(Span { file, ..span });
        }
        let moved = |offset: u32| offset.checked_sub(end_then)?.checked_add(end_now);
        Some(Span::new(file, moved(span.start)?, moved(span.end)?))
    }

    fn edited(&self, file: FileId) -> Option<(FileId, Edited)> {
        *self.files.get(file.0 as usize)?
    }
}

impl Edited {
    fn between(then: &str, now: &str) -> Self {
        if then == now {
            return Self::default();
        }
        let (then, now) = (then.as_bytes(), now.as_bytes());
        let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(one, other)| one == other).count();
        let start = same(&mut then.iter().zip(now));
        let rest = |text: &[u8]| text.len().saturating_sub(start);
        let end = same(&mut then.iter().rev().zip(now.iter().rev())).min(rest(then)).min(rest(now));
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let before_end = |text: &[u8]| place(text.len().saturating_sub(end));
        Self { start: place(start), end_then: before_end(then), end_now: before_end(now) }
    }
}

#[cfg(test)]
mod tests {
    use fleetnet_lang::{FileId, SourceFile, Span};

    use super::{Edited, Since};
    use crate::package::Package;

    #[test]
    fn what_is_edited_is_as_short_as_it_can_be() {
        let between = |then, now| {
            let Edited { start, end_then, end_now } = Edited::between(then, now);
            (start, end_then, end_now)
        };
        assert_eq!(between("abc", "abc"), (0, 0, 0));
        assert_eq!(between("abc", "abxc"), (2, 2, 3));
        assert_eq!(between("aaa", "aa"), (2, 3, 2));
        assert_eq!(between("", "x"), (0, 0, 1));
    }

    #[test]
    fn places_move_with_what_is_typed_before_them() {
        let package =
            |files: &[(&str, &str)]| Package::new(files.iter().map(|(path, text)| SourceFile::new(*path, *text)));
        let then = package(&[("b", "one two three"), ("c", "")]);
        let now = package(&[("a", ""), ("b", "one twenty three")]);
        let since = Since::new(&then, &now);
        let at =
            |start, end| since.span(Span::new(FileId(0), start, end)).map(|span| (span.file.0, span.start, span.end));
        assert_eq!(at(0, 3), Some((1, 0, 3)));
        assert_eq!(at(4, 7), None);
        assert_eq!(at(8, 13), Some((1, 11, 16)));
        assert_eq!(since.file(FileId(1)), None);
    }
}
