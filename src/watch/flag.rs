//! What a review finds: flags with their evidence, and what could not be judged.

use serde::{Deserialize, Serialize};

use super::policy::{Audience, Severity};
use crate::change::{Change, Trend, shown};
use crate::date::Date;
use crate::score::Absence;
use crate::words::Words;

/// A rule that is met, with the numbers that led to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Flag {
    /// Id of the rule; `safety` where a safety item is reported whatever the rules.
    pub rule: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// The organisation's message key.
    pub message: String,
    /// What the app should offer beside it.
    pub resources: Vec<String>,
    /// The instrument, where the rule is about one.
    pub instrument: Option<String>,
    /// The scale, where the rule is about one.
    pub scale: Option<String>,
    /// What led to it.
    pub evidence: Evidence,
    /// Whether it is about a safety item: it needs a person's attention now, and a later zero
    /// reassures nobody.
    pub safety: bool,
}

/// What led to a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Evidence {
    /// A band was reached.
    Band {
        /// Id of the band set.
        set: String,
        /// Label of the band at the last hit.
        band: String,
        /// Whether no completion of missing answers would move it.
        certain: bool,
        /// Days of the hits.
        hits: Vec<Date>,
        /// Number of check-ins looked at.
        of: usize,
    },
    /// A line of the organisation's own was reached.
    Score {
        /// Score at the last hit.
        value: f64,
        /// The line.
        line: f64,
        /// Days of the hits.
        hits: Vec<Date>,
        /// Number of check-ins looked at.
        of: usize,
    },
    /// A criterion was met.
    Criterion {
        /// Id of the criterion.
        criterion: String,
        /// Days of the hits.
        hits: Vec<Date>,
        /// Number of check-ins looked at.
        of: usize,
    },
    /// A reliable change for the worse.
    Change(Change),
    /// A trend for the worse.
    Trend(Trend),
    /// The moving average has left its limits on the worse side.
    Drift {
        /// Scale.
        scale: String,
        /// Day.
        date: Date,
        /// Moving average.
        average: f64,
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
        /// Number of check-ins that made the baseline.
        baseline: usize,
    },
    /// The next check-in is overdue.
    Overdue {
        /// The last check-in.
        last: Date,
        /// Days since.
        days: i32,
        /// Days allowed.
        allowed: i32,
    },
    /// Several rules together.
    Together {
        /// The parts that hold.
        parts: Vec<Together>,
    },
}

/// One part of a rule that is made of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Together {
    /// Id of the rule.
    pub rule: String,
    /// The instrument that it holds on, where it is about one.
    pub instrument: Option<String>,
    /// The scale that it holds on, where it is about one.
    pub scale: Option<String>,
}

impl Flag {
    /// How soon somebody should look.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// One or more plain sentences: what was seen, with the numbers to hand. No blame, no
    /// diagnosis. A safety flag always says that a person should look now and that a zero
    /// reassures nobody.
    pub fn explain(&self, words: &Words) -> String {
        let scale = self.scale.as_deref().unwrap_or_default();
        let text = self.evidence.in_words(scale, self.safety, words);
        if self.safety { format!("{text} {}", words.say("safety.note", &[])) } else { text }
    }
}

impl Evidence {
    fn in_words(&self, scale: &str, safety: bool, words: &Words) -> String {
        let scale = words.label("scale", scale);
        let repeated = |key: &str, hits: &[Date], of: usize| {
            if of > 1 && hits.len() > 1 { format!("{key}-repeated") } else { key.to_owned() }
        };
        let last = |hits: &[Date]| hits.last().map_or(String::new(), ToString::to_string);
        match self {
            Self::Band { band, hits, of, .. } => words.say(
                &repeated("watch.band", hits, *of),
                &[
                    ("scale", &scale),
                    ("band", &words.label("band", band)),
                    ("date", &last(hits)),
                    ("hits", &hits.len()),
                    ("of", of),
                ],
            ),
            Self::Score { value, line, hits, of } => words.say(
                &repeated("watch.score", hits, *of),
                &[
                    ("scale", &scale),
                    ("value", &shown(*value)),
                    ("line", &shown(*line)),
                    ("date", &last(hits)),
                    ("hits", &hits.len()),
                    ("of", of),
                ],
            ),
            Self::Criterion { criterion, hits, of } => {
                let key = if safety {
                    "watch.safety".to_owned()
                } else {
                    repeated("watch.criterion", hits, *of)
                };
                let criterion = words.label("criterion", criterion);
                let hit_count = hits.len();
                words.say(
                    &key,
                    &[
                        ("criterion", &criterion),
                        ("date", &last(hits)),
                        ("hits", &hit_count),
                        ("of", of),
                    ],
                )
            }
            Self::Change(change) => change.in_words(words),
            Self::Trend(trend) => trend.in_words(words),
            Self::Drift { date, average, low, high, .. } => words.say(
                "watch.drift",
                &[
                    ("scale", &scale),
                    ("date", date),
                    ("average", &shown(*average)),
                    ("low", &shown(*low)),
                    ("high", &shown(*high)),
                ],
            ),
            Self::Overdue { last, days, allowed } => {
                words.say("watch.overdue", &[("date", last), ("days", days), ("allowed", allowed)])
            }
            Self::Together { parts } => {
                let names: Vec<_> =
                    parts.iter().map(|part| words.label("rule", &part.rule)).collect();
                words.say("watch.together", &[("parts", &names.join(", "))])
            }
        }
    }
}

/// A rule that could not be judged, and why. Nothing follows from it either way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Unjudged {
    /// Id of the rule.
    pub rule: String,
    /// The instrument, where the rule is about one.
    pub instrument: Option<String>,
    /// The scale, where the rule is about one.
    pub scale: Option<String>,
    /// Why.
    pub why: WhyNot,
}

/// Why a rule could not be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum WhyNot {
    /// The instrument is not among the courses.
    NoHistory {
        /// Its id.
        instrument: String,
    },
    /// No check-in yet.
    NoCheckIn,
    /// The instrument has no such scale, band, criterion or norm.
    NoSuch {
        /// What kind of thing.
        kind: String,
        /// The name.
        found: String,
    },
    /// The last check-in has no score, and the ones before do not decide.
    ScoreAbsent {
        /// Why it has none; unknown for a record that version 0.1 stored.
        absence: Option<Absence>,
        /// The reason in English that such a record holds.
        reason: Option<String>,
    },
    /// The score has no band in the set asked for.
    NoBand,
    /// The scale has no better or worse.
    NoDirection,
    /// No norm or published change is known that the rule could use.
    NoYardstick,
    /// Too few scored check-ins.
    TooFew {
        /// How many.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The answers given do not decide it.
    Undetermined,
    /// A part of it could not be judged.
    Part {
        /// Id of that rule.
        rule: String,
    },
    /// The scores do not fit the yardstick or the instrument.
    NotComparable {
        /// What is in the way.
        reason: String,
    },
}

impl WhyNot {
    /// The reason in the words of a catalogue.
    pub fn in_words(&self, words: &Words) -> String {
        let say = |key: &str, values: &[(&str, &dyn std::fmt::Display)]| {
            words.say(&format!("watch.unjudged.{key}"), values)
        };
        match self {
            Self::NoHistory { instrument } => say("no-history", &[("instrument", instrument)]),
            Self::NoCheckIn => say("no-check-in", &[]),
            Self::NoSuch { kind, found } => say("no-such", &[("kind", kind), ("found", found)]),
            Self::ScoreAbsent { absence, reason } => {
                let told = absence.as_ref().map(|absence| absence.in_words(words));
                let told = told.or_else(|| reason.clone()).unwrap_or_default();
                say("score-absent", &[("reason", &told)])
            }
            Self::NoBand => say("no-band", &[]),
            Self::NoDirection => say("no-direction", &[]),
            Self::NoYardstick => say("no-yardstick", &[]),
            Self::TooFew { found, needed } => {
                say("too-few", &[("found", found), ("needed", needed)])
            }
            Self::Undetermined => say("undetermined", &[]),
            Self::Part { rule } => say("part", &[("rule", rule)]),
            Self::NotComparable { reason } => say("not-comparable", &[("reason", reason)]),
        }
    }
}

/// What a policy finds on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Review {
    /// Id of the policy.
    pub policy: String,
    /// For whom the flags are.
    pub audience: Audience,
    /// The day; check-ins after it are not looked at.
    pub today: Date,
    /// Flags, the most urgent first, then in the order of the rules.
    pub flags: Vec<Flag>,
    /// Rules that could not be judged.
    pub unjudged: Vec<Unjudged>,
    /// Number of statistical tests that share the false alarms of one look.
    pub tests: u32,
    /// Check-ins so far, the most of any instrument.
    pub looks: usize,
    /// Whether these are more than the policy planned, so that its rate no longer holds.
    pub beyond_plan: bool,
}
