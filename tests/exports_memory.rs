//! An SPSS file of any length takes the same memory. Alone in its program, so that nothing else grows.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, io, io::Read};

use straingauge::catalog;
use straingauge::survey::{Import, ItemColumns, Profile, Tool};

/// A dictionary, then the same cases again and again.
struct Endless {
    head: io::Cursor<Vec<u8>>,
    case: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let head = self.head.read(into)?;
        if head > 0 || self.left == 0 {
            return Ok(head);
        }
        let count = (&self.case[self.at..]).read(into)?;
        self.at += count;
        if self.at == self.case.len() {
            (self.at, self.left) = (0, self.left - 1);
        }
        Ok(count)
    }
}

fn resident_kilobytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?.to_owned();
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn an_spss_file_of_any_length_takes_the_same_memory() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/exports/spss.sav");
    let file = fs::read(file).unwrap();
    let cases = 300_000;
    let mut file = file;
    // The number of cases, which stands in the header and in extension record 16: not known.
    file[80..84].copy_from_slice(&(-1_i32).to_le_bytes());
    let record: Vec<u8> = [7_i32, 16, 8, 2].iter().flat_map(|n| n.to_le_bytes()).collect();
    let at = file.windows(16).position(|bytes| bytes == record).unwrap() + 24;
    file[at..at + 8].copy_from_slice(&(-1_i64).to_le_bytes());
    let data = file.len() - 3 * 8 * 8; // three cases of eight elements
    let input = Endless {
        head: io::Cursor::new(file[..data].to_vec()),
        case: file[data..data + 64].to_vec(),
        at: 0,
        left: cases,
    };
    let pulse = catalog::get("pulse@1.0.0").unwrap();
    let import = Import::new(Profile::of(Tool::Spss)).instrument(&pulse, ItemColumns::by_id());
    let mut reader = import.open_sav(input).unwrap();
    let (mut count, mut before) = (0, None);
    while let Some(row) = reader.next_row().unwrap() {
        count += 1;
        assert_eq!(row.answers(0), [3, 2, 1, 4, 4, 2]);
        if count == 5000 {
            before = resident_kilobytes();
        }
    }
    assert_eq!(count, cases);
    match before.zip(resident_kilobytes()) {
        // The cases alone are 19 MB.
        Some((before, after)) => {
            assert!(after.saturating_sub(before) < 4096, "{before} to {after}")
        }
        None => eprintln!("skipped: the system does not say how much memory is in use"),
    }
}
