//! The tokens of a condition, as far as places and depths go.
//!
//! The parser behind is recursive and quick to blame the wrong place. So what it is given is read once here: every character belongs to a
//! token that CEL has, strings end, and brackets match.

use std::ops::Range;

/// A token by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, keyword or number.
    Word,
    /// A string or bytes, with its prefix and quotes.
    Text,
    /// `(`, `[` or `{`.
    Open,
    /// The other half.
    Close,
    /// `&&`, `||` and `,`: what stands on either side is parsed side by side, not one in the other.
    Beside,
    /// Any other sign.
    Sign,
}

/// Why a text has no tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LexError {
    pub(super) range: Range<usize>,
    pub(super) message: &'static str,
    pub(super) help: Option<&'static str>,
}

/// The tokens of a text, blanks and comments left out.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, LexError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let blank = blank_length(rest);
        if blank > 0 {
            at += blank;
            continue;
        }
        let (length, kind) =
            token(rest).map_err(|error| LexError { range: at + error.range.start..at + error.range.end, ..error })?;
        tokens.push(Token { range: at..at + length, kind });
        at += length;
    }
    matched(&tokens, text)?;
    Ok(tokens)
}

/// Length of the blanks or the comment that a text starts with.
fn blank_length(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    text.len() - text.trim_start_matches(['\t', ' ', '\r', '\n', '\u{c}']).len()
}

fn token(text: &str) -> Result<(usize, TokenKind), LexError> {
    let word = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let (prefix, rest) = text.split_at_checked(word).unwrap_or((text, ""));
    if rest.starts_with(['"', '\'']) && matches!(prefix.to_ascii_lowercase().as_str(), "" | "r" | "b" | "br") {
        let raw = prefix.ends_with(['r', 'R']);
        return Ok((word + string_length(rest, if raw { Escapes::Raw } else { Escapes::Read })?, TokenKind::Text));
    }
    if word > 0 {
        return Ok((word, TokenKind::Word));
    }
    sign(text)
}

fn sign(text: &str) -> Result<(usize, TokenKind), LexError> {
    const DOUBLE: [(&str, TokenKind); 6] = [
        ("&&", TokenKind::Beside),
        ("||", TokenKind::Beside),
        ("==", TokenKind::Sign),
        ("!=", TokenKind::Sign),
        ("<=", TokenKind::Sign),
        (">=", TokenKind::Sign),
    ];
    if let Some((sign, kind)) = DOUBLE.iter().find(|(sign, _)| text.starts_with(sign)) {
        return Ok((sign.len(), *kind));
    }
    let first = text.chars().next().unwrap_or(' ');
    let kind = match first {
        '(' | '[' | '{' => TokenKind::Open,
        ')' | ']' | '}' => TokenKind::Close,
        ',' => TokenKind::Beside,
        '.' | '?' | ':' | '+' | '-' | '*' | '/' | '%' | '!' | '<' | '>' => TokenKind::Sign,
        other => {
            let help = match other {
                '=' => Some("write `==` to compare"),
                '&' => Some("write `&&` for and"),
                '|' => Some("write `||` for or"),
                _ => None,
            };
            return Err(LexError { range: 0..other.len_utf8(), message: "is no sign of CEL", help });
        }
    };
    Ok((1, kind))
}

/// What a backslash means in a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Read,
    Raw,
}

/// Length of the string that a text starts with, quotes included.
fn string_length(text: &str, escapes: Escapes) -> Result<usize, LexError> {
    let quote = if text.starts_with('"') { "\"" } else { "'" };
    let triple = quote.repeat(3);
    let (delimiter, multiline) = if text.starts_with(&triple) { (triple.as_str(), true) } else { (quote, false) };
    let unclosed = || LexError {
        range: 0..delimiter.len(),
        message: "starts a string that is never closed",
        help: Some("close it with the same quotes"),
    };
    let mut at = delimiter.len();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(next) = rest.chars().next() else { return Err(unclosed()) };
        if rest.starts_with(delimiter) {
            return Ok(at + delimiter.len());
        }
        at += match next {
            '\n' | '\r' if !multiline => return Err(unclosed()),
            '\\' if escapes == Escapes::Read => escape_length(rest).ok_or(LexError {
                range: at..at + 1,
                message: "starts no escape that CEL has",
                help: Some("write `\\\\` for a backslash"),
            })?,
            other => other.len_utf8(),
        };
    }
}

fn escape_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let all = |from: usize, count: usize, digit: fn(&u8) -> bool| {
        bytes.get(from..from + count).is_some_and(|bytes| bytes.iter().all(digit)).then_some(from + count)
    };
    match bytes.get(1)? {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`' => Some(2),
        b'x' | b'X' => all(2, 2, u8::is_ascii_hexdigit),
        b'u' => all(2, 4, u8::is_ascii_hexdigit),
        b'U' => all(2, 8, u8::is_ascii_hexdigit),
        b'0'..=b'3' => all(2, 2, |byte| (b'0'..=b'7').contains(byte)),
        _ => None,
    }
}

fn matched(tokens: &[Token], text: &str) -> Result<(), LexError> {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Open => open.push(token),
            TokenKind::Close => {
                let pair = |open: &&Token| {
                    matches!(
                        (text.get(open.range.clone()), text.get(token.range.clone())),
                        (Some("("), Some(")")) | (Some("["), Some("]")) | (Some("{"), Some("}"))
                    )
                };
                if !open.pop().as_ref().is_some_and(pair) {
                    let help = Some("open it, or leave it out");
                    return Err(LexError { range: token.range.clone(), message: "closes nothing that is open", help });
                }
            }
            TokenKind::Word | TokenKind::Text | TokenKind::Beside | TokenKind::Sign => {}
        }
    }
    match open.pop() {
        Some(token) => Err(LexError { range: token.range.clone(), message: "is never closed", help: Some("close it") }),
        None => Ok(()),
    }
}

/// What a bracket costs the parser, where an operator costs 1: it goes through every level of precedence again.
const BRACKET: usize = 4;

/// A bound of how deep the parser goes, in operators: what stands beside each other counts by its deepest part.
pub(super) fn depth(tokens: &[Token]) -> usize {
    let mut outer = Vec::new();
    let mut own = 0;
    let mut above = 0_usize;
    let mut deepest = 0;
    for token in tokens {
        match token.kind {
            TokenKind::Open => {
                outer.push(own);
                above += own + BRACKET;
                own = 0;
            }
            TokenKind::Close => {
                own = outer.pop().unwrap_or(0);
                above = above.saturating_sub(own + BRACKET);
                own += 1;
            }
            TokenKind::Beside => own = 0,
            TokenKind::Sign => own += 1,
            TokenKind::Word | TokenKind::Text => {}
        }
        deepest = deepest.max(above + own);
    }
    deepest
}
