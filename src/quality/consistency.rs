//! Do a person's own answers agree where they should?

use super::NotAssessable;
use crate::num::moments::pearson;
use crate::num::{Covariances, Deletion, ItemTable};

/// Separate scales below which even and odd halves say nothing: two always correlate ±1.
const LEAST_SCALES: usize = 3;
/// Pairs of values below which a correlation within a person says nothing.
const LEAST_PAIRS: usize = 3;

/// How a person's odd-item means and even-item means over scales fail to agree: the correlation,
/// stepped up by Spearman and Brown, with its sign turned so that **higher is less consistent**
/// (-1 full agreement, 1 none), as the R package careless does since 1.2.0.
pub(super) fn even_odd(scales: &[ItemTable], row: usize) -> Result<f64, NotAssessable> {
    if scales.len() < LEAST_SCALES {
        return Err(NotAssessable::TooFewScales { found: scales.len(), needed: LEAST_SCALES });
    }
    let (odd, even): (Vec<f64>, Vec<f64>) = scales
        .iter()
        .filter_map(|scale| Some((half_mean(scale, row, 0)?, half_mean(scale, row, 1)?)))
        .unzip();
    if odd.len() < LEAST_SCALES {
        return Err(NotAssessable::TooFewScales { found: odd.len(), needed: LEAST_SCALES });
    }
    let r = pearson(&odd, &even).ok_or(NotAssessable::NoSpread)?;
    // Strong disagreement steps up beyond -1; it is cut there.
    let stepped = if r > -1.0 { (2.0 * r / (1.0 + r)).max(-1.0) } else { -1.0 };
    Ok(-stepped)
}

/// Mean of the answered items at even or odd positions of a scale.
fn half_mean(scale: &ItemTable, row: usize, start: usize) -> Option<f64> {
    let answers: Vec<f64> = (start..scale.len())
        .step_by(2)
        .filter_map(|item| scale.value(row, item).map(f64::from))
        .collect();
    crate::num::moments::mean(&answers)
}

/// Pairs of items that correlate in the sample beyond `least` (or, for a negative one, below it),
/// each pair once, in item order.
pub(super) fn pairs(raw: &ItemTable, least: f64) -> Vec<(usize, usize)> {
    let varied: Vec<usize> = (0..raw.len())
        .filter(|item| {
            let mut answers = raw.answers(*item);
            let first = answers.next();
            answers.any(|answer| Some(answer) != first)
        })
        .collect();
    let ids: Vec<&String> = varied.iter().filter_map(|item| raw.ids().get(*item)).collect();
    let correlations = raw
        .select(&ids)
        .ok()
        .and_then(|kept| Covariances::of(&kept, Deletion::Pairwise).ok())
        .and_then(|covariances| covariances.correlations);
    let Some(r) = correlations else { return Vec::new() };
    let strong = |value: f64| if least < 0.0 { value < least } else { value > least };
    let mut pairs = Vec::new();
    for (i, first) in varied.iter().enumerate() {
        for (j, second) in varied.iter().enumerate().skip(i + 1) {
            if strong(r.at(i, j)) {
                pairs.push((*first, *second));
            }
        }
    }
    pairs
}

/// Correlation within a person over pairs of items (Meade and Craig 2012, Psychological Methods
/// 17:437-455, doi:10.1037/a0028085): near 1 for synonyms and near -1 for antonyms in a careful
/// person.
pub(super) fn within(
    raw: &ItemTable,
    pairs: &[(usize, usize)],
    row: usize,
) -> Result<f64, NotAssessable> {
    let (first, second): (Vec<f64>, Vec<f64>) = pairs
        .iter()
        .filter_map(|(first, second)| {
            Some((f64::from(raw.value(row, *first)?), f64::from(raw.value(row, *second)?)))
        })
        .unzip();
    if first.len() < LEAST_PAIRS {
        return Err(NotAssessable::TooFewPairs { found: first.len(), needed: LEAST_PAIRS });
    }
    pearson(&first, &second).ok_or(NotAssessable::NoSpread)
}
