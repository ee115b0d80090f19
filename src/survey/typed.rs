//! Tables whose columns have types: found by name as in a file, their cells read as in a file.

use super::cell::CellReader;
use super::header::{Header, HeaderColumn};
use super::reader::check_own_codes;
use super::{ItemColumns, Profile, SurveyError};
use crate::answers::{Answer, MissingKind};
use crate::instrument::Instrument;

/// How the numbers of a column are read, so that the result is that of their text in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Each number is a code or nothing.
    Codes,
    /// As [`Self::Codes`], and one number says that there is no answer.
    Missing { number: i64, kind: MissingKind },
    /// Through [`TypedColumns::read`].
    AsText,
}

/// The columns of an instrument in a typed table.
#[derive(Debug, Clone)]
pub(crate) struct TypedColumns {
    columns: Vec<Option<usize>>,
    readers: Vec<CellReader>,
    reader_of: Vec<usize>,
    blank: MissingKind,
}

impl TypedColumns {
    /// Finds the columns of the items among those of these names.
    pub(crate) fn find(
        instrument: &Instrument,
        columns: &ItemColumns,
        profile: &Profile,
        names: impl IntoIterator<Item = String>,
    ) -> Result<Self, SurveyError> {
        check_own_codes(instrument, columns)?;
        let named = |name| HeaderColumn { name, ..HeaderColumn::default() };
        let columns_there = names.into_iter().map(named).collect();
        // A typed table has no delimiter to be mistaken about.
        let header = Header { columns: columns_there, delimiter: profile.delimiter() };
        let found = columns.resolve(instrument, &header)?;
        let sets: Vec<_> = instrument.response_sets().collect();
        let readers = sets.iter().map(|set| CellReader::new(set, columns, profile));
        let readers = readers.collect::<Result<Vec<_>, _>>()?;
        let mut reader_of = Vec::new();
        for (item, column) in instrument.items().iter().zip(&found) {
            let set = sets.iter().position(|set| set.name() == item.responses().name());
            let at = set.unwrap_or(0);
            if let Some(reader) = readers.get(at).filter(|_| column.is_some()) {
                reader.check_sentinels(item.id())?;
            }
            reader_of.push(at);
        }
        Ok(Self { columns: found, readers, reader_of, blank: profile.sentinels().blank() })
    }

    /// For every item, in form order, the position of its column.
    pub(crate) fn columns(&self) -> &[Option<usize>] {
        &self.columns
    }

    fn reader(&self, item: usize) -> Option<&CellReader> {
        self.readers.get(*self.reader_of.get(item)?)
    }

    /// The byte of a cell's text; that of [`MissingKind::Unreadable`] where it is not understood.
    #[inline]
    pub(crate) fn read(&self, item: usize, text: &str) -> u8 {
        let unreadable = const { Answer::Missing(MissingKind::Unreadable).to_byte() };
        let Some(reader) = self.reader(item) else { return unreadable };
        reader.at_once(text.as_bytes()).unwrap_or_else(|| reader.read(text.as_bytes()).byte())
    }

    /// The byte of a cell in which nothing stands.
    pub(crate) const fn blank(&self) -> u8 {
        Answer::Missing(self.blank).to_byte()
    }

    /// What an item offers, for a message.
    pub(crate) fn allowed(&self, item: usize) -> &str {
        self.reader(item).map_or("", CellReader::allowed)
    }

    /// How the numbers of all columns are read.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut asked = self.columns.iter().zip(&self.reader_of);
        let mut numbers = asked
            .by_ref()
            .filter(|(column, _)| column.is_some())
            .filter_map(|(_, at)| self.readers.get(*at))
            .map(CellReader::numbers);
        let first = numbers.next().unwrap_or(Numbers::AsText);
        if numbers.all(|other| other == first) { first } else { Numbers::AsText }
    }
}
