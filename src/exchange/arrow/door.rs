//! The door itself, compiled once for each version of Arrow.

use std::collections::HashMap;
use std::sync::Arc;

use super::version::arrow_array::types::UInt8Type;
use super::version::arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray, UInt8Array,
};
use super::version::arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::answers::Columns;
use crate::exchange::batch::{BatchColumns, BatchError};
use crate::instrument::BandStep;
use crate::score::{NO_BAND, Outcome, Scorer, Status};

mod column;

use column::Prepared;

/// Scores record batches.
///
/// For each scale `S` a column `S` (`Float64`, null where there is no score), `S.band` and
/// `S.status` (dictionaries of words), for each criterion a column of its own. A null in a column
/// of answers is a skipped answer. What made the scores stands in the metadata: instrument,
/// version and hashes in that of the schema, source and rule hash in that of each field.
///
/// Make one, keep it, and call it once for each batch; it is `Send` and `Sync` and keeps nothing
/// between calls.
#[derive(Debug, Clone)]
pub struct BatchScorer {
    scorer: Scorer,
    columns: BatchColumns,
    schema: SchemaRef,
}

const STATUSES: [Status; 6] = [
    Status::Complete,
    Status::Prorated,
    Status::NotAsked,
    Status::NotApplicable,
    Status::TooFewAnswered,
    Status::DependsOnAbsent,
];

const OUTCOMES: [Outcome; 3] = [Outcome::Met, Outcome::NotMet, Outcome::Undetermined];

impl BatchScorer {
    /// A scorer of batches whose items stand in these columns.
    pub fn new(scorer: &Scorer, columns: BatchColumns) -> Self {
        Self { scorer: scorer.clone(), columns, schema: Arc::new(schema(scorer)) }
    }

    /// The schema of the scores.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Scores a batch.
    ///
    /// # Errors
    /// A listed column that is missing; a type that holds no answers; a cell that is no answer to
    /// its item, with its row.
    pub fn score(&self, batch: &RecordBatch) -> Result<RecordBatch, BatchError> {
        let mut items = Vec::with_capacity(self.columns.names.len());
        for (name, item) in self.columns.names.iter().zip(self.scorer.instrument().items()) {
            let Some(name) = name else {
                items.push(None);
                continue;
            };
            let column = batch.column_by_name(name);
            if column.is_none() && !self.columns.may_lack {
                return Err(self.no_column(batch, item.id(), name));
            }
            items.push(column);
        }
        if items.iter().all(Option::is_none) {
            let item = self.scorer.instrument().items().first();
            let item = item.map_or("", crate::instrument::Item::id);
            let name = self.columns.name_of(item).unwrap_or(item);
            return Err(self.no_column(batch, item, name));
        }
        let columns = self.score_items(&items, batch.num_rows())?;
        RecordBatch::try_new(self.schema(), columns).map_err(arrow)
    }

    fn no_column(&self, batch: &RecordBatch, item: &str, column: &str) -> BatchError {
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        BatchError::NoColumn {
            item: item.to_owned(),
            column: column.to_owned(),
            found: names.join(", ").chars().take(300).collect(),
        }
    }

    /// Scores columns given in form order, one for each item, `None` for one that was not asked:
    /// what a query engine's function is called with. Gives the columns of [`Self::schema`].
    ///
    /// # Errors
    /// A column of another length or of a type that holds no answers; a cell that is no answer to
    /// its item.
    pub fn score_items(
        &self,
        items: &[Option<&ArrayRef>],
        rows: usize,
    ) -> Result<Vec<ArrayRef>, BatchError> {
        let instrument = self.scorer.instrument();
        let mut prepared = Vec::with_capacity(items.len());
        for (item, array) in instrument.items().iter().zip(items) {
            let Some(array) = array else { continue };
            let name = self.columns.name_of(item.id()).unwrap_or(item.id());
            prepared.push((item.id(), Prepared::new(item, name, array)?));
        }
        let mut table = Columns::new(instrument, rows);
        for (item, column) in &prepared {
            table = table.column(item, column.column())?;
        }
        self.columns_of(&table)
    }

    fn columns_of(&self, table: &Columns<'_>) -> Result<Vec<ArrayRef>, BatchError> {
        let scores = self.scorer.score_columns(table)?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for scale in scores.scales {
            let scored: Vec<bool> = scale.states.iter().map(|state| state.is_scored()).collect();
            let values = Float64Array::new(scale.values.into(), Some(scored.into()));
            columns.push(Arc::new(values));
            let set = self.scorer.band_set(&scale.scale);
            let labels = set.map(crate::instrument::BandSet::bands).unwrap_or_default();
            let banded: Vec<bool> = scale.bands.iter().map(|band| *band != NO_BAND).collect();
            let keys = UInt8Array::new(scale.bands.into(), Some(banded.into()));
            columns.push(words(keys, labels.iter().map(BandStep::label))?);
            let place = |state: &Status| position(&STATUSES, state);
            let keys: Vec<u8> = scale.states.iter().map(place).collect();
            columns.push(words(keys.into(), STATUSES.iter().map(|status| status.as_str()))?);
        }
        for outcomes in scores.criteria {
            let keys: Vec<u8> = outcomes.iter().map(|outcome| position(&OUTCOMES, outcome)).collect();
            columns.push(words(keys.into(), OUTCOMES.iter().map(|outcome| outcome.as_str()))?);
        }
        Ok(columns)
    }
}

fn position<T: PartialEq>(known: &[T], one: &T) -> u8 {
    let at = known.iter().position(|other| other == one);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

/// A column of words.
fn words<'a>(
    keys: UInt8Array,
    values: impl Iterator<Item = &'a str>,
) -> Result<ArrayRef, BatchError> {
    let values = Arc::new(values.map(Some).collect::<StringArray>());
    let column = DictionaryArray::<UInt8Type>::try_new(keys, values).map_err(arrow)?;
    Ok(Arc::new(column))
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn arrow(error: impl std::fmt::Display) -> BatchError {
    BatchError::Arrow { message: error.to_string() }
}

/// The columns of scores, with what made them.
fn schema(scorer: &Scorer) -> Schema {
    let instrument = scorer.instrument();
    let entry = |name: &str, value: &str| (format!("straingauge.{name}"), value.to_owned());
    let word = || {
        DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8))
    };
    let mut fields = Vec::new();
    for scale in scorer.scales() {
        let id = scale.id();
        let (low, high) = scale.range();
        let metadata: HashMap<String, String> = HashMap::from([
            entry("title", scale.title()),
            entry("direction", scale.direction().as_str()),
            entry("range", &format!("{low} to {high}")),
            entry("source", &scale.basis().source().citation()),
            entry("rule_sha256", scorer.rule_hash(id).unwrap_or_default()),
        ]);
        fields.push(Field::new(id, DataType::Float64, true).with_metadata(metadata));
        let mut band = Field::new(format!("{id}.band"), word(), true);
        if let Some(set) = scorer.band_set(id) {
            band = band.with_metadata(HashMap::from([
                entry("band_set", set.id()),
                entry("source", &set.basis().source().citation()),
            ]));
        }
        fields.push(band);
        fields.push(Field::new(format!("{id}.status"), word(), false));
    }
    for criterion in scorer.criteria() {
        let mut metadata = HashMap::from([entry("title", criterion.title())]);
        if let Some(basis) = criterion.basis() {
            metadata.extend([entry("source", &basis.source().citation())]);
        }
        fields.push(Field::new(criterion.id(), word(), false).with_metadata(metadata));
    }
    let metadata = HashMap::from([
        entry("instrument", instrument.id()),
        entry("version", &instrument.version().to_string()),
        entry("definition_sha256", instrument.file_hash()),
        entry("crate_version", env!("CARGO_PKG_VERSION")),
    ]);
    Schema::new_with_metadata(fields, metadata)
}
