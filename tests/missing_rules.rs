//! One missing rule for each scale, given by the caller: what it scores, what it refuses, and where
//! it is seen.
#![allow(clippy::pedantic, clippy::duplicate_mod)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write;
use std::{env, fs, process};

use straingauge::score::{MinAnswered, OptionError, ScoreOptions, ScoreRecord};
use straingauge::{Instrument, catalog};

#[path = "../examples/score_survey.rs"]
mod score_survey;
#[path = "../examples/translate.rs"]
mod translate;

fn on(scale: &str, rule: &str) -> ScoreOptions {
    ScoreOptions::new().min_answered_on(scale, rule.parse().unwrap())
}

/// Shares are rounded up, exactly: 0.55 of 20 items is 11, though 0.55 * 20.0 is more in floating
/// point; 0.8 of 9 is 7.2.
#[test]
fn shares_are_exact() {
    for (instrument, scale, share, answers) in [
        ("phq-9", "total", "0.8", "8"),
        ("phq-9", "total", "1.0", "9"),
        ("phq-9", "total", "0.1", "1"),
        ("gad-7", "total", "0.7", "5"),
        ("pcl-5", "total", "0.55", "11"),
        ("pcl-5", "total", "0.50", "10"),
        ("pss-10", "total", "0.7", "7"),
    ] {
        let instrument = catalog::get(instrument).unwrap();
        let hash = |rule: &str| {
            let scorer = instrument.scorer_with(&on(scale, rule)).unwrap();
            scorer.rule_hash(scale).unwrap().to_owned()
        };
        assert_eq!(hash(share), hash(answers), "{share} of {scale}");
    }
}

#[test]
fn a_rule_holds_for_its_scale_alone_and_is_in_the_record() {
    let dass = catalog::get("dass-21").unwrap();
    let scales: Vec<String> = dass.scorer().scales().map(|scale| scale.id().to_owned()).collect();
    let (first, second) = (scales[0].as_str(), scales[1].as_str());
    let sheet = (1..=21).fold(dass.sheet(), |sheet, item| {
        let item = item.to_string();
        // One item of every scale is left blank: 1 is stress, 2 anxiety, 3 depression.
        if ["1", "2", "3"].contains(&item.as_str()) {
            sheet.skip(&item).unwrap()
        } else {
            sheet.answer(&item, 1).unwrap()
        }
    });
    let sheet = sheet.finish();
    let own = dass.scorer();
    let scorer = dass.scorer_with(&on(first, "6")).unwrap();
    let scored = |id: &str| scorer.score(&sheet).unwrap().get(id).unwrap().status().is_scored();
    assert!(scored(first) && !scored(second));
    assert_ne!(scorer.rule_hash(first), own.rule_hash(first));
    assert_eq!(scorer.rule_hash(second), own.rule_hash(second));
    // A single rule goes before the one for all.
    let both = dass.scorer_with(&on(first, "7").min_answered(6)).unwrap();
    let both = both.score(&sheet).unwrap();
    assert!(!both.get(first).unwrap().status().is_scored());
    assert!(both.get(second).unwrap().status().is_scored());

    // The record says so, and can be recomputed from it.
    let record = scorer.score(&sheet).unwrap().to_record();
    assert_eq!(record.receipt.min_answered_on[first], 6);
    let stored = serde_json::to_string(&record).unwrap();
    assert!(stored.contains(&format!("\"min-answered-on\":{{\"{first}\":6}}")), "{stored}");
    let again: ScoreRecord = serde_json::from_str(&stored).unwrap();
    again.verify(&dass, &sheet).unwrap();
}

#[test]
fn what_a_scale_cannot_follow_is_refused() {
    let refused = |id: &str, scale: &str, rule: &str| {
        catalog::get(id).unwrap().scorer_with(&on(scale, rule)).unwrap_err()
    };
    let says = |error: OptionError, what: &str| {
        assert!(error.to_string().contains(what), "{error}");
    };
    says(refused("phq-9", "totl", "8"), "phq-9 has no scale `totl`; it has total");
    says(refused("phq-9", "total", "0"), "`total`: it would be scored from nothing");
    says(refused("phq-9", "total", "0.0"), "`total`: it would be scored from nothing");
    says(refused("phq-9", "total", "10"), "`total`: it has 9 items");
    says(refused("phq-9", "total", "1.1"), "`total`: it has 9 items");
    says(refused("who-5", "percent", "4"), "made from other scales; give the rule to those");
    // Items of different ranges: an answer to one cannot stand for another.
    let who5 = include_str!("../instruments/who-5/1.0.0.toml");
    let unlike = who5
        .replace("[responses]", "[responses]\nshort = { options = [[0, \"no\"], [1, \"yes\"]] }")
        .replace("topic = \"calm\"", "topic = \"calm\", responses = \"short\"")
        .replace("range     = [0, 25]", "range     = [0, 21]");
    let percent = unlike.match_indices("[[scales]]").nth(1).unwrap().0;
    let unlike = Instrument::parse(&unlike[..percent]).unwrap();
    let error = unlike.scorer_with(&on("raw", "4")).unwrap_err();
    says(error, "`raw`: its items count over different ranges and cannot stand for each other");
    unlike.scorer_with(&on("raw", "5")).unwrap();
    // Every scale of every instrument either follows a rule of all but one, or is made from others.
    let mut served = 0;
    for instrument in catalog::all() {
        for scale in instrument.scales() {
            let items = scale.key().terms().len();
            let asked = on(scale.id(), &(items.max(2) - 1).to_string());
            match instrument.scorer_with(&asked) {
                Ok(_) => served += 1,
                Err(OptionError::MissingRule { problem, .. }) => {
                    assert!(problem.contains("made from other scales"), "{problem}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(served > 100, "{served}");
    for text in ["", "-1", "eight", "0,8", "1e1", "+8", "0.8.1", " 8"] {
        assert!(text.parse::<MinAnswered>().is_err(), "{text}");
    }
}

type Command = fn(&[String], &mut dyn Write, &mut dyn Write) -> u8;

fn ran(run: Command, arguments: &[&str]) -> (u8, String, String) {
    let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&arguments, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_commands_take_it_and_say_it() {
    let folder = env::temp_dir();
    let file = folder.join(format!("straingauge-missing-{}.csv", process::id()));
    let report = folder.join(format!("straingauge-missing-{}.json", process::id()));
    let header: Vec<String> = (1..=9).map(|item| format!("q{item}")).collect();
    // Two blanks, one blank.
    fs::write(&file, format!("{}\n1,1,1,1,1,1,1,,\n1,1,1,1,1,1,1,1,\n", header.join(","))).unwrap();
    let (file, report) = (file.to_str().unwrap(), report.to_str().unwrap());
    let phq9 = ["--instrument", "phq-9", "--prefix", "q", "--input", file];
    for rule in ["total=8", "total=0.8", "8"] {
        let asked = [&phq9[..], &["--min-answered", rule, "--report", report]].concat();
        let (_, out, err) = ran(score_survey::run, &asked);
        let rows: Vec<&str> = out.lines().skip(1).collect();
        assert!(rows[0].starts_with("1,,7,too-few-answered,"), "{rule}: {out}");
        // Eight ones stand for nine items: 9.
        assert!(rows[1].starts_with("2,9,8,prorated,"), "{rule}: {out}");
        assert!(err.contains("scored from 8 answers up, as asked for"), "{rule}: {err}");
        let read: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        let receipt = &read["instruments"][0]["receipt"];
        let asked = [&receipt["min-answered-on"]["total"], &receipt["min-answered"]];
        assert!(asked.iter().any(|asked| asked.as_u64() == Some(8)), "{receipt}");
    }
    for (rule, because) in [
        ("totl=8", "has no scale `totl`"),
        ("total=10", "it has 9 items"),
        ("0.8", "write SCALE=0.8"),
        ("total=7,total=8", "comes twice"),
        ("total=most", "`most` is no number of answers (8) and no share of the items (0.8)"),
    ] {
        let (code, out, err) =
            ran(score_survey::run, &[&phq9[..], &["--min-answered", rule]].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{rule}: {err}");
        assert!(err.contains(because), "{rule}: {err}");
    }
    // What is written for other tools follows the same rule.
    let written = |target: &str| {
        let asked = ["--instrument", "phq-9", "--min-answered", "total=0.8", "--to", target];
        let (code, out, err) = ran(translate::run, &asked);
        assert_eq!(code, 0, "{err}");
        out
    };
    assert!(written("codebook").contains("From 8 of 9 answers up"), "{}", written("codebook"));
    assert!(written("fhir-questionnaire").contains("+needs-total-8"));
    fs::remove_file(file).unwrap();
    fs::remove_file(report).unwrap();
}
