//! Record batches of `arrow-array` 59: item columns in, score columns out.
//!
//! The same as [`crate::exchange::arrow60`] with the types of the other version. Everything goes
//! through the one columnar kernel; columns of integers and floats are read where they lie.

mod version {
    pub(super) use {arrow_array_59 as arrow_array, arrow_schema_59 as arrow_schema};
}

#[path = "arrow/door.rs"]
mod door;

pub use door::BatchScorer;
