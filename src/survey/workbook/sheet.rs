//! The cells of one sheet, in the order of its rows.

use std::io::{BufReader, Read, Seek};

use zip::read::ZipFile;

use super::{
    SurveyError,
    book::{Book, Strings, open, unescape},
    dates::Dates,
    part::{Part, Piece},
};

/// Rows and columns that a sheet can have.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: usize = 1 << 14;
/// Bytes of XML that a row may take.
const MOST_OF_ROW: u64 = 1 << 24;

/// A cell that holds something: its row from 1, its column from 0.
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: usize,
    pub(super) text: String,
}

pub(super) struct Cells<'a, R: Read> {
    /// Nothing once it has been read to its end.
    part: Option<Part<ZipFile<'a, R>>>,
    strings: &'a Strings,
    dates: &'a Dates,
    row: u32,
    /// The first column that the row has not used, from 0.
    column: usize,
}

impl<'a, R: Read + Seek> Cells<'a, BufReader<R>> {
    pub(super) fn open(book: &'a mut Book<R>) -> Result<Self, SurveyError> {
        let Book { archive, sheet, strings, dates } = book;
        let part = open(archive, sheet)?;
        Ok(Self { part: Some(part), strings, dates, row: 0, column: 0 })
    }
}

impl<R: Read> Cells<'_, R> {
    pub(super) fn next_cell(&mut self) -> Result<Option<Cell>, SurveyError> {
        let Some(part) = &mut self.part else { return Ok(None) };
        loop {
            let element = match part.next()? {
                Some(Piece::Start(element)) => element,
                Some(Piece::End(tag)) if tag.local_name().into_inner() == "sheetData" => break,
                Some(_) => continue,
                None => return Err(part.wrong("it ends before its rows do")),
            };
            match element.name() {
                "row" => {
                    let (found, next) = (element.attribute("r")?, self.row + 1);
                    let row = found.as_ref().map_or(Some(next), |row| row.parse().ok());
                    let Some(row) = row.filter(|row| (next..=MOST_ROWS).contains(row)) else {
                        let found = found.unwrap_or_default();
                        return Err(part.wrong(format!(
                            "row `{found}` stands where one of {next} to {MOST_ROWS} is expected"
                        )));
                    };
                    (self.row, self.column) = (row, 0);
                    part.allow(MOST_OF_ROW);
                }
                "c" => {
                    let (at, next) = (element.attribute("r")?, self.column);
                    let column = at.as_ref().map_or(Some(next), |at| column_of(at, self.row));
                    let Some(column) = column.filter(|at| (next..MOST_COLUMNS).contains(at)) else {
                        let (at, row, next) = (at.unwrap_or_default(), self.row, next + 1);
                        return Err(part.wrong(format!(
                            "cell `{at}` stands in row {row} where one of column {next} to {MOST_COLUMNS} is expected"
                        )));
                    };
                    self.column = column + 1;
                    let kind = element.attribute("t")?;
                    let style = element.attribute("s")?.and_then(|style| style.parse().ok());
                    let mut held = String::new();
                    part.text_to("c", &mut held)?;
                    let text = match (kind.as_deref(), held.trim()) {
                        (None | Some("n"), _) => self.dates.text(held, style.unwrap_or(0)),
                        (Some("s"), index) if !index.is_empty() => {
                            let string = index.parse().ok().and_then(|at| self.strings.get(at));
                            let (row, strings) = (self.row, self.strings.len());
                            let missing = || {
                                format!(
                                    "a cell of row {row} is string {index}; there are {strings}, from 0"
                                )
                            };
                            string.ok_or_else(|| part.wrong(missing()))?.to_owned()
                        }
                        (Some("b"), "1") => "true".to_owned(),
                        (Some("b"), "0") => "false".to_owned(),
                        (Some("inlineStr" | "str"), _) => unescape(&held),
                        _ => held,
                    };
                    if !text.is_empty() {
                        return Ok(Some(Cell { row: self.row, column, text }));
                    }
                }
                _ => {}
            }
        }
        self.part.take().map_or(Ok(()), Part::finish)?;
        Ok(None)
    }
}

/// The column of a reference such as `AB12`, from 0; nothing where it is none, or of another row.
fn column_of(reference: &str, row: u32) -> Option<usize> {
    let digits = reference.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = reference.split_at(digits);
    if digits.parse() != Ok(row) || letters.len() > 3 {
        return None;
    }
    let number = letters.bytes().fold(0, |number, letter| {
        number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    number.checked_sub(1)
}
