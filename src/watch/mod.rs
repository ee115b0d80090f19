//! When should somebody look: an organisation's own rules over one person's courses, flags with
//! their evidence, and views that hold only what the person agreed to share.
//!
//! Nothing here sends anything to anybody. A [`Policy`] is data (TOML or JSON, `schemas/policy.schema.json`);
//! [`Policy::review`] applies it to a person's courses as of a day and gives a [`Review`]: flags with their
//! evidence, most urgent first, and the rules that could not be judged, with the reason. The three
//! [`READY`] policies are starting points to copy, each with its reasoning.
//!
//! # Rules
//!
//! A rule is a frame (`id`, `severity`, `message`, `resources`, `why`; `instruments` and `scales` where it is
//! not about all) and exactly one kind:
//!
//! | kind | raised when |
//! |---|---|
//! | `band = { any-of = ["high"] }`, `band = { worst = 1 }` | a range of a sourced band set is reached |
//! | `score = { at-or-above = 20.0 }` | a line of the organisation's own is reached |
//! | `criterion = { id = "screen-positive" }` | a criterion of the instrument is met |
//! | `worse = { than = "baseline" }`, `{ than = "previous" }` | the last score is reliably worse |
//! | `trend = {}` | the scores move steadily for the worse |
//! | `drift = {}` | the moving average has left its limits on the worse side |
//! | `overdue = { days = 45 }` | the next check-in is late |
//! | `all = ["a", "b"]`, `any = [...]` | rules above it hold, on whatever instruments |
//!
//! `at-least = 2` and `of-last = 3` ask the first three kinds of the last answered check-ins. A rule of
//! `role = "step"` raises no flag of its own.
//!
//! A safety criterion that is met is always flagged, whatever the rules, for the last three check-ins, with
//! the note that a person should look now and that a later zero reassures nobody. So every policy can raise
//! `helpline`; [`Policy::missing_resources`] tells the app which resources of its place and language it
//! still has to supply.
//!
//! # False alarms
//!
//! Looking again and again at a stable person finds something sooner or later. A policy states how many looks
//! are planned and how often a stable person may be flagged in all of them; `worse`, `trend` and `drift` share
//! that chance out over looks, rules and scales (Bonferroni, one-sided). Simulated people, scale of reliability
//! .80 (retest), monthly check-ins, planned looks 12, allowed rate 5 %; the shift comes after the third check-in
//! and its delay is counted in check-ins:
//!
//! | | stable: flagged in 12 | shift of 1 SD: seen within 3 | within 6 | within 12 | median delay |
//! |---|---|---|---|---|---|
//! | `own-use`, `peer-support` | 2.3 % | 53 % | 73 % | 86 % | 3 |
//! | `occupational-health` | 1.3 % | 39 % | 61 % | 75 % | 5 |
//! | `worse` than baseline, alone | 2.8 % | 29 % | 41 % | 53 % | 11 |
//! | `worse` than last time, alone | 3.9 % | 15 % | 16 % | 18 % | - |
//! | `trend`, alone | 2.5 % | 48 % | 71 % | 83 % | 4 |
//! | `drift`, alone | 1.7 % | 60 % | 79 % | 89 % | 3 |
//! | [chart](crate::change::ChartOptions) with default limits, 12 points after a baseline of 3 | 3.4 % | 58 % | 77 % | 88 % | 3 |
//! | for comparison: 95 % change at every look | 29 % | 63 % | 76 % | 86 % | 2 |
//!
//! (20,000 people; `tests/watch_simulation.rs`, standard error of a rate at most 0.4 points. The comparison pays
//! for its speed with a false flag for every third stable person.) A change judged by a published number of points
//! has no error rate and is not counted. Fewer scales or looks leave more room for each test: name the scales that
//! matter.
//!
//! # Who sees what
//!
//! The person sees everything ([`PersonView`]). A peer supporter, supervisor or occupational-health service sees
//! the scales and flags that the person's [`Consent`] names, while it holds ([`SharedView`], a type that holds
//! nothing else). There is no view of one person for an employer, and no [`Audience`] for one.

mod consent;
mod flag;
mod policy;
mod ready;
mod review;
mod rule;

pub use consent::{
    Consent, ConsentError, PersonView, SharedFlag, SharedPoint, SharedScale, SharedView,
};
pub use flag::{Evidence, Flag, Review, Together, Unjudged, WhyNot};
pub use policy::{
    Audience, HELPLINE, Policy, PolicyDefect, PolicyError, PolicyFinding, SAFETY, Severity,
};
pub use ready::{READY, ready};
pub use rule::{Rule, RuleRole};

/// The forms of the files, before their checks: what the committed schemas describe.
pub mod raw {
    pub use super::consent::{RawConsent, ScaleName};
    pub use super::policy::{RawPolicy, Safety};
    pub use super::rule::{
        BandTest, CriterionTest, DriftTest, OverdueTest, RawRule, ScoreTest, Than, TrendTest,
        WorseTest,
    };
}
