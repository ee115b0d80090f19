//! Scores as FHIR Observations.

use serde::Serialize;

use super::ABSENT_SYSTEM;
use super::occasion::Occasion;
use super::questionnaire::{concept, named};
use super::types::{CodeableConcept, Coding, Quantity, Reference, data_types, json};
use crate::exchange::unexpressed::{Reason, Translation, Unexpressed};
use crate::instrument::{NotApplicableRule, Scale};
use crate::score::{CriterionView, Outcome, ScaleView, Scores, Status};
use crate::words::Words;

data_types! {
    Annotation {
        text: Option<String>,
    }

    ReferenceRange {
        low: Option<Quantity>,
        high: Option<Quantity>,
        #[serde(rename = "type")]
        kind: CodeableConcept,
        text: Option<String>,
    }

    Component {
        code: CodeableConcept,
        value_quantity: Option<Quantity>,
        value_integer: Option<i64>,
    }
}

/// A FHIR R4 Observation: one scale or criterion of one sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    resource_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    status: &'static str,
    category: Vec<CodeableConcept>,
    code: CodeableConcept,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_quantity: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_boolean: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_absent_reason: Option<CodeableConcept>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    interpretation: Vec<CodeableConcept>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    note: Vec<Annotation>,
    method: CodeableConcept,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reference_range: Vec<ReferenceRange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    derived_from: Vec<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    component: Vec<Component>,
}

impl Observation {
    /// The resource as JSON text on one line.
    pub fn to_json(&self) -> String {
        json(self)
    }
}

/// One Observation for each reported scale and criterion, absent ones with their reason.
///
/// The value's band is the interpretation, the receipt (definition, file hash, rule hash, crate
/// version) the method, the response the observation is derived from.
///
/// ```
/// use straingauge::exchange::fhir::{Occasion, observations};
/// let phq9 = straingauge::catalog::get("phq-9").unwrap();
/// let sheet = straingauge::answers::Sheet::from_text(&phq9, "1 2 2 0 0 1 0 0 0").unwrap();
/// let scores = phq9.score(&sheet).unwrap();
/// let total = &observations(&scores, &Occasion::new().id("r1")?).document[0];
/// assert!(total.to_json().contains(r#""code":"44261-6""#)); // LOINC: PHQ-9 total score
/// # Ok::<(), straingauge::exchange::fhir::FhirError>(())
/// ```
pub fn observations(scores: &Scores, occasion: &Occasion) -> Translation<Vec<Observation>> {
    let writer = Writer { scores, occasion, words: Words::english() };
    let scales = scores.iter().map(|view| writer.scale(&view));
    let criteria = scores.criteria().map(|view| writer.criterion(&view));
    let document = scales.chain(criteria).collect();
    let instrument = scores.scorer().instrument();
    let subject = instrument.id().to_owned();
    let unexpressed = vec![Unexpressed { subject, reason: Reason::Basis }];
    Translation { document, unexpressed }
}

struct Writer<'a> {
    scores: &'a Scores,
    occasion: &'a Occasion,
    words: Words,
}

impl Writer<'_> {
    /// Everything but the value; `rule` is the hash of the scale's rule.
    fn blank(&self, id: &str, code: CodeableConcept, rule: Option<&str>) -> Observation {
        let category = "http://terminology.hl7.org/CodeSystem/observation-category";
        let category = Coding::new(category, "survey");
        let response = self.occasion.response_id();
        let from = response.map(|id| Reference {
            reference: Some(format!("QuestionnaireResponse/{id}")),
            ..Reference::default()
        });
        // An id has at most 64 characters; where ours would have more, the server gives one.
        let id = response.map(|response| format!("{response}-{id}")).filter(|id| id.len() <= 64);
        Observation {
            resource_type: "Observation",
            id,
            status: "final",
            category: vec![CodeableConcept { coding: vec![category], text: None }],
            code,
            subject: self.occasion.subject(),
            effective_date_time: self.occasion.when(),
            value_quantity: None,
            value_boolean: None,
            data_absent_reason: None,
            interpretation: Vec::new(),
            note: Vec::new(),
            method: self.method(rule),
            reference_range: Vec::new(),
            derived_from: from.into_iter().collect(),
            component: Vec::new(),
        }
    }

    /// The receipt.
    fn method(&self, rule: Option<&str>) -> CodeableConcept {
        let base = self.occasion.base_address();
        let receipt = self.scores.receipt();
        let mut text = format!(
            "straingauge {}, {}@{}, definition sha256 {}",
            receipt.crate_version, receipt.instrument, receipt.version, receipt.file_hash
        );
        if let Some(variant) = &receipt.variant {
            text.push_str(&format!(", variant {variant}"));
        }
        if let Some(answers) = receipt.min_answered {
            text.push_str(&format!(", scored from {answers} answers up"));
        }
        let rule = rule.map(|rule| Coding::new(format!("{base}/CodeSystem/rule-sha256"), rule));
        let file = Coding::new(format!("{base}/CodeSystem/definition-sha256"), receipt.file_hash);
        CodeableConcept { coding: rule.into_iter().chain([file]).collect(), text: Some(text) }
    }

    fn absent(reason: &str, text: String) -> CodeableConcept {
        CodeableConcept { coding: vec![Coding::new(ABSENT_SYSTEM, reason)], text: Some(text) }
    }

    fn scale(&self, view: &ScaleView<'_>) -> Observation {
        let (base, scale) = (self.occasion.base_address(), view.scale());
        let scorer = self.scores.scorer();
        let code = concept(base, scorer.instrument(), named(scale));
        let mut written = self.blank(scale.id(), code, scorer.rule_hash(scale.id()));
        match view.value() {
            Ok(score) => written.value_quantity = Some(Quantity::score(score.to_f64())),
            Err(absence) => {
                let reason = match view.status() {
                    Status::NotAsked => "not-asked",
                    Status::Unreadable => "error",
                    Status::NotApplicable => "not-applicable",
                    _ => "unknown",
                };
                let text = absence.in_words(&self.words);
                written.data_absent_reason = Some(Self::absent(reason, text));
            }
        }
        if let Some(band) = view.band() {
            let id = scorer.instrument().id();
            let system = format!("{base}/CodeSystem/{id}-bands-{}", band.set());
            let label = self.words.label("band", band.label()).into_owned();
            let mut text = label.clone();
            if !band.is_certain() {
                text.push_str(&format!("; {}", self.words.say("explain.band-uncertain", &[])));
            }
            let coding = vec![Coding::new(system, band.label()).shown(label)];
            written.interpretation = vec![CodeableConcept { coding, text: Some(text) }];
        }
        if !self.lost_items(view) {
            written.reference_range = vec![self.range(scale)];
        }
        written.component = self.components(view, scale);
        written
    }

    /// The range of the scale. Without a type it would be the range of the healthy (R4), and no
    /// published type says what it is.
    fn range(&self, scale: &Scale) -> ReferenceRange {
        let system = format!("{}/CodeSystem/range-kinds", self.occasion.base_address());
        let text = self.words.say("exchange.range-kind", &[]);
        let (low, high) = scale.range();
        ReferenceRange {
            low: Some(Quantity::score(low.to_f64())),
            high: Some(Quantity::score(high.to_f64())),
            kind: CodeableConcept {
                coding: vec![Coding::new(system, "possible").shown(text.clone())],
                text: Some(text),
            },
            text: Some(self.words.say("exchange.whole-range", &[])),
        }
    }

    /// Whether items left the scale because they do not apply: its range is then another.
    fn lost_items(&self, view: &ScaleView<'_>) -> bool {
        let scales = self.scores.scorer().instrument().scales();
        let sources = view.scale().key().sources();
        let parts: Vec<&Scale> = if sources.is_empty() {
            vec![view.scale()]
        } else {
            sources.into_iter().filter_map(|at| scales.get(at)).collect()
        };
        let items: usize = parts.iter().map(|scale| scale.key().terms().len()).sum();
        let may = parts.iter().any(|scale| scale.not_applicable() == NotApplicableRule::Drop);
        may && view.items() < items
    }

    /// What the value was made of.
    fn components(&self, view: &ScaleView<'_>, scale: &Scale) -> Vec<Component> {
        let system = format!("{}/CodeSystem/score-parts", self.occasion.base_address());
        let of = |name: &str| Component {
            code: CodeableConcept {
                coding: vec![Coding::new(system.clone(), name)],
                text: Some(name.replace('-', " ")),
            },
            ..Component::default()
        };
        let mut parts = Vec::new();
        if !scale.key().terms().is_empty() {
            let counts = [("items-answered", view.answered()), ("items-that-apply", view.items())];
            parts.extend(counts.map(|(name, count)| Component {
                value_integer: i64::try_from(count).ok(),
                ..of(name)
            }));
        }
        if let Some((low, high)) = view.bounds().filter(|(low, high)| low != high) {
            let ends = [("lowest-possible", low), ("highest-possible", high)];
            parts.extend(ends.map(|(name, value)| Component {
                value_quantity: Some(Quantity::score(value.to_f64())),
                ..of(name)
            }));
        }
        parts
    }

    fn criterion(&self, view: &CriterionView<'_>) -> Observation {
        let (base, criterion) = (self.occasion.base_address(), view.criterion());
        let instrument = self.scores.scorer().instrument();
        let code = concept(base, instrument, (criterion.id(), criterion.title(), None));
        let mut written = self.blank(criterion.id(), code, None);
        match view.outcome() {
            Outcome::Met => written.value_boolean = Some(true),
            Outcome::NotMet => written.value_boolean = Some(false),
            Outcome::Undetermined => {
                let text = self.words.say("criterion.undetermined", &[]);
                written.data_absent_reason = Some(Self::absent("unknown", text));
            }
        }
        if view.is_safety() && view.outcome() != Outcome::NotMet {
            let text = Some(self.words.say("safety.note", &[]));
            written.note = vec![Annotation { text }];
        }
        written
    }
}
