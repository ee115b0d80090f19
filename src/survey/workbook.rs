//! Excel workbooks (feature `xlsx`), turned into delimited text row by row.

use std::io::{Read, Seek, Write};

use calamine::{DataRef, Reader as _, Xlsx};

use super::SurveyError;

/// Columns that a sheet can have.
const MOST_COLUMNS: usize = 16_384;

/// Writes the first sheet of a workbook (`.xlsx`) as comma-separated UTF-8, for
/// [`Import::open`](super::Import::open).
///
/// A number becomes its shortest text, a date ISO 8601, an empty cell nothing; rows that hold
/// nothing are left out. Memory grows with the workbook's table of strings, not with its rows.
///
/// # Errors
/// A file that is no workbook, or output that cannot be written.
pub fn workbook_to_csv<R: Read + Seek>(workbook: R, output: impl Write) -> Result<(), SurveyError> {
    let wrong = |problem: String| SurveyError::Workbook { problem };
    let mut workbook = Xlsx::new(workbook).map_err(|error| wrong(error.to_string()))?;
    let sheet = workbook.sheet_names().first().cloned();
    let sheet = sheet.ok_or_else(|| wrong("it has no sheet".to_owned()))?;
    let mut cells =
        workbook.worksheet_cells_reader(&sheet).map_err(|error| wrong(error.to_string()))?;
    let mut writer = csv::WriterBuilder::new().from_writer(output);
    let mut row: Vec<String> = Vec::new();
    let mut width = 0;
    let mut at: Option<u32> = None;
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
    while let Some(cell) = cells.next_cell().map_err(|error| wrong(error.to_string()))? {
        let (line, column) = cell.get_position();
        if at != Some(line) {
            if at.is_some_and(|at| at > line) {
                return Err(wrong(format!(
                    "row {} comes after row {}",
                    line + 1,
                    at.unwrap_or(0) + 1
                )));
            }
            write(&mut row)?;
            at = Some(line);
        }
        let column = usize::try_from(column).unwrap_or(MOST_COLUMNS);
        if column >= MOST_COLUMNS {
            return Err(wrong(format!("row {} has a cell beyond column {MOST_COLUMNS}", line + 1)));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        if let Some(place) = row.get_mut(column) {
            *place = text(cell.get_value());
        }
    }
    write(&mut row)?;
    writer.flush().map_err(|error| SurveyError::output(&error))
}

fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) if value.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) {
                date
            } else {
                format!("{date}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::DateTime(value) => value.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}
