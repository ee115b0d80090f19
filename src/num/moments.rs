//! Sums, means, variances, correlation, and moments that can be merged.

/// Count, mean and central sums of powers two to four, built value by value or merged from parts.
///
/// Merging gives the same moments as pushing everything into one, up to rounding, so parts can be
/// counted apart. A value that is not finite makes every answer `None`. Formulas: P. Pébay
/// (2008), Sandia report SAND2008-6212.
///
/// ```
/// use straingauge::num::moments::Moments;
///
/// let mut moments = Moments::new();
/// for value in [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0] {
///     moments.push(value);
/// }
/// assert_eq!(moments.mean(), Some(5.0));
/// assert_eq!(moments.variance(), Some(32.0 / 7.0));
/// assert_eq!(Moments::new().mean(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    n: u64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    /// No values yet.
    pub const fn new() -> Self {
        Self { n: 0, mean: 0.0, m2: 0.0, m3: 0.0, m4: 0.0 }
    }

    /// Adds one value.
    pub fn push(&mut self, value: f64) {
        self.merge(&Self { n: 1, mean: value, ..Self::new() });
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Self) {
        if self.n == 0 || other.n == 0 {
            if self.n == 0 {
                *self = *other;
            }
            return;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let n = a + b;
        let delta = other.mean - self.mean;
        let step = delta / n;
        let square = delta * step * a * b;
        self.m4 += other.m4
            + square * step * step * (a * a - a * b + b * b)
            + 6.0 * step * step * (a * a * other.m2 + b * b * self.m2)
            + 4.0 * step * (a * other.m3 - b * self.m3);
        self.m3 += other.m3 + square * step * (a - b) + 3.0 * step * (a * other.m2 - b * self.m2);
        self.m2 += other.m2 + square;
        self.mean += step * b;
        self.n += other.n;
    }

    /// Number of values.
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// Arithmetic mean, from one value.
    pub fn mean(&self) -> Option<f64> {
        (self.n >= 1).then_some(self.mean).filter(|mean| mean.is_finite())
    }

    /// Variance with divisor n - 1, from two values.
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.m2 / (self.n - 1) as f64).filter(|v| v.is_finite())
    }

    /// Standard deviation with divisor n - 1, from two values.
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Skewness g1 = m3 / m2^1.5 with divisor n throughout (not the adjusted G1 of some
    /// packages), from two values that differ.
    pub fn skewness(&self) -> Option<f64> {
        let n = self.n as f64;
        Some(n.sqrt() * self.m3 / (self.m2 * self.m2.sqrt())).filter(|g| g.is_finite())
    }

    /// Excess kurtosis g2 = m4 / m2² - 3 with divisor n throughout, from two values that differ.
    pub fn kurtosis(&self) -> Option<f64> {
        let n = self.n as f64;
        Some(n * self.m4 / (self.m2 * self.m2) - 3.0).filter(|g| g.is_finite())
    }
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::new();
        moments.extend(values);
        moments
    }
}

/// Sum with Neumaier's correction (ZAMM 1974, doi:10.1002/zamm.19740540106): the error does not
/// grow with the number of values. Zero for no values; where a partial sum is not finite, the
/// plain sum.
pub fn sum_compensated(values: &[f64]) -> f64 {
    sum(values.iter().copied())
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost +=
            if total.abs() >= value.abs() { total - next + value } else { value - next + total };
        total = next;
    }
    if lost.is_finite() { total + lost } else { total }
}

/// Arithmetic mean; `None` for no values or a value that is not finite.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty())
        .then(|| sum_compensated(values) / values.len() as f64)
        .filter(|mean| mean.is_finite())
}

/// Variance with divisor n - 1 in two passes; `None` below two values or for a value that is not
/// finite.
pub fn variance(values: &[f64]) -> Option<f64> {
    covariance(values, values)
}

/// Covariance with divisor n - 1 in two passes; `None` below two pairs, for lengths that differ
/// or for a value that is not finite.
pub fn covariance(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() < 2 {
        return None;
    }
    cross_sum(x, y).map(|sum| sum / (x.len() - 1) as f64)
}

/// Sum of products of deviations from the means.
fn cross_sum(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (mean_x, mean_y) = (mean(x)?, mean(y)?);
    let products = sum(x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)));
    Some(products).filter(|sum| sum.is_finite())
}

/// Pearson correlation, in -1..=1; `None` where [`covariance`] is or where either side does not
/// vary.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let product = cross_sum(x, y)?;
    let scale = cross_sum(x, x)?.sqrt() * cross_sum(y, y)?.sqrt();
    (scale > 0.0).then(|| (product / scale).clamp(-1.0, 1.0))
}
