//! Distribution functions and quantiles.
//!
//! Accuracy is relative error against 34-digit references (`tests/oracle/distributions.csv`).
//! Far tails keep their digits: a p-value of `1e-40` is as good as one of `0.04`.

use super::incomplete::{self, Tail};
use std::f64::consts::SQRT_2;

/// Degrees of freedom from which [`t_quantile`] expands the normal quantile.
const T_NEAR_NORMAL: f64 = 1_000.0;

/// Largest degrees of freedom for which [`f_cdf`] answers.
const F_CDF_LIMIT: f64 = 1e5;

fn probability(p: f64) -> Option<f64> {
    (p > 0.0 && p < 1.0).then_some(p)
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0 && value.is_finite()).then_some(value)
}

/// Standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// Upper tail of the standard normal distribution, `1 - normal_cdf(x)` without its cancellation.
pub fn normal_sf(x: f64) -> f64 {
    0.5 * libm::erfc(x / SQRT_2)
}

/// Quantile of the standard normal distribution; `None` unless `0 < p < 1`.
pub fn normal_quantile(p: f64) -> Option<f64> {
    let p = probability(p)?;
    Some(-SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p))
}

/// Both tails of Student's t as (two-sided p, probability between `-|t|` and `|t|`).
fn t_sides(t: f64, df: f64) -> Option<(f64, f64)> {
    let df = positive(df)?;
    if t.is_nan() {
        return None;
    }
    let square = t * t;
    if !square.is_finite() {
        return Some((0.0, 1.0));
    }
    let total = df + square;
    let tails = incomplete::beta(0.5 * df, 0.5, (df / total, square / total))?;
    Some((tails.lower, tails.upper))
}

/// Distribution function of Student's t with `df` degrees of freedom, whole or not.
pub fn t_cdf(x: f64, df: f64) -> Option<f64> {
    let (outside, inside) = t_sides(x, df)?;
    Some(if x < 0.0 { 0.5 * outside } else { 0.5 + 0.5 * inside })
}

/// Probability of a Student's t at least as far from zero as `t`.
pub fn t_two_sided_p(t: f64, df: f64) -> Option<f64> {
    Some(t_sides(t, df)?.0)
}

/// Quantile of Student's t; `None` unless `0 < p < 1` and `df > 0`.
pub fn t_quantile(p: f64, df: f64) -> Option<f64> {
    let (p, df) = (probability(p)?, positive(df)?);
    if df >= T_NEAR_NORMAL {
        return Some(cornish_fisher(normal_quantile(p)?, df));
    }
    let inside = (2.0 * p - 1.0).abs();
    if inside == 0.0 {
        return Some(0.0);
    }
    let tail = if inside > 0.5 { Tail::Lower(2.0 * p.min(1.0 - p)) } else { Tail::Upper(inside) };
    let u = solve_beta(0.5 * df, 0.5, tail)?;
    Some((df * (-u).exp()).sqrt().copysign(p - 0.5))
}

/// Abramowitz and Stegun 26.7.5.
fn cornish_fisher(z: f64, df: f64) -> f64 {
    let w = z * z;
    let terms = [
        (((79.0 * w + 776.0) * w + 1482.0) * w - 1920.0) * w - 945.0,
        ((3.0 * w + 19.0) * w + 17.0) * w - 15.0,
        (5.0 * w + 16.0) * w + 3.0,
        w + 1.0,
    ];
    let scales = [92_160.0, 384.0, 96.0, 4.0];
    terms.iter().zip(scales).fold(0.0, |sum, (term, scale)| (sum + term / scale * z) / df) + z
}

/// Upper tail of the chi-square distribution with `df` degrees of freedom.
pub fn chi2_sf(x: f64, df: f64) -> Option<f64> {
    let df = positive(df)?;
    if x == f64::INFINITY {
        return Some(0.0);
    }
    if x.is_nan() {
        return None;
    }
    Some(incomplete::gamma(0.5 * df, 0.5 * x)?.upper)
}

/// Quantile of the chi-square distribution; `None` unless `0 < p < 1` and `df > 0`.
pub fn chi2_quantile(p: f64, df: f64) -> Option<f64> {
    let (p, a) = (probability(p)?, 0.5 * positive(df)?);
    let u = incomplete::solve(Tail::smaller(p), a.ln(), |u| incomplete::gamma(a, u.exp()))?;
    Some(2.0 * u.exp())
}

/// Distribution function of Fisher's F.
pub fn f_cdf(x: f64, d1: f64, d2: f64) -> Option<f64> {
    let (d1, d2) = (positive(d1)?, positive(d2)?);
    if x.is_nan() || d1 > F_CDF_LIMIT || d2 > F_CDF_LIMIT {
        return None;
    }
    if x <= 0.0 {
        return Some(0.0);
    }
    let ratio = d1 / d2 * x;
    if ratio == f64::INFINITY {
        return Some(1.0);
    }
    Some(incomplete::beta(0.5 * d1, 0.5 * d2, (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio)))?.lower)
}

/// Quantile of Fisher's F; `None` unless `0 < p < 1` and both degrees of freedom are positive.
pub fn f_quantile(p: f64, d1: f64, d2: f64) -> Option<f64> {
    let (p, d1, d2) = (probability(p)?, positive(d1)?, positive(d2)?);
    let u = solve_beta(0.5 * d1, 0.5 * d2, Tail::smaller(p))?;
    positive(d2 / d1 * u.exp())
}

/// Quantile of the beta distribution; `None` unless `0 < p < 1` and both shapes are positive.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Option<f64> {
    let (p, a, b) = (probability(p)?, positive(a)?, positive(b)?);
    let u = solve_beta(a, b, Tail::smaller(p))?;
    Some(1.0 / (1.0 + (-u).exp()))
}

/// Logit of the beta quantile.
fn solve_beta(a: f64, b: f64, tail: Tail) -> Option<f64> {
    incomplete::solve(tail, (a / b).ln(), |u| {
        incomplete::beta(a, b, (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp())))
    })
}

/// Natural logarithm of the absolute value of the gamma function.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}
