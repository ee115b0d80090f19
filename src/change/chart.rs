//! A control chart of one scale: exponentially weighted moving average with honest limits.

use serde::Serialize;

use super::error::{finite, positive};
use super::{ChangeError, Point, Series, Verdict, Yardstick};
use crate::date::Date;

/// How fast the average forgets.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Smoothing {
    /// Each check-in weighs this much, whatever the days between; above 0, at most 1.
    PerCheckIn(f64),
    /// A check-in weighs `1 - exp(-days / tau)`, so that a long silence forgets more.
    PerDays(f64),
}

/// The level that the chart watches for departures from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Baseline {
    /// Mean of the person's first check-ins, and limits widened because it is an estimate.
    FirstPoints(usize),
    /// A level known from elsewhere, in points of the scale.
    Known(f64),
}

/// How to draw a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartOptions {
    smoothing: Smoothing,
    limit: f64,
    baseline: Baseline,
    sigma: Option<f64>,
}

impl Default for ChartOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ChartOptions {
    /// Weight 0.2 a check-in, limits at 2.7 standard errors, baseline from the first three.
    ///
    /// A stable person then leaves the limits within twelve check-ins in about 4 of 100 cases.
    pub fn new() -> Self {
        Self {
            smoothing: Smoothing::PerCheckIn(0.2),
            limit: 2.7,
            baseline: Baseline::FirstPoints(3),
            sigma: None,
        }
    }

    /// Uses this smoothing.
    #[must_use]
    pub fn with_smoothing(self, smoothing: Smoothing) -> Self {
        Self { smoothing, ..self }
    }

    /// Puts the limits at this many standard errors (default 2.7).
    #[must_use]
    pub fn with_limit(self, limit: f64) -> Self {
        Self { limit, ..self }
    }

    /// Uses this baseline.
    #[must_use]
    pub fn with_baseline(self, baseline: Baseline) -> Self {
        Self { baseline, ..self }
    }

    /// Uses this SD of a single score around a stable level, in place of the yardstick's
    /// standard error of measurement.
    #[must_use]
    pub fn with_sigma(self, sigma: f64) -> Self {
        Self { sigma: Some(sigma), ..self }
    }
}

/// One point of a chart after the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChartPoint {
    /// Day.
    pub date: Date,
    /// Score of the day.
    pub value: f64,
    /// Moving average.
    pub average: f64,
    /// Lower limit of the average.
    pub low: f64,
    /// Upper limit of the average.
    pub high: f64,
    /// Worse, better or changed where the average lies beyond a limit.
    pub signal: Option<Verdict>,
}

/// A control chart as data to draw.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Chart {
    /// The scale.
    pub scale: String,
    /// Centre line.
    pub centre: f64,
    /// SD of a single score around a stable level.
    pub sigma: f64,
    /// Number of check-ins that made the centre line; 0 where it was known.
    pub baseline: usize,
    /// The check-ins after the baseline.
    pub points: Vec<ChartPoint>,
}

impl Chart {
    /// The first point beyond a limit.
    pub fn first_signal(&self) -> Option<&ChartPoint> {
        self.points.iter().find(|point| point.signal.is_some())
    }
}

/// One step of an EWMA: average and limits after a value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EwmaStep {
    /// Moving average.
    pub average: f64,
    /// Standard deviation of the average around the centre line.
    pub deviation: f64,
}

/// The moving average of `values` with its standard deviation around the centre.
///
/// `z_i = w_i x_i + (1 - w_i) z_(i-1)`, starting at the centre. Its exact variance accumulates as
/// `v_i = w_i² σ² + (1 - w_i)² v_(i-1)`, so weights may differ; where the centre is the mean of
/// `from` values of its own (0 for a known centre), `(1 - Π(1 - w))² σ² / from` is added.
///
/// Roberts 1959, Technometrics 1:239-250; NIST/SEMATECH e-Handbook 6.3.2.4.
pub fn ewma(
    values: impl IntoIterator<Item = (f64, f64)>,
    centre: f64,
    (sigma, from): (f64, usize),
) -> impl Iterator<Item = EwmaStep> {
    let (mut average, mut variance, mut kept) = (centre, 0.0, 1.0);
    values.into_iter().map(move |(weight, value)| {
        average = weight * value + (1.0 - weight) * average;
        variance = weight * weight * sigma * sigma + (1.0 - weight) * (1.0 - weight) * variance;
        kept *= 1.0 - weight;
        let estimated = if from == 0 { 0.0 } else { (1.0 - kept).powi(2) / from as f64 };
        EwmaStep { average, deviation: (variance + estimated * sigma * sigma).sqrt() }
    })
}

impl Series {
    /// The chart of this course, with the yardstick's standard error as sigma.
    ///
    /// # Errors
    /// No check-in after the baseline, a yardstick without one standard error where no sigma is
    /// given, or unusable options.
    pub fn chart(
        &self,
        yardstick: Option<&Yardstick>,
        options: &ChartOptions,
    ) -> Result<Chart, ChangeError> {
        let sigma = match (options.sigma, yardstick) {
            (Some(sigma), _) => positive("sigma", sigma)?,
            (None, Some(Yardstick::Reference(reference))) if reference.by_score => {
                return Err(ChangeError::NoSingleError { reference: reference.name().to_owned() });
            }
            (None, Some(Yardstick::Reference(reference))) => reference.sem()?,
            (None, Some(Yardstick::Published(points))) => {
                return Err(ChangeError::NoErrorTerm { name: points.name.clone() });
            }
            (None, None) => {
                return Err(ChangeError::NoSingleError { reference: "no reference".to_owned() });
            }
        };
        let limit = positive("limit", options.limit)?;
        let (baseline, centre) = match options.baseline {
            Baseline::Known(centre) => (0, finite("baseline", centre)?),
            Baseline::FirstPoints(count) => {
                let count = count.max(1);
                let first: Vec<f64> = self.points().iter().take(count).map(Point::value).collect();
                (count, first.iter().sum::<f64>() / count as f64)
            }
        };
        let found = self.points().len();
        let Some((before, after)) =
            self.points().split_at_checked(baseline).filter(|s| !s.1.is_empty())
        else {
            return Err(ChangeError::TooFewPoints { found, needed: baseline + 1 });
        };
        let mut previous = before.last().map(Point::date);
        let mut weights = Vec::with_capacity(after.len());
        for point in after {
            weights.push(match options.smoothing {
                Smoothing::PerCheckIn(weight) if weight > 0.0 && weight <= 1.0 => weight,
                Smoothing::PerCheckIn(found) => {
                    return Err(ChangeError::Outside {
                        what: "weight",
                        found,
                        low: 0.0,
                        high: 1.0,
                    });
                }
                Smoothing::PerDays(tau) => {
                    let tau = positive("tau", tau)?;
                    let days = previous.map_or(tau, |day| f64::from(day.days_until(point.date())));
                    1.0 - (-days / tau).exp()
                }
            });
            previous = Some(point.date());
        }
        let values = weights.into_iter().zip(after.iter().map(Point::value));
        let steps = ewma(values, centre, (sigma, baseline));
        let points = after.iter().zip(steps).map(|(point, step)| {
            let reach = limit * step.deviation;
            let away = step.average - centre;
            let signal = Verdict::of(self.direction(), away, away.abs() > reach);
            ChartPoint {
                date: point.date(),
                value: point.value(),
                average: step.average,
                low: centre - reach,
                high: centre + reach,
                signal: Some(signal).filter(|signal| *signal != Verdict::NoReliableChange),
            }
        });
        let points = points.collect();
        Ok(Chart { scale: self.scale().to_owned(), centre, sigma, baseline, points })
    }
}
