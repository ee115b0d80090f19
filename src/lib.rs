//! Screening for burnout and secondary traumatic stress in people whose work is caring for others.
//!
//! **The score you can defend.** Every number that the crate returns can be traced: to the answers it
//! used, to the rule that made it, to the published source of that rule, and to the exact definition
//! that was in force. It screens, it never diagnoses, and it is pure: no network, clock, file access or
//! threads; the same input gives the same bits, for one response or ten million.
//!
//! # The tour, in the order in which data flow
//!
//! | room | what it holds |
//! |---|---|
//! | [`instrument`] | a questionnaire as a checked data file: [`Instrument::parse`], and everything wrong with it from [`instrument::lint`] |
//! | [`catalog`] | the built-in instruments: [`catalog::get`], filters, licence gate, [what an app must bring](Instrument::needs) |
//! | [`answers`] | the [`Sheet`] of one person, columns and frames of many; codes and missing kinds, never a zero for a blank |
//! | [`form`] | an instrument and the app's wording pack make what a user interface shows |
//! | [`score`] | an instrument compiled into a [`Scorer`]: exact values or typed absences, bands, criteria, explanations, receipts |
//! | [`change`] | one person's course: histories, reliable change, trend, control chart |
//! | [`watch`] | an organisation's own rules on when somebody should look; consent, and views that hold nothing else |
//! | `survey` | survey exports in, a report of every decision (feature `csv`) |
//! | [`reliability`], [`quality`] | is this data any good: coefficients, item statistics, retest; response quality, key check |
//! | [`group`] | workforce reports that cannot point at a person: units, disclosure control, ledger, text, CSV, a page (feature `html`) |
//! | [`exchange`] | standards out: FHIR, REDCap, LimeSurvey, JSON Schema, codebooks, each with a list of what the target cannot express |
//! | [`words`] | every sentence that a person reads, replaceable |
//! | [`date`] | the day of a check-in, a consent or a review |
//! | [`num`] | the statistics underneath |
//!
//! ```
//! let phq9 = straingauge::catalog::get("phq-9")?;
//! let sheet = straingauge::Sheet::from_text(&phq9, "2 2 1 1 0 0 1 0 1")?;
//! let scores = phq9.score(&sheet)?;
//! let total = scores.get("total").unwrap();
//! assert_eq!(total.value()?.to_string(), "8");
//! assert_eq!(total.band().unwrap().label(), "mild");
//! for flag in scores.safety() {
//!     println!("{}: {}", flag.criterion().title(), flag.outcome());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! * `csv` (default): survey exports in and score tables out, room `survey`; brings csv, encoding_rs and flate2.
//! * `html` (default): group reports as one self-contained page, `GroupReport::to_html`; brings nothing.
//! * `rayon`: tables scored on the threads of a pool, `Scorer::score_frame_into_parallel`; brings rayon.
//! * `dispatch`: the loops over tables for wider instructions too, chosen at run time; brings pulp.
//! * `xlsx`: Excel workbooks as survey exports; brings zip and quick-xml.
//! * `fhir`: FHIR R4 resources, room `exchange`; brings serde_json.
//! * `redcap`, `limesurvey`: data dictionaries and survey structures, room `exchange`; bring nothing.
//! * `arrow59`, `arrow60`: Arrow record batches of that version in and out, for query engines and data
//!   frames, room `exchange`; bring `csv`, arrow-array, arrow-buffer and arrow-schema.
//! * `schema` (default): JSON Schemas of everything that is read or stored, room `schema`; brings schemars
//!   and serde_json.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod answers;
pub mod catalog;
pub mod change;
pub mod date;
mod error;
pub mod exchange;
pub mod form;
pub mod group;
pub mod instrument;
pub mod num;
pub mod quality;
pub mod reliability;
#[cfg(feature = "schema")]
pub mod schema;
pub mod score;
mod stored;
#[cfg(feature = "csv")]
pub mod survey;
pub mod watch;
pub mod words;

pub use answers::Sheet;
pub use error::Error;
pub use instrument::Instrument;
pub use score::Scorer;

/// The README's code compiles and runs.
#[cfg(all(doctest, feature = "csv"))]
#[doc = include_str!("../README.md")]
mod readme {}
