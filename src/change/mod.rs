//! What has happened to one person: histories, reliable change, trend, control chart.
//!
//! | question | answer | from |
//! |---|---|---|
//! | what may be compared? | [`History`]: scores of one rule only, at most one set a day | stored scores |
//! | is it more than error? | [`Series::change`]: reliable change by a named [`Method`] | two check-ins |
//! | did it cross a line between two groups? | [`CutLines`], [`CourseClass`] | two check-ins, named groups |
//! | does it move steadily? | [`Series::trend`]: slope against known error, Theil-Sen, Mann-Kendall | three, five |
//! | did it leave its usual level? | [`Series::chart`]: moving average with limits for an estimated baseline | baseline + 1 |
//! | the same for many people | [`ChangeColumns`]: [`judge`](ChangeColumns::judge), [`changes`](ChangeColumns::changes), [`robust_trends`](ChangeColumns::robust_trends) | columns |
//!
//! Error comes from a [`Yardstick`]: a norm of the instrument by name, a reference of the caller's own,
//! a conversion table's standard errors, or, where no error is known, a published smallest change that is
//! named as what it is. It never comes from the scores at hand without being asked for. Direction comes from
//! the scale. Every result carries the numbers that it rests on, and notes on what weakens it.
//!
//! # Methods
//!
//! One formula, `(last - expected) / error`, and a table of two choices ([`Method::ALL`]). Which to take:
//! Jacobson-Truax is the convention. It overstates improvement where people were picked for a high first
//! score: of stable people picked above one SD (reliability .8) it calls 6 % improved and 0.6 % worse, the
//! methods around Kelley's true score 2.5 % and 2.5 %. Christensen-Mendoza counts ordinary fluctuation
//! between check-ins as noise, which monitoring usually wants. The regression methods need a control group
//! that was tested twice ([`Reference::from_pairs`]).
//!
//! Prorated scores widen the error: parallel items leave `items / answered` times the error variance.
//!
//! # Trend
//!
//! Slopes are on real dates, in points per 30 days. The reliable trend takes its error from the norm and not
//! from the few residuals, so that three points suffice; with two it is the reliable change index. It assumes
//! independent errors: an error from internal consistency ignores day-to-day fluctuation, one from a retest
//! does not. Long silences are not split unless asked for ([`Series::episodes`]).

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
pub use columns::{ChangeColumns, PersonChange, PersonTrend};
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
