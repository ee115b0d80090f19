//! Coefficients of one scale on one occasion.

use super::ReliabilityError;
use super::omega::{Model, Omega, omega};
use crate::num::dist::f_quantile;
use crate::num::matrix::Symmetric;
use crate::num::{Covariances, Deletion, Interval, ItemTable, Spread};
use crate::score::KeyedItems;

/// The reliability of the sum of a table's items.
///
/// ```
/// use straingauge::num::{Deletion, ItemTable};
/// use straingauge::reliability::ScaleReliability;
///
/// let mut keyed = ItemTable::new();
/// keyed.push("tired", [3, 1, 4, 2, 0, 3, 2, 4].map(Some))?;
/// keyed.push("tense", [2, 1, 4, 1, 0, 3, 3, 3].map(Some))?;
/// keyed.push("drained", [4, 0, 3, 2, 1, 3, 2, 4].map(Some))?;
/// let scale = ScaleReliability::of(&keyed, Deletion::Listwise)?;
/// assert_eq!(scale.n(), 8);
/// assert!((scale.alpha().raw() - 0.919).abs() < 0.001);
/// assert!(scale.sem().is_some_and(|sem| sem < scale.sd()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleReliability {
    items: Vec<String>,
    deletion: Deletion,
    people: usize,
    covariances: Covariances,
    correlations: Symmetric,
    alpha: Alpha,
    item_rest: Vec<Option<f64>>,
    unit: f64,
    /// Items that everybody answered alike, and the sum of their means.
    flat: Vec<String>,
    constant: f64,
}

impl ScaleReliability {
    /// Examines the sum of the items of a keyed table.
    ///
    /// An item that everybody answered alike is left out of every coefficient and named by
    /// [`flat`](Self::flat); [`alpha_with_flat`](Self::alpha_with_flat) is alpha of all items.
    ///
    /// Fails where even alpha is undefined: fewer than two items that vary, fewer than three people,
    /// or a total without spread.
    pub fn of(keyed: &ItemTable, deletion: Deletion) -> Result<Self, ReliabilityError> {
        if keyed.len() < 2 {
            return Err(ReliabilityError::TooFewItems { found: keyed.len(), needed: 2 });
        }
        let covariances = Covariances::of(keyed, deletion);
        let few = |found| ReliabilityError::TooFewPeople { found, needed: 3, deletion };
        let covariances = covariances.map_err(few)?;
        if covariances.fewest < 3 {
            return Err(few(covariances.fewest));
        }
        let items = keyed.ids().to_vec();
        let flat: Vec<String> = covariances
            .matrix
            .diagonal()
            .iter()
            .zip(&items)
            .filter(|(variance, _)| **variance <= 0.0)
            .map(|(_, item)| item.clone())
            .collect();
        if !flat.is_empty() {
            let varying: Vec<&str> =
                items.iter().filter(|item| !flat.contains(item)).map(String::as_str).collect();
            if varying.len() < 2 {
                return Err(ReliabilityError::NoSpread { items: flat });
            }
            let means = items.iter().zip(&covariances.means);
            let constant =
                means.filter(|(item, _)| flat.contains(item)).map(|(_, mean)| mean).sum();
            let rest = keyed.select(&varying).map_err(|_| ReliabilityError::NoTotalSpread)?;
            return Ok(Self { flat, constant, ..Self::of(&rest, deletion)? });
        }
        // Under pairwise deletion an item may be flat among the people of one pair only.
        let correlations =
            covariances.correlations.clone().ok_or(ReliabilityError::NotPositiveDefinite)?;
        let spread = Spread::of(&covariances.matrix);
        let raw = spread.alpha().ok_or(ReliabilityError::NoTotalSpread)?;
        let k = items.len() as f64;
        let mean_r = (correlations.sum() - k) / (k * (k - 1.0));
        Ok(Self {
            alpha: Alpha {
                raw,
                standardized: k * mean_r / (1.0 + (k - 1.0) * mean_r),
                if_dropped: spread.alpha_if_dropped(),
                n: covariances.fewest,
                items: items.len(),
            },
            item_rest: spread.item_rest(),
            unit: 1.0,
            flat: Vec::new(),
            constant: 0.0,
            people: keyed.rows(),
            items,
            deletion,
            covariances,
            correlations,
        })
    }

    /// Examines a scale of an instrument, in the scale's own unit: for a scale that is a mean, mean,
    /// standard deviation and error are those of the mean.
    pub fn of_scale(scale: &KeyedItems, deletion: Deletion) -> Result<Self, ReliabilityError> {
        Ok(Self { unit: scale.unit(), ..Self::of(scale.items(), deletion)? })
    }

    /// Returns the items that everybody answered alike, which no coefficient counts.
    pub fn flat(&self) -> &[String] {
        &self.flat
    }

    /// Returns raw alpha of all items, those that everybody answered alike included: they add to the
    /// number of items and to no variance, so it is lower than alpha of the others.
    pub fn alpha_with_flat(&self) -> f64 {
        let varying = self.items.len() as f64;
        let all = varying + self.flat.len() as f64;
        self.alpha.raw * (varying - 1.0) / varying * all / (all - 1.0)
    }

    /// The items, in the order of every list here.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// How gaps were treated.
    pub const fn deletion(&self) -> Deletion {
        self.deletion
    }

    /// People behind the coefficients; under pairwise deletion in the pair with the fewest.
    pub const fn n(&self) -> u64 {
        self.covariances.fewest
    }

    /// People in the pair of items with the most; equal to [`n`](Self::n) under listwise deletion.
    pub const fn n_most(&self) -> u64 {
        self.covariances.most
    }

    /// People in the table, with gaps or without.
    pub const fn people(&self) -> usize {
        self.people
    }

    /// Cronbach's alpha.
    pub const fn alpha(&self) -> &Alpha {
        &self.alpha
    }

    /// Correlation of each item with the sum of the others; `None` where the others do not vary.
    ///
    /// An item below 0 pulls against its scale: look at the key.
    pub fn item_rest(&self) -> &[Option<f64>] {
        &self.item_rest
    }

    /// Mean of the score, from the items' means.
    pub fn mean(&self) -> f64 {
        self.unit * (self.covariances.means.iter().sum::<f64>() + self.constant)
    }

    /// Means of the items.
    pub fn item_means(&self) -> &[f64] {
        &self.covariances.means
    }

    /// Standard deviation of the score, with n - 1.
    pub fn sd(&self) -> f64 {
        self.unit * self.covariances.matrix.sum().sqrt()
    }

    /// Standard error of measurement of the score, `sd √(1 - alpha)`. `None` where alpha is negative:
    /// it would exceed the standard deviation itself.
    pub fn sem(&self) -> Option<f64> {
        (self.alpha.raw >= 0.0).then(|| self.sd() * (1.0 - self.alpha.raw).sqrt())
    }

    /// Omega total; see [`Omega`] for the model.
    ///
    /// Fails below three items, for correlations that are not positive definite, for a Heywood
    /// case and for items that load in opposite directions.
    pub fn omega(&self) -> Result<Omega, ReliabilityError> {
        let deviations: Vec<f64> =
            self.covariances.matrix.diagonal().iter().map(|v| v.sqrt()).collect();
        omega(&Model {
            correlations: &self.correlations,
            deviations: &deviations,
            total: self.covariances.matrix.sum(),
            items: &self.items,
            n: self.n(),
        })
    }

    /// Items 1, 3, 5, ... against items 2, 4, 6, ...; fails where a half does not vary.
    pub fn split_half_odd_even(&self) -> Result<SplitHalf, ReliabilityError> {
        let matrix = &self.covariances.matrix;
        let (mut odd, mut even, mut both) = (0.0, 0.0, 0.0);
        for i in 0..matrix.size() {
            for (j, cell) in matrix.row(i).iter().enumerate() {
                match (i % 2, j % 2) {
                    (0, 0) => odd += cell,
                    (1, 1) => even += cell,
                    (0, _) => both += cell,
                    _ => {}
                }
            }
        }
        if odd <= 0.0 || even <= 0.0 {
            return Err(ReliabilityError::NoTotalSpread);
        }
        let r = both / (odd * even).sqrt();
        Ok(SplitHalf {
            r,
            spearman_brown: 2.0 * r / (1.0 + r),
            flanagan_rulon: 2.0 * (1.0 - (odd + even) / (odd + even + 2.0 * both)),
        })
    }

    /// Guttman's lambda 2 (1945, Psychometrika 10:255-282, doi:10.1007/BF02288892), on covariances.
    pub fn guttman_lambda2(&self) -> f64 {
        let matrix = &self.covariances.matrix;
        let (k, total) = (matrix.size() as f64, matrix.sum());
        let off = |power: i32| -> f64 {
            (0..matrix.size())
                .flat_map(|i| matrix.row(i).iter().enumerate().map(move |(j, c)| (i, j, *c)))
                .filter(|(i, j, _)| i != j)
                .map(|(_, _, cell)| cell.powi(power))
                .sum()
        };
        (off(1) + (k / (k - 1.0) * off(2)).sqrt()) / total
    }

    /// Guttman's lambda 6, on covariances: what each item leaves unexplained by all the others.
    ///
    /// Fails where an item is a linear combination of others.
    pub fn guttman_lambda6(&self) -> Result<f64, ReliabilityError> {
        let factor =
            self.covariances.matrix.cholesky().ok_or(ReliabilityError::NotPositiveDefinite)?;
        let left: f64 = factor.inverse_diagonal().iter().map(|d| 1.0 / d).sum();
        Ok(1.0 - left / self.covariances.matrix.sum())
    }
}

/// Cronbach's alpha (1951, Psychometrika 16:297-334, doi:10.1007/BF02310555).
///
/// Negative values are returned as they are: they say that items pull against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Alpha {
    raw: f64,
    standardized: f64,
    if_dropped: Vec<Option<f64>>,
    n: u64,
    items: usize,
}

impl Alpha {
    /// Alpha of the sum of items, from covariances.
    pub const fn raw(&self) -> f64 {
        self.raw
    }

    /// Alpha of the sum of standardised items, from the mean correlation.
    pub const fn standardized(&self) -> f64 {
        self.standardized
    }

    /// Raw alpha of the scale without each item, in item order; `None` with two items.
    pub fn if_dropped(&self) -> &[Option<f64>] {
        &self.if_dropped
    }

    /// People behind it.
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// Feldt's interval for raw alpha (Feldt, Woodruff and Salih 1987, Applied Psychological
    /// Measurement 11:93-103, doi:10.1177/014662168701100107), which assumes items of equal
    /// variances and correlations.
    ///
    /// Under pairwise deletion the people of the smallest pair are counted, so that the interval
    /// is not narrower than the data. `None` for a confidence outside 0 to 1.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let tail = (1.0 - confidence) / 2.0;
        if !(confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let (people, items) = ((self.n - 1) as f64, (self.items - 1) as f64);
        let bound = |p: f64| Some(1.0 - (1.0 - self.raw) * f_quantile(p, people, people * items)?);
        Some(Interval { low: bound(1.0 - tail)?, high: bound(tail)? })
    }
}

/// Two halves of one scale.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SplitHalf {
    /// Correlation of the halves.
    pub r: f64,
    /// Spearman-Brown: reliability of both halves together, if they are parallel.
    pub spearman_brown: f64,
    /// Flanagan-Rulon, the same as Guttman's lambda 4 of this split: halves may differ in variance.
    pub flanagan_rulon: f64,
}
