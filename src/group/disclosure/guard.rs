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

/// Puts a guard together, part by part.
struct Builder<'a> {
    cells: &'a [Cells],
    rule: Rule,
    counts: Vec<Vec<u64>>,
    spreads: Vec<Vec<Spread>>,
    tests: Vec<Test>,
}

impl<'a> Builder<'a> {
    fn new(cells: &'a [Cells]) -> Self {
        Self {
            cells,
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
    ) {
        if at_least > 0 {
            self.tests.push(Test {
                at_least,
                people: self.cells.iter().map(people).collect(),
                counted: self.cells.iter().map(counted).collect(),
            });
        }
    }

    /// At least so many people with an answer.
    fn size(&mut self, at_least: u32, n: impl Fn(&Cells) -> u64) -> usize {
        self.test(at_least, &n, &n);
        self.need(at_least, None, &n)
    }

    /// At least two people with an answer who are not among those that `inside` counts.
    fn outside(&mut self, gate: usize, n: impl Fn(&Cells) -> u64, inside: impl Fn(&Cells) -> u64) {
        let outside = |cells: &Cells| n(cells) - inside(cells).min(n(cells));
        self.test(2, &n, outside);
        self.need(2, Some(gate), outside);
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
        // A group of one category has as many people of it as groups need, less the exception.
        let fewest = self.rule.needs.iter().map(|need| need.at_least).max().unwrap_or(0);
        for (category, _) in all.into_iter().filter(|(_, count)| count + 1 >= u64::from(fewest)) {
            let held = |cells: &Cells| -> u64 {
                categories(cells).iter().filter(|(c, _)| *c == category).map(|(_, n)| n).sum()
            };
            self.test(2, &n, |cells| n(cells) - held(cells).min(n(cells)));
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
    let mut builder = Builder::new(&gathered.cells);
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
    let mut builder = Builder::new(&gathered.cells);
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
    let mut builder = Builder::new(&gathered.cells);
    let gate = builder.size(at_least, scored(at));
    for criterion in cut_offs(&gathered.measures, at) {
        builder.outside(gate, scored(at), move |cells| {
            cells.criteria.get(criterion).map_or(0, |[met, _]| *met)
        });
    }
    builder.mixed(scored(at), move |cells| scale(at)(cells).map_or_else(Vec::new, categories));
    builder.build(scored(at))
}

/// Bands with their counts, people without one beside them; values where there are no bands.
fn categories(cell: &ScaleCell) -> Vec<(u64, u64)> {
    if cell.bands.is_empty() {
        return cell.values.entries().iter().map(|(value, n)| (value.to_bits(), *n)).collect();
    }
    let banded: u64 = cell.bands.iter().sum();
    let outside = (u64::MAX, cell.values.n().saturating_sub(banded));
    (0..).zip(cell.bands.iter().copied()).chain([outside]).filter(|(_, count)| *count > 0).collect()
}

/// Criteria that are cut-offs of a scale.
pub(crate) fn cut_offs(measures: &Measures, scale: usize) -> impl Iterator<Item = usize> {
    let id = measures.scales.get(scale).map(|scale| scale.id.as_str());
    let at = measures.criteria.iter().enumerate();
    at.filter(move |(_, criterion)| criterion.cut_of.as_deref() == id).map(|(at, _)| at)
}

/// One criterion by itself.
pub(crate) fn of_criterion(gathered: &Gathered, at: usize, at_least: u32) -> Guard {
    let outcomes = move |cells: &Cells| cells.criteria.get(at).copied().unwrap_or_default();
    let n = move |cells: &Cells| outcomes(cells).iter().sum::<u64>();
    let mut builder = Builder::new(&gathered.cells);
    builder.size(at_least, n);
    builder.mixed(n, move |cells| {
        (0..).zip(outcomes(cells)).filter(|(_, count)| *count > 0).collect()
    });
    builder.build(n)
}

/// Items that are shown together.
pub(crate) fn of_items(gathered: &Gathered, items: &[usize], at_least: u32) -> Guard {
    let mut builder = Builder::new(&gathered.cells);
    for &at in items {
        let n = move |cells: &Cells| cells.items.get(at).map_or(0, super::super::tally::Tally::n);
        builder.size(at_least, n);
        builder.mixed(n, move |cells| {
            cells.items.get(at).map_or_else(Vec::new, |tally| {
                tally.entries().iter().map(|(code, count)| (code.to_bits(), *count)).collect()
            })
        });
    }
    let items = items.to_vec();
    builder.build(move |cells| {
        items
            .iter()
            .filter_map(|at| cells.items.get(*at))
            .map(super::super::tally::Tally::n)
            .max()
            .unwrap_or(0)
    })
}

/// Whether the counts of a set of people could be shown by themselves: the rule of a scale applied
/// to one group, for what is not a sum (a median) or lies outside the tree.
pub(crate) fn stands_alone(cell: &ScaleCell, at_least: u32) -> bool {
    let spread =
        categories(cell).iter().fold(Spread::Empty, |held, (c, n)| held.join(Spread::of(*c, *n)));
    cell.values.n() >= u64::from(at_least) && !spread.is_telling()
}
