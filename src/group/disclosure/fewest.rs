//! Which units of one tree to hide so that as little as possible is hidden.
//!
//! **Residual rule.** A reader can subtract the shown units under a shown unit. What is left, the
//! people under it but under no shown unit below it, is a group that numbers are known about; all
//! other groups that can be worked out from one tree are unions of these. So a choice is safe
//! exactly if each of these groups satisfies the [`Rule`].
//!
//! **Optimum.** From the leaves up, each unit keeps, for each load that its open people (those not
//! yet in a group) can have, the cheapest way to get there: fewest hidden units, then fewest
//! people in hidden units, then the first by name. Loads are capped counts, so there are few. A
//! state is dropped when another one costs no more and serves at least as well above. For
//! head-counts this is exact; where a rule has several parts, at most [`WIDEST`] states are kept,
//! which can hide more than needed, never less.

// Units are positions in the tree; `tables`, `may` and `people` have one entry for each.
#![allow(clippy::indexing_slicing)]

use super::load::{Load, Rule};
use crate::group::units::Tree;

/// States kept for a unit.
const WIDEST: usize = 96;

/// A tree with what the rule counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) rule: &'a Rule,
    /// People whose unit is exactly this one.
    pub(crate) direct: &'a [Load],
    /// People under each unit; a unit with nobody is never shown and costs nothing.
    pub(crate) people: &'a [u64],
    /// Units that may be shown. The others are hidden already and cost nothing more.
    pub(crate) may: &'a [bool],
}

#[derive(Debug, Clone)]
struct State {
    /// Open people: under the unit and in no shown unit.
    load: Load,
    /// Hidden units, and people in them.
    cost: (u64, u64),
    /// How it was reached.
    step: u32,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Start,
    Both(u32, u32),
    Show(u32, u32),
}

/// The units to show. Deterministic; independent of the order in which people or units came.
pub(crate) fn fewest_hidden(problem: &Problem<'_>) -> Vec<bool> {
    let Problem { tree, rule, .. } = *problem;
    let mut steps = vec![Step::Start];
    let mut tables: Vec<Vec<State>> = vec![Vec::new(); tree.len()];
    for unit in (0..tree.len()).rev() {
        let mut open = vec![State { load: problem.direct[unit].clone(), cost: (0, 0), step: 0 }];
        for child in tree.children(unit) {
            open = both(rule, &open, &std::mem::take(&mut tables[child]), &mut steps);
        }
        tables[unit] = decide(problem, unit, open, &mut steps);
    }
    let mut shown = vec![false; tree.len()];
    // The whole is shown wherever it can be: it is what a reader asks for first.
    let best = tables[0]
        .iter()
        .min_by_key(|state| (!matches!(steps[state.step as usize], Step::Show(0, _)), state.cost));
    let mut walk: Vec<u32> = best.map(|state| state.step).into_iter().collect();
    while let Some(step) = walk.pop() {
        match steps[step as usize] {
            Step::Start => {}
            Step::Both(a, b) => walk.extend([a, b]),
            Step::Show(unit, inner) => {
                shown[unit as usize] = true;
                walk.push(inner);
            }
        }
    }
    // The search is checked by what it should have found; a fault hides everything.
    if is_safe(problem, &shown) { shown } else { vec![false; tree.len()] }
}

/// Whether every group that can be worked out satisfies the rule.
pub(crate) fn is_safe(problem: &Problem<'_>, shown: &[bool]) -> bool {
    let Problem { tree, rule, .. } = *problem;
    let mut groups: Vec<Load> = vec![rule.nobody(); tree.len()];
    for (unit, owner) in tree.owners(shown).into_iter().enumerate() {
        if let Some(owner) = owner {
            groups[owner] = rule.join(&groups[owner], &problem.direct[unit]);
        }
    }
    groups.iter().all(|load| rule.allows(load))
}

fn record(steps: &mut Vec<Step>, step: Step) -> u32 {
    steps.push(step);
    u32::try_from(steps.len() - 1).unwrap_or(0)
}

fn both(rule: &Rule, open: &[State], child: &[State], steps: &mut Vec<Step>) -> Vec<State> {
    let mut made = Vec::with_capacity(open.len() * child.len());
    for a in open {
        for b in child {
            let load = rule.join(&a.load, &b.load);
            made.push((load, (a.cost.0 + b.cost.0, a.cost.1 + b.cost.1), (a.step, b.step)));
        }
    }
    keep_useful(rule, made)
        .into_iter()
        .map(|(load, cost, (a, b))| {
            let step = match (steps[a as usize], steps[b as usize]) {
                (Step::Start, _) => b,
                (_, Step::Start) => a,
                _ => record(steps, Step::Both(a, b)),
            };
            State { load, cost, step }
        })
        .collect()
}

fn decide(
    problem: &Problem<'_>,
    unit: usize,
    open: Vec<State>,
    steps: &mut Vec<Step>,
) -> Vec<State> {
    let Problem { rule, people, may, .. } = *problem;
    if !may[unit] || people[unit] == 0 {
        return open;
    }
    let show = open.iter().filter(|state| rule.allows(&state.load)).min_by_key(|state| state.cost);
    let show = show.map(|state| (rule.nobody(), state.cost, (true, state.step)));
    let hide = open.into_iter().map(|state| {
        (state.load, (state.cost.0 + 1, state.cost.1 + people[unit]), (false, state.step))
    });
    keep_useful(rule, show.into_iter().chain(hide).collect())
        .into_iter()
        .map(|(load, cost, (shown, inner))| {
            let at = u32::try_from(unit).unwrap_or(0);
            let step = if shown { record(steps, Step::Show(at, inner)) } else { inner };
            State { load, cost, step }
        })
        .collect()
}

/// Drops what another state replaces, keeping the order by cost and then of arrival.
fn keep_useful<T>(rule: &Rule, mut made: Vec<(Load, (u64, u64), T)>) -> Vec<(Load, (u64, u64), T)> {
    made.sort_by_key(|(_, cost, _)| *cost);
    let mut kept: Vec<(Load, (u64, u64), T)> = Vec::new();
    for candidate in made {
        if !kept.iter().any(|(load, ..)| rule.covers(load, &candidate.0)) {
            if kept.len() == WIDEST {
                // The costliest hides most, so it is the one that can still be safe: keep it.
                kept.pop();
            }
            kept.push(candidate);
        }
    }
    kept
}
