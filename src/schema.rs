//! JSON Schemas of everything that is read or stored (feature `schema`).
//!
//! The same documents stand in the repository under `schemas/`, for users of other languages.

use schemars::{Schema, schema_for};

/// Every published schema, by the name of its file under `schemas/`.
///
/// ```
/// let names: Vec<&str> = straingauge::schema::all().into_iter().map(|(name, _)| name).collect();
/// assert!(names.contains(&"instrument"));
/// ```
pub fn all() -> Vec<(&'static str, serde_json::Value)> {
    [
        ("consent", schema_for!(crate::watch::raw::RawConsent)),
        ("history", schema_for!(crate::change::RawHistory)),
        #[cfg(feature = "csv")]
        ("import-report", schema_for!(crate::survey::ImportReport)),
        ("instrument", schema_for!(crate::instrument::raw::RawInstrument)),
        ("policy", schema_for!(crate::watch::raw::RawPolicy)),
        ("review", schema_for!(crate::watch::Review)),
        ("scores", schema_for!(crate::score::ScoreRecord)),
        ("sheet", schema_for!(crate::answers::SheetRecord)),
    ]
    .into_iter()
    .map(|(name, schema): (_, Schema)| (name, schema.to_value()))
    .collect()
}
