//! Is a scale's score repeatable? Reliability from one occasion and from several.
//!
//! | question | answer |
//! |---|---|
//! | how much of a sum score is the items' common part | [`ScaleReliability`]: alpha, omega, lambda 2 and 6, split halves |
//! | which item pulls against the others | [`ScaleReliability::item_rest`], [`Alpha::if_dropped`] |
//! | how is an item answered | [`ItemStatistics`] |
//! | does a score come back unchanged | [`Retest`]: ICC in six forms, error of measurement, [`BlandAltman`] |
//!
//! One keyed [`ItemTable`](crate::num::ItemTable) feeds every coefficient, so that no two of them
//! can disagree about reversal. Every result says how many people it rests on and how gaps were
//! treated; what is undefined is a typed error, never NaN.
//!
//! Omega is fitted by maximum likelihood on the covariance metric, which is what most papers mean
//! by it; the R package psych fits correlations by minres, and differs in the second or third
//! decimal. Nothing here estimates ordinal alpha, omega hierarchical or the greatest lower bound:
//! the first is the reliability of a score that nobody uses, the others are unstable in the samples
//! of a workplace.

mod coefficients;
mod error;
mod items;
mod omega;
mod retest;

pub use coefficients::{Alpha, ScaleReliability, SplitHalf};
pub use error::ReliabilityError;
pub use items::{ItemStatistics, OptionCount};
pub use omega::{Fit, Omega};
pub use retest::{BlandAltman, Icc, IccForm, Retest};
