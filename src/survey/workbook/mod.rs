//! Excel workbooks (feature `xlsx`), turned into delimited text row by row.

mod book;
mod dates;
mod part;
mod sheet;

use std::io::{Read, Seek, Write};

use super::SurveyError;
use book::Book;
use sheet::Cells;

/// Writes the first sheet of a workbook (`.xlsx`) that is not hidden as comma-separated UTF-8, for
/// [`Import::open`](super::Import::open).
///
/// A number becomes its shortest text, a date ISO 8601, an empty cell nothing; rows that hold
/// nothing are left out, and of a formula its stored result is read. Memory grows with the
/// workbook's table of strings, not with its rows; what a small file unpacks to is limited.
///
/// # Errors
/// A file that is no workbook, is damaged, or is locked with a password, with the part of it that
/// is at fault; or output that cannot be written.
pub fn workbook_to_csv<R: Read + Seek>(workbook: R, output: impl Write) -> Result<(), SurveyError> {
    let mut book = Book::open(workbook)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(output);
    let mut row: Vec<String> = Vec::new();
    let mut width = 0;
    let mut at = 0;
    let mut write = |row: &mut Vec<String>| -> Result<(), SurveyError> {
        while row.last().is_some_and(|cell| cell.trim().is_empty()) {
            row.pop();
        }
        if !row.is_empty() {
            // The header says how wide the sheet is; a longer row stays longer, and is refused later.
            width = if width == 0 { row.len() } else { width };
            row.resize(row.len().max(width), String::new());
            writer.write_record(&*row).map_err(|error| SurveyError::output(&error.into()))?;
        }
        row.clear();
        Ok(())
    };
    let mut cells = Cells::open(&mut book)?;
    while let Some(cell) = cells.next_cell()? {
        if cell.row != at {
            write(&mut row)?;
            at = cell.row;
        }
        row.resize(cell.column, String::new());
        row.push(cell.text);
    }
    write(&mut row)?;
    writer.flush().map_err(|error| SurveyError::output(&error))
}

fn wrong(problem: impl Into<String>) -> SurveyError {
    SurveyError::Workbook { problem: problem.into() }
}
