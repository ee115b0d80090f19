//! The examination of items as people script it: a file in, report, coefficients and indices out.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::{env, fs, process};

use serde_json::Value;

mod common;
#[path = "../examples/examine_items.rs"]
mod examine_items;

use common::{Scale, csv, definition, fixtures, json, numbered, oracle};

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("straingauge-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: &str) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> (u8, String, String) {
    let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = examine_items::run(&arguments, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn ten_items() -> String {
    let reverse = ["i4", "i9"].map(str::to_owned).to_vec();
    definition(&[Scale { id: "total", items: numbered("i", 1..=10), reverse }], (1, 5))
}

#[track_caller]
fn close(found: &Value, expected: &Value, tolerance: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

#[test]
fn coefficients_of_the_oracle_from_file_to_file() {
    let folder = Folder::new("coefficients");
    let (own, to) = (folder.file("own.toml", &ten_items()), folder.path("out.json"));
    let (oracle_json, polished) = (json("reliability.json"), json("factor_polished.json"));
    for set in ["syn_items_complete", "syn_items_missing"] {
        for deletion in ["listwise", "pairwise"] {
            let input = oracle(&format!("data/{set}.csv"));
            let (code, out, err) = run(&[
                "--definition",
                &own,
                "--instrument",
                "invented",
                "--input",
                input.to_str().unwrap(),
                "--deletion",
                deletion,
                "--json",
                &to,
            ]);
            assert_eq!(code, 0, "{err}");
            assert!(out.contains(&format!("people, {deletion}")), "{out}");
            let whole = read(&to);
            let (scale, expected) = (&whole["scales"]["total"], &oracle_json[set][deletion]);
            assert_eq!(whole["key_check"], Value::Array(Vec::new()));
            close(&scale["alpha"], &expected["alpha_raw"], 1e-13);
            close(&scale["alpha_standardized"], &expected["alpha_std"], 1e-13);
            close(
                &scale["guttman_lambda2"],
                &expected["guttman_covariance_metric"]["lambda2"],
                1e-13,
            );
            close(
                &scale["guttman_lambda6"],
                &expected["guttman_covariance_metric"]["lambda6"],
                1e-13,
            );
            let halves = &expected["split_half"]["odd_even"]["spearman_brown"];
            close(&scale["split_half_odd_even"], halves, 1e-13);
            let omega = &polished[set][deletion]["ml"]["omega_raw_model_implied"];
            close(&scale["omega"], omega, 1e-9);
            for item in numbered("i", 1..=10) {
                let dropped = &expected["alpha_if_deleted"][&item];
                close(&scale["alpha_if_dropped"][&item], dropped, 1e-13);
                let rest = &expected["item_total_corrected_r"][&item];
                close(&scale["item_rest"][&item], rest, 1e-13);
            }
            if deletion == "listwise" {
                assert_eq!(scale["n"], expected["n"]);
                close(&scale["alpha_ci"][0], &expected["feldt_ci"][1]["lower"], 1e-10);
                close(&scale["alpha_ci"][1], &expected["feldt_ci"][1]["upper"], 1e-10);
                let sd = oracle_json[set]["scale_listwise"]["sd"].as_f64().unwrap();
                let sem = sd * (1.0 - expected["alpha_raw"].as_f64().unwrap()).sqrt();
                close(&scale["sem"], &Value::from(sem), 1e-12);
            }
        }
    }
}

#[test]
fn people_of_the_oracle_and_of_the_r_package() {
    let folder = Folder::new("people");
    let (own, to) = (folder.file("own.toml", &ten_items()), folder.path("people.csv"));
    let input = oracle("data/syn_items_missing.csv");
    let input = input.to_str().unwrap();
    let done = run(&["--definition", &own, "--input", input, "--people", &to]);
    assert_eq!(done.0, 0, "{}", done.2);
    let (header, rows) = csv(to.as_ref());
    assert_eq!(
        header.join(","),
        "row,longstring,average_longstring,irv,even_odd,mahalanobis_d2,mahalanobis_p,missing_share,straightline_across_keys"
    );
    assert_eq!(rows.len(), 200);
    // The first person answered nothing: nothing is said but that.
    assert_eq!(rows[0], ["1", "", "", "", "", "", "", "1", ""]);
    let (header, expected) = csv(&oracle("careless_syn_items_missing.csv"));
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    for (row, expected) in rows.iter().zip(&expected).skip(1) {
        assert_eq!(row[0], expected[at("row")]);
        assert_eq!(row[1], expected[at("longstring_na_breaks")]);
        for (own, name) in [(3, "irv"), (5, "mahal_d2_complete_cases"), (6, "mahal_p_complete")] {
            match (row[own].parse::<f64>(), expected[at(name)].parse::<f64>()) {
                (Ok(found), Ok(expected)) => {
                    assert!((found - expected).abs() <= 1e-11 * expected.max(1.0));
                }
                (found, expected) => assert_eq!(found.is_err(), expected.is_err()),
            }
        }
    }

    let (Some(input), Some(expected)) = (
        fixtures("survey/careless_simulated_200x50.csv"),
        fixtures("survey/careless_simulated_200x50_expected.csv"),
    ) else {
        return;
    };
    let names: Vec<String> = ('a'..='j').map(|letter| format!("scale-{letter}")).collect();
    let items: Vec<String> = ('a'..='j').flat_map(|c| numbered(&format!("{c}"), 1..=5)).collect();
    let scales: Vec<Scale<'_>> = items
        .chunks(5)
        .zip(&names)
        .map(|(items, id)| Scale { id, items: items.to_vec(), reverse: Vec::new() })
        .collect();
    let own = folder.file("fifty.toml", &definition(&scales, (1, 5)));
    let columns: Vec<String> =
        ('A'..='J').flat_map(|c| numbered(&format!("scale{c}"), 1..=5)).collect();
    let (columns, input) = (columns.join(","), input.to_str().unwrap());
    let done = run(&["--definition", &own, "--input", input, "--items", &columns, "--people", &to]);
    assert_eq!(done.0, 0, "{}", done.2);
    let ((_, rows), (header, expected)) = (csv(to.as_ref()), csv(&expected));
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    for (row, expected) in rows.iter().zip(&expected) {
        let pairs = [(1, "longstr"), (2, "avgstr"), (3, "irv"), (4, "evenodd"), (5, "mahad_sq")];
        for (own, name) in pairs {
            match (row[own].parse::<f64>(), expected[at(name)].parse::<f64>()) {
                (Ok(found), Ok(expected)) => {
                    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0));
                }
                (found, expected) => assert_eq!(found.is_err(), expected.is_err()),
            }
        }
    }
}

/// PHQ-9 answers of 40 people with a total by a rule of its own, in two sites.
fn phq9(total: impl Fn(&[Option<u8>]) -> String, code: impl Fn(u8, usize) -> u8) -> String {
    let header = (1..=9).map(|n| format!("q{n}")).collect::<Vec<_>>().join(",");
    let mut text = format!("{header},stored,site\n");
    for person in 0..40_usize {
        let answers: Vec<Option<u8>> = (0..9)
            .map(|item| {
                let blank = person % 5 == 0 && item == person % 9;
                (!blank)
                    .then(|| u8::try_from((person / 10 + (person * 7 + item * 3) % 3) % 4).unwrap())
            })
            .collect();
        let cells: Vec<String> = answers
            .iter()
            .map(|a| a.map_or(String::new(), |a| code(a, person).to_string()))
            .collect();
        text.push_str(&format!("{},{},{}\n", cells.join(","), total(&answers), person % 2));
    }
    text
}

#[test]
fn a_stored_total_and_shifted_codes_are_explained() {
    let folder = Folder::new("total");
    let zeros = phq9(
        |answers| answers.iter().flatten().map(|a| u32::from(*a)).sum::<u32>().to_string(),
        |answer, _| answer,
    );
    let (input, to) = (folder.file("zeros.csv", &zeros), folder.path("out.json"));
    let common = ["--instrument", "phq-9", "--prefix", "q", "--total", "stored", "--json", &to];
    let with = |more: &[&str]| run(&[&common[..], more].concat());
    let (code, out, err) = with(&["--input", &input, "--group", "site"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("agree if: a blank counts as 0"), "{out}");
    let findings = read(&to)["key_check"].clone();
    assert_eq!(findings[0]["problem"], "total-differs");
    assert_eq!(findings[0]["scale"], "total");
    assert_eq!(findings[0]["fits"][0], "blank-as-zero");
    assert_eq!(findings[0]["likelihood"], "likely");
    assert!(findings[0]["text"].as_str().unwrap().contains("stored total"));

    let shifted = phq9(|_| String::new(), |answer, _| answer + 1);
    let input = folder.file("shifted.csv", &shifted);
    let (code, out, err) = with(&["--input", &input, "--scale", "total"]);
    assert_eq!(code, 3, "{err}");
    assert!(out.contains("codes look counted from 1"), "{out}");
    let findings = read(&to)["key_check"].clone();
    assert_eq!(findings[0]["problem"], "codes-from-one");
    assert_eq!(findings[0]["items"].as_array().unwrap().len(), 9);
}

#[test]
fn a_published_file_agrees_with_its_own_totals() {
    let Some(input) = fixtures("survey/isixhosa_phq9.csv") else { return };
    let folder = Folder::new("published");
    let to = folder.path("out.json");
    let (code, out, err) = run(&[
        "--instrument",
        "phq-9",
        "--prefix",
        "phq9_",
        "--input",
        input.to_str().unwrap(),
        "--total",
        "phq9_total_author",
        "--json",
        &to,
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("nothing found that does not fit"), "{out}");
    assert_eq!(read(&to)["scales"]["total"]["n"], 47);

    let input = fixtures("survey/ukm_phq9_gad7_pss10.csv").unwrap();
    for (id, prefix) in [("phq-9", "phq9_"), ("gad-7", "gad7_"), ("pss-10", "pss10_")] {
        let input = input.to_str().unwrap();
        let done = run(&["--instrument", id, "--prefix", prefix, "--input", input, "--json", &to]);
        // Some rows repeat an earlier one by chance, which a person should look at.
        assert!([0, 3].contains(&done.0), "{}", done.2);
        // The PSS-10 of this file is as answered, and seen to be so.
        assert_eq!(read(&to)["key_check"], Value::Array(Vec::new()), "{id}");
    }
}

#[test]
fn scales_that_say_nothing_say_why() {
    let folder = Folder::new("why");
    let own = folder.file("own.toml", &ten_items());
    let header = numbered("i", 1..=10).join(",");
    let (to, people) = (folder.path("out.json"), folder.path("people.csv"));
    for rows in ["", "3,3,3,3,3,3,3,3,3,3\n3,3,3,3,3,3,3,3,3,3\n3,3,3,3,3,3,3,3,3,3\n"] {
        let input = folder.file("in.csv", &format!("{header}\n{rows}"));
        let common = ["--definition", &own, "--input", &input, "--json", &to, "--people", &people];
        for deletion in ["listwise", "pairwise"] {
            let done = run(&[&common[..], &["--deletion", deletion]].concat());
            assert_eq!(done.0, 0, "{}", done.2);
            let error = read(&to)["scales"]["total"]["error"].as_str().unwrap().to_owned();
            let why = if rows.is_empty() { "0 people remain" } else { "no spread in i1" };
            assert!(error.contains(why), "{error}");
            assert_eq!(csv(people.as_ref()).1.len(), rows.lines().count());
        }
    }
}

/// Files in which something is wrong; numbers of R's psych (alpha) and of the arithmetic beside them.
#[test]
fn what_is_wrong_with_a_file_is_named() {
    let file = |name: &str| format!("{}/tests/data/quality/{name}", env!("CARGO_MANIFEST_DIR"));
    let of = |instrument: &str, name: &str, more: &[&str]| {
        let input = file(name);
        let mut all = vec!["--instrument", instrument, "--input", &input];
        all.extend(more);
        let (_, out, err) = run(&all);
        assert!(out.contains("DOES THE KEY FIT"), "{name}: {err}");
        out
    };
    // All reverse-keyed items of a subscale turned: only the total shows it.
    let out = of("pss-10", "pss_already_reversed.csv", &[]);
    assert!(out.contains("alpha -0.641 "), "psych: -0.6412914");
    assert!(out.contains("reverse-keyed 4, 5, 7, 8 of `total` run with the others as they stand"));
    assert!(out.contains("alpha is negative, so there is no standard error of measurement"));
    // 0.8848 of eight items is 0.8848 x 7/8 x 9/8 = 0.8710 of nine.
    let out = of("phq-9", "phq9_item9_all_zero.csv", &["--prefix", "q"]);
    assert!(out.contains("everybody gave one answer to 9"));
    assert!(out.contains("raw alpha of all 9 items 0.8710, of the 8 that vary 0.8848"), "{out}");
    let out = of("pss-10", "pss_totals.csv", &["--total", "redcap"]);
    assert!(out.contains("60 rows agree if: a blank counts as 0 before reversal"), "{out}");
    let out = of("gad-7", "dup_column.csv", &[]);
    assert!(out.contains("1, 2 are equal in 50 of 50 rows"), "{out}");
}

#[test]
fn wrong_usage_is_told_from_wrong_input() {
    let folder = Folder::new("usage");
    let input = folder.file("in.csv", "q1,q2\n1,2\n");
    let phq9 = ["--instrument", "phq-9", "--prefix", "q", "--input", &input];
    let with = |more: &[&str]| run(&[&phq9[..], more].concat());
    let (code, _, err) = with(&["--deletion", "casewise"]);
    assert_eq!((code, err.contains("`casewise` is not listwise or pairwise")), (2, true), "{err}");
    let (code, _, err) = with(&["--scale", "depression"]);
    assert_eq!((code, err.contains("no scale `depression`; there are total")), (2, true), "{err}");
    let (code, _, err) = with(&["--group", "nowhere"]);
    assert!(code != 0 && err.contains("nowhere"), "{err}");
    let (code, _, err) = run(&["--instrument", "phq-9", "--input", "/no/such/file.csv"]);
    assert_eq!(code, 1, "{err}");
    let (code, out, _) = run(&["--help"]);
    assert_eq!((code, out.contains("--people FILE.csv")), (0, true));
}

#[test]
fn the_demonstration_runs() {
    let (code, out, err) = run(&[]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "Compassion satisfaction",
        "omega 0.",
        "HOW WERE THE ANSWERS GIVEN?",
        "Nothing was changed",
    ] {
        assert!(out.contains(part), "{part}");
    }
    assert!(!out.contains("NaN"));
}
