//! One error for applications that do not want to name each room's.
//!
//! Each room owns its errors, with what was found, what was expected and what to do. [`enum@Error`] only
//! gathers them, so that `?` works across rooms; match on it, or print it.

/// Any error of the crate.
///
/// ```
/// fn score() -> Result<f64, straingauge::Error> {
///     let phq9 = straingauge::catalog::get("phq-9")?;
///     let sheet = straingauge::Sheet::from_text(&phq9, "1 1 1 1 1 1 1 1 1")?;
///     let scores = phq9.score(&sheet)?;
///     let total = scores.get("total").unwrap().value()?.to_f64();
///     Ok(total)
/// }
/// assert_eq!(score().unwrap(), 9.0);
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
#[non_exhaustive]
pub enum Error {
    /// A definition that does not load.
    Load(#[from] crate::instrument::LoadError),
    /// Text that is no version.
    Version(#[from] crate::instrument::VersionError),
    /// A built-in instrument that does not exist.
    Catalog(#[from] crate::catalog::CatalogError),
    /// Answers that do not fit the instrument.
    Answer(#[from] crate::answers::AnswerError),
    /// A wording pack that does not fit the instrument.
    Wording(#[from] crate::form::WordingError),
    /// A table that cannot be scored.
    Frame(#[from] crate::score::FrameError),
    /// A choice that the instrument does not offer.
    Option(#[from] crate::score::OptionError),
    /// A scale without a score.
    Absent(#[from] crate::score::Absence),
    /// Stored scores that could not be confirmed.
    Verify(#[from] crate::score::VerifyError),
    /// A vectors file that cannot be read.
    Vectors(#[from] crate::score::VectorError),
    /// Text that is no date.
    Date(#[from] crate::date::DateError),
    /// A history that does not take a score.
    History(#[from] crate::change::HistoryError),
    /// A change that cannot be judged.
    Change(#[from] crate::change::ChangeError),
    /// A watch policy that does not load.
    Policy(#[from] crate::watch::PolicyError),
    /// A consent that does not hold.
    Consent(#[from] crate::watch::ConsentError),
    /// A group report that cannot be made.
    Group(#[from] crate::group::GroupError),
    /// A reliability that is not defined.
    Reliability(#[from] crate::reliability::ReliabilityError),
    /// A response quality that cannot be assessed.
    Quality(#[from] crate::quality::QualityError),
    /// A survey export that cannot be read.
    #[cfg(feature = "csv")]
    Survey(#[from] crate::survey::SurveyError),
    /// A batch of Arrow columns that cannot be scored.
    #[cfg(any(feature = "arrow59", feature = "arrow60"))]
    Batch(#[from] crate::exchange::BatchError),
}
