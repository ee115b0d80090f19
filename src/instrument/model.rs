//! The parts of a checked instrument. Every reference is resolved, every rule has held.

use std::sync::Arc;

use super::number::Exact;
use super::terms::{
    ChangeKind, Direction, Grade, LicenceClass, NotApplicableRule, Origin, ReliabilityKind, Role,
    Standing, Use,
};

/// Gives private fields their read accessors.
macro_rules! readable {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident : $type:ty => $get:ty = |$this:ident| $read:expr,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $(pub(crate) $field: $type,)* }
        impl $name { $($(#[$doc])* pub fn $field(&self) -> $get { let $this = self; $read })* }
    )*};
}

readable! {
    /// Terms of use, as a gate that an app can ask.
    Licence {
        /// Class of the terms.
        class: LicenceClass => LicenceClass = |s| s.class,
        /// Who holds the rights.
        holder: String => &str = |s| &s.holder,
        /// The terms in our own words.
        terms: String => &str = |s| &s.terms,
        /// Day of the last look, ISO.
        checked: String => &str = |s| &s.checked,
        /// Uses that need the holder's consent first.
        ask_first_for: Vec<Use> => &[Use] = |s| &s.ask_first_for,
        /// Credit lines that an app must show.
        credit: Vec<String> => &[String] = |s| &s.credit,
        /// Where the terms stand.
        url: Option<String> => Option<&str> = |s| s.url.as_deref(),
    }

    /// A work that a reader can look up.
    Source {
        /// Key in the file.
        key: String => &str = |s| &s.key,
        /// Title or short description.
        title: Option<String> => Option<&str> = |s| s.title.as_deref(),
        /// Authors.
        authors: Option<String> => Option<&str> = |s| s.authors.as_deref(),
        /// Year.
        year: Option<u16> => Option<u16> = |s| s.year,
        /// DOI.
        doi: Option<String> => Option<&str> = |s| s.doi.as_deref(),
        /// ISBN.
        isbn: Option<String> => Option<&str> = |s| s.isbn.as_deref(),
        /// Address.
        url: Option<String> => Option<&str> = |s| s.url.as_deref(),
    }

    /// What a number rests on.
    Basis {
        /// The work it comes from.
        source: Arc<Source> => &Source = |s| &s.source,
        /// Who stands behind it.
        origin: Origin => Origin = |s| s.origin,
        /// How it stands today.
        standing: Standing => Standing = |s| s.standing,
        /// How well it is known.
        grade: Grade => Grade = |s| s.grade,
        /// The people that it was found in.
        population: Option<String> => Option<&str> = |s| s.population.as_deref(),
        /// Sensitivity in that population, 0 to 1.
        sensitivity: Option<f64> => Option<f64> = |s| s.sensitivity,
        /// Specificity in that population, 0 to 1.
        specificity: Option<f64> => Option<f64> = |s| s.specificity,
        /// A remark.
        note: Option<String> => Option<&str> = |s| s.note.as_deref(),
    }

    /// One of an item's answers.
    ResponseOption {
        /// The number that stands for it.
        code: u8 => u8 = |s| s.code,
        /// Its label, where it has one (a visual analogue scale labels only some).
        label: Option<String> => Option<&str> = |s| s.label.as_deref(),
    }

    /// The answers that an item offers.
    ResponseSet {
        /// Name in the file.
        name: String => &str = |s| &s.name,
        /// The options in printed order.
        options: Vec<ResponseOption> => &[ResponseOption] = |s| &s.options,
        /// Written as a `range` of whole units.
        is_range: bool => bool = |s| s.is_range,
        /// Label of the option that the item does not apply, if the form offers it.
        not_applicable: Option<String> => Option<&str> = |s| s.not_applicable.as_deref(),
        /// Label of the option by which a person says that they cannot tell, if the form offers it. The
        /// answer is [`MissingKind::Declined`](crate::answers::MissingKind::Declined): a gap, and apart
        /// from an item that does not apply.
        do_not_know: Option<String> => Option<&str> = |s| s.do_not_know.as_deref(),
    }

    /// An answer that another answer implies.
    Implied {
        /// Position of the gate item.
        gate: usize => usize = |s| s.gate,
        /// How the gate's code is compared.
        op: Comparison => Comparison = |s| s.op,
        /// With what.
        number: i64 => i64 = |s| s.number,
        /// The code that then holds.
        code: u8 => u8 = |s| s.code,
    }

    /// One question, by topic.
    Item {
        /// Id.
        id: String => &str = |s| &s.id,
        /// What it is about, in words of our own.
        topic: String => &str = |s| &s.topic,
        /// The answers it offers.
        responses: Arc<ResponseSet> => &ResponseSet = |s| &s.responses,
        /// LOINC code.
        loinc: Option<String> => Option<&str> = |s| s.loinc.as_deref(),
        /// Touches on matters that need care.
        is_sensitive: bool => bool = |s| s.is_sensitive,
        /// What a person should know before it is shown.
        note: Option<String> => Option<&str> = |s| s.note.as_deref(),
        /// No scale uses it.
        is_unscored: bool => bool = |s| s.is_unscored,
        /// The answer that a gate implies where this item was left out.
        implied: Option<Implied> => Option<&Implied> = |s| s.implied.as_ref(),
    }

    /// An item's part in a scale.
    Term {
        /// Position of the item in the form.
        item: usize => usize = |s| s.item,
        /// How its codes count.
        keying: Keying => &Keying = |s| &s.keying,
        /// Value of each response option, in the order of the response set.
        values: Vec<i32> => &[i32] = |s| &s.values,
    }

    /// Any quantity scored from items or from other scales.
    Scale {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Name; the id in words where the file has none.
        title: String => &str = |s| &s.title,
        /// How it is scored.
        key: Key => &Key = |s| &s.key,
        /// Lowest and highest value of a complete sheet.
        range: (Exact, Exact) => (Exact, Exact) = |s| s.range,
        /// Which way it points.
        direction: Direction => Direction = |s| s.direction,
        /// Decimals to show.
        decimals: Option<u8> => Option<u8> = |s| s.decimals,
        /// Fewest answers needed by the file's rule; all items where no rule is known.
        needs: usize => usize = |s| s.needs,
        /// What the missing rule rests on, where the file has one.
        needs_basis: Option<Basis> => Option<&Basis> = |s| s.needs_basis.as_ref(),
        /// What an item that does not apply does.
        not_applicable: NotApplicableRule => NotApplicableRule = |s| s.not_applicable,
        /// LOINC code.
        loinc: Option<String> => Option<&str> = |s| s.loinc.as_deref(),
        /// The variant that it belongs to alone.
        only_in: Option<String> => Option<&str> = |s| s.only_in.as_deref(),
        /// What the key rests on.
        basis: Basis => &Basis = |s| &s.basis,
    }

    /// A sourced, gap-free partition of the range of one or more scales.
    BandSet {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Positions of the scales that it divides.
        scales: Vec<usize> => &[usize] = |s| &s.scales,
        /// Used where the caller names none.
        is_default: bool => bool = |s| s.is_default,
        /// What the edges rest on.
        basis: Basis => &Basis = |s| &s.basis,
        /// The bands, each from its lower edge up to, not including, the next one's.
        bands: Vec<BandStep> => &[BandStep] = |s| &s.bands,
    }

    /// One band: from its lower edge up to the next.
    BandStep {
        /// Lower edge, included.
        low: Exact => Exact = |s| s.low,
        /// Label, kebab-case.
        label: String => &str = |s| &s.label,
    }

    /// A published boolean rule.
    Criterion {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Name; the id in words where the file has none.
        title: String => &str = |s| &s.title,
        /// What it is for.
        role: Option<Role> => Option<Role> = |s| s.role,
        /// Met if the number of parts that hold lies in this range, ends included.
        counts: (u32, u32) => (u32, u32) = |s| s.counts,
        /// The tests and criteria that are counted.
        parts: Vec<Part> => &[Part] = |s| &s.parts,
        /// What it rests on; a step may have none of its own.
        basis: Option<Basis> => Option<&Basis> = |s| s.basis.as_ref(),
    }

    /// One reliability of a norm.
    Reliability {
        /// How it was estimated.
        kind: ReliabilityKind => ReliabilityKind = |s| s.kind,
        /// The coefficient, above 0 and below 1.
        value: f64 => f64 = |s| s.value,
        /// Days between the occasions of a retest.
        days: Option<f64> => Option<f64> = |s| s.days,
        /// How many people, where they are not the norm's.
        n: Option<u32> => Option<u32> = |s| s.n,
        /// Where it is from, where that is not the norm's source.
        source: Option<Arc<Source>> => Option<&Source> = |s| s.source.as_deref(),
    }

    /// A reference distribution of a scale.
    Norm {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Position of the scale.
        scale: usize => usize = |s| s.scale,
        /// Who was measured.
        population: String => &str = |s| &s.population,
        /// Where.
        country: Option<String> => Option<&str> = |s| s.country.as_deref(),
        /// How many people.
        n: Option<u32> => Option<u32> = |s| s.n,
        /// Mean.
        mean: Option<f64> => Option<f64> = |s| s.mean,
        /// Standard deviation, above 0.
        sd: Option<f64> => Option<f64> = |s| s.sd,
        /// The coding of the numbers, where worth saying.
        coding: Option<String> => Option<&str> = |s| s.coding.as_deref(),
        /// Published standard error of measurement, above 0.
        sem: Option<f64> => Option<f64> = |s| s.sem,
        /// Reliabilities.
        reliability: Vec<Reliability> => &[Reliability] = |s| &s.reliability,
        /// Whether reliability and SD come from the same people.
        same_sample: Option<bool> => Option<bool> = |s| s.same_sample,
        /// Mean change at retest without treatment.
        retest_mean_shift: Option<f64> => Option<f64> = |s| s.retest_mean_shift,
        /// What it rests on.
        basis: Basis => &Basis = |s| &s.basis,
    }

    /// A published smallest change.
    PublishedChange {
        /// Position of the scale.
        scale: usize => usize = |s| s.scale,
        /// Points of the scale, above 0.
        points: f64 => f64 = |s| s.points,
        /// What such a change means.
        kind: ChangeKind => ChangeKind = |s| s.kind,
        /// What it rests on.
        basis: Basis => &Basis = |s| &s.basis,
    }

    /// A named list of scales.
    Variant {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Name; the id in words where the file has none.
        title: String => &str = |s| &s.title,
        /// Positions of its scales.
        scales: Vec<usize> => &[usize] = |s| &s.scales,
        /// What it rests on.
        basis: Basis => &Basis = |s| &s.basis,
    }
}

/// How the codes of an item count in a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keying {
    /// As they are.
    Straight,
    /// From the other end: lowest code + highest code - code.
    Reversed,
    /// By a value of their own for each option.
    Recoded,
}

/// How a scale is scored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Key {
    /// Sum of the items.
    Sum(Vec<Term>),
    /// Mean of the items.
    Mean(Vec<Term>),
    /// First scale per item over the second per item.
    Ratio {
        /// Position of the first scale.
        numerator: usize,
        /// Position of the second scale.
        denominator: usize,
    },
    /// Another scale times a factor.
    Times {
        /// Position of the other scale.
        from: usize,
        /// The factor, above 0.
        factor: Exact,
    },
    /// Another scale's integer looked up in a published table.
    Table {
        /// Position of the other scale.
        from: usize,
        /// Its lowest value, which the first entry stands for.
        first: i64,
        /// The values.
        values: Vec<Exact>,
        /// Their standard errors, or none.
        errors: Vec<Exact>,
    },
}

impl Key {
    /// The items of a sum or mean; empty for scales made from other scales.
    pub fn terms(&self) -> &[Term] {
        match self {
            Self::Sum(terms) | Self::Mean(terms) => terms,
            _ => &[],
        }
    }

    /// Whether all items count over the same range, so that answers may stand for missing ones.
    pub(crate) fn terms_are_alike(&self) -> bool {
        let mut ranges = self.terms().iter().map(Term::range);
        let first = ranges.next();
        ranges.all(|range| Some(range) == first)
    }

    /// Positions of the scales that this one is made from.
    pub fn sources(&self) -> Vec<usize> {
        match self {
            Self::Sum(_) | Self::Mean(_) => Vec::new(),
            Self::Ratio { numerator, denominator } => vec![*numerator, *denominator],
            Self::Times { from, .. } | Self::Table { from, .. } => vec![*from],
        }
    }
}

/// A comparison in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// Every comparison with its sign; the longer signs first, so that a parser finds them first.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::AtLeast, ">="),
        (Self::AtMost, "<="),
        (Self::NotEqual, "!="),
        (Self::Above, ">"),
        (Self::Below, "<"),
        (Self::Equal, "="),
    ];

    /// Whether `left` compares so with `right`.
    pub fn holds<T: Ord + Copy>(self, left: T, right: T) -> bool {
        match self {
            Self::AtLeast => left >= right,
            Self::Above => left > right,
            Self::AtMost => left <= right,
            Self::Below => left < right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }

    /// The sign in a file.
    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, sign)| sign)
    }
}

/// One counted part of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A test on the code of an item.
    Item {
        /// Position of the item.
        item: usize,
        /// The comparison.
        op: Comparison,
        /// The code compared with.
        number: i64,
    },
    /// A test on the value of a scale, as the answers alone give it.
    Scale {
        /// Position of the scale.
        scale: usize,
        /// The comparison; never an equality.
        op: Comparison,
        /// The value compared with.
        number: Exact,
    },
    /// Another criterion.
    Criterion(usize),
}

impl ResponseSet {
    /// Lowest and highest code.
    pub fn range(&self) -> (u8, u8) {
        let codes = || self.options.iter().map(|option| option.code);
        (codes().min().unwrap_or(0), codes().max().unwrap_or(0))
    }

    /// Whether it offers an answer without a code: that the item does not apply, or "do not know".
    #[cfg(any(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
    pub(crate) fn offers_no_code(&self) -> bool {
        self.not_applicable.is_some() || self.do_not_know.is_some()
    }

    /// Whether `code` is one of the options.
    pub fn contains(&self, code: u8) -> bool {
        self.position(code).is_some()
    }

    /// Printed position of the option with this code.
    pub fn position(&self, code: u8) -> Option<usize> {
        self.options.iter().position(|option| option.code == code)
    }

    /// Label of a code, where it has one.
    pub fn label(&self, code: u8) -> Option<&str> {
        self.options.iter().find(|option| option.code == code).and_then(ResponseOption::label)
    }

    /// The codes as a reader would write them: `1, 2, 3`, or `0 to 100` for a range.
    pub fn codes(&self) -> String {
        if self.is_range {
            let (low, high) = self.range();
            return format!("{low} to {high}");
        }
        self.options.iter().map(|o| o.code.to_string()).collect::<Vec<_>>().join(", ")
    }
}

impl Term {
    /// Lowest and highest value that the item can add.
    pub fn range(&self) -> (i32, i32) {
        let lowest = self.values.iter().copied().min().unwrap_or(0);
        let highest = self.values.iter().copied().max().unwrap_or(0);
        (lowest, highest)
    }
}

impl BandSet {
    /// Position of the band in which a value lies.
    pub fn band_of(&self, value: Exact) -> usize {
        self.bands.iter().rposition(|band| band.low <= value).unwrap_or(0)
    }
}

impl Source {
    /// A line by which a reader finds the work.
    pub fn citation(&self) -> String {
        let year = self.year.map(|year| year.to_string());
        let place = self
            .doi
            .as_ref()
            .map(|doi| format!("doi:{doi}"))
            .or_else(|| self.isbn.as_ref().map(|isbn| format!("ISBN {isbn}")))
            .or_else(|| self.url.clone());
        [self.authors.clone(), year, self.title.clone(), place]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}
