//! Lines that are cut at once and rows that go through the parser come out the same: as the csv crate
//! reads them, whatever the file holds and however little of it arrives at a time.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{self, Read};

use proptest::prelude::*;
use straingauge::Instrument;
use straingauge::survey::{
    Encoding, Import, ImportReport, ItemColumns, Profile, Sentinels, SurveyError,
};

/// Follows the input of the csv crate; a quoted cell that is still open swallows it.
const END: &[u8] = b"\n\0end of input\0";

/// What the bytes 0x80 to 0x9f are in Windows-1252; the others are those of Latin-1.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// Everything that a reader says about a file, in order, and how many rows and blank rows there were.
#[derive(Debug, PartialEq)]
struct Said {
    events: Vec<String>,
    rows: u64,
    blank_rows: u64,
}

fn row_event(row: u64, line: u64, cells: &[&str]) -> String {
    format!("row {row} on line {line}: {cells:?}")
}

/// As the csv crate reads it.
fn by_the_csv_crate(file: &[u8], delimiter: char, windows: bool, breaks: bool) -> Said {
    let mut said = Said { events: Vec::new(), rows: 0, blank_rows: 0 };
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    // The csv crate drops a mark too, unless its first bytes come alone.
    let (first, rest) = file.split_at(file.len().min(1));
    let input = first.chain(rest);
    let input: Box<dyn Read + '_> =
        if breaks { Box::new(input.chain(Broken)) } else { Box::new(input.chain(END)) };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .has_headers(false)
        .flexible(true)
        .from_reader(input);
    let (mut width, mut record) = (None, csv::ByteRecord::new());
    loop {
        let line = line_at(file, reader.position().byte());
        match reader.read_byte_record(&mut record) {
            Err(_) => {
                said.rows += u64::from(width.is_some());
                said.events.push("the input could not be read".to_owned());
                break;
            }
            Ok(false) => break,
            Ok(true) => {}
        }
        if record.len() == 1 && record[0] == END[1..] {
            break;
        }
        let row = said.rows + u64::from(width.is_some());
        if !breaks && record.iter().next_back().unwrap().ends_with(&END[1..]) {
            said.rows = row;
            said.events.push(format!("row {row} on line {line}: a quotation mark is open"));
            break;
        }
        let names = ["a", "b", "c"].map(str::to_owned);
        let wrong = |cell: &[u8]| {
            let error = std::str::from_utf8(cell).err()?;
            Some(cell.get(error.valid_up_to()).copied().unwrap())
        };
        let no_text = record.iter().enumerate().find_map(|(at, cell)| Some((at, wrong(cell)?)));
        if let Some((at, byte)) = no_text.filter(|_| !windows) {
            said.rows = row;
            let name = names.get(at).cloned().unwrap_or((at + 1).to_string());
            said.events.push(format!("row {row} on line {line}: byte {byte} in {name}"));
            continue;
        }
        let cells: Vec<String> = record.iter().map(|cell| decode(cell, windows)).collect();
        let Some(width) = width else {
            width = Some(cells.len());
            continue;
        };
        if cells.len() == 1 && cells[0].trim().is_empty() {
            said.blank_rows += 1;
            continue;
        }
        said.rows = row;
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        said.events.push(if cells.len() == width {
            row_event(row, line, &cells)
        } else {
            format!("row {row} on line {line}: {} cells for {width}", cells.len())
        });
    }
    said
}

fn decode(cell: &[u8], windows: bool) -> String {
    if !windows {
        return String::from_utf8(cell.to_vec()).unwrap();
    }
    let decoded = |byte: &u8| match byte {
        0x80..=0x9f => WINDOWS.chars().nth(usize::from(byte - 0x80)).unwrap(),
        byte => char::from(*byte),
    };
    cell.iter().map(decoded).collect()
}

/// The line of the first byte from `at` on that ends no line.
fn line_at(file: &[u8], at: u64) -> u64 {
    let at = usize::try_from(at).unwrap().min(file.len());
    let is_break = |byte: &&u8| matches!(byte, b'\n' | b'\r');
    let at = at + file[at..].iter().take_while(is_break).count();
    let text = String::from_utf8_lossy(&file[..at]).replace("\r\n", "\n").replace('\r', "\n");
    1 + u64::try_from(text.matches('\n').count()).unwrap()
}

/// As this crate reads it.
fn by_this_crate(file: impl Read, delimiter: char, windows: bool) -> Said {
    let profile = Profile::plain().with_delimiter(delimiter).unwrap();
    let profile = if windows { profile.with_encoding(Encoding::WINDOWS_1252) } else { profile };
    let import = Import::new(profile).columns(["a", "b", "c"]);
    let mut said = Said { events: Vec::new(), rows: 0, blank_rows: 0 };
    let mut reader = import.open(file).unwrap();
    loop {
        said.events.push(match reader.next_row() {
            Ok(None) => break,
            Ok(Some(row)) => {
                row_event(row.number(), row.line(), &[row.cell(0), row.cell(1), row.cell(2)])
            }
            Err(SurveyError::Io { .. }) => "the input could not be read".to_owned(),
            Err(SurveyError::UnclosedQuote { row, line }) => {
                format!("row {row} on line {line}: a quotation mark is open")
            }
            Err(SurveyError::NotUtf8 { row, line, column, byte, .. }) => {
                format!("row {row} on line {line}: byte {byte} in {column}")
            }
            Err(SurveyError::Ragged { row, line, found, expected }) => {
                format!("row {row} on line {line}: {found} cells for {expected}")
            }
            Err(error) => panic!("{error}"),
        });
    }
    let report = reader.report();
    (said.rows, said.blank_rows) = (report.rows, report.blank_rows);
    said
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the line went dead"))
    }
}

/// Gives a few bytes at a time, as a slow line does, and is interrupted in between.
struct Slow<'a> {
    bytes: &'a [u8],
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = into.len().min(self.sizes[self.turn % self.sizes.len()]);
        self.bytes.read(&mut into[..most])
    }
}

/// Pieces of a file: whole rows of three cells, and what upsets them. `,` stands for the delimiter.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let rows: Vec<&[u8]> = vec![
        b"1,2,3\n",
        b"1,,\r\n",
        b"10,25,100\r",
        b",,\n",
        b"\"1\",2,\"a\"\n",
        b"\"a, b\",\"c\r\nd\",\"\"\"\"\r\n",
        "é,\u{a0},€\n".as_bytes(),
        "\"é\",x,ü\n".as_bytes(),
        "\u{feff}1,2,3\n".as_bytes(),
        "\u{feff}\"1\",2,3\n".as_bytes(),
        b"a\xe9,b,\x80\n",
        b"\"\xe9\",,\"\"\n",
        b"5\" nails,x\"y\"z,\"q\"r\n",
    ];
    let parts: Vec<&[u8]> = vec![
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\r",
        b",",
        b"\"",
        b"\"\"",
        b" ",
        b"\t",
        b"1",
        b"x",
        b"\0",
        b"\xe9",
        b"\xc3",
        b"\xa9",
        b"  \n",
        b"1,2\n",
        b"1,2,3,4\n",
        b"\xff",
    ];
    let owned = |pieces: Vec<&'static [u8]>| prop::sample::select(pieces).prop_map(<[u8]>::to_vec);
    prop_oneof![3 => owned(rows), 2 => owned(parts)]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    (
        prop::sample::select(vec!["", "\n", "\r\n\n"]),
        prop::sample::select(vec!["a,b,c\n", "a,b,c\r\n", "a,b,c\r", "\"a\",\"b\",c\n"]),
        prop::collection::vec(piece(), 0..14),
    )
        .prop_map(|(before, header, pieces)| {
            [before.as_bytes(), header.as_bytes(), &pieces.concat()].concat()
        })
}

fn with_delimiter(file: &[u8], delimiter: char) -> Vec<u8> {
    file.iter().map(|byte| if *byte == b',' { delimiter as u8 } else { *byte }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_errors_are_those_of_the_csv_crate(
        file in file(),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        sizes in prop::collection::vec(1_usize..8, 1..4),
        (marked, windows, breaks) in any::<(bool, bool, bool)>(),
    ) {
        let mut file = with_delimiter(&file, delimiter);
        if marked && !windows {
            file.splice(0..0, "\u{feff}".bytes());
        }
        let expected = by_the_csv_crate(&file, delimiter, windows, breaks);
        let slow = Slow { bytes: &file, sizes, turn: 0 };
        if breaks {
            prop_assert_eq!(&by_this_crate(file.chain(Broken), delimiter, windows), &expected);
            prop_assert_eq!(&by_this_crate(slow.chain(Broken), delimiter, windows), &expected);
        } else {
            prop_assert_eq!(&by_this_crate(&file[..], delimiter, windows), &expected);
            prop_assert_eq!(&by_this_crate(slow, delimiter, windows), &expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rows shorter and longer than what is read at once, and where they meet its end.
    #[test]
    fn rows_of_any_length_come_out_whole(
        lengths in prop::collection::vec(
            (prop_oneof![0_usize..40, 65_400_usize..65_700, 0_usize..200_000], 0..6_usize), 1..8),
        size in prop_oneof![1000_usize..9000, 60_000_usize..70_000],
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut file = format!("a,b,c{end}").into_bytes();
        for (length, kind) in lengths {
            let text = "0123456789".repeat(length / 10 + 1);
            let text = &text[..length];
            let row = match kind {
                0 => format!("{text},,1"),
                1 => format!("\"{text}\",\"\"\"\",1"),
                2 => format!("1,é{text},1"),
                3 => format!("1,{text},\"a{end}b\""),
                4 => format!("{}{text},{text},\"", end.repeat(length % 5)),
                _ => ",".repeat(length % 3000),
            };
            file.extend_from_slice(row.as_bytes());
            file.extend_from_slice(end.as_bytes());
        }
        let expected = by_the_csv_crate(&file, ',', false, false);
        prop_assert_eq!(&by_this_crate(&file[..], ',', false), &expected);
        let slow = Slow { bytes: &file, sizes: vec![size], turn: 0 };
        prop_assert_eq!(&by_this_crate(slow, ',', false), &expected);
    }
}

fn cbi() -> Instrument {
    Instrument::parse(include_str!("../instruments/cbi/1.0.0.toml")).unwrap()
}

fn phq9() -> Instrument {
    Instrument::parse(include_str!("../instruments/phq-9/1.0.0.toml")).unwrap()
}

/// Answers of all rows and the report, of the first items of two instruments.
fn read(file: &[u8], profile: &Profile, own: bool) -> (Vec<[Vec<u8>; 2]>, ImportReport) {
    let codes = if own { vec![("A", 0), ("2", 1), ("1", 2), ("é", 3)] } else { Vec::new() };
    let import = Import::new(profile.clone().leaving_unread().as_coded())
        .instrument(&cbi(), ItemColumns::by_id())
        .instrument(&phq9(), ItemColumns::by_id().recoded(codes));
    let mut reader = import.open(file).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push([row.answers(0).to_vec(), row.answers(1).to_vec()]);
    }
    (rows, reader.into_report())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A cell of one byte is looked up; with blanks around it, it is read letter by letter.
    #[test]
    fn short_cells_are_read_as_padded_ones(
        table in prop::collection::vec(prop::collection::vec(
            prop::sample::select(vec![
                "", "", "0", "1", "2", "3", "4", "5", "8", "9", "00", "01", "25", "50", "75", "100", "88",
                "255", "256", "251", "1.0", "2,0", "-9", "x", "X", "?", "A", "é", "-", "often", "NA", "."]),
            6), 1..6),
        sentinels in prop::sample::select(vec!["NA", "9=declined,=not-asked", "8=not-applicable,x,-9=declined"]),
        (labels, semicolon, own) in any::<(bool, bool, bool)>(),
    ) {
        let delimiter = if semicolon { ';' } else { '|' };
        let profile = Profile::plain()
            .with_delimiter(delimiter).unwrap()
            .with_sentinels(Sentinels::parse(sentinels).unwrap());
        let profile = if labels { profile.reading_labels() } else { profile };
        let write = |pad: &str| {
            let mut file = "personal-1;personal-2;personal-3;1;2;3\n".to_owned();
            for row in &table {
                let cells: Vec<String> = row.iter().map(|cell| format!("{pad}{cell}{pad}")).collect();
                file += &(cells.join(";") + "\n");
            }
            file.replace(';', &delimiter.to_string())
        };
        let short = read(write("").as_bytes(), &profile, own);
        prop_assert_eq!(&read(write("  ").as_bytes(), &profile, own), &short);
    }
}

#[test]
fn a_row_may_be_as_long_as_the_limit() {
    let limit = 4 << 20;
    let open = |file: Vec<u8>| {
        let import = Import::new(Profile::plain()).columns(["a", "b"]);
        let mut reader = import.open(io::Cursor::new(file)).unwrap();
        let first = reader.next_row().map(|row| row.unwrap().cell(1).len());
        (first, reader.next_row().map(|row| row.is_some()))
    };
    for (before, after) in [("1,", ""), ("1,\"", "\""), ("\"\"\"\",", "")] {
        let length = limit - before.len() - after.len();
        let file = |length: usize| {
            format!("a,b\n{before}{}{after}\n2,3\n", "x".repeat(length)).into_bytes()
        };
        let (first, second) = open(file(length - 1));
        assert_eq!((first.unwrap(), second.unwrap()), (length - 1, true));
        let (first, second) = open(file(length + 1));
        let error = first.unwrap_err();
        assert!(matches!(error, SurveyError::RowTooLong { row: 1, line: 2, .. }), "{error}");
        assert!(!second.unwrap(), "nothing is read after it");
    }
    // Nor does an endless input of nothing keep anybody waiting.
    let import = Import::new(Profile::plain()).columns(["a", "b"]);
    let mut reader = import.open((&b"a,b\n1,2\n"[..]).chain(io::repeat(b'\n'))).unwrap();
    assert!(reader.next_row().unwrap().is_some());
    assert!(matches!(reader.next_row().unwrap_err(), SurveyError::RowTooLong { row: 2, .. }));
}

#[test]
fn no_text_in_a_file_ends_it() {
    let mark = "\0end of input\0";
    let file = format!("a\n{mark}\n1\n\"{mark}\"\n2,{mark}\n\n{mark}");
    let import = Import::new(Profile::plain()).column("a");
    let mut reader = import.open(file.as_bytes()).unwrap();
    let mut rows = Vec::new();
    loop {
        match reader.next_row() {
            Ok(None) => break,
            Ok(Some(row)) => rows.push((row.line(), row.cell(0).to_owned())),
            Err(error) => assert!(matches!(error, SurveyError::Ragged { line: 5, .. }), "{error}"),
        }
    }
    let mark = || mark.to_owned();
    assert_eq!(rows, [(2, mark()), (3, "1".to_owned()), (4, mark()), (7, mark())]);
}
