//! A file that says that something is wrong is never scored in silence: everyday exports, through the
//! command and through the library.
#![allow(clippy::pedantic, clippy::duplicate_mod)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, process};

use straingauge::answers::MissingKind;
use straingauge::catalog;
use straingauge::instrument::Item;
use straingauge::score::Status;
use straingauge::survey::{Import, ImportReport, ItemColumns, Profile, SurveyError};

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

fn run(arguments: &[&str]) -> Ran {
    command(score_survey::run, arguments)
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

type Command = fn(&[String], &mut dyn Write, &mut dyn Write) -> u8;

/// Every command that reads answers, with what it needs beside them.
const COMMANDS: [(&str, Command, &[&str]); 4] = [
    ("score_survey", score_survey::run, &["--id", "id"]),
    ("audit_units", audit_units::run, &["--unit", "team"]),
    ("follow_course", follow_course::run, &["--id", "id", "--date", "day"]),
    ("translate", translate::run, &["--id", "id", "--to", "fhir-responses"]),
];

fn command(run: Command, arguments: &[&str]) -> Ran {
    let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// A file of the name in the folder of this run.
fn scratch(name: &str) -> String {
    let path = env::temp_dir().join(format!("straingauge-gate-{}-{name}", process::id()));
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_command_refuses_and_ends_in_the_same_way() {
    // The case with a day and a team in every row.
    let file = fs::read_to_string(case("phq_1based.csv")).unwrap();
    let mut rows = file.lines().map(|row| format!("{row},A,2026-01-05"));
    let header = rows.next().unwrap().replace(",A,2026-01-05", ",team,day");
    let rows = std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n");
    let input = scratch("commands.csv");
    fs::write(&input, rows).unwrap();
    for (name, run, own) in COMMANDS {
        let output = scratch(&format!("{name}.out"));
        let asked = ["--instrument", "phq-9", "--prefix", "p", "--input", &input];
        let asked = [&asked[..], own, &["--output", &output]].concat();
        let refused = command(run, &asked);
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{name}: {}", refused.err);
        assert!(refused.err.contains("--recode 1=0,2=1,3=2,4=3"), "{name}: {}", refused.err);
        assert!(!PathBuf::from(&output).exists(), "{name}");
        // Three cells hold 4, which is then no answer.
        let doubtful = command(run, &[&asked[..], &["--as-coded"]].concat());
        assert_eq!(doubtful.code, 3, "{name}: {}", doubtful.err);
        assert!(PathBuf::from(&output).exists(), "{name}");
        fs::remove_file(&output).unwrap();
        let fine = command(run, &[&asked[..], &["--recode", "1=0,2=1,3=2,4=3"]].concat());
        assert_eq!(fine.code, 0, "{name}: {}", fine.err);
        fs::remove_file(&output).unwrap();
        let help = command(run, &["--help"]).out;
        for (option, _) in score_survey::SURVEY {
            assert!(help.contains(option), "{name}: {option}");
        }
    }
    fs::remove_file(&input).unwrap();
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
    for settled in [&["--recode", "1=0,2=1,3=2,4=3"][..], &["--as-coded"]] {
        assert_eq!(score("gf_lin.csv", &[&asked[..], settled].concat()).code, 0);
    }
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
/// very high, items equally or very differently hard, answers close to the person or not.
fn clean(dice: &mut Dice, (low, high): (u8, u8), items: &[Item]) -> String {
    let names: Vec<&str> = items.iter().map(Item::id).collect();
    let mut file = names.join(",");
    let (low, high) = (f64::from(low), f64::from(high));
    let mean = (high - low) / 2.0 + (dice.uniform() - 0.5) * 3.0;
    let (spread, noise) = (dice.uniform(), 0.5 + dice.uniform() / 2.0);
    let hard: Vec<f64> = items.iter().map(|_| spread * dice.normal()).collect();
    for _ in 0..30 {
        let person = low + mean + 0.7 * dice.normal();
        let mut cell =
            |hard: &f64| (person + hard + noise * dice.normal()).round().clamp(low, high);
        let cells: Vec<String> = hard.iter().map(|hard| (cell(hard) as u8).to_string()).collect();
        file += &format!("\n{}", cells.join(","));
    }
    file
}

#[test]
fn clean_files_raise_no_alarm() {
    let forms = ["gad-2", "gad-7", "phq-9", "who-5", "pss-10", "olbi", "bat-12", "proqol-5"];
    for id in forms {
        let instrument = catalog::get(id).unwrap();
        let scored: Vec<Item> =
            instrument.items().iter().filter(|item| !item.is_unscored()).cloned().collect();
        let range = scored[0].responses().range();
        let import = Import::new(Profile::plain()).instrument(&instrument, ItemColumns::by_id());
        let mut dice = Dice(7);
        let alarms = (0..1000).filter(|_| {
            let report = read(&import, &clean(&mut dice, range, &scored)).unwrap();
            !report.coding.is_empty()
        });
        let alarms = alarms.count();
        assert!(alarms <= 1, "{id}: {alarms} of 1000");
    }
}

/// Files of people who are nearly all well, or nearly all unwell, so that the code at one end is rare:
/// as long as anybody gave it, the file counts as it should.
#[test]
fn a_rare_lowest_code_is_no_alarm() {
    let forms =
        [("gad-7", 7, [0_u8, 3], "g"), ("phq-9", 9, [0, 3], "q"), ("proqol-5", 30, [1, 5], "p")];
    for (id, items, [low, high], prefix) in forms {
        let import = Import::new(Profile::plain())
            .instrument(&catalog::get(id).unwrap(), ItemColumns::prefix(prefix));
        let mut dice = Dice(11);
        for round in 0..1000 {
            let many = [30, 60, 200][round % 3];
            let names: Vec<String> = (1..=items).map(|n| format!("{prefix}{n}")).collect();
            let mean = f64::from(low) + 1.0 + dice.uniform() * f64::from(high - low);
            let mut cells: Vec<Vec<f64>> = (0..many)
                .map(|_| {
                    let person = mean + 0.5 * dice.normal();
                    let cell = |dice: &mut Dice| (person + 0.6 * dice.normal()).round();
                    let (low, high) = (f64::from(low) + 1.0, f64::from(high));
                    (0..items).map(|_| cell(&mut dice).clamp(low, high)).collect()
                })
                .collect();
            // Without this the lowest code would not be there; one cell in a whole file.
            let at = (dice.uniform() * many as f64) as usize;
            cells[at][(dice.uniform() * items as f64) as usize] = f64::from(low);
            let rows = cells
                .iter()
                .map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(","));
            let file = format!("{}\n{}", names.join(","), rows.collect::<Vec<_>>().join("\n"));
            let report = read(&import, &file).unwrap();
            assert!(report.coding.is_empty(), "{id}, file {round}: {:?}", report.coding);
        }
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

/// Weiss 2007: intrusion is items 1, 2, 3, 6, 9, 14, 16 and 20.
#[test]
fn item_14_of_the_ies_r_is_intrusion() {
    let ran = score("iesr-item14.csv", &["--instrument", "ies-r", "--id", "id"]);
    assert_eq!(column(&ran, "intrusion"), ["4", "32"], "{}", ran.err);
    assert_eq!(column(&ran, "hyperarousal"), ["0", "24"]);
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

/// A second file that cannot be written takes the first one with it.
#[test]
fn all_files_of_a_run_are_written_or_none() {
    let table = scratch("table.csv");
    let nowhere = scratch("no-such-folder/report.json");
    let gad7 =
        ["--instrument", "gad-7", "--prefix", "g", "--input", &case("title.csv"), "--skip", "1"];
    for (run, own) in [
        (score_survey::run as Command, &["--output", &table, "--report", &nowhere][..]),
        (score_survey::run, &["--output", &table, "--codebook", &nowhere]),
        (audit_units::run, &["--unit", "id", "--json", &table, "--output", &nowhere]),
    ] {
        let ran = command(run, &[&gad7[..], own].concat());
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
        assert!(ran.err.contains("no-such-folder"), "{}", ran.err);
        assert!(
            !PathBuf::from(&table).exists() && !PathBuf::from(format!("{table}.part")).exists()
        );
    }
}

/// What a pipe holds can be read only once and is looked through all the same: in this process again,
/// with a file at its standard input.
#[test]
fn a_pipe_is_looked_through_before_anything_is_written() {
    const CHILD: &str = "STRAINGAUGE_GATE_CHILD";
    if let Ok(arguments) = env::var(CHILD) {
        let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = score_survey::run(&arguments, &mut out, &mut err);
        fs::write(env::temp_dir().join("out"), out).unwrap();
        fs::write(env::temp_dir().join("err"), err).unwrap();
        process::exit(i32::from(code));
    }
    let piped = |file: &str, asked: &[&str]| {
        let folder = PathBuf::from(scratch("pipe"));
        fs::create_dir(&folder).unwrap();
        let mut child = process::Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_pipe_is_looked_through_before_anything_is_written"])
            .env(CHILD, [&["--input", "-"], asked].concat().join(" "))
            .env("TMPDIR", &folder)
            .env("TEMP", &folder)
            .stdin(process::Stdio::piped())
            .stdout(process::Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&fs::read(case(file)).unwrap()).unwrap();
        let code = child.wait().unwrap().code().unwrap();
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let ran = Ran { code: u8::try_from(code).unwrap(), out: text("out"), err: text("err") };
        // Nothing of the answers is left behind.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "{file}");
        fs::remove_dir_all(&folder).unwrap();
        ran
    };
    let phq9 = ["--instrument", "phq-9", "--prefix", "p", "--id", "id"];
    let refused = piped("phq_1based.csv", &phq9);
    assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{}", refused.err);
    assert!(refused.err.contains("counts from 1"), "{}", refused.err);
    for (name, asked) in [
        ("mean.csv", &["--instrument", "gad-7", "--prefix", "g", "--id", "id"][..]),
        ("t_full.sav", &["--instrument", "gad-7", "--prefix", "p", "--profile", "spss"]),
    ] {
        let (from_pipe, from_file) = (piped(name, asked), score(name, asked));
        assert_eq!(from_pipe.code, from_file.code, "{name}: {}", from_pipe.err);
        assert_eq!((from_pipe.out, from_pipe.err), (from_file.out, from_file.err), "{name}");
    }
}

#[test]
fn text_in_utf_16_is_said_to_be_that() {
    let text = "id,g1,g2,g3,g4,g5,g6,g7\na,0,1,2,3,0,1,2\n";
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let marked = format!("\u{feff}{text}");
    let input = scratch("utf-16.csv");
    for bytes in [little(text), big(text), little(&marked), big(&marked)] {
        fs::write(&input, bytes).unwrap();
        let asked = ["--instrument", "gad-7", "--prefix", "g", "--input", &input];
        let ran = run(&asked);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
        assert!(ran.err.contains("text in UTF-16"), "{}", ran.err);
        assert!(ran.err.contains("save or export it as CSV in UTF-8"), "{}", ran.err);
        // Nor is it read where somebody asks for it by name.
        let named = run(&[&asked[..], &["--encoding", "utf-16le"]].concat());
        assert_eq!(named.code, 2, "{}", named.err);
    }
    fs::remove_file(&input).unwrap();
}

/// Nobody has answered yet: a table of nobody, and it is said.
#[test]
fn a_file_of_headers_only_holds_nobody() {
    let input = scratch("headers.csv");
    for text in ["id,team,day,g1,g2,g3,g4,g5,g6,g7", "id,team,day,g1,g2,g3,g4,g5,g6,g7\n\n"] {
        fs::write(&input, text).unwrap();
        for (name, run, own) in COMMANDS {
            let asked = ["--instrument", "gad-7", "--prefix", "g", "--input", &input];
            let ran = command(run, &[&asked[..], own].concat());
            assert_eq!(ran.code, 0, "{name}: {}", ran.err);
            assert!(ran.err.contains("0 rows read"), "{name}: {}", ran.err);
        }
    }
    fs::remove_file(&input).unwrap();
}
