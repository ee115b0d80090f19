//! What the flags would change: the sample with and without flagged people, side by side.

use super::{Flag, QualityError, ResponseQuality};
use crate::num::ItemSums;
use crate::num::moments::Moments;
use crate::score::{KeyedError, Status};

/// How often people are flagged, and each scale with everybody and without them.
///
/// For the reader's judgement: the crate drops nobody, and a report states both.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QualitySummary {
    /// People in the sample.
    pub people: usize,
    /// People with one flag or more.
    pub flagged: usize,
    /// People per flag, the strongest first.
    pub flags: Vec<FlagCount>,
    /// Each scale that is made of items and was asked whole.
    pub scales: Vec<ScaleComparison>,
}

/// How often one flag was raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlagCount {
    /// The flag.
    pub flag: Flag,
    /// People with it.
    pub people: usize,
    /// People of whom it could be told.
    pub assessable: usize,
}

/// One scale with everybody and without flagged people.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ScaleComparison {
    /// Id of the scale.
    pub scale: String,
    /// Everybody.
    pub everybody: ScaleDescription,
    /// People without a flag.
    pub unflagged: ScaleDescription,
}

/// A scale in a group of people.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ScaleDescription {
    /// People with a score.
    pub n: u64,
    /// Mean score.
    pub mean: Option<f64>,
    /// Standard deviation, with n - 1.
    pub sd: Option<f64>,
    /// Alpha over the people who answered every item.
    pub alpha: Option<f64>,
}

impl ResponseQuality<'_> {
    /// Compares the sample with and without flagged people.
    pub fn summary(&self) -> Result<QualitySummary, QualityError> {
        let flags: Vec<Vec<Flag>> = self.people().map(|person| person.flags()).collect();
        let unflagged = |row: usize| flags.get(row).is_some_and(Vec::is_empty);
        let counts = Flag::ALL.into_iter().map(|flag| FlagCount {
            flag,
            people: flags.iter().filter(|of_person| of_person.contains(&flag)).count(),
            assessable: self.assessable(flag),
        });
        let columns = self.scorer.score_columns(&self.table)?;
        let mut scales = Vec::new();
        for column in &columns.scales {
            let keyed = match self.scorer.keyed(&self.table, &column.scale) {
                Ok(keyed) => keyed,
                // Made of other scales, or not asked whole: nothing to compare item by item.
                Err(KeyedError::NotOfItems { .. } | KeyedError::NotAsked { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let describe = |keep: &dyn Fn(usize) -> bool| {
                let scored = column.values.iter().zip(&column.states).enumerate();
                let scores: Moments = scored
                    .filter(|(row, (_, state))| keep(*row) && Status::is_scored(**state))
                    .map(|(_, (value, _))| *value)
                    .collect();
                ScaleDescription {
                    n: scores.n(),
                    mean: scores.mean(),
                    sd: scores.sd(),
                    alpha: ItemSums::listwise(&keyed.items().filter_rows(keep)).alpha(),
                }
            };
            scales.push(ScaleComparison {
                scale: column.scale.clone(),
                everybody: describe(&|_| true),
                unflagged: describe(&unflagged),
            });
        }
        Ok(QualitySummary {
            people: self.len(),
            flagged: flags.iter().filter(|of_person| !of_person.is_empty()).count(),
            flags: counts.collect(),
            scales,
        })
    }

    fn assessable(&self, flag: Flag) -> usize {
        let told = |row: &usize| {
            let person = self.person(*row);
            match flag {
                Flag::StraightlineAcrossKeys => person.straightline_across_keys().is_ok(),
                Flag::Straightline => self.flags_longstring() && person.longstring().is_ok(),
                Flag::Fast => person.seconds_per_item().is_ok(),
                Flag::MostlyUnanswered => true,
                Flag::Distant => self.flags_distance() && person.mahalanobis().is_ok(),
            }
        };
        (0..self.len()).filter(told).count()
    }
}
