//! How a score came about: data first, text second.

use std::fmt;

use serde::Serialize;

use super::scores::ScaleView;
use super::value::Status;
use crate::answers::Answer;
use crate::instrument::{Exact, Key, Keying, Scale};
use crate::words::Words;

/// One step: a key of the message catalogue with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExplanationStep {
    /// Key of the sentence; see [`Words::keys`].
    pub key: &'static str,
    /// Values by name.
    pub values: Vec<(&'static str, String)>,
}

/// The arithmetic of one score, in order, with the source of each number.
///
/// ```
/// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// # let phq9 = straingauge::Instrument::parse(text).unwrap();
/// let sheet = straingauge::answers::Sheet::from_text(&phq9, "2 2 2 2 2 0 0 0 0").unwrap();
/// let text = phq9.score(&sheet)?.explain("total").unwrap().to_string();
/// assert!(text.contains("sum of 9 answers = 10"));
/// assert!(text.contains("`moderate`"));
/// # Ok::<(), straingauge::answers::AnswerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    scale: String,
    steps: Vec<ExplanationStep>,
}

impl Explanation {
    /// Id of the scale.
    pub fn scale(&self) -> &str {
        &self.scale
    }

    /// The steps in order.
    pub fn steps(&self) -> &[ExplanationStep] {
        &self.steps
    }

    /// The steps in the words of a catalogue, one a line.
    pub fn in_words(&self, words: &Words) -> String {
        let say = |step: &ExplanationStep| {
            let values: Vec<(&str, &dyn fmt::Display)> = step
                .values
                .iter()
                .map(|(name, value)| (*name, value as &dyn fmt::Display))
                .collect();
            words.say(step.key, &values)
        };
        self.steps.iter().map(say).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn of(view: &ScaleView<'_>) -> Self {
        let mut steps = Steps(Vec::new());
        steps.scale(view, view.scale());
        if let Err(absence) = view.value() {
            let text = absence.to_string();
            steps.add("explain.absent", [("reason", text)]);
        }
        steps.bounds(view);
        steps.band(view);
        Self { scale: view.scale().id().to_owned(), steps: steps.0 }
    }
}

/// In English.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(&Words::english()))
    }
}

struct Steps(Vec<ExplanationStep>);

impl Steps {
    fn add<const N: usize>(&mut self, key: &'static str, values: [(&'static str, String); N]) {
        self.0.push(ExplanationStep { key, values: values.into() });
    }

    fn source(&mut self, basis: &crate::instrument::Basis) {
        let mut source = basis.source().citation();
        if let Some(population) = basis.population() {
            source.push_str(&format!(" ({population})"));
        }
        let (origin, standing) = (basis.origin().to_string(), basis.standing().to_string());
        let grade = basis.grade().to_string();
        let values =
            [("source", source), ("origin", origin), ("standing", standing), ("grade", grade)];
        let step = ExplanationStep { key: "explain.source", values: values.into() };
        // The key and the missing rule often stand in one work: once is enough.
        if self.0.last() != Some(&step) {
            self.0.push(step);
        }
    }

    /// The steps of a scale and of what it is made from.
    fn scale(&mut self, view: &ScaleView<'_>, scale: &Scale) {
        let instrument = view.scores.scorer().instrument();
        for source in scale.key().sources() {
            if let Some(source) = instrument.scales().get(source) {
                self.scale(view, source);
            }
        }
        let Some(at) = instrument.scale_position(scale.id()) else { return };
        let valued = view.scores.scorer().valued(at, |item| view.scores.byte(item));
        let value = valued.value.map(|value| value.to_string());
        match scale.key() {
            Key::Sum(_) | Key::Mean(_) => self.terms(view, scale, valued.status),
            _ => {}
        }
        let (Some(value), Some(exact)) = (value, valued.value) else {
            return self.source(scale.basis());
        };
        let other = |at: usize| {
            let source = instrument.scales().get(at);
            let value = view.scores.scorer().valued(at, |item| view.scores.byte(item)).value;
            (source.map_or("", Scale::id).to_owned(), value.unwrap_or(Exact::ZERO))
        };
        let answered = valued.answered.to_string();
        match scale.key() {
            Key::Sum(_) if valued.status == Status::Prorated => {
                let sum = exact
                    .times(Exact::from(i64::from(valued.answered)))
                    .and_then(|x| x.over(Exact::from(i64::from(valued.items))));
                self.add(
                    "explain.prorated",
                    [
                        ("missing", (valued.items - valued.answered).to_string()),
                        ("total", valued.items.to_string()),
                        ("sum", sum.unwrap_or(Exact::ZERO).to_string()),
                        ("answered", answered),
                        ("value", value),
                    ],
                );
            }
            Key::Sum(_) => self.add("explain.sum", [("answered", answered), ("value", value)]),
            Key::Mean(_) => {
                let sum = exact.times(Exact::from(i64::from(valued.answered)));
                let sum = sum.unwrap_or(Exact::ZERO).to_string();
                self.add("explain.mean", [("answered", answered), ("sum", sum), ("value", value)]);
            }
            Key::Ratio { numerator, denominator } => {
                let ((top, _), (bottom, _)) = (other(*numerator), other(*denominator));
                self.add(
                    "explain.ratio",
                    [("numerator", top), ("denominator", bottom), ("value", value)],
                );
            }
            Key::Times { from, factor } => {
                let (id, from) = other(*from);
                let (from, times) = (from.to_string(), factor.to_string());
                self.add(
                    "explain.times",
                    [("from", from), ("scale", id), ("times", times), ("value", value)],
                );
            }
            Key::Table { from, .. } => {
                let (id, from) = other(*from);
                let from = from.to_string();
                self.add("explain.table", [("from", from), ("scale", id), ("value", value)]);
            }
        }
        self.source(scale.basis());
        let needs = scale.needs_basis().filter(|_| valued.status == Status::Prorated);
        let asked = view.scores.scorer().options().missing.asked(scale);
        if let Some(basis) = needs.filter(|_| asked.is_none()) {
            self.source(basis);
        }
    }

    fn terms(&mut self, view: &ScaleView<'_>, scale: &Scale, _: Status) {
        let items = view.scores.scorer().instrument().items();
        for term in scale.key().terms() {
            let Some(item) = items.get(term.item()) else { continue };
            let (id, topic) = (item.id().to_owned(), item.topic().to_owned());
            match Answer::from_byte(view.scores.byte(term.item())) {
                Answer::Missing(kind) => {
                    let words = Words::english();
                    let kind = words.say(&format!("missing.{kind}"), &[]);
                    self.add(
                        "explain.unanswered",
                        [("item", id), ("topic", topic), ("kind", kind)],
                    );
                }
                Answer::Code(code) => {
                    let at = item.responses().position(code);
                    let value = at.and_then(|at| term.values().get(at)).copied().unwrap_or(0);
                    let key = match term.keying() {
                        Keying::Straight => "explain.straight",
                        Keying::Reversed => "explain.reversed",
                        Keying::Recoded => "explain.recoded",
                    };
                    let (code, value) = (code.to_string(), value.to_string());
                    self.add(
                        key,
                        [("item", id), ("topic", topic), ("code", code), ("value", value)],
                    );
                }
            }
        }
    }

    fn bounds(&mut self, view: &ScaleView<'_>) {
        if let Some((low, high)) = view.bounds().filter(|(low, high)| low != high) {
            self.add("explain.bounds", [("low", low.to_string()), ("high", high.to_string())]);
        }
    }

    fn band(&mut self, view: &ScaleView<'_>) {
        let (Some(band), Some(value)) = (view.band(), view.valued.value) else { return };
        let Some(set) = view.scores.scorer().set_at(view.position) else { return };
        let Some(step) = set.bands().get(band.position()) else { return };
        let next = set.bands().get(band.position() + 1);
        let key = if next.is_some() { "explain.band" } else { "explain.band-last" };
        let high = next.map_or(view.scale().range().1, crate::instrument::BandStep::low);
        self.add(
            key,
            [
                ("value", value.to_string()),
                ("band", band.label().to_owned()),
                ("set", band.set().to_owned()),
                ("low", step.low().to_string()),
                ("high", high.to_string()),
            ],
        );
        if !band.is_certain() {
            self.add("explain.band-uncertain", []);
        }
        self.source(band.basis());
    }
}
