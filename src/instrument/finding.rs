//! What can be wrong with a definition, each with its place, what was found and what is allowed.

use std::fmt;

use super::terms::{LicenceClass, Use};

/// A step on the way to a place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Entry(usize, Option<String>),
}

/// A place in a definition, such as `scales[1 burnout].reverse[0]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place(Vec<Step>);

impl Place {
    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        self.with(Step::Key(key.into()))
    }

    pub(crate) fn entry(&self, index: usize) -> Self {
        self.with(Step::Entry(index, None))
    }

    pub(crate) fn named(&self, index: usize, id: &str) -> Self {
        self.with(Step::Entry(index, Some(id.chars().take(60).collect())))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the file");
        }
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => write!(f, "{key:.60}")?,
                Step::Key(key) => write!(f, ".{key:.60}")?,
                Step::Entry(index, None) => write!(f, "[{index}]")?,
                Step::Entry(index, Some(id)) => write!(f, "[{index} {id}]")?,
            }
        }
        Ok(())
    }
}

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub(crate) place: Place,
    pub(crate) line: Option<usize>,
    pub(crate) defect: Defect,
}

impl Finding {
    /// Where in the definition.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Line of the file, from 1, where it is known.
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong.
    pub const fn defect(&self) -> &Defect {
        &self.defect
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}, {}: {}", self.place, self.defect),
            None if self.place.0.is_empty() => fmt::Display::fmt(&self.defect, f),
            None => write!(f, "{}: {}", self.place, self.defect),
        }
    }
}

/// Some of the words that would have been allowed, in a readable length.
pub(crate) fn allowed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() {
        return "none".to_owned();
    }
    let mut text: String =
        words.iter().take(SHOWN).map(|w| format!("`{w:.60}`")).collect::<Vec<_>>().join(", ");
    if words.len() > SHOWN {
        text.push_str(&format!(" and {} more", words.len() - SHOWN));
    }
    text
}

/// A way round in a circle, the middle of a long one left out.
pub(crate) fn circle(ids: &[&str]) -> String {
    const ENDS: usize = 6;
    let (first, last) = (ids.get(..ENDS), ids.len().checked_sub(ENDS).and_then(|at| ids.get(at..)));
    match (first, last) {
        (Some(first), Some(last)) if ids.len() > 2 * ENDS => {
            let between = ids.len() - 2 * ENDS;
            format!("{} -> ({between} more) -> {}", first.join(" -> "), last.join(" -> "))
        }
        _ => ids.join(" -> "),
    }
}

/// The kinds of defect. Each message says what was found and what to write instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The message of each variant is its documentation.
pub enum Defect {
    #[error("not UTF-8 from byte {at} on; save the file as UTF-8")]
    NotUtf8 { at: usize },
    #[error("{message}")]
    Syntax { message: String },
    #[error("{found} {what}; at most {limit} are read")]
    TooLarge { what: &'static str, found: usize, limit: usize },
    #[error("format {found} is not known to this version of the crate; it reads format 1")]
    Format { found: u8 },
    #[error(
        "`{found}` is no id; write lower-case letters and digits joined by single hyphens, at most 60 characters"
    )]
    BadId { found: String },
    #[error("`{found}` is reserved; choose another id")]
    ReservedId { found: String },
    #[error("`{found}` is already the id of {first}; ids are unique in a file")]
    DuplicateId { found: String, first: String },
    #[error("`{found}` is no version; write major.minor.patch, such as 1.0.0")]
    BadVersion { found: String },
    #[error("`{found}` is no date; write YYYY-MM-DD")]
    BadDate { found: String },
    #[error("is empty; {expected}")]
    Empty { expected: &'static str },
    #[error("`{found}` names no {kind}; known: {allowed}")]
    NoSuch { kind: &'static str, found: String, allowed: String },
    #[error("names no `doi`, `isbn`, `url` or `title` that a reader could look up")]
    SourceNotFindable,
    #[error("no `basis`: every number names its source, origin and grade")]
    Unsourced,
    #[error(
        "grade `{found}` does not ship; find a primary source (A) or a secondary one (B), or leave the number out and say so in a comment"
    )]
    GradeDoesNotShip { found: String },
    #[error("`{found}` is no grade; write `A` or `B`, or `own` for a key that you made yourselves")]
    BadGrade { found: String },
    #[error(
        "grade `own` cannot carry this: bands, criteria, norms and changes say something about people; name a study of grade `A` or `B`, or leave it out"
    )]
    OwnClaim,
    #[error(
        "{found} is no finite number that a file may hold (at most a million, at most six decimals)"
    )]
    BadNumber { found: f64 },
    #[error("{found} is outside {low} to {high}")]
    OutOfBounds { found: f64, low: f64, high: f64 },
    #[error("code {found} is outside 0 to 250, which is all that a response may use")]
    BadCode { found: i64 },
    #[error("code {found} occurs twice in the response set")]
    DuplicateCode { found: i64 },
    #[error(
        "label `{found}` occurs twice in the response set, so an export of labels could not be read"
    )]
    DuplicateLabel { found: String },
    #[error("code {found} is not in the response set; its codes are {allowed}")]
    CodeNotInSet { found: i64, allowed: String },
    #[error("a response set has either `options` or a `range` [lowest, highest]")]
    ResponseShape,
    #[error(
        "topic `{found}` {why}; write one to five words of your own, never the questionnaire's sentence"
    )]
    BadTopic { found: String, why: &'static str },
    #[error("names no response set, and the form has none for all")]
    NoResponses,
    #[error("no scale, criterion or gate uses it; add it to a scale or mark it `unscored = true`")]
    UnusedItem,
    #[error("is marked `unscored` but scale `{scale}` uses it")]
    UnscoredButUsed { scale: String },
    #[error("`{found}` is no test on an earlier item; write for example \"gate = 0\"")]
    BadGate { found: String },
    #[error("`{found}` is both free and to be asked for; name it in one of the two lists")]
    UseFreeAndAsked { found: Use },
    #[error(
        "class `{class}` does not ask for `{found}`, so `free-for` has nothing to allow; remove it, or name the class that the terms have"
    )]
    UseFreeAnyway { found: Use, class: LicenceClass },
    #[error(
        "class `public-domain` has no holder to ask; remove the list, or name the class that the terms have"
    )]
    PublicDomainAsks,
    #[error("has {found}; a scale has exactly one of `sum`, `mean`, `ratio`, `from`")]
    Verbs { found: String },
    #[error("`from` needs exactly one of `times` and `table`, and they need `from`")]
    FromShape,
    #[error("`{found}` occurs twice in the scale")]
    RepeatedTerm { found: String },
    #[error("scale `{found}` is listed twice")]
    RepeatedScale { found: String },
    #[error("goes round in a circle: {through}")]
    Cycle { through: String },
    #[error("`{found}` is itself transformed; {expected}")]
    TooDeep { found: String, expected: &'static str },
    #[error(
        "reversing `{item}` turns code {code} into {reversed}, which is no code of its response set; use `recode`"
    )]
    ReversalWithoutRange { item: String, code: u8, reversed: i64 },
    #[error("`{item}` is both reversed and recoded; say it once")]
    ReversedAndRecoded { item: String },
    #[error("{found} values for {expected} response options of `{item}`")]
    RecodeLength { item: String, found: usize, expected: usize },
    #[error("declared range {declared_low} to {declared_high}, but the key gives {low} to {high}")]
    DerivedRange { declared_low: f64, declared_high: f64, low: f64, high: f64 },
    #[error("needs {needs} answers of {items} items; write 1 to {items}")]
    NeedsOutOfRange { needs: u32, items: usize },
    #[error("a rule for missing answers belongs to the scale that has the items")]
    MissingRuleOfDerived,
    #[error("an item of this scale can count {low}; in a ratio it must count {limit} or more")]
    RatioTooLow { low: i32, limit: i32 },
    #[error(
        "its items do not all count over the same range, so some cannot stand for the others; leave `missing` out"
    )]
    UnlikeItems,
    #[error("`times` is {found}; it must be above 0 and at most 10000")]
    BadFactor { found: f64 },
    #[error("{found} entries for the {expected} integers {low} to {high} of `{from}`")]
    TableLength { found: usize, expected: usize, low: i64, high: i64, from: String },
    #[error(
        "entry {value} breaks the order of the table after {previous}; a conversion table only rises or only falls"
    )]
    NotMonotone { previous: f64, value: f64 },
    #[error("the first edge is {found}, but the scale begins at {expected}")]
    FirstEdge { found: f64, expected: f64 },
    #[error("edge {found} does not rise above {previous}")]
    EdgesNotRising { previous: f64, found: f64 },
    #[error("no sheet reaches band `{label}` (from {low} up)")]
    BandUnreachable { label: String, low: f64 },
    #[error("scale `{scale}` already has the default set `{first}`")]
    SecondDefault { scale: String, first: String },
    #[error("a {standing} set cannot be the default")]
    DefaultNotCurrent { standing: String },
    #[error(
        "has {found}; a criterion has exactly one of `all`, `any`, `none`, or `of` with `at-least` or `at-most`"
    )]
    CriterionShape { found: String },
    #[error("counts from {low} to {high} of {parts} tests can always or never hold")]
    CriterionCounts { low: u32, high: u32, parts: usize },
    #[error(
        "`{found}` is no test; write \"<item or scale> <op> <number>\" with >=, >, <=, <, = or !=, or another criterion's id"
    )]
    BadTest { found: String },
    #[error("`{found}` tests a scale for equality; use >=, >, <= or <")]
    ScaleEquality { found: String },
    #[error("`{found}` {always} holds, whatever is answered")]
    TestDecidesNothing { found: String, always: &'static str },
    #[error(
        "{found} items occur in more than one test ({states} combinations); at most 12 items and {limit} combinations are allowed, so that missing answers can be judged exactly"
    )]
    TooEntangled { found: usize, states: usize, limit: usize },
    #[error("criteria nest {found} tests deep in all; at most {limit} are allowed")]
    CriterionTooLarge { found: usize, limit: usize },
    #[error("scale `{scale}` says `only-in = \"{variant}\"` but the variant does not list it")]
    VariantMissesScale { scale: String, variant: String },
    #[error("a norm needs at least one of `mean`, `sd`, `sem` and `reliability`")]
    EmptyNorm,
    #[error("its sums could spread or lie as far out as {found}; at most {limit} is allowed")]
    TooManyStates { found: i64, limit: i64 },
}

/// The definition could not be loaded: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadError {
    pub(crate) file: String,
    pub(crate) findings: Vec<Finding>,
}

impl LoadError {
    /// The file's name as the caller gave it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All findings, in the order of the checks.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = self.findings.len();
        write!(f, "{}: {many} finding{}", self.file, if many == 1 { "" } else { "s" })?;
        for finding in &self.findings {
            write!(f, "\n  {finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}
