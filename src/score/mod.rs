//! Scoring: an instrument compiled once into a [`Scorer`], and what a sheet then gives.
//!
//! The flow: `rule` holds one scale's compiled key, `tally` counts a row against it, `value` turns
//! the count into an exact value or a typed absence, `judge` decides criteria, `scorer` runs them
//! for one sheet, `columns` counts many at once and ends in the same `value`, `scores` is what the
//! caller sees, `record` what is stored, `explain` how it came about.

mod columns;
mod explain;
mod judge;
mod keyed;
mod naming;
mod norms;
mod options;
mod record;
mod rule;
mod scorer;
mod scores;
mod tally;
mod value;
mod vectors;

pub use columns::{ColumnScores, FrameError, Integers, NO_BAND, ScaleBuffers, ScaleColumns};
pub use explain::{Explanation, ExplanationStep};
pub(crate) use keyed::items_behind;
pub use keyed::{KeyedError, KeyedItems};
#[cfg(feature = "csv")]
pub(crate) use naming::PARTS;
pub(crate) use naming::{column_name, short_names};
pub use norms::NormedScore;
pub use options::{MinAnswered, OptionError, ScoreOptions};
pub use record::{
    BandRecord, CriterionRecord, Receipt, RuleHash, ScaleRecord, ScoreRecord, VerifyError,
};
pub use scorer::Scorer;
pub use scores::{Band, CriterionView, Outcome, ScaleView, Score, Scores};
pub use value::{Absence, Status};
pub use vectors::{Vector, VectorError, VectorFailure, Vectors};
