//! One rule of a policy.

use serde::{Deserialize, Serialize};

use super::policy::{PolicyDefect, Severity};
use crate::change::Method;
use crate::stored::map_only;

/// The file form of a rule: its frame, and exactly one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RawRule {
    /// Id, kebab-case, unique in the policy.
    pub(super) id: String,
    /// How soon somebody should look.
    severity: Severity,
    /// The organisation's key for its own message.
    message: String,
    /// Resource keys: what the app should offer beside the flag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    /// Why the rule is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// `step`: part of an `all` or `any` only, raises no flag of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<RuleRole>,
    /// Instruments that it is about; all that are followed where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    instruments: Vec<String>,
    /// Scales that it is about; all with a direction where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scales: Vec<String>,
    /// For `band`, `score` and `criterion`: how many of the last answered check-ins must hold
    /// (default 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<usize>,
    /// For `band`, `score` and `criterion`: how many of the last answered check-ins are looked at
    /// (default `at-least`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of_last: Option<usize>,
    /// A band is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    band: Option<BandTest>,
    /// A line of the organisation's own is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<ScoreTest>,
    /// A criterion of the instrument is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    criterion: Option<CriterionTest>,
    /// Reliably worse than at the baseline or than last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worse: Option<WorseTest>,
    /// A worsening trend over all check-ins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trend: Option<TrendTest>,
    /// The moving average has left the limits of its baseline on the worse side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drift: Option<DriftTest>,
    /// The next check-in is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    overdue: Option<OverdueTest>,
    /// All of these rules above hold, on whatever instruments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<Vec<String>>,
    /// Any of these rules above holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any: Option<Vec<String>>,
}

/// What a rule is for, beyond raising a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum RuleRole {
    /// Part of another rule only.
    Step,
}

/// A band is reached: one of these labels, or one of the worst.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BandTest {
    /// Band set; the scale's default set where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) set: Option<String>,
    /// Labels of bands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) any_of: Vec<String>,
    /// The worst so many bands of the set, by the scale's direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) worst: Option<usize>,
}

/// A line of the organisation's own; the scale must be named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreTest {
    /// At this score or above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at_or_above: Option<f64>,
    /// At this score or below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at_or_below: Option<f64>,
}

/// A criterion of the instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CriterionTest {
    /// Its id.
    pub(super) id: String,
}

/// Reliably worse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorseTest {
    /// Than when.
    pub(super) than: Than,
    /// Method; Jacobson-Truax where none is named.
    #[serde(default)]
    pub(super) method: Method,
    /// Norm by id; the instrument's first usable one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) norm: Option<String>,
}

/// What a score is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Than {
    /// The first scored check-in.
    Baseline,
    /// The scored check-in before.
    Previous,
}

/// A worsening trend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrendTest {
    /// Norm by id; the instrument's first usable one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) norm: Option<String>,
    /// Only the check-ins after the last gap of more than so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_gap: Option<i32>,
}

/// The moving average has left its limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DriftTest {
    /// Weight of a check-in, above 0 and at most 1.
    #[serde(default = "weight")]
    pub(super) weight: f64,
    /// Number of first check-ins that make the baseline.
    #[serde(default = "baseline")]
    pub(super) baseline: usize,
    /// Norm by id; the instrument's first usable one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) norm: Option<String>,
}

fn weight() -> f64 {
    0.2
}

fn baseline() -> usize {
    3
}

/// The next check-in is overdue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OverdueTest {
    /// More than so many days since the last one.
    pub(super) days: i32,
}

map_only!(
    RawRule,
    BandTest,
    ScoreTest,
    CriterionTest,
    WorseTest,
    TrendTest,
    DriftTest,
    OverdueTest
);

/// The one kind of a checked rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Band(BandTest),
    Score(ScoreTest),
    Criterion(CriterionTest),
    Worse(WorseTest),
    Trend(TrendTest),
    Drift(DriftTest),
    Overdue(OverdueTest),
    /// Positions of rules above.
    All(Vec<usize>),
    Any(Vec<usize>),
}

const KINDS: &str =
    "`band`, `score`, `criterion`, `worse`, `trend`, `drift`, `overdue`, `all`, `any`";

/// A checked rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    raw: RawRule,
    pub(super) kind: Kind,
    /// How many of how many last answered check-ins.
    pub(super) persistence: (usize, usize),
}

/// Lower-case letters and digits joined by single hyphens.
pub(super) fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

impl Rule {
    /// The id.
    pub fn id(&self) -> &str {
        &self.raw.id
    }

    /// How soon somebody should look.
    pub fn severity(&self) -> Severity {
        self.raw.severity
    }

    /// The organisation's message key.
    pub fn message(&self) -> &str {
        &self.raw.message
    }

    /// The resource keys of its flags.
    pub fn resources(&self) -> &[String] {
        &self.raw.resources
    }

    /// Why it is there.
    pub fn why(&self) -> Option<&str> {
        self.raw.why.as_deref()
    }

    /// Whether it raises no flag of its own.
    pub fn is_step(&self) -> bool {
        self.raw.role == Some(RuleRole::Step)
    }

    /// Whether a stable person can be flagged by chance, so that it shares the false alarms.
    pub fn is_statistical(&self) -> bool {
        matches!(self.kind, Kind::Worse(_) | Kind::Trend(_) | Kind::Drift(_))
    }

    pub(super) fn concerns(&self, instrument: &str) -> bool {
        self.raw.instruments.is_empty() || self.raw.instruments.iter().any(|id| id == instrument)
    }

    pub(super) fn instruments(&self) -> &[String] {
        &self.raw.instruments
    }

    pub(super) fn scales(&self) -> &[String] {
        &self.raw.scales
    }

    /// Positions of the rules above that it is made of.
    pub(super) fn parts(&self) -> &[usize] {
        match &self.kind {
            Kind::All(parts) | Kind::Any(parts) => parts,
            _ => &[],
        }
    }

    pub(super) fn check(raw: &RawRule, above: &[Self]) -> Result<Self, Vec<PolicyDefect>> {
        let mut defects = Vec::new();
        let keys = raw.resources.iter().chain([&raw.id, &raw.message]);
        let keys = keys.chain(&raw.instruments).chain(&raw.scales);
        defects.extend(
            keys.filter(|key| !is_key(key)).map(|key| PolicyDefect::BadKey { found: key.clone() }),
        );
        let mut places = |names: &Vec<String>| -> Vec<usize> {
            if names.is_empty() {
                defects.push(PolicyDefect::Empty { what: "the list of rules" });
            }
            let place = |name: &String| {
                let found = above.iter().position(|rule| rule.id() == name);
                if found.is_none() {
                    defects.push(PolicyDefect::NoSuchRule { found: name.clone() });
                }
                found
            };
            names.iter().filter_map(place).collect()
        };
        let mut kinds: Vec<(&str, Kind)> = Vec::new();
        kinds.extend(raw.all.as_ref().map(|names| ("`all`", Kind::All(places(names)))));
        kinds.extend(raw.any.as_ref().map(|names| ("`any`", Kind::Any(places(names)))));
        kinds.extend(raw.band.clone().map(|test| ("`band`", Kind::Band(test))));
        kinds.extend(raw.score.clone().map(|test| ("`score`", Kind::Score(test))));
        kinds.extend(raw.criterion.clone().map(|test| ("`criterion`", Kind::Criterion(test))));
        kinds.extend(raw.worse.clone().map(|test| ("`worse`", Kind::Worse(test))));
        kinds.extend(raw.trend.clone().map(|test| ("`trend`", Kind::Trend(test))));
        kinds.extend(raw.drift.clone().map(|test| ("`drift`", Kind::Drift(test))));
        kinds.extend(raw.overdue.clone().map(|test| ("`overdue`", Kind::Overdue(test))));
        let names = || kinds.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
        if kinds.len() != 1 {
            let found = if kinds.is_empty() { "none".to_owned() } else { names() };
            defects.push(PolicyDefect::Kinds { found, allowed: KINDS });
        }
        let Some((_, kind)) = kinds.pop() else { return Err(defects) };
        defects.extend(kind.defects(raw));
        let at_least = raw.at_least.unwrap_or(1);
        let persistence = (at_least, raw.of_last.unwrap_or(at_least));
        let counts = matches!(kind, Kind::Band(_) | Kind::Score(_) | Kind::Criterion(_));
        if !counts && (raw.at_least.is_some() || raw.of_last.is_some()) {
            let advice = "it belongs to `band`, `score` and `criterion`";
            defects.push(PolicyDefect::Useless { key: "at-least, of-last", advice });
        }
        if at_least == 0 || persistence.1 < at_least {
            let (found, allowed) = (at_least as f64, "write 1 or more, and no more than of-last");
            defects.push(PolicyDefect::Number { what: "at-least", found, allowed });
        }
        if defects.is_empty() {
            Ok(Self { raw: raw.clone(), kind, persistence })
        } else {
            Err(defects)
        }
    }
}

impl Kind {
    /// What is wrong with the kind's own keys.
    fn defects(&self, raw: &RawRule) -> Vec<PolicyDefect> {
        let mut defects = Vec::new();
        let mut bad = |what, found: f64, allowed| {
            defects.push(PolicyDefect::Number { what, found, allowed });
        };
        match self {
            Self::Band(test) => match (test.any_of.is_empty(), test.worst) {
                (true, None) => defects.push(PolicyDefect::Empty { what: "`any-of`" }),
                (false, Some(_)) => defects.push(PolicyDefect::Useless {
                    key: "worst",
                    advice: "name bands by `any-of` or count them by `worst`, not both",
                }),
                (_, Some(0)) => bad("worst", 0.0, "write 1 or more"),
                _ => {}
            },
            Self::Score(test) => {
                match (test.at_or_above, test.at_or_below) {
                    (Some(line), None) | (None, Some(line)) if line.is_finite() => {}
                    (line, _) => bad(
                        "the line",
                        line.unwrap_or(f64::NAN),
                        "write one finite `at-or-above` or `at-or-below`",
                    ),
                }
                if raw.scales.is_empty() || raw.instruments.is_empty() {
                    defects.push(PolicyDefect::Empty {
                        what: "`instruments` or `scales`, which a line in points needs,",
                    });
                }
            }
            Self::Criterion(test) if !is_key(&test.id) => {
                defects.push(PolicyDefect::BadKey { found: test.id.clone() });
            }
            Self::Worse(test) if test.method == Method::PublishedChange => {
                defects.push(PolicyDefect::Useless {
                    key: "method",
                    advice: "a published change is used by itself where no norm is known",
                });
            }
            Self::Trend(test) => {
                if let Some(days) = test.max_gap.filter(|days| *days < 1) {
                    bad("max-gap", f64::from(days), "write 1 or more days");
                }
            }
            Self::Drift(test) => {
                if !(test.weight > 0.0 && test.weight <= 1.0) {
                    bad("weight", test.weight, "write a number above 0 and at most 1");
                }
                if test.baseline == 0 {
                    bad("baseline", 0.0, "write 1 or more check-ins");
                }
            }
            Self::Overdue(test) if test.days < 1 => {
                bad("days", f64::from(test.days), "write 1 or more days");
            }
            Self::All(_) | Self::Any(_)
                if !raw.instruments.is_empty() || !raw.scales.is_empty() =>
            {
                defects.push(PolicyDefect::Useless {
                    key: "instruments, scales",
                    advice: "say them in the rules that this one is made of",
                });
            }
            _ => {}
        }
        defects
    }
}
