//! Rows of cells from delimited text, one at a time, each cell valid UTF-8.

use std::collections::VecDeque;
use std::io::{self, Read};

use csv::ByteRecord;

use super::{Encoding, Profile, SurveyError};

/// Longest row that is read: a bound on memory when a quotation mark is never closed.
const MOST_ROW_BYTES: usize = 4 << 20;

/// Follows the last byte of the input. A quoted cell that is still open swallows it; that is how an
/// unclosed quotation mark is told from the end of the last row.
const END: &[u8] = b"\n\0end of input\0";

/// Beginnings by which other kinds of files are known.
const NOT_TEXT: [(&[u8], &str, &str); 7] = [
    (b"\xff\xfe", "text in UTF-16", AS_CSV),
    (b"\xfe\xff", "text in UTF-16", AS_CSV),
    (b"PK\x03\x04", "a workbook (xlsx) or another ZIP file", AS_WORKBOOK),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls)", AS_CSV),
    (b"$FL2", "an SPSS file (sav)", AS_SAV),
    (b"$FL3", "a compressed SPSS file (zsav)", AS_CSV),
    (b"%PDF", "a PDF document", AS_CSV),
];
const AS_CSV: &str = "save or export it as CSV in UTF-8";
const AS_WORKBOOK: &str =
    "read a workbook with the crate's feature xlsx, or save it as CSV in UTF-8";
const AS_SAV: &str = "read it with the profile spss, or save it as CSV in UTF-8";
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The input between its head, which was looked at, and [`END`].
#[derive(Debug)]
struct Guard<R> {
    head: Vec<u8>,
    input: R,
    /// Bytes that the row may still take.
    budget: usize,
    ended: bool,
    tail: &'static [u8],
    lines: Lines,
}

/// Counts lines whatever ends them, which the parser does not.
#[derive(Debug, Default)]
struct Lines {
    /// Bytes that have passed.
    passed: u64,
    after_return: bool,
    /// Line breaks not yet behind the parser: where, and whether it begins a line (the second byte
    /// of a pair does not).
    breaks: VecDeque<(u64, bool)>,
    behind: u64,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                self.breaks.push_back((self.passed, !(*byte == b'\n' && self.after_return)));
            }
            self.after_return = *byte == b'\r';
            self.passed += 1;
        }
    }

    /// The line of the first byte from `at` on that does not end an empty line.
    fn at(&mut self, mut at: u64) -> u64 {
        while let Some((place, begins)) = self.breaks.front().copied().filter(|b| b.0 <= at) {
            self.breaks.pop_front();
            self.behind += u64::from(begins);
            at = at.max(place + 1);
        }
        self.behind + 1
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            return Err(io::Error::other("a row is too long"));
        }
        let most = into.len().min(self.budget);
        let into = into.get_mut(..most).unwrap_or_default();
        let count = if !self.head.is_empty() {
            let count = self.head.as_slice().read(into)?;
            self.head.drain(..count);
            count
        } else if self.ended {
            self.tail.read(into)?
        } else {
            match read_on(&mut self.input, into)? {
                0 if !into.is_empty() => {
                    self.ended = true;
                    self.tail.read(into)?
                }
                count => count,
            }
        };
        self.budget -= count;
        self.lines.pass(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn read_on(input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// The rows of a file, header rows included.
#[derive(Debug)]
pub(super) struct CsvRows<R> {
    reader: csv::Reader<Guard<R>>,
    encoding: Encoding,
    stored: ByteRecord,
    /// Data rows so far; 0 in the header.
    pub(super) row: u64,
    /// Names of the columns, for messages.
    pub(super) names: Vec<String>,
}

impl<R: Read> CsvRows<R> {
    pub(super) fn open(mut input: R, profile: &Profile) -> Result<Self, SurveyError> {
        let mut head = [0; 4];
        let mut length = 0;
        while let Some(rest) = head.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match read_on(&mut input, rest).map_err(|error| SurveyError::input(&error))? {
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
        let head = match (head.strip_prefix(MARK), profile.encoding()) {
            (Some(rest), Encoding::Utf8) => rest,
            (Some(_), other) => return Err(SurveyError::MarkedUtf8 { asked: other.as_str() }),
            (None, _) => head,
        };
        let guard = Guard {
            head: head.to_vec(),
            input,
            budget: MOST_ROW_BYTES,
            ended: false,
            tail: END,
            lines: Lines::default(),
        };
        let reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(profile.delimiter()).unwrap_or(b','))
            .has_headers(false)
            .flexible(true)
            .from_reader(guard);
        let encoding = profile.encoding();
        Ok(Self { reader, encoding, stored: ByteRecord::new(), row: 0, names: Vec::new() })
    }

    /// Puts the next row into `cells` and says on which line it begins; `None` at the end.
    pub(super) fn next(&mut self, cells: &mut ByteRecord) -> Result<Option<u64>, SurveyError> {
        self.reader.get_mut().budget = MOST_ROW_BYTES;
        let from = self.reader.position().byte();
        let read = self.reader.read_byte_record(cells);
        let guard = self.reader.get_mut();
        let line = guard.lines.at(from);
        let (_, end) = END.split_at(1);
        match read {
            Ok(false) => return Ok(None),
            Ok(true) if cells.len() == 1 && cells.get(0) == Some(end) => return Ok(None),
            Ok(true) => {}
            Err(_) if guard.budget == 0 => {
                return Err(SurveyError::RowTooLong { row: self.row, line, limit: MOST_ROW_BYTES });
            }
            Err(error) => return Err(SurveyError::input(&error.into())),
        }
        if guard.ended && cells.iter().next_back().is_some_and(|cell| cell.ends_with(end)) {
            return Err(SurveyError::UnclosedQuote { row: self.row, line });
        }
        if !cells.as_slice().is_ascii() {
            self.decode(cells, line)?;
        }
        Ok(Some(line))
    }

    fn decode(&mut self, cells: &mut ByteRecord, line: u64) -> Result<(), SurveyError> {
        match self.encoding {
            Encoding::Utf8 => {
                for (at, cell) in cells.iter().enumerate() {
                    if let Err(error) = std::str::from_utf8(cell) {
                        return Err(SurveyError::NotUtf8 {
                            row: self.row,
                            line,
                            column: self.names.get(at).map_or((at + 1).to_string(), Clone::clone),
                            byte: cell.get(error.valid_up_to()).copied().unwrap_or_default(),
                        });
                    }
                }
            }
            Encoding::Windows1252 => {
                self.stored.clone_from(cells);
                cells.clear();
                for cell in &self.stored {
                    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell);
                    cells.push_field(text.as_bytes());
                }
            }
        }
        Ok(())
    }
}
