//! Which column holds which item. A name that fits two columns fits none.

use super::header::Header;
use super::report::MatchedBy;
use super::{SurveyError, WaveColumns};
use crate::form::{Form, WordingPack};
use crate::instrument::{Instrument, Item, ResponseSet};

/// Where the items of an instrument stand in a file, and what else their cells may say.
///
/// A column is known by its name and, where a tool's header says more, by its question text, the
/// row of its question or its `ImportId`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemColumns {
    way: Way,
    packs: Vec<WordingPack>,
    recoded: Vec<(String, u8)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Named { prefix: String, suffix: String },
    Listed(Vec<String>),
    Text,
}

impl ItemColumns {
    const fn by(way: Way) -> Self {
        Self { way, packs: Vec::new(), recoded: Vec::new() }
    }

    /// Columns named by item id. Items without a column were not asked.
    pub const fn by_id() -> Self {
        Self::by(Way::Named { prefix: String::new(), suffix: String::new() })
    }

    /// Columns named `prefix` and item id: `pq1`, `pq2`. Items without a column were not asked.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self::between(prefix, "")
    }

    /// Columns named `prefix`, item id and `suffix`: `pq1_T2`, as files with a wave beside a wave
    /// have them. Items without a column were not asked.
    pub fn between(prefix: impl Into<String>, suffix: impl Into<String>) -> Self {
        Self::by(Way::Named { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The columns of all items in printed order, or of all but the unscored ones: each by its name,
    /// by its position (`#7`), or several by the first and the last (`q1..q9`).
    pub fn listed<I: IntoIterator<Item: Into<String>>>(columns: I) -> Self {
        Self::by(Way::Listed(columns.into_iter().map(Into::into).collect()))
    }

    /// Columns whose header holds the item's text in a wording pack, compared as labels are. Items
    /// without a column were not asked.
    pub fn by_text(pack: &WordingPack) -> Self {
        Self::by(Way::Text).with_wording(pack)
    }

    /// Reads the option texts of a pack as labels too. Several packs serve a survey in several
    /// languages.
    #[must_use]
    pub fn with_wording(mut self, pack: &WordingPack) -> Self {
        self.packs.push(pack.clone());
        self
    }

    /// Declares the file's own answer codes, such as `A1` for 0. Only these are then codes.
    #[must_use]
    pub fn recoded<T: Into<String>>(mut self, codes: impl IntoIterator<Item = (T, u8)>) -> Self {
        self.recoded.extend(codes.into_iter().map(|(text, code)| (text.into(), code)));
        self
    }

    /// The file's own answer codes.
    pub(super) fn own_codes(&self) -> &[(String, u8)] {
        &self.recoded
    }

    /// Labels that packs add to a response set, and its texts for "not applicable".
    pub(super) fn labels(&self, responses: &ResponseSet) -> (Vec<(u8, String)>, Vec<String>) {
        let mut labels = Vec::new();
        let mut not_applicable = Vec::new();
        for pack in &self.packs {
            for option in responses.options() {
                let text = pack.option(responses.name(), option.code());
                labels.extend(text.map(|text| (option.code(), text.to_owned())));
            }
            not_applicable.extend(pack.not_applicable(responses.name()).map(str::to_owned));
        }
        (labels, not_applicable)
    }

    /// Texts of a response set for "I do not know".
    pub(super) fn do_not_know(&self, responses: &ResponseSet) -> Vec<String> {
        let packs = self.packs.iter().filter_map(|pack| pack.do_not_know(responses.name()));
        responses.do_not_know().into_iter().chain(packs).map(str::to_owned).collect()
    }

    /// For every item its column, if it has one.
    pub(super) fn resolve(
        &self,
        instrument: &Instrument,
        header: &Header,
    ) -> Result<Vec<Option<usize>>, SurveyError> {
        for pack in &self.packs {
            pack.fits(instrument)?;
        }
        match &self.way {
            Way::Named { prefix, suffix } => {
                let name = |item: &Item| format!("{prefix}{}{suffix}", item.id());
                let find = |item: &Item| header.find(&name(item));
                some(instrument, header, (&find, &name))
            }
            Way::Listed(names) => listed(instrument, header, names),
            Way::Text => {
                let forms = self.packs.iter().map(|pack| Form::new(instrument, pack));
                let forms = forms.collect::<Result<Vec<_>, _>>()?;
                let texts = |item: &Item| -> Vec<String> {
                    let of = |form: &Form| {
                        let mut questions = form.questions();
                        let own = questions.find(|question| question.item().id() == item.id())?;
                        Some(own.text().into_owned())
                    };
                    forms.iter().filter_map(of).collect()
                };
                let find = |item: &Item| {
                    let mut found = None;
                    for text in texts(item) {
                        found = found.or(header.find_text(&text)?);
                    }
                    Ok(found)
                };
                let name = |item: &Item| texts(item).into_iter().next().unwrap_or_default();
                some(instrument, header, (&find, &name))
            }
        }
    }

    /// The same in one wave of a file with a wave beside a wave.
    pub(super) fn in_wave(&self, waves: &WaveColumns, wave: &str) -> Result<Self, SurveyError> {
        let way = match &self.way {
            Way::Named { prefix, suffix } => {
                let (before, after) = waves.around(wave);
                Way::Named {
                    prefix: format!("{before}{prefix}"),
                    suffix: format!("{suffix}{after}"),
                }
            }
            Way::Listed(entries) => {
                let name = |name: &str| waves.name(name.trim(), wave);
                let entry = |entry: &String| match entry.split_once("..") {
                    Some((first, last)) => format!("{}..{}", name(first), name(last)),
                    None => name(entry),
                };
                Way::Listed(entries.iter().map(entry).collect())
            }
            Way::Text => return Err(SurveyError::WavesNeedNames { found: "their text".into() }),
        };
        Ok(Self { way, ..self.clone() })
    }

    /// The names of items' columns, without the wave.
    pub(super) fn item_names(&self, instrument: &Instrument) -> Result<Vec<String>, SurveyError> {
        let entries = match &self.way {
            Way::Named { prefix, suffix } => {
                let items = instrument.items().iter();
                return Ok(items.map(|item| format!("{prefix}{}{suffix}", item.id())).collect());
            }
            Way::Listed(entries) => entries,
            Way::Text => return Err(SurveyError::WavesNeedNames { found: "their text".into() }),
        };
        let ends = entries.iter().flat_map(|entry| entry.split(".."));
        ends.map(|name| match name.trim() {
            position if position.starts_with('#') => {
                Err(SurveyError::WavesNeedNames { found: format!("`{position}`") })
            }
            name => Ok(name.to_owned()),
        })
        .collect()
    }

    /// Whether an error says that not one of the columns is there.
    pub(super) fn is_absent(&self, header: &Header, error: &SurveyError) -> bool {
        match (&self.way, error) {
            (_, SurveyError::NoItemColumns { .. }) => true,
            (Way::Listed(names), SurveyError::NoSuchColumn { .. }) => {
                names.iter().all(|name| header.listed(name).is_err())
            }
            _ => false,
        }
    }

    pub(super) fn matched_by(&self) -> MatchedBy {
        match &self.way {
            Way::Named { prefix, suffix } if prefix.is_empty() && suffix.is_empty() => {
                MatchedBy::Id
            }
            Way::Named { .. } => MatchedBy::Prefix,
            Way::Listed(_) => MatchedBy::List,
            Way::Text => MatchedBy::Text,
        }
    }
}

type Find<'f> = &'f dyn Fn(&Item) -> Result<Option<usize>, SurveyError>;

/// The items that are found; at least one scored one.
fn some(
    instrument: &Instrument,
    header: &Header,
    (find, name): (Find<'_>, &dyn Fn(&Item) -> String),
) -> Result<Vec<Option<usize>>, SurveyError> {
    let items = instrument.items();
    let columns: Vec<Option<usize>> = items.iter().map(find).collect::<Result<_, _>>()?;
    refuse_twins(instrument, header, &columns)?;
    let scored = |(item, column): (&Item, &Option<usize>)| !item.is_unscored() && column.is_some();
    if items.iter().zip(&columns).any(scored) {
        return Ok(columns);
    }
    Err(SurveyError::NoItemColumns {
        instrument: instrument.id().to_owned(),
        expected: items.iter().filter(|item| !item.is_unscored()).map(name).collect(),
        found: header.names(),
        delimiter_hint: header.delimiter_hint(),
        title: header.title().map(str::to_owned),
    })
}

fn listed(
    instrument: &Instrument,
    header: &Header,
    names: &[String],
) -> Result<Vec<Option<usize>>, SurveyError> {
    let items = instrument.items();
    let names: Vec<usize> =
        names.iter().map(|name| header.listed(name)).collect::<Result<Vec<_>, _>>()?.concat();
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
    let mut column = |item: &Item| {
        let name = if all || !item.is_unscored() { rest.next() } else { None };
        name.copied()
    };
    let columns: Vec<Option<usize>> = items.iter().map(&mut column).collect();
    refuse_twins(instrument, header, &columns)?;
    Ok(columns)
}

/// One column holds one item.
fn refuse_twins(
    instrument: &Instrument,
    header: &Header,
    columns: &[Option<usize>],
) -> Result<(), SurveyError> {
    let items = instrument.items();
    for (at, column) in columns.iter().enumerate() {
        let Some(place) = column else { continue };
        let twin = columns.iter().take(at).position(|other| other == column);
        let twin = twin.and_then(|twin| items.get(twin)).zip(items.get(at));
        if let Some((first, second)) = twin {
            return Err(SurveyError::ColumnTwice {
                instrument: instrument.id().to_owned(),
                column: header.columns.get(*place).map(|c| c.name.clone()).unwrap_or_default(),
                first: first.id().to_owned(),
                second: second.id().to_owned(),
            });
        }
    }
    Ok(())
}
