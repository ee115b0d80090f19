//! Can these answers be used as they are? Advice about people, items and files; nobody is dropped.

mod consistency;
mod distance;
mod error;
mod key;
mod layout;
mod pattern;
mod people;
mod summary;

pub use distance::{Distance, Mahalanobis};
pub use error::{NotAssessable, QualityError};
pub use key::{KeyCheck, KeyFinding, KeyProblem, Likelihood};
pub use pattern::AnswerPattern;
pub use people::{Flag, PersonQuality, QualityOptions, ResponseQuality};
pub use summary::{FlagCount, QualitySummary, ScaleComparison, ScaleDescription};
