//! Exports as survey tools write them: read right, or refused with a reason.
//!
//! The files under `tests/data/exports/` hold the same three people; its README says how each was made.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io::{self, Read};

use proptest::prelude::*;
use straingauge::Instrument;
use straingauge::answers::{Answer, MissingKind, Sheet};
use straingauge::catalog;
use straingauge::form::WordingPack;
use straingauge::survey::{
    Import, ImportReport, ItemColumns, MatchedBy, Profile, Reader, Sentinels, SurveyError, Tool,
};

#[path = "../examples/score_survey.rs"]
mod score_survey;

/// What the three people answered, as vectors write it.
const PEOPLE: [&str; 3] = ["3 2 1 4 4 2", "0 0 . 3 2 1", "4 4 4 0 1 0"];

fn path(name: &str) -> String {
    format!("{}/tests/data/exports/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap()
}

fn pulse() -> Instrument {
    catalog::get("pulse@1.0.0").unwrap()
}

fn pack(locale: &str) -> WordingPack {
    let text = match locale {
        "en" => include_str!("../instruments/pulse/wording/1/en.toml"),
        _ => include_str!("data/exports/pulse.de.toml"),
    };
    WordingPack::parse(text).unwrap()
}

fn line(answers: &[u8]) -> String {
    let word = |byte: &u8| match Answer::from_byte(*byte) {
        Answer::Code(code) => code.to_string(),
        Answer::Missing(MissingKind::Skipped) => ".".to_owned(),
        Answer::Missing(MissingKind::Declined) => "d".to_owned(),
        Answer::Missing(MissingKind::NotApplicable) => "na".to_owned(),
        Answer::Missing(MissingKind::NotAsked) => "-".to_owned(),
        Answer::Missing(_) => "u".to_owned(),
    };
    answers.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn drain<R: Read>(mut reader: Reader<R>) -> Result<(Vec<String>, ImportReport), SurveyError> {
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push(line(row.answers(0)));
    }
    Ok((rows, reader.into_report()))
}

type Read3 = Result<(Vec<String>, ImportReport), SurveyError>;

fn read(name: &str, profile: Profile, columns: ItemColumns) -> Read3 {
    let import = Import::new(profile).instrument(&pulse(), columns);
    if profile_is_sav(name) {
        return drain(import.open_sav(&bytes(name)[..])?);
    }
    drain(import.open(&bytes(name)[..])?)
}

fn profile_is_sav(name: &str) -> bool {
    name.contains("spss")
}

fn by_text() -> ItemColumns {
    ItemColumns::by_text(&pack("en"))
}

#[track_caller]
fn refused(read: Read3, message: &str) {
    assert_eq!(read.unwrap_err().to_string(), message);
}

const ITEMS: [&str; 6] =
    ["exhaustion", "detachment", "intrusion", "meaning", "support", "recovery"];

#[test]
fn qualtrics_by_text_by_name_and_by_import_id() {
    let labels = || Profile::of(Tool::Qualtrics).reading_labels();
    let (rows, report) = read("qualtrics_text.csv", labels(), by_text()).unwrap();
    assert_eq!(rows, PEOPLE);
    assert_eq!(report.left_out.len(), 1);
    assert_eq!(report.left_out[0].reason, "preview of the survey (Status)");
    assert_eq!((report.rows, report.left_out[0].rows), (4, 1));
    assert_eq!(report.instruments[0].items[3].matched_by, Some(MatchedBy::Text));
    assert_eq!(report.instruments[0].items[3].column.as_deref(), Some("Q5_4"));
    assert!(report.unused_columns.is_empty(), "{:?}", report.unused_columns);

    let values = || Profile::of(Tool::Qualtrics);
    let names = (1..=6).map(|n| format!("Q5_{n}"));
    let (rows, report) =
        read("qualtrics_values.csv", values(), ItemColumns::listed(names)).unwrap();
    assert_eq!(rows, PEOPLE);
    assert_eq!(report.left_out[0].reason, "preview of the survey (Status)");
    // The header counts rows from 1 to 6; the ImportId keeps each row's own number.
    let ids = [1, 2, 3, 7, 9, 10].map(|n| format!("QID7_{n}"));
    assert_eq!(read("qualtrics_values.csv", values(), ItemColumns::listed(ids)).unwrap().0, PEOPLE);

    let own = ItemColumns::listed((1..=6).map(|n| format!("Q5_{n}"))).recoded([
        ("1", 0),
        ("2", 1),
        ("4", 2),
        ("5", 3),
        ("6", 4),
    ]);
    assert_eq!(read("qualtrics_recoded.csv", values(), own).unwrap().0, PEOPLE);

    let legacy = Profile::of(Tool::QualtricsLegacy);
    assert_eq!(read("qualtrics_legacy.csv", legacy, by_text()).unwrap().0, PEOPLE);
}

#[test]
fn qualtrics_misread_is_refused() {
    // One header row too few would take the texts for a person; the third row says what it is.
    refused(
        read("qualtrics_legacy.csv", Profile::of(Tool::Qualtrics), by_text()),
        "this is no qualtrics export: found \"R_A\" in the third row, column 1, expected an ImportId in every \
         cell of it (an export of two header rows is `qualtrics-legacy`)",
    );
    refused(
        read("broken_qualtrics_no_import_id.csv", Profile::of(Tool::Qualtrics), by_text()),
        "this is no qualtrics export: found \"QID7_3\" in the third row, column 10, expected an ImportId in every \
         cell of it (an export of two header rows is `qualtrics-legacy`)",
    );
    // Recodes that skip a number: without the declaration, what does not fit is not understood.
    let listed = ItemColumns::listed((1..=6).map(|n| format!("Q5_{n}")));
    let strict = Profile::of(Tool::Qualtrics).strict();
    refused(
        read("qualtrics_recoded.csv", strict, listed.clone()),
        "row 1, column `Q5_1`: \"5\" is no answer to item `exhaustion`, which allows 0, 1, 2, 3, 4; \
         correct the cell, or declare the text as missing",
    );
    for (codes, problem) in [
        (vec![("1", 0), ("2", 7)], "answer code `2` = 7 of pulse: no item offers that code"),
        (vec![("1", 0), ("1 ", 1)], "answer code `1 ` = 1 of pulse: the text is declared twice"),
        (
            vec![("1", 0), ("2", 0)],
            "answer code `2` = 0 of pulse: another text is declared for that code",
        ),
    ] {
        let own = listed.clone().recoded(codes);
        let read = read("qualtrics_recoded.csv", Profile::of(Tool::Qualtrics), own);
        assert!(read.as_ref().unwrap_err().is_usage());
        refused(read, problem);
    }
}

#[test]
fn redcap_rows_of_other_events_are_nobodys_answers() {
    let missing = Sentinels::parse("-998=declined").unwrap();
    let raw = Profile::of(Tool::Redcap).with_sentinels(missing);
    let (rows, report) = read("redcap_raw.csv", raw, ItemColumns::prefix("pulse_")).unwrap();
    assert_eq!(rows, [PEOPLE[0], PEOPLE[1], "4 d 4 0 1 0"]);
    assert_eq!((report.rows, report.left_out[0].rows), (5, 2));
    assert_eq!(report.left_out[0].reason, "no answer to any item: another event or form");
    // A plain reading would score two people who were never asked.
    let plain = read("redcap_raw.csv", Profile::plain(), ItemColumns::prefix("pulse_")).unwrap();
    assert_eq!(plain.0.len(), 5);

    let labels = Profile::of(Tool::Redcap).reading_labels();
    let (rows, report) = read("redcap_labels.csv", labels, by_text()).unwrap();
    assert_eq!(rows, PEOPLE);
    assert_eq!(report.unused_columns, ["Age", "Shift (choice=Day)", "Shift (choice=Night)"]);
    refused(
        read(
            "broken_redcap_label.csv",
            Profile::of(Tool::Redcap).reading_labels().strict(),
            by_text(),
        ),
        "row 3, column `I kept my distance from the people I am there for.`: \"Not at all / a little\" is no answer \
         to item `detachment`, which allows 0 (not at all), 1 (a little), 2 (sometimes), 3 (most of the time), 4 (all of the time); \
         correct the cell, or declare the text as missing",
    );
}

#[test]
fn limesurvey_by_subquestion_code_with_labels_or_letter_codes() {
    let missing = Sentinels::parse("N/A=skipped").unwrap();
    let long = Profile::of(Tool::LimeSurvey).reading_labels().with_sentinels(missing);
    let labels = ItemColumns::prefix("pulse").with_wording(&pack("en"));
    assert_eq!(read("limesurvey_long.csv", long, labels.clone()).unwrap().0, PEOPLE);
    let codes = || ["A1", "A2", "A3", "A4", "A5"].into_iter().zip(0..);
    let own = ItemColumns::prefix("pulse_").recoded(codes());
    let profile = || Profile::of(Tool::LimeSurvey);
    assert_eq!(read("limesurvey_codes.csv", profile(), own.clone()).unwrap().0, PEOPLE);
    // Letter codes are no numbers: `A1` is neither 1 nor the first option.
    let undeclared =
        read("limesurvey_codes.csv", profile().leaving_unread(), labels.clone()).unwrap();
    assert_eq!(undeclared.0[0], "u u u u u u");
    let stopped = read("limesurvey_codes.csv", profile(), labels).unwrap_err().to_string();
    assert!(stopped.contains("\"A5\" in 5 of 18 cells"), "{stopped}");
    refused(
        read("broken_limesurvey_codes.csv", profile().strict(), own),
        "row 1, column `pulse[recovery]`: \"A6\" is no answer to item `recovery`, which allows A1 (for 0), A2 (for 1), \
         A3 (for 2), A4 (for 3), A5 (for 4); correct the cell, or declare the text as missing",
    );
}

#[test]
fn surveymonkey_has_two_header_rows() {
    let labels = || Profile::of(Tool::SurveyMonkey).reading_labels();
    let (rows, report) = read("surveymonkey.csv", labels(), by_text()).unwrap();
    assert_eq!(rows, PEOPLE);
    assert_eq!(
        report.instruments[0].items[5].column.as_deref(),
        Some("How was the past week? [I found rest that did me good.]")
    );
    assert_eq!(report.unused_columns, ["Anything else?"]);
    // One header row: the first person would be taken for the rows of a question.
    refused(
        read("broken_surveymonkey_header.csv", labels(), by_text()),
        "this is no surveymonkey export: found \"101\" under Respondent ID in the second row, expected nothing there, \
         as the second header row names rows and options of questions",
    );
}

#[test]
fn google_forms_is_text_alone() {
    let (rows, report) =
        read("google_forms.csv", Profile::of(Tool::GoogleForms), by_text()).unwrap();
    assert_eq!(rows, PEOPLE);
    assert!(report.profile.labels);
    refused(
        read("broken_google_forms_twin.csv", Profile::of(Tool::GoogleForms), by_text()),
        "2 columns are named `My strength was running low.` (columns 3, 4); rename all but one",
    );
}

#[test]
fn waves_side_by_side_are_two_readings_of_one_file() {
    let profile = || {
        let profile = Profile::plain().with_delimiter(';').unwrap();
        profile.with_encoding(straingauge::survey::Encoding::WINDOWS_1252)
    };
    let first = read("wide_waves.csv", profile(), ItemColumns::between("", "_T1")).unwrap();
    assert_eq!(first.0, PEOPLE);
    assert_eq!(first.1.unused_columns[1], "Kürzel");
    let second = read("wide_waves.csv", profile(), ItemColumns::between("", "_T2")).unwrap();
    assert_eq!(second.0, ["2 4 4 1 2 3", "1 2 3 . 0 0", "0 1 0 4 4 4"]);
}

#[test]
fn spss_files_keep_their_missing_values_missing() {
    let profile = || Profile::of(Tool::Spss);
    for name in ["spss.sav", "spss_compressed.sav", "spss.zsav"] {
        let (rows, report) = read(name, profile(), ItemColumns::by_id()).unwrap();
        assert_eq!(rows, ["3 2 1 4 4 2", "0 0 . . 2 1", "4 . 4 0 1 0"], "{name}");
        assert_eq!(report.profile.tool, Tool::Spss);
        // The kind can be declared as for any file.
        let declared =
            profile().with_sentinels(Sentinels::parse("9=declined,-98=not-asked").unwrap());
        let (rows, _) = read(name, declared, by_text()).unwrap();
        assert_eq!(rows, ["3 2 1 4 4 2", "0 0 . - 2 1", "4 d 4 0 1 0"], "{name}");
        let import = Import::new(profile()).columns(["who", "Day of answer"]);
        let file = bytes(name);
        let mut reader = import.open_sav(&file[..]).unwrap();
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!((row.cell(0), row.cell(1)), ("A", "2026-03-02"));
    }
    refused(
        read("broken_spss_reversed_labels.sav", profile(), ItemColumns::by_id()),
        "column `support` labels 3 as \"a little\", which is code 1 of item `support`; the file codes its \
         answers another way: recode it, or declare its codes",
    );
    let cut = read("broken_spss_cut.sav", profile(), ItemColumns::by_id()).unwrap_err().to_string();
    assert!(cut.contains("it ends in the middle of a"), "{cut}");
    refused(
        drain_any("spss.sav"),
        "the input is an SPSS file (sav), not delimited text; read it with the profile spss, or save it as CSV in UTF-8",
    );
}

fn drain_any(name: &str) -> Read3 {
    drain(
        Import::new(Profile::plain())
            .instrument(&pulse(), ItemColumns::by_id())
            .open(&bytes(name)[..])?,
    )
}

#[cfg(feature = "xlsx")]
#[test]
fn microsoft_forms_and_other_workbooks() {
    let book = |name: &str, profile: Profile, columns: ItemColumns| {
        let import = Import::new(profile).instrument(&pulse(), columns);
        drain(import.open_workbook(io::Cursor::new(bytes(name)))?)
    };
    let forms = || Profile::of(Tool::MicrosoftForms);
    let (rows, report) = book("microsoft_forms.xlsx", forms(), by_text()).unwrap();
    assert_eq!(rows, PEOPLE);
    assert_eq!(report.unused_columns, ["Which days?"]);
    refused(
        book("broken_microsoft_forms_twin.xlsx", forms(), by_text()),
        "2 columns are named `My strength was running low.` (columns 6, 7); rename all but one",
    );
    assert_eq!(book("codes.xlsx", Profile::plain(), ItemColumns::by_id()).unwrap().0, PEOPLE);
    let import = Import::new(forms()).column("Completion time");
    let mut reader = import.open_workbook(io::Cursor::new(bytes("microsoft_forms.xlsx"))).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().cell(0), "2026-03-02T09:04:00");
    assert!(matches!(book("spss.sav", forms(), by_text()), Err(SurveyError::Workbook { .. })));
}

#[test]
fn detection_gives_evidence_and_decides_nothing() {
    let of = |name: &str| {
        let profile = if name == "wide_waves.csv" {
            let semicolon = Profile::plain().with_delimiter(';').unwrap();
            semicolon.with_encoding(straingauge::survey::Encoding::WINDOWS_1252)
        } else {
            Profile::plain()
        };
        if name.ends_with(".xlsx") {
            return profile.detect_workbook(io::Cursor::new(bytes(name))).unwrap();
        }
        profile.detect(&bytes(name)[..]).unwrap()
    };
    for (name, tool) in [
        ("qualtrics_text.csv", Tool::Qualtrics),
        ("qualtrics_values.csv", Tool::Qualtrics),
        ("qualtrics_legacy.csv", Tool::QualtricsLegacy),
        ("redcap_raw.csv", Tool::Redcap),
        ("redcap_labels.csv", Tool::Redcap),
        ("limesurvey_long.csv", Tool::LimeSurvey),
        ("surveymonkey.csv", Tool::SurveyMonkey),
        ("google_forms.csv", Tool::GoogleForms),
        ("microsoft_forms.xlsx", Tool::MicrosoftForms),
        ("spss.sav", Tool::Spss),
        ("wide_waves.csv", Tool::Plain),
    ] {
        let found = of(name);
        assert_eq!(found[0].tool, tool, "{name}: {found:?}");
        assert!(!found[0].evidence.is_empty());
        assert_eq!(
            found.iter().filter(|c| c.explains_every_column()).count(),
            1,
            "{name}: {found:?}"
        );
    }
    let broken = of("broken_qualtrics_no_import_id.csv");
    assert_eq!(broken[0].unexplained, ["Q5_3"]);
    assert!(
        broken[0].to_string().ends_with("an ImportId in 12 of 13 cells of row 3; but not Q5_3"),
        "{}",
        broken[0]
    );
}

/// Each response label goes out in one language's words and comes back as its code.
#[test]
fn labels_make_the_round_trip_in_two_languages() {
    let pulse = pulse();
    let both = ItemColumns::by_id().with_wording(&pack("en")).with_wording(&pack("de"));
    for locale in ["en", "de"] {
        let pack = pack(locale);
        let mut file = ITEMS.join(",") + "\n";
        for code in 0..=4 {
            let text = pack.option("amount", code).unwrap();
            let dressed = format!("\u{a0} {} ", text.to_uppercase().replace(' ', "  "));
            file.push_str(&format!("{}\n", vec![dressed; 6].join(",")));
        }
        let import =
            Import::new(Profile::plain().reading_labels()).instrument(&pulse, both.clone());
        let (rows, report) = drain(import.open(file.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            rows,
            (0..=4).map(|c| vec![c.to_string(); 6].join(" ")).collect::<Vec<_>>(),
            "{locale}"
        );
        assert_eq!(report.instruments[0].items[0].labels, 5);
        // And the items are found by their texts in that language.
        let header: Vec<String> =
            ITEMS.iter().map(|id| format!("\"{}\"", pack.item(id).unwrap())).collect();
        let file = format!("{}\n0,1,2,3,4,0\n", header.join(","));
        let import = Import::new(Profile::plain()).instrument(&pulse, ItemColumns::by_text(&pack));
        assert_eq!(drain(import.open(file.as_bytes()).unwrap()).unwrap().0, ["0 1 2 3 4 0"]);
    }
    let other = catalog::get("wsas").unwrap();
    let import = Import::new(Profile::plain()).instrument(&other, both);
    let error = import.open(&b"1,2,3,4,5\n"[..]).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "the pack is for pulse@1, the instrument is wsas@1.0.0");
}

#[test]
fn the_command_reads_the_same_people_from_every_tool() {
    let (en, pulse) =
        (format!("{}/instruments/pulse/wording/1/en.toml", env!("CARGO_MANIFEST_DIR")), pulse());
    let scores: Vec<String> = PEOPLE
        .iter()
        .map(|line| {
            let scores = pulse.score(&Sheet::from_text(&pulse, line).unwrap()).unwrap();
            let view = |id| {
                let view = scores.get(id).unwrap();
                format!("{},{},{}", view.value().unwrap().to_f64(), view.answered(), view.status())
            };
            format!("{},{}", view("strain"), view("resources"))
        })
        .collect();
    let run = |name: &str, more: &[&str]| {
        let file = path(name);
        let mut arguments = vec!["--instrument", "pulse@1.0.0", "--input", &file];
        arguments.extend(more);
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = score_survey::run(&arguments, &mut out, &mut err);
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    };
    for (name, more) in [
        ("qualtrics_text.csv", &["--profile", "qualtrics", "--labels", "--wording", &en][..]),
        ("qualtrics_text.csv", &["--profile", "auto", "--labels", "--wording", &en]),
        ("redcap_labels.csv", &["--profile", "redcap", "--labels", "--wording", &en]),
        (
            "limesurvey_codes.csv",
            &[
                "--profile",
                "limesurvey",
                "--prefix",
                "pulse",
                "--recode",
                "A1=0,A2=1,A3=2,A4=3,A5=4",
            ],
        ),
        ("surveymonkey.csv", &["--profile", "surveymonkey", "--labels", "--wording", &en]),
        ("google_forms.csv", &["--profile", "google-forms", "--wording", &en]),
    ] {
        let (code, out, err) = run(name, more);
        assert_eq!(code, 0, "{name}: {err}");
        let lines: Vec<&str> = out.lines().skip(1).map(|l| l.split_once(',').unwrap().1).collect();
        assert_eq!(lines, scores, "{name}: {err}");
        assert_eq!(
            err.contains("candidate qualtrics: columns StartDate"),
            more.contains(&"auto"),
            "{err}"
        );
    }
    let (code, _, err) = run("broken_qualtrics_no_import_id.csv", &["--profile", "auto"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("no single tool accounts for every column") && err.contains("but not Q5_3"),
        "{err}"
    );
    let (code, _, err) = run("spss.sav", &["--profile", "auto"]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = run("google_forms.csv", &["--profile", "googel"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("`googel` is not auto, plain, qualtrics, qualtrics-legacy, redcap"),
        "{err}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A broken file of any kind ends in rows or an error, and what is read is an answer of the item.
    #[test]
    fn broken_files_never_panic(
        which in 0..10_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        shorten: bool,
    ) {
        let (name, tool) = [
            ("spss.sav", Tool::Spss), ("spss_compressed.sav", Tool::Spss), ("spss.sav", Tool::Spss),
            ("qualtrics_text.csv", Tool::Qualtrics), ("qualtrics_legacy.csv", Tool::QualtricsLegacy),
            ("redcap_raw.csv", Tool::Redcap), ("limesurvey_long.csv", Tool::LimeSurvey),
            ("surveymonkey.csv", Tool::SurveyMonkey), ("google_forms.csv", Tool::GoogleForms),
            ("microsoft_forms.xlsx", Tool::MicrosoftForms),
        ][which];
        let mut file = bytes(name);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if shorten {
            file.truncate(cut.index(file.len()));
        }
        let _ = Profile::plain().detect(&file[..]);
        let pulse = pulse();
        for columns in [by_text(), ItemColumns::by_id(), ItemColumns::prefix("pulse_")] {
            let import = Import::new(Profile::of(tool).reading_labels()).instrument(&pulse, columns);
            let check = |answers: &[u8]| {
                pulse.items().iter().zip(answers).all(|(item, byte)| match Answer::from_byte(*byte) {
                    Answer::Code(code) => item.responses().contains(code),
                    Answer::Missing(_) => true,
                })
            };
            if tool == Tool::Spss {
                if let Ok(mut reader) = import.open_sav(&file[..]) {
                    while let Ok(Some(row)) = reader.next_row() {
                        prop_assert!(check(row.answers(0)));
                    }
                }
                continue;
            }
            #[cfg(feature = "xlsx")]
            if tool == Tool::MicrosoftForms {
                if let Ok(mut reader) = import.open_workbook(io::Cursor::new(&file)) {
                    while let Ok(Some(row)) = reader.next_row() {
                        prop_assert!(check(row.answers(0)));
                    }
                }
                continue;
            }
            if let Ok(mut reader) = import.open(&file[..]) {
                while let Ok(Some(row)) = reader.next_row() {
                    prop_assert!(check(row.answers(0)));
                }
            }
        }
    }
}
