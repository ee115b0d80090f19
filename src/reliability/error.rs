use crate::num::Deletion;

/// Why a coefficient cannot be given for these data.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReliabilityError {
    /// Too few items.
    #[error("{found} items, at least {needed} needed")]
    TooFewItems {
        /// Items given.
        found: usize,
        /// Items needed.
        needed: usize,
    },
    /// Too many items for a coefficient whose cost grows with their cube.
    #[error("{found} items, at most {limit} can be fitted; examine the subscales one by one")]
    TooManyItems {
        /// Items given.
        found: usize,
        /// Most items.
        limit: usize,
    },
    /// Too few people remain under the missing-data rule.
    #[error("{found} people remain under {deletion} deletion, at least {needed} needed")]
    TooFewPeople {
        /// People left; under pairwise deletion in the pair of items with the fewest.
        found: u64,
        /// People needed.
        needed: u64,
        /// The missing-data rule.
        deletion: Deletion,
    },
    /// Everybody gave one answer.
    #[error("no spread in {}: everybody gave one answer; leave it out or look at the data", items.join(", "))]
    NoSpread {
        /// The items.
        items: Vec<String>,
    },
    /// The items cancel out, or all people have one total.
    #[error("the total score does not vary, so no share of its variance can be given")]
    NoTotalSpread,
    /// An item is a linear combination of others, or pairwise cells contradict each other.
    #[error(
        "the items' correlations are not positive definite: an item repeats others, there are \
         fewer people than items, or pairwise deletion gave cells that do not fit together"
    )]
    NotPositiveDefinite,
    /// The factor explains an item entirely: the model does not fit.
    #[error(
        "`{item}` is left with a unique share of {uniqueness:.4} (below 0.005, a Heywood case): one factor does not describe these items"
    )]
    Heywood {
        /// The item.
        item: String,
        /// Its unique share of variance when the search stopped.
        uniqueness: f64,
    },
    /// Items load in opposite directions.
    #[error("{} load against the others: check the key before a coefficient is used", items.join(", "))]
    MixedSigns {
        /// The items in the smaller camp.
        items: Vec<String>,
    },
    /// The search did not settle.
    #[error("the one-factor fit did not settle in {steps} steps (largest slope {slope:.1e})")]
    NotConverged {
        /// Steps taken.
        steps: usize,
        /// Largest slope of the objective that was left.
        slope: f64,
    },
    /// Fewer than two occasions.
    #[error("{found} occasions, at least 2 needed")]
    TooFewOccasions {
        /// Occasions given.
        found: usize,
    },
    /// Occasions of different length.
    #[error(
        "occasion {occasion} has {found} people where the first has {expected}; give one value, or a gap, per person"
    )]
    UnequalOccasions {
        /// The occasion, counted from 1.
        occasion: usize,
        /// Its people.
        found: usize,
        /// People of the first occasion.
        expected: usize,
    },
    /// A value that is not finite.
    #[error(
        "occasion {occasion}, person {person}: {value} is not a number; leave a gap where there is no score"
    )]
    NotFinite {
        /// The occasion, counted from 1.
        occasion: usize,
        /// The person, counted from 1.
        person: usize,
        /// What was found.
        value: String,
    },
}
