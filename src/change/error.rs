//! What can keep a change from being judged.

use super::Method;
use crate::instrument::ChangeKind;

/// Why a change, trend or chart cannot be computed. Nothing is guessed in its place.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// A number is infinite or not a number.
    #[error("{what} is {found}; give a finite number")]
    NotFinite {
        /// Which number.
        what: &'static str,
        /// What was given.
        found: f64,
    },
    /// A number must be above 0.
    #[error("{what} is {found}; give a number above 0")]
    NotPositive {
        /// Which number.
        what: &'static str,
        /// What was given.
        found: f64,
    },
    /// A number lies outside its open interval.
    #[error("{what} is {found}; give a number above {low} and below {high}")]
    Outside {
        /// Which number.
        what: &'static str,
        /// What was given.
        found: f64,
        /// Lower end, not allowed itself.
        low: f64,
        /// Upper end, not allowed itself.
        high: f64,
    },
    /// A number of a reference that scores of the scale cannot have.
    #[error("{what} is {found}, which scores between {low} and {high} cannot have")]
    OffTheScale {
        /// Which number.
        what: &'static str,
        /// What was given.
        found: f64,
        /// Lowest value of the scale.
        low: f64,
        /// Highest value of the scale.
        high: f64,
    },
    /// The method needs a number that the reference does not hold.
    #[error(
        "{method} needs the {what} of `{reference}`, which it does not hold; choose another method or reference"
    )]
    NeedsNumber {
        /// The method.
        method: Method,
        /// Which number.
        what: &'static str,
        /// Name of the reference.
        reference: String,
    },
    /// A published change that does not say whether a change is beyond error.
    #[error(
        "`{name}` is a change of kind `{kind}`, which does not say that a change is beyond error; choose a norm or a published reliable change"
    )]
    NotBeyondError {
        /// What the published change means.
        kind: ChangeKind,
        /// Name of the published change.
        name: String,
    },
    /// The reference is too small for the method.
    #[error("{found} people in the reference; at least {needed} are needed")]
    TooFewPeople {
        /// How many.
        found: u32,
        /// How many are needed.
        needed: u32,
    },
    /// A score lies outside the range of its scale.
    #[error("score {found} lies outside the scale's range {low} to {high}")]
    ScoreOutOfRange {
        /// The score.
        found: f64,
        /// Lowest value of the scale.
        low: f64,
        /// Highest value of the scale.
        high: f64,
    },
    /// A score lacks its own standard error, which this reference lives on.
    #[error("a score has no standard error of its own, which `{reference}` needs")]
    NoScoreError {
        /// Name of the reference.
        reference: String,
    },
    /// Each score brings its own error, and this use needs one error for all.
    #[error("`{reference}` has no single standard error; give one as sigma")]
    NoSingleError {
        /// Name of the reference.
        reference: String,
    },
    /// A published change in points has no error, which this use needs.
    #[error("`{name}` is a published change in points and has no standard error")]
    NoErrorTerm {
        /// Name of the published change.
        name: String,
    },
    /// Too few scored check-ins.
    #[error("{found} scored check-ins; at least {needed} are needed")]
    TooFewPoints {
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// No scored check-in of that date.
    #[error("no scored check-in on {date}")]
    NoPointOn {
        /// The date asked for.
        date: crate::date::Date,
    },
    /// Two scores of one scale on one day.
    #[error("a second score on {date}; keep the one that counts")]
    SecondOfTheDay {
        /// The day.
        date: crate::date::Date,
    },
    /// A norm that the instrument does not have for the scale.
    #[error("no norm `{found}` for scale `{scale}`; known: {}", if .known.is_empty() { "none" } else { .known.as_str() })]
    NoSuchNorm {
        /// The norm asked for.
        found: String,
        /// The scale.
        scale: String,
        /// The norms of the scale.
        known: String,
    },
    /// The scale has no better or worse.
    #[error("the scale has no better or worse, which this needs")]
    NoDirection,
    /// A reference group without a name.
    #[error("a reference group needs a name that says who was measured")]
    Unnamed,
    /// No reference group at all.
    #[error("no reference group; give at least one of the two")]
    NoGroup,
    /// The strained group does better than the well group.
    #[error("`{strained}` is given as the strained group and lies on the well side of `{well}`")]
    GroupsSwapped {
        /// Name of the strained group.
        strained: String,
        /// Name of the well group.
        well: String,
    },
    /// Two check-ins of one person on one day, or days that do not rise.
    #[error("check-in {at} is not later than the one before it; sort by day and keep one a day")]
    NotInOrder {
        /// Position of the second of the two.
        at: usize,
    },
    /// Slices of one table differ in length.
    #[error("{what}: {found} entries where {expected} are expected")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length expected.
        expected: usize,
    },
}

pub(super) fn finite(what: &'static str, found: f64) -> Result<f64, ChangeError> {
    if found.is_finite() { Ok(found) } else { Err(ChangeError::NotFinite { what, found }) }
}

pub(super) fn positive(what: &'static str, found: f64) -> Result<f64, ChangeError> {
    finite(what, found)?;
    if found > 0.0 { Ok(found) } else { Err(ChangeError::NotPositive { what, found }) }
}

pub(super) fn within_unit(what: &'static str, found: f64) -> Result<f64, ChangeError> {
    finite(what, found)?;
    let inside = found > 0.0 && found < 1.0;
    if inside { Ok(found) } else { Err(ChangeError::Outside { what, found, low: 0.0, high: 1.0 }) }
}

/// The confidence of one look when the allowed false alarms are shared out over all of them.
pub(super) fn confidence_of_a_look(confidence: f64, looks: u32) -> Result<f64, ChangeError> {
    Ok(1.0 - (1.0 - within_unit("confidence", confidence)?) / f64::from(looks.max(1)))
}
