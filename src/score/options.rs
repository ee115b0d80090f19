//! What a caller may ask for beyond the file's defaults.

/// Choices made before scoring. The default is the instrument's own: its scales outside variants,
/// its missing rules, its default band sets, its current criteria.
///
/// ```
/// # let text = include_str!("../../instruments/stss/1.0.0.toml");
/// # let stss = straingauge::Instrument::parse(text).unwrap();
/// use straingauge::score::ScoreOptions;
/// let scorer = stss.scorer_with(&ScoreOptions::new().variant("four-cluster"))?;
/// assert!(scorer.scales().any(|scale| scale.id() == "active-avoidance"));
/// # Ok::<(), straingauge::score::OptionError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScoreOptions {
    pub(super) variant: Option<String>,
    pub(crate) min_answered: Option<u16>,
    pub(super) band_sets: Vec<String>,
    pub(super) criteria: Vec<String>,
}

impl ScoreOptions {
    /// The instrument's own choices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scores the scales of a variant.
    #[must_use]
    pub fn variant(mut self, id: impl Into<String>) -> Self {
        self.variant = Some(id.into());
        self
    }

    /// Scores a scale from this many answers up (all its items, if it has fewer), in place of the
    /// file's rule. The scores' rule hashes then differ from those of the file's rule. A scale whose
    /// items count over different ranges keeps the file's rule: its items cannot stand for each other.
    #[must_use]
    pub const fn min_answered(mut self, answers: u16) -> Self {
        self.min_answered = Some(answers);
        self
    }

    /// Uses this band set for the scales that have it, whatever its standing.
    #[must_use]
    pub fn bands(mut self, set: impl Into<String>) -> Self {
        self.band_sets.push(set.into());
        self
    }

    /// Evaluates this criterion too, whatever its standing.
    #[must_use]
    pub fn criterion(mut self, id: impl Into<String>) -> Self {
        self.criteria.push(id.into());
        self
    }
}

/// A choice that the instrument does not offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// A variant, band set or criterion that the file does not have.
    #[error("{instrument} has no {kind} `{found}`; it has {allowed}")]
    NoSuch {
        /// Id of the instrument.
        instrument: String,
        /// What was asked for.
        kind: &'static str,
        /// The id.
        found: String,
        /// The ids that there are.
        allowed: String,
    },
    /// A missing rule that would score from nothing.
    #[error("a scale needs at least 1 answer; {found} was asked for")]
    NoAnswers {
        /// The number asked for.
        found: u16,
    },
}
