//! Following people as others script it: check-ins in, one row for each person and scale out.
#![cfg(all(feature = "csv", feature = "schema"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, process};

use serde_json::Value;
use support::{GAUGE, day};

#[path = "../examples/follow_course.rs"]
mod follow_course;
#[path = "../examples/make_course.rs"]
mod make_course;

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("straingauge-{}-follow-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Ran {
    code: u8,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = follow_course::run(&arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// The rows of a table, by column name.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Check-ins on the gauge: person, day, load.
fn gauge(folder: &Folder, rows: &[(&str, i32, i64)]) -> [String; 2] {
    let rows: Vec<String> =
        rows.iter().map(|(id, at, load)| format!("{id},{},{load},0\n", day(*at))).collect();
    [
        folder.file("gauge.toml", GAUGE),
        folder.file("check-ins.csv", &format!("who,when,1,2\n{}", rows.concat())),
    ]
}

fn follow(files: &[String; 2], more: &[&str]) -> Ran {
    let mut arguments =
        vec!["--definition", &files[0], "--instrument", "gauge", "--input", &files[1]];
    arguments.extend(["--id", "who", "--date", "when"]);
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn numbers_of_the_table_are_those_of_other_programs() {
    let oracle = |name: &str| -> Value {
        let path = format!("{}/tests/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let (series, expected) = (oracle("data/trend_series.json"), oracle("trend_py.json"));
    let names = ["integer_ties_n12", "gap_n9", "heavy_ties_n7", "constant_n6", "minimum_n3"];
    let mut rows = Vec::new();
    for name in names {
        let (times, values) = (&series[name]["t"], &series[name]["y"]);
        for (t, y) in times.as_array().unwrap().iter().zip(values.as_array().unwrap()) {
            rows.push((name, i32::try_from(t.as_i64().unwrap()).unwrap(), y.as_i64().unwrap()));
        }
    }
    rows.reverse(); // any order in
    let folder = Folder::new("oracle");
    // SEM 1.5, as in the oracle.
    let ran = follow(&gauge(&folder, &rows), &["--sd", "3", "--reliability", "0.75"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let found = table(&ran.out);
    assert_eq!(found.len(), names.len());
    let close = |row: &BTreeMap<String, String>, column: &str, expected: f64| {
        let found: f64 = row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"));
        assert!(
            (found - expected).abs() <= 1e-10 * expected.abs().max(1.0),
            "{column} {found} {expected}"
        );
    };
    for row in found {
        let name = row["id"].as_str();
        let all = &expected[name];
        let values: Vec<f64> =
            series[name]["y"].as_array().unwrap().iter().map(|y| y.as_f64().unwrap()).collect();
        let change = values[values.len() - 1] - values[0];
        close(&row, "change", change);
        close(&row, "se_diff", 1.5 * 2.0_f64.sqrt());
        close(&row, "rci", change / (1.5 * 2.0_f64.sqrt()));
        assert_eq!(row["method"], "jacobson-truax");
        assert_eq!(row["verdict"], if change > 4.2 { "worse" } else { "no-reliable-change" });
        if values.len() < 5 {
            assert_eq!((row["mk_s"].as_str(), row["theil_sen_per_30_days"].as_str()), ("", ""));
            continue;
        }
        close(&row, "mk_s", all["mann_kendall"]["S"].as_f64().unwrap());
        close(&row, "theil_sen_per_30_days", 30.0 * all["theil_sen"]["slope"].as_f64().unwrap());
        let exact = all["mann_kendall"].get("p_exact_permutation_two_sided");
        let p = exact.unwrap_or(&all["mann_kendall"]["p_normal_continuity"]);
        close(&row, "mk_p", p.as_f64().unwrap());
        if let Some(line) = expected["reliable_trend"].get(name) {
            close(&row, "slope_per_30_days", 30.0 * line["slope"].as_f64().unwrap());
            close(&row, "trend_z", line["z"].as_f64().unwrap());
            close(&row, "trend_p", line["p_two_sided"].as_f64().unwrap());
        }
    }
}

#[test]
fn the_table_line_by_line() {
    let folder = Folder::new("lines");
    let rows =
        [("b", 30, 30), ("a", 0, 20), ("a", 30, 21), ("a", 60, 29), ("b", 0, 30), ("c", 0, 5)];
    let files = gauge(&folder, &rows);
    let ran =
        follow(&files, &["--sd", "4", "--reliability", "0.5", "--method", "speer", "--mean", "20"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // Kelley's estimate of 20 is 20, of 30 is 25; SEM is 4 sqrt .5.
    let columns = |names: &[&str]| -> Vec<String> {
        let of = |row: &BTreeMap<String, String>| {
            names.iter().map(|name| row[*name].clone()).collect::<Vec<_>>().join(",")
        };
        table(&ran.out).iter().map(of).collect()
    };
    let head = ran.out.lines().next().unwrap();
    let names = "id,scale,n,first,last,date_first,date_last,change,method,yardstick,population,\
                 reliability,reliability_kind,sem,se_diff,rci,p,verdict,class,reason,";
    assert!(head.starts_with(names), "{head}");
    assert_eq!(
        columns(&["id", "n", "first", "last", "date_first", "date_last", "change", "se_diff"]),
        [
            "b,2,30,30,2024-01-01,2024-01-31,0,2.8284271247461903",
            "a,3,20,29,2024-01-01,2024-03-01,9,2.8284271247461903",
            "c,1,5,5,2024-01-01,2024-01-01,,",
        ]
    );
    assert_eq!(
        columns(&["method", "yardstick", "reliability", "sem", "verdict", "class"]),
        [
            "speer,given,0.5,2.8284271247461903,no-reliable-change,unchanged",
            "speer,given,0.5,2.8284271247461903,worse,deteriorated",
            ",,,,not-assessable,",
        ]
    );
    assert_eq!(table(&ran.out)[2]["reason"], "1 scored check-ins; at least 2 are needed");
    let found = table(&ran.out);
    assert!((found[0]["rci"].parse::<f64>().unwrap() - 5.0 / 8.0_f64.sqrt()).abs() < 1e-12);
    assert_eq!(found[1]["verdict"], "worse");
    assert_eq!(found[2]["verdict"], "not-assessable");
    // Against the check-in before.
    let ran = follow(&files, &["--sd", "4", "--reliability", "0.5", "--from", "previous"]);
    let found = table(&ran.out);
    assert_eq!((found[1]["first"].as_str(), found[1]["change"].as_str()), ("21", "8"));
    // The instrument's own norm, by itself or by name.
    let own = follow(&files, &[]);
    assert_eq!(own.out, follow(&files, &["--norm", "log-keepers"]).out);
    assert_eq!(table(&own.out)[1]["se_diff"], "2.8284271247461903");
    // A policy's flags; those on the whole instrument too.
    let ran = follow(&files, &["--policy", "own-use", "--today", "2024-06-30"]);
    let flags: Vec<String> = table(&ran.out).iter().map(|row| row["flags"].clone()).collect();
    assert_eq!(
        flags,
        [
            "in-the-worst-range;check-in-overdue",
            "worse-than-at-start;check-in-overdue",
            "check-in-overdue"
        ]
    );
    let policy = "{\"format\":1,\"id\":\"x\",\"title\":\"x\",\"audience\":\"person\",\"looks\":1,\
                  \"false-alarms\":0.05,\"rules\":[{\"id\":\"late\",\"severity\":\"notice\",\
                  \"message\":\"m\",\"overdue\":{\"days\":20}}]}";
    let file = folder.file("policy.json", policy);
    let ran = follow(&files, &["--policy", &file]);
    let flags: Vec<String> = table(&ran.out).iter().map(|row| row["flags"].clone()).collect();
    assert_eq!(flags, ["late", "", "late"], "by the last day of the file");
}

#[test]
fn built_in_norms_work_out_of_the_box() {
    let folder = Folder::new("built-in");
    for (id, scale, method) in [
        ("phq-9", "total", "jacobson-truax"),
        ("gad-7", "total", "published-change"),
        ("pcl-5", "total", "published-change"),
        ("who-5", "percent", "published-change"),
        ("swemwbs", "metric", "published-change"),
        ("wemwbs", "total", "published-change"),
        ("bat-23", "total", "jacobson-truax"),
        ("bat-12", "total", "jacobson-truax"),
        ("mbi-gs", "exhaustion", "jacobson-truax"),
        ("promis-global-10", "physical", "jacobson-truax"),
        ("promis-global-10", "mental", "jacobson-truax"),
        ("promis-anxiety-4a", "t-score", "jacobson-truax"),
        ("promis-depression-4a", "t-score", "jacobson-truax"),
        ("promis-fatigue-4a", "t-score", "jacobson-truax"),
        ("promis-sleep-disturbance-4a", "t-score", "jacobson-truax"),
        ("promis-social-4a", "t-score", "jacobson-truax"),
    ] {
        let instrument = straingauge::catalog::get(id).unwrap();
        let items = instrument.items();
        let ids: Vec<&str> = items.iter().map(|item| item.id()).collect();
        let answers = |worst: bool| -> String {
            let codes = items.iter().map(|item| {
                let (low, high) = item.responses().range();
                // The form's ends; reversed items make some scales move less, none not at all.
                if worst { high.to_string() } else { low.to_string() }
            });
            codes.collect::<Vec<_>>().join(",")
        };
        let text = format!(
            "id,date,{}\nx,2024-01-01,{}\nx,2024-03-01,{}\n",
            ids.join(","),
            answers(false),
            answers(true)
        );
        let input = folder.file("input.csv", &text);
        let ran = run(&["--instrument", id, "--input", &input, "--id", "id", "--date", "date"]);
        assert_eq!(ran.code, 0, "{id}: {}", ran.err);
        let rows = table(&ran.out);
        let row = rows.iter().find(|row| row["scale"] == scale).unwrap();
        assert_eq!(row["method"], method, "{id} {scale}");
        assert_ne!(row["verdict"], "not-assessable", "{id} {scale}: {row:?}");
        assert_eq!(row["se_diff"].is_empty(), method == "published-change");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let folder = Folder::new("wrong");
    let rows = [("a", 0, 20), ("a", 0, 25), ("a", 30, 29), ("b", 0, 20), ("b", 30, 20)];
    let files = gauge(&folder, &rows);
    let ran = follow(&files, &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains(
        "a: two check-ins on 2024-01-01; say which counts with --same-day first or last"
    ));
    let found = table(&ran.out);
    assert_eq!((found[0]["verdict"].as_str(), found[0]["n"].as_str()), ("not-assessable", ""));
    assert_eq!(found[1]["verdict"], "no-reliable-change");
    let change = |which| table(&follow(&files, &["--same-day", which]).out)[0]["change"].clone();
    assert_eq!((change("first"), change("last")), ("9".to_owned(), "4".to_owned()));

    let text = fs::read_to_string(&files[1]).unwrap().replacen("2024-01-31", "31.1.2024", 1);
    fs::write(&files[1], text).unwrap();
    let ran = follow(&files, &["--same-day", "last"]);
    assert!(ran.err.contains("row 3: `31.1.2024` is not a date of the form YYYY-MM-DD, such as 2024-02-29; the row takes no part"), "{}", ran.err);
    assert_eq!(follow(&files, &["--same-day", "last", "--strict"]).code, 1);

    for (more, message) in [
        (&["--method", "magic"][..], "--method: `magic` is none of jacobson-truax, "),
        (&["--from", "before"], "--from: `before` is not baseline or previous"),
        (&["--sd", "3"], "--sd and --reliability belong together"),
        (
            &["--sd", "3", "--reliability", "1"],
            "reliability is 1; give a number above 0 and below 1",
        ),
        (
            &["--sd", "3", "--reliability", "0.8", "--method", "gln"],
            "gulliksen-lord-novick needs the mean of `given`",
        ),
        (&["--norm", "none"], "--norm: no `none` in gauge; known: log-keepers"),
        (&["--confidence", "95"], "--confidence: 95 is not above 0 and below 1"),
        (&["--same-day", "both"], "--same-day: `both` is not first or last"),
        (&["--colour"], "unknown argument `--colour`"),
    ] {
        let ran = follow(&files, more);
        assert_eq!(ran.code, 2, "{more:?}");
        assert!(ran.err.contains(message), "{message}: {}", ran.err);
    }
    let ran = run(&[
        "--definition",
        &files[0],
        "--instrument",
        "gauge",
        "--input",
        &files[1],
        "--id",
        "nobody",
        "--date",
        "when",
    ]);
    assert!(ran.code == 1 || ran.code == 2);
    assert!(ran.err.contains("nobody"), "{}", ran.err);
    let ran = follow(&files, &["--policy", "no-such-file.toml"]);
    assert_eq!(ran.code, 1);
}

#[test]
fn a_safety_item_is_reported_whatever_is_asked_for() {
    let folder = Folder::new("safety");
    let files = [
        folder.file("gauge.toml", GAUGE),
        folder.file(
            "check-ins.csv",
            "who,when,1,2\na,2024-01-01,5,1\na,2024-02-01,5,0\na,2024-03-01,5,\n",
        ),
    ];
    let ran = follow(&files, &[]);
    let counts = "safety items: met 1 times; 1 times the question was left open";
    assert!(ran.err.contains(counts), "{}", ran.err);
    assert!(ran.err.contains("safety: a, 2024-01-01, row 1: unsafe"), "{}", ran.err);
    assert_eq!(table(&ran.out)[0]["safety"], "unsafe 2024-01-01");
    assert!(ran.err.contains("reassures nobody"));
    let ran = follow(&files, &["--policy", "own-use"]);
    assert_eq!(table(&ran.out)[0]["flags"], "safety");
}

fn case(name: &str) -> String {
    format!("{}/tests/data/change/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn of_case(name: &str, instrument: &str, more: &[&str]) -> Ran {
    let input = case(name);
    let mut all = vec!["--instrument", instrument, "--input", &input, "--id", "id"];
    all.extend(more);
    run(&all)
}

/// Every way in which a row can fall out of the table, each with a safety item that is met.
#[test]
fn a_safety_item_is_not_lost_with_its_row() {
    let folder = Folder::new("lost");
    let files = [
        folder.file("gauge.toml", GAUGE),
        folder.file(
            "check-ins.csv",
            "who,when,1,2\n\
             day,2024-01-01,5,1\nday,2024-01-01,6,0\n\
             twin,2024-01-01,5,1\ntwin,2024-01-01,5,1\n\
             date,31.1.2024,5,1\nnone,,5,1\n\
             ,2024-01-01,5,1\n\
             open,2024-01-01,,1\nodd,2024-01-01,x,1\n",
        ),
    ];
    for more in [&[][..], &["--same-day", "last"], &["--policy", "own-use"]] {
        let ran = follow(&files, more);
        for said in [
            "safety: day, 2024-01-01, row 1: unsafe",
            "safety: twin, 2024-01-01, row 3: unsafe",
            "safety: date, 31.1.2024, row 5: unsafe (`31.1.2024` is not a date",
            "safety: none, an unknown day, row 6: unsafe",
            "safety: somebody without an id, 2024-01-01, row 7: unsafe (no id)",
            "safety: open, 2024-01-01, row 8: unsafe",
            "safety: odd, 2024-01-01, row 9: unsafe",
        ] {
            assert!(ran.err.contains(said), "{said}: {}", ran.err);
        }
        let rows = table(&ran.out);
        for id in ["day", "twin", "date", "none", "open", "odd"] {
            let row = rows.iter().find(|row| row["id"] == id).unwrap();
            assert!(row["safety"].contains("unsafe"), "{id}: {row:?}");
        }
    }
    // The case: somebody with two records on one day, one of them met.
    let ran = of_case("safety_lost.csv", "phq-9", &["--date", "day"]);
    assert!(ran.err.contains("safety: D, 2024-02-29, row 3: thoughts-of-death"), "{}", ran.err);
    let rows = table(&ran.out);
    let row = rows.iter().find(|row| row["id"] == "D").unwrap();
    assert_eq!(row["safety"], "thoughts-of-death 2024-02-29");
}

#[test]
fn rows_of_one_day_count_once_or_as_they_are_told() {
    let folder = Folder::new("day");
    let rows = [("a", 0, 20), ("a", 0, 20), ("a", 30, 29)];
    let found = table(&follow(&gauge(&folder, &rows), &[]).out);
    assert_eq!((found[0]["n"].as_str(), found[0]["verdict"].as_str()), ("2", "worse"));
    // Two different records on one day: first and last that were scored.
    for (which, change) in [("first", "-7"), ("last", "-21")] {
        let ran = of_case("same_day.csv", "gad-7", &["--date", "day", "--same-day", which]);
        let rows = table(&ran.out);
        assert_eq!(rows[0]["change"], change, "{which}: {}", ran.out);
    }
}

#[test]
fn a_reference_belongs_to_a_scale_and_one_change_has_one_verdict() {
    let who5 = |more: &[&str]| {
        let mut all = vec!["--date", "day"];
        all.extend(more);
        of_case("who5_raw_percent.csv", "who-5", &all)
    };
    let ran = who5(&["--sd", "20", "--reliability", "0.9"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("give --sd raw=20 or --sd percent=20"), "{}", ran.err);
    let ran = who5(&["--sd", "raw=20", "--reliability", "raw=0.9"]);
    assert!(ran.err.contains("raw: sd is 20, which scores between 0 and 25 cannot have"));
    let ran = who5(&["--sd", "percent=20", "--reliability", "percent=0.9"]);
    let rows = table(&ran.out);
    assert_eq!(rows[0]["verdict"], rows[1]["verdict"]);
    assert_eq!(rows[0]["verdict"], "worse");
    let index = |row: &BTreeMap<String, String>| row["rci"].parse::<f64>().unwrap();
    assert!((index(&rows[0]) - index(&rows[1])).abs() < 1e-9);
    // Twelve points lie within the published error of 23.6.
    let ran = of_case("who5-course.csv", "who-5", &["--date", "date"]);
    for row in table(&ran.out).iter().filter(|row| row["scale"] == "percent" && row["id"] == "p") {
        assert_eq!(row["verdict"], "no-reliable-change");
        assert_eq!(row["method"], "published-change");
        assert!(!row["yardstick"].is_empty());
    }
}

#[test]
fn what_cannot_be_judged_says_why() {
    let ran = of_case("dass_course.csv", "dass-21", &["--date", "day"]);
    let rows = table(&ran.out);
    assert!(rows.iter().all(|row| row["verdict"] == "not-assessable"));
    for row in &rows {
        assert!(row["reason"].contains("--sd"), "{}: {}", row["scale"], row["reason"]);
    }
    let ran = of_case("datetime.csv", "gad-7", &["--date", "date"]);
    let row = &table(&ran.out)[0];
    assert_eq!(
        (row["date_first"].as_str(), row["date_last"].as_str()),
        ("2026-10-01", "2026-11-01")
    );
    assert_eq!(row["verdict"], "worse");
}

#[test]
fn methods_for_a_retest_take_its_figures_or_refuse() {
    let folder = Folder::new("retest");
    let files = gauge(&folder, &[("a", 0, 20), ("a", 30, 26)]);
    let own = ["--sd", "4", "--reliability", "0.8", "--mean", "20"];
    let with = |more: &[&str]| {
        let mut all = own.to_vec();
        all.extend(more);
        follow(&files, &all)
    };
    for (method, what) in [
        ("hsu-linn-lord", "mean at retest"),
        ("chelune", "mean at retest"),
        ("nunnally-kotsch", "reliability at retest"),
    ] {
        let ran = with(&["--method", method]);
        assert_eq!(ran.code, 2, "{method}");
        assert!(ran.err.contains(&format!("{method} needs the {what}")), "{}", ran.err);
    }
    // By hand. Expected is 22 + .8 (20 - 20) = 22; error is 4 sqrt(1 - .64) = 2.4.
    let row = &table(&with(&["--method", "hsu-linn-lord", "--retest-mean", "22"]).out)[0];
    assert!((row["rci"].parse::<f64>().unwrap() - 4.0 / 2.4).abs() < 1e-12);
    // Error is 4 sqrt(.64 (1 - .8) + (1 - .5)).
    let row = &table(&with(&["--method", "nunnally-kotsch", "--retest-reliability", "0.5"]).out)[0];
    let error = 4.0 * (0.64 * 0.2 + 0.5_f64).sqrt();
    assert!((row["se_diff"].parse::<f64>().unwrap() - error).abs() < 1e-12);
}

#[test]
fn waves_take_the_place_of_dates() {
    let folder = Folder::new("waves");
    let files = [
        folder.file("gauge.toml", GAUGE),
        folder.file("check-ins.csv", "who,when,1,2\na,post,29,0\na,pre,20,0\na,follow-up,21,0\n"),
    ];
    let of = |more: &[&str]| {
        let mut all = vec!["--definition", &files[0], "--instrument", "gauge"];
        all.extend(["--input", &files[1], "--id", "who", "--wave", "when"]);
        all.extend(more);
        run(&all)
    };
    let ran = of(&[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("neither numbers nor dates"), "{}", ran.err);
    let order = ["--wave-order", "pre,post,follow-up"];
    let row = &table(&of(&order).out)[0];
    assert_eq!((row["date_first"].as_str(), row["date_last"].as_str()), ("pre", "follow-up"));
    assert_eq!((row["change"].as_str(), row["slope_per_30_days"].as_str()), ("1", ""));
    let mut named = order.to_vec();
    named.extend(["--from", "pre", "--to", "post"]);
    assert_eq!(table(&of(&named).out)[0]["change"], "9");
    let mut wrong = order.to_vec();
    wrong.extend(["--from", "before", "--to", "post"]);
    assert_eq!(of(&wrong).code, 2);
}

#[test]
fn the_combined_classification() {
    // PHQ-9 has one criterion on its total alone: 10 or more.
    let folder = Folder::new("class");
    let header = "id,date,1,2,3,4,5,6,7,8,9\n";
    let answers = |total: usize| -> String {
        let codes = (0..9).map(|item| (total.saturating_sub(item * 3)).min(3).to_string());
        codes.collect::<Vec<_>>().join(",")
    };
    let people =
        [("recovered", 20, 4), ("improved", 24, 12), ("unchanged", 11, 9), ("deteriorated", 4, 20)];
    let mut text = header.to_owned();
    for (id, first, last) in people {
        text.push_str(&format!("{id},2024-01-01,{}\n", answers(first)));
        text.push_str(&format!("{id},2024-03-01,{}\n", answers(last)));
    }
    let input = folder.file("input.csv", &text);
    let ran = run(&["--instrument", "phq-9", "--input", &input, "--id", "id", "--date", "date"]);
    for row in table(&ran.out) {
        assert_eq!(row["class"], row["id"], "{row:?}");
    }
}

#[test]
fn the_demonstration_runs_and_hides_nothing_it_should_show() {
    let ran = run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for wanted in [
        "No real person is described here.",
        "estimated from",
        "simulated survey",
        "M14  secondary traumatic stress",
        "from 23: average",
        "running average left its limits",
        "gulliksen-lord-novick",
        "There is no view of one person for an employer.",
    ] {
        assert!(ran.out.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_committed_course_equals_the_generators_output() {
    let path = format!("{}/examples/data/course.csv", env!("CARGO_MANIFEST_DIR"));
    let why = "run `cargo run --example make_course` and commit the result";
    assert!(fs::read_to_string(path).unwrap() == make_course::course(), "{why}");
}
