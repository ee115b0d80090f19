//! Record batches of Arrow 59: columns of answers in, columns of scores out (feature `arrow59`).
//!
//! A [`BatchScorer`] is made once for a schema and scores batch after batch, from as many threads as
//! you like, with the kernel that every other door uses: the same bits.
//!
//! # What is read
//!
//! Columns are found by [`ItemColumns`](crate::survey::ItemColumns), and a cell is read as
//! [`Profile`](crate::survey::Profile) says of the same cell in a file: codes, labels if it reads
//! them, sentinels. Null is the blank cell, and so is NaN.
//!
//! | type of the column | how |
//! |---|---|
//! | `UInt8` without nulls | where it lies, nothing is copied |
//! | `UInt8` with nulls, `Int8` to `Int64`, `Float32`, `Float64` | where it lies, a block of rows at a time |
//! | `UInt16` to `UInt64`; any number where several sentinels are numbers, or codes are recoded | looked up, into bytes |
//! | `Utf8`, `LargeUtf8`, `Utf8View` | as cells of a file, each text read once |
//! | `Dictionary` of those texts | each value read once |
//! | `Null` | all blank |
//!
//! One column of text has every column of the batch turned into bytes first. Booleans, decimals and
//! dates are refused: what `true` would mean for an item is not said anywhere.
//!
//! # What comes out
//!
//! For each reported scale `S` the columns `S` (`Float64`, null where there is no value), `S.band`
//! and `S.status` (dictionaries of words), as in a table of scores. The metadata of each field
//! name instrument, version, scale, rule hash, band set, source and DOI.

/// The crate `arrow-array`, whose types this module takes.
pub use arrow_array_59 as arrow_array;
/// The crate `arrow-buffer` that belongs to it.
pub use arrow_buffer_59 as arrow_buffer;
/// The crate `arrow-schema` that belongs to it.
pub use arrow_schema_59 as arrow_schema;

// One source for every version: a door that differed between two would be another reading.
#[allow(clippy::duplicate_mod)]
#[path = "door.rs"]
mod door;

/// ```
/// use std::sync::Arc;
/// use straingauge::exchange::arrow59::{BatchScorer, arrow_array};
/// use straingauge::survey::{ItemColumns, Profile};
/// use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch, cast::AsArray};
///
/// let phq9 = straingauge::catalog::get("phq-9")?;
/// let answers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), Some(2), None]));
/// let columns = phq9.items().iter().map(|item| (format!("phq{}", item.id()), answers.clone()));
/// let batch = RecordBatch::try_from_iter(columns)?;
///
/// let scorer = phq9.scorer();
/// let door = BatchScorer::new(&scorer, batch.schema_ref(), &ItemColumns::prefix("phq"), &Profile::plain())?;
/// let scores = door.score(&batch)?.scores;
/// assert_eq!(scores["total"].as_ref(), &Float64Array::from(vec![Some(9.0), Some(18.0), None]));
/// let field = scores.schema_ref().field_with_name("total.band")?;
/// assert_eq!(field.metadata()["straingauge.instrument"], "phq-9");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub use door::BatchScorer;
/// ```
/// use straingauge::answers::NotOffered;
/// use straingauge::exchange::arrow59::{BatchScorer, arrow_array};
/// use straingauge::survey::{ItemColumns, Profile};
/// use arrow_array::{ArrayRef, RecordBatch, StringArray};
///
/// let phq9 = straingauge::catalog::get("phq-9")?;
/// let answers: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["1", "often"]));
/// let batch = RecordBatch::try_from_iter([("q1", answers)])?;
/// let door = BatchScorer::new(
///     &phq9.scorer(), batch.schema_ref(), &ItemColumns::prefix("q"), &Profile::plain(),
/// )?;
/// let refused = door.score(&batch).unwrap_err().to_string();
/// assert!(refused.starts_with("row 2 of the batch, column `q1`: \"often\" is no answer"));
/// assert_eq!(door.not_offered(NotOffered::Unreadable).score(&batch)?.unreadable, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub use door::BatchScores;
