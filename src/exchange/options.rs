//! Choices that the targets share, and what they all need from an instrument.

use std::borrow::Cow;

use super::unexpressed::{Reason, Unexpressed};
use crate::form::{Form, Question};
use crate::instrument::{Instrument, Item, Key, Role, Scale, entangle};
use crate::score::Scorer;

/// How an instrument is written out.
///
/// Without a [`Form`] items are shown by topic: the crate holds no questionnaire's wording. Computed
/// fields are hidden from the person who answers, unless asked for: a number without anybody to
/// talk to helps nobody.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    form: Option<Form>,
    base: Option<String>,
    shows_scores: bool,
}

impl ExportOptions {
    /// Topics for wording, hidden scores, the crate's own addresses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the wording of a form, of the same instrument.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.form = Some(form);
        self
    }

    /// The address under which code systems and questionnaires are named (FHIR), without a slash at
    /// its end. By default [`ExportOptions::BASE`].
    #[must_use]
    pub fn base(mut self, address: impl Into<String>) -> Self {
        self.base = Some(address.into());
        self
    }

    /// Shows computed scores to the person who answers.
    #[must_use]
    pub const fn shows_scores(mut self) -> Self {
        self.shows_scores = true;
        self
    }

    /// The address of the crate's own code systems.
    pub const BASE: &'static str = "https://docs.rs/straingauge/fhir";

    #[cfg(feature = "fhir")]
    pub(crate) fn base_address(&self) -> &str {
        self.base.as_deref().unwrap_or(Self::BASE)
    }

    pub(crate) const fn hides_scores(&self) -> bool {
        !self.shows_scores
    }

    /// The form, if it is of this instrument.
    pub(crate) fn form_of(&self, instrument: &Instrument) -> Option<&Form> {
        self.form.as_ref().filter(|form| form.instrument() == instrument)
    }

    /// Title, texts, options, notes: from the form, else topics and labels.
    pub(crate) fn texts<'a>(&'a self, instrument: &'a Instrument) -> Vec<ItemTexts<'a>> {
        let plain = |item: &'a Item| ItemTexts {
            item,
            text: Cow::Borrowed(item.topic()),
            note: item.note().map(Cow::Borrowed),
            options: item
                .responses()
                .options()
                .iter()
                .map(|option| {
                    let label = option.label().map(Cow::Borrowed);
                    (option.code(), label.unwrap_or_else(|| option.code().to_string().into()))
                })
                .collect(),
            not_applicable: item.responses().not_applicable(),
            do_not_know: item.responses().do_not_know(),
        };
        let of = |question: Question<'a>| ItemTexts {
            item: question.item(),
            text: question.text(),
            note: question.note(),
            options: question.options(),
            not_applicable: question.not_applicable(),
            do_not_know: question.do_not_know(),
        };
        match self.form_of(instrument) {
            Some(form) => form.questions().map(of).collect(),
            None => instrument.items().iter().map(plain).collect(),
        }
    }
}

/// What stands on the form for one item.
#[derive(Debug, Clone)]
pub(crate) struct ItemTexts<'a> {
    pub(crate) item: &'a Item,
    pub(crate) text: Cow<'a, str>,
    pub(crate) note: Option<Cow<'a, str>>,
    pub(crate) options: Vec<(u8, Cow<'a, str>)>,
    pub(crate) not_applicable: Option<&'a str>,
    pub(crate) do_not_know: Option<&'a str>,
}

/// Positions of the scales that are reported and of those that they are made from, in file order.
pub(crate) fn exported(scorer: &Scorer) -> Vec<usize> {
    let instrument = scorer.instrument();
    let mut wanted = vec![false; instrument.scales().len()];
    let mut open: Vec<usize> =
        scorer.scales().filter_map(|scale| instrument.scale_position(scale.id())).collect();
    while let Some(at) = open.pop() {
        if let Some(slot) = wanted.get_mut(at)
            && !std::mem::replace(slot, true)
        {
            open.extend(instrument.scales().get(at).map(|s| s.key().sources()).unwrap_or_default());
        }
    }
    wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(at, _)| at).collect()
}

/// Positions of the criteria that are reported.
pub(crate) fn judged(scorer: &Scorer) -> Vec<usize> {
    let criteria = scorer.instrument().criteria();
    let of = |id: &str| criteria.iter().position(|criterion| criterion.id() == id);
    scorer.criteria().filter_map(|criterion| of(criterion.id())).collect()
}

/// What no target has a place for, and what is true of every one.
pub(crate) fn lost_everywhere(scorer: &Scorer, options: &ExportOptions) -> Vec<Unexpressed> {
    let instrument = scorer.instrument();
    let mut lost = Vec::new();
    let mut add = |subject: &str, reason: Reason| {
        lost.push(Unexpressed { subject: subject.to_owned(), reason });
    };
    if options.form_of(instrument).is_none() {
        add(instrument.id(), Reason::NoWording);
    }
    if instrument.order().is_some() {
        add(instrument.id(), Reason::Order);
    }
    add(instrument.id(), Reason::Basis);
    add(instrument.id(), Reason::Bounds);
    for norm in instrument.norms() {
        add(norm.id(), Reason::Norm);
    }
    for change in instrument.changes() {
        let scale = instrument.scales().get(change.scale()).map_or("", Scale::id);
        add(scale, Reason::PublishedChange);
    }
    for at in exported(scorer) {
        let Some(scale) = instrument.scales().get(at) else { continue };
        if let Key::Table { errors, .. } = scale.key()
            && !errors.is_empty()
        {
            add(scale.id(), Reason::TableErrors);
        }
    }
    for at in judged(scorer) {
        let Some(criterion) = instrument.criteria().get(at) else { continue };
        if criterion.role() == Some(Role::Safety) {
            add(criterion.id(), Reason::Safety);
        }
        let items = instrument.items();
        let tests = entangle::tests(at, instrument.criteria());
        let shared = entangle::shared(&tests, &entangle::scale_items(instrument.scales()), items);
        if !shared.is_empty() {
            let ids = shared.iter().filter_map(|(item, _)| items.get(*item));
            let ids = ids.map(|item| item.id().to_owned()).collect();
            add(criterion.id(), Reason::OpenTooOften(ids));
        }
        for scale in super::formula::unbounded(instrument, at) {
            add(criterion.id(), Reason::AlwaysOpen(scale.to_owned()));
        }
    }
    lost
}
