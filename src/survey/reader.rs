//! Opening a file and reading it row by row.

use std::io::Read;

use super::cell::{CellReader, Reading};
use super::cells::Cells;
use super::columns::ItemColumns;
use super::file_labels;
use super::gate::{Columns, Gate, SetSeen};
use super::header::{Header, HeaderColumn};
use super::note::FileNote;
use super::report::{
    AbsenceCount, CellFinding, CellFindings, ImportReport, InstrumentImport, ItemImport, LeftOut,
    OpenBands, PersonFindings, ProfileRecord, Tally, Unfinished,
};
use super::row::Row;
use super::rows::CsvRows;
use super::tool::{LeaveOut, When, unfinished};
use super::{Profile, SurveyError};
use crate::answers::{Answer, MissingKind};
use crate::instrument::Instrument;

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
    pub(super) ids_may_repeat: bool,
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
            ids_may_repeat: false,
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

    /// Says that a person may have several rows: check-ins, waves. Else an id that comes again is a
    /// finding.
    #[must_use]
    pub const fn ids_may_repeat(mut self) -> Self {
        self.ids_may_repeat = true;
        self
    }

    /// Name of the column of ids, if one was named.
    pub(super) fn id_column(&self) -> Option<&str> {
        self.id.as_deref()
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
        let mut gate = Gate::new(&self.profile, self.ids_may_repeat || layout.sparse);
        for (instrument, columns) in &self.instruments {
            check_own_codes(instrument, columns)?;
            let found = columns.resolve(instrument, &header)?;
            let start = slots.len();
            let sets: Vec<_> = instrument.response_sets().collect();
            let first_reader = cell_readers.len();
            for responses in &sets {
                let reader = CellReader::new(responses, columns, &self.profile)?;
                let span = reader.span().filter(|_| !responses.is_range());
                let comma = self.profile.has_decimal_comma();
                gate.sets.push(SetSeen::new(instrument.id(), responses.name(), (span, comma)));
                cell_readers.push(reader);
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
                items.push(ItemImport::new(item, place.zip(column), columns.matched_by()));
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
        let last = slots.iter().filter_map(|slot| slot.column).max();
        let unfinished = unfinished(&rows.names, self.profile.tool(), last);
        let not_asked = Answer::Missing(MissingKind::NotAsked).to_byte();
        Ok(Reader {
            gate,
            unfinished: unfinished.map(|(column, when)| Ending {
                column,
                when,
                rows: Vec::new(),
                many: 0,
            }),
            finished_only: self.profile.is_finished_only(),
            open_bands: Vec::new(),
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
pub(super) struct Slot {
    pub(super) column: Option<usize>,
    pub(super) reader: usize,
}

/// A rule by which rows are left out, and how many were.
#[derive(Debug)]
struct Leaving {
    column: usize,
    rule: &'static LeaveOut,
    rows: u64,
}

/// How the file tells that a response was not finished, and the rows that were not.
#[derive(Debug)]
struct Ending {
    column: usize,
    when: When,
    rows: Vec<u64>,
    many: u64,
}

/// Rows that are named one by one.
const NAMED: usize = 20;

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
pub(super) struct Plan {
    pub(super) range: std::ops::Range<usize>,
    pub(super) import: InstrumentImport,
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
    gate: Gate,
    unfinished: Option<Ending>,
    finished_only: bool,
    open_bands: Vec<OpenBands>,
}

impl<R: Read> Reader<R> {
    /// The next data row, read into answers; `None` at the end.
    ///
    /// # Errors
    /// A row that cannot be told apart from its neighbours, bytes that are no text, and in strict
    /// mode a cell that is not understood. In place of the end: codes that count from another base
    /// ([`SurveyError::OtherBase`]), or a text in many cells that nobody explained
    /// ([`SurveyError::UnknownLabel`]).
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, SurveyError> {
        let Some(line) = self.next_answers()? else {
            self.gate.pass(&self.counted(&|slot| self.names_of(slot)))?;
            return Ok(None);
        };
        Ok(Some(Row {
            number: self.rows.row,
            line,
            cells: &self.cells,
            answers: &self.answers,
            plans: &mut self.plans,
            id: self.id,
            asked: &self.asked,
            not_scored: &mut self.not_scored,
            open_bands: &mut self.open_bands,
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
            if self.is_left_unfinished() {
                continue;
            }
            if self.read_answers()? {
                let id = self.id.and_then(|at| self.cells.get(at)).map(text);
                let forms = self.plans.iter();
                let forms = forms.filter_map(|plan| self.answers.get(plan.range.clone()));
                self.gate.row((self.rows.row, id), &self.answers, forms);
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
                if let Reading::Unreadable { label } = reading {
                    let place = (slot.reader, plan.range.start + at);
                    self.gate.unread(place, text(cell), (row, label));
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

    /// Notes an unfinished response; `true` where such are left out.
    fn is_left_unfinished(&mut self) -> bool {
        let Some(ending) = &mut self.unfinished else { return false };
        let cell = self.cells.get(ending.column).map(text).unwrap_or_default();
        if !ending.when.holds(cell) {
            return false;
        }
        ending.many += 1;
        if ending.rows.len() < NAMED {
            ending.rows.push(self.rows.row);
        }
        self.finished_only
    }

    fn names_of(&self, slot: usize) -> Option<(String, String)> {
        let plan = self.plans.iter().find(|plan| plan.range.contains(&slot))?;
        let item = plan.import.items.get(slot - plan.range.start)?;
        Some((item.item.clone(), item.column.clone()?))
    }

    fn counted<'a>(&'a self, names: &'a dyn Fn(usize) -> Option<(String, String)>) -> Columns<'a> {
        Columns { slots: &self.slots, tallies: &self.tallies, names }
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
        let names = |slot| self.names_of(slot);
        let columns = self.counted(&names);
        let ending = self.unfinished.as_ref().filter(|ending| ending.many > 0);
        ImportReport {
            coding: self.gate.coding(&columns),
            unread_texts: self.gate.texts(&columns),
            repeats: self.gate.repeats(&columns),
            unfinished: ending.map(|ending| Unfinished {
                column: self.rows.names.get(ending.column).cloned().unwrap_or_default(),
                rows: ending.many,
                first: ending.rows.clone(),
                left_out: self.finished_only,
            }),
            open_bands: self.open_bands.clone(),
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
pub(super) fn text(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default()
}
