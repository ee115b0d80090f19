//! Our own instruments as people answer them: gaps of every kind, options without a code, words of four languages.
#![cfg(feature = "csv")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use straingauge::answers::{Answer, MissingKind};
use straingauge::form::{Form, WordingPack};
use straingauge::score::Status;
use straingauge::survey::{Import, ItemColumns, Profile};
use straingauge::{Instrument, Sheet, catalog, instrument};

#[path = "../examples/score_survey.rs"]
#[allow(dead_code)]
mod score_survey;

fn scored(of: &Instrument, line: &str, scale: &str) -> (Status, Option<f64>) {
    let scores = of.score(&Sheet::from_text(of, line).unwrap()).unwrap();
    let view = scores.get(scale).unwrap();
    (view.status(), view.value().ok().map(|score| score.to_f64()))
}

/// A line of answers to the practice environment: 2 everywhere, and these for one scale's items in order.
fn with(of: &Instrument, prefix: &str, own: &[&str]) -> String {
    let mut own = own.iter();
    let items = of.items().iter().map(|item| match item.id().strip_prefix(prefix) {
        Some(_) => own.next().copied().unwrap_or("2"),
        None => "2",
    });
    items.collect::<Vec<_>>().join(" ")
}

/// "At least three answers": two never make a score, three do, and why the others are missing changes neither. First and
/// second edition; the first said so in its file and did otherwise for items that do not apply.
#[test]
fn three_answers_are_needed_whatever_the_reason_for_a_gap() {
    let cases = [
        ("practice-environment@1.0.0", "partnership-", "collaboration"),
        ("practice-environment@2.0.0", "supervision-", "supervision"),
    ];
    for (id, prefix, scale) in cases {
        let of = catalog::get(id).unwrap();
        for one in [".", "d", "na"] {
            for two in [".", "d", "na"] {
                let three = scored(&of, &with(&of, prefix, &[one, two]), scale);
                assert_eq!(three.1, Some(2.0), "{id} {one} {two}");
                for last in [".", "d", "na"] {
                    let line = with(&of, prefix, &[one, two, last]);
                    assert_eq!(scored(&of, &line, scale), (Status::TooFewAnswered, None), "{line}");
                }
            }
        }
        let nothing = with(&of, prefix, &["na"; 5]);
        assert_eq!(scored(&of, &nothing, scale), (Status::NotApplicable, None));
    }
}

/// The same through the command, and the scale of supervision takes nothing from the others.
#[test]
fn staff_without_supervision_are_scored_on_the_same_collaboration() {
    let of = catalog::get("practice-environment").unwrap();
    let ids: Vec<&str> = of.items().iter().map(|item| item.id()).collect();
    let row = |name: &str, gap: &str| {
        let cell = |id: &&str| if id.starts_with("supervision") { gap } else { "3" };
        format!("{name},{}", ids.iter().map(cell).collect::<Vec<_>>().join(","))
    };
    let file = std::env::temp_dir().join(format!("straingauge-own-{}.csv", std::process::id()));
    let text = format!("id,{}\n{}\n{}\n", ids.join(","), row("nurse", "3"), row("porter", "na"));
    std::fs::write(&file, text).unwrap();
    let arguments = ["--instrument", "practice-environment", "--id", "id", "--missing"];
    let arguments = arguments.into_iter().chain(["na=not-applicable", "--input"]);
    let mut arguments: Vec<String> = arguments.map(str::to_owned).collect();
    arguments.push(file.to_string_lossy().into_owned());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    score_survey::run(&arguments, &mut out, &mut err);
    std::fs::remove_file(&file).unwrap();
    let mut table = csv::Reader::from_reader(out.as_slice());
    let header = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let of = |row: usize, name: &str| &rows[row][header.iter().position(|h| h == name).unwrap()];
    // Three of four at 3, and 4 - 3 for the statement that names what should not be: 10 / 4.
    for row in [0, 1] {
        assert_eq!(of(row, "collaboration"), "2.5", "{}", String::from_utf8_lossy(&err));
    }
    assert_eq!((of(0, "supervision"), of(1, "supervision")), ("2.6", ""));
}

/// "I do not know" is offered beside "does not apply", read by its label in any language, and a gap that is filled in.
#[test]
fn do_not_know_is_an_answer_apart_from_does_not_apply() {
    let of = catalog::get("practice-environment").unwrap();
    for own in of.needs().own_wordings {
        let pack = WordingPack::parse(own.text).unwrap();
        let form = Form::new(&of, &pack).unwrap();
        let question = form.questions().next().unwrap();
        let (unknown, apart) =
            (question.do_not_know().unwrap(), question.not_applicable().unwrap());
        let text = format!("rooms,threats\n{unknown},{apart}\n");
        let columns = ItemColumns::by_id().with_wording(&pack);
        let import = Import::new(Profile::plain().reading_labels()).instrument(&of, columns);
        let mut reader = import.open(std::io::Cursor::new(text.into_bytes())).unwrap();
        let row = reader.next_row().unwrap().unwrap();
        let read: Vec<Answer> = row.answers(0)[..2].iter().map(|b| Answer::from_byte(*b)).collect();
        let expected = [MissingKind::Declined, MissingKind::NotApplicable];
        assert_eq!(read, expected.map(Answer::Missing), "{}", own.locale);
    }
    // Supervision 4, 4 - 0, 4, unknown, 4: four of five answered. With "does not apply" instead, four of four.
    let line = |gap| with(&of, "supervision-", &["4", "0", "4", gap, "4"]);
    assert_eq!(scored(&of, &line("d"), "supervision"), (Status::Prorated, Some(4.0)));
    assert_eq!(scored(&of, &line("na"), "supervision"), (Status::Complete, Some(4.0)));
    // The label must differ from the others of its set.
    let text = catalog::VERSIONS.iter().find(|f| f.id() == of.id() && f.version() == "2.0.0");
    for taken in ["fully", "does not apply here"] {
        let twice = text.unwrap().text().replace("I do not know\" }", &format!("{taken}\" }}"));
        assert!(instrument::lint(&twice).iter().any(|f| f.to_string().contains("occurs twice")));
    }
}

/// A file of the first edition's answers is not read as the second, whose statements are others: no id is used twice.
#[test]
fn answers_to_the_first_edition_are_not_read_as_the_second() {
    let first = catalog::get("practice-environment@1.0.0").unwrap();
    let second = catalog::get("practice-environment").unwrap();
    for item in first.items() {
        assert!(second.item(item.id()).is_none(), "{}", item.id());
    }
}

/// A straight line of the best answer is no perfect workplace: each scale has one statement the other way round.
#[test]
fn a_straight_line_can_be_told_from_a_good_workplace() {
    let of = catalog::get("practice-environment").unwrap();
    let line = ["4"; 38].join(" ");
    for scale in of.scales() {
        let (_, value) = scored(&of, &line, scale.id());
        assert!(value.unwrap() < 4.0, "{}", scale.id());
    }
}

#[cfg(all(feature = "fhir", feature = "limesurvey", feature = "redcap"))]
#[test]
fn do_not_know_goes_through_a_form_of_another_tool() {
    use straingauge::exchange::{ExportOptions, fhir, limesurvey, redcap};
    let of = catalog::get("practice-environment").unwrap();
    let scorer = of.scorer();
    let options = ExportOptions::new();
    let json = fhir::questionnaire(&scorer, &options).document.to_json();
    assert!(json.contains(r#""code":"asked-unknown","display":"I do not know""#), "{json}");
    let redcap = redcap::data_dictionary(&scorer, &options).document.to_csv();
    assert!(redcap.contains("| na, does not apply here | dk, I do not know"));
    let limesurvey = limesurvey::survey_structure(&scorer, &options).document.to_tsv();
    assert!(limesurvey.contains("dk\t") && limesurvey.contains("I do not know"));
    // A filler that chose the option: the answer comes back as one that was given without a code.
    let coded = r#"{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"rooms","answer":[{"valueCoding":{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"asked-unknown"}}]}]}"#;
    let response = fhir::QuestionnaireResponse::from_json(coded).unwrap();
    let sheet = response.sheet(&of, &fhir::ReadOptions::new()).unwrap().sheet;
    assert_eq!(sheet.answer("rooms"), Some(Answer::Missing(MissingKind::Declined)));
}
