//! How often each value came: all that a report needs of a scale, exact and in any order.
//!
//! Scores of a scale have few states, so a table of value and count is small, two tables add
//! without rounding, and what is computed from it does not depend on who came first. Shards of the
//! data give the same report to the last bit.

use crate::num::moments::sum_compensated;

/// Values with their counts, ascending.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    entries: Vec<(f64, u64)>,
}

impl Tally {
    /// Counts a finite value; -0 counts as 0.
    pub(crate) fn add(&mut self, value: f64) {
        self.add_times(value + 0.0, 1);
    }

    fn add_times(&mut self, value: f64, times: u64) {
        match self.entries.binary_search_by(|(known, _)| known.total_cmp(&value)) {
            Ok(at) => {
                if let Some((_, count)) = self.entries.get_mut(at) {
                    *count += times;
                }
            }
            Err(at) => self.entries.insert(at, (value, times)),
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for &(value, count) in &other.entries {
            self.add_times(value, count);
        }
    }

    /// Everyone here who is not in `part`, which must be a part of this.
    pub(crate) fn without(&self, part: &Self) -> Self {
        let mut rest = self.clone();
        for &(value, count) in &part.entries {
            if let Ok(at) = rest.entries.binary_search_by(|(known, _)| known.total_cmp(&value))
                && let Some((_, held)) = rest.entries.get_mut(at)
            {
                *held = held.saturating_sub(count);
            }
        }
        rest.entries.retain(|(_, count)| *count > 0);
        rest
    }

    pub(crate) fn entries(&self) -> &[(f64, u64)] {
        &self.entries
    }

    pub(crate) fn n(&self) -> u64 {
        self.entries.iter().map(|(_, count)| count).sum()
    }

    pub(crate) fn count_of(&self, value: f64) -> u64 {
        self.entries.iter().filter(|(known, _)| *known == value).map(|(_, count)| count).sum()
    }

    /// Returns the distance of the nearest value that is not `end` itself.
    pub(crate) fn step_from(&self, end: f64) -> Option<f64> {
        let away = self.entries.iter().filter(|(_, count)| *count > 0);
        let away = away.map(|(value, _)| (value - end).abs()).filter(|distance| *distance > 0.0);
        away.min_by(f64::total_cmp)
    }

    /// Returns the sum of all distances from `end`, in whole steps.
    pub(crate) fn steps_from(&self, end: f64, step: f64) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number that is not negative; `as` keeps it in range"
        )]
        let distances = self.entries.iter().map(|(value, count)| {
            // A third of a step too much is rounding of thirds, not a step.
            let steps = ((value - end).abs() / step + 1e-9).floor();
            if steps.is_finite() { (steps as u64).saturating_mul(*count) } else { 0 }
        });
        distances.fold(0, u64::saturating_add)
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.total(|value| value) / n as f64)
    }

    /// Divisor n - 1, in two passes.
    pub(crate) fn variance(&self) -> Option<f64> {
        let (n, mean) = (self.n(), self.mean()?);
        (n > 1).then(|| self.total(|value| (value - mean) * (value - mean)) / (n - 1) as f64)
    }

    /// Mean distance from the mean.
    pub(crate) fn mean_deviation(&self) -> Option<f64> {
        let (n, mean) = (self.n(), self.mean()?);
        (n > 1).then(|| self.total(|value| (value - mean).abs()) / n as f64)
    }

    pub(crate) fn median(&self) -> Option<f64> {
        let n = self.n();
        let at = |place: u64| {
            let mut seen = 0;
            self.entries.iter().find_map(|(value, count)| {
                seen += count;
                (seen > place).then_some(*value)
            })
        };
        let last = n.checked_sub(1)?;
        let (low, high) = (at(last / 2)?, at(n / 2)?);
        Some(0.5 * low + 0.5 * high)
    }

    fn total(&self, of: impl Fn(f64) -> f64) -> f64 {
        let terms: Vec<f64> =
            self.entries.iter().map(|&(value, count)| of(value) * count as f64).collect();
        sum_compensated(&terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tally_knows_what_the_list_knows(
            codes in proptest::collection::vec(0_u32..40, 0..60), breakdown in 0_usize..60,
        ) {
            let mut values: Vec<f64> = codes.iter().map(|code| f64::from(*code) / 3.0).collect();
            let tally = |values: &[f64]| {
                let mut tally = Tally::default();
                for value in values {
                    tally.add(*value);
                }
                tally
            };
            let whole = tally(&values);
            let (left, right) = values.split_at(breakdown.min(values.len()));
            let mut merged = tally(right);
            merged.merge(&tally(left));
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(whole.without(&tally(left)), tally(right));
            let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs().max(1.0),
                (a, b) => a == b,
            };
            prop_assert!(close(whole.mean(), num::moments::mean(&values)));
            prop_assert!(close(whole.variance(), num::moments::variance(&values)));
            prop_assert!(close(whole.median(), num::quantile::median(&mut values)));
        }
    }
}
