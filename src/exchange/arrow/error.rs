//! What can be wrong with a batch of columns.

use crate::survey::SurveyError;

/// A batch that cannot be scored as asked. Rows are those of the batch, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The columns do not hold the items, or what was said about their cells does not fit.
    #[error(transparent)]
    Columns(#[from] SurveyError),
    /// A column of a type that holds no answers.
    #[error("column `{column}` (item `{item}`) is of type {found}; answers are {allowed}")]
    ColumnType {
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// Its type.
        found: String,
        /// The types that hold answers.
        allowed: &'static str,
    },
    /// A batch of another schema than the one that was compiled.
    #[error(
        "column `{column}` is of type {found}, and was {expected} in the schema that the scorer was made for; make one for each schema"
    )]
    OtherType {
        /// Name of the column.
        column: String,
        /// Its type in the batch.
        found: String,
        /// Its type in the schema.
        expected: String,
    },
    /// More or fewer columns than the schema has.
    #[error("{found} columns were given; the schema that the scorer was made for has {expected}")]
    ColumnCount {
        /// How many were given.
        found: usize,
        /// How many the schema has.
        expected: usize,
    },
    /// A column of another length than the batch.
    #[error("column `{column}` has {found} rows, the batch {expected}")]
    ColumnLength {
        /// Name of the column.
        column: String,
        /// Its rows.
        found: usize,
        /// Rows of the batch.
        expected: usize,
    },
    /// A cell that is no answer.
    #[error(
        "row {row} of the batch, column `{column}`: {found} is no answer to item `{item}`, which allows {allowed}; correct the cell, declare it as missing, or have such counted as unreadable"
    )]
    NotUnderstood {
        /// Row of the batch, from 1.
        row: usize,
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// The number, or the text in quotation marks, shortened.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A fault of this crate.
    #[error("this is a fault of straingauge, please report it: {what}")]
    Internal {
        /// What happened.
        what: String,
    },
}

impl BatchError {
    pub(in crate::exchange) fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal { what: what.to_string() }
    }
}
