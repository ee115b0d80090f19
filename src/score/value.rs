//! From a tally to a value, or to the reason why there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::columns::NO_BAND;
use super::rule::{Rule, Verb};
use super::tally::Tally;
use crate::instrument::{BandSet, Exact};
use crate::words::Words;

/// How a scale came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Status {
    /// Scored from all its items.
    Complete,
    /// Scored by the missing rule from some of its items.
    Prorated,
    /// Absent: an item was not part of the administration.
    NotAsked,
    /// Absent: the file garbled an answer. No missing rule fills that in.
    Unreadable,
    /// Absent: an item does not apply to the person.
    NotApplicable,
    /// Absent: fewer answers than the missing rule needs.
    TooFewAnswered,
    /// Absent: made from a scale that is absent, or prorated where the table needs a complete one.
    DependsOnAbsent,
}

impl Status {
    /// The word in files and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Prorated => "prorated",
            Self::NotAsked => "not-asked",
            Self::Unreadable => "unreadable",
            Self::NotApplicable => "not-applicable",
            Self::TooFewAnswered => "too-few-answered",
            Self::DependsOnAbsent => "depends-on-absent",
        }
    }

    /// Whether there is a value.
    pub const fn is_scored(self) -> bool {
        matches!(self, Self::Complete | Self::Prorated)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a scale has no value. In this order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Absence {
    /// Items that were not part of the administration.
    NotAsked {
        /// How many.
        count: u16,
        /// Items of the scale.
        total: u16,
    },
    /// Items whose answer could not be read from the file.
    Unreadable {
        /// How many.
        count: u16,
        /// Items of the scale.
        total: u16,
    },
    /// Items that do not apply to the person.
    NotApplicable {
        /// How many.
        count: u16,
        /// Items of the scale.
        total: u16,
    },
    /// Fewer answers than needed.
    TooFewAnswered {
        /// Answers given.
        answered: u16,
        /// Answers needed.
        needed: u16,
        /// Items of the scale that apply.
        total: u16,
    },
    /// Made from a scale that could not be used.
    DependsOnAbsent {
        /// Id of that scale.
        scale: String,
    },
}

impl Absence {
    /// The status that this absence has.
    pub const fn status(&self) -> Status {
        match self {
            Self::NotAsked { .. } => Status::NotAsked,
            Self::Unreadable { .. } => Status::Unreadable,
            Self::NotApplicable { .. } => Status::NotApplicable,
            Self::TooFewAnswered { .. } => Status::TooFewAnswered,
            Self::DependsOnAbsent { .. } => Status::DependsOnAbsent,
        }
    }

    /// The reason in the words of a catalogue.
    pub fn in_words(&self, words: &Words) -> String {
        match self {
            Self::NotAsked { count, total } => {
                words.say("score.not-asked", &[("count", count), ("total", total)])
            }
            Self::Unreadable { count, total } => {
                words.say("score.unreadable", &[("count", count), ("total", total)])
            }
            Self::NotApplicable { count, total } => {
                words.say("score.not-applicable", &[("count", count), ("total", total)])
            }
            Self::TooFewAnswered { answered, needed, total } => words.say(
                "score.too-few-answered",
                &[("answered", answered), ("needed", needed), ("total", total)],
            ),
            Self::DependsOnAbsent { scale } => {
                words.say("score.depends-on-absent", &[("scale", scale)])
            }
        }
    }
}

/// In plain English; see [`Absence::in_words`] for other languages.
impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(&Words::english()))
    }
}

impl std::error::Error for Absence {}

/// One scale of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Valued {
    pub(super) status: Status,
    /// Present exactly where the status says so.
    pub(super) value: Option<Exact>,
    /// Lowest and highest value that the missing answers allow.
    pub(super) bounds: Option<(Exact, Exact)>,
    /// Items answered, of those that apply.
    pub(super) answered: u16,
    /// Items that apply.
    pub(super) items: u16,
    /// Items that this absence counts (not asked, unreadable, not applicable), or answers that are needed.
    pub(super) count: u16,
    /// Position of the scale that was missing.
    pub(super) missing_scale: u16,
    /// Items left the scale because they do not apply.
    pub(super) dropped: bool,
    /// Position of the band in the set in force; [`NO_BAND`] where there is none.
    pub(super) band: u8,
    /// Whether the band is the same whatever the missing answers.
    pub(super) certain: bool,
    /// Place in the table of states of the reported scale; [`NO_STATE`] where it is not of there.
    pub(super) state: u32,
}

/// The place of what no table of states holds.
pub(super) const NO_STATE: u32 = u32::MAX;

impl Valued {
    /// With its place among bands.
    pub(super) fn in_bands(self, set: Option<&BandSet>) -> Self {
        // A scale that lost items has no band: the edges hold for the whole scale.
        let (Some(set), Some(value)) = (set, self.value.filter(|_| !self.dropped)) else {
            return self;
        };
        let band = set.band_of(value);
        let certain = match self.bounds {
            Some((low, high)) => set.band_of(low) == band && set.band_of(high) == band,
            None => self.status == Status::Complete,
        };
        Self { band: u8::try_from(band).unwrap_or(NO_BAND), certain, ..self }
    }

    pub(super) const UNSCORED: Self = Self {
        status: Status::DependsOnAbsent,
        value: None,
        bounds: None,
        answered: 0,
        items: 0,
        count: 0,
        missing_scale: 0,
        dropped: false,
        band: NO_BAND,
        certain: false,
        state: NO_STATE,
    };
}

/// Values a sum or mean from its tally.
pub(super) fn of_items(rule: &Rule, tally: &Tally) -> Valued {
    let total = rule.items();
    let dropped = if rule.drops { tally.not_applicable } else { 0 };
    let items = total - dropped.min(total);
    // A rule that asks for fewer than all asks for as many answers, whatever the reason for a gap:
    // an item that does not apply is as silent as one left blank. All means all that apply.
    let needed = if rule.needs < total { rule.needs } else { items };
    let absent = |status, count| Valued { status, count, ..Valued::UNSCORED };
    let reached = |state: Valued| Valued {
        answered: tally.answered,
        items,
        // Where fewer apply than are needed, no answer to the open ones could give a score.
        bounds: if items < needed { None } else { bounds(rule, tally, items) },
        dropped: dropped > 0,
        ..state
    };
    if tally.not_asked > 0 {
        return reached(absent(Status::NotAsked, tally.not_asked));
    }
    if tally.unreadable > 0 {
        return reached(absent(Status::Unreadable, tally.unreadable));
    }
    if (tally.not_applicable > 0 && !rule.drops) || items == 0 {
        return reached(absent(Status::NotApplicable, tally.not_applicable));
    }
    if tally.answered < needed {
        return reached(absent(Status::TooFewAnswered, needed));
    }
    let complete = tally.answered == items;
    let status = if complete { Status::Complete } else { Status::Prorated };
    let value = if complete && rule.verb == Verb::Sum {
        Some(Exact::from(i64::from(tally.sum)))
    } else {
        let scaled =
            i64::from(tally.sum) * if rule.verb == Verb::Sum { i64::from(items) } else { 1 };
        Exact::new(scaled, i64::from(tally.answered))
    };
    reached(Valued { status, value, ..Valued::UNSCORED })
}

/// What the sum or mean would be if every missing answer were as low, or as high, as it can be.
fn bounds(rule: &Rule, tally: &Tally, items: u16) -> Option<(Exact, Exact)> {
    if items == 0 {
        return None;
    }
    let (low, high) = (tally.sum + tally.open_low, tally.sum + tally.open_high);
    if rule.verb == Verb::Sum {
        return Some((Exact::from(i64::from(low)), Exact::from(i64::from(high))));
    }
    let per_item = |sum: i32| Exact::new(i64::from(sum), i64::from(items));
    Some((per_item(low)?, per_item(high)?))
}

/// Values a scale that is made from other scales.
pub(super) fn of_scales(rule: &Rule, sources: impl Fn(usize) -> Option<Valued>) -> Valued {
    let absent = |at: usize, bounds| Valued {
        missing_scale: u16::try_from(at).unwrap_or(u16::MAX),
        bounds,
        ..Valued::UNSCORED
    };
    match &rule.verb {
        Verb::Sum | Verb::Mean => Valued::UNSCORED,
        Verb::Ratio { numerator, denominator, counts } => {
            let (Some(top), Some(bottom)) = (sources(*numerator), sources(*denominator)) else {
                return Valued::UNSCORED;
            };
            // The ends of a range per item: what is open counts over all its items.
            let ends = |valued: &Valued, sum: bool| {
                let (low, high) = valued.bounds?;
                if !sum {
                    return Some((low, high));
                }
                let items = Exact::from(i64::from(valued.items));
                Some((low.over(items)?, high.over(items)?))
            };
            let bounds = || {
                let (top, bottom) = (ends(&top, counts.0)?, ends(&bottom, counts.1)?);
                Some((top.0.over(bottom.1)?, top.1.over(bottom.0)?))
            };
            let value = |valued: &Valued, sum: bool| {
                let value = valued.value?;
                if sum { value.over(Exact::from(i64::from(valued.items))) } else { Some(value) }
            };
            let (Some(above), Some(below)) = (value(&top, counts.0), value(&bottom, counts.1))
            else {
                let missing = if top.value.is_none() { *numerator } else { *denominator };
                return absent(missing, bounds());
            };
            let prorated = [&top, &bottom].iter().any(|v| v.status == Status::Prorated);
            Valued {
                status: if prorated { Status::Prorated } else { Status::Complete },
                value: above.over(below),
                bounds: bounds(),
                answered: top.answered + bottom.answered,
                items: top.items + bottom.items,
                dropped: top.dropped || bottom.dropped,
                ..Valued::UNSCORED
            }
        }
        Verb::Times { from, factor } => {
            let Some(source) = sources(*from) else { return Valued::UNSCORED };
            let bounds = || {
                let (low, high) = source.bounds?;
                Some((low.times(*factor)?, high.times(*factor)?))
            };
            match source.value {
                None => absent(*from, bounds()),
                Some(value) => Valued { value: value.times(*factor), bounds: bounds(), ..source },
            }
        }
        Verb::Table { from, first, values } => {
            let Some(source) = sources(*from) else { return Valued::UNSCORED };
            let entry = |value: Exact| {
                let at = usize::try_from(value.as_integer()? - first).ok()?;
                values.get(at).copied()
            };
            let bounds = || {
                let (low, high) = source.bounds.filter(|_| !source.dropped)?;
                let (one, other) = (entry(low)?, entry(high)?);
                Some((one.min(other), one.max(other)))
            };
            // A published table converts complete scores; there is none for prorated ones.
            match source.value.filter(|_| source.status == Status::Complete && !source.dropped) {
                None => absent(*from, bounds()),
                Some(value) => Valued { value: entry(value), bounds: bounds(), ..source },
            }
        }
    }
}
