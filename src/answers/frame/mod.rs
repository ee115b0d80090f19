//! The answers of many people as their columns lie in the caller's memory.

mod cells;
mod fill;

pub use cells::Cells;

use super::{Answer, AnswerError, Columns, MissingKind};
use crate::instrument::{Instrument, Item};

/// What the numbers of a frame mean where they are no code of a response set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Coding {
    /// 251 to 255 are the missing kinds, as [`Answer::to_byte`] writes them.
    #[default]
    Bytes,
    /// There are codes alone; what is missing is NaN, or null in a validity bitmap.
    Codes,
    /// One number stands for a missing answer: 0, -1, 99, `i32::MIN` for R's `NA`.
    Missing {
        /// The number.
        number: i64,
        /// What it says.
        kind: MissingKind,
    },
}

/// Bytes that are plainly missing: no code, and no kind that counts in a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plain {
    /// None is.
    None,
    One(u8),
    /// The first, and how many follow it.
    Range(u8, u8),
}

impl Plain {
    /// Declined and skipped, of bytes as [`Answer::to_byte`] writes them.
    pub(crate) const NARROWED: Self =
        Self::Range(Answer::Missing(MissingKind::Declined).to_byte(), 1);
}

/// What happens to a number that is neither a code of its item nor a missing one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOffered {
    /// Scoring stops with an error that names row, item and number.
    #[default]
    Refuse,
    /// The answer counts as [`MissingKind::Unreadable`], and how many there are is said.
    Unreadable,
}

/// A table of answers in the caller's memory: for each item a column of any supported kind.
///
/// Columns of `u8` are read where they lie and are the fastest by far. Other integers, floats,
/// columns with a validity bitmap and row-major tables are narrowed a block of rows at a time.
/// An item without a column was not asked. NaN and null are [`MissingKind::Skipped`].
///
/// ```
/// # let text = include_str!("../../../instruments/phq-9/1.0.0.toml");
/// # let phq9 = straingauge::Instrument::parse(text).unwrap();
/// use straingauge::answers::{Coding, Frame, MissingKind};
/// let first = [0_i32, 3, i32::MIN];
/// let second = [1.0, f64::NAN, 2.0];
/// let coding = Coding::Missing { number: i32::MIN.into(), kind: MissingKind::Declined };
/// let frame = Frame::new(&phq9, 3).coded(coding)?.column("1", &first)?.column("2", &second)?;
/// assert_eq!(frame.len(), 3);
/// # Ok::<(), straingauge::answers::AnswerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    instrument: Instrument,
    layout: Layout<'a>,
    picked: Option<&'a [usize]>,
    stored: usize,
    coding: Coding,
    not_offered: NotOffered,
}

#[derive(Debug, Clone)]
enum Layout<'a> {
    /// A column for each item that was asked.
    Columns(Vec<Option<Cells<'a>>>),
    /// Row after row, one byte for each item.
    Rows(&'a [u8]),
}

impl<'a> Frame<'a> {
    /// A table of `len` people, no item asked yet.
    pub fn new(instrument: &Instrument, len: usize) -> Self {
        Self {
            instrument: instrument.clone(),
            layout: Layout::Columns(vec![None; instrument.items().len()]),
            picked: None,
            stored: len,
            coding: Coding::Bytes,
            not_offered: NotOffered::Refuse,
        }
    }

    /// A table that lies row after row, one byte per item in form order.
    ///
    /// # Errors
    /// A length that is no multiple of the number of items.
    pub fn from_rows(instrument: &Instrument, rows: &'a [u8]) -> Result<Self, AnswerError> {
        let items = instrument.items().len().max(1);
        if !rows.len().is_multiple_of(items) {
            return Err(AnswerError::WrongCount {
                instrument: instrument.id().to_owned(),
                found: rows.len() % items,
                expected: items,
            });
        }
        Ok(Self {
            instrument: instrument.clone(),
            layout: Layout::Rows(rows),
            picked: None,
            stored: rows.len() / items,
            coding: Coding::Bytes,
            not_offered: NotOffered::Refuse,
        })
    }

    /// Gives the column of an item.
    ///
    /// # Errors
    /// An unknown item, a column of another length, or a number for missing answers that is a code
    /// of the item.
    pub fn column(mut self, item: &str, cells: impl Into<Cells<'a>>) -> Result<Self, AnswerError> {
        let at = self
            .instrument
            .item_position(item)
            .ok_or_else(|| AnswerError::no_such_item(&self.instrument, item))?;
        let cells = cells.into();
        if cells.len() != self.stored {
            let (item, found) = (item.to_owned(), cells.len());
            return Err(AnswerError::ColumnLength { item, found, expected: self.stored });
        }
        if let Layout::Rows(_) = self.layout {
            let items = 0..self.instrument.items().len();
            self.layout = Layout::Columns(items.map(|item| self.cells(item)).collect());
        }
        if let Layout::Columns(columns) = &mut self.layout
            && let Some(slot) = columns.get_mut(at)
        {
            *slot = Some(cells);
        }
        self.with_checked_coding()
    }

    /// [`Self::column`] by the item's position, before [`Self::coded`]; a column of another length is
    /// refused.
    #[cfg(any(feature = "arrow59", feature = "arrow60"))]
    pub(crate) fn put(&mut self, item: usize, cells: Cells<'a>) -> bool {
        let fits = cells.len() == self.stored;
        match &mut self.layout {
            Layout::Columns(columns) => {
                columns.get_mut(item).filter(|_| fits).map(|slot| *slot = Some(cells)).is_some()
            }
            Layout::Rows(_) => false,
        }
    }

    /// Says what the numbers mean where they are no code.
    ///
    /// # Errors
    /// A number for missing answers that is a code of an item which has a column.
    pub fn coded(self, coding: Coding) -> Result<Self, AnswerError> {
        Self { coding, ..self }.with_checked_coding()
    }

    fn with_checked_coding(self) -> Result<Self, AnswerError> {
        if let Coding::Missing { number, .. } = self.coding
            && let Ok(code) = u8::try_from(number)
        {
            let mut items = self.instrument.items().iter().enumerate();
            let offers =
                |(at, item): &(usize, &Item)| self.is_asked(*at) && item.responses().contains(code);
            if let Some((_, item)) = items.find(offers) {
                return Err(AnswerError::MissingIsCode { item: item.id().to_owned(), code });
            }
        }
        Ok(self)
    }

    /// Says what happens to a number that is neither a code of its item nor a missing one.
    #[must_use]
    pub const fn not_offered(mut self, policy: NotOffered) -> Self {
        self.not_offered = policy;
        self
    }

    /// Takes these rows alone, in this order. Row numbers in errors stay those of the columns.
    ///
    /// # Errors
    /// A row that the table does not have.
    pub fn picked(mut self, rows: &'a [usize]) -> Result<Self, AnswerError> {
        if let Some(row) = rows.iter().find(|row| **row >= self.stored) {
            return Err(AnswerError::NoSuchRow { row: *row, rows: self.stored });
        }
        self.picked = Some(rows);
        Ok(self)
    }

    /// How many people.
    pub fn len(&self) -> usize {
        self.picked.map_or(self.stored, <[usize]>::len)
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instrument that was answered.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// What the numbers mean.
    pub const fn coding(&self) -> Coding {
        self.coding
    }

    /// What happens to a number that is no code.
    pub const fn policy(&self) -> NotOffered {
        self.not_offered
    }

    /// The column of an item, if it was asked.
    fn cells(&self, item: usize) -> Option<Cells<'a>> {
        match &self.layout {
            Layout::Columns(columns) => columns.get(item).copied().flatten(),
            Layout::Rows(rows) => {
                Some(Cells::strided(rows, item, self.instrument.items().len().max(1)))
            }
        }
    }

    pub(crate) fn is_asked(&self, item: usize) -> bool {
        self.cells(item).is_some()
    }

    /// The column as it lies, where that is bytes one after another and every row is wanted.
    pub(crate) fn direct(&self, item: usize) -> Option<&'a [u8]> {
        self.cells(item).filter(|_| self.picked.is_none())?.as_bytes()
    }

    /// Number of the row in the caller's columns, from 1.
    pub(crate) fn row_number(&self, row: usize) -> usize {
        self.picked.and_then(|rows| rows.get(row)).copied().unwrap_or(row) + 1
    }

    /// Which bytes are plainly missing in a column that lies as bytes; `None` where such a column must
    /// be narrowed first, for its missing answers are of a kind that counts in its own way.
    pub(crate) fn plain(&self) -> Option<Plain> {
        match self.coding {
            Coding::Bytes => Some(Plain::NARROWED),
            Coding::Codes => Some(Plain::None),
            Coding::Missing { number, kind } => {
                let special = matches!(kind, MissingKind::NotAsked | MissingKind::NotApplicable);
                let plain = u8::try_from(number).map_or(Plain::None, Plain::One);
                Some(plain).filter(|_| !special)
            }
        }
    }

    /// What is wrong with a number that its item does not offer.
    pub(crate) fn error(&self, item: usize, row: usize) -> AnswerError {
        let row = self.row_number(row);
        let number = self.cells(item).map_or(Err(String::new()), |cells| cells.number(row - 1));
        match (self.instrument.items().get(item), number) {
            (Some(item), Ok(number)) => AnswerError::not_offered(Some(row), item, number),
            (Some(item), Err(found)) => {
                let (item, allowed) = (item.id().to_owned(), item.responses().codes());
                AnswerError::NotWhole { row, item, found, allowed }
            }
            (None, _) => AnswerError::NoSuchRow { row: row - 1, rows: self.stored },
        }
    }
}

impl<'a> From<&Columns<'a>> for Frame<'a> {
    fn from(table: &Columns<'a>) -> Self {
        let items = 0..table.instrument().items().len();
        let columns = items.map(|at| table.of(at).map(Cells::from)).collect();
        Self { layout: Layout::Columns(columns), ..Self::new(table.instrument(), table.len()) }
    }
}
