//! Regularised incomplete beta and gamma functions, both tails at once.
//!
//! The usual prefactor `exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + …)` subtracts numbers of
//! the size of `a` and loses as many digits. Here it is a saddle-point form whose terms are small
//! when the result is not, so that accuracy does not fall with the degrees of freedom: C. Loader
//! (2000), *Fast and Accurate Computation of Binomial Probabilities*. The tails themselves are
//! the standard continued fractions (DLMF 8.17.22 and 8.9.2) by the modified Lentz method.

use std::f64::consts::TAU;

/// Both tails at one point, and the derivative of the lower one on the scale that
/// [`solve`] works on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tails {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) slope: f64,
}

impl Tails {
    fn from_lower(lower: f64, slope: f64) -> Self {
        // Rounding may lift a tail that is nearly everything above one.
        let lower = lower.min(1.0);
        Self { lower, upper: 1.0 - lower, slope }
    }

    fn from_upper(upper: f64, slope: f64) -> Self {
        let Self { lower, upper, slope } = Self::from_lower(upper, slope);
        Self { lower: upper, upper: lower, slope }
    }
}

/// Which tail a probability belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tail {
    Lower(f64),
    Upper(f64),
}

impl Tail {
    /// The smaller tail of the quantile at `p`; `1 - p` is exact from one half up.
    pub(super) fn smaller(p: f64) -> Self {
        if p <= 0.5 { Self::Lower(p) } else { Self::Upper(1.0 - p) }
    }
}

/// Beta(a, b) at `x`, with `y = 1 - x` given apart because either may be tiny.
/// The slope is with respect to `ln(x / y)`.
pub(super) fn beta(a: f64, b: f64, (x, y): (f64, f64)) -> Option<Tails> {
    if x <= 0.0 || y <= 0.0 {
        let lower = if x <= 0.0 { 0.0 } else { 1.0 };
        return Some(Tails::from_lower(lower, 0.0));
    }
    let n = a + b;
    let slope = (a / n * b / TAU).sqrt()
        * (stirling_error(n)
            - stirling_error(a)
            - stirling_error(b)
            - deviance(a, n * x)
            - deviance(b, n * y))
        .exp();
    // The fraction converges fast on its own side of the mean only.
    if x <= (a + 1.0) / (n + 2.0) {
        Some(Tails::from_lower(slope * beta_fraction(a, b, (x, y))?, slope))
    } else {
        Some(Tails::from_upper(slope * beta_fraction(b, a, (y, x))?, slope))
    }
}

/// Gamma(a, 1) at `x`. The slope is with respect to `ln x`.
pub(super) fn gamma(a: f64, x: f64) -> Option<Tails> {
    if x <= 0.0 || x == f64::INFINITY {
        let lower = if x <= 0.0 { 0.0 } else { 1.0 };
        return Some(Tails::from_lower(lower, 0.0));
    }
    let slope = (a / TAU).sqrt() * (-stirling_error(a) - deviance(a, x)).exp();
    if x <= a + 1.0 {
        Some(Tails::from_lower(slope * gamma_series(a, x)?, slope))
    } else {
        Some(Tails::from_upper(slope * gamma_fraction(a, x)?, slope))
    }
}

/// The point `u` whose tail holds the wanted probability, by Newton's method on the logarithm of
/// that tail.
///
/// The densities here are log-concave in `u` (logit or logarithm of the variable), so the
/// logarithm of either tail is concave: a step may pass the root once, and the next ones walk back
/// to it without passing it again. That side is the bracket; a step so long that the tail
/// vanishes is halved.
pub(super) fn solve(tail: Tail, start: f64, tails: impl Fn(f64) -> Option<Tails>) -> Option<f64> {
    let (mut u, mut good, mut last) = (start, start, f64::INFINITY);
    for _ in 0..500 {
        let at = tails(u)?;
        let (wanted, found, sign) = match tail {
            Tail::Lower(p) => (p, at.lower, 1.0),
            Tail::Upper(p) => (p, at.upper, -1.0),
        };
        let step = sign * (wanted / found).ln() * found / at.slope;
        if !step.is_finite() {
            if u == good {
                return None;
            }
            u = f64::midpoint(u, good);
            continue;
        }
        good = u;
        u += step;
        // Steps shrink quadratically until rounding stops them.
        if u == good || (step.abs() <= 1e-9 * u.abs().max(1.0) && step.abs() >= last) {
            return Some(u);
        }
        last = step.abs();
    }
    None
}

const STEPS: u32 = 100_000;
const TINY: f64 = 1e-300;

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// Even part of DLMF 8.17.22, by Lentz's method, inverted: `I_x(a, b)` is `x^a y^b / B(a, b)` times
/// this. Written with `a y - b x`, which keeps its digits where `x` is near one.
fn beta_fraction(a: f64, b: f64, (x, y): (f64, f64)) -> Option<f64> {
    let from_mean = a * y - b * x + 1.0;
    let denominator = |m: f64| {
        m + m * (b - m) * x / (a + 2.0 * m - 1.0)
            + (a + m) * (from_mean + m * (1.0 + y)) / (a + 2.0 * m + 1.0)
    };
    let mut value = away_from_zero(a * from_mean / (a + 1.0));
    let mut c = value;
    let mut d = 0.0;
    for m in (1..=STEPS).map(f64::from) {
        let scale = x / (a + 2.0 * m - 1.0);
        let numerator = (a + m - 1.0) * scale * (a + b + m - 1.0) * scale * m * (b - m);
        let part = denominator(m);
        d = 1.0 / away_from_zero(part + numerator * d);
        c = away_from_zero(part + numerator / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            return Some(1.0 / value);
        }
    }
    None
}

/// DLMF 8.11.4, divided by the prefactor.
fn gamma_series(a: f64, x: f64) -> Option<f64> {
    let mut term = 1.0 / a;
    let mut sum = term;
    for k in (1..=STEPS).map(f64::from) {
        term *= x / (a + k);
        sum += term;
        if term <= sum * f64::EPSILON {
            return Some(sum);
        }
    }
    None
}

/// DLMF 8.9.2, divided by the prefactor.
fn gamma_fraction(a: f64, x: f64) -> Option<f64> {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away_from_zero(b);
    let mut value = d;
    for k in (1..=STEPS).map(f64::from) {
        let term = -k * (k - a);
        b += 2.0;
        d = 1.0 / away_from_zero(b + term * d);
        c = away_from_zero(b + term / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            return Some(value);
        }
    }
    None
}

/// Error of Stirling's formula: `ln Gamma(n + 1) - (n + 1/2) ln n + n - ln(2 pi) / 2`.
fn stirling_error(n: f64) -> f64 {
    // Bernoulli terms B_2k / (2k (2k - 1) n^(2k - 1)), highest first; the next is below 3e-17.
    const TERMS: [f64; 7] = [
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1_188.0,
        -1.0 / 1_680.0,
        1.0 / 1_260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    if n < 10.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * TAU.ln();
    }
    TERMS.iter().fold(0.0, |sum, term| sum / (n * n) + term) / n
}

/// Deviance `x ln(x / m) + m - x`, without cancellation near `x = m`.
fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() >= 0.1 {
        return x * (x / m).ln() + m - x;
    }
    // x ln(x/m) = 2 x artanh(v) as a series in v.
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for k in 1..=20_u32 {
        power *= v * v;
        let next = sum + power / f64::from(2 * k + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
