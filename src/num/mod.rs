//! Statistics on plain numbers: the only room that touches a distribution library.
//!
//! | file | what it answers |
//! |---|---|
//! | [`dist`] | distribution functions and quantiles: normal, t, chi-square, F, beta |
//! | [`moments`] | sums, means, variances, correlation, and moments that can be merged |
//! | [`quantile`] | sample quantiles and the median |
//! | [`proportion`] | intervals for a share of people |
//! | [`robust`] | Theil-Sen slope and Mann-Kendall trend test |
//! | [`ItemTable`], [`ItemSums`] | people by items, and the exact sums that coefficients need |
//!
//! What is undefined is `None`, never NaN: too few values, values that are not finite, a
//! probability outside its range, degrees of freedom that are not positive. Nothing here knows
//! what a number means; scales, units and wording belong to the rooms above.

pub(crate) mod courses;
pub mod dist;
mod incomplete;
mod item_sums;
pub(crate) mod matrix;
pub mod moments;
pub mod proportion;
pub mod quantile;
pub mod robust;
mod table;

pub use item_sums::ItemSums;
pub(crate) use item_sums::{Covariances, Spread};
pub use table::{Deletion, ItemTable, TableError};

use serde::{Deserialize, Serialize};

/// Two ends of an interval, `low <= high`, both included and in the unit of the estimate.
///
/// ```
/// use straingauge::num::{Interval, proportion::wilson};
///
/// let share = wilson(6, 30, 0.95).unwrap();
/// assert!(share.contains(0.2) && !share.contains(0.5));
/// assert_eq!(Interval { low: 1.0, high: 3.0 }.width(), 2.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies between the ends, ends included.
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Upper end minus lower end.
    pub fn width(self) -> f64 {
        self.high - self.low
    }
}
