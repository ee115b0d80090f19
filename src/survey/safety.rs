//! Safety items: seen as soon as a row is read, before anything can become of the row.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::instrument::{Criterion, Instrument, Part, Role};
use crate::score::{Outcome, Scorer};
use crate::stored::map_only;

/// What the safety items of a file say. An answer that meets one is listed whatever becomes of its
/// row: whether the row is left out, comes twice, has no id or date, or has no score.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct SafetyFindings {
    /// Every answer that meets a safety criterion, in file order.
    pub met: Vec<SafetyFinding>,
    /// Rows in which a safety criterion cannot be decided, because the question was left open.
    pub undetermined: u64,
}

/// An answer that meets a safety criterion: somebody should look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct SafetyFinding {
    /// Data row, from 1.
    pub row: u64,
    /// The wave, in a file with a wave beside a wave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// The person's id, if a column of ids was named.
    pub id: Option<String>,
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the criterion.
    pub criterion: String,
    /// Whether the row itself was left out of the scores, as an unfinished one can be.
    #[serde(default)]
    pub left_out: bool,
}

map_only!(SafetyFindings, SafetyFinding);

impl SafetyFindings {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.met.is_empty() && self.undetermined == 0
    }
}

/// Which row is looked at.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    pub(super) row: u64,
    pub(super) wave: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) left_out: bool,
}

/// Looks at the safety items of one instrument.
#[derive(Debug)]
pub(super) struct SafetyWatch {
    /// Which of the file's instruments.
    pub(super) plan: usize,
    scorer: Scorer,
    /// Places of the items that decide.
    items: Vec<usize>,
    /// What came of the answers to these items. Few combinations occur, so a row is seldom scored
    /// for this.
    known: HashMap<Vec<u8>, Vec<(String, Outcome)>>,
}

/// Combinations of answers that are remembered.
const REMEMBERED: usize = 4096;

impl SafetyWatch {
    /// Returns a watch, where the instrument has a safety criterion.
    pub(super) fn of(plan: usize, instrument: &Instrument) -> Option<Self> {
        let is_safety = |one: &&Criterion| one.role() == Some(Role::Safety);
        let mut items: Vec<usize> = Vec::new();
        let mut open: Vec<&Criterion> = instrument.criteria().iter().filter(is_safety).collect();
        if open.is_empty() {
            return None;
        }
        while let Some(criterion) = open.pop() {
            for part in criterion.parts() {
                match part {
                    Part::Item { item, .. } => items.push(*item),
                    // A score may rest on any item.
                    Part::Scale { .. } => items.extend(0..instrument.items().len()),
                    Part::Criterion(at) => open.extend(instrument.criteria().get(*at)),
                }
            }
        }
        items.sort_unstable();
        items.dedup();
        Some(Self { plan, scorer: instrument.scorer(), items, known: HashMap::new() })
    }

    /// Enters what the answers of a row say.
    pub(super) fn look(&mut self, answers: &[u8], at: Looked<'_>, found: &mut SafetyFindings) {
        let key: Vec<u8> =
            self.items.iter().filter_map(|item| answers.get(*item).copied()).collect();
        if !self.known.contains_key(&key) {
            if self.known.len() == REMEMBERED {
                self.known.clear();
            }
            let Ok(scores) = self.scorer.score_row(answers) else { return };
            let outcomes = scores.safety();
            let outcomes =
                outcomes.map(|view| (view.criterion().id().to_owned(), view.outcome())).collect();
            self.known.insert(key.clone(), outcomes);
        }
        let mut undetermined = false;
        for (criterion, outcome) in self.known.get(&key).into_iter().flatten() {
            match outcome {
                Outcome::Met => found.met.push(SafetyFinding {
                    row: at.row,
                    wave: at.wave.map(str::to_owned),
                    id: at.id.map(str::to_owned),
                    instrument: self.scorer.instrument().id().to_owned(),
                    criterion: criterion.clone(),
                    left_out: at.left_out,
                }),
                Outcome::Undetermined => undetermined = true,
                _ => {}
            }
        }
        found.undetermined += u64::from(undetermined);
    }
}
