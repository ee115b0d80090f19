//! Distribution functions and quantiles: normal, t, chi-square, F, beta.
//!
//! Accuracies below are the largest relative error against references of 20 digits or more that
//! `tests/num_oracle.rs` allows; most answers are better by a digit or two. Far tails keep their
//! digits: a p-value of `1e-40` is as good as one of `0.04`, and as good with a million degrees of
//! freedom as with ten.
//!
//! A quantile is `None` unless `0 < p < 1`; a function with parameters is `None` where one of them
//! is not positive and finite, or where the point is not a number. A quantile too small or too
//! large for an `f64` is `None` too.
//!
//! ```
//! use straingauge::num::dist;
//!
//! assert!((dist::normal_quantile(0.975).unwrap() - 1.959963984540054).abs() < 1e-14);
//! assert!((dist::t_two_sided_p(2.5, 18.0).unwrap() - 0.0223).abs() < 5e-5);
//! assert_eq!(dist::t_two_sided_p(2.5, 0.0), None);
//! ```

use super::incomplete::{self, Tail};
use std::f64::consts::SQRT_2;

/// Largest degrees of freedom for which [`f_cdf`] answers.
const F_CDF_LIMIT: f64 = 1e5;

fn probability(p: f64) -> Option<f64> {
    (p > 0.0 && p < 1.0).then_some(p)
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0 && value.is_finite()).then_some(value)
}

fn number(x: f64) -> Option<f64> {
    (!x.is_nan()).then_some(x)
}

/// Standard normal distribution function, to 1e-13. Defined for every number, infinities
/// included; a NaN is handed back.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// Upper tail of the standard normal distribution, to 1e-13: `1 - normal_cdf(x)` without its
/// cancellation. Defined as [`normal_cdf`] is.
pub fn normal_sf(x: f64) -> f64 {
    0.5 * libm::erfc(x / SQRT_2)
}

/// Quantile of the standard normal distribution, to 1e-15.
pub fn normal_quantile(p: f64) -> Option<f64> {
    Some(-SQRT_2 * statrs::function::erf::erfc_inv(2.0 * probability(p)?))
}

/// Probability of a Student's t beyond `|t|` on both sides, and of one between.
fn t_sides(t: f64, df: f64) -> Option<(f64, f64)> {
    // t² and df may each be too large to add to the other; their ratio is not.
    let ratio = number(t)?.abs() / positive(df)?.sqrt();
    let (square, inverse) = (ratio * ratio, ratio.recip() * ratio.recip());
    let sides = (1.0 / (1.0 + square), 1.0 / (1.0 + inverse));
    let tails = incomplete::beta(0.5 * df, 0.5, sides)?;
    Some((tails.lower, tails.upper))
}

/// Distribution function of Student's t with `df` degrees of freedom, whole or not, to 1e-13. Take
/// the upper tail as `t_cdf(-x, df)`.
pub fn t_cdf(x: f64, df: f64) -> Option<f64> {
    let (outside, inside) = t_sides(x, df)?;
    Some(if x < 0.0 { 0.5 * outside } else { 0.5 + 0.5 * inside })
}

/// Probability of a Student's t at least as far from zero as `t`, to 1e-13.
pub fn t_two_sided_p(t: f64, df: f64) -> Option<f64> {
    Some(t_sides(t, df)?.0)
}

/// Quantile of Student's t, to 1e-14 at any `df`.
pub fn t_quantile(p: f64, df: f64) -> Option<f64> {
    let (p, df) = (probability(p)?, positive(df)?);
    let inside = (2.0 * p - 1.0).abs();
    if inside == 0.0 {
        return Some(0.0);
    }
    let tail = if inside > 0.5 { Tail::Lower(2.0 * p.min(1.0 - p)) } else { Tail::Upper(inside) };
    let logit = beta_logit(tail, 0.5 * df, 0.5)?;
    finite((df.sqrt() * (-0.5 * logit).exp()).copysign(p - 0.5))
}

/// Upper tail of the chi-square distribution with `df` degrees of freedom, to 1e-13. `None` also
/// beyond about 1e8 degrees of freedom.
pub fn chi2_sf(x: f64, df: f64) -> Option<f64> {
    Some(incomplete::gamma(0.5 * positive(df)?, 0.5 * number(x)?)?.upper)
}

/// Quantile of the chi-square distribution, to 1e-14. `None` also beyond about 1e8 degrees of
/// freedom.
pub fn chi2_quantile(p: f64, df: f64) -> Option<f64> {
    let (p, a) = (probability(p)?, 0.5 * positive(df)?);
    let ln = incomplete::solve(Tail::smaller(p), a.ln(), |u| incomplete::gamma(a, u.exp()))?;
    finite(2.0 * ln.exp())
}

/// Distribution function of Fisher's F, to 1e-13. `None` also above 1e5 degrees of freedom on
/// either side.
pub fn f_cdf(x: f64, d1: f64, d2: f64) -> Option<f64> {
    let (d1, d2) = (positive(d1)?, positive(d2)?);
    if d1 > F_CDF_LIMIT || d2 > F_CDF_LIMIT {
        return None;
    }
    let odds = d1 / d2 * number(x)?.max(0.0);
    let sides = (1.0 / (1.0 + odds.recip()), 1.0 / (1.0 + odds));
    Some(incomplete::beta(0.5 * d1, 0.5 * d2, sides)?.lower)
}

/// Quantile of Fisher's F, to 1e-14, to 1e-13 in the millions of degrees of freedom.
pub fn f_quantile(p: f64, d1: f64, d2: f64) -> Option<f64> {
    let (p, d1, d2) = (probability(p)?, positive(d1)?, positive(d2)?);
    let logit = beta_logit(Tail::smaller(p), 0.5 * d1, 0.5 * d2)?;
    finite(d2 / d1 * logit.exp())
}

/// Quantile of the beta distribution with shapes `a` and `b`, to 1e-14, near zero too.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Option<f64> {
    beta_with_tail(Tail::smaller(probability(p)?), positive(a)?, positive(b)?)
}

/// [`beta_quantile`] by a given tail, so that a small upper tail needs no `1 - p`.
pub(super) fn beta_with_tail(tail: Tail, a: f64, b: f64) -> Option<f64> {
    Some(1.0 / (1.0 + (-beta_logit(tail, a, b)?).exp()))
}

fn beta_logit(tail: Tail, a: f64, b: f64) -> Option<f64> {
    incomplete::solve(tail, (a / b).ln(), |u| {
        incomplete::beta(a, b, (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp())))
    })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Natural logarithm of the absolute value of the gamma function, to 1e-15; infinite at zero and
/// at the negative whole numbers.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}
