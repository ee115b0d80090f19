//! The cells of one sheet, in the order of its rows.

use std::io::{BufReader, Read, Seek};

use zip::read::ZipFile;

use super::{
    SurveyError,
    book::{Book, Strings, open, unescape},
    dates::Dates,
    part::{Held, Part, Piece},
};

/// Rows and columns that a sheet can have.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: usize = 1 << 14;
/// Bytes of text that the cells of a row may hold, strings of the workbook included.
const MOST_OF_ROW: usize = 1 << 24;

/// A cell that holds something: its row from 1, its column from 0.
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: usize,
    pub(super) text: String,
}

pub(super) struct Cells<'a, R: Read> {
    /// Nothing once it has been read to its end.
    part: Option<Part<ZipFile<'a, R>>>,
    book: Lists<'a>,
    row: u32,
    in_row: bool,
    /// The first column that the row has not used, from 0.
    column: usize,
    /// Bytes of text that the row has held.
    bytes: usize,
    /// Rows so far that are hidden.
    pub(super) hidden_rows: Vec<u32>,
    /// Areas of merged cells, which are known once all cells have been read.
    pub(super) merged: Vec<Area>,
}

/// An area of cells, as the sheet names it.
pub(super) struct Area {
    pub(super) name: String,
    pub(super) last_row: u32,
}

impl<'a, R: Read + Seek> Cells<'a, BufReader<R>> {
    pub(super) fn open(book: &'a mut Book<R>) -> Result<Self, SurveyError> {
        let Book { archive, sheet, strings, dates, .. } = book;
        let part = open(archive, &sheet.part)?;
        let book = Lists { strings, dates };
        Ok(Self {
            part: Some(part),
            book,
            row: 0,
            in_row: false,
            column: 0,
            bytes: 0,
            hidden_rows: Vec::new(),
            merged: Vec::new(),
        })
    }
}

impl<R: Read> Cells<'_, R> {
    pub(super) fn next_cell(&mut self) -> Result<Option<Cell>, SurveyError> {
        let Some(part) = &mut self.part else { return Ok(None) };
        loop {
            let element = match part.next()? {
                Some(Piece::Start(element)) => element,
                Some(Piece::End(tag)) => match tag.local_name().into_inner() {
                    "sheetData" => break,
                    name => {
                        self.in_row &= name != "row";
                        continue;
                    }
                },
                Some(Piece::Text(_)) => continue,
                None => return Err(part.wrong("it has no rows of cells")),
            };
            match element.name() {
                "row" => {
                    let next = self.row + 1;
                    let row = element.number("r")?.unwrap_or(next);
                    if !(next..=MOST_ROWS).contains(&row) {
                        return Err(part.wrong(format!(
                            "row {row} stands where one of {next} to {MOST_ROWS} is expected"
                        )));
                    }
                    let hidden = element.attribute("hidden")?;
                    if hidden.is_some_and(|hidden| hidden == "1" || hidden == "true") {
                        self.hidden_rows.push(row);
                    }
                    (self.row, self.in_row, self.column, self.bytes) = (row, true, 0, 0);
                    part.step("row", row);
                }
                "c" => {
                    let (at, next) = (element.attribute("r")?, self.column);
                    let column = at.as_ref().map_or(Some(next), |at| column_of(at, self.row));
                    let column =
                        column.filter(|at| self.in_row && (next..MOST_COLUMNS).contains(at));
                    let Some(column) = column else {
                        let (at, next) = (at.unwrap_or_default(), next + 1);
                        return Err(part.wrong(format!(
                            "cell `{at}` stands where one of this row and of column {next} to {MOST_COLUMNS} is expected"
                        )));
                    };
                    self.column = column + 1;
                    let kind = element.attribute("t")?;
                    let format = element.number("s")?.unwrap_or(0);
                    let held = part.held("c")?;
                    let wrong =
                        |problem: String| part.wrong(format!("column {}: {problem}", column + 1));
                    let text = self.book.text(kind.as_deref(), held, format).map_err(wrong)?;
                    self.bytes += text.len();
                    if self.bytes > MOST_OF_ROW {
                        return Err(wrong(
                            "the row has more text than survey answers would".to_owned(),
                        ));
                    }
                    if !text.is_empty() {
                        return Ok(Some(Cell { row: self.row, column, text }));
                    }
                }
                _ => {}
            }
        }
        self.read_merged()?;
        self.part.take().map_or(Ok(()), Part::finish)?;
        Ok(None)
    }

    /// What follows the rows, up to the end of the sheet.
    fn read_merged(&mut self) -> Result<(), SurveyError> {
        let Some(part) = &mut self.part else { return Ok(()) };
        loop {
            part.go_on();
            match part.next()? {
                None => return Ok(()),
                Some(Piece::Start(element)) if element.name() == "mergeCell" => {
                    let name = element.attribute("ref")?.unwrap_or_default();
                    let end = name.rsplit(':').next().unwrap_or_default();
                    let digits = end.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                    let last_row = digits.parse();
                    self.merged.extend(last_row.ok().map(|last_row| Area { name, last_row }));
                }
                Some(_) => {}
            }
        }
    }
}

/// What the cells of a workbook point into.
struct Lists<'a> {
    strings: &'a Strings,
    dates: &'a Dates,
}

impl Lists<'_> {
    /// The text of a cell of this kind (`t`) and format (`s`), or what is wrong with it.
    fn text(&self, kind: Option<&str>, held: Held, format: usize) -> Result<String, String> {
        let formats = self.dates.formats();
        if format > 0 && format >= formats {
            return Err(format!("its format is {format} of {formats}, from 0"));
        }
        if let Some(formula) = held.uncomputed(kind == Some("str")) {
            // For whoever reads the cell to report.
            return Ok(format!("={formula}"));
        }
        let held = held.text;
        Ok(match (kind, held.trim()) {
            (None | Some("n"), _) => self.dates.text(held, format),
            (Some("s"), index) if !index.is_empty() => {
                let string = index.parse().ok().and_then(|at| self.strings.get(at));
                let count = self.strings.len();
                string.ok_or_else(|| format!("it is string {index} of {count}, from 0"))?.to_owned()
            }
            (Some("b"), "1") => "true".to_owned(),
            (Some("b"), "0") => "false".to_owned(),
            (Some("inlineStr" | "str"), _) => unescape(&held),
            _ => held,
        })
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
