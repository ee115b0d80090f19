//! Standards out and in: FHIR, REDCap, LimeSurvey, JSON Schema, codebooks, Arrow.
//!
//! Every way out is a [`Translation`]: the document, and a list of what the target cannot express.
//! Nothing is dropped silently. Missing rules, bands and criteria are turned into one formula each
//! and printed in the language of the target, so that a total means the same everywhere.
//!
//! | feature | what |
//! |---|---|
//! | (always) | [`Codebook`] of a table of scores, Markdown and machine-readable |
//! | `fhir` | FHIR R4 `Questionnaire`, `QuestionnaireResponse` both ways, `Observation` |
//! | `redcap` | REDCap data dictionary |
//! | `limesurvey` | LimeSurvey survey structure, tab-separated |
//! | `schema` | JSON Schema of one instrument's sheets |
//! | `arrow59`, `arrow60` | record batches of answers to record batches of scores |

#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod formula;
#[cfg(all(test, feature = "fhir"))]
mod formula_test;
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod options;
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod print;
mod unexpressed;

#[cfg(feature = "fhir")]
pub mod fhir;

#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
pub use options::ExportOptions;
pub use unexpressed::{Reason, Translation, Unexpressed};
