//! Which column holds which item. A name that fits two columns fits none.

use super::SurveyError;
use super::report::MatchedBy;
use crate::instrument::{Instrument, Item};

/// Where the items of an instrument stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemColumns(Way);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Named { prefix: String, suffix: String },
    Listed(Vec<String>),
}

impl ItemColumns {
    /// Columns named by item id. Items without a column were not asked.
    pub const fn by_id() -> Self {
        Self(Way::Named { prefix: String::new(), suffix: String::new() })
    }

    /// Columns named `prefix` and item id: `pq1`, `pq2`. Items without a column were not asked.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self(Way::Named { prefix: prefix.into(), suffix: String::new() })
    }

    /// Columns named `prefix`, item id and `suffix`: `pq1_T2`, as files with a wave beside a wave
    /// have them. Items without a column were not asked.
    pub fn between(prefix: impl Into<String>, suffix: impl Into<String>) -> Self {
        Self(Way::Named { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The columns of all items in printed order, or of all but the unscored ones.
    pub fn listed<I: IntoIterator<Item: Into<String>>>(columns: I) -> Self {
        Self(Way::Listed(columns.into_iter().map(Into::into).collect()))
    }

    /// For every item its column, if it has one.
    pub(super) fn resolve(
        &self,
        instrument: &Instrument,
        header: &Header,
    ) -> Result<Vec<Option<usize>>, SurveyError> {
        match &self.0 {
            Way::Named { prefix, suffix } => by_name(instrument, header, (prefix, suffix)),
            Way::Listed(names) => listed(instrument, header, names),
        }
    }

    pub(super) fn matched_by(&self) -> MatchedBy {
        match &self.0 {
            Way::Named { prefix, suffix } if prefix.is_empty() && suffix.is_empty() => {
                MatchedBy::Id
            }
            Way::Named { .. } => MatchedBy::Prefix,
            Way::Listed(_) => MatchedBy::List,
        }
    }
}

fn by_name(
    instrument: &Instrument,
    header: &Header,
    (prefix, suffix): (&str, &str),
) -> Result<Vec<Option<usize>>, SurveyError> {
    let name = |item: &Item| format!("{prefix}{}{suffix}", item.id());
    let items = instrument.items();
    let columns: Vec<Option<usize>> =
        items.iter().map(|item| header.find(&name(item))).collect::<Result<_, _>>()?;
    let scored = |(item, column): (&Item, &Option<usize>)| !item.is_unscored() && column.is_some();
    if items.iter().zip(&columns).any(scored) {
        return Ok(columns);
    }
    Err(SurveyError::NoItemColumns {
        instrument: instrument.id().to_owned(),
        expected: items.iter().filter(|item| !item.is_unscored()).map(name).collect(),
        found: header.names.clone(),
        delimiter_hint: header.delimiter_hint(),
    })
}

fn listed(
    instrument: &Instrument,
    header: &Header,
    names: &[String],
) -> Result<Vec<Option<usize>>, SurveyError> {
    let items = instrument.items();
    let scored = items.iter().filter(|item| !item.is_unscored()).count();
    let all = names.len() == items.len();
    if !all && names.len() != scored {
        return Err(SurveyError::ItemCount {
            instrument: instrument.id().to_owned(),
            found: names.len(),
            items: items.len(),
            scored,
        });
    }
    let mut rest = names.iter();
    let mut columns: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for item in items {
        let name = if all || !item.is_unscored() { rest.next() } else { None };
        let column = name.map(|name| header.get(name)).transpose()?;
        let twin = column.and_then(|_| columns.iter().position(|other| *other == column));
        if let (Some(twin), Some(name)) = (twin.and_then(|twin| items.get(twin)), name) {
            return Err(SurveyError::ColumnTwice {
                instrument: instrument.id().to_owned(),
                column: name.trim().to_owned(),
                first: twin.id().to_owned(),
                second: item.id().to_owned(),
            });
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The columns of a file by name.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) delimiter: char,
}

impl Header {
    /// The column of this name, if there is one.
    pub(super) fn find(&self, name: &str) -> Result<Option<usize>, SurveyError> {
        let name = name.trim();
        let mut found = self.names.iter().enumerate().filter(|(_, known)| *known == name);
        let Some((first, _)) = found.next() else { return Ok(None) };
        let more: Vec<usize> = found.map(|(at, _)| at + 1).collect();
        if more.is_empty() {
            return Ok(Some(first));
        }
        let at = std::iter::once(first + 1).chain(more).collect();
        Err(SurveyError::DuplicateColumn { name: name.to_owned(), at })
    }

    /// The column of this name, which must be there.
    pub(super) fn get(&self, name: &str) -> Result<usize, SurveyError> {
        self.find(name)?.ok_or_else(|| SurveyError::NoSuchColumn {
            wanted: name.trim().to_owned(),
            found: self.names.clone(),
            delimiter_hint: self.delimiter_hint(),
        })
    }

    /// A delimiter other than the one in use that the only column contains.
    fn delimiter_hint(&self) -> Option<char> {
        let [only] = self.names.as_slice() else { return None };
        [';', '\t', ',', '|'].into_iter().find(|c| *c != self.delimiter && only.contains(*c))
    }
}
