//! The instrument as a FHIR Questionnaire.

use serde::Serialize;

use super::path::FhirPath;
use super::types::{CodeableConcept, Coding, Expression, Extension, Identifier, data_types, json};
use super::{
    ABSENT_SYSTEM, COMPUTED, DO_NOT_KNOW, LOINC, NOT_APPLICABLE, answer_system, canonical,
    id_system, is_coded, rules,
};
use crate::answers::MissingKind;
use crate::exchange::formula::Formulas;
use crate::exchange::options::{ExportOptions, ItemTexts, exported, judged, lost_everywhere};
use crate::exchange::print::Dialect;
use crate::exchange::unexpressed::{Reason, Translation, Unexpressed};
use crate::form::Form;
use crate::instrument::{Instrument, Item, Scale, Source};
use crate::score::Scorer;

const ORDINAL: &str = "http://hl7.org/fhir/StructureDefinition/ordinalValue";
const MIN: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const HIDDEN: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden";
const CALCULATED: &str =
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression";
/// Link ids of what a wording pack says before and after the questions.
const INTRO: &str = "straingauge.intro";
const CLOSING: &str = "straingauge.closing";

data_types! {
    EnableWhen {
        question: Option<String>,
        operator: Option<String>,
        answer_coding: Option<Coding>,
        answer_integer: Option<i64>,
    }

    AnswerOption {
        extension: Vec<Extension>,
        value_coding: Option<Coding>,
    }

    QuestionnaireItem {
        extension: Vec<Extension>,
        link_id: Option<String>,
        code: Vec<Coding>,
        text: Option<String>,
        #[serde(rename = "type")]
        kind: Option<String>,
        enable_when: Vec<EnableWhen>,
        enable_behavior: Option<String>,
        required: Option<bool>,
        read_only: Option<bool>,
        answer_option: Vec<AnswerOption>,
        item: Vec<QuestionnaireItem>,
    }
}

/// A FHIR R4 Questionnaire.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Questionnaire {
    resource_type: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    url: String,
    identifier: Vec<Identifier>,
    version: String,
    name: String,
    title: String,
    status: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    copyright: String,
    code: Vec<Coding>,
    item: Vec<QuestionnaireItem>,
}

impl Questionnaire {
    /// The address that responses name.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The resource as JSON text on one line.
    pub fn to_json(&self) -> String {
        json(self)
    }
}

/// The instrument as a FHIR R4 Questionnaire, with computed items for the scorer's scales, bands
/// and criteria.
pub fn questionnaire(scorer: &Scorer, options: &ExportOptions) -> Translation<Questionnaire> {
    let instrument = scorer.instrument();
    let base = options.base_address();
    let mut unexpressed = lost_everywhere(scorer, options);
    let writer = Writer { scorer, options, base, instrument };
    let form = options.form_of(instrument);
    let mut item = Vec::new();
    let shown = |text: Option<std::borrow::Cow<'_, str>>, link_id: &str| {
        text.map(|text| display(link_id.to_owned(), text.into_owned()))
    };
    item.extend(shown(form.and_then(Form::intro), INTRO));
    for texts in options.texts(instrument) {
        let subject = texts.item.id();
        let reasons = writer.lost(texts.item).into_iter();
        unexpressed
            .extend(reasons.map(|reason| Unexpressed { subject: subject.to_owned(), reason }));
        item.push(writer.item(&texts));
    }
    item.extend(shown(form.and_then(Form::closing), CLOSING));
    item.push(writer.computed());
    unexpressed.extend(writer.need_reasons());
    let rules = rules::other_rules(scorer);
    let codes = instrument.loinc().map(|code| Coding::new(LOINC, code));
    let own = Coding::new(id_system(base, instrument), instrument.id());
    let hash = Identifier {
        system: Some(format!("{base}/NamingSystem/definition-sha256")),
        value: Some(instrument.file_hash().to_owned()),
    };
    let document = Questionnaire {
        resource_type: "Questionnaire",
        id: rules::resource_id(instrument, &rules),
        language: form.map(|form| form.pack().locale().to_owned()),
        url: canonical(base, instrument),
        identifier: vec![hash],
        version: rules::version(instrument, &rules),
        name: computable(instrument.id()),
        title: instrument.title().to_owned(),
        status: "active",
        description: description(instrument),
        purpose: Some(instrument.cautions().join(" ")).filter(|text| !text.is_empty()),
        copyright: copyright(instrument, options),
        code: codes.into_iter().chain([own]).collect(),
        item,
    };
    Translation { document, unexpressed }
}

/// A name that programs can use: letters and digits, a capital first.
fn computable(id: &str) -> String {
    let mut name = String::new();
    for word in id.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters);
    }
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        name
    } else {
        format!("Q{name}")
    }
}

fn description(instrument: &Instrument) -> String {
    let mut parts = vec![format!("{}, {}.", instrument.title(), instrument.edition())];
    if let Some(population) = instrument.population() {
        parts.push(format!("For {population}."));
    }
    if let Some(recall) = instrument.recall() {
        parts.push(format!("Asks about: {recall}."));
    }
    let sources: Vec<String> = instrument.sources().map(Source::citation).collect();
    parts.push(format!("Sources: {}.", sources.join("; ")));
    parts.join(" ")
}

fn copyright(instrument: &Instrument, options: &ExportOptions) -> String {
    let licence = instrument.licence();
    let mut parts =
        vec![format!("{}: {} (read on {})", licence.holder(), licence.terms(), licence.checked())];
    parts.extend(licence.credit().iter().cloned());
    if let Some(form) = options.form_of(instrument) {
        parts.push(format!("Wording: {}", form.pack().licence()));
        parts.extend(form.pack().credit().iter().cloned());
    }
    parts.join(". ")
}

struct Writer<'a> {
    scorer: &'a Scorer,
    options: &'a ExportOptions,
    base: &'a str,
    instrument: &'a Instrument,
}

impl Writer<'_> {
    /// What each option counts, if every scale agrees on it; the codes where no scale uses the item.
    fn ordinals(&self, item: &Item) -> Option<Vec<i32>> {
        let at = self.instrument.item_position(item.id())?;
        let scales = exported(self.scorer).into_iter();
        let scales = scales.filter_map(|scale| self.instrument.scales().get(scale));
        let mut uses = scales
            .flat_map(|scale| scale.key().terms())
            .filter(|term| term.item() == at)
            .map(|term| term.values().to_vec());
        let codes = || {
            let options = item.responses().options().iter();
            options.map(|option| i32::from(option.code())).collect()
        };
        let first = uses.next().unwrap_or_else(codes);
        if uses.all(|other| other == first) { Some(first) } else { None }
    }

    fn item(&self, texts: &ItemTexts<'_>) -> QuestionnaireItem {
        let item = texts.item;
        let id = item.id();
        let own = Coding::new(id_system(self.base, self.instrument), id).shown(item.topic());
        let mut written = QuestionnaireItem {
            link_id: Some(id.to_owned()),
            code: item
                .loinc()
                .map(|code| Coding::new(LOINC, code))
                .into_iter()
                .chain([own])
                .collect(),
            text: Some(texts.text.clone().into_owned()),
            // Declining is always possible.
            required: Some(false),
            ..QuestionnaireItem::default()
        };
        if is_coded(item) {
            written.kind = Some("choice".to_owned());
            written.answer_option = self.options(texts);
        } else {
            let (low, high) = item.responses().range();
            let limit = |url: &str, value: u8| Extension {
                value_integer: Some(i64::from(value)),
                ..Extension::new(url)
            };
            written.kind = Some("integer".to_owned());
            written.extension = vec![limit(MIN, low), limit(MAX, high)];
        }
        self.gate(item, &mut written);
        if let Some(note) = &texts.note {
            written.item.push(display(format!("{id}.note"), note.clone().into_owned()));
        }
        written
    }

    fn options(&self, texts: &ItemTexts<'_>) -> Vec<AnswerOption> {
        let item = texts.item;
        let system = answer_system(self.base, self.instrument, item);
        let ordinals = self.ordinals(item);
        let mut options: Vec<AnswerOption> = texts
            .options
            .iter()
            .enumerate()
            .map(|(at, (code, text))| {
                let value = ordinals.as_ref().and_then(|values| values.get(at)).copied();
                let value = value.unwrap_or_else(|| i32::from(*code));
                let coding = Coding::new(system.clone(), code.to_string());
                AnswerOption {
                    extension: vec![Extension {
                        value_decimal: Some(f64::from(value)),
                        ..Extension::new(ORDINAL)
                    }],
                    value_coding: Some(coding.shown(text.clone())),
                }
            })
            .collect();
        let uncoded = [(NOT_APPLICABLE, texts.not_applicable), (DO_NOT_KNOW, texts.do_not_know)];
        options.extend(uncoded.into_iter().filter_map(|(code, label)| {
            let coding = Coding::new(ABSENT_SYSTEM, code).shown(label?);
            Some(AnswerOption { extension: Vec::new(), value_coding: Some(coding) })
        }));
        options
    }

    /// Asked only where the gate's answer does not settle it.
    fn gate(&self, item: &Item, written: &mut QuestionnaireItem) {
        let Some(implied) = item.implied() else { return };
        let Some(gate) = self.instrument.items().get(implied.gate()) else { return };
        let open = gate.responses().options().iter().map(crate::instrument::ResponseOption::code);
        let open = open.filter(|code| !implied.op().holds(i64::from(*code), implied.number()));
        let system = answer_system(self.base, self.instrument, gate);
        written.enable_when = open
            .map(|code| {
                let coded = is_coded(gate);
                EnableWhen {
                    question: Some(gate.id().to_owned()),
                    operator: Some("=".to_owned()),
                    answer_coding: coded.then(|| Coding::new(system.clone(), code.to_string())),
                    answer_integer: (!coded).then_some(i64::from(code)),
                }
            })
            .collect();
        if written.enable_when.len() > 1 {
            written.enable_behavior = Some("any".to_owned());
        }
    }

    /// What of an item cannot be said.
    fn lost(&self, item: &Item) -> Vec<Reason> {
        let codes = item.responses().options().iter().map(|option| i32::from(option.code()));
        let mut lost = Vec::new();
        match self.ordinals(item) {
            None => lost.push(Reason::ValuesDiffer),
            Some(values) if !is_coded(item) && !values.iter().copied().eq(codes) => {
                lost.push(Reason::NumbersRecoded);
            }
            Some(_) => {}
        }
        let gate = item.implied().and_then(|implied| self.instrument.items().get(implied.gate()));
        lost.extend(gate.map(|gate| Reason::Unasked(gate.id().to_owned())));
        lost
    }

    fn formulas(&self) -> Formulas<'_> {
        Formulas::new(self.instrument, Some(self.scorer.options())).with_reasons()
    }

    /// Scales that come out otherwise where a program drops why an answer is missing.
    fn need_reasons(&self) -> Vec<Unexpressed> {
        let formulas = self.formulas();
        let scales = exported(self.scorer).into_iter().filter(|at| formulas.needs_reasons(*at));
        let scales = scales.filter_map(|at| self.instrument.scales().get(at));
        let kinds =
            || vec![MissingKind::NotAsked, MissingKind::Unreadable, MissingKind::NotApplicable];
        scales
            .map(|scale| Unexpressed {
                subject: scale.id().to_owned(),
                reason: Reason::MissingReasons(kinds()),
            })
            .collect()
    }

    fn computed(&self) -> QuestionnaireItem {
        let formulas = self.formulas();
        let path = FhirPath { instrument: self.instrument, formulas };
        let mut items = Vec::new();
        for at in exported(self.scorer) {
            let Some(scale) = self.instrument.scales().get(at) else { continue };
            let mut codes: Vec<Coding> =
                scale.loinc().map(|code| Coding::new(LOINC, code)).into_iter().collect();
            codes.push(Coding::new(id_system(self.base, self.instrument), scale.id()));
            if let Some(hash) = self.scorer.rule_hash(scale.id()) {
                codes.push(Coding::new(format!("{}/CodeSystem/rule-sha256", self.base), hash));
            }
            let expression = path.number(&formulas.scale(at));
            let title = scale.title().to_owned();
            items.push(Self::field(scale.id().to_owned(), ("decimal", title, expression), codes));
            let set = self.scorer.band_set(scale.id());
            if let Some(set) = set {
                let expression = path.band(&formulas.bands(at, set));
                let title = format!("{}: band ({})", scale.title(), set.id());
                let link_id = format!("{}.band", scale.id());
                items.push(Self::field(link_id, ("string", title, expression), Vec::new()));
            }
        }
        for at in judged(self.scorer) {
            let Some(criterion) = self.instrument.criteria().get(at) else { continue };
            let expression = path.verdict(&formulas.criterion(at));
            let code = Coding::new(id_system(self.base, self.instrument), criterion.id());
            let title = criterion.title().to_owned();
            let link_id = criterion.id().to_owned();
            items.push(Self::field(link_id, ("string", title, expression), vec![code]));
        }
        let hidden = Extension { value_boolean: Some(true), ..Extension::new(HIDDEN) };
        QuestionnaireItem {
            extension: if self.options.hides_scores() { vec![hidden] } else { Vec::new() },
            link_id: Some(COMPUTED.to_owned()),
            text: Some("Scores".to_owned()),
            kind: Some("group".to_owned()),
            item: items,
            ..QuestionnaireItem::default()
        }
    }

    fn field(
        link_id: String,
        (kind, text, expression): (&str, String, String),
        code: Vec<Coding>,
    ) -> QuestionnaireItem {
        let expression = Expression {
            description: None,
            language: Some("text/fhirpath".to_owned()),
            expression: Some(expression),
        };
        QuestionnaireItem {
            extension: vec![Extension {
                value_expression: Some(expression),
                ..Extension::new(CALCULATED)
            }],
            link_id: Some(link_id),
            code,
            text: Some(text),
            kind: Some(kind.to_owned()),
            read_only: Some(true),
            ..QuestionnaireItem::default()
        }
    }
}

/// A text that is only shown.
fn display(link_id: String, text: String) -> QuestionnaireItem {
    QuestionnaireItem {
        link_id: Some(link_id),
        text: Some(text),
        kind: Some("display".to_owned()),
        ..QuestionnaireItem::default()
    }
}

/// The concept of a scale or criterion.
pub(super) fn concept(
    base: &str,
    instrument: &Instrument,
    (id, title, loinc): (&str, &str, Option<&str>),
) -> CodeableConcept {
    let own = Coding::new(id_system(base, instrument), id).shown(title);
    CodeableConcept {
        coding: loinc.map(|code| Coding::new(LOINC, code)).into_iter().chain([own]).collect(),
        text: Some(title.to_owned()),
    }
}

/// What a scale's concept is made of.
pub(super) fn named(scale: &Scale) -> (&str, &str, Option<&str>) {
    (scale.id(), scale.title(), scale.loinc())
}
