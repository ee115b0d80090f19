//! Statistics of groups as free functions on plain numbers.
//!
//! Everything that compares units is computed from what is shown of them ([`Sample`]: n, mean,
//! variance), so a comparison tells nothing that the shown numbers do not.

use serde::Serialize;

use crate::num::Interval;
use crate::num::dist::{f_cdf, ln_gamma, normal_quantile, t_quantile, t_two_sided_p};
use crate::num::moments::sum_compensated;

/// Number, mean and variance (divisor n - 1) of a group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample {
    /// People.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Variance with divisor n - 1.
    pub variance: f64,
}

/// Interval of a mean by the t distribution with n - 1 degrees of freedom.
///
/// `population` is the number that the `n` people were drawn from, where known: the standard error
/// is then multiplied by sqrt(1 - n / population) (Cochran 1977, Sampling Techniques, ch. 2), which
/// assumes that those who answered are like those who did not. `None` below two people, for a
/// population smaller than the sample, or a confidence outside (0, 1).
///
/// ```
/// use straingauge::group::stats::{Sample, mean_interval};
/// let unit = Sample { n: 30, mean: 24.3, variance: 6.1 * 6.1 };
/// let interval = mean_interval(&unit, Some(40), 0.95).unwrap();
/// assert!((interval.low - 23.1611).abs() < 1e-4 && (interval.high - 25.4389).abs() < 1e-4);
/// ```
pub fn mean_interval(
    sample: &Sample,
    population: Option<u64>,
    confidence: f64,
) -> Option<Interval> {
    if sample.n < 2 || population.is_some_and(|population| population < sample.n) {
        return None;
    }
    let n = sample.n as f64;
    let left = population.map_or(1.0, |population| 1.0 - n / population as f64);
    let error = (sample.variance / n * left).sqrt();
    let reach = t_quantile(upper(confidence)?, n - 1.0)? * error;
    around(sample.mean, reach)
}

fn upper(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some(0.5 + 0.5 * confidence)
}

fn around(middle: f64, reach: f64) -> Option<Interval> {
    let interval = Interval { low: middle - reach, high: middle + reach };
    (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
}

/// Difference of two means (first minus second) without assuming equal variances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Welch {
    /// First mean minus second mean.
    pub difference: f64,
    /// Its interval.
    pub interval: Interval,
    /// Test statistic.
    pub t: f64,
    /// Degrees of freedom (Satterthwaite).
    pub df: f64,
    /// Two-sided p-value.
    pub p: f64,
}

/// Welch's t (1947, doi:10.1093/biomet/34.1-2.28) with Satterthwaite's degrees of freedom.
/// `None` where a group has fewer than two people or neither varies.
///
/// ```
/// use straingauge::group::stats::{Sample, welch};
/// let a = Sample { n: 12, mean: 30.0, variance: 25.0 };
/// let b = Sample { n: 40, mean: 26.0, variance: 36.0 };
/// let result = welch(&a, &b, 0.95).unwrap();
/// assert_eq!(result.difference, 4.0);
/// assert!(result.interval.low > 0.0 && result.p < 0.05);
/// ```
pub fn welch(a: &Sample, b: &Sample, confidence: f64) -> Option<Welch> {
    if a.n < 2 || b.n < 2 {
        return None;
    }
    let (va, vb) = (a.variance / a.n as f64, b.variance / b.n as f64);
    let error = (va + vb).sqrt();
    let df = (va + vb) * (va + vb) / (va * va / (a.n as f64 - 1.0) + vb * vb / (b.n as f64 - 1.0));
    if !(error > 0.0 && df.is_finite()) {
        return None;
    }
    let difference = a.mean - b.mean;
    let t = difference / error;
    let interval = around(difference, t_quantile(upper(confidence)?, df)? * error)?;
    Some(Welch { difference, interval, t, df, p: t_two_sided_p(t, df)? })
}

/// A difference in units of the spread within groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HedgesG {
    /// Difference divided by the pooled SD, corrected for small samples.
    pub g: f64,
    /// Large-sample normal interval: g ± z sqrt((na + nb) / (na nb) + g² / (2 (na + nb))).
    pub interval: Interval,
}

/// Hedges' g with the exact correction J = Γ(df/2) / (sqrt(df/2) Γ((df-1)/2)) (Hedges 1981,
/// doi:10.3102/10769986006002107). The interval is the large-sample normal one (Hedges and Olkin
/// 1985), a little narrow for small groups. `None` where nothing varies or a group has fewer than
/// two people.
pub fn hedges_g(a: &Sample, b: &Sample, confidence: f64) -> Option<HedgesG> {
    if a.n < 2 || b.n < 2 {
        return None;
    }
    let (na, nb) = (a.n as f64, b.n as f64);
    let df = na + nb - 2.0;
    let pooled = (((na - 1.0) * a.variance + (nb - 1.0) * b.variance) / df).sqrt();
    if pooled <= 0.0 {
        return None;
    }
    let correction =
        (ln_gamma(0.5 * df) - ln_gamma(0.5 * (df - 1.0)) - 0.5 * (0.5 * df).ln()).exp();
    let g = (a.mean - b.mean) / pooled * correction;
    let error = ((na + nb) / (na * nb) + g * g / (2.0 * (na + nb))).sqrt();
    let interval = around(g, normal_quantile(upper(confidence)?)? * error)?;
    Some(HedgesG { g, interval })
}

/// How much of the variance lies between units, and how reliably unit means differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitIcc {
    /// Units compared.
    pub units: u64,
    /// People in them.
    pub people: u64,
    /// Share of the variance that lies between units; can be negative.
    pub icc1: f64,
    /// Reliability of a unit's mean, for units of the size below.
    pub icc2: f64,
    /// Size that stands for the units: (N - Σ n² / N) / (K - 1).
    pub size: f64,
    /// Variance ratio, between units to within.
    pub f: f64,
    /// Its p-value; `None` where the F distribution cannot be computed well enough.
    pub p: Option<f64>,
}

impl UnitIcc {
    /// Whether units may be compared by their means, in the usual reading: they differ by more than
    /// chance (p below .05), and a mean is reliable enough to tell them apart (ICC(2) of .70 or
    /// more, a convention).
    pub fn units_may_be_compared(&self) -> bool {
        self.icc2 >= 0.70 && self.p.is_none_or(|p| p < 0.05) && self.f > 1.0
    }
}

/// ICC(1) and ICC(2) of one-way analysis of variance (Bliese 2000), with the group size that makes
/// the estimate unbiased for unequal units. Negative estimates are kept. `None` below two units,
/// with nobody to spare, or without any variance within units.
///
/// ```
/// use straingauge::group::stats::{Sample, unit_icc};
/// let units = [20.0, 25.0, 30.0].map(|mean| Sample { n: 15, mean, variance: 30.0 });
/// let icc = unit_icc(&units).unwrap();
/// assert!(icc.icc1 > 0.4 && icc.units_may_be_compared());
/// ```
pub fn unit_icc(units: &[Sample]) -> Option<UnitIcc> {
    let units: Vec<&Sample> = units.iter().filter(|unit| unit.n > 0).collect();
    let sum = |of: &dyn Fn(&Sample) -> f64| {
        sum_compensated(&units.iter().map(|unit| of(unit)).collect::<Vec<f64>>())
    };
    let k = units.len() as f64;
    let people: u64 = units.iter().map(|unit| unit.n).sum();
    let n = people as f64;
    if units.len() < 2 || people <= units.len() as u64 {
        return None;
    }
    let mean = sum(&|unit| unit.n as f64 * unit.mean) / n;
    let between = sum(&|unit| unit.n as f64 * (unit.mean - mean) * (unit.mean - mean)) / (k - 1.0);
    let within =
        sum(&|unit| if unit.n > 1 { (unit.n as f64 - 1.0) * unit.variance } else { 0.0 }) / (n - k);
    if within <= 0.0 {
        return None;
    }
    let size = (n - sum(&|unit| (unit.n as f64) * unit.n as f64) / n) / (k - 1.0);
    let f = between / within;
    Some(UnitIcc {
        units: units.len() as u64,
        people,
        icc1: (between - within) / (between + (size - 1.0) * within),
        icc2: if between > 0.0 { (between - within) / between } else { return None },
        size,
        f,
        p: f_cdf(f, k - 1.0, n - k).map(|below| 1.0 - below),
    })
}

/// Agreement within a group on one answer, against people who answer at random: 1 - s² / σ², with
/// `null` the variance of the answers of such people. Can be negative (Lindell's r*wg keeps that;
/// [`rwg_j`] breakdowns at 0). `None` for a null variance that is not positive.
pub fn rwg(variance: f64, null: f64) -> Option<f64> {
    (null > 0.0 && variance >= 0.0).then(|| 1.0 - variance / null)
}

/// Agreement within a group over the items of a scale (James, Demaree and Wolf 1984,
/// doi:10.1037/0021-9010.69.1.85): J (1 - q) / (J (1 - q) + q), with q the mean item variance over
/// the null variance. Disagreement beyond chance (q > 1) is given as 0. With a uniform null, which
/// flatters; see [`uniform_null`].
///
/// ```
/// use straingauge::group::stats::{rwg_j, uniform_null};
/// let null = uniform_null(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
/// assert_eq!(null, 2.0);
/// let agreement = rwg_j(&[0.7, 0.9, 0.8, 0.8, 0.9], null).unwrap();
/// assert!((agreement - 0.877976190476190).abs() < 1e-12);
/// ```
pub fn rwg_j(item_variances: &[f64], null: f64) -> Option<f64> {
    if item_variances.is_empty() {
        return None;
    }
    let items = item_variances.len() as f64;
    let agreed = rwg(sum_compensated(item_variances) / items, null)?;
    if agreed <= 0.0 {
        return Some(0.0);
    }
    Some(items * agreed / (items * agreed + (1.0 - agreed)))
}

/// Variance of answers spread evenly over the codes: (A² - 1) / 12 for the codes 1 to A. `None`
/// below two codes.
pub fn uniform_null(codes: &[f64]) -> Option<f64> {
    if codes.len() < 2 {
        return None;
    }
    let n = codes.len() as f64;
    let mean = sum_compensated(codes) / n;
    let squares: Vec<f64> = codes.iter().map(|code| (code - mean) * (code - mean)).collect();
    Some(sum_compensated(&squares) / n)
}

/// What a share can be at least and at most if those invited who did not answer are counted in
/// whatever way (Manski 1995): `yes` of `answered`, of `invited`. `None` if nobody was invited or
/// more answered than were invited.
///
/// ```
/// use straingauge::group::stats::nonresponse_bounds;
/// let bounds = nonresponse_bounds(37, 130, 640).unwrap();
/// assert_eq!((bounds.low, bounds.high), (0.0578125, 0.8546875));
/// ```
pub fn nonresponse_bounds(yes: u64, answered: u64, invited: u64) -> Option<Interval> {
    if invited == 0 || answered > invited || yes > answered {
        return None;
    }
    let all = invited as f64;
    Some(Interval { low: yes as f64 / all, high: (yes + (invited - answered)) as f64 / all })
}
