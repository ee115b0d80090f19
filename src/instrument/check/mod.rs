//! From the file as written to a checked definition: parse, don't validate.
//!
//! Every check adds its findings and goes on with what can still be judged, so that the author of
//! a file sees all of them at once.

mod form;
mod reach;
mod records;
mod rules;
mod scales;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::finding::{Defect, Finding, Place, allowed, circle};
use super::model::{
    BandSet, Basis, Criterion, Item, Licence, Norm, PublishedChange, ResponseSet, Scale, Source,
    Variant,
};
use super::number::Exact;
use super::raw::{RawBasis, RawInstrument};
use super::terms::{Construct, Grade, Standing};
use super::version::Version;

/// What a definition may hold at most, so that a hostile file ends in bounded time and memory.
pub(super) const MOST_BYTES: usize = 1 << 20;
const MOST_ITEMS: usize = 1000;
const MOST_SCALES: usize = 200;
const MOST_ENTRIES: usize = 500;
const MOST_FINDINGS: usize = 1000;
const LONGEST_ID: usize = 60;

/// Everything that a checked instrument knows, but for its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    pub(crate) id: String,
    pub(crate) version: Version,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) year: Option<u16>,
    pub(crate) authors: Vec<String>,
    pub(crate) measures: Vec<Construct>,
    pub(crate) population: Option<String>,
    pub(crate) loinc: Option<String>,
    pub(crate) cautions: Vec<String>,
    pub(crate) order: Option<String>,
    pub(crate) licence: Licence,
    pub(crate) sources: Vec<Arc<Source>>,
    pub(crate) responses: Vec<Arc<ResponseSet>>,
    pub(crate) recall: Option<String>,
    pub(crate) slots: Vec<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) scales: Vec<Scale>,
    pub(crate) band_sets: Vec<BandSet>,
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) norms: Vec<Norm>,
    pub(crate) changes: Vec<PublishedChange>,
    pub(crate) variants: Vec<Variant>,
}

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Item,
    Scale,
    Criterion,
    BandSet,
    Variant,
}

impl Named {
    const fn kind(self) -> &'static str {
        match self {
            Self::Item => "an item",
            Self::Scale => "a scale",
            Self::Criterion => "a criterion",
            Self::BandSet => "a band set",
            Self::Variant => "a variant",
        }
    }
}

/// The state of one check.
struct Check<'a> {
    raw: &'a RawInstrument,
    findings: Vec<Finding>,
    names: BTreeMap<&'a str, (Named, usize)>,
    sources: BTreeMap<&'a str, Arc<Source>>,
    sets: BTreeMap<&'a str, Arc<ResponseSet>>,
    items: Vec<Option<Item>>,
    scales: Vec<Option<Scale>>,
    /// Codes in the keys of the scales read so far.
    keyed: usize,
}

/// Checks the whole file.
pub(super) fn check(raw: &RawInstrument) -> Result<Definition, Vec<Finding>> {
    let mut check = Check {
        raw,
        findings: Vec::new(),
        names: BTreeMap::new(),
        sources: BTreeMap::new(),
        sets: BTreeMap::new(),
        items: Vec::new(),
        scales: Vec::new(),
        keyed: 0,
    };
    let definition = check.whole();
    match definition {
        Some(definition) if check.findings.is_empty() => Ok(definition),
        _ => Err(check.findings),
    }
}

impl<'a> Check<'a> {
    fn whole(&mut self) -> Option<Definition> {
        let raw = self.raw;
        if !self.sizes() {
            return None;
        }
        let version = self.header();
        let licence = self.licence();
        self.read_sources();
        self.read_names();
        if self.names.keys().any(|id| id.len() > LONGEST_ID) {
            return None; // said; it would only swell every message that quotes it
        }
        self.read_responses();
        self.read_items();
        self.read_scales();
        let criteria = self.read_criteria();
        let band_sets = self.read_bands();
        let norms = self.read_norms();
        let changes = self.read_changes();
        let variants = self.read_variants();
        self.check_use(&criteria);
        if !self.findings.is_empty() {
            return None;
        }
        Some(Definition {
            id: raw.id.clone(),
            version: version?,
            title: raw.title.clone(),
            edition: raw.edition.clone(),
            year: raw.year,
            authors: raw.authors.clone(),
            measures: raw.measures.clone(),
            population: raw.population.clone(),
            loinc: raw.loinc.clone(),
            cautions: raw.cautions.clone(),
            order: raw.order.clone(),
            licence,
            sources: std::mem::take(&mut self.sources).into_values().collect(),
            responses: std::mem::take(&mut self.sets).into_values().collect(),
            recall: raw.form.recall.clone(),
            slots: raw.form.slots.clone(),
            items: std::mem::take(&mut self.items).into_iter().collect::<Option<_>>()?,
            scales: std::mem::take(&mut self.scales).into_iter().collect::<Option<_>>()?,
            band_sets,
            criteria: criteria.into_iter().collect::<Option<_>>()?,
            norms,
            changes,
            variants,
        })
    }

    fn find(&mut self, place: &Place, defect: Defect) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { place: place.clone(), line: None, defect });
        }
    }

    fn sizes(&mut self) -> bool {
        let raw = self.raw;
        let counts = [
            ("items", raw.form.items.len(), MOST_ITEMS),
            ("scales", raw.scales.len(), MOST_SCALES),
            ("band sets", raw.bands.len(), MOST_ENTRIES),
            ("criteria", raw.criteria.len(), MOST_ENTRIES),
            ("norms", raw.norms.len(), MOST_ENTRIES),
            ("changes", raw.changes.len(), MOST_ENTRIES),
            ("variants", raw.variants.len(), MOST_ENTRIES),
            ("sources", raw.sources.len(), MOST_ENTRIES),
            ("response sets", raw.responses.len(), MOST_ENTRIES),
        ];
        for (what, found, limit) in counts {
            if found > limit {
                self.find(&Place::default(), Defect::TooLarge { what, found, limit });
            }
        }
        self.findings.is_empty()
    }

    /// Enters every id of the one namespace.
    fn read_names(&mut self) {
        let raw = self.raw;
        let root = Place::default();
        let form = root.key("form").key("items");
        for (at, item) in raw.form.items.iter().enumerate() {
            self.name(&item.id, Named::Item, at, &form.named(at, &item.id));
        }
        for (at, scale) in raw.scales.iter().enumerate() {
            self.name(&scale.id, Named::Scale, at, &root.key("scales").named(at, &scale.id));
        }
        for (at, entry) in raw.criteria.iter().enumerate() {
            let place = root.key("criteria").named(at, &entry.id);
            self.name(&entry.id, Named::Criterion, at, &place);
        }
        for (at, bands) in raw.bands.iter().enumerate() {
            // One set may divide several scales in several tables.
            let known = self.names.get(bands.id.as_str()).map(|(kind, _)| *kind);
            if known != Some(Named::BandSet) {
                let place = root.key("bands").named(at, &bands.id);
                self.name(&bands.id, Named::BandSet, at, &place);
            }
        }
        for (at, variant) in raw.variants.iter().enumerate() {
            let place = root.key("variants").named(at, &variant.id);
            self.name(&variant.id, Named::Variant, at, &place);
        }
    }

    fn name(&mut self, id: &'a str, kind: Named, at: usize, place: &Place) {
        let place = place.key("id");
        if !is_id(id) {
            self.find(&place, Defect::BadId { found: shortened(id) });
        }
        if matches!(id, "row" | "id") {
            self.find(&place, Defect::ReservedId { found: id.to_owned() });
        }
        match self.names.get(id) {
            Some((first, _)) => {
                let first = first.kind().to_owned();
                self.find(&place, Defect::DuplicateId { found: shortened(id), first });
            }
            None => {
                self.names.insert(id, (kind, at));
            }
        }
    }

    fn ids(&self, wanted: &[Named]) -> String {
        let of = |kind: &Named| {
            let kind = *kind;
            self.names.iter().filter(move |(_, (known, _))| *known == kind).map(|(id, _)| *id)
        };
        allowed(wanted.iter().flat_map(of))
    }

    /// The position of what `id` names, or a finding.
    fn position(&mut self, id: &str, wanted: Named, place: &Place) -> Option<usize> {
        match self.names.get(id) {
            Some((kind, at)) if *kind == wanted => Some(*at),
            _ => {
                let kind = wanted.kind().rsplit_once(' ').map_or("", |(_, kind)| kind);
                let allowed = self.ids(&[wanted]);
                self.find(place, Defect::NoSuch { kind, found: shortened(id), allowed });
                None
            }
        }
    }

    /// A number that a file may hold.
    fn number(&mut self, found: f64, place: &Place) -> Option<Exact> {
        let exact = Exact::from_decimal(found);
        if exact.is_none() {
            self.find(place, Defect::BadNumber { found });
        }
        exact
    }

    fn within(&mut self, found: f64, (low, high): (f64, f64), place: &Place) {
        if !(found >= low && found <= high) {
            self.find(place, Defect::OutOfBounds { found, low, high });
        }
    }

    fn basis(&mut self, raw: &RawBasis, place: &Place) -> Option<Basis> {
        for (name, value) in [("sensitivity", raw.sensitivity), ("specificity", raw.specificity)] {
            if let Some(value) = value {
                self.within(value, (0.0, 1.0), &place.key(name));
            }
        }
        let grade = match raw.grade.as_str() {
            "A" => Some(Grade::A),
            "A-" | "B+" | "B" => Some(Grade::B),
            "own" => Some(Grade::Own),
            lower if lower.starts_with(['C', 'D']) && lower.len() <= 2 => {
                let found = lower.to_owned();
                self.find(&place.key("grade"), Defect::GradeDoesNotShip { found });
                None
            }
            other => {
                self.find(&place.key("grade"), Defect::BadGrade { found: shortened(other) });
                None
            }
        };
        let source = self.source(&raw.source, &place.key("source"));
        Some(Basis {
            source: source?,
            origin: raw.origin,
            standing: raw.status.unwrap_or(Standing::Current),
            grade: grade?,
            population: raw.population.clone(),
            sensitivity: raw.sensitivity,
            specificity: raw.specificity,
            note: raw.note.clone(),
        })
    }

    /// Reads the basis of what says something about people: that cannot rest on its makers alone.
    fn basis_of_claim(&mut self, raw: &RawBasis, place: &Place) -> Option<Basis> {
        let basis = self.basis(raw, place)?;
        if basis.grade == Grade::Own {
            self.find(&place.key("grade"), Defect::OwnClaim);
            return None;
        }
        Some(basis)
    }

    fn source(&mut self, key: &str, place: &Place) -> Option<Arc<Source>> {
        if let Some(source) = self.sources.get(key) {
            return Some(Arc::clone(source));
        }
        let allowed = allowed(self.sources.keys().copied());
        self.find(place, Defect::NoSuch { kind: "source", found: shortened(key), allowed });
        None
    }
}

/// Lower-case letters and digits joined by single hyphens.
fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

/// An id in words, for where a file gives no title.
fn in_words(id: &str) -> String {
    id.replace('-', " ")
}
