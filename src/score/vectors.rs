//! Worked examples that stand beside a definition, and whether they come out.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Value;

use super::options::{MissingRules, ScoreOptions};
use super::scores::Scores;
use crate::answers::Sheet;
use crate::instrument::Instrument;

/// The worked examples of one definition, from its `<version>.vectors.toml`.
///
/// ```
/// let phq9 = include_str!("../../instruments/phq-9/1.0.0.toml");
/// let phq9 = straingauge::Instrument::parse(phq9).unwrap();
/// let vectors = include_str!("../../instruments/phq-9/1.0.0.vectors.toml");
/// let vectors = straingauge::score::Vectors::parse(vectors)?;
/// assert!(vectors.check(&phq9).is_empty());
/// # Ok::<(), straingauge::score::VectorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vectors {
    r#for: String,
    vectors: Vec<Vector>,
}

/// One worked example.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vector {
    answers: String,
    expect: toml::Table,
    origin: String,
    variant: Option<String>,
    min_answered: Option<u16>,
    decimals: Option<u8>,
    note: Option<String>,
}

impl Vector {
    /// The answers in form order; see [`Sheet::from_text`].
    pub fn answers(&self) -> &str {
        &self.answers
    }

    /// Where the expected numbers come from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A remark.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

/// A vectors file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct VectorError {
    message: String,
}

/// A worked example that does not come out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VectorFailure {
    /// Position in the file, from 1.
    pub vector: usize,
    /// The answers.
    pub answers: String,
    /// What was checked: a scale, `<scale>.band`, `<scale>.status` or a criterion.
    pub what: String,
    /// What the vector expects.
    pub expected: String,
    /// What came out.
    pub found: String,
}

impl fmt::Display for VectorFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vector, answers, what, expected, found } = self;
        write!(f, "vector {vector} ({answers}): `{what}` is {found}, the vector expects {expected}")
    }
}

impl Vectors {
    /// Reads a vectors file.
    ///
    /// # Errors
    /// Where it is not of the shape that `instruments/README.md` describes.
    pub fn parse(text: &str) -> Result<Self, VectorError> {
        toml::from_str(text).map_err(|error| VectorError { message: error.to_string() })
    }

    /// The definition that it is for: `id@version`.
    pub fn subject(&self) -> &str {
        &self.r#for
    }

    /// The examples.
    pub fn iter(&self) -> std::slice::Iter<'_, Vector> {
        self.vectors.iter()
    }

    /// Everything that does not come out.
    pub fn check(&self, instrument: &Instrument) -> Vec<VectorFailure> {
        let subject = format!("{}@{}", instrument.id(), instrument.version());
        let mut failures = Vec::new();
        if self.r#for != subject {
            failures.push(VectorFailure {
                vector: 0,
                answers: String::new(),
                what: "for".to_owned(),
                expected: self.r#for.clone(),
                found: subject,
            });
        }
        for (at, vector) in self.vectors.iter().enumerate() {
            let mut fail = |what: &str, expected: String, found: String| {
                failures.push(VectorFailure {
                    vector: at + 1,
                    answers: vector.answers.clone(),
                    what: what.to_owned(),
                    expected,
                    found,
                });
            };
            for (what, expected) in &vector.expect {
                match vector.outcome(instrument, what) {
                    Ok(found) if vector.agrees(expected, &found) => {}
                    Ok(found) | Err(found) => fail(what, shown(expected), found),
                }
            }
        }
        failures
    }
}

impl<'a> IntoIterator for &'a Vectors {
    type Item = &'a Vector;
    type IntoIter = std::slice::Iter<'a, Vector>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

impl Vector {
    /// What the crate says of `what`, as text; an error where it can say nothing.
    fn outcome(&self, instrument: &Instrument, what: &str) -> Result<String, String> {
        let mut options = ScoreOptions {
            variant: self.variant.clone(),
            missing: MissingRules::stored(self.min_answered, &BTreeMap::new()),
            ..ScoreOptions::new()
        };
        let (id, view) = what.split_once('.').map_or((what, None), |(id, view)| (id, Some(view)));
        if let Some(set) = view.and_then(|view| view.strip_prefix("band.")) {
            options = options.bands(set);
        }
        if instrument.criteria().iter().any(|criterion| criterion.id() == id) {
            options = options.criterion(id);
        }
        let scorer = instrument.scorer_with(&options).map_err(|error| error.to_string())?;
        let sheet = Sheet::from_text(instrument, &self.answers).map_err(|e| e.to_string())?;
        let scores: Scores = scorer.score(&sheet).map_err(|error| error.to_string())?;
        if let Some(criterion) = scores.criterion(id) {
            return Ok(criterion.outcome().to_string());
        }
        let scale = scores.get(id).ok_or_else(|| "unknown".to_owned())?;
        match view {
            None => Ok(scale
                .value()
                .map_or_else(|_| scale.status().to_string(), |score| score.exact().to_string())),
            Some("status") => Ok(scale.status().to_string()),
            Some("band") => Ok(scale.band().map_or("none", |band| band.label()).to_owned()),
            Some(view) => {
                let set = view.strip_prefix("band.").ok_or_else(|| "unknown".to_owned())?;
                let in_force = scorer.band_set(id).is_some_and(|known| known.id() == set);
                let band = scale.band().filter(|_| in_force);
                Ok(band.map_or("none", |band| band.label()).to_owned())
            }
        }
    }

    fn agrees(&self, expected: &Value, found: &str) -> bool {
        let number = match expected {
            Value::String(text) => return text == found,
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => return false,
        };
        let Ok(found) = found.parse::<f64>() else { return false };
        match self.decimals {
            // Half a unit of the last printed digit, and room for a tie rounded either way.
            Some(decimals) => {
                (number - found).abs() <= 0.5 * 10_f64.powi(-i32::from(decimals)) * (1.0 + 1e-9)
            }
            None => number == found,
        }
    }
}
