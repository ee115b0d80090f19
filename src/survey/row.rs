//! One data row: its answers, and the cells that are handed through.

use super::cells::Cells;
use super::reader::{Plan, Slot, text};
use super::report::{OpenBands, PersonFinding, PersonFindings};
use super::safety::SafetyFinding;
use crate::score::{Absence, Scores, Status};

/// One data row.
#[derive(Debug)]
pub struct Row<'r> {
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) cells: &'r Cells,
    pub(super) answers: &'r [u8],
    pub(super) plans: &'r mut [Plan],
    pub(super) slots: &'r [Slot],
    pub(super) id: Option<usize>,
    pub(super) wave: Option<&'r str>,
    pub(super) asked: &'r [Option<usize>],
    pub(super) safety: &'r [SafetyFinding],
    pub(super) not_scored: &'r mut PersonFindings,
    pub(super) open_bands: &'r mut Vec<OpenBands>,
}

impl<'r> Row<'r> {
    /// Number of the row: the first data row is 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Line of the file on which it begins.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The answers to an instrument, by its number in the import: one byte per item in printed
    /// order, see [`Answer::to_byte`](crate::answers::Answer::to_byte). Empty for a number that there is not.
    pub fn answers(&self, instrument: usize) -> &'r [u8] {
        let plan = self.plans.get(instrument);
        plan.and_then(|plan| self.answers.get(plan.range.clone())).unwrap_or_default()
    }

    /// Who answered: the cell of the column of ids, unchanged.
    pub fn id(&self) -> Option<&'r str> {
        self.id.and_then(|at| self.cells.get(at)).map(text)
    }

    /// The wave, in a file with a wave beside a wave; see [`Import::waves`](super::Import::waves).
    pub const fn wave(&self) -> Option<&'r str> {
        self.wave
    }

    /// A column that was asked for, by its number in the import, unchanged. Nothing where a wave has
    /// no such column.
    pub fn cell(&self, column: usize) -> &'r str {
        let at = self.asked.get(column).copied().flatten();
        at.and_then(|at| self.cells.get(at)).map(text).unwrap_or_default()
    }

    /// The text that an item's answer was read from, unchanged.
    pub fn item_text(&self, instrument: usize, item: usize) -> Option<&'r str> {
        let slots = self.slots.get(self.plans.get(instrument)?.range.clone())?;
        self.cells.get(slots.get(item)?.column?).map(text)
    }

    /// Returns the safety criteria that the answers of this row meet.
    pub fn safety(&self) -> &'r [SafetyFinding] {
        self.safety
    }

    /// Enters into the report which scales could not be scored, and what scored the others.
    pub fn note(&mut self, instrument: usize, scores: &Scores) {
        let Some(plan) = self.plans.get_mut(instrument) else { return };
        plan.import.receipt.get_or_insert_with(|| scores.receipt());
        for view in scores.iter() {
            if view.band().is_some_and(|band| !band.is_certain()) {
                open_band(self.open_bands, &plan.import.instrument, view.scale().id());
            }
        }
        let not_asked =
            |id: &str| scores.get(id).is_some_and(|view| view.status() == Status::NotAsked);
        for view in scores.iter().filter(|view| !view.status().is_scored()) {
            let Err(absence) = view.value() else { continue };
            let (scale, status) = (view.scale().id(), view.status().as_str());
            let own = plan.import.instrument.as_str();
            // Whether a question was asked is a matter of the file, not of the person.
            let listed = match &absence {
                Absence::NotAsked { .. } => false,
                Absence::DependsOnAbsent { scale } => !not_asked(scale),
                _ => true,
            };
            let describe = || PersonFinding {
                row: self.number,
                wave: self.wave.map(str::to_owned),
                id: self.id.and_then(|at| self.cells.get(at)).map(|id| text(id).to_owned()),
                instrument: own.to_owned(),
                scale: scale.to_owned(),
                status: status.to_owned(),
                reason: absence.to_string(),
            };
            self.not_scored.add((own, scale, status), listed.then_some(describe));
        }
    }
}

/// Counts a person whose band the missing answers leave open.
fn open_band(all: &mut Vec<OpenBands>, instrument: &str, scale: &str) {
    let same = |known: &&mut OpenBands| known.scale == scale && known.instrument == instrument;
    match all.iter_mut().find(same) {
        Some(known) => known.people += 1,
        None => all.push(OpenBands {
            instrument: instrument.to_owned(),
            scale: scale.to_owned(),
            people: 1,
        }),
    }
}
