//! Answers of some people, counted: all that is known about them from here on.

// Places of scales, criteria, items and families come from one list of measures.
#![allow(clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disclosure::Layers;
use super::ledger::{Past, RespondentKey};
use super::measures::{Layout, Person};
use super::tally::Tally;

/// One scale of some people.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScaleCell {
    pub(crate) values: Tally,
    pub(crate) prorated: u64,
}

/// What a person's score and answers come to: the band of each banded scale of a family, then for
/// each criterion whether it is met. The order is that of [`Family`](super::measures::Family).
pub(crate) type Outcomes = Box<[u8]>;

/// One family of some people, all of whom are known in the whole of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FamilyCell {
    pub(crate) people: u64,
    /// How many people have which outcomes. Few combinations occur, and every count that a report
    /// shows or protects, also of people who are in one band and meet a criterion, is a sum of these.
    outcomes: BTreeMap<Outcomes, u64>,
}

impl FamilyCell {
    /// Returns how many people have outcomes that `is` accepts.
    pub(crate) fn count(&self, is: impl Fn(&[u8]) -> bool) -> u64 {
        self.outcomes.iter().filter(|(outcomes, _)| is(outcomes)).map(|(_, people)| people).sum()
    }

    fn add(&mut self, outcomes: &[u8], people: u64) {
        self.people += people;
        if let Some(held) = self.outcomes.get_mut(outcomes) {
            *held += people;
        } else {
            self.outcomes.insert(outcomes.into(), people);
        }
    }
}

/// All answers of some people.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cells {
    /// People with any answer.
    pub(crate) people: u64,
    pub(crate) families: Vec<FamilyCell>,
    pub(crate) scales: Vec<ScaleCell>,
    pub(crate) items: Vec<Tally>,
}

impl Cells {
    pub(crate) fn empty(layout: &Layout) -> Self {
        Self {
            people: 0,
            families: vec![FamilyCell::default(); layout.families.len()],
            scales: vec![ScaleCell::default(); layout.measures.scales.len()],
            items: vec![Tally::default(); layout.measures.items.len()],
        }
    }

    /// Counts a person, in the families of which everything is known and in no other: what two
    /// numbers of one family differed by would be the answers of the few in between. Returns the
    /// families that the person does not count in.
    pub(crate) fn add(
        &mut self,
        layout: &Layout,
        person: &Person,
        outcomes: &mut Vec<u8>,
    ) -> Vec<u32> {
        self.people += 1;
        let mut without = Vec::new();
        for ((cell, family), place) in self.families.iter_mut().zip(&layout.families).zip(0..) {
            if !family.outcomes_of(person, outcomes) {
                without.push(place);
                continue;
            }
            cell.add(outcomes, 1);
            for at in &family.scales {
                let Some(value) = person.scales[*at] else { continue };
                self.scales[*at].values.add(value.value);
                self.scales[*at].prorated += u64::from(value.prorated);
            }
            for at in &family.items {
                let Some(code) = person.items[*at] else { continue };
                self.items[*at].add(f64::from(code));
            }
        }
        without
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.people += other.people;
        for (mine, theirs) in self.families.iter_mut().zip(&other.families) {
            for (outcomes, people) in &theirs.outcomes {
                mine.add(outcomes, *people);
            }
        }
        for (mine, theirs) in self.scales.iter_mut().zip(&other.scales) {
            mine.values.merge(&theirs.values);
            mine.prorated += theirs.prorated;
        }
        for (mine, theirs) in self.items.iter_mut().zip(&other.items) {
            mine.merge(theirs);
        }
    }
}

/// A person with a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) key: RespondentKey,
    pub(crate) profile: usize,
    /// Families that the person does not count in.
    pub(crate) without: Vec<u32>,
}

/// Everything counted, in one fixed order, with the layers in which people can be told apart.
#[derive(Debug, Clone)]
pub(crate) struct Gathered {
    pub(crate) layout: Arc<Layout>,
    pub(crate) names: Vec<String>,
    pub(crate) layers: Layers,
    /// For each profile.
    pub(crate) cells: Vec<Cells>,
    /// For each breakdown and unit.
    pub(crate) invited: Vec<Vec<Option<u64>>>,
    /// Everyone with a key.
    pub(crate) seen: Vec<Seen>,
    pub(crate) past: Option<Arc<Past>>,
}

impl Gathered {
    /// Returns the same as if nothing had been released before.
    pub(crate) fn without_past(&self) -> Self {
        let layers = Layers { earlier: 0, past: Vec::new(), ..self.layers.clone() };
        Self { layers, past: None, ..self.clone() }
    }

    /// Returns the answers of everybody.
    pub(crate) fn whole(&self) -> Cells {
        let mut whole = Cells::empty(&self.layout);
        for cells in &self.cells {
            whole.merge(cells);
        }
        whole
    }

    /// Returns the answers of each unit of a breakdown, units under it included.
    pub(crate) fn units(&self, breakdown: usize) -> Vec<Cells> {
        let tree = &self.layers.trees[breakdown];
        let mut units = vec![Cells::empty(&self.layout); tree.len()];
        for (profile, cells) in self.layers.profiles.iter().zip(&self.cells) {
            if let Some(unit) = profile.units[breakdown] {
                units[unit].merge(cells);
            }
        }
        for unit in (1..tree.len()).rev() {
            let (above, below) = units.split_at_mut(unit);
            above[tree.parent(unit)].merge(&below[0]);
        }
        units
    }
}
