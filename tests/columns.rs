//! Tables in every layout against the same people one by one: the same bits, whichever door.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::pedantic)]
#![allow(missing_docs)]

use straingauge::answers::{Answer, Cells, Coding, Columns, Frame, MissingKind, NotOffered};
use straingauge::score::{FrameError, NO_BAND, ScaleBuffers, ScoreOptions, Scorer, Status};
use straingauge::{Instrument, catalog};

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// One column for each item; one answer in `missing` is of one of `kinds`.
fn columns(of: &Instrument, rows: usize, missing: usize, kinds: &[MissingKind]) -> Vec<Vec<u8>> {
    let mut dice = Dice(rows as u64 + missing as u64);
    let column = |codes: Vec<u8>, dice: &mut Dice| {
        let mut cell = || match dice.roll(missing) {
            0 => Answer::Missing(kinds[dice.roll(kinds.len())]).to_byte(),
            _ => codes[dice.roll(codes.len())],
        };
        (0..rows).map(|_| cell()).collect()
    };
    let codes =
        of.items().iter().map(|i| i.responses().options().iter().map(|o| o.code()).collect());
    codes.map(|codes| column(codes, &mut dice)).collect()
}

fn frame<'a, C>(of: &Instrument, columns: &'a [C]) -> Frame<'a>
where
    Cells<'a>: From<&'a C>,
{
    let mut frame = Frame::new(of, Cells::from(&columns[0]).len());
    for (item, column) in of.items().iter().zip(columns) {
        frame = frame.column(item.id(), Cells::from(column)).unwrap();
    }
    frame
}

#[test]
fn rows_as_they_come() {
    let instrument = catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer();
    let rows = 2500;
    let mut people = turned(&columns(&instrument, rows, 20, &ALL));
    let mut values = vec![vec![7.0; rows + 1]; 3];
    let mut bands = vec![vec![7; rows + 1]; 3];
    let mut buffers: Vec<_> = values
        .iter_mut()
        .zip(&mut bands)
        .map(|(values, bands)| ScaleBuffers::new().values(values).bands(bands))
        .collect();
    assert_eq!(scorer.score_rows_into(&people, &mut buffers).unwrap(), rows);
    people[2100][4] = 0;
    let error = scorer.score_rows_into(&people, &mut buffers).unwrap_err().to_string();
    assert!(error.starts_with("row 2101: item `5` does not offer 0;"), "{error}");
    people[2100][4] = 1;
    let more = people.iter().chain(&people[..2]);
    let error = scorer.score_rows_into(more, &mut buffers).unwrap_err().to_string();
    assert_eq!(error, "there are more rows than the 2501 places of the buffers");
    assert!(scorer.score_rows_into([[1_u8; 29]], &mut buffers).is_err());
    drop(buffers);
    let outs: Vec<Vec<(Option<f64>, u8)>> = people
        .iter()
        .map(|row| {
            let scores = scorer.score_row(row).unwrap();
            let band = |view: &straingauge::score::ScaleView<'_>| {
                view.band().map_or(NO_BAND, |band| band.position() as u8)
            };
            scores.iter().map(|v| (v.value().ok().map(|s| s.to_f64()), band(&v))).collect()
        })
        .collect();
    for (row, expected) in outs.iter().enumerate().filter(|(row, _)| *row != 2100) {
        for (scale, (value, band)) in expected.iter().enumerate() {
            assert_eq!(Some(values[scale][row]).filter(|v| !v.is_nan()), *value);
            assert_eq!(bands[scale][row], *band);
        }
    }
}

/// Everything that can be asked for.
#[derive(Debug, Clone)]
struct Out {
    sums: Vec<i32>,
    answered: Vec<i16>,
    bands: Vec<u8>,
    states: Vec<Status>,
    values: Vec<u64>,
    floats: Vec<u32>,
}

fn is_ratio(scorer: &Scorer, scale: &str) -> bool {
    let scale = scorer.instrument().scale(scale).unwrap();
    matches!(scale.key(), straingauge::instrument::Key::Ratio { .. })
}

fn scored(
    scorer: &Scorer,
    frame: &Frame<'_>,
    rows: std::ops::Range<usize>,
) -> Result<(Vec<Out>, u64), FrameError> {
    let many = rows.len();
    let mut values = vec![vec![7.0_f64; many]; scorer.scales().len()];
    let mut floats = vec![vec![7.0_f32; many]; scorer.scales().len()];
    let out = Out {
        sums: vec![i32::MIN; many],
        answered: vec![-7; many],
        bands: vec![77; many],
        states: vec![Status::NotAsked; many],
        values: Vec::new(),
        floats: Vec::new(),
    };
    let mut outs = vec![out; scorer.scales().len()];
    let ids: Vec<String> = scorer.scales().map(|scale| scale.id().to_owned()).collect();
    let mut buffers: Vec<ScaleBuffers<'_>> = outs
        .iter_mut()
        .zip(values.iter_mut().zip(&mut floats))
        .zip(&ids)
        .map(|((out, (values, floats)), id)| {
            let buffers = ScaleBuffers::new()
                .answered(&mut out.answered[..])
                .bands(&mut out.bands)
                .states(&mut out.states)
                .values(values)
                .values_f32(floats);
            if is_ratio(scorer, id) { buffers } else { buffers.sums(&mut out.sums[..]) }
        })
        .collect();
    let unreadable = scorer.score_frame_into(frame, rows, &mut buffers)?;
    for ((out, values), floats) in outs.iter_mut().zip(values).zip(floats) {
        out.values = values.into_iter().map(f64::to_bits).collect();
        out.floats = floats.into_iter().map(f32::to_bits).collect();
    }
    Ok((outs, unreadable))
}

/// Compares with the people one by one; `rows` are theirs, in order.
fn compare(scorer: &Scorer, outs: &[Out], rows: &[Vec<u8>], note: &str) {
    let instrument = scorer.instrument();
    for (row, bytes) in rows.iter().enumerate() {
        let scores = scorer.score_row(bytes).unwrap();
        for (view, out) in scores.iter().zip(outs) {
            let note = || format!("{note}, {} {} {bytes:?}", instrument.id(), view.scale().id());
            let value = view.value().ok().map(|score| score.to_f64());
            match value {
                Some(value) => {
                    assert_eq!(out.values[row], value.to_bits(), "{}", note());
                    assert_eq!(out.floats[row], (value as f32).to_bits(), "{}", note());
                }
                None => {
                    assert!(f64::from_bits(out.values[row]).is_nan(), "{}", note());
                    assert!(f32::from_bits(out.floats[row]).is_nan(), "{}", note());
                }
            }
            assert_eq!(out.states[row], view.status(), "{}", note());
            let band = view.band().map_or(NO_BAND, |band| band.position() as u8);
            assert_eq!(out.bands[row], band, "{}", note());
            let scale = instrument.scale(view.scale().id()).unwrap();
            if scale.key().terms().is_empty() {
                continue;
            }
            // The pair, from the definition itself.
            let (mut sum, mut answered) = (0, 0);
            for term in scale.key().terms() {
                let item = &instrument.items()[term.item()];
                let own = Answer::from_byte(bytes[term.item()]).code();
                let is_garbled =
                    bytes[term.item()] == Answer::Missing(MissingKind::Unreadable).to_byte();
                let implied = item.implied().filter(|_| !is_garbled).and_then(|implied| {
                    let gate = Answer::from_byte(bytes[implied.gate()]).code()?;
                    implied.op().holds(i64::from(gate), implied.number()).then(|| implied.code())
                });
                if let Some(code) = own.or(implied) {
                    sum += term.values()[item.responses().position(code).unwrap()];
                    answered += 1;
                }
            }
            assert_eq!((out.sums[row], out.answered[row]), (sum, answered), "{}", note());
        }
    }
}

fn turned(columns: &[Vec<u8>]) -> Vec<Vec<u8>> {
    (0..columns[0].len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

fn scorers() -> Vec<Scorer> {
    let text = include_str!("../examples/definitions/worked-example.toml");
    let mut scorers = vec![Instrument::parse(text).unwrap().scorer()];
    for instrument in catalog::all() {
        scorers.push(instrument.scorer());
        scorers.push(instrument.scorer_with(&ScoreOptions::new().min_answered(1)).unwrap());
        for variant in instrument.variants() {
            let options = ScoreOptions::new().variant(variant.id());
            scorers.push(instrument.scorer_with(&options).unwrap());
        }
    }
    scorers
}

const ALL: [MissingKind; 5] = [
    MissingKind::NotAsked,
    MissingKind::Skipped,
    MissingKind::Declined,
    MissingKind::NotApplicable,
    MissingKind::Unreadable,
];
const PLAIN: [MissingKind; 2] = [MissingKind::Skipped, MissingKind::Declined];

#[test]
fn every_instrument_in_bytes_as_one_by_one() {
    for scorer in scorers() {
        let instrument = scorer.instrument();
        for (rows, missing, kinds) in
            [(77, 1_000_000, &PLAIN[..]), (330, 12, &PLAIN), (150, 9, &ALL)]
        {
            let columns = columns(instrument, rows, missing, kinds);
            let (outs, _) = scored(&scorer, &frame(instrument, &columns), 0..rows).unwrap();
            compare(&scorer, &outs, &turned(&columns), "bytes");
        }
    }
}

#[test]
fn every_layout_gives_the_same_bits() {
    for id in
        ["proqol-5", "phq-9", "cbi", "k10", "bat-23", "wsas", "olbi", "pc-ptsd-5", "eri-short"]
    {
        let instrument = catalog::get(id).unwrap();
        let scorer = instrument.scorer();
        let rows = 1000;
        let bytes = columns(&instrument, rows, 15, &[MissingKind::Skipped]);
        let people = turned(&bytes);
        let is_blank = |byte: u8| byte > Answer::HIGHEST_CODE;

        let by_row = people.concat();
        let rowwise = Frame::from_rows(&instrument, &by_row).unwrap();
        let (outs, _) = scored(&scorer, &rowwise, 0..rows).unwrap();
        compare(&scorer, &outs, &people, "row-major");
        let recoded: Vec<u8> = by_row.iter().map(|b| if is_blank(*b) { 233 } else { *b }).collect();
        let other = Coding::Missing { number: 233, kind: MissingKind::Skipped };
        let coded = Frame::from_rows(&instrument, &recoded).unwrap().coded(other).unwrap();
        let (outs, _) = scored(&scorer, &coded, 3..rows).unwrap();
        compare(&scorer, &outs, &people[3..], "row-major, coded");

        macro_rules! layout {
            ($of:ty, $blank:expr, $coding:expr) => {
                let narrow: Vec<Vec<$of>> = bytes
                    .iter()
                    .map(|c| {
                        c.iter().map(|b| if is_blank(*b) { $blank } else { *b as $of }).collect()
                    })
                    .collect();
                let frame = frame(&instrument, &narrow).coded($coding).unwrap();
                let (outs, _) = scored(&scorer, &frame, 0..rows).unwrap();
                compare(&scorer, &outs, &people, stringify!($of));
            };
        }
        let missing = |number| Coding::Missing { number, kind: MissingKind::Skipped };
        layout!(u8, 233, missing(233));
        layout!(i16, -9, missing(-9));
        layout!(i32, i32::MIN, missing(i64::from(i32::MIN)));
        layout!(i64, i64::MIN, missing(i64::MIN));
        layout!(i64, 254, Coding::Bytes);
        layout!(f32, f32::NAN, Coding::Codes);
        layout!(f64, f64::NAN, Coding::Codes);
        layout!(f64, -99.0, missing(-99));
        if id != "cbi" {
            layout!(i8, -1, missing(-1));
        }

        // A bitmap that begins in the middle of a byte, over values that are nonsense where null.
        for offset in [0, 3, 8, 13] {
            let mut bits = vec![vec![0_u8; (rows + offset).div_ceil(8)]; bytes.len()];
            let mut values = bytes.clone();
            for (column, bits) in values.iter_mut().zip(&mut bits) {
                for (row, byte) in column.iter_mut().enumerate() {
                    if is_blank(*byte) {
                        *byte = 240;
                    } else {
                        bits[(row + offset) / 8] |= 1 << ((row + offset) % 8);
                    }
                }
            }
            let mut masked = Frame::new(&instrument, rows).coded(Coding::Codes).unwrap();
            for ((item, column), bits) in instrument.items().iter().zip(&values).zip(&bits) {
                let cells = Cells::from(column).with_validity(bits, offset).unwrap();
                masked = masked.column(item.id(), cells).unwrap();
            }
            let (outs, _) = scored(&scorer, &masked, 0..rows).unwrap();
            compare(&scorer, &outs, &people, "bitmap");
        }

        // Rows in an order of their own, and a part of them.
        let picked: Vec<usize> = (0..rows).rev().step_by(3).collect();
        let some: Vec<Vec<u8>> = picked.iter().map(|row| people[*row].clone()).collect();
        for frame in [frame(&instrument, &bytes), rowwise] {
            let (outs, _) =
                scored(&scorer, &frame.clone().picked(&picked).unwrap(), 0..picked.len()).unwrap();
            compare(&scorer, &outs, &some, "picked");
            let (outs, _) = scored(&scorer, &frame, 501..777).unwrap();
            compare(&scorer, &outs, &people[501..777], "a part");
        }
    }
}

#[test]
fn blocks_and_their_ends() {
    let instrument = catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer_with(&ScoreOptions::new().min_answered(8)).unwrap();
    for rows in [0, 1, 31, 32, 33, 4095, 4096, 4097, 16384, 32767, 32768, 32769, 70_000] {
        let bytes = columns(&instrument, rows, 50, &PLAIN);
        let (outs, _) = scored(&scorer, &frame(&instrument, &bytes), 0..rows).unwrap();
        let floats: Vec<Vec<f32>> =
            bytes.iter().map(|c| c.iter().map(|b| f32::from(*b)).collect()).collect();
        let (other, _) = scored(&scorer, &frame(&instrument, &floats), 0..rows).unwrap();
        let last: Vec<usize> = (0..rows).filter(|row| *row < 40 || rows - row < 40).collect();
        for (out, other) in outs.iter().zip(&other) {
            assert_eq!((&out.values, &out.bands), (&other.values, &other.bands), "{rows}");
            assert_eq!((&out.sums, &out.answered), (&other.sums, &other.answered), "{rows}");
        }
        for row in last {
            let part: Vec<Out> = outs
                .iter()
                .map(|out| Out {
                    sums: vec![out.sums[row]],
                    answered: vec![out.answered[row]],
                    bands: vec![out.bands[row]],
                    states: vec![out.states[row]],
                    values: vec![out.values[row]],
                    floats: vec![out.floats[row]],
                })
                .collect();
            let person: Vec<u8> = bytes.iter().map(|column| column[row]).collect();
            compare(&scorer, &part, &[person], "ends");
        }
    }
}

#[test]
fn a_number_that_is_no_code_is_named_or_counted_never_scored() {
    let instrument = catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer();
    let rows = 9000;
    let clean = columns(&instrument, rows, 20, &PLAIN);
    let mut bytes = clean.clone();
    // In the order of rows, not of items or scales.
    for (item, row, number) in [(3, 8100, 0), (20, 7011, 6), (2, 7012, 250), (29, 8999, 77)] {
        bytes[item][row] = number;
    }
    let error = scored(&scorer, &frame(&instrument, &bytes), 0..rows).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 7012: item `21` does not offer 6; its codes are 1, 2, 3, 4, 5. A missing answer is a missing kind, never a number"
    );
    let lenient = frame(&instrument, &bytes).not_offered(NotOffered::Unreadable);
    let (outs, unreadable) = scored(&scorer, &lenient, 0..rows).unwrap();
    assert_eq!(unreadable, 4);
    let mut told = bytes.clone();
    for (item, row) in [(3, 8100), (20, 7011), (2, 7012), (29, 8999)] {
        told[item][row] = Answer::Missing(MissingKind::Unreadable).to_byte();
    }
    compare(&scorer, &outs, &turned(&told), "lenient");

    let mut floats: Vec<Vec<f64>> = clean
        .iter()
        .map(|c| c.iter().map(|b| if *b > 250 { f64::NAN } else { f64::from(*b) }).collect())
        .collect();
    for (number, found) in [(2.29, "2.29"), (f64::INFINITY, "inf"), (0.5, "0.5")] {
        floats[7][11] = number;
        let error = scored(&scorer, &frame(&instrument, &floats), 0..rows).unwrap_err().to_string();
        assert!(error.starts_with(&format!("row 12: item `8` has {found};")), "{error}");
    }
    for (number, found) in [(0.0, "0"), (-1.0, "-1"), (300.0, "300"), (254.0, "254"), (6.0, "6")] {
        floats[7][11] = number;
        let codes = frame(&instrument, &floats).coded(Coding::Codes).unwrap();
        let error = scored(&scorer, &codes, 0..rows).unwrap_err().to_string();
        assert!(error.starts_with(&format!("row 12: item `8` does not offer {found};")), "{error}");
    }
    // A missing number of another kind is no answer under this coding.
    let blank = Coding::Missing { number: 0, kind: MissingKind::Skipped };
    let zeros: Vec<Vec<u8>> =
        clean.iter().map(|c| c.iter().map(|b| if *b > 250 { 0 } else { *b }).collect()).collect();
    let mut odd = zeros.clone();
    odd[0][40] = 254;
    assert!(scored(&scorer, &frame(&instrument, &zeros).coded(blank).unwrap(), 0..rows).is_ok());
    let error = scored(&scorer, &frame(&instrument, &odd).coded(blank).unwrap(), 0..rows);
    assert!(error.unwrap_err().to_string().starts_with("row 41: item `1` does not offer 254;"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let phq9 = catalog::get("phq-9").unwrap();
    let scorer = phq9.scorer();
    let bytes = columns(&phq9, 10, 20, &PLAIN);
    let plain = frame(&phq9, &bytes);
    let zero = Coding::Missing { number: 0, kind: MissingKind::Skipped };
    let refused = plain.clone().coded(zero).unwrap_err().to_string();
    assert_eq!(refused, "0 cannot stand for a missing answer: item `1` offers it as a code");
    assert!(plain.clone().picked(&[3, 10]).is_err());
    assert!(Frame::from_rows(&phq9, &[0; 23]).is_err());
    assert!(Cells::from(&bytes[0]).with_validity(&[255], 0).is_none());
    assert!(Frame::new(&phq9, 9).column("1", &bytes[0]).is_err());
    let said = |out: &mut [ScaleBuffers<'_>], rows| {
        scorer.score_frame_into(&plain, rows, out).unwrap_err().to_string()
    };
    assert_eq!(said(&mut [], 0..10), "buffers for 0 scales were given; 1 are reported: total");
    let (mut few, mut narrow) = ([0.0_f64; 3], [0_u8; 10]);
    assert_eq!(
        said(&mut [ScaleBuffers::new().values(&mut few)], 0..10),
        "the buffer `values` of scale `total` has 3 places for 10 rows"
    );
    assert_eq!(
        said(&mut [ScaleBuffers::new()], 4..11),
        "rows 4 to 11, counted from 0, were asked for; the table has 10"
    );
    let cbi = catalog::get("cbi").unwrap();
    let columns = columns(&cbi, 10, 20, &PLAIN);
    let mut out: Vec<_> = cbi.scorer().scales().map(|_| ScaleBuffers::new()).collect();
    out[0] = ScaleBuffers::new().sums(&mut narrow[..]);
    let error = cbi.scorer().score_frame_into(&frame(&cbi, &columns), 0..10, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the buffer `sums` of scale `personal` cannot hold 0 to 600; take a wider one"
    );
}

#[test]
fn items_without_a_column_were_not_asked() {
    let cbi = catalog::get("cbi").unwrap();
    let scorer = cbi.scorer();
    let bytes = columns(&cbi, 100, 10, &PLAIN);
    let mut some = Frame::new(&cbi, 100);
    let mut people = turned(&bytes);
    for (at, item) in cbi.items().iter().enumerate() {
        if item.id().starts_with("personal") {
            some = some.column(item.id(), &bytes[at]).unwrap();
        } else {
            people.iter_mut().for_each(|row| row[at] = 255);
        }
    }
    let (outs, _) = scored(&scorer, &some, 0..100).unwrap();
    compare(&scorer, &outs, &people, "partial");
}

#[test]
fn criteria_come_with_the_convenient_call() {
    for id in ["phq-9", "stss", "pcl-5"] {
        let instrument = catalog::get(id).unwrap();
        let scorer = instrument.scorer();
        let bytes = columns(&instrument, 200, 10, &ALL);
        let mut table = Columns::new(&instrument, 200);
        for (item, column) in instrument.items().iter().zip(&bytes) {
            table = table.column(item.id(), column).unwrap();
        }
        let by_row = turned(&bytes).concat();
        let frame = Frame::from_rows(&instrument, &by_row).unwrap();
        let scored = scorer.score_frame(&frame).unwrap();
        assert_eq!(format!("{scored:?}"), format!("{:?}", scorer.score_columns(&table).unwrap()));
        for (row, bytes) in turned(&bytes).iter().enumerate() {
            let scores = scorer.score_row(bytes).unwrap();
            let outcomes: Vec<_> = scored.criteria.iter().map(|column| column[row]).collect();
            assert_eq!(outcomes, scores.criteria().map(|c| c.outcome()).collect::<Vec<_>>());
        }
    }
}

#[cfg(feature = "rayon")]
#[test]
fn threads_give_the_same_bits_and_the_same_error() {
    let instrument = catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer();
    let rows = 200_003;
    let mut bytes = columns(&instrument, rows, 40, &ALL);
    let values = |bytes: &[Vec<u8>], parallel: bool| {
        let mut values = vec![vec![7.0_f64; rows]; 3];
        let mut sums = vec![vec![7_u8; rows]; 3];
        let mut bands = vec![vec![7; rows]; 3];
        let buffers = values.iter_mut().zip(&mut bands).zip(&mut sums);
        let mut buffers: Vec<_> = buffers
            .map(|((values, bands), sums)| {
                ScaleBuffers::new().values(values).bands(bands).sums(&mut sums[..])
            })
            .collect();
        let frame = frame(&instrument, bytes);
        let done = if parallel {
            scorer.score_frame_into_parallel(&frame, 0..rows, &mut buffers)
        } else {
            scorer.score_frame_into(&frame, 0..rows, &mut buffers)
        };
        done.map(|unreadable| {
            let values: Vec<Vec<u64>> =
                values.iter().map(|v| v.iter().map(|v| v.to_bits()).collect()).collect();
            (unreadable, values, sums, bands)
        })
    };
    assert!(values(&bytes, true).unwrap() == values(&bytes, false).unwrap());
    for row in [180_000, 70_001, 131_072] {
        bytes[row % 30][row] = 9;
    }
    let error = values(&bytes, true).unwrap_err();
    assert_eq!(error, values(&bytes, false).unwrap_err());
    assert!(error.to_string().starts_with("row 70002: item `12` does not offer 9;"), "{error}");
}

/// One item counts in two ways, and a third scale counts it as it is: none may see another's points.
#[test]
fn an_item_recoded_twice() {
    let text = include_str!("../examples/definitions/worked-example.toml");
    let scale = |id: &str, recode: &str, range: &str| {
        format!(
            "\n[[scales]]\nid = \"{id}\"\nsum = [\"1\", \"2\", \"3\"]\nrecode = {{ {recode} }}\n\
             range = {range}\ndirection = \"higher-is-worse\"\n\
             basis = {{ source = \"logbook\", origin = \"author\", grade = \"A\" }}\n"
        )
    };
    let one = scale("one", "\"2\" = [0, 0, 1, 1, 9]", "[0, 17]");
    let other = scale("other", "\"2\" = [7, 5, 3, 2, -1], \"3\" = [0, 0, 0, 1, 1]", "[-1, 12]");
    let text = text.replacen("\n[[bands]]", &format!("{one}{other}\n[[bands]]"), 1);
    let instrument = Instrument::parse(&text).unwrap();
    let scorer = instrument.scorer();
    let bytes = columns(&instrument, 900, 20, &PLAIN);
    let people = turned(&bytes);
    let (outs, _) = scored(&scorer, &frame(&instrument, &bytes), 0..900).unwrap();
    compare(&scorer, &outs, &people, "recoded twice");
    let by_row = people.concat();
    let rows = Frame::from_rows(&instrument, &by_row).unwrap();
    let (outs, _) = scored(&scorer, &rows, 0..900).unwrap();
    compare(&scorer, &outs, &people, "recoded twice, by row");
}
