//! What was read as what, what was not understood, who was not scored: a value, and a page of text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cell::{Form, Reading};
use super::error::shorten;
use super::header::HeaderColumn;
use super::safety::SafetyFindings;
use super::{Encoding, FileNote, Profile, Sentinel, Tool, WavesImport};
use crate::answers::{Answer, MissingKind};
use crate::instrument::Item;
use crate::score::Receipt;
use crate::stored::map_only;

/// Cells and people that are listed one by one; all are counted.
const LISTED: usize = 1000;

/// Every decision of an import.
///
/// Names of columns, texts of cells and ids of people come from the file: a report is as
/// confidential as the file itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct ImportReport {
    /// Version of this form: 1.
    pub format: u8,
    /// How the file was read.
    pub profile: ProfileRecord,
    /// Data rows of the file, those left out included.
    pub rows: u64,
    /// Rows left out because they are no answers of the survey.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What the file holds beside its answers that can matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<FileNote>,
    /// Rows of nothing but white space, which are no data rows.
    pub blank_rows: u64,
    /// The waves of a file with a wave beside a wave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waves: Option<WavesImport>,
    /// Each instrument with the column of each item: that of the first wave that has one.
    pub instruments: Vec<InstrumentImport>,
    /// Columns that hold no item and were not asked for.
    pub unused_columns: Vec<String>,
    /// Cells that are no answer.
    pub not_understood: CellFindings,
    /// People without a score.
    pub not_scored: PersonFindings,
    /// Items whose codes seem to count from another base than the instrument's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coding: Vec<CodingFinding>,
    /// The texts of the cells that are no answer, the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_texts: Vec<UnreadText>,
    /// Ids and rows that come again.
    #[serde(default)]
    pub repeats: Repeats,
    /// Responses that the file says were not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    /// Answers that meet a safety criterion, whatever became of their rows.
    #[serde(default, skip_serializing_if = "SafetyFindings::is_empty")]
    pub safety: SafetyFindings,
    /// Scales on which missing answers leave open in which band a person is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_bands: Vec<OpenBands>,
}

/// Items whose codes seem to count from another base than the instrument's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct CodingFinding {
    /// Id of the instrument.
    pub instrument: String,
    /// Ids of the items.
    pub items: Vec<String>,
    /// Whether the evidence is strong enough to stop the import.
    pub strong: bool,
    /// What the file seems to count from.
    pub counts_from: u8,
    /// What the instrument counts from.
    pub offered_from: u8,
    /// Cells with a code.
    pub cells: u64,
    /// Of these, cells with the code that only the other base has.
    pub beyond: u64,
    /// Of these, cells with the code that only the instrument's base has.
    pub unused: u64,
    /// The codes, as they are declared where the file does count like that.
    pub recode: String,
}

/// A text that is no answer to the items where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct UnreadText {
    /// Id of the instrument.
    pub instrument: String,
    /// Name of the response set.
    pub responses: String,
    /// The text, at most 120 characters of it.
    pub text: String,
    /// Cells with it.
    pub cells: u64,
    /// Cells of all items with that response set.
    pub of: u64,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The first data row with it.
    pub row: u64,
    /// Whether it is a label of the items, while labels are not read.
    pub is_label: bool,
}

/// Ids and rows that come again, and ids that no other resembles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct Repeats {
    /// Rows whose id an earlier row has.
    pub ids: u64,
    /// Rows with the answers of an earlier row, where chance would hardly give the same twice.
    pub rows: u64,
    /// Rows whose id no other resembles, such as `Mean` under numbers.
    pub odd_ids: u64,
    /// The first 1,000 of each.
    pub first: Vec<Repeat>,
}

/// A row that repeats another, or is perhaps no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct Repeat {
    /// Data row, from 1.
    pub row: u64,
    /// Its id, if a column of ids was named.
    pub id: Option<String>,
    /// What it repeats.
    pub kind: RepeatKind,
    /// The earlier row.
    pub same_as: Option<u64>,
}

/// What a row repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RepeatKind {
    /// The id of an earlier row.
    Id,
    /// All answers of an earlier row.
    Answers,
    /// Nothing: its id resembles no other.
    OddId,
}

/// Responses that the file says were not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct Unfinished {
    /// Name of the column that says so.
    pub column: String,
    /// How many.
    pub rows: u64,
    /// The first 20 of them.
    pub first: Vec<u64>,
    /// Whether they were left out.
    pub left_out: bool,
}

/// People whose band on a scale the missing answers leave open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct OpenBands {
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the scale.
    pub scale: String,
    /// How many people.
    pub people: u64,
}

/// Rows left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct LeftOut {
    /// Why.
    pub reason: String,
    /// How many.
    pub rows: u64,
}

/// The profile that a file was read with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer that a caller gave")]
pub struct ProfileRecord {
    /// What wrote the file.
    pub tool: Tool,
    /// Separates cells.
    pub delimiter: char,
    /// Whether `4,0` is a number.
    pub decimal_comma: bool,
    /// How text is stored.
    pub encoding: Encoding,
    /// Whether labels are answers.
    pub labels: bool,
    /// Texts that stand for a missing answer.
    pub sentinels: Vec<Sentinel>,
    /// What a blank cell stands for.
    pub blank: MissingKind,
    /// The sheet that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Rows above the header.
    #[serde(default)]
    pub skipped: usize,
    /// Whether the caller vouched for the codes, whatever they look like.
    #[serde(default)]
    pub as_coded: bool,
    /// Whether the caller lets texts in many cells stay unread.
    #[serde(default)]
    pub leaves_unread: bool,
}

/// The columns of one instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct InstrumentImport {
    /// Id of the instrument.
    pub instrument: String,
    /// Version of its definition.
    pub version: String,
    /// What scored the rows, if they were scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Every item in printed order.
    pub items: Vec<ItemImport>,
}

/// The column of one item, and what stood in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct ItemImport {
    /// Id of the item.
    pub item: String,
    /// Whether a scale uses it.
    pub scored: bool,
    /// Its column, if it has one; else it was not asked.
    pub column: Option<String>,
    /// Position of the column, from 1.
    pub position: Option<usize>,
    /// How the column was found.
    pub matched_by: Option<MatchedBy>,
    /// How often each code was read.
    #[cfg_attr(feature = "schema", schemars(schema_with = "counts_by_code"))]
    pub codes: BTreeMap<u8, u64>,
    /// How often each kind of missing answer was read.
    #[cfg_attr(feature = "schema", schemars(schema_with = "counts_by_kind"))]
    pub missing: BTreeMap<MissingKind, u64>,
    /// Of the codes: cells with a decimal that equals a code.
    pub decimals: u64,
    /// Of the codes: cells with a label.
    pub labels: u64,
    /// Of the codes: cells with a code and its label.
    pub codes_with_labels: u64,
    /// Of the unreadable: cells with a label of the item, while labels are not read.
    pub labels_not_read: u64,
}

/// How a column was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MatchedBy {
    /// It has the item's id as its name.
    Id,
    /// It has the item's id with the prefix (and suffix) given.
    Prefix,
    /// It was listed.
    List,
    /// Its header holds the item's text.
    Text,
}

/// Cells that are no answer: the first ones, and how many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct CellFindings {
    /// How many. How many of each item stands with the item.
    pub total: u64,
    /// The first 1,000 in file order.
    pub first: Vec<CellFinding>,
}

/// A cell that is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct CellFinding {
    /// Data row, from 1.
    pub row: u64,
    /// Name of the column.
    pub column: String,
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the item.
    pub item: String,
    /// The cell, at most 120 characters of it.
    pub text: String,
    /// What the item offers.
    pub allowed: String,
}

/// People without a score: the first ones, and how many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct PersonFindings {
    /// How many scores are absent.
    pub total: u64,
    /// The first 1,000 in file order, but for those that were not asked.
    pub first: Vec<PersonFinding>,
    /// How many for each scale and reason.
    pub counts: Vec<AbsenceCount>,
}

/// A person without a score on a scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct PersonFinding {
    /// Data row, from 1.
    pub row: u64,
    /// The wave, in a file with a wave beside a wave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// The person's id, if a column of ids was named.
    pub id: Option<String>,
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the scale.
    pub scale: String,
    /// The status: `too-few-answered` and the like.
    pub status: String,
    /// The reason in words.
    pub reason: String,
}

/// How many people have no score on a scale for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct AbsenceCount {
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the scale.
    pub scale: String,
    /// The status.
    pub status: String,
    /// How many.
    pub people: u64,
}

/// What serde reads as a map by code.
#[cfg(feature = "schema")]
fn counts_by_code(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "patternProperties": {
            "^(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$": { "type": "integer", "minimum": 0 }
        },
        "additionalProperties": false
    })
}

/// What serde reads as a map by missing kind.
#[cfg(feature = "schema")]
fn counts_by_kind(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let kinds = MissingKind::ALL.map(|(_, word)| word).join("|");
    schemars::json_schema!({
        "type": "object",
        "patternProperties": { format!("^({kinds})$"): { "type": "integer", "minimum": 0 } },
        "additionalProperties": false
    })
}

map_only!(
    ImportReport,
    LeftOut,
    ProfileRecord,
    InstrumentImport,
    ItemImport,
    CellFindings,
    CellFinding,
    PersonFindings,
    PersonFinding,
    AbsenceCount,
    CodingFinding,
    UnreadText,
    Repeats,
    Repeat,
    Unfinished,
    OpenBands
);

impl ImportReport {
    /// Whether a reader of the scores should know something first: doubts about coding that the
    /// caller has not answered, texts that were not read, rows that come twice, bands that missing
    /// answers leave open.
    pub fn has_findings(&self) -> bool {
        let repeats = &self.repeats;
        let doubtful = !self.coding.is_empty() || self.notes.iter().any(FileNote::is_doubt);
        (doubtful && !self.profile.as_coded)
            || !self.open_bands.is_empty()
            || self.not_understood.total + repeats.ids + repeats.rows + repeats.odd_ids > 0
    }
}

impl ProfileRecord {
    pub(super) fn of(profile: &Profile) -> Self {
        Self {
            tool: profile.tool(),
            delimiter: profile.delimiter(),
            decimal_comma: profile.has_decimal_comma(),
            encoding: profile.encoding(),
            labels: profile.reads_labels(),
            sentinels: profile.sentinels().iter().cloned().collect(),
            blank: profile.sentinels().blank(),
            sheet: profile.sheet().map(str::to_owned),
            skipped: profile.skipped(),
            as_coded: profile.is_as_coded(),
            leaves_unread: profile.leaves_unread(),
        }
    }
}

impl ItemImport {
    /// An item, and its column if it has one, of which nothing has been read.
    pub(super) fn new(item: &Item, place: Option<(&HeaderColumn, usize)>, by: MatchedBy) -> Self {
        Self {
            item: item.id().to_owned(),
            scored: !item.is_unscored(),
            column: place.map(|(column, _)| column.name.clone()),
            position: place.map(|(_, at)| at + 1),
            matched_by: place.map(|_| by),
            codes: BTreeMap::new(),
            missing: BTreeMap::new(),
            decimals: 0,
            labels: 0,
            codes_with_labels: 0,
            labels_not_read: 0,
        }
    }

    /// Cells that were no answer to the item.
    pub fn unreadable(&self) -> u64 {
        self.missing.get(&MissingKind::Unreadable).copied().unwrap_or(0)
    }
}

impl CellFindings {
    /// Counts a cell; `describe` is asked only for those that are listed.
    pub(super) fn add(&mut self, describe: impl FnOnce() -> CellFinding) {
        self.total += 1;
        if self.first.len() < LISTED {
            self.first.push(describe());
        }
    }
}

impl CellFinding {
    pub(super) fn shortened(text: &str) -> String {
        shorten(text.trim(), 120)
    }
}

impl PersonFindings {
    pub(super) fn add(
        &mut self,
        status: (&str, &str, &str),
        describe: Option<impl FnOnce() -> PersonFinding>,
    ) {
        let (instrument, scale, status) = status;
        self.total += 1;
        let same = |known: &&mut AbsenceCount| {
            known.scale == scale && known.status == status && known.instrument == instrument
        };
        match self.counts.iter_mut().find(same) {
            Some(known) => known.people += 1,
            None => self.counts.push(AbsenceCount {
                instrument: instrument.to_owned(),
                scale: scale.to_owned(),
                status: status.to_owned(),
                people: 1,
            }),
        }
        if let Some(describe) = describe.filter(|_| self.first.len() < LISTED) {
            self.first.push(describe());
        }
    }
}

/// What stood in one column, counted without allocation.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    bytes: [u64; 256],
    decimals: u64,
    labels: u64,
    codes_with_labels: u64,
    labels_not_read: u64,
}

impl Tally {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 256], decimals: 0, labels: 0, codes_with_labels: 0, labels_not_read: 0 }
    }

    /// Counts a code in its plain form or a missing kind.
    #[inline]
    pub(super) fn count(&mut self, byte: u8) {
        if let Some(count) = self.bytes.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }

    pub(super) fn add(&mut self, reading: Reading) {
        self.count(reading.byte());
        match reading {
            Reading::Code(_, Form::Code) | Reading::Missing(_) => {}
            Reading::Code(_, Form::Decimal) => self.decimals += 1,
            Reading::Code(_, Form::Label) => self.labels += 1,
            Reading::Code(_, Form::CodeAndLabel) => self.codes_with_labels += 1,
            Reading::Unreadable { label } => self.labels_not_read += u64::from(label),
        }
    }

    /// Cells that were counted.
    pub(super) fn cells(&self) -> u64 {
        self.bytes.iter().sum()
    }

    /// Cells with an answer, by its byte.
    pub(super) fn of(&self, byte: u8) -> u64 {
        self.bytes.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// Whether codes stood there without a label.
    pub(super) const fn is_coded(&self) -> bool {
        self.labels == 0 && self.codes_with_labels == 0
    }

    pub(super) fn fill(&self, item: &mut ItemImport) {
        item.codes.clear();
        item.missing.clear();
        for (byte, count) in (0_u8..=255).zip(self.bytes).filter(|(_, count)| *count > 0) {
            match Answer::from_byte(byte) {
                Answer::Code(code) => item.codes.insert(code, count),
                Answer::Missing(kind) => item.missing.insert(kind, count),
            };
        }
        item.decimals = self.decimals;
        item.labels = self.labels;
        item.codes_with_labels = self.codes_with_labels;
        item.labels_not_read = self.labels_not_read;
    }
}
