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
            let shares: f64 =
                (8..row.len()).step_by(3).map(|at| row[at].parse().unwrap_or(0.0)).sum();
            assert!((shares - 1.0).abs() < 1e-12);
        } else {
            assert!(row.iter().skip(3).all(str::is_empty));
        }
    }
    assert_eq!(shown.len(), 2, "everybody, and one team of the two");
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["settings"]["threshold"], 10);
    assert_eq!(json["cuts"][0]["units"][0]["invited"], 99);
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
    // Three people have left: every unit that lost somebody lost too few; one lost nobody.
    let second = wave("2", 3..300, &[]);
    assert_eq!(second.code, 3, "{}", second.err);
    assert_eq!(shown(&second), ["North/Late"]);
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
