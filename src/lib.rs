//! Screening for burnout and secondary traumatic stress in people whose work is caring for others.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod answers;
pub mod catalog;
pub mod exchange;
pub mod form;
pub mod instrument;
pub mod num;
#[cfg(feature = "schema")]
pub mod schema;
pub mod score;
mod stored;
#[cfg(feature = "csv")]
pub mod survey;
pub mod words;

pub use answers::Sheet;
pub use instrument::Instrument;
pub use score::Scorer;
