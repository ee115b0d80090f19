//! An instrument as a function of SQL: its items in, a struct of its scores out.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::StructArray;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use straingauge::answers::NotOffered;
use straingauge::exchange::arrow59::BatchScorer;
use straingauge::score::Scorer;
use straingauge::survey::{ItemColumns, Profile};

/// `straingauge_<id>(<items in printed order>)`, the id with underscores: `straingauge_proqol_5`.
#[derive(Debug)]
pub struct Score {
    name: String,
    scorer: Scorer,
    profile: Profile,
    not_offered: NotOffered,
    signature: Signature,
    /// Made once for each list of argument types that a query has.
    doors: Mutex<Vec<(Vec<DataType>, Arc<BatchScorer>)>>,
}

impl Score {
    /// A function that scores as `scorer` does and reads cells as `profile` says.
    pub fn new(scorer: &Scorer, profile: Profile, not_offered: NotOffered) -> Self {
        Self {
            name: format!("straingauge_{}", scorer.instrument().id().replace('-', "_")),
            scorer: scorer.clone(),
            profile,
            not_offered,
            // The same answers, the same scores. Any type that the door reads is taken as it is.
            signature: Signature::user_defined(Volatility::Immutable),
            doors: Mutex::default(),
        }
    }

    /// To be registered in a session, or in the registry of an executor.
    pub fn into_udf(self) -> ScalarUDF {
        ScalarUDF::new_from_impl(self)
    }

    fn door(&self, types: &[DataType]) -> Result<Arc<BatchScorer>> {
        let items = self.scorer.instrument().items();
        if types.len() != items.len() {
            let (found, expected) = (types.len(), items.len());
            return plan_err!(
                "{} takes its {expected} items in printed order, not {found}",
                self.name
            );
        }
        // A lock whose holder panicked holds a list that is whole all the same.
        let mut doors = self.doors.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, door)) = doors.iter().find(|(known, _)| known == types) {
            return Ok(Arc::clone(door));
        }
        let name = |id: &str| format!("argument {id}");
        let fields = items.iter().zip(types);
        let fields = fields.map(|(item, of)| Field::new(name(item.id()), of.clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        let columns = ItemColumns::prefix("argument ");
        let door = BatchScorer::new(&self.scorer, &schema, &columns, &self.profile);
        let door = Arc::new(door.map_err(external)?.not_offered(self.not_offered));
        doors.push((types.to_vec(), Arc::clone(&door)));
        Ok(door)
    }
}

fn external(error: straingauge::exchange::BatchError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Two of them are one function if they score the same file by the same rules.
impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        let rules = |of: &Self| -> Vec<String> {
            let scales = of.scorer.scales();
            scales.filter_map(|scale| of.scorer.rule_hash(scale.id()).map(str::to_owned)).collect()
        };
        self.scorer.instrument() == other.scorer.instrument()
            && rules(self) == rules(other)
            && self.profile == other.profile
            && self.not_offered == other.not_offered
    }
}
impl Eq for Score {}
impl Hash for Score {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scorer.instrument().file_hash().hash(state);
    }
}

impl ScalarUDFImpl for Score {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.door(types).map(|_| types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.door(types)?.output_schema().fields().clone()))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<_> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let door = self.door(&types)?;
        let scores = DataType::Struct(door.output_schema().fields().clone());
        let metadata = door.output_schema().metadata().clone();
        Ok(Arc::new(Field::new(&self.name, scores, false).with_metadata(metadata)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.into_iter().map(|value| value.into_array(rows));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let types: Vec<_> = arrays.iter().map(|array| array.data_type().clone()).collect();
        let scored = self.door(&types)?.score_arrays(&arrays, rows).map_err(external)?;
        if scored.scores.num_rows() != rows {
            return exec_err!("{}: {} rows of {rows}", self.name, scored.scores.num_rows());
        }
        Ok(ColumnarValue::Array(Arc::new(StructArray::from(scored.scores))))
    }
}
