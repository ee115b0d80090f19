//! Many sheets at once: item by item inside blocks of rows, then the same valuing as for one row.

use super::rule::Rule;
use super::scorer::Scorer;
use super::scores::Outcome;
use super::tally::Tally;
use super::value::{Status, Valued, of_items};
use crate::answers::{AnswerError, Columns};
use crate::instrument::{Instrument, Scale};

/// Band position where a row has none.
pub const NO_BAND: u8 = u8::MAX;

/// Rows that are worked on together: their sums stay in the fast cache.
const BLOCK: usize = 2048;

/// One scale of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ScaleColumns {
    /// Id of the scale.
    pub scale: String,
    /// Values; NaN where the state says that there is none.
    pub values: Vec<f64>,
    /// How each row came out.
    pub states: Vec<Status>,
    /// Position of the band in the set in force; [`NO_BAND`] where there is none.
    pub bands: Vec<u8>,
}

/// The scores of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ColumnScores {
    /// The reported scales, in order.
    pub scales: Vec<ScaleColumns>,
    /// The reported criteria, in order: one outcome a row.
    pub criteria: Vec<Vec<Outcome>>,
}

pub(super) fn score_columns(
    scorer: &Scorer,
    table: &Columns<'_>,
) -> Result<ColumnScores, AnswerError> {
    check(scorer, table)?;
    let rows = table.len();
    let scales = scorer.active().iter().enumerate().filter_map(|(position, at)| {
        let scale = scorer.instrument().scales().get(*at)?;
        Some(scale_columns(scorer, table, position, *at, scale))
    });
    let scales = scales.collect();
    let mut criteria = vec![Vec::with_capacity(rows); scorer.criteria().count()];
    if !criteria.is_empty() {
        for row in 0..rows {
            let byte = |item: usize| scorer.effective_byte(item, |at| table.byte(at, row));
            for (column, outcome) in criteria.iter_mut().zip(scorer.outcomes(byte)) {
                column.push(outcome);
            }
        }
    }
    Ok(ColumnScores { scales, criteria })
}

/// The table is of this instrument, and every byte an answer to its item.
pub(super) fn check(scorer: &Scorer, table: &Columns<'_>) -> Result<(), AnswerError> {
    if table.instrument() != scorer.instrument() {
        let name = |of: &Instrument| format!("{}@{}", of.id(), of.version());
        let (found, expected) = (name(table.instrument()), name(scorer.instrument()));
        return Err(AnswerError::OtherInstrument { found, expected });
    }
    for (item, readable) in scorer.readable().iter().enumerate() {
        let Some(column) = table.of(item) else { continue };
        let wrong = |byte: &u8| readable.get(usize::from(*byte)) != Some(&true);
        if let Some(row) = column.iter().position(wrong) {
            let byte = column.get(row).copied().unwrap_or(0);
            return Err(scorer.not_offered(Some(row + 1), item, byte));
        }
    }
    Ok(())
}

fn scale_columns(
    scorer: &Scorer,
    table: &Columns<'_>,
    position: usize,
    at: usize,
    scale: &Scale,
) -> ScaleColumns {
    let rows = table.len();
    let mut out = ScaleColumns {
        scale: scale.id().to_owned(),
        values: Vec::with_capacity(rows),
        states: Vec::with_capacity(rows),
        bands: Vec::with_capacity(rows),
    };
    let set = scorer.set_at(position);
    let mut push = |valued: &Valued| {
        out.values.push(valued.value.map_or(f64::NAN, crate::instrument::Exact::to_f64));
        out.states.push(valued.status);
        let band = set.zip(valued.value.filter(|_| !valued.dropped));
        let band = band.and_then(|(set, value)| u8::try_from(set.band_of(value)).ok());
        out.bands.push(band.unwrap_or(NO_BAND));
    };
    let slow = |row: usize| {
        scorer.valued(at, |item| scorer.effective_byte(item, |at| table.byte(at, row)))
    };
    let fast = scorer.rules().get(at).filter(|rule| {
        let asked = rule.terms.iter().all(|term| table.of(term.item).is_some());
        !rule.terms.is_empty() && asked && !scorer.has_gates()
    });
    let Some(rule) = fast else {
        (0..rows).for_each(|row| push(&slow(row)));
        return out;
    };
    let complete = Complete::of(rule);
    let mut sums = vec![0_i32; BLOCK];
    let mut answered = vec![0_u16; BLOCK];
    let mut start = 0;
    while start < rows {
        let many = BLOCK.min(rows - start);
        sums.fill(0);
        answered.fill(0);
        for term in &rule.terms {
            let column = table.of(term.item).and_then(|c| c.get(start..start + many));
            let cells = column.unwrap_or_default().iter();
            for ((byte, sum), answered) in cells.zip(&mut sums).zip(&mut answered) {
                if let Some(value) = term.value(*byte) {
                    *sum += value;
                    *answered += 1;
                }
            }
        }
        for (row, (sum, answered)) in (start..).zip(sums.iter().zip(&answered)).take(many) {
            if *answered == rule.items() {
                push(complete.valued(rule, *sum));
            } else {
                push(&slow(row));
            }
        }
        start += many;
    }
    out
}

/// What each sum of a complete row comes to, valued once.
struct Complete {
    low: i32,
    states: Vec<Valued>,
}

impl Complete {
    fn of(rule: &Rule) -> Self {
        let low: i32 = rule.terms.iter().map(|term| term.low).sum();
        let high: i32 = rule.terms.iter().map(|term| term.high).sum();
        let states = (low..=high)
            .map(|sum| of_items(rule, &Tally { sum, answered: rule.items(), ..Tally::default() }));
        Self { low, states: states.collect() }
    }

    fn valued(&self, rule: &Rule, sum: i32) -> &Valued {
        debug_assert!(rule.items() > 0);
        let at = usize::try_from(sum - self.low).unwrap_or(usize::MAX);
        self.states.get(at).unwrap_or(&Valued::UNSCORED)
    }
}
