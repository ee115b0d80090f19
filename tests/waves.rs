//! Files with a wave beside a wave, in every command: what comes out is what the same answers give in
//! a file with a row for each wave.
#![allow(clippy::pedantic, clippy::duplicate_mod)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, process};

use straingauge::catalog;
use straingauge::survey::{Import, ItemColumns, Profile, SurveyError, WaveColumns};

#[path = "../examples/audit_units.rs"]
mod audit_units;
#[path = "../examples/follow_course.rs"]
mod follow_course;
#[path = "../examples/score_survey.rs"]
mod score_survey;
#[path = "../examples/translate.rs"]
mod translate;

struct Ran {
    code: u8,
    out: String,
    err: String,
}

type Command = fn(&[String], &mut dyn Write, &mut dyn Write) -> u8;

fn ran(run: Command, input: &str, arguments: &[&str]) -> Ran {
    let mut all = vec!["--input".to_owned(), input.to_owned()];
    all.extend(arguments.iter().map(|&a| a.to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&all, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// A file that is gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("straingauge-waves-{}-{name}", process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Answers of a person to the five items of the WHO-5 in a wave; `None` where there are none.
fn answers(person: usize, wave: usize) -> Option<Vec<usize>> {
    let gone = (person + wave).is_multiple_of(7) || wave == 3;
    (!gone).then(|| {
        (0..5).map(|item| (person * 3 + wave * 2 + item * item + person / 6) % 6).collect()
    })
}

const PEOPLE: usize = 60;
/// Wave 3 was planned, and nobody was asked yet.
const WAVES: [usize; 3] = [1, 2, 3];

fn day(wave: usize) -> String {
    format!("2026-0{wave}-15")
}

fn cells(answers: Option<&Vec<usize>>) -> String {
    let cell = |item: usize| answers.map_or(String::new(), |answers| answers[item].to_string());
    (0..5).map(cell).collect::<Vec<_>>().join(",")
}

/// `w1_T1,...,day_T1,w1_T2,...`
fn wide() -> String {
    let mut header = "id,team".to_owned();
    for wave in WAVES {
        header += &(1..=5).map(|item| format!(",w{item}_T{wave}")).collect::<String>();
        header += &format!(",day_T{wave}");
    }
    let row = |person: usize| {
        let waves: Vec<String> = WAVES
            .iter()
            .map(|wave| format!(",{},{}", cells(answers(person, *wave).as_ref()), day(*wave)))
            .collect();
        format!(
            "\np{person},{},{}",
            if person.is_multiple_of(2) { "A" } else { "B" },
            &waves.concat()[1..]
        )
    };
    header + &(1..=PEOPLE).map(row).collect::<String>() + "\n"
}

/// The same, a row for each wave.
fn long() -> String {
    let mut file = "id,team,wave,w1,w2,w3,w4,w5,day".to_owned();
    for person in 1..=PEOPLE {
        for wave in WAVES {
            if let Some(own) = answers(person, wave) {
                let team = if person.is_multiple_of(2) { "A" } else { "B" };
                file += &format!("\np{person},{team},{wave},{},{}", cells(Some(&own)), day(wave));
            }
        }
    }
    file + "\n"
}

const WHO5: [&str; 4] = ["--instrument", "who-5", "--prefix", "w"];
const WIDE: [&str; 2] = ["--wave-columns", "{item}_T{wave}"];

#[test]
fn scores_are_those_of_a_file_with_a_row_for_each_wave() {
    let (wide, long) = (Scratch::new("a.csv", &wide()), Scratch::new("b.csv", &long()));
    let keep = ["--id", "id", "--keep", "team,day"];
    let of_wide = ran(score_survey::run, wide.path(), &[&WHO5[..], &keep, &WIDE].concat());
    let keep = ["--id", "id", "--keep", "wave,team,day"];
    let of_long = ran(score_survey::run, long.path(), &[&WHO5[..], &keep].concat());
    // The number of the row is that of the file.
    let without_row = |table: &str| -> Vec<String> {
        table.lines().map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
    };
    let (from_wide, from_long) = (without_row(&of_wide.out), without_row(&of_long.out));
    assert_eq!(from_wide[0], from_long[0], "{}", of_wide.err);
    assert_eq!(from_wide, from_long);
    // Of 60 people, those whose number and wave add to a multiple of 7 are gone: 6, 13, ... 55 in
    // wave 1 (8 people), 5, 12, ... 54 in wave 2 (8 people).
    for said in [
        "wave 1 (columns {item}_T{wave}): 52 rows with answers, 8 without any left out",
        "wave 2 (columns {item}_T{wave}): 52 rows with answers, 8 without any left out",
        "wave 3 (columns {item}_T{wave}): nobody answered anything; 60 rows left out",
        "60 rows read",
    ] {
        assert!(of_wide.err.contains(said), "{said}: {}", of_wide.err);
    }
    // One id a person is no repeat.
    assert!(!of_wide.err.contains("id of an earlier row"), "{}", of_wide.err);
}

#[test]
fn units_are_reported_wave_by_wave() {
    let (wide, long) = (Scratch::new("c.csv", &wide()), Scratch::new("d.csv", &long()));
    let units = ["--unit", "team", "--id", "id"];
    let of_wide = ran(audit_units::run, wide.path(), &[&WHO5[..], &units, &WIDE].concat());
    let of_long =
        ran(audit_units::run, long.path(), &[&WHO5[..], &units, &["--wave", "wave"]].concat());
    assert!([0, 3].contains(&of_wide.code), "{}", of_wide.err);
    assert_eq!(of_wide.out, of_long.out);
    // Words in the order in which they are given: `b` before `a`.
    let words = |text: &str| text.replace("_T1", "_b").replace("_T2", "_a");
    let named = Scratch::new("words.csv", &words(&fs::read_to_string(wide.path()).unwrap()));
    let pattern = ["--wave-columns", "{item}_{wave}", "--waves", "b,a"];
    let of_words = ran(audit_units::run, named.path(), &[&WHO5[..], &units, &pattern].concat());
    let scores = |table: &str| table.replace("wave 2", "wave").replace("wave a", "wave");
    assert!([0, 3].contains(&of_words.code), "{}", of_words.err);
    let numbers = |text: &str| {
        text.lines()
            .filter(|l| l.contains("  A  ") || l.contains("  B  "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let shown = numbers(&scores(&of_words.out));
    assert!(shown.len() >= 2, "{}", of_words.out);
    assert_eq!(shown, numbers(&scores(&of_wide.out)));
    let both = [&WHO5[..], &units, &WIDE, &["--wave", "team"]].concat();
    assert_eq!(ran(audit_units::run, wide.path(), &both).code, 2);
}

#[test]
fn courses_by_the_days_of_the_waves_or_by_their_order() {
    let (wide, long) = (Scratch::new("e.csv", &wide()), Scratch::new("f.csv", &long()));
    let dated = ["--id", "id", "--date", "day"];
    let of_wide = ran(follow_course::run, wide.path(), &[&WHO5[..], &dated, &WIDE].concat());
    let of_long = ran(follow_course::run, long.path(), &[&WHO5[..], &dated].concat());
    assert!([0, 3].contains(&of_wide.code), "{}", of_wide.err);
    assert_eq!(of_wide.out, of_long.out);
    // Without days: the same change, and nothing per 30 days.
    let by_wave =
        ran(follow_course::run, wide.path(), &[&WHO5[..], &["--id", "id"], &WIDE].concat());
    let column = |table: &str, name: &str| -> Vec<String> {
        let mut rows = csv::Reader::from_reader(table.as_bytes());
        let at = rows.headers().unwrap().iter().position(|cell| cell == name).expect(name);
        rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
    };
    for name in ["id", "n", "first", "last", "change", "verdict"] {
        assert_eq!(column(&by_wave.out, name), column(&of_long.out, name), "{name}");
    }
    for name in ["slope_per_30_days", "trend_z", "trend_p", "theil_sen_per_30_days"] {
        assert!(column(&by_wave.out, name).iter().all(String::is_empty), "{name}");
    }
    let policy = [&WHO5[..], &["--id", "id", "--policy", "own-use"], &WIDE].concat();
    let refused = ran(follow_course::run, wide.path(), &policy);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--policy needs --date"), "{}", refused.err);
}

#[test]
fn responses_of_waves_have_ids_of_their_own() {
    let wide = Scratch::new("g.csv", &wide());
    let to = ["--id", "id", "--to", "fhir-responses"];
    let out = ran(translate::run, wide.path(), &[&WHO5[..], &to, &WIDE].concat()).out;
    let mut ids: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 104);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 104);
}

fn read(
    file: &str,
    columns: ItemColumns,
    waves: WaveColumns,
) -> Result<Vec<(String, Vec<u8>)>, SurveyError> {
    let who5 = catalog::get("who-5").unwrap();
    let import = Import::new(Profile::plain()).instrument(&who5, columns).waves(waves);
    let mut reader = import.open(file.as_bytes())?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push((row.wave().unwrap().to_owned(), row.answers(0).to_vec()));
    }
    Ok(rows)
}

#[test]
fn waves_are_found_by_their_numbers_and_else_named_by_the_caller() {
    let pattern = |text| WaveColumns::parse(text).unwrap();
    let names = |of: &dyn Fn(usize, &str) -> String, waves: &[&str]| {
        let name = |wave: &&str| (1..=5).map(|item| of(item, wave)).collect::<Vec<_>>().join(",");
        waves.iter().map(name).collect::<Vec<_>>().join(",")
    };
    let row = "\n1,1,1,1,1,2,2,2,2,2\n";
    // 10 comes after 9, whatever the order of the columns.
    let file = names(&|item, wave| format!("t{wave}.w{item}"), &["10", "9"]) + row;
    let read_it = |file: &str, text| read(file, ItemColumns::prefix("w"), pattern(text));
    let rows = read_it(&file, "t{wave}.{item}").unwrap();
    assert_eq!(rows, [("9".to_owned(), vec![2; 5]), ("10".to_owned(), vec![1; 5])]);

    // Words have no order: the caller gives it.
    let file = names(&|item, wave| format!("{wave}_w{item}"), &["post", "pre"]) + row;
    let error = read_it(&file, "{wave}_{item}").unwrap_err().to_string();
    assert!(error.contains("in place of the wave stand `post`, `pre`"), "{error}");
    assert!(error.contains("such as `1_w1`"), "{error}");
    let named = |waves: &[&str]| pattern("{wave}_{item}").only(waves.iter().copied());
    let rows = read(&file, ItemColumns::prefix("w"), named(&["pre", "post"])).unwrap();
    assert_eq!(rows, [("pre".to_owned(), vec![2; 5]), ("post".to_owned(), vec![1; 5])]);
    // One wave of several; and one that there is not.
    let rows = read(&file, ItemColumns::prefix("w"), named(&["post"])).unwrap();
    assert_eq!(rows.len(), 1);
    let error = read(&file, ItemColumns::prefix("w"), named(&["pre", "follow-up"])).unwrap_err();
    assert!(
        matches!(&error, SurveyError::NoSuchWave { wave, .. } if wave == "follow-up"),
        "{error}"
    );

    // Listed names and ranges hold in each wave; positions do not.
    let list = |entries: &[&str]| ItemColumns::listed(entries.iter().copied());
    for entries in [&["w1", "w2", "w3", "w4", "w5"][..], &["w1..w5"], &["w1", "w2..w5"]] {
        assert_eq!(read(&file, list(entries), named(&["pre", "post"])).unwrap().len(), 2);
    }
    let error = read(&file, list(&["#1..#5"]), pattern("{wave}_{item}")).unwrap_err();
    assert!(error.to_string().contains("`#1`"), "{error}");
    // Half of a list is no wave without the instrument, but a mistake.
    let half = file.replacen("post_w5", "post_x", 1);
    let error = read(&half, list(&["w1", "w2", "w3", "w4", "w5"]), named(&["post"])).unwrap_err();
    assert!(error.to_string().contains("there is no column `post_w5`"), "{error}");

    // `w11` is item 1 in wave 1, and nothing else where there is no item 11.
    let file = names(&|item, wave| format!("w{item}{wave}"), &["1", "2"]) + row;
    assert_eq!(read_it(&file, "{item}{wave}").unwrap().len(), 2);
    for pattern in ["w", "{item}", "{wave}", "{item}{item}{wave}", "{wave}{item}{wave}"] {
        assert!(WaveColumns::parse(pattern).unwrap_err().is_usage(), "{pattern}");
    }
}

/// GAD-7 in waves 1 and 2, WHO-5 in wave 2 only, with an item left out.
#[test]
fn what_a_wave_does_not_ask_is_not_asked_and_said() {
    let mut header: Vec<String> = (1..=7).map(|item| format!("g{item}_1")).collect();
    header.extend((1..=7).map(|item| format!("g{item}_2")));
    header.extend((1..=4).map(|item| format!("w{item}_2")));
    // The second person answered `often` once, and nothing but blanks and declared blanks in wave 2.
    let rows = "1,1,1,1,1,1,1,2,2,2,2,2,2,2,5,5,5,5\n1,1,1,often,1,1,1,NA,NA,,,,,,NA,NA,,\n";
    let file = Scratch::new("h.csv", &format!("{}\n{rows}", header.join(",")));
    let asked =
        ["--instrument", "gad-7", "--prefix", "g", "--instrument", "who-5", "--prefix", "w"];
    let more = ["--missing", "NA", "--wave-columns", "{item}_{wave}"];
    let ran = ran(score_survey::run, file.path(), &[&asked[..], &more].concat());
    let mut rows = csv::Reader::from_reader(ran.out.as_bytes());
    let header = rows.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|cell| cell == name).unwrap();
    let wanted = ["row", "wave", "gad_7_total", "gad_7_total_status", "who_5_raw_status"].map(at);
    let found: Vec<Vec<String>> = rows
        .records()
        .map(|row| wanted.iter().map(|at| row.as_ref().unwrap()[*at].to_owned()).collect())
        .collect();
    assert_eq!(
        found,
        [
            ["1", "1", "7", "complete", "not-asked"],
            ["1", "2", "14", "complete", "not-asked"],
            ["2", "1", "", "unreadable", "not-asked"],
        ],
        "{}",
        ran.err
    );
    for said in [
        "wave 1 (columns {item}_{wave}): 2 rows with answers, 0 without any left out; no column in this wave for who-5",
        "wave 2 (columns {item}_{wave}): 1 rows with answers, 1 without any left out; no column in this wave for who-5 5",
        "row 2, column `g4_1`: \"often\"",
        "\"often\" in 1 of 21 cells is no answer (columns g4_1; first in row 2)",
        "row 2, wave 1, gad-7 total: 1 of 7 answers could not be read",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}

/// What is wrong with a file is found in every wave.
#[test]
fn the_gate_looks_at_every_wave() {
    let header: Vec<String> =
        (1..=2).flat_map(|wave| (1..=7).map(move |item| format!("g{item}_{wave}"))).collect();
    let row = |n: usize| {
        let cell = |at: usize| ((n * 7 + at * 5 + at / 3) % 4 + 1).to_string();
        (0..14).map(cell).collect::<Vec<_>>().join(",")
    };
    let rows: Vec<String> = (0..20).map(row).collect();
    let file = Scratch::new("i.csv", &format!("{}\n{}\n", header.join(","), rows.join("\n")));
    let asked = ["--instrument", "gad-7", "--prefix", "g", "--wave-columns", "{item}_{wave}"];
    let ran = ran(score_survey::run, file.path(), &asked);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(ran.err.contains("of 280 cells"), "{}", ran.err);
}
