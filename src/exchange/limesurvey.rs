//! LimeSurvey survey structure, tab-separated.
//!
//! Items of one response set in a row become one array question, scores equation questions that
//! are blank exactly where the crate gives no score.

use std::borrow::Cow;

use super::fields::{DO_NOT_KNOW, FieldLanguage, NOT_APPLICABLE};
use super::formula::Formulas;
use super::names::{Names, line, on_one_line};
use super::options::{ExportOptions, ItemTexts, exported, judged, lost_everywhere};
use super::print::Dialect;
use super::unexpressed::{Reason, Translation, Unexpressed};
use crate::answers::MissingKind;
use crate::instrument::{Instrument, Item, ResponseOption};
use crate::score::Scorer;

/// The columns that are filled; LimeSurvey finds them by name.
const HEADER: [&str; 18] = [
    "id",
    "related_id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "other",
    "default",
    "same_default",
    "hidden",
    "min_num_value_n",
    "max_num_value_n",
    "num_value_int_only",
];

/// Longest code of a question or subquestion.
const LONGEST_NAME: usize = 20;

/// A LimeSurvey survey structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyStructure {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    id: String,
    class: &'static str,
    kind: String,
    name: String,
    relevance: String,
    text: String,
    help: String,
    language: String,
    mandatory: &'static str,
    hidden: &'static str,
    limits: (String, String),
}

impl SurveyStructure {
    /// Codes of the questions, in order.
    pub fn questions(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter(|row| row.class == "Q").map(|row| row.name.as_str())
    }

    /// The expression of an equation question.
    pub fn equation(&self, question: &str) -> Option<&str> {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| row.class == "Q" && row.kind == "*" && row.name == question)?;
        row.text.strip_prefix('{')?.strip_suffix('}')
    }

    /// The file that LimeSurvey takes as a survey structure (`.txt`), with a byte-order mark as
    /// LimeSurvey itself writes it.
    pub fn to_tsv(&self) -> String {
        let mut text = String::from('\u{feff}');
        text.push_str(&line(&HEADER.map(str::to_owned), '\t'));
        text.push('\n');
        for row in &self.rows {
            let (low, high) = &row.limits;
            let whole = if low.is_empty() { "" } else { "1" };
            let other = if row.class == "Q" { "N" } else { "" };
            let cells: [&str; 18] = [
                &row.id,
                "",
                row.class,
                &row.kind,
                &row.name,
                &row.relevance,
                &row.text,
                &row.help,
                &row.language,
                "",
                row.mandatory,
                other,
                "",
                "",
                row.hidden,
                low,
                high,
                whole,
            ];
            text.push_str(&line(&cells.map(str::to_owned), '\t'));
            text.push('\n');
        }
        text
    }
}

/// The instrument as a LimeSurvey survey, with equations for the scorer's scales, bands and
/// criteria.
///
/// ```
/// use straingauge::exchange::{ExportOptions, limesurvey};
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// let survey = limesurvey::survey_structure(&phq9.scorer(), &ExportOptions::new()).document;
/// assert!(survey.equation("phq9total").unwrap().contains("is_numeric(phq9a_1.NAOK)"));
/// ```
pub fn survey_structure(scorer: &Scorer, options: &ExportOptions) -> Translation<SurveyStructure> {
    let instrument = scorer.instrument();
    let mut unexpressed = lost_everywhere(scorer, options);
    let mut add = |subject: &str, reason: Reason| {
        unexpressed.push(Unexpressed { subject: subject.to_owned(), reason });
    };
    let kinds = [MissingKind::NotAsked, MissingKind::Skipped, MissingKind::Declined];
    let kinds = kinds.into_iter().chain([MissingKind::Unreadable]).collect();
    add(instrument.id(), Reason::MissingKinds(kinds));
    add(instrument.id(), Reason::Licence);
    add(instrument.id(), Reason::RuleHash);
    if !instrument.cautions().is_empty() {
        add(instrument.id(), Reason::Cautions);
    }
    let writer = Writer::new(scorer, options);
    for (texts, name) in writer.texts.iter().zip(&writer.items) {
        let id = texts.item.id();
        add(id, Reason::Renamed(name.clone()));
        if name.rsplit('_').next().unwrap_or(name).len() > LONGEST_NAME {
            add(id, Reason::LongName(LONGEST_NAME));
        }
        let all = std::iter::once(&texts.text).chain(texts.options.iter().map(|(_, text)| text));
        if all.into_iter().any(|text| **text != on_one_line(text, BRACES)) {
            add(id, Reason::TextChanged);
        }
    }
    let document = SurveyStructure { rows: writer.rows() };
    let named = document.rows.iter().filter(|row| row.class == "Q");
    for row in named.filter(|row| row.name.len() > LONGEST_NAME) {
        add(&row.name, Reason::LongName(LONGEST_NAME));
    }
    Translation { document, unexpressed }
}

/// What LimeSurvey would take for the start of an expression.
const BRACES: &[char] = &['{', '}'];

/// Letters and digits alone.
fn code(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Text for a page: one line, no expressions, no markup.
fn shown(text: &str) -> String {
    let text = on_one_line(text, BRACES);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A run of items that share a question.
struct Question {
    name: String,
    /// Positions of the items.
    items: std::ops::Range<usize>,
}

struct Writer<'a> {
    scorer: &'a Scorer,
    instrument: &'a Instrument,
    options: &'a ExportOptions,
    texts: Vec<ItemTexts<'a>>,
    questions: Vec<Question>,
    /// Variable of each item: `question_subquestion`, or `question`.
    items: Vec<String>,
    scales: Vec<String>,
    bands: Vec<String>,
    criteria: Vec<String>,
    language: FieldLanguage,
    locale: String,
}

impl<'a> Writer<'a> {
    fn new(scorer: &'a Scorer, options: &'a ExportOptions) -> Self {
        let instrument = scorer.instrument();
        let texts = options.texts(instrument);
        let mut stem = code(instrument.id());
        if !stem.starts_with(|first: char| first.is_ascii_alphabetic()) {
            stem.insert(0, 'q');
        }
        let mut names = Names::new();
        let alike = |a: &ItemTexts<'_>, b: &ItemTexts<'_>| {
            let array = |texts: &ItemTexts<'_>| {
                in_array(texts.item) && texts.note.is_none() && texts.item.implied().is_none()
            };
            array(a) && array(b) && a.item.responses().name() == b.item.responses().name()
        };
        let (mut questions, mut items, mut start) = (Vec::new(), Vec::new(), 0);
        for (number, run) in texts.chunk_by(alike).enumerate() {
            let question = if let [one] = run {
                let name = names.give(&format!("{stem}{}", code(one.item.id())));
                items.push(name.clone());
                name
            } else {
                let name = names.give(&format!("{stem}{}", letters(number)));
                let mut inner = Names::new();
                let sub = run.iter().map(|texts| inner.give(&code(texts.item.id())));
                items.extend(sub.map(|sub| format!("{name}_{sub}")));
                name
            };
            questions.push(Question { name: question, items: start..start + run.len() });
            start += run.len();
        }
        let mut name = |id: &str| names.give(&format!("{stem}{}", code(id)));
        let scales: Vec<String> =
            instrument.scales().iter().map(|scale| name(scale.id())).collect();
        let criteria = instrument.criteria().iter().map(|criterion| name(criterion.id())).collect();
        let bands = instrument.scales().iter().map(|s| name(&format!("{}band", s.id()))).collect();
        let variable = |name: &String| format!("{name}.NAOK");
        let offers = |item: &Item| item.responses().offers_no_code();
        let language = FieldLanguage {
            items: items.iter().map(variable).collect(),
            scales: scales.iter().map(variable).collect(),
            may_be_text: instrument.items().iter().map(offers).collect(),
            is_number: "is_numeric",
            equal: "==",
            unequal: "!=",
            plus_needs_all: false,
        };
        let locale =
            options.form_of(instrument).map_or("en", |form| form.pack().locale()).to_owned();
        Self {
            scorer,
            instrument,
            options,
            texts,
            questions,
            items,
            scales,
            bands,
            criteria,
            language,
            locale,
        }
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = self.head();
        let mut next = 1_usize;
        for question in &self.questions {
            let id = next.to_string();
            next += 1;
            let texts = self.texts.get(question.items.clone()).unwrap_or_default();
            match texts {
                [one] => self.single(&id, &question.name, one, &mut rows),
                several => self.array(&id, question, several, &mut rows),
            }
        }
        let formulas = Formulas::new(self.instrument, Some(self.scorer.options()));
        let mut equation = |name: Option<&String>, label: &str, text: String| {
            let id = next.to_string();
            next += 1;
            rows.push(Row {
                id,
                class: "Q",
                kind: "*".to_owned(),
                name: name.cloned().unwrap_or_default(),
                relevance: "1".to_owned(),
                text: format!("{{{text}}}"),
                help: shown(label),
                language: self.locale.clone(),
                hidden: if self.options.hides_scores() { "1" } else { "" },
                ..Row::default()
            });
        };
        for at in exported(self.scorer) {
            let Some(scale) = self.instrument.scales().get(at) else { continue };
            let text = self.language.value_of(&formulas.scale(at));
            equation(self.scales.get(at), scale.title(), text);
            if let Some(set) = self.scorer.band_set(scale.id()) {
                let text = self.language.band(&formulas.bands(at, set));
                let label = format!("{}: band ({})", scale.title(), set.id());
                equation(self.bands.get(at), &label, text);
            }
        }
        for at in judged(self.scorer) {
            let Some(criterion) = self.instrument.criteria().get(at) else { continue };
            let text = self.language.verdict(&formulas.criterion(at));
            equation(self.criteria.get(at), criterion.title(), text);
        }
        rows
    }

    /// Survey, its texts in the language, and the one group.
    fn head(&self) -> Vec<Row> {
        let form = self.options.form_of(self.instrument);
        let text = |text: Option<Cow<'_, str>>| shown(&text.unwrap_or_default());
        let intro = text(form.and_then(crate::form::Form::intro));
        let closing = text(form.and_then(crate::form::Form::closing));
        let mut credit = self.instrument.licence().credit().to_vec();
        credit.extend(form.into_iter().flat_map(|form| form.pack().credit().to_vec()));
        let row = |class, name: &str, text: String| Row {
            class,
            name: name.to_owned(),
            text,
            ..Row::default()
        };
        let local = |name: &str, text: String| Row {
            language: self.locale.clone(),
            ..row("SL", name, text)
        };
        vec![
            row("S", "language", self.locale.clone()),
            row("S", "format", "G".to_owned()),
            local("surveyls_title", shown(self.instrument.title())),
            local("surveyls_description", shown(&credit.join(". "))),
            local("surveyls_welcometext", intro),
            local("surveyls_endtext", closing),
            Row {
                kind: "1".to_owned(),
                relevance: "1".to_owned(),
                language: self.locale.clone(),
                ..row("G", self.instrument.title(), shown(self.instrument.recall().unwrap_or("")))
            },
        ]
    }

    fn question(&self, id: &str, kind: &str, name: &str) -> Row {
        Row {
            id: id.to_owned(),
            class: "Q",
            kind: kind.to_owned(),
            name: name.to_owned(),
            relevance: "1".to_owned(),
            language: self.locale.clone(),
            // Declining is always possible.
            mandatory: "N",
            ..Row::default()
        }
    }

    fn single(&self, id: &str, name: &str, texts: &ItemTexts<'_>, rows: &mut Vec<Row>) {
        let item = texts.item;
        let coded = in_array(item);
        let mut row = self.question(id, if coded { "L" } else { "N" }, name);
        row.text = shown(&texts.text);
        row.help = shown(texts.note.as_deref().unwrap_or(""));
        row.relevance = self.relevance(item);
        if !coded {
            let (low, high) = item.responses().range();
            row.limits = (low.to_string(), high.to_string());
        }
        rows.push(row);
        if coded {
            self.answers(id, texts, rows);
        }
    }

    fn array(&self, id: &str, question: &Question, texts: &[ItemTexts<'_>], rows: &mut Vec<Row>) {
        let mut row = self.question(id, "F", &question.name);
        row.text = shown(self.instrument.recall().unwrap_or(""));
        rows.push(row);
        for (texts, variable) in
            texts.iter().zip(self.items.get(question.items.clone()).unwrap_or_default())
        {
            rows.push(Row {
                class: "SQ",
                kind: "0".to_owned(),
                name: variable.rsplit('_').next().unwrap_or_default().to_owned(),
                relevance: "1".to_owned(),
                text: shown(&texts.text),
                language: self.locale.clone(),
                ..Row::default()
            });
        }
        if let Some(first) = texts.first() {
            self.answers(id, first, rows);
        }
    }

    fn answers(&self, id: &str, texts: &ItemTexts<'_>, rows: &mut Vec<Row>) {
        let row = |name: String, text: &str| Row {
            id: id.to_owned(),
            class: "A",
            kind: "0".to_owned(),
            relevance: "0".to_owned(),
            name,
            text: shown(text),
            language: self.locale.clone(),
            ..Row::default()
        };
        rows.extend(texts.options.iter().map(|(code, text)| row(code.to_string(), text)));
        rows.extend(texts.not_applicable.map(|label| row(NOT_APPLICABLE.to_owned(), label)));
        rows.extend(texts.do_not_know.map(|label| row(DO_NOT_KNOW.to_owned(), label)));
    }

    /// Shown only where the gate's answer does not settle it.
    fn relevance(&self, item: &Item) -> String {
        let Some(implied) = item.implied() else { return "1".to_owned() };
        let gate = self.instrument.items().get(implied.gate());
        let variable = self.language.items.get(implied.gate()).map_or("", String::as_str);
        let open = gate.into_iter().flat_map(|gate| gate.responses().options());
        let open = open.map(ResponseOption::code);
        let open = open.filter(|code| !implied.op().holds(i64::from(*code), implied.number()));
        let open: Vec<String> = open.map(|code| format!("{variable} == \"{code}\"")).collect();
        if open.is_empty() { "0".to_owned() } else { open.join(" or ") }
    }
}

/// Whether an item's answers are listed; a plain range of numbers is typed in.
fn in_array(item: &Item) -> bool {
    !item.responses().is_range() || item.responses().offers_no_code()
}

/// `a`, `b`, … `z`, `za`, `zb`, …
fn letters(number: usize) -> String {
    let last = u8::try_from(number % 26).unwrap_or(0);
    let mut name = "z".repeat(number / 26);
    name.push(char::from(b'a' + last));
    name
}
