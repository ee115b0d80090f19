//! Rows of cells from delimited text, one at a time, each cell valid UTF-8.

use std::io::Read;

use super::cells::{Cells, Filling};
use super::input::{Input, read_some};
use super::{Encoding, Profile, SurveyError};

/// Longest row that is read, empty lines before it included: a bound on memory when a quotation
/// mark is never closed.
const MOST_ROW_BYTES: usize = 4 << 20;

/// Beginnings by which other kinds of files are known.
const NOT_TEXT: [(&[u8], &str, &str); 7] = [
    (b"\xff\xfe", "text in UTF-16", AS_CSV),
    (b"\xfe\xff", "text in UTF-16", AS_CSV),
    (b"PK\x03\x04", "a workbook (xlsx) or another ZIP file", AS_WORKBOOK),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls)", AS_CSV),
    (b"$FL2", "an SPSS file (sav)", AS_SAV),
    (b"$FL3", "a compressed SPSS file (zsav)", AS_SAV),
    (b"%PDF", "a PDF document", AS_CSV),
];
const AS_CSV: &str = "save or export it as CSV in UTF-8";
const AS_WORKBOOK: &str =
    "read a workbook with the crate's feature xlsx, or save it as CSV in UTF-8";
const AS_SAV: &str = "read it with the profile spss, or save it as CSV in UTF-8";
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a file, header rows included.
///
/// A line without a quotation mark is a row and is cut at its delimiters. Any other goes through the
/// parser, and so does one that is longer than the window onto the input.
#[derive(Debug)]
pub(super) struct CsvRows<R> {
    input: Input<R>,
    /// RFC 4180, between two rows whenever a row begins.
    parser: Box<csv_core::Reader>,
    delimiter: u8,
    encoding: Encoding,
    stored: Cells,
    /// Nothing is read after an error of the input.
    failed: bool,
    /// Data rows so far; 0 in the header.
    pub(super) row: u64,
    /// Names of the columns, for messages.
    pub(super) names: Vec<String>,
}

/// What ends a line that is a row.
enum Line {
    /// So many bytes, then this one, or the end of the input.
    Plain(usize, Option<u8>),
    /// The parser must tell.
    Odd,
}

impl<R: Read> CsvRows<R> {
    pub(super) fn open(mut input: R, profile: &Profile) -> Result<Self, SurveyError> {
        let mut head = [0; 4];
        let mut length = 0;
        while let Some(rest) = head.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match read_some(&mut input, rest).map_err(|error| SurveyError::input(&error))? {
                0 => break,
                count => length += count,
            }
        }
        let head = head.get(..length).unwrap_or_default();
        let kind = NOT_TEXT.iter().find(|(start, ..)| head.starts_with(start));
        if let Some((_, found, advice)) = kind {
            return Err(SurveyError::NotText { found, advice });
        }
        if matches!(head, [_, 0, _, 0] | [0, _, 0, _]) {
            return Err(SurveyError::NotText { found: "text in UTF-16", advice: AS_CSV });
        }
        let (delimiter, encoding) = (profile.delimiter(), profile.encoding());
        let marked = head.strip_prefix(MARK);
        if marked.is_some() && encoding != Encoding::UTF_8 {
            return Err(SurveyError::MarkedUtf8 { asked: encoding.as_str() });
        }
        let head = marked.unwrap_or(head);
        // The later bytes of a character are digits or begin at `@`.
        if encoding.hides_ascii() && delimiter >= '@' {
            let encoding = encoding.as_str();
            return Err(SurveyError::DelimiterInEncoding { delimiter, encoding });
        }
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let mut parser = Box::new(csv_core::ReaderBuilder::new().delimiter(delimiter).build());
        // It must not take the row that it gets first for the start of the file, where it would
        // drop a mark.
        parser.read_record(b"\n", &mut [0], &mut [0]);
        Ok(Self {
            input: Input::new(head, input),
            parser,
            delimiter,
            encoding: profile.encoding(),
            stored: Cells::new(),
            failed: false,
            row: 0,
            names: Vec::new(),
        })
    }

    /// Puts the next row into `cells` and says on which line it begins; `None` at the end.
    pub(super) fn next(&mut self, cells: &mut Cells) -> Result<Option<u64>, SurveyError> {
        if self.failed {
            return Ok(None);
        }
        let mut length = self.input.take_line_ends();
        while self.input.ahead().is_empty() {
            if length > MOST_ROW_BYTES {
                return Err(self.too_long(self.input.line()));
            }
            if !self.read_on()? {
                return Ok(None);
            }
            length += self.input.take_line_ends();
        }
        let line = self.input.line();
        let is_text = match self.find_line()? {
            Line::Plain(bytes, end) => {
                if length + bytes > MOST_ROW_BYTES {
                    return Err(self.too_long(line));
                }
                let text = self.input.ahead().get(..bytes).unwrap_or_default();
                cells.split(text, self.delimiter);
                let is_text = text.is_ascii()
                    || (self.encoding == Encoding::UTF_8 && std::str::from_utf8(text).is_ok());
                self.input.take_line(bytes, end);
                is_text
            }
            Line::Odd => {
                self.parse(cells, line, length)?;
                cells.is_ascii()
            }
        };
        if !is_text {
            self.decode(cells, line)?;
        }
        Ok(Some(line))
    }

    /// Looks for the end of a line that needs no parser.
    #[inline]
    fn find_line(&mut self) -> Result<Line, SurveyError> {
        let mut searched = 0;
        loop {
            let ahead = self.input.ahead();
            let rest = ahead.get(searched..).unwrap_or_default();
            if let Some(at) = memchr::memchr3(b'\n', b'\r', b'"', rest) {
                return Ok(match rest.get(at) {
                    Some(b'"') => Line::Odd,
                    end => Line::Plain(searched + at, end.copied()),
                });
            }
            searched = ahead.len();
            if !self.read_on()? {
                let ended = self.input.has_ended();
                return Ok(if ended { Line::Plain(searched, None) } else { Line::Odd });
            }
        }
    }

    /// Reads a row with the parser. `length`: bytes that were taken before it.
    fn parse(
        &mut self,
        cells: &mut Cells,
        line: u64,
        mut length: usize,
    ) -> Result<(), SurveyError> {
        use csv_core::ReadRecordResult::{End, InputEmpty, OutputEndsFull, OutputFull, Record};
        let mut row = Filling::of(cells);
        loop {
            let mut ended = false;
            while self.input.ahead().is_empty() && !ended {
                ended = !self.read_on()?;
            }
            // Where the input ends, so does its last line; a quoted cell that is open goes on.
            let ahead = if ended {
                &b"\n"[..]
            } else {
                let (ahead, most) = (self.input.ahead(), MOST_ROW_BYTES.saturating_sub(length));
                ahead.get(..most).unwrap_or(ahead)
            };
            if ahead.is_empty() {
                return Err(self.too_long(line));
            }
            let (bytes, ends) = row.room();
            let (result, taken, written, ended_cells) = self.parser.read_record(ahead, bytes, ends);
            row.wrote(written, ended_cells);
            match result {
                Record => {
                    self.input.take(if ended { 0 } else { taken });
                    return Ok(());
                }
                InputEmpty if !ended => {}
                OutputFull | OutputEndsFull => {}
                InputEmpty | End => {
                    self.failed = true;
                    return Err(SurveyError::UnclosedQuote { row: self.row, line });
                }
            }
            length += taken;
            self.input.take(taken);
        }
    }

    fn read_on(&mut self) -> Result<bool, SurveyError> {
        self.input.read_on().map_err(|error| {
            self.failed = true;
            SurveyError::input(&error)
        })
    }

    #[cold]
    fn too_long(&mut self, line: u64) -> SurveyError {
        self.failed = true;
        SurveyError::RowTooLong { row: self.row, line, limit: MOST_ROW_BYTES }
    }

    /// Every cell as UTF-8, or which one is none.
    #[cold]
    fn decode(&mut self, cells: &mut Cells, line: u64) -> Result<(), SurveyError> {
        let name = |at: usize| self.names.get(at).map_or((at + 1).to_string(), Clone::clone);
        if self.encoding == Encoding::UTF_8 {
            for (at, cell) in cells.iter().enumerate() {
                if let Err(error) = std::str::from_utf8(cell) {
                    return Err(SurveyError::NotUtf8 {
                        row: self.row,
                        line,
                        column: name(at),
                        byte: cell.get(error.valid_up_to()).copied().unwrap_or_default(),
                        plausible: Encoding::readings(cell),
                    });
                }
            }
            return Ok(());
        }
        std::mem::swap(&mut self.stored, cells);
        cells.clear();
        for (at, cell) in self.stored.iter().enumerate() {
            let Some(text) = self.encoding.decode(cell) else {
                return Err(SurveyError::NotInEncoding {
                    row: self.row,
                    line,
                    column: name(at),
                    text: super::error::shorten(&self.encoding.decode_lossily(cell), 40),
                    encoding: self.encoding.as_str(),
                });
            };
            cells.push(text.as_bytes());
        }
        Ok(())
    }
}
