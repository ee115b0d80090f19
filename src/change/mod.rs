//! What has happened to one person: reliable change, trend, control chart.
//!
//! Direction comes from the scale, error from a named reference and never from the caller's own
//! sample without being asked; every result carries the numbers that it rests on.

mod chart;
mod columns;
mod course;
mod cutoff;
mod error;
mod history;
mod method;
mod norms;
mod note;
mod reliable;
mod say;
mod series;
mod trend;
mod yardstick;

pub use chart::{Baseline, Chart, ChartOptions, ChartPoint, EwmaStep, Smoothing, ewma};
pub use columns::{ChangeColumns, PersonChange};
pub use course::{Course, PlacedBand};
pub use cutoff::{AtTheLine, CourseClass, CutLine, CutLines, ReferenceGroup};
pub use error::ChangeError;
pub use history::{Entry, Equivalence, History, HistoryError, RawHistory};
pub use method::{ErrorTerm, Expected, Method, Preset};
pub use note::Note;
pub use reliable::{ChangeNumbers, ChangeOptions, ChangeTest, Reading, Verdict};
pub use series::{Between, Change, Point, Series};

pub(crate) use say::shown;
pub use trend::{
    Errors, OLS_FROM, OlsTrend, RELIABLE_FROM, ROBUST_FROM, ReliableTrend, RobustTrend, Trend,
    TrendOptions, ols_trend, reliable_trend, robust_trend,
};
pub use yardstick::{PublishedPoints, Reference, Yardstick};
