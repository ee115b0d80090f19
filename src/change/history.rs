//! The dated scores of one person on one instrument, as an app keeps them.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::score::ScoreRecord;
use crate::stored::map_only;

/// Dated scores of one person on one instrument (or variant), in time order.
///
/// Scores of different rules are not mixed: the rule hash of each scale must be the one that is
/// already there, unless an equivalence is declared. Partial and absent scores stay in the record
/// with their reason and take no part in arithmetic. What any released version stored is readable
/// by every later one.
///
/// ```
/// use straingauge::change::History;
/// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// let phq9 = straingauge::Instrument::parse(text)?;
/// let mut history = History::new(phq9.id());
/// for (day, answers) in [("2024-03-01", "2 2 2 2 2 1 1 1 0"), ("2024-01-05", "1 1 1 0 1 0 0 0 0")] {
///     let sheet = straingauge::Sheet::from_text(&phq9, answers)?;
///     history.push(day.parse()?, phq9.score(&sheet)?.to_record())?; // any order in
/// }
/// let course = history.course(&phq9)?.series("total").unwrap();
/// assert_eq!(course.points()[0].value(), 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawHistory", into = "RawHistory")]
pub struct History {
    instrument: String,
    variant: Option<String>,
    equivalences: Vec<Equivalence>,
    entries: Vec<Entry>,
}

/// One dated set of scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    date: Date,
    scores: ScoreRecord,
}

impl Entry {
    /// Its day.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The scores of the day.
    pub fn scores(&self) -> &ScoreRecord {
        &self.scores
    }
}

/// A statement that scores of two rules of a scale may be compared, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Equivalence {
    scale: String,
    rules: [String; 2],
    because: String,
}

impl Equivalence {
    /// Scores of `scale` under these two rule hashes may be compared; `because` says why and is
    /// kept with the history.
    pub fn new(
        scale: impl Into<String>,
        rules: [impl Into<String>; 2],
        because: impl Into<String>,
    ) -> Self {
        Self { scale: scale.into(), rules: rules.map(Into::into), because: because.into() }
    }

    fn joins(&self, scale: &str, one: &str, other: &str) -> bool {
        let [a, b] = &self.rules;
        self.scale == scale && ((a == one && b == other) || (a == other && b == one))
    }
}

/// The stored form of a [`History`], before its checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "History"))]
pub struct RawHistory {
    /// Format of the stored form: 1.
    format: u8,
    /// Id of the instrument.
    instrument: String,
    /// Variant, where the scores are of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    /// Declared equivalences of scoring rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    equivalences: Vec<Equivalence>,
    /// Dated scores; in time order when written, in any order when read.
    entries: Vec<Entry>,
}

map_only!(RawHistory, Entry, Equivalence);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for History {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "History".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawHistory::json_schema(generator)
    }
}

/// Scores that a history does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Scores of another instrument.
    #[error("scores of `{found}` do not belong to a history of `{expected}`")]
    OtherInstrument {
        /// The instrument of the scores.
        found: String,
        /// The instrument of the history.
        expected: String,
    },
    /// Scores of another variant.
    #[error(
        "scores of {found} do not belong to a history of {expected}; keep one history for each",
        found = variant_name(.found.as_deref()), expected = variant_name(.expected.as_deref())
    )]
    OtherVariant {
        /// The variant of the scores.
        found: Option<String>,
        /// The variant of the history.
        expected: Option<String>,
    },
    /// A scale was scored by another rule.
    #[error(
        "scale `{scale}` is scored by rule {found}, the history by {expected}; score the old answers again, or declare the rules equivalent"
    )]
    OtherRule {
        /// The scale.
        scale: String,
        /// Its rule in the new scores, or in the instrument at hand.
        found: String,
        /// Its rule in the history.
        expected: String,
    },
    /// A second administration on one day.
    #[error("there already are scores of {date}; say which count: `replace` keeps the new ones")]
    SameDay {
        /// The day.
        date: Date,
    },
    /// A stored form of a later version.
    #[error("format {found} is not known to this version of the crate; it reads format 1")]
    Format {
        /// The format found.
        found: u8,
    },
}

fn variant_name(variant: Option<&str>) -> String {
    variant.map_or("the whole instrument".to_owned(), |id| format!("variant `{id}`"))
}

impl History {
    /// An empty history of this instrument.
    pub fn new(instrument: impl Into<String>) -> Self {
        Self {
            instrument: instrument.into(),
            variant: None,
            equivalences: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// An empty history of a variant of this instrument.
    pub fn of_variant(instrument: impl Into<String>, variant: impl Into<String>) -> Self {
        Self { variant: Some(variant.into()), ..Self::new(instrument) }
    }

    /// Declares two rules of a scale equivalent.
    #[must_use]
    pub fn with_equivalence(mut self, equivalence: Equivalence) -> Self {
        self.equivalences.push(equivalence);
        self
    }

    /// Id of the instrument.
    pub fn instrument(&self) -> &str {
        &self.instrument
    }

    /// Variant, where the scores are of one.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The dated scores in time order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds scores; they take their place in time.
    ///
    /// # Errors
    /// Scores of another instrument, variant or rule, or a second set on one day.
    pub fn push(&mut self, date: Date, scores: ScoreRecord) -> Result<(), HistoryError> {
        match self.slot(date, &scores)? {
            Ok(_) => Err(HistoryError::SameDay { date }),
            Err(at) => {
                self.entries.insert(at, Entry { date, scores });
                Ok(())
            }
        }
    }

    /// Adds scores that count in place of those of the same day, and hands those back.
    ///
    /// # Errors
    /// Scores of another instrument, variant or rule.
    pub fn replace(
        &mut self,
        date: Date,
        scores: ScoreRecord,
    ) -> Result<Option<ScoreRecord>, HistoryError> {
        let at = match self.slot(date, &scores)? {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, Entry { date, scores });
                return Ok(None);
            }
        };
        let old = self.entries.get_mut(at);
        Ok(old.map(|entry| std::mem::replace(&mut entry.scores, scores)))
    }

    /// Takes the scores of a day out of the history, as the person may ask at any time.
    pub fn remove(&mut self, date: Date) -> Option<ScoreRecord> {
        let at = self.entries.binary_search_by_key(&date, |entry| entry.date).ok()?;
        Some(self.entries.remove(at).scores)
    }

    /// The rule of a scale in this history, with the first entry that has one.
    pub(super) fn rule(&self, scale: &str) -> Option<&str> {
        self.entries.iter().find_map(|entry| entry.scores.receipt.rule(scale))
    }

    /// Whether scores of this rule may stand in this history.
    pub(super) fn takes(&self, scale: &str, rule: &str) -> Result<(), HistoryError> {
        match self.rule(scale) {
            Some(own)
                if own != rule && !self.equivalences.iter().any(|e| e.joins(scale, own, rule)) =>
            {
                let (scale, found, expected) = (scale.to_owned(), rule.to_owned(), own.to_owned());
                Err(HistoryError::OtherRule { scale, found, expected })
            }
            _ => Ok(()),
        }
    }

    /// Where the scores belong: `Ok` on those of the same day, `Err` between two days.
    fn slot(&self, date: Date, scores: &ScoreRecord) -> Result<Result<usize, usize>, HistoryError> {
        let receipt = &scores.receipt;
        if receipt.instrument != self.instrument {
            return Err(HistoryError::OtherInstrument {
                found: receipt.instrument.clone(),
                expected: self.instrument.clone(),
            });
        }
        if receipt.variant != self.variant {
            return Err(HistoryError::OtherVariant {
                found: receipt.variant.clone(),
                expected: self.variant.clone(),
            });
        }
        for known in &receipt.rules {
            self.takes(&known.scale, &known.rule)?;
        }
        Ok(self.entries.binary_search_by_key(&date, |entry| entry.date))
    }
}

impl TryFrom<RawHistory> for History {
    type Error = HistoryError;

    fn try_from(raw: RawHistory) -> Result<Self, HistoryError> {
        if raw.format != 1 {
            return Err(HistoryError::Format { found: raw.format });
        }
        let (instrument, variant, equivalences) = (raw.instrument, raw.variant, raw.equivalences);
        let mut history = Self { instrument, variant, equivalences, entries: Vec::new() };
        for entry in raw.entries {
            history.push(entry.date, entry.scores)?;
        }
        Ok(history)
    }
}

impl From<History> for RawHistory {
    fn from(history: History) -> Self {
        Self {
            format: 1,
            instrument: history.instrument,
            variant: history.variant,
            equivalences: history.equivalences,
            entries: history.entries,
        }
    }
}
