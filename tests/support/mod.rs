//! An instrument and courses for the tests of change and watch.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use straingauge::change::History;
use straingauge::date::Date;
use straingauge::{Instrument, Sheet};

/// One score 0 to 100 a check-in, a safety item, three bands, a norm with SEM 2.
pub fn gauge() -> Instrument {
    Instrument::parse(GAUGE).unwrap()
}

/// Its definition.
pub const GAUGE: &str = r#"
format = 1
id = "gauge"
version = "1.0.0"
title = "Gauge (invented)"
edition = "first"
authors = ["Nobody"]
measures = ["stress"]

[licence]
class = "public-domain"
holder = "nobody"
terms = "Invented for tests."
checked = "2026-11-25"
ask-first-for = []

[sources]
log = { title = "The invented log" }

[responses]
dial = { range = [0, 100] }
yes-no = { options = [[0, "no"], [1, "yes"]] }

[form]
items = [
  { id = "1", topic = "load today", responses = "dial" },
  { id = "2", topic = "unsafe thoughts", responses = "yes-no", sensitive = true, unscored = true },
]

[[scales]]
id = "load"
sum = ["1"]
range = [0, 100]
direction = "higher-is-worse"
basis = { source = "log", origin = "author", grade = "A" }

[[bands]]
id = "log"
scales = ["load"]
default = true
basis = { source = "log", origin = "author", grade = "A" }
steps = [[0, "low"], [20, "middle"], [30, "high"]]

[[criteria]]
id = "unsafe"
role = "safety"
any = ["2 >= 1"]
basis = { source = "log", origin = "author", grade = "A" }

[[criteria]]
id = "above-40"
any = ["load >= 40"]
basis = { source = "log", origin = "author", grade = "A" }

[[norms]]
id = "log-keepers"
scale = "load"
population = "invented"
n = 100
mean = 20
sd = 4
reliability = [{ kind = "alpha", value = 0.75 }]
same-sample = true
basis = { source = "log", origin = "author", grade = "A" }
"#;

pub fn day(n: i32) -> Date {
    Date::new(2024, 1, 1).unwrap().plus_days(n).unwrap()
}

/// A history of an instrument from answers in form order on days after 2024-01-01.
pub fn history(instrument: &Instrument, answers: &[(i32, &str)]) -> History {
    let mut history = History::new(instrument.id());
    let scorer = instrument.scorer();
    for (at, answers) in answers {
        let sheet = Sheet::from_text(instrument, answers).unwrap();
        history.push(day(*at), scorer.score(&sheet).unwrap().to_record()).unwrap();
    }
    history
}

/// The gauge's history of these loads, a month apart; `None` is a check-in without an answer.
pub fn loads(values: &[Option<i32>]) -> History {
    let gauge = gauge();
    let answers: Vec<(i32, String)> = (0..)
        .zip(values)
        .map(|(at, load)| (at * 30, load.map_or(". 0".to_owned(), |load| format!("{load} 0"))))
        .collect();
    let answers: Vec<(i32, &str)> = answers.iter().map(|(at, text)| (*at, text.as_str())).collect();
    history(&gauge, &answers)
}
