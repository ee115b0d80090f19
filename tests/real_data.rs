//! Real answers and published vectors that may not enter the repository: read from the folder that
//! `STRAINGAUGE_FIXTURES` names (`survey/`, `vectors/`), and said to be skipped where it is unset.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use straingauge::answers::{Answer, MissingKind};
use straingauge::catalog;
use straingauge::score::Scorer;

fn fixtures(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("STRAINGAUGE_FIXTURES").map(PathBuf::from);
    if folder.is_none() {
        println!("{test}: skipped, STRAINGAUGE_FIXTURES is not set");
    }
    folder
}

/// Rows of a file: the answers of `many` items from `prefix1` on, and the whole record.
fn rows(file: &std::path::Path, prefix: &str, many: usize) -> Vec<(Vec<u8>, csv::StringRecord)> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let headers = reader.headers().unwrap().clone();
    let columns: Vec<usize> = (1..=many)
        .map(|item| headers.iter().position(|name| name == format!("{prefix}{item}")).unwrap())
        .collect();
    let read = |record: csv::StringRecord| {
        let answers = columns.iter().map(|at| record[*at].parse().unwrap()).collect();
        (answers, record)
    };
    reader.records().map(|record| read(record.unwrap())).collect()
}

/// The answers with the items that the file does not have not asked.
fn whole(scorer: &Scorer, mut answers: Vec<u8>) -> Vec<u8> {
    let not_asked = Answer::Missing(MissingKind::NotAsked).to_byte();
    answers.resize(scorer.instrument().items().len(), not_asked);
    answers
}

#[test]
fn isixhosa_totals_are_those_of_the_authors() {
    let Some(folder) = fixtures("isixhosa_totals_are_those_of_the_authors") else { return };
    let scorer = catalog::get("phq-9").unwrap().scorer();
    let mut agree = 0;
    let rows = rows(&folder.join("survey/isixhosa_phq9.csv"), "phq9_", 9);
    for (answers, record) in &rows {
        let scores = scorer.score_row(&whole(&scorer, answers.clone())).unwrap();
        let total = scores.get("total").unwrap().value().unwrap().to_f64();
        let authors: f64 = record[10].parse().unwrap();
        assert_eq!(total, authors, "row {record:?}");
        agree += 1;
    }
    assert_eq!((agree, rows.len()), (47, 47));
}

#[test]
fn students_have_the_published_mean_and_bands() {
    let Some(folder) = fixtures("students_have_the_published_mean_and_bands") else { return };
    let scorer = catalog::get("phq-9").unwrap().scorer();
    let rows = rows(&folder.join("survey/ukm_phq9_gad7_pss10.csv"), "phq9_", 9);
    let mut bands: BTreeMap<usize, (String, usize)> = BTreeMap::new();
    let mut sum = 0.0;
    for (answers, _) in &rows {
        let scores = scorer.score_row(&whole(&scorer, answers.clone())).unwrap();
        let total = scores.get("total").unwrap();
        sum += total.value().unwrap().to_f64();
        let band = total.band().unwrap();
        bands.entry(band.position()).or_insert((band.label().to_owned(), 0)).1 += 1;
    }
    let mean = sum / rows.len() as f64;
    assert_eq!((rows.len(), (mean * 1000.0).round() / 1000.0), (223, 8.825));
    let counts: Vec<(&str, usize)> = bands.values().map(|(l, n)| (l.as_str(), *n)).collect();
    let expected = [
        ("minimal", 61),
        ("mild", 82),
        ("moderate", 43),
        ("moderately-severe", 18),
        ("severe", 19),
    ];
    assert_eq!(counts, expected);
}

/// A published name, the id that it stands for, and scales by the name of the published number.
type Name = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const NAMES: &[Name] = &[
    ("PHQ-9", "phq-9", &[("total", "total")]),
    ("PHQ-8", "phq-8", &[("total", "total")]),
    ("PHQ-4", "phq-4", &[("total", "total"), ("anxiety", "anxiety"), ("depression", "depression")]),
    ("GAD-7", "gad-7", &[("total", "total")]),
    ("WHO-5", "who-5", &[("raw", "raw"), ("percent", "percent")]),
    ("PSS-4", "pss-4", &[("total", "total")]),
    ("PSS-10", "pss-10", &[("total", "total")]),
    ("PCL-5", "pcl-5", &[("total", "total")]),
    (
        "DASS-21",
        "dass-21",
        &[("depression", "depression"), ("anxiety", "anxiety"), ("stress", "stress")],
    ),
];

#[test]
fn published_vectors_of_shipped_instruments_come_out() {
    let Some(folder) = fixtures("published_vectors_of_shipped_instruments_come_out") else {
        return;
    };
    let (mut compared, mut other) = (0, Vec::new());
    for file in ["awell.json", "biopsykit.json", "jspsychhelper.json", "misc.json"] {
        let text = std::fs::read_to_string(folder.join("vectors").join(file)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for vector in document["vectors"].as_array().unwrap() {
            let name = vector["instrument"].as_str().unwrap();
            let known = NAMES.iter().find(|(published, ..)| *published == name);
            let shipped = known.and_then(|(_, id, names)| Some((catalog::get(id).ok()?, names)));
            let Some((instrument, names)) = shipped else {
                other.push(name.to_owned());
                continue;
            };
            let scorer = instrument.scorer();
            // `raw` is as chosen, `coded` after reversal; `answers` as chosen.
            let answers = vector.get("answers").or_else(|| vector.get("raw")).unwrap();
            let skipped = Answer::Missing(MissingKind::Skipped).to_byte();
            let byte = |answer: &Value| answer.as_u64().map_or(skipped, |code| code as u8);
            let row = whole(&scorer, answers.as_array().unwrap().iter().map(byte).collect());
            let scores = scorer.score_row(&row).unwrap();
            for (published, scale) in *names {
                let Some(view) = scores.get(scale) else { continue };
                match &vector["expected"][published] {
                    Value::Number(expected) => {
                        let score =
                            view.value().unwrap_or_else(|absence| panic!("{name}: {absence}"));
                        assert_eq!(
                            score.to_f64(),
                            expected.as_f64().unwrap(),
                            "{name} {scale} {row:?}"
                        );
                        compared += 1;
                    }
                    // What the publisher refuses to score is absent here too.
                    _ if vector["expected"].get("error").is_some() || answers[0].is_null() => {
                        assert!(view.value().is_err(), "{name} {scale} {row:?}");
                        compared += 1;
                    }
                    _ => {}
                }
            }
            if let (Some(band), "PHQ-9") = (vector["expected"]["band"].as_str(), name) {
                let band = if band == "none/minimal" { "minimal" } else { band };
                assert_eq!(scores.get("total").unwrap().band().unwrap().label(), band);
                compared += 1;
            }
        }
    }
    assert!(compared >= 8, "{compared}");
    other.sort();
    other.dedup();
    println!("{compared} numbers compared; not shipped or not matched: {}", other.join(", "));
}
