//! REDCap data dictionary: 18 columns, one field a line.
//!
//! Scores become calculated fields that are blank exactly where the crate gives no score; bands and
//! criteria become text fields filled by `@CALCTEXT`. An unanswered item is never counted as nought.

use super::fields::{DO_NOT_KNOW, FieldLanguage, NOT_APPLICABLE};
use super::formula::Formulas;
use super::names::{Names, line, on_one_line};
use super::options::{ExportOptions, ItemTexts, exported, judged, lost_everywhere};
use super::print::Dialect;
use super::unexpressed::{Reason, Translation, Unexpressed};
use crate::answers::MissingKind;
use crate::instrument::{Instrument, Item, ResponseOption};
use crate::score::Scorer;

/// The columns in REDCap's order.
const HEADER: [&str; 18] = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
];

/// Longest name that every program which REDCap exports to keeps whole.
const LONGEST_NAME: usize = 26;

/// A REDCap data dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDictionary {
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Field {
    name: String,
    form: String,
    section: String,
    kind: &'static str,
    label: String,
    choices: String,
    note: String,
    validation: &'static str,
    limits: (String, String),
    branching: String,
    matrix: String,
    annotation: String,
}

impl DataDictionary {
    /// Names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// What stands in the column for choices and calculations, or in a text field's calculation.
    pub fn calculation(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        let text = field.annotation.strip_prefix("@CALCTEXT(");
        let text = text.and_then(|rest| rest.rsplit_once(')')).map(|(inside, _)| inside);
        text.or(Some(field.choices.as_str()).filter(|_| field.kind == "calc"))
    }

    /// The file that REDCap takes under "Upload a Data Dictionary".
    pub fn to_csv(&self) -> String {
        let mut text = line(&HEADER.map(str::to_owned), ',');
        text.push('\n');
        for field in &self.fields {
            let (low, high) = &field.limits;
            let cells: [&str; 18] = [
                &field.name,
                &field.form,
                &field.section,
                field.kind,
                &field.label,
                &field.choices,
                &field.note,
                field.validation,
                low,
                high,
                "",
                &field.branching,
                "",
                "",
                "",
                &field.matrix,
                "",
                &field.annotation,
            ];
            text.push_str(&line(&cells.map(str::to_owned), ','));
            text.push('\n');
        }
        text
    }
}

/// The instrument as a form of a REDCap project, with the scorer's scales, bands and criteria.
///
/// ```
/// use straingauge::exchange::{ExportOptions, redcap};
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// let dictionary = redcap::data_dictionary(&phq9.scorer(), &ExportOptions::new()).document;
/// assert!(dictionary.calculation("phq_9_total").unwrap().starts_with("([phq_9_1] + [phq_9_2] + "));
/// ```
pub fn data_dictionary(scorer: &Scorer, options: &ExportOptions) -> Translation<DataDictionary> {
    let instrument = scorer.instrument();
    let mut unexpressed = lost_everywhere(scorer, options);
    let mut add = |subject: &str, reason: Reason| {
        unexpressed.push(Unexpressed { subject: subject.to_owned(), reason });
    };
    let kinds = [MissingKind::NotAsked, MissingKind::Skipped, MissingKind::Declined];
    let kinds = kinds.into_iter().chain([MissingKind::Unreadable]).collect();
    add(instrument.id(), Reason::MissingKinds(kinds));
    add(instrument.id(), Reason::Licence);
    if !instrument.cautions().is_empty() {
        add(instrument.id(), Reason::Cautions);
    }
    let form = instrument.id().replace('-', "_");
    add(instrument.id(), Reason::Renamed(format!("{form}_<id>, hyphens as underscores")));
    let writer = Writer::new(scorer, options, form);
    let fields = writer.fields();
    for field in &fields {
        if field.name.len() > LONGEST_NAME {
            add(&field.name, Reason::LongName(LONGEST_NAME));
        }
    }
    for texts in &writer.texts {
        if std::iter::once(&texts.text)
            .chain(texts.options.iter().map(|(_, text)| text))
            .any(|text| *text != on_one_line(text, &['|']))
        {
            add(texts.item.id(), Reason::TextChanged);
        }
    }
    Translation { document: DataDictionary { fields }, unexpressed }
}

struct Writer<'a> {
    scorer: &'a Scorer,
    instrument: &'a Instrument,
    options: &'a ExportOptions,
    texts: Vec<ItemTexts<'a>>,
    form: String,
    items: Vec<String>,
    scales: Vec<String>,
    bands: Vec<String>,
    criteria: Vec<String>,
    closing: String,
    credit: String,
    language: FieldLanguage,
}

impl<'a> Writer<'a> {
    fn new(scorer: &'a Scorer, options: &'a ExportOptions, form: String) -> Self {
        let instrument = scorer.instrument();
        let mut names = Names::new();
        names.give("record_id");
        let mut name = |id: &str| names.give(&format!("{form}_{}", id.replace('-', "_")));
        let items: Vec<String> = instrument.items().iter().map(|item| name(item.id())).collect();
        let scales: Vec<String> =
            instrument.scales().iter().map(|scale| name(scale.id())).collect();
        let criteria = instrument.criteria().iter().map(|criterion| name(criterion.id())).collect();
        let bands = instrument.scales().iter().map(|s| name(&format!("{}_band", s.id()))).collect();
        let closing = name("closing");
        let credit = name("credit");
        let field = |name: &String| format!("[{name}]");
        let offers = |item: &Item| item.responses().offers_no_code();
        let language = FieldLanguage {
            items: items.iter().map(field).collect(),
            scales: scales.iter().map(field).collect(),
            may_be_text: instrument.items().iter().map(offers).collect(),
            is_number: "isnumber",
            equal: "=",
            unequal: "<>",
            plus_needs_all: true,
        };
        let texts = options.texts(instrument);
        Self {
            scorer,
            instrument,
            options,
            texts,
            form,
            items,
            scales,
            bands,
            criteria,
            closing,
            credit,
            language,
        }
    }

    fn field(&self, name: &str, kind: &'static str, label: &str) -> Field {
        let label = on_one_line(label, &[]);
        Field { name: name.to_owned(), form: self.form.clone(), kind, label, ..Field::default() }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![self.field("record_id", "text", "Record ID")];
        let groups = self.matrices();
        for (at, (texts, name)) in self.texts.iter().zip(&self.items).enumerate() {
            let mut field = self.item(texts, name);
            if let Some(Some(group)) = groups.get(at) {
                field.matrix = format!("{}_matrix_{group}", self.form);
            }
            if at == 0 {
                let form = self.options.form_of(self.instrument);
                let intro = form.and_then(crate::form::Form::intro);
                let intro = intro.or_else(|| self.instrument.recall().map(Into::into));
                field.section = on_one_line(&intro.unwrap_or_default(), &[]);
            }
            fields.push(field);
        }
        fields.extend(self.computed());
        let mut credit = self.instrument.licence().credit().to_vec();
        if let Some(form) = self.options.form_of(self.instrument) {
            let closing = form.closing();
            fields.extend(closing.map(|text| self.field(&self.closing, "descriptive", &text)));
            credit.extend(form.pack().credit().iter().cloned());
        }
        if !credit.is_empty() {
            fields.push(self.field(&self.credit, "descriptive", &credit.join(". ")));
        }
        fields
    }

    fn item(&self, texts: &ItemTexts<'_>, name: &str) -> Field {
        let item = texts.item;
        let set = item.responses();
        let as_range = set.is_range() && !set.offers_no_code();
        let mut field = self.field(name, if as_range { "text" } else { "radio" }, &texts.text);
        let mut notes: Vec<String> = texts.note.iter().map(|note| on_one_line(note, &[])).collect();
        if as_range {
            let (low, high) = set.range();
            field.validation = "integer";
            field.limits = (low.to_string(), high.to_string());
            let labels = texts.options.iter().filter(|(code, text)| **text != code.to_string());
            notes.extend(labels.map(|(code, text)| format!("{code} = {text}")));
        } else {
            let choice = |(code, text): &(u8, std::borrow::Cow<'_, str>)| {
                format!("{code}, {}", on_one_line(text, &['|']))
            };
            let mut choices: Vec<String> = texts.options.iter().map(choice).collect();
            let uncoded =
                [(NOT_APPLICABLE, texts.not_applicable), (DO_NOT_KNOW, texts.do_not_know)];
            for (code, label) in uncoded {
                choices.extend(label.map(|l| format!("{code}, {}", on_one_line(l, &['|']))));
            }
            field.choices = choices.join(" | ");
        }
        field.note = notes.join("; ");
        field.branching = self.branching(item);
        field.annotation = item.loinc().map_or(String::new(), |code| format!("LOINC {code}"));
        field
    }

    /// Shown only where the gate's answer does not settle it.
    fn branching(&self, item: &Item) -> String {
        let Some(implied) = item.implied() else { return String::new() };
        let Some(gate) = self.instrument.items().get(implied.gate()) else { return String::new() };
        let name = self.language.items.get(implied.gate()).map_or("", String::as_str);
        let open = gate.responses().options().iter().map(ResponseOption::code);
        let open = open.filter(|code| !implied.op().holds(i64::from(*code), implied.number()));
        open.map(|code| format!("{name} = '{code}'")).collect::<Vec<_>>().join(" or ")
    }

    /// A number for each run of items that fit into one matrix: same options, no note, no gate.
    fn matrices(&self) -> Vec<Option<usize>> {
        let fits = |texts: &ItemTexts<'_>| {
            let set = texts.item.responses();
            let coded = !set.is_range() || set.offers_no_code();
            coded && texts.note.is_none() && texts.item.implied().is_none()
        };
        let name = |texts: &ItemTexts<'_>| texts.item.responses().name().to_owned();
        let alike = |a: &ItemTexts<'_>, b: &ItemTexts<'_>| fits(a) && fits(b) && name(a) == name(b);
        let mut groups = Vec::with_capacity(self.texts.len());
        for (number, run) in self.texts.chunk_by(alike).enumerate() {
            let group = if run.len() > 1 { Some(number + 1) } else { None };
            groups.extend(run.iter().map(|_| group));
        }
        groups
    }

    fn computed(&self) -> Vec<Field> {
        let formulas = Formulas::new(self.instrument, Some(self.scorer.options()));
        let hidden = if self.options.hides_scores() { "@HIDDEN-SURVEY" } else { "" };
        let annotated = |parts: &[&str]| {
            let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
            parts.join(" ")
        };
        let calculated = |text: &str| format!("@CALCTEXT({text})");
        let mut fields = Vec::new();
        for at in exported(self.scorer) {
            let Some(scale) = self.instrument.scales().get(at) else { continue };
            let name = self.scales.get(at).map_or("", String::as_str);
            let mut field = self.field(name, "calc", scale.title());
            field.choices = self.language.value_of(&formulas.scale(at));
            let rule = self.scorer.rule_hash(scale.id()).unwrap_or_default();
            let rule = format!("rule sha256 {rule}");
            let loinc = scale.loinc().map_or(String::new(), |code| format!("LOINC {code}"));
            field.annotation = annotated(&[hidden, &loinc, &rule]);
            fields.push(field);
            if let Some(set) = self.scorer.band_set(scale.id()) {
                let name = self.bands.get(at).map_or("", String::as_str);
                let label = format!("{}: band ({})", scale.title(), set.id());
                let mut field = self.field(name, "text", &label);
                let text = self.language.band(&formulas.bands(at, set));
                field.annotation = annotated(&[&calculated(&text), hidden]);
                fields.push(field);
            }
        }
        for at in judged(self.scorer) {
            let Some(criterion) = self.instrument.criteria().get(at) else { continue };
            let name = self.criteria.get(at).map_or("", String::as_str);
            let mut field = self.field(name, "text", criterion.title());
            let text = self.language.verdict(&formulas.criterion(at));
            field.annotation = annotated(&[&calculated(&text), hidden]);
            fields.push(field);
        }
        fields
    }
}
