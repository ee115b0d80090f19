//! Opening a file and reading it row by row.

use std::io::Read;

use super::cell::{CellReader, Reading};
use super::cells::Cells;
use super::columns::ItemColumns;
use super::file_labels;
use super::gate::{Answered, Columns, Gate, SetSeen, Unread};
use super::header::{Header, HeaderColumn};
use super::note::FileNote;
use super::report::{
    AbsenceCount, CellFinding, CellFindings, ImportReport, InstrumentImport, ItemImport, LeftOut,
    OpenBands, PersonFindings, ProfileRecord, Tally, Unfinished,
};
use super::row::Row;
use super::rows::CsvRows;
use super::safety::{Looked, SafetyFindings, SafetyWatch};
use super::tool::{Layout, LeaveOut, When, unfinished};
use super::waves::{Places, Waves};
use super::{Import, SurveyError};
use crate::answers::{Answer, MissingKind};
use crate::instrument::Instrument;

impl Import {
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
        let places = self.find(&header)?;
        let mut plans = Vec::new();
        let mut slots = Vec::new();
        let mut cell_readers: Vec<CellReader> = Vec::new();
        let mut notes = Vec::new();
        let watched = self.instruments.iter().map(|(instrument, _)| instrument).enumerate();
        let watches =
            watched.filter_map(|(at, instrument)| SafetyWatch::of(at, instrument)).collect();
        let mut gate = Gate::new(&self.profile, self.ids_may_repeat || layout.sparse);
        for (instrument, columns) in &self.instruments {
            check_own_codes(instrument, columns)?;
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
            for item in instrument.items() {
                let set = sets.iter().position(|set| set.name() == item.responses().name());
                let reader = first_reader + set.unwrap_or(0);
                let of_waves = places.iter().filter_map(|place| *place.items.get(slots.len())?);
                for place in of_waves.clone().filter_map(|at| header.columns.get(at)) {
                    let Some(cell) = cell_readers.get(reader) else { continue };
                    cell.check_sentinels(item.id())?;
                    let sentinels = self.profile.sentinels();
                    let compared = file_labels::compare(cell, place, item.id(), sentinels)?;
                    file_labels::note(&mut notes, &place.name, compared);
                }
                let column = of_waves.clone().next();
                let place = column.and_then(|at| header.columns.get(at)).zip(column);
                slots.push(Slot { column, reader });
                items.push(ItemImport::new(item, place, columns.matched_by()));
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
        let id = self.id.as_ref().map(|name| header.get(name)).transpose()?;
        let mut left_out: Vec<Leaving> = Vec::new();
        for rule in layout.leave_out {
            let column = header.columns.iter().position(|column| column.name == rule.column);
            left_out.extend(column.map(|column| Leaving { column, rule, rows: 0 }));
        }
        let last = places.iter().flat_map(|place| &place.items).flatten().max().copied();
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
            watches,
            safety: SafetyFindings::default(),
            safety_of_row: 0,
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
            asked: places.first().map(|place| place.asked.clone()).unwrap_or_default(),
            waves: Waves::new(self, &places),
            blank_rows: 0,
            not_understood: CellFindings::default(),
            not_scored: PersonFindings::default(),
            unused_columns: unused(&header, &places, id, layout),
            notes,
            profile: ProfileRecord::of(&self.profile),
        })
    }
}

/// Columns that hold no item, were not asked for and are none of the tool's own.
fn unused(header: &Header, places: &[Places], id: Option<usize>, layout: &Layout) -> Vec<String> {
    let found =
        |place: &Places, at| place.asked.contains(&Some(at)) || place.items.contains(&Some(at));
    let is_used = |at| id == Some(at) || places.iter().any(|place| found(place, at));
    let columns = header.columns.iter().enumerate();
    columns
        .filter(|(at, column)| !is_used(*at) && !layout.metadata.contains(&column.name.as_str()))
        .map(|(_, column)| column.name.clone())
        .collect()
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
    asked: Vec<Option<usize>>,
    waves: Waves,
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
    watches: Vec<SafetyWatch>,
    safety: SafetyFindings,
    /// Where the findings of the row at hand begin.
    safety_of_row: usize,
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
            self.gate.pass(&self.counted(&|slot| self.item_of(slot)))?;
            return Ok(None);
        };
        Ok(Some(Row {
            number: self.rows.row,
            line,
            cells: &self.cells,
            answers: &self.answers,
            plans: &mut self.plans,
            slots: &self.slots,
            id: self.id,
            wave: self.waves.name(),
            asked: &self.asked,
            not_scored: &mut self.not_scored,
            open_bands: &mut self.open_bands,
            safety: self.safety.met.get(self.safety_of_row..).unwrap_or_default(),
        }))
    }

    /// Puts the answers of the next row that holds any, in a file of waves those of the next wave,
    /// into `answers`.
    fn next_answers(&mut self) -> Result<Option<u64>, SurveyError> {
        loop {
            let line = match self.next_wave() {
                Some(line) => line,
                None => match self.next_line()? {
                    None => return Ok(None),
                    Some(line) if self.waves.begin(line) => continue,
                    Some(line) => line,
                },
            };
            if self.read_answers()? {
                self.watch_answers();
                let id = self.id.and_then(|at| self.cells.get(at)).map(text);
                let (row, wave, answers) = (self.rows.row, self.waves.position(), &*self.answers);
                let forms = self.plans.iter();
                let forms = forms.filter_map(|plan| answers.get(plan.range.clone()));
                self.gate.row(Answered { row, wave, id, answers }, forms);
                return Ok(Some(line));
            }
            self.empty_rows += 1;
        }
    }

    /// Turns to the next wave of the row at hand in which anything was answered.
    fn next_wave(&mut self) -> Option<u64> {
        loop {
            let (line, place) = self.waves.turn()?;
            for (slot, column) in self.slots.iter_mut().zip(&place.items) {
                slot.column = *column;
            }
            self.asked.clone_from(&place.asked);
            self.answers.fill(const { Answer::Missing(MissingKind::NotAsked).to_byte() });
            let (cells, readers) = (&self.cells, &self.cell_readers);
            let is_answered = |slot: &Slot| {
                let cell = slot.column.and_then(|at| cells.get(at));
                let reading = cell.zip(readers.get(slot.reader)).map(|(cell, r)| r.read(cell));
                matches!(reading, Some(Reading::Code(..) | Reading::Unreadable { .. }))
            };
            let is_answered = self.slots.iter().any(is_answered);
            self.waves.count(is_answered);
            if is_answered {
                return Some(line);
            }
        }
    }

    /// Puts the next row that is to be read into `cells`.
    fn next_line(&mut self) -> Result<Option<u64>, SurveyError> {
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
            if !self.is_left_unfinished() {
                return Ok(Some(line));
            }
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
                let Some(column) = slot.column else { continue };
                let Some(cell) = cells.get(column) else { continue };
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
                    let (set, text) = (slot.reader, text(cell));
                    let unread =
                        Unread { set, slot: plan.range.start + at, column, text, row, label };
                    self.gate.unread(&unread);
                    let names = &self.rows.names;
                    let describe = || describe(plan, &unread, (names, reader.allowed()));
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

    /// Looks at the safety items of the row that was just read.
    fn watch_answers(&mut self) {
        self.safety_of_row = self.safety.met.len();
        let id = self.id.and_then(|at| self.cells.get(at)).map(text);
        let at = Looked { row: self.rows.row, wave: self.waves.name(), id, left_out: false };
        for watch in &mut self.watches {
            let Some(plan) = self.plans.get(watch.plan) else { continue };
            let answers = self.answers.get(plan.range.clone()).unwrap_or_default();
            watch.look(answers, at, &mut self.safety);
        }
    }

    /// Looks at the safety items of a row that is left out. Its answers count for nothing else.
    fn watch_left_out(&mut self) {
        let id = self.id.and_then(|at| self.cells.get(at)).map(text);
        let at = Looked { row: self.rows.row, wave: None, id, left_out: true };
        for watch in &mut self.watches {
            let Some(plan) = self.plans.get(watch.plan) else { continue };
            let read = |slot: &Slot| {
                let cell = slot.column.and_then(|column| self.cells.get(column));
                let reading = cell.zip(self.cell_readers.get(slot.reader)).map(|(c, r)| r.read(c));
                let blank = Answer::Missing(MissingKind::NotAsked).to_byte();
                reading.map_or(blank, |reading| reading.byte())
            };
            let slots = self.slots.get(plan.range.clone()).unwrap_or_default();
            let answers: Vec<u8> = slots.iter().map(read).collect();
            watch.look(&answers, at, &mut self.safety);
        }
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
        if self.finished_only {
            self.watch_left_out();
        }
        self.finished_only
    }

    fn item_of(&self, slot: usize) -> Option<String> {
        let plan = self.plans.iter().find(|plan| plan.range.contains(&slot))?;
        let item = plan.import.items.get(slot - plan.range.start)?;
        item.column.is_some().then(|| item.item.clone())
    }

    fn counted<'a>(&'a self, items: &'a dyn Fn(usize) -> Option<String>) -> Columns<'a> {
        Columns { slots: &self.slots, tallies: &self.tallies, items, header: &self.rows.names }
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
        let items = |slot| self.item_of(slot);
        let columns = self.counted(&items);
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
            safety: self.safety.clone(),
            format: 1,
            profile: self.profile.clone(),
            rows: self.rows.row,
            left_out: self.left_out(),
            notes: self.notes.clone(),
            waves: self.waves.report().cloned(),
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
fn describe(plan: &Plan, unread: &Unread<'_>, (names, allowed): (&[String], &str)) -> CellFinding {
    let item = unread.slot.checked_sub(plan.range.start);
    let item = item.and_then(|at| plan.import.items.get(at));
    CellFinding {
        row: unread.row,
        column: names.get(unread.column).cloned().unwrap_or_default(),
        instrument: plan.import.instrument.clone(),
        item: item.map(|item| item.item.clone()).unwrap_or_default(),
        text: CellFinding::shortened(unread.text),
        allowed: allowed.to_owned(),
    }
}

/// A cell as text; the rows have been checked.
pub(super) fn text(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default()
}
