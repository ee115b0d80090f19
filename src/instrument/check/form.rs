//! Header, licence, sources, response sets and items.

use std::sync::Arc;

use super::{Check, Defect, Place, allowed, is_id, shortened};
use crate::instrument::model::{
    Criterion, Implied, Item, Licence, Part, ResponseOption, ResponseSet, Source,
};
use crate::instrument::raw::{RawImplied, RawItem, RawResponses};
use crate::instrument::terms::{LicenceClass, Use};
use crate::instrument::test_text::split_test;
use crate::instrument::version::Version;

/// Codes are one byte; the highest bytes are the missing kinds.
const HIGHEST_CODE: u8 = 250;
const LONGEST_TOPIC: usize = 48;
const MOST_WORDS: usize = 5;
const FIRST_AND_SECOND_PERSON: [&str; 14] = [
    "i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "you", "your", "yours",
    "yourself", "i'm",
];

impl Check<'_> {
    pub(super) fn header(&mut self) -> Option<Version> {
        let raw = self.raw;
        let root = Place::default();
        if raw.format != 1 {
            self.find(&root.key("format"), Defect::Format { found: raw.format });
        }
        if !is_id(&raw.id) {
            self.find(&root.key("id"), Defect::BadId { found: shortened(&raw.id) });
        }
        for (key, text) in [("title", &raw.title), ("edition", &raw.edition)] {
            if text.trim().is_empty() {
                self.find(&root.key(key), Defect::Empty { expected: "write what it is called" });
            }
        }
        if raw.authors.is_empty() {
            self.find(&root.key("authors"), Defect::Empty { expected: "name the authors" });
        }
        if raw.measures.is_empty() {
            self.find(&root.key("measures"), Defect::Empty { expected: "name what is measured" });
        }
        let version = raw.version.parse().ok();
        if version.is_none() {
            let found = shortened(&raw.version);
            self.find(&root.key("version"), Defect::BadVersion { found });
        }
        version
    }

    pub(super) fn licence(&mut self) -> Licence {
        let raw = &self.raw.licence;
        let place = Place::default().key("licence");
        if !is_date(&raw.checked) {
            let found = shortened(&raw.checked);
            self.find(&place.key("checked"), Defect::BadDate { found });
        }
        for (key, text) in [("holder", &raw.holder), ("terms", &raw.terms)] {
            if text.trim().is_empty() {
                self.find(&place.key(key), Defect::Empty { expected: "say it in a few words" });
            }
        }
        Licence {
            class: raw.class,
            holder: raw.holder.clone(),
            terms: raw.terms.clone(),
            checked: raw.checked.clone(),
            ask_first_for: self.uses_to_ask_for(&place),
            credit: raw.credit.clone(),
            url: raw.url.clone(),
        }
    }

    /// Returns every use that needs the holder's consent: those that the class implies and those that
    /// the file adds, less those that the terms allow by name.
    fn uses_to_ask_for(&mut self, place: &Place) -> Vec<Use> {
        let raw = &self.raw.licence;
        let implied = raw.class.asks_for();
        if let Some(found) = raw.free_for.iter().find(|used| raw.ask_first_for.contains(used)) {
            self.find(&place.key("free-for"), Defect::UseFreeAndAsked { found: *found });
        }
        if let Some(found) = raw.free_for.iter().find(|used| !implied.contains(used)) {
            let defect = Defect::UseFreeAnyway { found: *found, class: raw.class };
            self.find(&place.key("free-for"), defect);
        }
        if raw.class == LicenceClass::PublicDomain && !raw.ask_first_for.is_empty() {
            self.find(&place.key("ask-first-for"), Defect::PublicDomainAsks);
        }
        let asks = |used: &Use| {
            raw.ask_first_for.contains(used)
                || (implied.contains(used) && !raw.free_for.contains(used))
        };
        Use::ALL.iter().map(|(used, _)| *used).filter(asks).collect()
    }

    pub(super) fn read_sources(&mut self) {
        for (key, raw) in &self.raw.sources {
            let place = Place::default().key("sources").key(key);
            if !is_id(key) {
                self.find(&place, Defect::BadId { found: shortened(key) });
            }
            let named = [&raw.doi, &raw.isbn, &raw.url, &raw.title];
            if named.iter().all(|part| part.as_ref().is_none_or(|text| text.trim().is_empty())) {
                self.find(&place, Defect::SourceNotFindable);
            }
            let source = Source {
                key: key.clone(),
                title: raw.title.clone(),
                authors: raw.authors.clone(),
                year: raw.year,
                doi: raw.doi.clone(),
                isbn: raw.isbn.clone(),
                url: raw.url.clone(),
            };
            self.sources.insert(key, Arc::new(source));
        }
    }

    pub(super) fn read_responses(&mut self) {
        let raw = self.raw;
        for (name, responses) in &raw.responses {
            let place = Place::default().key("responses").key(name);
            if !is_id(name) {
                self.find(&place, Defect::BadId { found: shortened(name) });
            }
            if let Some(set) = self.responses(name, responses, &place) {
                self.sets.insert(name, Arc::new(set));
            }
        }
    }

    fn responses(&mut self, name: &str, raw: &RawResponses, place: &Place) -> Option<ResponseSet> {
        const MOST_CODES: usize = HIGHEST_CODE as usize + 1;
        let (key, written) = match (&raw.options, raw.range) {
            (Some(options), None) if raw.labels.is_empty() => ("options", options),
            (None, Some(_)) => ("labels", &raw.labels),
            _ => {
                self.find(place, Defect::ResponseShape);
                return None;
            }
        };
        if written.len() > MOST_CODES {
            let (what, found) = ("response options", written.len());
            self.find(&place.key(key), Defect::TooLarge { what, found, limit: MOST_CODES });
            return None;
        }
        let mut options = self.labelled(written, &place.key(key));
        if let Some((low, high)) = raw.range {
            let range = place.key("range");
            let (low, high) = (self.code(low, &range)?, self.code(high, &range)?);
            for (at, (code, _)) in written.iter().enumerate() {
                if !(i64::from(low)..=i64::from(high)).contains(code) {
                    let allowed = format!("{low} to {high}");
                    let place = place.key(key).entry(at);
                    self.find(&place, Defect::CodeNotInSet { found: *code, allowed });
                }
            }
            let label = |code: u8| options.iter().find(|known| known.code == code)?.label.clone();
            options =
                (low..=high).map(|code| ResponseOption { code, label: label(code) }).collect();
        }
        if raw.range.is_none() && options.len() < written.len() {
            return None; // a code was refused; what a scale makes of the others would mislead
        }
        if options.len() < 2 {
            self.find(place, Defect::Empty { expected: "an item offers at least two answers" });
            return None;
        }
        if let Some(label) = &raw.not_applicable {
            self.label_is_new(label, &options, &place.key("not-applicable"));
        }
        if let Some(label) = &raw.do_not_know {
            self.label_is_new(label, &options, &place.key("do-not-know"));
            if raw.not_applicable.as_ref() == Some(label) {
                let found = shortened(label);
                self.find(&place.key("do-not-know"), Defect::DuplicateLabel { found });
            }
        }
        Some(ResponseSet {
            name: name.to_owned(),
            options,
            is_range: raw.range.is_some(),
            not_applicable: raw.not_applicable.clone(),
            do_not_know: raw.do_not_know.clone(),
        })
    }

    /// Codes with labels, each of both once.
    fn labelled(&mut self, written: &[(i64, String)], place: &Place) -> Vec<ResponseOption> {
        let mut options: Vec<ResponseOption> = Vec::with_capacity(written.len());
        for (at, (code, label)) in written.iter().enumerate() {
            let place = place.entry(at);
            let Some(code) = self.code(*code, &place) else { continue };
            if options.iter().any(|known| known.code == code) {
                self.find(&place, Defect::DuplicateCode { found: i64::from(code) });
                continue;
            }
            self.label_is_new(label, &options, &place);
            options.push(ResponseOption { code, label: Some(label.clone()) });
        }
        options
    }

    fn label_is_new(&mut self, label: &str, known: &[ResponseOption], place: &Place) {
        let same = |known: &ResponseOption| {
            known.label.as_ref().is_some_and(|l| l.trim().eq_ignore_ascii_case(label.trim()))
        };
        if label.trim().is_empty() {
            self.find(place, Defect::Empty { expected: "write a label" });
        } else if known.iter().any(same) {
            self.find(place, Defect::DuplicateLabel { found: shortened(label) });
        }
    }

    pub(super) fn code(&mut self, found: i64, place: &Place) -> Option<u8> {
        let code = u8::try_from(found).ok().filter(|code| *code <= HIGHEST_CODE);
        if code.is_none() {
            self.find(place, Defect::BadCode { found });
        }
        code
    }

    pub(super) fn read_items(&mut self) {
        let raw = self.raw;
        let items = Place::default().key("form").key("items");
        if raw.form.items.is_empty() {
            self.find(&items, Defect::Empty { expected: "a form has at least one item" });
        }
        if let Some(name) = &raw.form.responses {
            self.names_set(name, &Place::default().key("form").key("responses"));
        }
        for (at, item) in raw.form.items.iter().enumerate() {
            let read = self.item(item, at, &items.named(at, &item.id));
            self.items.push(read);
        }
    }

    fn item(&mut self, raw: &RawItem, at: usize, place: &Place) -> Option<Item> {
        if let Some(why) = reads_like_wording(&raw.topic) {
            let found = shortened(&raw.topic);
            self.find(&place.key("topic"), Defect::BadTopic { found, why });
        }
        let Some(name) = raw.responses.as_ref().or(self.raw.form.responses.as_ref()) else {
            self.find(place, Defect::NoResponses);
            return None;
        };
        if raw.responses.is_some() {
            self.names_set(name, &place.key("responses"));
        }
        let responses = self.sets.get(name.as_str()).map(Arc::clone)?;
        let implied = match &raw.implied {
            None => None,
            Some(implied) => Some(self.implied(implied, at, &responses, &place.key("implied"))?),
        };
        Some(Item {
            id: raw.id.clone(),
            topic: raw.topic.clone(),
            responses,
            loinc: raw.loinc.clone(),
            is_sensitive: raw.sensitive,
            note: raw.note.clone(),
            is_unscored: raw.unscored,
            implied,
        })
    }

    /// A response set that stands in the file, whether or not it is in order.
    fn names_set(&mut self, name: &str, place: &Place) {
        if !self.raw.responses.contains_key(name) {
            let allowed = allowed(self.raw.responses.keys().map(String::as_str));
            let (kind, found) = ("response set", shortened(name));
            self.find(place, Defect::NoSuch { kind, found, allowed });
        }
    }

    fn implied(
        &mut self,
        raw: &RawImplied,
        at: usize,
        responses: &ResponseSet,
        place: &Place,
    ) -> Option<Implied> {
        let when = place.key("when");
        let test = split_test(&raw.when).and_then(|(name, op, number)| {
            let gate = self.raw.form.items.iter().take(at).position(|item| item.id == name)?;
            // Whole numbers only: a code is compared.
            #[allow(clippy::cast_possible_truncation)]
            let whole = (number.fract() == 0.0 && number.abs() < 1e6).then_some(number as i64)?;
            // A gate that is itself implied would need an order of evaluation.
            let free = self.raw.form.items.get(gate)?.implied.is_none();
            free.then_some((gate, op, whole))
        });
        let Some((gate, op, number)) = test else {
            self.find(&when, Defect::BadGate { found: shortened(&raw.when) });
            return None;
        };
        let options = self.items.get(gate)?.as_ref()?.responses.options.iter();
        let holds: Vec<bool> = options.map(|o| op.holds(i64::from(o.code), number)).collect();
        self.decides(&holds, &raw.when, &when);
        let code = self.code(raw.code, &place.key("code"))?;
        if !responses.contains(code) {
            let defect = Defect::CodeNotInSet { found: raw.code, allowed: responses.codes() };
            self.find(&place.key("code"), defect);
        }
        Some(Implied { gate, op, number, code })
    }

    /// Every item is used by something, and an `unscored` one by no scale.
    pub(super) fn check_use(&mut self, criteria: &[Option<Criterion>]) {
        let mut used = vec![false; self.items.len()];
        let mut scored_by: Vec<Option<String>> = vec![None; self.items.len()];
        for scale in self.scales.iter().flatten() {
            for term in scale.key.terms() {
                if let Some(by) = scored_by.get_mut(term.item) {
                    by.get_or_insert_with(|| scale.id.clone());
                }
            }
        }
        let tested = criteria.iter().flatten().flat_map(|criterion| &criterion.parts);
        let tested = tested.filter_map(|part| match part {
            Part::Item { item, .. } => Some(*item),
            _ => None,
        });
        let gates =
            self.items.iter().flatten().filter_map(|item| Some(item.implied.as_ref()?.gate));
        for item in tested.chain(gates) {
            if let Some(used) = used.get_mut(item) {
                *used = true;
            }
        }
        // A scale or criterion that did not load may be the one that uses the item.
        let whole = self.scales.iter().all(Option::is_some) && criteria.iter().all(Option::is_some);
        let raw = self.raw;
        for (at, item) in raw.form.items.iter().enumerate() {
            let place = Place::default().key("form").key("items").named(at, &item.id);
            match scored_by.get(at).cloned().flatten() {
                Some(scale) if item.unscored => {
                    self.find(&place, Defect::UnscoredButUsed { scale });
                }
                None if whole && !item.unscored && used.get(at) == Some(&false) => {
                    self.find(&place, Defect::UnusedItem);
                }
                _ => {}
            }
        }
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, length: usize| {
        let plain = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<u16>().ok() } else { None }
    };
    matches!((number(year, 4), number(month, 2), number(day, 2)),
        (Some(_), Some(month), Some(day)) if (1..=12).contains(&month) && (1..=31).contains(&day))
}

/// Why a topic reads like a questionnaire's sentence, if it does.
fn reads_like_wording(topic: &str) -> Option<&'static str> {
    let words: Vec<String> = topic
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        return Some("is empty");
    }
    if words.len() > MOST_WORDS || topic.chars().count() > LONGEST_TOPIC {
        return Some("is too long");
    }
    if topic.contains(['.', '?', '!', ';', ':', '"']) {
        return Some("has the punctuation of a sentence");
    }
    if words.iter().any(|word| FIRST_AND_SECOND_PERSON.contains(&word.as_str())) {
        return Some("speaks in a person's voice");
    }
    None
}
