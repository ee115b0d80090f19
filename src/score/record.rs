//! Scores as they are stored, with a receipt that says what made them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::options::{MissingRules, ScoreOptions};
use super::scores::{Outcome, Scores};
use super::value::{Absence, Status};
use crate::answers::{AnswerError, MissingKind, Sheet};
use crate::instrument::Instrument;
use crate::stored::map_only;

/// What made a set of scores: enough to say years later whether two may be compared, and to
/// recompute them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct Receipt {
    /// Id of the instrument.
    pub instrument: String,
    /// Version of its definition.
    pub version: String,
    /// Variant, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Missing rule of the caller's, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_answered: Option<u16>,
    /// Missing rules of the caller's for single scales: id of the scale, and its answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub min_answered_on: BTreeMap<String, u16>,
    /// SHA-256 of the definition file.
    pub file_hash: String,
    /// Version of the crate.
    pub crate_version: String,
    /// Hash of each reported scale's rule.
    pub rules: Vec<RuleHash>,
}

/// The rule hash of one scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct RuleHash {
    /// Id of the scale.
    pub scale: String,
    /// SHA-256 of its compiled rule: scores compare where it is equal.
    pub rule: String,
}

impl Receipt {
    /// The variant and the missing rules of the caller's.
    pub(crate) fn options(&self) -> ScoreOptions {
        ScoreOptions {
            variant: self.variant.clone(),
            missing: MissingRules::stored(self.min_answered, &self.min_answered_on),
            ..ScoreOptions::new()
        }
    }

    /// The rule hash of a scale.
    pub fn rule(&self, scale: &str) -> Option<&str> {
        self.rules.iter().find(|known| known.scale == scale).map(|known| known.rule.as_str())
    }
}

/// One scale as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct ScaleRecord {
    /// Id of the scale.
    pub scale: String,
    /// How it came out.
    pub status: Status,
    /// The value, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The value as a fraction in lowest terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<(i64, i64)>,
    /// Why there is none; [`Absence::in_words`] says it in any language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
    /// Why there is none, in English: in records that version 0.1 stored, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Items answered.
    pub answered: u16,
    /// Items that apply.
    pub items: u16,
    /// Items that the missing rule filled in, with the kind of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled_in: Vec<(String, MissingKind)>,
    /// Lowest and highest value that the missing answers allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<(f64, f64)>,
    /// The band, where a set was in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<BandRecord>,
}

/// A band as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct BandRecord {
    /// Id of the band set.
    pub set: String,
    /// Label of the band.
    pub label: String,
    /// Whether every completion of the missing answers gives the same band.
    pub certain: bool,
}

/// A criterion as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct CriterionRecord {
    /// Id.
    pub criterion: String,
    /// Whether it is met.
    pub outcome: Outcome,
    /// Whether a person should look now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub safety: bool,
}

/// The scores of one sheet as they are stored: readable by every later version of the crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ScoreRecord {
    /// What made them.
    pub receipt: Receipt,
    /// The reported scales.
    pub scales: Vec<ScaleRecord>,
    /// The reported criteria.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<CriterionRecord>,
}

/// A stored set of scores that could not be confirmed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The sheet is not of the instrument that the receipt names.
    #[error(transparent)]
    Sheet(#[from] AnswerError),
    /// The receipt asks for a variant that the instrument at hand does not have.
    #[error(transparent)]
    Options(#[from] super::OptionError),
    /// The rule in force is another one.
    #[error(
        "scale `{scale}` was scored by rule {stored}, the definition at hand has {current}; load the version that the receipt names"
    )]
    OtherRule {
        /// Id of the scale.
        scale: String,
        /// Hash in the receipt.
        stored: String,
        /// Hash now.
        current: String,
    },
    /// The value is another one.
    #[error("scale `{scale}` is stored as {stored}, these answers give {current}")]
    OtherValue {
        /// Id of the scale.
        scale: String,
        /// What is stored.
        stored: String,
        /// What the answers give.
        current: String,
    },
    /// A criterion came out otherwise.
    #[error("criterion `{criterion}` is stored as {stored}, these answers give {current}")]
    OtherOutcome {
        /// Id of the criterion.
        criterion: String,
        /// What is stored.
        stored: String,
        /// What the answers give.
        current: String,
    },
}

map_only!(Receipt, RuleHash, ScaleRecord, BandRecord, CriterionRecord, ScoreRecord);

impl Scores {
    /// What made these scores.
    pub fn receipt(&self) -> Receipt {
        let instrument = self.scorer().instrument();
        let options = self.scorer().options();
        let rules = self.scorer().scales().filter_map(|scale| {
            let rule = self.scorer().rule_hash(scale.id())?.to_owned();
            Some(RuleHash { scale: scale.id().to_owned(), rule })
        });
        Receipt {
            instrument: instrument.id().to_owned(),
            version: instrument.version().to_string(),
            variant: options.variant.clone(),
            min_answered: options.missing.every(),
            min_answered_on: options.missing.of_scales(instrument),
            file_hash: instrument.file_hash().to_owned(),
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: rules.collect(),
        }
    }

    /// The stored form.
    pub fn to_record(&self) -> ScoreRecord {
        let scales = self.iter().map(|view| {
            let value = view.value();
            let exact = value.as_ref().ok().map(super::Score::exact);
            ScaleRecord {
                scale: view.scale().id().to_owned(),
                status: view.status(),
                value: exact.map(crate::instrument::Exact::to_f64),
                exact: exact.map(|exact| (exact.numerator(), exact.denominator())),
                absence: value.err(),
                reason: None,
                answered: u16::try_from(view.answered()).unwrap_or(u16::MAX),
                items: u16::try_from(view.items()).unwrap_or(u16::MAX),
                filled_in: view
                    .filled_in()
                    .into_iter()
                    .map(|(item, kind)| (item.id().to_owned(), kind))
                    .collect(),
                bounds: view.bounds().map(|(low, high)| (low.to_f64(), high.to_f64())),
                band: view.band().map(|band| BandRecord {
                    set: band.set().to_owned(),
                    label: band.label().to_owned(),
                    certain: band.is_certain(),
                }),
            }
        });
        let criteria = self.criteria().map(|view| CriterionRecord {
            criterion: view.criterion().id().to_owned(),
            outcome: view.outcome(),
            safety: view.is_safety(),
        });
        ScoreRecord {
            receipt: self.receipt(),
            scales: scales.collect(),
            criteria: criteria.collect(),
        }
    }
}

impl ScoreRecord {
    /// The stored scale of this id.
    pub fn scale(&self, id: &str) -> Option<&ScaleRecord> {
        self.scales.iter().find(|scale| scale.scale == id)
    }

    /// Scores the answers again under the receipt's options and confirms every value, band and
    /// criterion.
    ///
    /// # Errors
    /// The first difference: another instrument, another rule, another value.
    pub fn verify(&self, instrument: &Instrument, sheet: &Sheet) -> Result<(), VerifyError> {
        let options = self.receipt.options();
        if self.receipt.instrument != instrument.id() {
            let found = format!("{}@{}", self.receipt.instrument, self.receipt.version);
            let expected = format!("{}@{}", instrument.id(), instrument.version());
            return Err(AnswerError::OtherInstrument { found, expected }.into());
        }
        let again = |options: &ScoreOptions| -> Result<Self, VerifyError> {
            Ok(instrument.scorer_with(options)?.score(sheet)?.to_record())
        };
        for stored in &self.scales {
            // The receipt does not name band sets; each stored band does.
            let options = match &stored.band {
                Some(band) => options.clone().bands(&band.set),
                None => options.clone(),
            };
            self.confirm(stored, &again(&options)?)?;
        }
        let named = self.criteria.iter().map(|stored| &stored.criterion);
        let current = again(&named.fold(options, ScoreOptions::criterion))?;
        for stored in &self.criteria {
            let now = current.criteria.iter().find(|now| now.criterion == stored.criterion);
            if now != Some(stored) {
                return Err(VerifyError::OtherOutcome {
                    criterion: stored.criterion.clone(),
                    stored: stored.outcome.to_string(),
                    current: now.map_or("not judged".to_owned(), |now| now.outcome.to_string()),
                });
            }
        }
        Ok(())
    }

    /// One stored scale against the same scale scored again.
    fn confirm(&self, stored: &ScaleRecord, current: &Self) -> Result<(), VerifyError> {
        let scale = || stored.scale.clone();
        let rule = |record: &Self| {
            record.receipt.rule(&stored.scale).map_or("none".to_owned(), str::to_owned)
        };
        let (old, new) = (rule(self), rule(current));
        if old != new {
            return Err(VerifyError::OtherRule { scale: scale(), stored: old, current: new });
        }
        let now = current.scale(&stored.scale);
        let parts: [fn(&ScaleRecord) -> String; 5] = [
            |record| match record.exact {
                Some((numerator, denominator)) => format!("{numerator}/{denominator}"),
                None => record.status.to_string(),
            },
            |record| record.value.map_or("no value".to_owned(), |value| value.to_string()),
            |record| record.status.to_string(),
            |record| format!("made from {} of {} answers", record.answered, record.items),
            |record| match &record.bounds {
                Some((low, high)) => format!("between {low} and {high}"),
                None => "without bounds".to_owned(),
            },
        ];
        for part in parts {
            let (old, new) = (part(stored), now.map_or("nothing".to_owned(), part));
            if old != new {
                return Err(VerifyError::OtherValue { scale: scale(), stored: old, current: new });
            }
        }
        // Without a band in the record none was in force, or none was asked for.
        let Some(band) = &stored.band else { return Ok(()) };
        let shown = |band: &BandRecord| {
            let certainty = if band.certain { "certain" } else { "uncertain" };
            format!("`{}` of `{}`, {certainty}", band.label, band.set)
        };
        let now = now.and_then(|now| now.band.as_ref()).map_or("no band".to_owned(), shown);
        if shown(band) != now {
            let stored = shown(band);
            return Err(VerifyError::OtherValue { scale: scale(), stored, current: now });
        }
        Ok(())
    }
}
