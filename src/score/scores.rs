//! What a sheet gives: scores, bands and criteria, each with what it was made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::explain::Explanation;
use super::scorer::Scorer;
#[cfg(feature = "csv")]
use super::value::NO_STATE;
use super::value::{Absence, Status, Valued};
use crate::answers::{Answer, MissingKind};
use crate::instrument::{Basis, Criterion, Exact, Item, Key, Role, Scale, entangle};
use crate::words::Words;

/// Whether a criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// Met, whatever the missing answers.
    Met,
    /// Not met, whatever the missing answers.
    NotMet,
    /// The missing answers decide.
    Undetermined,
}

impl Outcome {
    /// The word in files and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// All scores of one sheet.
///
/// ```
/// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
/// # let cbi = straingauge::Instrument::parse(text)?;
/// let mut sheet = cbi.sheet();
/// for (item, code) in [("personal-1", 75), ("personal-2", 50), ("personal-3", 50)] {
///     sheet = sheet.answer(item, code)?;
/// }
/// for item in ["personal-4", "personal-5", "personal-6"] {
///     sheet = sheet.decline(item)?;
/// }
/// let scores = cbi.score(&sheet.finish())?;
/// let personal = scores.get("personal").unwrap();
/// let score = personal.value().unwrap();
/// assert_eq!(score.to_f64(), 175.0 / 3.0);
/// assert_eq!((score.answered(), score.items()), (3, 6));
/// let (low, high) = personal.bounds().unwrap();
/// assert_eq!((low.to_f64(), high.to_f64()), (175.0 / 6.0, 475.0 / 6.0));
/// assert_eq!(scores.get("client").unwrap().value().unwrap_err().to_string(), "6 of 6 questions were not asked");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scores {
    scorer: Scorer,
    row: Box<[u8]>,
    scales: Vec<Valued>,
    criteria: Vec<Outcome>,
    /// What [`Scorer::score_row_into`] counts, kept for its memory.
    counts: Vec<u64>,
}

impl Scores {
    /// Overwrites what is there, in its own memory.
    pub(super) fn parts(&mut self) -> (&mut [u8], &mut [Valued], &mut [Outcome], &[u64]) {
        (&mut self.row, &mut self.scales, &mut self.criteria, &self.counts)
    }

    pub(super) const fn counts(&mut self) -> &mut Vec<u64> {
        &mut self.counts
    }

    pub(super) fn new(
        scorer: &Scorer,
        row: &[u8],
        scales: Vec<Valued>,
        criteria: Vec<Outcome>,
    ) -> Self {
        Self { scorer: scorer.clone(), row: row.into(), scales, criteria, counts: Vec::new() }
    }

    /// What scored the sheet.
    pub const fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// Every reported scale, in order.
    pub fn iter(&self) -> impl Iterator<Item = ScaleView<'_>> {
        self.scorer.active().iter().zip(&self.scales).enumerate().filter_map(
            |(position, (at, valued))| {
                let scale = self.scorer.instrument().scales().get(*at)?;
                Some(ScaleView { scores: self, scale, position, valued })
            },
        )
    }

    /// The scale of this id, if it is reported.
    pub fn get(&self, scale: &str) -> Option<ScaleView<'_>> {
        self.iter().find(|view| view.scale.id() == scale)
    }

    /// Every reported criterion with its outcome.
    pub fn criteria(&self) -> impl Iterator<Item = CriterionView<'_>> {
        self.scorer
            .criteria()
            .zip(&self.criteria)
            .map(|(criterion, outcome)| CriterionView { criterion, outcome: *outcome })
    }

    /// The criterion of this id, if it is reported.
    pub fn criterion(&self, id: &str) -> Option<CriterionView<'_>> {
        self.criteria().find(|view| view.criterion.id() == id)
    }

    /// The criteria on items where a person should look now, whatever the totals.
    pub fn safety(&self) -> impl Iterator<Item = CriterionView<'_>> {
        self.criteria().filter(CriterionView::is_safety)
    }

    /// How a reported scale came about, step by step, with sources.
    pub fn explain(&self, scale: &str) -> Option<Explanation> {
        self.get(scale).map(|view| Explanation::of(&view))
    }

    /// The answer that holds for the item at a position, gates considered.
    pub(super) fn byte(&self, item: usize) -> u8 {
        self.scorer.effective_byte(item, |at| self.row.get(at).copied().unwrap_or(u8::MAX))
    }
}

/// One scale of a sheet: its score, or the reason why there is none.
#[derive(Debug, Clone, Copy)]
pub struct ScaleView<'a> {
    pub(super) scores: &'a Scores,
    pub(super) scale: &'a Scale,
    pub(super) position: usize,
    pub(super) valued: &'a Valued,
}

impl<'a> ScaleView<'a> {
    /// The scale.
    pub const fn scale(&self) -> &'a Scale {
        self.scale
    }

    /// How it came out.
    pub const fn status(&self) -> Status {
        self.valued.status
    }

    /// The score.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn value(&self) -> Result<Score<'a>, Absence> {
        match self.valued.value {
            Some(value) => Ok(Score { view: *self, value }),
            None => Err(self.absence()),
        }
    }

    fn absence(&self) -> Absence {
        let valued = self.valued;
        let (count, total) = (valued.count, u16::try_from(self.total()).unwrap_or(u16::MAX));
        match valued.status {
            Status::NotAsked => Absence::NotAsked { count, total },
            Status::Unreadable => Absence::Unreadable { count, total },
            Status::NotApplicable => Absence::NotApplicable { count, total },
            Status::TooFewAnswered => Absence::TooFewAnswered {
                answered: valued.answered,
                needed: count,
                total: valued.items,
            },
            _ => {
                let scales = self.scores.scorer.instrument().scales();
                let missing = scales.get(usize::from(valued.missing_scale));
                Absence::DependsOnAbsent { scale: missing.map_or("", Scale::id).to_owned() }
            }
        }
    }

    fn total(&self) -> usize {
        self.scale.key().terms().len()
    }

    /// Items answered, of those that apply.
    pub fn answered(&self) -> usize {
        usize::from(self.valued.answered)
    }

    /// Items that apply.
    pub fn items(&self) -> usize {
        usize::from(self.valued.items)
    }

    /// Lowest and highest value that the missing answers allow; both the value where none is
    /// missing. Given for absent scores too, where a range can be said.
    pub const fn bounds(&self) -> Option<(Exact, Exact)> {
        self.valued.bounds
    }

    /// The band, where the scale has a value and a band set. A scale that lost items which do not
    /// apply has none: the edges hold for the whole scale.
    pub fn band(&self) -> Option<Band<'a>> {
        let set = self.scores.scorer.set_at(self.position)?;
        let (position, certain) = (usize::from(self.valued.band), self.valued.certain);
        let label = set.bands().get(position)?.label();
        Some(Band { set: set.id(), label, position, certain, basis: set.basis() })
    }

    /// Place among the states of the scale, where these are few: rows with the same place have the
    /// same value, band and status.
    #[cfg(feature = "csv")]
    pub(crate) fn state(&self) -> Option<usize> {
        if self.valued.state == NO_STATE { None } else { usize::try_from(self.valued.state).ok() }
    }

    /// Published standard error of a score converted by a table.
    pub fn table_error(&self) -> Option<Exact> {
        let Key::Table { values, errors, .. } = self.scale.key() else { return None };
        let value = self.valued.value?;
        let at = values.iter().position(|known| *known == value)?;
        errors.get(at).copied()
    }

    /// Items without an answer that the missing rule filled in, with the kind of each, in form
    /// order; those of its sources where the scale is made from others.
    pub fn filled_in(&self) -> Vec<(&'a Item, MissingKind)> {
        let instrument = self.scores.scorer.instrument();
        let Some(at) = instrument.scale_position(self.scale.id()) else { return Vec::new() };
        let items = entangle::items_of(at, instrument.scales()).into_iter();
        let missing = items.filter_map(|item| match Answer::from_byte(self.scores.byte(item)) {
            Answer::Missing(MissingKind::NotApplicable) if self.valued.dropped => None,
            Answer::Missing(kind) => Some((instrument.items().get(item)?, kind)),
            Answer::Code(_) => None,
        });
        if self.valued.status == Status::Prorated { missing.collect() } else { Vec::new() }
    }
}

/// A value, with the view that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Score<'a> {
    view: ScaleView<'a>,
    value: Exact,
}

impl Score<'_> {
    /// The exact value.
    pub const fn exact(&self) -> Exact {
        self.value
    }

    /// The nearest `f64`.
    pub const fn to_f64(&self) -> f64 {
        self.value.to_f64()
    }

    /// Items answered.
    pub fn answered(&self) -> usize {
        self.view.answered()
    }

    /// Items that apply.
    pub fn items(&self) -> usize {
        self.view.items()
    }

    /// Whether missing answers were filled in by the missing rule.
    pub fn is_prorated(&self) -> bool {
        self.view.valued.status == Status::Prorated
    }

    /// The band in plain words, or nothing where no sourced band set exists.
    pub fn words(&self) -> String {
        let words = Words::english();
        let band = self.view.band();
        band.map_or(String::new(), |band| words.label("band", band.label).into_owned())
    }
}

/// The value, rounded to the decimals that the scale shows.
impl fmt::Display for Score<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.view.scale.decimals(), self.value.as_integer()) {
            (_, Some(integer)) => write!(f, "{integer}"),
            (Some(decimals), _) => write!(f, "{:.*}", usize::from(decimals), self.to_f64()),
            (None, _) => write!(f, "{:.2}", self.to_f64()),
        }
    }
}

/// The band of a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band<'a> {
    set: &'a str,
    label: &'a str,
    position: usize,
    certain: bool,
    basis: &'a Basis,
}

impl<'a> Band<'a> {
    /// Id of the band set.
    pub const fn set(&self) -> &'a str {
        self.set
    }

    /// Label of the band.
    pub const fn label(&self) -> &'a str {
        self.label
    }

    /// Position of the band in its set, from the lowest.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Whether every completion of the missing answers gives the same band.
    pub const fn is_certain(&self) -> bool {
        self.certain
    }

    /// What the edges rest on.
    pub const fn basis(&self) -> &'a Basis {
        self.basis
    }
}

/// One criterion of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct CriterionView<'a> {
    criterion: &'a Criterion,
    outcome: Outcome,
}

impl<'a> CriterionView<'a> {
    /// The rule.
    pub const fn criterion(&self) -> &'a Criterion {
        self.criterion
    }

    /// Whether it is met.
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether a person should look now if it is met or cannot be said.
    pub fn is_safety(&self) -> bool {
        self.criterion.role() == Some(Role::Safety)
    }
}
