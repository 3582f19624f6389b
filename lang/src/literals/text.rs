//! Strings with their escapes, and codes of findings.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while_m_n};
use nom::character::complete::{anychar, char};
use nom::combinator::map_opt;
use nom::combinator::value;
use nom::sequence::delimited;
use nom::{IResult, Parser};

use super::{Wrong, digits, range_of};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// What a string token says: without its quotes, its escapes replaced. A missing last quote was reported by the parser.
pub fn string(token: &str, span: Span) -> Result<String, Diagnostic> {
    let open = token.strip_prefix('"').unwrap_or(token);
    let body = if crate::lexer::is_closed(token, '"') { open.strip_suffix('"').unwrap_or(open) } else { open };
    let mut said = String::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        match piece(rest) {
            Ok((after, Piece::Plain(text))) => {
                said.push_str(text);
                rest = after;
            }
            Ok((after, Piece::Escape(c))) => {
                said.push(c);
                rest = after;
            }
            Err(_) => return Err(bad_escape(token, rest).at(span)),
        }
    }
    Ok(said)
}

/// The number of a finding's code, `FN0412`.
pub fn code(text: &str, span: Span) -> Result<u16, Diagnostic> {
    let number = text.strip_prefix("FN").filter(|rest| rest.len() == 4).and_then(digits);
    number.and_then(|number| u16::try_from(number).ok()).ok_or_else(|| {
        let message = format!("`{text}` is not the code of a finding");
        Wrong::new(codes::BAD_CODE, 0..text.len(), message, "write the code as it is shown, for instance `FN0701`")
            .at(span)
    })
}

enum Piece<'t> {
    Plain(&'t str),
    Escape(char),
}

fn piece(text: &str) -> IResult<&str, Piece<'_>> {
    alt((is_not("\\").map(Piece::Plain), escape.map(Piece::Escape))).parse(text)
}

/// `\"`, `\\`, `\n` or `\u{…}`
fn escape(text: &str) -> IResult<&str, char> {
    let hex = take_while_m_n(1, 6, |c: char| c.is_ascii_hexdigit());
    let scalar = map_opt(hex, |hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
    alt((
        value('"', tag("\\\"")),
        value('\\', tag("\\\\")),
        value('\n', tag("\\n")),
        delimited(tag("\\u{"), scalar, char('}')),
    ))
    .parse(text)
}

/// What is wrong with the escape that `rest` starts with.
fn bad_escape(token: &str, rest: &str) -> Wrong {
    let second = anychar::<_, nom::error::Error<&str>>(rest.get(1..).unwrap_or("")).ok().map(|(_, c)| c);
    let length = match second {
        Some('u') => rest.find('}').map_or(2, |end| end.saturating_add(1)),
        Some(c) => c.len_utf8().saturating_add(1),
        None => 1,
    };
    let escape = rest.get(..length).unwrap_or(rest);
    let help = r#"the escapes are `\"`, `\\`, `\n` and `\u{…}` with the number of a character in hexadecimal"#;
    Wrong::new(codes::BAD_ESCAPE, range_of(token, escape), format!("`{escape}` is no escape"), help)
}
