//! What a reader must know beside a verdict.

use serde::Serialize;

use super::{ChangeOptions, Reference};
use crate::instrument::ReliabilityKind;

/// Days beyond which internal consistency says too little about a difference.
pub(super) const MOMENT_DAYS: i32 = 28;

/// Reliability below which an index about one person is coarse.
const COARSE: f64 = 0.80;

/// What a reader must know beside a verdict. [`Note::key`] is its sentence in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Note {
    /// The first score lies within one SEM of the lowest value: a fall cannot show.
    NearLowest,
    /// The first score lies within one SEM of the highest value: a rise cannot show.
    NearHighest,
    /// The error rests on internal consistency, and the check-ins lie this many days apart.
    ErrorOfTheMoment {
        /// Days between the two.
        days: i32,
    },
    /// SD and reliability come from different people.
    MixedSources,
    /// The reliability is below .80.
    Coarse {
        /// The reliability.
        reliability: f64,
    },
    /// A score was prorated, and the error widened for it.
    Prorated,
    /// The error is a published SEM.
    PublishedSem,
    /// Judged by a published reliable change.
    PublishedReliable,
    /// The error rests on internal consistency alone: how much steady people vary from one day to
    /// another is not in it.
    InternalConsistency,
    /// The first score was the reason to follow, so the next tends back of itself.
    Screened,
    /// Points do not lie around one line as closely as error allows.
    Misfit {
        /// p-value of the misfit.
        p: f64,
    },
}

impl Note {
    /// Key of the note's sentence in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::NearLowest => "change.note.near-lowest",
            Self::NearHighest => "change.note.near-highest",
            Self::ErrorOfTheMoment { .. } => "change.note.error-of-the-moment",
            Self::MixedSources => "change.note.mixed-sources",
            Self::Coarse { .. } => "change.note.coarse",
            Self::Prorated => "change.note.prorated",
            Self::PublishedSem => "change.note.published-sem",
            Self::PublishedReliable => "change.note.published-reliable",
            Self::InternalConsistency => "change.note.internal-consistency",
            Self::Screened => "change.note.screened",
            Self::Misfit { .. } => "change.note.misfit",
        }
    }
}

/// The notes that hold whatever the scores.
pub(super) fn standing_notes(reference: &Reference, options: &ChangeOptions) -> Vec<Note> {
    let mut notes = Vec::new();
    if reference.published_sem.is_some() {
        notes.push(Note::PublishedSem);
    } else if let Some(reliability) = reference.reliability.filter(|r| *r < COARSE) {
        notes.push(Note::Coarse { reliability });
    }
    let is_internal = |kind: ReliabilityKind| !kind.is_of_two_occasions();
    if reference.published_sem.is_none() && reference.kind.is_some_and(is_internal) {
        notes.push(Note::InternalConsistency);
    }
    if reference.mixed_sources {
        notes.push(Note::MixedSources);
    }
    if options.is_screened() {
        notes.push(Note::Screened);
    }
    notes
}
