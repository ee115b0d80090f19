//! The crate's scores against a scorer written a second time from the raw file (`naive`), on every
//! built-in instrument and on instruments made at random, small enough to try every completion.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

mod naive;

use std::collections::{BTreeMap, BTreeSet};

use naive::{A, Answers, Naive, Q};
use proptest::prelude::*;
use straingauge::answers::{Columns, Sheet};
use straingauge::catalog;
use straingauge::instrument::{self, Exact, Instrument};
use straingauge::score::{NO_BAND, ScoreOptions, Scorer, Scores};

/// Small, fast and the same everywhere.
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
    /// Some of the list, in an order of its own, at least `least`.
    fn some<T: Clone>(&mut self, from: &[T], least: usize) -> Vec<T> {
        let mut rest = from.to_vec();
        let many = least + self.roll(from.len() + 1 - least);
        (0..many).map(|_| rest.swap_remove(self.roll(rest.len()))).collect()
    }
}

/// A sheet in which one answer in `missing` is missing, by one kind in `kinds`.
fn random_sheet(naive: &Naive, dice: &mut Dice, missing: usize, kinds: &[A]) -> Answers {
    naive
        .items()
        .into_iter()
        .map(|item| {
            let code = A::Code(*dice.pick(&naive.codes(&item)));
            let answer = if dice.once_in(missing) { *dice.pick(kinds) } else { code };
            (item, answer)
        })
        .collect()
}

fn sheet(instrument: &Instrument, naive: &Naive, answers: &Answers) -> Sheet {
    let words: Vec<String> = naive.items().iter().map(|item| answers[item].word()).collect();
    Sheet::from_text(instrument, &words.join(" ")).unwrap()
}

fn q(exact: Exact) -> Q {
    Q(i128::from(exact.numerator()), i128::from(exact.denominator()))
}

/// Values, statuses, counts and bands of a sheet, from both scorers.
fn compare(
    naive: &Naive,
    scores: &Scores,
    answers: &Answers,
    min_answered: Option<usize>,
    set: Option<&str>,
) {
    let effective = naive.effective(answers);
    for view in scores.iter() {
        let id = view.scale().id();
        let expected = naive.score(id, &effective, min_answered);
        let note =
            || format!("{} {id} of {answers:?}: {expected:?}", naive.0["id"].as_str().unwrap());
        assert_eq!(view.status().as_str(), expected.status, "{}", note());
        let value = view.value().ok();
        assert_eq!(value.map(|score| q(score.exact())), expected.value, "{}", note());
        if let (Some(score), Some(value)) = (value, expected.value) {
            assert_eq!(score.to_f64().to_bits(), value.f64().to_bits(), "{}", note());
            assert_eq!(
                (score.answered(), score.items()),
                (expected.answered, expected.items),
                "{}",
                note()
            );
        }
        let band = expected.value.filter(|_| !expected.dropped);
        let band = band.and_then(|value| naive.band(id, value, set));
        assert_eq!(view.band().map(|band| band.label().to_owned()), band, "{}", note());
    }
}

/// Every way to answer `open` items, each from its own codes.
fn completions<'a>(
    naive: &'a Naive,
    answers: &'a Answers,
    open: &'a [String],
) -> impl Iterator<Item = Answers> + 'a {
    let codes: Vec<Vec<i64>> = open.iter().map(|item| naive.codes(item)).collect();
    let many: usize = codes.iter().map(Vec::len).product();
    (0..many).map(move |mut at| {
        let mut whole = answers.clone();
        for (item, codes) in open.iter().zip(&codes) {
            whole.insert(item.clone(), A::Code(codes[at % codes.len()]));
            at /= codes.len();
        }
        whole
    })
}

fn missing_of(answers: &Answers) -> Vec<String> {
    answers.iter().filter(|(_, a)| a.code().is_none()).map(|(item, _)| item.clone()).collect()
}

/// The items that a scale's missing answers leave open: what does not apply is out where it drops.
fn open_of(naive: &Naive, scale: &str, effective: &Answers) -> Vec<String> {
    let sources = naive.sources(scale);
    if !sources.is_empty() {
        return sources.iter().flat_map(|source| open_of(naive, source, effective)).collect();
    }
    let drops = naive.drops(scale);
    let open = |item: &String| match effective[item] {
        A::Code(_) => false,
        A::NotApplicable => !drops,
        _ => true,
    };
    naive.items_of(scale).into_iter().filter(open).collect()
}

/// Lowest and highest value over every completion, where there is one.
fn bounds_by_exhaustion(
    naive: &Naive,
    scale: &str,
    effective: &Answers,
    min_answered: Option<usize>,
) -> Option<(Q, Q)> {
    let open = open_of(naive, scale, effective);
    let values: Option<Vec<Q>> = completions(naive, effective, &open)
        .map(|whole| naive.score(scale, &whole, min_answered).value)
        .collect();
    let values = values?;
    Some((*values.iter().min()?, *values.iter().max()?))
}

fn outcome_by_exhaustion(naive: &Naive, criterion: &str, effective: &Answers) -> &'static str {
    let open = missing_of(effective);
    let met: BTreeSet<bool> =
        completions(naive, effective, &open).map(|whole| naive.met(criterion, &whole)).collect();
    match (met.contains(&true), met.contains(&false)) {
        (true, true) => "undetermined",
        (true, false) => "met",
        _ => "not-met",
    }
}

/// Single and batch, bit for bit, criteria too.
fn single_equals_batch(scorer: &Scorer, rows: &[Vec<u8>]) {
    let items = scorer.instrument().items();
    let columns: Vec<Vec<u8>> =
        (0..items.len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let mut table = Columns::new(scorer.instrument(), rows.len());
    for (item, column) in items.iter().zip(&columns) {
        // A column in which nobody was asked may as well be left out.
        if !column.iter().all(|byte| *byte == 255) {
            table = table.column(item.id(), column).unwrap();
        }
    }
    let batch = scorer.score_columns(&table).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let single = scorer.score_row(row).unwrap();
        assert_eq!(single.iter().count(), batch.scales.len());
        for (view, column) in single.iter().zip(&batch.scales) {
            assert_eq!(view.scale().id(), column.scale);
            assert_eq!(view.status(), column.states[at]);
            let value = view.value().map_or(f64::NAN, |score| score.to_f64());
            assert_eq!(value.to_bits(), column.values[at].to_bits());
            let band = view.band().map_or(NO_BAND, |band| u8::try_from(band.position()).unwrap());
            assert_eq!(band, column.bands[at]);
        }
        assert_eq!(single.criteria().count(), batch.criteria.len());
        for (view, column) in single.criteria().zip(&batch.criteria) {
            assert_eq!(view.outcome(), column[at], "{}", view.criterion().id());
        }
    }
}

fn built_ins() -> Vec<(&'static Instrument, Naive)> {
    catalog::VERSIONS
        .iter()
        .map(|file| (file.instrument().unwrap(), Naive::new(file.text())))
        .collect()
}

fn codes_of(naive: &Naive) -> usize {
    naive.items().iter().map(|item| naive.codes(item).len()).sum()
}

/// So many cases, or as many as `PROPTEST_CASES` says.
fn often(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = asked.unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(24))]

    /// Every built-in, on sheets with and without missing answers, under rules of the caller's too.
    #[test]
    fn built_ins_score_as_the_file_says(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        for (instrument, naive) in built_ins() {
            let min_answered = if dice.once_in(2) { Some(1 + dice.roll(10)) } else { None };
            let mut options = ScoreOptions::new();
            if let Some(min) = min_answered {
                options = options.min_answered(u16::try_from(min).unwrap());
            }
            let sets: Vec<String> = naive.band_tables().into_iter().map(|(id, ..)| id).collect();
            let set = if sets.is_empty() || dice.once_in(2) { None } else { Some(dice.pick(&sets).clone()) };
            if let Some(set) = &set {
                options = options.bands(set);
            }
            let variants = naive.variants();
            let mut reported = naive.plain_scales();
            if !variants.is_empty() && dice.once_in(2) {
                let (id, scales) = dice.pick(&variants).clone();
                (options, reported) = (options.variant(id), scales);
            }
            for criterion in naive.criterion_ids() {
                options = options.criterion(criterion);
            }
            let scorer = instrument.scorer_with(&options).unwrap();
            let names: Vec<String> = scorer.scales().map(|scale| scale.id().to_owned()).collect();
            prop_assert_eq!(&names, &reported);
            let mut rows = Vec::new();
            for missing in [usize::MAX, 30, 8, 3] {
                let kinds = if dice.once_in(2) { &A::MISSING[..] } else { &A::MISSING[..2] };
                let answers = random_sheet(&naive, &mut dice, missing, kinds);
                let sheet = sheet(instrument, &naive, &answers);
                let scores = scorer.score(&sheet).unwrap();
                compare(&naive, &scores, &answers, min_answered, set.as_deref());
                rows.push(sheet.as_bytes().to_vec());
                let effective = naive.effective(&answers);
                let open = missing_of(&effective);
                let mut whole = effective.clone();
                for _ in 0..6 {
                    for item in &open {
                        whole.insert(item.clone(), A::Code(*dice.pick(&naive.codes(item))));
                    }
                    // No completion contradicts what was said, and each lies within the bounds.
                    for view in scores.criteria() {
                        let met = naive.met(view.criterion().id(), &whole);
                        let said = view.outcome().as_str();
                        prop_assert!(
                            said == if met { "met" } else { "not-met" } || (said == "undetermined" && !open.is_empty()),
                            "{} is {said}, met by a completion: {met}", view.criterion().id()
                        );
                    }
                    for view in scores.iter() {
                        let open = open_of(&naive, view.scale().id(), &effective);
                        let mut some = effective.clone();
                        some.extend(open.iter().map(|item| (item.clone(), whole[item])));
                        let value = naive.score(view.scale().id(), &some, min_answered).value;
                        if let (Some(value), Some((low, high))) = (value, view.bounds()) {
                            prop_assert!(q(low) <= value && value <= q(high), "{} {value:?}", view.scale().id());
                        } else {
                            prop_assert!(value.is_none(), "{} has no bounds", view.scale().id());
                        }
                    }
                }
            }
            single_equals_batch(&scorer, &rows);
        }
    }

    /// Permuting rows permutes columns and changes nothing else; more rows than one block.
    #[test]
    fn rows_do_not_know_their_neighbours(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let all = built_ins();
        let (instrument, naive) = dice.pick(&all);
        let scorer = instrument.scorer();
        let some: Vec<Vec<u8>> = (0..40)
            .map(|_| sheet(instrument, naive, &random_sheet(naive, &mut dice, 12, &A::MISSING)).as_bytes().to_vec())
            .collect();
        let rows: Vec<&Vec<u8>> = (0..5000).map(|_| dice.pick(&some)).collect();
        let score = |rows: &[&Vec<u8>]| {
            let columns: Vec<Vec<u8>> =
                (0..some[0].len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
            let mut table = Columns::new(instrument, rows.len());
            for (item, column) in instrument.items().iter().zip(&columns) {
                table = table.column(item.id(), column).unwrap();
            }
            scorer.score_columns(&table).unwrap()
        };
        let (forward, backward) = (score(&rows), score(&rows.iter().rev().copied().collect::<Vec<_>>()));
        for (one, other) in forward.scales.iter().zip(&backward.scales) {
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let turned: Vec<f64> = other.values.iter().rev().copied().collect();
            prop_assert_eq!(bits(&one.values), bits(&turned));
            prop_assert!(one.states.iter().eq(other.states.iter().rev()));
            prop_assert!(one.bands.iter().eq(other.bands.iter().rev()));
        }
        for (one, other) in forward.criteria.iter().zip(&backward.criteria) {
            prop_assert!(one.iter().eq(other.iter().rev()));
        }
        let distinct: Vec<Vec<u8>> = some.clone();
        single_equals_batch(&scorer, &distinct);
    }
}

const BASIS: &str = "basis = { source = \"s\", origin = \"author\", grade = \"A\" }\n";

fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
}

/// A decimal of at most six places, as a file would write a range.
fn written(value: Q) -> String {
    let scaled = value.f64() * 1e6;
    (scaled.round() / 1e6).to_string()
}

/// A small instrument made at random: every verb, key, missing rule, gate, and criteria of every
/// shape whose tests share items, scales and each other. It always loads, or the test fails.
fn random_definition(dice: &mut Dice) -> String {
    let mut head = String::from(
        "format = 1\nid = \"x\"\nversion = \"1.0.0\"\ntitle = \"x\"\nedition = \"x\"\nauthors = [\"x\"]\nmeasures = [\"stress\"]\n\
         [licence]\nclass = \"open\"\nholder = \"x\"\nterms = \"x\"\nchecked = \"2026-01-01\"\nask-first-for = []\n\
         [sources]\ns = { title = \"x\" }\n[responses]\n\
         yes = { options = [[1, \"a\"], [0, \"b\"]] }\n\
         even = { range = [0, 3] }\n\
         gaps = { options = [[0, \"a\"], [1, \"b\"], [4, \"c\"]] }\n\
         up = { options = [[1, \"a\"], [2, \"b\"], [3, \"c\"]], not-applicable = \"d\" }\n\
         [form]\nitems = [\n",
    );
    let many = 3 + dice.roll(3);
    let items: Vec<String> = (0..many).map(|at| format!("i{at}")).collect();
    let sets: Vec<&str> =
        items.iter().map(|_| *dice.pick(&["yes", "even", "gaps", "up", "up"])).collect();
    let codes = |at: usize| match sets[at] {
        "yes" => vec![1, 0],
        "even" => vec![0, 1, 2, 3],
        "gaps" => vec![0, 1, 4],
        _ => vec![1, 2, 3],
    };
    for (at, item) in items.iter().enumerate() {
        let gate = if at > 0 && dice.once_in(4) {
            let (first, code) = (*dice.pick(&codes(0)), *dice.pick(&codes(at)));
            let op = *dice.pick(&["=", "!="]);
            format!(", implied = {{ when = \"i0 {op} {first}\", code = {code} }}")
        } else {
            String::new()
        };
        head.push_str(&format!(
            "  {{ id = \"{item}\", topic = \"x\", responses = \"{}\"{gate}, unscored = true }},\n",
            sets[at]
        ));
    }
    head.push_str("]\n");
    let number = |item: &String| item[1..].parse::<usize>().unwrap();
    let keys = |dice: &mut Dice, own: &[String]| {
        let (mut reverse, mut recode) = (Vec::new(), Vec::new());
        for item in own {
            let codes = codes(number(item));
            match dice.roll(4) {
                0 if sets[number(item)] != "gaps" => reverse.push(item.clone()),
                1 => {
                    let values: Vec<String> =
                        codes.iter().map(|_| (dice.roll(9) as i64 - 2).to_string()).collect();
                    recode.push(format!("{item} = [{}]", values.join(", ")));
                }
                _ => {}
            }
        }
        format!("reverse = [{}]\nrecode = {{ {} }}\n", quoted(&reverse), recode.join(", "))
    };
    let mut scales: Vec<(String, String)> = Vec::new();
    let own = dice.some(&items, 2);
    let drop = |dice: &mut Dice| if dice.once_in(3) { "not-applicable = \"drop\"\n" } else { "" };
    let text = format!("sum = [{}]\n{}{}", quoted(&own), keys(dice, &own), drop(dice));
    scales.push(("sum".into(), text));
    let other = dice.some(&items, 1);
    let text = format!("mean = [{}]\n{}{}", quoted(&other), keys(dice, &other), drop(dice));
    scales.push(("mean".into(), text));
    let rest: Vec<String> = items.iter().filter(|item| !own.contains(item)).cloned().collect();
    if !rest.is_empty() {
        let mut parts = vec!["sum".to_owned()];
        parts.extend(dice.some(&rest, 1));
        let verb = *dice.pick(&["sum", "mean"]);
        scales.push(("nested".into(), format!("{verb} = [{}]\n{}", quoted(&parts), drop(dice))));
    }
    let (from, times) = (*dice.pick(&["sum", "mean"]), *dice.pick(&["0.5", "2", "3.7"]));
    scales.push(("times".into(), format!("from = \"{from}\"\ntimes = {times}\n")));
    let ups: Vec<String> =
        items.iter().filter(|item| sets[number(item)] == "up").cloned().collect();
    if ups.len() >= 2 {
        let cut = 1 + dice.roll(ups.len() - 1);
        let verb = *dice.pick(&["sum", "mean"]);
        scales
            .push(("above".into(), format!("{verb} = [{}]\n{}", quoted(&ups[..cut]), drop(dice))));
        scales.push(("below".into(), format!("sum = [{}]\n{}", quoted(&ups[cut..]), drop(dice))));
        scales.push(("ratio".into(), "ratio = [\"above\", \"below\"]\n".into()));
    }
    // The ranges, missing rules and table need what the keys so far come to.
    let draft = |scales: &[(String, String)]| {
        scales.iter().fold(head.clone(), |text, (id, body)| {
            text + &format!("[[scales]]\nid = \"{id}\"\n{body}")
        })
    };
    let naive = Naive::new(&draft(&scales));
    let nothing: Answers = items.iter().map(|item| (item.clone(), A::Skipped)).collect();
    let mut values: BTreeMap<String, BTreeSet<Q>> = BTreeMap::new();
    for whole in completions(&naive, &nothing, &items) {
        for (id, _) in &scales {
            values
                .entry(id.clone())
                .or_default()
                .insert(naive.score(id, &whole, None).value.unwrap());
        }
    }
    let ends = |values: &BTreeSet<Q>| (*values.first().unwrap(), *values.last().unwrap());
    let (low, high) = ends(&values["sum"]);
    let (low, high) = (low.0 / low.1, high.0 / high.1);
    let falls = dice.once_in(2);
    let mut at = if falls { 9000 } else { -300 };
    let table: Vec<i64> = (low..=high)
        .map(|_| {
            at += (1 + dice.roll(40) as i64) * if falls { -1 } else { 1 };
            at
        })
        .collect();
    let entry =
        |value: &Q| Q(i128::from(table[usize::try_from(value.0 / value.1 - low).unwrap()]), 10);
    let converted: BTreeSet<Q> = values["sum"].iter().map(entry).collect();
    let print: Vec<String> = table.iter().map(|n| (*n as f64 / 10.0).to_string()).collect();
    scales.push(("table".into(), format!("from = \"sum\"\ntable = [{}]\n", print.join(", "))));
    values.insert("table".into(), converted);
    for (id, body) in &mut scales {
        let terms = if naive.scale_ids().contains(id) && naive.sources(id).is_empty() {
            naive.terms(id)
        } else {
            Vec::new()
        };
        let range = |values: &BTreeMap<i64, i64>| {
            (*values.values().min().unwrap(), *values.values().max().unwrap())
        };
        let alike = terms.iter().all(|(_, values)| range(values) == range(&terms[0].1));
        if !terms.is_empty() && alike && dice.once_in(2) {
            let needs = 1 + dice.roll(terms.len());
            body.push_str(&format!("missing = {{ needs = {needs}, {} }}\n", BASIS.trim()));
        }
        let (low, high) = ends(&values[id]);
        body.push_str(&format!(
            "range = [{}, {}]\ndirection = \"neutral\"\n{BASIS}",
            written(low),
            written(high)
        ));
    }
    let used: BTreeSet<String> = scales
        .iter()
        .filter(|(id, _)| naive.scale_ids().contains(id))
        .flat_map(|(id, _)| naive.items_of(id))
        .collect();
    let mut text = draft(&scales);
    for item in &used {
        let line = format!("{{ id = \"{item}\", ");
        let at = text.find(&line).unwrap();
        let end = at + text[at..].find(", unscored = true").unwrap();
        text.replace_range(end..end + ", unscored = true".len(), "");
    }
    // Bands at values that some sheet reaches.
    for (id, values) in &values {
        if values.len() > 2 && dice.once_in(2) {
            let values: Vec<Q> = values.iter().copied().collect();
            let edge = values[1 + dice.roll(values.len() - 1)];
            if written(edge) != written(values[0])
                && Q::printed(&written(edge)) <= *values.last().unwrap()
            {
                text.push_str(&format!(
                    "[[bands]]\nid = \"bands\"\nscales = [\"{id}\"]\ndefault = true\nsteps = [[{}, \"low\"], [{}, \"high\"]]\n{BASIS}",
                    written(values[0]),
                    written(edge)
                ));
            }
        }
    }
    // Criteria: tests that can go either way.
    let mut tests: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let mut codes = codes(at);
        codes.sort_unstable();
        for code in &codes {
            tests.push(format!("{item} = {code}"));
            tests.push(format!("{item} != {code}"));
            if *code > codes[0] {
                tests.push(format!("{item} >= {code}"));
                tests.push(format!("{item}<{code}"));
            } else {
                tests.push(format!("{item} > {code}"));
                tests.push(format!("{item} <= {code}"));
            }
        }
    }
    for (id, values) in &values {
        let (low, high) = ends(values);
        for value in values {
            let value = Q::printed(&written(*value));
            if low < value && value < high {
                let op = *dice.pick(&[">=", ">", "<=", "<"]);
                tests.push(format!("{id} {op} {}", written(value)));
            }
        }
    }
    for at in 0..6 {
        let parts: Vec<String> = (0..1 + dice.roll(4))
            .map(|_| {
                if at > 0 && dice.once_in(3) {
                    format!("c{}", dice.roll(at))
                } else {
                    dice.pick(&tests).clone()
                }
            })
            .collect();
        let many = parts.len();
        let shape = match dice.roll(4) {
            0 => format!("all = [{}]", quoted(&parts)),
            1 => format!("any = [{}]", quoted(&parts)),
            2 => format!("none = [{}]", quoted(&parts)),
            _ => {
                let low = dice.roll(many + 1);
                let high = low + dice.roll(many + 1 - low);
                if low == 0 && high == many {
                    format!("of = [{}]\nat-most = 0", quoted(&parts))
                } else {
                    format!("of = [{}]\nat-least = {low}\nat-most = {high}", quoted(&parts))
                }
            }
        };
        text.push_str(&format!("[[criteria]]\nid = \"c{at}\"\n{shape}\n{BASIS}"));
    }
    text
}

fn check_random_instrument(seed: u64) {
    let mut dice = Dice(seed);
    let text = random_definition(&mut dice);
    let instrument =
        Instrument::parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    let naive = Naive::new(&text);
    let min_answered = if dice.once_in(3) { Some(1 + dice.roll(3)) } else { None };
    let mut options = ScoreOptions::new();
    if let Some(min) = min_answered {
        options = options.min_answered(u16::try_from(min).unwrap());
    }
    let scorer = instrument.scorer_with(&options).unwrap();
    // The declared range is the range that complete sheets reach.
    let mut rows = Vec::new();
    for round in 0..8 {
        let answers =
            random_sheet(&naive, &mut dice, [2, 3, 3, 9][round % 4], &A::MISSING[..2 + round % 4]);
        let sheet = sheet(&instrument, &naive, &answers);
        let scores = scorer.score(&sheet).unwrap();
        compare(&naive, &scores, &answers, min_answered, None);
        let effective = naive.effective(&answers);
        for view in scores.iter() {
            let id = view.scale().id();
            let bounds = view.bounds().map(|(low, high)| (q(low), q(high)));
            let expected = bounds_by_exhaustion(&naive, id, &effective, min_answered);
            assert_eq!(bounds, expected, "seed {seed}: bounds of {id} of {answers:?}\n{text}");
            if let Ok(score) = view.value() {
                let value = q(score.exact());
                if view.items() == naive.items_of(id).len() {
                    let (low, high) = view.scale().range();
                    assert!(
                        q(low) <= value && value <= q(high),
                        "seed {seed}: {id} leaves its range"
                    );
                    let (low, high) = expected.unwrap();
                    assert!(
                        low <= value && value <= high,
                        "seed {seed}: {id} leaves its bounds\n{text}\n{answers:?}"
                    );
                }
                if let Some(band) = view.band() {
                    // Certain exactly if every completion of the answers lies in the same band.
                    let (low, high) = expected.unwrap();
                    let certain = [low, high]
                        .iter()
                        .all(|end| naive.band(id, *end, None).as_deref() == Some(band.label()));
                    assert_eq!(band.is_certain(), certain, "seed {seed}: {id}");
                }
            }
        }
        for view in scores.criteria() {
            let id = view.criterion().id();
            let expected = outcome_by_exhaustion(&naive, id, &effective);
            assert_eq!(
                view.outcome().as_str(),
                expected,
                "seed {seed}: {id} of {answers:?}\n{text}"
            );
        }
        let record = scores.to_record();
        record.verify(&instrument, &sheet).unwrap();
        rows.push(sheet.as_bytes().to_vec());
    }
    single_equals_batch(&scorer, &rows);
}

proptest! {
    #![proptest_config(often(250))]

    /// Bounds, bands and criteria under missing answers, by trying every completion.
    #[test]
    fn random_instruments_agree_with_exhaustion(seed in any::<u64>()) {
        check_random_instrument(seed);
    }

    /// A band is refused exactly if no complete sheet reaches it.
    #[test]
    fn unreachable_bands_are_refused_and_no_others(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let values: Vec<i64> = (0..3).map(|_| dice.roll(12) as i64).collect();
        let (terms, mean) = (1 + dice.roll(3), dice.once_in(2));
        let items: Vec<String> = (0..terms).map(|at| format!("i{at}")).collect();
        let recode: Vec<String> = items.iter().map(|item| format!("{item} = {values:?}")).collect();
        let mut sums = BTreeSet::from([0]);
        for _ in 0..terms {
            sums = sums.iter().flat_map(|sum| values.iter().map(move |value| sum + value)).collect();
        }
        let per = if mean { terms as i64 } else { 1 };
        let (low, high) = (*sums.first().unwrap(), *sums.last().unwrap());
        let edges: BTreeSet<i64> = (0..3).map(|_| low + 1 + dice.roll(20) as i64).collect();
        let edge = |sum: i64| written(Q(i128::from(sum), i128::from(per)));
        let steps: Vec<String> = std::iter::once(low).chain(edges.iter().copied()).enumerate()
            .map(|(at, sum)| format!("[{}, \"b{at}\"]", edge(sum))).collect();
        let form: Vec<String> = items.iter().map(|item| format!("{{ id = \"{item}\", topic = \"x\" }}")).collect();
        let text = format!(
            "format = 1\nid = \"x\"\nversion = \"1.0.0\"\ntitle = \"x\"\nedition = \"x\"\nauthors = [\"x\"]\nmeasures = [\"stress\"]\n\
             [licence]\nclass = \"open\"\nholder = \"x\"\nterms = \"x\"\nchecked = \"2026-01-01\"\nask-first-for = []\n\
             [sources]\ns = {{ title = \"x\" }}\n[responses]\nr = {{ range = [0, 2] }}\n[form]\nresponses = \"r\"\nitems = [{}]\n\
             [[scales]]\nid = \"s\"\n{} = [{}]\nrecode = {{ {} }}\nrange = [{}, {}]\ndirection = \"neutral\"\n{BASIS}\
             [[bands]]\nid = \"b\"\nscales = [\"s\"]\nsteps = [{}]\n{BASIS}",
            form.join(", "), if mean { "mean" } else { "sum" }, quoted(&items), recode.join(", "), edge(low), edge(high), steps.join(", ")
        );
        let all: Vec<i64> = std::iter::once(low).chain(edges).collect();
        let expected: Vec<String> = all.iter().enumerate().filter(|(at, sum)| {
            let next = all.get(at + 1);
            // As printed: an edge of a third is rounded, and so is what it divides.
            let from = Q::printed(&edge(**sum));
            let to = next.map(|next| Q::printed(&edge(*next)));
            !sums.iter().map(|sum| Q(i128::from(*sum), i128::from(per))).any(|value| {
                (*at == 0 || value >= from) && to.is_none_or(|to| value < to)
            })
        }).map(|(at, sum)| format!("no sheet reaches band `b{at}` (from {} up)", edge(*sum))).collect();
        let found: Vec<String> = instrument::lint(&text).iter().map(|finding| finding.defect().to_string()).collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}

/// A sheet for every sum that a scale's items can give; the other items get `filler`'s choice.
fn sheets_by_sum(naive: &Naive, scale: &str, filler: fn(&[i64]) -> i64) -> BTreeMap<i64, Answers> {
    let base: Answers = naive
        .items()
        .into_iter()
        .map(|item| {
            let code = filler(&naive.codes(&item));
            (item, A::Code(code))
        })
        .collect();
    let mut sheets = BTreeMap::from([(0, base)]);
    for (item, values) in naive.terms(scale) {
        let mut next = BTreeMap::new();
        for (sum, answers) in &sheets {
            for (code, value) in &values {
                next.entry(sum + value).or_insert_with(|| {
                    let mut answers: Answers = answers.clone();
                    answers.insert(item.clone(), A::Code(*code));
                    answers
                });
            }
        }
        sheets = next;
    }
    sheets
}

/// Every sum of every scale of every built-in: so both sides of each edge and each threshold.
#[test]
fn both_sides_of_every_edge_and_threshold() {
    let (mut edges, mut thresholds) = (0, 0);
    for (instrument, naive) in built_ins() {
        let criteria = naive.criterion_ids();
        let scorer_of = |set: Option<&str>, variant: Option<&str>| {
            let mut options = ScoreOptions::new();
            for criterion in &criteria {
                options = options.criterion(criterion);
            }
            if let Some(set) = set {
                options = options.bands(set);
            }
            if let Some(variant) = variant {
                options = options.variant(variant);
            }
            instrument.scorer_with(&options).unwrap()
        };
        let tables = naive.band_tables();
        let mut scorers = vec![(None, scorer_of(None, None))];
        let ids: BTreeSet<&String> = tables.iter().map(|(id, ..)| id).collect();
        scorers.extend(ids.into_iter().map(|id| (Some(id.as_str()), scorer_of(Some(id), None))));
        let variants = naive.variants();
        scorers.extend(variants.iter().map(|(id, _)| (None, scorer_of(None, Some(id)))));
        let mut bands: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut outcomes: BTreeSet<(String, &str)> = BTreeSet::new();
        let mut check = |answers: &Answers| {
            let sheet = sheet(instrument, &naive, answers);
            for (set, scorer) in &scorers {
                let scores = scorer.score(&sheet).unwrap();
                compare(&naive, &scores, answers, None, *set);
                for view in scores.iter() {
                    if let Some(band) = view.band() {
                        assert!(band.is_certain());
                        bands.insert((
                            band.set().into(),
                            view.scale().id().into(),
                            band.label().into(),
                        ));
                    }
                }
                for view in scores.criteria() {
                    let id = view.criterion().id();
                    let met = if naive.met(id, answers) { "met" } else { "not-met" };
                    assert_eq!(
                        view.outcome().as_str(),
                        met,
                        "{} {id} {answers:?}",
                        instrument.id()
                    );
                    outcomes.insert((id.to_owned(), met));
                }
            }
        };
        let lowest: fn(&[i64]) -> i64 = |codes| *codes.iter().min().unwrap();
        let highest: fn(&[i64]) -> i64 = |codes| *codes.iter().max().unwrap();
        for scale in naive.scale_ids() {
            if naive.sources(&scale).is_empty() {
                let sheets = sheets_by_sum(&naive, &scale, lowest);
                let (low, high) = instrument.scale(&scale).unwrap().range();
                let per = Q::int(if naive.scale(&scale).contains_key("mean") {
                    naive.terms(&scale).len() as i64
                } else {
                    1
                });
                assert_eq!(Q::int(*sheets.keys().next().unwrap()).over(per), q(low));
                assert_eq!(Q::int(*sheets.keys().last().unwrap()).over(per), q(high));
                for answers in
                    sheets.values().chain(sheets_by_sum(&naive, &scale, highest).values())
                {
                    check(answers);
                }
            }
            if let [above, below] = naive.sources(&scale).as_slice() {
                // Every pair of sums of a ratio.
                for top in sheets_by_sum(&naive, above, lowest).values() {
                    for bottom in sheets_by_sum(&naive, below, lowest).values() {
                        let mut both = top.clone();
                        both.extend(naive.items_of(below).into_iter().map(|item| {
                            let answer = bottom[&item];
                            (item, answer)
                        }));
                        check(&both);
                    }
                }
            }
        }
        // Every code of every item, the others at each end.
        for item in naive.items() {
            for code in naive.codes(&item) {
                for filler in [lowest, highest] {
                    let mut answers: Answers = naive
                        .items()
                        .into_iter()
                        .map(|item| {
                            let code = filler(&naive.codes(&item));
                            (item, A::Code(code))
                        })
                        .collect();
                    answers.insert(item.clone(), A::Code(code));
                    check(&answers);
                }
            }
        }
        for (id, scales, _, steps) in &tables {
            for scale in scales {
                for (_, label) in steps {
                    let reported = bands.contains(&(id.clone(), scale.clone(), label.clone()));
                    assert!(reported, "{} {id} {scale} {label}: no sheet", instrument.id());
                    edges += 1;
                }
            }
        }
        for criterion in &criteria {
            thresholds += outcomes.iter().filter(|(id, _)| id == criterion).count();
            assert!(outcomes.iter().any(|(id, _)| id == criterion), "{criterion} was never judged");
        }
    }
    println!("{edges} bands reached, {thresholds} outcomes seen");
}

/// The ends of the bounds are reached by a sheet, for every built-in scale.
#[test]
fn bounds_are_attained_on_every_built_in() {
    let mut dice = Dice(7);
    for (instrument, naive) in built_ins() {
        let scorer = instrument.scorer();
        for _ in 0..20 {
            let answers = random_sheet(&naive, &mut dice, 3, &A::MISSING);
            let effective = naive.effective(&answers);
            let scores = scorer.score(&sheet(instrument, &naive, &answers)).unwrap();
            for view in scores.iter() {
                let id = view.scale().id();
                let Some((low, high)) = view.bounds() else { continue };
                let (mut ends, sources) = (Vec::new(), naive.sources(id));
                for most in [false, true] {
                    let mut whole = effective.clone();
                    let direct =
                        if sources.is_empty() { vec![id.to_owned()] } else { sources.clone() };
                    for (at, source) in direct.iter().enumerate() {
                        let open = open_of(&naive, source, &effective);
                        for (item, values) in
                            naive.terms(source).into_iter().filter(|(item, _)| open.contains(item))
                        {
                            // The denominator of a ratio goes the other way.
                            let up = most != (at == 1);
                            let best = values
                                .iter()
                                .max_by_key(|(_, value)| if up { **value } else { -**value });
                            whole.insert(item, A::Code(*best.unwrap().0));
                        }
                    }
                    ends.extend(naive.score(id, &whole, None).value);
                }
                ends.sort();
                assert_eq!(ends, [q(low), q(high)], "{} {id} {answers:?}", instrument.id());
            }
        }
    }
}

fn hashes(instrument: &Instrument) -> BTreeMap<String, String> {
    let scorer = instrument.scorer();
    let hash = |scale: &instrument::Scale| {
        (scale.id().to_owned(), scorer.rule_hash(scale.id()).unwrap().to_owned())
    };
    instrument.scales().iter().map(hash).collect()
}

fn is_of(file: &catalog::BuiltIn, instrument: &Instrument) -> bool {
    file.id() == instrument.id() && file.version() == instrument.version().to_string()
}

/// Order in a list of terms means nothing: not to scores, and not to the hash of the rule.
#[test]
fn the_order_of_terms_changes_nothing() {
    let mut dice = Dice(11);
    let mut turned_lists = 0;
    for (instrument, naive) in built_ins() {
        let text = catalog::VERSIONS.iter().find(|file| is_of(file, instrument)).unwrap().text();
        let turn = |line: &str| {
            let is_list =
                ["sum", "mean", "reverse"].iter().any(|key| line.trim_start().starts_with(key));
            let (Some(open), Some(close)) = (line.find('['), line.find(']')) else {
                return line.to_owned();
            };
            if !is_list {
                return line.to_owned();
            }
            let mut ids: Vec<&str> = line[open + 1..close].split(',').map(str::trim).collect();
            ids.reverse();
            format!("{}[{}{}", &line[..open], ids.join(", "), &line[close..])
        };
        let turned: Vec<String> = text.lines().map(turn).collect();
        turned_lists += text.lines().zip(&turned).filter(|(old, new)| old != new).count();
        let turned =
            Instrument::parse(&turned.join("\n")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(hashes(instrument), hashes(&turned), "{}", instrument.id());
        for _ in 0..20 {
            let answers = random_sheet(&naive, &mut dice, 9, &A::MISSING);
            let (one, other) =
                (sheet(instrument, &naive, &answers), sheet(&turned, &naive, &answers));
            let (one, other) = (
                instrument.score(&one).unwrap().to_record(),
                turned.score(&other).unwrap().to_record(),
            );
            assert_eq!(one.scales, other.scales);
            assert_eq!(one.criteria, other.criteria);
        }
    }
    assert!(turned_lists > 20, "{turned_lists}");
}

/// A minor version that adds a scale, a criterion and a norm changes no rule of the others.
#[test]
fn a_minor_version_changes_no_rule() {
    for file in &catalog::VERSIONS {
        let instrument = file.instrument().unwrap();
        let item = instrument.items().iter().find(|item| !item.is_unscored()).unwrap();
        let (low, high) = item.responses().range();
        let source = instrument.sources().next().unwrap().key().to_owned();
        let basis = format!(
            "basis = {{ source = \"{source}\", origin = \"convention\", grade = \"B\" }}\n"
        );
        let more = format!(
            "\n[[scales]]\nid = \"added-later\"\nsum = [\"{id}\"]\nrange = [{low}, {high}]\ndirection = \"neutral\"\n{basis}\
             [[criteria]]\nid = \"also-later\"\nall = [\"added-later > {low}\"]\n{basis}\
             [[norms]]\nid = \"norm-later\"\nscale = \"added-later\"\npopulation = \"x\"\nmean = 1\n{basis}",
            id = item.id()
        );
        let version = file.version();
        let text = file.text().replacen(&format!("\"{version}\""), "\"1.1.0\"", 1) + &more;
        let newer = Instrument::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_ne!(newer.file_hash(), instrument.file_hash());
        let (old, mut new) = (hashes(instrument), hashes(&newer));
        assert!(new.remove("added-later").is_some());
        assert_eq!(old, new, "{}", file.id());
    }
}

const SMALL: &str = r#"format = 1
id = "small"
version = "1.0.0"
title = "small"
edition = "one"
authors = ["Nobody"]
measures = ["stress"]
[licence]
class = "open"
holder = "nobody"
terms = "none"
checked = "2026-01-01"
ask-first-for = []
[sources]
s = { title = "a book" }
[responses]
five = { options = [[0, "a"], [1, "b"], [2, "c"], [3, "d"], [4, "e"]], not-applicable = "f" }
[form]
responses = "five"
items = [
  { id = "1", topic = "one" },
  { id = "2", topic = "two" },
  { id = "3", topic = "three", implied = { when = "1 = 0", code = 0 } },
  { id = "4", topic = "four" },
]
[[scales]]
id = "a"
sum = ["1", "2", "3"]
reverse = ["2"]
range = [0, 12]
direction = "higher-is-worse"
missing = { needs = 2, basis = { source = "s", origin = "author", grade = "A" } }
basis = { source = "s", origin = "author", grade = "A" }
[[scales]]
id = "b"
mean = ["1", "4"]
range = [0, 4]
direction = "higher-is-worse"
basis = { source = "s", origin = "author", grade = "A" }
[[scales]]
id = "t"
from = "a"
table = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
range = [0, 12]
direction = "higher-is-worse"
basis = { source = "s", origin = "author", grade = "A" }
[[bands]]
id = "bands"
scales = ["a"]
default = true
steps = [[0, "low"], [6, "high"]]
basis = { source = "s", origin = "author", grade = "A" }
"#;

/// The rule hash tells apart what scores differently, and nothing else.
#[test]
fn rule_hashes_tell_rules_apart_and_nothing_else() {
    let small = Instrument::parse(SMALL).unwrap();
    let edited = |edits: &[(&str, &str)]| {
        let text = edits.iter().fold(SMALL.to_owned(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from:?}");
            text.replace(from, to)
        });
        hashes(&Instrument::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")))
    };
    let old = hashes(&small);
    let differing = |new: &BTreeMap<String, String>| -> String {
        old.iter()
            .filter(|(scale, hash)| new.get(*scale) != Some(*hash))
            .map(|(scale, _)| scale.as_str())
            .collect()
    };
    let mut seen: BTreeSet<String> = old.values().cloned().collect();
    assert_eq!(seen.len(), 3);
    // What is changed, and the scales whose rule it changes.
    let matters: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("sum = [\"1\", \"2\", \"3\"]", "sum = [\"1\", \"2\", \"4\"]"),
                (
                    "{ id = \"3\", topic = \"three\",",
                    "{ id = \"3\", topic = \"three\", unscored = true,",
                ),
            ],
            "at",
        ),
        (
            &[
                ("sum = [\"1\", \"2\", \"3\"]", "sum = [\"1\", \"2\", \"3\", \"4\"]"),
                (
                    "sum = [\"1\", \"2\", \"3\", \"4\"]\nreverse = [\"2\"]\nrange = [0, 12]",
                    "sum = [\"1\", \"2\", \"3\", \"4\"]\nreverse = [\"2\"]\nrange = [0, 16]",
                ),
                ("10, 11, 12]\nrange = [0, 12]", "10, 11, 12, 13, 14, 15, 16]\nrange = [0, 16]"),
            ],
            "at",
        ),
        (&[("reverse = [\"2\"]", "reverse = [\"1\"]")], "at"),
        (&[("reverse = [\"2\"]", "reverse = []")], "at"),
        (&[("reverse = [\"2\"]", "reverse = [\"2\"]\nrecode = { \"1\" = [0, 1, 3, 2, 4] }")], "at"),
        (&[("needs = 2", "needs = 1")], "at"),
        (&[("reverse = [\"2\"]", "reverse = [\"2\"]\nnot-applicable = \"drop\"")], "at"),
        (&[("table = [0, 1,", "table = [0, 0.5,")], "t"),
        (&[("mean = [\"1\", \"4\"]\nrange = [0, 4]", "sum = [\"1\", \"4\"]\nrange = [0, 8]")], "b"),
        (&[("code = 0 }", "code = 1 }")], "at"),
        (&[("when = \"1 = 0\"", "when = \"1 <= 0\"")], "at"),
        (&[("when = \"1 = 0\"", "when = \"2 = 0\"")], "at"),
        (
            &[
                ("[4, \"e\"]]", "[5, \"e\"]]"),
                ("reverse = [\"2\"]", ""),
                (
                    "range = [0, 12]\ndirection = \"higher-is-worse\"\nmissing",
                    "range = [0, 15]\ndirection = \"higher-is-worse\"\nmissing",
                ),
                ("range = [0, 4]", "range = [0, 5]"),
                ("10, 11, 12]\nrange = [0, 12]", "10, 11, 12, 13, 14, 15]\nrange = [0, 15]"),
            ],
            "abt",
        ),
        (
            &[
                ("[4, \"e\"]]", "[4, \"e\"], [5, \"g\"]]"),
                ("reverse = [\"2\"]", ""),
                (
                    "range = [0, 12]\ndirection = \"higher-is-worse\"\nmissing",
                    "range = [0, 15]\ndirection = \"higher-is-worse\"\nmissing",
                ),
                ("range = [0, 4]", "range = [0, 5]"),
                ("10, 11, 12]\nrange = [0, 12]", "10, 11, 12, 13, 14, 15]\nrange = [0, 15]"),
            ],
            "abt",
        ),
    ];
    for (edits, changed) in matters {
        let new = edited(edits);
        assert_eq!(&differing(&new), changed, "{edits:?}");
        for scale in changed.chars() {
            assert!(seen.insert(new[&scale.to_string()].clone()), "{edits:?}: two rules, one hash");
        }
    }
    let cosmetic: &[&[(&str, &str)]] = &[
        &[("title = \"small\"", "title = \"other\"")],
        &[("version = \"1.0.0\"", "version = \"1.2.3\"")],
        &[("[0, \"a\"]", "[0, \"never\"]")],
        &[("{ title = \"a book\" }", "{ title = \"another\", year = 1999 }")],
        &[("[6, \"high\"]", "[7, \"high\"]")],
        &[("topic = \"one\"", "topic = \"first\"")],
        &[("sum = [\"1\", \"2\", \"3\"]", "sum = [\"3\", \"1\", \"2\"]")],
        &[(
            "[[0, \"a\"], [1, \"b\"], [2, \"c\"], [3, \"d\"], [4, \"e\"]]",
            "[[4, \"e\"], [3, \"d\"], [2, \"c\"], [1, \"b\"], [0, \"a\"]]",
        )],
        // Reversing, and writing out what reversing does, are one rule.
        &[("reverse = [\"2\"]", "recode = { \"2\" = [4, 3, 2, 1, 0] }")],
        &[("reverse = [\"2\"]", "reverse = [\"2\"]\nrecode = { \"1\" = [0, 1, 2, 3, 4] }")],
        &[(
            "{ id = \"4\", topic = \"four\" }",
            "{ id = \"4\", topic = \"four\", sensitive = true, note = \"gently\", loinc = \"1-1\" }",
        )],
        &[("id = \"a\"\n", "id = \"a\"\ntitle = \"A\"\ndecimals = 1\nloinc = \"2-2\"\n")],
        &[(
            "id = \"b\"\nmean = [\"1\", \"4\"]\nrange = [0, 4]\ndirection = \"higher-is-worse\"",
            "id = \"b\"\nmean = [\"1\", \"4\"]\nrange = [0, 4]\ndirection = \"neutral\"",
        )],
        &[("10, 11, 12]\n", "10, 11, 12]\nerror = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n")],
        // An item before the others moves every position.
        &[("items = [\n", "items = [\n  { id = \"0\", topic = \"zero\", unscored = true },\n")],
    ];
    for edits in cosmetic {
        assert_eq!(differing(&edited(edits)), "", "{edits:?}");
    }
    // A rule of the caller's is another rule, unless it is the file's.
    let with = |min: u16| {
        let scorer = small.scorer_with(&ScoreOptions::new().min_answered(min)).unwrap();
        let hash = |scale: &str| scorer.rule_hash(scale).unwrap().to_owned();
        (hash("a") == old["a"], hash("b") == old["b"], hash("t") == old["t"])
    };
    assert_eq!(with(1), (false, false, false));
    assert_eq!(with(2), (true, true, true));
    assert_eq!(with(3), (false, true, false));
    let banded = small.scorer_with(&ScoreOptions::new().bands("bands")).unwrap();
    assert_eq!(banded.rule_hash("a"), Some(old["a"].as_str()));
}

/// Turning the answers and turning the key undo each other; so reversing twice is the identity.
#[test]
fn reversing_twice_is_the_identity() {
    let ids = ["1", "2", "3", "4"];
    let with = |mask: usize| {
        let reverse: Vec<String> =
            (0..4).filter(|at| mask >> at & 1 == 1).map(|at| ids[at].to_owned()).collect();
        let text = SMALL
            .replace(
                "sum = [\"1\", \"2\", \"3\"]\nreverse = [\"2\"]\nrange = [0, 12]",
                &format!(
                    "sum = [\"1\", \"2\", \"3\", \"4\"]\nreverse = [{}]\nrange = [0, 16]",
                    quoted(&reverse)
                ),
            )
            .replace("10, 11, 12]\nrange = [0, 12]", "10, 11, 12, 13, 14, 15, 16]\nrange = [0, 16]")
            .replace(", implied = { when = \"1 = 0\", code = 0 }", "");
        Instrument::parse(&text).unwrap_or_else(|error| panic!("{error}"))
    };
    let all: Vec<Instrument> = (0..16).map(with).collect();
    let value = |instrument: &Instrument, row: [u8; 4]| {
        instrument.scorer().score_row(&row).unwrap().get("a").unwrap().value().unwrap().exact()
    };
    for row in [[0, 0, 0, 0], [4, 3, 2, 1], [0, 4, 1, 3], [2, 2, 2, 2], [4, 4, 4, 4]] {
        let turned = row.map(|code| 4 - code);
        for mask in 0..16 {
            assert_eq!(value(&all[mask], row), value(&all[15 - mask], turned));
            // Turning part of the answers turns part of the key.
            let mixed: [u8; 4] =
                std::array::from_fn(|at| if mask >> at & 1 == 1 { turned[at] } else { row[at] });
            assert_eq!(value(&all[mask], mixed), value(&all[0], row));
            assert_eq!(
                value(&all[mask], row).to_f64() + value(&all[15 - mask], row).to_f64(),
                16.0
            );
        }
    }
}

/// The definitions that stand in the repository beside the built-ins, and their vectors.
#[test]
fn definitions_beside_the_catalogue_load_and_their_vectors_come_out() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut seen, mut dice) = (0, Dice(3));
    for folder in ["tests/data/definitions", "examples/definitions"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".vectors.toml") || !name.ends_with(".toml") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let instrument =
                Instrument::parse_named(&name, &text).unwrap_or_else(|error| panic!("{error}"));
            let vectors = std::fs::read_to_string(file.with_extension("vectors.toml")).unwrap();
            let vectors = straingauge::score::Vectors::parse(&vectors).unwrap();
            assert!(vectors.iter().len() >= 3, "{name}");
            let failures = vectors.check(&instrument);
            assert!(failures.is_empty(), "{name}: {}", failures[0]);
            // And the second scorer agrees on them too.
            let naive = Naive::new(&text);
            assert!(codes_of(&naive) > 0);
            for _ in 0..200 {
                let answers = random_sheet(&naive, &mut dice, 6, &A::MISSING);
                let scores = instrument.score(&sheet(&instrument, &naive, &answers)).unwrap();
                compare(&naive, &scores, &answers, None, None);
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen}");
}
