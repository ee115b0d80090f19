//! Can these answers be used as they are? Advice about people and files; nobody is dropped.
//!
//! Two questions are kept apart. *How did a person answer?* is [`ResponseQuality`], person by person
//! and as a summary with and without flagged people. *Does the key fit the file?* is [`KeyCheck`],
//! for a researcher with somebody else's data.
//!
//! | index | what it is | usual cut | trap |
//! |---|---|---|---|
//! | [`longstring`](PersonQuality::longstring), average | longest and mean run of one answer as given, in form order; a gap or other codes on offer end it | half the items (Curran 2016) | a well person answers "never" throughout |
//! | [`irv`](PersonQuality::irv) | standard deviation of a person's codes | none; percentiles within a sample | low is normal for healthy people |
//! | [`even_odd`](PersonQuality::even_odd) | do odd and even items of the scales agree; **higher is less consistent**, the sign of R careless since 1.2.0 | -0.30 | two scales always give ±1: from three |
//! | [`synonyms`](PersonQuality::synonyms), antonyms | correlation within a person over pairs of items with \|r\| > 0.60 in the sample | 0.20 | few such pairs in short forms; depends on the sample; nothing is drawn at random |
//! | [`mahalanobis`](PersonQuality::mahalanobis) | distance from the sample's centre | p < .001 | answers are not normal: p ranks, it is no probability |
//! | [`seconds_per_item`](PersonQuality::seconds_per_item) | time, where the caller has it | 2 s (Huang and others 2012) | reading speed |
//! | [`missing_share`](PersonQuality::missing_share) | share unanswered, for whatever reason | one half | declining is a right |
//! | [`straightline_across_keys`](PersonQuality::straightline_across_keys) | one answer off the middle fills a line that spans items keyed both ways | any | needs reverse-keyed items |
//!
//! By default people are flagged for time, missing answers and straight lines across keys; for a
//! straight line alone only where several scales were asked, and never where it says "no strain"
//! throughout. In routine monitoring runs, distance and spread follow how a person feels as much as
//! how they answer (Conijn and others 2019,
//! doi:10.1080/00273171.2018.1563520). There is no score over all
//! indices: one index that says much is not outvoted by five that say nothing.
//!
//! Each index says why where it cannot be told of a person ([`NotAssessable`]); that is neither a good
//! sign nor a bad one. Values agree with R careless 1.2.2 and numpy (`tests/quality_oracle.rs`), with
//! three differences by choice: gaps are no runs in the average; even-odd needs three scales, and uses
//! all items of each (careless 1.2.2 uses two where it is handed a matrix); synonyms take the pairs
//! that a person answered instead of drawing among them.

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
