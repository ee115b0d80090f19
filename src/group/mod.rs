//! Reports on groups of people that cannot point at a person.
//!
//! 1. [`Measures`] says what is counted: the scales, bands, criteria and items of an instrument.
//! 2. [`Tallies`] counts people, each in one unit of every breakdown, in any order and any number of
//!    shards.
//! 3. [`Tallies::publish`] decides what may be shown and makes a [`GroupReport`], by the rules of a
//!    [`Plan`]. There is no report without this step. A [`Ledger`] does the same for waves, and for
//!    a wave that is released again when late answers have come in.
//! 4. [`Matched`] adds the change of the people who answered in two waves.
//!
//! # What is protected, from whom
//!
//! The reader of a report is taken to know which units there are, who works where, who took part,
//! their own answers and those of some colleagues, and every number of this report and of earlier
//! ones on the same answers, in text, table, page and JSON. They add, subtract and compare. They
//! must not find:
//!
//! - **A number about fewer than [`threshold`](Plan::threshold) people** (10; no option goes below
//!   5), or about people who are all alike, or all alike but one. This holds for a unit, for what is
//!   left of a unit when the units shown below it are taken away, and for everything that several
//!   breakdowns give together.
//! - **A count of fewer than [`smallest_count`](Plan::smallest_count) people** (5; never below 3) who
//!   are in a band or meet a criterion, or who are not: from a share, from two shares of nested
//!   cut-offs, from a unit and its parts, or from a mean close to an end of its scale. Nobody may be
//!   counted; everybody may not.
//! - **The answers of the few who skipped a question.** Scales, criteria and items that share items
//!   form a family, and all numbers of a family rest on the same people: those of whom all of it is
//!   known.
//! - **Anything by unit about a safety item**: who thinks of death is not a figure for a team.
//!
//! Not protected, because no report can: who took part, from those who see it; what people tell
//! about themselves; what a mean and its spread suggest, without saying it exactly, about somebody
//! far from it; an answer that was changed between two releases of one wave while the people stayed
//! the same; and answers of a later wave from somebody who knows that they did not change.
//!
//! A later wave is a new measurement. Its levels stand on their own, so one person who leaves does
//! not take a unit's level away; the change of the same people is hidden where it would point at
//! those who left or joined. The attacker in `tests/attacker.rs`, who shares no code with this
//! module, tries all of this on random organisations.

mod cells;
mod decision;
mod disclosure;
mod error;
mod ledger;
mod measures;
mod plan;
mod publish;
mod repeats;
pub mod report;
mod scored;
pub mod stats;
mod tallies;
mod tally;
mod units;
mod waves;

pub use error::GroupError;
pub use ledger::{Ledger, RespondentKey, Salt};
pub use measures::{
    CriterionMeasure, ItemMeasure, Measures, Person, ScaleMeasure, ScaleValue, Worse,
};
pub use plan::{Plan, ShareInterval};
pub use repeats::Repeats;
pub use report::{GroupReport, ScaleReport, UnitReport};
pub use tallies::{ImpossibleInvitation, InvitationDoubt, Tallies};
pub use units::UnitId;
pub use waves::{Matched, waves_in_order};
