//! Norms, published changes and variants.

use super::{Check, Defect, Named, Place, in_words, is_id, shortened};
use crate::instrument::model::{Norm, PublishedChange, Reliability, Variant};
use crate::instrument::raw::RawNorm;

/// Largest number that a norm or change may hold.
const LARGEST: f64 = 1e6;
/// Strictly inside nought and one, in numbers that a message can print.
const OPEN_UNIT: (f64, f64) = (1e-6, 1.0 - 1e-6);
const POSITIVE: (f64, f64) = (1e-6, LARGEST);

impl Check<'_> {
    pub(super) fn read_norms(&mut self) -> Vec<Norm> {
        let raw = self.raw;
        let mut norms: Vec<Norm> = Vec::new();
        for (at, norm) in raw.norms.iter().enumerate() {
            let place = Place::default().key("norms").named(at, &norm.id);
            if !is_id(&norm.id) {
                self.find(&place.key("id"), Defect::BadId { found: shortened(&norm.id) });
            }
            if norms.iter().any(|known| known.id == norm.id) {
                let found = shortened(&norm.id);
                let defect = Defect::DuplicateId { found, first: "a norm".to_owned() };
                self.find(&place.key("id"), defect);
            }
            norms.extend(self.norm(norm, &place));
        }
        norms
    }

    fn norm(&mut self, raw: &RawNorm, place: &Place) -> Option<Norm> {
        let scale = self.position(&raw.scale, Named::Scale, &place.key("scale"));
        if raw.population.trim().is_empty() {
            let expected = "say who was measured";
            self.find(&place.key("population"), Defect::Empty { expected });
        }
        let bounded = [
            ("mean", raw.mean, (-LARGEST, LARGEST)),
            ("sd", raw.sd, POSITIVE),
            ("sem", raw.sem, POSITIVE),
            ("retest-mean-shift", raw.retest_mean_shift, (-LARGEST, LARGEST)),
            ("n", raw.n.map(f64::from), (2.0, f64::from(u32::MAX))),
        ];
        for (key, value, bounds) in bounded {
            if let Some(value) = value {
                self.within(value, bounds, &place.key(key));
            }
        }
        let numbers = raw.mean.or(raw.sd).or(raw.sem);
        if numbers.is_none() && raw.reliability.is_empty() {
            self.find(place, Defect::EmptyNorm);
        }
        let mut reliability = Vec::with_capacity(raw.reliability.len());
        for (at, entry) in raw.reliability.iter().enumerate() {
            let place = place.key("reliability").entry(at);
            self.within(entry.value, OPEN_UNIT, &place.key("value"));
            if let Some(days) = entry.days {
                self.within(days, (0.0, LARGEST), &place.key("days"));
            }
            let source = match &entry.source {
                Some(key) => Some(self.source(key, &place.key("source"))?),
                None => None,
            };
            let (kind, value, days, n) = (entry.kind, entry.value, entry.days, entry.n);
            reliability.push(Reliability { kind, value, days, n, source });
        }
        let basis = self.basis_of_claim(&raw.basis, &place.key("basis"));
        Some(Norm {
            id: raw.id.clone(),
            scale: scale?,
            population: raw.population.clone(),
            country: raw.country.clone(),
            n: raw.n,
            mean: raw.mean,
            sd: raw.sd,
            coding: raw.coding.clone(),
            sem: raw.sem,
            reliability,
            same_sample: raw.same_sample,
            retest_mean_shift: raw.retest_mean_shift,
            basis: basis?,
        })
    }

    pub(super) fn read_changes(&mut self) -> Vec<PublishedChange> {
        let raw = self.raw;
        let mut changes = Vec::new();
        for (at, change) in raw.changes.iter().enumerate() {
            let place = Place::default().key("changes").entry(at);
            let scale = self.position(&change.scale, Named::Scale, &place.key("scale"));
            self.within(change.points, POSITIVE, &place.key("points"));
            let basis = self.basis_of_claim(&change.basis, &place.key("basis"));
            if let (Some(scale), Some(basis)) = (scale, basis) {
                let (points, kind) = (change.points, change.kind);
                changes.push(PublishedChange { scale, points, kind, basis });
            }
        }
        changes
    }

    pub(super) fn read_variants(&mut self) -> Vec<Variant> {
        let raw = self.raw;
        let mut variants = Vec::new();
        for (at, variant) in raw.variants.iter().enumerate() {
            let place = Place::default().key("variants").named(at, &variant.id);
            if variant.scales.is_empty() {
                self.find(&place.key("scales"), Defect::Empty { expected: "name its scales" });
            }
            let mut scales = Vec::with_capacity(variant.scales.len());
            for (position, id) in variant.scales.iter().enumerate() {
                let place = place.key("scales").entry(position);
                if let Some(scale) = self.position(id, Named::Scale, &place) {
                    if scales.contains(&scale) {
                        self.find(&place, Defect::RepeatedScale { found: shortened(id) });
                    }
                    scales.push(scale);
                }
            }
            let own = raw.scales.iter().filter(|s| s.only_in.as_ref() == Some(&variant.id));
            for scale in own.filter(|scale| !variant.scales.contains(&scale.id)) {
                let (scale, variant) = (scale.id.clone(), variant.id.clone());
                self.find(&place.key("scales"), Defect::VariantMissesScale { scale, variant });
            }
            let basis = self.basis(&variant.basis, &place.key("basis"));
            if let Some(basis) = basis {
                let id = variant.id.clone();
                let title = variant.title.clone().unwrap_or_else(|| in_words(&id));
                variants.push(Variant { id, title, scales, basis });
            }
        }
        variants
    }
}
