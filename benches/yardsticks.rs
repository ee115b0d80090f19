//! What the crate takes beside what the machine must: each in turn, several rounds, medians.
//!
//! `cargo bench --bench yardsticks` (with `--features dispatch` for wider instructions). One line
//! each, `yardstick NAME RATIO`; the ratio is the time of the crate over the time of the yardstick:
//!
//! | name | the crate | over |
//! |---|---|---|
//! | `w1_triple_*` | 30 `u8` columns to (sum, answered, band) of three scales | reading the bytes once |
//! | `w1_f32_*` | the same to (`f32`, band) | reading the bytes once |
//! | `w1_rowmajor_1m`, `w1_i32_1m`, `w1_bitmap_1m` | the triple from another layout | reading that layout's bytes once |
//! | `w2_1m` | 240 columns, 12 instruments of 20 items, to (`f32`, band) | reading the bytes once |
//! | `w3_floor` | CSV to CSV, files in the page cache | reading the CSV and writing the output bytes |
//! | `w4_row`, `w4_ids`, `w4_json` | one sheet of 30 answers to scores with bands | summing 30 bytes |
//! | `growth_1e5_1e7` | ns per response at 10 million rows | ns per response at 100,000 |
//! | `growth_items_30_500` | ns per item with 500 items | ns per item with 30 |
//! | `vs_naive` | a plain loop over respondents, with the same answers (a ratio above 1 is ours) | the crate |
//!
//! Absolute times follow, for the curious; only the ratios travel from one machine to another.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::pedantic)]
#![allow(clippy::needless_range_loop)] // rows of several columns

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::Instant;

use serde::de::DeserializeSeed;
use straingauge::answers::{Cells, Coding, Frame, MissingKind};
use straingauge::score::{ScaleBuffers, ScoreOptions, Scorer, Scores};
use straingauge::survey::{Import, ItemColumns, Profile, ScoreTable};
use straingauge::{Instrument, catalog};

const MILLION: usize = 1_000_000;
const BLANK: Coding = Coding::Missing { number: 0, kind: MissingKind::Skipped };

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let small = std::env::args().any(|argument| argument == "--test");
    let many = if small { 1_000 } else { MILLION };
    wide_instructions();
    one_sheet(many / 5);
    one_million(many);
    csv_to_csv(many);
    ten_million(many * 10);
    two_hundred_and_forty(many);
    growth(many);
}

/// With the feature, the kernel must really have been compiled to wide instructions: a dispatch that
/// the compiler did not see through gives the right numbers at the old speed. Counts the widest
/// maximum of bytes, which this program uses nowhere else.
fn wide_instructions() {
    if cfg!(all(feature = "dispatch", target_arch = "x86_64", not(debug_assertions))) {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        // VPMAXUB on 256 bits in its two- and three-byte forms, and on 512 bits.
        let is_wide = |at: &[u8]| match *at {
            [0xc5, b, 0xde, ..] => b & 0x07 == 0x05,
            [0xc4, a, b, 0xde, ..] => a & 0x1f == 0x01 && b & 0x87 == 0x05,
            [0x62, a, b, c, 0xde, ..] => a & 0x07 == 1 && b & 0x03 == 1 && c & 0x60 != 0,
            _ => false,
        };
        let wide = program.windows(6).filter(|at| is_wide(at)).count();
        println!("wide byte maxima in the program: {wide}");
        assert!(wide >= 12, "dispatch has no effect");
    }
}

// The harness.

/// Medians of several rounds in seconds, one of each in turn.
fn interleaved<const N: usize>(rounds: usize, mut work: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut times = vec![Vec::new(); N];
    for work in &mut work {
        work(); // warms memory up
    }
    for _ in 0..rounds {
        for (work, times) in work.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed().as_secs_f64());
        }
    }
    std::array::from_fn(|at| {
        times[at].sort_by(f64::total_cmp);
        times[at][times[at].len() / 2]
    })
}

fn say(name: &str, crate_: f64, yardstick: f64) {
    println!("yardstick {name} {:.2}", crate_ / yardstick);
    println!("  ({:.3} ms over {:.3} ms)", crate_ * 1e3, yardstick * 1e3);
}

/// Reading bytes once: eight sums side by side, as wide as the machine likes.
fn read(bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().fold(0, |sum: u64, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}

/// Codes 1 to 5, one in fifty missing as 0: column after column.
fn answers(rows: usize, items: usize) -> Vec<Vec<u8>> {
    let mut state = 42_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut cell = || if next() % 50 == 0 { 0 } else { 1 + (next() % 5) as u8 };
    (0..items).map(|_| (0..rows).map(|_| cell()).collect()).collect()
}

fn proqol() -> Scorer {
    let proqol = catalog::get("proqol-5").unwrap();
    proqol.scorer_with(&ScoreOptions::new().min_answered(8)).unwrap()
}

fn frame<'a, C>(scorer: &Scorer, columns: &'a [C]) -> Frame<'a>
where
    Cells<'a>: From<&'a C>,
{
    let instrument = scorer.instrument();
    let mut frame = Frame::new(instrument, Cells::from(&columns[0]).len());
    for (item, column) in instrument.items().iter().zip(columns) {
        frame = frame.column(item.id(), Cells::from(column)).unwrap();
    }
    frame
}

/// Buffers that are used again and again.
struct Out {
    sums: Vec<Vec<u8>>,
    answered: Vec<Vec<u8>>,
    bands: Vec<Vec<u8>>,
    floats: Vec<Vec<f32>>,
}

impl Out {
    fn new(scorer: &Scorer, rows: usize) -> Self {
        let bytes = || scorer.scales().map(|_| vec![0; rows]).collect();
        let floats = scorer.scales().map(|_| vec![0.0; rows]).collect();
        Self { sums: bytes(), answered: bytes(), bands: bytes(), floats }
    }

    fn triple(&mut self, scorer: &Scorer, frame: &Frame<'_>) {
        let rows = self.sums.iter_mut().zip(&mut self.answered).zip(&mut self.bands);
        let mut buffers: Vec<_> = rows
            .map(|((sums, answered), bands)| {
                ScaleBuffers::new().sums(&mut sums[..]).answered(&mut answered[..]).bands(bands)
            })
            .collect();
        scorer.score_frame_into(black_box(frame), 0..frame.len(), &mut buffers).unwrap();
    }

    fn floats(&mut self, scorer: &Scorer, frame: &Frame<'_>) {
        let rows = self.floats.iter_mut().zip(&mut self.bands);
        let mut buffers: Vec<_> = rows
            .map(|(floats, bands)| ScaleBuffers::new().values_f32(floats).bands(bands))
            .collect();
        scorer.score_frame_into(black_box(frame), 0..frame.len(), &mut buffers).unwrap();
    }
}

// The workloads.

/// As many times, each time for the next of 1024 people.
fn each(times: usize, mut work: impl FnMut(usize)) -> impl FnMut() {
    move || (0..times).for_each(|at| work(at % 1024))
}

fn one_sheet(times: usize) {
    let scorer = proqol();
    let instrument = scorer.instrument();
    // Many different people, so that no branch is learnt by heart.
    let columns = answers(1024, 30);
    let missing = |byte: u8| if byte == 0 { 254 } else { byte };
    let people: Vec<Vec<u8>> =
        (0..1024).map(|row| columns.iter().map(|column| missing(column[row])).collect()).collect();
    let ids: Vec<&str> = instrument.items().iter().map(|item| item.id()).collect();
    let bodies: Vec<String> = people
        .iter()
        .map(|row| {
            let answers = ids.iter().zip(row).filter(|(_, byte)| **byte != 254);
            let answers = answers.map(|(id, byte)| format!("\"{id}\":{byte}"));
            format!("{{{}}}", answers.collect::<Vec<_>>().join(","))
        })
        .collect();
    let look = |scores: &Scores| -> usize {
        let bands = scores.iter().filter_map(|view| view.band());
        bands.map(|band| band.position()).sum()
    };
    let (mut first, mut second, mut third) =
        (scorer.no_scores(), scorer.no_scores(), scorer.no_scores());
    let (mut keyed, mut parsed) = (instrument.item_row(), instrument.item_row());
    let mut sum = each(times, |at| {
        black_box(black_box(&people[at]).iter().map(|byte| u32::from(*byte)).sum::<u32>());
    });
    let mut row = each(times, |at| {
        scorer.score_row_into(black_box(&people[at]), &mut first).unwrap();
        black_box(look(&first));
    });
    let mut by_ids = each(times, |at| {
        keyed.clear();
        for (id, byte) in ids.iter().zip(&people[at]).filter(|(_, byte)| **byte != 254) {
            keyed.enter(black_box(id), i64::from(*byte)).unwrap();
        }
        scorer.score_row_into(keyed.as_bytes(), &mut second).unwrap();
        black_box(look(&second));
    });
    let mut by_json = each(times, |at| {
        parsed.clear();
        let body = black_box(bodies[at].as_str());
        parsed.deserialize(&mut serde_json::Deserializer::from_str(body)).unwrap();
        scorer.score_row_into(parsed.as_bytes(), &mut third).unwrap();
        black_box(look(&third));
    });
    let [sum, row, by_ids, by_json] =
        interleaved(9, [&mut sum, &mut row, &mut by_ids, &mut by_json]);
    for (name, time) in [("w4_row", row), ("w4_ids", by_ids), ("w4_json", by_json)] {
        say(name, time, sum);
        println!("  ({:.0} ns a sheet)", time / times as f64 * 1e9);
    }
}

fn one_million(rows: usize) {
    let scorer = proqol();
    let columns = answers(rows, 30);
    let plain = frame(&scorer, &columns).coded(BLANK).unwrap();
    let (mut first, mut second, mut third) =
        (Out::new(&scorer, rows), Out::new(&scorer, rows), Out::new(&scorer, rows));
    let mut naive_out = Out::new(&scorer, rows);
    let [triple, floats, once, slow] = interleaved(
        9,
        [
            &mut || first.triple(&scorer, &plain),
            &mut || second.floats(&scorer, &plain),
            &mut || {
                black_box(
                    columns.iter().map(|column| read(black_box(column))).fold(0, u64::wrapping_add),
                );
            },
            &mut || naive(&columns, &mut naive_out),
        ],
    );
    assert!(first.sums == naive_out.sums && first.answered == naive_out.answered);
    assert!(first.bands == naive_out.bands && second.bands == naive_out.bands);
    say("w1_triple_1m", triple, once);
    say("w1_f32_1m", floats, once);
    say("vs_naive", slow, triple);

    let mut by_row = vec![0; rows * 30];
    for (item, column) in columns.iter().enumerate() {
        for (row, byte) in column.iter().enumerate() {
            by_row[row * 30 + item] = *byte;
        }
    }
    let by_row_frame =
        Frame::from_rows(scorer.instrument(), &by_row).unwrap().coded(BLANK).unwrap();
    let [turned, once] = interleaved(
        7,
        [&mut || third.triple(&scorer, &by_row_frame), &mut || {
            black_box(read(black_box(&by_row)));
        }],
    );
    assert!(third.sums == first.sums && third.bands == first.bands);
    say("w1_rowmajor_1m", turned, once);

    let integers: Vec<Vec<i32>> = columns
        .iter()
        .map(|c| c.iter().map(|b| if *b == 0 { i32::MIN } else { i32::from(*b) }).collect())
        .collect();
    let na = Coding::Missing { number: i64::from(i32::MIN), kind: MissingKind::Skipped };
    let integer_frame = frame(&scorer, &integers).coded(na).unwrap();
    let [narrowed, once] = interleaved(
        7,
        [&mut || third.triple(&scorer, &integer_frame), &mut || {
            let sum = |column: &Vec<i32>| column.iter().fold(0, |sum: i32, v| sum.wrapping_add(*v));
            black_box(black_box(&integers).iter().map(sum).fold(0, i32::wrapping_add));
        }],
    );
    assert!(third.sums == first.sums && third.bands == first.bands);
    say("w1_i32_1m", narrowed, once);

    let bitmaps: Vec<Vec<u8>> = columns
        .iter()
        .map(|c| {
            let mut bits = vec![0_u8; rows.div_ceil(8)];
            for (row, _) in c.iter().enumerate().filter(|(_, byte)| **byte != 0) {
                bits[row / 8] |= 1 << (row % 8);
            }
            bits
        })
        .collect();
    let mut masked = Frame::new(scorer.instrument(), rows).coded(Coding::Codes).unwrap();
    for ((item, column), bits) in scorer.instrument().items().iter().zip(&columns).zip(&bitmaps) {
        let cells = Cells::from(column).with_validity(bits, 0).unwrap();
        masked = masked.column(item.id(), cells).unwrap();
    }
    let [spread, once] = interleaved(
        7,
        [&mut || third.triple(&scorer, &masked), &mut || {
            let both = columns.iter().chain(&bitmaps);
            black_box(both.map(|column| read(black_box(column))).fold(0, u64::wrapping_add));
        }],
    );
    assert!(third.sums == first.sums && third.bands == first.bands);
    say("w1_bitmap_1m", spread, once);
}

/// Person after person, as one would write it first.
fn naive(columns: &[Vec<u8>], out: &mut Out) {
    const SCALES: [[usize; 10]; 3] = [
        [3, 6, 12, 16, 18, 20, 22, 24, 27, 30],
        [1, 4, 8, 10, 15, 17, 19, 21, 26, 29],
        [2, 5, 7, 9, 11, 13, 14, 23, 25, 28],
    ];
    const REVERSED: [usize; 5] = [1, 4, 15, 17, 29];
    for row in 0..columns[0].len() {
        for (scale, items) in SCALES.iter().enumerate() {
            let (mut sum, mut answered) = (0_u32, 0_u32);
            for item in items {
                let code = columns[item - 1][row];
                if code == 0 {
                    continue;
                }
                assert!(code <= 5);
                sum += u32::from(if REVERSED.contains(item) { 6 - code } else { code });
                answered += 1;
            }
            out.sums[scale][row] = sum as u8;
            out.answered[scale][row] = answered as u8;
            let at_least = |cut: u32| u8::from(sum * 10 >= cut * answered);
            out.bands[scale][row] =
                if answered < 8 { u8::MAX } else { at_least(23) + at_least(42) };
        }
    }
}

fn ten_million(rows: usize) {
    let scorer = proqol();
    let columns = answers(rows, 30);
    let plain = frame(&scorer, &columns).coded(BLANK).unwrap();
    let mut out = Out::new(&scorer, rows);
    let mut more = Out::new(&scorer, rows);
    let few = answers(rows / 100, 30);
    let small = frame(&scorer, &few).coded(BLANK).unwrap();
    let mut little = Out::new(&scorer, rows / 100);
    let [triple, floats, once, hundred] = interleaved(
        5,
        [
            &mut || out.triple(&scorer, &plain),
            &mut || more.floats(&scorer, &plain),
            &mut || {
                black_box(
                    columns.iter().map(|column| read(black_box(column))).fold(0, u64::wrapping_add),
                );
            },
            &mut || (0..100).for_each(|_| little.triple(&scorer, &small)),
        ],
    );
    say("w1_triple_10m", triple, once);
    say("w1_f32_10m", floats, once);
    say("growth_1e5_1e7", triple, hundred);
}

/// An instrument of scales over so many items each, five codes, every sixth item reversed.
fn instrument(scales: usize, items: usize) -> Scorer {
    let all = scales * items;
    let list = |items: &mut dyn Iterator<Item = usize>| {
        items.map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ")
    };
    let basis = "{ source = \"here\", origin = \"author\", grade = \"A\" }";
    let mut text = String::from(
        "format = 1\nid = \"yardstick\"\nversion = \"1.0.0\"\ntitle = \"Invented\"\nedition = \"first\"\n\
         year = 2026\nauthors = [\"Nobody\"]\nmeasures = [\"fatigue\"]\npopulation = \"nobody\"\n\
         [licence]\nclass = \"public-domain\"\nholder = \"nobody\"\nterms = \"None.\"\nchecked = \"2026-11-25\"\nask-first-for = []\n\
         [sources]\nhere = { title = \"Invented\", year = 2026 }\n\
         [responses]\nfive = { options = [[1, \"a\"], [2, \"b\"], [3, \"c\"], [4, \"d\"], [5, \"e\"]] }\n\
         [form]\nrecall = \"now\"\nresponses = \"five\"\nitems = [\n",
    );
    for item in 1..=all {
        text.push_str(&format!("  {{ id = \"{item}\", topic = \"invented topic\" }},\n"));
    }
    text.push_str("]\n");
    for scale in 0..scales {
        let own = || (1..=all).filter(move |item| item % scales == scale);
        let (sum, reverse) =
            (list(&mut own()), list(&mut own().filter(|item| item / scales % 6 == 5)));
        let (low, high, needs) = (items, items * 5, items * 4 / 5);
        let id = format!("s{scale}");
        text.push_str(&format!(
            "[[scales]]\nid = \"{id}\"\nsum = [{sum}]\nreverse = [{reverse}]\nrange = [{low}, {high}]\n\
             direction = \"higher-is-worse\"\nmissing = {{ needs = {needs}, basis = {basis} }}\nbasis = {basis}\n\
             [[bands]]\nid = \"{id}-bands\"\nscales = [\"{id}\"]\ndefault = true\nbasis = {basis}\n\
             steps = [[{low}, \"low\"], [{}, \"moderate\"], [{}, \"high\"]]\n",
            items * 2 + items / 5,
            items * 4 + items / 10,
        ));
    }
    Instrument::parse(&text).unwrap().scorer()
}

/// Files in a folder of the system's, in the page cache.
fn csv_to_csv(rows: usize) {
    let folder =
        std::env::temp_dir().join(format!("straingauge-yardsticks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (input, output, copy) =
        (folder.join("in.csv"), folder.join("out.csv"), folder.join("copy"));
    let columns = answers(rows, 30);
    let mut text: Vec<u8> =
        (1..=30).map(|item| format!("q{item}")).collect::<Vec<_>>().join(",").into();
    text.push(b'\n');
    for row in 0..rows {
        for (item, column) in columns.iter().enumerate() {
            if item > 0 {
                text.push(b',');
            }
            if column[row] != 0 {
                text.push(b'0' + column[row]);
            }
        }
        text.push(b'\n');
    }
    std::fs::write(&input, &text).unwrap();
    let scorer = proqol();
    let mut crate_ = || {
        let import =
            Import::new(Profile::plain()).instrument(scorer.instrument(), ItemColumns::prefix("q"));
        let mut reader = import.open(File::open(&input).unwrap()).unwrap();
        let into = File::create(&output).unwrap();
        let mut table = ScoreTable::new(into, &import, [scorer.clone()]).unwrap();
        while let Some(row) = reader.next_row().unwrap() {
            table.write(row).unwrap();
        }
        table.finish().unwrap();
    };
    crate_();
    let written = std::fs::read(&output).unwrap();
    let mut floor = || {
        let mut from = File::open(&input).unwrap();
        let mut buffer = vec![0; 1 << 20];
        let mut read = 0;
        while let many @ 1.. = from.read(&mut buffer).unwrap() {
            read += many;
        }
        assert_eq!(read, text.len());
        let mut into = File::create(&copy).unwrap();
        written.chunks(1 << 20).for_each(|part| into.write_all(part).unwrap());
    };
    let [crate_, floor] = interleaved(5, [&mut crate_, &mut floor]);
    std::fs::remove_dir_all(&folder).unwrap();
    say("w3_floor", crate_, floor);
    println!("  ({:.0} ns a row)", crate_ / rows as f64 * 1e9);
}

fn two_hundred_and_forty(rows: usize) {
    let scorer = instrument(1, 20);
    let columns = answers(rows, 240);
    let frames: Vec<Frame<'_>> =
        columns.chunks(20).map(|columns| frame(&scorer, columns).coded(BLANK).unwrap()).collect();
    let mut outs: Vec<Out> = frames.iter().map(|_| Out::new(&scorer, rows)).collect();
    let [all, once] = interleaved(
        5,
        [
            &mut || {
                frames.iter().zip(&mut outs).for_each(|(frame, out)| out.floats(&scorer, frame))
            },
            &mut || {
                black_box(
                    columns.iter().map(|column| read(black_box(column))).fold(0, u64::wrapping_add),
                );
            },
        ],
    );
    say("w2_1m", all, once);
}

fn growth(rows: usize) {
    let (small, large) = (instrument(3, 10), instrument(25, 20));
    let rows = rows / 4;
    let columns = answers(rows, 500);
    let few = frame(&small, &columns[..30]).coded(BLANK).unwrap();
    let many = frame(&large, &columns).coded(BLANK).unwrap();
    let (mut one, mut other) = (Out::new(&small, rows), Out::new(&large, rows));
    let [few, many] =
        interleaved(7, [&mut || one.triple(&small, &few), &mut || other.triple(&large, &many)]);
    say("growth_items_30_500", many / 500.0, few / 30.0);
}
