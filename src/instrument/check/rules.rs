//! Band sets and criteria.

use std::rc::Rc;

use super::{Check, Defect, Named, Place, in_words, is_id, shortened};
use crate::instrument::entangle;
use crate::instrument::model::{BandSet, BandStep, Comparison, Criterion, Part};
use crate::instrument::number::Exact;
use crate::instrument::raw::{RawBands, RawCriterion};
use crate::instrument::terms::{Role, Standing};
use crate::instrument::test_text::split_test;

/// Combinations of the shared missing items that a sheet may make us walk through.
const MOST_STATES: usize = 4096;
const MOST_SHARED: usize = 12;
const MOST_TESTS: usize = 512;
/// Tests, a scale's counted once per item, times combinations: what judging one sheet may cost.
const MOST_WORK: usize = 1 << 20;
/// Positions of bands are one byte in columns.
const MOST_BANDS: usize = 250;

/// For each scale the tables of bands that divide it.
type Divided = Vec<Vec<(Place, Rc<[BandStep]>)>>;

impl Check<'_> {
    pub(super) fn read_bands(&mut self) -> Vec<BandSet> {
        let raw = self.raw;
        let mut sets: Vec<BandSet> = Vec::new();
        let mut divided: Divided = vec![Vec::new(); raw.scales.len()];
        for (at, bands) in raw.bands.iter().enumerate() {
            let place = Place::default().key("bands").named(at, &bands.id);
            if let Some(set) = self.band_set(bands, &place, &mut divided) {
                self.band_set_is_alone(&set, &sets, &place);
                sets.push(set);
            }
        }
        // Scale by scale: its values are listed once, and never those of all scales together.
        for (scale, tables) in divided.into_iter().enumerate() {
            let values = if tables.is_empty() { None } else { self.reachable(scale) };
            for (place, bands) in tables {
                self.bands_fit(scale, values.as_deref(), (&bands, &place));
            }
        }
        sets
    }

    fn band_set(
        &mut self,
        raw: &RawBands,
        place: &Place,
        divided: &mut Divided,
    ) -> Option<BandSet> {
        if raw.steps.len() > MOST_BANDS {
            let (what, found, limit) = ("bands of a set", raw.steps.len(), MOST_BANDS);
            self.find(&place.key("steps"), Defect::TooLarge { what, found, limit });
            return None;
        }
        let mut bands: Vec<BandStep> = Vec::with_capacity(raw.steps.len());
        let mut rising = true;
        for (at, (edge, label)) in raw.steps.iter().enumerate() {
            let place = place.key("steps").entry(at);
            let low = self.number(*edge, &place)?;
            if !is_id(label) {
                self.find(&place, Defect::BadId { found: shortened(label) });
            }
            if bands.iter().any(|band| band.label == *label) {
                let (found, first) = (shortened(label), "a band of the set".to_owned());
                self.find(&place, Defect::DuplicateId { found, first });
            }
            if let Some(previous) = bands.last().filter(|previous| previous.low >= low) {
                let defect =
                    Defect::EdgesNotRising { previous: previous.low.to_f64(), found: *edge };
                self.find(&place, defect);
                rising = false;
            }
            bands.push(BandStep { low, label: label.clone() });
        }
        if bands.is_empty() {
            self.find(&place.key("steps"), Defect::Empty { expected: "write the bands" });
            return None;
        }
        if raw.scales.is_empty() {
            self.find(&place.key("scales"), Defect::Empty { expected: "name the scales" });
        }
        let shared: Rc<[BandStep]> = bands.as_slice().into();
        let mut scales = Vec::new();
        for (at, id) in raw.scales.iter().enumerate() {
            let place = place.key("scales").entry(at);
            let Some(scale) = self.position(id, Named::Scale, &place) else { continue };
            if scales.contains(&scale) {
                self.find(&place, Defect::RepeatedScale { found: shortened(id) });
                continue;
            }
            scales.push(scale);
            if let Some(tables) = divided.get_mut(scale).filter(|_| rising) {
                tables.push((place, Rc::clone(&shared)));
            }
        }
        let basis = self.basis_of_claim(&raw.basis, &place.key("basis"))?;
        if raw.default && basis.standing != Standing::Current {
            let standing = basis.standing.to_string();
            self.find(&place.key("default"), Defect::DefaultNotCurrent { standing });
        }
        Some(BandSet { id: raw.id.clone(), scales, is_default: raw.default, basis, bands })
    }

    /// The bands begin where the scale does, and some complete sheet reaches each.
    fn bands_fit(
        &mut self,
        scale: usize,
        values: Option<&[Exact]>,
        (bands, place): (&[BandStep], &Place),
    ) {
        let Some(Some(range)) = self.scales.get(scale).map(|s| s.as_ref().map(|s| s.range)) else {
            return;
        };
        let Some(first) = bands.first() else { return };
        if !range.0.is_written(first.low) {
            let (found, expected) = (first.low.to_f64(), range.0.to_f64());
            self.find(place, Defect::FirstEdge { found, expected });
        }
        for (at, band) in bands.iter().enumerate() {
            // The lowest band takes what lies below its edge as written.
            let low = if at == 0 { range.0.min(band.low) } else { band.low };
            let next = bands.get(at + 1).map(|next| next.low);
            let lowest = match values {
                Some(values) => values.get(values.partition_point(|value| *value < low)).copied(),
                None => Some(low).filter(|low| *low <= range.1),
            };
            let reached = lowest.is_some_and(|value| next.is_none_or(|next| value < next));
            if !reached {
                let (label, low) = (shortened(&band.label), band.low.to_f64());
                self.find(place, Defect::BandUnreachable { label, low });
            }
        }
    }

    /// One table per set and scale, one default per scale.
    fn band_set_is_alone(&mut self, set: &BandSet, others: &[BandSet], place: &Place) {
        for scale in &set.scales {
            let divides = |other: &&BandSet| other.scales.contains(scale);
            if others.iter().filter(divides).any(|other| other.id == set.id) {
                let (found, first) = (set.id.clone(), "a set of the same scale".to_owned());
                self.find(&place.key("id"), Defect::DuplicateId { found, first });
            }
            let default = others.iter().filter(divides).find(|other| other.is_default);
            if let Some(first) = default.filter(|_| set.is_default) {
                let id = self.raw.scales.get(*scale).map_or("", |scale| &scale.id).to_owned();
                let first = first.id.clone();
                self.find(&place.key("default"), Defect::SecondDefault { scale: id, first });
            }
        }
    }

    /// The criteria, each `None` where it did not hold up.
    pub(super) fn read_criteria(&mut self) -> Vec<Option<Criterion>> {
        let raw = self.raw;
        let root = Place::default().key("criteria");
        let mut criteria: Vec<Option<Criterion>> = Vec::with_capacity(raw.criteria.len());
        for (at, criterion) in raw.criteria.iter().enumerate() {
            let read = self.criterion(criterion, &root.named(at, &criterion.id));
            criteria.push(read);
        }
        let Some(whole) = criteria.iter().cloned().collect::<Option<Vec<_>>>() else {
            return criteria;
        };
        if let Some(circle) = entangle::circle(&whole) {
            let at = circle.first().copied().unwrap_or(0);
            let ids = circle.iter().filter_map(|at| whole.get(*at)).map(|c| c.id.as_str());
            let through = super::circle(&ids.collect::<Vec<_>>());
            let id = raw.criteria.get(at).map_or("", |criterion| &criterion.id);
            self.find(&root.named(at, id), Defect::Cycle { through });
            return criteria;
        }
        let (items, scales): (Option<Vec<_>>, Option<Vec<_>>) =
            (self.items.iter().cloned().collect(), self.scales.iter().cloned().collect());
        let (Some(items), Some(scales)) = (items, scales) else { return criteria };
        let sizes = entangle::sizes(&whole);
        let scale_items = entangle::scale_items(&scales);
        for (at, criterion) in whole.iter().enumerate() {
            let place = root.named(at, &criterion.id);
            let found = sizes.get(at).copied().unwrap_or(0);
            if found > MOST_TESTS {
                self.find(&place, Defect::CriterionTooLarge { found, limit: MOST_TESTS });
                continue;
            }
            let tests = entangle::tests(at, &whole);
            let shared = entangle::shared(&tests, &scale_items, &items);
            let states = shared
                .iter()
                .fold(1_usize, |all, (_, codes)| all.saturating_mul(codes.len().max(1)));
            let items_in = |test: &Part| match test {
                Part::Scale { scale, .. } => scale_items.get(*scale).map_or(1, Vec::len),
                _ => 1,
            };
            let cost: usize = tests.iter().map(items_in).sum();
            let limit = MOST_STATES.min(MOST_WORK / cost.max(1));
            if shared.len() > MOST_SHARED || states > limit {
                let found = shared.len();
                self.find(&place, Defect::TooEntangled { found, states, limit });
            }
        }
        criteria
    }

    fn criterion(&mut self, raw: &RawCriterion, place: &Place) -> Option<Criterion> {
        let shapes = [("all", &raw.all), ("any", &raw.any), ("none", &raw.none), ("of", &raw.of)];
        let counted = raw.at_least.is_some() || raw.at_most.is_some();
        let mut given = shapes.iter().filter_map(|(key, list)| Some((*key, list.as_ref()?)));
        let (Some((shape, texts)), None) = (given.next(), given.next()) else {
            let found: Vec<&str> =
                shapes.iter().filter(|(_, list)| list.is_some()).map(|(key, _)| *key).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(" and ") };
            self.find(place, Defect::CriterionShape { found });
            return None;
        };
        if counted != (shape == "of") {
            let found = if counted { "counts without `of`" } else { "`of` without counts" };
            self.find(place, Defect::CriterionShape { found: found.to_owned() });
            return None;
        }
        if texts.is_empty() {
            self.find(&place.key(shape), Defect::Empty { expected: "write at least one test" });
            return None;
        }
        let many = u32::try_from(texts.len()).ok()?;
        let counts = match shape {
            "all" => (many, many),
            "any" => (1, many),
            "none" => (0, 0),
            _ => (raw.at_least.unwrap_or(0), raw.at_most.unwrap_or(many)),
        };
        let (low, high) = counts;
        if low > high || high > many || (low == 0 && high == many) {
            self.find(place, Defect::CriterionCounts { low, high, parts: texts.len() });
        }
        let parts: Vec<Option<Part>> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| self.part(text, &place.key(shape).entry(at)))
            .collect();
        let basis = match (&raw.basis, raw.role) {
            (Some(basis), _) => Some(self.basis_of_claim(basis, &place.key("basis"))?),
            (None, Some(Role::Step)) => None,
            (None, _) => {
                self.find(place, Defect::Unsourced);
                return None;
            }
        };
        Some(Criterion {
            id: raw.id.clone(),
            title: raw.title.clone().unwrap_or_else(|| in_words(&raw.id)),
            role: raw.role,
            counts,
            parts: parts.into_iter().collect::<Option<_>>()?,
            basis,
        })
    }

    fn part(&mut self, text: &str, place: &Place) -> Option<Part> {
        let Some((name, op, number)) = split_test(text) else {
            if let Some((Named::Criterion, at)) = self.names.get(text.trim()) {
                return Some(Part::Criterion(*at));
            }
            self.find(place, Defect::BadTest { found: shortened(text) });
            return None;
        };
        let found = || shortened(text);
        match self.names.get(name).copied() {
            Some((Named::Item, item)) => {
                let exact = self.number(number, place)?;
                let Some(number) = exact.as_integer() else {
                    self.find(place, Defect::BadTest { found: found() });
                    return None;
                };
                let responses = self.items.get(item)?.as_ref()?.responses.clone();
                let holds = responses.options.iter().map(|o| op.holds(i64::from(o.code), number));
                self.decides(&holds.collect::<Vec<_>>(), text, place);
                Some(Part::Item { item, op, number })
            }
            Some((Named::Scale, scale)) => {
                let number = self.number(number, place)?;
                if matches!(op, Comparison::Equal | Comparison::NotEqual) {
                    self.find(place, Defect::ScaleEquality { found: found() });
                    return None;
                }
                let (low, high) = self.scales.get(scale)?.as_ref()?.range;
                self.decides(&[op.holds(low, number), op.holds(high, number)], text, place);
                Some(Part::Scale { scale, op, number })
            }
            _ => {
                let kind = "item or scale";
                let allowed = self.ids(&[Named::Scale, Named::Item]);
                self.find(place, Defect::NoSuch { kind, found: shortened(name), allowed });
                None
            }
        }
    }

    /// A test that every answer passes, or none, is a slip of the pen.
    pub(super) fn decides(&mut self, holds: &[bool], text: &str, place: &Place) {
        let always = match (holds.iter().any(|h| *h), holds.iter().all(|h| *h)) {
            (true, true) => "always",
            (false, _) => "never",
            _ => return,
        };
        self.find(place, Defect::TestDecidesNothing { found: shortened(text), always });
    }
}
