//! The built-in instruments: lookup, filters, licence gate.
//!
//! Definitions are embedded as text and parsed on first use, once per process. Everything here
//! works the same for an [`Instrument`] that a caller parsed from a file of their own.

use std::sync::LazyLock;

use crate::instrument::{Construct, Instrument, LoadError, Use, Version};

mod files;
mod needs;
mod withdrawn;

pub use files::VERSIONS;
pub use needs::{Needs, OwnWording};
pub use withdrawn::{Withdrawal, withdrawals};

/// A built-in definition: where it is from, and its text.
#[derive(Debug)]
pub struct BuiltIn {
    id: &'static str,
    version: &'static str,
    text: &'static str,
    parsed: LazyLock<Result<Instrument, LoadError>>,
}

impl BuiltIn {
    /// Id of the instrument.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Version of the definition.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// The definition file.
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The instrument, parsed on first use.
    ///
    /// # Errors
    /// None in a released crate: a test loads every file.
    pub fn instrument(&self) -> Result<&Instrument, CatalogError> {
        self.parsed.as_ref().map_err(|error| CatalogError::Load(error.clone()))
    }
}

/// A lookup that found nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// No built-in instrument of this id.
    #[error(
        "no built-in instrument `{found}`; built in are {allowed}. Load a file of your own with Instrument::parse"
    )]
    NoSuchInstrument {
        /// The id that was asked for.
        found: String,
        /// The ids that there are.
        allowed: String,
    },
    /// No such version of the instrument.
    #[error("`{id}` has no version {found}; built in: {allowed}")]
    NoSuchVersion {
        /// Id of the instrument.
        id: String,
        /// The version that was asked for.
        found: String,
        /// The versions that there are.
        allowed: String,
    },
    /// A built-in file that does not load.
    #[error(transparent)]
    Load(LoadError),
}

/// Returns the newest built-in definition of an instrument, or a given one: `"cbi"`, `"cbi@1.0.0"`.
///
/// A version that was withdrawn is still returned where it is asked for, so that what was stored
/// can be read; [`Instrument::withdrawn`] then says why it must not be used for new scores.
///
/// ```
/// let cbi = straingauge::catalog::get("cbi")?;
/// assert_eq!(cbi.title(), "Copenhagen Burnout Inventory");
/// assert!(straingauge::catalog::get("cbi@9.0.0").is_err());
/// # Ok::<(), straingauge::catalog::CatalogError>(())
/// ```
///
/// # Errors
/// An id or version that is not built in; the message lists those that are.
pub fn get(id: &str) -> Result<Instrument, CatalogError> {
    let (id, wanted) = id.split_once('@').map_or((id, None), |(id, version)| (id, Some(version)));
    let mut versions: Vec<&BuiltIn> = VERSIONS.iter().filter(|file| file.id == id).collect();
    if versions.is_empty() {
        let mut ids: Vec<&str> = VERSIONS.iter().map(BuiltIn::id).collect();
        ids.dedup();
        let found = id.chars().take(80).collect();
        return Err(CatalogError::NoSuchInstrument { found, allowed: ids.join(", ") });
    }
    versions.sort_by_key(|file| file.version.parse::<Version>().ok());
    let chosen = match wanted {
        None => versions.last(),
        Some(wanted) => versions.iter().find(|file| file.version == wanted),
    };
    let Some(file) = chosen else {
        let versions: Vec<&str> = versions.iter().map(|file| file.version).collect();
        return Err(CatalogError::NoSuchVersion {
            id: id.to_owned(),
            found: wanted.unwrap_or_default().chars().take(80).collect(),
            allowed: versions.join(", "),
        });
    };
    file.instrument().cloned()
}

/// The newest definition of every built-in instrument, by id.
///
/// Filters are methods of the instrument:
///
/// ```
/// use straingauge::instrument::{Construct, Use};
/// let burnout = straingauge::catalog::all()
///     .filter(|instrument| instrument.is_about(Construct::Burnout))
///     .filter(|instrument| instrument.may_be_used_unasked(&[Use::Workplace]))
///     .filter(|instrument| instrument.items().len() <= 30);
/// assert!(burnout.count() > 0);
/// ```
pub fn all() -> impl Iterator<Item = Instrument> {
    let mut ids: Vec<&str> = VERSIONS.iter().map(BuiltIn::id).collect();
    ids.dedup();
    ids.into_iter().filter_map(|id| get(id).ok())
}

impl Instrument {
    /// Whether it measures this.
    pub fn is_about(&self, construct: Construct) -> bool {
        self.measures().contains(&construct)
    }

    /// Whether its terms allow these uses without asking the holder first.
    ///
    /// A reading aid, not legal advice: the terms and the day on which they were read are in
    /// [`Self::licence`].
    pub fn may_be_used_unasked(&self, uses: &[Use]) -> bool {
        uses.iter().all(|of| !self.licence().ask_first_for().contains(of))
    }
}
