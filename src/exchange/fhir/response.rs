//! A sheet as a FHIR QuestionnaireResponse.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::error::FhirError;
use super::occasion::Occasion;
use super::types::{Coding, Extension, Reference, data_types, json};
use super::{
    ABSENT_EXTENSION, ABSENT_SYSTEM, NOT_APPLICABLE, absent_code, answer_system, canonical,
    is_coded, rules,
};
use crate::answers::{Answer, MissingKind, Sheet};
use crate::exchange::unexpressed::{Reason, Unexpressed};
use crate::instrument::Item;

const MOST_BYTES: usize = 16 << 20;

data_types! {
    ResponseAnswer {
        value_boolean: Option<bool>,
        value_coding: Option<Coding>,
        value_decimal: Option<f64>,
        value_integer: Option<i64>,
        value_string: Option<String>,
        value_quantity: Option<super::types::Quantity>,
        value_date: Option<String>,
        value_date_time: Option<String>,
        value_time: Option<String>,
        value_uri: Option<String>,
        item: Vec<ResponseItem>,
    }

    ResponseItem {
        extension: Vec<Extension>,
        link_id: Option<String>,
        text: Option<String>,
        answer: Vec<ResponseAnswer>,
        item: Vec<ResponseItem>,
    }
}

/// A FHIR R4 QuestionnaireResponse, of a sheet or as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionnaireResponse {
    pub(super) resource_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) questionnaire: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) authored: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) item: Vec<ResponseItem>,
    /// Without items: whether every element is one of the resource, so that none was misspelt.
    #[serde(skip)]
    pub(super) is_bare: bool,
}

/// The elements of the resource in R4; those of simple types also with an underscore before them.
const ELEMENTS: [&str; 20] = [
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "modifierExtension",
    "identifier",
    "basedOn",
    "partOf",
    "questionnaire",
    "status",
    "subject",
    "encounter",
    "authored",
    "author",
    "source",
    "item",
];

impl QuestionnaireResponse {
    /// A sheet as a completed response. A missing answer carries its reason
    /// (`data-absent-reason`); one that does not apply, where the form offers that, is the option.
    pub fn of(sheet: &Sheet, occasion: &Occasion) -> Self {
        let instrument = sheet.instrument();
        let base = occasion.base_address();
        let items = sheet.answers().map(|(item, answer)| {
            let mut written =
                ResponseItem { link_id: Some(item.id().to_owned()), ..ResponseItem::default() };
            let offered = item.responses().not_applicable().is_some();
            let system = || answer_system(base, instrument, item);
            let mut answered = ResponseAnswer::default();
            match answer {
                Answer::Code(code) if is_coded(item) => {
                    answered.value_coding = Some(Coding::new(system(), code.to_string()));
                }
                Answer::Code(code) => answered.value_integer = Some(i64::from(code)),
                Answer::Missing(MissingKind::NotApplicable) if offered => {
                    answered.value_coding = Some(Coding::new(ABSENT_SYSTEM, NOT_APPLICABLE));
                }
                Answer::Missing(kind) => {
                    written.extension = vec![Extension {
                        value_code: Some(absent_code(kind).to_owned()),
                        ..Extension::new(ABSENT_EXTENSION)
                    }];
                    return written;
                }
            }
            written.answer = vec![answered];
            written
        });
        Self {
            resource_type: "QuestionnaireResponse".to_owned(),
            id: occasion.response_id().map(str::to_owned),
            questionnaire: Some(format!(
                "{}|{}",
                canonical(base, instrument),
                rules::version(instrument, occasion.rules())
            )),
            status: Some("completed".to_owned()),
            subject: occasion.subject(),
            authored: occasion.when(),
            item: items.collect(),
            is_bare: false,
        }
    }

    /// Reads a response, whoever wrote it. Fields that are not needed are passed over.
    ///
    /// # Errors
    /// Text that is not JSON, another resource, or more than 16 MiB.
    pub fn from_json(text: &str) -> Result<Self, FhirError> {
        if text.len() > MOST_BYTES {
            return Err(FhirError::TooLarge { found: text.len(), limit: MOST_BYTES });
        }
        let syntax = |error: serde_json::Error| FhirError::Syntax {
            message: error.to_string().chars().take(300).collect(),
        };
        let mut response: Self = serde_json::from_str(text).map_err(syntax)?;
        if response.resource_type != "QuestionnaireResponse" {
            let found = response.resource_type.chars().take(80).collect();
            return Err(FhirError::OtherResource { found });
        }
        if response.item.is_empty() {
            #[allow(clippy::zero_sized_map_values)] // an object is read as a map, never as a set
            let fields: BTreeMap<String, IgnoredAny> =
                serde_json::from_str(text).map_err(syntax)?;
            let known = |name: &String| ELEMENTS.contains(&name.trim_start_matches('_'));
            response.is_bare = fields.keys().all(known);
        }
        Ok(response)
    }

    /// The resource as JSON text on one line.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Id of the resource.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The person: an identifier, else a reference.
    pub fn person(&self) -> Option<&str> {
        let subject = self.subject.as_ref()?;
        let identifier = subject.identifier.as_ref().and_then(|known| known.value.as_deref());
        identifier.or(subject.reference.as_deref())
    }

    /// Whether it says that there is a person, named or not.
    pub const fn has_subject(&self) -> bool {
        self.subject.is_some()
    }

    /// When it was answered.
    pub fn authored(&self) -> Option<&str> {
        self.authored.as_deref()
    }
}

/// Answers of a sheet to items that the questionnaire does not ask then, as the gate was answered.
///
/// The crate keeps and counts them, so the response holds them; FHIR wants no answer there.
///
/// ```
/// let screen = straingauge::catalog::get("pc-ptsd-5").unwrap();
/// let sheet = straingauge::answers::Sheet::from_text(&screen, "0 . . 1 . .").unwrap();
/// let odd = straingauge::exchange::fhir::unasked_answers(&sheet);
/// assert_eq!(odd.len(), 1);
/// assert_eq!(odd[0].subject, "3");
/// ```
pub fn unasked_answers(sheet: &Sheet) -> Vec<Unexpressed> {
    let items = sheet.instrument().items();
    let unasked = |(item, answer): (&Item, Answer)| {
        let (implied, _) = (item.implied()?, answer.code()?);
        let gate = items.get(implied.gate())?;
        let code = sheet.answer(gate.id())?.code()?;
        let shut = implied.op().holds(i64::from(code), implied.number());
        let reason = Reason::Unasked(gate.id().to_owned());
        shut.then(|| Unexpressed { subject: item.id().to_owned(), reason })
    };
    sheet.answers().filter_map(unasked).collect()
}
