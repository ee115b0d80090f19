//! The answers of many people as a scale counts them: one matrix for every coefficient.

use super::columns;
use super::scorer::Scorer;
use crate::answers::{AnswerError, Columns};
use crate::instrument::{Instrument, Key, Scale};
use crate::num::ItemTable;

/// A scale's items as counted: reversed and recoded by the very tables that score a sheet.
///
/// ```
/// # let text = include_str!("../../examples/definitions/worked-example.toml");
/// # let keepers = straingauge::Instrument::parse(text)?;
/// use straingauge::answers::Columns;
/// let (rest, tired, sleep, alarms) = ([0, 4], [3, 1], [4, 254], [3, 0]); // 254: skipped
/// let table = Columns::new(&keepers, 2)
///     .column("1", &rest)?.column("2", &tired)?.column("3", &sleep)?.column("4", &alarms)?;
/// let keyed = keepers.scorer().keyed(&table, "strain")?;
/// assert_eq!(keyed.items().value(0, 0), Some(4)); // no rest at all counts 4
/// assert_eq!(keyed.items().value(1, 2), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KeyedItems {
    scale: String,
    items: ItemTable,
    unit: f64,
}

impl KeyedItems {
    /// Id of the scale.
    pub fn scale(&self) -> &str {
        &self.scale
    }

    /// People by items in form order, each answer as counted.
    pub const fn items(&self) -> &ItemTable {
        &self.items
    }

    /// Points of the scale for one point of the sum of items: 1 for a sum, `1/k` for a mean of
    /// `k` items, the factor for a scale that is another one times a factor.
    pub const fn unit(&self) -> f64 {
        self.unit
    }
}

/// Why a scale's items cannot be keyed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyedError {
    /// An id that the instrument does not have.
    #[error("there is no scale `{found}`; the scales are {allowed}")]
    NoSuchScale {
        /// The id that was asked for.
        found: String,
        /// The ids that there are.
        allowed: String,
    },
    /// A scale that is made from others by a ratio or a table.
    #[error("`{scale}` is made from other scales, not from items; take {sources}")]
    NotOfItems {
        /// Id of the scale.
        scale: String,
        /// The scales that it is made from.
        sources: String,
    },
    /// Items without a column: the scale as it stands was not asked.
    #[error("items {items} of `{scale}` have no column: the scale was not asked whole")]
    NotAsked {
        /// Id of the scale.
        scale: String,
        /// The items.
        items: String,
    },
    /// Answers that do not fit the instrument.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Two columns that do not fit each other.
    #[error(transparent)]
    Table(#[from] crate::num::TableError),
}

impl Scorer {
    /// The items of a scale as counted, gates considered, for all people of a table.
    ///
    /// # Errors
    /// A table of another instrument, a code that an item does not offer, a scale that is unknown or
    /// not made of items, or items that were not asked.
    pub fn keyed(&self, table: &Columns<'_>, scale: &str) -> Result<KeyedItems, KeyedError> {
        columns::check(self, table)?;
        let instrument = self.instrument();
        let (source, unit) = items_behind(instrument, scale)?;
        let at = instrument.scale_position(source.id()).unwrap_or_default();
        let terms = self.rules().get(at).map_or(&[][..], |rule| &rule.terms);
        let id = |item: usize| instrument.items().get(item).map_or("", |item| item.id());
        let open: Vec<&str> =
            terms.iter().filter(|t| table.of(t.item).is_none()).map(|t| id(t.item)).collect();
        if !open.is_empty() {
            return Err(KeyedError::NotAsked { scale: scale.to_owned(), items: open.join(", ") });
        }
        let mut items = ItemTable::new();
        for term in terms {
            let key = std::array::from_fn(|byte| {
                let value = term.value(u8::try_from(byte).unwrap_or(u8::MAX))?;
                i16::try_from(value).ok()
            });
            let gated = instrument.items().get(term.item).is_some_and(|i| i.implied().is_some());
            if gated {
                let byte = |row| self.effective_byte(term.item, |item| table.byte(item, row));
                let bytes: Vec<u8> = (0..table.len()).map(byte).collect();
                items.push_keyed(id(term.item), &bytes, &key)?;
            } else {
                items.push_keyed(id(term.item), table.of(term.item).unwrap_or_default(), &key)?;
            }
        }
        Ok(KeyedItems { scale: scale.to_owned(), items, unit })
    }
}

/// The scale of items behind a scale, and points of the latter for one point of the items' sum.
pub(crate) fn items_behind<'a>(
    instrument: &'a Instrument,
    scale: &str,
) -> Result<(&'a Scale, f64), KeyedError> {
    let asked = instrument.scale(scale).ok_or_else(|| KeyedError::NoSuchScale {
        found: scale.to_owned(),
        allowed: ids(instrument.scales().iter()),
    })?;
    let (mut source, mut unit) = (asked, 1.0);
    // The loader refuses cycles between scales.
    while let Key::Times { from, factor } = source.key() {
        unit *= factor.to_f64();
        let Some(next) = instrument.scales().get(*from) else { break };
        source = next;
    }
    match source.key() {
        Key::Sum(_) => Ok((source, unit)),
        Key::Mean(terms) => Ok((source, unit / terms.len() as f64)),
        _ => Err(KeyedError::NotOfItems {
            scale: scale.to_owned(),
            sources: sources(instrument, source),
        }),
    }
}

fn sources(instrument: &Instrument, scale: &Scale) -> String {
    let sources = scale.key().sources();
    ids(sources.iter().filter_map(|at| instrument.scales().get(*at)))
}

fn ids<'a>(scales: impl Iterator<Item = &'a Scale>) -> String {
    scales.map(Scale::id).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_multiples_keep_their_unit_and_gates_imply() {
        let text = include_str!("../../examples/definitions/worked-example.toml");
        let keepers = Instrument::parse(text).unwrap();
        let scorer = keepers.scorer();
        let (nights, one, skipped) = ([0_u8, 1], [1_u8, 2], [254_u8, 254]);
        let table = Columns::new(&keepers, 2)
            .column("nights", &nights)
            .and_then(|t| t.column("1", &one))
            .and_then(|t| t.column("2", &one))
            .and_then(|t| t.column("3", &one))
            .and_then(|t| t.column("4", &skipped))
            .unwrap();
        let strain = scorer.keyed(&table, "strain").unwrap();
        assert_eq!(strain.items().ids(), ["1", "2", "3", "4"]);
        // No night duty implies no alarms; with night duty the blank stays blank.
        assert_eq!((strain.items().value(0, 3), strain.items().value(1, 3)), (Some(0), None));
        let percent = scorer.keyed(&table, "strain-percent").unwrap();
        assert_eq!((percent.unit(), percent.items()), (6.25, strain.items()));
        assert_eq!(
            scorer.keyed(&table, "help").unwrap_err().to_string(),
            "there is no scale `help`; the scales are strain, strain-percent, support, worry, strain-day"
        );
    }
}
