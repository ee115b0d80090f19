//! Many people at once: reliable change, reliable trend and robust trend over slices.

use super::error::finite;
use super::trend::{MONTH, normal_critical};
use super::{
    Between, ChangeError, ChangeNumbers, ChangeTest, Errors, RELIABLE_FROM, Reading, ReliableTrend,
    Verdict, reliable_trend,
};
use crate::num::courses::Courses;

/// Check-ins of many people on one scale, person after person, each in time order.
///
/// Row `i` of `days` and `values` is one check-in; person `p` owns rows
/// `starts[p]..starts[p + 1]`. Absent scores are left out, or marked in `present`. One person is a
/// table of one row: the same kernel judges both, so they agree bit for bit.
///
/// ```
/// use straingauge::change::{Between, ChangeColumns, ChangeOptions, ChangeTest, Reference};
/// use straingauge::instrument::Direction;
///
/// let days = [0, 30, 61, 0, 28];
/// let scores = [9.0, 12.0, 16.0, 20.0, 19.0];
/// let norm = Reference::new("clinic").with_sd(4.2).with_reliability(0.81).into();
/// let test = ChangeTest::new(&norm, Direction::HigherIsWorse, &ChangeOptions::new())?;
/// let people = ChangeColumns::new(&[0, 3, 5], &days, &scores)?;
/// let judged = people.judge(&test, Between::FirstAndLast)?;
/// assert_eq!(judged[0].change.unwrap().verdict.word(), "worse");
/// assert!(judged[1].trend.is_none()); // two check-ins
/// # Ok::<(), straingauge::change::ChangeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ChangeColumns<'a> {
    starts: &'a [usize],
    days: &'a [i32],
    values: &'a [f64],
    present: Option<&'a [bool]>,
}

/// What happened to one person of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PersonChange {
    /// Number of scored check-ins.
    pub n: usize,
    /// Reliable change, from two scored check-ins.
    pub change: Option<ChangeNumbers>,
    /// Reliable trend, from three, where the yardstick has a standard error.
    pub trend: Option<ReliableTrend>,
    /// What the trend amounts to.
    pub trend_verdict: Option<Verdict>,
}

/// The robust trend of one person of a table: a [`RobustTrend`](super::RobustTrend) without the
/// interval of its slope, equal to it to the last bit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PersonTrend {
    /// Median slope of all pairs, in points per 30 days.
    pub slope_per_30_days: f64,
    /// Rising pairs minus falling pairs.
    pub s: i64,
    /// Normal deviate of `s` with tie and continuity correction.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Whether `p` is exact (up to ten points, up to eight with ties).
    pub exact: bool,
    /// `s` over the number of pairs.
    pub tau: f64,
}

impl<'a> ChangeColumns<'a> {
    /// A table of `starts.len() - 1` people.
    ///
    /// # Errors
    /// Slices that do not fit together, or a score that is not finite.
    pub fn new(
        starts: &'a [usize],
        days: &'a [i32],
        values: &'a [f64],
    ) -> Result<Self, ChangeError> {
        let expected = days.len();
        if values.len() != expected {
            return Err(ChangeError::Length { what: "values", found: values.len(), expected });
        }
        let last = starts.last().copied().unwrap_or(0);
        if last != expected
            || !starts.is_sorted()
            || starts.first().is_some_and(|first| *first != 0)
        {
            return Err(ChangeError::Length { what: "rows by `starts`", found: last, expected });
        }
        Ok(Self { starts, days, values, present: None })
    }

    /// Counts only the rows that are marked `true`; what the others hold does not matter.
    ///
    /// # Errors
    /// A slice of another length.
    pub fn with_present(self, present: &'a [bool]) -> Result<Self, ChangeError> {
        let expected = self.days.len();
        if present.len() != expected {
            return Err(ChangeError::Length { what: "present", found: present.len(), expected });
        }
        Ok(Self { present: Some(present), ..self })
    }

    /// Judges everybody alike.
    ///
    /// # Errors
    /// Days that do not rise within a person, a score that is not finite, or a yardstick that
    /// lives on each score's own error.
    pub fn judge(
        &self,
        test: &ChangeTest,
        between: Between,
    ) -> Result<Vec<PersonChange>, ChangeError> {
        let critical = normal_critical(test.confidence)?;
        let mut times = Vec::new();
        let mut judged = Vec::with_capacity(self.people());
        self.each(|days, scores| {
            times.clear();
            times.extend(days.iter().map(|day| f64::from(*day)));
            let change = change_of(test, between, (days, scores))?;
            let trend = match test.sem {
                Some(sem) if scores.len() >= RELIABLE_FROM => {
                    reliable_trend(&times, scores, Errors::Same(sem))
                }
                _ => None,
            };
            let trend_verdict =
                trend.map(|line| Verdict::of(test.direction, line.slope, line.z.abs() > critical));
            judged.push(PersonChange { n: scores.len(), change, trend, trend_verdict });
            Ok(())
        })?;
        Ok(judged)
    }

    /// The reliable change of everybody, without the trend, into `changes`, whose memory is reused;
    /// `None` for a person who lacks one of the two scores.
    ///
    /// The change is that of [`judge`](Self::judge), at a fraction of its time.
    ///
    /// ```
    /// use straingauge::change::{Between, ChangeColumns, ChangeOptions, ChangeTest, Reference};
    /// use straingauge::instrument::Direction;
    /// let norm = Reference::new("clinic").with_sd(4.2).with_reliability(0.81).into();
    /// let test = ChangeTest::new(&norm, Direction::HigherIsWorse, &ChangeOptions::new())?;
    /// let people = ChangeColumns::new(&[0, 2, 3], &[0, 61, 0], &[9.0, 16.0, 20.0])?;
    /// let mut changes = Vec::new();
    /// people.changes(&test, Between::FirstAndLast, &mut changes)?;
    /// assert_eq!(changes[0].unwrap().verdict.word(), "worse");
    /// assert_eq!(changes[1], None);
    /// # Ok::<(), straingauge::change::ChangeError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`judge`](Self::judge).
    pub fn changes(
        &self,
        test: &ChangeTest,
        between: Between,
        changes: &mut Vec<Option<ChangeNumbers>>,
    ) -> Result<(), ChangeError> {
        changes.clear();
        changes.reserve(self.people());
        self.each(|days, scores| {
            changes.push(change_of(test, between, (days, scores))?);
            Ok(())
        })
    }

    /// Theil-Sen slope and Mann-Kendall test of everybody into `trends`, whose memory is reused;
    /// `None` for a person with fewer than five scored check-ins.
    ///
    /// What [`robust_trend`](super::robust_trend) says of one person, to the last bit and many times
    /// faster. No memory is taken per person.
    ///
    /// ```
    /// use straingauge::change::{ChangeColumns, robust_trend};
    /// let days = [0, 14, 28, 42, 56, 70, 0, 30];
    /// let scores = [20.0, 22.0, 21.0, 24.0, 25.0, 27.0, 9.0, 4.0];
    /// let mut trends = Vec::new();
    /// ChangeColumns::new(&[0, 6, 8], &days, &scores)?.robust_trends(&mut trends)?;
    /// let alone = robust_trend(&[0.0, 14.0, 28.0, 42.0, 56.0, 70.0], &scores[..6], 0.95).unwrap();
    /// let first = trends[0].unwrap();
    /// assert_eq!((first.slope_per_30_days, first.p), (alone.slope_per_30_days, alone.p));
    /// assert_eq!(trends[1], None); // two check-ins
    /// # Ok::<(), straingauge::change::ChangeError>(())
    /// ```
    ///
    /// # Errors
    /// Days that do not rise within a person, or a score that is not finite.
    pub fn robust_trends(&self, trends: &mut Vec<Option<PersonTrend>>) -> Result<(), ChangeError> {
        trends.clear();
        trends.reserve(self.people());
        let mut courses = Courses::default();
        self.each(|days, scores| {
            trends.push(courses.of(days, scores).map(|course| PersonTrend {
                slope_per_30_days: course.slope * MONTH,
                s: course.test.s,
                z: course.test.z,
                p: course.test.p,
                exact: course.test.exact,
                tau: course.test.tau,
            }));
            Ok(())
        })
    }

    fn people(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Hands days and scores of each person to `person`, checked.
    fn each(
        &self,
        mut person: impl FnMut(&[i32], &[f64]) -> Result<(), ChangeError>,
    ) -> Result<(), ChangeError> {
        let (mut counted_days, mut counted_scores) = (Vec::new(), Vec::new());
        for (start, end) in self.starts.iter().zip(self.starts.iter().skip(1)) {
            // `new` has checked the lengths.
            let (Some(mut days), Some(mut scores)) =
                (self.days.get(*start..*end), self.values.get(*start..*end))
            else {
                continue;
            };
            if let Some(present) = self.present.and_then(|present| present.get(*start..*end)) {
                counted_days.clear();
                counted_scores.clear();
                for ((day, score), there) in days.iter().zip(scores).zip(present) {
                    if *there {
                        counted_days.push(*day);
                        counted_scores.push(*score);
                    }
                }
                (days, scores) = (&counted_days, &counted_scores);
            }
            let rising = days.iter().zip(days.iter().skip(1)).all(|(a, b)| a < b);
            if !rising || !scores.iter().all(|score| score.is_finite()) {
                self.complain(*start..*end)?;
            }
            person(days, scores)?;
        }
        Ok(())
    }

    /// The first row of a person that cannot be used, as the error that names it.
    fn complain(&self, rows: std::ops::Range<usize>) -> Result<(), ChangeError> {
        let mut last_day = None;
        for row in rows {
            if self.present.and_then(|present| present.get(row)) == Some(&false) {
                continue;
            }
            let day = self.days.get(row);
            if last_day.is_some_and(|last| day <= last) {
                return Err(ChangeError::NotInOrder { at: row });
            }
            last_day = Some(day);
            finite("score", self.values.get(row).copied().unwrap_or(f64::NAN))?;
        }
        Ok(())
    }
}

fn change_of(
    test: &ChangeTest,
    between: Between,
    (days, scores): (&[i32], &[f64]),
) -> Result<Option<ChangeNumbers>, ChangeError> {
    let pair = match (between, scores) {
        (Between::FirstAndLast, [first, .., last]) | (Between::LastTwo, [.., first, last]) => {
            Some((*first, *last))
        }
        (Between::Days(first, last), _) => {
            let on = |date: crate::date::Date| {
                let found = days.iter().position(|day| *day == date.number());
                found.and_then(|at| scores.get(at)).copied()
            };
            on(first).zip(on(last))
        }
        _ => None,
    };
    let judge = |(first, last)| test.judge(Reading::new(first), Reading::new(last));
    pair.map(judge).transpose()
}
