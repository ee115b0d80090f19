//! One scale of one person in time order, and the change between two of its check-ins.

use serde::Serialize;

use super::note::MOMENT_DAYS;
use super::{
    ChangeError, ChangeNumbers, ChangeOptions, ChangeTest, Method, Note, Reading, Verdict,
    Yardstick,
};
use crate::date::Date;
use crate::instrument::{Direction, ReliabilityKind};

/// A scored check-in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub(super) date: Date,
    pub(super) reading: Reading,
}

impl Point {
    /// Its day.
    pub fn date(&self) -> Date {
        self.date
    }

    /// Its score.
    pub fn value(&self) -> f64 {
        self.reading.value
    }

    /// The score with what is known of its error.
    pub fn reading(&self) -> Reading {
        self.reading
    }
}

/// The scores of one person on one scale, always in time order, at most one a day.
///
/// ```
/// use straingauge::change::{Between, ChangeOptions, Reading, Reference, Series, Verdict};
/// use straingauge::instrument::Direction;
///
/// let mut course = Series::new("total", Direction::HigherIsWorse);
/// course.push("2024-03-01".parse()?, Reading::new(14.0))?;
/// course.push("2024-01-05".parse()?, Reading::new(8.0))?; // any order in
/// let norm = Reference::new("clinic").with_sd(4.2).with_reliability(0.81).into();
/// let change = course.change(Between::FirstAndLast, &norm, &ChangeOptions::new())?;
/// assert_eq!(change.verdict(), Verdict::Worse);
/// assert_eq!(change.numbers.change, 6.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    scale: String,
    direction: Direction,
    range: Option<(f64, f64)>,
    points: Vec<Point>,
}

/// Which two check-ins of a course are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Between {
    /// The first scored check-in and the last.
    FirstAndLast,
    /// The last two scored check-ins.
    LastTwo,
    /// The scored check-ins of two days, in this order.
    Days(Date, Date),
}

/// A judged change of one scale, with everything that the verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Change {
    /// The scale.
    pub scale: String,
    /// Day of the first score.
    pub from: Date,
    /// Day of the last score.
    pub to: Date,
    /// The method.
    pub method: Method,
    /// Name of the norm or published change.
    pub against: String,
    /// How the reliability behind the error was estimated, where one was used and it is known.
    pub reliability_kind: Option<ReliabilityKind>,
    /// Standard error of measurement of a complete sheet, where there is one.
    pub sem: Option<f64>,
    /// Confidence of this look.
    pub confidence: f64,
    /// The numbers.
    pub numbers: ChangeNumbers,
    /// What a reader must know beside the verdict.
    pub notes: Vec<Note>,
}

impl Change {
    /// What the change amounts to.
    pub fn verdict(&self) -> Verdict {
        self.numbers.verdict
    }

    /// Days between the two scores.
    pub fn days(&self) -> i32 {
        self.from.days_until(self.to)
    }
}

impl Series {
    /// An empty course of a scale that points this way.
    pub fn new(scale: impl Into<String>, direction: Direction) -> Self {
        Self { scale: scale.into(), direction, range: None, points: Vec::new() }
    }

    /// Lowest and highest value of the scale, so that scores outside are refused and scores near
    /// an end are noticed.
    #[must_use]
    pub fn with_range(self, low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), ..self }
    }

    /// Adds a score; it takes its place in time.
    ///
    /// # Errors
    /// A second score of the same day, a score outside the range, or one that is not finite.
    pub fn push(&mut self, date: Date, reading: Reading) -> Result<(), ChangeError> {
        super::error::finite("score", reading.value)?;
        if let Some((low, high)) = self.range {
            // A converted mean may miss an end by its last digit.
            let room = 1e-9 * (high - low).abs();
            if reading.value < low - room || reading.value > high + room {
                return Err(ChangeError::ScoreOutOfRange { found: reading.value, low, high });
            }
        }
        let at = self.points.partition_point(|point| point.date < date);
        if self.points.get(at).is_some_and(|point| point.date == date) {
            return Err(ChangeError::SecondOfTheDay { date });
        }
        self.points.insert(at, Point { date, reading });
        Ok(())
    }

    /// The scale's id.
    pub fn scale(&self) -> &str {
        &self.scale
    }

    /// Which way the scale points.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The scored check-ins in time order.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The same course up to and including a day.
    #[must_use]
    pub fn until(&self, day: Date) -> Self {
        self.keeping(self.points.iter().filter(|point| point.date <= day).copied().collect())
    }

    /// The course split wherever two check-ins lie more than `max_gap` days apart.
    ///
    /// A slope over a long silence says little about either side of it; nothing is split unless
    /// asked for here.
    pub fn episodes(&self, max_gap: i32) -> Vec<Self> {
        self.points
            .chunk_by(|a, b| a.date.days_until(b.date) <= max_gap)
            .map(|points| self.keeping(points.to_vec()))
            .collect()
    }

    fn keeping(&self, points: Vec<Point>) -> Self {
        Self { scale: self.scale.clone(), points, ..*self }
    }

    /// Judges the change between two check-ins.
    ///
    /// # Errors
    /// Too few check-ins, no check-in of a day, or what [`ChangeTest`] refuses.
    pub fn change(
        &self,
        between: Between,
        yardstick: &Yardstick,
        options: &ChangeOptions,
    ) -> Result<Change, ChangeError> {
        self.judged_by(&ChangeTest::new(yardstick, self.direction, options)?, between)
    }

    /// The same with a compiled test.
    ///
    /// # Errors
    /// As [`Series::change`].
    pub fn judged_by(&self, test: &ChangeTest, between: Between) -> Result<Change, ChangeError> {
        let too_few = || ChangeError::TooFewPoints { found: self.points.len(), needed: 2 };
        let on = |date: Date| {
            let found = self.points.iter().find(|point| point.date == date);
            found.ok_or(ChangeError::NoPointOn { date })
        };
        let (first, last) = match between {
            Between::FirstAndLast => match self.points.as_slice() {
                [first, .., last] => (first, last),
                _ => return Err(too_few()),
            },
            Between::LastTwo => match self.points.as_slice() {
                [.., first, last] => (first, last),
                _ => return Err(too_few()),
            },
            Between::Days(first, last) => (on(first)?, on(last)?),
        };
        let numbers = test.judge(first.reading, last.reading)?;
        let mut notes = test.notes.clone();
        let days = first.date.days_until(last.date);
        let momentary = matches!(test.kind, Some(ReliabilityKind::Alpha | ReliabilityKind::Omega));
        if momentary && days.abs() > MOMENT_DAYS {
            // Says the same and how far apart the two days are.
            notes.retain(|note| *note != Note::InternalConsistency);
            notes.push(Note::ErrorOfTheMoment { days });
        }
        if first.reading.is_prorated() || last.reading.is_prorated() {
            notes.push(Note::Prorated);
        }
        if let Some((low, high)) = self.range {
            let ends = [first, last].map(|point| {
                let sem = point.reading.standard_error.or(test.sem).unwrap_or(0.0);
                (point.value() <= low + sem, point.value() >= high - sem)
            });
            if ends.iter().any(|end| end.0) {
                notes.push(Note::NearLowest);
            }
            if ends.iter().any(|end| end.1) {
                notes.push(Note::NearHighest);
            }
        }
        Ok(Change {
            scale: self.scale.clone(),
            from: first.date,
            to: last.date,
            method: test.method,
            against: test.against.clone(),
            reliability_kind: test.kind,
            sem: test.sem,
            confidence: test.confidence,
            numbers,
            notes,
        })
    }
}
