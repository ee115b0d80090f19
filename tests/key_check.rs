//! The key check on samples with a known corruption: how often it finds it, and how often it cries
//! wolf. The generator is seeded, so the table in the docs is reproduced by this test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fmt::Write as _;

use common::{Scale, csv, fixtures, instrument, numbered};
use straingauge::Instrument;
use straingauge::num::ItemTable;
use straingauge::quality::{KeyCheck, KeyFinding, KeyProblem, Likelihood, QualityError};
use straingauge::words::Words;

const SCALES: usize = 3;
const ITEMS: usize = 8;
const SITES: usize = 4;
/// Positions of reverse-keyed items in each scale.
const REVERSED: [&[usize]; SCALES] = [&[2, 5], &[1, 4, 6], &[3, 7]];

/// SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
}

#[derive(Clone)]
struct Sample {
    /// Codes as answered, by scale and item.
    codes: Vec<Vec<Option<i16>>>,
    sites: Vec<Option<String>>,
}

fn form() -> Instrument {
    let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    let scales: Vec<Scale<'_>> = names
        .iter()
        .zip(REVERSED)
        .map(|(name, reversed)| Scale {
            id: name,
            items: numbered(name, 1..=ITEMS),
            reverse: reversed.iter().map(|at| format!("{name}{}", at + 1)).collect(),
        })
        .collect();
    instrument(&scales, (0, 4))
}

fn is_reversed(item: usize) -> bool {
    REVERSED[item / ITEMS].contains(&(item % ITEMS))
}

/// Three correlated traits behind five-point answers.
fn sample(people: usize, (least, most): (f64, f64), seed: u64) -> Sample {
    let mut random = Seeded(seed);
    let loadings: Vec<f64> =
        (0..SCALES * ITEMS).map(|_| least + (most - least) * random.uniform()).collect();
    let difficulty: Vec<f64> = (0..SCALES * ITEMS).map(|_| 0.6 * random.normal()).collect();
    let shift: Vec<f64> = (0..SITES).map(|_| 0.3 * random.normal()).collect();
    let mut codes = vec![Vec::new(); SCALES * ITEMS];
    let mut sites = Vec::new();
    for person in 0..people {
        let site = person % SITES;
        sites.push(Some(format!("site {site}")));
        let general = random.normal();
        let traits: Vec<f64> = (0..SCALES)
            .map(|_| 0.4_f64.sqrt() * general + 0.6_f64.sqrt() * random.normal() + shift[site])
            .collect();
        for item in 0..SCALES * ITEMS {
            let loading = loadings[item];
            let noise = (1.0 - loading * loading).sqrt() * random.normal();
            let liking = loading * traits[item / ITEMS] + noise + difficulty[item];
            let keyed: i16 =
                [-1.2, -0.4, 0.4, 1.2].map(|cut| i16::from(liking >= cut)).iter().sum();
            let code = if is_reversed(item) { 4 - keyed } else { keyed };
            codes[item].push((random.uniform() > 0.02).then_some(code));
        }
    }
    Sample { codes, sites }
}

fn name(item: usize) -> String {
    format!("{}{}", ["a", "b", "c"][item / ITEMS], item % ITEMS + 1)
}

impl Sample {
    fn table(&self) -> ItemTable {
        let mut table = ItemTable::new();
        for (item, column) in self.codes.iter().enumerate() {
            table.push(name(item), column.iter().copied()).unwrap();
        }
        table
    }

    fn change(&mut self, item: usize, change: impl Fn(i16) -> i16) {
        for code in self.codes[item].iter_mut().flatten() {
            *code = change(*code);
        }
    }

    fn change_in(&mut self, sites: &[String], item: usize) {
        for (code, site) in self.codes[item].iter_mut().zip(&self.sites) {
            if site.as_ref().is_some_and(|site| sites.contains(site)) {
                *code = code.map(|code| 4 - code);
            }
        }
    }
}

fn check(form: &Instrument, sample: &Sample) -> Vec<KeyFinding> {
    KeyCheck::new(form, &sample.table()).groups(&sample.sites).run().unwrap()
}

/// A corruption, and whether the findings name it.
type Corruption = (&'static str, fn(&mut Sample, &mut Seeded) -> Expected);

struct Expected {
    problem: KeyProblem,
    items: Vec<String>,
    sites: Vec<String>,
}

impl Expected {
    fn items(problem: KeyProblem, items: impl IntoIterator<Item = usize>) -> Self {
        let mut items: Vec<usize> = items.into_iter().collect();
        items.sort_unstable();
        Self { problem, items: items.into_iter().map(name).collect(), sites: Vec::new() }
    }

    fn is_named(&self, findings: &[KeyFinding]) -> bool {
        let right = |finding: &&KeyFinding| finding.problem() == self.problem;
        if self.sites.is_empty() {
            findings.iter().filter(right).any(|finding| finding.items() == self.items)
        } else {
            let named: Vec<&str> =
                findings.iter().filter(right).filter_map(KeyFinding::sub_sample).collect();
            let all = |touched: bool| {
                named.iter().all(|site| self.sites.iter().any(|s| s == site) == touched)
            };
            // With the key, the corrupted sites are named and no sound one; a scale turned over as a
            // whole fits the key either way, so there the two halves are told apart and no more.
            let either = self.problem == KeyProblem::GroupMirrored;
            !named.is_empty() && (all(true) || (either && all(false)))
        }
    }
}

fn straight(random: &mut Seeded, scale: usize) -> usize {
    loop {
        let item = scale * ITEMS + random.below(ITEMS);
        if !is_reversed(item) {
            return item;
        }
    }
}

fn reversed_of(scale: usize) -> impl Iterator<Item = usize> {
    REVERSED[scale].iter().map(move |at| scale * ITEMS + at)
}

const CORRUPTIONS: &[Corruption] = &[
    ("the reverse-keyed items of a scale are reversed already", |sample, random| {
        let scale = random.below(SCALES);
        reversed_of(scale).for_each(|item| sample.change(item, |code| 4 - code));
        Expected::items(KeyProblem::AlreadyReversed, reversed_of(scale))
    }),
    ("the reverse-keyed items of every scale are reversed already", |sample, random| {
        (0..SCALES).flat_map(reversed_of).for_each(|item| sample.change(item, |code| 4 - code));
        Expected::items(KeyProblem::AlreadyReversed, reversed_of(random.below(SCALES)))
    }),
    ("one reverse-keyed item is reversed already", |sample, random| {
        let item = reversed_of(random.below(SCALES)).nth(random.below(2)).unwrap();
        sample.change(item, |code| 4 - code);
        Expected::items(KeyProblem::AlreadyReversed, [item])
    }),
    ("an item that is not reverse-keyed is reversed", |sample, random| {
        let scale = random.below(SCALES);
        let item = straight(random, scale);
        sample.change(item, |code| 4 - code);
        Expected::items(KeyProblem::AgainstKey, [item])
    }),
    ("the whole file counts from 1", |sample, _| {
        (0..SCALES * ITEMS).for_each(|item| sample.change(item, |code| code + 1));
        Expected::items(KeyProblem::CodesFromOne, 0..SCALES * ITEMS)
    }),
    ("one item counts from 1", |sample, random| {
        let item = random.below(SCALES * ITEMS);
        sample.change(item, |code| code + 1);
        Expected::items(KeyProblem::CodesFromOne, [item])
    }),
    ("two items of different scales, keyed alike, are swapped", |sample, random| {
        let scale = random.below(SCALES);
        let (x, y) = (straight(random, scale), straight(random, (scale + 1) % SCALES));
        sample.codes.swap(x, y);
        Expected::items(KeyProblem::Swapped, [x, y])
    }),
    ("two items of different scales, keyed differently, are swapped", |sample, random| {
        let scale = random.below(SCALES);
        let x = straight(random, scale);
        let y = reversed_of((scale + 1) % SCALES).nth(random.below(2)).unwrap();
        sample.codes.swap(x, y);
        Expected::items(KeyProblem::Swapped, [x, y])
    }),
    ("two items of one scale, keyed differently, are swapped", |sample, random| {
        let scale = random.below(SCALES);
        let x = straight(random, scale);
        let y = reversed_of(scale).nth(random.below(2)).unwrap();
        sample.codes.swap(x, y);
        Expected::items(KeyProblem::Swapped, [x, y])
    }),
    ("in half the sites the reverse-keyed items are reversed already", |sample, _| {
        let sites = vec!["site 1".to_owned(), "site 3".to_owned()];
        (0..SCALES).flat_map(reversed_of).for_each(|item| sample.change_in(&sites, item));
        Expected { problem: KeyProblem::GroupReversed, items: Vec::new(), sites }
    }),
    ("in half the sites a whole scale is turned over", |sample, random| {
        let (scale, sites) = (random.below(SCALES), vec!["site 0".to_owned(), "site 3".to_owned()]);
        (0..ITEMS).for_each(|item| sample.change_in(&sites, scale * ITEMS + item));
        Expected { problem: KeyProblem::GroupMirrored, items: Vec::new(), sites }
    }),
];

const SAMPLES: u64 = 100;
/// People, and least and most standardised loading.
const SETTINGS: &[(usize, (f64, f64))] =
    &[(100, (0.6, 0.8)), (100, (0.5, 0.7)), (60, (0.6, 0.8)), (300, (0.5, 0.7))];

fn count(people: usize, loadings: (f64, f64), corruption: Option<&Corruption>) -> (u32, u32) {
    let form = form();
    let (mut found, mut extra) = (0, 0);
    for seed in 0..SAMPLES {
        let mut sample = sample(people, loadings, 1000 + seed);
        let expected = corruption.map(|(_, corrupt)| corrupt(&mut sample, &mut Seeded(seed)));
        let findings = check(&form, &sample);
        let named = expected.as_ref().is_some_and(|expected| expected.is_named(&findings));
        found += u32::from(named);
        extra += u32::from(match &expected {
            None => !findings.is_empty(),
            Some(expected) => findings.iter().any(|f| f.problem() != expected.problem),
        });
    }
    (found, extra)
}

#[test]
fn corruptions_are_found_and_sound_files_left_in_peace() {
    let mut table = String::from("| corruption |");
    for (people, (least, most)) in SETTINGS {
        write!(table, " n {people}, {least} to {most} |").unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(SETTINGS.len()));
    table.push('\n');
    let mut failures = Vec::new();
    for corruption in CORRUPTIONS {
        write!(table, "| {} |", corruption.0).unwrap();
        for (at, (people, loadings)) in SETTINGS.iter().enumerate() {
            let (found, extra) = count(*people, *loadings, Some(corruption));
            write!(table, " {found} % |").unwrap();
            // Other kinds of findings beside the right one would lead astray.
            if at == 0 && (found < 95 || extra > 5) {
                failures.push(format!("{}: {found} found, {extra} with others", corruption.0));
            }
        }
        table.push('\n');
    }
    table.push_str("| none: something is reported all the same |");
    for (at, (people, loadings)) in SETTINGS.iter().enumerate() {
        let (_, extra) = count(*people, *loadings, None);
        write!(table, " {extra} % |").unwrap();
        if at == 0 && extra > 5 {
            failures.push(format!("sound files: {extra}"));
        }
    }
    table.push('\n');
    println!("{table}");
    assert!(failures.is_empty(), "{failures:?}");
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/quality/key/found.md");
    if std::env::var_os("WRITE_TABLE").is_some() {
        std::fs::write(&page, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(page).unwrap(), table, "run with WRITE_TABLE=1");
}

#[test]
fn weak_items_are_no_findings() {
    // Loadings as low as 0.3, where a sample easily gives a correlation near zero.
    for people in [60, 100, 300] {
        let (_, extra) = count(people, (0.3, 0.6), None);
        assert!(extra <= 5, "{extra} of {SAMPLES} sound samples of {people}");
    }
}

#[test]
fn a_file_that_claims_to_be_keyed() {
    let form = form();
    let mut keyed = sample(150, (0.6, 0.8), 5);
    let answered = keyed.table();
    (0..SCALES).flat_map(reversed_of).for_each(|item| keyed.change(item, |code| 4 - code));
    // Keyed indeed: nothing to say. As answered: every scale's reversals are missing.
    assert_eq!(KeyCheck::new(&form, &keyed.table()).already_keyed().run().unwrap(), []);
    let findings = KeyCheck::new(&form, &answered).already_keyed().run().unwrap();
    let expected: Vec<Vec<String>> =
        (0..SCALES).map(|scale| reversed_of(scale).map(name).collect()).collect();
    assert_eq!(findings.iter().map(|f| f.items().to_vec()).collect::<Vec<_>>(), expected);
    assert!(findings.iter().all(|f| f.problem() == KeyProblem::NotReversed));
    assert!(findings.iter().all(|f| f.likelihood() == Likelihood::VeryLikely));
    // And a keyed file taken for answers.
    let findings = KeyCheck::new(&form, &keyed.table()).run().unwrap();
    assert!(findings.iter().all(|f| f.problem() == KeyProblem::AlreadyReversed));
    assert_eq!(findings.len(), SCALES);
}

/// Totals of scale `a` by a rule of one's own.
fn totals(sample: &Sample, rule: impl Fn(&[Option<i16>]) -> Option<f64>) -> Vec<Option<f64>> {
    (0..sample.sites.len())
        .map(|row| rule(&(0..ITEMS).map(|item| sample.codes[item][row]).collect::<Vec<_>>()))
        .collect()
}

fn keyed(item: usize, code: i16) -> f64 {
    f64::from(if is_reversed(item) { 4 - code } else { code })
}

#[test]
fn the_rule_of_a_stored_total_is_named() {
    let form = form();
    let mut sample = sample(200, (0.6, 0.8), 9);
    for row in (0..200).step_by(9) {
        sample.codes[row % ITEMS][row] = None;
    }
    let stored = sample.table();
    let rules = |totals: &[Option<f64>]| -> Vec<(KeyProblem, Vec<String>, Likelihood)> {
        let findings = KeyCheck::new(&form, &stored).total("a", totals).run().unwrap();
        findings.iter().map(|f| (f.problem(), f.better().to_vec(), f.likelihood())).collect()
    };
    let sum = |row: &[Option<i16>], count: &dyn Fn(usize, i16) -> f64| -> f64 {
        row.iter().enumerate().filter_map(|(item, code)| Some(count(item, (*code)?))).sum()
    };
    let whole = |row: &[Option<i16>]| row.iter().all(Option::is_some);

    let own = totals(&sample, |row| whole(row).then(|| sum(row, &keyed)));
    assert_eq!(rules(&own), []);
    let differs = |names: &[&str], likelihood| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        vec![(KeyProblem::TotalDiffers, names, likelihood)]
    };
    let blank = totals(&sample, |row| Some(sum(row, &keyed)));
    assert_eq!(rules(&blank), differs(&["blank-as-zero"], Likelihood::VeryLikely));
    let plain = totals(&sample, |row| whole(row).then(|| sum(row, &|_, code| f64::from(code))));
    assert_eq!(rules(&plain), differs(&["not-reversed"], Likelihood::VeryLikely));
    let from_one = totals(&sample, |row| whole(row).then(|| sum(row, &keyed) + 8.0));
    assert_eq!(rules(&from_one), differs(&["counted-from-one"], Likelihood::VeryLikely));
    let means = totals(&sample, |row| {
        let answered = row.iter().flatten().count() as f64;
        (answered > 0.0).then(|| (sum(row, &keyed) / answered * 100.0).round() / 100.0)
    });
    assert_eq!(rules(&means), differs(&["prorated", "mean"], Likelihood::VeryLikely));
    let both = totals(&sample, |row| Some(sum(row, &|_, code| f64::from(code))));
    assert_eq!(rules(&both), differs(&["blank-as-zero", "not-reversed"], Likelihood::VeryLikely));
    let mut typing = own.clone();
    let slip = typing.iter().position(Option::is_some).unwrap();
    typing[slip] = Some(99.0);
    assert_eq!(
        rules(&typing),
        vec![(KeyProblem::TotalUnexplained, Vec::new(), Likelihood::Certain)]
    );
    let findings = KeyCheck::new(&form, &stored).total("a", &blank).run().unwrap();
    let said = findings[0].explain(&Words::english());
    assert!(said.ends_with("rows agree if: a blank counts as 0 (very likely)"), "{said}");

    // The file counts from 1 throughout, and so does its total: both are seen.
    let mut shifted = sample.clone();
    (0..SCALES * ITEMS).for_each(|item| shifted.change(item, |code| code + 1));
    let stored = shifted.table();
    let findings = KeyCheck::new(&form, &stored).total("a", &from_one).run().unwrap();
    let problems: Vec<KeyProblem> = findings.iter().map(KeyFinding::problem).collect();
    assert_eq!(problems, [KeyProblem::CodesFromOne, KeyProblem::TotalDiffers]);
    assert_eq!(findings[1].better(), ["counted-from-one"]);
}

#[test]
fn what_cannot_be_checked_is_an_error() {
    let form = form();
    let sample = sample(40, (0.6, 0.8), 1);
    let stored = sample.table();
    let few = [Some("x".to_owned())];
    assert_eq!(
        KeyCheck::new(&form, &stored).groups(&few).run().unwrap_err().to_string(),
        "1 groups for 40 people; give one, or a gap, per person"
    );
    assert!(matches!(
        KeyCheck::new(&form, &stored).total("z", &[None; 40]).run(),
        Err(QualityError::Keyed(_))
    ));
    let mut other = ItemTable::new();
    other.push("q1", [Some(1)]).unwrap();
    assert_eq!(
        KeyCheck::new(&form, &other).run().unwrap_err().to_string(),
        "column `q1` is no item of invented; name columns by item id"
    );
    // Too few people for any correlation, one item, nobody: silence, not a guess.
    assert_eq!(KeyCheck::new(&form, &stored.filter_rows(|row| row < 6)).run().unwrap(), []);
    assert_eq!(KeyCheck::new(&form, &stored.filter_rows(|_| false)).run().unwrap(), []);
    assert_eq!(KeyCheck::new(&form, &stored.select(&["a1"]).unwrap()).run().unwrap(), []);
    assert_eq!(KeyCheck::new(&form, &ItemTable::new()).run().unwrap(), []);
}

#[test]
fn published_files_of_real_people() {
    let Some(path) = fixtures("survey/isixhosa_phq9.csv") else { return };
    let phq9 = straingauge::catalog::get("phq-9").unwrap();
    let (header, rows) = csv(&path);
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    let mut stored = ItemTable::new();
    for item in 1..=9 {
        let at = column(&format!("phq9_{item}"));
        stored.push(item.to_string(), rows.iter().map(|row| row[at].parse().ok())).unwrap();
    }
    let at = column("phq9_total_author");
    let totals: Vec<Option<f64>> = rows.iter().map(|row| row[at].parse().ok()).collect();
    // Codes, directions and the authors' own totals agree with the definition.
    let findings = KeyCheck::new(&phq9, &stored).total("total", &totals).run().unwrap();
    assert_eq!(findings, []);

    let Some(path) = fixtures("survey/ukm_phq9_gad7_pss10.csv") else { return };
    let (header, rows) = csv(&path);
    let reverse: Vec<String> = [4, 5, 7, 8].map(|item| format!("pss10_{item}")).to_vec();
    let named = |prefix: &str, many: usize| numbered(prefix, 1..=many);
    let read = |names: &[String]| {
        let mut table = ItemTable::new();
        for name in names {
            let at = header.iter().position(|known| known == name).unwrap();
            let id = name.replace('_', "-");
            table.push(id, rows.iter().map(|row| row[at].parse().ok())).unwrap();
        }
        table
    };
    let ids =
        |names: &[String]| names.iter().map(|name| name.replace('_', "-")).collect::<Vec<_>>();
    let pss = named("pss10_", 10);
    let stress =
        instrument(&[Scale { id: "stress", items: ids(&pss), reverse: ids(&reverse) }], (0, 4));
    for finding in KeyCheck::new(&stress, &read(&pss)).run().unwrap() {
        println!("{finding}");
    }
    let symptoms: Vec<String> = named("phq9_", 9).into_iter().chain(named("gad7_", 7)).collect();
    let form = instrument(
        &[
            Scale { id: "low-mood", items: ids(&symptoms[..9]), reverse: Vec::new() },
            Scale { id: "worry", items: ids(&symptoms[9..]), reverse: Vec::new() },
        ],
        (0, 3),
    );
    assert_eq!(KeyCheck::new(&form, &read(&symptoms)).run().unwrap(), []);
}

/// The PSS-10's second scale has reverse-keyed items alone: they agree with each other whether or
/// not somebody has reversed them, so nothing can be said of their direction.
#[test]
fn a_scale_of_reverse_keyed_items_alone_shows_no_direction() {
    let definition = r#"
format = 1
id = "all-reversed"
version = "1.0.0"
title = "All reversed"
edition = "test"
authors = ["nobody"]
measures = ["stress"]
[licence]
class = "public-domain"
holder = "nobody"
terms = "none"
checked = "2026-11-25"
ask-first-for = []
[sources]
test = { title = "a test" }
[responses]
r = { options = [[0, "a"], [1, "b"], [2, "c"], [3, "d"], [4, "e"]] }
[form]
responses = "r"
items = [{ id = "1", topic = "first" }, { id = "2", topic = "second" }, { id = "3", topic = "third" }]
[[scales]]
id = "all"
sum = ["1", "2", "3"]
reverse = ["1", "2", "3"]
range = [0, 12]
direction = "higher-is-worse"
basis = { source = "test", origin = "author", grade = "A" }
"#;
    let instrument = straingauge::Instrument::parse(definition).unwrap();
    let mut stored = straingauge::num::ItemTable::new();
    for (at, item) in ["1", "2", "3"].into_iter().enumerate() {
        let shift = i16::try_from(at).unwrap();
        let answers = (0..60_i16).map(|row| Some((row + (row / 7 + shift) % (2 + shift)) % 5));
        stored.push(item, answers).unwrap();
    }
    assert_eq!(straingauge::quality::KeyCheck::new(&instrument, &stored).run().unwrap(), []);
}
