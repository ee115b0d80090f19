//! Excel workbooks (feature `xlsx`), turned into delimited text row by row.

mod book;
mod dates;
mod part;
mod sheet;

use std::io::{self, Read, Seek, Write};

use super::{FileNote, Profile, SurveyError};
use book::Book;
use sheet::Cells;

/// Writes a sheet of a workbook (`.xlsx`) as comma-separated UTF-8, for
/// [`Import::open`](super::Import::open): the one that the profile names, else the first that is
/// shown.
///
/// A number becomes its shortest text, a date or a time ISO 8601 to the second, an empty cell
/// nothing; rows that hold nothing are left out. Of a formula the stored result is read; one that
/// was never computed becomes its own text (`=A2+1`), which no item offers, so that it is reported
/// and not taken for a blank. Memory grows with the workbook's table of strings, not with its rows.
///
/// # Errors
/// A file that is not a workbook, is damaged, locked with a password, or unpacks to more than survey
/// answers would, with the part, the row and the column at fault; a cell beyond the header; or output
/// that cannot be written.
pub fn workbook_to_csv<R: Read + Seek>(
    workbook: R,
    profile: &Profile,
    output: impl Write,
) -> Result<Vec<FileNote>, SurveyError> {
    let mut book = Book::open(workbook, profile.sheet())?;
    let mut notes = Vec::new();
    if profile.sheet().is_none() && !book.others.is_empty() {
        let (read, others) = (book.sheet.name.clone(), book.others.clone());
        notes.push(FileNote::OtherSheets { read, others });
    }
    let mut table = Table::of(profile, output);
    let mut row: Vec<String> = Vec::new();
    let mut at = 0;
    let mut cells = Cells::open(&mut book)?;
    while let Some(cell) = cells.next_cell()? {
        if cell.row != at {
            table.take(at, &mut row)?;
            at = cell.row;
        }
        row.resize(cell.column, String::new());
        row.push(cell.text);
    }
    table.take(at, &mut row)?;
    let header = table.finish()?;
    let rows = cells.hidden_rows.iter().filter(|row| **row > header).count() as u64;
    if rows > 0 {
        notes.push(FileNote::HiddenRows { rows });
    }
    let areas: Vec<String> = cells
        .merged
        .iter()
        .filter(|area| area.last_row > header)
        .take(MOST_AREAS)
        .map(|area| area.name.clone())
        .collect();
    if !areas.is_empty() {
        notes.push(FileNote::MergedCells { areas });
    }
    Ok(notes)
}

/// The first rows below those that the profile skips, all of one width.
pub(super) fn first_rows<R: Read + Seek>(
    workbook: R,
    profile: &Profile,
    most: usize,
) -> Result<Vec<Vec<String>>, SurveyError> {
    let mut book = Book::open(workbook, profile.sheet())?;
    let mut cells = Cells::open(&mut book)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut at = 0;
    while let Some(cell) = cells.next_cell()? {
        if cell.row != at {
            if rows.len() == profile.skipped() + most {
                break;
            }
            rows.push(Vec::new());
            at = cell.row;
        }
        if let Some(row) = rows.last_mut() {
            row.resize(cell.column, String::new());
            row.push(cell.text.trim().to_owned());
        }
    }
    let mut rows = rows.split_off(profile.skipped().min(rows.len()));
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    for row in &mut rows {
        row.resize(width, String::new());
    }
    Ok(rows)
}

/// Areas of merged cells that are named.
const MOST_AREAS: usize = 20;

/// Rows on their way out: all as wide as the header.
struct Table<W: Write> {
    writer: csv::Writer<W>,
    /// Rows above the header that are still to come, and rows of the header.
    above: usize,
    header_rows: usize,
    /// The header so far; given out when it is whole.
    header: Vec<Vec<String>>,
    /// The sheet's row of the last row of the header.
    last_of_header: u32,
    width: usize,
}

impl<W: Write> Table<W> {
    fn of(profile: &Profile, output: W) -> Self {
        Self {
            writer: csv::WriterBuilder::new().flexible(true).from_writer(output),
            above: profile.skipped(),
            header_rows: profile.tool().layout().header.len(),
            header: Vec::new(),
            last_of_header: 0,
            width: 0,
        }
    }

    /// Takes a row of the sheet, if it holds anything.
    fn take(&mut self, number: u32, row: &mut Vec<String>) -> Result<(), SurveyError> {
        while row.last().is_some_and(|cell| cell.trim().is_empty()) {
            row.pop();
        }
        if row.is_empty() {
            return Ok(());
        }
        let mut row = std::mem::take(row);
        if self.above > 0 {
            // Whoever reads the text skips it there.
            self.above -= 1;
            return self.write(&row);
        }
        if self.header.len() < self.header_rows {
            self.width = self.width.max(row.len());
            self.last_of_header = number;
            self.header.push(row);
            return if self.header.len() == self.header_rows {
                self.write_header()
            } else {
                Ok(())
            };
        }
        if row.len() > self.width {
            return Err(self.beyond(number, &row));
        }
        row.resize(self.width, String::new());
        self.write(&row)
    }

    fn write_header(&mut self) -> Result<(), SurveyError> {
        for mut row in self.header.clone() {
            row.resize(self.width, String::new());
            self.write(&row)?;
        }
        Ok(())
    }

    fn write(&mut self, row: &[String]) -> Result<(), SurveyError> {
        self.writer.write_record(row).map_err(|error| SurveyError::output(&error.into()))
    }

    /// A row with more cells than the header.
    fn beyond(&self, number: u32, row: &[String]) -> SurveyError {
        let names = || self.header.iter().flatten().filter(|name| !name.trim().is_empty());
        let (cell, last) = (row.last().map_or("", |cell| cell.trim()), column_name(self.width));
        let found = format!("row {number}, column {}: {cell:?}", column_name(row.len()));
        wrong(match names().next().filter(|_| names().count() == 1) {
            Some(title) => format!(
                "{found} stands beyond row {}, which was taken for the header and holds only {title:?}; say how many rows above the header are to be skipped, or which sheet is meant",
                self.last_of_header
            ),
            None => format!(
                "{found} stands beyond the header, which ends with column {last}; if it is a note beside the table, clear it, else give its column a name"
            ),
        })
    }

    /// Gives out what is held back and says which row of the sheet ends the header.
    fn finish(mut self) -> Result<u32, SurveyError> {
        if self.header.len() < self.header_rows {
            self.write_header()?;
        }
        self.writer.flush().map_err(|error| SurveyError::output(&error))?;
        Ok(self.last_of_header)
    }
}

/// The name of a column by its number from 1: `A`, `Z`, `AA`.
fn column_name(number: usize) -> String {
    let mut name = Vec::new();
    let mut rest = number;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).map_or('?', |at| char::from(b'A' + at));
        name.push(letter);
        rest = (rest - 1) / 26;
    }
    name.iter().rev().collect()
}

/// The same in memory, where that is not too much.
pub(super) fn workbook_text<R: Read + Seek>(
    workbook: R,
    profile: &Profile,
) -> Result<(Vec<u8>, Vec<FileNote>), SurveyError> {
    let mut text = Bounded(Vec::new());
    let notes = workbook_to_csv(workbook, profile, &mut text)?;
    Ok((text.0, notes))
}

/// Bytes of a sheet that are held in memory.
const MOST_IN_MEMORY: usize = 1 << 28;

struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_IN_MEMORY {
            return Err(io::Error::other(
                "the sheet is more than 256 MiB of text; write it to a file with `workbook_to_csv` and open that",
            ));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn wrong(problem: impl Into<String>) -> SurveyError {
    SurveyError::Workbook { problem: problem.into() }
}
