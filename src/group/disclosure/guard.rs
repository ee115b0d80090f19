//! What is protected together, and how the rule counts it.
//!
//! Everything shown is a sum over people, or made of such sums, or is shown only where they are. A
//! report decides four things, each within the one before it, so that no two patterns cross:
//!
//! | pattern | what must hold in every group that can be worked out |
//! |---|---|
//! | people | nobody, or as many as the threshold (with a ledger: of joiners and leavers too) |
//! | means of a family | the same of the people known in the whole family; nobody stands out from people who are otherwise alike; the mean lies away from the ends of the scale |
//! | items of a family | the same for every item |
//! | shares | of each property nobody, or as many as the smallest count; never everybody, or everybody but a few |
//!
//! All counts are of one set of people for the whole family, so a number of one pattern and a
//! number of another never differ by the few people whom only one of them knows.

use super::load::{Load, Need, Rule, Spread};
use super::{Guard, Test};
use crate::group::cells::{Cells, FamilyCell, Gathered};
use crate::group::tally::Tally;

/// Which values are looked at.
#[derive(Debug, Clone, Copy)]
enum Values {
    OfScale(usize),
    OfItem(usize),
}

impl Values {
    fn of(self, cells: &Cells) -> Option<&Tally> {
        match self {
            Self::OfScale(at) => cells.scales.get(at).map(|scale| &scale.values),
            Self::OfItem(at) => cells.items.get(at),
        }
    }
}

/// Puts a guard together, part by part.
struct Builder<'a> {
    cells: &'a [Cells],
    rule: Rule,
    counts: Vec<Vec<u64>>,
    spreads: Vec<Vec<Spread>>,
    tests: Vec<Test>,
    /// Whether there is more than one tree to put together.
    layered: bool,
}

impl<'a> Builder<'a> {
    fn new(gathered: &'a Gathered) -> Self {
        let cells = &gathered.cells;
        Self {
            cells,
            layered: gathered.layers.is_layered(),
            rule: Rule::default(),
            counts: vec![Vec::new(); cells.len()],
            spreads: vec![Vec::new(); cells.len()],
            tests: Vec::new(),
        }
    }

    /// Asks for at least so many of what `count` counts, wherever the count at `gate` is above zero
    /// (without a gate: wherever this one is).
    fn need(&mut self, at_least: u32, gate: Option<usize>, count: impl Fn(&Cells) -> u64) -> usize {
        let place = self.rule.needs.len();
        self.rule.needs.push(Need { at_least, gate: gate.unwrap_or(place) });
        for (counts, cells) in self.counts.iter_mut().zip(self.cells) {
            counts.push(count(cells));
        }
        place
    }

    fn test(
        &mut self,
        at_least: u32,
        counted: impl Fn(&Cells) -> u64,
        people: impl Fn(&Cells) -> u64,
    ) {
        if at_least > 0 && self.layered {
            self.tests.push(Test {
                at_least,
                people: self.cells.iter().map(people).collect(),
                counted: self.cells.iter().map(counted).collect(),
            });
        }
    }

    /// Nobody, or at least so many.
    fn none_or(&mut self, at_least: u32, n: impl Fn(&Cells) -> u64) -> usize {
        self.test(at_least, &n, &n);
        self.need(at_least, None, &n)
    }

    /// At least so many of `part` wherever anybody is counted at `gate`, which counts `n`.
    fn always(
        &mut self,
        at_least: u32,
        gate: usize,
        n: impl Fn(&Cells) -> u64,
        part: impl Fn(&Cells) -> u64,
    ) {
        self.test(at_least, &n, &part);
        self.need(at_least, Some(gate), &part);
    }

    /// At least two people outside any one value: a lone exception would know all the others.
    fn mixed(&mut self, n: impl Fn(&Cells) -> u64, values_of: Values) {
        self.rule.spreads += 1;
        let values = |cells: &Cells| values_of.of(cells).map_or_else(Vec::new, values);
        let mut all = std::collections::BTreeMap::new();
        for (spreads, cells) in self.spreads.iter_mut().zip(self.cells) {
            let mut spread = Spread::Empty;
            for (value, count) in values(cells) {
                spread = spread.join(Spread::of(value, count));
                *all.entry(value).or_insert(0) += count;
            }
            spreads.push(spread);
        }
        if !self.layered {
            return;
        }
        // A group of one value has as many people of it as groups need, less the exception.
        let fewest = self.rule.needs.iter().map(|need| need.at_least).max().unwrap_or(0);
        for (value, _) in all.into_iter().filter(|(_, count)| count + 1 >= u64::from(fewest)) {
            let held = |cells: &Cells| -> u64 {
                values(cells).iter().filter(|(v, _)| *v == value).map(|(_, n)| n).sum()
            };
            self.test(2, &n, |cells| n(cells) - held(cells).min(n(cells)));
        }
    }

    /// A mean so near an end that it tells of a few people away from it (or of nobody): the sum of
    /// all distances from each end is at least the smallest count, in steps of the values that
    /// occur. Five steps can be five people.
    fn off_the_ends(
        &mut self,
        smallest: u32,
        gate: usize,
        ends: [f64; 2],
        n: impl Fn(&Cells) -> u64,
        values_of: Values,
    ) {
        for end in ends {
            let step = self
                .cells
                .iter()
                .filter_map(|cells| values_of.of(cells)?.step_from(end))
                .fold(f64::INFINITY, f64::min);
            let away =
                |cells: &Cells| values_of.of(cells).map_or(0, |tally| tally.steps_from(end, step));
            self.always(smallest, gate, &n, away);
        }
    }

    fn build(self, people: impl Fn(&Cells) -> u64) -> Guard {
        let rule = self.rule;
        let loads = self
            .counts
            .into_iter()
            .zip(self.spreads)
            .map(|(counts, spreads)| Load {
                counts: counts.into_iter().enumerate().map(|(at, n)| rule.cap(at, n)).collect(),
                spreads,
            })
            .collect();
        Guard {
            rule,
            loads,
            people: self.cells.iter().map(people).collect(),
            tests: self.tests,
            moved: None,
            with_past: false,
            known: None,
        }
    }
}

fn values(tally: &Tally) -> Vec<(u64, u64)> {
    tally.entries().iter().map(|(value, count)| (value.to_bits(), *count)).collect()
}

/// Head-counts, and with a ledger those who joined or left since an earlier release of the wave.
pub(crate) fn of_people(gathered: &Gathered, at_least: u32) -> Guard {
    let mut builder = Builder::new(gathered);
    builder.none_or(at_least, |cells| cells.people);
    let Some(past) = gathered.past.as_ref().filter(|past| past.releases() > 0) else {
        return builder.build(|cells| cells.people);
    };
    // Two counts for each earlier release. They only steer the choice; the certificate decides.
    for _ in 0..2 * past.releases() {
        builder.need(at_least, None, |_| 0);
    }
    let mut guard = builder.build(|cells| cells.people);
    guard.moved = Some(super::moved::since(gathered, past, &guard.rule));
    guard.with_past = true;
    guard
}

fn people_of(family: usize) -> impl Fn(&Cells) -> u64 + Copy {
    move |cells| cells.families.get(family).map_or(0, |cell| cell.people)
}

/// The scales of a family: their means and what is made from them.
pub(crate) fn of_means(gathered: &Gathered, family: usize, fewest: u32, smallest: u32) -> Guard {
    let n = people_of(family);
    let mut builder = Builder::new(gathered);
    let gate = builder.none_or(fewest, n);
    let scales = gathered.layout.families.get(family).map_or(&[][..], |family| &family.scales);
    for &at in scales {
        let Some(measure) = gathered.layout.measures.scales.get(at) else { continue };
        let values = Values::OfScale(at);
        builder.off_the_ends(smallest, gate, [measure.low, measure.high], n, values);
        builder.mixed(n, values);
    }
    builder.build(n)
}

/// The items of a family, which are shown together: a scale and all its items but one give that
/// one away.
pub(crate) fn of_items(gathered: &Gathered, family: usize, fewest: u32, smallest: u32) -> Guard {
    let n = people_of(family);
    let mut builder = Builder::new(gathered);
    let gate = builder.none_or(fewest, n);
    let items = gathered.layout.families.get(family).map_or(&[][..], |family| &family.items);
    for &at in items {
        let Some(measure) = gathered.layout.measures.items.get(at) else { continue };
        let code = |end: Option<&u8>| end.map_or(f64::NAN, |code| f64::from(*code));
        let ends = [code(measure.codes.iter().min()), code(measure.codes.iter().max())];
        let values = Values::OfItem(at);
        builder.off_the_ends(smallest, gate, ends, n, values);
        builder.mixed(n, values);
    }
    builder.build(n)
}

/// People by outcome.
pub(crate) type Property<'a> = Box<dyn Fn(&[u8]) -> bool + 'a>;

/// Shares that are shown together.
#[derive(Default)]
pub(crate) struct Shares<'a> {
    /// Shown: nobody has it, or enough; and enough do not.
    pub(crate) shown: Vec<Property<'a>>,
    /// Can be worked out from what is shown: nobody has it, or enough.
    pub(crate) between: Vec<Property<'a>>,
}

impl Shares<'_> {
    /// Whether one group may show them; [`of_shares`] asks the same of every group.
    pub(crate) fn may_be_shown_of(&self, group: &FamilyCell, smallest: u32) -> bool {
        let none_or_enough = |count: u64| count == 0 || count >= u64::from(smallest);
        let shown = self.shown.iter().map(|property| group.count(property));
        let mut between = self.between.iter().map(|property| group.count(property));
        shown
            .into_iter()
            .all(|count| none_or_enough(count) && group.people - count >= u64::from(smallest))
            && between.all(none_or_enough)
    }
}

/// Shares of a family.
pub(crate) fn of_shares(
    gathered: &Gathered,
    family: usize,
    shares: &Shares<'_>,
    smallest: u32,
) -> Guard {
    let n = people_of(family);
    let count = |property: &Property<'_>, cells: &Cells| {
        cells.families.get(family).map_or(0, |cell| cell.count(property))
    };
    let mut builder = Builder::new(gathered);
    let gate = builder.need(0, None, n);
    for property in &shares.shown {
        builder.none_or(smallest, |cells| count(property, cells));
        builder.always(smallest, gate, n, |cells| n(cells) - count(property, cells));
    }
    for property in &shares.between {
        builder.none_or(smallest, |cells| count(property, cells));
    }
    builder.build(n)
}

/// Whether a group may be shown by itself: the rule for means applied to it, for what is not a sum
/// (a median) or lies outside the tree.
pub(crate) fn stands_alone(values_of: &Tally, at_least: u32) -> bool {
    let join = |held: Spread, (c, n): (u64, u64)| held.join(Spread::of(c, n));
    let spread = values(values_of).into_iter().fold(Spread::Empty, join);
    values_of.n() >= u64::from(at_least) && !spread.is_telling()
}
