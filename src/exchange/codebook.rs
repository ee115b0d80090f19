//! What each column of a table of scores means, and where its numbers come from.

use serde::{Deserialize, Serialize};

use super::names::line;
use crate::instrument::{Basis, Instrument, Key, Keying, NotApplicableRule, Scale};
use crate::score::{Outcome, Scorer, Status};
use crate::words::Words;

/// A codebook of the table that scoring writes: for each scale `S` the columns `S`, `S_answered` and
/// `S_status`, with a band set in force `S_band` and `S_band_certain`, for each criterion a column of
/// its own. A hyphen in an id is `_` in the name.
///
/// ```
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// let codebook = straingauge::exchange::Codebook::of(&phq9.scorer());
/// assert_eq!(codebook.columns[0].name, "total");
/// assert!(codebook.to_markdown().contains("10.1046/j.1525-1497.2001.016009606.x"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Codebook {
    /// Id of the instrument.
    pub instrument: String,
    /// Version of its definition.
    pub version: String,
    /// Full name.
    pub title: String,
    /// SHA-256 of the definition file.
    pub file_hash: String,
    /// Version of the crate.
    pub crate_version: String,
    /// Terms of use.
    pub licence: String,
    /// What a user must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<String>,
    /// The columns in order.
    pub columns: Vec<Column>,
}

/// What kind of column it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ColumnKind {
    /// Values of a scale; empty where there is none.
    Score,
    /// Items of a scale that were answered.
    Answered,
    /// Bands of a scale; empty where there is none.
    Band,
    /// Whether every completion of the missing answers gives the same band.
    BandCertain,
    /// How a scale came out.
    Status,
    /// Whether a criterion is met.
    Criterion,
}

impl ColumnKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Answered => "answered",
            Self::Band => "band",
            Self::BandCertain => "band-certain",
            Self::Status => "status",
            Self::Criterion => "criterion",
        }
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Column {
    /// Name in the header.
    pub name: String,
    /// What kind of column it is.
    pub kind: ColumnKind,
    /// Title of the scale or criterion.
    pub title: String,
    /// What stands in it and how it came about.
    pub meaning: String,
    /// Lowest and highest value, for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// Which way the numbers point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Every word that can stand in it, for words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ColumnValue>,
    /// Ids of the items that it is made from, `-` before reverse-keyed ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ColumnSource>,
    /// Hash of the scoring rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_hash: Option<String>,
    /// LOINC code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loinc: Option<String>,
}

/// A word that stands in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnValue {
    /// The word.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

/// What a column rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnSource {
    /// The work.
    pub citation: String,
    /// Who stands behind it.
    pub origin: String,
    /// How it stands.
    pub standing: String,
    /// How well it is known.
    pub grade: String,
    /// The people that it was found in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
}

impl From<&Basis> for ColumnSource {
    fn from(basis: &Basis) -> Self {
        Self {
            citation: basis.source().citation(),
            origin: basis.origin().to_string(),
            standing: basis.standing().to_string(),
            grade: basis.grade().to_string(),
            population: basis.population().map(str::to_owned),
        }
    }
}

impl Codebook {
    /// The codebook of what a scorer writes.
    pub fn of(scorer: &Scorer) -> Self {
        Self::in_words(scorer, &Words::english())
    }

    /// [`Self::of`] in the words of a catalogue.
    pub fn in_words(scorer: &Scorer, words: &Words) -> Self {
        let instrument = scorer.instrument();
        let writer = Writer { scorer, instrument, words };
        let mut columns = Vec::new();
        for scale in scorer.scales() {
            columns.extend(writer.scale(scale));
        }
        for criterion in scorer.criteria() {
            let outcomes = [Outcome::Met, Outcome::NotMet, Outcome::Undetermined];
            let values = outcomes.map(|outcome| {
                let meaning = words.say(&format!("criterion.{outcome}"), &[]);
                ColumnValue { value: outcome.to_string(), meaning }
            });
            let safety = criterion.role() == Some(crate::instrument::Role::Safety);
            let key = if safety { "codebook.safety" } else { "codebook.criterion" };
            columns.push(Column {
                values: values.into(),
                source: criterion.basis().map(ColumnSource::from),
                ..Writer::column(
                    (column_name(criterion.id()), ColumnKind::Criterion),
                    criterion.title(),
                    words.say(key, &[]),
                )
            });
        }
        let licence = instrument.licence();
        Self {
            instrument: instrument.id().to_owned(),
            version: instrument.version().to_string(),
            title: instrument.title().to_owned(),
            file_hash: instrument.file_hash().to_owned(),
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            licence: format!("{}: {}", licence.holder(), licence.terms()),
            cautions: instrument.cautions().to_vec(),
            columns,
        }
    }

    /// Names every column with this before it, as a table of several instruments does.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        for column in &mut self.columns {
            column.name.insert_str(0, prefix);
        }
        self
    }

    /// A page for people.
    pub fn to_markdown(&self) -> String {
        let mut page = format!(
            "# {}\n\n{}@{}, definition sha256 `{}`, straingauge {}.\n\nLicence: {}\n",
            self.title,
            self.instrument,
            self.version,
            self.file_hash,
            self.crate_version,
            self.licence
        );
        if !self.cautions.is_empty() {
            page.push('\n');
            for caution in &self.cautions {
                page.push_str(&format!("- {caution}\n"));
            }
        }
        page.push_str("\n| column | title | meaning |\n|---|---|---|\n");
        let cell = |text: &str| text.replace('|', "\\|");
        for column in &self.columns {
            let (title, meaning) = (cell(&column.title), cell(&column.meaning));
            page.push_str(&format!("| `{}` | {title} | {meaning} |\n", column.name));
        }
        for column in self.columns.iter().filter(|column| column.kind != ColumnKind::Status) {
            page.push_str(&format!("\n## `{}`\n\n{}\n\n", column.name, column.meaning));
            for (name, text) in column.facts() {
                page.push_str(&format!("- {name}: {text}\n"));
            }
        }
        page
    }

    /// The columns as CSV, one a line.
    pub fn to_csv(&self) -> String {
        let header = [
            "name",
            "kind",
            "title",
            "meaning",
            "low",
            "high",
            "direction",
            "values",
            "items",
            "source",
            "origin",
            "standing",
            "grade",
            "population",
            "rule_hash",
            "loinc",
        ];
        let mut text = line(&header.map(str::to_owned), ',');
        text.push('\n');
        for column in &self.columns {
            let source = |get: fn(&ColumnSource) -> String| {
                column.source.as_ref().map(get).unwrap_or_default()
            };
            let end = |of: fn((f64, f64)) -> f64| {
                column.range.map(|range| of(range).to_string()).unwrap_or_default()
            };
            let values = column.values.iter().map(|known| known.value.as_str());
            let cells = [
                column.name.clone(),
                column.kind.as_str().to_owned(),
                column.title.clone(),
                column.meaning.clone(),
                end(|range| range.0),
                end(|range| range.1),
                column.direction.clone().unwrap_or_default(),
                values.collect::<Vec<_>>().join(" "),
                column.items.join(" "),
                source(|source| source.citation.clone()),
                source(|source| source.origin.clone()),
                source(|source| source.standing.clone()),
                source(|source| source.grade.clone()),
                source(|source| source.population.clone().unwrap_or_default()),
                column.rule_hash.clone().unwrap_or_default(),
                column.loinc.clone().unwrap_or_default(),
            ];
            text.push_str(&line(&cells, ','));
            text.push('\n');
        }
        text
    }
}

impl Column {
    /// Everything beside name, title and meaning, for a page.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some((low, high)) = self.range {
            facts.push(("range", format!("{low} to {high}")));
        }
        facts.extend(self.direction.iter().map(|direction| ("direction", direction.clone())));
        facts.extend(
            self.values
                .iter()
                .map(|known| ("value", format!("`{}`: {}", known.value, known.meaning))),
        );
        if !self.items.is_empty() {
            facts.push(("items", self.items.join(", ")));
        }
        if let Some(source) = &self.source {
            let ColumnSource { citation, origin, standing, grade, population } = source;
            let among = population.as_ref().map(|who| format!(" ({who})")).unwrap_or_default();
            facts.push((
                "source",
                format!("{citation}{among} [{origin}, {standing}, grade {grade}]"),
            ));
        }
        facts.extend(self.rule_hash.iter().map(|hash| ("rule sha256", format!("`{hash}`"))));
        facts.extend(self.loinc.iter().map(|code| ("LOINC", code.clone())));
        facts
    }
}

/// The name of a column: a hyphen is none in R, Python, SPSS and Stata.
pub(super) fn column_name(id: &str) -> String {
    id.replace('-', "_")
}

struct Writer<'a> {
    scorer: &'a Scorer,
    instrument: &'a Instrument,
    words: &'a Words,
}

impl Writer<'_> {
    fn column((name, kind): (String, ColumnKind), title: &str, meaning: String) -> Column {
        Column {
            name,
            kind,
            title: title.to_owned(),
            meaning,
            range: None,
            direction: None,
            values: Vec::new(),
            items: Vec::new(),
            source: None,
            rule_hash: None,
            loinc: None,
        }
    }

    fn scale(&self, scale: &Scale) -> Vec<Column> {
        let id = scale.id();
        let named = |part: &str| column_name(&format!("{id}{part}"));
        let (low, high) = scale.range();
        let score = Column {
            range: Some((low.to_f64(), high.to_f64())),
            direction: Some(scale.direction().to_string()),
            items: self.items(scale),
            source: Some(scale.basis().into()),
            rule_hash: self.scorer.rule_hash(id).map(str::to_owned),
            loinc: scale.loinc().map(str::to_owned),
            ..Self::column((named(""), ColumnKind::Score), scale.title(), self.meaning(scale))
        };
        let set = self.scorer.band_set(id);
        let meaning = match set {
            Some(set) => self.words.say("codebook.band", &[("set", &set.id())]),
            None => self.words.say("codebook.no-band", &[]),
        };
        let steps = set.map(crate::instrument::BandSet::bands).unwrap_or_default();
        let ends = steps.iter().skip(1).map(|step| Some(step.low())).chain([None]);
        let values = steps.iter().zip(ends).map(|(step, next)| {
            let low = step.low();
            let meaning = match next {
                Some(next) => {
                    self.words.say("codebook.band-range", &[("low", &low), ("next", &next)])
                }
                None => self.words.say("codebook.band-last", &[("low", &low), ("high", &high)]),
            };
            ColumnValue { value: step.label().to_owned(), meaning }
        });
        let name = named("_band");
        let band = Column {
            values: values.collect(),
            source: set.map(|set| set.basis().into()),
            ..Self::column((name, ColumnKind::Band), scale.title(), meaning)
        };
        let statuses = [
            Status::Complete,
            Status::Prorated,
            Status::NotAsked,
            Status::Unreadable,
            Status::NotApplicable,
            Status::TooFewAnswered,
            Status::DependsOnAbsent,
        ];
        let statuses = statuses.map(|status| ColumnValue {
            value: status.to_string(),
            meaning: self.words.say(&format!("codebook.status.{status}"), &[]),
        });
        let name = named("_status");
        let meaning = self.words.say("codebook.status", &[]);
        let status = Column {
            values: statuses.into(),
            ..Self::column((name, ColumnKind::Status), scale.title(), meaning)
        };
        let answered = Column {
            range: Some((0.0, scale.key().terms().len() as f64)).filter(|range| range.1 > 0.0),
            ..Self::column(
                (named("_answered"), ColumnKind::Answered),
                scale.title(),
                self.words.say("codebook.answered", &[]),
            )
        };
        let certain = Column {
            values: ["yes", "no"]
                .map(|word| ColumnValue {
                    value: word.to_owned(),
                    meaning: self.words.say(&format!("codebook.certain.{word}"), &[]),
                })
                .into(),
            ..Self::column(
                (named("_band_certain"), ColumnKind::BandCertain),
                scale.title(),
                self.words.say("codebook.certain", &[]),
            )
        };
        let mut columns = vec![score, answered, status];
        if set.is_some() {
            columns.extend([band, certain]);
        }
        columns
    }

    fn items(&self, scale: &Scale) -> Vec<String> {
        let of = |term: &crate::instrument::Term| {
            let id = self.instrument.items().get(term.item())?.id();
            let reversed = *term.keying() == Keying::Reversed;
            Some(if reversed { format!("-{id}") } else { id.to_owned() })
        };
        scale.key().terms().iter().filter_map(of).collect()
    }

    /// How a value comes about, missing rule included.
    fn meaning(&self, scale: &Scale) -> String {
        let id = |at: usize| self.instrument.scales().get(at).map_or("", Scale::id).to_owned();
        let items = scale.key().terms().len();
        let verb = match scale.key() {
            Key::Sum(_) => self.words.say("codebook.sum", &[("items", &items)]),
            Key::Mean(_) => self.words.say("codebook.mean", &[("items", &items)]),
            Key::Ratio { numerator, denominator } => {
                let (top, bottom) = (id(*numerator), id(*denominator));
                self.words.say("codebook.ratio", &[("numerator", &top), ("denominator", &bottom)])
            }
            Key::Times { from, factor } => {
                self.words.say("codebook.times", &[("scale", &id(*from)), ("times", factor)])
            }
            Key::Table { from, .. } => self.words.say("codebook.table", &[("scale", &id(*from))]),
        };
        if items == 0 {
            return verb;
        }
        let asked = self.scorer.options().min_answered.map(|asked| usize::from(asked).min(items));
        let needs = asked.unwrap_or(scale.needs());
        let missing = if needs >= items {
            self.words.say("codebook.needs-all", &[])
        } else {
            self.words.say("codebook.needs", &[("needs", &needs), ("items", &items)])
        };
        let drops = scale.not_applicable() == NotApplicableRule::Drop;
        let drops = drops.then(|| self.words.say("codebook.drops", &[]));
        [Some(verb), Some(missing), drops].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
