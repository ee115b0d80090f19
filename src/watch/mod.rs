//! When should somebody look: an organisation's own rules over one person's courses, flags with
//! their evidence, and views that hold only what the person agreed to share.

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
