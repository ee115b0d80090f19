//! What is wrong with a resource that was given.

/// A resource that cannot be read, or a value that FHIR does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FhirError {
    /// Not JSON, or not of the shape of the resource.
    #[error("no FHIR resource in JSON: {message}")]
    Syntax {
        /// Line, column and what was expected.
        message: String,
    },
    /// Too long to be one response.
    #[error("{found} bytes; a response of at most {limit} is read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Another type of resource.
    #[error("the resource is a `{found}`; a QuestionnaireResponse is read here")]
    OtherResource {
        /// The type found.
        found: String,
    },
    /// A response to another questionnaire whose items are not named by LOINC codes.
    #[error(
        "the response answers `{found}`, not {expected}; if its items are those of {instrument}, name that address with ReadOptions::questionnaire"
    )]
    OtherQuestionnaire {
        /// The questionnaire that it names.
        found: String,
        /// The one at hand.
        expected: String,
        /// Id of the instrument.
        instrument: String,
    },
    /// A response that was withdrawn or entered in error.
    #[error(
        "the response has status `{found}`; completed, amended, in-progress and stopped ones are read"
    )]
    Status {
        /// The status.
        found: String,
    },
    /// No item of the instrument in the response.
    #[error(
        "no item of {instrument} in the response; link ids are the item ids ({expected}), or LOINC codes where the file has them"
    )]
    NoItems {
        /// Id of the instrument.
        instrument: String,
        /// The first ids.
        expected: String,
    },
    /// An item that is answered in two places.
    #[error("item `{item}` stands in the response twice (`{first}`, `{second}`)")]
    Twice {
        /// Id of the item.
        item: String,
        /// First link id.
        first: String,
        /// Second link id.
        second: String,
    },
    /// A link to an item that the instrument does not have.
    #[error("{instrument} has no item `{found}`")]
    NoSuchItem {
        /// Id of the instrument.
        instrument: String,
        /// The id.
        found: String,
    },
    /// A resource id that FHIR does not allow.
    #[error("`{found}` is no FHIR id: write 1 to 64 letters, digits, dots or hyphens")]
    BadId {
        /// The id.
        found: String,
    },
    /// A time that FHIR does not allow.
    #[error("`{found}` is no FHIR time: write 2026-11-25 or 2026-11-25T09:30:00Z")]
    BadTime {
        /// The time.
        found: String,
    },
}
