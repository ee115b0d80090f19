//! The main job as people script it: files in, table, report and exit code out.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use straingauge::survey::ImportReport;

#[path = "../examples/score_survey.rs"]
mod score_survey;

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
    let code = score_survey::run(&arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// PHQ-9 answers under `q1` to `q9`, a person a line.
fn phq9(rows: &[&str]) -> String {
    let header = (1..=9).map(|n| format!("q{n}")).collect::<Vec<_>>().join(",");
    format!("who,{header},team\n{}\n", rows.join("\n"))
}

const PHQ9: [&str; 4] = ["--instrument", "phq-9", "--prefix", "q"];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}

#[track_caller]
fn fails(ran: &Ran, code: u8, message: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{}", ran.err);
    let hint = if code == 2 { "\n(--help lists the options)" } else { "" };
    assert_eq!(ran.err, format!("score_survey: {message}{hint}\n"));
}

#[test]
fn a_file_comes_out_as_a_table() {
    let folder = Folder::new("table");
    let file = phq9(&[
        "A,1,1,1,1,1,0,0,0,0,north",
        "\"B, junior\",3,3,3,3,3,3,3,3,3,\"the \"\"south\"\"\"",
        "C,1,1,1,1,1,0,0,0,,north",
        "D,-99,NA,often!,0,0,0,0,0,1, west ",
    ]);
    let input = folder.file("in.csv", &file);
    let ran = run(&with(
        &PHQ9,
        &["--input", &input, "--id", "who", "--keep", "team", "--missing", "-99=declined,NA"],
    ));
    // One text was not understood.
    assert_eq!(ran.code, 3, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    let head = "row,who,team,total,total_answered,total_status,total_band,total_band_certain,";
    assert!(lines[0].starts_with(head), "{}", lines[0]);
    let cut = |line: usize| lines[line].split(',').collect::<Vec<_>>();
    assert_eq!(cut(1)[..8], ["1", "A", "north", "5", "9", "complete", "mild", "yes"]);
    assert!(
        lines[2].starts_with("2,\"B, junior\",\"the \"\"south\"\"\",27,9,complete,severe,yes,")
    );
    assert_eq!(cut(3)[..8], ["3", "C", "north", "", "8", "too-few-answered", "", ""]);
    assert_eq!(cut(4)[..8], ["4", "D", " west ", "", "6", "unreadable", "", ""]);
    let safety = lines[0].split(',').position(|name| name == "thoughts_of_death").unwrap();
    let outcomes = [1, 3, 4].map(|line| cut(line)[safety].to_owned());
    assert_eq!(outcomes, ["not-met", "undetermined", "met"]);
    let said = "safety items: met 2 times; 1 times the question was left open\n  row 2 (B, junior): phq-9 thoughts-of-death\n  row 4 (D): phq-9 thoughts-of-death\n  Please have a person look";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert!(ran.err.contains("4 rows read"), "{}", ran.err);
    assert!(ran.err.contains("1 cells were not understood"), "{}", ran.err);
    assert!(
        ran.err
            .contains("row 4, column `q3`: \"often!\" is no answer to item 3; allowed: 0, 1, 2, 3")
    );
    assert!(ran.err.contains("phq-9 total: 1 people, too few answered"));
    assert!(ran.err.contains("phq-9 total: 1 people, unreadable"));

    let (output, report) = (folder.path("out.csv"), folder.path("report.json"));
    let again = run(&with(
        &PHQ9,
        &[
            "--input",
            &input,
            "--id=who",
            "--keep=team",
            "--missing=-99=declined,NA",
            "--output",
            &output,
            "--report",
            &report,
        ],
    ));
    assert_eq!((again.code, again.out.as_str()), (3, ""));
    assert_eq!(fs::read_to_string(&output).unwrap(), ran.out);
    let report: ImportReport = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!((report.rows, report.not_understood.total, report.not_scored.total), (4, 1, 2));
    assert_eq!(report.not_scored.first[0].id.as_deref(), Some("C"));
    assert_eq!(report.not_scored.first[0].reason, "8 of 9 answered, at least 9 needed");
    let receipt = report.instruments[0].receipt.as_ref().unwrap();
    assert_eq!(receipt.file_hash, straingauge::catalog::get("phq-9").unwrap().file_hash());
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "nothing is left behind: {names:?}");
}

#[test]
fn another_missing_rule_variant_or_band_set_is_the_instruments_own() {
    let folder = Folder::new("options");
    let input = folder.file("in.csv", phq9(&["C,1,1,1,1,1,0,0,0,,north"]));
    let ran = run(&with(&PHQ9, &["--input", &input, "--min-answered", "8"]));
    assert!(
        ran.out.lines().nth(1).unwrap().starts_with("1,5.625,8,prorated,mild,yes,"),
        "{}",
        ran.out
    );

    let header: Vec<String> = (1..=17).map(|n| format!("s{n}")).collect();
    let answers: Vec<&str> = vec!["2"; 17];
    let stss = format!("{}\n{}\n", header.join(","), answers.join(","));
    let input = folder.file("stss.csv", stss);
    let ran = run(&[
        "--input",
        &input,
        "--variant",
        "four-cluster",
        "--prefix",
        "s",
        "--instrument",
        "stss@1.0.0",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("active_avoidance"), "{}", ran.out);
    let plain = run(&["--input", &input, "--prefix", "s", "--instrument", "stss"]);
    assert!(!plain.out.contains("active_avoidance"));
    for wrong in [["--variant", "five-cluster"], ["--bands", "no-such-set"]] {
        let ran = run(&with(&["--instrument", "stss", "--prefix", "s", "--input", &input], &wrong));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("it has"), "{}", ran.err);
    }
    // MBI-HSS has only deprecated bands: none unless asked for.
    let header: Vec<String> = (1..=22).map(|n| n.to_string()).collect();
    let mbi = format!("{}\n{}\n", header.join(","), vec!["3"; 22].join(","));
    let input = folder.file("mbi.csv", mbi);
    let plain = run(&["--instrument", "mbi-hss", "--input", &input]);
    assert!(!plain.out.contains("_band"), "{}", plain.out);
    let asked = run(&["--instrument", "mbi-hss", "--input", &input, "--bands", "manual-1996"]);
    assert!(asked.out.contains("emotional_exhaustion_band_certain"), "{}", asked.out);
    assert!(asked.out.lines().nth(1).unwrap().contains(",yes,"), "{}", asked.out);
}

#[test]
fn several_instruments_are_scored_in_one_pass() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/staff_survey.csv");
    let missing =
        ["--missing", "-99=declined,88=not-applicable", "--id", "staff_id", "--input", sample];
    let both = run(&with(
        &missing,
        &[
            "--instrument",
            "proqol-5",
            "--prefix",
            "pq",
            "--instrument",
            "cbi",
            "--prefix",
            "cbi_",
            "--min-answered",
            "1",
        ],
    ));
    // The ids of the sample come again in its second wave.
    assert_eq!(both.code, 3, "{}", both.err);
    let head = both.out.lines().next().unwrap();
    assert!(head.starts_with(
        "row,staff_id,proqol_5_compassion_satisfaction,proqol_5_compassion_satisfaction_answered,"
    ));
    assert!(head.contains(",cbi_client,cbi_client_answered,cbi_client_status"));
    assert_eq!(both.out.lines().count(), 617);
    // Each alone gives the same columns.
    let alone = |more: &[&str]| run(&with(&missing, more)).out;
    let proqol = alone(&["--instrument", "proqol-5", "--prefix", "pq"]);
    let cbi = alone(&["--instrument", "cbi", "--prefix", "cbi_", "--min-answered", "1"]);
    for ((both, proqol), cbi) in both.out.lines().zip(proqol.lines()).zip(cbi.lines()).skip(1) {
        let own = cbi.splitn(3, ',').nth(2).unwrap();
        assert_eq!(both, format!("{proqol},{own}"));
    }
    let twice = run(&with(
        &missing,
        &["--instrument", "cbi", "--prefix", "cbi_", "--instrument", "cbi", "--prefix", "cbi_"],
    ));
    fails(
        &twice,
        2,
        "two columns of the output would be named `cbi_personal`; hand through another column, or score each instrument once",
    );
}

#[test]
fn a_definition_of_ones_own_comes_before_the_built_in_one() {
    let folder = Folder::new("definition");
    let built_in = straingauge::catalog::get("phq-9").unwrap();
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("instruments/phq-9/1.0.0.toml"),
    )
    .unwrap();
    let own = folder.file("own.toml", text.replace("version = \"1.0.0\"", "version = \"1.0.7\""));
    let input = folder.file("in.csv", phq9(&["A,1,1,1,1,1,0,0,0,0,x"]));
    let report = folder.path("r.json");
    let version = |more: &[&str]| {
        let ran = run(&with(&["--input", &input, "--prefix", "q", "--report", &report], more));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let report: ImportReport =
            serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
        report.instruments[0].version.clone()
    };
    assert_eq!(version(&["--definition", &own]), "1.0.7");
    assert_eq!(version(&["--definition", &own, "--instrument", "phq-9"]), "1.0.7");
    assert_eq!(version(&["--definition", &own, "--instrument", "phq-9@1.0.7"]), "1.0.7");
    assert_eq!(
        version(&["--definition", &own, "--instrument", "phq-9@1.0.0"]),
        built_in.version().to_string()
    );
    let ran = run(&["--input", &input, "--definition", &own, "--definition", &own]);
    fails(&ran, 2, "--instrument is missing");
    let broken = folder.file("broken.toml", "format = 1\nid = 'x'\n");
    let ran = run(&["--input", &input, "--definition", &broken]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("broken.toml"), "{}", ran.err);
    let ran = run(&["--input", &input, "--definition", &folder.path("none.toml")]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("none.toml: No such file"), "{}", ran.err);
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = Folder::new("usage");
    let input = folder.file("in.csv", phq9(&["A,1,1,1,1,1,0,0,0,0,x"]));
    let base = with(&PHQ9, &["--input", &input]);
    fails(&run(&PHQ9), 2, "--input is missing");
    fails(&run(&["--input", &input]), 2, "--instrument is missing");
    fails(&run(&["--input"]), 2, "--input needs a value");
    for (more, message) in [
        (&["--strict=yes"][..], "--strict takes no value"),
        (&["--input", "b.csv"], "--input is given twice"),
        (
            &["--prefix", "r"],
            "--prefix is given twice for one instrument (--items and --prefix are one choice)",
        ),
        (
            &["--items", "a,b"],
            "--items is given twice for one instrument (--items and --prefix are one choice)",
        ),
        (&["--min-answered", "0"], "a scale needs at least 1 answer; 0 was asked for"),
        (&["--min-answered", "half"], "--min-answered: `half` is no number that fits"),
        (
            &["--missing", "99=gone"],
            "--missing: `99=gone` names no kind of missing answer; the kinds are not-asked, skipped, declined, not-applicable",
        ),
        (
            &["--missing", "3=declined"],
            "\"3\" cannot mean declined: it is an answer to item `1`, which offers 0, 1, 2, 3",
        ),
        (
            &["--delimiter", ";;"],
            "\";;\" cannot separate cells; use a comma, a semicolon, a tab or another punctuation mark of ASCII",
        ),
        (
            &["--encoding", "latin-9"],
            "--encoding: `latin-9` is not an encoding that is read; write utf-8, windows-1252, windows-1250, windows-1251, iso-8859-2, shift_jis, gbk, big5, euc-kr or another label of the WHATWG Encoding Standard",
        ),
        (&["--keep", "team,"], "--keep has an empty entry"),
        (
            &["--id", "who", "--keep", "team, team"],
            "two columns of the output would be named `team`; hand through another column, or score each instrument once",
        ),
    ] {
        fails(&run(&with(&base, more)), 2, message);
    }
    let ran = run(&["--instrument", "phq-9", "--input", &input, "--items", "q1,q2"]);
    fails(
        &ran,
        2,
        "2 columns are listed for phq-9; list all 10 items in printed order, or the 9 scored ones",
    );
    let ran = run(&["--instrument", "phq-99", "--input", &input]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("score_survey: no built-in instrument `phq-99`; built in are"),
        "{}",
        ran.err
    );
    let ran = run(&["--instrument", "phq-9@7.0.0", "--input", &input]);
    fails(&ran, 2, "`phq-9` has no version 7.0.0; built in: 1.0.0");
    let ran = run(&with(&base, &["--outptu", "x"]));
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("score_survey: unknown argument `--outptu`; known are --instrument")
    );
    let help = run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for (option, _) in score_survey::SURVEY.iter().chain(score_survey::OWN) {
        assert!(help.out.contains(option), "{option}");
    }
}

#[test]
fn wrong_input_exits_with_1_and_leaves_no_file() {
    let folder = Folder::new("input");
    let good = "A,1,1,1,1,1,0,0,0,0,x";
    let cases = [
        (
            phq9(&[good, "B,1,1,1,1,1,0,0,0,0"]),
            "row 2 (line 3) has 10 cells, the header 11; the row is shorter. Some programs leave out empty cells at the end of a row: fill the last columns in the program that wrote the file, or delete a last column that is empty. A missing delimiter shifts the cells after it",
        ),
        (
            phq9(&[good]).replace(',', ";"),
            "no column holds an item of phq-9: expected `q1`, `q2`, `q3`, `q4`, `q5`, `q6`, `q7`, `q8`, `q9`; the file has `who;q1;q2;q3;q4;q5;q6;q7;q8;q9;team` (one column that contains ';': is that the delimiter?). Name the item columns, or the prefix that they share",
        ),
        (String::new(), "the input is empty; its first line must name the columns"),
        (
            phq9(&[good, "B,\"1,1,1"]),
            "row 2 (line 3) has a quotation mark that is never closed; everything after it would be one cell. Write a quotation mark inside a cell twice",
        ),
        (
            phq9(&[good]).replace("q1,", "q1,q1,").replace("A,1", "A,1,1"),
            "2 columns are named `q1` (columns 2, 3); rename all but one",
        ),
        (
            "%PDF-1.7".to_owned(),
            "the input is a PDF document, not delimited text; save or export it as CSV in UTF-8",
        ),
    ];
    let output = folder.path("out.csv");
    for (content, message) in cases {
        let input = folder.file("in.csv", content);
        for arguments in [
            with(&PHQ9, &["--input", &input, "--id", "who"]),
            with(&PHQ9, &["--input", &input, "--id", "who", "--output", &output]),
        ] {
            let ran = run(&arguments);
            assert_eq!(ran.code, 1);
            assert_eq!(ran.out, "");
            assert_eq!(ran.err, format!("score_survey: {input}: {message}\n"));
            assert!(!Path::new(&output).exists());
        }
    }
    fs::write(&output, "yesterday's").unwrap();
    let input = folder.file("in.csv", phq9(&[good, "B,1,1,1,often!,1,0,0,0,0,x"]));
    let ran = run(&with(&PHQ9, &["--input", &input, "--strict", "--output", &output]));
    fails(
        &ran,
        1,
        &format!(
            "{input}: row 2, column `q4`: \"often!\" is no answer to item `4`, which allows 0, 1, 2, 3; correct the cell, or declare the text as missing"
        ),
    );
    assert_eq!(fs::read_to_string(&output).unwrap(), "yesterday's");
    assert!(!Path::new(&format!("{output}.part")).exists());
    let ran = run(&with(&PHQ9, &["--input", &folder.path("none.csv")]));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("none.csv: No such file"), "{}", ran.err);
    let ran =
        run(&with(&PHQ9, &["--input", &input, "--output", &folder.path("no/such/folder.csv")]));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no/such/folder.csv"), "{}", ran.err);
    let ran = run(&["--instrument", "cbi", "--prefix", "q", "--input", &input]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("no column holds an item of cbi: expected `qpersonal-1`"),
        "{}",
        ran.err
    );
}

#[test]
fn items_without_a_column_are_not_asked() {
    let folder = Folder::new("not-asked");
    let input = folder.file("in.csv", "personal-1,personal-2,personal-3,personal-4,personal-5,personal-6,work-1\n0,25,50,75,100,0,25\n");
    let ran = run(&["--instrument", "cbi", "--input", &input]);
    assert_eq!(ran.code, 0);
    let line = ran.out.lines().nth(1).unwrap();
    assert_eq!(line, "1,41.666666666666664,6,complete,,1,not-asked,,0,not-asked");
    assert!(
        ran.err.contains("cbi: no column was found for the items work-2, work-3, work-4, work-5, work-6, work-7, client-1,"),
        "{}", ran.err
    );
    // PHQ-9's tenth item is not scored: nobody needs to hear of it.
    let input = folder.file("phq.csv", phq9(&["A,1,1,1,1,1,0,0,0,0,x"]));
    let ran = run(&with(&PHQ9, &["--input", &input]));
    assert!(!ran.err.contains("not asked"), "{}", ran.err);
}

#[test]
fn european_files_are_read_as_said() {
    let folder = Folder::new("european");
    let file = phq9(&["Zo\u{eb},1,0;1;1;1;1;0;0;0;0,0;x"])
        .replace(',', ";")
        .replace("1;0;1;1", "1,0;1;1")
        .replace("0;0;x", "0,0;x");
    let bytes: Vec<u8> = file.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let input = folder.file("in.csv", bytes);
    let base = with(&PHQ9, &["--input", &input, "--id", "who", "--delimiter", ";"]);
    let ran = run(&base);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("byte 0xeb is not UTF-8"), "{}", ran.err);
    let ran = run(&with(&base, &["--encoding", "windows-1252"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.lines().nth(1).unwrap().starts_with("1,Zoë,5,9,complete,mild,yes,"),
        "{}",
        ran.out
    );
}

#[test]
fn the_demonstration_is_a_pleasure_to_read() {
    let ran = run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for expected in [
        "No real person is described here",
        "616 rows read",
        "14 cells were not understood",
        "row 12, column `pq7`: \"0\" is no answer to item 7; allowed: 1, 2, 3, 4, 5",
        "Secondary traumatic stress (proqol-5)",
        "average    from 23",
        "█",
        "of 10 answered, at least 10 needed",
        "6 of 6 questions do not apply",
        "reverse-keyed",
        "scoring rule, SHA-256",
    ] {
        assert!(ran.out.contains(expected), "{expected}");
    }
}

/// Real answers, outside the repository: read where the folder is given, never copied.
fn fixture(name: &str) -> Option<String> {
    let folder = env::var("STRAINGAUGE_FIXTURES").ok();
    if folder.is_none() {
        eprintln!("skipped: STRAINGAUGE_FIXTURES names no folder with survey/{name}");
    }
    folder.map(|folder| format!("{folder}/survey/{name}"))
}

#[test]
fn isixhosa_totals_are_those_of_the_authors() {
    let Some(input) = fixture("isixhosa_phq9.csv") else { return };
    let ran = run(&[
        "--instrument",
        "phq-9",
        "--prefix",
        "phq9_",
        "--input",
        &input,
        "--keep",
        "phq9_total_author",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut rows = csv::Reader::from_reader(ran.out.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 47);
    assert_eq!(rows.iter().filter(|row| row[1] == row[2] && &row[4] == "complete").count(), 47);
}

#[test]
fn ukm_mean_and_bands_are_as_published() {
    let Some(input) = fixture("ukm_phq9_gad7_pss10.csv") else { return };
    let ran = run(&["--instrument", "phq-9", "--prefix", "phq9_", "--input", &input]);
    // Four rows repeat an earlier one, which a person should look at.
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("4 rows have all the answers of an earlier row"), "{}", ran.err);
    let mut rows = csv::Reader::from_reader(ran.out.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 223);
    let total: f64 = rows.iter().map(|row| row[1].parse::<f64>().unwrap()).sum();
    assert_eq!(format!("{:.3}", total / 223.0), "8.825");
    let bands = ["minimal", "mild", "moderate", "moderately-severe", "severe"];
    let counts = bands.map(|band| rows.iter().filter(|row| &row[4] == band).count());
    assert_eq!(counts, [61, 82, 43, 18, 19]);
}
