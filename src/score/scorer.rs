//! An instrument compiled once, to score as often as wanted.

use std::sync::{Arc, OnceLock};

use super::columns::Compiled;
use super::judge::{Judged, judge};
use super::options::{OptionError, ScoreOptions};
use super::rule::{Rule, compile, effective};
use super::scores::{Outcome, Scores};
use super::tally::tally;
use super::value::{Valued, of_items, of_scales};
use crate::answers::{Answer, AnswerError, MissingKind, Sheet};
use crate::instrument::{BandSet, Criterion, Instrument, Role, Scale, Standing, Variant, entangle};

/// A compiled instrument: rules, bands and criteria resolved, ready for any number of sheets.
///
/// Immutable, `Send` and `Sync`, cheap to clone; make one and keep it.
///
/// ```
/// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
/// # let cbi = straingauge::Instrument::parse(text)?;
/// let scorer = cbi.scorer();
/// let sheet = cbi.sheet().answer("personal-1", 75)?.finish();
/// let scores = scorer.score(&sheet)?;
/// assert_eq!(
///     scores.get("personal").unwrap().value().unwrap_err().to_string(),
///     "5 of 6 questions were not asked"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Scorer(Arc<Plan>);

/// What was compiled, without the compiled tables.
impl std::fmt::Debug for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (instrument, options) = (&self.0.instrument, &self.0.options);
        f.debug_struct("Scorer").field("of", instrument).field("options", options).finish()
    }
}

struct Plan {
    instrument: Instrument,
    options: ScoreOptions,
    rules: Vec<Rule>,
    /// Positions of the scales that are reported, in order.
    active: Vec<usize>,
    /// Band set of each reported scale.
    bands: Vec<Option<usize>>,
    judged: Vec<Judged>,
    /// For each item, whether each byte is an answer to it.
    readable: Vec<[bool; 256]>,
    has_gates: bool,
    /// What many sheets need and one does not: made when first asked for.
    compiled: OnceLock<Compiled>,
}

impl Instrument {
    /// Compiles the instrument with its own choices.
    pub fn scorer(&self) -> Scorer {
        Scorer::compile(self, &ScoreOptions::new(), None)
    }

    /// Compiles the instrument with a caller's choices.
    ///
    /// # Errors
    /// A variant, band set or criterion that the file does not have, or a missing rule that a
    /// scale cannot follow.
    pub fn scorer_with(&self, options: &ScoreOptions) -> Result<Scorer, OptionError> {
        let no_such = |kind, found: &str, ids: Vec<&str>| OptionError::NoSuch {
            instrument: self.id().to_owned(),
            kind,
            found: found.chars().take(80).collect(),
            allowed: if ids.is_empty() { "none".to_owned() } else { ids.join(", ") },
        };
        options.missing.check(self)?;
        let variant = match &options.variant {
            None => None,
            Some(id) => {
                Some(self.variants().iter().position(|v| v.id() == id).ok_or_else(|| {
                    no_such("variant", id, self.variants().iter().map(Variant::id).collect())
                })?)
            }
        };
        for id in &options.band_sets {
            if !self.band_sets().iter().any(|set| set.id() == id) {
                let mut ids: Vec<&str> = self.band_sets().iter().map(BandSet::id).collect();
                ids.dedup();
                return Err(no_such("band set", id, ids));
            }
        }
        for id in &options.criteria {
            if !self.criteria().iter().any(|criterion| criterion.id() == id) {
                let ids = self.criteria().iter().map(Criterion::id).collect();
                return Err(no_such("criterion", id, ids));
            }
        }
        Ok(Scorer::compile(self, options, variant))
    }

    /// Scores one sheet with the instrument's own choices. Where many are scored, keep a
    /// [`Scorer`].
    ///
    /// # Errors
    /// A sheet of another instrument or version.
    pub fn score(&self, sheet: &Sheet) -> Result<Scores, AnswerError> {
        self.scorer().score(sheet)
    }
}

impl Scorer {
    fn compile(instrument: &Instrument, options: &ScoreOptions, variant: Option<usize>) -> Self {
        let active: Vec<usize> = match variant.and_then(|at| instrument.variants().get(at)) {
            Some(variant) => variant.scales().to_vec(),
            None => {
                let scales = instrument.scales().iter().enumerate();
                scales.filter(|(_, scale)| scale.only_in().is_none()).map(|(at, _)| at).collect()
            }
        };
        let bands = active.iter().map(|scale| chosen_set(instrument, *scale, options)).collect();
        let scale_items = entangle::scale_items(instrument.scales());
        let judged = instrument.criteria().iter().enumerate();
        let judged = judged
            .filter(|(at, criterion)| {
                let named = options.criteria.iter().any(|id| id == criterion.id());
                named || (is_judged(criterion) && is_about(*at, instrument, &active))
            })
            .map(|(at, _)| Judged::new(instrument, at, &scale_items))
            .collect();
        let readable = instrument.items().iter().map(|item| {
            let mut readable = [false; 256];
            for (byte, is) in (0..=u8::MAX).zip(readable.iter_mut()) {
                *is = match Answer::from_byte(byte) {
                    Answer::Code(code) => item.responses().contains(code),
                    Answer::Missing(_) => true,
                };
            }
            readable
        });
        Self(Arc::new(Plan {
            instrument: instrument.clone(),
            options: options.clone(),
            rules: compile(instrument, &options.missing),
            active,
            bands,
            judged,
            readable: readable.collect(),
            has_gates: instrument.items().iter().any(|item| item.implied().is_some()),
            compiled: OnceLock::new(),
        }))
    }

    /// The instrument.
    pub fn instrument(&self) -> &Instrument {
        &self.0.instrument
    }

    /// The scales that are reported, in order.
    pub fn scales(&self) -> impl ExactSizeIterator<Item = &Scale> {
        self.0
            .active
            .iter()
            .filter_map(|at| self.0.instrument.scales().get(*at))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The band set that a reported scale is read by, if any.
    pub fn band_set(&self, scale: &str) -> Option<&BandSet> {
        let at = self.position(scale)?;
        self.set_at(at)
    }

    /// The criteria that are reported: no steps, and of other standing than current only on request.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.0.judged.iter().filter_map(|judged| self.0.instrument.criteria().get(judged.criterion))
    }

    /// Hash of a scale's scoring rule: scores compare where it is equal.
    pub fn rule_hash(&self, scale: &str) -> Option<&str> {
        let at = self.0.instrument.scale_position(scale)?;
        self.0.rules.get(at).map(|rule| rule.hash.as_str())
    }

    /// Scores one sheet.
    ///
    /// # Errors
    /// A sheet of another instrument or version.
    pub fn score(&self, sheet: &Sheet) -> Result<Scores, AnswerError> {
        if sheet.instrument() != &self.0.instrument {
            let name = |of: &Instrument| format!("{}@{}", of.id(), of.version());
            let (found, expected) = (name(sheet.instrument()), name(&self.0.instrument));
            return Err(AnswerError::OtherInstrument { found, expected });
        }
        Ok(self.scored(sheet.as_bytes()))
    }

    /// Scores one row: one byte per item in form order; see [`Answer::to_byte`].
    ///
    /// # Errors
    /// A row of another length, or a code that an item does not offer.
    pub fn score_row(&self, row: &[u8]) -> Result<Scores, AnswerError> {
        if row.len() != self.0.readable.len() {
            return Err(AnswerError::WrongCount {
                instrument: self.0.instrument.id().to_owned(),
                found: row.len(),
                expected: self.0.readable.len(),
            });
        }
        for (at, (byte, readable)) in row.iter().zip(&self.0.readable).enumerate() {
            if readable.get(usize::from(*byte)) != Some(&true) {
                return Err(self.not_offered(None, at, *byte));
            }
        }
        Ok(self.scored(row))
    }

    /// Scores of nobody yet, to be overwritten by [`Self::score_row_into`]: every item not asked.
    pub fn no_scores(&self) -> Scores {
        self.scored(&vec![NOT_ASKED; self.0.readable.len()])
    }

    /// Scores one row into scores that are there already, in their memory. Allocates nothing if they
    /// are of this scorer, but for criteria whose tests share an item that is missing.
    ///
    /// ```
    /// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
    /// # let phq9 = straingauge::Instrument::parse(text).unwrap();
    /// let scorer = phq9.scorer();
    /// let mut scores = scorer.no_scores();
    /// for row in [[1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [3, 3, 3, 3, 3, 3, 3, 3, 0, 2]] {
    ///     scorer.score_row_into(&row, &mut scores)?;
    /// }
    /// assert_eq!(scores.get("total").unwrap().band().unwrap().label(), "severe");
    /// # Ok::<(), straingauge::answers::AnswerError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Self::score_row`]; the scores are then as they were.
    pub fn score_row_into(&self, row: &[u8], into: &mut Scores) -> Result<(), AnswerError> {
        if !Arc::ptr_eq(&self.0, &into.scorer().0) {
            *into = self.score_row(row)?;
            return Ok(());
        }
        let compiled = self.counting();
        if row.len() != self.0.readable.len() || !compiled.count(row, into.counts()) {
            // The slow way says what is wrong.
            return self.score_row(row).map(|scores| *into = scores);
        }
        let byte =
            |item: usize| self.effective_byte(item, |at| row.get(at).copied().unwrap_or(NOT_ASKED));
        let (own_row, scales, criteria, counts) = into.parts();
        own_row.copy_from_slice(row);
        for ((position, at), slot) in self.0.active.iter().enumerate().zip(scales) {
            let state = if self.0.has_gates { None } else { compiled.state(position, counts) };
            match state {
                Some(state) => *slot = *state,
                None => *slot = self.valued(*at, byte).in_bands(self.set_at(position)),
            }
        }
        for (slot, outcome) in criteria.iter_mut().zip(self.outcomes(byte)) {
            *slot = outcome;
        }
        Ok(())
    }

    fn scored(&self, row: &[u8]) -> Scores {
        let byte =
            |item: usize| self.effective_byte(item, |at| row.get(at).copied().unwrap_or(NOT_ASKED));
        let scales = self.0.active.iter().enumerate();
        let scales =
            scales.map(|(position, at)| self.valued(*at, byte).in_bands(self.set_at(position)));
        let scales = scales.collect();
        Scores::new(self, row, scales, self.outcomes(byte).collect())
    }

    /// One scale of one row: the same for one sheet and for the rows of a table.
    pub(super) fn valued(&self, scale: usize, byte: impl Fn(usize) -> u8 + Copy) -> Valued {
        let Some(rule) = self.0.rules.get(scale) else { return Valued::UNSCORED };
        if !rule.terms.is_empty() {
            return of_items(rule, &tally(rule, byte));
        }
        of_scales(rule, |at| {
            let rule = self.0.rules.get(at).filter(|rule| !rule.terms.is_empty())?;
            Some(of_items(rule, &tally(rule, byte)))
        })
    }

    /// The answer that holds for an item, gates considered.
    #[inline]
    pub(super) fn effective_byte(&self, item: usize, byte: impl Fn(usize) -> u8) -> u8 {
        let own = byte(item);
        if !self.0.has_gates {
            return own;
        }
        self.0.instrument.items().get(item).map_or(own, |item| effective(item, own, byte))
    }

    pub(super) fn outcomes(
        &self,
        byte: impl Fn(usize) -> u8 + Copy,
    ) -> impl Iterator<Item = Outcome> {
        self.0
            .judged
            .iter()
            .map(move |judged| judge(&self.0.instrument, &self.0.rules, judged, byte))
    }

    pub(super) fn not_offered(&self, row: Option<usize>, item: usize, byte: u8) -> AnswerError {
        match self.0.instrument.items().get(item) {
            Some(item) => AnswerError::not_offered(row, item, i64::from(byte)),
            None => AnswerError::WrongCount {
                instrument: self.0.instrument.id().to_owned(),
                found: item,
                expected: self.0.instrument.items().len(),
            },
        }
    }

    pub(crate) fn options(&self) -> &ScoreOptions {
        &self.0.options
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    #[inline]
    pub(super) fn active(&self) -> &[usize] {
        &self.0.active
    }

    pub(super) fn readable(&self) -> &[[bool; 256]] {
        &self.0.readable
    }

    /// The tables for counting.
    pub(super) fn counting(&self) -> &Compiled {
        self.0.compiled.get_or_init(|| {
            let sets: Vec<Option<&BandSet>> =
                (0..self.0.active.len()).map(|position| self.set_at(position)).collect();
            let (rules, active) = (&self.0.rules, &self.0.active);
            Compiled::new(&self.0.instrument, rules, active, (&sets, &self.0.readable))
        })
    }

    /// Position among the reported scales.
    pub(super) fn position(&self, scale: &str) -> Option<usize> {
        let scales = self.0.instrument.scales();
        self.0.active.iter().position(|at| scales.get(*at).is_some_and(|s| s.id() == scale))
    }

    /// The band set of the reported scale at a position.
    pub(super) fn set_at(&self, position: usize) -> Option<&BandSet> {
        let set = self.0.bands.get(position).copied().flatten()?;
        self.0.instrument.band_sets().get(set)
    }
}

const NOT_ASKED: u8 = Answer::Missing(MissingKind::NotAsked).to_byte();

/// The set that the caller named, else the file's default.
fn chosen_set(instrument: &Instrument, scale: usize, options: &ScoreOptions) -> Option<usize> {
    let sets = || instrument.band_sets().iter().enumerate();
    let divides = |set: &BandSet| set.scales().contains(&scale);
    let named = sets()
        .find(|(_, set)| divides(set) && options.band_sets.iter().any(|named| named == set.id()));
    let default = || sets().find(|(_, set)| divides(set) && set.is_default());
    named.or_else(default).map(|(at, _)| at)
}

/// Steps are parts of others; what is disputed or deprecated is not said unless asked for; safety
/// is always said.
fn is_judged(criterion: &Criterion) -> bool {
    match criterion.role() {
        Some(Role::Safety) => true,
        Some(Role::Step) => false,
        _ => {
            let standing = criterion.basis().map(crate::instrument::Basis::standing);
            standing == Some(Standing::Current)
        }
    }
}

/// Whether every scale that a criterion tests is reported; safety does not wait for scales.
fn is_about(at: usize, instrument: &Instrument, active: &[usize]) -> bool {
    let safety = instrument.criteria().get(at).is_some_and(|c| c.role() == Some(Role::Safety));
    let tests = entangle::tests(at, instrument.criteria());
    safety
        || tests.iter().all(|test| match test {
            crate::instrument::Part::Scale { scale, .. } => active.contains(scale),
            _ => true,
        })
}
