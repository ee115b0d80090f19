// This file is compiled once for each version of Arrow: `super` says which.

use std::collections::HashMap;
use std::sync::Arc;

use super::arrow_array::types::UInt8Type;
use super::arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, RecordBatchOptions,
    StringArray, UInt8Array,
};
use super::arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use super::arrow_schema::{DataType, Field, Schema, SchemaRef};
use crate::answers::{AnswerError, Cells, Coding, Frame, NotOffered};
use crate::exchange::BatchError;
use crate::exchange::arrow::{Made, Plan, Shown, UNREADABLE, outcome_key, status_key};
use crate::score::{FrameError, NO_BAND, Outcome, ScaleBuffers, Scorer, Status};
use crate::survey::{ItemColumns, Profile};

#[path = "read.rs"]
mod read;

/// A scorer for the batches of a schema.
///
/// Immutable, `Send` and `Sync`; make one for a schema and keep it.
#[derive(Debug, Clone)]
pub struct BatchScorer {
    plan: Plan,
    /// Columns that the schema has.
    width: usize,
    asked: Vec<Asked>,
    /// Whether every column is read where it lies.
    lies: bool,
    made: Vec<Column>,
    schema: SchemaRef,
}

/// An item's column.
#[derive(Debug, Clone)]
struct Asked {
    item: usize,
    at: usize,
    name: String,
    of: DataType,
}

/// A column that comes out, and the words at its keys.
#[derive(Debug, Clone)]
struct Column {
    shown: Shown,
    of: usize,
    words: ArrayRef,
}

/// The scores of a batch.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BatchScores {
    /// Columns of [`BatchScorer::output_schema`], a row for each row that was given.
    pub scores: RecordBatch,
    /// Cells that were no answer and counted as unreadable, as was asked.
    pub unreadable: u64,
}

/// One scale of a batch, as the kernel writes it.
#[derive(Default)]
struct Memory {
    values: Vec<f64>,
    states: Vec<Status>,
    bands: Vec<u8>,
    sums: Vec<i32>,
    answered: Vec<i32>,
}

impl BatchScorer {
    /// Finds the items' columns in a schema. Of the profile counts what it says of cells: labels,
    /// sentinels, decimal mark.
    ///
    /// # Errors
    /// Columns that are not there, twice there, or of a type that holds no answers; a sentinel that
    /// is an answer; labels that name two options.
    pub fn new(
        scorer: &Scorer,
        schema: &Schema,
        columns: &ItemColumns,
        profile: &Profile,
    ) -> Result<Self, BatchError> {
        let names = schema.fields().iter().map(|field| field.name().clone());
        let plan = Plan::new(scorer, names, columns, profile)?;
        let mut asked = Vec::new();
        for (item, at) in plan.cells.columns().iter().enumerate() {
            let Some((at, field)) = at.and_then(|at| Some((at, schema.fields().get(at)?))) else {
                continue;
            };
            let (name, of) = (field.name().clone(), field.data_type().clone());
            if !read::is_readable(&of) {
                return Err(BatchError::ColumnType {
                    column: name,
                    item: plan.item_id(item).to_owned(),
                    found: of.to_string(),
                    allowed: read::READABLE,
                });
            }
            asked.push(Asked { item, at, name, of });
        }
        let lies = plan.coding.is_some() && asked.iter().all(|asked| read::lies(&asked.of));
        let mut door = Self {
            plan,
            width: schema.fields().len(),
            asked,
            lies,
            made: Vec::new(),
            schema: Arc::new(Schema::empty()),
        };
        door.describe();
        Ok(door)
    }

    /// Counts a cell that is no answer as unreadable, instead of stopping at it.
    #[must_use]
    pub fn not_offered(mut self, policy: NotOffered) -> Self {
        self.plan.set_not_offered(policy);
        self
    }

    /// Adds `S.sum`, the exact sum of the answers as counted, and `S.answered`, how many there are,
    /// both `Int32`; a scale that is a ratio of two has no sum.
    #[must_use]
    pub fn with_sums(mut self) -> Self {
        self.plan.want_sums();
        self.describe();
        self
    }

    /// Adds a column for each reported criterion: met, not met, undetermined. They are judged row by
    /// row, which takes far longer than the scales.
    #[must_use]
    pub fn with_criteria(mut self) -> Self {
        self.plan.want_criteria();
        self.describe();
        self
    }

    /// The columns that come out.
    pub const fn output_schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The scorer behind it.
    pub const fn scorer(&self) -> &Scorer {
        &self.plan.scorer
    }

    /// Scores a batch.
    ///
    /// # Errors
    /// A batch of another schema, or a cell that is no answer: the first, in the order of rows,
    /// unless such are counted as unreadable.
    pub fn score(&self, batch: &RecordBatch) -> Result<BatchScores, BatchError> {
        self.score_arrays(batch.columns(), batch.num_rows())
    }

    /// Scores the columns of a batch, in the order of the schema: for query engines, which hand over
    /// arguments.
    ///
    /// # Errors
    /// Those of [`Self::score`], and a column of another length than `rows`.
    pub fn score_arrays(
        &self,
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<BatchScores, BatchError> {
        self.check(columns, rows)?;
        let mut narrowed = Vec::new();
        let mut unreadable = 0;
        if !self.lies {
            narrowed.resize(self.asked.len() * rows, 0);
            for (asked, into) in self.asked.iter().zip(narrowed.chunks_mut(rows.max(1))) {
                let array = columns.get(asked.at).ok_or_else(|| lost("a column"))?;
                read::read(&self.plan, asked.item, array, into).ok_or_else(|| lost(&asked.of))?;
            }
            unreadable = self.not_understood(columns, rows, &narrowed)?;
        }
        let frame = self.frame(columns, rows, &narrowed)?;
        let mut memory = self.memory(rows);
        let mut out: Vec<ScaleBuffers<'_>> = memory.iter_mut().map(Memory::buffers).collect();
        let counted = self.plan.scorer.score_frame_into(&frame, 0..rows, &mut out);
        unreadable += counted.map_err(|error| self.blame(columns, error))?;
        let wants_criteria = self.made.iter().any(|column| column.shown == Shown::Outcome);
        let criteria =
            if wants_criteria { self.plan.scorer.criteria_of(&frame) } else { Vec::new() };
        let arrays = self.arrays(memory, &criteria)?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let scores = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options);
        Ok(BatchScores { scores: scores.map_err(BatchError::internal)?, unreadable })
    }

    fn describe(&mut self) {
        let made = self.plan.made();
        self.made = made
            .iter()
            .map(|Made { shown, of, words, .. }| {
                let words: ArrayRef = Arc::new(StringArray::from_iter_values(words));
                Column { shown: *shown, of: *of, words }
            })
            .collect();
        let fields = made.into_iter().map(|made| {
            let words =
                || DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8));
            let (of, nullable) = match made.shown {
                Shown::Value => (DataType::Float64, true),
                Shown::Band => (words(), true),
                Shown::Status | Shown::Outcome => (words(), false),
                Shown::Sum | Shown::Answered => (DataType::Int32, false),
            };
            let metadata: HashMap<String, String> = made.metadata.into_iter().collect();
            Field::new(made.name, of, nullable).with_metadata(metadata)
        });
        let fields: Vec<Field> = fields.collect();
        let metadata: HashMap<String, String> = self.plan.metadata().into_iter().collect();
        self.schema = Arc::new(Schema::new_with_metadata(fields, metadata));
    }

    fn check(&self, columns: &[ArrayRef], rows: usize) -> Result<(), BatchError> {
        if columns.len() != self.width {
            return Err(BatchError::ColumnCount { found: columns.len(), expected: self.width });
        }
        for asked in &self.asked {
            let Some(array) = columns.get(asked.at) else { continue };
            let column = || asked.name.clone();
            if *array.data_type() != asked.of {
                let (found, expected) = (array.data_type().to_string(), asked.of.to_string());
                return Err(BatchError::OtherType { column: column(), found, expected });
            }
            if array.len() != rows {
                let (found, expected) = (array.len(), rows);
                return Err(BatchError::ColumnLength { column: column(), found, expected });
            }
        }
        Ok(())
    }

    /// The table that the kernel reads: the columns themselves, or the bytes made of them.
    fn frame<'a>(
        &self,
        columns: &'a [ArrayRef],
        rows: usize,
        narrowed: &'a [u8],
    ) -> Result<Frame<'a>, BatchError> {
        let mut frame = Frame::new(self.plan.scorer.instrument(), rows);
        let bytes = |place: usize| narrowed.get(place * rows..(place + 1) * rows);
        for (place, asked) in self.asked.iter().enumerate() {
            let cells = if self.lies {
                columns.get(asked.at).and_then(|array| read::cells(array))
            } else {
                bytes(place).map(Cells::from)
            };
            if !cells.is_some_and(|cells| frame.put(asked.item, cells)) {
                return Err(lost(&asked.of));
            }
        }
        let coding = self.plan.coding.filter(|_| self.lies).unwrap_or(Coding::Bytes);
        let frame = frame.coded(coding).map_err(BatchError::internal)?;
        Ok(frame.not_offered(self.plan.not_offered))
    }

    /// How many cells are no answer; or the error about the first, where such stop the scoring.
    fn not_understood(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        narrowed: &[u8],
    ) -> Result<u64, BatchError> {
        let by_item = || narrowed.chunks(rows.max(1)).zip(&self.asked);
        let is_bad = |byte: &&u8| **byte == UNREADABLE;
        if self.plan.not_offered == NotOffered::Unreadable {
            let counts = by_item().map(|(bytes, _)| bytes.iter().filter(is_bad).count() as u64);
            return Ok(counts.sum());
        }
        let first = by_item().filter_map(|(bytes, asked)| {
            Some((bytes.iter().position(|byte| *byte == UNREADABLE)?, asked))
        });
        match first.min_by_key(|(row, asked)| (*row, asked.item)) {
            Some((row, asked)) => Err(self.no_answer(columns, asked, row)),
            None => Ok(0),
        }
    }

    /// The error about a cell; rows are counted from 0.
    fn no_answer(&self, columns: &[ArrayRef], asked: &Asked, row: usize) -> BatchError {
        BatchError::NotUnderstood {
            row: row + 1,
            column: asked.name.clone(),
            item: self.plan.item_id(asked.item).to_owned(),
            found: columns.get(asked.at).and_then(|of| read::shown(of, row)).unwrap_or_default(),
            allowed: self.plan.cells.allowed(asked.item).to_owned(),
        }
    }

    /// The kernel's error, in terms of the batch.
    fn blame(&self, columns: &[ArrayRef], error: FrameError) -> BatchError {
        let place = match &error {
            FrameError::Answer(
                AnswerError::CodeNotOffered { row: Some(row), item, .. }
                | AnswerError::NotWhole { row, item, .. },
            ) => Some((*row, item)),
            _ => None,
        };
        let asked = place.and_then(|(row, item)| {
            let asked = self.asked.iter().find(|asked| self.plan.item_id(asked.item) == item)?;
            Some((asked, row.checked_sub(1)?))
        });
        match asked {
            Some((asked, row)) => self.no_answer(columns, asked, row),
            None => BatchError::internal(error),
        }
    }

    /// Room for what is to come out, and for nothing else.
    fn memory(&self, rows: usize) -> Vec<Memory> {
        let mut memory: Vec<Memory> =
            self.plan.scorer.scales().map(|_| Memory::default()).collect();
        for column in self.made.iter().filter(|column| column.shown != Shown::Outcome) {
            let Some(scale) = memory.get_mut(column.of) else { continue };
            match column.shown {
                Shown::Value => scale.values = vec![0.0; rows],
                Shown::Band => scale.bands = vec![NO_BAND; rows],
                Shown::Status => scale.states = vec![Status::DependsOnAbsent; rows],
                Shown::Sum => scale.sums = vec![0; rows],
                Shown::Answered => scale.answered = vec![0; rows],
                Shown::Outcome => {}
            }
        }
        memory
    }

    fn arrays(
        &self,
        mut memory: Vec<Memory>,
        criteria: &[Vec<Outcome>],
    ) -> Result<Vec<ArrayRef>, BatchError> {
        let made = self.made.iter().map(|column| {
            if column.shown == Shown::Outcome {
                let outcomes = criteria.get(column.of).ok_or_else(|| lost("a criterion"))?;
                let keys = outcomes.iter().map(|outcome| outcome_key(*outcome)).collect();
                return words(keys, None, &column.words);
            }
            let scale = memory.get_mut(column.of).ok_or_else(|| lost("a scale"))?;
            Ok(match column.shown {
                Shown::Value => {
                    let nulls = validity(&scale.states, Status::is_scored);
                    Arc::new(Float64Array::new(std::mem::take(&mut scale.values).into(), nulls))
                }
                Shown::Band => {
                    let bands = std::mem::take(&mut scale.bands);
                    let nulls = validity(&bands, |band| band != NO_BAND);
                    words(bands, nulls, &column.words)?
                }
                Shown::Status => {
                    let keys = scale.states.iter().map(|status| status_key(*status)).collect();
                    words(keys, None, &column.words)?
                }
                Shown::Sum => Arc::new(Int32Array::from(std::mem::take(&mut scale.sums))),
                _ => Arc::new(Int32Array::from(std::mem::take(&mut scale.answered))),
            })
        });
        made.collect()
    }
}

impl Memory {
    fn buffers(&mut self) -> ScaleBuffers<'_> {
        // Empty where it is not wanted; a batch without rows has no use for any.
        let mut out = ScaleBuffers::new()
            .values(&mut self.values)
            .states(&mut self.states)
            .bands(&mut self.bands);
        if !self.sums.is_empty() {
            out = out.sums(&mut self.sums[..]);
        }
        if !self.answered.is_empty() {
            out = out.answered(&mut self.answered[..]);
        }
        out
    }
}

fn lost(what: impl std::fmt::Display) -> BatchError {
    BatchError::internal(format!("{what} was there when the schema was read, and is not now"))
}

/// A column of words by their keys.
fn words(
    keys: Vec<u8>,
    nulls: Option<NullBuffer>,
    words: &ArrayRef,
) -> Result<ArrayRef, BatchError> {
    let keys = UInt8Array::new(keys.into(), nulls);
    let words = DictionaryArray::<UInt8Type>::try_new(keys, words.clone());
    Ok(Arc::new(words.map_err(BatchError::internal)?))
}

/// Rows that are asked together.
const TOLD: usize = 256;
/// Times this, the lowest bit of each of eight bytes is in its place in the highest byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// The bitmap of rows that have something; none where all have.
fn validity<T: Copy>(rows: &[T], has: impl Fn(T) -> bool) -> Option<NullBuffer> {
    // Without a branch in it, many are asked at once.
    if rows.iter().fold(true, |all, row| all & has(*row)) {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(rows.len().div_ceil(8));
    for rows in rows.chunks(TOLD) {
        // A loop for what is asked and one for the bits: each is made wide.
        let mut there = [[0_u8; 8]; TOLD / 8];
        for (there, row) in there.as_flattened_mut().iter_mut().zip(rows) {
            *there = u8::from(has(*row));
        }
        bytes.extend(there.iter().take(rows.len().div_ceil(8)).map(|eight| {
            let [.., byte] = u64::from_le_bytes(*eight).wrapping_mul(GATHER).to_le_bytes();
            byte
        }));
    }
    Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(bytes), 0, rows.len())))
}
