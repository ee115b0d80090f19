//! How often a stable person is flagged, and how long a shift of one SD goes unseen.
//!
//! Seeded, so the same in every run. `SIMULATED_PEOPLE=20000 cargo test --release --test
//! watch_simulation -- --nocapture` prints the table that stands in `docs/watch.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

use straingauge::change::{
    Between, ChangeOptions, Chart, ChartOptions, History, Series, Verdict, Yardstick,
};
use straingauge::date::Date;
use straingauge::num::dist::normal_quantile;
use straingauge::watch::{Policy, ready};
use straingauge::{Instrument, Scorer, Sheet};

const SD: f64 = 18.0;
const RELIABILITY: f64 = 0.8;
const LEVEL: f64 = 40.0;
const LOOKS: usize = 12;
const BEFORE: usize = 3;

/// One dial 0 to 100 with a norm; no bands, so that only statistical rules can be met.
fn dial() -> Instrument {
    let text = format!(
        r#"
format = 1
id = "dial"
version = "1.0.0"
title = "Dial (invented)"
edition = "first"
authors = ["Nobody"]
measures = ["stress"]
licence = {{ class = "public-domain", holder = "nobody", terms = "Invented.", checked = "2026-11-25", ask-first-for = [] }}
sources = {{ log = {{ title = "The invented log" }} }}
responses = {{ dial = {{ range = [0, 100] }} }}
form = {{ responses = "dial", items = [{{ id = "1", topic = "load today" }}] }}
scales = [{{ id = "load", sum = ["1"], range = [0, 100], direction = "higher-is-worse", basis = {{ source = "log", origin = "author", grade = "A" }} }}]
norms = [{{ id = "log", scale = "load", population = "invented", n = 1000, mean = {LEVEL:.1}, sd = {SD:.1}, reliability = [{{ kind = "retest", value = {RELIABILITY}, days = 30 }}], same-sample = true, basis = {{ source = "log", origin = "author", grade = "A" }} }}]
"#
    );
    Instrument::parse(&text).unwrap()
}

struct Dice(u64);

impl Dice {
    /// A standard normal number (xorshift* and the exact quantile).
    fn normal(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        normal_quantile((bits as f64 + 0.5) / (1_u64 << 53) as f64).unwrap()
    }
}

/// Monthly check-ins of one person; from check-in `BEFORE` on the level is moved by `shift`.
fn person(scorer: &Scorer, dice: &mut Dice, (n, shift): (usize, f64)) -> History {
    let dial = scorer.instrument();
    let sem = SD * (1.0 - RELIABILITY).sqrt();
    let mut history = History::new("dial");
    for at in 0..n {
        let level = LEVEL + if at >= BEFORE { shift } else { 0.0 };
        let score = (level + sem * dice.normal()).round().clamp(0.0, 100.0) as i64;
        let sheet: Sheet = dial.sheet().answer("1", score).unwrap().finish();
        history.push(month(at), scorer.score(&sheet).unwrap().to_record()).unwrap();
    }
    history
}

fn month(at: usize) -> Date {
    Date::new(2024, 1, 15).unwrap().plus_days(30 * i32::try_from(at).unwrap()).unwrap()
}

/// Policies with one kind of rule, and the ready ones.
fn policies() -> Vec<(&'static str, Policy)> {
    let one = |rule: &str| {
        Policy::parse(&format!(
            "format = 1\nid = \"one\"\ntitle = \"One rule\"\naudience = \"person\"\nlooks = {LOOKS}\n\
             false-alarms = 0.05\n[[rules]]\nid = \"only\"\nseverity = \"talk\"\nmessage = \"m\"\n{rule}\n"
        ))
        .unwrap()
    };
    vec![
        ("own-use", ready("own-use").unwrap().unwrap()),
        ("peer-support", ready("peer-support").unwrap().unwrap()),
        ("occupational-health", ready("occupational-health").unwrap().unwrap()),
        ("worse than baseline, alone", one("worse = { than = \"baseline\" }")),
        ("worse than last time, alone", one("worse = { than = \"previous\" }")),
        ("trend, alone", one("trend = {}")),
        ("drift, alone", one("drift = {}")),
    ]
}

/// The first look (0-based) at which the policy flags this person, other than for being late.
fn first_flag(policy: &Policy, dial: &Instrument, history: &History) -> Option<usize> {
    let course = history.course(dial).unwrap();
    (1..history.entries().len()).find(|at| !policy.review(&[course], month(*at)).flags.is_empty())
}

fn chart(series: &Series, norm: &Yardstick) -> Option<Chart> {
    series.chart(Some(norm), &ChartOptions::new()).ok()
}

struct Line {
    name: String,
    false_alarms: f64,
    delays: Vec<Option<usize>>,
}

impl Line {
    fn within(&self, looks: usize) -> f64 {
        let seen = self.delays.iter().filter(|delay| delay.is_some_and(|d| d <= looks)).count();
        seen as f64 / self.delays.len() as f64
    }

    fn median(&self) -> Option<usize> {
        let mut delays: Vec<usize> =
            self.delays.iter().map(|delay| delay.unwrap_or(usize::MAX)).collect();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied().filter(|delay| *delay != usize::MAX)
    }
}

fn simulate(people: usize) -> Vec<Line> {
    let dial = dial();
    let scorer = dial.scorer();
    let norm = Yardstick::best(&dial, "load").unwrap();
    let mut dice = Dice(20_240_229);
    // Stable people with twelve check-ins (and three before, for the chart's baseline).
    let stable: Vec<History> =
        (0..people).map(|_| person(&scorer, &mut dice, (LOOKS, 0.0))).collect();
    let shifted: Vec<History> =
        (0..people).map(|_| person(&scorer, &mut dice, (BEFORE + LOOKS, SD))).collect();
    let long: Vec<History> =
        (0..people).map(|_| person(&scorer, &mut dice, (BEFORE + LOOKS, 0.0))).collect();
    let rate = |flags: usize| flags as f64 / people as f64;
    // After the shift; a flag before it is a false alarm, counted as seen at once.
    let delay = |at: usize| (at + 1).saturating_sub(BEFORE);
    let mut lines: Vec<Line> = policies()
        .into_iter()
        .map(|(name, policy)| Line {
            name: name.to_owned(),
            false_alarms: rate(
                stable.iter().filter(|h| first_flag(&policy, &dial, h).is_some()).count(),
            ),
            delays: shifted.iter().map(|h| first_flag(&policy, &dial, h).map(delay)).collect(),
        })
        .collect();
    let series = |history: &History| history.course(&dial).unwrap().series("load").unwrap();
    let signal = |history: &History, worse_only: bool| {
        let chart = chart(&series(history), &norm)?;
        let at = chart.points.iter().position(|point| match point.signal {
            Some(Verdict::Worse) => true,
            Some(_) => !worse_only,
            None => false,
        });
        at.map(|at| at + 1)
    };
    lines.push(Line {
        name: "EWMA chart, default limits, 12 points after 3".to_owned(),
        false_alarms: rate(long.iter().filter(|h| signal(h, false).is_some()).count()),
        delays: shifted.iter().map(|h| signal(h, true)).collect(),
    });
    // What people do who look again and again with one look's limit.
    let naive = |history: &History| {
        let series = series(history);
        (1..history.entries().len()).find(|at| {
            series
                .until(month(*at))
                .change(Between::FirstAndLast, &norm, &ChangeOptions::new())
                .is_ok_and(|change| change.verdict() != Verdict::NoReliableChange)
        })
    };
    lines.push(Line {
        name: "for comparison: 95 % change at each look".to_owned(),
        false_alarms: rate(stable.iter().filter(|h| naive(h).is_some()).count()),
        delays: shifted.iter().map(|h| naive(h).map(delay)).collect(),
    });
    lines
}

#[test]
fn stable_people_are_left_alone_and_a_shift_is_seen() {
    let people =
        std::env::var("SIMULATED_PEOPLE").ok().and_then(|n| n.parse().ok()).unwrap_or(1500);
    let lines = simulate(people);
    println!("{people} simulated people, reliability {RELIABILITY}, seed fixed");
    println!("| | stable: flagged in 12 | shift of 1 SD: seen within 3 | 6 | 12 | median delay |");
    println!("|---|---|---|---|---|---|");
    for line in &lines {
        let share = |x: f64| format!("{:.1} %", 100.0 * x);
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            line.name,
            share(line.false_alarms),
            share(line.within(3)),
            share(line.within(6)),
            share(line.within(12)),
            line.median().map_or("more than 12".to_owned(), |d| d.to_string()),
        );
    }
    // Three standard errors of a simulated share of this size.
    let room = |rate: f64| 3.0 * (rate * (1.0 - rate) / people as f64).sqrt();
    let (naive, policies) = lines.split_last().unwrap();
    let (chart, policies) = policies.split_last().unwrap();
    for policy in policies {
        assert!(policy.false_alarms <= 0.05 + room(0.05), "{}", policy.name);
    }
    assert!(chart.false_alarms <= 0.06 + room(0.06));
    assert!(naive.false_alarms > 0.2, "the comparison shows why looks are counted");
    let own_use = &policies[0];
    assert!(own_use.within(6) > 0.65 && own_use.within(12) > 0.8);
}
