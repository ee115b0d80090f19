//! FHIR both ways: what goes out comes back, and what others wrote is read without a silent number.
#![cfg(feature = "fhir")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use straingauge::answers::{Answer, MissingKind, Sheet};
use straingauge::exchange::fhir::{
    FhirError, Occasion, QuestionnaireResponse, ReadOptions, observations, questionnaire,
};
use straingauge::exchange::{ExportOptions, Reason};
use straingauge::{Instrument, catalog};

fn worked() -> Instrument {
    Instrument::parse(include_str!("../examples/definitions/worked-example.toml")).unwrap()
}

fn everything() -> Vec<Instrument> {
    catalog::all().chain([worked()]).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Any sheet of an instrument, every missing kind included.
fn any_sheet(instrument: &Instrument) -> impl Strategy<Value = Sheet> + use<> {
    let per_item: Vec<_> = instrument
        .items()
        .iter()
        .map(|item| {
            let codes: Vec<u8> = item.responses().options().iter().map(|o| o.code()).collect();
            let kinds: Vec<u8> =
                MissingKind::ALL.iter().map(|(kind, _)| Answer::Missing(*kind).to_byte()).collect();
            prop_oneof![3 => prop::sample::select(codes), 1 => prop::sample::select(kinds)]
        })
        .collect();
    let instrument = instrument.clone();
    per_item.prop_map(move |bytes| Sheet::from_bytes(&instrument, &bytes).unwrap())
}

#[test]
fn a_sheet_goes_out_and_comes_back() {
    for instrument in everything() {
        proptest!(ProptestConfig::with_cases(16), |(sheet in any_sheet(&instrument))| {
            let occasion = Occasion::new().person("staff 17").id("r1").unwrap().authored("2026-11-25").unwrap();
            let text = QuestionnaireResponse::of(&sheet, &occasion).to_json();
            let response = QuestionnaireResponse::from_json(&text).unwrap();
            prop_assert_eq!(response.person(), Some("staff 17"));
            prop_assert_eq!(response.id(), Some("r1"));
            prop_assert_eq!(response.authored(), Some("2026-11-25"));
            prop_assert_eq!(response.to_json(), text);
            let back = response.sheet(&instrument, &ReadOptions::new()).unwrap();
            prop_assert_eq!(&back.sheet, &sheet);
            prop_assert!(back.findings.is_empty());
        });
    }
}

/// An answer as somebody might write it, and what may be read from it for PHQ-9.
fn foreign_answer() -> impl Strategy<Value = (Value, Option<Answer>)> {
    const OURS: &str = "https://docs.rs/straingauge/fhir/CodeSystem/phq-9-answers-frequency";
    let code = |code: i64| u8::try_from(code).ok().filter(|code| *code <= 3).map(Answer::Code);
    let text = "[ -~]{0,6}";
    prop_oneof![
        (-3_i64..9).prop_map(move |n| (json!([{ "valueInteger": n }]), code(n))),
        any::<i64>().prop_map(move |n| (json!([{ "valueInteger": n }]), code(n))),
        (-3_i64..9).prop_map(move |n| {
            (json!([{ "valueCoding": { "system": OURS, "code": n.to_string() } }]), code(n))
        }),
        (0_i64..4)
            .prop_map(move |n| (json!([{ "valueCoding": { "code": n.to_string() } }]), code(n))),
        (0_i64..4).prop_map(|n| {
            (
                json!([{ "valueCoding": { "system": "http://elsewhere", "code": n.to_string() } }]),
                None,
            )
        }),
        text.prop_map(move |t| {
            let read = t.parse().ok().filter(|_| t.len() == 1).and_then(code);
            (json!([{ "valueCoding": { "system": OURS, "code": t } }]), read)
        }),
        (-2.0_f64..5.0).prop_map(|x| (json!([{ "valueDecimal": x }]), None)),
        (0_i64..4).prop_map(move |n| (json!([{ "valueDecimal": n as f64 }]), code(n))),
        text.prop_map(|t| (json!([{ "valueString": t }]), None)),
        any::<bool>().prop_map(|b| (json!([{ "valueBoolean": b }]), None)),
        (0_i64..4).prop_map(|n| (json!([{ "valueInteger": n }, { "valueInteger": n }]), None)),
        (0_i64..4).prop_map(|n| (json!([{ "valueQuantity": { "value": n } }]), None)),
        Just((
            json!([{ "valueCoding": { "system": "http://loinc.org", "code": "LA6570-1" } }]),
            Some(Answer::Code(2))
        )),
        // The answer of another list, though LOINC knows it.
        Just((
            json!([{ "valueCoding": { "system": "http://loinc.org", "code": "LA6573-5" } }]),
            None
        )),
        Just((json!([{}]), None)),
    ]
}

proptest! {
    #[test]
    fn an_answer_is_a_code_or_unreadable_never_a_guess(answers in prop::collection::vec(foreign_answer(), 9)) {
        let phq9 = catalog::get("phq-9").unwrap();
        let items: Vec<Value> = answers.iter().enumerate().map(|(at, (answer, _))| {
            json!({ "linkId": (at + 1).to_string(), "answer": answer })
        }).collect();
        let text = json!({ "resourceType": "QuestionnaireResponse", "status": "completed", "item": items }).to_string();
        let read = QuestionnaireResponse::from_json(&text).unwrap().sheet(&phq9, &ReadOptions::new()).unwrap();
        let mut unreadable = 0;
        for ((_, expected), (item, found)) in answers.iter().zip(read.sheet.answers()) {
            let expected = expected.unwrap_or(Answer::Missing(MissingKind::Unreadable));
            unreadable += usize::from(expected.code().is_none());
            prop_assert_eq!(found, expected, "item {} of {}", item.id(), text);
        }
        prop_assert_eq!(read.findings.len(), unreadable);
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "\\PC{0,200}") {
        let _ = QuestionnaireResponse::from_json(&text);
    }

    #[test]
    fn a_response_cut_or_bent_is_read_or_refused(at in 0_usize..4000, byte in any::<u8>(), cut in any::<bool>()) {
        let phq9 = catalog::get("phq-9").unwrap();
        let sheet = Sheet::from_text(&phq9, "0 1 2 3 d . na u 1 2").unwrap();
        let mut bytes = QuestionnaireResponse::of(&sheet, &Occasion::new()).to_json().into_bytes();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(read) = QuestionnaireResponse::from_json(&text).and_then(|r| r.sheet(&phq9, &ReadOptions::new())) {
            // At most one item can read otherwise.
            let changed = read.sheet.as_bytes().iter().zip(sheet.as_bytes()).filter(|(a, b)| a != b).count();
            prop_assert!(changed <= 1, "{text}");
        }
    }
}

/// Depth and length have limits.
#[test]
fn hostile_documents_end_in_an_error() {
    let deep = format!(
        "{}{}",
        r#"{"resourceType":"QuestionnaireResponse","item":[{"item":"#.repeat(300),
        ""
    );
    assert!(QuestionnaireResponse::from_json(&deep).is_err());
    let nested = "[".repeat(100_000);
    assert!(QuestionnaireResponse::from_json(&nested).is_err());
    let long = " ".repeat((16 << 20) + 1);
    assert_eq!(
        QuestionnaireResponse::from_json(&long).unwrap_err(),
        FhirError::TooLarge { found: (16 << 20) + 1, limit: 16 << 20 }
    );
    let many: Vec<Value> = (0..50_000).map(|at| json!({ "linkId": format!("x{at}") })).collect();
    let text = json!({ "resourceType": "QuestionnaireResponse", "item": many }).to_string();
    let phq9 = catalog::get("phq-9").unwrap();
    let read = QuestionnaireResponse::from_json(&text).unwrap().sheet(&phq9, &ReadOptions::new());
    assert!(matches!(read, Err(FhirError::NoItems { .. })));
}

fn response(questionnaire: Option<&str>, items: Value) -> QuestionnaireResponse {
    let mut resource =
        json!({ "resourceType": "QuestionnaireResponse", "status": "completed", "item": items });
    if let Some(named) = questionnaire {
        resource["questionnaire"] = json!(named);
    }
    QuestionnaireResponse::from_json(&resource.to_string()).unwrap()
}

#[test]
fn another_questionnaire_is_read_by_loinc_codes_alone() {
    let phq9 = catalog::get("phq-9").unwrap();
    let foreign = Some("http://hospital.example/Questionnaire/mood|3");
    let plain = response(foreign, json!([{ "linkId": "1", "answer": [{ "valueInteger": 3 }] }]));
    let error = plain.sheet(&phq9, &ReadOptions::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the response answers `http://hospital.example/Questionnaire/mood|3`, not \
         https://docs.rs/straingauge/fhir/Questionnaire/phq-9|1.0.0; if its items are those of phq-9, \
         name that address with ReadOptions::questionnaire"
    );
    let vouched = ReadOptions::new().questionnaire("http://hospital.example/Questionnaire/mood");
    assert_eq!(plain.sheet(&phq9, &vouched).unwrap().sheet.answer("1"), Some(Answer::Code(3)));
    let other_major = Some("https://docs.rs/straingauge/fhir/Questionnaire/phq-9|2.0.0");
    let other_major =
        response(other_major, json!([{ "linkId": "1", "answer": [{ "valueInteger": 3 }] }]));
    assert!(other_major.sheet(&phq9, &ReadOptions::new()).is_err());
    // As LOINC's own form has it, in a group; the totals of the form are passed over.
    let loinc = response(
        foreign,
        json!([{ "linkId": "/g", "item": [
        { "linkId": "/44250-9", "answer": [{ "valueCoding": { "system": "http://loinc.org", "code": "LA6571-9" } }] },
        { "linkId": "44255-8", "answer": [{ "valueCoding": { "system": "http://loinc.org", "code": "LA6568-5" } }] },
        { "linkId": "/44261-6", "answer": [{ "valueDecimal": 12.0 }] }
    ] }]),
    );
    let read = loinc.sheet(&phq9, &ReadOptions::new()).unwrap();
    assert_eq!(read.sheet.answer("1"), Some(Answer::Code(3)));
    assert_eq!(read.sheet.answer("2"), Some(Answer::Code(0)));
    assert_eq!(read.sheet.answer("3"), Some(Answer::Missing(MissingKind::Skipped)));
    let asked = ReadOptions::new().absent_items(MissingKind::NotAsked);
    let read = loinc.sheet(&phq9, &asked).unwrap();
    assert_eq!(read.sheet.answer("3"), Some(Answer::Missing(MissingKind::NotAsked)));
}

#[test]
fn every_refusal_says_what_was_found() {
    let phq9 = catalog::get("phq-9").unwrap();
    let said = |response: &QuestionnaireResponse| {
        response.sheet(&phq9, &ReadOptions::new()).unwrap_err().to_string()
    };
    let twice = json!([{ "linkId": "1" }, { "linkId": "/44250-9" }]);
    assert_eq!(
        said(&response(None, twice)),
        "item `1` stands in the response twice (`1`, `/44250-9`)"
    );
    let none = json!([{ "linkId": "q1" }]);
    assert_eq!(
        said(&response(None, none)),
        "no item of phq-9 in the response; link ids are the item ids (1, 2, 3, …), or LOINC codes where the file has them"
    );
    let text = r#"{"resourceType":"QuestionnaireResponse","status":"entered-in-error","item":[]}"#;
    assert_eq!(
        said(&QuestionnaireResponse::from_json(text).unwrap()),
        "the response has status `entered-in-error`; completed, amended, in-progress and stopped ones are read"
    );
    let other = QuestionnaireResponse::from_json(r#"{"resourceType":"Patient"}"#).unwrap_err();
    assert_eq!(
        other.to_string(),
        "the resource is a `Patient`; a QuestionnaireResponse is read here"
    );
    let link = ReadOptions::new().link("q1", "eleven");
    let error = response(None, json!([])).sheet(&phq9, &link).unwrap_err();
    assert_eq!(error.to_string(), "phq-9 has no item `eleven`");
    let answer = json!([{ "linkId": "1", "answer": [{ "valueString": "often" }] }]);
    let read = response(None, answer).sheet(&phq9, &ReadOptions::new()).unwrap();
    assert_eq!(
        read.findings[0].to_string(),
        "item `1`: the text `often` is not understood; read are 0, 1, 2, 3"
    );
    assert_eq!(
        Occasion::new().id("no spaces").unwrap_err().to_string(),
        "`no spaces` is no FHIR id: write 1 to 64 letters, digits, dots or hyphens"
    );
    assert_eq!(
        Occasion::new().authored("yesterday").unwrap_err().to_string(),
        "`yesterday` is no FHIR time: write 2026-11-25 or 2026-11-25T09:30:00Z"
    );
}

/// Every item of a questionnaire, groups opened.
fn items(of: &Value, into: &mut Vec<Value>) {
    for item in of["item"].as_array().into_iter().flatten() {
        into.push(item.clone());
        items(item, into);
    }
}

#[test]
fn a_questionnaire_has_what_a_filler_needs() {
    for instrument in everything() {
        let out = questionnaire(&instrument.scorer(), &ExportOptions::new());
        let resource = parsed(&out.document.to_json());
        assert_eq!(resource["resourceType"], "Questionnaire");
        assert_eq!(resource["identifier"][0]["value"], instrument.file_hash());
        let name = resource["name"].as_str().unwrap();
        assert!(name.starts_with(|c: char| c.is_ascii_uppercase()));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        let mut all = Vec::new();
        items(&resource, &mut all);
        let mut ids: Vec<&str> = all.iter().map(|item| item["linkId"].as_str().unwrap()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "link ids are unique");
        for item in instrument.items() {
            let written = all.iter().find(|known| known["linkId"] == item.id()).unwrap();
            assert_eq!(written["text"], item.topic(), "no wording without a pack");
            let options = written["answerOption"].as_array().map_or(0, Vec::len);
            let offered = item.responses().options().len()
                + usize::from(item.responses().not_applicable().is_some())
                + usize::from(item.responses().do_not_know().is_some());
            assert_eq!(options, if written["type"] == "choice" { offered } else { 0 });
        }
        let computed = all.iter().filter(|item| item["readOnly"] == true);
        for item in computed {
            let formula = item["extension"][0]["valueExpression"]["expression"].as_str().unwrap();
            let depth = formula.matches('(').count();
            assert_eq!(depth, formula.matches(')').count(), "{formula}");
        }
        assert!(out.unexpressed.iter().any(|lost| lost.reason == Reason::NoWording));
        for norm in instrument.norms() {
            assert!(out.unexpressed.iter().any(|lost| lost.subject == norm.id()));
        }
    }
}

#[test]
fn ordinal_values_add_up_to_plain_sums() {
    let proqol = catalog::get("proqol-5").unwrap();
    let resource =
        parsed(&questionnaire(&proqol.scorer(), &ExportOptions::new()).document.to_json());
    let ordinal = |id: &str, code: &str| -> f64 {
        let items = resource["item"].as_array().unwrap();
        let item = items.iter().find(|item| item["linkId"] == id).unwrap();
        let options = item["answerOption"].as_array().unwrap();
        let option = options.iter().find(|option| option["valueCoding"]["code"] == code).unwrap();
        option["extension"][0]["valueDecimal"].as_f64().unwrap()
    };
    // Item 1 is reverse-keyed.
    assert_eq!((ordinal("1", "5"), ordinal("2", "5")), (1.0, 5.0));
    let burnout = proqol.scale("burnout").unwrap();
    let sum: f64 = proqol.items_of(burnout).map(|item| ordinal(item.id(), "4")).sum();
    let mut sheet = proqol.sheet();
    for item in proqol.items() {
        sheet = sheet.answer(item.id(), 4).unwrap();
    }
    let scores = proqol.score(&sheet.finish()).unwrap();
    assert_eq!(scores.get("burnout").unwrap().value().unwrap().to_f64(), sum);
}

#[test]
fn observations_carry_value_band_receipt_and_origin() {
    let phq9 = catalog::get("phq-9").unwrap();
    let sheet = Sheet::from_text(&phq9, "2 2 2 2 2 0 0 0 1 1").unwrap();
    let scores = phq9.score(&sheet).unwrap();
    let occasion = Occasion::new().person("17").id("r1").unwrap().authored("2026-11-25").unwrap();
    let written: Vec<Value> =
        observations(&scores, &occasion).document.iter().map(|o| parsed(&o.to_json())).collect();
    let total = &written[0];
    assert_eq!(total["id"], "r1-total");
    assert_eq!(
        total["code"]["coding"][0],
        json!({ "system": "http://loinc.org", "code": "44261-6" })
    );
    assert_eq!(total["valueQuantity"]["value"], 11.0);
    assert_eq!(total["interpretation"][0]["coding"][0]["code"], "moderate");
    assert_eq!(total["derivedFrom"][0]["reference"], "QuestionnaireResponse/r1");
    assert_eq!(total["effectiveDateTime"], "2026-11-25");
    assert_eq!(total["subject"]["identifier"]["value"], "17");
    let receipt = scores.receipt();
    assert_eq!(total["method"]["coding"][0]["code"], receipt.rule("total").unwrap());
    assert_eq!(total["method"]["coding"][1]["code"], receipt.file_hash.as_str());
    let safety =
        written.iter().find(|o| o["code"]["coding"][0]["code"] == "thoughts-of-death").unwrap();
    assert_eq!(safety["valueBoolean"], true);
    assert!(safety["note"][0]["text"].as_str().unwrap().contains("person"));

    // An absent score keeps its reason; an open criterion is no `false`.
    let sheet = Sheet::from_text(&phq9, "2 2 2 2 2 0 0 0 d 1").unwrap();
    let written: Vec<Value> = observations(&phq9.score(&sheet).unwrap(), &Occasion::new())
        .document
        .iter()
        .map(|o| parsed(&o.to_json()))
        .collect();
    assert!(written[0].get("valueQuantity").is_none());
    assert_eq!(written[0]["dataAbsentReason"]["text"], "8 of 9 answered, at least 9 needed");
    assert_eq!(written[0]["component"][2]["valueQuantity"]["value"], 10.0);
    let safety =
        written.iter().find(|o| o["code"]["coding"][0]["code"] == "thoughts-of-death").unwrap();
    assert!(safety.get("valueBoolean").is_none());
    assert_eq!(safety["dataAbsentReason"]["coding"][0]["code"], "unknown");
}

#[test]
fn wording_comes_from_a_form_alone() {
    let instrument = worked();
    let mut pack = String::from(
        "format = 1\nfor = 'worked-example@1'\nlocale = 'de'\nlicence = 'CC0-1.0'\ncredit = ['Nobody']\n[slots]\nlighthouse = 'Turm'\n[items]\n",
    );
    for item in instrument.items() {
        pack.push_str(&format!("{} = 'Text {} ({{lighthouse}})'\n", item.id(), item.id()));
    }
    let pack = straingauge::form::WordingPack::parse(&pack).unwrap();
    let form = straingauge::form::Form::new(&instrument, &pack).unwrap();
    let out = questionnaire(&instrument.scorer(), &ExportOptions::new().form(form));
    let resource = parsed(&out.document.to_json());
    assert_eq!(resource["language"], "de");
    assert_eq!(resource["item"][1]["text"], "Text 1 (Turm)");
    assert!(resource["copyright"].as_str().unwrap().contains("Wording: CC0-1.0"));
    assert!(!out.unexpressed.iter().any(|lost| lost.reason == Reason::NoWording));
}
