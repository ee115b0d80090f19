//! Which column is which item, how its cells are read, and which columns come out.

use std::collections::BTreeMap;

use crate::answers::{Answer, Coding, Frame, MissingKind, NotOffered};
use crate::exchange::codebook::column_name;
use crate::exchange::{Codebook, ColumnKind};
use crate::instrument::{Basis, Scale};
use crate::score::{FrameError, Outcome, ScaleBuffers, Scorer, Status};
use crate::survey::{ItemColumns, Numbers, Profile, SurveyError, TypedColumns};

pub(in crate::exchange) const UNREADABLE: u8 = Answer::Missing(MissingKind::Unreadable).to_byte();

/// The words of a column of statuses, each at its key.
const STATUSES: [Status; 7] = [
    Status::Complete,
    Status::Prorated,
    Status::NotAsked,
    Status::Unreadable,
    Status::NotApplicable,
    Status::TooFewAnswered,
    Status::DependsOnAbsent,
];
/// The words of a column of outcomes, each at its key.
const OUTCOMES: [Outcome; 3] = [Outcome::Met, Outcome::NotMet, Outcome::Undetermined];

/// Position in [`STATUSES`].
pub(in crate::exchange) const fn status_key(status: Status) -> u8 {
    match status {
        Status::Complete => 0,
        Status::Prorated => 1,
        Status::NotAsked => 2,
        Status::Unreadable => 3,
        Status::NotApplicable => 4,
        Status::TooFewAnswered => 5,
        Status::DependsOnAbsent => 6,
    }
}

/// Position in [`OUTCOMES`].
pub(in crate::exchange) const fn outcome_key(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Met => 0,
        Outcome::NotMet => 1,
        Outcome::Undetermined => 2,
    }
}

/// Numbers whose reading is looked up: all that a byte holds, signed or not.
const LOOKED_UP: std::ops::RangeInclusive<i16> = -128..=255;

/// What stands in a column that comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange) enum Shown {
    Value,
    Band,
    Status,
    Sum,
    Answered,
    Outcome,
}

/// A column that comes out.
#[derive(Debug, Clone)]
pub(in crate::exchange) struct Made {
    pub(in crate::exchange) name: String,
    pub(in crate::exchange) shown: Shown,
    /// Position of the reported scale, or criterion.
    pub(in crate::exchange) of: usize,
    /// The words at its keys.
    pub(in crate::exchange) words: Vec<String>,
    pub(in crate::exchange) metadata: BTreeMap<String, String>,
}

/// Everything about a door that no version of Arrow changes.
#[derive(Debug, Clone)]
pub(in crate::exchange) struct Plan {
    pub(in crate::exchange) scorer: Scorer,
    pub(in crate::exchange) cells: TypedColumns,
    pub(in crate::exchange) not_offered: NotOffered,
    /// The coding under which columns of numbers are read where they lie, if they can be.
    pub(in crate::exchange) coding: Option<Coding>,
    /// For each item, what the [`LOOKED_UP`] numbers are.
    looked_up: Vec<Vec<u8>>,
    sums: bool,
    criteria: bool,
}

impl Plan {
    pub(in crate::exchange) fn new(
        scorer: &Scorer,
        names: impl IntoIterator<Item = String>,
        columns: &ItemColumns,
        profile: &Profile,
    ) -> Result<Self, SurveyError> {
        let cells = TypedColumns::find(scorer.instrument(), columns, profile, names)?;
        let coding = match cells.numbers() {
            Numbers::Codes => Some(Coding::Codes),
            Numbers::Missing { number, kind } => Some(Coding::Missing { number, kind }),
            Numbers::AsText => None,
        };
        let looked_up = cells.columns().iter().enumerate().map(|(item, column)| {
            let numbers = LOOKED_UP.filter(|_| column.is_some());
            numbers.map(|number| cells.read(item, &number.to_string())).collect()
        });
        Ok(Self {
            looked_up: looked_up.collect(),
            scorer: scorer.clone(),
            coding,
            not_offered: NotOffered::Refuse,
            sums: false,
            criteria: false,
            cells,
        })
    }

    pub(in crate::exchange) const fn set_not_offered(&mut self, policy: NotOffered) {
        self.not_offered = policy;
    }

    pub(in crate::exchange) const fn want_sums(&mut self) {
        self.sums = true;
    }

    pub(in crate::exchange) const fn want_criteria(&mut self) {
        self.criteria = true;
    }

    /// The answer that a whole number is, as its text would be in a file.
    #[inline]
    pub(in crate::exchange) fn whole(&self, item: usize, number: i128) -> u8 {
        let at = usize::try_from(number + 128).ok();
        let known = at.and_then(|at| self.looked_up.get(item)?.get(at).copied());
        known.unwrap_or_else(|| self.cells.read(item, &number.to_string()))
    }

    /// The answer that any number is; NaN is none.
    #[inline]
    pub(in crate::exchange) fn number(&self, item: usize, number: f64) -> u8 {
        if number.is_nan() {
            return self.cells.blank();
        }
        #[allow(clippy::cast_possible_truncation)] // compared with what it came from
        let whole = number as i64;
        if whole as f64 == number {
            return self.whole(item, i128::from(whole));
        }
        self.cells.read(item, &number.to_string())
    }

    /// Id of an item.
    pub(in crate::exchange) fn item_id(&self, item: usize) -> &str {
        self.scorer.instrument().items().get(item).map_or("", |item| item.id())
    }

    /// The columns that come out, in order.
    pub(in crate::exchange) fn made(&self) -> Vec<Made> {
        let codebook = Codebook::of(&self.scorer);
        let made = |name: String, shown, of, words| {
            // `total.band` is `total_band` in a table of text.
            let listed = column_name(&name.replace('.', "_"));
            let mut metadata = BTreeMap::new();
            let mut put = |key: &str, value: Option<&str>| {
                let value = value.filter(|value| !value.is_empty());
                metadata.extend(value.map(|v| (format!("straingauge.{key}"), v.to_owned())));
            };
            put("instrument", Some(&codebook.instrument));
            put("version", Some(&codebook.version));
            if let Some(column) = codebook.columns.iter().find(|column| column.name == listed) {
                put("title", Some(&column.title));
                put("meaning", Some(&column.meaning));
                put("rule-sha256", column.rule_hash.as_deref());
                put("loinc", column.loinc.as_deref());
                put("source", column.source.as_ref().map(|source| source.citation.as_str()));
                put("standing", column.source.as_ref().map(|source| source.standing.as_str()));
                if let Some((low, high)) = column.range {
                    put("lowest", Some(&low.to_string()));
                    put("highest", Some(&high.to_string()));
                }
                put("direction", column.direction.as_deref());
                let is_criterion = column.kind == ColumnKind::Criterion;
                put("criterion", Some(name.as_str()).filter(|_| is_criterion));
            }
            Made { name, shown, of, words, metadata }
        };
        let mut all = Vec::new();
        for (of, scale) in self.scorer.scales().enumerate() {
            let first = all.len();
            let id = scale.id();
            let set = self.scorer.band_set(id);
            let labels = set.map(|set| set.bands().iter().map(|band| band.label().to_owned()));
            let labels = labels.into_iter().flatten().collect();
            let statuses = STATUSES.map(|status| status.to_string()).to_vec();
            all.push(made(id.to_owned(), Shown::Value, of, Vec::new()));
            let mut band = made(format!("{id}.band"), Shown::Band, of, labels);
            if let Some(set) = set {
                band.metadata.insert("straingauge.band-set".to_owned(), set.id().to_owned());
                put_doi(&mut band.metadata, set.basis());
            }
            all.push(band);
            all.push(made(format!("{id}.status"), Shown::Status, of, statuses));
            if self.sums {
                let sum = made(format!("{id}.sum"), Shown::Sum, of, Vec::new());
                all.extend(Some(sum).filter(|_| self.has_sum(of)));
                all.push(made(format!("{id}.answered"), Shown::Answered, of, Vec::new()));
            }
            for column in all.iter_mut().skip(first) {
                self.describe(scale, column);
            }
        }
        let criteria = self.scorer.criteria().enumerate().filter(|_| self.criteria);
        for (of, criterion) in criteria {
            let words = OUTCOMES.map(|outcome| outcome.to_string()).to_vec();
            let mut column = made(criterion.id().to_owned(), Shown::Outcome, of, words);
            if let Some(basis) = criterion.basis() {
                put_doi(&mut column.metadata, basis);
            }
            all.push(column);
        }
        all
    }

    /// What holds for every column of a scale.
    fn describe(&self, scale: &Scale, column: &mut Made) {
        let metadata = &mut column.metadata;
        metadata.insert("straingauge.scale".to_owned(), scale.id().to_owned());
        if let Some(hash) = self.scorer.rule_hash(scale.id()) {
            metadata.insert("straingauge.rule-sha256".to_owned(), hash.to_owned());
        }
        if column.shown != Shown::Band {
            put_doi(metadata, scale.basis());
        }
    }

    /// What holds for the whole table.
    pub(in crate::exchange) fn metadata(&self) -> BTreeMap<String, String> {
        let instrument = self.scorer.instrument();
        let facts = [
            ("instrument", instrument.id().to_owned()),
            ("version", instrument.version().to_string()),
            ("definition-sha256", instrument.file_hash().to_owned()),
            ("crate-version", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        facts.map(|(key, value)| (format!("straingauge.{key}"), value)).into()
    }

    /// Whether a reported scale has a sum of answers; a ratio has none.
    fn has_sum(&self, scale: usize) -> bool {
        let frame = Frame::new(self.scorer.instrument(), 0);
        let mut nothing: [i32; 0] = [];
        let mut out: Vec<_> = self.scorer.scales().map(|_| ScaleBuffers::new()).collect();
        if let Some(slot) = out.get_mut(scale) {
            *slot = ScaleBuffers::new().sums(&mut nothing[..]);
        }
        let asked = self.scorer.score_frame_into(&frame, 0..0, &mut out);
        !matches!(asked, Err(FrameError::NoSum { .. }))
    }
}

fn put_doi(metadata: &mut BTreeMap<String, String>, basis: &Basis) {
    let doi = basis.source().doi().map(str::to_owned);
    metadata.extend(doi.map(|doi| ("straingauge.source-doi".to_owned(), doi)));
}
