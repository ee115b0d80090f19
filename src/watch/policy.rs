//! Watch policies: an organisation's own rules on when somebody should look, as data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rule::{RawRule, Rule, is_key};
use crate::stored::map_only;

/// Resource key that every policy can raise, because safety items are always reported.
pub const HELPLINE: &str = "helpline";

/// Rule id of the built-in safety rule.
pub const SAFETY: &str = "safety";

/// For whom a policy raises its flags, and who may see a view of one person.
///
/// There is no member for an employer, and there will be none: one person's scores are never
/// shown to an employer. Organisations see groups only (room `group`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Audience {
    /// The person whose answers they are; sees everything.
    Person,
    /// A peer supporter whom the person chose.
    PeerSupporter,
    /// A clinical supervisor whom the person chose; not a line manager.
    Supervisor,
    /// An occupational-health service bound by confidentiality.
    OccupationalHealth,
}

impl Audience {
    /// Key of its name in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "audience.person",
            Self::PeerSupporter => "audience.peer-supporter",
            Self::Supervisor => "audience.supervisor",
            Self::OccupationalHealth => "audience.occupational-health",
        }
    }
}

/// How soon somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Worth a conversation.
    Talk,
    /// Worth a conversation soon.
    Soon,
    /// Needs a person's attention now.
    Now,
}

/// The file form of a policy, in TOML or JSON, before the checks that make a [`Policy`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "Watch policy"))]
pub struct RawPolicy {
    /// Format of the file: 1.
    format: u8,
    /// Id, kebab-case.
    id: String,
    /// What the policy is for, in a few words.
    title: String,
    /// For whom the flags are.
    audience: Audience,
    /// Planned number of check-ins over which the false alarms are counted, 1 to 1000.
    looks: u32,
    /// Highest allowed chance that a stable person is flagged by any statistical rule (`worse`,
    /// `trend`, `drift`) within the planned looks, above 0 and below 1.
    false_alarms: f64,
    /// The reasoning, in plain words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
    /// How a safety item is reported; it always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    safety: Option<Safety>,
    /// The rules, in order.
    rules: Vec<RawRule>,
}

/// How a safety item is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Safety {
    /// The organisation's message key.
    #[serde(default = "safety_message")]
    pub(super) message: String,
    /// Resource keys beside `helpline`, which is always there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<String>,
    /// Within how many of the last check-ins an answer is still reported (default 3): a zero
    /// afterwards reassures nobody.
    #[serde(default = "safety_last")]
    pub(super) of_last: usize,
}

map_only!(RawPolicy, Safety);

fn safety_message() -> String {
    SAFETY.to_owned()
}

fn safety_last() -> usize {
    3
}

impl Default for Safety {
    fn default() -> Self {
        Self { message: safety_message(), resources: Vec::new(), of_last: safety_last() }
    }
}

/// A checked watch policy.
///
/// ```
/// use straingauge::watch::Policy;
///
/// let policy = Policy::parse(r#"
///     format = 1
///     id = "team-x"
///     title = "Weekly check-in of team X, for the person"
///     audience = "person"
///     looks = 12
///     false-alarms = 0.05
///
///     [[rules]]
///     id = "worse-than-at-start"
///     severity = "talk"
///     message = "worse"
///     resources = ["self-care"]
///     worse = { than = "baseline" }
/// "#)?;
/// assert_eq!(policy.id(), "team-x");
/// // Whatever the rules, a helpline must be ready, because safety items are always reported.
/// assert_eq!(policy.missing_resources(["self-care"]), ["helpline"]);
/// # Ok::<(), straingauge::watch::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPolicy", into = "RawPolicy")]
pub struct Policy {
    raw: RawPolicy,
    rules: Vec<Rule>,
    pub(super) safety: Safety,
}

impl From<Policy> for RawPolicy {
    fn from(policy: Policy) -> Self {
        policy.raw
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Policy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawPolicy::json_schema(generator)
    }
}

/// A policy that cannot be used: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not the shape of a policy; the message shows line and place.
    #[error("{message}")]
    Syntax {
        /// What the reader says.
        message: String,
    },
    /// Right in shape, wrong in content.
    #[error("policy `{policy}`: {}", .findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Content {
        /// Id of the policy.
        policy: String,
        /// All findings.
        findings: Vec<PolicyFinding>,
    },
}

/// One thing that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {defect}")]
#[non_exhaustive]
pub struct PolicyFinding {
    /// Where: a key, or `rule <id>`.
    pub place: String,
    /// What is wrong, and what to write instead.
    pub defect: PolicyDefect,
}

/// The kinds of defects of a policy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyDefect {
    /// A later format.
    #[error("format {found} is not known to this version of the crate; it reads format 1")]
    Format {
        /// The format found.
        found: u8,
    },
    /// An id or key that is not kebab-case.
    #[error("`{found}` is not lower-case letters and digits joined by single hyphens")]
    BadKey {
        /// What was found.
        found: String,
    },
    /// A rule id that is taken.
    #[error("`{found}` is already the id of another rule, or reserved")]
    DuplicateId {
        /// The id.
        found: String,
    },
    /// Not exactly one kind of rule.
    #[error("has {found}; a rule has exactly one of {allowed}")]
    Kinds {
        /// The kinds found.
        found: String,
        /// The kinds there are.
        allowed: &'static str,
    },
    /// A number outside its bounds.
    #[error("{what} is {found}; {allowed}")]
    Number {
        /// Which number.
        what: &'static str,
        /// What was found.
        found: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Something is empty that must not be.
    #[error("{what} is empty")]
    Empty {
        /// What.
        what: &'static str,
    },
    /// A key that does nothing for this kind of rule.
    #[error("`{key}` does nothing here; {advice}")]
    Useless {
        /// The key.
        key: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// `all` or `any` names no rule above it.
    #[error("`{found}` names no rule above this one")]
    NoSuchRule {
        /// The name.
        found: String,
    },
    /// A step that nothing uses.
    #[error("is a step, and no `all` or `any` below names it")]
    UnusedStep,
}

impl Policy {
    /// Reads a policy from TOML. JSON is read by serde into the same type.
    ///
    /// # Errors
    /// Syntax with its place, or every finding on the content.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let raw: RawPolicy = toml::from_str(text)
            .map_err(|error| PolicyError::Syntax { message: error.to_string() })?;
        Self::try_from(raw)
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.raw.id
    }

    /// What the policy is for.
    pub fn title(&self) -> &str {
        &self.raw.title
    }

    /// For whom its flags are.
    pub fn audience(&self) -> Audience {
        self.raw.audience
    }

    /// Planned number of check-ins.
    pub fn looks(&self) -> u32 {
        self.raw.looks
    }

    /// Highest allowed chance that a stable person is flagged by a statistical rule within the
    /// planned looks.
    pub fn false_alarms(&self) -> f64 {
        self.raw.false_alarms
    }

    /// The reasoning in plain words.
    pub fn why(&self) -> &[String] {
        &self.raw.why
    }

    /// The rules in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Every resource key that a flag of this policy can carry, `helpline` among them.
    pub fn resource_keys(&self) -> BTreeSet<&str> {
        let of_rules = self.rules.iter().filter(|rule| !rule.is_step());
        let of_rules = of_rules.flat_map(|rule| rule.resources().iter().map(String::as_str));
        of_rules.chain(self.safety.resources.iter().map(String::as_str)).chain([HELPLINE]).collect()
    }

    /// The resource keys that the app does not cover. Empty is what an app wants before it shows
    /// a flag to anybody.
    pub fn missing_resources<'k>(&self, covered: impl IntoIterator<Item = &'k str>) -> Vec<&str> {
        let covered: BTreeSet<&str> = covered.into_iter().collect();
        self.resource_keys().into_iter().filter(|key| !covered.contains(key)).collect()
    }
}

impl TryFrom<RawPolicy> for Policy {
    type Error = PolicyError;

    fn try_from(raw: RawPolicy) -> Result<Self, PolicyError> {
        let mut findings = Vec::new();
        let mut find = |place: &str, defect| {
            findings.push(PolicyFinding { place: place.to_owned(), defect });
        };
        if raw.format != 1 {
            find("format", PolicyDefect::Format { found: raw.format });
        }
        if !is_key(&raw.id) {
            find("id", PolicyDefect::BadKey { found: raw.id.clone() });
        }
        if raw.title.trim().is_empty() {
            find("title", PolicyDefect::Empty { what: "the title" });
        }
        if !(1..=1000).contains(&raw.looks) {
            let (found, allowed) = (f64::from(raw.looks), "write 1 to 1000");
            find("looks", PolicyDefect::Number { what: "looks", found, allowed });
        }
        let rate = raw.false_alarms;
        if !(rate > 0.0 && rate < 1.0) {
            let allowed = "write a chance above 0 and below 1, such as 0.05";
            find(
                "false-alarms",
                PolicyDefect::Number { what: "false-alarms", found: rate, allowed },
            );
        }
        if raw.rules.is_empty() {
            find("rules", PolicyDefect::Empty { what: "the list of rules" });
        }
        let safety = raw.safety.clone().unwrap_or_default();
        for key in safety.resources.iter().chain([&safety.message]).filter(|key| !is_key(key)) {
            find("safety", PolicyDefect::BadKey { found: key.clone() });
        }
        if safety.of_last == 0 {
            let allowed = "write 1 or more";
            find("safety", PolicyDefect::Number { what: "of-last", found: 0.0, allowed });
        }
        let mut rules: Vec<Rule> = Vec::new();
        for rule in &raw.rules {
            let place = format!("rule {}", rule.id);
            if rule.id == SAFETY || rules.iter().any(|known| known.id() == rule.id) {
                find(&place, PolicyDefect::DuplicateId { found: rule.id.clone() });
            }
            match Rule::check(rule, &rules) {
                Ok(rule) => rules.push(rule),
                Err(defects) => defects.into_iter().for_each(|defect| find(&place, defect)),
            }
        }
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.is_step()) {
            if !rules.iter().skip(at).any(|later| later.parts().contains(&at)) {
                find(&format!("rule {}", rule.id()), PolicyDefect::UnusedStep);
            }
        }
        if findings.is_empty() {
            Ok(Self { raw, rules, safety })
        } else {
            Err(PolicyError::Content { policy: raw.id, findings })
        }
    }
}
