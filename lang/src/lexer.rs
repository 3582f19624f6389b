//! Characters into tokens. Total: every text has tokens, and they cover it without a gap.
//!
//! The one question a lexer cannot answer from left to right is where CEL without its last backtick ends, because the
//! next backtick may open other CEL far below. So the text is first taken at its word. Only if that leaves CEL open at
//! the end of the file, it is read again, and CEL then also ends before a line that starts with `}` or a declaration.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{anychar, char, none_of};
use nom::combinator::{not, opt, recognize, value};
use nom::error::ErrorKind;
use nom::multi::many0_count;
use nom::sequence::pair;
use nom::{IResult, Parser};

use crate::grammar::DECLARATIONS;
use crate::syntax_kind::SyntaxKind;

/// One token, by its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: SyntaxKind,
    pub start: u32,
    pub end: u32,
}

/// All tokens of a text in order, trivia among them.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let tokens = lex_as(text, CelEnd::Backtick);
    let open = |token: &Token| token.kind == SyntaxKind::Cel && !is_closed(slice(text, *token), '`');
    if tokens.last().is_some_and(open) { lex_as(text, CelEnd::BacktickOrAnchor) } else { tokens }
}

/// A piece of a file as part of a sentence: on one line, without comments.
///
/// ```
/// assert_eq!(fleetnet_lang::on_one_line("in one,  # the first\n two"), "in one, two");
/// ```
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut is_apart = false;
    for each in lex(text) {
        if each.kind.is_trivia() {
            is_apart = !line.is_empty();
        } else {
            if std::mem::take(&mut is_apart) {
                line.push(' ');
            }
            line.push_str(slice(text, each));
        }
    }
    line
}

/// Whether a string or CEL token has its last delimiter.
pub(crate) fn is_closed(token: &str, delimiter: char) -> bool {
    let mut chars = token.chars();
    if chars.next() != Some(delimiter) || chars.next_back() != Some(delimiter) {
        return false;
    }
    let backslashes = chars.as_str().chars().rev().take_while(|c| *c == '\\').count();
    delimiter == '`' || backslashes.is_multiple_of(2)
}

/// Where CEL may end.
#[derive(Clone, Copy)]
enum CelEnd {
    Backtick,
    BacktickOrAnchor,
}

fn lex_as(text: &str, cel_end: CelEnd) -> Vec<Token> {
    // Three bytes a token, blanks among them, are what files have; growing would move them all again and again.
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 3);
    let mut rest = text;
    let mut start = 0_u32;
    while let Ok((after, kind)) = token(rest, cel_end) {
        let length = u32::try_from(rest.len().saturating_sub(after.len())).unwrap_or(u32::MAX);
        let end = start.saturating_add(length);
        match tokens.last_mut() {
            Some(last) if kind == SyntaxKind::Unknown && last.kind == kind => last.end = end,
            _ => tokens.push(Token { kind, start, end }),
        }
        (rest, start) = (after, end);
    }
    tokens
}

/// The first token of a text; an error only at its end.
fn token(text: &str, cel_end: CelEnd) -> IResult<&str, SyntaxKind> {
    alt((
        value(SyntaxKind::Whitespace, take_while1(|c| matches!(c, ' ' | '\t' | '\r' | '\u{feff}'))),
        value(SyntaxKind::Newline, char('\n')),
        value(SyntaxKind::Word, word),
        value(SyntaxKind::DocComment, (tag("##"), not(char('#')), take_while(|c| c != '\n'))),
        value(SyntaxKind::Comment, pair(char('#'), take_while(|c| c != '\n'))),
        value(SyntaxKind::Arrow, tag("->")),
        value(SyntaxKind::String, string),
        value(SyntaxKind::Cel, |text| cel(text, cel_end)),
        sign,
        value(SyntaxKind::Unknown, anychar),
    ))
    .parse(text)
}

fn sign(text: &str) -> IResult<&str, SyntaxKind> {
    alt((
        value(SyntaxKind::LBrace, char('{')),
        value(SyntaxKind::RBrace, char('}')),
        value(SyntaxKind::LParen, char('(')),
        value(SyntaxKind::RParen, char(')')),
        value(SyntaxKind::Comma, char(',')),
        value(SyntaxKind::Semicolon, char(';')),
        value(SyntaxKind::Eq, char('=')),
        value(SyntaxKind::NotEq, tag("!=")),
    ))
    .parse(text)
}

/// A word, `$` in front or not; `->` ends it. Letters of any script belong to it, so that a name in another script is
/// one wrong name and not a row of stray characters.
fn word(text: &str) -> IResult<&str, &str> {
    recognize(pair(opt(char('$')), letters)).parse(text)
}

fn letters(text: &str) -> IResult<&str, &str> {
    let (rest, all) = take_while1(is_letter)(text)?;
    let before_arrow = if rest.starts_with('>') { all.strip_suffix('-') } else { None };
    match before_arrow {
        None => Ok((rest, all)),
        Some("") => Err(nom::Err::Error(nom::error::Error::new(text, ErrorKind::TakeWhile1))),
        Some(word) => Ok(split_at(text, word.len())),
    }
}

fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '/' | ':' | '%' | '*' | '+' | '@' => true,
        _ => !c.is_ascii() && c.is_alphanumeric(),
    }
}

/// A string up to its last quote. Without one it ends with its line, or before what more likely belongs to a block
/// than to it: a `{` behind a blank, a backtick, and the closing signs at the line's end.
fn string(text: &str) -> IResult<&str, &str> {
    let escape = recognize(pair(char('\\'), none_of("\n")));
    let body = (char('"'), many0_count(alt((recognize(none_of("\"\\\n")), escape, tag("\\")))));
    let (rest, open) = recognize(body).parse(text)?;
    if let Some(rest) = rest.strip_prefix('"') {
        return Ok((rest, text.get(..open.len().saturating_add(1)).unwrap_or(text)));
    }
    let blocks = [open.find(" {"), open.find('`')].into_iter().flatten().min();
    let own = blocks.and_then(|end| open.get(..end)).unwrap_or(open);
    let kept = own.trim_end_matches([' ', '\t', '\r', '}', ')', ';']).len().max(1);
    Ok(split_at(text, kept))
}

fn cel(text: &str, end: CelEnd) -> IResult<&str, &str> {
    let (body, _) = char('`')(text)?;
    let closed = body.find('`').map_or(text.len(), |offset| offset.saturating_add(2));
    let anchor = match end {
        CelEnd::Backtick => None,
        CelEnd::BacktickOrAnchor => anchor(text, closed),
    };
    let before_anchor = anchor.and_then(|offset| text.get(..offset)).map(|open| open.trim_end().len());
    Ok(split_at(text, before_anchor.unwrap_or(closed)))
}

/// The first line before `limit` that starts, without a blank, with `}` or a keyword that starts declarations.
fn anchor(text: &str, limit: usize) -> Option<usize> {
    let before = text.get(..limit)?;
    let lines = before.match_indices('\n').map(|(offset, _)| offset.saturating_add(1));
    lines.into_iter().find(|offset| {
        let line = text.get(*offset..).unwrap_or("");
        let first = line.split(|c: char| c.is_whitespace()).next().unwrap_or("");
        line.starts_with('}') || DECLARATIONS.knows(first)
    })
}

/// The rest and the head of a text, as nom gives them.
fn split_at(text: &str, at: usize) -> (&str, &str) {
    let (head, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    (rest, head)
}

/// The text of a token.
pub(crate) fn slice(text: &str, token: Token) -> &str {
    text.get(token.start as usize..token.end as usize).unwrap_or("")
}
