use crate::answers::AnswerError;
use crate::score::KeyedError;

/// Why a sample cannot be looked at.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QualityError {
    /// No item that a scale uses has a column.
    #[error(
        "no scored item of {instrument} has a column; give the answers that are to be looked at"
    )]
    NothingAsked {
        /// Id of the instrument.
        instrument: String,
    },
    /// One entry per person is needed.
    #[error("{found} {what} for {expected} people; give one, or a gap, per person")]
    Rows {
        /// What there is too little or too much of.
        what: &'static str,
        /// Entries given.
        found: usize,
        /// People.
        expected: usize,
    },
    /// A column that is no item.
    #[error("column `{id}` is no item of {instrument}; name columns by item id")]
    UnknownColumn {
        /// Name of the column.
        id: String,
        /// Id of the instrument.
        instrument: String,
    },
    /// Columns that do not fit each other.
    #[error(transparent)]
    Table(#[from] crate::num::TableError),
    /// Answers that do not fit the instrument.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A scale that cannot be keyed.
    #[error(transparent)]
    Keyed(#[from] KeyedError),
}

/// Why an index says nothing about a person: never a sign of care, nor of its lack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAssessable {
    /// Nothing was answered.
    #[error("nothing was answered")]
    NothingAnswered,
    /// Too few answers.
    #[error("{answered} answers, at least {needed} needed")]
    TooFewAnswers {
        /// Answers given.
        answered: usize,
        /// Answers needed.
        needed: usize,
    },
    /// The index needs every answer.
    #[error("{missing} answers missing, all are needed")]
    Incomplete {
        /// Answers missing.
        missing: usize,
    },
    /// The items offer different codes, so their spread means nothing.
    #[error("the items offer different codes, so their spread says nothing")]
    MixedCodes,
    /// No scale has items keyed both ways.
    #[error("no scale here has items keyed both ways")]
    NoReverseKeyed,
    /// Too few separate scales.
    #[error("{found} separate scales of two items or more, at least {needed} needed")]
    TooFewScales {
        /// Scales there are.
        found: usize,
        /// Scales needed.
        needed: usize,
    },
    /// Too few pairs of items that go together in this sample.
    #[error("{found} pairs of items correlate as strongly as asked, at least {needed} needed")]
    TooFewPairs {
        /// Pairs there are.
        found: usize,
        /// Pairs needed.
        needed: usize,
    },
    /// The person's values do not differ, so they correlate with nothing.
    #[error("the values compared do not differ within the person")]
    NoSpread,
    /// The sample's covariances cannot be inverted.
    #[error(
        "{people} people and {items} items: an item repeats others, or there are too few people"
    )]
    Dependent {
        /// People behind the covariances.
        people: u64,
        /// Items with any spread.
        items: usize,
    },
    /// No time was given.
    #[error("no time was given")]
    NoTime,
}
