//! Opening a file and reading it row by row.

use std::io::Read;

use super::cell::{CellReader, Reading};
use super::cells::Cells;
use super::columns::ItemColumns;
use super::file_labels;
use super::header::{Header, HeaderColumn};
use super::note::FileNote;
use super::report::{
    AbsenceCount, CellFinding, CellFindings, ImportReport, InstrumentImport, ItemImport, LeftOut,
    PersonFinding, PersonFindings, ProfileRecord, Tally,
};
use super::rows::CsvRows;
use super::tool::LeaveOut;
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
    pub(super) profile: Profile,
    pub(super) instruments: Vec<(Instrument, ItemColumns)>,
    pub(super) id: Option<String>,
    pub(super) columns: Vec<String>,
    /// Of these, the ones whose values stay as they are stored.
    pub(super) as_stored: Vec<String>,
}

impl Import {
    /// Nothing yet, from a file of this profile.
    pub const fn new(profile: Profile) -> Self {
        Self {
            profile,
            instruments: Vec::new(),
            id: None,
            columns: Vec::new(),
            as_stored: Vec::new(),
        }
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

    /// [`Self::column`] for one whose values are wanted as the file stores them, such as waves that
    /// are in order by number, where an SPSS file calls them something else.
    #[must_use]
    pub fn column_as_stored(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.as_stored.push(name.clone());
        self.columns.push(name);
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
        let mut cells = Cells::new();
        let layout = self.profile.tool().layout();
        let mut header: Vec<Vec<String>> = Vec::new();
        for _ in 0..self.profile.skipped() {
            rows.next(&mut cells)?.ok_or(SurveyError::Empty)?;
        }
        for _ in layout.header {
            rows.next(&mut cells)?.ok_or(SurveyError::Empty)?;
            header.push(cells.iter().map(|cell| text(cell).to_owned()).collect());
        }
        let first = header.first().and_then(|row| row.first());
        if let Some(first) = first.filter(|cell| cell.trim_start().starts_with("sep=")) {
            return Err(SurveyError::SeparatorNote { found: first.trim().to_owned() });
        }
        let columns = Header::of(layout, &header, self.profile.tool())?;
        self.start(rows, columns)
    }

    /// Finds every column in a header that has been read.
    pub(super) fn start<R: Read>(
        &self,
        mut rows: CsvRows<R>,
        columns: Vec<HeaderColumn>,
    ) -> Result<Reader<R>, SurveyError> {
        let header = Header { columns, delimiter: self.profile.delimiter() };
        rows.names = header.names();
        let layout = self.profile.tool().layout();
        let mut plans = Vec::new();
        let mut slots = Vec::new();
        let mut cell_readers: Vec<CellReader> = Vec::new();
        let mut notes = Vec::new();
        for (instrument, columns) in &self.instruments {
            check_own_codes(instrument, columns)?;
            let found = columns.resolve(instrument, &header)?;
            let start = slots.len();
            let sets: Vec<_> = instrument.response_sets().collect();
            let first_reader = cell_readers.len();
            for responses in &sets {
                cell_readers.push(CellReader::new(responses, columns, &self.profile)?);
            }
            let mut items = Vec::new();
            for (item, column) in instrument.items().iter().zip(found) {
                let set = sets.iter().position(|set| set.name() == item.responses().name());
                let reader = first_reader + set.unwrap_or(0);
                let place = column.and_then(|at| header.columns.get(at));
                if let Some((cell, place)) = cell_readers.get(reader).zip(place) {
                    cell.check_sentinels(item.id())?;
                    let sentinels = self.profile.sentinels();
                    let unknown = file_labels::compare(cell, place, item.id(), sentinels)?;
                    file_labels::note(&mut notes, &place.name, unknown);
                }
                slots.push(Slot { column, reader });
                items.push(ItemImport {
                    item: item.id().to_owned(),
                    scored: !item.is_unscored(),
                    column: place.map(|place| place.name.clone()),
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
        let is_metadata = |name: &str| layout.metadata.contains(&name);
        let unused_columns = header
            .columns
            .iter()
            .enumerate()
            .filter(|(at, column)| !is_used(at) && !is_metadata(&column.name))
            .map(|(_, column)| column.name.clone())
            .collect();
        let mut left_out: Vec<Leaving> = Vec::new();
        for rule in layout.leave_out {
            let column = header.columns.iter().position(|column| column.name == rule.column);
            left_out.extend(column.map(|column| Leaving { column, rule, rows: 0 }));
        }
        let not_asked = Answer::Missing(MissingKind::NotAsked).to_byte();
        Ok(Reader {
            answers: vec![not_asked; slots.len()],
            tallies: slots.iter().map(|_| Tally::new()).collect(),
            rows,
            cells: Cells::new(),
            sparse: layout.sparse,
            empty_rows: 0,
            left_out,
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
            notes,
            profile: ProfileRecord::of(&self.profile),
        })
    }
}

/// One item: its column, and how its cells are read.
#[derive(Debug)]
struct Slot {
    column: Option<usize>,
    reader: usize,
}

/// A rule by which rows are left out, and how many were.
#[derive(Debug)]
struct Leaving {
    column: usize,
    rule: &'static LeaveOut,
    rows: u64,
}

/// Every code of the file stands for one code of the instrument.
pub(super) fn check_own_codes(
    instrument: &Instrument,
    columns: &ItemColumns,
) -> Result<(), SurveyError> {
    let own = columns.own_codes();
    for (at, (text, code)) in own.iter().enumerate() {
        let before = own.iter().take(at);
        let offered = instrument.items().iter().any(|item| item.responses().contains(*code));
        let problem = if !offered {
            "no item offers that code"
        } else if before.clone().any(|(other, _)| other.trim() == text.trim()) {
            "the text is declared twice"
        } else if before.clone().any(|(_, other)| other == code) {
            "another text is declared for that code"
        } else {
            continue;
        };
        return Err(SurveyError::OwnCode {
            instrument: instrument.id().to_owned(),
            text: text.clone(),
            code: *code,
            problem,
        });
    }
    Ok(())
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
    cells: Cells,
    answers: Vec<u8>,
    strict: bool,
    sparse: bool,
    /// Rows of a sparse file without any answer.
    empty_rows: u64,
    left_out: Vec<Leaving>,
    plans: Vec<Plan>,
    slots: Vec<Slot>,
    /// What was read for each slot: apart from it, for the tables are large and the slots are not.
    tallies: Vec<Tally>,
    cell_readers: Vec<CellReader>,
    id: Option<usize>,
    asked: Vec<usize>,
    blank_rows: u64,
    not_understood: CellFindings,
    not_scored: PersonFindings,
    unused_columns: Vec<String>,
    pub(super) notes: Vec<FileNote>,
    profile: ProfileRecord,
}

impl<R: Read> Reader<R> {
    /// The next data row, read into answers; `None` at the end.
    ///
    /// # Errors
    /// A row that cannot be told apart from its neighbours, bytes that are no text, and in strict
    /// mode a cell that is not understood.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, SurveyError> {
        let Some(line) = self.next_answers()? else { return Ok(None) };
        Ok(Some(Row {
            number: self.rows.row,
            line,
            cells: &self.cells,
            answers: &self.answers,
            plans: &mut self.plans,
            id: self.id,
            asked: &self.asked,
            not_scored: &mut self.not_scored,
        }))
    }

    /// Puts the next row that holds answers into `cells` and `answers`.
    fn next_answers(&mut self) -> Result<Option<u64>, SurveyError> {
        let width = self.rows.names.len();
        loop {
            self.rows.row += 1;
            let Some(line) = self.rows.next(&mut self.cells)? else {
                self.rows.row -= 1;
                return Ok(None);
            };
            let blank = width > 1
                && self.cells.len() == 1
                && self.cells.get(0).is_some_and(|cell| text(cell).trim().is_empty());
            if blank {
                self.rows.row -= 1;
                self.blank_rows += 1;
                continue;
            }
            if self.cells.len() != width {
                let (row, found) = (self.rows.row, self.cells.len());
                return Err(SurveyError::Ragged { row, line, found, expected: width });
            }
            let cells = &self.cells;
            let leaving = self.left_out.iter_mut().find(|leaving| {
                let cell = cells.get(leaving.column).map(text).unwrap_or_default();
                leaving.rule.values.contains(&cell.trim())
            });
            if let Some(leaving) = leaving {
                leaving.rows += 1;
                continue;
            }
            if self.read_answers()? {
                return Ok(Some(line));
            }
            self.empty_rows += 1;
        }
    }

    /// Reads the cells into answers; `false` where a sparse file has no answer in the row.
    fn read_answers(&mut self) -> Result<bool, SurveyError> {
        let row = self.rows.row;
        let mut any = self.plans.is_empty();
        let (cells, cell_readers) = (self.cells.view(), self.cell_readers.as_slice());
        for plan in &self.plans {
            let slots = self.slots.get(plan.range.clone()).unwrap_or_default();
            let tallies = self.tallies.get_mut(plan.range.clone()).unwrap_or_default();
            let answers = self.answers.get_mut(plan.range.clone()).unwrap_or_default();
            let is_blank = |slot: &Slot| {
                let cell = slot.column.and_then(|column| cells.get(column));
                cell.is_none_or(|cell| text(cell).trim().is_empty())
            };
            if self.sparse && slots.iter().all(is_blank) {
                answers.fill(const { Answer::Missing(MissingKind::NotAsked).to_byte() });
                continue;
            }
            any = true;
            for (at, ((slot, tally), byte)) in slots.iter().zip(tallies).zip(answers).enumerate() {
                let Some(cell) = slot.column.and_then(|column| cells.get(column)) else {
                    continue;
                };
                let Some(reader) = cell_readers.get(slot.reader) else { continue };
                if let Some(known) = reader.at_once(cell) {
                    *byte = known;
                    tally.count(known);
                    continue;
                }
                let reading = reader.read(cell);
                *byte = reading.byte();
                tally.add(reading);
                if matches!(reading, Reading::Unreadable { .. }) {
                    let describe = || describe(plan, at, (row, text(cell), reader.allowed()));
                    if self.strict {
                        let CellFinding { column, item, text, allowed, .. } = describe();
                        return Err(SurveyError::NotUnderstood {
                            row,
                            column,
                            item,
                            text,
                            allowed,
                        });
                    }
                    self.not_understood.add(describe);
                }
            }
        }
        Ok(any)
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
            let tallies = self.tallies.get(plan.range.clone()).unwrap_or_default();
            for (item, tally) in import.items.iter_mut().zip(tallies) {
                tally.fill(item);
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
            left_out: self.left_out(),
            notes: self.notes.clone(),
            blank_rows: self.blank_rows,
            instruments: instruments.collect(),
            unused_columns: self.unused_columns.clone(),
            not_understood: self.not_understood.clone(),
            not_scored,
        }
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let empty = "no answer to any item: another event or form";
        let rules = self.left_out.iter().map(|leaving| (leaving.rule.reason, leaving.rows));
        rules
            .chain([(empty, self.empty_rows)])
            .filter(|(_, rows)| *rows > 0)
            .map(|(reason, rows)| LeftOut { reason: reason.to_owned(), rows })
            .collect()
    }

    /// The report on all rows.
    pub fn into_report(self) -> ImportReport {
        self.report()
    }
}

#[cold]
fn describe(plan: &Plan, item: usize, (row, text, allowed): (u64, &str, &str)) -> CellFinding {
    let known = plan.import.items.get(item);
    CellFinding {
        row,
        column: known.and_then(|item| item.column.clone()).unwrap_or_default(),
        instrument: plan.import.instrument.clone(),
        item: known.map(|item| item.item.clone()).unwrap_or_default(),
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
    cells: &'r Cells,
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
        for view in scores.iter().filter(|view| !view.status().is_scored()) {
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
