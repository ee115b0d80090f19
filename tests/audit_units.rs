//! The example as people script it: files in, report, table and exit code out.
#![allow(clippy::pedantic)]
#![cfg(all(feature = "csv", feature = "html"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::{env, fs, process};

#[path = "../examples/audit_units.rs"]
mod audit_units;

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("straingauge-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
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
    let code = audit_units::run(&arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

#[track_caller]
fn fails(arguments: &[&str], code: u8, message: &str) {
    let ran = run(arguments);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{}", ran.err);
    let hint = if code == 2 { "\n(--help lists the options)" } else { "" };
    assert_eq!(ran.err, format!("audit_units: {message}{hint}\n"));
}

/// PHQ-9 under `q1` to `q9`: people of two teams and of one that is too small.
fn survey(waves: &[(&str, std::ops::Range<u32>)]) -> String {
    let items: Vec<String> = (1..=9).map(|n| format!("q{n}")).collect();
    let mut text = format!("wave,staff,site,team,{}\n", items.join(","));
    for (wave, people) in waves {
        for id in people.clone() {
            let (site, team) = match id % 10 {
                0 => ("South", "Night"),
                1..=5 => ("North", "Day"),
                _ => ("North", "Late"),
            };
            let answers: Vec<String> = (0..9)
                .map(|item| ((id * 7 + item * 3 + id / 3) % 4 * (id / 2 % 3) / 2).to_string())
                .collect();
            text.push_str(&format!("{wave},S{id},{site},{team},{}\n", answers.join(",")));
        }
    }
    text
}

fn rows(csv: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect()
}

const PHQ9: [&str; 6] = ["--instrument", "phq-9", "--prefix", "q", "--unit", "site,team"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    PHQ9.iter().chain(more).copied().collect()
}

#[test]
fn without_arguments_it_reports_on_the_sample() {
    let ran = run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for line in [
        "A simulated staff survey in two waves. No real person is described here.",
        "Compassion satisfaction (10 to 50, higher is better)",
        "Change from wave 1 to wave 2",
    ] {
        assert!(ran.out.contains(line), "{line}");
    }
    assert_eq!(run(&["--help"]).code, 0);
}

#[test]
fn the_page_of_the_sample_is_one_file() {
    let folder = Folder::new("page");
    let path = folder.path("report.html");
    assert_eq!(run(&["--html", &path]).code, 0);
    let page = fs::read_to_string(path).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg class=\"picture\""));
    assert!(!page.contains("<script") && !page.contains("href="));
}

#[test]
fn a_table_with_a_row_for_each_unit_and_scale() {
    let folder = Folder::new("table");
    let input = folder.file("survey.csv", survey(&[("1", 0..70)]));
    let invited = folder
        .file("invited.csv", "site,team,invited\nNorth,Day,50\nNorth,Late,40\nSouth,Night,9\n");
    let (output, json) = (folder.path("units.csv"), folder.path("units.json"));
    let more = ["--input", &input, "--invited", &invited, "--output", &output, "--json", &json];
    let ran = run(&with(&more));
    assert_eq!(ran.code, 3, "{}", ran.err);
    let csv = fs::read_to_string(output).unwrap();
    let header = csv.lines().next().unwrap();
    assert!(header.starts_with("unit,scale,status,n,mean,ci_low,ci_high,sd,share."), "{header}");
    let rows = rows(&csv);
    let status = |unit: &str| -> Vec<String> {
        rows.iter().filter(|row| &row[0] == unit).map(|row| row[2].to_owned()).collect()
    };
    assert_eq!(status("")[0], "published");
    // Seven people at the small site: hidden with its only team, and so is one other site.
    assert_eq!(status("South")[0], "suppressed");
    assert_eq!(status("South/Night")[0], "suppressed");
    let shown: Vec<&csv::StringRecord> = rows.iter().filter(|row| &row[2] == "published").collect();
    for row in &rows {
        if &row[2] == "published" {
            assert!(row[3].parse::<u64>().unwrap() >= 10);
            let shares: Vec<f64> =
                (8..row.len()).step_by(3).filter_map(|at| row[at].parse().ok()).collect();
            // All bands or none, and the whole per cents of all of them come to about 100.
            let sum: f64 = shares.iter().sum();
            let rounding = 0.005 * shares.len() as f64 + 1e-9;
            assert!(shares.is_empty() || (sum - 1.0).abs() <= rounding, "{row:?}");
            assert!(!row[0].is_empty() || !shares.is_empty(), "the whole shows shares");
        } else {
            assert!(row.iter().skip(3).all(str::is_empty));
        }
    }
    assert_eq!(shown.len(), 2, "everybody, and one team of the two");
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["settings"]["threshold"], 10);
    assert_eq!(json["breakdowns"][0]["units"][0]["invited"], 99);
    assert!(ran.out.contains("Taking part"));
    // A table on standard output, in place of the text.
    let ran = run(&with(&["--input", &input, "--output", "-"]));
    assert!(ran.out.starts_with("unit,scale,status"));
}

#[test]
fn nothing_to_show_is_no_failure() {
    let folder = Folder::new("nothing");
    let input = folder.file("survey.csv", survey(&[("1", 0..8)]));
    let ran = run(&with(&["--input", &input, "--output", "-"]));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(rows(&ran.out).iter().all(|row| &row[2] == "suppressed"));
}

#[test]
fn a_ledger_remembers_between_runs() {
    let folder = Folder::new("ledger");
    let ledger = folder.path("ledger.json");
    let wave = |wave: &str, people: std::ops::Range<u32>, more: &[&str]| {
        let input = folder.file(&format!("{wave}.csv"), survey(&[(wave, people)]));
        let mut arguments = with(&["--input", &input, "--id", "staff", "--wave", "wave"]);
        arguments.extend(["--ledger", &ledger, "--salt", "pepper", "--output", "-"]);
        arguments.extend(more);
        run(&arguments)
    };
    let first = wave("1", 0..300, &[]);
    assert_eq!(first.code, 3, "{}", first.err);
    let shown = |ran: &Ran| {
        let rows = rows(&ran.out);
        rows.iter()
            .filter(|row| &row[2] == "published")
            .map(|row| row[0].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&first), ["", "North", "North/Day", "North/Late", "South", "South/Night"]);
    // The same again tells nothing new.
    assert_eq!(wave("1", 0..300, &[]).out, first.out);
    // Three people have left. A new wave is a new measurement, so every level is shown.
    let second = wave("2", 3..300, &[]);
    assert_eq!(second.code, 3, "{}", second.err);
    assert_eq!(shown(&second), shown(&first));
    // Wave 1 again, with three people who came late: their answers could be subtracted.
    let late = wave("1", 0..303, &[]);
    assert_eq!(shown(&late), ["North/Late"]);
    // Many have left and joined, everywhere.
    assert_eq!(shown(&wave("3", 150..400, &[])), shown(&first));
    let text = fs::read_to_string(&ledger).unwrap();
    assert!(!text.contains("S150") && !text.contains("pepper"));
    assert_eq!(wave("4", 0..300, &["--k", "5"]).code, 1);
    let other = with(&[
        "--input",
        &folder.path("1.csv"),
        "--id",
        "staff",
        "--wave",
        "wave",
        "--ledger",
        &ledger,
        "--salt",
        "salt",
    ])
    .iter()
    .map(|a| (*a).to_owned())
    .collect::<Vec<_>>();
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    fails(
        &other,
        1,
        &format!(
            "{ledger}: this is not the salt that the ledger was started with, so nobody could be recognised"
        ),
    );
}

#[test]
fn two_waves_in_one_file() {
    let folder = Folder::new("waves");
    let input = folder.file("survey.csv", survey(&[("10", 100..400), ("9", 0..300)]));
    let ran = run(&with(&["--input", &input, "--id", "staff", "--wave", "wave"]));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.out.contains("Change from wave 9 to wave 10"), "{}", ran.out);
}

fn case(name: &str) -> String {
    format!("{}/tests/data/groups/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn json_of(arguments: &[&str]) -> serde_json::Value {
    let folder =
        Folder::new(&format!("json-{}", arguments.join("-").replace(['/', ' '], "-").len()));
    let path = folder.path("report.json");
    let mut all = arguments.to_vec();
    all.extend(["--json", &path]);
    let ran = run(&all);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every count of people in a report, of units and of the whole without them.
#[test]
fn no_number_differs_from_another_by_a_handful_of_people() {
    for (file, instrument, more) in [
        ("diff_n.csv", "pss-10", &[][..]),
        ("pcl5_one_blank.csv", "pcl-5", &[][..]),
        ("gap_one_blank_simulated.csv", "phq-9", &["--prefix", "q"][..]),
        ("phq9_teams.csv", "phq-9", &["--prefix", "q"][..]),
    ] {
        for items in [&[][..], &["--without-items"][..]] {
            let input = case(file);
            let mut arguments =
                vec!["--instrument", instrument, "--input", &input, "--unit", "team"];
            arguments.extend(more);
            arguments.extend(items);
            let report = json_of(&arguments);
            for unit in report["breakdowns"][0]["units"].as_array().unwrap() {
                // Scales, items and criteria of these instruments all share items.
                let mut people = std::collections::BTreeSet::new();
                let shown = |kind: &str| -> Vec<serde_json::Value> {
                    let all = unit[kind].as_array().unwrap().iter();
                    all.filter_map(|entry| entry.get("shown").cloned()).collect()
                };
                for one in shown("scales").iter().chain(&shown("items")) {
                    people.insert(one["n"].as_u64().unwrap());
                    for band in one["bands"].as_array().into_iter().flatten() {
                        counts_nobody_or_enough(&band["share"], file);
                        people.insert(band["share"]["of"].as_u64().unwrap());
                    }
                }
                for one in shown("criteria") {
                    counts_nobody_or_enough(&one, file);
                    people.insert(one["of"].as_u64().unwrap());
                }
                assert!(people.len() < 2, "{file}: {people:?} people of one family");
            }
        }
    }
}

fn counts_nobody_or_enough(share: &serde_json::Value, file: &str) {
    let (count, of) = (share["count"].as_u64().unwrap(), share["of"].as_u64().unwrap());
    assert!(count == 0 || count >= 5, "{file}: {count} of {of}");
    assert!(of - count >= 5, "{file}: {count} of {of}");
}

#[test]
fn a_person_counts_once() {
    let two_rows_each = case("dup_threshold.csv");
    let who5 = ["--instrument", "who-5", "--unit", "team"];
    let of = |more: &[&'static str], input: &str| {
        let mut arguments = who5.to_vec();
        arguments.extend(["--input", input]);
        arguments.extend(more);
        run(&arguments)
    };
    let ran = of(&["--id", "id", "--output", "-"], &two_rows_each);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("5 people are in the data more than once, with 5 rows too many"));
    assert!(ran.err.contains("(--repeats RULE)"), "{}", ran.err);
    for rule in ["first", "last", "most-complete"] {
        let arguments = ["--id", "id", "--output", "-", "--repeats", rule];
        let mut all = who5.to_vec();
        all.extend(["--input", &two_rows_each]);
        all.extend(arguments);
        let ran = run(&all);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let team = rows(&ran.out).into_iter().find(|row| &row[0] == "A").unwrap();
        assert_eq!(&team[2], "suppressed", "five people twice are five people");
        assert!(ran.err.contains("5 rows of people who have another row are left out"));
    }
    let ran = of(&["--id", "id", "--wave", "wave"], &case("dup_wave.csv"));
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("wave 1: 1 person is in the data more than once, with 2 rows too many")
    );
    let gad7 = ["--instrument", "gad-7", "--prefix", "g", "--unit", "team", "--id", "id"];
    for (file, code) in [("k_dup.csv", 1), ("k_single.csv", 0)] {
        let input = case(file);
        let mut all = gad7.to_vec();
        all.extend(["--input", &input, "--output", "-"]);
        let ran = run(&all);
        assert_eq!(ran.code, code, "{file}: {}", ran.err);
        let team = rows(&ran.out).into_iter().find(|row| &row[0] == "A");
        assert!(team.is_none_or(|row| &row[2] == "suppressed"));
    }
}

#[test]
fn what_is_odd_in_units_and_invitations_is_said() {
    let (input, invited) = (case("dup_threshold.csv"), case("invited.csv"));
    let who5 = ["--instrument", "who-5", "--unit", "team", "--input", &input];
    let mut all = who5.to_vec();
    all.extend(["--invited", &invited]);
    let ran = run(&all);
    assert!(ran.err.contains("A: 5 people invited, but 10 answered; the number is left out"));
    assert!(!ran.out.contains("86 %"), "{}", ran.out);
    let folder = Folder::new("odd");
    // Two units too large to add up, in one directorate.
    let large = folder.file("large.csv", format!("team,invited\nA,{0}\nB,{0}\n", u64::MAX));
    let mut all = who5.to_vec();
    all.extend(["--invited", &large]);
    let ran = run(&all);
    assert!(ran.err.contains("everybody: the people invited to its parts are too many to add up"));
    let alike = fs::read_to_string(&input).unwrap().replace(",B,", ",a ,");
    let alike = folder.file("alike.csv", alike);
    let ran = run(&["--instrument", "who-5", "--unit", "team", "--input", &alike]);
    assert!(ran.err.contains("differ only in case or spaces and are counted apart: `A`, `a`"));
}

#[test]
fn the_order_of_waves_is_never_guessed() {
    let input = case("wave_pre_post.csv");
    let all = ["--instrument", "who-5", "--unit", "team", "--wave", "wave", "--id", "id"];
    let mut all = all.to_vec();
    all.extend(["--input", &input]);
    let ran = run(&all);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("(--wave-order NAME,NAME,...)"), "{}", ran.err);
    let mut given = all.clone();
    given.extend(["--wave-order", "pre,post"]);
    let ran = run(&given);
    assert!(ran.out.contains("Change from wave pre to wave post"));
    assert!(ran.out.contains("+12.8"), "raw scores rise by 12.8 points: {}", ran.out);
    let mut wrong = all;
    wrong.extend(["--wave-order", "pre,past"]);
    assert_eq!(run(&wrong).code, 2);
}

/// Six teams of 60, of whom one leaves and one joins: the levels of the second wave are all shown.
#[test]
fn one_person_more_or_less_does_not_take_a_wave_away() {
    let folder = Folder::new("panel");
    let items: Vec<String> = (1..=30).map(|n| format!("pq{n}")).collect();
    let mut text = format!("wave,id,dir,team,{}\n", items.join(","));
    let mut seed = 3_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for (wave, first) in [(1, 0), (2, 1)] {
        for team in 0..6 {
            for id in first..60 + first {
                let codes: Vec<String> = items.iter().map(|_| (1 + draw(5)).to_string()).collect();
                let (dir, codes) = (team / 3, codes.join(","));
                text.push_str(&format!("{wave},P{team}-{id},D{dir},T{team},{codes}\n"));
            }
        }
    }
    let input = folder.file("panel.csv", text);
    let units = ["--unit", "dir,team", "--wave", "wave", "--id", "id", "--output", "-"];
    let mut all = vec!["--instrument", "proqol-5", "--prefix", "pq", "--input", &input];
    all.extend(units);
    let ran = run(&all);
    let published = rows(&ran.out).iter().filter(|row| &row[2] == "published").count();
    assert_eq!(published, 9 * 3, "nine units, three scales: {}", ran.err);
}

#[test]
fn a_report_says_whose_it_is_and_what_it_must_not_be_used_for() {
    let input = case("phq9_teams.csv");
    let mut all = vec!["--instrument", "phq-9", "--prefix", "q", "--unit", "team"];
    all.extend(["--input", &input, "--title", "Staff survey", "--organisation", "Example Clinic"]);
    all.extend(["--date", "2026-12-01"]);
    let out = run(&all).out;
    assert!(out.starts_with("Staff survey, Example Clinic, "), "{out}");
    for said in [
        "they do not diagnose",
        "must not be used to look for individuals",
        "doi:10.1046/j.1525-1497.2001.016009606.x",
        "Kroenke",
    ] {
        assert!(out.contains(said), "{said}");
    }
    // Safety is not reported by unit, nor at all unless somebody asks for it by name.
    assert!(!out.contains("meet: thoughts of death") && !out.contains("Means of single questions"));
    all.extend(["--safety", "thoughts-of-death"]);
    let report = json_of(&all);
    for unit in report["breakdowns"][0]["units"].as_array().unwrap() {
        let criteria = unit["criteria"].as_array().unwrap();
        let safety = criteria.iter().find(|one| one["id"] == "thoughts-of-death").unwrap();
        let whole = unit["path"].as_array().unwrap().is_empty();
        assert!(whole || safety["status"] == "suppressed");
    }
    all.extend(["--safety", "x"]);
    assert_eq!(run(&all).code, 2);
}

#[test]
fn wrong_usage_says_what_is_needed() {
    let folder = Folder::new("usage");
    let input = folder.file("survey.csv", survey(&[("1", 0..30)]));
    let input = input.as_str();
    fails(&["--unit", "team"], 2, "--unit needs --instrument and --input");
    fails(&["--instrument", "phq-9", "--input", input, "--prefix", "q"], 2, "--unit is missing");
    fails(
        &with(&["--input", input, "--k", "4"]),
        2,
        "a threshold of 4 people was asked for; the lowest that any report may use is 5",
    );
    fails(
        &with(&["--input", input, "--wave", "wave"]),
        2,
        "--wave needs --id, to recognise people",
    );
    fails(&with(&["--input", input, "--ledger", "x"]), 2, "--ledger needs --id, --salt and --wave");
    let bad = folder.file("invited.csv", "site,invited\nNorth,many\n");
    fails(
        &with(&["--input", input, "--invited", &bad]),
        1,
        &format!("{bad}: there is no column `team`; there are site, invited"),
    );
    let bad = folder.file("invited2.csv", "site,team,invited\nNorth,Day,many\n");
    fails(
        &with(&["--input", input, "--invited", &bad]),
        1,
        &format!("{bad}: line 2: `many` is no number of people"),
    );
}
