//! The command `translate`, as people script it.
#![cfg(all(
    feature = "csv",
    feature = "fhir",
    feature = "limesurvey",
    feature = "redcap",
    feature = "schema"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs,
    dead_code,
    clippy::duplicate_mod
)]

use std::path::PathBuf;

#[path = "../examples/score_survey.rs"]
mod score_survey;
#[path = "../examples/translate.rs"]
mod translate;

type Run = fn(&[String], &mut dyn std::io::Write, &mut dyn std::io::Write) -> u8;

fn ran(run: Run, arguments: &[&str]) -> (u8, String, String) {
    let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&arguments, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn translated(arguments: &[&str]) -> (u8, String, String) {
    ran(translate::run, arguments)
}

fn scratch(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(name).to_str().unwrap().to_owned()
}

fn sample() -> String {
    format!("{}/examples/data/staff_survey.csv", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_target_gives_a_document_and_says_what_it_cannot_express() {
    for target in ["fhir-questionnaire", "redcap", "limesurvey", "json-schema"] {
        let (code, out, err) = translated(&["--instrument", "phq-9", "--to", target]);
        assert_eq!(code, 0, "{err}");
        assert!(!out.is_empty());
        assert!(err.starts_with(&format!("not expressed in {target}:\n  phq-9: ")), "{err}");
        // Topics alone: nobody's wording.
        assert!(out.contains("loss of interest"));
    }
    let (code, out, err) = translated(&["--instrument", "phq-9", "--to", "codebook"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("# Patient Health Questionnaire"));
    let (_, out, _) = translated(&["--instrument", "phq-9", "--to", "codebook-csv"]);
    assert!(out.starts_with("name,kind,title,"));
}

#[test]
fn a_survey_goes_through_fhir_to_the_table_that_score_survey_prints() {
    let responses = scratch("responses.ndjson");
    for (instrument, prefix) in [("proqol-5", "pq"), ("cbi", "cbi_")] {
        let (input, missing) = (sample(), "-99=declined,88=not-applicable");
        let survey = ["--instrument", instrument, "--input", &input, "--prefix", prefix];
        let survey = [&survey[..], &["--id", "staff_id", "--missing", missing]].concat();
        let (code, table, _) = ran(score_survey::run, &survey);
        // The ids of the sample come again in its second wave.
        assert_eq!(code, 3);
        let out = [&survey[..], &["--to", "fhir-responses", "--output", &responses]].concat();
        let (code, nothing, err) = translated(&out);
        assert_eq!((code, nothing.as_str()), (0, ""), "{err}");
        let back = ["--instrument", instrument, "--from", "fhir-responses", "--input", &responses];
        let (code, again, err) = translated(&back);
        assert_eq!(code, 0, "{err}");
        // Responses have a person, whatever their column was named.
        assert_eq!(again, table.replacen("row,staff_id", "row,id", 1));
        assert!(err.ends_with(" responses read, 0 answers not understood\n"), "{err}");

        let out = [&survey[..], &["--to", "fhir-observations"]].concat();
        let (code, observations, err) = translated(&out);
        assert_eq!(code, 0);
        assert!(err.contains("not expressed in fhir-observations:"));
        let rows = table.lines().count() - 1;
        let scorer = straingauge::catalog::get(instrument).unwrap().scorer();
        let each = scorer.scales().count() + scorer.criteria().count();
        assert_eq!(observations.lines().count(), rows * each);
    }
}

#[test]
fn wrong_input_and_wrong_usage_say_what_to_do() {
    let cases: &[(&[&str], u8, &str)] = &[
        (&[], 2, "translate: --instrument is missing\n(--help lists the options)\n"),
        (
            &["--instrument", "phq-9"],
            2,
            "translate: give --to or --from\n(--help lists the options)\n",
        ),
        (
            &["--instrument", "phq-9", "--to", "stata"],
            2,
            "translate: --to stata is unknown; known are fhir-questionnaire redcap limesurvey json-schema \
             codebook codebook-csv fhir-responses fhir-observations\n(--help lists the options)\n",
        ),
        (
            &["--instrument", "phq-9", "--from", "stata"],
            2,
            "translate: --from stata is unknown; known is fhir-responses\n(--help lists the options)\n",
        ),
        (
            &["--instrument", "phq-9", "--to", "redcap", "--input", "x.csv"],
            2,
            "translate: --to redcap takes no --input; rows go to fhir-responses or fhir-observations\n\
             (--help lists the options)\n",
        ),
    ];
    for (arguments, code, message) in cases {
        let (found, out, err) = translated(arguments);
        assert_eq!((found, out.as_str(), err.as_str()), (*code, "", *message));
    }
    let path = scratch("broken.ndjson");
    std::fs::write(&path, "{\"resourceType\":\"Patient\"}\n").unwrap();
    let from = ["--instrument", "phq-9", "--from", "fhir-responses", "--input", &path];
    let (code, _, err) = translated(&from);
    assert_eq!(code, 1);
    assert_eq!(
        err,
        format!(
            "translate: {path}, line 1: the resource is a `Patient`; a QuestionnaireResponse is read here\n"
        )
    );
    let answer = |person: &str| {
        format!(
            "{{\"resourceType\":\"QuestionnaireResponse\"{person},\"item\":[{{\"linkId\":\"1\",\"answer\":[{{\"valueString\":\"often\"}}]}}]}}\n"
        )
    };
    std::fs::write(&path, answer("")).unwrap();
    let (code, out, err) = translated(&from);
    assert_eq!(code, 0);
    assert_eq!(out.lines().nth(1).unwrap().split(',').nth(3), Some("unreadable"));
    assert_eq!(
        err,
        "line 1: item `1`: the text `often` is not understood; read are 0, 1, 2, 3\n\
         1 responses read, 1 answers not understood\n"
    );
    // Ids are never lost on the way.
    let named = answer(",\"subject\":{\"reference\":\"Patient/1\"}");
    std::fs::write(&path, answer("") + &named).unwrap();
    let (code, _, err) = translated(&from);
    assert_eq!(code, 1);
    assert!(err.contains("line 2: names a person, the first response none"), "{err}");
}

#[test]
fn wording_is_the_callers_and_has_to_fit() {
    let path = scratch("pack.toml");
    std::fs::write(&path, "format = 1\nfor = \"wsas@1\"\nlocale = \"en\"\nlicence = \"x\"\n")
        .unwrap();
    let arguments = ["--instrument", "phq-9", "--to", "fhir-questionnaire", "--wording", &path];
    let (code, out, err) = translated(&arguments);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("the pack is for wsas@1, the instrument is phq-9@1.0.0"), "{err}");
}

/// Rows through FHIR and back; the table, and that of the other command.
fn there_and_back(name: &str, instrument: &str, rows: &str, more: &[&str]) -> (String, String) {
    let (input, responses) = (scratch(&format!("{name}.csv")), scratch(&format!("{name}.ndjson")));
    std::fs::write(&input, rows).unwrap();
    let survey = ["--instrument", instrument, "--input", &input, "--id", "id"];
    let survey = [&survey[..], more].concat();
    let (code, table, err) = ran(score_survey::run, &survey);
    assert_eq!(code, 0, "{err}");
    let out = [&survey[..], &["--to", "fhir-responses", "--output", &responses]].concat();
    let (code, _, err) = translated(&out);
    assert_eq!(code, 0, "{err}");
    let back = ["--instrument", instrument, "--from", "fhir-responses", "--input", &responses];
    let (code, again, err) = translated(&back);
    assert_eq!(code, 0, "{err}");
    (table, again)
}

#[test]
fn blank_ids_come_back_blank() {
    for (name, ids) in [("first", ["", "b"]), ("last", ["a", ""]), ("none", ["", ""])] {
        let rows = format!("id,1,2\n{},1,2\n{},0,3\n", ids[0], ids[1]);
        let (table, again) = there_and_back(&format!("blank-{name}"), "gad-2", &rows, &[]);
        assert!(table.starts_with("row,id,total,"), "{table}");
        assert_eq!(again, table, "{name}");
    }
    // Nobody can tell from no responses whether they would have had ids.
    let (table, again) = there_and_back("blank-empty", "gad-2", "id,1,2\n", &[]);
    assert_eq!(again, table.replace("row,id,", "row,"));
}

#[test]
fn a_blank_sheet_of_ours_does_not_stop_the_file() {
    let path = scratch("blank-sheet.ndjson");
    let of = |items: &str| {
        format!(
            "{{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\",\"questionnaire\":\"https://docs.rs/straingauge/fhir/Questionnaire/gad-2|1.0.0\"{items}}}\n"
        )
    };
    let answered =
        of(",\"item\":[{\"linkId\":\"1\",\"answer\":[{\"valueCoding\":{\"code\":\"3\"}}]}]");
    std::fs::write(&path, answered + &of("")).unwrap();
    let (code, out, err) =
        translated(&["--instrument", "gad-2", "--from", "fhir-responses", "--input", &path]);
    assert_eq!((code, err.as_str()), (0, "2 responses read, 0 answers not understood\n"));
    assert_eq!(out.lines().count(), 3);
}

#[test]
fn answers_that_the_questionnaire_does_not_ask_are_said() {
    let input = scratch("unasked.csv");
    std::fs::write(&input, "gate,1,2,3,4,5\n0,1,,,,\n0,1,,,,1\n1,1,1,1,1,1\n").unwrap();
    let (code, out, err) =
        translated(&["--instrument", "pc-ptsd-5", "--input", &input, "--to", "fhir-responses"]);
    assert_eq!((code, out.lines().count()), (0, 3), "{err}");
    let (_, listed) = err.split_once("not expressed in fhir-responses:\n").unwrap();
    let items: Vec<&str> = listed.lines().map(|line| &line[..5]).collect();
    assert_eq!(items, ["  1: ", "  5: "]);
}
