//! Versions of software, as releases are numbered.

use std::cmp::Ordering;

use nom::bytes::complete::take_while1;
use nom::character::complete::{char, digit1};
use nom::combinator::{all_consuming, map_res, opt, recognize, verify};
use nom::multi::separated_list1;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::Wrong;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// `1.18.9` or `1.20.0-rc.1`, in the order of releases.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
    /// What stands behind a `-`, if it is no release yet.
    pub pre: Option<String>,
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (&self.pre, &other.pre) {
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(own), Some(others)) => compare_parts(own, others),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        match &self.pre {
            Some(pre) => write!(f, "-{pre}"),
            None => Ok(()),
        }
    }
}

/// Numbers by value, below words; words by letters; where one list ends, it is below.
fn compare_parts(own: &str, others: &str) -> Ordering {
    let key = |part: &str| (super::digits(part).is_none(), super::digits(part), part.to_owned());
    own.split('.').map(key).cmp(others.split('.').map(key))
}

/// Three numbers joined by dots, then perhaps `-` and dotted words. No number has a zero in front: to some readers it is another number, to
/// others none.
pub fn version(text: &str, span: Span) -> Result<Version, Diagnostic> {
    let parsed: IResult<&str, (u32, u32, u32, Option<&str>)> = all_consuming((
        number,
        preceded(char('.'), number),
        preceded(char('.'), number),
        opt(preceded(char('-'), recognize(separated_list1(char('.'), part)))),
    ))
    .parse(text);
    let parsed =
        parsed.map(|(_, (major, minor, patch, pre))| Version { major, minor, patch, pre: pre.map(str::to_owned) });
    parsed.map_err(|_| {
        let message = format!("`{text}` is not a version");
        Wrong::new(codes::BAD_VERSION, 0..text.len(), message, "write it as `1.18.9`").at(span)
    })
}

fn number(text: &str) -> IResult<&str, u32> {
    map_res(verify(digit1, |digits: &str| !is_padded(digits)), str::parse).parse(text)
}

/// A word of what stands behind the `-`.
fn part(text: &str) -> IResult<&str, &str> {
    let word = take_while1(|c: char| c.is_ascii_alphanumeric() || c == '-');
    verify(word, |word: &str| !is_padded(word)).parse(text)
}

/// Whether a text is a number with zeros in front.
fn is_padded(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}
