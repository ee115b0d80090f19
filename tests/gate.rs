//! A file that says that something is wrong is never scored in silence: everyday exports, through the
//! command and through the library.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::{env, fs, process};

use straingauge::answers::MissingKind;
use straingauge::catalog;
use straingauge::score::Status;
use straingauge::survey::{Import, ImportReport, ItemColumns, Profile, SurveyError};

#[path = "../examples/score_survey.rs"]
mod score_survey;

struct Ran {
    code: u8,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = score_survey::run(&arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn case(name: &str) -> String {
    format!("{}/tests/data/imports/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The command on a file of `tests/data/imports`.
fn score(file: &str, more: &[&str]) -> Ran {
    let file = case(file);
    let mut arguments = vec!["--input", &file];
    arguments.extend(more);
    run(&arguments)
}

/// Cells of a column of the table.
fn column(ran: &Ran, name: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_reader(ran.out.as_bytes());
    let at = rows.headers().unwrap().iter().position(|cell| cell == name).expect(name);
    rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[test]
fn codes_from_one_stop_the_run_before_anything_is_written() {
    let asked = ["--instrument", "phq-9", "--prefix", "p", "--id", "id"];
    let ran = score("phq_1based.csv", &asked);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    for said in ["counts from 1", "--recode 1=0,2=1,3=2,4=3", "--as-coded", "items 1..9"] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    // An older table stays.
    let path = env::temp_dir().join(format!("straingauge-gate-{}.csv", process::id()));
    let path = path.to_str().unwrap();
    fs::write(path, "older\n").unwrap();
    assert_eq!(score("phq_1based.csv", &[&asked[..], &["--output", path]].concat()).code, 1);
    assert_eq!(fs::read_to_string(path).unwrap(), "older\n");
    fs::remove_file(path).unwrap();

    let recoded = score("phq_1based.csv", &[&asked[..], &["--recode", "1=0,2=1,3=2,4=3"]].concat());
    // The first row is 1,1,1,1,1,1,2,3,1: three points above the lowest.
    assert_eq!(column(&recoded, "total")[0], "3", "{}", recoded.err);
    let as_coded = score("phq_1based.csv", &[&asked[..], &["--as-coded"]].concat());
    assert_eq!(column(&as_coded, "total")[0], "12");
    assert_eq!(as_coded.code, 3, "three cells hold 4");
}

#[test]
fn a_base_that_only_the_unused_code_gives_away_is_a_warning() {
    let gad7 = ["--instrument", "gad-7", "--id", "who"];
    let ran = score("gad7_from_one.csv", &gad7);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.err);
    assert!(ran.err.contains("counts from 1"), "{}", ran.err);
    let ran = score("proqol_0based_no0.csv", &["--instrument", "proqol-5", "--prefix", "pq"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("perhaps the file counts from 0"), "{}", ran.err);
    assert!(ran.err.contains("--recode 0=1,1=2,2=3,3=4,4=5"), "{}", ran.err);
    let rows = "row 1,row 2,row 3,row 4,row 5,row 6,row 7";
    let asked = ["--instrument", "gad-7", "--items", rows, "--profile", "google-forms"];
    let ran = score("gf_lin.csv", &asked);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("perhaps the file counts from 1"), "{}", ran.err);
    assert_eq!(
        score("gf_lin.csv", &[&asked[..], &["--recode", "1=0,2=1,3=2,4=3"]].concat()).code,
        0
    );
}

/// ProQOL's version IV has the codes 0 to 5.
#[test]
fn six_codes_where_five_are_offered_stop_the_run() {
    let header: Vec<String> = (1..=30).map(|n| format!("pq{n}")).collect();
    let mut file = header.join(",");
    for row in 0..20 {
        let cells: Vec<String> =
            (0..30).map(|n| ((row * 7 + n * 5 + n / 6) % 6).to_string()).collect();
        file += &format!("\n{}", cells.join(","));
    }
    let import = Import::new(Profile::plain())
        .instrument(&catalog::get("proqol-5").unwrap(), ItemColumns::prefix("pq"));
    let error = read(&import, &file).unwrap_err();
    assert!(
        matches!(&error, SurveyError::UnknownLabel { finding } if finding.text == "0"),
        "{error}"
    );
}

fn read(import: &Import, file: &str) -> Result<ImportReport, SurveyError> {
    let mut reader = import.open(file.as_bytes())?;
    while reader.next_row()?.is_some() {}
    Ok(reader.into_report())
}

/// Seeded numbers that look like chance.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as f64 + 0.5) / (1_u64 << 31) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Thirty people on one factor, cut points one apart; the sample's mean anywhere from very low to
/// very high.
fn clean(dice: &mut Dice, (items, low, high): (usize, u8, u8), prefix: &str) -> String {
    let names: Vec<String> = (1..=items).map(|n| format!("{prefix}{n}")).collect();
    let mut file = names.join(",");
    let middle = f64::from(high - low) / 2.0;
    let mean = middle + (dice.uniform() - 0.5) * 3.0;
    for _ in 0..30 {
        let person = mean + 0.7 * dice.normal();
        let cells: Vec<String> = (0..items)
            .map(|_| {
                let value = (person + 0.7 * dice.normal()).round() + f64::from(low);
                value.clamp(f64::from(low), f64::from(high)).to_string()
            })
            .collect();
        file += &format!("\n{}", cells.join(","));
    }
    file
}

#[test]
fn clean_files_raise_no_alarm() {
    let forms =
        [("gad-7", (7, 0, 3), "g"), ("phq-9", (9, 0, 3), "q"), ("proqol-5", (30, 1, 5), "p")];
    for (id, shape, prefix) in forms {
        let import = Import::new(Profile::plain())
            .instrument(&catalog::get(id).unwrap(), ItemColumns::prefix(prefix));
        let mut dice = Dice(7);
        let alarms = (0..1000).filter(|_| {
            let report = read(&import, &clean(&mut dice, shape, prefix)).unwrap();
            !report.coding.is_empty()
        });
        let alarms = alarms.count();
        assert!(alarms <= 1, "{id}: {alarms} of 1000");
    }
}

#[test]
fn one_text_in_many_cells_is_a_label_and_no_slip() {
    let header = (1..=9).map(|n| format!("q{n}")).collect::<Vec<_>>().join(",");
    let rows = |cell: &str, many: usize| {
        let row = |n| format!("{},0,1,2,0,1,0,{},1", if n < many { cell } else { "0" }, n % 4);
        format!("{header}\n{}", (0..40).map(row).collect::<Vec<_>>().join("\n"))
    };
    let phq9 = catalog::get("phq-9").unwrap();
    let import = |profile| Import::new(profile).instrument(&phq9, ItemColumns::prefix("q"));
    // 8 of 360 cells are 2.2 %, 7 are 1.9 %.
    let error = read(&import(Profile::plain()), &rows("niemals", 8)).unwrap_err().to_string();
    for said in
        ["\"niemals\" in 8 of 360 cells", "q1", "row 1", "--recode", "--missing", "--leave-unread"]
    {
        assert!(error.contains(said), "{said}: {error}");
    }
    let report = read(&import(Profile::plain()), &rows("niemals", 7)).unwrap();
    assert_eq!((report.unread_texts[0].cells, report.unread_texts[0].of), (7, 360));
    assert!(report.has_findings());
    let report = read(&import(Profile::plain().leaving_unread()), &rows("niemals", 40)).unwrap();
    assert_eq!(report.unread_texts.len(), 1);
    // Four cells of a small file are no case yet.
    assert!(read(&import(Profile::plain()), &format!("{header}\nx,x,x,x,0,0,0,0,1\n")).is_ok());
}

#[test]
fn an_unreadable_answer_is_filled_in_by_nobody() {
    let cbi = catalog::get("cbi").unwrap();
    // Three of six are enough by the authors' rule.
    let personal = |last: MissingKind| {
        let mut sheet = cbi.sheet();
        for (item, code) in [("personal-1", 25), ("personal-2", 50), ("personal-3", 100)] {
            sheet = sheet.answer(item, code).unwrap();
        }
        for item in ["personal-4", "personal-5"] {
            sheet = sheet.skip(item).unwrap();
        }
        let sheet = sheet.missing("personal-6", last).unwrap().finish();
        let scores = cbi.score(&sheet).unwrap();
        scores.get("personal").unwrap().status()
    };
    assert_eq!(personal(MissingKind::Skipped), Status::Prorated);
    assert_eq!(personal(MissingKind::Unreadable), Status::Unreadable);
    assert_eq!(personal(MissingKind::NotAsked), Status::NotAsked);
}

#[test]
fn previews_tests_and_spam_are_left_out_by_number() {
    let asked =
        ["--instrument", "gad-7", "--prefix", "g_", "--profile", "qualtrics", "--id", "ResponseId"];
    let ran = score("q_nodist.csv", &asked);
    assert_eq!(ran.out.lines().count(), 1 + 2, "{}", ran.out);
    for said in ["2 rows left out: preview", "1 rows left out: test", "1 rows left out: spam"] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    assert!(ran.err.contains("1 responses are unfinished by `Finished`"), "{}", ran.err);
    let ran = score("q_nodist.csv", &[&asked[..], &["--finished-only"]].concat());
    assert_eq!(ran.out.lines().count(), 1 + 1, "{}", ran.out);
}

#[test]
fn unfinished_responses_are_named_in_every_profile() {
    let asked = ["--instrument", "gad-7", "--prefix", "gSQ00", "--recode", "A1=0,A2=1,A3=2,A4=3"];
    let ran = score("ls.csv", &[&asked[..], &["--profile", "limesurvey"]].concat());
    assert!(ran.err.contains("1 responses are unfinished by `submitdate`"), "{}", ran.err);
    assert!(ran.err.contains("rows 2"), "{}", ran.err);
    let ran =
        score("ls.csv", &[&asked[..], &["--profile", "limesurvey", "--finished-only"]].concat());
    assert_eq!(ran.out.lines().count(), 1 + 2);
}

#[test]
fn a_title_is_said_to_be_one_and_skipped() {
    let asked = ["--instrument", "gad-7", "--prefix", "g"];
    let ran = score("title.csv", &asked);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("row 1 was taken for the header"), "{}", ran.err);
    let ran = score("title.csv", &[&asked[..], &["--skip", "1"]].concat());
    // 0+1+2+3+0+1+2, 7 ones, 7 threes.
    assert_eq!(column(&ran, "total"), ["9", "7", "21"], "{}", ran.err);
}

#[test]
fn short_rows_are_explained() {
    let ran = score("excel_drop.csv", &["--instrument", "gad-7", "--prefix", "g"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("leave out empty cells at the end"), "{}", ran.err);
}

#[test]
fn lists_take_quoted_names_ranges_and_positions() {
    let totals = ["9", "7", "21"];
    for list in [
        "\"nervousness, unease\",\"worry, uncontrollable\",\"worry, too much\",\"relaxing, trouble\",\"restlessness, pacing\",\"irritability, anger\",\"fear, dread\"",
        "\"nervousness, unease..fear, dread\"",
        "#2..#8",
        "#2,#3,#4..#8",
    ] {
        let ran = score("commahdr.csv", &["--instrument", "gad-7", "--items", list]);
        assert_eq!(column(&ran, "total"), totals, "{list}: {}", ran.err);
    }
}

#[test]
fn a_row_of_means_is_named_and_kept() {
    let asked = ["--instrument", "gad-7", "--prefix", "g", "--id", "id"];
    let ran = score("mean.csv", &asked);
    assert_eq!((ran.code, ran.out.lines().count()), (3, 5), "{}", ran.err);
    assert!(ran.err.contains("row 4 (Mean)"), "{}", ran.err);
}

#[test]
fn labels_are_read_beside_their_codes_in_either_order_and_without_markup() {
    let asked = ["--instrument", "gad-7", "--prefix", "g", "--labels"];
    let ran = score("numlab.csv", &asked);
    assert_eq!(column(&ran, "total")[..2], ["9", "9"], "{}", ran.err);
    assert_eq!(column(&ran, "total")[2], "", "a code with the label of another one");
    let ran = score("html.csv", &asked);
    assert_eq!(column(&ran, "total")[0], "9", "{}", ran.err);
}

#[test]
fn repeated_ids_and_rows_are_counted_and_named() {
    let header = (1..=9).map(|n| format!("q{n}")).collect::<Vec<_>>().join(",");
    let row = |n: usize| {
        let mut dice = Dice(n as u64);
        let cells = (0..9).map(|_| ((dice.uniform() * 4.0) as u8).to_string());
        cells.collect::<Vec<_>>().join(",")
    };
    let mut rows: Vec<String> = (1..=12).map(|n| format!("p{n},{}", row(n))).collect();
    rows.push(format!("p3,{}", row(99)));
    rows.push(format!("p14,{}", row(5)));
    let file = format!("who,{header}\n{}\n", rows.join("\n"));
    let phq9 = catalog::get("phq-9").unwrap();
    let import =
        Import::new(Profile::plain()).instrument(&phq9, ItemColumns::prefix("q")).id("who");
    let report = read(&import, &file).unwrap();
    assert_eq!((report.repeats.ids, report.repeats.first[0].same_as), (1, Some(3)));
    assert!(report.repeats.first.iter().any(|r| r.row == 14 && r.same_as == Some(5)));
    let report = read(&import.ids_may_repeat(), &file).unwrap();
    assert_eq!(report.repeats.ids, 0);
}

#[test]
fn the_input_is_never_written_over() {
    let path = env::temp_dir().join(format!("straingauge-gate-own-{}.csv", process::id()));
    let link: PathBuf = path.with_extension("link");
    fs::copy(case("mean.csv"), &path).unwrap();
    let before = fs::read(&path).unwrap();
    let _ = fs::remove_file(&link);
    fs::hard_link(&path, &link).unwrap();
    let (path, link) = (path.to_str().unwrap(), link.to_str().unwrap());
    for (option, target) in [("--output", path), ("--report", path), ("--output", link)] {
        let asked = ["--instrument", "gad-7", "--prefix", "g", "--input", path, option, target];
        let ran = run(&asked);
        assert_eq!(ran.code, 2, "{option} {target}");
        assert!(ran.err.contains("one file"), "{}", ran.err);
    }
    assert_eq!(fs::read(path).unwrap(), before);
    fs::remove_file(path).unwrap();
    fs::remove_file(link).unwrap();
}
