//! Opening a file and reading it row by row.

use std::io::Read;

use csv::ByteRecord;

use super::cell::{CellReader, Reading};
use super::columns::{Header, ItemColumns};
use super::report::{
    AbsenceCount, CellFinding, CellFindings, ImportReport, InstrumentImport, ItemImport,
    PersonFinding, PersonFindings, ProfileRecord, Tally,
};
use super::rows::CsvRows;
use super::{Profile, SurveyError};
use crate::answers::{Answer, MissingKind};
use crate::instrument::Instrument;
use crate::score::{Absence, Scores, Status};

/// What to read from a file: instruments, each with its columns, and other columns by name.
///
/// ```
/// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// # let phq9 = straingauge::Instrument::parse(text).unwrap();
/// use straingauge::survey::{Import, ItemColumns, Profile};
/// let file = "person,q1,q2\nA,0,3\nB,1,often\n";
/// let mut reader = Import::new(Profile::plain())
///     .instrument(&phq9, ItemColumns::prefix("q"))
///     .column("person")
///     .open(file.as_bytes())?;
/// while let Some(row) = reader.next_row()? {
///     let (person, answers) = (row.cell(0), row.answers(0));
///     assert_eq!(answers.len(), phq9.items().len()); // items without a column: not asked
/// }
/// let report = reader.into_report();
/// assert_eq!(report.not_understood.first[0].text, "often");
/// # Ok::<(), straingauge::survey::SurveyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Import {
    profile: Profile,
    instruments: Vec<(Instrument, ItemColumns)>,
    id: Option<String>,
    columns: Vec<String>,
}

impl Import {
    /// Nothing yet, from a file of this profile.
    pub const fn new(profile: Profile) -> Self {
        Self { profile, instruments: Vec::new(), id: None, columns: Vec::new() }
    }

    /// Reads an instrument as well. Its number for [`Row::answers`] is that of the call, from 0.
    #[must_use]
    pub fn instrument(mut self, instrument: &Instrument, columns: ItemColumns) -> Self {
        self.instruments.push((instrument.clone(), columns));
        self
    }

    /// Names the column that says who answered; see [`Row::id`].
    #[must_use]
    pub fn id(mut self, name: impl Into<String>) -> Self {
        self.id = Some(name.into());
        self
    }

    /// Hands through a column that holds no item: a date, a unit, a stored total. Its number for
    /// [`Row::cell`] is that of the call, from 0.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>) -> Self {
        self.columns.push(name.into());
        self
    }

    /// [`Self::column`] for several names.
    #[must_use]
    pub fn columns<I: IntoIterator<Item: Into<String>>>(mut self, names: I) -> Self {
        self.columns.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether a column of ids was named.
    pub(super) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Names of the columns that are handed through.
    pub(super) fn handed_through(&self) -> &[String] {
        &self.columns
    }

    /// Reads the header and finds every column.
    ///
    /// # Errors
    /// Input that is no delimited text; a column that is missing, ambiguous or used twice; a
    /// sentinel that is an answer; labels that name two options.
    pub fn open<R: Read>(&self, input: R) -> Result<Reader<R>, SurveyError> {
        let mut rows = CsvRows::open(input, &self.profile)?;
        let mut cells = ByteRecord::new();
        rows.next(&mut cells)?.ok_or(SurveyError::Empty)?;
        let names: Vec<String> = cells.iter().map(|cell| text(cell).trim().to_owned()).collect();
        if let Some(first) = names.first().filter(|name| name.starts_with("sep=")) {
            return Err(SurveyError::SeparatorNote { found: first.clone() });
        }
        rows.names.clone_from(&names);
        let header = Header { names, delimiter: self.profile.delimiter() };

        let mut plans = Vec::new();
        let mut slots = Vec::new();
        let mut cell_readers: Vec<CellReader> = Vec::new();
        for (instrument, columns) in &self.instruments {
            let found = columns.resolve(instrument, &header)?;
            let start = slots.len();
            let sets: Vec<_> = instrument.response_sets().collect();
            let first_reader = cell_readers.len();
            for responses in &sets {
                cell_readers.push(CellReader::new(responses, &[], &self.profile)?);
            }
            let mut items = Vec::new();
            for (item, column) in instrument.items().iter().zip(found) {
                let set = sets.iter().position(|set| set.name() == item.responses().name());
                let reader = first_reader + set.unwrap_or(0);
                if let Some(cell) = cell_readers.get(reader).filter(|_| column.is_some()) {
                    cell.check_sentinels(item.id())?;
                }
                slots.push(Slot { column, reader, tally: Tally::new() });
                items.push(ItemImport {
                    item: item.id().to_owned(),
                    scored: !item.is_unscored(),
                    column: column.and_then(|at| header.names.get(at).cloned()),
                    position: column.map(|at| at + 1),
                    matched_by: column.map(|_| columns.matched_by()),
                    codes: std::collections::BTreeMap::new(),
                    missing: std::collections::BTreeMap::new(),
                    decimals: 0,
                    labels: 0,
                    codes_with_labels: 0,
                    labels_not_read: 0,
                });
            }
            plans.push(Plan {
                range: start..slots.len(),
                import: InstrumentImport {
                    instrument: instrument.id().to_owned(),
                    version: instrument.version().to_string(),
                    receipt: None,
                    items,
                },
            });
        }
        let asked: Vec<usize> =
            self.columns.iter().map(|name| header.get(name)).collect::<Result<_, _>>()?;
        let id = self.id.as_ref().map(|name| header.get(name)).transpose()?;
        let is_used = |at: &usize| {
            asked.contains(at) || id == Some(*at) || slots.iter().any(|s| s.column == Some(*at))
        };
        let unused_columns = header
            .names
            .iter()
            .enumerate()
            .filter(|(at, _)| !is_used(at))
            .map(|(_, n)| n.clone())
            .collect();
        let not_asked = Answer::Missing(MissingKind::NotAsked).to_byte();
        Ok(Reader {
            answers: vec![not_asked; slots.len()],
            rows,
            cells,
            strict: self.profile.is_strict(),
            plans,
            slots,
            cell_readers,
            id,
            asked,
            blank_rows: 0,
            not_understood: CellFindings::default(),
            not_scored: PersonFindings::default(),
            unused_columns,
            profile: ProfileRecord::of(&self.profile),
        })
    }
}

/// One item: its column, and how its cells are read.
#[derive(Debug)]
struct Slot {
    column: Option<usize>,
    reader: usize,
    tally: Tally,
}

#[derive(Debug)]
struct Plan {
    range: std::ops::Range<usize>,
    import: InstrumentImport,
}

/// An open file. Memory does not grow with its rows.
#[derive(Debug)]
pub struct Reader<R> {
    rows: CsvRows<R>,
    cells: ByteRecord,
    answers: Vec<u8>,
    strict: bool,
    plans: Vec<Plan>,
    slots: Vec<Slot>,
    cell_readers: Vec<CellReader>,
    id: Option<usize>,
    asked: Vec<usize>,
    blank_rows: u64,
    not_understood: CellFindings,
    not_scored: PersonFindings,
    unused_columns: Vec<String>,
    profile: ProfileRecord,
}

impl<R: Read> Reader<R> {
    /// The next data row, read into answers; `None` at the end.
    ///
    /// # Errors
    /// A row that cannot be told apart from its neighbours, bytes that are no text, and in strict
    /// mode a cell that is not understood.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, SurveyError> {
        let width = self.rows.names.len();
        let line = loop {
            self.rows.row += 1;
            let Some(line) = self.rows.next(&mut self.cells)? else {
                self.rows.row -= 1;
                return Ok(None);
            };
            let blank = width > 1
                && self.cells.len() == 1
                && self.cells.get(0).is_some_and(|cell| text(cell).trim().is_empty());
            if !blank {
                break line;
            }
            self.rows.row -= 1;
            self.blank_rows += 1;
        };
        let row = self.rows.row;
        if self.cells.len() != width {
            let found = self.cells.len();
            return Err(SurveyError::Ragged { row, line, found, expected: width });
        }
        for (at, (slot, byte)) in self.slots.iter_mut().zip(&mut self.answers).enumerate() {
            let Some(cell) = slot.column.and_then(|column| self.cells.get(column)) else {
                continue;
            };
            let Some(reader) = self.cell_readers.get(slot.reader) else { continue };
            let reading = reader.read(cell);
            *byte = reading.byte();
            slot.tally.add(reading);
            if matches!(reading, Reading::Unreadable { .. }) {
                let describe = || describe(&self.plans, at, (row, text(cell), reader.allowed()));
                if self.strict {
                    let CellFinding { column, item, text, allowed, .. } = describe();
                    return Err(SurveyError::NotUnderstood { row, column, item, text, allowed });
                }
                self.not_understood.add(describe);
            }
        }
        Ok(Some(Row {
            number: row,
            line,
            cells: &self.cells,
            answers: &self.answers,
            plans: &mut self.plans,
            id: self.id,
            asked: &self.asked,
            not_scored: &mut self.not_scored,
        }))
    }

    /// Names of the file's columns.
    pub fn column_names(&self) -> &[String] {
        &self.rows.names
    }

    /// Whether an instrument's item has a column.
    pub fn is_asked(&self, instrument: usize, item: usize) -> bool {
        let plan = self.plans.get(instrument).and_then(|plan| plan.import.items.get(item));
        plan.is_some_and(|item| item.column.is_some())
    }

    /// The report on the rows read so far.
    pub fn report(&self) -> ImportReport {
        let instruments = self.plans.iter().map(|plan| {
            let mut import = plan.import.clone();
            let slots = self.slots.get(plan.range.clone()).unwrap_or_default();
            for (item, slot) in import.items.iter_mut().zip(slots) {
                slot.tally.fill(item);
            }
            import
        });
        let mut not_scored = self.not_scored.clone();
        let place = |id: &str| self.plans.iter().position(|plan| plan.import.instrument == id);
        not_scored.counts.sort_by(|a, b| {
            let key = |count: &AbsenceCount| place(&count.instrument);
            (key(a), &a.scale, &a.status).cmp(&(key(b), &b.scale, &b.status))
        });
        ImportReport {
            format: 1,
            profile: self.profile.clone(),
            rows: self.rows.row,
            blank_rows: self.blank_rows,
            instruments: instruments.collect(),
            unused_columns: self.unused_columns.clone(),
            not_understood: self.not_understood.clone(),
            not_scored,
        }
    }

    /// The report on all rows.
    pub fn into_report(self) -> ImportReport {
        self.report()
    }
}

#[cold]
fn describe(plans: &[Plan], slot: usize, (row, text, allowed): (u64, &str, &str)) -> CellFinding {
    let plan = plans.iter().find(|plan| plan.range.contains(&slot));
    let import = plan.map(|plan| &plan.import);
    let item = plan.and_then(|plan| plan.import.items.get(slot - plan.range.start));
    CellFinding {
        row,
        column: item.and_then(|item| item.column.clone()).unwrap_or_default(),
        instrument: import.map(|import| import.instrument.clone()).unwrap_or_default(),
        item: item.map(|item| item.item.clone()).unwrap_or_default(),
        text: CellFinding::shortened(text),
        allowed: allowed.to_owned(),
    }
}

/// A cell as text; the rows have been checked.
fn text(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default()
}

/// One data row.
#[derive(Debug)]
pub struct Row<'r> {
    number: u64,
    line: u64,
    cells: &'r ByteRecord,
    answers: &'r [u8],
    plans: &'r mut [Plan],
    id: Option<usize>,
    asked: &'r [usize],
    not_scored: &'r mut PersonFindings,
}

impl<'r> Row<'r> {
    /// Number of the row: the first data row is 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Line of the file on which it begins.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The answers to an instrument, by its number in the import: one byte per item in printed
    /// order, see [`Answer::to_byte`]. Empty for a number that there is not.
    pub fn answers(&self, instrument: usize) -> &'r [u8] {
        let plan = self.plans.get(instrument);
        plan.and_then(|plan| self.answers.get(plan.range.clone())).unwrap_or_default()
    }

    /// Who answered: the cell of the column of ids, unchanged.
    pub fn id(&self) -> Option<&'r str> {
        self.id.and_then(|at| self.cells.get(at)).map(text)
    }

    /// A column that was asked for, by its number in the import, unchanged.
    pub fn cell(&self, column: usize) -> &'r str {
        let at = self.asked.get(column);
        at.and_then(|at| self.cells.get(*at)).map(text).unwrap_or_default()
    }

    /// The text that an item's answer was read from, unchanged.
    pub fn item_text(&self, instrument: usize, item: usize) -> Option<&'r str> {
        let item = self.plans.get(instrument)?.import.items.get(item)?;
        self.cells.get(item.position?.checked_sub(1)?).map(text)
    }

    /// Enters into the report which scales could not be scored, and what scored the others.
    pub fn note(&mut self, instrument: usize, scores: &Scores) {
        let Some(plan) = self.plans.get_mut(instrument) else { return };
        plan.import.receipt.get_or_insert_with(|| scores.receipt());
        let not_asked =
            |id: &str| scores.get(id).is_some_and(|view| view.status() == Status::NotAsked);
        for view in scores.iter() {
            let Err(absence) = view.value() else { continue };
            let (scale, status) = (view.scale().id(), view.status().as_str());
            let own = plan.import.instrument.as_str();
            // Whether a question was asked is a matter of the file, not of the person.
            let listed = match &absence {
                Absence::NotAsked { .. } => false,
                Absence::DependsOnAbsent { scale } => !not_asked(scale),
                _ => true,
            };
            let describe = || PersonFinding {
                row: self.number,
                id: self.id.and_then(|at| self.cells.get(at)).map(|id| text(id).to_owned()),
                instrument: own.to_owned(),
                scale: scale.to_owned(),
                status: status.to_owned(),
                reason: absence.to_string(),
            };
            self.not_scored.add((own, scale, status), listed.then_some(describe));
        }
    }
}
