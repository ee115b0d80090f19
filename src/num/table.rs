//! People by items: the one input of every coefficient and of every check on items.

use std::collections::BTreeSet;
use std::fmt;

/// What happens to people with missing answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// Only people who answered every item.
    #[default]
    Listwise,
    /// Each pair of items over the people who answered both; *n* is that of the smallest pair.
    Pairwise,
}

impl fmt::Display for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Listwise => "listwise",
            Self::Pairwise => "pairwise",
        })
    }
}

/// Why a column does not fit a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A column is longer or shorter than the first one.
    #[error(
        "column `{id}` has {found} rows where the first has {expected}; give every column one value, or a gap, per person"
    )]
    Length {
        /// The column.
        id: String,
        /// Its rows.
        found: usize,
        /// The rows of the first column.
        expected: usize,
    },
    /// Two columns have one name.
    #[error("column `{id}` is given twice; name each item once")]
    Twice {
        /// The name.
        id: String,
    },
    /// A value cannot be held.
    #[error("column `{id}`, row {row}: -32768 cannot be held; values run from -32767 to 32767")]
    Value {
        /// The column.
        id: String,
        /// The row, counted from 0.
        row: usize,
    },
    /// An item was asked for that the table does not hold.
    #[error("there is no column `{id}`; the table has {known}")]
    Unknown {
        /// The name asked for.
        id: String,
        /// The names there are.
        known: String,
    },
}

/// People in rows, items in columns, whole numbers with gaps.
///
/// Keyed tables hold each answer as its scale counts it; raw tables hold the codes as they were
/// stored. Rows keep the caller's order throughout, so that a result for row 7 is about row 7.
///
/// ```
/// use straingauge::num::ItemTable;
/// let mut table = ItemTable::new();
/// table.push("calm", [Some(3), Some(1), None])?;
/// table.push("rested", [Some(2), Some(0), Some(4)])?;
/// assert_eq!((table.rows(), table.len(), table.complete_rows()), (3, 2, 2));
/// assert_eq!(table.value(2, 0), None);
/// # Ok::<(), straingauge::num::TableError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemTable {
    ids: Vec<String>,
    columns: Vec<Vec<i16>>,
    /// The largest magnitude of each column, which says how many products fit a number.
    largest: Vec<i16>,
}

impl ItemTable {
    /// Marks a missing cell inside a column.
    pub(crate) const MISSING: i16 = i16::MIN;

    /// A table without columns.
    pub const fn new() -> Self {
        Self { ids: Vec::new(), columns: Vec::new(), largest: Vec::new() }
    }

    /// Adds an item's column; `None` is a gap.
    pub fn push(
        &mut self,
        id: impl Into<String>,
        values: impl IntoIterator<Item = Option<i16>>,
    ) -> Result<&mut Self, TableError> {
        let id = id.into();
        let mut column = Vec::with_capacity(self.rows());
        for (row, value) in values.into_iter().enumerate() {
            if value == Some(Self::MISSING) {
                return Err(TableError::Value { id, row });
            }
            column.push(value.unwrap_or(Self::MISSING));
        }
        self.push_column(id, column)
    }

    /// Adds the column that `key` makes of one byte per person: the way of a scorer's columns.
    ///
    /// `key` has a value for each byte, so that reversal, recoding and the missing kinds are one
    /// look-up and cannot differ between coefficients.
    pub fn push_keyed(
        &mut self,
        id: impl Into<String>,
        bytes: &[u8],
        key: &[Option<i16>; 256],
    ) -> Result<&mut Self, TableError> {
        let id = id.into();
        let table = key.map(|value| value.unwrap_or(Self::MISSING));
        let column = bytes
            .iter()
            .map(|byte| table.get(usize::from(*byte)).copied().unwrap_or(Self::MISSING))
            .collect();
        self.push_column(id, column)
    }

    fn push_column(&mut self, id: String, column: Vec<i16>) -> Result<&mut Self, TableError> {
        if self.ids.contains(&id) {
            return Err(TableError::Twice { id });
        }
        if let Some(first) = self.columns.first()
            && first.len() != column.len()
        {
            return Err(TableError::Length { id, found: column.len(), expected: first.len() });
        }
        self.ids.push(id);
        self.largest.push(magnitude(&column));
        self.columns.push(column);
        Ok(self)
    }

    /// The items, in order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// How many items.
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no item.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many people.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The answer of a person to an item, both counted from 0.
    pub fn value(&self, row: usize, item: usize) -> Option<i16> {
        self.columns.get(item)?.get(row).copied().filter(|value| *value != Self::MISSING)
    }

    /// The answers to an item, gaps left out.
    pub fn answers(&self, item: usize) -> impl Iterator<Item = i16> + '_ {
        self.columns
            .get(item)
            .into_iter()
            .flatten()
            .copied()
            .filter(|value| *value != Self::MISSING)
    }

    /// A table of some of the items, in the order asked for.
    pub fn select<S: AsRef<str>>(&self, ids: &[S]) -> Result<Self, TableError> {
        let mut selected = Self::new();
        let mut seen = BTreeSet::new();
        for id in ids.iter().map(AsRef::as_ref) {
            if !seen.insert(id) {
                return Err(TableError::Twice { id: id.to_owned() });
            }
            let column = self
                .ids
                .iter()
                .zip(&self.columns)
                .find_map(|(known, column)| (known == id).then_some(column))
                .ok_or_else(|| TableError::Unknown {
                    id: id.to_owned(),
                    known: self.ids.join(", "),
                })?;
            selected.ids.push(id.to_owned());
            selected.largest.push(magnitude(column));
            selected.columns.push(column.clone());
        }
        Ok(selected)
    }

    /// A table of some of the people, in the order of the rows.
    #[must_use]
    pub fn filter_rows(&self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.rows()).filter(|row| keep(*row)).collect();
        let columns: Vec<Vec<i16>> = self
            .columns
            .iter()
            .map(|column| kept.iter().filter_map(|row| column.get(*row).copied()).collect())
            .collect();
        let largest = columns.iter().map(|column| magnitude(column)).collect();
        Self { ids: self.ids.clone(), columns, largest }
    }

    /// How many people answered every item.
    pub fn complete_rows(&self) -> usize {
        (0..self.rows()).filter(|row| self.is_complete(*row)).count()
    }

    /// Whether a person answered every item.
    pub fn is_complete(&self, row: usize) -> bool {
        self.columns.iter().all(|column| column.get(row).is_some_and(|v| *v != Self::MISSING))
    }

    /// The largest magnitude of each column.
    pub(crate) fn largest(&self) -> &[i16] {
        &self.largest
    }

    /// The columns with gaps marked.
    pub(crate) fn columns(&self) -> &[Vec<i16>] {
        &self.columns
    }
}

/// The largest magnitude of a column. A gap is its own negative and below every answer, so it
/// needs no question.
fn magnitude(column: &[i16]) -> i16 {
    let each = column.iter().map(|value| (*value).max(value.wrapping_neg()));
    each.max().unwrap_or(0).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_are_refused_with_their_name() {
        let mut table = ItemTable::new();
        table.push("a", [Some(1), None]).unwrap();
        assert_eq!(
            table.push("b", [Some(1)]).unwrap_err().to_string(),
            "column `b` has 1 rows where the first has 2; \
             give every column one value, or a gap, per person"
        );
        assert_eq!(
            table.push("a", [None, None]).unwrap_err(),
            TableError::Twice { id: "a".into() }
        );
        assert_eq!(
            table.push("c", [None, Some(i16::MIN)]).unwrap_err(),
            TableError::Value { id: "c".into(), row: 1 }
        );
        assert_eq!(
            table.select(&["z"]).unwrap_err().to_string(),
            "there is no column `z`; the table has a"
        );
    }

    #[test]
    fn selecting_and_filtering_keep_order() {
        let mut table = ItemTable::new();
        table.push("a", [Some(1), Some(2), None]).unwrap();
        table.push("b", [Some(4), None, Some(6)]).unwrap();
        let turned = table.select(&["b", "a"]).unwrap();
        assert_eq!(turned.ids(), ["b", "a"]);
        assert_eq!(turned.answers(0).collect::<Vec<_>>(), [4, 6]);
        let fewer = turned.filter_rows(|row| row != 1);
        assert_eq!((fewer.value(0, 1), fewer.value(1, 1)), (Some(1), None));
    }
}
