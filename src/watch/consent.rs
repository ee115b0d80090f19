//! What an audience may see of one person: a type of its own that holds nothing else.

use serde::{Deserialize, Serialize};

use super::flag::{Evidence, Flag, Review, Unjudged};
use super::policy::{Audience, Severity};
use crate::change::Course;
use crate::date::Date;
use crate::instrument::Direction;
use crate::stored::map_only;
use crate::words::Words;

/// What a person agreed to share, with whom, from when until when. It can be taken back on any
/// day.
///
/// ```
/// use straingauge::watch::{Audience, Consent};
/// let consent = Consent::new(Audience::PeerSupporter, "2024-01-01".parse()?, "2024-06-30".parse()?)?
///     .with_scale("phq-9", "total")
///     .with_flag("worse-than-at-start");
/// assert!(consent.holds_on("2024-03-01".parse()?).is_ok());
/// let consent = consent.revoked("2024-02-10".parse()?);
/// assert!(consent.holds_on("2024-03-01".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawConsent", into = "RawConsent")]
pub struct Consent(RawConsent);

/// The stored form of a [`Consent`], before its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "Consent"))]
pub struct RawConsent {
    /// With whom; never `person`, who sees everything anyway.
    audience: Audience,
    /// Scales that may be seen.
    #[serde(default)]
    scales: Vec<ScaleName>,
    /// Rules whose flags may be seen.
    #[serde(default)]
    flags: Vec<String>,
    /// First day.
    given: Date,
    /// Last day.
    until: Date,
    /// Day on which it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<Date>,
}

/// A scale of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScaleName {
    instrument: String,
    scale: String,
}

map_only!(RawConsent, ScaleName);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Consent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Consent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawConsent::json_schema(generator)
    }
}

/// Why a consent does not open a view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The person needs no consent, and nobody gives one for an employer.
    #[error("the person sees everything already; a consent names somebody else")]
    NotForThePerson,
    /// Ends before it begins.
    #[error("the consent ends on {until}, before it begins on {given}")]
    EndsBeforeItBegins {
        /// First day.
        given: Date,
        /// Last day.
        until: Date,
    },
    /// Not in force yet.
    #[error("the consent begins on {given}; today is {today}")]
    NotYet {
        /// First day.
        given: Date,
        /// The day asked about.
        today: Date,
    },
    /// In force no longer.
    #[error("the consent ended on {until}; today is {today}")]
    Ended {
        /// Last day.
        until: Date,
        /// The day asked about.
        today: Date,
    },
    /// Taken back.
    #[error("the person took the consent back on {revoked}")]
    Revoked {
        /// That day.
        revoked: Date,
    },
    /// The review's policy is for somebody else.
    #[error("the review is for {review:?}, the consent for {consent:?}")]
    OtherAudience {
        /// For whom the policy raises flags.
        review: Audience,
        /// With whom the person agreed to share.
        consent: Audience,
    },
}

impl TryFrom<RawConsent> for Consent {
    type Error = ConsentError;

    fn try_from(raw: RawConsent) -> Result<Self, ConsentError> {
        if raw.audience == Audience::Person {
            return Err(ConsentError::NotForThePerson);
        }
        if raw.until < raw.given {
            return Err(ConsentError::EndsBeforeItBegins { given: raw.given, until: raw.until });
        }
        Ok(Self(raw))
    }
}

impl From<Consent> for RawConsent {
    fn from(consent: Consent) -> Self {
        consent.0
    }
}

impl Consent {
    /// A consent to share nothing yet, from the day it was given until its last day.
    ///
    /// # Errors
    /// For the person themselves, or with an end before the beginning.
    pub fn new(audience: Audience, given: Date, until: Date) -> Result<Self, ConsentError> {
        let (scales, flags) = (Vec::new(), Vec::new());
        RawConsent { audience, scales, flags, given, until, revoked: None }.try_into()
    }

    /// Also shares a scale.
    #[must_use]
    pub fn with_scale(mut self, instrument: impl Into<String>, scale: impl Into<String>) -> Self {
        self.0.scales.push(ScaleName { instrument: instrument.into(), scale: scale.into() });
        self
    }

    /// Also shares the flags of a rule (`safety` for safety items).
    #[must_use]
    pub fn with_flag(mut self, rule: impl Into<String>) -> Self {
        self.0.flags.push(rule.into());
        self
    }

    /// Takes it back from this day on.
    #[must_use]
    pub fn revoked(mut self, on: Date) -> Self {
        self.0.revoked = Some(self.0.revoked.map_or(on, |before| before.min(on)));
        self
    }

    /// With whom.
    pub fn audience(&self) -> Audience {
        self.0.audience
    }

    /// Whether it is in force on a day.
    ///
    /// # Errors
    /// Why it is not.
    pub fn holds_on(&self, today: Date) -> Result<(), ConsentError> {
        let RawConsent { given, until, revoked, .. } = self.0;
        if let Some(revoked) = revoked.filter(|revoked| today >= *revoked) {
            return Err(ConsentError::Revoked { revoked });
        }
        if today < given {
            return Err(ConsentError::NotYet { given, today });
        }
        if today > until {
            return Err(ConsentError::Ended { until, today });
        }
        Ok(())
    }

    fn names_scale(&self, instrument: &str, scale: &str) -> bool {
        self.0.scales.iter().any(|named| named.instrument == instrument && named.scale == scale)
    }

    fn names_flag(&self, rule: &str) -> bool {
        self.0.flags.iter().any(|named| named == rule)
    }
}

/// A shared scale: its scored check-ins.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SharedScale {
    /// The instrument.
    pub instrument: String,
    /// The scale.
    pub scale: String,
    /// Its name.
    pub title: String,
    /// Which way it points.
    pub direction: Direction,
    /// Lowest and highest value.
    pub range: (f64, f64),
    /// The scored check-ins.
    pub points: Vec<SharedPoint>,
}

/// One scored check-in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SharedPoint {
    /// Day.
    pub date: Date,
    /// Score.
    pub value: f64,
    /// Label of its band, where there is one.
    pub band: Option<String>,
}

/// A shared flag. The evidence is there only where it is about nothing but what is shared.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SharedFlag {
    /// Id of the rule.
    pub rule: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// The organisation's message key.
    pub message: String,
    /// What the app should offer beside it.
    pub resources: Vec<String>,
    /// What led to it, in plain sentences, where that is shared too.
    pub explanation: Option<String>,
    /// Whether it is about a safety item, which needs a person's attention now.
    pub safety: bool,
}

/// Everything about one person, for that person.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PersonView {
    /// The day.
    pub today: Date,
    /// All scales.
    pub scales: Vec<SharedScale>,
    /// All flags with all evidence.
    pub flags: Vec<Flag>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
}

impl PersonView {
    /// The view of the person whose courses and review these are.
    pub fn new(courses: &[Course<'_>], review: &Review) -> Self {
        Self {
            today: review.today,
            scales: shared_scales(courses, review.today, |_, _| true),
            flags: review.flags.clone(),
            unjudged: review.unjudged.clone(),
        }
    }
}

/// What somebody else may see: the scales and flags that the person's consent names, and nothing
/// from which the rest could be told.
///
/// There is no such view for an employer. That something was left out is always said, in general
/// words and whether or not there was something, so that even this gives nothing away.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedView {
    audience: Audience,
    today: Date,
    consent_given: Date,
    consent_until: Date,
    scales: Vec<SharedScale>,
    flags: Vec<SharedFlag>,
    left_out: String,
}

impl SharedView {
    /// Narrows courses and review to what the consent names; it must be in force on the day of
    /// the review, and the review's policy must be for the same audience.
    ///
    /// # Errors
    /// Why nothing may be shown.
    pub fn new(
        courses: &[Course<'_>],
        review: &Review,
        (consent, words): (&Consent, &Words),
    ) -> Result<Self, ConsentError> {
        let (audience, today) = (consent.audience(), review.today);
        consent.holds_on(today)?;
        if review.audience != audience {
            return Err(ConsentError::OtherAudience { review: review.audience, consent: audience });
        }
        let flags = review.flags.iter().filter(|flag| consent.names_flag(&flag.rule));
        let flags = flags.map(|flag| SharedFlag {
            rule: flag.rule.clone(),
            severity: flag.severity,
            message: flag.message.clone(),
            resources: flag.resources.clone(),
            explanation: explanation(flag, (consent, words)),
            safety: flag.safety,
        });
        Ok(Self {
            audience,
            today,
            consent_given: consent.0.given,
            consent_until: consent.0.until,
            flags: flags.collect(),
            scales: shared_scales(courses, today, |instrument, scale| {
                consent.names_scale(instrument, scale)
            }),
            left_out: words.say("view.left-out", &[]),
        })
    }

    /// For whom.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// The shared scales.
    pub fn scales(&self) -> &[SharedScale] {
        &self.scales
    }

    /// The shared flags.
    pub fn flags(&self) -> &[SharedFlag] {
        &self.flags
    }

    /// That this is not everything, in general words.
    pub fn left_out(&self) -> &str {
        &self.left_out
    }
}

/// The explanation of a shared flag, unless it would speak of a scale or rule that is not shared.
fn explanation(flag: &Flag, (consent, words): (&Consent, &Words)) -> Option<String> {
    let shared = match (&flag.evidence, &flag.instrument, &flag.scale) {
        (Evidence::Together { parts }, _, _) => {
            parts.iter().all(|part| consent.names_flag(&part.rule))
        }
        (_, Some(instrument), Some(scale)) => consent.names_scale(instrument, scale),
        // About the instrument as a whole: the flag that was named says no more than its own rule.
        _ => true,
    };
    let note = || flag.safety.then(|| words.say("safety.note", &[]));
    if shared { Some(flag.explain(words)) } else { note() }
}

fn shared_scales(
    courses: &[Course<'_>],
    today: Date,
    is_shared: impl Fn(&str, &str) -> bool,
) -> Vec<SharedScale> {
    let mut shared = Vec::new();
    for course in courses.iter().map(|course| course.until(today)) {
        let instrument = course.instrument().id();
        for scale in course.scales().filter(|scale| is_shared(instrument, scale.id())) {
            let points = course.records(scale.id()).filter_map(|(date, record)| {
                let band = course.band(record, None).map(|band| band.label().to_owned());
                Some(SharedPoint { date, value: record.value?, band })
            });
            let (low, high) = scale.range();
            shared.push(SharedScale {
                instrument: instrument.to_owned(),
                scale: scale.id().to_owned(),
                title: scale.title().to_owned(),
                direction: scale.direction(),
                range: (low.to_f64(), high.to_f64()),
                points: points.collect(),
            });
        }
    }
    shared
}
