//! Excel workbooks (feature `xlsx`), turned into delimited text row by row.

mod book;
mod dates;
mod part;
mod sheet;

use std::io::{self, Read, Seek, Write};

use super::SurveyError;
use book::Book;
use sheet::Cells;

/// Writes the first sheet of a workbook (`.xlsx`) that is not hidden as comma-separated UTF-8, for
/// [`Import::open`](super::Import::open).
///
/// A number becomes its shortest text, a date or a time ISO 8601 to the second, an empty cell
/// nothing; rows that hold nothing are left out. Of a formula the stored result is read; one that
/// was never computed becomes its own text (`=A2+1`), which no item offers, so that it is reported
/// and not taken for a blank. Memory grows with the workbook's table of strings, not with its rows.
///
/// # Errors
/// A file that is no workbook, is damaged, locked with a password, or unpacks to more than survey
/// answers would, with the part, the row and the column at fault; or output that cannot be written.
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

/// The same in memory, where that is not too much.
pub(super) fn workbook_text<R: Read + Seek>(workbook: R) -> Result<Vec<u8>, SurveyError> {
    let mut text = Bounded(Vec::new());
    workbook_to_csv(workbook, &mut text)?;
    Ok(text.0)
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
