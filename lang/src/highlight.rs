//! What each piece of a text is, for colours. The tree decides: a keyword is what the grammar took as one.

use rowan::NodeOrToken;

use crate::parser::parse;
use crate::source::FileId;
use crate::syntax_kind::{SyntaxKind, SyntaxNode, SyntaxToken};
use crate::words;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Highlight {
    /// A word that holds a statement together.
    Keyword,
    /// The name that a declaration introduces.
    Name,
    /// A word that means something built in, such as `world`.
    BuiltIn,
    /// A number, an address, a port, a percentage, a duration.
    Number,
    /// `$NAME`.
    Parameter,
    /// Text between quotes.
    String,
    /// CEL between backticks.
    Cel,
    /// `# …`
    Comment,
    /// `## …`
    DocComment,
    /// `->`, `=` and `!=`.
    Operator,
    /// What means nothing.
    Unknown,
}

/// A piece of text and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlighted {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
    /// What it is.
    pub highlight: Highlight,
}

/// The pieces of a text that are worth a colour, in order.
#[must_use]
pub fn highlight(text: &str) -> Vec<Highlighted> {
    highlight_tree(&parse(FileId(0), text).syntax())
}

/// The pieces of a text that is parsed already.
#[must_use]
pub fn highlight_tree(root: &SyntaxNode) -> Vec<Highlighted> {
    let tokens = root.descendants_with_tokens();
    let tokens = tokens.filter_map(|element| match element {
        NodeOrToken::Token(token) => Some(token),
        NodeOrToken::Node(_) => None,
    });
    let pieces = tokens.filter_map(|token| {
        let highlight = of_token(&token)?;
        let range = token.text_range();
        Some(Highlighted { start: range.start().into(), end: range.end().into(), highlight })
    });
    pieces.collect()
}

fn of_token(token: &SyntaxToken) -> Option<Highlight> {
    match token.kind() {
        SyntaxKind::Keyword => Some(Highlight::Keyword),
        SyntaxKind::Word => of_word(token),
        SyntaxKind::String => Some(Highlight::String),
        SyntaxKind::Cel => Some(Highlight::Cel),
        SyntaxKind::Comment => Some(Highlight::Comment),
        SyntaxKind::DocComment => Some(Highlight::DocComment),
        SyntaxKind::Arrow | SyntaxKind::Eq | SyntaxKind::NotEq => Some(Highlight::Operator),
        SyntaxKind::Unknown => Some(Highlight::Unknown),
        _ => None,
    }
}

fn of_word(token: &SyntaxToken) -> Option<Highlight> {
    let text = token.text();
    let is_name = token.parent().is_some_and(|parent| parent.kind() == SyntaxKind::Name);
    if is_name {
        Some(Highlight::Name)
    } else if text.starts_with('$') {
        Some(Highlight::Parameter)
    } else if words::is_reserved(text) {
        Some(Highlight::BuiltIn)
    } else {
        is_number(text).then_some(Highlight::Number)
    }
}

/// Literals begin with a digit, or are an address of only hexadecimal digits and colons.
fn is_number(text: &str) -> bool {
    let address = text.contains(':') && text.chars().all(|c| c.is_ascii_hexdigit() || ":./".contains(c));
    address || text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Highlight, Highlighted, highlight};

    #[test]
    fn a_word_is_what_the_grammar_takes_it_for() {
        let text = "cluster cluster-1 { pods fd00:10::/56 ; labels { id = prod } } # id\npolicy p { allow a/b -> world on $x }";
        let word = |piece: &Highlighted| text.get(piece.start as usize..piece.end as usize).unwrap_or_default();
        let found: Vec<(&str, Highlight)> =
            highlight(text).iter().map(|piece| (word(piece), piece.highlight)).collect();
        for expected in [
            ("cluster", Highlight::Keyword),
            ("cluster-1", Highlight::Name),
            ("fd00:10::/56", Highlight::Number),
            ("# id", Highlight::Comment),
            ("allow", Highlight::Keyword),
            ("->", Highlight::Operator),
            ("world", Highlight::BuiltIn),
            ("$x", Highlight::Parameter),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        assert!(!found.iter().any(|(text, _)| *text == "id"), "{found:?}");
    }

    #[test]
    fn pieces_are_in_order_and_apart() {
        let pieces = highlight("fleet x {\n  target `open\n} \"é\" }}}");
        assert!(pieces.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
