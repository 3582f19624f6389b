//! Numbers, percentages, parts of a whole, durations.

use std::ops::RangeInclusive;
use std::time::Duration;

use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::{all_consuming, opt};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::{Wrong, digits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A share of a whole, exact in millionths: `25%` is 250 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    millionths: u32,
}

impl Percent {
    /// The whole.
    pub const WHOLE: Self = Self { millionths: 1_000_000 };

    /// A share in millionths; nothing above the whole.
    #[must_use]
    pub fn from_millionths(millionths: u32) -> Option<Self> {
        (millionths <= Self::WHOLE.millionths).then_some(Self { millionths })
    }

    /// In millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.millionths
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.millionths / 10_000, self.millionths % 10_000);
        let decimals = format!("{part:04}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}%"),
            decimals => write!(f, "{whole}.{decimals}%"),
        }
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Amount {
    /// In proportion to the other parts.
    Number(u64),
    /// Of the whole.
    Percent(Percent),
}

/// A number in decimal digits within `range`.
pub fn number(text: &str, span: Span, range: RangeInclusive<u64>) -> Result<u64, Diagnostic> {
    let (low, high) = (*range.start(), *range.end());
    let help = format!("write a number from {low} to {high}");
    let message = match digits(text) {
        Some(value) if range.contains(&value) => return Ok(value),
        Some(_) => format!("{text} is not between {low} and {high}"),
        None if is_digits(text) => format!("{text} is too large"),
        None => format!("`{text}` is not a number"),
    };
    Err(Wrong::new(codes::BAD_NUMBER, 0..text.len(), message, help).at(span))
}

/// `25%`, with up to four decimals: `33.3333%`.
pub fn percent(text: &str, span: Span) -> Result<Percent, Diagnostic> {
    const DECIMALS: usize = 4;
    let number = |text| take_while1::<_, &str, nom::error::Error<&str>>(|c: char| c.is_ascii_digit()).parse(text);
    let parsed: IResult<&str, (&str, Option<&str>)> =
        all_consuming(terminated((number, opt(preceded(char('.'), number))), char('%'))).parse(text);
    let wrong = |message: String, help: &str| Wrong::new(codes::BAD_PERCENT, 0..text.len(), message, help).at(span);
    let Ok((_, (whole, decimals))) = parsed else {
        let help = "write a number and `%`, for instance `25%` or `0.5%`";
        return Err(wrong(format!("`{text}` is not a percentage"), help));
    };
    let decimals = decimals.unwrap_or("");
    if decimals.len() > DECIMALS {
        return Err(wrong(format!("`{text}` has more than {DECIMALS} decimals"), "round it"));
    }
    let millionths = digits(&format!("{whole}{decimals:0<DECIMALS$}"));
    let percent = millionths.and_then(|value| Percent::from_millionths(u32::try_from(value).ok()?));
    percent.ok_or_else(|| wrong(format!("`{text}` is more than the whole"), "write at most `100%`"))
}

/// A number or a percentage.
pub fn amount(text: &str, span: Span) -> Result<Amount, Diagnostic> {
    if text.ends_with('%') {
        return percent(text, span).map(Amount::Percent);
    }
    number(text, span, 0..=u64::from(u32::MAX)).map(Amount::Number)
}

/// `30s`, `5m` or `2h`.
pub fn duration(text: &str, span: Span) -> Result<Duration, Diagnostic> {
    let number = |text| take_while1::<_, &str, nom::error::Error<&str>>(|c: char| c.is_ascii_digit()).parse(text);
    let help = "write a number and `s`, `m` or `h`, for instance `30s`";
    let wrong = |range, message: String| Wrong::new(codes::BAD_DURATION, range, message, help).at(span);
    let Ok((unit, count)) = number(text) else {
        return Err(wrong(0..text.len(), format!("`{text}` is not a duration")));
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "" => return Err(wrong(0..text.len(), format!("`{text}` has no unit"))),
        _ => return Err(wrong(count.len()..text.len(), format!("`{unit}` is not a unit of time"))),
    };
    let total = digits(count).and_then(|count| count.checked_mul(seconds)).filter(|total| *total <= LONGEST);
    total.map(Duration::from_secs).ok_or_else(|| wrong(0..count.len(), format!("`{text}` is longer than a year")))
}

/// The longest duration, in seconds: nothing a fleet waits for takes more than a year.
const LONGEST: u64 = 366 * 24 * 3600;

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
