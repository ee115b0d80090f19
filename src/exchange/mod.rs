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
//! | `arrow59`, `arrow60` | Arrow record batches: columns of answers in, columns of scores out |

#[cfg(any(feature = "arrow59", feature = "arrow60"))]
mod arrow;
mod codebook;
#[cfg(any(feature = "redcap", feature = "limesurvey"))]
mod fields;
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod formula;
#[cfg(all(test, any(feature = "fhir", feature = "redcap", feature = "limesurvey")))]
mod formula_test;
mod names;
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod options;
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
mod print;
#[cfg(feature = "schema")]
mod sheet_schema;
mod table_codebook;
mod unexpressed;

#[cfg(feature = "arrow59")]
#[path = "arrow/v59.rs"]
pub mod arrow59;
#[cfg(feature = "arrow60")]
#[path = "arrow/v60.rs"]
pub mod arrow60;
#[cfg(feature = "fhir")]
pub mod fhir;
#[cfg(feature = "limesurvey")]
pub mod limesurvey;
#[cfg(feature = "redcap")]
pub mod redcap;

#[cfg(any(feature = "arrow59", feature = "arrow60"))]
pub use arrow::BatchError;
use codebook::column_name;
pub use codebook::{Codebook, Column, ColumnKind, ColumnSource, ColumnValue};
#[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
pub use options::ExportOptions;
#[cfg(feature = "schema")]
pub use sheet_schema::sheet_schema;
pub use table_codebook::TableCodebook;
pub use unexpressed::{Reason, Translation, Unexpressed};
