//! Instruments made at random, larger than those of `scoring`, in layouts made at random: each
//! column of its own kind of memory, numbers that are no code among them. Held to the sheet-wise
//! scorer, to the second scorer of `naive`, and to what was put in.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::pedantic)]
#![allow(missing_docs, clippy::type_complexity)]

#[allow(dead_code)]
mod naive;

use std::collections::BTreeMap;

use naive::{A, Answers, Naive};
use straingauge::Instrument;
use straingauge::answers::{Answer, AnswerError, Cells, Coding, Frame, MissingKind, NotOffered};
use straingauge::score::{FrameError, NO_BAND, ScaleBuffers, ScoreOptions, Scorer, Status};

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
    fn once_in(&mut self, many: usize) -> bool {
        self.roll(many) == 0
    }
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

const HEAD: &str = "format = 1\nid = \"x\"\nversion = \"1.0.0\"\ntitle = \"x\"\nedition = \"x\"\nauthors = [\"x\"]\nmeasures = [\"stress\"]\n\
    [licence]\nclass = \"open\"\nholder = \"x\"\nterms = \"x\"\nchecked = \"2026-01-01\"\nask-first-for = []\n\
    [sources]\ns = { title = \"x\" }\n[responses]\n";
const BASIS: &str = "basis = { source = \"s\", origin = \"author\", grade = \"A\" }\n";

fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
}

/// Response sets by name: as written, and their codes in printed order.
fn sets(dice: &mut Dice) -> Vec<(String, String, Vec<i64>)> {
    let mut sets = Vec::new();
    for (at, (low, high)) in
        [(0, 3), (1, 5), (0, 1), (0, 250), (3, 250), (10, 40), (0, 128)].into_iter().enumerate()
    {
        sets.push((format!("r{at}"), format!("range = [{low}, {high}]"), (low..=high).collect()));
    }
    for at in 0..3 {
        let mut codes: Vec<i64> = Vec::new();
        let top = *dice.pick(&[6, 30, 251]);
        while codes.len() < 2 + at {
            let code = dice.roll(top) as i64;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let options: Vec<String> =
            codes.iter().enumerate().map(|(n, code)| format!("[{code}, \"o{n}\"]")).collect();
        let text = format!("options = [{}], not-applicable = \"na\"", options.join(", "));
        sets.push((format!("o{at}"), text, codes));
    }
    sets
}

/// A file made at random; not every one is taken by the loader.
fn definition(dice: &mut Dice, with_gates: bool) -> String {
    let sets = sets(dice);
    let mut text = HEAD.to_owned();
    for (name, body, _) in &sets {
        text.push_str(&format!("{name} = {{ {body} }}\n"));
    }
    let many = *dice.pick(&[1, 2, 3, 5, 8, 9, 17, 40, 70, 130, 270]);
    let few_sets = dice.once_in(2);
    let usual = dice.roll(sets.len());
    let of: Vec<usize> =
        (0..many).map(|_| if few_sets { usual } else { dice.roll(sets.len()) }).collect();
    let items: Vec<String> = (0..many).map(|at| format!("i{at}")).collect();
    let codes = |at: usize| &sets[of[at]].2;
    // Scales first, for items that none of them counts say so.
    let mut scales = String::new();
    let mut used = vec![false; many];
    let mut ends: Vec<(String, i64, i64, usize, bool)> = Vec::new();
    for scale in 0..1 + dice.roll(4) {
        let own: Vec<usize> = match dice.roll(3) {
            0 => (0..many).collect(),
            1 => (0..many).filter(|at| of[*at] == of[many - 1]).collect(),
            _ => {
                let share = 1 + dice.roll(4);
                (0..many).filter(|at| *at == 0 || dice.once_in(share)).collect()
            }
        };
        let is_sum = dice.once_in(2);
        let style = dice.roll(5);
        let (mut reverse, mut recode) = (Vec::new(), Vec::new());
        let (mut low, mut high, mut alike) = (0, 0, true);
        let mut first = None;
        for at in &own {
            used[*at] = true;
            let codes = codes(*at);
            let (least, most) = (*codes.iter().min().unwrap(), *codes.iter().max().unwrap());
            let is_range = sets[of[*at]].0.starts_with('r');
            let (one, other) = match style {
                1 if is_range && dice.once_in(2) => {
                    reverse.push(items[*at].clone());
                    (least, most)
                }
                2 | 3 if codes.len() < 60 && !dice.once_in(3) => {
                    let (base, spread) =
                        *dice.pick(&[(-5, 9), (0, 2), (-400, 1200), (0, 300), (7, 1)]);
                    let (base, spread) = if style == 2 { (-1, 4) } else { (base, spread) };
                    let values: Vec<i64> =
                        codes.iter().map(|_| base + dice.roll(spread + 1) as i64).collect();
                    recode.push(format!("{} = {values:?}", items[*at]));
                    (*values.iter().min().unwrap(), *values.iter().max().unwrap())
                }
                _ => (least, most),
            };
            alike &= *first.get_or_insert((one, other)) == (one, other);
            (low, high) = (low + one, high + other);
        }
        let id = format!("s{scale}");
        let own_ids: Vec<String> = own.iter().map(|at| items[*at].clone()).collect();
        let verb = if is_sum { "sum" } else { "mean" };
        scales.push_str(&format!(
            "[[scales]]\nid = \"{id}\"\n{verb} = [{}]\nreverse = [{}]\nrecode = {{ {} }}\ndirection = \"neutral\"\n{BASIS}",
            quoted(&own_ids), quoted(&reverse), recode.join(", ")
        ));
        if dice.once_in(2) {
            scales.push_str("not-applicable = \"drop\"\n");
        }
        if alike && dice.once_in(2) {
            let needs = 1 + dice.roll(own.len());
            scales.push_str(&format!("missing = {{ needs = {needs}, {} }}\n", BASIS.trim()));
        }
        let per = if is_sum { 1 } else { own.len() as i64 };
        let written = |n: i64| ((n as f64 / per as f64 * 1e6).round() / 1e6).to_string();
        scales.push_str(&format!("range = [{}, {}]\n", written(low), written(high)));
        ends.push((id, low, high, own.len(), is_sum));
    }
    let (from, low, high, ..) = ends[0].clone();
    if ends[0].4 && dice.once_in(2) {
        scales.push_str(&format!(
            "[[scales]]\nid = \"times\"\nfrom = \"{from}\"\ntimes = 2\ndirection = \"neutral\"\nrange = [{}, {}]\n{BASIS}",
            2 * low, 2 * high
        ));
        ends.push(("times".into(), 2 * low, 2 * high, 1, true));
    }
    if ends[0].4 && high - low < 2000 && dice.once_in(2) {
        let falls = dice.once_in(2);
        let entry = |at: i64| if falls { 5000 - at * 3 } else { at * 3 - 100 };
        let table: Vec<i64> = (0..=high - low).map(entry).collect();
        let (one, other) = (table[0], *table.last().unwrap());
        scales.push_str(&format!(
            "[[scales]]\nid = \"table\"\nfrom = \"{from}\"\ntable = {table:?}\ndirection = \"neutral\"\nrange = [{}, {}]\n{BASIS}",
            one.min(other), one.max(other)
        ));
        ends.push(("table".into(), one.min(other), one.max(other), 1, true));
    }
    for (id, low, high, _, is_sum) in &ends {
        if *is_sum && high - low >= 3 && dice.once_in(2) {
            let cut = low + 1 + dice.roll((high - low - 2) as usize) as i64;
            let steps = if *high > cut + 1 && dice.once_in(2) {
                format!("[{low}, \"a\"], [{cut}, \"b\"], [{}, \"c\"]", cut + 1)
            } else {
                format!("[{low}, \"a\"], [{cut}, \"b\"]")
            };
            scales.push_str(&format!(
                "[[bands]]\nid = \"bands\"\nscales = [\"{id}\"]\ndefault = true\nsteps = [{steps}]\n{BASIS}"
            ));
        }
    }
    text.push_str("[form]\nitems = [\n");
    for (at, item) in items.iter().enumerate() {
        let gate = if with_gates && at > 0 && dice.once_in(4) {
            let (first, code) = (*dice.pick(codes(0)), *dice.pick(codes(at)));
            let op = *dice.pick(&["=", "!="]);
            format!(", implied = {{ when = \"i0 {op} {first}\", code = {code} }}")
        } else {
            String::new()
        };
        let unscored = if used[at] { "" } else { ", unscored = true" };
        text.push_str(&format!(
            "  {{ id = \"{item}\", topic = \"x\", responses = \"{}\"{gate}{unscored} }},\n",
            sets[of[at]].0
        ));
    }
    text.push_str("]\n");
    text.push_str(&scales);
    text
}

/// A ratio of two sums, of negative and wide values the second not.
fn ratio_definition(dice: &mut Dice) -> String {
    let (one, other) = (1 + dice.roll(20), 1 + dice.roll(20));
    let mut text =
        format!("{HEAD}r = {{ range = [1, 5], not-applicable = \"na\" }}\n[form]\nitems = [\n");
    let items: Vec<String> = (0..one + other).map(|at| format!("i{at}")).collect();
    for item in &items {
        text.push_str(&format!("  {{ id = \"{item}\", topic = \"x\", responses = \"r\" }},\n"));
    }
    text.push_str("]\n");
    for (id, own) in [("above", &items[..one]), ("below", &items[one..])] {
        let verb = *dice.pick(&["sum", "mean"]);
        let (low, high) = if verb == "sum" { (own.len(), 5 * own.len()) } else { (1, 5) };
        let drop = if dice.once_in(2) { "not-applicable = \"drop\"\n" } else { "" };
        let needs = 1 + dice.roll(own.len());
        text.push_str(&format!(
            "[[scales]]\nid = \"{id}\"\n{verb} = [{}]\n{drop}missing = {{ needs = {needs}, {} }}\nrange = [{low}, {high}]\ndirection = \"neutral\"\n{BASIS}",
            quoted(own), BASIS.trim()
        ));
    }
    text + &format!(
        "[[scales]]\nid = \"ratio\"\nratio = [\"above\", \"below\"]\nrange = [0.2, 5]\ndirection = \"neutral\"\n{BASIS}"
    )
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Given(Answer),
    Bad(f64),
}

enum Kind {
    U8(Vec<u8>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

const KINDS: [MissingKind; 5] = [
    MissingKind::Skipped,
    MissingKind::Declined,
    MissingKind::NotApplicable,
    MissingKind::NotAsked,
    MissingKind::Unreadable,
];

/// Compares tables of one instrument; answers whether the loader took it.
fn attack(seed: u64, with_gates: bool) -> bool {
    let mut dice = Dice(seed);
    let text = if dice.once_in(6) {
        ratio_definition(&mut dice)
    } else {
        definition(&mut dice, with_gates)
    };
    let Ok(instrument) = Instrument::parse(&text) else {
        return false;
    };
    let naive = Naive::new(&text);
    let min_answered = if dice.once_in(3) { Some(1 + dice.roll(12)) } else { None };
    let mut options = ScoreOptions::new();
    if let Some(min) = min_answered {
        options = options.min_answered(min as u16);
    }
    let scorer = instrument.scorer_with(&options).unwrap();
    let items = instrument.items();
    let rows = *dice.pick(&[0, 1, 31, 33, 64, 65, 100, 260, 515]);
    let rows = if items.len() < 10 && dice.once_in(8) { 4096 + dice.roll(200) } else { rows };
    for _ in 0..3 {
        let kind = *dice.pick(&KINDS);
        let number = *dice.pick(&[-1_i64, 0, 99, 251, 253, 255, -9999, i64::from(i32::MIN), 2]);
        let coding = *dice.pick(&[Coding::Bytes, Coding::Codes, Coding::Missing { number, kind }]);
        let is_code =
            |n: i64| items.iter().any(|i| u8::try_from(n).is_ok_and(|n| i.responses().contains(n)));
        if matches!(coding, Coding::Missing { number, .. } if is_code(number)) {
            continue;
        }
        let row_major = dice.once_in(4);
        let all_bytes = row_major || dice.once_in(3);
        let (missing, bad) =
            (*dice.pick(&[1_000_000, 20, 4]), *dice.pick(&[1_000_000_000, 500, 20]));
        // What the cells are, then how they lie.
        let mut cells: Vec<Vec<Cell>> = Vec::new();
        let mut kinds: Vec<Option<(Kind, Option<(Vec<u8>, usize)>)>> = Vec::new();
        for item in items {
            let codes: Vec<u8> = item.responses().options().iter().map(|o| o.code()).collect();
            if !row_major && dice.once_in(15) {
                cells.push(vec![Cell::Given(Answer::Missing(MissingKind::NotAsked)); rows]);
                kinds.push(None);
                continue;
            }
            let top = *codes.iter().max().unwrap();
            let form = if all_bytes { 0 } else { dice.roll(7) };
            let form = if form == 1 && top > 127 { 2 } else { form };
            let bitmap = !row_major && dice.once_in(4);
            // Which numbers stand for what.
            let is_float = form >= 5;
            let fits = |n: f64| match form {
                0 => (0.0..=255.0).contains(&n) && n.fract() == 0.0,
                1 => (-128.0..=127.0).contains(&n) && n.fract() == 0.0,
                2 => (-32768.0..=32767.0).contains(&n) && n.fract() == 0.0,
                3 => (-2147483648.0..=2147483647.0).contains(&n) && n.fract() == 0.0,
                4 => n.abs() < 9e18 && n.fract() == 0.0,
                _ => true,
            };
            let mut blanks: Vec<(f64, MissingKind)> = Vec::new();
            match coding {
                Coding::Bytes if form != 1 => {
                    for kind in KINDS {
                        blanks.push((f64::from(Answer::Missing(kind).to_byte()), kind));
                    }
                }
                Coding::Missing { number, kind } if fits(number as f64) => {
                    blanks.push((number as f64, kind));
                }
                _ => {}
            }
            if is_float {
                blanks.push((f64::NAN, MissingKind::Skipped));
            }
            let mut column = Vec::new();
            let mut numbers: Vec<f64> = Vec::new();
            let mut bits = vec![0_u8; 0];
            let offset = dice.roll(20);
            if bitmap {
                bits = vec![if dice.once_in(2) { 0 } else { 0xff }; (rows + offset).div_ceil(8)];
            }
            for row in 0..rows {
                let (mut cell, mut number) = {
                    let code = *dice.pick(&codes);
                    (Cell::Given(Answer::Code(code)), f64::from(code))
                };
                if dice.once_in(missing) && !blanks.is_empty() {
                    let (n, kind) = *dice.pick(&blanks);
                    (cell, number) = (Cell::Given(Answer::Missing(kind)), n);
                }
                if dice.once_in(bad) {
                    let n = *dice.pick(&[
                        0.0,
                        1.0,
                        4.0,
                        6.0,
                        100.0,
                        250.0,
                        251.0,
                        252.0,
                        253.0,
                        254.0,
                        255.0,
                        256.0,
                        257.0,
                        259.0,
                        300.0,
                        -1.0,
                        -2.0,
                        -128.0,
                        -255.0,
                        2.29,
                        0.5,
                        1e300,
                        65536.0,
                        65537.0,
                        4294967297.0,
                        -1e-9,
                        f64::INFINITY,
                        f64::NEG_INFINITY,
                    ]);
                    let n = if form == 5 { f64::from(n as f32) } else { n };
                    let offered = n.fract() == 0.0
                        && (0.0..=250.0).contains(&n)
                        && codes.contains(&(n as u8));
                    if fits(n) && !offered && !blanks.iter().any(|(blank, _)| *blank == n) {
                        (cell, number) = (Cell::Bad(n), n);
                    }
                }
                if bitmap {
                    let (byte, bit) = ((row + offset) / 8, (row + offset) % 8);
                    if dice.once_in(missing.min(30)) {
                        // Under a null lies whatever lay there.
                        bits[byte] &= !(1 << bit);
                        if dice.once_in(2) && fits(77.0) {
                            number = 77.0;
                        }
                        cell = Cell::Given(Answer::Missing(MissingKind::Skipped));
                    } else {
                        bits[byte] |= 1 << bit;
                    }
                }
                column.push(cell);
                numbers.push(number);
            }
            let kind = match form {
                0 => Kind::U8(numbers.iter().map(|n| *n as u8).collect()),
                1 => Kind::I8(numbers.iter().map(|n| *n as i8).collect()),
                2 => Kind::I16(numbers.iter().map(|n| *n as i16).collect()),
                3 => Kind::I32(numbers.iter().map(|n| *n as i32).collect()),
                4 => Kind::I64(numbers.iter().map(|n| *n as i64).collect()),
                5 => Kind::F32(
                    numbers.iter().map(|n| if *n == 0.0 { -0.0 } else { *n as f32 }).collect(),
                ),
                _ => Kind::F64(numbers.iter().map(|n| if *n == 0.0 { -0.0 } else { *n }).collect()),
            };
            cells.push(column);
            kinds.push(Some((kind, bitmap.then_some((bits, offset)))));
        }
        let flat: Vec<u8> = if row_major {
            let byte = |row: usize, item: usize| match &kinds[item] {
                Some((Kind::U8(bytes), _)) => bytes[row],
                _ => unreachable!(),
            };
            (0..rows)
                .flat_map(|row| (0..items.len()).map(move |item| (row, item)))
                .map(|(r, i)| byte(r, i))
                .collect()
        } else {
            Vec::new()
        };
        let frame = if row_major {
            Frame::from_rows(&instrument, &flat).unwrap().coded(coding).unwrap()
        } else {
            let mut frame = Frame::new(&instrument, rows).coded(coding).unwrap();
            for (item, kind) in items.iter().zip(&kinds) {
                let Some((kind, bits)) = kind else { continue };
                let mut column = match kind {
                    Kind::U8(values) => Cells::from(values),
                    Kind::I8(values) => Cells::from(values),
                    Kind::I16(values) => Cells::from(values),
                    Kind::I32(values) => Cells::from(values),
                    Kind::I64(values) => Cells::from(values),
                    Kind::F32(values) => Cells::from(values),
                    Kind::F64(values) => Cells::from(values),
                };
                if let Some((bits, offset)) = bits {
                    column = column.with_validity(bits, *offset).unwrap();
                }
                frame = frame.column(item.id(), column).unwrap();
            }
            frame
        };
        let picked: Vec<usize> = (0..rows).filter(|_| dice.once_in(2)).rev().collect();
        let (frame, order) = if dice.once_in(3) {
            (frame.picked(&picked).unwrap(), picked.clone())
        } else {
            (frame, (0..rows).collect())
        };
        let from = dice.roll(order.len() + 1);
        let part = if dice.once_in(2) {
            0..order.len()
        } else {
            from..from + dice.roll(order.len() - from + 1)
        };
        let order = &order[part.clone()];
        let note = format!("seed {seed}, {coding:?}, row-major {row_major}, part {part:?}");
        // The first number that is no code, in the order of rows.
        let bad_cells: Vec<(usize, usize, f64)> = order
            .iter()
            .flat_map(|row| (0..items.len()).map(move |item| (*row, item)))
            .filter_map(|(row, item)| match cells[item][row] {
                Cell::Bad(n) => Some((row, item, n)),
                Cell::Given(_) => None,
            })
            .collect();
        let strict = scored(&scorer, &frame, part.clone());
        match (bad_cells.first(), &strict) {
            (None, Ok((_, unreadable))) => assert_eq!(*unreadable, 0, "{note}"),
            (Some((row, item, n)), Err(FrameError::Answer(error))) => match error {
                AnswerError::CodeNotOffered { row: found_row, item: found_item, found, .. } => {
                    assert_eq!(
                        (*found_row, found_item.as_str()),
                        (Some(row + 1), items[*item].id()),
                        "{note}"
                    );
                    if n.abs() < 1e18 {
                        assert_eq!(*found as f64, *n, "{note}");
                    }
                }
                AnswerError::NotWhole { row: found_row, item: found_item, .. } => {
                    assert_eq!(
                        (*found_row, found_item.as_str()),
                        (row + 1, items[*item].id()),
                        "{note}"
                    );
                    assert!(n.fract() != 0.0 || n.abs() >= 2_f64.powi(53), "{note}");
                }
                other => panic!("{note}: {other}"),
            },
            (expected, found) => panic!("{note}: {expected:?} {:?}", found.as_ref().err()),
        }
        let lenient = frame.clone().not_offered(NotOffered::Unreadable);
        let (outs, unreadable) = scored(&scorer, &lenient, part.clone()).unwrap();
        assert_eq!(unreadable, bad_cells.len() as u64, "{note}");
        let people: Vec<Vec<u8>> = order
            .iter()
            .map(|row| {
                let byte = |column: &Vec<Cell>| match column[*row] {
                    Cell::Given(answer) => answer.to_byte(),
                    Cell::Bad(_) => Answer::Missing(MissingKind::Unreadable).to_byte(),
                };
                cells.iter().map(byte).collect()
            })
            .collect();
        compare(&scorer, &outs, &people, &note);
        // Some of them by the second scorer.
        for row in people.iter().take(if items.len() > 50 { 1 } else { 4 }) {
            by_naive(&naive, &scorer, row, min_answered, &note);
        }
        // All columns, with criteria, by the convenient call.
        let whole = scorer.score_frame(&lenient).unwrap();
        if part.len() == lenient.len() {
            for (out, scale) in outs.iter().zip(&whole.scales) {
                assert_eq!(out.states, scale.states, "{note}");
                assert_eq!(out.bands, scale.bands, "{note}");
                let bits: Vec<u64> = scale.values.iter().map(|v| v.to_bits()).collect();
                assert_eq!(out.values, bits, "{note}");
            }
            assert_eq!(whole.unreadable, unreadable, "{note}");
        }
    }
    true
}

#[derive(Debug, Clone)]
struct Out {
    sums: Option<Vec<i32>>,
    answered: Vec<i16>,
    bands: Vec<u8>,
    states: Vec<Status>,
    values: Vec<u64>,
    floats: Vec<u32>,
}

fn scored(
    scorer: &Scorer,
    frame: &Frame<'_>,
    rows: std::ops::Range<usize>,
) -> Result<(Vec<Out>, u64), FrameError> {
    let many = rows.len();
    let mut values = vec![vec![7.0_f64; many]; scorer.scales().len()];
    let mut floats = vec![vec![7.0_f32; many]; scorer.scales().len()];
    let mut outs: Vec<Out> = scorer
        .scales()
        .map(|scale| Out {
            sums: (scale.id() != "ratio").then(|| vec![i32::MIN; many]),
            answered: vec![-7; many],
            bands: vec![77; many],
            states: vec![Status::NotAsked; many],
            values: Vec::new(),
            floats: Vec::new(),
        })
        .collect();
    let mut buffers: Vec<ScaleBuffers<'_>> = outs
        .iter_mut()
        .zip(values.iter_mut().zip(&mut floats))
        .map(|(out, (values, floats))| {
            let buffers = ScaleBuffers::new()
                .answered(&mut out.answered[..])
                .bands(&mut out.bands)
                .states(&mut out.states)
                .values(values)
                .values_f32(floats);
            match &mut out.sums {
                Some(sums) => buffers.sums(&mut sums[..]),
                None => buffers,
            }
        })
        .collect();
    let unreadable = scorer.score_frame_into(frame, rows, &mut buffers)?;
    drop(buffers);
    for ((out, values), floats) in outs.iter_mut().zip(values).zip(floats) {
        out.values = values.into_iter().map(f64::to_bits).collect();
        out.floats = floats.into_iter().map(f32::to_bits).collect();
    }
    Ok((outs, unreadable))
}

fn compare(scorer: &Scorer, outs: &[Out], rows: &[Vec<u8>], note: &str) {
    let instrument = scorer.instrument();
    let mut again = scorer.no_scores();
    for (row, bytes) in rows.iter().enumerate() {
        let scores = scorer.score_row(bytes).unwrap();
        scorer.score_row_into(bytes, &mut again).unwrap();
        assert_eq!(
            format!("{:?}", scores.to_record()),
            format!("{:?}", again.to_record()),
            "{note}"
        );
        for ((view, out), other) in scores.iter().zip(outs).zip(again.iter()) {
            let note = || format!("{note}, {} row {row} {bytes:?}", view.scale().id());
            assert_eq!(view.bounds(), other.bounds(), "{}", note());
            assert_eq!(view.band(), other.band(), "{}", note());
            let value = view.value().map_or(f64::NAN, |score| score.to_f64());
            assert_eq!(out.values[row], value.to_bits(), "{}", note());
            assert_eq!(out.floats[row], (value as f32).to_bits(), "{}", note());
            assert_eq!(out.states[row], view.status(), "{}", note());
            let band = view.band().map_or(NO_BAND, |band| band.position() as u8);
            assert_eq!(out.bands[row], band, "{}", note());
            let mut scale = view.scale();
            if let straingauge::instrument::Key::Times { from, .. }
            | straingauge::instrument::Key::Table { from, .. } = scale.key()
            {
                scale = &instrument.scales()[*from];
            }
            let Some(sums) = &out.sums else { continue };
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
            assert_eq!((sums[row], out.answered[row]), (sum, answered), "{}", note());
        }
    }
}

fn by_naive(naive: &Naive, scorer: &Scorer, row: &[u8], min_answered: Option<usize>, note: &str) {
    let answers: Answers = naive
        .items()
        .into_iter()
        .zip(row)
        .map(|(item, byte)| {
            let answer = match Answer::from_byte(*byte) {
                Answer::Code(code) => A::Code(i64::from(code)),
                Answer::Missing(MissingKind::Skipped) => A::Skipped,
                Answer::Missing(MissingKind::Declined) => A::Declined,
                Answer::Missing(MissingKind::NotApplicable) => A::NotApplicable,
                Answer::Missing(MissingKind::NotAsked) => A::NotAsked,
                Answer::Missing(_) => A::Unreadable,
            };
            (item, answer)
        })
        .collect::<BTreeMap<_, _>>();
    let effective = naive.effective(&answers);
    for view in scorer.score_row(row).unwrap().iter() {
        let id = view.scale().id();
        let expected = naive.score(id, &effective, min_answered);
        assert_eq!(view.status().as_str(), expected.status, "{note} {id}");
        let value = expected.value.map(|value| value.f64().to_bits());
        assert_eq!(view.value().ok().map(|v| v.to_f64().to_bits()), value, "{note} {id}");
        let band = expected.value.filter(|_| !expected.dropped);
        let band = band.and_then(|value| naive.band(id, value, None));
        assert_eq!(view.band().map(|band| band.label().to_owned()), band, "{note} {id}");
    }
}

fn often(first: u64, with_gates: bool) {
    let cases: u64 = std::env::var("CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let taken = (first..first + cases).filter(|seed| attack(*seed, with_gates)).count() as u64;
    assert!(taken * 2 > cases, "only {taken} of {cases} files were taken");
}

#[test]
fn random_instruments_in_random_layouts() {
    often(1, false);
}

#[test]
fn random_instruments_with_gates_in_random_layouts() {
    often(1_000_000, true);
}

fn small(responses: &str, items: &[&str], scales: &str) -> Instrument {
    let items: Vec<String> = items
        .iter()
        .enumerate()
        .map(|(at, more)| {
            format!("  {{ id = \"i{at}\", topic = \"x\", responses = \"r\"{more} }},\n")
        })
        .collect();
    let text =
        format!("{HEAD}r = {{ {responses} }}\n[form]\nitems = [\n{}]\n{scales}", items.concat());
    Instrument::parse(&text).unwrap()
}

fn framed<'a>(instrument: &Instrument, columns: &'a [Vec<u8>]) -> Frame<'a> {
    let mut frame = Frame::new(instrument, columns[0].len());
    for (item, column) in instrument.items().iter().zip(columns) {
        frame = frame.column(item.id(), column).unwrap();
    }
    frame
}

/// The same item recoded in two ways, each many at a time.
#[test]
fn an_item_may_count_in_two_ways() {
    let scale = |id: &str, values: &str, range: &str| {
        format!(
            "[[scales]]\nid = \"{id}\"\nsum = [\"i0\", \"i1\"]\nrecode = {{ i0 = {values} }}\nrange = {range}\ndirection = \"neutral\"\n{BASIS}"
        )
    };
    let scales = scale("one", "[0, 5]", "[0, 6]") + &scale("other", "[7, 0]", "[0, 8]");
    let instrument = small("range = [0, 1]", &["", ""], &scales);
    let columns = vec![vec![1; 64], vec![0; 64]];
    let scores = instrument.scorer().score_frame(&framed(&instrument, &columns)).unwrap();
    assert_eq!(scores.scales[0].values, [5.0; 64]);
    assert_eq!(scores.scales[1].values, [0.0; 64]);
}

/// What counts as unreadable is no blank: no gate makes up for it, and as a gate it implies nothing.
#[test]
fn numbers_that_are_no_code_at_gates() {
    let scale = format!(
        "[[scales]]\nid = \"s\"\nsum = [\"i0\", \"i1\"]\nrange = [0, 6]\ndirection = \"neutral\"\n{BASIS}"
    );
    let gate = ", implied = { when = \"i0 >= 2\", code = 1 }";
    let instrument = small("range = [0, 3]", &["", gate], &scale);
    for (gate, own, status) in
        [(2, 77, Status::Unreadable), (77, 254, Status::Unreadable), (1, 77, Status::Unreadable)]
    {
        let columns = vec![vec![gate; 40], vec![own; 40]];
        let frame = framed(&instrument, &columns).not_offered(NotOffered::Unreadable);
        let mut states = [Status::NotAsked; 40];
        let mut answered = [9_u8; 40];
        let mut out = [ScaleBuffers::new().states(&mut states).answered(&mut answered[..])];
        let scorer = instrument.scorer();
        assert_eq!(scorer.score_frame_into(&frame, 0..40, &mut out).unwrap(), 40);
        assert_eq!(states, [status; 40], "{gate} {own}");
        let told = |byte: u8| if byte == 77 { 251 } else { byte };
        let scores = scorer.score_row(&[told(gate), told(own)]).unwrap();
        assert_eq!(scores.get("s").unwrap().status(), status);
        let row = [told(gate), told(own)];
        let given = u8::from(row[0] <= 250) + u8::from(row[1] <= 250);
        assert_eq!(answered, [given; 40], "{gate} {own}");
    }
}

/// Without the items that take points away, a sum is higher than the highest complete one.
#[test]
fn a_sum_of_some_may_be_higher_than_that_of_all() {
    let scale = format!(
        "[[scales]]\nid = \"s\"\nsum = [\"i0\", \"i1\", \"i2\", \"i3\", \"i4\"]\nrange = [-6000, 27800]\ndirection = \"neutral\"\n\
         recode = {{ i0 = [0, 8200], i1 = [0, 8200], i2 = [0, 8200], i3 = [0, 8200], i4 = [-6000, -5000] }}\n{BASIS}"
    );
    let instrument = small("range = [0, 1]", &["", "", "", "", ""], &scale);
    let columns = vec![vec![1_u8], vec![1], vec![1], vec![1], vec![254]];
    let frame = framed(&instrument, &columns);
    let (mut wide, mut narrow) = ([0_i32], [0_i16]);
    let scorer = instrument.scorer();
    scorer.score_frame_into(&frame, 0..1, &mut [ScaleBuffers::new().sums(&mut wide[..])]).unwrap();
    assert_eq!(wide, [32_800]);
    let refused =
        scorer.score_frame_into(&frame, 0..1, &mut [ScaleBuffers::new().sums(&mut narrow[..])]);
    assert!(matches!(refused, Err(FrameError::TooNarrow { .. })), "{refused:?} {narrow:?}");
}

/// Numbers that no `i64` holds are named as they are.
#[test]
fn a_number_beyond_all_codes_is_named_as_it_is() {
    let instrument = straingauge::catalog::get("proqol-5").unwrap();
    for number in [1e300, -1e300] {
        let column = [number];
        let frame = Frame::new(&instrument, 1).column("1", &column).unwrap();
        let error = instrument.scorer().score_frame(&frame).unwrap_err().to_string();
        assert!(!error.contains("922337203685477580"), "{error}");
    }
}

#[test]
fn rows_from_an_iterator_allocate_no_more_for_many_than_for_few() {
    let instrument = straingauge::catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer();
    let counted = |rows: usize| {
        let mut values = vec![vec![0.0; rows]; 3];
        let mut out: Vec<_> =
            values.iter_mut().map(|values| ScaleBuffers::new().values(values)).collect();
        let people = std::iter::repeat_n([1_u8; 30], rows);
        let count = || scorer.score_rows_into(people, &mut out).map(drop).unwrap();
        allocation_counter::measure(count).count_total
    };
    counted(1);
    assert_eq!(counted(100), counted(20_000));
}

/// Where sums no longer fit a byte, and where an item no longer can be recoded to one.
#[test]
fn sums_at_the_ends_of_a_byte() {
    for most in 245..=265 {
        for low in [0, 3] {
            let scale = format!(
                "[[scales]]\nid = \"s\"\nsum = [\"i0\", \"i1\"]\nrecode = {{ i0 = [{low}, {}], i1 = [{low}, {}] }}\nrange = [{}, {}]\ndirection = \"neutral\"\n{BASIS}\
                 [[bands]]\nid = \"b\"\nscales = [\"s\"]\ndefault = true\nsteps = [[{}, \"a\"], [{}, \"b\"]]\n{BASIS}\
                 [[scales]]\nid = \"one\"\nsum = [\"i0\"]\nrecode = {{ i0 = [0, {most}] }}\nrange = [0, {most}]\ndirection = \"neutral\"\n{BASIS}",
                low + 100,
                low + most - 100,
                2 * low,
                2 * low + most,
                2 * low,
                2 * low + most,
            );
            let instrument = small("range = [0, 1]", &["", ""], &scale);
            let columns = vec![vec![1_u8; 64], [vec![1_u8; 32], vec![0; 32]].concat()];
            let (outs, _) =
                scored(&instrument.scorer(), &framed(&instrument, &columns), 0..64).unwrap();
            let rows: Vec<Vec<u8>> =
                (0..64).map(|row| columns.iter().map(|c| c[row]).collect()).collect();
            compare(&instrument.scorer(), &outs, &rows, &format!("{low} {most}"));
        }
    }
}

/// Exact sums in buffers of every width, over codes from 3, from 0 and below nought.
#[test]
fn sums_and_counts_in_every_width() {
    for (low, high, items) in [(3, 6, 40), (0, 5, 9), (-7, -1, 50), (-3, 4, 33)] {
        let ids: Vec<String> = (0..items).map(|at| format!("i{at}")).collect();
        let values: Vec<String> = (low..=high).map(|value| value.to_string()).collect();
        let recode: Vec<String> =
            ids.iter().map(|id| format!("{id} = [{}]", values.join(", "))).collect();
        let scale = format!(
            "[[scales]]\nid = \"s\"\nsum = [{}]\nrecode = {{ {} }}\nrange = [{}, {}]\ndirection = \"neutral\"\n{BASIS}",
            quoted(&ids),
            recode.join(", "),
            low * items,
            high * items
        );
        let instrument =
            small(&format!("range = [0, {}]", high - low), &vec![""; items as usize], &scale);
        let mut dice = Dice(items as u64);
        let mut cell =
            || if dice.once_in(5) { 254 } else { dice.roll((high - low + 1) as usize) as u8 };
        let columns: Vec<Vec<u8>> = (0..items).map(|_| (0..70).map(|_| cell()).collect()).collect();
        let frame = framed(&instrument, &columns);
        let exact: Vec<(i32, i32)> = (0..70)
            .map(|row| {
                let given = columns.iter().map(|c| c[row]).filter(|byte| *byte <= 250);
                given.fold((0, 0), |(sum, many), byte| (sum + i32::from(byte) + low, many + 1))
            })
            .collect();
        let scorer = instrument.scorer();
        let (mut sums, mut many) = ([9_i32; 70], [9_i32; 70]);
        let mut out = [ScaleBuffers::new().sums(&mut sums[..]).answered(&mut many[..])];
        scorer.score_frame_into(&frame, 0..70, &mut out).unwrap();
        assert!(exact.iter().copied().eq(sums.into_iter().zip(many)), "{low}");
        let (mut sums, mut many) = ([9_i16; 70], [9_u8; 70]);
        let mut out = [ScaleBuffers::new().sums(&mut sums[..]).answered(&mut many[..])];
        scorer.score_frame_into(&frame, 0..70, &mut out).unwrap();
        let pairs = sums.into_iter().zip(many).map(|(s, n)| (i32::from(s), i32::from(n)));
        assert!(exact.iter().copied().eq(pairs), "{low}");
        let mut sums = [9_u8; 70];
        let mut out = [ScaleBuffers::new().sums(&mut sums[..])];
        match scorer.score_frame_into(&frame, 0..70, &mut out) {
            Ok(_) => {
                assert!(low >= 0 && high * items <= 255);
                assert!(exact.iter().map(|(sum, _)| *sum).eq(sums.into_iter().map(i32::from)));
            }
            Err(error) => {
                assert!(low < 0 || high * items > 255, "{error}");
                // No answer at all sums to nought.
                let range =
                    format!("cannot hold {} to {};", (low * items).min(0), (high * items).max(0));
                assert!(error.to_string().contains(&range), "{error}");
            }
        }
    }
}

/// The number for a missing answer may be a code of an item that has no column.
#[test]
fn a_missing_number_is_no_code_of_what_was_asked() {
    let mut text = format!(
        "{HEAD}one = {{ range = [1, 5] }}\nnought = {{ range = [0, 4] }}\n[form]\nitems = [\n"
    );
    text.push_str("  { id = \"a\", topic = \"x\", responses = \"one\" },\n  { id = \"b\", topic = \"x\", responses = \"nought\" },\n]\n");
    text.push_str(&format!(
        "[[scales]]\nid = \"s\"\nsum = [\"a\"]\nrange = [1, 5]\ndirection = \"neutral\"\n{BASIS}\
         [[scales]]\nid = \"t\"\nsum = [\"b\"]\nrange = [0, 4]\ndirection = \"neutral\"\n{BASIS}"
    ));
    let instrument = Instrument::parse(&text).unwrap();
    let coding = |number| Coding::Missing { number, kind: MissingKind::Skipped };
    let frame = Frame::new(&instrument, 1).coded(coding(0)).unwrap();
    let frame = frame.column("a", &[0_u8]).unwrap();
    let refused = frame.clone().column("b", &[0_u8]).unwrap_err();
    assert_eq!(refused, AnswerError::MissingIsCode { item: "b".into(), code: 0 });
    assert_eq!(
        frame.clone().coded(coding(5)).unwrap_err(),
        AnswerError::MissingIsCode { item: "a".into(), code: 5 }
    );
    let scores = instrument.scorer().score_frame(&frame).unwrap();
    assert_eq!(scores.scales[0].states, [Status::TooFewAnswered]);
    assert_eq!(scores.scales[1].states, [Status::NotAsked]);
}

/// What counts as unreadable decides no criterion either.
#[test]
fn criteria_of_numbers_that_are_no_code() {
    let instrument = straingauge::catalog::get("phq-9").unwrap();
    let columns: Vec<Vec<u8>> = instrument.items().iter().map(|_| vec![9_u8, 1, 251]).collect();
    let frame = framed(&instrument, &columns).not_offered(NotOffered::Unreadable);
    let scorer = instrument.scorer();
    let scores = scorer.score_frame(&frame).unwrap();
    assert_eq!(scores.unreadable, instrument.items().len() as u64);
    for (row, byte) in [251_u8, 1, 251].into_iter().enumerate() {
        let single = scorer.score_row(&vec![byte; instrument.items().len()]).unwrap();
        let outcomes: Vec<_> = scores.criteria.iter().map(|column| column[row]).collect();
        assert_eq!(outcomes, single.criteria().map(|c| c.outcome()).collect::<Vec<_>>());
    }
}

#[test]
fn a_row_takes_each_item_once_and_codes_alone() {
    let instrument = straingauge::catalog::get("proqol-5").unwrap();
    let mut row = instrument.item_row();
    for code in [0, 6, 64, 65, 251, 254, 256, 257, -1, i64::MAX] {
        let refused = row.enter("7", code).unwrap_err();
        assert!(matches!(refused, AnswerError::CodeNotOffered { found, .. } if found == code));
    }
    row.enter("7", 5).unwrap();
    assert_eq!(row.enter("7", 4), Err(AnswerError::EnteredTwice { item: "7".into() }));
    let twice = row.enter_missing("7", MissingKind::Skipped);
    assert_eq!(twice, Err(AnswerError::EnteredTwice { item: "7".into() }));
    assert_eq!(row.answer("7"), Some(Answer::Code(5)));
    assert!(matches!(row.enter("31", 1), Err(AnswerError::NoSuchItem { .. })));
    row.enter("1", 1).unwrap();
    row.clear();
    assert_eq!(row.as_bytes(), [255; 30]);
    row.enter_missing("7", MissingKind::Declined).unwrap();
    let mut expected = [255; 30];
    expected[6] = 253;
    assert_eq!(row.as_bytes(), expected);
}

/// Scores of another scorer are overwritten whole, and an error leaves them as they were.
#[test]
fn scores_of_another_scorer() {
    let (phq, gad) = ("phq-9", "gad-7");
    let [phq, gad] = [phq, gad].map(|id| straingauge::catalog::get(id).unwrap());
    let mut scores = phq.scorer().no_scores();
    let scorer = gad.scorer();
    let row = vec![1_u8; gad.items().len()];
    scorer.score_row_into(&row, &mut scores).unwrap();
    let record = |scores: &straingauge::score::Scores| format!("{:?}", scores.to_record());
    let expected = record(&scorer.score_row(&row).unwrap());
    assert_eq!(record(&scores), expected);
    for wrong in [vec![9_u8; row.len()], vec![1; row.len() - 1], vec![1; row.len() + 1]] {
        assert!(scorer.score_row_into(&wrong, &mut scores).is_err());
        assert_eq!(record(&scores), expected);
    }
}

/// A column that is narrowed beside one that lies as bytes: each keeps its own missing numbers.
#[test]
fn missing_kinds_are_no_codes_whatever_lies_beside() {
    let scale = |id: &str, recode: &str| {
        format!(
            "[[scales]]\nid = \"{id}\"\nsum = [\"i0\", \"i1\"]\n{recode}direction = \"neutral\"\n{BASIS}"
        )
    };
    for recode in [
        "range = [2, 10]\n",
        "range = [0, 14]\nrecode = { i0 = [0, 7, 2, 4, 1], i1 = [0, 7, 2, 4, 1] }\n",
    ] {
        let instrument = small("range = [1, 5]", &["", ""], &scale("s", recode));
        let scorer = instrument.scorer();
        for odd in [251, 252, 253, 254, 255] {
            let (one, other) = ([1_i16; 64], [[1_u8; 63].as_slice(), &[odd]].concat());
            let mut frame = Frame::new(&instrument, 64).coded(Coding::Codes).unwrap();
            frame = frame.column("i0", &one).unwrap().column("i1", &other).unwrap();
            let error = scorer.score_frame(&frame).unwrap_err().to_string();
            assert!(error.starts_with("row 64: item `i1` does not offer 25"), "{error}");
            let mut frame = Frame::new(&instrument, 64).coded(Coding::Codes).unwrap();
            frame = frame.column("i0", &other).unwrap().column("i1", &one).unwrap();
            let error = scorer.score_frame(&frame).unwrap_err().to_string();
            assert!(error.starts_with("row 64: item `i0` does not offer 25"), "{error}");
            let mut rows = vec![1_u8; 128];
            rows[9] = odd;
            let frame = Frame::from_rows(&instrument, &rows).unwrap().coded(Coding::Codes).unwrap();
            let error = scorer.score_frame(&frame).unwrap_err().to_string();
            assert!(error.starts_with("row 5: item `i1` does not offer 25"), "{error}");
        }
    }
}

/// Each missing kind alone among answers, so that no other one takes the block from the fast lane.
#[test]
fn one_missing_kind_alone() {
    let gate = ", implied = { when = \"i0 = 5\", code = 1 }";
    for recode in ["range = [3, 15]\n", "range = [2, 17]\nrecode = { i1 = [0, 7, 2, 4, 1] }\n"] {
        let scale = format!(
            "[[scales]]\nid = \"s\"\nsum = [\"i0\", \"i1\", \"i2\"]\n{recode}direction = \"neutral\"\n{BASIS}"
        );
        for gate in ["", gate] {
            let instrument = small("range = [1, 5]", &["", gate, ""], &scale);
            let scorer = instrument.scorer();
            for kind in KINDS {
                for item in 0..3 {
                    let mut columns = vec![[vec![5_u8; 48], vec![4; 48]].concat(); 3];
                    for row in [3, 60] {
                        columns[item][row] = Answer::Missing(kind).to_byte();
                    }
                    let frame = framed(&instrument, &columns);
                    let (outs, _) = scored(&scorer, &frame, 0..96).unwrap();
                    let rows: Vec<Vec<u8>> =
                        (0..96).map(|row| columns.iter().map(|c| c[row]).collect()).collect();
                    compare(&scorer, &outs, &rows, &format!("{kind:?} {item}"));
                }
            }
        }
    }
}

/// More missing answers than a byte counts.
#[test]
fn hundreds_of_items_and_no_answer() {
    for items in [253, 254, 255, 256, 257, 300, 512, 1000] {
        let ids: Vec<String> = (0..items).map(|at| format!("i{at}")).collect();
        let scale = format!(
            "[[scales]]\nid = \"s\"\nsum = [{}]\nrange = [0, {items}]\ndirection = \"neutral\"\n{BASIS}",
            quoted(&ids)
        );
        let instrument = small("range = [0, 1]", &vec![""; items], &scale);
        let columns = vec![[vec![254_u8; 32], vec![1; 40]].concat(); items];
        let (outs, _) =
            scored(&instrument.scorer(), &framed(&instrument, &columns), 0..72).unwrap();
        let rows: Vec<Vec<u8>> =
            [31, 32].map(|row| columns.iter().map(|c| c[row]).collect()).into();
        let two = |out: &Out| Out {
            sums: out.sums.as_ref().map(|sums| sums[31..33].to_vec()),
            answered: out.answered[31..33].to_vec(),
            bands: out.bands[31..33].to_vec(),
            states: out.states[31..33].to_vec(),
            values: out.values[31..33].to_vec(),
            floats: out.floats[31..33].to_vec(),
        };
        let outs: Vec<Out> = outs.iter().map(two).collect();
        compare(&instrument.scorer(), &outs, &rows, &format!("{items}"));
    }
}

/// A ratio counts the answers to both its scales, and looks at both where it is reported alone.
#[test]
fn both_scales_of_a_ratio() {
    let part = |id: &str, item: &str| {
        format!(
            "[[scales]]\nid = \"{id}\"\nsum = [\"{item}\"]\nrange = [1, 5]\ndirection = \"neutral\"\n{BASIS}"
        )
    };
    let scales = part("above", "i0")
        + &part("below", "i1")
        + &format!(
            "[[scales]]\nid = \"ratio\"\nratio = [\"above\", \"below\"]\nrange = [0.2, 5]\ndirection = \"neutral\"\n{BASIS}"
        )
        + "[[variants]]\nid = \"alone\"\ntitle = \"x\"\nscales = [\"ratio\"]\n"
        + BASIS;
    let instrument = small("range = [1, 5]", &["", ""], &scales);
    let scorer = instrument.scorer_with(&ScoreOptions::new().variant("alone")).unwrap();
    let mut columns = vec![vec![1_u8, 2, 254, 4], vec![2, 254, 254, 4]];
    let mut answered = [9_u8; 4];
    let mut out = [ScaleBuffers::new().answered(&mut answered[..])];
    scorer.score_frame_into(&framed(&instrument, &columns), 0..4, &mut out).unwrap();
    assert_eq!(answered, [2, 1, 0, 2]);
    for item in 0..2 {
        let sound = std::mem::replace(&mut columns[item][3], 0);
        let error = scorer.score_frame(&framed(&instrument, &columns)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("row 4: item `i{item}` does not offer 0;")), "{error}");
        columns[item][3] = sound;
    }
}
