//! The caller's memory for the scores of a scale.

use std::ops::Range;

use crate::answers::AnswerError;
use crate::score::value::Status;

/// A buffer of whole numbers: `u8`, `i16` or `i32`, as wide as the scale needs.
#[derive(Debug)]
pub enum Integers<'a> {
    /// 0 to 255.
    U8(&'a mut [u8]),
    /// Up to ±32,767.
    I16(&'a mut [i16]),
    /// Every scale.
    I32(&'a mut [i32]),
}

#[cfg(feature = "rayon")]
impl Integers<'_> {
    fn split_at(self, row: usize) -> (Self, Self) {
        fn cut<T>(into: &mut [T], row: usize) -> (&mut [T], &mut [T]) {
            into.split_at_mut(row.min(into.len()))
        }
        match self {
            Self::U8(into) => {
                let (left, right) = cut(into, row);
                (Self::U8(left), Self::U8(right))
            }
            Self::I16(into) => {
                let (left, right) = cut(into, row);
                (Self::I16(left), Self::I16(right))
            }
            Self::I32(into) => {
                let (left, right) = cut(into, row);
                (Self::I32(left), Self::I32(right))
            }
        }
    }
}

impl Integers<'_> {
    fn len(&self) -> usize {
        match self {
            Self::U8(into) => into.len(),
            Self::I16(into) => into.len(),
            Self::I32(into) => into.len(),
        }
    }

    pub(super) fn holds(&self, low: i64, high: i64) -> bool {
        let (least, most) = match self {
            Self::U8(_) => (0, i64::from(u8::MAX)),
            Self::I16(_) => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Self::I32(_) => (i64::from(i32::MIN), i64::from(i32::MAX)),
        };
        least <= low && high <= most
    }

    pub(super) fn set(&mut self, row: usize, number: i32) {
        // The buffer holds every number that the scale can have: tested before the first row.
        match self {
            Self::U8(into) => put(into, row, u8::try_from(number).unwrap_or(u8::MAX)),
            Self::I16(into) => put(into, row, i16::try_from(number).unwrap_or(i16::MAX)),
            Self::I32(into) => put(into, row, number),
        }
    }

    fn part(&mut self, rows: Range<usize>) -> Integers<'_> {
        match self {
            Self::U8(into) => Integers::U8(into.get_mut(rows).unwrap_or_default()),
            Self::I16(into) => Integers::I16(into.get_mut(rows).unwrap_or_default()),
            Self::I32(into) => Integers::I32(into.get_mut(rows).unwrap_or_default()),
        }
    }
}

impl<'a> From<&'a mut [u8]> for Integers<'a> {
    fn from(into: &'a mut [u8]) -> Self {
        Self::U8(into)
    }
}
impl<'a> From<&'a mut [i16]> for Integers<'a> {
    fn from(into: &'a mut [i16]) -> Self {
        Self::I16(into)
    }
}
impl<'a> From<&'a mut [i32]> for Integers<'a> {
    fn from(into: &'a mut [i32]) -> Self {
        Self::I32(into)
    }
}

/// Where the scores of one scale go: slices of the caller, one place a row, only those wanted.
///
/// What is not asked for costs nothing: exact sums with bands are about half the work of floats.
#[derive(Debug, Default)]
pub struct ScaleBuffers<'a> {
    pub(super) sums: Option<Integers<'a>>,
    pub(super) answered: Option<Integers<'a>>,
    pub(super) bands: Option<&'a mut [u8]>,
    pub(super) states: Option<&'a mut [Status]>,
    pub(super) values: Option<&'a mut [f64]>,
    pub(super) values_f32: Option<&'a mut [f32]>,
}

impl<'a> ScaleBuffers<'a> {
    /// Nothing wanted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants the exact sum of the answers as counted. With [`Self::answered`] it is the score as the
    /// answers give it: `sum * items / answered` for a sum, `sum / answered` for a mean. A scale
    /// that is another one times a factor or by a table gives the sum of that one; a ratio has none.
    #[must_use]
    pub fn sums(self, into: impl Into<Integers<'a>>) -> Self {
        Self { sums: Some(into.into()), ..self }
    }

    /// Wants how many items were answered; of a ratio, of both its scales.
    #[must_use]
    pub fn answered(self, into: impl Into<Integers<'a>>) -> Self {
        Self { answered: Some(into.into()), ..self }
    }

    /// Wants the position of the band in the set in force, [`NO_BAND`](super::NO_BAND) where there
    /// is none.
    #[must_use]
    pub fn bands(self, into: &'a mut [u8]) -> Self {
        Self { bands: Some(into), ..self }
    }

    /// Wants how each row came out.
    #[must_use]
    pub fn states(self, into: &'a mut [Status]) -> Self {
        Self { states: Some(into), ..self }
    }

    /// Wants the value; NaN where there is none.
    #[must_use]
    pub fn values(self, into: &'a mut [f64]) -> Self {
        Self { values: Some(into), ..self }
    }

    /// Wants the value as the nearest `f32`; NaN where there is none.
    #[must_use]
    pub fn values_f32(self, into: &'a mut [f32]) -> Self {
        Self { values_f32: Some(into), ..self }
    }

    /// These rows of every buffer.
    pub fn part(&mut self, rows: Range<usize>) -> ScaleBuffers<'_> {
        let cut = || rows.clone();
        ScaleBuffers {
            sums: self.sums.as_mut().map(|into| into.part(cut())),
            answered: self.answered.as_mut().map(|into| into.part(cut())),
            bands: self.bands.as_mut().map(|into| into.get_mut(cut()).unwrap_or_default()),
            states: self.states.as_mut().map(|into| into.get_mut(cut()).unwrap_or_default()),
            values: self.values.as_mut().map(|into| into.get_mut(cut()).unwrap_or_default()),
            values_f32: self
                .values_f32
                .as_mut()
                .map(|into| into.get_mut(cut()).unwrap_or_default()),
        }
    }

    /// The rows before `row`, and the others.
    #[cfg(feature = "rayon")]
    pub(super) fn split_at(self, row: usize) -> (Self, Self) {
        fn cut<T>(into: Option<&mut [T]>, row: usize) -> (Option<&mut [T]>, Option<&mut [T]>) {
            into.and_then(|into| into.split_at_mut_checked(row)).unzip()
        }
        let (sums, more_sums) = self.sums.map(|into| into.split_at(row)).unzip();
        let (answered, more_answered) = self.answered.map(|into| into.split_at(row)).unzip();
        let (bands, more_bands) = cut(self.bands, row);
        let (states, more_states) = cut(self.states, row);
        let (values, more_values) = cut(self.values, row);
        let (values_f32, more_values_f32) = cut(self.values_f32, row);
        (
            Self { sums, answered, bands, states, values, values_f32 },
            Self {
                sums: more_sums,
                answered: more_answered,
                bands: more_bands,
                states: more_states,
                values: more_values,
                values_f32: more_values_f32,
            },
        )
    }

    /// The first buffer that has not one place for each of `rows` rows.
    pub(super) fn of_other_length(&self, rows: usize) -> Option<(&'static str, usize)> {
        let lengths = [
            ("sums", self.sums.as_ref().map(Integers::len)),
            ("answered", self.answered.as_ref().map(Integers::len)),
            ("bands", self.bands.as_ref().map(|into| into.len())),
            ("states", self.states.as_ref().map(|into| into.len())),
            ("values", self.values.as_ref().map(|into| into.len())),
            ("values_f32", self.values_f32.as_ref().map(|into| into.len())),
        ];
        let mut wrong = lengths.into_iter().filter_map(|(what, length)| Some((what, length?)));
        wrong.find(|(_, length)| *length != rows)
    }
}

pub(super) fn put<T>(into: &mut [T], row: usize, value: T) {
    if let Some(slot) = into.get_mut(row) {
        *slot = value;
    }
}

/// Why a table could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Answers that do not fit the instrument. Rows before the one that is named may have been
    /// written.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Buffers for another number of scales.
    #[error("buffers for {found} scales were given; {expected} are reported: {scales}")]
    Scales {
        /// How many were given.
        found: usize,
        /// How many scales are reported.
        expected: usize,
        /// Their ids.
        scales: String,
    },
    /// A buffer of another length than the rows.
    #[error("the buffer `{buffer}` of scale `{scale}` has {found} places for {expected} rows")]
    Length {
        /// Id of the scale.
        scale: String,
        /// Which buffer.
        buffer: &'static str,
        /// Its length.
        found: usize,
        /// Rows.
        expected: usize,
    },
    /// A buffer that cannot hold every number of the scale.
    #[error(
        "the buffer `{buffer}` of scale `{scale}` cannot hold {low} to {high}; take a wider one"
    )]
    TooNarrow {
        /// Id of the scale.
        scale: String,
        /// Which buffer.
        buffer: &'static str,
        /// Lowest number.
        low: i64,
        /// Highest number.
        high: i64,
    },
    /// A sum of a scale that is a ratio of two.
    #[error("scale `{scale}` is a ratio of two scales and has no sum of answers; ask for values")]
    NoSum {
        /// Id of the scale.
        scale: String,
    },
    /// Rows that the table does not have.
    #[error("rows {start} to {end} were asked for; the table has {rows}")]
    Rows {
        /// First row, from 0.
        start: usize,
        /// Row after the last.
        end: usize,
        /// Rows of the table.
        rows: usize,
    },
}

impl FrameError {
    /// With the number of a row that comes after so many others.
    pub(super) fn after(mut self, rows: usize) -> Self {
        if let Self::Answer(AnswerError::CodeNotOffered { row: Some(row), .. }) = &mut self {
            *row += rows;
        }
        self
    }

    /// What can be wrong where buffers and rows are our own.
    pub(super) fn of_answers(self) -> AnswerError {
        match self {
            Self::Answer(error) => error,
            other => AnswerError::Internal { what: other.to_string() },
        }
    }
}
