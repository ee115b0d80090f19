//! Arrow record batches in and out: what does not depend on the version of Arrow.
//!
//! `door` is written once and compiled for each version, from `v59` and `v60`, whose files name the
//! crates that it means. Here are its error and its plan: which column is which item, how a cell is
//! read, which columns come out.

mod error;
mod plan;

pub use error::BatchError;
pub(super) use plan::{Made, Plan, Shown, UNREADABLE, outcome_key, status_key};
