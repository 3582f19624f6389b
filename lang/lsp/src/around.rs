//! What is around the cursor: all that what could stand there depends on.

use fleetnet_lang::{Parse, SyntaxKind, SyntaxNode, SyntaxToken};

use crate::package::Place;

/// The word that stands for what is typed.
pub const WORD: &str = "here";

/// The declaration that the cursor is in, with its neighbours: what could stand there depends on nothing else, and a file can be long.
pub struct Around<'p> {
    pub place: Place,
    pub text: &'p str,
    /// Bytes of the file before the text.
    start: u32,
}

impl<'p> Around<'p> {
    pub fn new(parse: &Parse, text: &'p str, place: Place) -> Self {
        let (mut start, mut before, mut end) = (0, 0, None);
        let mut behind = 0_u8;
        for node in parse.syntax().children() {
            let range = node.text_range();
            if u32::from(range.start()) <= place.offset {
                // What is wrong with a declaration would be read otherwise without its beginning.
                if node.kind() == SyntaxKind::Error {
                    continue;
                }
                (start, before) = (before, u32::from(range.start()));
            } else {
                behind = behind.saturating_add(1);
                end = Some(u32::from(range.end()));
                // The next one may be the rest of what is torn apart at the cursor.
                if behind == 2 {
                    break;
                }
            }
        }
        let end = end.filter(|_| behind == 2).map_or(text.len(), |end| end as usize);
        Self { place, text: text.get(start as usize..end).unwrap_or(text), start }
    }

    /// The text before an offset of the file, and behind another.
    pub fn apart(&self, start: u32, end: u32) -> (&'p str, &'p str) {
        let at = |offset: u32| self.inside(offset) as usize;
        (self.text.get(..at(start)).unwrap_or_default(), self.text.get(at(end)..).unwrap_or_default())
    }

    /// Where an offset of the file is in the text.
    pub fn inside(&self, offset: u32) -> u32 {
        offset.saturating_sub(self.start)
    }
}

/// The token that the cursor is in or just behind.
pub fn touched(root: &SyntaxNode, offset: u32) -> Option<SyntaxToken> {
    let end = root.text_range().end();
    let mut tokens = root.token_at_offset(rowan::TextSize::from(offset).min(end));
    let token = tokens.next()?;
    // Behind what is closed, or behind a line, one is not in it any more.
    let is_in = |token: &SyntaxToken| match token.kind() {
        SyntaxKind::Word | SyntaxKind::Keyword => true,
        SyntaxKind::Comment | SyntaxKind::DocComment => u32::from(token.text_range().start()) < offset,
        _ => {
            let range = token.text_range();
            u32::from(range.start()) < offset && offset < u32::from(range.end())
        }
    };
    [Some(token), tokens.next()].into_iter().flatten().find(is_in)
}
