//! Exact numbers: every score is a fraction of integers, so every cut-off is compared exactly.

use std::cmp::Ordering;
use std::fmt;

/// A fraction in lowest terms, `numerator / denominator` with a positive denominator.
///
/// Sums, means, prorated sums, ratios and table values are all fractions; comparing them with a
/// published edge such as 2.54 is then a comparison of integers, with no rounding on either side.
///
/// ```
/// use straingauge::instrument::Exact;
/// let mean = Exact::new(31, 12).unwrap();           // 31 points over 12 items
/// assert!(mean >= Exact::from_decimal(2.54).unwrap());
/// assert_eq!(mean.to_f64(), 31.0 / 12.0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exact {
    numerator: i64,
    denominator: i64,
}

/// Largest magnitude and number of decimals that an instrument file may claim.
const LARGEST: f64 = 1_000_000.0;
const MOST_PLACES: usize = 6;

impl Exact {
    /// Nought.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `numerator / denominator` in lowest terms; `None` for a zero denominator or where the
    /// reduced parts do not fit 64 bits.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        Self::reduced(i128::from(numerator), i128::from(denominator))
    }

    /// The decimal number that `value` prints as: 2.54 is 254/100, not the nearest binary fraction.
    /// `None` if it is not finite, beyond a million, or has more than six decimals.
    pub fn from_decimal(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() > LARGEST {
            return None;
        }
        let text = value.to_string();
        let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
        if places.len() > MOST_PLACES {
            return None;
        }
        let digits: i64 = format!("{whole}{places}").parse().ok()?;
        Self::new(digits, 10_i64.checked_pow(u32::try_from(places.len()).ok()?)?)
    }

    /// Whether a file that writes `decimal` means this value: it is the value, or the value rounded
    /// to the six decimals that a file may have, for a third cannot be written.
    pub(crate) fn is_written(self, decimal: Self) -> bool {
        const UNIT: i128 = 1_000_000;
        let apart = i128::from(self.numerator) * i128::from(decimal.denominator)
            - i128::from(decimal.numerator) * i128::from(self.denominator);
        let both = i128::from(self.denominator) * i128::from(decimal.denominator);
        apart == 0 || apart.saturating_abs().saturating_mul(2 * UNIT) <= both
    }

    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()? * denominator.signum();
        Some(Self {
            numerator: i64::try_from(numerator / divisor).ok()?,
            denominator: i64::try_from(denominator / divisor).ok()?,
        })
    }

    /// The numerator in lowest terms.
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The denominator in lowest terms, at least 1.
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// The value as an integer, if it is one.
    pub const fn as_integer(self) -> Option<i64> {
        if self.denominator == 1 { Some(self.numerator) } else { None }
    }

    /// The nearest `f64`: one correctly rounded division.
    pub const fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The product; `None` where it does not fit.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::reduced(
            i128::from(self.numerator) * i128::from(other.numerator),
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }

    /// The quotient; `None` for a zero divisor or where it does not fit.
    pub fn over(self, other: Self) -> Option<Self> {
        Self::reduced(
            i128::from(self.numerator) * i128::from(other.denominator),
            i128::from(self.denominator) * i128::from(other.numerator),
        )
    }
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    // Sums are small: the wide division is only for the rare wide pair.
    while b != 0 {
        if a <= u64::MAX as u128 && b <= u64::MAX as u128 {
            #[allow(clippy::cast_possible_truncation)] // just tested
            let (mut x, mut y) = (a as u64, b as u64);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            return x as u128;
        }
        (a, b) = (b, a % b);
    }
    a
}

impl From<i64> for Exact {
    fn from(value: i64) -> Self {
        Self { numerator: value, denominator: 1 }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        left.cmp(&right)
    }
}

/// The shortest decimal that reads back as the same `f64`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_integer() {
            Some(integer) => fmt::Display::fmt(&integer, f),
            None => fmt::Display::fmt(&self.to_f64(), f),
        }
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_taken_as_printed() {
        let edge = Exact::from_decimal(2.54).unwrap();
        assert_eq!((edge.numerator(), edge.denominator()), (127, 50));
        assert_eq!(edge.to_f64(), 2.54);
        assert_eq!(Exact::from_decimal(-0.5).unwrap(), Exact::new(1, -2).unwrap());
        assert_eq!(Exact::from_decimal(-0.0), Some(Exact::ZERO));
        for bad in [f64::NAN, f64::INFINITY, 1e7, 1e-7, 0.123_456_789] {
            assert_eq!(Exact::from_decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_sides_of_a_published_edge() {
        let edge = Exact::from_decimal(2.54).unwrap();
        assert!(Exact::new(30, 12).unwrap() < edge);
        assert!(Exact::new(31, 12).unwrap() >= edge);
        assert!(Exact::new(254, 100).unwrap() >= edge);
    }
}
