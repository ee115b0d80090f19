//! Words shared with the instrument file.

use serde::{Deserialize, Serialize};

/// Which way a scale points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Direction {
    /// More points, more strain.
    HigherIsWorse,
    /// More points, better.
    HigherIsBetter,
    /// Neither.
    Neutral,
}

/// What a published smallest change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ChangeKind {
    /// Beyond measurement error.
    Reliable,
    /// Felt as important.
    Important,
    /// A service's custom.
    Convention,
}

/// How a reliability was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ReliabilityKind {
    /// Cronbach's alpha.
    Alpha,
    /// McDonald's omega.
    Omega,
    /// Test-retest.
    Retest,
    /// Parallel forms.
    Parallel,
    /// Item response theory.
    Irt,
}
