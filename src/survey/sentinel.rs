//! Texts that stand for a missing answer, as the file's owner declares them.

use serde::{Deserialize, Serialize};

use super::SurveyError;
use super::fold::composed;
use super::number::Number;
use crate::answers::MissingKind;
use crate::stored::map_only;

/// A text in a cell and the missing kind that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Sentinel {
    /// The text, without white space at its ends; empty for the blank cell.
    pub text: String,
    /// What it stands for.
    pub kind: MissingKind,
}

map_only!(Sentinel);

/// The sentinels of a file. A blank cell is `skipped` unless declared otherwise.
///
/// A cell is compared as text, without white space at its ends, and as a number where both are
/// numbers, so that `88` also finds `88.0`.
///
/// ```
/// use straingauge::answers::MissingKind;
/// use straingauge::survey::Sentinels;
/// let missing = Sentinels::parse("-99=declined,88=not-applicable,NA")?;
/// assert_eq!(missing.iter().count(), 3);
/// assert_eq!(missing.iter().nth(2).unwrap().kind, MissingKind::Skipped);
/// assert!(Sentinels::parse("-99=refused").is_err()); // no such kind
/// # Ok::<(), straingauge::survey::SurveyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentinels {
    declared: Vec<Sentinel>,
}

/// The kinds that a cell can declare; `unreadable` is a finding of the reader.
const KINDS: [MissingKind; 4] = [
    MissingKind::NotAsked,
    MissingKind::Skipped,
    MissingKind::Declined,
    MissingKind::NotApplicable,
];

impl Default for Sentinels {
    fn default() -> Self {
        Self::new()
    }
}

impl Sentinels {
    /// None but the blank cell, which is `skipped`.
    pub const fn new() -> Self {
        Self { declared: Vec::new() }
    }

    /// Reads `TEXT=KIND,TEXT`: a text alone means `skipped`, an empty text the blank cell.
    ///
    /// # Errors
    /// An unknown kind, an empty entry, or a text declared twice.
    pub fn parse(list: &str) -> Result<Self, SurveyError> {
        list.split(',').try_fold(Self::new(), |all, entry| {
            let (text, kind) = match entry.rsplit_once('=') {
                None if entry.trim().is_empty() => {
                    return Err(SurveyError::EmptySentinel { list: list.to_owned() });
                }
                None => (entry, MissingKind::Skipped),
                Some((text, word)) => {
                    let known = KINDS.into_iter().find(|kind| kind.as_str() == word.trim());
                    let found = || SurveyError::UnknownKind { entry: entry.trim().to_owned() };
                    (text, known.ok_or_else(found)?)
                }
            };
            all.with(text, kind)
        })
    }

    /// Declares one more text.
    ///
    /// # Errors
    /// The text, or a number equal to it, is declared already; or the kind is `unreadable`, which
    /// nobody declares.
    pub fn with(mut self, text: &str, kind: MissingKind) -> Result<Self, SurveyError> {
        let text = &*composed(trim(text));
        if !KINDS.contains(&kind) {
            return Err(SurveyError::UnknownKind { entry: format!("{text}={kind}") });
        }
        let number = Number::parse(text, true);
        let same = |known: &Sentinel| {
            known.text == text || (number.is_some() && Number::parse(&known.text, true) == number)
        };
        if let Some(known) = self.declared.iter().find(|known| same(known)) {
            let (first, second) = (known.text.clone(), text.to_owned());
            return Err(SurveyError::SentinelTwice { first, second });
        }
        self.declared.push(Sentinel { text: text.to_owned(), kind });
        Ok(self)
    }

    /// The declared texts, in order of declaration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Sentinel> {
        self.declared.iter()
    }

    /// What a blank cell stands for.
    pub fn blank(&self) -> MissingKind {
        let blank = self.declared.iter().find(|sentinel| sentinel.text.is_empty());
        blank.map_or(MissingKind::Skipped, |sentinel| sentinel.kind)
    }

    /// The kind of a cell's text, which has no white space at its ends.
    pub(super) fn of_text(&self, text: &str) -> Option<MissingKind> {
        self.declared.iter().find(|sentinel| sentinel.text == text).map(|sentinel| sentinel.kind)
    }

    /// The kind of a cell's number.
    pub(super) fn of_number(&self, number: Number<'_>) -> Option<MissingKind> {
        let equal = |sentinel: &&Sentinel| Number::parse(&sentinel.text, true) == Some(number);
        self.declared.iter().find(equal).map(|sentinel| sentinel.kind)
    }
}

/// Without white space at the ends, the invisible kinds included.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
}
