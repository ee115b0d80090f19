//! A history read with its instrument: directions, ranges, norms and bands come from there.

use super::{ChangeError, Entry, History, HistoryError, Reading, Series, Yardstick};
use crate::date::Date;
use crate::instrument::{BandSet, Direction, Exact, Instrument, Key, Scale};
use crate::score::{Receipt, ScaleRecord, Status};

/// One person's course on one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    instrument: &'a Instrument,
    entries: &'a [Entry],
    own: &'a [(String, Yardstick)],
}

/// The band of a stored score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PlacedBand<'a> {
    /// The band set.
    pub set: &'a BandSet,
    /// Position of the band in it, from the lowest.
    pub position: usize,
    /// Whether every completion of missing answers gives the same band.
    pub certain: bool,
}

impl<'a> PlacedBand<'a> {
    /// Label of the band.
    pub fn label(&self) -> &'a str {
        self.set.bands().get(self.position).map_or("", |band| band.label())
    }

    /// How many bands lie on the worse side of this one, 0 for the worst; `None` on a neutral
    /// scale.
    pub fn from_the_worst(&self, direction: Direction) -> Option<usize> {
        match direction {
            Direction::HigherIsWorse => {
                Some(self.set.bands().len().saturating_sub(self.position + 1))
            }
            Direction::HigherIsBetter => Some(self.position),
            Direction::Neutral => None,
        }
    }
}

impl History {
    /// This history as a course of its instrument.
    ///
    /// # Errors
    /// Another instrument, a variant that it does not have, or rules that are not the history's.
    pub fn course<'a>(&'a self, instrument: &'a Instrument) -> Result<Course<'a>, HistoryError> {
        if instrument.id() != self.instrument() {
            return Err(HistoryError::OtherInstrument {
                found: instrument.id().to_owned(),
                expected: self.instrument().to_owned(),
            });
        }
        let receipt = self.entries().first().map(|entry| &entry.scores().receipt);
        let options = receipt.map(Receipt::options).unwrap_or_default();
        let scorer = instrument.scorer_with(&options).map_err(|_| HistoryError::OtherVariant {
            found: None,
            expected: self.variant().map(str::to_owned),
        })?;
        for scale in scorer.scales() {
            if let Some(rule) = scorer.rule_hash(scale.id()) {
                self.takes(scale.id(), rule)?;
            }
        }
        Ok(Course { instrument, entries: self.entries(), own: &[] })
    }
}

impl<'a> Course<'a> {
    /// The instrument.
    pub fn instrument(&self) -> &'a Instrument {
        self.instrument
    }

    /// The dated scores in time order.
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The same course judged by yardsticks of the caller's own, each for a scale by id, before
    /// those of the instrument: a service's own norm, for instance.
    #[must_use]
    pub fn judged_against(self, own: &'a [(String, Yardstick)]) -> Self {
        Self { own, ..self }
    }

    /// Everything that changes of a scale can be judged against, the best first: the caller's own
    /// yardsticks, then [`Yardstick::all`] of the instrument.
    pub fn yardsticks(&self, scale: &str) -> Vec<Yardstick> {
        let own = self.own.iter().filter(|(known, _)| known == scale);
        let own = own.map(|(_, yardstick)| yardstick.clone());
        own.chain(Yardstick::all(self.instrument, scale)).collect()
    }

    /// The course up to and including a day.
    #[must_use]
    pub fn until(&self, day: Date) -> Self {
        let end = self.entries.partition_point(|entry| entry.date() <= day);
        Self { entries: self.entries.get(..end).unwrap_or_default(), ..*self }
    }

    /// The scales that any entry holds, in the order of the instrument.
    pub fn scales(&self) -> impl Iterator<Item = &'a Scale> {
        let entries = self.entries;
        let held = move |scale: &&Scale| {
            entries.iter().any(|entry| entry.scores().scale(scale.id()).is_some())
        };
        self.instrument.scales().iter().filter(held)
    }

    /// The entries that hold this scale, scored or absent with the reason.
    pub fn records(&self, scale: &str) -> impl Iterator<Item = (Date, &'a ScaleRecord)> {
        self.entries
            .iter()
            .filter_map(move |entry| Some((entry.date(), entry.scores().scale(scale)?)))
    }

    /// The scored check-ins of a scale; absent ones take no part. `None` for an unknown scale.
    pub fn series(&self, scale: &str) -> Option<Series> {
        self.try_series(scale)?.ok()
    }

    /// The same with the reason where stored scores do not fit the instrument.
    pub fn try_series(&self, scale: &str) -> Option<Result<Series, ChangeError>> {
        let known = self.instrument.scale(scale)?;
        let (low, high) = known.range();
        let mut series =
            Series::new(scale, known.direction()).with_range(low.to_f64(), high.to_f64());
        for (date, record) in self.records(scale) {
            let Some(value) = record.value else { continue };
            let mut reading = Reading::new(value);
            if record.status == Status::Prorated {
                reading = reading.prorated(record.answered.into(), record.items.into());
            }
            if let Some(error) = table_error(known, record) {
                reading = reading.with_standard_error(error);
            }
            if let Err(error) = series.push(date, reading) {
                return Some(Err(error));
            }
        }
        Some(Ok(series))
    }

    /// The band of a stored score in a set, or in the one that was in force when it was scored.
    ///
    /// `None` for an absent score, an unknown set, or a scale that lost items which do not apply.
    pub fn band(&self, record: &ScaleRecord, set: Option<&str>) -> Option<PlacedBand<'a>> {
        let set = set.or(record.band.as_ref().map(|band| band.set.as_str()))?;
        let at = self.instrument.scale_position(&record.scale)?;
        let terms = self.instrument.scales().get(at)?.key().terms().len();
        let sets = self.instrument.band_sets().iter();
        let set =
            sets.into_iter().find(|known| known.id() == set && known.scales().contains(&at))?;
        if usize::from(record.items) < terms {
            return None;
        }
        let position = set.band_of(exact(record)?);
        let certain = match record.bounds {
            None => record.status == Status::Complete,
            Some((low, high)) => [low, high].iter().all(|end| {
                let edges = set.bands().iter().skip(1);
                edges.take_while(|band| band.low().to_f64() <= *end).count() == position
            }),
        };
        Some(PlacedBand { set, position, certain })
    }
}

fn exact(record: &ScaleRecord) -> Option<Exact> {
    let (numerator, denominator) = record.exact?;
    Exact::new(numerator, denominator)
}

/// The standard error that a conversion table gives with a value; the largest where the value
/// occurs more than once.
fn table_error(scale: &Scale, record: &ScaleRecord) -> Option<f64> {
    let Key::Table { values, errors, .. } = scale.key() else { return None };
    let value = exact(record)?;
    let of_value = values.iter().zip(errors).filter(|(known, _)| **known == value);
    of_value.map(|(_, error)| error.to_f64()).reduce(f64::max)
}
