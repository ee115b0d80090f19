//! What is protected together, and how the rule counts it.
//!
//! Everything shown of an answer is a sum over people, or made of such sums, or is shown only where
//! they are. Patterns are nested, so that no two of them cross: what is shown of a scale is shown
//! within what is shown of the people, and items within their scales.
//!
//! | pattern | protects against |
//! |---|---|
//! | people | a group of fewer people than the threshold (and, with a ledger, of joiners or leavers) |
//! | family | one of several scales that share items: everybody, or all but one, at its lowest or highest value, which would show in the mean worked out from the others |
//! | scale | too few scored; everybody, or all but one, in the same band (without bands, of the same value); everybody, or all but one, beyond a cut-off |
//! | criterion | too few determined; everybody, or all but one, with the same outcome |
//! | items | too few answered; everybody, or all but one, with the same answer |

use super::load::{Load, Need, Rule, Spread};
use super::{Guard, Test};
use crate::group::measures::Measures;
use crate::group::tallies::{Cells, Gathered, ScaleCell};
use crate::group::tally::Tally;

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

    /// Asks for at least so many people of those that `count` counts, wherever the count at `gate`
    /// is above zero (without a gate: wherever this one is).
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
    ) -> Option<&mut Test> {
        if at_least == 0 || !self.layered {
            return None;
        }
        self.tests.push(Test {
            at_least,
            people: self.cells.iter().map(people).collect(),
            counted: self.cells.iter().map(counted).collect(),
            of_answers: false,
        });
        self.tests.last_mut()
    }

    /// At least two of the people counted are not among those that `inside` counts.
    fn two_outside(&mut self, n: impl Fn(&Cells) -> u64, inside: impl Fn(&Cells) -> u64) {
        if let Some(test) = self.test(2, &n, |cells| n(cells) - inside(cells).min(n(cells))) {
            test.of_answers = true;
        }
    }

    /// At least so many people with an answer.
    fn size(&mut self, at_least: u32, n: impl Fn(&Cells) -> u64) -> usize {
        self.test(at_least, &n, &n);
        self.need(at_least, None, &n)
    }

    /// At least two people with an answer who are not among those that `inside` counts.
    fn outside(&mut self, gate: usize, n: impl Fn(&Cells) -> u64, inside: impl Fn(&Cells) -> u64) {
        self.two_outside(&n, &inside);
        self.need(2, Some(gate), |cells| n(cells) - inside(cells).min(n(cells)));
    }

    /// At least two people outside any one category.
    fn mixed(&mut self, n: impl Fn(&Cells) -> u64, categories: impl Fn(&Cells) -> Vec<(u64, u64)>) {
        self.rule.spreads += 1;
        let mut all = std::collections::BTreeMap::new();
        for (spreads, cells) in self.spreads.iter_mut().zip(self.cells) {
            let mut spread = Spread::Empty;
            for (category, count) in categories(cells) {
                spread = spread.join(Spread::of(category, count));
                *all.entry(category).or_insert(0) += count;
            }
            spreads.push(spread);
        }
        if !self.layered {
            return;
        }
        // A group of one category has as many people of it as groups need, less the exception.
        let fewest = self.rule.needs.iter().map(|need| need.at_least).max().unwrap_or(0);
        for (category, _) in all.into_iter().filter(|(_, count)| count + 1 >= u64::from(fewest)) {
            let held = |cells: &Cells| -> u64 {
                categories(cells).iter().filter(|(c, _)| *c == category).map(|(_, n)| n).sum()
            };
            self.two_outside(&n, held);
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
        }
    }
}

/// Head-counts, and with a ledger those who joined or left.
pub(crate) fn of_people(gathered: &Gathered, at_least: u32) -> Guard {
    let mut builder = Builder::new(gathered);
    builder.size(at_least, |cells| cells.people);
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

fn scale(at: usize) -> impl Fn(&Cells) -> Option<&ScaleCell> + Copy {
    move |cells| cells.scales.get(at)
}

fn scored(at: usize) -> impl Fn(&Cells) -> u64 + Copy {
    move |cells| scale(at)(cells).map_or(0, |cell| cell.values.n())
}

/// Scales that share items: none of them at one end for everybody.
pub(crate) fn of_family(gathered: &Gathered, family: &[usize]) -> Guard {
    let mut builder = Builder::new(gathered);
    for &at in family {
        let Some(measure) = gathered.measures.scales.get(at) else { continue };
        let gate = builder.need(0, None, scored(at));
        for end in [measure.low, measure.high] {
            builder.outside(gate, scored(at), move |cells| {
                scale(at)(cells).map_or(0, |cell| cell.values.count_of(end))
            });
        }
    }
    let family = family.to_vec();
    builder.build(move |cells| family.iter().map(|at| scored(*at)(cells)).max().unwrap_or(0))
}

/// One scale with its bands and cut-offs.
pub(crate) fn of_scale(gathered: &Gathered, at: usize, at_least: u32) -> Guard {
    let mut builder = Builder::new(gathered);
    let gate = builder.size(at_least, scored(at));
    for criterion in cut_offs(&gathered.measures, at) {
        let outcomes = outcomes(criterion);
        builder.size(at_least, move |cells| outcomes(cells).iter().sum());
        builder.outside(gate, scored(at), move |cells| outcomes(cells)[0]);
    }
    if gathered.measures.scales.get(at).is_some_and(|scale| !scale.bands.is_empty()) {
        let banded =
            move |cells: &Cells| scale(at)(cells).map_or(0, |cell| cell.bands.iter().sum());
        builder.size(at_least, banded);
        builder.mixed(banded, move |cells| scale(at)(cells).map_or_else(Vec::new, bands));
    }
    builder.mixed(scored(at), move |cells| {
        scale(at)(cells).map_or_else(Vec::new, |cell| values(&cell.values))
    });
    builder.build(scored(at))
}

fn bands(cell: &ScaleCell) -> Vec<(u64, u64)> {
    (0..).zip(cell.bands.iter().copied()).filter(|(_, count)| *count > 0).collect()
}

fn values(tally: &Tally) -> Vec<(u64, u64)> {
    tally.entries().iter().map(|(value, count)| (value.to_bits(), *count)).collect()
}

fn outcomes(criterion: usize) -> impl Fn(&Cells) -> [u64; 2] + Copy {
    move |cells| cells.criteria.get(criterion).copied().unwrap_or_default()
}

/// Criteria that are cut-offs of a scale.
pub(crate) fn cut_offs(measures: &Measures, scale: usize) -> impl Iterator<Item = usize> {
    let id = measures.scales.get(scale).map(|scale| scale.id.as_str());
    let at = measures.criteria.iter().enumerate();
    at.filter(move |(_, criterion)| criterion.cut_of.as_deref() == id).map(|(at, _)| at)
}

/// One criterion by itself.
pub(crate) fn of_criterion(gathered: &Gathered, at: usize, at_least: u32) -> Guard {
    let n = move |cells: &Cells| outcomes(at)(cells).iter().sum::<u64>();
    let mut builder = Builder::new(gathered);
    builder.size(at_least, n);
    builder.mixed(n, move |cells| {
        (0..).zip(outcomes(at)(cells)).filter(|(_, count)| *count > 0).collect()
    });
    builder.build(n)
}

/// Items that are shown together.
pub(crate) fn of_items(gathered: &Gathered, items: &[usize], at_least: u32) -> Guard {
    let answered = |at: usize| move |cells: &Cells| cells.items.get(at).map_or(0, Tally::n);
    let mut builder = Builder::new(gathered);
    for &at in items {
        builder.size(at_least, answered(at));
        builder.mixed(answered(at), move |cells| cells.items.get(at).map_or_else(Vec::new, values));
    }
    let items = items.to_vec();
    builder.build(move |cells| items.iter().map(|at| answered(*at)(cells)).max().unwrap_or(0))
}

/// Whether the counts of a set of people could be shown by themselves: the rule of a scale applied
/// to one group, for what is not a sum (a median) or lies outside the tree.
pub(crate) fn stands_alone(cell: &ScaleCell, at_least: u32) -> bool {
    let telling = |categories: Vec<(u64, u64)>| {
        let join = |held: Spread, (c, n): (u64, u64)| held.join(Spread::of(c, n));
        categories.into_iter().fold(Spread::Empty, join).is_telling()
    };
    cell.values.n() >= u64::from(at_least)
        && !telling(bands(cell))
        && !telling(values(&cell.values))
}
