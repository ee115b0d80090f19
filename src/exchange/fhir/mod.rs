//! FHIR R4: `Questionnaire` out, `QuestionnaireResponse` both ways, `Observation` for scores.
//!
//! Only the few structures that this needs, in R4 as it is published. An item's code stays the code
//! of its option; the ordinal value says what it counts, so that any filler can add up. Each scale,
//! band and criterion is a computed item with a FHIRPath expression that keeps the missing rule, and
//! asks why an answer is missing (`data-absent-reason`) where that decides. The expressions need
//! `repeat` and `aggregate` of FHIRPath's standard functions; a program without them shows no total.
//! Where LOINC has a code that an instrument's file names, it is given beside our own.
//!
//! ```
//! use straingauge::exchange::{ExportOptions, fhir};
//! let phq9 = straingauge::catalog::get("phq-9").unwrap();
//! let out = fhir::questionnaire(&phq9.scorer(), &ExportOptions::new());
//! assert!(out.document.to_json().contains(r#""resourceType":"Questionnaire""#));
//! for lost in &out.unexpressed {
//!     eprintln!("{lost}");
//! }
//!
//! let sheet = straingauge::answers::Sheet::from_text(&phq9, "1 2 d 0 0 1 0 0 0").unwrap();
//! let response = fhir::QuestionnaireResponse::of(&sheet, &fhir::Occasion::new()).to_json();
//! let back = fhir::QuestionnaireResponse::from_json(&response)?.sheet(&phq9, &fhir::ReadOptions::new())?;
//! assert_eq!(back.sheet, sheet);
//! # Ok::<(), fhir::FhirError>(())
//! ```

use crate::answers::MissingKind;
use crate::instrument::{Instrument, Item};

mod error;
mod loinc;
mod observation;
mod occasion;
mod path;
mod questionnaire;
mod read;
mod response;
mod rules;
mod types;

pub use error::FhirError;
pub use observation::{Observation, observations};
pub use occasion::Occasion;
pub use questionnaire::{Questionnaire, questionnaire};
pub use read::{AnswerFinding, ReadOptions, ReadSheet};
pub use response::{QuestionnaireResponse, unasked_answers};

/// Code of the option that an item does not apply, in [`ABSENT_SYSTEM`].
const NOT_APPLICABLE: &str = "not-applicable";
/// Code of the option "do not know", in [`ABSENT_SYSTEM`].
const DO_NOT_KNOW: &str = "asked-unknown";
const ABSENT_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
const ABSENT_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const LOINC: &str = "http://loinc.org";
/// Link id of the group of computed items; no id of an instrument has a dot.
const COMPUTED: &str = "straingauge.computed";

/// Whether an item's answers are options with codes; a plain range of numbers is not.
fn is_coded(item: &Item) -> bool {
    !item.responses().is_range() || item.responses().offers_no_code()
}

/// The address of the instrument's questionnaire.
fn canonical(base: &str, instrument: &Instrument) -> String {
    format!("{base}/Questionnaire/{}", instrument.id())
}

/// The system of the ids of items, scales and criteria.
fn id_system(base: &str, instrument: &Instrument) -> String {
    format!("{base}/CodeSystem/{}", instrument.id())
}

/// The system of the codes of an item's options.
fn answer_system(base: &str, instrument: &Instrument, item: &Item) -> String {
    format!("{base}/CodeSystem/{}-answers-{}", instrument.id(), item.responses().name())
}

/// The codes of the published list that say a missing kind; the first is the one that is written.
const fn absent_codes(kind: MissingKind) -> &'static [&'static str] {
    match kind {
        MissingKind::NotAsked => &["not-asked", "not-performed", "not-permitted"],
        MissingKind::Skipped => &["unknown", "temp-unknown"],
        MissingKind::Declined => &["asked-declined", DO_NOT_KNOW],
        MissingKind::NotApplicable => &[NOT_APPLICABLE],
        MissingKind::Unreadable => &[
            "error",
            "masked",
            "unsupported",
            "as-text",
            "not-a-number",
            "negative-infinity",
            "positive-infinity",
        ],
    }
}

/// The reason's code for a missing kind.
fn absent_code(kind: MissingKind) -> &'static str {
    absent_codes(kind).first().copied().unwrap_or_default()
}

/// The missing kind of a reason's code; `None` for a code that the published list does not have.
fn absent_kind(code: &str) -> Option<MissingKind> {
    let mut kinds = MissingKind::ALL.iter().map(|(kind, _)| *kind);
    kinds.find(|kind| absent_codes(*kind).contains(&code))
}
