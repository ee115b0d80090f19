//! What a set of people brings to the rule, small enough to carry up a tree.
//!
//! Everything here can only grow when people are added, and nothing needs to be counted past the
//! number that the rule asks for. So a set of people is a few capped counts, and the union of two
//! disjoint sets is their capped sum.

/// How alike the people of a set are in one answer: enough to see whether all, or all but one,
/// fall into the same category. (The lone exception knows the rest, so all but one is as bad.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spread {
    /// Nobody has an answer.
    #[default]
    Empty,
    /// One category, with `times` people (counted to 2), and at most one person outside it.
    Near { most: u64, times: u8, other: Option<u64> },
    /// At least two people outside any one category.
    Mixed,
}

impl Spread {
    /// `count` people of one category.
    pub(crate) fn of(category: u64, count: u64) -> Self {
        match count {
            0 => Self::Empty,
            1 => Self::Near { most: category, times: 1, other: None },
            _ => Self::Near { most: category, times: 2, other: None },
        }
    }

    /// Both sets together.
    pub(crate) fn join(self, with: Self) -> Self {
        let (
            Self::Near { most: a, times: m, other: x },
            Self::Near { most: b, times: n, other: y },
        ) = (self, with)
        else {
            return self.max(with);
        };
        // At most four categories: count each to 2, and see what lies outside the fullest.
        let named = [(Some(a), m), (x, 1), (Some(b), n), (y, 1)];
        let count = |category: u64| -> u8 {
            named.iter().filter(|(c, _)| *c == Some(category)).map(|(_, n)| n).sum::<u8>().min(2)
        };
        let mut most = a;
        for category in [Some(b), x, y].into_iter().flatten() {
            let (held, found) = (count(most), count(category));
            if found > held || (found == held && category < most) {
                most = category;
            }
        }
        let mut outside =
            named.iter().filter_map(|(c, n)| c.filter(|c| *c != most).map(|c| (c, *n)));
        match (outside.next(), outside.next()) {
            (None, _) => Self::Near { most, times: count(most), other: None },
            (Some((other, 1)), None) => Self::Near { most, times: count(most), other: Some(other) },
            _ => Self::Mixed,
        }
    }

    /// Whether the set tells the same of everyone, or of everyone but one.
    pub(crate) fn is_telling(self) -> bool {
        matches!(self, Self::Near { .. })
    }
}

/// One count that the rule looks at: people, or people outside some answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    /// Fewest that may be shown.
    pub(crate) at_least: u32,
    /// The count that must be above zero for this one to matter; its own place where zero is safe.
    pub(crate) gate: usize,
}

/// What every group that can be worked out from a release must satisfy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) needs: Vec<Need>,
    pub(crate) spreads: usize,
}

/// A set of people, as the rule sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Load {
    pub(crate) counts: Vec<u32>,
    pub(crate) spreads: Vec<Spread>,
}

impl Load {
    fn is_nobody(&self) -> bool {
        self.counts.iter().all(|&count| count == 0)
            && self.spreads.iter().all(|&spread| spread == Spread::Empty)
    }
}

impl Rule {
    pub(crate) fn nobody(&self) -> Load {
        Load { counts: vec![0; self.needs.len()], spreads: vec![Spread::Empty; self.spreads] }
    }

    /// Counts are kept to the number asked for.
    pub(crate) fn cap(&self, place: usize, count: u64) -> u32 {
        let most = self.needs.get(place).map_or(0, |need| need.at_least.max(1));
        u32::try_from(count).unwrap_or(u32::MAX).min(most)
    }

    pub(crate) fn join(&self, a: &Load, b: &Load) -> Load {
        Load {
            counts: a
                .counts
                .iter()
                .zip(&b.counts)
                .zip(&self.needs)
                .map(|((x, y), need)| x.saturating_add(*y).min(need.at_least.max(1)))
                .collect(),
            spreads: a.spreads.iter().zip(&b.spreads).map(|(x, y)| x.join(*y)).collect(),
        }
    }

    /// Whether numbers about exactly these people may be known.
    pub(crate) fn allows(&self, load: &Load) -> bool {
        load.is_nobody()
            || (self.needs.iter().zip(&load.counts).all(|(need, &count)| {
                load.counts.get(need.gate).is_none_or(|&gate| gate == 0) || count >= need.at_least
            }) && !load.spreads.iter().any(|spread| spread.is_telling()))
    }

    /// Whether `a` serves at least as well as `b` whatever is added to both.
    pub(crate) fn covers(&self, a: &Load, b: &Load) -> bool {
        let counts = self.needs.iter().zip(&a.counts).zip(&b.counts).enumerate();
        counts.into_iter().all(|(place, ((need, x), y))| {
            x == y || (x > y && (*y > 0 || (need.gate != place && Self::present(b, need))))
        }) && a.spreads.iter().zip(&b.spreads).all(|(x, y)| x == y || *x == Spread::Mixed)
    }

    fn present(load: &Load, need: &Need) -> bool {
        load.counts.get(need.gate).is_some_and(|&gate| gate > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near_by_counting(categories: &[u64]) -> Option<bool> {
        if categories.is_empty() {
            return None;
        }
        let most = categories
            .iter()
            .map(|c| categories.iter().filter(|other| *other == c).count())
            .max()
            .unwrap();
        Some(categories.len() - most < 2)
    }

    proptest! {
        #[test]
        fn spread_sees_what_counting_sees_in_any_grouping(
            people in proptest::collection::vec(0_u64..4, 0..9),
            breakdown in 0_usize..9,
        ) {
            let spread = |people: &[u64]| {
                people.iter().fold(Spread::Empty, |held, &c| held.join(Spread::of(c, 1)))
            };
            let whole = spread(&people);
            let (left, right) = people.split_at(breakdown.min(people.len()));
            prop_assert_eq!(whole, spread(left).join(spread(right)));
            prop_assert_eq!(whole, spread(right).join(spread(left)));
            let expected = near_by_counting(&people);
            prop_assert_eq!(expected.unwrap_or(false), whole.is_telling());
            prop_assert_eq!(expected.is_none(), whole == Spread::Empty);
        }
    }
}
