//! FHIR, the corners: why an answer is missing, blank responses, other rules, what is not said.
#![cfg(feature = "fhir")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use serde_json::{Value, json};
use straingauge::answers::{Answer, MissingKind, Sheet};
use straingauge::exchange::ExportOptions;
use straingauge::exchange::fhir::{
    FhirError, Occasion, QuestionnaireResponse, ReadOptions, observations, questionnaire,
    unasked_answers,
};
use straingauge::score::ScoreOptions;
use straingauge::{Instrument, catalog};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn response(questionnaire: Option<&str>, items: Value) -> QuestionnaireResponse {
    let mut resource =
        json!({ "resourceType": "QuestionnaireResponse", "status": "completed", "item": items });
    if let Some(named) = questionnaire {
        resource["questionnaire"] = json!(named);
    }
    QuestionnaireResponse::from_json(&resource.to_string()).unwrap()
}

/// Every item of a questionnaire, groups opened.
fn items(of: &Value, into: &mut Vec<Value>) {
    for item in of["item"].as_array().into_iter().flatten() {
        into.push(item.clone());
        items(item, into);
    }
}

/// The formula of a computed item.
fn formula_of(resource: &Value, link_id: &str) -> String {
    let mut all = Vec::new();
    items(resource, &mut all);
    let item = all.iter().find(|item| item["linkId"] == link_id).unwrap();
    item["extension"][0]["valueExpression"]["expression"].as_str().unwrap().to_owned()
}

fn exported(scorer: &straingauge::Scorer) -> (Value, Vec<String>) {
    let out = questionnaire(scorer, &ExportOptions::new());
    let lost = out.unexpressed.iter().map(ToString::to_string).collect();
    (parsed(&out.document.to_json()), lost)
}

/// Why an answer is missing decides where not all answers are needed: the formulas ask.
#[test]
fn formulas_ask_why_an_answer_is_missing() {
    let why = "extension.where(url = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'";
    let asked = format!(
        "answer.empty()).{why} and value in ('not-asked' | 'not-performed' | 'not-permitted')).count()"
    );
    let unreadable = format!("answer.empty()).{why} and value in ('error' | ");
    let applies = format!("answer.empty()).{why} and value = 'not-applicable').count()");
    let said = "not scored as usual where an answer is not-asked, unreadable, not-applicable; a program that leaves out data-absent-reason computes as if it were skipped";
    for (id, scale) in
        [("pulse@1.0.0", "strain"), ("cbi", "work"), ("practice-environment", "safety")]
    {
        let (resource, lost) = exported(&catalog::get(id).unwrap().scorer());
        let formula = formula_of(&resource, scale);
        assert!(formula.contains(&asked), "{formula}");
        assert!(formula.contains(&unreadable), "{formula}");
        // A mean of at least three answers is the same whatever the reason for a gap.
        assert_eq!(formula.contains(&applies), id != "practice-environment", "{formula}");
        assert!(lost.contains(&format!("{scale}: {said}")), "{lost:?}");
    }
    // Items without the option are dropped by their reason alone.
    let (resource, lost) = exported(&catalog::get("wsas").unwrap().scorer());
    let formula = formula_of(&resource, "total");
    assert!(formula.contains(&format!("linkId in ('1' | '2' | '3' | '4' | '5') and {applies}")));
    assert!(lost.contains(&format!("total: {said}")));
    // Where every answer is needed, a missing one is a missing one.
    let phq9 = catalog::get("phq-9").unwrap();
    let (resource, lost) = exported(&phq9.scorer());
    assert!(!formula_of(&resource, "total").contains("extension"));
    assert!(!lost.iter().any(|line| line.contains(said)));
    let (resource, lost) = exported(&needs(&phq9, 7));
    assert!(formula_of(&resource, "total").contains(&asked));
    assert!(lost.contains(&format!("total: {said}")));
    assert_eq!(
        formula_of(&exported(&phq9.scorer()).0, "thoughts-of-death"),
        "iif(%resource.repeat(item).where(linkId = '9').answer.value.where(code.toInteger() >= 1).exists(), \
         'met', iif((%resource.repeat(item).where(linkId = '9').answer.value.where(code.toInteger() >= 1).exists() or \
         (%resource.repeat(item).where(linkId = '9').answer.value.count() = 0)), 'undetermined', 'not-met'))"
    );
}

fn needs(instrument: &Instrument, answers: u16) -> straingauge::Scorer {
    instrument.scorer_with(&ScoreOptions::new().min_answered(answers)).unwrap()
}

#[test]
fn a_response_of_ours_without_items_is_a_blank_sheet() {
    let who5 = catalog::get("who-5").unwrap();
    let ours = Some("https://docs.rs/straingauge/fhir/Questionnaire/who-5|1.0.0");
    let bare = json!({ "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": ours });
    let bare = QuestionnaireResponse::from_json(&bare.to_string()).unwrap();
    let computed =
        response(ours, json!([{ "linkId": "straingauge.computed", "item": [{ "linkId": "x" }] }]));
    for blank in [bare, response(ours, json!([])), computed] {
        let read = blank.sheet(&who5, &ReadOptions::new()).unwrap();
        assert!(read.findings.is_empty());
        let skipped = Answer::Missing(MissingKind::Skipped);
        assert!(read.sheet.answers().all(|(_, answer)| answer == skipped));
        let asked = ReadOptions::new().absent_items(MissingKind::NotAsked);
        let read = blank.sheet(&who5, &asked).unwrap();
        assert_eq!(read.sheet.answer("1"), Some(Answer::Missing(MissingKind::NotAsked)));
        let other = blank.sheet(&catalog::get("phq-9").unwrap(), &ReadOptions::new());
        assert!(matches!(other, Err(FhirError::OtherQuestionnaire { .. })));
    }
    // A misspelt element may have held the answers.
    let bent =
        json!({ "resourceType": "QuestionnaireResponse", "questionnaire": ours, "itEm": [] });
    let bent = QuestionnaireResponse::from_json(&bent.to_string()).unwrap();
    assert!(matches!(bent.sheet(&who5, &ReadOptions::new()), Err(FhirError::NoItems { .. })));
    // Nothing says whose it is, or its items are not ours.
    let whose = response(None, json!([])).sheet(&who5, &ReadOptions::new());
    assert!(matches!(whose, Err(FhirError::NoItems { .. })));
    let strange = response(ours, json!([{ "linkId": "q1" }])).sheet(&who5, &ReadOptions::new());
    assert!(matches!(strange, Err(FhirError::NoItems { .. })));
}

#[test]
fn other_rules_have_a_version_and_an_id_of_their_own() {
    let named = |scorer: &straingauge::Scorer| {
        let (resource, _) = exported(scorer);
        let of = |key: &str| resource[key].as_str().unwrap().to_owned();
        assert_eq!(
            of("url"),
            format!("{}/Questionnaire/{}", ExportOptions::BASE, scorer.instrument().id())
        );
        (of("version"), of("id"))
    };
    let pair = |version: &str, id: &str| (version.to_owned(), id.to_owned());
    let cbi = catalog::get("cbi").unwrap();
    assert_eq!(named(&cbi.scorer()), pair("1.0.0", "cbi"));
    assert_eq!(named(&needs(&cbi, 2)), pair("1.0.0+needs-2", "cbi-needs-2"));
    // The file's own rule, asked for by number.
    let pulse = catalog::get("pulse@1.0.0").unwrap();
    let own = pulse.scorer().scales().map(|scale| scale.needs()).min().unwrap();
    assert_eq!(named(&needs(&pulse, u16::try_from(own).unwrap())), pair("1.0.0", "pulse"));
    let stss = catalog::get("stss").unwrap();
    let four = ScoreOptions::new().variant("four-cluster").min_answered(3);
    let four = stss.scorer_with(&four).unwrap();
    let expected = pair("1.0.0+variant-four-cluster.needs-3", "stss-variant-four-cluster.needs-3");
    assert_eq!(named(&four), expected);
    let bands = catalog::get("k10").unwrap();
    let bands = bands.scorer_with(&ScoreOptions::new().bands("crufad")).unwrap();
    let (version, id) = named(&bands);
    assert_eq!((version.as_str(), id.as_str()), ("1.0.0+bands-crufad", "k10-bands-crufad"));

    // A response names the version that it was computed by, and any of them is read.
    let sheet = cbi.sheet().finish();
    let occasion = Occasion::new().scored_by(&needs(&cbi, 2));
    let written = QuestionnaireResponse::of(&sheet, &occasion).to_json();
    assert!(written.contains("/Questionnaire/cbi|1.0.0+needs-2\""), "{written}");
    let back = QuestionnaireResponse::from_json(&written).unwrap();
    assert_eq!(back.sheet(&cbi, &ReadOptions::new()).unwrap().sheet, sheet);
    let plain = QuestionnaireResponse::of(&sheet, &Occasion::new().scored_by(&cbi.scorer()));
    assert_eq!(plain, QuestionnaireResponse::of(&sheet, &Occasion::new()));
}

#[test]
fn a_person_nobody_knows_is_a_person() {
    let who5 = catalog::get("who-5").unwrap();
    let sheet = who5.sheet().finish();
    let written = QuestionnaireResponse::of(&sheet, &Occasion::new().person(" "));
    let resource = parsed(&written.to_json());
    assert_eq!(
        resource["subject"],
        json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }] })
    );
    let back = QuestionnaireResponse::from_json(&written.to_json()).unwrap();
    assert_eq!((back.person(), back.has_subject()), (None, true));
    assert!(!QuestionnaireResponse::of(&sheet, &Occasion::new()).has_subject());
}

#[test]
fn the_range_of_a_scale_is_not_called_normal() {
    let wsas = catalog::get("wsas").unwrap();
    let total = |text: &str| {
        let scores = wsas.score(&Sheet::from_text(&wsas, text).unwrap()).unwrap();
        parsed(&observations(&scores, &Occasion::new()).document[0].to_json())
    };
    let range = &total("1 1 1 1 1")["referenceRange"][0];
    assert_eq!(
        range["type"],
        json!({
            "coding": [{
                "system": "https://docs.rs/straingauge/fhir/CodeSystem/range-kinds",
                "code": "possible",
                "display": "possible range of the scale"
            }],
            "text": "possible range of the scale"
        })
    );
    assert_eq!(range["high"]["value"], 40.0);
    // Without the work item the highest score is 32.
    let short = total("na 1 1 1 1");
    assert_eq!(short["valueQuantity"]["value"], 4.0);
    assert!(short.get("referenceRange").is_none());
    assert!(total("1 1 1 1 na").get("referenceRange").is_none());
}

#[test]
fn what_a_questionnaire_asks_otherwise_than_it_scores_is_said() {
    let screen = catalog::get("pc-ptsd-5").unwrap();
    let (resource, lost) = exported(&screen.scorer());
    assert_eq!(resource["item"][1]["enableWhen"][0]["question"], "gate");
    let said = "not asked where `gate` rules it out; an answer given all the same is kept and counts, though a strict reader refuses it";
    for item in ["1", "5"] {
        assert!(lost.contains(&format!("{item}: {said}")), "{lost:?}");
    }
    let of = |text: &str| unasked_answers(&Sheet::from_text(&screen, text).unwrap());
    assert!(
        of("1 1 1 1 1 1").is_empty()
            && of("0 . . d na u").is_empty()
            && of(". 1 1 1 1 1").is_empty()
    );
    let odd: Vec<String> = of("0 1 . . . 0").iter().map(ToString::to_string).collect();
    assert_eq!(odd, [format!("1: {said}"), format!("5: {said}")]);

    // Numbers have no ordinal values.
    let text = include_str!("../examples/definitions/worked-example.toml");
    let recoded = "its numbers are reversed or recoded when scored; only the computed scores say so, for a number has no ordinal value";
    for instrument in catalog::all().chain([Instrument::parse(text).unwrap()]) {
        let (resource, lost) = exported(&instrument.scorer());
        for item in resource["item"].as_array().unwrap() {
            let id = item["linkId"].as_str().unwrap();
            let listed = lost.contains(&format!("{id}: {recoded}"));
            let position = instrument.items().iter().position(|known| known.id() == id);
            let scales = instrument.scorer();
            let plain = scales.scales().flat_map(|scale| scale.key().terms()).all(|term| {
                let codes = instrument.items()[term.item()].responses().options().iter();
                Some(term.item()) != position
                    || codes
                        .map(|option| i32::from(option.code()))
                        .eq(term.values().iter().copied())
            });
            let differ =
                lost.iter().any(|line| line.starts_with(&format!("{id}: its options count")));
            assert_eq!(listed, item["type"] == "integer" && !plain && !differ, "{id} {lost:?}");
        }
    }
}

#[test]
fn a_pack_says_its_word_before_and_after() {
    let phq2 = catalog::get("gad-2").unwrap();
    let pack = "format = 1\nfor = 'gad-2@1'\nlocale = 'de'\nlicence = 'CC0-1.0'\nintro = 'Vorab'\nclosing = 'Danke'\n[items]\n1 = 'a'\n2 = 'b'\n";
    let pack = straingauge::form::WordingPack::parse(pack).unwrap();
    let form = straingauge::form::Form::new(&phq2, &pack).unwrap();
    let out = questionnaire(&phq2.scorer(), &ExportOptions::new().form(form));
    let resource = parsed(&out.document.to_json());
    let shown: Vec<(&str, &str, &str)> = resource["item"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let of = |key: &str| item[key].as_str().unwrap();
            (of("linkId"), of("type"), of("text"))
        })
        .collect();
    assert_eq!(shown[0], ("straingauge.intro", "display", "Vorab"));
    assert_eq!(shown[3], ("straingauge.closing", "display", "Danke"));
    assert_eq!(shown[4].0, "straingauge.computed");
}
