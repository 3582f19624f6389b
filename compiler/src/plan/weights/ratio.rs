//! Parts of wholes, in whole numbers.

/// A part of a whole; nothing of nothing is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// The part; never more than the whole.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Ratio {
    /// Hundredths of a percent, rounded.
    #[must_use]
    pub fn hundredths(self) -> u64 {
        let whole = u128::from(self.whole.max(1));
        u64::try_from((u128::from(self.part) * 10_000 + whole / 2) / whole).unwrap_or(u64::MAX)
    }

    /// Whether two shares differ by more than some hundredths of a percent.
    #[must_use]
    pub fn differs_by_more(self, other: Self, hundredths: u32) -> bool {
        let (own, others) = (u128::from(self.whole.max(1)), u128::from(other.whole.max(1)));
        let apart = (u128::from(self.part) * others).abs_diff(u128::from(other.part) * own);
        apart.saturating_mul(10_000) > own.saturating_mul(others).saturating_mul(hundredths.into())
    }
}

impl std::fmt::Display for Ratio {
    /// As a percentage with up to two decimals.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = self.hundredths();
        match (hundredths / 100, hundredths % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, rest) if rest % 10 == 0 => write!(f, "{whole}.{}%", rest / 10),
            (whole, rest) => write!(f, "{whole}.{rest:02}%"),
        }
    }
}

/// Weights up to here are kept as they are; products of sums of 255 of them stay below 2^128.
const LARGEST: u64 = 1 << 40;

/// The smallest whole numbers with the same ratios. Weights beyond any use lose what is finer than a trillionth.
pub(super) fn reduced(weights: &[u64]) -> Vec<u64> {
    let divisor = weights.iter().copied().fold(0, gcd).max(1);
    let largest = weights.iter().copied().max().unwrap_or(0) / divisor;
    let coarse = largest.div_ceil(LARGEST).max(1);
    weights.iter().map(|weight| scaled(weight / divisor, coarse)).collect()
}

/// A part of a weight, but never nothing of something.
fn scaled(weight: u64, divisor: u64) -> u64 {
    (weight / divisor).max(weight.min(1))
}

pub(super) fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `weight * numerator / denominator`, rounded, but never nothing of something.
pub(super) fn rounded(weight: u64, numerator: u64, denominator: u64) -> u64 {
    let denominator = u128::from(denominator.max(1));
    let value = (u128::from(weight) * u128::from(numerator) + denominator / 2) / denominator;
    u64::try_from(value).unwrap_or(u64::MAX).max(weight.min(1))
}

/// The largest difference of two lists of parts: a numerator, and the denominator less the sum of `asked`.
pub(super) fn distance(asked: &[u64], given: &[u64]) -> (u128, u128) {
    let total = |parts: &[u64]| parts.iter().map(|part| u128::from(*part)).sum::<u128>().max(1);
    let (wanted, whole) = (total(asked), total(given));
    let apart = |(asked, given): (&u64, &u64)| (u128::from(*given) * wanted).abs_diff(u128::from(*asked) * whole);
    (asked.iter().zip(given).map(apart).max().unwrap_or(0), whole)
}

/// Whether one fraction is below another.
pub(super) fn is_less((a, b): (u128, u128), (c, d): (u128, u128)) -> bool {
    a.saturating_mul(d) < c.saturating_mul(b)
}
