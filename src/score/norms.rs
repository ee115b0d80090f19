//! A score beside a reference distribution.

use super::scores::{ScaleView, Score};
use crate::instrument::{Norm, ReliabilityKind};
use crate::num::Interval;
use crate::num::dist::{normal_cdf, normal_quantile};

/// Where a score lies in a norm's population, and how sure it is.
///
/// Percentiles take the norm for a normal distribution with its mean and SD, which skewed symptom
/// scores are not: read them as a rough place, not as a count of people.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NormedScore<'n> {
    /// The norm.
    pub norm: &'n Norm,
    /// Distance from the mean in SD.
    pub z: Option<f64>,
    /// `50 + 10 z`.
    pub t_score: Option<f64>,
    /// Percentage of a normal distribution below the score, 0 to 100.
    pub percentile: Option<f64>,
    /// Standard error of measurement in points of the scale, widened for prorated scores.
    pub sem: Option<f64>,
    /// Reliability that gave the standard error, unless it was published as such.
    pub reliability: Option<(ReliabilityKind, f64)>,
}

impl NormedScore<'_> {
    /// The score plus and minus its standard error times the normal quantile of `confidence`.
    pub fn interval(&self, score: &Score<'_>, confidence: f64) -> Option<Interval> {
        let quantile = normal_quantile(0.5 + confidence / 2.0)?;
        let reach = self.sem? * quantile;
        Some(Interval { low: score.to_f64() - reach, high: score.to_f64() + reach })
    }
}

impl ScaleView<'_> {
    /// The score beside a norm of its scale; `None` where the scale has no value or the norm is of
    /// another scale.
    pub fn against<'n>(&self, norm: &'n Norm) -> Option<NormedScore<'n>> {
        let instrument = self.scores.scorer().instrument();
        if instrument.scales().get(norm.scale()).map(crate::instrument::Scale::id)
            != Some(self.scale.id())
        {
            return None;
        }
        let value = self.valued.value?.to_f64();
        let z = norm.mean().zip(norm.sd()).map(|(mean, sd)| (value - mean) / sd);
        let first = norm.reliability().first().map(|r| (r.kind(), r.value()));
        let derived = norm.sd().zip(first).map(|(sd, (_, r))| sd * (1.0 - r).sqrt());
        // A prorated score rests on fewer parallel items.
        let widened = (self.items() as f64 / self.answered().max(1) as f64).sqrt();
        Some(NormedScore {
            norm,
            z,
            t_score: z.map(|z| 50.0 + 10.0 * z),
            percentile: z.map(|z| 100.0 * normal_cdf(z)),
            sem: norm.sem().or(derived).map(|sem| sem * widened),
            reliability: if norm.sem().is_some() { None } else { first },
        })
    }
}
