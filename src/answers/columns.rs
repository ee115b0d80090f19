//! The answers of many people: one borrowed column of bytes per item.

use super::{Answer, AnswerError, MissingKind};
use crate::instrument::Instrument;

/// A table of answers: for each item a column of one byte per person, borrowed from the caller.
///
/// An item without a column was not asked. Bytes are those of [`Answer::to_byte`]. What measures
/// data reads this; [`Frame`](super::Frame) is the door to scoring for every other kind of column.
///
/// ```
/// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// # let phq9 = straingauge::Instrument::parse(text).unwrap();
/// use straingauge::answers::Columns;
/// let (first, second) = ([0, 3, 1], [1, 2, 254]); // 254: skipped
/// let table = Columns::new(&phq9, 3).column("1", &first)?.column("2", &second)?;
/// assert_eq!(table.len(), 3);
/// # Ok::<(), straingauge::answers::AnswerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    instrument: Instrument,
    by_item: Vec<Option<&'a [u8]>>,
    len: usize,
}

impl<'a> Columns<'a> {
    /// A table of `len` people, no item asked yet.
    pub fn new(instrument: &Instrument, len: usize) -> Self {
        let columns = vec![None; instrument.items().len()];
        Self { instrument: instrument.clone(), by_item: columns, len }
    }

    /// Gives the column of an item.
    ///
    /// # Errors
    /// An unknown item, or a column of another length.
    pub fn column(mut self, item: &str, column: &'a [u8]) -> Result<Self, AnswerError> {
        let at = self
            .instrument
            .item_position(item)
            .ok_or_else(|| AnswerError::no_such_item(&self.instrument, item))?;
        if column.len() != self.len {
            let (item, found) = (item.to_owned(), column.len());
            return Err(AnswerError::ColumnLength { item, found, expected: self.len });
        }
        if let Some(slot) = self.by_item.get_mut(at) {
            *slot = Some(column);
        }
        Ok(self)
    }

    /// How many people.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nobody.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The instrument that was answered.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The byte of a person's answer to the item at a position of the form.
    pub fn byte(&self, item: usize, row: usize) -> u8 {
        let column = self.by_item.get(item).copied().flatten();
        let byte = column.and_then(|column| column.get(row)).copied();
        byte.unwrap_or(const { Answer::Missing(MissingKind::NotAsked).to_byte() })
    }

    /// The column of the item at a position of the form, if it was asked.
    pub fn of(&self, item: usize) -> Option<&'a [u8]> {
        self.by_item.get(item).copied().flatten()
    }
}
