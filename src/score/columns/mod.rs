//! Many sheets at once: a block of rows at a time, item by item within it.
//!
//! A block takes the fast lane where every byte is a code or plainly missing and the scale's codes
//! count by points that fit a byte: `kernel` adds, `finish` looks up what follows. Every other
//! block, and every scale with wider values, takes the general lane: one table look-up an answer,
//! which also counts what was not asked or does not apply. Both end in the functions that value one
//! sheet, so that one person is a table of one row.

mod block;
mod buffers;
mod finish;
mod kernel;
#[cfg(feature = "rayon")]
mod parallel;
mod plan;
mod transpose;
mod wide;

use std::ops::Range;

use block::Block;
pub use buffers::{FrameError, Integers, ScaleBuffers};
use plan::Shown;
pub(super) use plan::{Compiled, packed};

use super::scorer::Scorer;
use super::scores::Outcome;
use super::value::Status;
use crate::answers::{AnswerError, Columns, Frame};
use crate::instrument::{Instrument, Scale};

/// Band position where a row has none.
pub const NO_BAND: u8 = u8::MAX;

/// One scale of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ScaleColumns {
    /// Id of the scale.
    pub scale: String,
    /// Values; NaN where the state says that there is none.
    pub values: Vec<f64>,
    /// How each row came out.
    pub states: Vec<Status>,
    /// Position of the band in the set in force; [`NO_BAND`] where there is none.
    pub bands: Vec<u8>,
}

/// The scores of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ColumnScores {
    /// The reported scales, in order.
    pub scales: Vec<ScaleColumns>,
    /// The reported criteria, in order: one outcome a row.
    pub criteria: Vec<Vec<Outcome>>,
    /// Numbers that were no code of their item and counted as unreadable, as the frame asked.
    pub unreadable: u64,
}

impl Scorer {
    /// Scores a table of bytes: for each reported scale a column of values, states and bands.
    ///
    /// # Errors
    /// A table of another instrument, or a code that an item does not offer, with its row.
    pub fn score_columns(&self, table: &Columns<'_>) -> Result<ColumnScores, AnswerError> {
        let frame = Frame::from(table);
        self.check_instrument(frame.instrument())?;
        self.to_columns(&frame)
    }

    /// Scores a table in any supported layout into columns of its own. Where memory can be used
    /// again, [`Self::score_frame_into`] takes half the time.
    ///
    /// # Errors
    /// A table of another instrument; a number that an item does not offer, with its row, unless
    /// the frame counts such as unreadable.
    pub fn score_frame(&self, frame: &Frame<'_>) -> Result<ColumnScores, FrameError> {
        self.check_instrument(frame.instrument())?;
        Ok(self.to_columns(frame)?)
    }

    fn to_columns(&self, frame: &Frame<'_>) -> Result<ColumnScores, AnswerError> {
        let rows = frame.len();
        let mut scales: Vec<ScaleColumns> = self
            .scales()
            .map(|scale| ScaleColumns {
                scale: scale.id().to_owned(),
                values: vec![f64::NAN; rows],
                states: vec![Status::DependsOnAbsent; rows],
                bands: vec![NO_BAND; rows],
            })
            .collect();
        let mut buffers: Vec<ScaleBuffers<'_>> = scales
            .iter_mut()
            .map(|scale| {
                ScaleBuffers::new()
                    .values(&mut scale.values)
                    .states(&mut scale.states)
                    .bands(&mut scale.bands)
            })
            .collect();
        let unreadable = Block::new(self, frame).run(0..rows, &mut buffers)?;
        let criteria = self.criteria_of(frame);
        Ok(ColumnScores { scales, criteria, unreadable })
    }

    /// Scores rows of a table into memory of the caller: one set of buffers for each reported scale,
    /// in order, each with a place for every row of `rows`. Gives back how many numbers counted as
    /// unreadable, which is 0 unless the frame asks for that.
    ///
    /// Keeps no state and, where every column lies as bytes, allocates nothing: call it on disjoint
    /// rows from as many threads as you like.
    ///
    /// ```
    /// # let text = include_str!("../../../instruments/proqol-5/1.0.0.toml");
    /// # let proqol = straingauge::Instrument::parse(text).unwrap();
    /// use straingauge::answers::{Coding, Frame, MissingKind};
    /// use straingauge::score::ScaleBuffers;
    /// let answers = [3_u8, 0, 5]; // 0: left blank
    /// let coding = Coding::Missing { number: 0, kind: MissingKind::Skipped };
    /// let mut frame = Frame::new(&proqol, 3).coded(coding)?;
    /// for item in proqol.items() {
    ///     frame = frame.column(item.id(), &answers)?;
    /// }
    /// let scorer = proqol.scorer();
    /// let (mut sums, mut answered, mut bands) = ([[0_u8; 3]; 3], [[0_u8; 3]; 3], [[0_u8; 3]; 3]);
    /// let buffers = sums.iter_mut().zip(&mut answered).zip(&mut bands);
    /// let mut buffers: Vec<_> = buffers
    ///     .map(|((sums, answered), bands)| {
    ///         ScaleBuffers::new().sums(&mut sums[..]).answered(&mut answered[..]).bands(bands)
    ///     })
    ///     .collect();
    /// scorer.score_frame_into(&frame, 0..3, &mut buffers)?;
    /// assert_eq!(sums[0], [30, 0, 50]);
    /// assert_eq!(answered[0], [10, 0, 10]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A table of another instrument, rows that it does not have, buffers that do not fit, or a
    /// number that an item does not offer, the one of the first row; unless the frame counts such
    /// as unreadable.
    pub fn score_frame_into(
        &self,
        frame: &Frame<'_>,
        rows: Range<usize>,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<u64, FrameError> {
        self.check_frame(frame, &rows)?;
        self.check_buffers(rows.len(), out)?;
        Ok(Block::new(self, frame).run(rows, out)?)
    }

    /// Scores rows as they come from an iterator, one byte per item in form order, into memory of the
    /// caller: the first row into the first places. Gives back how many there were.
    ///
    /// ```
    /// # let text = include_str!("../../../instruments/phq-9/1.0.0.toml");
    /// # let phq9 = straingauge::Instrument::parse(text).unwrap();
    /// use straingauge::score::ScaleBuffers;
    /// let rows = [[1_u8; 10], [3; 10], [0; 10]];
    /// let mut values = [0.0; 5];
    /// let mut buffers = [ScaleBuffers::new().values(&mut values)];
    /// assert_eq!(phq9.scorer().score_rows_into(rows, &mut buffers)?, 3);
    /// assert_eq!(values[..3], [9.0, 27.0, 0.0]);
    /// # Ok::<(), straingauge::score::FrameError>(())
    /// ```
    ///
    /// # Errors
    /// A row of another length, a code that an item does not offer, or buffers that do not fit or
    /// are full.
    pub fn score_rows_into<R: AsRef<[u8]>>(
        &self,
        rows: impl IntoIterator<Item = R>,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<usize, FrameError> {
        let items = self.instrument().items().len();
        let places = out.iter().find_map(ScaleBuffers::len).unwrap_or(0);
        self.check_buffers(places, out)?;
        let (mut tile, mut memory) = (Vec::with_capacity(items * TOGETHER), Vec::new());
        let (mut rows, mut done) = (rows.into_iter(), 0);
        loop {
            tile.clear();
            for (row, at) in rows.by_ref().take(TOGETHER).zip(done + 1..) {
                let row = row.as_ref();
                if row.len() != items {
                    let (row, found, expected) = (at, row.len(), items);
                    return Err(FrameError::RowLength { row, found, expected });
                }
                tile.extend_from_slice(row);
            }
            if tile.is_empty() {
                return Ok(done);
            }
            let frame = Frame::from_rows(self.instrument(), &tile)?;
            if done + frame.len() > places {
                return Err(FrameError::Full { places });
            }
            let mut block = Block::with_memory(self, &frame, memory);
            let scored = block.run_to(0..frame.len(), done, out);
            memory = scored.map_err(|error| FrameError::from(error).after(done))?;
            done += frame.len();
        }
    }

    fn check_instrument(&self, of: &Instrument) -> Result<(), AnswerError> {
        if of == self.instrument() {
            return Ok(());
        }
        let name = |of: &Instrument| format!("{}@{}", of.id(), of.version());
        Err(AnswerError::OtherInstrument { found: name(of), expected: name(self.instrument()) })
    }

    fn check_frame(&self, frame: &Frame<'_>, rows: &Range<usize>) -> Result<(), FrameError> {
        self.check_instrument(frame.instrument())?;
        if rows.start > rows.end || rows.end > frame.len() {
            let (start, end, rows) = (rows.start, rows.end, frame.len());
            return Err(FrameError::Rows { start, end, rows });
        }
        Ok(())
    }

    fn check_buffers(&self, rows: usize, out: &[ScaleBuffers<'_>]) -> Result<(), FrameError> {
        let of = |at: &usize| self.instrument().scales().get(*at).map(Scale::id);
        let scales = || self.active().iter().filter_map(of);
        if out.len() != self.active().len() {
            return Err(FrameError::Scales {
                found: out.len(),
                expected: self.active().len(),
                scales: scales().collect::<Vec<_>>().join(", "),
            });
        }
        let compiled = self.counting();
        for ((scale, out), shown) in scales().zip(out).zip(&compiled.shown) {
            let scale = || scale.to_owned();
            if let Some((buffer, found)) = out.of_other_length(rows) {
                return Err(FrameError::Length { scale: scale(), buffer, found, expected: rows });
            }
            let roots = match *shown {
                Shown::One { root, .. } => [Some(root), None],
                Shown::Two { .. } if out.sums.is_some() => {
                    return Err(FrameError::NoSum { scale: scale() });
                }
                Shown::Two { roots: [one, other], .. } => [Some(one), Some(other)],
            };
            let roots = || roots.iter().flatten().filter_map(|at| compiled.roots.get(*at));
            let items: i64 = roots().map(|root| i64::from(root.items)).sum();
            let (low, high) = roots().next().map_or((0, 0), |root| root.range);
            let wanted = [("sums", &out.sums, low, high), ("answered", &out.answered, 0, items)];
            for (buffer, into, low, high) in wanted {
                if into.as_ref().is_some_and(|into| !into.holds(low, high)) {
                    return Err(FrameError::TooNarrow { scale: scale(), buffer, low, high });
                }
            }
        }
        Ok(())
    }

    /// The outcome of each reported criterion for each row.
    pub(crate) fn criteria_of(&self, frame: &Frame<'_>) -> Vec<Vec<Outcome>> {
        let mut criteria = vec![Vec::with_capacity(frame.len()); self.criteria().count()];
        if criteria.is_empty() {
            return criteria;
        }
        let readable = self.readable();
        let mut bytes = vec![0; readable.len() * TOGETHER];
        for start in (0..frame.len()).step_by(TOGETHER) {
            let rows = start..frame.len().min(start + TOGETHER);
            for ((item, readable), column) in
                readable.iter().enumerate().zip(bytes.chunks_mut(TOGETHER))
            {
                frame.fill(item, rows.clone(), column.get_mut(..rows.len()).unwrap_or_default());
                for byte in column {
                    let offered = readable.get(usize::from(*byte)) == Some(&true);
                    *byte = if offered { *byte } else { block::UNREADABLE };
                }
            }
            for row in 0..rows.len() {
                let own = |item: usize| bytes.get(item * TOGETHER + row).copied();
                let byte = |item: usize| {
                    self.effective_byte(item, |at| own(at).unwrap_or(block::UNREADABLE))
                };
                for (column, outcome) in criteria.iter_mut().zip(self.outcomes(byte)) {
                    column.push(outcome);
                }
            }
        }
        criteria
    }
}

/// Rows that are judged together.
const TOGETHER: usize = 1024;

/// The table is of this instrument, and every byte an answer to its item.
pub(super) fn check(scorer: &Scorer, table: &Columns<'_>) -> Result<(), AnswerError> {
    scorer.check_instrument(table.instrument())?;
    for (item, readable) in scorer.readable().iter().enumerate() {
        let Some(column) = table.of(item) else { continue };
        let wrong = |byte: &u8| readable.get(usize::from(*byte)) != Some(&true);
        if let Some(row) = column.iter().position(wrong) {
            let byte = column.get(row).copied().unwrap_or(0);
            return Err(scorer.not_offered(Some(row + 1), item, byte));
        }
    }
    Ok(())
}
