//! The same people measured more than once: does a score come back?

use super::ReliabilityError;
use crate::num::dist::{f_cdf, f_quantile, normal_quantile, t_quantile};
use crate::num::moments::{mean, pearson, sum_compensated, variance};
use crate::num::{Deletion, Interval};

/// Scores of people on two or more occasions (or by several raters), complete people only.
///
/// Two-way analysis of variance without replication (Shrout and Fleiss 1979, Psychological Bulletin
/// 86:420-428, doi:10.1037/0033-2909.86.2.420; McGraw and Wong 1996, Psychological Methods
/// 1:30-46, doi:10.1037/1082-989X.1.1.30).
///
/// ```
/// use straingauge::reliability::{IccForm, Retest};
///
/// let first = [26.0, 20.5, 31.0, 18.0, 24.5].map(Some).to_vec();
/// let second = vec![Some(27.5), Some(19.5), Some(30.0), Some(20.0), None];
/// let retest = Retest::of(&[first, second])?;
/// assert_eq!((retest.n(), retest.left_out()), (4, 1));
/// let agreement = retest.icc(IccForm::Agreement);
/// assert!(agreement.value > 0.9 && agreement.interval(0.95).is_some());
/// # Ok::<(), straingauge::reliability::ReliabilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retest {
    columns: Vec<Vec<f64>>,
    left_out: usize,
    squares: MeanSquares,
}

/// Mean squares of the two-way table.
#[derive(Debug, Clone, Copy, PartialEq)]
struct MeanSquares {
    people: f64,
    within: f64,
    occasions: f64,
    error: f64,
}

/// Which intraclass correlation, by design and by what is used: one score, or the mean of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IccForm {
    /// ICC(1,1): occasions differ from person to person, one score is used.
    OneWay,
    /// ICC(2,1), also ICC(A,1): a shift of everybody counts as error. The usual one for a retest.
    Agreement,
    /// ICC(3,1), also ICC(C,1): a shift of everybody does not count.
    Consistency,
    /// ICC(1,k): as [`OneWay`](Self::OneWay), for the mean over occasions.
    OneWayMean,
    /// ICC(2,k), also ICC(A,k): as [`Agreement`](Self::Agreement), for the mean over occasions.
    AgreementMean,
    /// ICC(3,k), also ICC(C,k): as [`Consistency`](Self::Consistency), for the mean over occasions.
    ConsistencyMean,
}

impl IccForm {
    /// The six forms, in the order of Shrout and Fleiss.
    pub const ALL: [Self; 6] = [
        Self::OneWay,
        Self::Agreement,
        Self::Consistency,
        Self::OneWayMean,
        Self::AgreementMean,
        Self::ConsistencyMean,
    ];

    /// The name in the literature.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneWay => "ICC(1,1)",
            Self::Agreement => "ICC(2,1)",
            Self::Consistency => "ICC(3,1)",
            Self::OneWayMean => "ICC(1,k)",
            Self::AgreementMean => "ICC(2,k)",
            Self::ConsistencyMean => "ICC(3,k)",
        }
    }

    const fn is_mean(self) -> bool {
        matches!(self, Self::OneWayMean | Self::AgreementMean | Self::ConsistencyMean)
    }

    const fn single(self) -> Self {
        match self {
            Self::OneWayMean => Self::OneWay,
            Self::AgreementMean => Self::Agreement,
            Self::ConsistencyMean => Self::Consistency,
            single => single,
        }
    }
}

/// An intraclass correlation with its test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Icc {
    /// Which form.
    pub form: IccForm,
    /// The estimate; below 0 where people differ less than chance would have it.
    pub value: f64,
    /// Variance ratio of the test; `None` where nothing but people varies.
    pub f: Option<f64>,
    /// Its degrees of freedom.
    pub df: (f64, f64),
    /// Its p-value.
    pub p: Option<f64>,
    squares: MeanSquares,
    n: f64,
    k: f64,
}

impl Retest {
    /// Takes one column of scores per occasion, a gap where a person has none.
    ///
    /// Fails for fewer than two occasions, columns of different length, values that are not finite,
    /// fewer than three complete people, or people who do not differ at all.
    pub fn of(occasions: &[Vec<Option<f64>>]) -> Result<Self, ReliabilityError> {
        if occasions.len() < 2 {
            return Err(ReliabilityError::TooFewOccasions { found: occasions.len() });
        }
        let people = occasions.first().map_or(0, Vec::len);
        for (at, occasion) in occasions.iter().enumerate() {
            if occasion.len() != people {
                return Err(ReliabilityError::UnequalOccasions {
                    occasion: at + 1,
                    found: occasion.len(),
                    expected: people,
                });
            }
            if let Some((person, value)) = occasion
                .iter()
                .enumerate()
                .find_map(|(person, value)| Some((person, value.filter(|v| !v.is_finite())?)))
            {
                return Err(ReliabilityError::NotFinite {
                    occasion: at + 1,
                    person: person + 1,
                    value: value.to_string(),
                });
            }
        }
        let complete =
            |person: &usize| occasions.iter().all(|o| o.get(*person).is_some_and(Option::is_some));
        let kept: Vec<usize> = (0..people).filter(complete).collect();
        if kept.len() < 3 {
            return Err(ReliabilityError::TooFewPeople {
                found: kept.len() as u64,
                needed: 3,
                deletion: Deletion::Listwise,
            });
        }
        let columns: Vec<Vec<f64>> = occasions
            .iter()
            .map(|o| kept.iter().filter_map(|p| o.get(*p).copied().flatten()).collect())
            .collect();
        let squares = MeanSquares::of(&columns).ok_or(ReliabilityError::NoTotalSpread)?;
        Ok(Self { columns, left_out: people - kept.len(), squares })
    }

    /// People with a score on every occasion.
    pub fn n(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// People left out because a score is missing.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// Occasions.
    pub const fn occasions(&self) -> usize {
        self.columns.len()
    }

    /// Mean and standard deviation (n - 1) of each occasion.
    pub fn occasion_moments(&self) -> Vec<(f64, f64)> {
        self.columns
            .iter()
            .filter_map(|column| Some((mean(column)?, variance(column)?.sqrt())))
            .collect()
    }

    /// Mean of the last occasion minus mean of the first: what a norm calls retest mean shift.
    pub fn mean_shift(&self) -> f64 {
        let end = |column: Option<&Vec<f64>>| column.and_then(|c| mean(c)).unwrap_or(0.0);
        end(self.columns.last()) - end(self.columns.first())
    }

    /// Pearson correlation of the first and the last occasion.
    pub fn pearson(&self) -> Option<f64> {
        pearson(self.columns.first()?, self.columns.last()?)
    }

    /// An intraclass correlation.
    pub fn icc(&self, form: IccForm) -> Icc {
        let (n, k, ms) = (self.n() as f64, self.columns.len() as f64, self.squares);
        let shift = k * (ms.occasions - ms.error) / n;
        let value = match form {
            IccForm::OneWay => (ms.people - ms.within) / (ms.people + (k - 1.0) * ms.within),
            IccForm::Agreement => {
                (ms.people - ms.error) / (ms.people + (k - 1.0) * ms.error + shift)
            }
            IccForm::Consistency => (ms.people - ms.error) / (ms.people + (k - 1.0) * ms.error),
            IccForm::OneWayMean => (ms.people - ms.within) / ms.people,
            IccForm::AgreementMean => (ms.people - ms.error) / (ms.people + shift / k),
            IccForm::ConsistencyMean => (ms.people - ms.error) / ms.people,
        };
        let (against, second) = match form.single() {
            IccForm::OneWay => (ms.within, n * (k - 1.0)),
            _ => (ms.error, (n - 1.0) * (k - 1.0)),
        };
        let df = (n - 1.0, second);
        let f = (against > 0.0).then(|| ms.people / against);
        // The upper tail as the lower tail of the inverse ratio keeps its digits.
        let p = f.and_then(|f| f_cdf(1.0 / f, df.1, df.0));
        Icc { form, value, f, df, p, squares: ms, n, k }
    }

    /// Standard error of measurement for agreement: error and shifts between occasions.
    pub fn sem_agreement(&self) -> f64 {
        let shift = (self.squares.occasions - self.squares.error) / self.n() as f64;
        (shift.max(0.0) + self.squares.error).sqrt()
    }

    /// Standard error of measurement for consistency: error alone. With two occasions this is the
    /// standard deviation of the differences over √2.
    pub fn sem_consistency(&self) -> f64 {
        self.squares.error.sqrt()
    }

    /// Limits of agreement of the first and the last occasion.
    pub fn bland_altman(&self, confidence: f64) -> Option<BlandAltman> {
        BlandAltman::of(self.columns.first()?, self.columns.last()?, confidence)
    }
}

impl MeanSquares {
    /// `None` where people do not differ.
    fn of(columns: &[Vec<f64>]) -> Option<Self> {
        let (k, n) = (columns.len() as f64, columns.first()?.len());
        let occasions: Vec<f64> = columns.iter().filter_map(|c| mean(c)).collect();
        let people: Vec<f64> = (0..n)
            .map(|person| {
                let scores: Vec<f64> =
                    columns.iter().filter_map(|c| c.get(person).copied()).collect();
                mean(&scores).unwrap_or(0.0)
            })
            .collect();
        let grand = mean(&occasions)?;
        let mut error = Vec::with_capacity(n * columns.len());
        let mut within = Vec::with_capacity(n * columns.len());
        for (column, occasion) in columns.iter().zip(&occasions) {
            for (score, person) in column.iter().zip(&people) {
                error.push((score - person - occasion + grand).powi(2));
                within.push((score - person).powi(2));
            }
        }
        let n = n as f64;
        let squares = Self {
            people: k * variance(&people)?,
            occasions: n * variance(&occasions)?,
            error: sum_compensated(&error) / ((n - 1.0) * (k - 1.0)),
            within: sum_compensated(&within) / (n * (k - 1.0)),
        };
        (squares.people > 0.0).then_some(squares)
    }
}

impl Icc {
    /// The interval by F quantiles (McGraw and Wong 1996; for agreement with Satterthwaite's
    /// degrees of freedom); `None` where nothing but people varies, or for a confidence outside
    /// 0 to 1.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let quantile = |a: f64, b: f64| f_quantile(1.0 - (1.0 - confidence) / 2.0, a, b);
        let (n, k) = (self.n, self.k);
        let interval = if self.form.single() == IccForm::Agreement {
            let ms = self.squares;
            let (rho, fj) = (self.single_agreement(), ms.occasions / ms.error);
            let own = n * (1.0 + (k - 1.0) * rho) - k * rho;
            let df = (k - 1.0) * (n - 1.0) * (k * rho * fj + own).powi(2)
                / ((n - 1.0) * (k * rho * fj).powi(2) + own.powi(2));
            let (low, high) = (quantile(n - 1.0, df)?, quantile(df, n - 1.0)?);
            let rest = k * ms.occasions + (k * n - k - n) * ms.error;
            Interval {
                low: n * (ms.people - low * ms.error) / (low * rest + n * ms.people),
                high: n * (high * ms.people - ms.error) / (rest + n * high * ms.people),
            }
        } else {
            let f = self.f?;
            let low = f / quantile(self.df.0, self.df.1)?;
            let high = f * quantile(self.df.1, self.df.0)?;
            let single = |f: f64| (f - 1.0) / (f + k - 1.0);
            Interval { low: single(low), high: single(high) }
        };
        let stepped = |r: f64| if self.form.is_mean() { r * k / (1.0 + r * (k - 1.0)) } else { r };
        let interval = Interval { low: stepped(interval.low), high: stepped(interval.high) };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }

    fn single_agreement(&self) -> f64 {
        let ms = self.squares;
        let shift = self.k * (ms.occasions - ms.error) / self.n;
        (ms.people - ms.error) / (ms.people + (self.k - 1.0) * ms.error + shift)
    }
}

/// Bland and Altman's limits of agreement (1986, The Lancet 327:307-310,
/// doi:10.1016/S0140-6736(86)90837-8): where the difference of two scores of one person lies.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BlandAltman {
    /// Pairs.
    pub n: usize,
    /// Mean difference, second minus first, with its t interval.
    pub bias: f64,
    /// Interval of the bias.
    pub bias_interval: Interval,
    /// Standard deviation of the differences, with n - 1.
    pub sd: f64,
    /// `bias ± z sd`.
    pub limits: Interval,
    /// Half width of the interval of each limit, `t sd √(1/n + z²/(2(n-1)))` (Bland and Altman 1999,
    /// Statistical Methods in Medical Research 8:135-160, doi:10.1177/096228029900800204).
    pub limit_half_width: f64,
    /// Correlation of difference and mean: away from 0, the limits do not hold along the whole
    /// scale.
    pub trend: Option<f64>,
}

impl BlandAltman {
    fn of(first: &[f64], second: &[f64], confidence: f64) -> Option<Self> {
        let n = first.len();
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| b - a).collect();
        let middles: Vec<f64> =
            first.iter().zip(second).map(|(a, b)| f64::midpoint(*a, *b)).collect();
        let (bias, sd) = (mean(&differences)?, variance(&differences)?.sqrt());
        let upper = 1.0 - (1.0 - confidence) / 2.0;
        let (z, t) = (normal_quantile(upper)?, t_quantile(upper, n as f64 - 1.0)?);
        let count = n as f64;
        let around = |middle: f64, half: f64| Interval { low: middle - half, high: middle + half };
        Some(Self {
            n,
            bias,
            bias_interval: around(bias, t * sd / count.sqrt()),
            sd,
            limits: around(bias, z * sd),
            limit_half_width: t * sd * (1.0 / count + z * z / (2.0 * (count - 1.0))).sqrt(),
            trend: pearson(&differences, &middles),
        })
    }
}
