//! What the Arrow doors of every version share: columns by name, texts as codes, errors.

use crate::answers::{Answer, AnswerError, MissingKind};
use crate::instrument::{Instrument, Item};

/// Which column of a record batch holds which item. An item without a column was not asked.
///
/// ```
/// use straingauge::exchange::BatchColumns;
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// assert_eq!(BatchColumns::prefix(&phq9, "q").name_of("9"), Some("q9"));
/// assert!(BatchColumns::listed(&phq9, ["a", "b"]).is_err()); // ten items, or nine without the unscored one
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchColumns {
    items: Vec<String>,
    /// Name of the column of each item.
    pub(super) names: Vec<Option<String>>,
    /// A column that a batch lacks is an item that was not asked.
    pub(super) may_lack: bool,
}

impl BatchColumns {
    fn of(instrument: &Instrument, name: impl Fn(&Item) -> String) -> Self {
        let items = instrument.items();
        Self {
            items: items.iter().map(|item| item.id().to_owned()).collect(),
            names: items.iter().map(|item| Some(name(item))).collect(),
            may_lack: true,
        }
    }

    /// Columns named by item id.
    pub fn by_id(instrument: &Instrument) -> Self {
        Self::of(instrument, |item| item.id().to_owned())
    }

    /// Columns named `prefix<item id>`.
    pub fn prefix(instrument: &Instrument, prefix: &str) -> Self {
        Self::of(instrument, |item| format!("{prefix}{}", item.id()))
    }

    /// Columns by name in form order: one for each item, or for all but the unscored ones.
    ///
    /// # Errors
    /// Another number of names.
    pub fn listed<I>(instrument: &Instrument, names: I) -> Result<Self, BatchError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        let items = instrument.items();
        let scored = items.iter().filter(|item| !item.is_unscored()).count();
        let all = names.len() == items.len();
        if !all && names.len() != scored {
            let instrument = instrument.id().to_owned();
            let (found, expected) = (names.len(), items.len());
            return Err(BatchError::ColumnCount { instrument, found, expected, scored });
        }
        names.reverse();
        let mut columns = Self::by_id(instrument);
        columns.may_lack = false;
        for (slot, item) in columns.names.iter_mut().zip(items) {
            *slot = if all || !item.is_unscored() { names.pop() } else { None };
        }
        Ok(columns)
    }

    /// The column of an item.
    pub fn name_of(&self, item: &str) -> Option<&str> {
        let at = self.items.iter().position(|known| known == item)?;
        self.names.get(at)?.as_deref()
    }
}

/// A record batch that cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// A list of columns of the wrong length.
    #[error("{found} columns for {instrument}; give {expected}, or {scored} without the unscored items")]
    ColumnCount {
        /// Id of the instrument.
        instrument: String,
        /// How many were given.
        found: usize,
        /// Items of the instrument.
        expected: usize,
        /// Items that some scale uses.
        scored: usize,
    },
    /// No column for an item that needs one.
    #[error("no column `{column}` for item `{item}`; the batch has {found}")]
    NoColumn {
        /// Id of the item.
        item: String,
        /// The column.
        column: String,
        /// Names of the columns that there are.
        found: String,
    },
    /// A column of a type that holds no answers.
    #[error(
        "column `{column}` is of type {found}; read are integers, floats, strings and dictionaries of strings"
    )]
    ColumnType {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A cell that is no answer to its item.
    #[error("row {row}, column `{column}`: `{found}` is no answer to item `{item}`; its answers are {allowed}")]
    NotAnAnswer {
        /// Row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// Id of the item.
        item: String,
        /// What stood there.
        found: String,
        /// Codes and labels of the item.
        allowed: String,
    },
    /// A number that the item does not offer, or a column of another length.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Arrow refused to build a column.
    #[error("Arrow: {message}")]
    Arrow {
        /// What it says.
        message: String,
    },
}

/// Reads texts as the codes of one item: a code, or a label in any case and spacing.
#[derive(Debug, Clone)]
pub(super) struct TextReader<'a> {
    item: &'a Item,
    labels: Vec<(String, Option<u8>)>,
}

impl<'a> TextReader<'a> {
    pub(super) fn new(item: &'a Item) -> Self {
        let set = item.responses();
        let mut labels: Vec<(String, Option<u8>)> = Vec::new();
        let codes = set.options().iter().filter_map(|option| Some((fold(option.label()?), option.code())));
        for (label, code) in codes {
            // Two options with one label: the label says neither.
            match labels.iter_mut().find(|(known, _)| *known == label) {
                Some((_, known)) => *known = None,
                None => labels.push((label, Some(code))),
            }
        }
        Self { item, labels }
    }

    /// The byte of a text; `None` where it is no answer. A blank text is a skipped answer.
    pub(super) fn byte(&self, text: &str) -> Option<u8> {
        let text = text.trim();
        if text.is_empty() {
            return Some(const { Answer::Missing(MissingKind::Skipped).to_byte() });
        }
        let plain = text == "0" || !text.starts_with(['0', '+', '-']);
        let code = text.parse::<u8>().ok().filter(|code| plain && self.item.responses().contains(*code));
        let folded = || {
            let folded = fold(text);
            let not_applicable = self.item.responses().not_applicable();
            if not_applicable.is_some_and(|label| fold(label) == folded) {
                return Some(const { Answer::Missing(MissingKind::NotApplicable).to_byte() });
            }
            self.labels.iter().find(|(label, _)| *label == folded)?.1
        };
        code.or_else(folded)
    }

    pub(super) fn refuse(&self, row: usize, column: &str, text: &str) -> BatchError {
        let set = self.item.responses();
        let labels: Vec<&str> =
            set.options().iter().filter_map(crate::instrument::ResponseOption::label).collect();
        BatchError::NotAnAnswer {
            row,
            column: column.to_owned(),
            item: self.item.id().to_owned(),
            found: text.chars().take(80).collect(),
            allowed: format!("{} ({})", set.codes(), labels.join(", ")),
        }
    }
}

/// Lower case, single spaces.
fn fold(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_codes_labels_or_nothing() {
        let phq9 = crate::catalog::get("phq-9").unwrap();
        let reader = TextReader::new(&phq9.items()[0]);
        for (text, byte) in [
            ("2", Some(2)),
            (" More than  half the days ", Some(2)),
            ("", Some(254)),
            ("  ", Some(254)),
            ("4", None),
            ("02", None),
            ("+2", None),
            ("2.0", None),
            ("sometimes", None),
            ("255", None),
        ] {
            assert_eq!(reader.byte(text), byte, "{text}");
        }
    }
}
