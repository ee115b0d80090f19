//! Many people at once: reliable change and reliable trend over slices.

use super::error::finite;
use super::trend::normal_critical;
use super::{
    Between, ChangeError, ChangeNumbers, ChangeTest, Errors, RELIABLE_FROM, Reading, ReliableTrend,
    Verdict, reliable_trend,
};

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
        let (mut times, mut scores) = (Vec::new(), Vec::new());
        let mut judged = Vec::with_capacity(self.starts.len().saturating_sub(1));
        for (start, end) in self.starts.iter().zip(self.starts.iter().skip(1)) {
            times.clear();
            scores.clear();
            let mut last_day = None;
            for row in *start..*end {
                if self.present.and_then(|present| present.get(row)) == Some(&false) {
                    continue;
                }
                let (Some(day), Some(value)) = (self.days.get(row), self.values.get(row)) else {
                    continue; // `new` has checked the lengths
                };
                if last_day.is_some_and(|last| day <= last) {
                    return Err(ChangeError::NotInOrder { at: row });
                }
                last_day = Some(day);
                times.push(f64::from(*day));
                scores.push(finite("score", *value)?);
            }
            judged.push(judge_one(test, critical, between, (&times, &scores))?);
        }
        Ok(judged)
    }
}

fn judge_one(
    test: &ChangeTest,
    critical: f64,
    between: Between,
    (times, scores): (&[f64], &[f64]),
) -> Result<PersonChange, ChangeError> {
    let pair = match (between, scores) {
        (Between::FirstAndLast, [first, .., last]) | (Between::LastTwo, [.., first, last]) => {
            Some((*first, *last))
        }
        (Between::Days(first, last), _) => {
            let on = |date: crate::date::Date| {
                let day = f64::from(date.number());
                let found = times.iter().position(|time| *time == day);
                found.and_then(|at| scores.get(at)).copied()
            };
            on(first).zip(on(last))
        }
        _ => None,
    };
    let change = match pair {
        Some((first, last)) => Some(test.judge(Reading::new(first), Reading::new(last))?),
        None => None,
    };
    let trend = match test.sem {
        Some(sem) if scores.len() >= RELIABLE_FROM => {
            reliable_trend(times, scores, Errors::Same(sem))
        }
        _ => None,
    };
    let trend_verdict =
        trend.map(|line| Verdict::of(test.direction, line.slope, line.z.abs() > critical));
    Ok(PersonChange { n: scores.len(), change, trend, trend_verdict })
}
