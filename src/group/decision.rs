//! What is shown: one decision for the people, and one ladder of detail for each family.

// Families, criteria, scales and breakdowns are positions in lists built together.
#![allow(clippy::indexing_slicing)]

use std::ops::Range;

use super::Plan;
use super::cells::{Cells, FamilyCell, Gathered};
use super::disclosure::guard::{self, Property, Shares};
use super::disclosure::{Guard, Shown};
use super::ledger::Past;
use super::measures::{Family, Measures};

/// What a report shows.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) people: Shown,
    pub(super) families: Vec<FamilyDecision>,
}

/// What is shown of one family: each part within the one before it.
#[derive(Debug)]
pub(super) struct FamilyDecision {
    pub(super) means: Shown,
    pub(super) items: Shown,
    /// Criteria that the whole organisation can show, and where.
    pub(super) criteria: Vec<(usize, Shown)>,
    pub(super) bands: Vec<Bands>,
}

/// Names of kinds of numbers, as ledgers keep them.
const MEANS: &str = "means";
const ITEMS: &str = "items";

fn criterion_kind(measures: &Measures, criterion: usize) -> String {
    format!("criterion {}", measures.criteria[criterion].id)
}

fn bands_kind(measures: &Measures, scale: usize, merged: &[Range<usize>]) -> String {
    let ends: Vec<String> = merged.iter().map(|bands| bands.end.to_string()).collect();
    format!("bands {} {}", measures.scales[scale].id, ends.join(","))
}

impl FamilyDecision {
    /// Returns every kind of number of the family by name, and where it is shown.
    pub(super) fn kinds(&self, measures: &Measures) -> Vec<(String, &Shown)> {
        let mut kinds = vec![(MEANS.to_owned(), &self.means), (ITEMS.to_owned(), &self.items)];
        for (criterion, shown) in &self.criteria {
            kinds.push((criterion_kind(measures, *criterion), shown));
        }
        for bands in &self.bands {
            kinds.push((bands_kind(measures, bands.scale, &bands.merged), &bands.shown));
        }
        kinds
    }
}

/// How the bands of a scale are shown: the same merging everywhere, so that one small team does not
/// take the shares away from everybody.
#[derive(Debug)]
pub(super) struct Bands {
    pub(super) scale: usize,
    /// Neighbouring bands that are shown as one.
    pub(super) merged: Vec<Range<usize>>,
    pub(super) shown: Shown,
}

impl Decision {
    pub(super) fn of(gathered: &Gathered, plan: &Plan) -> Self {
        let layers = &gathered.layers;
        let all: Shown = layers.trees.iter().map(|tree| vec![true; tree.len()]).collect();
        let people = layers.protect(&guard::of_people(gathered, plan.fewest()), &all);
        let whole = gathered.whole();
        let families = (0..gathered.layout.families.len())
            .map(|at| Deciding::new(gathered, plan, &whole, at).decide(&people))
            .collect();
        Self { people, families }
    }

    /// Returns what is shown of the bands of a scale, where any are.
    pub(super) fn bands(&self, scale: usize) -> Option<&Bands> {
        self.families.iter().flat_map(|family| &family.bands).find(|bands| bands.scale == scale)
    }
}

/// One family while it is decided.
struct Deciding<'a> {
    gathered: &'a Gathered,
    at: usize,
    family: &'a Family,
    /// The family of everybody.
    whole: &'a FamilyCell,
    fewest: u32,
    smallest: u32,
}

impl<'a> Deciding<'a> {
    fn new(gathered: &'a Gathered, plan: &Plan, whole: &'a Cells, at: usize) -> Self {
        let family = &gathered.layout.families[at];
        let (fewest, smallest) = (plan.fewest(), plan.smallest_count());
        Self { gathered, at, family, whole: &whole.families[at], fewest, smallest }
    }

    fn decide(&self, people: &Shown) -> FamilyDecision {
        let measures = &self.gathered.layout.measures;
        let (fewest, smallest) = (self.fewest, self.smallest);
        let means = guard::of_means(self.gathered, self.at, fewest, smallest);
        let means = self.within(people, means, MEANS);
        let items = if self.family.items.is_empty() {
            means.clone()
        } else {
            let items = guard::of_items(self.gathered, self.at, fewest, smallest);
            self.within(&means, items, ITEMS)
        };
        let mut criteria: Vec<(usize, Shown)> = Vec::new();
        for group in self.criteria_together() {
            let whole_only = group.iter().any(|at| measures.criteria[*at].whole_only);
            let may = if whole_only { only_whole(&means) } else { means.clone() };
            let guard = self.guard(&self.criteria(&group));
            let shown = self.within(&may, guard, &criterion_kind(measures, group[0]));
            criteria.extend(group.into_iter().map(|at| (at, shown.clone())));
        }
        let bands = self
            .family
            .banded
            .iter()
            .filter_map(|scale| {
                let cut_offs = self.cut_offs(*scale, &criteria);
                let merged = self.finest(*scale, &cut_offs)?;
                let mut may = means.clone();
                for (_, shown) in criteria.iter().filter(|(at, _)| cut_offs.contains(at)) {
                    may = both(&may, shown);
                }
                let guard = self.guard(&self.bands(*scale, &merged, &cut_offs));
                let shown = self.within(&may, guard, &bands_kind(measures, *scale, &merged));
                Some(Bands { scale: *scale, merged, shown })
            })
            .collect();
        FamilyDecision { means, items, criteria, bands }
    }

    /// The units to show of one kind of number, among those that may be shown.
    fn within(&self, may: &Shown, mut guard: Guard, kind: &str) -> Shown {
        if let Some(past) = self.past() {
            let Some(known) = past.known(self.at, kind) else { return none(may) };
            guard.known = Some(known);
        }
        self.gathered.layers.protect(&guard, may)
    }

    /// Earlier releases of the same answers.
    fn past(&self) -> Option<&Past> {
        self.gathered.past.as_deref().filter(|past| past.releases() > 0)
    }

    /// Whether every earlier release of the same answers showed this kind of number, or decided to
    /// hide it unit by unit. What is new beside old numbers could be subtracted from them.
    fn was_decided(&self, kind: &str) -> bool {
        self.past().is_none_or(|past| past.known(self.at, kind).is_some())
    }

    fn guard(&self, shares: &Shares<'_>) -> Guard {
        guard::of_shares(self.gathered, self.at, shares, self.smallest)
    }

    fn met(&self, criterion: usize) -> impl Fn(&[u8]) -> bool + Copy + 'a {
        let place = self.family.place_of_criterion(criterion);
        move |outcomes| place.and_then(|place| outcomes.get(place)) == Some(&1)
    }

    /// Criteria that the whole organisation can show, in groups that are decided together: cut-offs
    /// of one scale, and criteria of which one implies the other, for their difference is a share.
    fn criteria_together(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &criterion in &self.family.criteria {
            let kind = criterion_kind(&self.gathered.layout.measures, criterion);
            if !self.whole_allows(&self.criteria(&[criterion])) || !self.was_decided(&kind) {
                continue;
            }
            let tied = |group: &Vec<usize>| group.iter().any(|at| self.are_tied(*at, criterion));
            let (mut together, apart): (Vec<_>, Vec<_>) = groups.iter().cloned().partition(tied);
            together.push(vec![criterion]);
            let joined = together.concat();
            // What comes first is kept where not all can be shown.
            if self.whole_allows(&self.criteria(&joined)) {
                groups = apart;
                groups.push(joined);
            }
        }
        groups
    }

    fn are_tied(&self, a: usize, b: usize) -> bool {
        let measured = &self.gathered.layout.measures.criteria;
        let scale = measured[a].cut_of.as_deref();
        (scale.is_some() && scale == measured[b].cut_of.as_deref())
            || self.implies(a, b)
            || self.implies(b, a)
    }

    /// Whether nobody meets one criterion without the other. Where that is chance and not logic, a
    /// little more is hidden than needed.
    fn implies(&self, narrow: usize, wide: usize) -> bool {
        let (narrow, wide) = (self.met(narrow), self.met(wide));
        self.whole.count(|outcomes| narrow(outcomes) && !wide(outcomes)) == 0
    }

    fn criteria(&self, group: &[usize]) -> Shares<'a> {
        let mut shares = Shares::default();
        for &criterion in group {
            shares.shown.push(Box::new(self.met(criterion)));
        }
        for &narrow in group {
            for &wide in group.iter().filter(|wide| **wide != narrow) {
                if self.implies(narrow, wide) {
                    let (narrow, wide) = (self.met(narrow), self.met(wide));
                    shares.between.push(Box::new(move |o: &[u8]| wide(o) && !narrow(o)));
                }
            }
        }
        shares
    }

    /// Whether the whole organisation, with nothing else shown, may show these shares.
    fn whole_allows(&self, shares: &Shares<'_>) -> bool {
        self.whole.people > 0 && shares.may_be_shown_of(self.whole, self.smallest)
    }

    /// Criteria that are cut-offs of a scale and shown somewhere.
    fn cut_offs(&self, scale: usize, shown: &[(usize, Shown)]) -> Vec<usize> {
        let measures = &self.gathered.layout.measures;
        let id = Some(measures.scales[scale].id.as_str());
        let cut_offs = shown.iter().map(|(at, _)| *at);
        cut_offs.filter(|at| measures.criteria[*at].cut_of.as_deref() == id).collect()
    }

    /// Shares of merged bands. Where a cut-off runs through a band, both sides of it can be worked
    /// out.
    fn bands(&self, scale: usize, merged: &[Range<usize>], cut_offs: &[usize]) -> Shares<'a> {
        let place = self.family.place_of_band(scale);
        let mut shares = Shares::default();
        for bands in merged {
            let bands = bands.clone();
            let inside = move |outcomes: &[u8]| {
                let band = place.and_then(|place| outcomes.get(place));
                band.is_some_and(|band| bands.contains(&usize::from(*band)))
            };
            for &cut_off in cut_offs {
                for side in [true, false] {
                    let (met, inside) = (self.met(cut_off), inside.clone());
                    let part: Property<'a> = Box::new(move |o| inside(o) && met(o) == side);
                    shares.between.push(part);
                }
            }
            shares.shown.push(Box::new(inside));
        }
        shares
    }

    /// The finest merging of neighbouring bands that the whole organisation can show, if any.
    fn finest(&self, scale: usize, cut_offs: &[usize]) -> Option<Vec<Range<usize>>> {
        let bands = self.gathered.layout.measures.scales[scale].bands.len();
        let edges = u32::try_from(bands.checked_sub(1)?).ok()?.min(16);
        let mut masks: Vec<u32> = (1..1_u32 << edges).collect();
        // Most edges first; of equally many, those on the side of higher values.
        masks.sort_by_key(|mask| (u32::MAX - mask.count_ones(), u32::MAX - mask));
        masks.into_iter().find_map(|mask| {
            let inner = (1..bands).filter(|edge| mask >> (edge - 1) & 1 == 1);
            let edges: Vec<usize> = std::iter::once(0).chain(inner).chain([bands]).collect();
            let merged: Vec<Range<usize>> = edges.windows(2).map(|pair| pair[0]..pair[1]).collect();
            let kind = bands_kind(&self.gathered.layout.measures, scale, &merged);
            let allowed = self.whole_allows(&self.bands(scale, &merged, cut_offs));
            (allowed && self.was_decided(&kind)).then_some(merged)
        })
    }
}

fn none(like: &Shown) -> Shown {
    like.iter().map(|shown| vec![false; shown.len()]).collect()
}

/// The whole, and nothing below it.
fn only_whole(may: &Shown) -> Shown {
    let only = |shown: &Vec<bool>| {
        shown.iter().enumerate().map(|(unit, shown)| *shown && unit == 0).collect()
    };
    may.iter().map(only).collect()
}

fn both(a: &Shown, b: &Shown) -> Shown {
    let each = |(a, b): (&Vec<bool>, &Vec<bool>)| a.iter().zip(b).map(|(a, b)| *a && *b).collect();
    a.iter().zip(b).map(each).collect()
}
