//! Trend over three or more check-ins, on real dates.

use serde::{Deserialize, Serialize};

use super::error::confidence_of_a_look;
use super::{ChangeError, Note, Series, Verdict, Yardstick};
use crate::date::Date;
use crate::num::{Interval, dist, robust};

/// Fewest check-ins for the reliable trend (two are a reliable change).
pub const RELIABLE_FROM: usize = 3;
/// Fewest check-ins for Theil-Sen and Mann-Kendall: below, no p-value can fall under .05.
pub const ROBUST_FROM: usize = 5;
/// Fewest check-ins for the ordinary least-squares test.
pub const OLS_FROM: usize = 4;

/// Days that a reported slope is about.
pub(super) const MONTH: f64 = 30.0;

/// A straight line through scores with known error: numbers per day.
///
/// The slope is weighted least squares on the real times with weights 1 / error variance, its
/// error comes from the standard error of measurement and not from the residuals, so that three
/// points suffice; `z = slope / se`. With two points `z` is the reliable change index.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ReliableTrend {
    /// Slope in points per day.
    pub slope: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Slope over standard error.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Sum of squared residuals over error variance: chi-square with `q_df` if error is all there is.
    pub q: f64,
    /// Number of points minus two.
    pub q_df: u32,
    /// p-value of `q`; none for two points. Small: more goes on than a line and error.
    pub q_p: Option<f64>,
}

/// The reliable trend of `values` at `times` (days), with one SEM for all or one per value.
///
/// `None` below two points, for unequal lengths, times that do not differ, or numbers that are
/// not finite and errors that are not above 0.
///
/// ```
/// use straingauge::change::{Errors, reliable_trend};
/// let line = reliable_trend(&[0.0, 30.0], &[24.0, 31.0], Errors::Same(2.0)).unwrap();
/// assert!((line.z - 7.0 / 8_f64.sqrt()).abs() < 1e-12); // the reliable change index
/// ```
pub fn reliable_trend(times: &[f64], values: &[f64], errors: Errors<'_>) -> Option<ReliableTrend> {
    let n = times.len();
    if n < 2 || values.len() != n {
        return None;
    }
    let start = *times.first()?;
    let (unit, weights) = match errors {
        Errors::Same(sem) => (sem, None),
        Errors::Each(each) if each.len() == n => (1.0, Some(each)),
        Errors::Each(_) => return None,
    };
    // Weight 1 throughout for equal errors, so that both cases share one formula.
    let weight = |at: usize| match weights {
        None => 1.0,
        Some(each) => each.get(at).map_or(f64::NAN, |sem| 1.0 / (sem * sem)),
    };
    let all = || times.iter().zip(values).enumerate();
    let (mut sw, mut st, mut sy) = (0.0, 0.0, 0.0);
    for (at, (t, y)) in all() {
        let w = weight(at);
        sw += w;
        st += w * (t - start);
        sy += w * y;
    }
    let (mean_t, mean_y) = (start + st / sw, sy / sw);
    let (mut stt, mut sty) = (0.0, 0.0);
    for (at, (t, y)) in all() {
        let dt = t - mean_t;
        stt += weight(at) * dt * dt;
        sty += weight(at) * dt * (y - mean_y);
    }
    let slope = sty / stt;
    let mut q = 0.0;
    for (at, (t, y)) in all() {
        let residual = y - mean_y - slope * (t - mean_t);
        q += weight(at) * residual * residual;
    }
    q /= unit * unit;
    let standard_error = unit / stt.sqrt();
    let z = slope / standard_error;
    if !(stt > 0.0 && unit > 0.0 && z.is_finite() && q.is_finite()) {
        return None;
    }
    let q_df = u32::try_from(n - 2).unwrap_or(u32::MAX);
    Some(ReliableTrend {
        slope,
        standard_error,
        z,
        p: (2.0 * dist::normal_sf(z.abs())).min(1.0),
        q,
        q_df,
        q_p: if q_df == 0 { None } else { dist::chi2_sf(q, f64::from(q_df)) },
    })
}

/// Standard errors of measurement: one for all values, or one for each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Errors<'a> {
    /// The same for all.
    Same(f64),
    /// One for each value, in the same order.
    Each(&'a [f64]),
}

/// Theil-Sen slope with Mann-Kendall test, per 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RobustTrend {
    /// Median slope of all pairs, in points per 30 days.
    pub slope_per_30_days: f64,
    /// Its interval from Sen's ranks.
    pub interval: Interval,
    /// Rising pairs minus falling pairs.
    pub s: i64,
    /// Normal deviate of `s` with tie and continuity correction.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Whether `p` is exact (up to ten points, up to eight with ties).
    pub exact: bool,
    /// `s` over the number of pairs.
    pub tau: f64,
}

/// Ordinary least squares, whose error comes from the residuals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OlsTrend {
    /// Slope in points per 30 days.
    pub slope_per_30_days: f64,
    /// Its standard error, per 30 days.
    pub standard_error_per_30_days: f64,
    /// Slope over standard error.
    pub t: f64,
    /// Degrees of freedom, n - 2.
    pub df: u32,
    /// Two-sided p-value.
    pub p: f64,
    /// Interval of the slope per 30 days.
    pub interval: Interval,
    /// Residual SD in points.
    pub residual_sd: f64,
    /// Lag-1 autocorrelation of the residuals, a diagnostic only.
    pub lag1: f64,
    /// Durbin-Watson statistic, a diagnostic only; 2 where neighbours are unrelated.
    pub durbin_watson: f64,
}

/// Ordinary least squares with its t-test, or `None` below four points, for times that do not
/// differ, or points that lie exactly on a line.
pub fn ols_trend(times: &[f64], values: &[f64], confidence: f64) -> Option<OlsTrend> {
    let n = times.len();
    if n < OLS_FROM {
        return None;
    }
    let line = reliable_trend(times, values, Errors::Same(1.0))?;
    let df = f64::from(line.q_df);
    let residual_sd = (line.q / df).sqrt();
    let standard_error = residual_sd * line.standard_error;
    let t = line.slope / standard_error;
    let reach = dist::t_quantile(1.0 - (1.0 - confidence) / 2.0, df)? * standard_error;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n as f64;
    let (mean_t, mean_y) = (mean(times), mean(values));
    let residuals: Vec<f64> =
        times.iter().zip(values).map(|(t, y)| y - mean_y - line.slope * (t - mean_t)).collect();
    let pairs = || residuals.iter().zip(residuals.iter().skip(1));
    let lag1 = pairs().map(|(a, b)| a * b).sum::<f64>() / line.q;
    let durbin_watson = pairs().map(|(a, b)| (b - a) * (b - a)).sum::<f64>() / line.q;
    t.is_finite().then_some(())?;
    Some(OlsTrend {
        slope_per_30_days: line.slope * MONTH,
        standard_error_per_30_days: standard_error * MONTH,
        t,
        df: line.q_df,
        p: dist::t_two_sided_p(t, df)?,
        interval: per_month(line.slope, reach),
        residual_sd,
        lag1,
        durbin_watson,
    })
}

/// Theil-Sen and Mann-Kendall of values in time order, or `None` below five points.
pub fn robust_trend(times: &[f64], values: &[f64], confidence: f64) -> Option<RobustTrend> {
    let line = robust::theil_sen(times, values, confidence)?;
    let test = robust::mann_kendall(values)?;
    Some(RobustTrend {
        slope_per_30_days: line.slope * MONTH,
        interval: Interval { low: line.low * MONTH, high: line.high * MONTH },
        s: test.s,
        z: test.z,
        p: test.p,
        exact: test.exact,
        tau: test.tau,
    })
}

/// The two-sided critical value of the normal distribution.
pub(super) fn normal_critical(confidence: f64) -> Result<f64, ChangeError> {
    dist::normal_quantile(1.0 - (1.0 - confidence) / 2.0).ok_or(ChangeError::Outside {
        what: "confidence",
        found: confidence,
        low: 0.0,
        high: 1.0,
    })
}

fn per_month(slope: f64, reach: f64) -> Interval {
    Interval { low: (slope - reach) * MONTH, high: (slope + reach) * MONTH }
}

/// How to look at a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendOptions {
    confidence: f64,
    looks: u32,
    ols: bool,
}

impl Default for TrendOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl TrendOptions {
    /// 95 %, one look, no least-squares test.
    pub fn new() -> Self {
        Self { confidence: 0.95, looks: 1, ols: false }
    }

    /// Uses this confidence, above 0 and below 1.
    #[must_use]
    pub fn with_confidence(self, confidence: f64) -> Self {
        Self { confidence, ..self }
    }

    /// Shares the allowed false alarms out over this many planned looks (Bonferroni).
    #[must_use]
    pub fn with_looks(self, looks: u32) -> Self {
        Self { looks, ..self }
    }

    /// Adds the ordinary least-squares test.
    #[must_use]
    pub fn with_ols(self) -> Self {
        Self { ols: true, ..self }
    }
}

/// The trend of one scale over its check-ins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Trend {
    /// The scale.
    pub scale: String,
    /// Number of scored check-ins.
    pub n: usize,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Confidence of this look.
    pub confidence: f64,
    /// What the error rests on; none where the trend is judged by Mann-Kendall alone.
    pub against: Option<String>,
    /// Slope against known error, where a reference gives one.
    pub reliable: Option<ReliableTrend>,
    /// Its slope in points per 30 days with interval.
    pub slope_per_30_days: Option<f64>,
    /// Interval of that slope.
    pub interval_per_30_days: Option<Interval>,
    /// Points gained or lost along the line from the first day to the last.
    pub total_change: Option<f64>,
    /// Theil-Sen and Mann-Kendall, from five check-ins.
    pub robust: Option<RobustTrend>,
    /// Ordinary least squares, where asked for, from four check-ins.
    pub ols: Option<OlsTrend>,
    /// By the reliable trend where it can be had, else by Mann-Kendall.
    pub verdict: Verdict,
    /// What a reader must know beside the verdict.
    pub notes: Vec<Note>,
}

impl Series {
    /// The trend over all check-ins; split a course with gaps by [`Series::episodes`] first.
    ///
    /// # Errors
    /// Fewer than three check-ins, or fewer than five where the yardstick has no standard error;
    /// a confidence outside (0, 1), unusable numbers in the reference.
    pub fn trend(
        &self,
        yardstick: Option<&Yardstick>,
        options: &TrendOptions,
    ) -> Result<Trend, ChangeError> {
        let confidence = confidence_of_a_look(options.confidence, options.looks)?;
        let n = self.points().len();
        let needed = if yardstick.is_some() { RELIABLE_FROM } else { ROBUST_FROM };
        let (Some(first), Some(last), true) =
            (self.points().first(), self.points().last(), n >= needed)
        else {
            return Err(ChangeError::TooFewPoints { found: n, needed });
        };
        let (from, to) = (first.date(), last.date());
        let times: Vec<f64> = self.points().iter().map(|p| f64::from(p.date().number())).collect();
        let values: Vec<f64> = self.points().iter().map(super::Point::value).collect();
        let mut trend = Trend {
            scale: self.scale().to_owned(),
            n,
            from,
            to,
            confidence,
            against: None,
            reliable: None,
            slope_per_30_days: None,
            interval_per_30_days: None,
            total_change: None,
            robust: robust_trend(&times, &values, confidence),
            ols: if options.ols { ols_trend(&times, &values, confidence) } else { None },
            verdict: Verdict::NoReliableChange,
            notes: Vec::new(),
        };
        if let Some(yardstick @ Yardstick::Reference(_)) = yardstick {
            let errors = self.standard_errors(yardstick)?;
            let errors = match errors.as_slice() {
                [one] => Errors::Same(*one),
                each => Errors::Each(each),
            };
            let line = reliable_trend(&times, &values, errors)
                .ok_or(ChangeError::NotFinite { what: "slope", found: f64::INFINITY })?;
            let critical = normal_critical(confidence)?;
            trend.against = Some(yardstick.name().to_owned());
            trend.slope_per_30_days = Some(line.slope * MONTH);
            trend.interval_per_30_days =
                Some(per_month(line.slope, critical * line.standard_error));
            trend.total_change = Some(line.slope * f64::from(from.days_until(to)));
            trend.verdict = Verdict::of(self.direction(), line.slope, line.z.abs() > critical);
            if let Some(p) = line.q_p.filter(|p| *p < 0.05) {
                trend.notes.push(Note::Misfit { p });
            }
            trend.reliable = Some(line);
        } else if let Some(robust) = trend.robust {
            let rising = robust.s as f64;
            trend.verdict = Verdict::of(self.direction(), rising, robust.p < 1.0 - confidence);
        } else {
            return Err(ChangeError::TooFewPoints { found: n, needed: ROBUST_FROM });
        }
        if self.points().iter().any(|point| point.reading().is_prorated()) {
            trend.notes.push(Note::Prorated);
        }
        Ok(trend)
    }

    /// One standard error for all check-ins, or one for each.
    fn standard_errors(&self, yardstick: &Yardstick) -> Result<Vec<f64>, ChangeError> {
        let Yardstick::Reference(reference) = yardstick else {
            return Err(ChangeError::NoErrorTerm { name: yardstick.name().to_owned() });
        };
        let points = self.points();
        if reference.by_score {
            let missing = ChangeError::NoScoreError { reference: reference.name().to_owned() };
            let each = points.iter().map(|point| point.reading.standard_error);
            return each.collect::<Option<_>>().ok_or(missing);
        }
        let sem = reference.sem()?;
        if points.iter().any(|point| point.reading.is_prorated()) {
            Ok(points.iter().map(|point| sem * point.reading.stretch.sqrt()).collect())
        } else {
            Ok(vec![sem])
        }
    }
}
