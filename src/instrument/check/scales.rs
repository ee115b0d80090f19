//! Scales: one verb each, items resolved with their keys, the reachable range derived.

use std::collections::BTreeSet;

use super::{Check, Defect, MOST_ITEMS, Named, Place, in_words, shortened};
use crate::instrument::model::{Key, Keying, ResponseOption, Scale, Term};
use crate::instrument::number::Exact;
use crate::instrument::raw::RawScale;
use crate::instrument::terms::NotApplicableRule;

const LARGEST_VALUE: u64 = 10_000;
const MOST_SUMS: i64 = 100_000;
const LARGEST_FACTOR: f64 = 10_000.0;
/// Codes that the keys of all scales together may list: scales within scales multiply them.
const MOST_KEYED: usize = 500_000;
/// Repetitions named in one scale, each of which looks through a whole inner scale.
const MOST_REPEATS: usize = 20;

/// How far a scale has got: its terms are asked for by other scales.
enum Flat {
    Open,
    Underway,
    Done(Option<Vec<Term>>),
}

impl Check<'_> {
    pub(super) fn read_scales(&mut self) {
        let raw = self.raw;
        let place = Place::default().key("scales");
        if raw.scales.is_empty() {
            self.find(&place, Defect::Empty { expected: "an instrument has at least one scale" });
        }
        // Sums and means first: the other verbs look at them.
        let mut flat: Vec<Flat> = raw.scales.iter().map(|_| Flat::Open).collect();
        self.keyed = 0;
        self.scales = raw.scales.iter().map(|_| None).collect();
        for (at, scale) in raw.scales.iter().enumerate() {
            if scale.sum.is_some() || scale.mean.is_some() {
                let terms = self.terms(at, &mut flat, &mut Vec::new());
                let read = self.summed(at, scale, terms);
                self.put_scale(at, read);
            }
        }
        for (at, scale) in raw.scales.iter().enumerate() {
            if scale.sum.is_none() && scale.mean.is_none() {
                let read = self.derived(at, scale);
                self.put_scale(at, read);
            }
        }
    }

    fn put_scale(&mut self, at: usize, scale: Option<Scale>) {
        if let Some(slot) = self.scales.get_mut(at) {
            *slot = scale;
        }
    }

    fn place_of(&self, at: usize) -> Place {
        let id = self.raw.scales.get(at).map_or("", |scale| &scale.id);
        Place::default().key("scales").named(at, id)
    }

    /// The one verb of the scale, or a finding.
    fn verb_is_single(&mut self, raw: &RawScale, place: &Place) -> bool {
        let verbs = [
            ("sum", raw.sum.is_some()),
            ("mean", raw.mean.is_some()),
            ("ratio", raw.ratio.is_some()),
            ("from", raw.from.is_some()),
        ];
        let found: Vec<&str> = verbs.iter().filter(|(_, is)| *is).map(|(verb, _)| *verb).collect();
        if found.len() != 1 {
            let found = if found.is_empty() { "no verb".to_owned() } else { found.join(" and ") };
            self.find(place, Defect::Verbs { found });
            return false;
        }
        let transforms = usize::from(raw.times.is_some()) + usize::from(raw.table.is_some());
        let errors_alone = raw.error.is_some() && raw.table.is_none();
        if transforms != usize::from(raw.from.is_some()) || errors_alone {
            self.find(place, Defect::FromShape);
            return false;
        }
        true
    }

    /// The items of a sum or mean, scales in it replaced by their own items.
    fn terms(&mut self, at: usize, flat: &mut [Flat], path: &mut Vec<usize>) -> Option<Vec<Term>> {
        match flat.get(at)? {
            Flat::Done(terms) => return terms.clone(),
            Flat::Underway => {
                let from = path.iter().position(|step| *step == at).unwrap_or(0);
                let name = |step: &usize| self.raw.scales.get(*step).map_or("", |s| &s.id);
                let mut through: Vec<&str> = path.iter().skip(from).map(name).collect();
                through.push(name(&at));
                let through = super::circle(&through);
                self.find(&self.place_of(at), Defect::Cycle { through });
                return None;
            }
            Flat::Open => {}
        }
        if let Some(slot) = flat.get_mut(at) {
            *slot = Flat::Underway;
        }
        path.push(at);
        let terms = self.own_terms(at, flat, path);
        path.pop();
        if let Some(slot) = flat.get_mut(at) {
            *slot = Flat::Done(terms.clone());
        }
        terms
    }

    fn own_terms(
        &mut self,
        at: usize,
        flat: &mut [Flat],
        path: &mut Vec<usize>,
    ) -> Option<Vec<Term>> {
        let raw = self.raw.scales.get(at)?;
        let place = self.place_of(at);
        if !self.verb_is_single(raw, &place) {
            return None;
        }
        let (verb, names) = match (&raw.sum, &raw.mean) {
            (Some(names), _) => ("sum", names),
            (_, Some(names)) => ("mean", names),
            _ => return None,
        };
        if names.is_empty() {
            self.find(&place.key(verb), Defect::Empty { expected: "name the items of the scale" });
            return None;
        }
        if names.len() > MOST_ITEMS {
            let (what, found, limit) = ("terms of a scale", names.len(), MOST_ITEMS);
            self.find(&place.key(verb), Defect::TooLarge { what, found, limit });
            return None;
        }
        let (mut whole, mut repeats) = (true, 0);
        let mut listed = vec![false; self.items.len()];
        let mut terms: Vec<Term> = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let place = place.key(verb).entry(position);
            // What did not resolve has its own finding; the rest would only mislead.
            let Some(part) = self.part_of(raw, name, (flat, path), &place) else {
                whole = false;
                continue;
            };
            let known = |term: &Term| listed.get(term.item).copied().unwrap_or(false);
            if part.iter().any(known) {
                self.find(&place, Defect::RepeatedTerm { found: shortened(name) });
                whole = false;
                repeats += 1;
                if repeats == MOST_REPEATS {
                    break;
                }
            }
            for term in part {
                if let Some(listed) = listed.get_mut(term.item)
                    && !std::mem::replace(listed, true)
                {
                    terms.push(term);
                }
            }
        }
        self.keys_name_terms(raw, names, &place);
        self.keyed += terms.iter().map(|term| term.values.len()).sum::<usize>();
        if self.keyed > MOST_KEYED {
            let (what, found, limit) = ("codes in the keys of the scales", self.keyed, MOST_KEYED);
            self.find(&place.key(verb), Defect::TooLarge { what, found, limit });
            return None;
        }
        (whole && !terms.is_empty()).then_some(terms)
    }

    /// What one entry of a sum or mean stands for: an item, or the items of a scale.
    fn part_of(
        &mut self,
        raw: &RawScale,
        name: &str,
        (flat, path): (&mut [Flat], &mut Vec<usize>),
        place: &Place,
    ) -> Option<Vec<Term>> {
        match self.names.get(name).copied() {
            Some((Named::Scale, inner)) => {
                let raw = self.raw.scales.get(inner)?;
                if raw.sum.is_some() || raw.mean.is_some() {
                    return self.terms(inner, flat, path);
                }
                // One without a verb has its own finding.
                if raw.ratio.is_some() || raw.from.is_some() {
                    let expected = "sums and means are made of items, or of scales of items";
                    self.find(place, Defect::TooDeep { found: shortened(name), expected });
                }
                None
            }
            Some((Named::Item, item)) => self.term(raw, item, name).map(|term| vec![term]),
            _ => {
                let (kind, allowed) = ("item or scale", self.ids(&[Named::Scale, Named::Item]));
                self.find(place, Defect::NoSuch { kind, found: shortened(name), allowed });
                None
            }
        }
    }

    fn term(&mut self, raw: &RawScale, item: usize, name: &str) -> Option<Term> {
        let at = self.names.get(raw.id.as_str()).map_or(0, |(_, at)| *at);
        let place = self.place_of(at);
        let responses = self.items.get(item)?.as_ref()?.responses.clone();
        let codes: Vec<u8> = responses.options().iter().map(ResponseOption::code).collect();
        let reverse = raw.reverse.iter().position(|id| id == name);
        let recode = raw.recode.get(name);
        let (keying, values) = match (reverse, recode) {
            (Some(_), Some(_)) => {
                self.find(&place, Defect::ReversedAndRecoded { item: name.to_owned() });
                return None;
            }
            (Some(position), None) => {
                let (low, high) = responses.range();
                let turned = |code: u8| i64::from(low) + i64::from(high) - i64::from(code);
                for code in &codes {
                    let reversed = turned(*code);
                    if !codes.iter().any(|known| i64::from(*known) == reversed) {
                        let item = name.to_owned();
                        let defect = Defect::ReversalWithoutRange { item, code: *code, reversed };
                        self.find(&place.key("reverse").entry(position), defect);
                        return None;
                    }
                }
                (Keying::Reversed, codes.iter().map(|code| turned(*code)).collect())
            }
            (None, Some(values)) => {
                let place = place.key("recode").key(name);
                if values.len() != codes.len() {
                    let (found, expected) = (values.len(), codes.len());
                    self.find(
                        &place,
                        Defect::RecodeLength { item: name.to_owned(), found, expected },
                    );
                    return None;
                }
                if let Some(found) = values.iter().find(|v| v.unsigned_abs() > LARGEST_VALUE) {
                    #[allow(clippy::cast_precision_loss)]
                    self.within(*found as f64, (-1e4, 1e4), &place);
                    return None;
                }
                (Keying::Recoded, values.clone())
            }
            (None, None) => {
                (Keying::Straight, codes.iter().map(|code| i64::from(*code)).collect::<Vec<_>>())
            }
        };
        let values = values.into_iter().map(i32::try_from).collect::<Result<_, _>>().ok()?;
        Some(Term { item, keying, values })
    }

    /// `reverse` and `recode` name items that the scale itself lists, each once.
    fn keys_name_terms(&mut self, raw: &RawScale, names: &[String], place: &Place) {
        let is_item = |id: &&str| matches!(self.names.get(id), Some((Named::Item, _)));
        let own: BTreeSet<&str> = names.iter().map(String::as_str).filter(is_item).collect();
        let allowed = super::allowed(names.iter().map(String::as_str).filter(is_item));
        let no_such = |id: &str| {
            let (kind, found) = ("item of this scale", shortened(id));
            Defect::NoSuch { kind, found, allowed: allowed.clone() }
        };
        let mut seen = BTreeSet::new();
        for (at, id) in raw.reverse.iter().enumerate() {
            let place = || place.key("reverse").entry(at);
            if !own.contains(id.as_str()) {
                self.find(&place(), no_such(id));
            } else if !seen.insert(id.as_str()) {
                self.find(&place(), Defect::RepeatedTerm { found: shortened(id) });
            }
        }
        for id in raw.recode.keys().filter(|id| !own.contains(id.as_str())) {
            self.find(&place.key("recode").key(id.clone()), no_such(id));
        }
    }

    fn summed(&mut self, at: usize, raw: &RawScale, terms: Option<Vec<Term>>) -> Option<Scale> {
        let place = self.place_of(at);
        let terms = terms?;
        let items = terms.len();
        let ends = |pick: fn((i32, i32)) -> i32| -> i64 {
            terms.iter().map(|term| i64::from(pick(term.range()))).sum()
        };
        let (low, high) = (ends(|range| range.0), ends(|range| range.1));
        let limit = MOST_SUMS;
        let found = (high - low).max(high.abs()).max(low.abs());
        if found > limit {
            self.find(&place, Defect::TooManyStates { found, limit });
            return None;
        }
        let (range, key) = if raw.sum.is_some() {
            ((Exact::from(low), Exact::from(high)), Key::Sum(terms))
        } else {
            let count = i64::try_from(items).ok()?;
            ((Exact::new(low, count)?, Exact::new(high, count)?), Key::Mean(terms))
        };
        let needs = match &raw.missing {
            None => items,
            Some(rule) => match usize::try_from(rule.needs) {
                Ok(needs) if (1..=items).contains(&needs) => {
                    if needs < items && !key.terms_are_alike() {
                        self.find(&place.key("missing"), Defect::UnlikeItems);
                    }
                    needs
                }
                _ => {
                    let defect = Defect::NeedsOutOfRange { needs: rule.needs, items };
                    self.find(&place.key("missing").key("needs"), defect);
                    return None;
                }
            },
        };
        self.finish(at, raw, key, range, needs)
    }

    fn derived(&mut self, at: usize, raw: &RawScale) -> Option<Scale> {
        let place = self.place_of(at);
        if !self.verb_is_single(raw, &place) {
            return None;
        }
        if raw.missing.is_some() || raw.not_applicable.is_some() {
            self.find(&place, Defect::MissingRuleOfDerived);
        }
        self.keys_name_terms(raw, &[], &place);
        let (key, range) = match (&raw.ratio, &raw.from) {
            (Some((numerator, denominator)), _) => {
                let place = place.key("ratio");
                let numerator = self.made_of_items(numerator, &place.entry(0));
                let denominator = self.made_of_items(denominator, &place.entry(1));
                self.ratio(numerator?, denominator?, &place)?
            }
            (_, Some(from)) => {
                let source = self.made_of_items(from, &place.key("from"))?;
                match (raw.times, &raw.table) {
                    (Some(times), _) => self.times(source, times, &place.key("times"))?,
                    (_, Some(table)) => self.table(source, table, raw, &place)?,
                    _ => return None,
                }
            }
            _ => return None,
        };
        self.finish(at, raw, key, range, 0)
    }

    /// A scale that other verbs may build on: a sum or a mean.
    fn made_of_items(&mut self, id: &str, place: &Place) -> Option<usize> {
        let at = self.position(id, Named::Scale, place)?;
        let raw = self.raw.scales.get(at)?;
        if raw.sum.is_none() && raw.mean.is_none() {
            if raw.ratio.is_some() || raw.from.is_some() {
                let expected = "ratio and from build on a sum or a mean";
                self.find(place, Defect::TooDeep { found: shortened(id), expected });
            }
            return None;
        }
        Some(at)
    }

    fn ratio(
        &mut self,
        numerator: usize,
        denominator: usize,
        place: &Place,
    ) -> Option<(Key, (Exact, Exact))> {
        let per_item = |scale: &Scale, end: Exact| match &scale.key {
            Key::Sum(terms) => end.over(Exact::from(i64::try_from(terms.len()).ok()?)),
            _ => Some(end),
        };
        let ends = |scale: &Scale| {
            Some((per_item(scale, scale.range.0)?, per_item(scale, scale.range.1)?))
        };
        // Item by item, for some may be missing or not apply.
        let lowest = |scale: &Scale| scale.key.terms().iter().map(|term| term.range().0).min();
        let (above, below) =
            (self.scales.get(numerator)?.as_ref()?, self.scales.get(denominator)?.as_ref()?);
        let (top, bottom) = (ends(above)?, ends(below)?);
        let (above_low, below_low) = (lowest(above)?, lowest(below)?);
        let within = [numerator, denominator].into_iter().flat_map(|of| {
            let terms = self.scales.get(of).and_then(Option::as_ref).map(|s| s.key.terms());
            terms.unwrap_or_default().iter().map(|term| term.item)
        });
        let mut seen = BTreeSet::new();
        let twice = within.into_iter().find(|item| !seen.insert(*item));
        if let Some(item) = twice {
            let found = self.raw.form.items.get(item).map_or("", |item| &item.id).to_owned();
            self.find(place, Defect::RepeatedTerm { found });
            return None;
        }
        for (entry, low, limit) in [(0, above_low, 0), (1, below_low, 1)] {
            if low < limit {
                self.find(&place.entry(entry), Defect::RatioTooLow { low, limit });
                return None;
            }
        }
        let range = (top.0.over(bottom.1)?, top.1.over(bottom.0)?);
        Some((Key::Ratio { numerator, denominator }, range))
    }

    fn times(&mut self, from: usize, times: f64, place: &Place) -> Option<(Key, (Exact, Exact))> {
        let factor = self.number(times, place)?;
        if !(times > 0.0 && times <= LARGEST_FACTOR) {
            self.find(place, Defect::BadFactor { found: times });
            return None;
        }
        let (low, high) = self.scales.get(from)?.as_ref()?.range;
        let range = (low.times(factor)?, high.times(factor)?);
        Some((Key::Times { from, factor }, range))
    }

    fn table(
        &mut self,
        from: usize,
        table: &[f64],
        raw: &RawScale,
        place: &Place,
    ) -> Option<(Key, (Exact, Exact))> {
        let source = self.scales.get(from)?.as_ref()?;
        let id = source.id.clone();
        let ends = (source.range.0.as_integer(), source.range.1.as_integer());
        let (Key::Sum(_), (Some(low), Some(high))) = (&source.key, ends) else {
            let expected = "a table has one entry per integer of a sum";
            self.find(&place.key("from"), Defect::TooDeep { found: id, expected });
            return None;
        };
        let expected = usize::try_from(high - low + 1).ok()?;
        let length = |found| Defect::TableLength { found, expected, low, high, from: id.clone() };
        if table.len() != expected {
            self.find(&place.key("table"), length(table.len()));
            return None;
        }
        let mut values = Vec::with_capacity(expected);
        for (at, value) in table.iter().enumerate() {
            values.push(self.number(*value, &place.key("table").entry(at))?);
        }
        let rises = values.first() <= values.last();
        for (at, pair) in values.windows(2).enumerate() {
            let [previous, value] = pair else { continue };
            if previous == value || (previous < value) != rises {
                let (previous, value) = (previous.to_f64(), value.to_f64());
                let place = place.key("table").entry(at + 1);
                self.find(&place, Defect::NotMonotone { previous, value });
            }
        }
        let mut errors = Vec::new();
        if let Some(error) = &raw.error {
            if error.len() != expected {
                self.find(&place.key("error"), length(error.len()));
                return None;
            }
            for (at, value) in error.iter().enumerate() {
                let place = place.key("error").entry(at);
                self.within(*value, (0.0, 1e6), &place);
                errors.push(self.number(*value, &place)?);
            }
        }
        let ends = (*values.iter().min()?, *values.iter().max()?);
        Some((Key::Table { from, first: low, values, errors }, ends))
    }

    fn finish(
        &mut self,
        at: usize,
        raw: &RawScale,
        key: Key,
        derived: (Exact, Exact),
        needs: usize,
    ) -> Option<Scale> {
        let place = self.place_of(at);
        let declared_low = self.number(raw.range.0, &place.key("range").entry(0));
        let declared_high = self.number(raw.range.1, &place.key("range").entry(1));
        if let (Some(low), Some(high)) = (declared_low, declared_high)
            && !(derived.0.is_written(low) && derived.1.is_written(high))
        {
            let defect = Defect::DerivedRange {
                declared_low: raw.range.0,
                declared_high: raw.range.1,
                low: derived.0.to_f64(),
                high: derived.1.to_f64(),
            };
            self.find(&place.key("range"), defect);
        }
        if let Some(variant) = &raw.only_in {
            let _ = self.position(variant, Named::Variant, &place.key("only-in"));
        }
        let basis = self.basis(&raw.basis, &place.key("basis"));
        let needs_basis = raw.missing.as_ref().and_then(|rule| rule.basis.as_ref());
        let needs_basis = match (needs_basis, &raw.missing) {
            (Some(basis), _) => self.basis(basis, &place.key("missing").key("basis")),
            (None, Some(_)) => {
                self.find(&place.key("missing"), Defect::Unsourced);
                None
            }
            (None, None) => None,
        };
        Some(Scale {
            id: raw.id.clone(),
            title: raw.title.clone().unwrap_or_else(|| in_words(&raw.id)),
            key,
            range: derived,
            direction: raw.direction,
            decimals: raw.decimals,
            needs,
            needs_basis,
            not_applicable: raw.not_applicable.unwrap_or(NotApplicableRule::Absent),
            loinc: raw.loinc.clone(),
            only_in: raw.only_in.clone(),
            basis: basis?,
        })
    }
}
