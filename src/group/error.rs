//! What can be wrong with what the caller brought.

/// Why people could not be counted or a report could not be made.
///
/// A report in which everything is hidden is no error.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// A threshold under the floor.
    #[error(
        "a threshold of {asked} people was asked for; the lowest that any report may use is {floor}"
    )]
    BelowFloor {
        /// What was asked for.
        asked: u32,
        /// The lowest allowed.
        floor: u32,
    },
    /// A smallest count under its floor.
    #[error(
        "a smallest count of {asked} people was asked for; the lowest that any report may use is {floor}"
    )]
    SmallestCount {
        /// What was asked for.
        asked: u32,
        /// The lowest allowed.
        floor: u32,
    },
    /// A unit with two numbers of invited people.
    #[error(
        "`{path}` has two numbers of invited people, {first} and {second}; keep one line for each unit"
    )]
    InvitedTwice {
        /// The unit.
        path: String,
        /// The number given first.
        first: u64,
        /// The number given later.
        second: u64,
    },
    /// A threshold under that of an earlier release.
    #[error(
        "a threshold of {asked} people was asked for; this ledger has released with {released}, and later releases may not ask for less"
    )]
    Lowered {
        /// What was asked for.
        asked: u32,
        /// What an earlier release used.
        released: u32,
    },
    /// A confidence that is no probability.
    #[error("confidence is {found}; give a number between 0 and 1, such as 0.95")]
    Confidence {
        /// What was given.
        found: f64,
    },
    /// A part of a path without a name.
    #[error("a unit has an empty name; leave out the levels that are not known")]
    EmptyName,
    /// A path too deep.
    #[error("a unit lies {levels} levels deep; at most {most} are read")]
    TooDeep {
        /// Levels found.
        levels: usize,
        /// Levels allowed.
        most: usize,
    },
    /// More units than can be numbered.
    #[error("more than four thousand million units")]
    TooManyUnits,
    /// Two units that print alike.
    #[error("two units read `{path}`; a name that contains `/` must not repeat another path")]
    SamePath {
        /// The path as printed.
        path: String,
    },
    /// No breakdown of this name.
    #[error("there is no breakdown `{found}`; there are {known}")]
    NoSuchBreakdown {
        /// What was asked for.
        found: String,
        /// The breakdowns that exist.
        known: String,
    },
    /// No measure of this name.
    #[error("`{found}` is not measured here; measured are {known}")]
    NoSuchMeasure {
        /// What was asked for.
        found: String,
        /// What exists.
        known: String,
    },
    /// Units that do not fit the breakdowns.
    #[error(
        "{found} units were given for a person; give one for each of the {breakdowns} breakdowns"
    )]
    Units {
        /// Units given.
        found: usize,
        /// Breakdowns declared.
        breakdowns: usize,
    },
    /// A person counted by other measures.
    #[error("a person carries {found} {what}; {expected} are measured here")]
    Shape {
        /// Scales, criteria or items.
        what: &'static str,
        /// How many were found.
        found: usize,
        /// How many are measured.
        expected: usize,
    },
    /// A score that is no number.
    #[error("a value of `{scale}` is {found}; leave out who has no score")]
    Value {
        /// The scale.
        scale: String,
        /// What was found.
        found: f64,
    },
    /// Scores made by another rule than the others.
    #[error(
        "a score of `{scale}` was made by another rule than the ones counted here; score everybody in one way"
    )]
    OtherRule {
        /// The scale, or the instrument where that differs.
        scale: String,
    },
    /// No norm of this name, or one without a mean.
    #[error("{instrument} has no norm `{found}` with a mean; it has {known}")]
    NoSuchNorm {
        /// Id of the instrument.
        instrument: String,
        /// What was asked for.
        found: String,
        /// Norms with a mean.
        known: String,
    },
    /// A band that the scale does not have.
    #[error("band number {found} of `{scale}`; there are {bands}")]
    Band {
        /// The scale.
        scale: String,
        /// What was found.
        found: usize,
        /// How many there are.
        bands: usize,
    },
    /// Shards that count different things.
    #[error("these tallies were made with other {what} and cannot be merged")]
    Unlike {
        /// What differs.
        what: &'static str,
    },
    /// A ledger was promised and the release went round it.
    #[error("these tallies are kept for a ledger; publish them with `Ledger::publish`")]
    LedgerFirst,
    /// Tallies without a ledger, or made for another state of it.
    #[error(
        "these tallies were not made with this ledger as it stands; start them with `Ledger::tallies`"
    )]
    OtherLedger,
    /// A person without a key in tallies for a ledger.
    #[error(
        "a person has no key; a ledger needs one for everybody, made from an id by `Salt::key`"
    )]
    NoKey,
    /// The same person more than once.
    #[error(
        "{people} {} in the data more than once, with {rows} {} too many; keep one row for each person and wave, or name a rule that keeps one: first, last or most-complete",
        if *people == 1 { "person is" } else { "people are" },
        if *rows == 1 { "row" } else { "rows" }
    )]
    Twice {
        /// How many people repeat.
        people: usize,
        /// How many rows are too many.
        rows: usize,
    },
    /// Waves whose order cannot be seen.
    #[error(
        "the waves {waves} are neither numbers nor dates, so their order is not known; give it, earliest first"
    )]
    WaveOrder {
        /// The waves found.
        waves: String,
    },
    /// A wave that the given order does not name.
    #[error("wave `{found}` is not in the order given ({order}); name every wave once")]
    WaveNotInOrder {
        /// The wave.
        found: String,
        /// The order given.
        order: String,
    },
    /// An empty salt.
    #[error("the salt is empty; take a long random text and keep it apart from the ledger")]
    EmptySalt,
    /// Another salt than last time.
    #[error("this is not the salt that the ledger was started with, so nobody could be recognised")]
    OtherSalt,
    /// A ledger that does not hold together.
    #[error("the ledger cannot be used: {what}")]
    BrokenLedger {
        /// What is wrong.
        what: String,
    },
    /// A second release of a wave that counts other things.
    #[error(
        "wave `{wave}` was released with other scales, criteria or items; release it again with the same, for the two reports would differ by the people whom only one of them counts"
    )]
    OtherMeasures {
        /// The wave.
        wave: String,
    },
    /// Reports that are not neighbours in one ledger.
    #[error("a change is shown only between two reports that the same ledger has released")]
    NotReleased,
}
