//! Reliable change: is the difference between two scores of one person more than error?

use serde::Serialize;

use super::error::{confidence_of_a_look, finite, positive};
use super::note::standing_notes;
use super::{ChangeError, ErrorTerm, Expected, Method, Note, Reference, Yardstick};
use crate::instrument::{ChangeKind, Direction, Exact, ReliabilityKind};
use crate::num::{Interval, dist};
use crate::score::ScaleView;

/// How to judge a change.
///
/// ```
/// use straingauge::change::{ChangeOptions, Method};
/// let default = ChangeOptions::new(); // Jacobson-Truax, 95 %, one look
/// let planned = ChangeOptions::new().with_method(Method::Speer).with_looks(6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeOptions {
    method: Method,
    confidence: f64,
    critical: Option<f64>,
    looks: u32,
    screened: bool,
}

impl Default for ChangeOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ChangeOptions {
    /// Jacobson-Truax at 95 %, one look.
    pub fn new() -> Self {
        Self {
            method: Method::JacobsonTruax,
            confidence: 0.95,
            critical: None,
            looks: 1,
            screened: false,
        }
    }

    /// Uses this method.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Uses this confidence, above 0 and below 1 (default 0.95).
    #[must_use]
    pub fn with_confidence(self, confidence: f64) -> Self {
        Self { confidence, ..self }
    }

    /// Uses this critical value in place of the exact quantile (1.96 and 1.65 occur in print).
    #[must_use]
    pub fn with_critical_value(self, critical: f64) -> Self {
        Self { critical: Some(critical), ..self }
    }

    /// Shares the allowed false alarms out over this many planned looks (Bonferroni).
    #[must_use]
    pub fn with_looks(self, looks: u32) -> Self {
        Self { looks, ..self }
    }

    /// The first score was the reason to follow this person, so the next will tend back.
    #[must_use]
    pub fn screened(self) -> Self {
        Self { screened: true, ..self }
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    pub(super) fn is_screened(&self) -> bool {
        self.screened
    }
}

/// One score with what is known of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub(super) value: f64,
    /// Error variance over that of a complete sheet: items / answered.
    pub(super) stretch: f64,
    pub(super) standard_error: Option<f64>,
}

impl Reading {
    /// A score of a complete sheet.
    pub fn new(value: f64) -> Self {
        Self { value, stretch: 1.0, standard_error: None }
    }

    /// A score prorated from `answered` of `items` answers, so its error variance grows by
    /// items / answered (parallel items).
    #[must_use]
    pub fn prorated(self, answered: u32, items: u32) -> Self {
        let stretch = f64::from(items.max(answered).max(1)) / f64::from(answered.max(1));
        Self { stretch, ..self }
    }

    /// The score's own standard error, as a conversion table gives it.
    #[must_use]
    pub fn with_standard_error(self, standard_error: f64) -> Self {
        Self { standard_error: Some(standard_error), ..self }
    }

    /// A scale as it was scored, with what its status and conversion table say of the error;
    /// `None` where it has no value.
    ///
    /// ```
    /// use straingauge::change::Reading;
    /// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
    /// let cbi = straingauge::Instrument::parse(text)?;
    /// let sheet = straingauge::Sheet::from_text(&cbi, "75 50 . 100 25 50 - - - - - - - - - - - - -")?;
    /// let scores = cbi.score(&sheet)?;
    /// let reading = Reading::of(&scores.get("personal").unwrap()).unwrap();
    /// assert_eq!((reading.value(), reading.is_prorated()), (60.0, true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(view: &ScaleView<'_>) -> Option<Self> {
        let score = view.value().ok()?;
        let mut reading = Self::new(score.to_f64());
        if score.is_prorated() {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            reading = reading.prorated(count(score.answered()), count(score.items()));
        }
        reading.standard_error = view.table_error().map(Exact::to_f64);
        Some(reading)
    }

    /// The score.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Whether it was prorated.
    pub fn is_prorated(&self) -> bool {
        self.stretch > 1.0
    }
}

/// What a change, trend or signal amounts to. The direction comes from the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Verdict {
    /// Reliably worse.
    Worse,
    /// Reliably better.
    Better,
    /// Not beyond what error alone can bring.
    NoReliableChange,
    /// Reliably changed on a scale that has no better or worse.
    Changed,
}

impl Verdict {
    /// The verdict on a signed amount that is or is not beyond error.
    pub(super) fn of(direction: Direction, amount: f64, beyond: bool) -> Self {
        match direction {
            _ if !beyond => Self::NoReliableChange,
            Direction::HigherIsWorse if amount > 0.0 => Self::Worse,
            Direction::HigherIsBetter if amount < 0.0 => Self::Worse,
            Direction::HigherIsWorse | Direction::HigherIsBetter => Self::Better,
            _ => Self::Changed,
        }
    }

    /// The word in a table: `worse`, `better`, `no-reliable-change`, `changed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::NoReliableChange => "no-reliable-change",
            Self::Changed => "changed",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// The numbers of one judged change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChangeNumbers {
    /// First score.
    pub first: f64,
    /// Last score.
    pub last: f64,
    /// Last minus first, in points; keeps its sign whatever the direction of the scale.
    pub change: f64,
    /// The last score that was to be expected if nothing had changed.
    pub expected: f64,
    /// Standard error of last minus expected; none for a published change in points.
    pub standard_error: Option<f64>,
    /// (last - expected) / standard error.
    pub index: Option<f64>,
    /// Two-sided p-value of the index.
    pub p: Option<f64>,
    /// Smallest difference from the expected score that counts (MDC), in points.
    pub smallest_change: f64,
    /// Interval for last minus expected, in points, at the confidence of this look.
    pub interval: Option<Interval>,
    /// What it amounts to.
    pub verdict: Verdict,
}

/// A yardstick and options compiled into one formula, to judge many changes alike.
///
/// Every method is `expected = centre2 + slope (X1 - centre1)`, an error variance, and the normal
/// or a t distribution; the table of methods only fills in the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeTest {
    pub(super) method: Method,
    pub(super) confidence: f64,
    pub(super) direction: Direction,
    centre: (f64, f64),
    slope: f64,
    error: CompiledError,
    pub(super) critical: f64,
    df: Option<f64>,
    pub(super) sem: Option<f64>,
    pub(super) against: String,
    pub(super) notes: Vec<Note>,
    pub(super) kind: Option<ReliabilityKind>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum CompiledError {
    /// `base + lever (X1 - centre1)²`, plus what prorating or a score's own error adds.
    Variance { base: f64, lever: f64 },
    /// Only the scores' own errors.
    OfScores,
    /// A published number of points.
    Points(f64),
}

impl ChangeTest {
    /// Compiles a yardstick for scores of this direction.
    ///
    /// # Errors
    /// A number that is missing or unusable, or a confidence outside (0, 1).
    pub fn new(
        yardstick: &Yardstick,
        direction: Direction,
        options: &ChangeOptions,
    ) -> Result<Self, ChangeError> {
        match yardstick {
            Yardstick::Reference(reference) => Self::of_reference(reference, direction, options),
            Yardstick::Published(published) if published.kind != ChangeKind::Reliable => {
                Err(ChangeError::NotBeyondError {
                    kind: published.kind,
                    name: published.name.clone(),
                })
            }
            // A published reliable change is the threshold of Jacobson and Truax in its own study.
            Yardstick::Published(published)
                if !matches!(options.method, Method::JacobsonTruax | Method::PublishedChange) =>
            {
                Err(ChangeError::NeedsNumber {
                    method: options.method,
                    what: "error of a reference group",
                    reference: published.name.clone(),
                })
            }
            Yardstick::Published(published) => Ok(Self {
                method: Method::PublishedChange,
                confidence: confidence_of_a_look(options.confidence, options.looks)?,
                direction,
                centre: (0.0, 0.0),
                slope: 1.0,
                error: CompiledError::Points(positive("points", published.points)?),
                critical: 1.0,
                df: None,
                sem: None,
                against: published.name.clone(),
                notes: vec![Note::PublishedReliable],
                kind: None,
            }),
        }
    }

    fn of_reference(
        reference: &Reference,
        direction: Direction,
        options: &ChangeOptions,
    ) -> Result<Self, ChangeError> {
        let method = options.method;
        let preset = method.preset();
        let confidence = confidence_of_a_look(options.confidence, options.looks)?;
        let (centre, slope) = expected_line(preset.expected, reference, method)?;
        let (error, df) = error_variance(preset.error, reference, method)?;
        let critical = if let Some(critical) = options.critical {
            positive("critical value", critical)?
        } else {
            let p = 1.0 - (1.0 - confidence) / 2.0;
            let quantile = match df {
                None => dist::normal_quantile(p),
                Some(df) => dist::t_quantile(p, df),
            };
            quantile.filter(|q| q.is_finite() && *q > 0.0).ok_or(ChangeError::Outside {
                what: "confidence",
                found: confidence,
                low: 0.0,
                high: 1.0,
            })?
        };
        let sem = if reference.by_score { None } else { reference.sem().ok() };
        Ok(Self {
            method,
            confidence,
            direction,
            centre,
            slope,
            error,
            critical,
            df,
            sem,
            against: reference.name.clone(),
            notes: standing_notes(reference, options),
            kind: reference.kind.filter(|_| reference.published_sem.is_none()),
        })
    }

    /// The method in force; a published change is judged by points whatever was asked for.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Judges the change from `first` to `last`.
    ///
    /// # Errors
    /// A score that is not finite, or lacks the standard error that the yardstick lives on.
    pub fn judge(&self, first: Reading, last: Reading) -> Result<ChangeNumbers, ChangeError> {
        finite("score", first.value)?;
        finite("score", last.value)?;
        let change = last.value - first.value;
        let off_centre = first.value - self.centre.0;
        let expected = self.centre.1 + self.slope * off_centre;
        // For the commonest methods the expected score is the first one, bit for bit.
        let deviation = last.value - expected;
        let own_errors = |variance: f64| -> Result<f64, ChangeError> {
            Ok(variance
                + self.slope * self.slope * self.added_variance(first)?
                + self.added_variance(last)?)
        };
        let variance = match self.error {
            CompiledError::Points(points) => {
                // A change of means is seldom exact in binary: allow for the last digits.
                let beyond = change.abs() >= points * (1.0 - 1e-9);
                return Ok(ChangeNumbers {
                    first: first.value,
                    last: last.value,
                    change,
                    expected,
                    standard_error: None,
                    index: None,
                    p: None,
                    smallest_change: points,
                    interval: None,
                    verdict: Verdict::of(self.direction, change, beyond),
                });
            }
            CompiledError::OfScores => own_errors(0.0)?,
            CompiledError::Variance { base, lever } => {
                own_errors(base + lever * off_centre * off_centre)?
            }
        };
        let standard_error = positive("standard error", variance.sqrt())?;
        let index = deviation / standard_error;
        let smallest_change = self.critical * standard_error;
        let p = match self.df {
            None => (2.0 * dist::normal_sf(index.abs())).min(1.0),
            Some(df) => {
                let p = dist::t_two_sided_p(index, df);
                p.ok_or(ChangeError::NotFinite { what: "index", found: index })?
            }
        };
        Ok(ChangeNumbers {
            first: first.value,
            last: last.value,
            change,
            expected,
            standard_error: Some(standard_error),
            index: Some(index),
            p: Some(p),
            smallest_change,
            interval: Some(Interval {
                low: deviation - smallest_change,
                high: deviation + smallest_change,
            }),
            verdict: Verdict::of(self.direction, deviation, index.abs() > self.critical),
        })
    }

    /// Error variance of a score beyond that of a complete sheet.
    fn added_variance(&self, reading: Reading) -> Result<f64, ChangeError> {
        let sem = self.sem.unwrap_or(0.0);
        match (reading.standard_error, self.error) {
            (Some(own), CompiledError::OfScores) => Ok(positive("standard error", own)?.powi(2)),
            (None, CompiledError::OfScores) => {
                Err(ChangeError::NoScoreError { reference: self.against.clone() })
            }
            _ => Ok(sem * sem * (reading.stretch - 1.0)),
        }
    }
}

/// `(centre1, centre2)` and slope of the expected second score.
fn expected_line(
    expected: Expected,
    of: &Reference,
    method: Method,
) -> Result<((f64, f64), f64), ChangeError> {
    let mean = || of.needed_mean(method);
    Ok(match expected {
        Expected::First => ((0.0, 0.0), 1.0),
        Expected::FirstShifted => ((0.0, of.retest_shift(method)?), 1.0),
        Expected::TrueScore => ((mean()?, mean()?), of.needed_r(method)?),
        Expected::TrueScoreShifted => {
            ((mean()?, mean()? + of.retest_shift(method)?), of.needed_r(method)?)
        }
        Expected::Regression => {
            let slope =
                of.needed_correlation(method)? * of.retest_sd(method)? / of.needed_sd(method)?;
            ((mean()?, mean()? + of.retest_shift(method)?), slope)
        }
        Expected::NormMean => ((mean()?, mean()?), 0.0),
    })
}

/// The error term of a reference, and degrees of freedom where it is judged by t.
fn error_variance(
    term: ErrorTerm,
    of: &Reference,
    method: Method,
) -> Result<(CompiledError, Option<f64>), ChangeError> {
    if of.by_score {
        return if term == ErrorTerm::BothOccasions {
            Ok((CompiledError::OfScores, None))
        } else {
            Err(ChangeError::NoSingleError { reference: of.name.clone() })
        };
    }
    let sd = || of.needed_sd(method);
    let r = || of.needed_r(method);
    let s2 = || of.retest_sd(method);
    let r12 = || of.needed_correlation(method);
    let people = |least: u32| {
        let n = of.needed_people(method)?;
        let found = of.n.unwrap_or(0);
        if found < least { Err(ChangeError::TooFewPeople { found, needed: least }) } else { Ok(n) }
    };
    let (mut lever, mut df) = (0.0, None);
    let base = match term {
        ErrorTerm::BothOccasions => 2.0 * of.sem()?.powi(2),
        // With one SD for both it would be Chelune's method under another name.
        ErrorTerm::EachOccasion => {
            (sd()?.powi(2) + of.given_retest_sd(method)?.powi(2)) * (1.0 - r()?)
        }
        ErrorTerm::Differences => sd()?.powi(2) + s2()?.powi(2) - 2.0 * r12()? * sd()? * s2()?,
        ErrorTerm::Prediction => sd()?.powi(2) * (1.0 - r()?.powi(2)),
        ErrorTerm::SecondOccasion => of.sem()?.powi(2),
        ErrorTerm::TrueScoreAndRetest => {
            sd()?.powi(2) * (r()?.powi(2) * (1.0 - r()?) + (1.0 - of.retest_r(method)?))
        }
        ErrorTerm::RegressionPopulation => s2()?.powi(2) * (1.0 - r12()?.powi(2)),
        ErrorTerm::RegressionSample | ErrorTerm::RegressionNewCase => {
            let n = people(3)?;
            let residual = s2()?.powi(2) * (1.0 - r12()?.powi(2)) * (n - 1.0) / (n - 2.0);
            if term == ErrorTerm::RegressionNewCase {
                df = Some(n - 2.0);
                lever = residual / ((n - 1.0) * sd()?.powi(2));
                residual * (1.0 + 1.0 / n)
            } else {
                residual
            }
        }
        ErrorTerm::SmallNorm => {
            let n = people(2)?;
            df = Some(n - 1.0);
            sd()?.powi(2) * (n + 1.0) / n
        }
        ErrorTerm::Published => {
            return Err(ChangeError::NeedsNumber {
                method,
                what: "published change",
                reference: of.name.clone(),
            });
        }
    };
    Ok((CompiledError::Variance { base, lever }, df))
}
