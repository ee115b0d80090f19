//! One common factor by maximum likelihood, and omega from it.

use super::ReliabilityError;
use crate::num::dist::chi2_sf;
use crate::num::matrix::Symmetric;

/// Uniquenesses below this are a Heywood case.
const LEAST_UNIQUE: f64 = 0.005;
/// Largest slope of the objective at which the search has settled.
const SETTLED: f64 = 1e-10;
const STEPS: usize = 200;
/// Most items: the cost grows with the cube, and a scale of one factor is never this long.
pub(super) const MOST_ITEMS: usize = 200;

/// McDonald's omega total from a one-factor model.
///
/// **Estimator**: maximum likelihood (Wishart), which does not depend on the items' scales, so the
/// fit is made on correlations and the loadings are taken back to the items' own units. The search
/// is Newton's method on the logarithms of the uniquenesses (Jöreskog 1967, Psychometrika 32:443-482,
/// doi:10.1007/BF02289658), stopped when the largest slope is below 1e-10.
///
/// **[`total`](Self::total)** is the model's share of the variance of the sum of items,
/// `(Σ λ)² / ((Σ λ)² + Σ ψ)` with loadings and uniquenesses on the covariance metric (McDonald
/// 1999, Test Theory). It assumes that one factor describes the items: look at [`fit`](Self::fit).
#[derive(Debug, Clone, PartialEq)]
pub struct Omega {
    total: f64,
    standardized: f64,
    observed: f64,
    loadings: Vec<f64>,
    uniquenesses: Vec<f64>,
    discrepancy: f64,
    fit: Fit,
}

/// How well one factor describes the items.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// Likelihood-ratio statistic, `n` times the minimum of the objective (as lavaan; some
    /// packages use `n - 1`).
    pub chi_square: f64,
    /// Its degrees of freedom, `k (k - 3) / 2`; 0 for three items, which any factor fits.
    pub df: u64,
    /// Its p-value; `None` without degrees of freedom.
    pub p: Option<f64>,
    /// Root mean square error of approximation; `None` without degrees of freedom.
    pub rmsea: Option<f64>,
    /// Comparative fit index against independent items.
    pub cfi: Option<f64>,
}

impl Omega {
    /// Omega total on the covariance metric: the reliability of the sum of items.
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// Omega of the sum of standardised items, for comparison with packages that report it.
    pub const fn standardized(&self) -> f64 {
        self.standardized
    }

    /// The factor's variance over the *observed* variance of the sum (model and data differ).
    pub const fn of_observed_variance(&self) -> f64 {
        self.observed
    }

    /// Standardised loadings, in item order.
    pub fn loadings(&self) -> &[f64] {
        &self.loadings
    }

    /// Share of each item's variance that is its own, in item order.
    pub fn uniquenesses(&self) -> &[f64] {
        &self.uniquenesses
    }

    /// Minimum of the maximum-likelihood objective.
    pub const fn discrepancy(&self) -> f64 {
        self.discrepancy
    }

    /// How well one factor describes the items.
    pub const fn fit(&self) -> Fit {
        self.fit
    }
}

/// What the fit needs.
pub(super) struct Model<'a> {
    pub(super) correlations: &'a Symmetric,
    pub(super) deviations: &'a [f64],
    /// Variance of the sum of items.
    pub(super) total: f64,
    pub(super) items: &'a [String],
    pub(super) n: u64,
}

pub(super) fn omega(model: &Model<'_>) -> Result<Omega, ReliabilityError> {
    let k = model.items.len();
    if k < 3 {
        return Err(ReliabilityError::TooFewItems { found: k, needed: 3 });
    }
    if k > MOST_ITEMS {
        return Err(ReliabilityError::TooManyItems { found: k, limit: MOST_ITEMS });
    }
    let r = model.correlations;
    let factor = r.cholesky().ok_or(ReliabilityError::NotPositiveDefinite)?;
    let point = search(model, &factor.inverse_diagonal())?;
    let loadings = one_direction(point.loadings, model.items)?;
    let uniquenesses: Vec<f64> = point.log_unique.iter().map(|t| t.exp()).collect();

    let common =
        |metric: &[f64]| loadings.iter().zip(metric).map(|(l, s)| l * s).sum::<f64>().powi(2);
    let unique =
        |metric: &[f64]| uniquenesses.iter().zip(metric).map(|(u, s)| u * s * s).sum::<f64>();
    let ones = vec![1.0; k];
    let own = common(model.deviations);
    Ok(Omega {
        total: own / (own + unique(model.deviations)),
        standardized: common(&ones) / (common(&ones) + unique(&ones)),
        observed: own / model.total,
        discrepancy: point.value,
        fit: fit(model, point.value, factor.ln_determinant()),
        loadings,
        uniquenesses,
    })
}

fn fit(model: &Model<'_>, discrepancy: f64, ln_determinant: f64) -> Fit {
    let (n, k) = (model.n as f64, model.items.len() as u64);
    let df = k * (k - 3) / 2;
    let chi_square = n * discrepancy;
    let excess = (chi_square - df as f64).max(0.0);
    // Independent items: the objective is then -ln|R|.
    let independent = (-n * ln_determinant - (k * (k - 1) / 2) as f64).max(excess);
    Fit {
        chi_square,
        df,
        p: if df > 0 { chi2_sf(chi_square, df as f64) } else { None },
        rmsea: (df > 0).then(|| (excess / (df as f64 * n)).sqrt()),
        cfi: (independent > 0.0).then(|| 1.0 - excess / independent),
    }
}

/// The objective at one point, with what the next step needs.
struct Point {
    log_unique: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
    curvature: Symmetric,
    /// The same without the terms that may be negative: always a way down.
    safe_curvature: Symmetric,
    loadings: Vec<f64>,
}

impl Point {
    fn steepest(&self) -> f64 {
        self.slope.iter().fold(0.0, |most, s| s.abs().max(most))
    }

    /// With `A = Ψ^-½ R Ψ^-½ = Σ θ_m w_m w_m'` and `t = ln ψ`, the objective left after the loadings
    /// are solved for is `Σ_{m>1} θ_m - ln θ_m - 1`; its slope in `t_i` is `Σ_{m>1} (1 - θ_m) w_im²`,
    /// and its curvature follows from the derivative of eigenvectors.
    fn at(r: &Symmetric, log_unique: Vec<f64>) -> Result<Self, ReliabilityError> {
        let k = r.size();
        let shrink: Vec<f64> = log_unique.iter().map(|t| (-0.5 * t).exp()).collect();
        let scale = |i: usize| shrink.get(i).copied().unwrap_or(1.0);
        let scaled = Symmetric::from_lower(k, |i, j| r.at(i, j) * scale(i) * scale(j));
        let eigen = scaled.eigen();
        let first = eigen.values.first().copied().unwrap_or(0.0);
        if eigen.values.iter().any(|v| v.is_nan() || *v <= 0.0) {
            return Err(ReliabilityError::NotPositiveDefinite);
        }
        let rest = || eigen.values.iter().copied().enumerate().skip(1);
        let w = |i: usize, m: usize| eigen.component(i, m);
        let value = rest().map(|(_, v)| v - v.ln() - 1.0).sum();
        let slope =
            (0..k).map(|i| rest().map(|(m, v)| (1.0 - v) * w(i, m).powi(2)).sum()).collect();
        let weighted = |i: usize, j: usize, weight: &dyn Fn(f64) -> f64| -> f64 {
            rest().map(|(m, v)| weight(v) * w(i, m) * w(j, m)).sum()
        };
        let safe_curvature = Symmetric::from_lower(k, |i, j| weighted(i, j, &|_| 1.0).powi(2));
        let curvature = Symmetric::from_lower(k, |i, j| {
            let turn = |v: f64| (1.0 - v) * (first + v) / (first - v);
            weighted(i, j, &|_| 1.0) * weighted(i, j, &|v| v)
                + w(i, 0) * w(j, 0) * weighted(i, j, &turn)
        });
        let strength = (first - 1.0).max(0.0).sqrt();
        let loadings = (0..k).map(|i| w(i, 0) * strength / scale(i)).collect();
        Ok(Self { log_unique, value, slope, curvature, safe_curvature, loadings })
    }

    fn step(&self) -> Vec<f64> {
        let down =
            |curvature: &Symmetric| curvature.cholesky().map(|factor| factor.solve(&self.slope));
        let step = down(&self.curvature)
            .or_else(|| down(&self.safe_curvature))
            .unwrap_or_else(|| self.slope.clone());
        // Far from the minimum the quadratic picture is poor: no uniqueness moves by more than e.
        let longest = step.iter().fold(0.0_f64, |most, s| s.abs().max(most));
        let shorten = 1.0 / longest.max(1.0);
        step.iter().map(|s| -s * shorten).collect()
    }
}

fn search(model: &Model<'_>, inverse_diagonal: &[f64]) -> Result<Point, ReliabilityError> {
    let k = model.items.len() as f64;
    // The usual start: the share that the other items leave unexplained, a little shrunk.
    let start = inverse_diagonal.iter().map(|d| ((1.0 - 0.5 / k) / d).ln()).collect();
    let mut point = Point::at(model.correlations, start)?;
    for _ in 0..STEPS {
        if point.steepest() < SETTLED {
            return match smallest(&point.log_unique, model.items) {
                (item, unique) if unique < LEAST_UNIQUE => {
                    Err(ReliabilityError::Heywood { item, uniqueness: unique })
                }
                _ => Ok(point),
            };
        }
        // Far past the border the minimum lies at a uniqueness of 0 or below.
        if let (item, unique) = smallest(&point.log_unique, model.items)
            && unique < 1e-3 * LEAST_UNIQUE
        {
            return Err(ReliabilityError::Heywood { item, uniqueness: unique });
        }
        let step = point.step();
        let mut share = 1.0;
        point = loop {
            let moved = point.log_unique.iter().zip(&step).map(|(t, s)| t + share * s).collect();
            let next = Point::at(model.correlations, moved)?;
            // At the bottom the value is flat to rounding, and the slope decides.
            let flat = next.value <= point.value + 1e-13;
            if next.value < point.value || (flat && next.steepest() < point.steepest()) {
                break next;
            }
            share *= 0.5;
            if share < 1e-8 {
                return Err(not_settled(&point));
            }
        };
    }
    Err(not_settled(&point))
}

fn not_settled(point: &Point) -> ReliabilityError {
    ReliabilityError::NotConverged { steps: STEPS, slope: point.steepest() }
}

fn smallest(log_unique: &[f64], items: &[String]) -> (String, f64) {
    log_unique
        .iter()
        .zip(items)
        .min_by(|a, b| a.0.total_cmp(b.0))
        .map_or_else(Default::default, |(t, item)| (item.clone(), t.exp()))
}

/// Turns the factor so that most loadings are positive, and refuses it if some then are not.
fn one_direction(loadings: Vec<f64>, items: &[String]) -> Result<Vec<f64>, ReliabilityError> {
    let turn = loadings.iter().sum::<f64>().signum();
    let turned: Vec<f64> = loadings.into_iter().map(|l| l * turn).collect();
    let against: Vec<String> =
        turned.iter().zip(items).filter(|(l, _)| **l < 0.0).map(|(_, item)| item.clone()).collect();
    if against.is_empty() {
        Ok(turned)
    } else {
        Err(ReliabilityError::MixedSigns { items: against })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published polychoric correlations of nine items in 8276 people (outside the repository).
    #[test]
    fn a_published_matrix_of_correlations() {
        let Some(folder) = std::env::var_os("STRAINGAUGE_FIXTURES") else {
            eprintln!("SKIPPED: set STRAINGAUGE_FIXTURES to a folder with survey/");
            return;
        };
        let path = std::path::Path::new(&folder).join("survey/nhanes_phq9_polychoric.json");
        let text = std::fs::read_to_string(path).unwrap();
        let published: serde_json::Value = serde_json::from_str(&text).unwrap();
        let matrix = &published["polychoric_matrix"];
        let r = Symmetric::from_lower(9, |i, j| matrix[i][j].as_f64().unwrap());
        let spread = crate::num::Spread::of(&r);
        let close = |found: f64, expected: &serde_json::Value, tolerance: f64| {
            assert!((found - expected.as_f64().unwrap()).abs() < tolerance, "{found} {expected}");
        };
        close(spread.alpha().unwrap(), &published["ordinal_alpha"], 1e-12);
        let items = published["items"].as_array().unwrap();
        let items: Vec<String> =
            items.iter().map(|item| item.as_str().unwrap().to_owned()).collect();
        for (dropped, item) in spread.alpha_if_dropped().iter().zip(&items) {
            close(dropped.unwrap(), &published["ordinal_alpha_if_removed"][item], 1e-12);
        }
        let model = Model {
            correlations: &r,
            deviations: &[1.0; 9],
            total: r.sum(),
            items: &items,
            n: 8276,
        };
        // Theirs is minres, which differs from maximum likelihood in the third decimal.
        let fitted = omega(&model).unwrap();
        close(fitted.total(), &published["omega_total_one_factor_minres"], 2e-3);
        assert_eq!(fitted.total(), fitted.standardized());
    }

    /// A matrix that one factor describes exactly gives that factor back.
    #[test]
    fn an_exact_factor_is_recovered() {
        let truth = [0.9, 0.75, 0.6, 0.45, 0.3, 0.82];
        let r = Symmetric::from_lower(6, |i, j| if i == j { 1.0 } else { truth[i] * truth[j] });
        let items: Vec<String> = (0..6).map(|i| i.to_string()).collect();
        let deviations = [1.0, 2.0, 0.5, 3.0, 1.0, 1.0];
        let model =
            Model { correlations: &r, deviations: &deviations, total: 1.0, items: &items, n: 100 };
        let fitted = omega(&model).unwrap();
        for (found, expected) in fitted.loadings().iter().zip(truth) {
            assert!((found - expected).abs() < 1e-10);
        }
        assert!(fitted.discrepancy().abs() < 1e-12);
        assert_eq!(fitted.fit().df, 9);
        assert!(fitted.fit().rmsea.unwrap() < 1e-6);
        let (common, unique) = deviations
            .iter()
            .zip(truth)
            .fold((0.0, 0.0), |(c, u), (s, l)| (c + s * l, u + s * s * (1.0 - l * l)));
        let expected = common * common / (common * common + unique);
        assert!((fitted.total() - expected).abs() < 1e-10);
    }
}
