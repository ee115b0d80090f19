//! Groups: workforce reports that cannot point at a person.
//!
//! (Tour below.)

mod disclosure;
mod error;
mod ledger;
mod measures;
mod plan;
mod publish;
pub mod report;
mod scored;
pub mod stats;
mod tallies;
mod tally;
mod units;
mod waves;

pub use error::GroupError;
pub use ledger::{Ledger, RespondentKey, Salt};
pub use measures::{
    CriterionMeasure, ItemMeasure, Measures, Person, ScaleMeasure, ScaleValue, Worse,
};
pub use plan::{Plan, ShareInterval};
pub use report::{GroupReport, ScaleReport, UnitReport};
pub use tallies::Tallies;
pub use units::UnitId;
pub use waves::Matched;
