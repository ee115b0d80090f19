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
    insider: bool,
    confidence: f64,
    shares: ShareInterval,
    finite: bool,
    title: Option<String>,
    pub(crate) references: BTreeMap<String, Reference>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            threshold: Self::DEFAULT_THRESHOLD,
            insider: false,
            confidence: 0.95,
            shares: ShareInterval::default(),
            finite: true,
            title: None,
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

    /// Shows nothing about fewer than `people`; at least [`FLOOR`](Self::FLOOR).
    pub fn with_threshold(self, people: u32) -> Result<Self, GroupError> {
        if people < Self::FLOOR {
            return Err(GroupError::BelowFloor { asked: people, floor: Self::FLOOR });
        }
        Ok(Self { threshold: people, ..self })
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

    /// A heading for the report, such as the wave.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
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

    /// The heading.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }
}
