//! How the statement is written that the cursor is in, and which part of it comes there.
//!
//! The form is the one that the parser shows to whoever wrote it otherwise. Which part is being written follows from the words before the
//! cursor: those that hold the statement together say where in the form one is, and values are counted from there.

use std::ops::Range;

use fleetnet_lang::{Begun, SyntaxKind, begun_at};

use crate::around::{Around, WORD, touched};
use crate::package::{Package, Place};

/// How a statement is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its form.
    pub form: &'static str,
    /// What it says, in a line.
    pub about: &'static str,
    /// The parts of the form that can be written, in order and as places in it.
    pub parts: Vec<Range<usize>>,
    /// Which of them comes where the cursor is.
    pub active: usize,
}

impl Signature {
    /// Whether the statement has hardly begun: its form is worth showing then, also to whoever did not ask.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.active <= 1
    }
}

/// How the statement at a place is written; nothing outside of statements, in comments, and where nothing more comes.
#[must_use]
pub fn signature(package: &Package, place: Place) -> Option<Signature> {
    let tree = package.tree(place.file)?;
    let text = package.file(place.file).map_or("", |file| &*file.source.text);
    let around = Around::new(&tree.parse, text, place);
    let token = touched(&tree.parse.syntax(), place.offset);
    let (begun, typed) = match token.as_ref().map(|token| (token.kind(), token)) {
        Some((SyntaxKind::Comment | SyntaxKind::DocComment, _)) => return None,
        Some((kind @ (SyntaxKind::Word | SyntaxKind::Keyword | SyntaxKind::String | SyntaxKind::Cel), token)) => {
            let begun = begun_at(around.text, around.inside(token.text_range().start().into()))?;
            (begun, Some((kind, token.text().to_owned())))
        }
        Some(_) | None => {
            let (before, behind) = around.apart(place.offset, place.offset);
            let marked = [before, " ", WORD, " ", behind].concat();
            let at = u32::try_from(before.len()).ok()?.saturating_add(1);
            (begun_at(&marked, at)?, None)
        }
    };
    let Begun { form, about, tokens } = begun;
    let parts = parts(form);
    let mut reader = Reader { parts: &parts, at: None, inside: Inside::Through };
    for (kind, text) in &tokens {
        reader.read(*kind, text);
    }
    let active = match typed {
        Some((kind, text)) => reader.typed(kind, &text)?,
        None => reader.next()?,
    };
    Some(Signature { form, about, parts: parts.into_iter().map(|part| part.span).collect(), active })
}

/// A part of a form.
#[derive(Clone, Debug)]
struct Part<'f> {
    span: Range<usize>,
    /// What stands there, or what is written in its place.
    text: &'f str,
    /// The brackets that it is in, by number: what is in brackets can be left out.
    group: Option<usize>,
    /// Whether it, with what belongs to it, is written again behind a comma.
    count: Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    One,
    Many,
}

impl Part<'_> {
    /// Whether it is a value of the author's, not a word of the language.
    fn is_value(&self) -> bool {
        self.text.contains(|c: char| c.is_ascii_uppercase() || c == '…')
    }

    /// Whether it is this word of the language, or one of those to choose from.
    fn is_word(&self, word: &str) -> bool {
        self.text.split('|').any(|choice| choice == word)
    }

    /// Whether a token of this kind can be its value.
    fn takes(&self, kind: SyntaxKind) -> bool {
        let quoted = self.text.contains('"') || ["STRING", "PATH"].contains(&self.text);
        match kind {
            SyntaxKind::String => quoted || ["KEY", "VALUE", "…"].contains(&self.text),
            SyntaxKind::Cel => self.text == "CEL",
            _ => self.is_value() && self.text != "PATH",
        }
    }
}

/// The parts of a form: `[…]` around what can be left out, `, …` behind what can be written again.
fn parts(form: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let (mut groups, mut group, mut start, mut after_comma) = (0_usize, None, None, false);
    let ends = form.char_indices().chain([(form.len(), ' ')]);
    for (at, c) in ends {
        if !matches!(c, ' ' | ',' | '[' | ']') {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            let text = form.get(start..at).unwrap_or_default();
            let last = parts.last_mut();
            match last {
                // What is repeated is no part of its own, nor is the rest of a word that has an optional piece in it.
                Some(last) if text.starts_with('…') && (after_comma || last.is_value()) => last.count = Count::Many,
                Some(_) if text.starts_with('/') => {}
                Some(_) | None => {
                    parts.push(Part { span: start..at, text, group, count: Count::One });
                }
            }
            after_comma = false;
        }
        match c {
            '[' => {
                groups = groups.saturating_add(1);
                group = Some(groups);
            }
            ']' => group = None,
            ',' => after_comma = true,
            _ => {}
        }
    }
    parts
}

/// Whether more of a value comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// The next word belongs to the value, too.
    Goes,
    /// It may be over.
    Through,
}

/// Where in a form one is.
struct Reader<'r, 'f> {
    parts: &'r [Part<'f>],
    /// The part that was written last.
    at: Option<usize>,
    inside: Inside,
}

impl Reader<'_, '_> {
    fn read(&mut self, kind: SyntaxKind, text: &str) {
        match kind {
            SyntaxKind::Comma => self.comma(),
            SyntaxKind::RParen => self.inside = Inside::Through,
            SyntaxKind::Word | SyntaxKind::String | SyntaxKind::Cel => {
                if self.inside == Inside::Goes && self.is_at_value() {
                    self.inside = Inside::Through;
                } else if let Some(next) = self.value(kind).or_else(|| self.value(SyntaxKind::Word)) {
                    self.at = Some(next);
                }
            }
            _ => match self.word(text) {
                Some(next) => (self.at, self.inside) = (Some(next), Inside::Through),
                None => self.within(kind, text),
            },
        }
    }

    /// The part that is being written; what is no value may become the word that comes next.
    fn typed(mut self, kind: SyntaxKind, text: &str) -> Option<usize> {
        let (before, next, goes_on) = (self.at, self.next(), self.inside);
        self.read(kind, text);
        let moved = self.at != before || goes_on == Inside::Goes;
        if moved { self.at } else { next }
    }

    /// A word or sign within a value, such as the `in` of a peer.
    fn within(&mut self, kind: SyntaxKind, text: &str) {
        if !self.is_at_value() {
            self.at = self.value(SyntaxKind::Word).or(self.at);
        }
        let whole = ["all", "local", "nobody"].contains(&text);
        let through = whole || matches!(kind, SyntaxKind::LBrace | SyntaxKind::RBrace);
        self.inside = if through { Inside::Through } else { Inside::Goes };
    }

    /// What is written again begins again: a share at its cluster.
    fn comma(&mut self) {
        self.inside = Inside::Goes;
        let Some(at) = self.at else { return };
        let sign = at.checked_sub(1).filter(|sign| self.parts.get(*sign).is_some_and(|part| part.text == "="));
        let again = self.parts.get(at).is_some_and(|part| part.count == Count::Many);
        if let (true, Some(first)) = (again, sign.and_then(|sign| sign.checked_sub(1))) {
            (self.at, self.inside) = (first.checked_sub(1), Inside::Through);
        }
    }

    fn is_at_value(&self) -> bool {
        self.at.and_then(|at| self.parts.get(at)).is_some_and(Part::is_value)
    }

    /// The parts behind the last one.
    fn rest(&self) -> impl Iterator<Item = (usize, &Part<'_>)> {
        let first = self.at.map_or(0, |at| at.saturating_add(1));
        self.parts.iter().enumerate().skip(first)
    }

    /// The next value that a token of this kind can be. What is left out on the way is left out as a whole.
    fn value(&self, kind: SyntaxKind) -> Option<usize> {
        let begun = self.at.and_then(|at| self.parts.get(at)?.group);
        let mut left_out = None;
        for (index, part) in self.rest() {
            if part.group.is_some() && part.group == left_out {
                continue;
            }
            if part.takes(kind) {
                return Some(index);
            }
            if part.group.is_none() || part.group == begun {
                return None;
            }
            left_out = part.group;
        }
        None
    }

    /// The nearest part that is this word of the language: one to come, or else one that is written again.
    fn word(&self, word: &str) -> Option<usize> {
        let to_come = self.rest().find(|(_, part)| part.is_word(word));
        let again = || self.parts.iter().enumerate().skip(1).find(|(_, part)| part.is_word(word));
        to_come.or_else(again).map(|(index, _)| index)
    }

    /// The part that comes next.
    fn next(&self) -> Option<usize> {
        let stays = self.inside == Inside::Goes && self.is_at_value();
        if stays { self.at } else { self.rest().next().map(|(index, _)| index) }
    }
}
