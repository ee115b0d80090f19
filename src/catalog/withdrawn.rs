//! Definition versions that were withdrawn, and why.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::instrument::Instrument;

/// A definition version that must not be used for new scores.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    id: String,
    version: String,
    reason: String,
    instead: String,
}

impl Withdrawal {
    /// Returns the id of the instrument.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the version that was withdrawn.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns what is wrong with the version and which scores it touches, in plain words.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the version to use instead.
    pub fn instead(&self) -> &str {
        &self.instead
    }
}

impl std::fmt::Display for Withdrawal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, version, reason, instead } = self;
        write!(f, "{id} {version} was withdrawn; use {instead}. {reason}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    withdrawn: Vec<Withdrawal>,
}

/// Returns every built-in version that was withdrawn.
///
/// ```
/// use straingauge::catalog;
///
/// let old = catalog::get("ies-r@1.0.0")?; // still readable, for what was stored
/// assert_eq!(old.withdrawn().unwrap().instead(), "2.0.0");
/// assert!(catalog::get("ies-r")?.withdrawn().is_none());
/// # Ok::<(), catalog::CatalogError>(())
/// ```
pub fn withdrawals() -> &'static [Withdrawal] {
    // A test reads the file, so the fallback of an empty list is never reached in a release.
    static LIST: LazyLock<Vec<Withdrawal>> = LazyLock::new(|| {
        let list: Result<List, _> =
            toml::from_str(include_str!("../../instruments/withdrawn.toml"));
        list.map(|list| list.withdrawn).unwrap_or_default()
    });
    &LIST
}

impl Instrument {
    /// Returns why this version was withdrawn, or `None` where it stands.
    ///
    /// Looks at id and version, so it also answers for a copy that was loaded from a file.
    pub fn withdrawn(&self) -> Option<&'static Withdrawal> {
        let version = self.version().to_string();
        withdrawals().iter().find(|found| found.id == self.id() && found.version == version)
    }
}
