//! What the key check says.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::words::Words;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum KeyProblem {
    /// Codes look counted from 1 where the instrument's do not.
    CodesFromOne,
    /// Codes look counted from 0 where the instrument's do not.
    CodesFromZero,
    /// Codes that the items do not offer, without a pattern.
    CodesOutside,
    /// Two items stand in each other's column.
    Swapped,
    /// A column goes with another scale than its own.
    Misplaced,
    /// Reverse-keyed items look reversed in the file already.
    AlreadyReversed,
    /// Reverse-keyed items look unreversed in a file that is said to be keyed.
    NotReversed,
    /// Items that are not reverse-keyed run against their scale.
    AgainstKey,
    /// In a sub-sample items run the other way than in the others.
    GroupReversed,
    /// In a sub-sample a whole scale looks turned over.
    GroupMirrored,
    /// Two columns hold the same numbers in every row.
    Copied,
    /// A stored total is not the one that the instrument gives, but one of another rule.
    TotalDiffers,
    /// A stored total is not the one that the instrument gives, and no rule that was tried is.
    TotalUnexplained,
}

impl KeyProblem {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodesFromOne => "codes-from-one",
            Self::CodesFromZero => "codes-from-zero",
            Self::CodesOutside => "codes-outside",
            Self::Swapped => "swapped",
            Self::Misplaced => "misplaced",
            Self::AlreadyReversed => "already-reversed",
            Self::NotReversed => "not-reversed",
            Self::AgainstKey => "against-key",
            Self::GroupReversed => "group-reversed",
            Self::GroupMirrored => "group-mirrored",
            Self::Copied => "copied",
            Self::TotalDiffers => "total-differs",
            Self::TotalUnexplained => "total-unexplained",
        }
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How likely the reading of a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likelihood {
    /// The numbers point that way; look.
    Possible,
    /// Chance alone would hardly do it.
    Likely,
    /// Another explanation is hard to find.
    VeryLikely,
    /// It is arithmetic.
    Certain,
}

impl Likelihood {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::VeryLikely => "very-likely",
            Self::Certain => "certain",
        }
    }

    /// From standard errors away from no effect.
    pub(super) fn of_z(z: f64) -> Self {
        match z.abs() {
            z if z >= 5.0 => Self::VeryLikely,
            z if z >= 3.5 => Self::Likely,
            _ => Self::Possible,
        }
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something in a file that does not fit the key, with its evidence. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyFinding {
    problem: KeyProblem,
    likelihood: Likelihood,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<String>,
    items: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fits: Vec<String>,
    evidence: BTreeMap<&'static str, f64>,
}

impl KeyFinding {
    pub(super) fn new(problem: KeyProblem, likelihood: Likelihood, items: Vec<String>) -> Self {
        Self {
            problem,
            likelihood,
            scale: None,
            items,
            group: None,
            fits: Vec::new(),
            evidence: BTreeMap::new(),
        }
    }

    pub(super) fn scale(mut self, scale: &str) -> Self {
        self.scale = Some(scale.to_owned());
        self
    }

    pub(super) fn group(mut self, group: &str) -> Self {
        self.group = Some(group.to_owned());
        self
    }

    pub(super) fn fits(mut self, fits: impl Into<String>) -> Self {
        self.fits.push(fits.into());
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: f64) -> Self {
        self.evidence.insert(name, value);
        self
    }

    /// What does not fit.
    pub const fn problem(&self) -> KeyProblem {
        self.problem
    }

    /// How likely this reading is.
    pub const fn likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// The scale that it is about, if it is about one.
    pub fn about(&self) -> Option<&str> {
        self.scale.as_deref()
    }

    /// The items that it is about.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// The sub-sample that it is about, if it is about one.
    pub fn sub_sample(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// What would fit instead: a scale, a sub-sample to compare with, or in what the rule of a total
    /// departs from the instrument's.
    pub fn better(&self) -> &[String] {
        &self.fits
    }

    /// The numbers behind it, by name: `n` people, `r` a correlation, `z` standard errors, `cells`
    /// and `rows` counts, `share` a share.
    pub const fn evidence(&self) -> &BTreeMap<&'static str, f64> {
        &self.evidence
    }

    /// The finding in the words of a catalogue.
    pub fn explain(&self, words: &Words) -> String {
        let likelihood = words.say(&format!("key.{}", self.likelihood), &[]);
        let items = self.items.join(", ");
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (scale, group) = (text(&self.scale), text(&self.group));
        // The departures of a rule have words of their own; a scale is its id.
        let named = |fits: &String| {
            let key = format!("key.rule.{fits}");
            words.template(&key).map_or_else(|| fits.clone(), str::to_owned)
        };
        let fits = self.fits.iter().map(named).collect::<Vec<_>>().join(", ");
        let numbers: Vec<(&str, String)> =
            self.evidence.iter().map(|(name, value)| (*name, short(*value))).collect();
        let mut values: Vec<(&str, &dyn fmt::Display)> = vec![
            ("likelihood", &likelihood),
            ("items", &items),
            ("scale", &scale),
            ("group", &group),
            ("fits", &fits),
        ];
        values.extend(numbers.iter().map(|(name, value)| (*name, value as &dyn fmt::Display)));
        words.say(&format!("key.{}", self.problem), &values)
    }
}

/// Counts as they are, everything else to two decimals.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}

impl fmt::Display for KeyFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(&Words::english()))
    }
}
