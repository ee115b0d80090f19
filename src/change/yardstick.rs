//! What a change is judged against: a reference with its error, or a published number of points.

use super::{
    ChangeError, Method,
    error::{finite, positive, within_unit},
};
use crate::instrument::{ChangeKind, ReliabilityKind};

/// The numbers of a reference group that a change can be judged against.
///
/// Mean, SD and reliability should come from the same people ([`Reference::mixed_sources`] says
/// so where they do not). A published standard error of measurement may stand in place of SD and
/// reliability. Take a reference from an instrument's norm, or give your own:
///
/// ```
/// use straingauge::change::{Reference};
/// use straingauge::instrument::ReliabilityKind;
///
/// let own = Reference::new("our control group").with_sd(7.5).with_reliability(0.80);
/// let own = own.with_kind(ReliabilityKind::Retest).with_mean(40.0);
/// assert!((own.sem()? - 3.354).abs() < 1e-3);
/// # Ok::<(), straingauge::change::ChangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub(super) name: String,
    pub(super) population: Option<String>,
    pub(super) n: Option<u32>,
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
    pub(super) reliability: Option<f64>,
    pub(super) kind: Option<ReliabilityKind>,
    pub(super) published_sem: Option<f64>,
    pub(super) mixed_sources: bool,
    pub(super) shift: Option<f64>,
    pub(super) retest: Retest,
    /// Each score brings its own standard error.
    pub(super) by_score: bool,
}

/// The second occasion of a reference group, where it was tested twice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Retest {
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
    pub(super) reliability: Option<f64>,
    pub(super) correlation: Option<f64>,
}

impl Reference {
    /// A reference of this name, still without numbers.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            population: None,
            n: None,
            mean: None,
            sd: None,
            reliability: None,
            kind: None,
            published_sem: None,
            mixed_sources: false,
            shift: None,
            retest: Retest::default(),
            by_score: false,
        }
    }

    /// A reference in which each score brings its own standard error, as a conversion table of
    /// item response theory gives it. Only differences can be judged so.
    pub fn of_score_errors(name: impl Into<String>) -> Self {
        Self { by_score: true, kind: Some(ReliabilityKind::Irt), ..Self::new(name) }
    }

    /// Mean, SD, retest and their correlation estimated from pairs of scores of control people.
    ///
    /// # Errors
    /// Fewer than three pairs, unequal lengths, numbers that are not finite, or no spread.
    pub fn from_pairs(
        name: impl Into<String>,
        first: &[f64],
        second: &[f64],
    ) -> Result<Self, ChangeError> {
        use crate::num::moments;
        let n = u32::try_from(first.len()).unwrap_or(u32::MAX);
        if first.len() != second.len() || n < 3 {
            let found = n.min(u32::try_from(second.len()).unwrap_or(u32::MAX));
            return Err(ChangeError::TooFewPeople { found, needed: 3 });
        }
        let no_spread = || ChangeError::NotPositive { what: "sd", found: 0.0 };
        let sd = |x: &[f64]| moments::variance(x).map(f64::sqrt).filter(|sd| *sd > 0.0);
        let r = moments::pearson(first, second).ok_or_else(no_spread)?;
        let reference = Self {
            n: Some(n),
            mean: moments::mean(first),
            sd: Some(sd(first).ok_or_else(no_spread)?),
            retest: Retest {
                mean: moments::mean(second),
                sd: Some(sd(second).ok_or_else(no_spread)?),
                reliability: None,
                correlation: Some(r),
            },
            ..Self::new(name)
        };
        // A correlation outside (0, 1) is a fact about the pairs, but no reliability.
        let reliable = r > 0.0 && r < 1.0;
        Ok(if reliable {
            reference.with_reliability(r).with_kind(ReliabilityKind::Retest)
        } else {
            reference
        })
    }

    /// Who the people are: it stands beside every verdict.
    #[must_use]
    pub fn with_population(self, population: impl Into<String>) -> Self {
        Self { population: Some(population.into()), ..self }
    }

    /// Returns the reference for another scale whose values are those of this one times `factor`, as
    /// a percentage is a sum times a factor. Means, SDs and errors are multiplied; reliabilities stay.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let by = |value: Option<f64>| value.map(|value| value * factor);
        let retest = Retest { mean: by(self.retest.mean), sd: by(self.retest.sd), ..self.retest };
        let (mean, sd) = (by(self.mean), by(self.sd));
        let (published_sem, shift) = (by(self.published_sem), by(self.shift));
        Self { mean, sd, published_sem, shift, retest, ..self }
    }

    /// Checks that mean and SD can be those of scores between `low` and `high`.
    ///
    /// # Errors
    /// A mean outside the range, or an SD that no two scores in it can have.
    pub fn expect_range(&self, low: f64, high: f64) -> Result<(), ChangeError> {
        for (what, mean) in [("mean", self.mean), ("mean at retest", self.retest.mean)] {
            if let Some(found) = mean.filter(|mean| !(low..=high).contains(mean)) {
                return Err(ChangeError::OffTheScale { what, found, low, high });
            }
        }
        // Two people, one at each end.
        let most = (high - low) / 2.0_f64.sqrt();
        for (what, sd) in [("sd", self.sd), ("sd at retest", self.retest.sd)] {
            if let Some(found) = sd.filter(|sd| *sd > most) {
                return Err(ChangeError::OffTheScale { what, found, low, high });
            }
        }
        Ok(())
    }

    /// Number of people, for the methods that allow for a small norm.
    #[must_use]
    pub fn with_people(self, n: u32) -> Self {
        Self { n: Some(n), ..self }
    }

    /// Mean of the reference group, in points of the scale.
    #[must_use]
    pub fn with_mean(self, mean: f64) -> Self {
        Self { mean: Some(mean), ..self }
    }

    /// SD of the reference group, in points of the scale.
    #[must_use]
    pub fn with_sd(self, sd: f64) -> Self {
        Self { sd: Some(sd), ..self }
    }

    /// Reliability, above 0 and below 1.
    #[must_use]
    pub fn with_reliability(self, value: f64) -> Self {
        Self { reliability: Some(value), ..self }
    }

    /// How the reliability was estimated. Where it is not said, it may serve as a retest too.
    #[must_use]
    pub fn with_kind(self, kind: ReliabilityKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// A published standard error of measurement, used in place of SD and reliability.
    #[must_use]
    pub fn with_published_sem(self, sem: f64) -> Self {
        Self { published_sem: Some(sem), ..self }
    }

    /// SD and reliability come from different people, so the index is a mixed-source one.
    #[must_use]
    pub fn mixed_sources(self) -> Self {
        Self { mixed_sources: true, ..self }
    }

    /// Mean shift at retest without treatment (first reports often run high).
    #[must_use]
    pub fn with_shift(self, shift: f64) -> Self {
        Self { shift: Some(shift), ..self }
    }

    /// Mean at the retest of the reference group.
    #[must_use]
    pub fn with_retest_mean(self, mean: f64) -> Self {
        Self { retest: Retest { mean: Some(mean), ..self.retest }, ..self }
    }

    /// SD at the retest of the reference group.
    #[must_use]
    pub fn with_retest_sd(self, sd: f64) -> Self {
        Self { retest: Retest { sd: Some(sd), ..self.retest }, ..self }
    }

    /// Mean and SD at the retest of the reference group.
    #[must_use]
    pub fn with_retest(self, mean: f64, sd: f64) -> Self {
        Self { retest: Retest { mean: Some(mean), sd: Some(sd), ..self.retest }, ..self }
    }

    /// Reliability at the retest, where it differs.
    #[must_use]
    pub fn with_retest_reliability(self, value: f64) -> Self {
        Self { retest: Retest { reliability: Some(value), ..self.retest }, ..self }
    }

    /// Correlation of the two occasions, where it is not the reliability.
    #[must_use]
    pub fn with_correlation(self, r12: f64) -> Self {
        Self { retest: Retest { correlation: Some(r12), ..self.retest }, ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who was measured, where it is known.
    pub fn population(&self) -> Option<&str> {
        self.population.as_deref()
    }

    /// How many people were measured, where it is known.
    pub fn people(&self) -> Option<u32> {
        self.n
    }

    /// The reliability, where one is known.
    pub fn reliability(&self) -> Option<f64> {
        self.reliability
    }

    /// How the reliability was estimated, where it is known.
    pub fn kind(&self) -> Option<ReliabilityKind> {
        self.kind
    }

    /// Standard error of measurement in points: the published one, else `sd sqrt(1 - r)`.
    ///
    /// # Errors
    /// Where neither is there, or a number is not usable.
    pub fn sem(&self) -> Result<f64, ChangeError> {
        if let Some(sem) = self.published_sem {
            return positive("sem", sem);
        }
        Ok(self.needed_sd(Method::JacobsonTruax)?
            * (1.0 - self.needed_r(Method::JacobsonTruax)?).sqrt())
    }

    pub(super) fn needed_sd(&self, method: Method) -> Result<f64, ChangeError> {
        positive("sd", self.need(method, "sd", self.sd)?)
    }

    pub(super) fn needed_r(&self, method: Method) -> Result<f64, ChangeError> {
        within_unit("reliability", self.need(method, "reliability", self.reliability)?)
    }

    pub(super) fn needed_mean(&self, method: Method) -> Result<f64, ChangeError> {
        finite("mean", self.need(method, "mean", self.mean)?)
    }

    pub(super) fn needed_people(&self, method: Method) -> Result<f64, ChangeError> {
        self.n.map(f64::from).ok_or_else(|| self.missing(method, "number of people"))
    }

    /// SD of the second occasion; the first one's where only one is known.
    pub(super) fn retest_sd(&self, method: Method) -> Result<f64, ChangeError> {
        self.retest.sd.map_or_else(|| self.needed_sd(method), |sd| positive("sd at retest", sd))
    }

    /// SD of the second occasion, for a method that is about its difference from the first.
    pub(super) fn given_retest_sd(&self, method: Method) -> Result<f64, ChangeError> {
        positive("sd at retest", self.need(method, "sd at retest", self.retest.sd)?)
    }

    /// Reliability at retest.
    pub(super) fn retest_r(&self, method: Method) -> Result<f64, ChangeError> {
        let r = self.need(method, "reliability at retest", self.retest.reliability)?;
        within_unit("reliability at retest", r)
    }

    /// Correlation of two occasions: as given, else a reliability that is one (or may be).
    pub(super) fn needed_correlation(&self, method: Method) -> Result<f64, ChangeError> {
        if let Some(r) = self.retest.correlation {
            return if r > -1.0 && r < 1.0 {
                Ok(r)
            } else {
                Err(ChangeError::Outside {
                    what: "retest correlation",
                    found: r,
                    low: -1.0,
                    high: 1.0,
                })
            };
        }
        match self.kind {
            None | Some(ReliabilityKind::Retest | ReliabilityKind::Parallel) => {
                self.needed_r(method)
            }
            Some(_) => Err(self.missing(method, "retest correlation")),
        }
    }

    /// Mean shift at retest: as given, or the difference of the means. Without either, a method that
    /// allows for it would be another method under its name.
    pub(super) fn retest_shift(&self, method: Method) -> Result<f64, ChangeError> {
        let by_means = || Some(self.retest.mean? - self.mean?);
        let shift = self.shift.or_else(by_means);
        finite("mean shift at retest", self.need(method, "mean at retest", shift)?)
    }

    fn need(
        &self,
        method: Method,
        what: &'static str,
        value: Option<f64>,
    ) -> Result<f64, ChangeError> {
        value.ok_or_else(|| self.missing(method, what))
    }

    fn missing(&self, method: Method, what: &'static str) -> ChangeError {
        ChangeError::NeedsNumber { method, what, reference: self.name.clone() }
    }
}

/// A published smallest change of a scale, in points.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedPoints {
    pub(super) name: String,
    pub(super) population: Option<String>,
    pub(super) points: f64,
    pub(super) kind: ChangeKind,
}

impl PublishedPoints {
    /// `points` (above 0) count as a change of this kind; `name` says where they are from.
    pub fn new(name: impl Into<String>, points: f64, kind: ChangeKind) -> Self {
        Self { name: name.into(), population: None, points, kind }
    }

    /// Who the people are in whom it was found.
    #[must_use]
    pub fn with_population(self, population: impl Into<String>) -> Self {
        Self { population: Some(population.into()), ..self }
    }

    /// The points.
    pub fn points(&self) -> f64 {
        self.points
    }

    /// What the points mean: beyond error, felt as important, or a service's custom.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }
}

/// What a change is judged against.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Yardstick {
    /// A reference group, hence an index with its error.
    Reference(Reference),
    /// A published smallest change, where no complete reference is known: no index and no p.
    Published(PublishedPoints),
}

impl Yardstick {
    /// The name of the norm or published change.
    pub fn name(&self) -> &str {
        match self {
            Self::Reference(reference) => &reference.name,
            Self::Published(published) => &published.name,
        }
    }

    /// Who was measured, where it is known.
    pub fn population(&self) -> Option<&str> {
        match self {
            Self::Reference(reference) => reference.population.as_deref(),
            Self::Published(published) => published.population.as_deref(),
        }
    }

    /// The reference group, where it is one.
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            Self::Published(_) => None,
        }
    }
}

impl From<Reference> for Yardstick {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<PublishedPoints> for Yardstick {
    fn from(published: PublishedPoints) -> Self {
        Self::Published(published)
    }
}
