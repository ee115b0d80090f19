//! Files with a wave beside a wave: one row of the file becomes one row for each wave.

use serde::{Deserialize, Serialize};

use super::fold::plain;
use super::header::Header;
use super::{Import, SurveyError};
use crate::stored::map_only;
use crate::words::Words;

/// How a wide file names the columns of a wave: `{item}_T{wave}` for `pq1_T1`, `pq1_T2` and so on.
///
/// `{item}` is the name that the item's column would have in a file of one wave, prefix and suffix
/// included, or its name in a list. Columns that are handed through are found under their own name,
/// which then holds for every wave, or by the same pattern (`date_T1`, `date_T2`).
///
/// ```
/// use straingauge::survey::{Import, ItemColumns, Profile, WaveColumns};
/// let who5 = straingauge::catalog::get("who-5")?;
/// let names = |wave| (1..=5).map(move |n| format!("w{n}_T{wave}"));
/// let header = names(1).chain(names(2)).collect::<Vec<_>>().join(",");
/// let file = format!("who,{header}\nA,1,1,1,1,1,2,2,2,2,2\nB,3,3,3,3,3,,,,,\n");
/// let mut reader = Import::new(Profile::plain())
///     .instrument(&who5, ItemColumns::prefix("w"))
///     .id("who")
///     .waves(WaveColumns::parse("{item}_T{wave}")?)
///     .open(file.as_bytes())?;
/// let mut rows = Vec::new();
/// while let Some(row) = reader.next_row()? {
///     rows.push((row.id().unwrap_or_default().to_owned(), row.wave().unwrap_or_default().to_owned()));
/// }
/// let expected = [("A", "1"), ("A", "2"), ("B", "1")].map(|(who, w)| (who.into(), w.into()));
/// assert_eq!(rows, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveColumns {
    pattern: String,
    before: String,
    between: String,
    after: String,
    item_first: bool,
    named: Vec<String>,
}

const ITEM: &str = "{item}";
const WAVE: &str = "{wave}";

impl WaveColumns {
    /// Reads a pattern, in which `{item}` and `{wave}` stand once each. The waves are the numbers that
    /// the header has in place of `{wave}`, in their order.
    ///
    /// # Errors
    /// A pattern without one of the two, or with one of them twice.
    pub fn parse(pattern: &str) -> Result<Self, SurveyError> {
        let cut = |first: &str, second: &str| {
            let (before, rest) = pattern.split_once(first)?;
            let (between, after) = rest.split_once(second)?;
            let parts = [before, between, after];
            let is_plain = |part: &str| !part.contains(ITEM) && !part.contains(WAVE);
            parts.iter().all(|part| is_plain(part)).then(|| parts.map(str::to_owned))
        };
        let (item_first, parts) = match (cut(ITEM, WAVE), cut(WAVE, ITEM)) {
            (Some(parts), _) => (true, parts),
            (None, Some(parts)) => (false, parts),
            (None, None) => return Err(SurveyError::WavePattern { found: pattern.to_owned() }),
        };
        let [before, between, after] = parts;
        let pattern = pattern.to_owned();
        Ok(Self { pattern, before, between, after, item_first, named: Vec::new() })
    }

    /// Reads these waves only, in this order: for waves that are no numbers, such as `pre` and
    /// `post`, whose order nothing in the file says.
    #[must_use]
    pub fn only<I: IntoIterator<Item: Into<String>>>(mut self, waves: I) -> Self {
        self.named.extend(waves.into_iter().map(Into::into));
        self
    }

    /// What stands before and after the name of an item in this wave.
    pub(super) fn around(&self, wave: &str) -> (String, String) {
        let Self { before, between, after, .. } = self;
        if self.item_first {
            (before.clone(), format!("{between}{wave}{after}"))
        } else {
            (format!("{before}{wave}{between}"), after.clone())
        }
    }

    /// The name of an item's column in a wave.
    pub(super) fn name(&self, item: &str, wave: &str) -> String {
        let (before, after) = self.around(wave);
        format!("{before}{item}{after}")
    }

    /// The wave in the name of a column that holds this item.
    fn wave_in<'n>(&self, name: &'n str, item: &str) -> Option<&'n str> {
        let Self { before, between, after, .. } = self;
        let wave = if self.item_first {
            name.strip_prefix(&format!("{before}{item}{between}"))?.strip_suffix(after.as_str())?
        } else {
            name.strip_prefix(before.as_str())?.strip_suffix(&format!("{between}{item}{after}"))?
        };
        Some(wave).filter(|wave| !wave.is_empty())
    }

    /// The waves in the order in which they are read.
    fn waves(&self, header: &Header, items: &[String]) -> Result<Vec<String>, SurveyError> {
        if !self.named.is_empty() {
            return Ok(self.named.clone());
        }
        let (mut numbers, mut others) = (Vec::new(), Vec::new());
        for column in &header.columns {
            for name in std::iter::once(&column.name).chain(&column.aliases).map(|n| plain(n)) {
                for wave in items.iter().filter_map(|item| self.wave_in(&name, item)) {
                    let number = wave.parse::<u32>().ok().filter(|_| !wave.starts_with('+'));
                    match number {
                        Some(number) => numbers.push((number, wave.to_owned())),
                        None => others.push(wave.to_owned()),
                    }
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        others.sort_unstable();
        others.dedup();
        if numbers.is_empty() {
            return Err(SurveyError::NoWaves {
                pattern: self.pattern.clone(),
                example: self.name(items.first().map_or(ITEM, String::as_str), "1"),
                texts: others,
                found: header.names(),
            });
        }
        Ok(numbers.into_iter().map(|(_, wave)| wave).collect())
    }
}

/// Where a wave has its columns; the only one in a file without waves.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) wave: String,
    /// Column of each item, those of one instrument after those of another.
    pub(super) items: Vec<Option<usize>>,
    /// Column of what is handed through.
    pub(super) asked: Vec<Option<usize>>,
}

impl Import {
    /// Finds every column of items and of what is handed through, wave by wave.
    pub(super) fn find(&self, header: &Header) -> Result<Vec<Places>, SurveyError> {
        let Some(columns) = &self.waves else { return Ok(vec![self.only_places(header)?]) };
        let mut items = Vec::new();
        for (instrument, columns) in &self.instruments {
            items.extend(columns.item_names(instrument)?);
        }
        let waves = columns.waves(header, &items)?;
        let mut places: Vec<Places> =
            waves.into_iter().map(|wave| Places { wave, ..Places::default() }).collect();
        for (instrument, own) in &self.instruments {
            // An instrument may have been asked in some of the waves.
            let mut missing = None;
            let mut is_found = false;
            for place in &mut places {
                let in_wave = own.in_wave(columns, &place.wave)?;
                match in_wave.resolve(instrument, header) {
                    Ok(found) => {
                        is_found = true;
                        place.items.extend(found);
                    }
                    Err(error) if in_wave.is_absent(header, &error) => {
                        place.items.extend(instrument.items().iter().map(|_| None));
                        missing = missing.or(Some(error));
                    }
                    Err(error) => return Err(error),
                }
            }
            if let Some(error) = missing.filter(|_| !is_found) {
                return Err(error);
            }
        }
        for name in &self.columns {
            let everywhere = header.find(name)?;
            for place in &mut places {
                let of_wave = header.find(&columns.name(name, &place.wave))?;
                place.asked.push(everywhere.or(of_wave));
            }
            if places.iter().all(|place| place.asked.last().is_none_or(Option::is_none)) {
                return Err(header.get(name).err().unwrap_or(SurveyError::Empty));
            }
        }
        refuse_shared(header, &places)?;
        Ok(places)
    }

    /// Scored items without a column in a wave, after the id of their instrument; the id alone where
    /// none of them has one.
    fn lacking(&self, place: &Places) -> Vec<String> {
        let mut columns = place.items.iter();
        let mut lacking = Vec::new();
        for (instrument, _) in &self.instruments {
            let items = instrument.items().iter().zip(columns.by_ref());
            let scored: Vec<_> = items.filter(|(item, _)| !item.is_unscored()).collect();
            if scored.iter().all(|(_, column)| column.is_none()) {
                lacking.push(instrument.id().to_owned());
                continue;
            }
            let without = scored.iter().filter(|(_, column)| column.is_none());
            lacking.extend(without.map(|(item, _)| format!("{} {}", instrument.id(), item.id())));
        }
        lacking
    }

    fn only_places(&self, header: &Header) -> Result<Places, SurveyError> {
        let mut only = Places::default();
        for (instrument, columns) in &self.instruments {
            only.items.extend(columns.resolve(instrument, header)?);
        }
        for name in &self.columns {
            only.asked.push(Some(header.get(name)?));
        }
        Ok(only)
    }
}

/// One column holds an item in one wave; a wave has at least one item.
fn refuse_shared(header: &Header, places: &[Places]) -> Result<(), SurveyError> {
    let mut used: Vec<Option<&str>> = vec![None; header.columns.len()];
    for place in places {
        if place.items.iter().all(Option::is_none) {
            return Err(SurveyError::NoSuchWave {
                wave: place.wave.clone(),
                found: header.names(),
            });
        }
        for at in place.items.iter().flatten() {
            let Some(first) = used.get_mut(*at) else { continue };
            if let Some(first) = first.filter(|first| *first != place.wave) {
                let column = header.columns.get(*at).map(|c| c.name.clone()).unwrap_or_default();
                let (first, second) = (first.to_owned(), place.wave.clone());
                return Err(SurveyError::WaveColumnTwice { column, first, second });
            }
            *first = Some(&place.wave);
        }
    }
    Ok(())
}

/// The waves of the row at hand.
#[derive(Debug, Default)]
pub(super) struct Waves {
    places: Vec<Places>,
    import: Option<WavesImport>,
    /// Position of the wave to be read next, and of the line of the row.
    next: usize,
    line: u64,
}

impl Waves {
    /// Those of a file with waves; else none.
    pub(super) fn new(import: &Import, places: &[Places]) -> Self {
        let Some(columns) = &import.waves else { return Self::default() };
        let each = places.iter().map(|place| WaveImport {
            wave: place.wave.clone(),
            rows: 0,
            left_out: 0,
            not_asked: import.lacking(place),
        });
        let import = WavesImport { columns: columns.pattern.clone(), waves: each.collect() };
        let next = places.len();
        Self { places: places.to_vec(), import: Some(import), next, line: 0 }
    }

    /// Whether the rows of the file are rows of waves; if so, begins with the first one.
    pub(super) const fn begin(&mut self, line: u64) -> bool {
        (self.next, self.line) = (0, line);
        !self.places.is_empty()
    }

    /// Turns to the next wave of the row.
    pub(super) fn turn(&mut self) -> Option<(u64, &Places)> {
        let place = self.places.get(self.next)?;
        self.next += 1;
        Some((self.line, place))
    }

    /// Position of the wave at hand.
    pub(super) const fn position(&self) -> usize {
        self.next.saturating_sub(1)
    }

    /// Counts the wave at hand as read, or as one without an answer.
    pub(super) fn count(&mut self, is_answered: bool) {
        let at = self.position();
        let counts = self.import.as_mut().and_then(|import| import.waves.get_mut(at));
        if let Some(counts) = counts {
            *if is_answered { &mut counts.rows } else { &mut counts.left_out } += 1;
        }
    }

    /// Name of the wave at hand.
    pub(super) fn name(&self) -> Option<&str> {
        self.places.get(self.position()).map(|place| place.wave.as_str())
    }

    pub(super) const fn report(&self) -> Option<&WavesImport> {
        self.import.as_ref()
    }
}

/// The waves that stand side by side in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct WavesImport {
    /// How their columns are named.
    pub columns: String,
    /// Each wave, in the order in which they were read.
    pub waves: Vec<WaveImport>,
}

/// One wave of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct WaveImport {
    /// Its name in the columns.
    pub wave: String,
    /// Rows with an answer in this wave.
    pub rows: u64,
    /// Rows without any answer in this wave, which were left out of it.
    pub left_out: u64,
    /// Scored items without a column in this wave, after the id of their instrument; the id alone
    /// where it was not asked at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_asked: Vec<String>,
}

map_only!(WavesImport, WaveImport);

impl WavesImport {
    /// One line for each wave, in the words of a catalogue.
    pub(super) fn in_words<'a>(&'a self, words: &'a Words) -> impl Iterator<Item = String> + 'a {
        self.waves.iter().map(|wave| {
            let key = match wave.rows {
                0 => "import.wave-empty",
                _ => "import.wave",
            };
            let lacking = match wave.not_asked.as_slice() {
                [] => String::new(),
                items => words.say("import.wave-lacks", &[("items", &items.join(", "))]),
            };
            let (rows, left_out) = (&wave.rows, &wave.left_out);
            words.say(
                key,
                &[
                    ("wave", &wave.wave),
                    ("columns", &self.columns),
                    ("rows", rows),
                    ("left-out", left_out),
                    ("lacking", &lacking),
                ],
            )
        })
    }
}
