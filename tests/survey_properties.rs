//! Whatever stands in a file: no panic, no number that nobody wrote, no memory that grows with rows.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{self, Read};

use proptest::prelude::*;
use straingauge::answers::{Answer, MissingKind};
use straingauge::instrument::Instrument;
use straingauge::survey::{Encoding, Import, ItemColumns, Profile, Sentinels};

fn cbi() -> Instrument {
    Instrument::parse(include_str!("../instruments/cbi/1.0.0.toml")).unwrap()
}

fn profile(delimiter: char, labels: bool, windows: bool) -> Profile {
    let sentinels = Sentinels::parse("-99=declined,NA,88=not-applicable").unwrap();
    let profile = Profile::plain().with_delimiter(delimiter).unwrap().with_sentinels(sentinels);
    let profile = if labels { profile.reading_labels() } else { profile };
    if windows { profile.with_encoding(Encoding::WINDOWS_1252) } else { profile }
}

/// Pieces from which cells that are nearly answers are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "0",
            "25",
            "50",
            "75",
            "100",
            "1",
            "5",
            "-",
            "–",
            "+",
            ".",
            ",",
            "0",
            "00",
            " ",
            "\u{a0}",
            "\t",
            "e",
            "always",
            "often",
            "Sometimes",
            "seldom",
            "never or almost never",
            "very",
            "high degree",
            "(",
            ")",
            ":",
            "=",
            "88",
            "-99",
            "NA",
            "99",
            "x",
            "?",
            "\"",
            ";",
            "\n",
            "\r",
            "５０",
            "½",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        any::<f64>().prop_map(|x| x.to_string()),
    ]
}

fn cell() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..5).prop_map(|pieces| pieces.concat())
}

/// An independent judge: is `text` a way of writing `code`?
fn writes(text: &str, code: u8, labels: &[&str], (comma, by_label): (bool, bool)) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}');
    let digits = code.to_string();
    if text == digits {
        return true;
    }
    if let Some(rest) = text.strip_prefix(&digits) {
        let zeros = rest.strip_prefix('.').or(rest.strip_prefix(',').filter(|_| comma));
        if zeros.is_some_and(|zeros| !zeros.is_empty() && zeros.chars().all(|c| c == '0')) {
            return true;
        }
    }
    let words = |text: &str| {
        let text: String = text.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
        text
    };
    labels.iter().any(|label| {
        let all_letters_are_the_labels = words(text) == words(label);
        let numbers: String = text.chars().filter(char::is_ascii_digit).collect();
        all_letters_are_the_labels && (numbers == digits || (by_label && numbers.is_empty()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_number_is_read_only_where_it_is_written(
        cells in prop::collection::vec(cell(), 6),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        labels: bool,
    ) {
        let cbi = cbi();
        let profile = profile(delimiter, labels, false);
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter as u8).from_writer(Vec::new());
        writer.write_record((1..=6).map(|n| format!("personal-{n}"))).unwrap();
        writer.write_record(&cells).unwrap();
        let file = writer.into_inner().unwrap();
        let mut reader = Import::new(profile.clone())
            .instrument(&cbi, ItemColumns::by_id())
            .open(&file[..])
            .unwrap();
        let row = reader.next_row().unwrap().unwrap();
        for ((text, byte), item) in cells.iter().zip(row.answers(0)).zip(cbi.items()) {
            prop_assert_eq!(row.item_text(0, cbi.item_position(item.id()).unwrap()), Some(text.as_str()));
            match Answer::from_byte(*byte) {
                Answer::Code(code) => {
                    prop_assert!(item.responses().contains(code));
                    let labelled: Vec<&str> = item.responses().label(code).into_iter().collect();
                    let mode = (profile.has_decimal_comma(), labels);
                    prop_assert!(writes(text, code, &labelled, mode), "{:?} read as {}", text, code);
                }
                Answer::Missing(MissingKind::Skipped) => prop_assert!(
                    text.trim().is_empty() || text.trim() == "NA" || text.contains(['\u{200b}', '\u{feff}']),
                    "{:?}", text
                ),
                Answer::Missing(MissingKind::Declined) => prop_assert!(text.contains("-99")),
                Answer::Missing(MissingKind::NotApplicable) => prop_assert!(text.contains("88")),
                Answer::Missing(kind) => prop_assert_eq!(kind, MissingKind::Unreadable),
            }
        }
    }

    #[test]
    fn any_bytes_end_in_rows_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        labels: bool, windows: bool,
    ) {
        let header = b"personal-1,personal-2,x\n";
        for file in [bytes.clone(), [&header[..], &bytes].concat()] {
            let import = Import::new(profile(delimiter, labels, windows))
                .instrument(&cbi(), ItemColumns::by_id())
                .column("x");
            let Ok(mut reader) = import.open(&file[..]) else { continue };
            let mut rows = 0;
            while let Ok(Some(row)) = reader.next_row() {
                rows += 1;
                prop_assert_eq!(row.answers(0).len(), 19);
                let _ = row.cell(0);
            }
            prop_assert!(reader.report().rows >= rows);
        }
    }

    #[test]
    fn cells_come_out_as_they_went_in(
        table in prop::collection::vec(prop::collection::vec(cell(), 3), 1..6),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        crlf: bool,
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter as u8)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let import = Import::new(profile(delimiter, false, false)).columns(["a", "b", "c"]);
        let mut reader = import.open(Trickle(&file)).unwrap();
        for expected in &table {
            let row = reader.next_row().unwrap().unwrap();
            prop_assert_eq!(&[row.cell(0), row.cell(1), row.cell(2)][..], &expected[..]);
        }
        prop_assert!(reader.next_row().unwrap().is_none());
    }
}

/// Gives one byte at a time, as a slow line does.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(1);
        self.0.read(&mut into[..most])
    }
}

/// Endless rows from a few bytes, up to a number of repetitions.
struct Repeated {
    head: io::Cursor<Vec<u8>>,
    body: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let head = self.head.read(into)?;
        if head > 0 || self.left == 0 {
            return Ok(head);
        }
        let count = (&self.body[self.at..]).read(into)?;
        self.at += count;
        if self.at == self.body.len() {
            (self.at, self.left) = (0, self.left - 1);
        }
        Ok(count)
    }
}

/// Pages in use, where the system says.
fn resident_kilobytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find(|line| line.starts_with("VmRSS:"))?.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn memory_does_not_grow_with_rows() {
    let cbi = cbi();
    let header =
        cbi.items().iter().map(straingauge::instrument::Item::id).collect::<Vec<_>>().join(",")
            + ",note\n";
    // Every row has cells that are not understood, a note with a line break, a blank.
    let row = format!("{},often!,,\"a longer\nnote {}\"\n", ["50"; 17].join(","), "x".repeat(200));
    let rows = 150_000;
    let input =
        Repeated { head: io::Cursor::new(header.into()), body: row.into(), at: 0, left: rows };
    let import = Import::new(Profile::plain().leaving_unread())
        .instrument(&cbi, ItemColumns::by_id())
        .column("note");
    let mut reader = import.open(input).unwrap();
    let mut before = None;
    let mut count = 0;
    while let Some(row) = reader.next_row().unwrap() {
        count += 1;
        assert!(row.cell(0).starts_with("a longer"));
        if count == 5000 {
            before = resident_kilobytes();
        }
    }
    let grown =
        before.zip(resident_kilobytes()).map(|(before, after)| after.saturating_sub(before));
    assert_eq!((count, reader.report().not_understood.total), (rows, rows as u64));
    match grown {
        Some(grown) => assert!(grown < 8 * 1024, "{grown} KiB more after {rows} rows"),
        None => eprintln!("skipped: the system does not say how much memory is in use"),
    }
}
