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
