//! Who joined a unit and who left it since an earlier release.

// Breakdowns, units and profiles are positions in lists built together.
#![allow(clippy::indexing_slicing)]

use super::load::{Load, Rule};
use crate::group::cells::Gathered;
use crate::group::ledger::Past;
use crate::group::units::Tree;

/// For each breakdown and unit, people who joined (count 1 + 2 r) and left (count 2 + 2 r) since release
/// r. Who moves between two units counts in both, so the counts are right for a unit alone and too
/// high for units together: they steer which units to join, and the certificate decides.
pub(super) fn since(gathered: &Gathered, past: &Past, rule: &Rule) -> Vec<Vec<Load>> {
    let layers = &gathered.layers;
    let names = gathered.names.iter().enumerate();
    names
        .zip(&layers.trees)
        .map(|((breakdown, name), tree)| {
            let mut counts = vec![vec![0_u64; rule.needs.len()]; tree.len()];
            let home = |earlier: &[u32], release: usize| {
                let group = earlier.iter().find_map(|place| {
                    past.group(*place).filter(|g| g.release == release && g.breakdown == *name)
                })?;
                Some(nearest(tree, &group.unit))
            };
            for (profile, cells) in layers.profiles.iter().zip(&gathered.cells) {
                let Some(unit) = profile.units[breakdown] else { continue };
                for release in 0..past.releases() {
                    let stayed = home(&profile.earlier, release)
                        .is_some_and(|home| tree.under(home).contains(&unit));
                    if !stayed {
                        counts[unit][1 + 2 * release] += cells.people;
                    }
                }
            }
            for (release, people) in layers.past.iter().enumerate() {
                for (earlier, now, count) in people {
                    let Some(home) = home(earlier, release) else { continue };
                    let unit = now.and_then(|now| layers.profiles[now].units[breakdown]);
                    let stayed = unit.is_some_and(|unit| tree.under(home).contains(&unit));
                    if !stayed {
                        counts[home][2 + 2 * release] += count;
                    }
                }
            }
            let load = |counts: Vec<u64>| Load {
                counts: counts.iter().enumerate().map(|(at, n)| rule.cap(at, *n)).collect(),
                spreads: Vec::new(),
            };
            counts.into_iter().map(load).collect()
        })
        .collect()
}

/// The unit at a path, or the nearest one above it that still exists.
fn nearest(tree: &Tree, path: &[String]) -> usize {
    let mut at = 0;
    for name in path {
        let Some(child) = tree.children(at).find(|child| tree.name(*child) == name) else { break };
        at = child;
    }
    at
}
