//! How a release is made: thresholds, intervals, norms.

use std::collections::BTreeMap;

use serde::Serialize;

use super::GroupError;
use crate::instrument::Instrument;

/// How the interval of a share is computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ShareInterval {
    /// Wilson 1927: right on average.
    #[default]
    Wilson,
    /// Clopper and Pearson 1934: covers at least as often as stated, wider.
    ClopperPearson,
}

/// A reference group that means are compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    pub(crate) norm: String,
    pub(crate) population: String,
    pub(crate) mean: f64,
    pub(crate) sd: Option<f64>,
    pub(crate) n: Option<u64>,
}

/// What a report is headed by: who it is about, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) title: Option<String>,
    pub(crate) organisation: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) wave: Option<String>,
}

/// Settings of one release. They are part of the report: a threshold chosen after looking at the
/// results would show.
///
/// ```
/// use straingauge::group::Plan;
/// let plan = Plan::default();
/// assert_eq!(plan.threshold(), 10);
/// assert_eq!(plan.clone().with_threshold(12)?.against_insiders().fewest(), 13);
/// assert!(plan.with_threshold(4).is_err()); // no option goes below five
/// # Ok::<(), straingauge::group::GroupError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    threshold: u32,
    smallest_count: u32,
    insider: bool,
    confidence: f64,
    shares: ShareInterval,
    finite: bool,
    pub(crate) heading: Heading,
    pub(crate) references: BTreeMap<String, Reference>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            threshold: Self::DEFAULT_THRESHOLD,
            smallest_count: Self::DEFAULT_SMALLEST_COUNT,
            insider: false,
            confidence: 0.95,
            shares: ShareInterval::default(),
            finite: true,
            heading: Heading::default(),
            references: BTreeMap::new(),
        }
    }
}

impl Plan {
    /// Fewest people that anything is shown about, where nothing else is asked for: what official
    /// staff surveys use.
    pub const DEFAULT_THRESHOLD: u32 = 10;
    /// The lowest threshold; no option goes below it.
    pub const FLOOR: u32 = 5;

    /// Fewest people that a share rests on, where nothing else is asked for.
    pub const DEFAULT_SMALLEST_COUNT: u32 = 5;
    /// The lowest smallest count; no option goes below it.
    pub const FLOOR_OF_SMALLEST_COUNT: u32 = 3;

    /// Shows nothing about fewer than `people`; at least [`FLOOR`](Self::FLOOR).
    pub fn with_threshold(self, people: u32) -> Result<Self, GroupError> {
        if people < Self::FLOOR {
            return Err(GroupError::BelowFloor { asked: people, floor: Self::FLOOR });
        }
        Ok(Self { threshold: people, ..self })
    }

    /// Sets the fewest people that a share may rest on, and the fewest who may not be part of it: at
    /// least [`FLOOR_OF_SMALLEST_COUNT`](Self::FLOOR_OF_SMALLEST_COUNT). A share of nobody is shown.
    ///
    /// With 5, the default, "severe, 2 of 30" is not shown, and neither is "28 of 30".
    pub fn with_smallest_count(self, people: u32) -> Result<Self, GroupError> {
        let floor = Self::FLOOR_OF_SMALLEST_COUNT;
        if people < floor {
            return Err(GroupError::SmallestCount { asked: people, floor });
        }
        Ok(Self { smallest_count: people, ..self })
    }

    /// Asks for one person more, so that a member of a group, who can subtract their own answers,
    /// still faces `threshold` others.
    #[must_use]
    pub fn against_insiders(self) -> Self {
        Self { insider: true, ..self }
    }

    /// Confidence of every interval, between 0 and 1; 0.95 where nothing is said.
    pub fn with_confidence(self, confidence: f64) -> Result<Self, GroupError> {
        if confidence > 0.0 && confidence < 1.0 {
            Ok(Self { confidence, ..self })
        } else {
            Err(GroupError::Confidence { found: confidence })
        }
    }

    /// How intervals of shares are computed.
    #[must_use]
    pub fn with_share_interval(self, shares: ShareInterval) -> Self {
        Self { shares, ..self }
    }

    /// Leaves out the finite-population correction, which otherwise narrows the interval of a mean
    /// where the number invited is known. It assumes that those who answered are like those who did
    /// not; leave it out where that is doubtful.
    #[must_use]
    pub fn without_finite_population(self) -> Self {
        Self { finite: false, ..self }
    }

    /// Compares the means of a scale with a norm of the instrument, which must have a mean.
    pub fn with_norm(mut self, instrument: &Instrument, norm: &str) -> Result<Self, GroupError> {
        let found = instrument.norm(norm).and_then(|norm| {
            let scale = instrument.scales().get(norm.scale())?.id().to_owned();
            let reference = Reference {
                norm: norm.id().to_owned(),
                population: norm.population().to_owned(),
                mean: norm.mean()?,
                sd: norm.sd(),
                n: norm.n().map(u64::from),
            };
            Some((scale, reference))
        });
        let (scale, reference) = found.ok_or_else(|| {
            let with_mean = instrument.norms().iter().filter(|norm| norm.mean().is_some());
            let known: Vec<&str> = with_mean.map(crate::instrument::Norm::id).collect();
            GroupError::NoSuchNorm {
                instrument: instrument.id().to_owned(),
                found: norm.to_owned(),
                known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
            }
        })?;
        self.references.insert(scale, reference);
        Ok(self)
    }

    /// Sets the title of the report.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.heading.title = Some(title.into());
        self
    }

    /// Sets the organisation that the report is about.
    #[must_use]
    pub fn with_organisation(mut self, organisation: impl Into<String>) -> Self {
        self.heading.organisation = Some(organisation.into());
        self
    }

    /// Sets the date of the report, as it is to be printed. The crate has no clock.
    #[must_use]
    pub fn with_date(mut self, date: impl Into<String>) -> Self {
        self.heading.date = Some(date.into());
        self
    }

    /// Sets the name of the wave, for a report without a ledger; with one, the wave is that of the
    /// release.
    #[must_use]
    pub fn with_wave(mut self, wave: impl Into<String>) -> Self {
        self.heading.wave = Some(wave.into());
        self
    }

    /// People that a reader sees as the threshold.
    pub const fn threshold(&self) -> u32 {
        self.threshold
    }

    /// Fewest people in any group that can be worked out: the threshold, or one more against
    /// insiders.
    pub const fn fewest(&self) -> u32 {
        self.threshold.saturating_add(self.insider as u32)
    }

    /// Whether one person more is asked for.
    pub const fn is_against_insiders(&self) -> bool {
        self.insider
    }

    /// Confidence of every interval.
    pub const fn confidence(&self) -> f64 {
        self.confidence
    }

    /// How intervals of shares are computed.
    pub const fn share_interval(&self) -> ShareInterval {
        self.shares
    }

    /// Whether the number invited narrows the interval of a mean.
    pub const fn is_finite_population(&self) -> bool {
        self.finite
    }

    /// Fewest people that a share may rest on.
    pub const fn smallest_count(&self) -> u32 {
        self.smallest_count
    }
}
