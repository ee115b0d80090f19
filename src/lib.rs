//! Screening for burnout and secondary traumatic stress in people whose work is caring for others.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod group;
pub mod num;
