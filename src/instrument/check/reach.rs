//! Which values a complete sheet can give a scale.

use super::Check;
use crate::instrument::model::{Key, Scale, Term};
use crate::instrument::number::Exact;

/// Beyond this many pairs, or steps of the sums, the ends of the range stand for all values.
const MOST_PAIRS: usize = 20_000;
const MOST_STEPS: usize = 2_000_000;

impl Check<'_> {
    /// Every value that a complete sheet can give, rising; `None` where they are too many to list.
    pub(super) fn reachable(&self, at: usize) -> Option<Vec<Exact>> {
        let scale = self.scales.get(at)?.as_ref()?;
        let of = |at: usize| per_item_sums(self.scales.get(at)?.as_ref()?);
        let mut values: Vec<Exact> = match &scale.key {
            Key::Sum(terms) => sums(terms)?.into_iter().map(Exact::from).collect(),
            Key::Mean(_) => per_item_sums(scale)?,
            Key::Ratio { numerator, denominator } => {
                let (top, bottom) = (of(*numerator)?, of(*denominator)?);
                if top.len().saturating_mul(bottom.len()) > MOST_PAIRS {
                    return None;
                }
                let pairs = top.iter().flat_map(|t| bottom.iter().map(move |b| t.over(*b)));
                pairs.collect::<Option<_>>()?
            }
            Key::Times { from, factor } => {
                let inner = self.reachable(*from)?;
                inner.into_iter().map(|value| value.times(*factor)).collect::<Option<_>>()?
            }
            Key::Table { from, first, values, .. } => {
                let inner = self.reachable(*from)?;
                let entry = |value: Exact| {
                    let at = usize::try_from(value.as_integer()? - first).ok()?;
                    values.get(at).copied()
                };
                inner.into_iter().map(entry).collect::<Option<_>>()?
            }
        };
        values.sort_unstable();
        values.dedup();
        Some(values)
    }
}

fn per_item_sums(scale: &Scale) -> Option<Vec<Exact>> {
    let terms = scale.key.terms();
    let count = i64::try_from(terms.len()).ok()?;
    sums(terms)?.into_iter().map(|sum| Exact::new(sum, count)).collect()
}

/// Every sum of one value per term, by shifting a set of bits once per value.
fn sums(terms: &[Term]) -> Option<Vec<i64>> {
    let ends = |pick: fn((i32, i32)) -> i32| -> i64 {
        terms.iter().map(|term| i64::from(pick(term.range()))).sum()
    };
    let (low, high) = (ends(|r| r.0), ends(|r| r.1));
    let contiguous = |term: &Term| {
        let (low, high) = term.range();
        let mut values = term.values.clone();
        values.sort_unstable();
        values.dedup();
        i64::try_from(values.len()) == Ok(i64::from(high) - i64::from(low) + 1)
    };
    if terms.iter().all(contiguous) {
        return Some((low..=high).collect());
    }
    let states = usize::try_from(high - low + 1).unwrap_or(0);
    let steps: usize = terms.iter().map(|term| term.values.len()).sum();
    if steps.saturating_mul(states) > MOST_STEPS {
        return None;
    }
    let mut reached = vec![false; states];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut widest = 1_usize;
    for term in terms {
        let lowest = term.range().0;
        let mut steps: Vec<usize> =
            term.values.iter().filter_map(|v| usize::try_from(v - lowest).ok()).collect();
        steps.sort_unstable();
        steps.dedup();
        let grown = (widest + steps.last().copied().unwrap_or(0)).min(states);
        let mut next = vec![false; states];
        for step in steps {
            for (to, from) in next.iter_mut().skip(step).zip(reached.iter().take(widest)) {
                *to |= *from;
            }
        }
        reached = next;
        widest = grown;
    }
    Some((low..).zip(reached).filter(|(_, is)| *is).map(|(sum, _)| sum).collect())
}
