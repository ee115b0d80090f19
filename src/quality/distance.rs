//! How far a person's answers lie from the sample's centre, in the sample's own metric.
#![allow(clippy::indexing_slicing)]
// Index arguments: `lanes` has LANES cells and every inner loop runs over arrays of that length;
// `deviations[j]` has `j < columns.len()`, for which the vector is made.

use super::NotAssessable;
use crate::num::dist::chi2_sf;
use crate::num::matrix::Lower;
use crate::num::{Covariances, Deletion, ItemTable};

/// People who are worked on beside each other.
const LANES: usize = 64;

/// Squared Mahalanobis distances of all people of a table (Mahalanobis 1936; for answers, Curran
/// 2016, Journal of Experimental Social Psychology 66:4-19, doi:10.1016/j.jesp.2015.07.006).
///
/// Centre and covariances come from the same people, the careless among them. Answers on a scale of
/// a few points are not normal, so the p-value ranks people; it is no probability. Items that
/// everybody answered alike carry no distance and are left out of its degrees of freedom.
///
/// With [`Deletion::Listwise`] only complete people have a distance. With [`Deletion::Pairwise`]
/// covariances come from pairs and a missing answer counts as the item's mean, as in the R packages
/// psych and careless.
///
/// ```
/// use straingauge::num::{Deletion, ItemTable};
/// use straingauge::quality::Mahalanobis;
/// let mut table = ItemTable::new();
/// table.push("a", [1, 2, 3, 4, 0, 2].map(Some))?;
/// table.push("b", [1, 2, 3, 4, 0, 4].map(Some))?;
/// let distances = Mahalanobis::of(&table, Deletion::Listwise)?;
/// let last = distances.get(5)?; // the one whose answers disagree
/// assert!((0..5).all(|row| distances.get(row).unwrap().squared < last.squared));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mahalanobis {
    /// Squared distances; NaN where a person has none, which no accessor hands out.
    squared: Vec<f64>,
    missing: Vec<u32>,
    df: usize,
}

/// One person's distance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Distance {
    /// Squared distance.
    pub squared: f64,
    /// Its degrees of freedom: the items with any spread.
    pub df: usize,
    /// Upper tail of chi-square: the smaller, the more unusual.
    pub p: f64,
}

impl Mahalanobis {
    /// Distances over the items of a table.
    ///
    /// Keying does not matter: reversing an item leaves every distance as it is.
    pub fn of(table: &ItemTable, deletion: Deletion) -> Result<Self, NotAssessable> {
        let people = table.complete_rows() as u64;
        let varied: Vec<&str> = (0..table.len())
            .filter(|item| {
                let mut answers = table.answers(*item);
                let first = answers.next();
                answers.any(|answer| Some(answer) != first)
            })
            .filter_map(|item| table.ids().get(item).map(String::as_str))
            .collect();
        let dependent = NotAssessable::Dependent { people, items: varied.len() };
        if varied.is_empty() {
            return Err(dependent);
        }
        let missing = count_missing(table);
        let kept = table.select(&varied).map_err(|_| dependent.clone())?;
        let covariances = Covariances::of(&kept, deletion).map_err(|_| dependent.clone())?;
        let factor = covariances.matrix.cholesky().ok_or(dependent)?.inverse();
        let mut squared = squares(&kept, &covariances.means, &factor);
        // Listwise one gap is too many; pairwise only a person without any answer has no distance.
        let most = match deletion {
            Deletion::Listwise => 0,
            Deletion::Pairwise => table.len().saturating_sub(1),
        };
        for (square, missing) in squared.iter_mut().zip(&missing) {
            if *missing as usize > most {
                *square = f64::NAN;
            }
        }
        Ok(Self { squared, missing, df: kept.len() })
    }

    /// A person's distance.
    pub fn get(&self, row: usize) -> Result<Distance, NotAssessable> {
        let missing = self.missing.get(row).copied().unwrap_or(0) as usize;
        let squared = self.squared.get(row).copied().filter(|square| !square.is_nan());
        let distance = squared.and_then(|squared| {
            let p = chi2_sf(squared, self.df as f64)?;
            Some(Distance { squared, df: self.df, p })
        });
        distance.ok_or(match missing {
            0 => NotAssessable::NothingAnswered,
            missing => NotAssessable::Incomplete { missing },
        })
    }
}

fn count_missing(table: &ItemTable) -> Vec<u32> {
    let mut missing = vec![0_u32; table.rows()];
    for column in table.columns() {
        for (missing, cell) in missing.iter_mut().zip(column) {
            *missing += u32::from(*cell == ItemTable::MISSING);
        }
    }
    missing
}

/// `|L⁻¹ (x - m)|²` for each row, a missing cell at the mean.
fn squares(table: &ItemTable, means: &[f64], factor: &Lower) -> Vec<f64> {
    let columns = table.columns();
    let mut squared = vec![0.0; table.rows()];
    let mut deviations = vec![[0.0_f64; LANES]; columns.len()];
    for (at, out) in squared.chunks_mut(LANES).enumerate() {
        for ((lanes, column), mean) in deviations.iter_mut().zip(columns).zip(means) {
            let cells = &column[at * LANES..at * LANES + out.len()];
            for (lane, cell) in lanes.iter_mut().zip(cells) {
                *lane = if *cell == ItemTable::MISSING { 0.0 } else { f64::from(*cell) - mean };
            }
        }
        let mut sums = [0.0_f64; LANES];
        for i in 0..columns.len() {
            let mut along = [0.0_f64; LANES];
            for (weight, lanes) in factor.row(i).iter().zip(&deviations) {
                for lane in 0..LANES {
                    along[lane] += weight * lanes[lane];
                }
            }
            for lane in 0..LANES {
                sums[lane] += along[lane] * along[lane];
            }
        }
        for (out, sum) in out.iter_mut().zip(&sums) {
            *out = *sum;
        }
    }
    squared
}
