//! What a target cannot express, said rather than dropped.

use std::fmt;

use serde::Serialize;

use crate::answers::MissingKind;
use crate::words::Words;

/// A document for a target, and what the target cannot express.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Translation<T> {
    /// The document.
    pub document: T,
    /// What is not in it, or not exactly.
    pub unexpressed: Vec<Unexpressed>,
}

/// One thing that a target cannot express, or not exactly.
///
/// ```
/// use straingauge::exchange::{Reason, Unexpressed};
/// let lost = Unexpressed { subject: "general-de".to_owned(), reason: Reason::Norm };
/// assert_eq!(lost.to_string(), "general-de: reference values have no place in the target");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::exhaustive_structs)] // a pair
pub struct Unexpressed {
    /// Id of the item, scale, band set, criterion or norm, or of the instrument.
    pub subject: String,
    /// What about it.
    pub reason: Reason,
}

/// Why something is not in a document, or not exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// No wording was given: items are shown by topic.
    NoWording,
    /// These missing kinds look alike there.
    MissingKinds(Vec<MissingKind>),
    /// The computed value needs to know of these missing kinds, and some programs do not keep them.
    MissingReasons(Vec<MissingKind>),
    /// A reference distribution.
    Norm,
    /// A published smallest change.
    PublishedChange,
    /// Who stands behind a number, how it stands and how well it is known.
    Basis,
    /// Terms of use.
    Licence,
    /// What a user must know.
    Cautions,
    /// How the authors want the items ordered or mixed.
    Order,
    /// Standard errors of a conversion table.
    TableErrors,
    /// The rule hash by which scores may be compared.
    RuleHash,
    /// Lowest and highest value that the missing answers allow, and whether a band is certain.
    Bounds,
    /// A safety criterion makes nobody look there.
    Safety,
    /// The options of an item count differently in different scales, so there is no one number for each.
    ValuesDiffer,
    /// The numbers of the item count otherwise than they stand, and only computed values say so.
    NumbersRecoded,
    /// Not asked where this item rules it out; an answer that stands there all the same counts.
    Unasked(String),
    /// Open more often than the crate says, where one of these items is unanswered.
    OpenTooOften(Vec<String>),
    /// The test cannot be put into a formula: it is always open.
    AlwaysOpen(String),
    /// Another name there.
    Renamed(String),
    /// A name longer than this many characters, which some of its readers cut.
    LongName(usize),
    /// A text has a character that the target cannot hold.
    TextChanged,
    /// What a person should know before an item is shown.
    Note,
    /// The scoring rules: only the shape of the answers is said.
    Scoring,
}

impl Reason {
    fn key(&self) -> &'static str {
        match self {
            Self::NoWording => "exchange.no-wording",
            Self::MissingKinds(_) => "exchange.missing-kinds",
            Self::MissingReasons(_) => "exchange.missing-reasons",
            Self::Norm => "exchange.norm",
            Self::PublishedChange => "exchange.published-change",
            Self::Basis => "exchange.basis",
            Self::Licence => "exchange.licence",
            Self::Cautions => "exchange.cautions",
            Self::Order => "exchange.order",
            Self::TableErrors => "exchange.table-errors",
            Self::RuleHash => "exchange.rule-hash",
            Self::Bounds => "exchange.bounds",
            Self::Safety => "exchange.safety",
            Self::ValuesDiffer => "exchange.values-differ",
            Self::NumbersRecoded => "exchange.numbers-recoded",
            Self::Unasked(_) => "exchange.unasked",
            Self::OpenTooOften(_) => "exchange.open-too-often",
            Self::AlwaysOpen(_) => "exchange.always-open",
            Self::Renamed(_) => "exchange.renamed",
            Self::LongName(_) => "exchange.long-name",
            Self::TextChanged => "exchange.text-changed",
            Self::Note => "exchange.note",
            Self::Scoring => "exchange.scoring",
        }
    }

    /// The sentence in the words of a catalogue.
    pub fn in_words(&self, words: &Words) -> String {
        let what = match self {
            Self::MissingKinds(kinds) | Self::MissingReasons(kinds) => {
                kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
            }
            Self::OpenTooOften(items) => items.join(", "),
            Self::AlwaysOpen(what) | Self::Renamed(what) | Self::Unasked(what) => what.clone(),
            Self::LongName(limit) => limit.to_string(),
            _ => String::new(),
        };
        words.say(self.key(), &[("what", &what)])
    }
}

/// In English.
impl fmt::Display for Unexpressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.reason.in_words(&Words::english()))
    }
}
