//! Trend without a normal distribution: Theil-Sen slope and Mann-Kendall test.
//!
//! ```
//! use straingauge::num::robust::{mann_kendall, theil_sen};
//!
//! let days = [0.0, 14.0, 28.0, 42.0, 56.0, 70.0];
//! let scores = [20.0, 22.0, 21.0, 24.0, 25.0, 27.0];
//! let line = theil_sen(&days, &scores, 0.95).unwrap();
//! assert!(line.low > 0.0 && line.low <= line.slope && line.slope <= line.high);
//! let trend = mann_kendall(&scores).unwrap();
//! assert_eq!((trend.s, trend.exact), (13, true));
//! ```

use super::{dist, quantile::median};

/// Fewest points for [`theil_sen`]: below, its interval would be the whole range of slopes
/// whatever the confidence asked for.
pub(super) const MIN_SLOPE_POINTS: usize = 5;

/// Most values for which [`mann_kendall`] counts orders, without and with ties.
const EXACT: [usize; 2] = [10, 8];

/// Pairs of the most values for which orders are counted.
const EXACT_PAIRS: usize = EXACT[0] * (EXACT[0] - 1) / 2;

/// A robust line through points in time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TheilSen {
    /// Median of the slopes of all pairs with different `x`, in units of `y` per unit of `x`.
    pub slope: f64,
    /// `median(y) - slope * median(x)`.
    pub intercept: f64,
    /// Lower end of the interval for the slope.
    pub low: f64,
    /// Upper end of the interval for the slope.
    pub high: f64,
}

/// Theil-Sen slope with Sen's interval from the ranks of the slopes (P. K. Sen 1968,
/// doi:10.1080/01621459.1968.10480934), as SciPy's `theilslopes` has it.
///
/// With few points the ranks end before the confidence is reached: five points give the whole range
/// of slopes from 92 % up, and that range covers 98 %.
///
/// `None` below five points, for lengths that differ, values that are not finite, all `x` equal,
/// or `confidence` outside (0, 1).
pub fn theil_sen(x: &[f64], y: &[f64], confidence: f64) -> Option<TheilSen> {
    let n = x.len();
    if n != y.len() || n < MIN_SLOPE_POINTS || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let mut buffer = Vec::with_capacity(n * (n - 1) / 2);
    buffer.extend_from_slice(x);
    let spread = kendall_sum(n) - tied_sum(&mut buffer);
    let middle_x = median(&mut buffer)?;
    buffer.clear();
    buffer.extend_from_slice(y);
    let spread = spread - tied_sum(&mut buffer);
    let middle_y = median(&mut buffer)?;
    buffer.clear();
    for (i, (xi, yi)) in x.iter().zip(y).enumerate() {
        for (xj, yj) in x.iter().zip(y).skip(i + 1) {
            if xi != xj {
                buffer.push((yj - yi) / (xj - xi));
            }
        }
    }
    let slope = median(&mut buffer)?;
    let last = buffer.len() - 1;
    // Ties on both sides may take off more than there is; then nothing is left to spread.
    let reach = -dist::normal_quantile(0.5 * (1.0 - confidence))? * (spread.max(0.0) / 18.0).sqrt();
    let pairs = buffer.len() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let rank = |place: f64| place.clamp(0.0, last as f64) as usize;
    let upper = rank(f64::midpoint(pairs, reach).round_ties_even());
    let lower = rank(f64::midpoint(pairs, -reach).round_ties_even() - 1.0);
    let high = *buffer.select_nth_unstable_by(upper, f64::total_cmp).1;
    let low = *buffer.select_nth_unstable_by(lower, f64::total_cmp).1;
    let intercept = middle_y - slope * middle_x;
    intercept.is_finite().then_some(TheilSen { slope, intercept, low, high })
}

/// n (n - 1) (2 n + 5): eighteen times Kendall's variance of S for `n` different values.
pub(super) fn kendall_sum(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0)
}

/// The part of [`kendall_sum`] that ties take off. Sorts the values.
pub(super) fn tied_sum(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.chunk_by(|a, b| a == b).map(|tie| kendall_sum(tie.len())).sum()
}

/// Result of a Mann-Kendall test.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MannKendall {
    /// Pairs that rise minus pairs that fall.
    pub s: i64,
    /// Variance of `s` when there is no trend, corrected for ties.
    pub var_s: f64,
    /// `s` moved one step towards zero, over its standard deviation; 0 where all values are equal.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Whether `p` counts all orders of the values, not the normal approximation.
    pub exact: bool,
    /// Kendall's tau-a: `s` over the number of pairs.
    pub tau: f64,
}

/// Test for a steady rise or fall in values given in order of time (H. B. Mann 1945,
/// doi:10.2307/1907187; M. G. Kendall 1975).
///
/// The p-value is exact up to ten values, with ties up to eight; beyond, normal with correction
/// for ties and continuity. It assumes independent values: where neighbours resemble each other it
/// is too small. `None` below three values or for a value that is not finite.
pub fn mann_kendall(y: &[f64]) -> Option<MannKendall> {
    let n = y.len();
    if n < 3 || !y.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut s = 0_i64;
    for (i, early) in y.iter().enumerate() {
        for late in y.iter().skip(i + 1) {
            s += i64::from(late > early) - i64::from(late < early);
        }
    }
    let mut sorted = y.to_vec();
    let tied = tied_sum(&mut sorted);
    Some(MannKendall::of(n, s, tied, sorted.chunk_by(|a, b| a == b).map(<[f64]>::len)))
}

impl MannKendall {
    /// The test of `n` values with this `s`; `ties` are the numbers of equal values, ones too, and
    /// `tied` is what they take off [`kendall_sum`].
    pub(super) fn of(n: usize, s: i64, tied: f64, ties: impl Iterator<Item = usize>) -> Self {
        let var_s = (kendall_sum(n) - tied) / 18.0;
        let toward_zero = (s - s.signum()) as f64;
        let z = if var_s > 0.0 { toward_zero / var_s.sqrt() } else { 0.0 };
        let [without, with] = EXACT;
        let exact = n <= if tied == 0.0 { without } else { with };
        let p = if exact { exact_p(ties, s) } else { (2.0 * dist::normal_sf(z.abs())).min(1.0) };
        let pairs = n as f64 * (n as f64 - 1.0) / 2.0;
        Self { s, var_s, z, p, exact, tau: s as f64 / pairs }
    }
}

/// Share of all orders of values with these ties whose S is at least as far from zero.
///
/// Orders by their number of falling pairs are counted by the Gaussian multinomial coefficient
/// (MacMahon 1913), built as a product of Gaussian binomials: no order is written out.
#[expect(clippy::indexing_slicing, reason = "`at` ends at EXACT_PAIRS, steps are no longer")]
fn exact_p(ties: impl Iterator<Item = usize>, s: i64) -> f64 {
    let mut counts = [0_i64; EXACT_PAIRS + 1];
    counts[0] = 1;
    let (mut placed, mut untied) = (0, 0);
    for tie in ties {
        // [placed + tie choose tie] is the product of (1 - q^(placed + m)) / (1 - q^m).
        for m in 1..=tie {
            for at in (placed + m..=EXACT_PAIRS).rev() {
                counts[at] -= counts[at - placed - m];
            }
            for at in m..=EXACT_PAIRS {
                counts[at] += counts[at - m];
            }
        }
        untied += placed * tie;
        placed += tie;
    }
    let (mut far, mut all) = (0, 0);
    for (falls, count) in counts.into_iter().enumerate().take(untied + 1) {
        all += count;
        if untied.abs_diff(2 * falls) as u64 >= s.unsigned_abs() {
            far += count;
        }
    }
    far as f64 / all as f64
}
