//! JSON Schema of the sheets of one instrument.

use serde_json::{Map, Value, json};

use super::unexpressed::{Reason, Translation, Unexpressed};
use crate::answers::MissingKind;
use crate::instrument::{Instrument, Item, ResponseOption};

/// A JSON Schema (draft 2020-12) of the instrument's sheets in their stored form: what it accepts,
/// [`crate::Sheet::from_record`] takes.
///
/// The general schemas, of every instrument's sheets, scores and definitions, are in
/// [`crate::schema`]; this one knows the items and their codes, so that a program in another
/// language can check answers before it sends them.
///
/// ```
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// let schema = straingauge::exchange::sheet_schema(&phq9).document;
/// assert!(schema.contains(r#""const": "phq-9""#));
/// ```
pub fn sheet_schema(instrument: &Instrument) -> Translation<String> {
    let mut answers = Map::new();
    for item in instrument.items() {
        answers.insert(item.id().to_owned(), answer(item));
    }
    let number = "(0|[1-9][0-9]{0,3})";
    let major = instrument.version().major();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Sheet of {}@{}", instrument.id(), instrument.version()),
        "description": instrument.title(),
        "type": "object",
        "additionalProperties": false,
        "required": ["instrument", "version", "answers"],
        "properties": {
            "instrument": { "const": instrument.id() },
            "version": { "type": "string", "pattern": format!("^{major}\\.{number}\\.{number}$") },
            "answers": {
                "description": "Item ids and answers; items left out were not asked.",
                "type": "object",
                "additionalProperties": false,
                "properties": answers
            }
        }
    });
    let subject = || instrument.id().to_owned();
    let unexpressed = [Reason::Scoring, Reason::NoWording, Reason::Basis]
        .map(|reason| Unexpressed { subject: subject(), reason });
    Translation { document: format!("{schema:#}\n"), unexpressed: unexpressed.into() }
}

fn answer(item: &Item) -> Value {
    let set = item.responses();
    let kinds: Vec<&str> = MissingKind::ALL.iter().map(|(_, word)| *word).collect();
    let codes = if set.is_range() {
        let (low, high) = set.range();
        json!({ "type": "integer", "minimum": low, "maximum": high })
    } else {
        let codes: Vec<u8> = set.options().iter().map(ResponseOption::code).collect();
        json!({ "type": "integer", "enum": codes })
    };
    let labels = set
        .options()
        .iter()
        .filter_map(|option| Some(format!("{} {}", option.code(), option.label()?)));
    let labels: Vec<String> = labels.collect();
    json!({
        "title": item.topic(),
        "description": labels.join(", "),
        "anyOf": [codes, { "enum": kinds }]
    })
}
