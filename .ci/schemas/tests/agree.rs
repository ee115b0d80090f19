//! The schemas say what serde reads, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use straingauge::{
    answers::SheetRecord,
    catalog,
    change::RawHistory,
    instrument::raw::RawInstrument,
    score::ScoreRecord,
    watch::raw::{RawConsent, RawPolicy},
};

fn validator(name: &str) -> jsonschema::Validator {
    let schemas = straingauge::schema::all();
    let (_, schema) = schemas.into_iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Every place in a document, as a path of steps.
fn places(value: &Value, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    found.push(at.clone());
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                at.push(key.clone());
                places(inner, at, found);
                at.pop();
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                at.push(index.to_string());
                places(inner, at, found);
                at.pop();
            }
        }
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(map) => map.get_mut(step),
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[derive(Debug, Clone)]
enum Mutation {
    Remove,
    Replace(Value),
    Insert(String, Value),
    Push(Value),
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..400).prop_map(Value::from),
        // A JSON Schema takes 7.0 for an integer where serde does not: only true fractions here.
        prop_oneof![Just(0.5), Just(-2.25), Just(7.125)].prop_map(Value::from),
        prop_oneof![
            Just("A"),
            Just("author"),
            Just("sum"),
            Just("higher-is-worse"),
            Just("x"),
            Just("declined"),
            Just("2024-02-29"),
            Just("baseline"),
            Just("safety")
        ]
        .prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([1, "x"])),
        Just(json!([0, 4])),
        Just(json!({ "source": "x", "origin": "author", "grade": "A" })),
    ]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        Just(Mutation::Remove),
        any_value().prop_map(Mutation::Replace),
        (
            prop_oneof![
                Just("title"),
                Just("note"),
                Just("surprise"),
                Just("times"),
                Just("missing"),
                Just("1")
            ],
            any_value()
        )
            .prop_map(|(key, value)| Mutation::Insert(key.to_owned(), value)),
        any_value().prop_map(Mutation::Push),
    ]
}

fn mutate(document: &mut Value, pick: prop::sample::Index, mutation: Mutation) {
    let mut found = Vec::new();
    places(document, &mut Vec::new(), &mut found);
    let path = found[pick.index(found.len())].clone();
    match mutation {
        Mutation::Remove => {
            let Some((last, parent)) = path.split_last() else { return };
            match at(document, parent) {
                Some(Value::Object(map)) => drop(map.remove(last)),
                Some(Value::Array(list)) => drop(list.remove(last.parse().unwrap())),
                _ => {}
            }
        }
        Mutation::Replace(value) => *at(document, &path).unwrap() = value,
        Mutation::Insert(key, value) => {
            if let Some(Value::Object(map)) = at(document, &path) {
                map.insert(key, value);
            }
        }
        Mutation::Push(value) => {
            if let Some(Value::Array(list)) = at(document, &path) {
                list.push(value);
            }
        }
    }
}

fn definitions() -> Vec<Value> {
    catalog::VERSIONS
        .iter()
        .map(|file| {
            serde_json::to_value(toml::from_str::<RawInstrument>(file.text()).unwrap()).unwrap()
        })
        .collect()
}

#[test]
fn every_definition_fits_the_schema_as_written() {
    let validator = validator("instrument");
    for file in &catalog::VERSIONS {
        let written: Value = toml::from_str(file.text()).unwrap();
        assert!(
            validator.is_valid(&written),
            "{}: {:?}",
            file.id(),
            validator.validate(&written).err().map(|e| e.to_string())
        );
    }
}

/// Every ready policy as it is written, a stored history, a consent.
fn watched() -> (Vec<Value>, Value, Value) {
    let ready = straingauge::watch::READY;
    let policies = ready.iter().map(|(_, text)| toml::from_str(text).unwrap()).collect();
    let stored = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/0.1/");
        let text = std::fs::read_to_string(format!("{folder}{name}")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    (policies, stored("phq-9.history.json"), stored("consent.json"))
}

#[test]
fn ready_policies_and_reviews_fit_their_schemas() {
    let (policies, history, consent) = watched();
    for policy in &policies {
        validator("policy").validate(policy).unwrap();
    }
    validator("history").validate(&history).unwrap();
    validator("consent").validate(&consent).unwrap();
    let phq9 = catalog::get("phq-9").unwrap();
    let history: straingauge::change::History = serde_json::from_value(history).unwrap();
    let course = history.course(&phq9).unwrap();
    for (id, _) in straingauge::watch::READY {
        let policy = straingauge::watch::ready(id).unwrap().unwrap();
        let review = policy.review(&[course], "2024-12-01".parse().unwrap());
        validator("review").validate(&serde_json::to_value(review).unwrap()).unwrap();
    }
}

fn agree<T: serde::de::DeserializeOwned>(
    validator: &jsonschema::Validator,
    document: &Value,
) -> Result<(), TestCaseError> {
    let text = document.to_string();
    let read = serde_json::from_str::<T>(&text);
    let valid = validator.is_valid(document);
    prop_assert_eq!(
        read.is_ok(),
        valid,
        "serde: {:?}\nschema: {:?}\n{}",
        read.err().map(|e| e.to_string()),
        validator.validate(document).err().map(|e| format!("{e} at {}", e.instance_path())),
        text
    );
    Ok(())
}

#[test]
fn schema_and_serde_accept_and_refuse_the_same_documents() {
    let definitions = definitions();
    let scored = {
        let phq9 = catalog::get("phq-9").unwrap();
        let sheet = straingauge::Sheet::from_text(&phq9, "1 2 d . 3 0 1 2 1").unwrap();
        let scorer =
            phq9.scorer_with(&straingauge::score::ScoreOptions::new().min_answered(7)).unwrap();
        (
            serde_json::to_value(scorer.score(&sheet).unwrap().to_record()).unwrap(),
            serde_json::to_value(sheet.to_record()).unwrap(),
        )
    };
    let (instrument, scores, sheet) =
        (validator("instrument"), validator("scores"), validator("sheet"));
    let (policies, history, consent) = watched();
    let watch = (validator("policy"), validator("history"), validator("consent"));
    let config = ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let strategy = (
        any::<prop::sample::Index>(),
        prop::collection::vec((any::<prop::sample::Index>(), mutation()), 1..3),
    );
    runner
        .run(&strategy, |(which, mutations)| {
            let mut document = definitions[which.index(definitions.len())].clone();
            let (mut stored, mut answers) = scored.clone();
            let mut policy = policies[which.index(policies.len())].clone();
            let (mut history, mut consent) = (history.clone(), consent.clone());
            for (pick, mutation) in mutations {
                mutate(&mut document, pick, mutation.clone());
                mutate(&mut stored, pick, mutation.clone());
                mutate(&mut policy, pick, mutation.clone());
                mutate(&mut history, pick, mutation.clone());
                mutate(&mut consent, pick, mutation.clone());
                mutate(&mut answers, pick, mutation);
            }
            agree::<RawInstrument>(&instrument, &document)?;
            agree::<ScoreRecord>(&scores, &stored)?;
            agree::<RawPolicy>(&watch.0, &policy)?;
            agree::<RawHistory>(&watch.1, &history)?;
            agree::<RawConsent>(&watch.2, &consent)?;
            agree::<SheetRecord>(&sheet, &answers)
        })
        .unwrap();
}

#[test]
fn the_schema_of_the_import_report_agrees_too() {
    use straingauge::survey::{Import, ImportReport, ItemColumns, Profile, ScoreTable, Sentinels};
    let phq9 = catalog::get("phq-9").unwrap();
    let profile = Profile::plain().with_sentinels(Sentinels::parse("-9=declined").unwrap());
    let import = Import::new(profile).instrument(&phq9, ItemColumns::prefix("q")).id("who");
    let file = "who,q1,q2,q3,q4,q5,q6,q7,q8,q9,x\nA,1,1.0,-9,often,,0,0,0,0,\nB,0,0,0,0,0,0,0,0,0,\n";
    let mut reader = import.open(file.as_bytes()).unwrap();
    let mut table = ScoreTable::new(std::io::sink(), &import, [phq9.scorer()]).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        table.write(row).unwrap();
    }
    let report = serde_json::to_value(reader.into_report()).unwrap();
    let schema = validator("import-report");
    assert!(schema.is_valid(&report), "{:?}", schema.validate(&report).err().map(|e| e.to_string()));
    let config = ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let strategy = prop::collection::vec((any::<prop::sample::Index>(), mutation()), 1..3);
    runner
        .run(&strategy, |mutations| {
            let mut document = report.clone();
            for (pick, mutation) in mutations {
                mutate(&mut document, pick, mutation);
            }
            agree::<ImportReport>(&schema, &document)
        })
        .unwrap();
}
