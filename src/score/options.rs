//! What a caller may ask for beyond the file's defaults.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::instrument::{Exact, Instrument, Key, Scale};

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
    pub(crate) missing: MissingRules,
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
        self.missing.every = Some(answers);
        self
    }

    /// [`Self::min_answered`] for one scale, whatever holds for the others. A scale that the rule
    /// cannot serve is refused when the instrument is compiled.
    ///
    /// ```
    /// use straingauge::score::{MinAnswered, ScoreOptions};
    /// let phq9 = straingauge::catalog::get("phq-9")?;
    /// let options = ScoreOptions::new().min_answered_on("total", "0.8".parse()?);
    /// let scorer = phq9.scorer_with(&options)?;
    /// // 0.8 of nine items are eight, for seven are less.
    /// assert_eq!(MinAnswered::Count(8), "8".parse()?);
    /// let eight = phq9.scorer_with(&ScoreOptions::new().min_answered(8))?;
    /// assert_eq!(scorer.rule_hash("total"), eight.rule_hash("total"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn min_answered_on(mut self, scale: impl Into<String>, least: MinAnswered) -> Self {
        self.missing.of_scales.insert(scale.into(), least);
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

/// From how many answers up a scale is scored: `8`, or a share of its items, `0.8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinAnswered {
    /// So many answers.
    Count(u16),
    /// So large a part of the items, rounded up: above 0, and at most 1.
    Share(Exact),
}

/// Reads a whole number as answers, a number with a decimal point as a share.
impl FromStr for MinAnswered {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let rule = if text.contains('.') {
            let share = text.parse().ok().and_then(Exact::from_decimal);
            share.map(Self::Share)
        } else {
            text.parse().ok().map(Self::Count)
        };
        let found = || text.chars().take(80).collect();
        rule.filter(|_| is_plain).ok_or_else(|| OptionError::NotARule { found: found() })
    }
}

impl MinAnswered {
    /// The number of answers of so many items.
    fn of(self, items: usize) -> Option<u16> {
        match self {
            Self::Count(answers) => Some(answers),
            Self::Share(share) => {
                let (part, of) = (i128::from(share.numerator()), i128::from(share.denominator()));
                let items = i128::try_from(items).ok()?;
                u16::try_from((part * items + of - 1) / of).ok()
            }
        }
    }
}

/// The missing rules that a caller gives in place of the file's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MissingRules {
    every: Option<u16>,
    of_scales: BTreeMap<String, MinAnswered>,
}

impl MissingRules {
    /// As a receipt has them.
    pub(super) fn stored(every: Option<u16>, of_scales: &BTreeMap<String, u16>) -> Self {
        let of_scales = of_scales.iter().map(|(id, n)| (id.clone(), MinAnswered::Count(*n)));
        Self { every, of_scales: of_scales.collect() }
    }

    pub(crate) const fn every(&self) -> Option<u16> {
        self.every
    }

    /// The answers that were asked for, scale by scale.
    pub(crate) fn of_scales(&self, instrument: &Instrument) -> BTreeMap<String, u16> {
        let needs = |(id, least): (&String, &MinAnswered)| {
            let items = instrument.scale(id)?.key().terms().len();
            Some((id.clone(), least.of(items)?))
        };
        self.of_scales.iter().filter_map(needs).collect()
    }

    /// The answers that a caller asks for on a scale, all its items if it has fewer.
    pub(crate) fn asked(&self, scale: &Scale) -> Option<usize> {
        let items = scale.key().terms().len();
        let own = self.of_scales.get(scale.id()).and_then(|least| least.of(items));
        // Where items count over different ranges, filling in could leave the range of the scale.
        let every = self.every.filter(|_| scale.key().terms_are_alike());
        own.or(every).map(|asked| usize::from(asked).min(items))
    }

    /// The answers from which a scale is scored.
    pub(crate) fn needs(&self, scale: &Scale) -> usize {
        self.asked(scale).unwrap_or_else(|| scale.needs())
    }

    /// Refuses a rule that a scale cannot follow.
    pub(super) fn check(&self, instrument: &Instrument) -> Result<(), OptionError> {
        if self.every == Some(0) {
            return Err(OptionError::NoAnswers { found: 0 });
        }
        for (id, least) in &self.of_scales {
            let Some(scale) = instrument.scale(id) else {
                let ids: Vec<&str> = instrument.scales().iter().map(Scale::id).collect();
                return Err(OptionError::NoSuch {
                    instrument: instrument.id().to_owned(),
                    kind: "scale",
                    found: id.chars().take(80).collect(),
                    allowed: ids.join(", "),
                });
            };
            let items = scale.key().terms().len();
            let answers = least.of(items).map(usize::from);
            let problem = match scale.key() {
                Key::Sum(_) | Key::Mean(_) => match answers {
                    Some(0) => "it would be scored from nothing".to_owned(),
                    Some(asked)
                        if asked <= items && (asked == items || scale.key().terms_are_alike()) =>
                    {
                        continue;
                    }
                    Some(asked) if asked <= items => {
                        "its items count over different ranges and cannot stand for each other"
                            .to_owned()
                    }
                    _ => format!("it has {items} items"),
                },
                _ => "it is made from other scales; give the rule to those".to_owned(),
            };
            return Err(OptionError::MissingRule { scale: id.clone(), problem });
        }
        Ok(())
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
    /// A text that is neither a number of answers nor a share of the items.
    #[error("`{found}` is no number of answers (8) and no share of the items (0.8)")]
    NotARule {
        /// The text.
        found: String,
    },
    /// A missing rule that a scale cannot follow.
    #[error("no missing rule of that kind for `{scale}`: {problem}")]
    MissingRule {
        /// Id of the scale.
        scale: String,
        /// Why.
        problem: String,
    },
    /// A missing rule that would score from nothing.
    #[error("a scale needs at least 1 answer; {found} was asked for")]
    NoAnswers {
        /// The number asked for.
        found: u16,
    },
}
