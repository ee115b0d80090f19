//! The step that no number passes without: which units may be shown for which answer.

// Profiles, breakdowns and units are positions in lists that are built together, one entry for each.
#![allow(clippy::indexing_slicing)]

pub(crate) mod fewest;
pub(crate) mod guard;
pub(crate) mod joint;
pub(crate) mod load;
mod moved;

use std::collections::{BTreeMap, BTreeSet};

use super::units::Tree;
use fewest::{Problem, fewest_hidden};
use joint::{Column, Doubt, certify};
use load::{Load, Rule};

/// People of one release who are alike: their earlier groups, their profile now, how many.
pub(crate) type Alike = (Vec<u32>, Option<usize>, u64);

/// For each breakdown, for each unit in the order of its tree, whether it is shown.
pub(crate) type Shown = Vec<Vec<bool>>;

/// People with the same unit in every breakdown and the same groups in every earlier release.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Place in the tree of each breakdown; none for people who are in none of its units.
    pub(crate) units: Vec<Option<usize>>,
    /// Places of earlier groups, ascending.
    pub(crate) earlier: Vec<u32>,
}

/// Who can be told apart by what.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    pub(crate) trees: Vec<Tree>,
    pub(crate) profiles: Vec<Profile>,
    /// Number of earlier groups; 0 without a ledger.
    pub(crate) earlier: u32,
    /// For each earlier release, its people: their earlier groups, their profile now, how many.
    pub(crate) past: Vec<Vec<Alike>>,
}

/// A count that every combination must reach.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) at_least: u32,
    /// For each profile, the people who count.
    pub(crate) people: Vec<u64>,
    /// For each profile, the people whom the combinations are about.
    pub(crate) counted: Vec<u64>,
}

/// What earlier releases of the same answers said of one kind of number.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// For each earlier group of people, its release.
    pub(crate) release: Vec<usize>,
    /// For each earlier group of people, the group in which this kind of number was known.
    pub(crate) owner: Vec<Option<u32>>,
    /// For each release, the place of those who counted.
    pub(crate) flag: Vec<u32>,
}

impl Known {
    /// The groups, out of those that a person was part of, in which their answer was counted.
    fn groups<'a>(&'a self, earlier: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        earlier.iter().filter_map(|place| {
            let at = usize::try_from(*place).ok()?;
            let flag = self.flag.get(*self.release.get(at)?)?;
            earlier.contains(flag).then(|| *self.owner.get(at)?)?
        })
    }
}

/// What is protected: one answer, or answers that are shown together.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) rule: Rule,
    /// For each profile, what its people bring to the rule.
    pub(crate) loads: Vec<Load>,
    /// For each profile, people with an answer.
    pub(crate) people: Vec<u64>,
    /// The rule again in the form that several layers need.
    pub(crate) tests: Vec<Test>,
    /// Further loads of breakdowns and units: people who joined or left since an earlier release.
    pub(crate) moved: Option<Vec<Vec<Load>>>,
    /// Whether the people of earlier releases are looked at too.
    pub(crate) with_past: bool,
    /// What earlier releases said of it; without it, who took part.
    pub(crate) known: Option<Known>,
}

impl Layers {
    /// Whether there is more to put together than the units of one tree.
    pub(crate) fn is_layered(&self) -> bool {
        self.trees.len() > 1 || self.earlier > 0
    }

    /// The units to show, among those that `may` be shown.
    pub(crate) fn protect(&self, guard: &Guard, may: &Shown) -> Shown {
        let mut may = may.clone();
        let people: Vec<Vec<u64>> =
            (0..self.trees.len()).map(|breakdown| self.sums(breakdown, &guard.people)).collect();
        let choose = |breakdown: usize, may: &Shown| {
            self.breakdown(guard, breakdown, &people[breakdown], &may[breakdown])
        };
        let mut shown: Shown =
            (0..self.trees.len()).map(|breakdown| choose(breakdown, &may)).collect();
        if !self.is_layered() {
            return shown;
        }
        while let Err(doubt) = self.certified(guard, &shown) {
            let hide = match doubt {
                Doubt::Thin(directions) => directions
                    .iter()
                    .filter_map(|groups| self.weakest(&people, &shown, groups))
                    .collect(),
                Doubt::TooLarge => BTreeSet::new(),
            };
            let hide = if hide.is_empty() { Self::last_breakdown(&shown) } else { hide };
            let breakdowns: BTreeSet<usize> =
                hide.iter().map(|(breakdown, _)| *breakdown).collect();
            for (breakdown, unit) in hide {
                may[breakdown][unit] = false;
            }
            for breakdown in breakdowns {
                shown[breakdown] = choose(breakdown, &may);
            }
        }
        shown
    }

    fn breakdown(
        &self,
        guard: &Guard,
        breakdown: usize,
        people: &[u64],
        may: &[bool],
    ) -> Vec<bool> {
        let tree = &self.trees[breakdown];
        let mut direct = match &guard.moved {
            Some(moved) => moved[breakdown].clone(),
            None => vec![guard.rule.nobody(); tree.len()],
        };
        for (profile, load) in self.profiles.iter().zip(&guard.loads) {
            let Some(unit) = profile.units[breakdown] else { continue };
            direct[unit] = guard.rule.join(&direct[unit], load);
        }
        fewest_hidden(&Problem { tree, rule: &guard.rule, direct: &direct, people, may })
    }

    /// For each unit of a breakdown, the sum over everyone under it.
    pub(crate) fn sums(&self, breakdown: usize, of: &[u64]) -> Vec<u64> {
        let tree = &self.trees[breakdown];
        let mut sums = vec![0; tree.len()];
        for (profile, count) in self.profiles.iter().zip(of) {
            if let Some(unit) = profile.units[breakdown] {
                sums[unit] += count;
            }
        }
        for unit in (1..tree.len()).rev() {
            sums[tree.parent(unit)] += sums[unit];
        }
        sums
    }

    /// Place of the groups of a breakdown among all groups.
    fn offset(&self, breakdown: usize) -> u32 {
        let before: usize = self.trees.iter().take(breakdown).map(Tree::len).sum();
        self.earlier + u32::try_from(before).unwrap_or(u32::MAX - self.earlier)
    }

    fn certified(&self, guard: &Guard, shown: &Shown) -> Result<(), Doubt> {
        let owners: Vec<Vec<Option<usize>>> =
            self.trees.iter().zip(shown).map(|(tree, shown)| tree.owners(shown)).collect();
        let offsets: Vec<u32> =
            (0..self.trees.len()).map(|breakdown| self.offset(breakdown)).collect();
        let groups = |earlier: &[u32], profile: Option<usize>| -> Vec<u32> {
            let now = profile.into_iter().flat_map(|at| {
                self.profiles[at].units.iter().enumerate().filter_map(|(breakdown, &unit)| {
                    let owner = u32::try_from(owners[breakdown][unit?]?).ok()?;
                    Some(offsets[breakdown] + owner)
                })
            });
            let mut groups: Vec<u32> = match &guard.known {
                Some(known) => known.groups(earlier).collect(),
                None => earlier.iter().copied().filter(|place| *place < self.earlier).collect(),
            };
            groups.sort_unstable();
            groups.extend(now);
            groups
        };
        for test in &guard.tests {
            let mut columns = BTreeMap::new();
            for (at, profile) in self.profiles.iter().enumerate() {
                if test.counted[at] > 0 {
                    let groups = groups(&profile.earlier, Some(at));
                    *columns.entry(groups).or_insert(0) += test.people[at];
                }
            }
            certify(&listed(columns), u64::from(test.at_least), self.earlier)?;
        }
        if let Some(test) = guard.tests.first().filter(|_| guard.with_past) {
            for release in &self.past {
                let mut columns = BTreeMap::new();
                for (earlier, profile, people) in release {
                    *columns.entry(groups(earlier, *profile)).or_insert(0) += people;
                }
                certify(&listed(columns), u64::from(test.at_least), self.earlier)?;
            }
        }
        Ok(())
    }

    /// Of the groups in a direction, the unit whose hiding helps at the least price: in the last
    /// breakdown, the one with fewest people. Where it has shown units below it, the smallest of these,
    /// so that the group grows instead of dissolving upward.
    fn weakest(
        &self,
        people: &[Vec<u64>],
        shown: &Shown,
        groups: &[u32],
    ) -> Option<(usize, usize)> {
        let units = groups.iter().filter_map(|&group| {
            let breakdown =
                (0..self.trees.len()).rev().find(|&breakdown| self.offset(breakdown) <= group)?;
            Some((breakdown, usize::try_from(group - self.offset(breakdown)).ok()?))
        });
        let (breakdown, unit) = units.min_by_key(|&(breakdown, unit)| {
            (usize::MAX - breakdown, people[breakdown][unit], unit)
        })?;
        let tree = &self.trees[breakdown];
        let owners = tree.owners(&shown[breakdown]);
        let mut below = tree
            .under(unit)
            .skip(1)
            .filter(|&at| shown[breakdown][at] && owners[tree.parent(at)] == Some(unit));
        let smallest = below.by_ref().min_by_key(|&at| (people[breakdown][at], at));
        Some((breakdown, smallest.unwrap_or(unit)))
    }

    /// Everything of the last breakdown that still shows something.
    fn last_breakdown(shown: &Shown) -> BTreeSet<(usize, usize)> {
        let last = shown.iter().rposition(|breakdown| breakdown.contains(&true));
        last.into_iter()
            .flat_map(|breakdown| (0..shown[breakdown].len()).map(move |unit| (breakdown, unit)))
            .collect()
    }
}

fn listed(columns: BTreeMap<Vec<u32>, u64>) -> Vec<Column> {
    columns.into_iter().map(|(groups, people)| Column { groups, people }).collect()
}
