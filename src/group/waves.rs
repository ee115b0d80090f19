//! What has changed between two waves, for units.

// Units are positions in the tree of the matched tallies.
#![allow(clippy::indexing_slicing)]

use super::disclosure::{Shown, guard};
use super::measures::{Measures, Person, ScaleMeasure, ScaleValue};
use super::publish::sample;
use super::report::{
    ChangeReport, CutReport, Entry, GroupReport, MatchedChange, ScaleChange, UnitChange, UnitReport,
};
use super::stats::{Sample, mean_interval, welch};
use super::tallies::{Gathered, Tallies};
use super::{GroupError, Ledger};

/// Differences of the same people between two waves.
///
/// A person counts in every unit that they were in both times: with a move within a directorate
/// they count for the directorate and not for either team.
#[derive(Debug, Clone)]
pub struct Matched {
    tallies: Tallies,
    scratch: Person,
}

impl Matched {
    /// Nobody yet; the measures of both waves.
    pub fn new(measures: &Measures) -> Result<Self, GroupError> {
        let scales = measures.scales.iter().map(|scale| {
            let span = scale.high - scale.low;
            ScaleMeasure::new(&scale.id, -span, span)
        });
        let differences = scales.fold(Measures::new(&measures.id), Measures::with_scale);
        let tallies = Tallies::new(differences, ["unit"])?;
        Ok(Self { scratch: tallies.measures().person(), tallies })
    }

    /// Counts a person by their path of units and their scores, first then and now.
    pub fn add<S: AsRef<str>>(
        &mut self,
        then: (&[S], &Person),
        now: (&[S], &Person),
    ) -> Result<(), GroupError> {
        let both = then.0.iter().zip(now.0).take_while(|(a, b)| a.as_ref() == b.as_ref()).count();
        let unit = self.tallies.unit("unit", now.0.get(..both).unwrap_or_default())?;
        self.scratch.clear();
        for (at, (before, after)) in then.1.scales.iter().zip(&now.1.scales).enumerate() {
            if let (Some(before), Some(after)) = (before, after) {
                let value = after.value - before.value;
                self.scratch.scale(at, ScaleValue { value, band: None, prorated: false });
            }
        }
        self.tallies.add(&[unit], &self.scratch)
    }

    /// Takes in the people of another shard.
    pub fn merge(&mut self, other: &Self) -> Result<(), GroupError> {
        self.tallies.merge(&other.tallies)
    }
}

impl Ledger {
    /// The change between two reports that this ledger has released, for units of the first cut
    /// that both of them show: what the ledger has hidden in either has no change.
    ///
    /// The interval takes the two waves for different people. Many are the same, so it is wider
    /// than need be; [`ChangeReport::with_matched`] does better.
    pub fn change(
        &self,
        before: &GroupReport,
        after: &GroupReport,
    ) -> Result<ChangeReport, GroupError> {
        let known = |report: &GroupReport| self.has_released(report);
        if !(known(before) && known(after)) || before.measured.id != after.measured.id {
            return Err(GroupError::NotReleased);
        }
        let (Some(cut_before), Some(cut_after)) = (before.cuts.first(), after.cuts.first()) else {
            return Err(GroupError::NotReleased);
        };
        let confidence = after.settings.confidence;
        let units = cut_after.units.iter().map(|unit| UnitChange {
            path: unit.path.clone(),
            scales: unit
                .scales
                .iter()
                .map(|entry| {
                    let then = at(cut_before, &unit.path).and_then(|unit| shown(unit, &entry.id));
                    let change = then.zip(shown(unit, &entry.id)).map(|(then, now)| ScaleChange {
                        before: then.mean,
                        after: now.mean,
                        difference: now.mean - then.mean,
                        interval: welch(&now, &then, confidence).map(|welch| welch.interval),
                        matched: None,
                    });
                    Entry::new(&entry.id, change)
                })
                .collect(),
        });
        let fewest = |report: &GroupReport| {
            report.settings.threshold + u32::from(report.settings.against_insiders)
        };
        Ok(ChangeReport {
            from: before.wave.clone().unwrap_or_default(),
            to: after.wave.clone().unwrap_or_default(),
            units: units.collect(),
            fewest: fewest(before).max(fewest(after)),
            confidence,
            released: after.released,
        })
    }
}

fn at<'a>(cut: &'a CutReport, path: &[String]) -> Option<&'a UnitReport> {
    cut.units.iter().find(|unit| unit.path == path)
}

fn shown(unit: &UnitReport, scale: &str) -> Option<Sample> {
    let scale = unit.scale(scale)?;
    let sd = scale.sd.unwrap_or(0.0);
    Some(Sample { n: scale.n, mean: scale.mean, variance: sd * sd })
}

impl ChangeReport {
    /// Adds the mean change of the people who answered in both waves, where enough of them are
    /// known and they did not all change alike.
    pub fn with_matched(mut self, matched: &Matched) -> Result<Self, GroupError> {
        let gathered = matched.tallies.gathered()?;
        let scales = gathered.measures.scales.iter().enumerate();
        for (at, scale) in scales {
            let may = vec![self.may(&gathered, &scale.id)];
            let guard = guard::of_scale(&gathered, at, self.fewest);
            let shown: Shown = gathered.layers.protect(&guard, &may);
            let cells = gathered.units(0);
            for (unit, cells) in cells.iter().enumerate().filter(|(unit, _)| shown[0][*unit]) {
                let path = gathered.layers.trees[0].path(unit);
                let Some(sample) = sample(&cells.scales[at].values) else { continue };
                let change = MatchedChange {
                    n: sample.n,
                    mean: sample.mean,
                    sd: sample.variance.sqrt(),
                    interval: mean_interval(&sample, None, self.confidence),
                };
                if let Some(known) = self.entry(&path, &scale.id) {
                    known.matched = Some(change);
                }
            }
        }
        Ok(self)
    }

    fn entry(&mut self, path: &[String], scale: &str) -> Option<&mut ScaleChange> {
        let unit = self.units.iter_mut().find(|unit| unit.path == path)?;
        unit.scales.iter_mut().find(|entry| entry.id == scale)?.shown.as_mut()
    }

    /// Units of the matched tallies of which both waves are shown.
    fn may(&self, gathered: &Gathered, scale: &str) -> Vec<bool> {
        let tree = &gathered.layers.trees[0];
        let shown = |unit: usize| {
            let path = tree.path(unit);
            let unit = self.units.iter().find(|known| known.path == path)?;
            unit.scales.iter().find(|entry| entry.id == scale)?.shown.as_ref()
        };
        (0..tree.len()).map(|unit| shown(unit).is_some()).collect()
    }
}
